package slack

import (
	"encoding/json"
	"sync"

	"rapport/coach"
)

// maxDrawn is how many messages are remembered at a time.
const maxDrawn = 512

// drawn keeps the acknowledgements of messages that are the same for everybody:
// the coach hands out the very same one again and writes to none. A message is
// kept from the second time it is met, in two generations of which the old one
// goes whole.
type drawn struct {
	mu       sync.Mutex
	now, old map[*coach.Message]json.RawMessage // nil: met once
}

// body is the private answer that shows m.
func (d *drawn) body(m *coach.Message) json.RawMessage {
	body, met := d.meet(m)
	if body != nil {
		return body
	}
	body = encode(response(*m, false))
	if met {
		d.mu.Lock()
		defer d.mu.Unlock()
		d.now[m] = body
	}
	return body
}

// meet returns what is kept of m, and whether it was met before.
func (d *drawn) meet(m *coach.Message) (body json.RawMessage, met bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if body, met = d.now[m]; met {
		return body, true
	}
	body, met = d.old[m]
	if d.now == nil || len(d.now) >= maxDrawn/2 {
		d.now, d.old = make(map[*coach.Message]json.RawMessage), d.now
	}
	d.now[m] = body
	return body, met
}

package slack

import (
	"encoding/json"
	"slices"
	"sync"

	slackgo "github.com/slack-go/slack"

	"rapport/adapters/slack/blockkit"
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
	body = ridden(*m, slackgo.ResponseTypeEphemeral)
	if met {
		d.mu.Lock()
		defer d.mu.Unlock()
		d.now[m] = body
	}
	return body
}

// ridden is what response makes of m, as JSON. It rides in the acknowledgement:
// encoding/json takes ten times as long.
func ridden(m coach.Message, kind string) json.RawMessage {
	return slices.Concat([]byte(`{"text":`), encode(blockkit.Notice(m)), []byte(`,"blocks":`), blockkit.Wire(m),
		[]byte(`,"response_type":"`+kind+`","replace_original":false,"delete_original":false}`))
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

package surface

import (
	"encoding/json"
	"sync"
)

// maxDrawn is how many texts are remembered at a time.
const maxDrawn = 512

// Drawn keeps what a surface makes of messages that are the same for everybody:
// the coach hands out the very same one again and writes to none, and to write
// it as JSON takes ten times as long as all else. K is all that the text depends
// on. A text is kept from the second time it is met, in two generations of which
// the old one goes whole. The zero value is ready.
type Drawn[K comparable] struct {
	mu       sync.Mutex
	now, old map[K]json.RawMessage // nil: met once
}

// Text is what draw makes of k, or made of it before. Nobody may write to it.
func (d *Drawn[K]) Text(k K, draw func() json.RawMessage) json.RawMessage {
	text, met := d.meet(k)
	if text != nil {
		return text
	}
	text = draw()
	if met {
		d.keep(k, text)
	}
	return text
}

// meet returns what is kept of k, and whether it was met before.
func (d *Drawn[K]) meet(k K) (text json.RawMessage, met bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if text, met = d.now[k]; met {
		return text, true
	}
	text, met = d.old[k]
	if d.now == nil || len(d.now) >= maxDrawn/2 {
		d.now, d.old = make(map[K]json.RawMessage), d.now
	}
	d.now[k] = text
	return text, met
}

// keep keeps the text of what was met, unless that went meanwhile.
func (d *Drawn[K]) keep(k K, text json.RawMessage) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if _, ok := d.now[k]; ok {
		d.now[k] = text
	}
}

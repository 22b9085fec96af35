package discord

import (
	"encoding/json"
	"sync"

	"github.com/bwmarrin/discordgo"

	"rapport/coach"
)

// A look is all that a first answer without files depends on. The coach hands
// out the very same message again where it is the same for everybody, and writes
// to none.
type look struct {
	message *coach.Message
	kind    int // newMessage or changeMessage
	flags   discordgo.MessageFlags
}

// text is the first answer that looks like l, as JSON; nil if it has none.
func (l look) text() json.RawMessage {
	b := drawn(coach.Reply{Message: l.message})
	b.Flags = l.flags
	text, err := callback{Type: l.kind, Data: b}.json()
	if err != nil {
		return nil
	}
	return text
}

// maxKept is how many looks are remembered at a time.
const maxKept = 512

// kept keeps first answers as JSON, which takes a tenth of a command to write.
// One is kept from the second time it is met, in two generations of which the
// old one goes whole. The zero value is ready.
type kept struct {
	mu       sync.Mutex
	now, old map[look]json.RawMessage // nil: met once
}

// text is that of l; nobody may write to it.
func (k *kept) text(l look) json.RawMessage {
	text, met := k.meet(l)
	if text != nil {
		return text
	}
	text = l.text()
	if met {
		k.keep(l, text)
	}
	return text
}

// meet returns what is kept of l, and whether it was met before.
func (k *kept) meet(l look) (text json.RawMessage, met bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if text, met = k.now[l]; met {
		return text, true
	}
	text, met = k.old[l]
	if k.now == nil || len(k.now) >= maxKept/2 {
		k.now, k.old = make(map[look]json.RawMessage), k.now
	}
	k.now[l] = text
	return text, met
}

// keep keeps the text of what was met, unless that went meanwhile.
func (k *kept) keep(l look, text json.RawMessage) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if _, ok := k.now[l]; ok {
		k.now[l] = text
	}
}

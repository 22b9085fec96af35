package discord

import (
	"encoding/json"

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

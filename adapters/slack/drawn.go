package slack

import (
	"encoding/json"
	"slices"

	slackgo "github.com/slack-go/slack"

	"rapport/adapters/slack/blockkit"
	"rapport/coach"
)

// page is the private answer that shows m.
func (d *desk) page(m *coach.Message) json.RawMessage {
	return d.drawn.Text(m, func() json.RawMessage { return ridden(*m, slackgo.ResponseTypeEphemeral) })
}

// ridden is what response makes of m, as JSON. It rides in the acknowledgement:
// encoding/json takes ten times as long.
func ridden(m coach.Message, kind string) json.RawMessage {
	return slices.Concat([]byte(`{"text":`), encode(blockkit.Notice(m)), []byte(`,"blocks":`), blockkit.Wire(m),
		[]byte(`,"response_type":"`+kind+`","replace_original":false,"delete_original":false}`))
}

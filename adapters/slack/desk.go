package slack

import (
	"context"
	"encoding/json"

	slackgo "github.com/slack-go/slack"
	"github.com/slack-go/slack/slackevents"
)

// An incoming is one thing that Slack tells of, whichever way it came. One of
// Command, Press and Event is set.
type incoming struct {
	ID      string // Slack's name of it (trigger, event or envelope): the same when Slack tells of it again
	Command *slackgo.SlashCommand
	Press   *slackgo.InteractionCallback // also a sent form and a shortcut
	Event   *slackevents.EventsAPIEvent
}

// An ack is what goes back in the acknowledgement.
type ack struct {
	Body  json.RawMessage // nil: an empty acknowledgement
	Spare string          // where Body can be posted if the acknowledgement does not get through; "" if nowhere
}

// A taker takes what Slack tells of. take returns within [coach.AckWait] and a
// little; what takes longer goes its own way afterwards. wait returns when all
// of that is done, or ctx ends.
type taker interface {
	take(ctx context.Context, in incoming) ack
	wait(ctx context.Context)
}

// An installation is what Slack says of our own app.
type installation struct {
	Team       string // of the workspace; "" where installed org-wide
	Enterprise string // "" outside Enterprise Grid
	Bot        string // user id of the app
	Scopes     []string
}

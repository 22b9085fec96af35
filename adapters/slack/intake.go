package slack

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	slackgo "github.com/slack-go/slack"
	"github.com/slack-go/slack/slackevents"
)

// maxAside is how many payloads are refused at a time.
const maxAside = 64

// What people read when too much is in flight.
const (
	busyText = "There is more going on than I can take in at a time, and nothing was changed. Please try that again in half a minute."
	busyLine = `{"response_type":"ephemeral","replace_original":false,"text":"` + busyText + `"}`
)

// An intake is what all transports share: how much is taken at a time, and what
// becomes of the rest.
type intake struct {
	*Adapter
	pace
	taker   taker
	open    context.Context // while something may be taken
	work    context.Context // of what was taken; outlives open
	slots   chan struct{}   // holds one for each payload in flight
	beside  chan struct{}   // and one for each that is refused
	errands sync.WaitGroup  // beside payloads in flight; started by whoever serve waits for
}

// enter reports whether one more payload may be taken; leave has to follow.
func (in *intake) enter() bool {
	if in.open.Err() != nil {
		return false
	}
	select {
	case in.slots <- struct{}{}:
		return true
	default:
		in.Notify(Notice{What: "full", Err: errFull})
		return false
	}
}

func (in *intake) leave() { <-in.slots }

// errFull is told when a payload is refused.
var errFull = errors.New("more is in flight than can be taken")

// idle waits until nothing is in any of the places, for d at most. Nothing can
// take one of those afterwards.
func (in *intake) idle(places chan struct{}, d time.Duration) {
	ctx, cancel := context.WithTimeout(in.work, d)
	defer cancel()
	for range cap(places) {
		select {
		case places <- struct{}{}:
		case <-ctx.Done():
			return
		}
	}
}

// take hands what on to the taker. A panic costs this answer only.
func (in *intake) take(what incoming) (a ack) {
	defer func() {
		if v := recover(); v != nil {
			in.Notify(Notice{What: "panic", Err: fmt.Errorf("%T", v)})
			a, _ = in.refuse(what)
		}
	}()
	return in.taker.take(in.work, what)
}

// aside does f, which is short, if there is room. It is for whoever must not
// wait.
func (in *intake) aside(f func()) {
	select {
	case in.beside <- struct{}{}:
	default:
		return
	}
	in.errands.Go(func() {
		defer func() { <-in.beside }()
		f()
	})
}

// refuse is what to acknowledge when there is no room for what: that nothing
// was changed. It reports false if Slack had better not get an acknowledgement,
// so that it says so itself or tries again.
func (in *intake) refuse(what incoming) (ack, bool) {
	switch {
	case what.Command != nil:
		return ack{Body: json.RawMessage(busyLine), Spare: what.Command.ResponseURL}, true
	case what.Press == nil:
		return ack{}, false
	case what.Press.Type == slackgo.InteractionTypeViewSubmission:
		body := besideInput(what.Press.View)
		return ack{Body: body}, body != nil
	case what.Press.ResponseURL != "":
		in.lost(ack{Body: json.RawMessage(busyLine), Spare: what.Press.ResponseURL})
		return ack{}, true
	}
	return ack{}, false
}

// besideInput says busyText beside the first input of v, which stays open with
// what was typed; nil if v has no input.
func besideInput(v slackgo.View) json.RawMessage {
	for _, b := range v.Blocks.BlockSet {
		if input, ok := b.(*slackgo.InputBlock); ok {
			body, err := json.Marshal(slackgo.NewErrorsViewSubmissionResponse(map[string]string{input.BlockID: busyText}))
			if err != nil {
				return nil
			}
			return body
		}
	}
	return nil
}

// lost answers by a's response_url, the acknowledgement being lost.
func (in *intake) lost(a ack) {
	a.sent()
	if a.Body == nil {
		return
	}
	err := errNowhere
	if a.Spare != "" {
		err = in.respond(in.work, a.Spare, a.Body, firstPause)
	}
	if err != nil {
		in.Notify(Notice{What: "answer lost", Err: err})
		return
	}
	in.Notify(Notice{What: "answered beside"})
}

// sent tells whoever waits for it that the acknowledgement is on its way.
func (a ack) sent() {
	if a.Sent != nil {
		a.Sent()
	}
}

// errNowhere is told when an acknowledgement is lost that nothing can replace.
var errNowhere = errors.New("the acknowledgement was lost, and there is no other way to answer")

// eventID is Slack's name of the event; false if e only tells that there are
// too many.
func eventID(e *slackevents.EventsAPIEvent) (string, bool) {
	if c, ok := e.Data.(*slackevents.EventsAPICallbackEvent); ok {
		return c.EventID, true
	}
	return "", e.Type != slackevents.AppRateLimited
}

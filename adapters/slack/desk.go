package slack

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"time"

	slackgo "github.com/slack-go/slack"
	"github.com/slack-go/slack/slackevents"

	"rapport/adapters/surface"
	"rapport/coach"
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
	Spare string          // where Body can be posted (by Adapter.respond) if the acknowledgement does not get through; "" if nowhere
	Sent  func()          // to be called when the acknowledgement is on its way or lost: what follows waits for that, half a second at most; nil if nothing waits
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

const (
	answerWait = 30 * time.Second // the coach may take for one answer, a late one included
	errandWait = 90 * time.Second // all that follows one gesture may take
	sentWait   = 500 * time.Millisecond
	afterRun   = 8 * time.Second // what is under way may take after the end of Run
	maxErrands = 512             // at a time
)

// A desk takes what Slack tells of to the coach, and the answer back to the
// person by the way that fits what they did.
type desk struct {
	*Adapter
	self    installation
	coach   coach.Handler
	people  *people
	seen    *surface.Once
	drawn   surface.Drawn[*coach.Message]
	backoff time.Duration   // before a call is tried again, at first
	work    context.Context // of everything: outlives Run by afterRun
	over    context.Context // that has ended
	cancel  context.CancelFunc
	slots   chan struct{} // holds one for each errand under way
	ending  sync.Once
}

var _ taker = (*desk)(nil)

// newDesk returns a desk that asks h, which does not panic. lifetime is that of
// Run.
func newDesk(a *Adapter, self installation, h coach.Handler, lifetime context.Context) *desk {
	d := &desk{Adapter: a, self: self, coach: h, seen: surface.NewOnce(time.Now), slots: make(chan struct{}, maxErrands)}
	d.work, d.cancel = context.WithCancel(context.WithoutCancel(lifetime))
	over, cancel := context.WithCancel(d.work)
	cancel()
	d.over = over
	context.AfterFunc(lifetime, func() { time.AfterFunc(afterRun, d.cancel) })
	d.backoff = backoff
	d.people = newPeople(d.work, d.userInfo, time.Now)
	return d
}

// take implements taker.
func (d *desk) take(ctx context.Context, in incoming) ack {
	if in.Event != nil {
		return d.hear(ctx, in)
	}
	g, ok := d.gestureOf(in)
	if !ok {
		return ack{}
	}
	return d.answer(ctx, g)
}

// wait implements taker. What is not done when ctx ends is told to stop, and
// nothing is taken on afterwards.
func (d *desk) wait(ctx context.Context) { d.ending.Do(func() { d.drain(ctx) }) }

func (d *desk) drain(ctx context.Context) {
	left := maxErrands
	for left > 0 && ctx.Err() == nil {
		select {
		case d.slots <- struct{}{}:
			left--
		case <-ctx.Done():
		}
	}
	d.cancel()
	grace := time.After(time.Second) // for a handler that does not heed its context
	for left > 0 {
		select {
		case d.slots <- struct{}{}:
			left--
		case <-grace:
			return
		}
	}
	d.people.wait()
}

// An errand is all that becomes of one gesture or event, from before its
// acknowledgement until after what follows it.
type errand struct {
	*desk
	waited   sync.Once     // for the acknowledgement
	gone     chan struct{} // made then
	once     sync.Once
	deadline time.Time
	begun    sync.Once // life, or the end before it
	ctx      context.Context
	cancel   context.CancelFunc
	ended    sync.Once
}

// errBusy is told when more is under way than the desk takes on.
var errBusy = errors.New("more than can be done at a time")

// begin begins an errand, or reports false if so much is under way that it
// would have to wait for too long.
func (d *desk) begin(ctx context.Context) (*errand, bool) {
	select {
	case d.slots <- struct{}{}:
	default:
		timer := time.NewTimer(d.ackWait)
		defer timer.Stop()
		select {
		case d.slots <- struct{}{}:
		case <-timer.C:
			d.Notify(Notice{What: "busy", Err: errBusy})
			return nil, false
		case <-ctx.Done():
			return nil, false
		}
	}
	return &errand{desk: d, deadline: time.Now().Add(errandWait)}, true
}

// life is the context of what takes longer than the acknowledgement. Most
// errands are over without.
func (e *errand) life() context.Context {
	e.begun.Do(func() { e.ctx, e.cancel = context.WithDeadline(e.work, e.deadline) })
	return e.ctx
}

// end ends e, and what is still done for it.
func (e *errand) end() {
	e.ended.Do(func() {
		e.begun.Do(func() { e.ctx, e.cancel = e.over, func() {} })
		e.cancel()
		<-e.slots
	})
}

// sent is closed when the acknowledgement is on its way. Most errands are over
// without anything that waits for it.
func (e *errand) sent() chan struct{} {
	e.waited.Do(func() { e.gone = make(chan struct{}) })
	return e.gone
}

// ack is the acknowledgement that the rest of e waits for.
func (e *errand) ack(body json.RawMessage, spare string) ack {
	return ack{Body: body, Spare: spare, Sent: func() { e.once.Do(func() { close(e.sent()) }) }}
}

// afterAck waits until the acknowledgement is on its way.
func (e *errand) afterAck() {
	timer := time.NewTimer(sentWait)
	defer timer.Stop()
	select {
	case <-e.sent():
	case <-timer.C:
	case <-e.life().Done():
	}
}

// run does f once the acknowledgement is on its way, and ends e.
func (e *errand) run(f func()) {
	defer e.end()
	e.guarded(func() {
		e.afterAck()
		f()
	})
}

// guarded does f and tells of a panic.
func (d *desk) guarded(f func()) {
	defer func() {
		if v := recover(); v != nil {
			d.Notify(Notice{What: "panic", Err: panicked(v)})
		}
	}()
	f()
}

// panicked is what may be told of a panic: its value may hold anything.
func panicked(v any) error {
	if err, ok := v.(runtime.Error); ok {
		return err
	}
	return fmt.Errorf("%T", v)
}

package discord

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"time"

	"rapport/adapters/surface"
	"rapport/coach"
)

const (
	ackTime    = 3 * time.Second  // Discord waits for the first answer
	answerWait = 30 * time.Second // the coach may take for one answer, a late one included
	errandWait = 90 * time.Second // all that follows one gesture may take; Discord takes answers for 15 minutes
	partTime   = 3 * time.Second  // what takes interactions may take to end with Run
	drainTime  = 5 * time.Second  // and then what is under way, with a second to stop
	maxErrands = 512              // at a time
	maxAside   = 64               // people told at a time that there is no room
)

// A desk takes what people do to the coach, and the answer back to them by the
// way that fits what they did.
type desk struct {
	*Adapter
	app     string // id of the application
	coach   coach.Handler
	seen    *surface.Once
	kept    surface.Drawn[look]
	now     func() time.Time // Discord's clock
	backoff time.Duration    // before a call is tried again, at first
	work    context.Context  // of everything: outlives Run until what is under way is done
	cancel  context.CancelFunc
	slots   chan struct{} // holds one for each errand under way
	beside  chan struct{} // and one for each that there is no room for
	ending  sync.Once
}

// newDesk returns a desk that asks h, which does not panic.
func newDesk(a *Adapter, app string, h coach.Handler) *desk {
	d := &desk{
		Adapter: a, app: app, coach: h, seen: surface.NewOnce(time.Now), now: a.now, backoff: 200 * time.Millisecond,
		slots: make(chan struct{}, maxErrands), beside: make(chan struct{}, maxAside),
	}
	d.work, d.cancel = context.WithCancel(context.Background())
	return d
}

// now is what Discord's clock shows, as far as that is known.
func (a *Adapter) now() time.Time {
	skew, _ := a.api.Skew()
	return time.Now().Add(skew)
}

// Why an interaction is not taken to the coach.
var (
	errLate     = errors.New("older than Discord waits for an answer")
	errRepeated = errors.New("told a second time")
	errBusy     = errors.New("more than can be done at a time")
)

// refusal says why in is not taken to the coach at all; nil where it is. Only
// one call for an interaction returns nil.
func (d *desk) refusal(in *interaction) error {
	switch {
	case d.now().Sub(made(in.ID)) > ackTime:
		d.Notify(Notice{What: "late", Err: errLate})
		return errLate
	case !d.seen.First(in.ID):
		d.Notify(Notice{What: "repeated"})
		return errRepeated
	}
	return nil
}

// A giver gives the first answer to an interaction, and reports whether Discord
// may have it. It is called once at most.
type giver func(context.Context, callback) bool

// hear takes an interaction that the gateway tells of. It does not wait.
func (d *desk) hear(raw []byte) {
	in, err := readInteraction(raw)
	if err != nil {
		d.Notify(Notice{What: "unreadable", Err: err})
		return
	}
	if !in.answerable() || d.refusal(in) != nil {
		return
	}
	if end, ok := d.begin(); ok {
		go d.answer(in, d.calling(in), false, end)
		return
	}
	select {
	case d.beside <- struct{}{}:
		go func() {
			defer func() { <-d.beside }()
			d.guarded(func() { d.calling(in)(d.work, d.noRoom(in)) })
		}()
	default:
	}
}

// answerable reports whether a person did in, and waits for an answer.
func (in *interaction) answerable() bool {
	who := in.who()
	return in.Kind >= command && in.Kind <= submitted && who.ID != "" && !who.Bot
}

// begin begins an errand, or reports false if too much is under way. end is to
// be called when nothing of it runs any more.
func (d *desk) begin() (end func(), ok bool) {
	select {
	case d.slots <- struct{}{}:
		return sync.OnceFunc(func() { <-d.slots }), true
	default:
		d.Notify(Notice{What: "busy", Err: errBusy})
		return nil, false
	}
}

// drain waits for all that is under way, for as long as wait allows, and stops
// the rest. Nothing is taken on afterwards.
func (d *desk) drain(wait time.Duration) { d.ending.Do(func() { d.finish(wait) }) }

func (d *desk) finish(wait time.Duration) {
	ctx, cancel := context.WithTimeout(d.work, wait)
	defer cancel()
	left := cap(d.slots) + cap(d.beside)
	take := func(until <-chan struct{}) {
		for left > 0 {
			select {
			case d.slots <- struct{}{}:
				left--
			case d.beside <- struct{}{}:
				left--
			case <-until:
				return
			}
		}
	}
	take(ctx.Done())
	d.cancel()
	grace, done := context.WithTimeout(context.WithoutCancel(ctx), time.Second) // for a handler that does not heed its context
	defer done()
	take(grace.Done())
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

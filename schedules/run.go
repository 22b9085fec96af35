package schedules

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"
)

// A Runner keeps a [Planner] and a [Courier] going. Make one with [NewRunner].
type Runner struct {
	Planner *Planner
	Courier *Courier
	Every   time.Duration // look at least this often, on the machine clock; 0 is 5 s

	// Beat, if set, is called at the start and every Every with the machine
	// clock, so that a store can tell later how long nobody was there.
	Beat func(ctx context.Context, machine time.Time) error
	// Report, if set, is told of errors, from several goroutines. All of them
	// are survived.
	Report func(error)

	walk   sync.Mutex
	wake   chan struct{}
	looked atomic.Int64
}

// NewRunner returns a Runner of p and c.
func NewRunner(p *Planner, c *Courier) *Runner {
	return &Runner{Planner: p, Courier: c, wake: make(chan struct{}, 1)}
}

// Wake makes Run look at once at what is due: something was wished for, or the
// coach clock was moved.
func (r *Runner) Wake() {
	select {
	case r.wake <- struct{}{}:
	default:
	}
}

// Looked is when Run last began to look at what is due, on the machine clock. It
// is the zero time before that.
func (r *Runner) Looked() time.Time {
	if at := r.looked.Load(); at != 0 {
		return time.Unix(0, at)
	}
	return time.Time{}
}

// Run plans and delivers until ctx ends, then finishes what was started and
// returns nil. It wakes at the next due instant and at least every Every.
func (r *Runner) Run(ctx context.Context) error {
	var wait sync.WaitGroup
	wait.Go(func() { r.plan(ctx) })
	wait.Go(func() { r.deliver(ctx) })
	if r.Beat != nil {
		wait.Go(func() { r.beat(ctx) })
	}
	wait.Wait()
	return nil
}

func (r *Runner) every() time.Duration {
	if r.Every > 0 {
		return r.Every
	}
	return 5 * time.Second
}

// report passes on err unless it only says that ctx has ended.
func (r *Runner) report(ctx context.Context, err error) {
	if err == nil || r.Report == nil || ctx.Err() != nil && errors.Is(err, ctx.Err()) {
		return
	}
	r.Report(err)
}

// plan runs rounds of the planner, at each due instant.
func (r *Runner) plan(ctx context.Context) {
	for ctx.Err() == nil {
		began := time.Now()
		r.looked.Store(began.UnixNano())
		_, err := r.round(ctx)
		r.report(ctx, err)
		wait := r.every()
		r.report(ctx, guard(func() (err error) {
			wait, err = r.untilNext(ctx)
			return err
		}))
		pause(ctx, wait, r.wake)
		pause(ctx, wakeGap-time.Since(began), nil)
	}
}

// wakeGap is the shortest time between two rounds: thousands of requests a
// second, each of which wakes the planner, cost a few rounds.
const wakeGap = 25 * time.Millisecond

// untilNext returns how long to wait for the next round, at most Every.
func (r *Runner) untilNext(ctx context.Context) (time.Duration, error) {
	now := r.Planner.Now()
	at, ok, err := r.Planner.next(ctx, now.Add(r.every()))
	if err != nil || !ok {
		return r.every(), err
	}
	return min(r.every(), max(at.Sub(now), time.Millisecond)), nil
}

func (r *Runner) round(ctx context.Context) (int, error) {
	var n int
	err := guard(func() (err error) {
		n, err = r.Planner.Round(ctx)
		return err
	})
	if n > 0 {
		r.Courier.Wake()
	}
	return n, err
}

// deliver runs the courier.
func (r *Runner) deliver(ctx context.Context) {
	r.Courier.init()
	for ctx.Err() == nil {
		r.report(ctx, guard(func() error { return r.Courier.Deliver(ctx) }))
		pause(ctx, min(r.every(), time.Second), r.Courier.wake)
	}
}

func (r *Runner) beat(ctx context.Context) {
	for ctx.Err() == nil {
		if err := guard(func() error { return r.Beat(ctx, time.Now()) }); err != nil {
			r.report(ctx, fmt.Errorf("heartbeat: %w", err))
		}
		pause(ctx, r.every(), nil)
	}
}

// pause waits until d is over, wake, or the end of ctx.
func pause(ctx context.Context, d time.Duration, wake <-chan struct{}) {
	if d <= 0 {
		return
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-wake:
	case <-timer.C:
	}
}

// Walk moves the coach clock forward to an instant with set, stopping at every
// due instant on the way and delivering all of it before going on. It is for a
// clock that is moved by hand; Run may be running. Errors do not stop it: they
// come back joined once the clock is there. Only the end of ctx stops it.
func (r *Runner) Walk(ctx context.Context, set func(time.Time), to time.Time) error {
	r.walk.Lock()
	defer r.walk.Unlock()
	var errs []error
	var last time.Time
	for ctx.Err() == nil {
		at, ok, err := r.Planner.next(ctx, to)
		if err != nil {
			return errors.Join(append(errs, err)...)
		}
		if !ok || !last.IsZero() && !at.After(last) { // done, or a row that does not move
			break
		}
		last = at
		if at.After(r.Planner.Now()) {
			set(at)
		}
		errs = append(errs, r.catchUp(ctx)...)
	}
	if err := ctx.Err(); err != nil {
		return errors.Join(append(errs, err)...)
	}
	if to.After(r.Planner.Now()) {
		set(to)
	}
	return errors.Join(append(errs, r.catchUp(ctx)...)...)
}

// catchUp plans and delivers what is due now.
func (r *Runner) catchUp(ctx context.Context) []error {
	_, planned := r.round(ctx)
	sent := guard(func() error { return r.Courier.Deliver(ctx) })
	var errs []error
	for _, err := range []error{planned, sent} {
		if err != nil {
			errs = append(errs, err)
		}
	}
	return errs
}

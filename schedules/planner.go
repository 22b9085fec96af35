package schedules

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"rapport/coach"
	"rapport/coach/streak"
	"rapport/schedules/crashpoint"
)

// Missed is why a slot passed unsaid: nobody was there to say it in time.
const Missed = "downtime"

// batch is how many rows are planned in one transaction.
const batch = 200

// A Planner turns what is due into deliveries, one transaction a batch.
type Planner struct {
	Store    Store
	Speakers map[string]coach.Speaker // by kind
	Now      func() time.Time         // the coach clock
	Grace    Grace

	mu   sync.Mutex // one round at a time
	held map[int64]hold
}

// A hold keeps a row that failed from being tried at every round.
type hold struct {
	next  time.Time // of the row; a row that was moved is another matter
	until time.Time // machine clock
	tries int
}

// Round plans everything that is due now and returns how many deliveries it
// queued. A row that fails does not hold up the others: the returned error
// tells of it, and it is tried again at a later round.
func (p *Planner) Round(ctx context.Context) (queued int, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	r := round{Planner: p, seen: make(map[slot]bool)}
	for ctx.Err() == nil {
		more, err := r.sweep(ctx)
		if err != nil {
			r.tell(err)
		}
		if !more || err != nil {
			break
		}
	}
	if more := r.failed - len(r.errs); more > 0 {
		r.errs = append(r.errs, fmt.Errorf("plan: %d more failed", more))
	}
	return r.queued, errors.Join(r.errs...)
}

// told is how many errors of a round are told in full.
const told = 20

// A round is one call of [Planner.Round].
type round struct {
	*Planner
	seen   map[slot]bool // tried: a store that does not move a row on is asked once
	queued int
	failed int
	errs   []error // the first of them
}

func (r *round) tell(err error) {
	if r.failed++; len(r.errs) < told {
		r.errs = append(r.errs, err)
	}
}

type slot struct {
	id   int64
	next int64
}

// sweep plans one batch and reports whether there may be more.
func (r *round) sweep(ctx context.Context) (bool, error) {
	now := r.Now()
	// Rows that are held come first in every answer and must not fill it.
	rows, err := r.Store.Due(ctx, now, batch+len(r.held))
	if err != nil {
		return false, fmt.Errorf("due: %w", err)
	}
	tried := 0
	var steps []Step
	for _, d := range rows {
		key := slot{d.ID, d.Next.UnixMicro()}
		if len(steps) == batch || ctx.Err() != nil {
			break
		}
		if r.seen[key] || r.isHeld(d) {
			continue
		}
		r.seen[key] = true
		tried++
		s, err := r.step(ctx, d, now)
		if err != nil {
			r.fail(d, err)
			continue
		}
		steps = append(steps, s)
	}
	if len(steps) == 0 {
		return tried > 0, nil
	}
	crashpoint.At("after-choose")
	err = r.advance(ctx, now, steps)
	crashpoint.At("after-advance")
	return true, err
}

// advance takes steps. Should the store refuse them together, it takes them
// one by one, so that one bad row fails alone.
func (r *round) advance(ctx context.Context, now time.Time, steps []Step) error {
	done, err := r.Store.Advance(ctx, now, steps)
	if err == nil {
		r.count(steps, done)
		return nil
	}
	if len(steps) == 1 {
		r.fail(steps[0].Due, err)
		return nil
	}
	failed := 0
	for i := range steps {
		done, err := r.Store.Advance(ctx, now, steps[i:i+1])
		if err == nil {
			failed = 0
			r.count(steps[i:i+1], done)
			continue
		}
		if failed++; failed == 3 || ctx.Err() != nil {
			return fmt.Errorf("advance: %w", err) // it is the store and not the row
		}
		r.fail(steps[i].Due, err)
	}
	return nil
}

func (r *round) count(steps []Step, done []Advanced) {
	for i, a := range done {
		if a == Queued {
			r.queued++
		}
		delete(r.held, steps[i].Due.ID)
	}
}

// fail keeps err and holds d back for a while.
func (r *round) fail(d Due, err error) {
	r.tell(fmt.Errorf("plan %s: %w", d.Kind, err))
	if r.held == nil {
		r.held = make(map[int64]hold)
	}
	h := r.held[d.ID]
	if !h.next.Equal(d.Next) {
		h = hold{next: d.Next}
	}
	h.tries++
	h.until = time.Now().Add(backoff(5*time.Second, 15*time.Minute, h.tries))
	r.held[d.ID] = h
}

// isHeld reports whether d failed not long ago, and forgets what failed long ago.
func (p *Planner) isHeld(d Due) bool {
	h, ok := p.held[d.ID]
	if !ok {
		return false
	}
	if !h.next.Equal(d.Next) {
		delete(p.held, d.ID)
		return false
	}
	return time.Now().Before(h.until)
}

// next returns the next instant up to until at which a round has something to
// do, leaving out what is held.
func (p *Planner) next(ctx context.Context, until time.Time) (time.Time, bool, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for id, h := range p.held { // rows that went away do not come back to clear theirs
		if time.Since(h.until) > time.Hour {
			delete(p.held, id)
		}
	}
	rows, err := p.Store.Due(ctx, until, 1+len(p.held))
	if err != nil {
		return time.Time{}, false, fmt.Errorf("next due: %w", err)
	}
	for _, d := range rows {
		if !p.isHeld(d) {
			return d.Next, true, nil
		}
	}
	return time.Time{}, false, nil
}

// step decides about one row: say it, let it pass, or move on to the newest
// slot where several passed. Each slot that passed in a row is not made up for.
func (p *Planner) step(ctx context.Context, d Due, now time.Time) (Step, error) {
	w, err := newest(d, now)
	if err != nil {
		return Step{}, err
	}
	if !w.at.Equal(d.Next) {
		return Step{Due: d, Next: w.at, NextDate: w.date, Memory: d.Memory, Missed: Missed}, nil
	}
	s := Step{Due: d, Next: w.then, NextDate: w.thenDate, Memory: d.Memory}
	ok, err := p.Grace.allows(d.Kind, d.Zone, d.Next, now)
	if err != nil {
		return Step{}, err
	}
	if !ok {
		s.Missed = Missed
		return s, nil
	}
	c, err := p.choose(ctx, d, now)
	if err != nil {
		return Step{}, err
	}
	s.Memory, s.Said = c.Memory, c.Said
	if c.Stop {
		s.Next, s.NextDate = time.Time{}, ""
	}
	if c.Skip == "" {
		s.Delivery = deliveryOf(d, c, now)
	}
	return s, nil
}

// choose asks the speaker of d's kind.
func (p *Planner) choose(ctx context.Context, d Due, now time.Time) (c coach.Choice, err error) {
	speaker, ok := p.Speakers[d.Kind]
	if !ok {
		return c, errors.New("no speaker for this kind")
	}
	err = guard(func() error {
		c, err = speaker.Choose(ctx, coach.Occasion{
			Kind: d.Kind, Subject: d.Subject, To: d.To, Date: d.Date, At: now, Zone: d.Zone, Memory: d.Memory,
		})
		return err
	})
	return c, err
}

func deliveryOf(d Due, c coach.Choice, now time.Time) *Delivery {
	return &Delivery{
		Key: d.Key(), Kind: d.Kind, Subject: d.Subject, To: d.To, Lane: laneOf(d.To),
		Date: d.Date, Zone: d.Zone, Exact: d.Exact, Choice: c, DueAt: d.Next, Ready: now,
	}
}

// A window is the newest slot of a row that has come, and the one after it.
type window struct {
	at, then       time.Time // then is zero where there is none
	date, thenDate streak.Date
}

func newest(d Due, now time.Time) (window, error) {
	w := window{at: d.Next, date: d.Date}
	if d.Spec == "" {
		return w, nil
	}
	s, err := Parse(d.Spec)
	if err != nil {
		return w, err
	}
	loc, err := Zone(d.Zone)
	if err != nil {
		return w, err
	}
	for {
		w.then, w.thenDate = s.Next(loc, w.at, w.date)
		if w.then.IsZero() || w.then.After(now) {
			return w, nil
		}
		w.at, w.date = w.then, w.thenDate
	}
}

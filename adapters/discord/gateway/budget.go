package gateway

import (
	"context"
	"slices"
	"sync"
	"time"

	"rapport/adapters/surface"
)

// A budget is how often we may identify: Discord allows one at a time in each
// bucket of shards, and so many a day; then it resets the token. On top of that
// each shard has an hour's allowance of our own, so that no fault, ours or
// theirs, can use up the day.
type budget struct {
	pace Pace
	look func(context.Context) (Info, error)

	mu      sync.Mutex
	info    Info
	pending int                 // turns that may yet be spent
	sent    int                 // identifies, ever
	spent   map[int][]time.Time // of each shard, within the day
	buckets map[int]*bucket
}

// A bucket is shards of which one may identify at a time.
type bucket struct {
	turn chan struct{} // holds one while somebody has it
	last time.Time     // an identify was sent; guarded by turn
}

func newBudget(p Pace, look func(context.Context) (Info, error)) *budget {
	return &budget{pace: p, look: look, spent: map[int][]time.Time{}, buckets: map[int]*bucket{}}
}

// ask asks Discord how it wants to be connected to.
func (b *budget) ask(ctx context.Context) (Info, error) {
	b.mu.Lock()
	sent := b.sent
	b.mu.Unlock()
	ctx, cancel := context.WithTimeout(ctx, b.pace.Look)
	defer cancel()
	info, err := b.look(ctx)
	if err != nil {
		return Info{}, err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	info.Remaining -= b.sent - sent // Discord may not have counted those yet
	if b.info.MaxConcurrency > 0 {
		info.MaxConcurrency = b.info.MaxConcurrency // buckets stay as they are
	}
	info.MaxConcurrency = max(info.MaxConcurrency, 1)
	b.info = info
	return info, nil
}

// address is where new sessions are asked for.
func (b *budget) address() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.info.URL
}

// A turn is the right to identify once. While it is held, no other shard of the
// bucket identifies. A nil turn is the right to resume only.
type turn struct {
	*budget
	shard int
	*bucket
	open, unspent bool
}

// take waits for shard's turn. Where it has to wait because too many identifies
// were sent, it says so. With again, Discord is asked before how many are left.
func (b *budget) take(ctx context.Context, shard int, again bool, held func(error)) (*turn, error) {
	for ; ; again = true {
		if wait := b.hourly(shard); wait > 0 {
			if err := b.hold(ctx, wait, held); err != nil {
				return nil, err
			}
		}
		if again {
			if _, err := b.ask(ctx); err != nil {
				return nil, err
			}
		}
		t, err := b.enter(ctx, shard)
		if err != nil {
			return nil, err
		}
		wait := t.reserve()
		if wait == 0 {
			return t, nil
		}
		t.leave()
		if err := b.hold(ctx, wait, held); err != nil {
			return nil, err
		}
	}
}

// hold waits, and tells why.
func (b *budget) hold(ctx context.Context, wait time.Duration, held func(error)) error {
	held(&surface.Fault{Text: "too many sessions were asked for: the next in " + max(wait.Round(time.Second), time.Second).String()})
	if !sleep(ctx, wait) {
		return ctx.Err()
	}
	return nil
}

// enter waits until no other shard of the bucket is at it, and has not been
// just now.
func (b *budget) enter(ctx context.Context, shard int) (*turn, error) {
	b.mu.Lock()
	n := shard % b.info.MaxConcurrency
	in := b.buckets[n]
	if in == nil {
		in = &bucket{turn: make(chan struct{}, 1)}
		b.buckets[n] = in
	}
	b.mu.Unlock()
	select {
	case in.turn <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	t := &turn{budget: b, shard: shard, bucket: in, open: true}
	if !in.last.IsZero() && !sleep(ctx, b.pace.Identify-time.Since(in.last)) {
		t.leave()
		return nil, ctx.Err()
	}
	return t, nil
}

// hourly is how long shard has to wait. From the third identify within the hour
// on, each wait is twice as long as the one before, so that the allowance
// lasts: a fault of a few minutes does not cost the rest of the hour.
func (b *budget) hourly(shard int) time.Duration {
	b.mu.Lock()
	defer b.mu.Unlock()
	hour := slices.DeleteFunc(slices.Clone(b.spent[shard]), func(t time.Time) bool { return time.Since(t) >= b.pace.Hour })
	n := len(hour)
	switch {
	case n >= b.pace.Allowed:
		return max(b.pace.Hour-time.Since(hour[n-b.pace.Allowed]), 0)
	case n >= 2:
		return max(b.pace.Hour>>(b.pace.Allowed+1-n)-time.Since(hour[n-1]), 0)
	}
	return 0
}

// reserve keeps one of the identifies that Discord has left for t, and otherwise
// tells how long to wait.
func (t *turn) reserve() time.Duration {
	t.mu.Lock()
	defer t.mu.Unlock()
	switch {
	case t.info.Remaining <= 0:
		return max(t.info.ResetAfter, t.pace.Spent)
	case t.info.Remaining <= t.pending:
		return t.pace.Spent
	}
	t.pending++
	t.unspent = true
	return 0
}

// spend counts an identify that is about to be sent; leave has to follow.
func (t *turn) spend() {
	now := time.Now()
	t.last = now
	t.mu.Lock()
	defer t.mu.Unlock()
	t.unspent = false
	t.pending--
	t.info.Remaining--
	t.sent++
	day := slices.DeleteFunc(t.spent[t.shard], func(at time.Time) bool { return now.Sub(at) >= 24*t.pace.Hour })
	t.spent[t.shard] = append(day, now)
}

// leave gives the turn to the next shard. It may be called again.
func (t *turn) leave() {
	if t == nil || !t.open {
		return
	}
	t.open = false
	t.mu.Lock()
	if t.unspent {
		t.pending--
	}
	t.mu.Unlock()
	<-t.turn
}

// spentWithin is how many identifies were sent within d.
func (b *budget) spentWithin(d time.Duration) (n int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, times := range b.spent {
		for _, at := range times {
			if time.Since(at) < d {
				n++
			}
		}
	}
	return n
}

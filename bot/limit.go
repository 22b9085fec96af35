package main

import (
	"context"
	"errors"
	"hash/maphash"
	"math"
	"sync"
	"time"

	"rapport/coach"
)

// How fast one person may ask.
const (
	askEvery   = time.Second // on average: 60 a minute
	askBurst   = 20
	refillTime = askBurst * askEvery
	maxAskers  = 50_000 // people remembered at a time
)

// errLimited comes with the answer that says so; logged passes that on.
var errLimited = errors.New("too many requests")

// limited returns a Handler that lets each person ask 60 times a minute, 20 at
// once. Who is faster gets a kind answer and errLimited. A form that was sent
// waits for its turn, as its words would be lost.
func limited(h coach.Handler) coach.Handler {
	return &limiting{Handler: h, seed: maphash.MakeSeed(), began: time.Now(), now: map[uint64]time.Duration{}}
}

// limiting remembers people by a hash, in two generations: 30 bytes for each of
// whom there may be thousands. Who did nothing for as long as a full refill takes
// has as much left as somebody new, so an old generation can be dropped whole.
type limiting struct {
	coach.Handler
	seed     maphash.Seed
	began    time.Time
	mu       sync.Mutex
	now, old map[uint64]time.Duration // since began: when they may ask askBurst times again
	turned   time.Duration
}

// Handle implements [coach.Handler].
func (l *limiting) Handle(ctx context.Context, r coach.Request) (coach.Reply, error) {
	patience := time.Duration(0)
	if r.Answers != nil {
		patience = left(ctx)
	}
	wait, ok := l.turn(r.From, patience)
	if !ok || wait > 0 && !awaited(ctx, wait) {
		return slower(), errLimited
	}
	return l.Handler.Handle(ctx, r)
}

// turn takes the person's next turn and returns how long it is until then; not
// ok, and not taken, if that is longer than patience.
func (l *limiting) turn(p coach.Person, patience time.Duration) (wait time.Duration, ok bool) {
	who := maphash.Comparable(l.seed, p)
	l.mu.Lock()
	defer l.mu.Unlock()
	at := time.Since(l.began)
	if at-l.turned > refillTime || len(l.now) >= maxAskers {
		l.now, l.old, l.turned = map[uint64]time.Duration{}, l.now, at
	}
	full, known := l.now[who]
	if !known {
		full = l.old[who]
	}
	full = max(full, at)
	wait = max(0, full+askEvery-at-refillTime)
	if ok = wait <= patience; ok {
		full += askEvery
	}
	l.now[who] = full
	return wait, ok
}

// left is how long ctx lasts.
func left(ctx context.Context) time.Duration {
	end, ok := ctx.Deadline()
	if !ok {
		return math.MaxInt64
	}
	return time.Until(end)
}

// awaited waits, and reports whether ctx lasted for it.
func awaited(ctx context.Context, wait time.Duration) bool {
	turn := time.Now().Add(wait)
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return !time.Now().Before(turn)
	}
}

func slower() coach.Reply {
	return coach.Say(coach.Message{
		Sections: []coach.Section{{Text: coach.P("That was a lot at once, and I cannot keep up. Please try that again in half a minute; nothing was changed.")}},
		Buttons:  []coach.Button{{Label: "Home", Action: coach.Do("home")}},
	})
}

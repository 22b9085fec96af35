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
	askEvery  = time.Second // on average: 60 a minute
	askBurst  = 20
	maxAskers = 50_000 // people remembered at a time
)

// How fast one team may ask: many times what a large one does when its weekly
// post arrives, and a part of what the program can do, so that a team that is
// used to flood it leaves room for the others.
const (
	teamEvery = 4 * time.Millisecond // on average: 250 a second
	teamBurst = 5_000
	maxTeams  = 5_000 // teams remembered at a time
)

// errLimited comes with the answer that says so; logged passes that on.
var errLimited = errors.New("too many requests")

// limited returns a Handler that lets each person ask 60 times a minute, 20 at
// once, and each team 250 times a second, 5,000 at once. Who is faster gets a
// kind answer and errLimited. A form that was sent waits for its turn, as its
// words would be lost.
func limited(h coach.Handler) coach.Handler {
	return &limiting{
		Handler: h,
		people:  newTurns[coach.Person](askEvery, askBurst, maxAskers),
		teams:   newTurns[coach.Team](teamEvery, teamBurst, maxTeams),
	}
}

type limiting struct {
	coach.Handler
	people *turns[coach.Person]
	teams  *turns[coach.Team]
}

// Handle implements [coach.Handler].
func (l *limiting) Handle(ctx context.Context, r coach.Request) (coach.Reply, error) {
	patience := time.Duration(0)
	if r.Answers != nil {
		patience = left(ctx)
	}
	if !l.people.mine(ctx, r.From, patience) {
		return slower("That was a lot at once, and I cannot keep up."), errLimited
	}
	if r.Team.ID != "" && !l.teams.mine(ctx, r.Team, patience) {
		return slower("Many people here ask me at this very moment, and I cannot keep up."), errLimited
	}
	return l.Handler.Handle(ctx, r)
}

// turns remembers who asked how often, by a hash, in two generations: 30 bytes
// for each of whom there may be thousands. Who did nothing for as long as a full
// refill takes has as much left as somebody new, so an old generation can be
// dropped whole.
type turns[K comparable] struct {
	every    time.Duration
	burst    int
	max      int // in a generation
	seed     maphash.Seed
	began    time.Time
	mu       sync.Mutex
	now, old map[uint64]time.Duration // since began: when they may ask burst times again
	turned   time.Duration
}

func newTurns[K comparable](every time.Duration, burst, most int) *turns[K] {
	return &turns[K]{every: every, burst: burst, max: most, seed: maphash.MakeSeed(), began: time.Now(), now: map[uint64]time.Duration{}}
}

// refill is how long it takes until somebody may ask as often as at first.
func (t *turns[K]) refill() time.Duration { return time.Duration(t.burst) * t.every }

// mine waits for the turn of k and reports whether it came within patience.
func (t *turns[K]) mine(ctx context.Context, k K, patience time.Duration) bool {
	wait, ok := t.turn(k, patience)
	return ok && (wait == 0 || awaited(ctx, wait))
}

// turn takes the next turn of k and returns how long it is until then; not ok,
// and not taken, if that is longer than patience.
func (t *turns[K]) turn(k K, patience time.Duration) (wait time.Duration, ok bool) {
	who := maphash.Comparable(t.seed, k)
	t.mu.Lock()
	defer t.mu.Unlock()
	at := time.Since(t.began)
	if at-t.turned > t.refill() || len(t.now) >= t.max {
		t.now, t.old, t.turned = map[uint64]time.Duration{}, t.now, at
	}
	full, known := t.now[who]
	if !known {
		full = t.old[who]
	}
	full = max(full, at)
	wait = max(0, full+t.every-at-t.refill())
	if ok = wait <= patience; ok {
		full += t.every
	}
	t.now[who] = full
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

func slower(why string) coach.Reply {
	return coach.Say(coach.Message{
		Sections: []coach.Section{{Text: coach.P(why + " Please try that again in half a minute; nothing was changed.")}},
		Buttons:  []coach.Button{{Label: "Home", Action: coach.Do("home")}},
	})
}

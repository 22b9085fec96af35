package rest

import (
	"context"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// maxWait is the longest that a call waits for Discord's limits. Who sends for
// longer can do something else meanwhile.
const maxWait = 2 * time.Second

// patience is until when a call with ctx may wait.
func patience(ctx context.Context) time.Time {
	until := time.Now().Add(maxWait)
	if end, ok := ctx.Deadline(); ok && end.Before(until) {
		return end
	}
	return until
}

// sleep waits for d, or until news comes. It reports false if ctx ended.
func sleep(ctx context.Context, d time.Duration, news <-chan struct{}) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-news:
	case <-ctx.Done():
		return false
	}
	return true
}

// Calls a second over all routes, of which Discord takes 50
// (https://discord.com/developers/docs/topics/rate-limits#global-rate-limit).
// At most steady+burst begin within any second: the rest is for calls that
// catch up with each other on the way.
const (
	steady = 40
	burst  = 8
)

// A gate is the limit over all routes.
type gate struct {
	rate *rate.Limiter

	mu    sync.Mutex
	until time.Time // shut until then
}

func newGate() gate { return gate{rate: rate.NewLimiter(steady, burst)} }

// pass waits until a call may go, at most until then.
func (g *gate) pass(ctx context.Context, until time.Time) *Error {
	for {
		wait := g.shutFor()
		if wait <= 0 {
			break
		}
		if late := waitFor(ctx, wait, until, "Discord asked to wait with all calls"); late != nil {
			return late
		}
	}
	turn := g.rate.Reserve()
	if late := waitFor(ctx, turn.Delay(), until, "too many calls at once"); late != nil {
		turn.Cancel()
		return late
	}
	if wait := g.shutFor(); wait > 0 { // since
		return held(wait, "Discord asked to wait with all calls")
	}
	return nil
}

// waitFor sleeps, unless that would be too long.
func waitFor(ctx context.Context, d time.Duration, until time.Time, why string) *Error {
	switch {
	case d <= 0:
		return nil
	case time.Now().Add(d).After(until):
		return held(d, why)
	case !sleep(ctx, d, nil):
		return unmade(ctx.Err())
	}
	return nil
}

func (g *gate) shutFor() time.Duration {
	g.mu.Lock()
	defer g.mu.Unlock()
	return time.Until(g.until)
}

// shut lets nothing pass for d.
func (g *gate) shut(d time.Duration) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if until := time.Now().Add(d); until.After(g.until) {
		g.until = until
	}
}

// Refused calls. Discord shuts out an address with 10,000 in 10 minutes
// (https://discord.com/developers/docs/topics/rate-limits#invalid-request-limit-aka-cloudflare-bans);
// others may call from the same one.
const (
	maxRefusals  = 9_000
	refusalTime  = 10 * time.Second // of one slot
	refusalSlots = 61               // ten minutes, and the slot that is not over yet
)

// refusals counts calls that Discord refused, in slots that are used in turn.
// The zero value has counted none.
type refusals struct {
	mu    sync.Mutex
	slots [refusalSlots]slot
}

type slot struct {
	at int64 // its number since 1970
	n  int
}

func slotOf(t time.Time) int64 { return t.UnixNano() / int64(refusalTime) }

func (r *refusals) count(now time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	at := slotOf(now)
	s := &r.slots[at%refusalSlots]
	if s.at != at {
		*s = slot{at: at}
	}
	s.n++
}

// wait is how long no call is to be made, so that there are few enough.
func (r *refusals) wait(now time.Time) time.Duration {
	r.mu.Lock()
	defer r.mu.Unlock()
	sum, first := 0, slotOf(now)-refusalSlots+1
	for i := range r.slots { // ranging over the array would copy it, on a stack that has no room yet
		if s := &r.slots[i]; s.at >= first {
			sum += s.n
		}
	}
	if sum < maxRefusals {
		return 0
	}
	for at := first; ; at++ {
		if s := r.slots[at%refusalSlots]; s.at == at {
			sum -= s.n
		}
		if sum < maxRefusals {
			return time.Unix(0, (at+refusalSlots)*int64(refusalTime)).Sub(now)
		}
	}
}

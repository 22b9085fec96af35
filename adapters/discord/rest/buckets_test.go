package rest

import (
	"context"
	"fmt"
	"net/http"
	"testing"
	"time"
)

// told is an answer that came at a time and tells of a limit of five.
func told(at time.Time, left int, rest time.Duration) *answer {
	return &answer{status: 200, ended: at, header: http.Header{
		"X-Ratelimit-Limit": {"5"}, "X-Ratelimit-Remaining": {fmt.Sprint(left)}, "X-Ratelimit-Reset-After": {fmt.Sprint(rest.Seconds())},
	}}
}

// TestHeaders has what answers tell one after another, and how many calls may
// then be on their way in how long.
func TestHeaders(t *testing.T) {
	now := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	after := func(d time.Duration) time.Time { return now.Add(d) }
	silent := &answer{}                                                  // the connection broke
	unlimited := &answer{status: 200, ended: now, header: http.Header{}} // such as of a proxy
	odd := func(name, value string) *answer {
		a := told(now, 4, 5*time.Second)
		a.header.Set(name, value)
		return a
	}
	for name, c := range map[string]struct {
		heard []*answer
		at    time.Time
		room  int
		wait  time.Duration // once that is used up
	}{
		"one":             {[]*answer{told(now, 4, 5*time.Second)}, after(time.Second), 4, 4 * time.Second},
		"none left":       {[]*answer{told(now, 0, 5*time.Second)}, after(time.Second), 0, 4 * time.Second},
		"overtaken":       {[]*answer{told(now, 1, 5*time.Second), told(after(time.Second), 3, 4*time.Second)}, after(time.Second), 1, 4 * time.Second},
		"a little late":   {[]*answer{told(now, 1, 5*time.Second), told(after(time.Second), 0, 4500*time.Millisecond)}, after(time.Second), 0, 4500 * time.Millisecond},
		"next window":     {[]*answer{told(now, 0, 5*time.Second), told(after(6*time.Second), 4, 5*time.Second)}, after(6 * time.Second), 4, 5 * time.Second},
		"window is early": {[]*answer{told(now, 0, 5*time.Second), told(after(4900*time.Millisecond), 4, 5*time.Second)}, after(5 * time.Second), 4, 4900 * time.Millisecond},
		"window is over":  {[]*answer{told(now, 0, 5*time.Second)}, after(5 * time.Second), 5, 0},
		"no answer":       {[]*answer{told(now, 2, 5*time.Second), silent}, now, 1, 5 * time.Second},
		"not of Discord":  {[]*answer{told(now, 2, 5*time.Second), unlimited}, now, 1, 5 * time.Second},
		"nothing known":   {[]*answer{silent}, now, 1, 0},
		"no limit":        {[]*answer{odd("X-RateLimit-Limit", "")}, now, 100, 0},
		"limit of none":   {[]*answer{odd("X-RateLimit-Limit", "0")}, now, 100, 0},
		"less than none":  {[]*answer{odd("X-RateLimit-Remaining", "-1")}, now, 100, 0},
		"no number":       {[]*answer{odd("X-RateLimit-Remaining", "some")}, now, 100, 0},
		"never":           {[]*answer{odd("X-RateLimit-Reset-After", "NaN")}, now, 100, 0},
		"very late":       {[]*answer{odd("X-RateLimit-Reset-After", "1e18")}, now, 4, time.Hour},
		"more than all":   {[]*answer{odd("X-RateLimit-Remaining", "900")}, now, 5, 5 * time.Second},
	} {
		b := new(bucket)
		for _, a := range c.heard {
			b.hear(a, nil)
		}
		for b.flying < 100 {
			wait, ok := b.room(c.at)
			if !ok {
				if wait != c.wait {
					t.Errorf("%s: got a wait of %v, want %v", name, wait, c.wait)
				}
				break
			}
			b.flying++
		}
		if b.flying != c.room {
			t.Errorf("%s: %d calls may go, want %d", name, b.flying, c.room)
		}
	}
}

// The longer wait counts, of two that were asked for.
func TestLongerWaitCounts(t *testing.T) {
	b, e := new(bucket), func(d time.Duration) *Error { return &Error{Status: 429, After: d} }
	b.hear(&answer{status: 429}, e(time.Hour))
	b.hear(&answer{status: 429}, e(time.Second))
	if wait, _ := b.room(time.Now()); wait < 50*time.Minute {
		t.Errorf("the route is shut for %v, want an hour", wait)
	}
	g := newGate()
	g.shut(time.Hour)
	g.shut(time.Second)
	if wait := g.shutFor(); wait < 50*time.Minute {
		t.Errorf("everything is shut for %v, want an hour", wait)
	}
}

// Calls that are held back take nobody's turn.
func TestHeldBackTakesNoTurn(t *testing.T) {
	bubble(t, new(discord), func(t *testing.T, _ *Client) {
		g := newGate()
		until := func() time.Time { return time.Now().Add(time.Second) }
		for range burst {
			if late := g.pass(t.Context(), until()); late != nil {
				t.Fatal(late)
			}
		}
		ended, cancel := context.WithCancel(t.Context())
		cancel()
		for range 1000 {
			if late := g.pass(ended, until()); late == nil {
				t.Fatal("passed after its context ended")
			}
		}
		if late := g.pass(t.Context(), until()); late != nil {
			t.Errorf("got %v, want a turn within a second", late)
		}
	})
}

// Where more routes are in use than are remembered, calls still go.
func TestMoreRoutesThanRemembered(t *testing.T) {
	var bs buckets
	for i := range 2 * maxBuckets {
		if _, late := bs.enter(t.Context(), fmt.Sprint(i), time.Now().Add(10*time.Second)); late != nil {
			t.Fatal(late)
		}
	}
	if n := len(bs.by); n != maxBuckets {
		t.Errorf("%d routes are remembered, want %d", n, maxBuckets)
	}
}

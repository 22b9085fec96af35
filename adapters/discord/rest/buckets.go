package rest

import (
	"context"
	"math"
	"net/http"
	"strconv"
	"sync"
	"time"
)

// maxBuckets is how many routes are remembered: more than are in use within
// a window of Discord's, and less than a megabyte.
const maxBuckets = 4096

// sweepTime is how often buckets that are as new are looked for.
const sweepTime = 10 * time.Second

// buckets are the limits of routes. The zero value knows none.
type buckets struct {
	mu    sync.Mutex
	by    map[string]*bucket
	swept time.Time
}

// A bucket is what Discord said of one route. Before it has said anything, one
// call at a time finds out, so that many at once are not refused.
type bucket struct {
	route   string
	flying  int // calls on their way
	waiting int
	known   bool // an answer told of a limit, or that there is none
	limit   int  // calls in a window
	left    int  // of this window, calls on their way included
	reset   time.Time
	shut    time.Time     // nothing goes before that
	news    chan struct{} // closed when something has changed
}

// enter waits until a call of route may go, at most until then. The bucket is
// to be left after the call; nil is that of a route without a name.
func (bs *buckets) enter(ctx context.Context, route string, until time.Time) (*bucket, *Error) {
	if route == "" {
		return nil, nil
	}
	bs.mu.Lock()
	defer bs.mu.Unlock()
	b := bs.get(route)
	b.waiting++
	defer func() { b.waiting--; bs.tidy(b) }()
	for {
		now := time.Now()
		wait, ok := b.room(now)
		if ok {
			b.flying++
			return b, nil
		}
		if now.Add(wait).After(until) || !now.Before(until) {
			return nil, held(wait, "Discord takes no more calls of this kind now")
		}
		if wait <= 0 {
			wait = until.Sub(now) // for a call on its way
		}
		news := b.news
		bs.mu.Unlock()
		awake := sleep(ctx, wait, news)
		bs.mu.Lock()
		if !awake {
			return nil, unmade(ctx.Err())
		}
	}
}

// room reports whether a call may go now. Otherwise it may not before wait is
// over, or before another is back where wait is 0.
func (b *bucket) room(now time.Time) (wait time.Duration, ok bool) {
	if wait := b.shut.Sub(now); wait > 0 {
		return wait, false
	}
	if !b.known {
		return 0, b.flying == 0
	}
	rest := b.reset.Sub(now)
	if rest <= 0 {
		b.left = b.limit
	}
	if b.left > b.flying {
		return 0, true
	}
	return max(rest, 0), false
}

// leave ends a call; a is nil if it was not made.
func (bs *buckets) leave(b *bucket, a *answer, e *Error) {
	if b == nil {
		return
	}
	bs.mu.Lock()
	defer bs.mu.Unlock()
	b.flying--
	if a != nil {
		b.hear(a, e)
	}
	close(b.news)
	b.news = make(chan struct{})
	bs.tidy(b)
}

// hear takes what an answer says of the limit.
func (b *bucket) hear(a *answer, e *Error) {
	limit, left, rest, ok := limits(a.header)
	switch reset := a.ended.Add(rest); {
	case ok && (!b.known || reset.Sub(b.reset) > rest/2): // of another window
		b.known, b.limit, b.left, b.reset = true, limit, left, reset
	case ok: // answers may overtake each other
		b.limit, b.left = limit, min(b.left, left)
		if reset.After(b.reset) {
			b.reset = reset
		}
	case b.known:
		b.left-- // it may have counted
	case a.status != 0:
		b.known, b.limit, b.left = true, math.MaxInt, math.MaxInt
	}
	if e != nil && e.After > 0 && !e.Global {
		if shut := time.Now().Add(e.After); shut.After(b.shut) {
			b.shut = shut
		}
	}
}

// limits reads the headers that tell of a route's limit.
func limits(h http.Header) (limit, left int, rest time.Duration, ok bool) {
	limit, err := strconv.Atoi(h.Get("X-RateLimit-Limit"))
	left, worse := strconv.Atoi(h.Get("X-RateLimit-Remaining"))
	rest, ok = seconds(h.Get("X-RateLimit-Reset-After"))
	ok = ok && err == nil && worse == nil && limit > 0 && left >= 0
	return limit, min(left, limit), rest, ok
}

// get returns the bucket of route.
func (bs *buckets) get(route string) *bucket {
	if b, ok := bs.by[route]; ok {
		return b
	}
	b := &bucket{route: route, news: make(chan struct{})}
	if bs.by == nil {
		bs.by = make(map[string]*bucket)
	}
	bs.sweep(time.Now())
	if len(bs.by) < maxBuckets {
		bs.by[route] = b
	}
	return b // else it is known to this call only
}

// sweep forgets buckets that are as new and, where there are too many, some
// that are not.
func (bs *buckets) sweep(now time.Time) {
	full := len(bs.by) >= maxBuckets
	if !full && now.Sub(bs.swept) < sweepTime {
		return
	}
	bs.swept = now
	for route, b := range bs.by {
		if b.asNew(now) {
			delete(bs.by, route)
		}
	}
	for route, b := range bs.by {
		if len(bs.by) < maxBuckets {
			return
		}
		if b.flying == 0 && b.waiting == 0 && !b.shut.After(now) {
			delete(bs.by, route) // it is found out again
		}
	}
}

// tidy forgets b if it is as new.
func (bs *buckets) tidy(b *bucket) {
	if bs.by[b.route] == b && b.asNew(time.Now()) {
		delete(bs.by, b.route)
	}
}

// asNew reports whether b remembers nothing that matters.
func (b *bucket) asNew(now time.Time) bool {
	return b.flying == 0 && b.waiting == 0 && !b.reset.After(now) && !b.shut.After(now)
}

package discordtest

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// A Limit is how many requests a bucket takes in a time.
type Limit struct {
	Requests int
	Per      time.Duration
}

// A bucket counts the requests of one route and its major parameters.
type bucket struct {
	left  int
	reset time.Time
}

// LimitRate makes the buckets of a route as small as l, such as
// LimitRate("POST /channels/{channel}/messages", Limit{1, time.Second}).
func (d *Discord) LimitRate(route string, l Limit) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if !slices.Contains(routeNames(), route) {
		d.t.Fatalf("discordtest: no route %q; there are %q", route, routeNames())
	}
	d.limits[route] = l
	clear(d.buckets)
}

// routeNames are the names of all routes, for [Discord.LimitRate].
func routeNames() []string {
	var out []string
	for _, r := range routes() {
		out = append(out, r.name())
	}
	return out
}

// limitOf is the limit of a route: what the test wants, or Discord's own, or one
// that nobody meets. d.mu is held.
func (d *Discord) limitOf(r *route) Limit {
	if l, ok := d.limits[r.name()]; ok {
		return l
	}
	if d.set.Rate && r.limit.Requests > 0 {
		return r.limit
	}
	return Limit{Requests: 100_000, Per: time.Second}
}

// paced takes one request out of its bucket and out of the global one, and says
// in the headers what is left. d.mu is held.
func (d *Discord) paced(a *ask, h http.Header) *refusal {
	now := time.Now()
	if refused := d.pacedGlobally(a.route, now); refused != nil {
		return refused
	}
	key := a.route.name()
	for _, name := range strings.Fields(a.route.major) {
		key += " " + a.path(name)
	}
	l := d.limitOf(a.route)
	b := d.buckets[key]
	if b == nil || now.After(b.reset) {
		b = &bucket{left: l.Requests, reset: now.Add(l.Per)}
		d.buckets[key] = b
	}
	full := b.left == 0
	b.left = max(0, b.left-1)
	h.Set("X-RateLimit-Limit", strconv.Itoa(l.Requests))
	h.Set("X-RateLimit-Remaining", strconv.Itoa(b.left))
	h.Set("X-RateLimit-Reset", strconv.FormatFloat(float64(b.reset.UnixMilli())/1000, 'f', 3, 64))
	h.Set("X-RateLimit-Reset-After", strconv.FormatFloat(round(b.reset.Sub(now)), 'f', 3, 64))
	h.Set("X-RateLimit-Bucket", fixed(1, a.route.name()))
	if full {
		return &refusal{status: http.StatusTooManyRequests, say: "You are being rate limited.", after: b.reset.Sub(now), scope: "user"}
	}
	return nil
}

// pacedGlobally counts a request against all of a second. d.mu is held.
func (d *Discord) pacedGlobally(r *route, now time.Time) *refusal {
	if d.set.Global < 0 || r.free {
		return nil
	}
	d.global = slices.DeleteFunc(d.global, func(at time.Time) bool { return now.Sub(at) >= time.Second })
	if len(d.global) >= d.set.Global {
		return &refusal{status: http.StatusTooManyRequests, say: "You are being rate limited.", after: d.global[0].Add(time.Second).Sub(now), scope: "global"}
	}
	d.global = append(d.global, now)
	return nil
}

// badWindow is the time in which bad answers are counted.
const badWindow = 10 * time.Minute

// noteBad counts the answers for which Discord bans an address. d.mu is held.
func (d *Discord) noteBad(status int, h http.Header) {
	switch {
	case status != http.StatusUnauthorized && status != http.StatusForbidden && status != http.StatusTooManyRequests:
		return
	case h.Get("X-RateLimit-Scope") == "shared":
		return
	}
	now := time.Now().Add(d.skew)
	d.bad = slices.DeleteFunc(d.bad, func(at time.Time) bool { return now.Sub(at) >= badWindow })
	d.bad = append(d.bad, now)
	if len(d.bad) >= d.set.BadLimit && !d.badTold {
		d.badTold = true
		d.violate("rate", counted(len(d.bad), "answer")+" of 401, 403 and 429 in ten minutes: the address is banned")
	}
}

// Bad counts the answers of 401, 403 and 429 in the last ten minutes.
func (d *Discord) Bad() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	now := time.Now().Add(d.skew)
	return len(slices.DeleteFunc(slices.Clone(d.bad), func(at time.Time) bool { return now.Sub(at) >= badWindow }))
}

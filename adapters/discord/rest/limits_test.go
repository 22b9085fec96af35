package rest

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// A discord is one in memory, which keeps its limits by the clock of the test's
// bubble.
type discord struct {
	mu     sync.Mutex
	takes  time.Duration // of one call
	limit  int           // calls in a window of each route; 0 = none
	window time.Duration
	routes map[string]*window
	at     []time.Time // of calls
	over   int         // calls that broke a limit
	answer func(*http.Request) *http.Response
}

type window struct {
	n   int
	end time.Time
}

func (d *discord) RoundTrip(r *http.Request) (*http.Response, error) {
	select {
	case <-r.Context().Done():
		return nil, r.Context().Err()
	case <-time.After(d.takes):
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.at = append(d.at, time.Now())
	if d.answer != nil {
		if res := d.answer(r); res != nil {
			return res, nil
		}
	}
	res := saying200()
	if d.limit == 0 {
		return res, nil
	}
	w := d.routes[r.URL.Path]
	if now := time.Now(); w == nil || !now.Before(w.end) {
		w = &window{end: now.Add(d.window)}
		d.routes[r.URL.Path] = w
	}
	if w.n++; w.n > d.limit {
		d.over++
		res.StatusCode = http.StatusTooManyRequests
		res.Body = io.NopCloser(strings.NewReader(fmt.Sprintf(`{"message":"slow","retry_after":%f}`, time.Until(w.end).Seconds())))
	}
	res.Header.Set("X-RateLimit-Limit", fmt.Sprint(d.limit))
	res.Header.Set("X-RateLimit-Remaining", fmt.Sprint(max(0, d.limit-w.n)))
	res.Header.Set("X-RateLimit-Reset-After", fmt.Sprintf("%.3f", time.Until(w.end).Seconds()))
	return res, nil
}

// saying200 is a yes.
func saying200() *http.Response {
	return &http.Response{StatusCode: 200, Header: http.Header{}, Body: io.NopCloser(strings.NewReader("{}"))}
}

// slow is an answer that asks to wait.
func slow(after string, header map[string]string) *http.Response {
	res := saying200()
	res.StatusCode = http.StatusTooManyRequests
	res.Body = io.NopCloser(strings.NewReader(`{"message":"slow","retry_after":` + after + `}`))
	for name, v := range header {
		res.Header.Set(name, v)
	}
	return res
}

// bubble runs a test with a Discord in memory, on a clock of its own.
func bubble(t *testing.T, d *discord, test func(t *testing.T, c *Client)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		if d.takes == 0 {
			d.takes = 50 * time.Millisecond
		}
		d.routes = map[string]*window{}
		test(t, New(Options{Token: testToken, BaseURL: "http://discord.test", Transport: d}))
	})
}

// on is a call of a route.
func on(path string) Call { return Call{Method: "POST", Path: path, Route: "POST " + path} }

// many makes n calls at once, and returns the errors of those that failed.
func many(c *Client, n int, call func(i int) Call) (failed []*Error) {
	var wait sync.WaitGroup
	var mu sync.Mutex
	for i := range n {
		wait.Go(func() {
			if err := c.Do(context.Background(), call(i), nil); err != nil {
				mu.Lock()
				defer mu.Unlock()
				failed = append(failed, err.(*Error))
			}
		})
	}
	wait.Wait()
	return failed
}

// A route's limit is found out by one call and then kept, without one refusal:
// what cannot go within 2 seconds is given back at once, with when to come.
func TestRouteLimit(t *testing.T) {
	d := &discord{limit: 5, window: 5 * time.Second}
	bubble(t, d, func(t *testing.T, c *Client) {
		begun := time.Now()
		failed := many(c, 20, func(int) Call { return on("/channels/1/messages") })
		if len(failed) != 15 || len(d.at) != 5 || d.over > 0 {
			t.Fatalf("%d held back, %d made, %d over the limit; want 15, 5, 0", len(failed), len(d.at), d.over)
		}
		for _, e := range failed {
			if e.Status != 429 || e.Left || e.After != 5*time.Second {
				t.Errorf("got %+v, want it held back for 5 s", e)
			}
		}
		if took := time.Since(begun); took > 200*time.Millisecond {
			t.Errorf("took %v, want it known once the first is back", took)
		}
		time.Sleep(failed[0].After)
		for range 100 { // in time, each gets its turn
			for c.Do(t.Context(), on("/channels/1/messages"), nil) != nil {
				time.Sleep(time.Second)
			}
		}
		if d.over > 0 || len(d.at) != 105 {
			t.Errorf("%d calls, %d over the limit; want 105, 0", len(d.at), d.over)
		}
		if took := time.Since(begun); took > 110*time.Second {
			t.Errorf("took %v, want the limit to be used", took)
		}
	})
}

// A short wait is waited for.
func TestShortWait(t *testing.T) {
	d := &discord{limit: 5, window: time.Second}
	bubble(t, d, func(t *testing.T, c *Client) {
		begun := time.Now()
		if failed := many(c, 10, func(int) Call { return on("/channels/1/messages") }); len(failed) > 0 || d.over > 0 {
			t.Errorf("got %v, %d over the limit", failed[0], d.over)
		}
		if took := time.Since(begun); took < time.Second || took > 2*time.Second {
			t.Errorf("took %v, want a little over a second", took)
		}
	})
}

// Nobody waits for what comes after its end.
func TestWaitWithinContext(t *testing.T) {
	d := &discord{limit: 1, window: 1500 * time.Millisecond}
	bubble(t, d, func(t *testing.T, c *Client) {
		if err := c.Do(t.Context(), on("/x"), nil); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		begun := time.Now()
		e := failure(t, c.Do(ctx, on("/x"), nil))
		if e.Status != 429 || e.Left || e.After != 2*time.Second || time.Since(begun) > 0 {
			t.Errorf("after %v: got %+v, want it given back at once for 1.5 s, rounded up", time.Since(begun), e)
		}
		ctx, cancel = context.WithCancel(t.Context())
		time.AfterFunc(100*time.Millisecond, cancel)
		if e := failure(t, c.Do(ctx, on("/x"), nil)); e.Status != 0 || e.Left || len(d.at) != 1 {
			t.Errorf("got %+v, %d calls; want a cancelled wait and no call", e, len(d.at))
		}
		if err := c.Do(t.Context(), on("/x"), nil); err != nil || d.over > 0 {
			t.Errorf("got %v, %d over the limit; want the wait to go on without those who left", err, d.over)
		}
	})
}

// One route's limit is no other's, and a route that tells of none has none.
func TestOtherRoutes(t *testing.T) {
	d := &discord{limit: 1, window: 30 * time.Second}
	bubble(t, d, func(t *testing.T, c *Client) {
		for i := range 10 {
			if err := c.Do(t.Context(), on(fmt.Sprintf("/channels/%d/messages", i)), nil); err != nil {
				t.Errorf("%d: %v", i, err)
			}
		}
		d.limit = 0
		if failed := many(c, 30, func(int) Call { return on("/free") }); len(failed) > 0 {
			t.Errorf("got %v, want all to go", failed[0])
		}
		if failed := many(c, 30, func(int) Call { return Call{Method: "POST", Path: "/channels/1/messages"} }); len(failed) > 0 {
			t.Errorf("got %v, want calls without a route to know no limit", failed[0])
		}
	})
}

// While nothing is known of a route, who waits for the first call to come back
// does not wait for ever.
func TestFirstCallHangs(t *testing.T) {
	bubble(t, &discord{takes: 9 * time.Second}, func(t *testing.T, c *Client) {
		var wait sync.WaitGroup
		defer wait.Wait()
		wait.Go(func() { _ = c.Do(t.Context(), on("/x"), nil) })
		synctest.Wait()
		begun := time.Now()
		e := failure(t, c.Do(t.Context(), on("/x"), nil))
		if took := time.Since(begun); e.Status != 429 || e.Left || e.After != time.Second || took != maxWait {
			t.Errorf("after %v: got %+v, want it given back after %v", took, e, maxWait)
		}
	})
}

// A route that was asked to wait is left alone for so long, and no other.
func TestRouteIsShut(t *testing.T) {
	d := new(discord)
	bubble(t, d, func(t *testing.T, c *Client) {
		d.answer = func(*http.Request) *http.Response {
			return slow("30", map[string]string{"X-RateLimit-Scope": "shared"})
		}
		if e := failure(t, c.Do(t.Context(), on("/x"), nil)); e.After != 30*time.Second || e.Global {
			t.Fatalf("got %+v", e)
		}
		d.answer = nil
		if e := failure(t, c.Do(t.Context(), on("/x"), nil)); e.Left || e.After != 30*time.Second || len(d.at) != 1 {
			t.Errorf("got %+v, %d calls; want it held back", e, len(d.at))
		}
		if err := c.Do(t.Context(), on("/y"), nil); err != nil {
			t.Errorf("another route: %v", err)
		}
		time.Sleep(29 * time.Second)
		if err := c.Do(t.Context(), on("/x"), nil); err != nil || len(d.at) != 3 {
			t.Errorf("got %v, %d calls; want the last second to be waited for", err, len(d.at))
		}
	})
}

// After a global refusal everything waits, but answers to interactions.
func TestGateIsShut(t *testing.T) {
	d := new(discord)
	bubble(t, d, func(t *testing.T, c *Client) {
		d.answer = func(*http.Request) *http.Response {
			return slow("64.57", map[string]string{"X-RateLimit-Global": "true"})
		}
		if e := failure(t, c.Do(t.Context(), on("/x"), nil)); !e.Global {
			t.Fatalf("got %+v", e)
		}
		d.answer = nil
		for _, call := range []Call{on("/x"), on("/y"), {Method: "GET", Path: "/gateway/bot"}} {
			if e := failure(t, c.Do(t.Context(), call, nil)); e.Left || e.After != 65*time.Second {
				t.Errorf("got %+v, want it held back", e)
			}
		}
		if err := c.Do(t.Context(), Call{Method: "POST", Path: "/interactions/1/x/callback", Open: true, Free: true}, nil); err != nil {
			t.Errorf("an answer to an interaction: %v", err)
		}
		if len(d.at) != 2 {
			t.Errorf("%d calls, want 2", len(d.at))
		}
		time.Sleep(time.Minute + 4*time.Second)
		if err := c.Do(t.Context(), on("/x"), nil); err != nil {
			t.Errorf("after the wait: %v", err)
		}
	})
}

// A refusal while a call waits for its turn holds it back too.
func TestGateIsShutMeanwhile(t *testing.T) {
	d := new(discord)
	bubble(t, d, func(t *testing.T, c *Client) {
		d.answer = func(r *http.Request) *http.Response {
			if r.URL.Path == "/0" {
				return slow("10", map[string]string{"X-RateLimit-Global": "true"})
			}
			return nil
		}
		failed := many(c, 60, func(i int) Call { return on(fmt.Sprintf("/%d", i)) })
		if len(failed) < 40 || len(d.at) > 20 {
			t.Errorf("%d held back, %d made; want all held back that had not begun", len(failed), len(d.at))
		}
	})
}

// Never do more than 50 calls begin within a second.
func TestGlobalLimit(t *testing.T) {
	d := new(discord)
	bubble(t, d, func(t *testing.T, c *Client) {
		failed := many(c, 200, func(i int) Call { return on(fmt.Sprintf("/channels/%d/messages", i)) })
		if len(d.at) < 80 || len(d.at)+len(failed) != 200 {
			t.Errorf("%d made, %d held back; want 80 or more within 2 s", len(d.at), len(failed))
		}
		for _, e := range failed {
			if e.Left || e.After < time.Second || e.After > 5*time.Second {
				t.Errorf("got %+v, want it held back for a few seconds", e)
			}
		}
		for i := range 300 {
			for c.Do(t.Context(), on(fmt.Sprintf("/channels/%d/messages", i)), nil) != nil {
				time.Sleep(100 * time.Millisecond)
			}
		}
		if n := busiest(d.at); n > 50 {
			t.Errorf("%d calls within a second", n)
		}
		before := len(d.at)
		begun := time.Now()
		free := func(i int) Call {
			return Call{Method: "POST", Path: fmt.Sprintf("/interactions/%d/x/callback", i), Open: true, Free: true}
		}
		if failed := many(c, 500, free); len(failed) > 0 || len(d.at) != before+500 || time.Since(begun) > time.Second {
			t.Errorf("answers to interactions: %d failed, %d made in %v; want all at once", len(failed), len(d.at)-before, time.Since(begun))
		}
	})
}

// busiest is how many of at, in order, are within one second.
func busiest(at []time.Time) (most int) {
	for i, first := 0, 0; i < len(at); i++ {
		for at[i].Sub(at[first]) >= time.Second {
			first++
		}
		most = max(most, i-first+1)
	}
	return most
}

// Before Discord shuts out the address, everything rests.
func TestRefusals(t *testing.T) {
	d := new(discord)
	bubble(t, d, func(t *testing.T, c *Client) {
		forbidden := func(*http.Request) *http.Response {
			res := saying200()
			res.StatusCode = http.StatusForbidden
			return res
		}
		free := Call{Method: "POST", Path: "/x", Open: true, Free: true}
		d.takes, d.answer = time.Millisecond, forbidden
		begun := time.Now()
		for range 20_000 {
			_ = c.Do(t.Context(), free, nil)
		}
		if len(d.at) != maxRefusals {
			t.Fatalf("%d calls were refused, want no more than %d", len(d.at), maxRefusals)
		}
		e := failure(t, c.Do(t.Context(), free, nil))
		again := time.Now().Add(e.After)
		if rest := again.Sub(begun); e.Status != 429 || e.Left || rest < 10*time.Minute || rest > 11*time.Minute {
			t.Errorf("got %+v, want it held back until 10 minutes after the first", e)
		}
		d.answer = nil
		time.Sleep(e.After - time.Second)
		failure(t, c.Do(t.Context(), free, nil))
		time.Sleep(time.Second)
		if err := c.Do(t.Context(), free, nil); err != nil {
			t.Errorf("after the wait: %v", err)
		}
	})
}

// Refusals that come slowly are forgotten as slowly.
func TestRefusalsPass(t *testing.T) {
	var r refusals
	now := time.Unix(1_800_000_000, 0)
	for range 100_000 { // a little over ten a second
		r.count(now)
		now = now.Add(90 * time.Millisecond)
	}
	if wait := r.wait(now); wait != 0 {
		t.Errorf("got a wait of %v for %d in ten minutes", wait, r.sum())
	}
	for range 3000 {
		r.count(now)
	}
	wait := r.wait(now)
	if wait <= 0 || wait > 11*time.Minute {
		t.Errorf("got a wait of %v", wait)
	}
	if more := r.wait(now.Add(wait)); more != 0 {
		t.Errorf("after %v one is to wait %v more", wait, more)
	}
	if r.wait(now.Add(wait-time.Second)) == 0 {
		t.Errorf("%v is longer than it takes", wait)
	}
}

// Routes are forgotten once Discord has forgotten them.
func TestBucketsAreForgotten(t *testing.T) {
	d := &discord{limit: 5, window: 5 * time.Second}
	bubble(t, d, func(t *testing.T, c *Client) {
		d.takes = time.Nanosecond
		for i := range 3 * maxBuckets {
			if err := c.Do(t.Context(), Call{Method: "POST", Path: fmt.Sprintf("/channels/%d/messages", i), Route: fmt.Sprint(i), Free: true}, nil); err != nil {
				t.Fatal(err)
			}
			if n := len(c.buckets.by); n > maxBuckets {
				t.Fatalf("%d routes are remembered", n)
			}
		}
		time.Sleep(time.Minute)
		d.limit = 0
		if err := c.Do(t.Context(), on("/x"), nil); err != nil {
			t.Fatal(err)
		}
		if n := len(c.buckets.by); n != 0 {
			t.Errorf("%d routes are remembered a minute later", n)
		}
	})
}

// Routes that are shut are not forgotten for others, however many come.
func TestShutRoutesStay(t *testing.T) {
	d := new(discord)
	bubble(t, d, func(t *testing.T, c *Client) {
		d.answer = func(r *http.Request) *http.Response {
			if r.URL.Path == "/shut" {
				return slow("3000", map[string]string{"X-RateLimit-Scope": "user"})
			}
			return nil
		}
		d.limit, d.window, d.takes = 5, time.Hour, time.Nanosecond
		_ = c.Do(t.Context(), on("/shut"), nil)
		for i := range 2 * maxBuckets {
			call := on(fmt.Sprintf("/channels/%d", i))
			call.Free = true
			if err := c.Do(t.Context(), call, nil); err != nil {
				t.Fatal(err)
			}
		}
		if e := failure(t, c.Do(t.Context(), on("/shut"), nil)); e.Left {
			t.Errorf("got %+v, want it still held back", e)
		}
	})
}

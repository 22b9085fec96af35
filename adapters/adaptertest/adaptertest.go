// Package adaptertest holds what every chat adapter must do, whatever its
// platform: what becomes of a message that was not taken, what its errors may
// say, and how it ends.
//
// It knows HTTP, as every platform speaks that, and stands between the adapter
// and the platform's [Fake] to make things go wrong on the way. It knows no
// platform: what a call looks like, and what its limits are, is the Fake's.
package adaptertest

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"rapport/coach"
	"rapport/coach/coachtest"
)

// An Adapter is what is tested: a chat surface as bot runs it.
type Adapter interface {
	Run(ctx context.Context, h coach.Handler) error
	Send(ctx context.Context, to coach.Address, key string, m coach.Message) (ref string, err error)
}

// A Fake is a platform of a test's own. Its methods may be called from several
// goroutines.
type Fake interface {
	// URL is where it listens on loopback, such as http://127.0.0.1:8080.
	URL() string
	// Adapter returns a new adapter whose every call begins at url instead.
	Adapter(url string) Adapter
	// Posts reports whether r, which is not to be changed, shows a message to
	// people.
	Posts(r *http.Request) bool
	// Shown is how many messages people were shown so far.
	Shown() int
	// Wait returns once an adapter that runs is connected, or ctx ends.
	Wait(ctx context.Context) error
	// Fate is what becomes of a message where status is the answer and its body
	// says nothing.
	Fate(status int) coach.Fate
	// Places are a channel and direct messages that are open.
	Places() (channel, direct coach.Address)
	// Secrets are what no error may hold: tokens, and ids of people.
	Secrets() []string
	// Violations are the limits and rules that the adapter broke so far.
	Violations() []string
}

// marker stands in every message whose fate is tested: it is a person's word.
const marker = "heliotrope-marker"

// Test runs everything. start returns a new Fake that ends with the test.
func Test(t *testing.T, start func(t *testing.T) Fake) {
	for name, check := range map[string]func(*testing.T, *rig){
		"gallery":      testGallery,
		"statuses":     testStatuses,
		"retry after":  testRetryAfter,
		"wire":         testWire,
		"unreachable":  testUnreachable,
		"wrong places": testWrongPlaces,
		"redirect":     testRedirect,
		"cancelled":    testCancelled,
		"end of run":   testEndOfRun,
	} {
		t.Run(name, func(t *testing.T) {
			before := goleak.IgnoreCurrent()
			t.Cleanup(func() { goleak.VerifyNone(t, before) }) // the last of all cleanups
			check(t, newRig(t, start(t)))
		})
	}
}

// private is a message of a person's words.
func private() coach.Message {
	return coach.Message{Title: "About " + marker, Sections: []coach.Section{{Text: coach.P("You wrote " + marker)}}}
}

// testGallery sends everything there is to say to both kinds of place.
func testGallery(t *testing.T, r *rig) {
	channel, direct := r.Places()
	gallery := coachtest.Gallery()
	refs := map[string]string{}
	for _, name := range slices.Sorted(maps.Keys(gallery)) {
		for where, to := range map[string]coach.Address{"channel": channel, "direct": direct} {
			ref, err := r.adapter.Send(t.Context(), to, "gallery/"+name+"/"+where, gallery[name])
			if err != nil || ref == "" {
				t.Errorf("%s to %s: got ref %q, %v; want it sent", name, where, ref, err)
			}
			if other, ok := refs[ref]; ok && ref != "" {
				t.Errorf("%s to %s has the ref of %s: %q", name, where, other, ref)
			}
			refs[ref] = name + " to " + where
		}
		for _, v := range r.fresh() {
			t.Errorf("%s: %s", name, v)
		}
	}
	if got, want := r.Shown(), 2*len(gallery); got != want {
		t.Errorf("people were shown %d messages, want %d", got, want)
	}
}

// testStatuses answers with every HTTP status that is no success.
func testStatuses(t *testing.T, r *rig) {
	for status := 300; status < 600; status++ {
		r.answer(func(w http.ResponseWriter, req *http.Request) { echo(w, req, status) })
		want := r.Fate(status)
		if !plausible(status, want) {
			t.Errorf("%d: a fake that wants %q would lose or double messages", status, want)
		}
		r.tryAll(t, fmt.Sprintf("status %d", status), want)
		if status == http.StatusTooManyRequests {
			r.anew()
		}
	}
	if n := r.Shown(); n > 0 {
		t.Errorf("people were shown %d messages, want none", n)
	}
}

// plausible reports whether fate is one that status allows on any platform.
func plausible(status int, fate coach.Fate) bool {
	switch {
	case status == http.StatusTooManyRequests:
		return fate == coach.Later
	case status >= 500: // it may come after the message was shown
		return fate == coach.InDoubt
	}
	return fate != coach.InDoubt
}

// testRetryAfter has the platform ask to wait.
func testRetryAfter(t *testing.T, r *rig) {
	for _, c := range []struct {
		said  string
		least time.Duration
		most  time.Duration
	}{
		{"1", time.Second, time.Second},
		{"30", 30 * time.Second, 30 * time.Second},
		{"600", 10 * time.Minute, 10 * time.Minute},
		{"", 0, time.Hour},
		{"0", 0, time.Hour},
		{"-5", 0, time.Hour},
		{"soon", 0, time.Hour},
		{"Wed, 21 Oct 2026 07:28:00 GMT", 0, time.Hour},
		{"99999999999999", 0, 24 * time.Hour},
	} {
		r.answer(func(w http.ResponseWriter, req *http.Request) {
			if c.said != "" {
				w.Header().Set("Retry-After", c.said)
			}
			echo(w, req, http.StatusTooManyRequests)
		})
		r.anew()
		begun := time.Now()
		for _, err := range r.tryAll(t, fmt.Sprintf("Retry-After %q", c.said), coach.Later) {
			// Some of the wait is over when the second message is held back.
			if _, after := coach.FateOf(err); after < c.least-time.Since(begun) || after > c.most {
				t.Errorf("Retry-After %q: got a wait of %v, want %v to %v", c.said, after, c.least, c.most)
			}
		}
	}
}

// testWire breaks the connection, or the answer, after the message was taken.
func testWire(t *testing.T, r *rig) {
	for name, answer := range map[string]http.HandlerFunc{
		"reset":                func(w http.ResponseWriter, _ *http.Request) { hangUp(w, true) },
		"closed":               func(w http.ResponseWriter, _ *http.Request) { hangUp(w, false) },
		"lost reply":           func(w http.ResponseWriter, req *http.Request) { r.pass(req); hangUp(w, true) },
		"no answer":            func(w http.ResponseWriter, req *http.Request) { r.hold(req) },
		"answer cut short":     func(w http.ResponseWriter, req *http.Request) { cutShort(w) },
		"answer nobody reads":  func(w http.ResponseWriter, req *http.Request) { echo(w, req, http.StatusOK) },
		"answer of nothing":    func(w http.ResponseWriter, req *http.Request) {},
		"answer without words": func(w http.ResponseWriter, req *http.Request) { say(w, "{}") },
		"answer of null":       func(w http.ResponseWriter, req *http.Request) { say(w, "null") },
		"page of a proxy":      func(w http.ResponseWriter, req *http.Request) { say(w, "<html><body>Sign in</body></html>") },
	} {
		r.answer(answer)
		r.within = time.Second
		if name == "no answer" {
			r.within = 500 * time.Millisecond
		}
		r.tryAll(t, name, coach.InDoubt)
	}
	if got := r.Shown(); got != 2 {
		t.Errorf("people were shown %d messages, want the two whose reply was lost, once each", got)
	}
}

// testUnreachable lets no call begin: nothing was sent, for certain.
func testUnreachable(t *testing.T, r *rig) {
	for name, url := range map[string]string{
		"refused":          "http://" + closedPort(t),
		"silent handshake": "https://" + silent(t),
		"broken handshake": "https://" + r.host(), // which speaks no TLS
	} {
		other := *r
		other.adapter, other.within = r.Adapter(url), 300*time.Millisecond
		other.tryAll(t, name, coach.Later)
	}
	if n := r.Shown(); n > 0 {
		t.Errorf("people were shown %d messages, want none", n)
	}
}

// testWrongPlaces sends to what is no place of this adapter.
func testWrongPlaces(t *testing.T, r *rig) {
	channel, direct := r.Places()
	other := func(a coach.Address, change func(*coach.Address)) coach.Address {
		change(&a)
		return a
	}
	for name, to := range map[string]coach.Address{
		"nowhere":                  {},
		"another platform":         other(channel, func(a *coach.Address) { a.Platform = "elsewhere" }),
		"channel elsewhere":        other(channel, func(a *coach.Address) { a.Platform, a.Team.Platform = "elsewhere", "elsewhere" }),
		"person elsewhere":         other(direct, func(a *coach.Address) { a.Platform, a.Person.Platform = "elsewhere", "elsewhere" }),
		"channel without a name":   other(channel, func(a *coach.Address) { a.Channel = "" }),
		"person without a name":    other(direct, func(a *coach.Address) { a.Person.User = "" }),
		"home":                     other(direct, func(a *coach.Address) { a.Kind = coach.Home }),
		"a kind that is not known": other(direct, func(a *coach.Address) { a.Kind = 99 }),
	} {
		_, err := r.adapter.Send(t.Context(), to, "wrong", private())
		r.want(t, name, err, coach.Never)
	}
	if n := r.Shown(); n > 0 {
		t.Errorf("people were shown %d messages, want none", n)
	}
}

// testRedirect sends the adapter elsewhere: it must not take the token and the
// words there.
func testRedirect(t *testing.T, r *rig) {
	elsewhere := newTrap(t)
	for _, status := range []int{301, 302, 303, 307, 308} {
		r.answer(func(w http.ResponseWriter, req *http.Request) {
			w.Header().Set("Location", elsewhere.URL+"/api/")
			w.WriteHeader(status)
		})
		r.tryAll(t, fmt.Sprintf("redirect %d", status), r.Fate(status))
	}
	if n := elsewhere.calls.Load(); n > 0 {
		t.Errorf("%d calls followed a redirect to another host", n)
	}
}

// testCancelled sends when there is no time left.
func testCancelled(t *testing.T, r *rig) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	channel, direct := r.Places()
	for _, to := range []coach.Address{channel, direct} {
		_, err := r.adapter.Send(ctx, to, "cancelled", private())
		r.want(t, "a send after its context ended", err, coach.Later)
		if !errors.Is(err, context.Canceled) {
			t.Errorf("got %v, want it to say that the context ended", err)
		}
	}
	if n := r.Shown(); n > 0 {
		t.Errorf("people were shown %d messages, want none", n)
	}
}

// testEndOfRun ends Run, which must take no longer than the 10 s that a
// supervisor gives the whole program.
func testEndOfRun(t *testing.T, r *rig) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	ended := make(chan error, 1)
	go func() { ended <- r.adapter.Run(ctx, deaf{}) }()
	wait, stop := context.WithTimeout(t.Context(), 10*time.Second)
	defer stop()
	if err := r.Wait(wait); err != nil {
		t.Fatalf("not connected: %v", err)
	}
	channel, _ := r.Places()
	if _, err := r.adapter.Send(t.Context(), channel, "while it runs", private()); err != nil {
		t.Errorf("while it runs: got %v, want it sent", err)
	}
	cancel()
	begun := time.Now()
	select {
	case err := <-ended:
		if err != nil && !errors.Is(err, context.Canceled) {
			t.Errorf("got %v, want no error when it is told to end", err)
		}
	case <-time.After(10 * time.Second):
		t.Fatal("Run did not end within 10 s")
	}
	if took := time.Since(begun); took > 5*time.Second {
		t.Errorf("Run took %v to end", took)
	}
	// What the courier has under way goes out while the program ends.
	_, err := r.adapter.Send(t.Context(), channel, "after it ran", private())
	if err != nil {
		r.want(t, "a send after Run ended", err, coach.Later)
	}
	if got := r.Shown(); err == nil && got != 2 || err != nil && got != 1 {
		t.Errorf("people were shown %d messages; the second send returned %v", got, err)
	}
}

// deaf answers nothing.
type deaf struct{}

func (deaf) Handle(context.Context, coach.Request) (coach.Reply, error) { return coach.Reply{}, nil }

func (deaf) Complete(context.Context, coach.Request, string) []coach.Option { return nil }

// leaky says what text holds that an error must not, "" if nothing.
func leaky(text string, secrets []string) string {
	for _, s := range append([]string{marker, "://"}, secrets...) {
		if strings.Contains(text, s) {
			return s
		}
	}
	return ""
}

// Package slacktest is a Slack of our own on loopback, for tests: a Web API,
// Socket Mode, signed HTTP requests, response_urls, and people who use the app
// through them.
//
// It decides what Slack would answer, what a person would then see, and which
// of Slack's limits a request broke; it keeps all of it for the test to read.
// It does not know the app under test: nothing of ours is imported, so that a
// mistake in our own checks is not made twice.
//
//	s := slacktest.New(t, slacktest.Setup{})
//	// start the app with s.APIURL(), s.BotToken() and s.AppToken()
//	s.WaitConns(2, 5*time.Second)
//	anna := s.Person("Anna").In("#team")
//	anna.Command("/rapport journal")
//	anna.Press(nil, "Write")
//	anna.Submit(anna.WaitModal("Note"), map[string]string{"Note": "We talked."})
//	anna.WaitMessage("Kept")
//	s.Demand() // no limit of Slack's was broken
//
// What one person does and sees stands in [Slack.Transcript] in the order in
// which it reached Slack; an app that answers after it has acknowledged decides
// that order by its own speed, so golden files need a Wait after each gesture.
package slacktest

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// Slack is one workspace or organisation with one app installed. Make one with
// [New]; all methods may be called from several goroutines.
type Slack struct {
	t      testing.TB
	set    Setup
	server *httptest.Server
	ctx    context.Context
	cancel context.CancelFunc
	tasks  sync.WaitGroup

	mu         sync.Mutex
	changed    chan struct{} // closed and replaced at every change
	seq        int
	stamped    int64 // microseconds of the latest message
	skew       time.Duration
	revoked    map[string]bool
	calls      []Call
	violations []Violation
	faults     map[string][]Fault
	messages   []*Message
	byName     map[string]*Message // by channel and ts
	alike      map[string]int      // how many messages say a thing
	direct     map[string]string   // user id -> id of the conversation with the app
	partners   map[string]string   // and back
	triggers   map[string]*trigger
	hooks      map[string]*hook
	views      map[string]*View
	stacks     map[string][]*View // user id -> open modals, the top one last
	homes      map[string]*View
	files      map[string]*File
	tickets    map[string]bool // true while unused
	conns      []*Conn
	next       int // round robin
	envelopes  []*Envelope
	sent       map[string]*Envelope // by id, the latest
	stray      int
	dropped    int
	buckets    map[string]*bucket
	timeline   []entry
	people     map[string]*Person
	transport  Transport
	closed     bool
}

// New starts a Slack that ends with the test.
func New(t testing.TB, setup Setup) *Slack {
	t.Helper()
	setup.complete()
	ctx, cancel := context.WithCancel(context.Background())
	s := &Slack{
		t: t, set: setup, ctx: ctx, cancel: cancel,
		changed:  make(chan struct{}),
		revoked:  map[string]bool{},
		faults:   map[string][]Fault{},
		direct:   map[string]string{},
		partners: map[string]string{},
		byName:   map[string]*Message{},
		alike:    map[string]int{},
		sent:     map[string]*Envelope{},
		triggers: map[string]*trigger{},
		hooks:    map[string]*hook{},
		views:    map[string]*View{},
		stacks:   map[string][]*View{},
		homes:    map[string]*View{},
		files:    map[string]*File{},
		tickets:  map[string]bool{},
		buckets:  map[string]*bucket{},
		people:   map[string]*Person{},
	}
	s.transport = s.Socket()
	mux := http.NewServeMux()
	mux.HandleFunc("/api/{method}", s.serveMethod)
	mux.HandleFunc("/upload/{id}", s.serveUpload)
	mux.HandleFunc("/hooks/{id}", s.serveHook)
	mux.HandleFunc("/link", s.serveSocket)
	s.server = httptest.NewServer(mux)
	t.Cleanup(s.Close)
	return s
}

// Close ends all connections and waits for what is under way. It is called at
// the end of the test by itself.
func (s *Slack) Close() {
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		return
	}
	s.closed = true
	conns := slices.Clone(s.conns)
	s.mu.Unlock()
	s.cancel()
	for _, c := range conns {
		c.cut()
	}
	s.tasks.Wait()
	s.server.CloseClientConnections()
	s.server.Close()
}

// URL is where this Slack listens, without a slash at the end.
func (s *Slack) URL() string { return s.server.URL }

// APIURL is where the Web API is, with a slash at the end.
func (s *Slack) APIURL() string { return s.server.URL + "/api/" }

// BotToken is the token of the installed app.
func (s *Slack) BotToken() string { return s.set.BotToken }

// AppToken is the app-level token, for Socket Mode.
func (s *Slack) AppToken() string { return s.set.AppToken }

// SigningSecret is what requests over HTTP are signed with.
func (s *Slack) SigningSecret() string { return s.set.SigningSecret }

// Use makes people's gestures travel by tr from now on; the default is
// [Slack.Socket].
func (s *Slack) Use(tr Transport) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.transport = tr
}

// Skew makes Slack's clock, as the Date header tells it, differ by d.
func (s *Slack) Skew(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.skew = d
}

// Revoke makes token be answered with token_revoked from now on.
func (s *Slack) Revoke(token string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.revoked[token] = true
}

// Grant replaces the scopes of the bot token.
func (s *Slack) Grant(scopes ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.set.Scopes = scopes
}

// Change changes a user from now on, such as change("Anna", func(u *User) { u.Deactivated = true }).
func (s *Slack) Change(name string, change func(*User)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	u := s.user(name)
	if u == nil {
		s.t.Fatalf("slacktest: no user %q", name)
	}
	change(u)
}

// ChangeChannel changes a channel from now on.
func (s *Slack) ChangeChannel(name string, change func(*Channel)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.channel(name)
	if c == nil {
		s.t.Fatalf("slacktest: no channel %q", name)
	}
	change(c)
}

// Violations are the broken limits and rules of Slack so far.
func (s *Slack) Violations() []Violation {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.violations)
}

// Demand fails the test for each violation so far.
func (s *Slack) Demand() {
	s.t.Helper()
	for _, v := range s.Violations() {
		s.t.Errorf("slack: %s", v)
	}
}

// Calls are all calls of the Web API so far, in the order they arrived; uses
// of a response_url have the method "response_url", uploads "upload".
func (s *Slack) Calls(methods ...string) []Call {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []Call
	for _, c := range s.calls {
		if len(methods) == 0 || slices.Contains(methods, c.Method) {
			out = append(out, c)
		}
	}
	return out
}

// Leaks are the calls in which one of words travelled to Slack, as method names
// with the words found. Acknowledgements are no calls.
func (s *Slack) Leaks(words ...string) []string {
	var out []string
	for _, c := range s.Calls() {
		said := append(texts(c.Args), c.Raw)
		for _, w := range words {
			if slices.ContainsFunc(said, func(t string) bool { return strings.Contains(t, w) }) {
				out = append(out, fmt.Sprintf("%s has %q", c.Method, w))
			}
		}
	}
	return out
}

// texts are all texts in decoded JSON, keys included.
func texts(v any) []string {
	var out []string
	switch one := v.(type) {
	case string:
		out = append(out, one)
	case []any:
		for _, e := range one {
			out = append(out, texts(e)...)
		}
	case map[string]any:
		for k, e := range one {
			out = append(append(out, k), texts(e)...)
		}
	}
	return out
}

// Wait waits until done says yes, which is asked at every change; false when
// within has passed.
func (s *Slack) Wait(within time.Duration, done func() bool) bool {
	timer := time.NewTimer(within)
	defer timer.Stop()
	for {
		s.mu.Lock()
		changed := s.changed
		s.mu.Unlock()
		if done() {
			return true
		}
		select {
		case <-changed:
		case <-timer.C:
			return done()
		case <-s.ctx.Done():
			return done()
		}
	}
}

// touch wakes whoever waits. s.mu is held.
func (s *Slack) touch() {
	close(s.changed)
	s.changed = make(chan struct{})
}

// id is a new name of something. s.mu is held.
func (s *Slack) id(prefix string) string {
	s.seq++
	return fmt.Sprintf("%s%08d", prefix, s.seq)
}

// stamp is the name of the next message: its time, never twice the same. s.mu
// is held.
func (s *Slack) stamp() string {
	s.stamped = max(s.stamped+1, s.set.Now().UnixMicro())
	return fmt.Sprintf("%d.%06d", s.stamped/1e6, s.stamped%1e6)
}

// violate records what was broken. s.mu is held.
func (s *Slack) violate(where string, problems ...string) {
	for _, p := range problems {
		s.violations = append(s.violations, Violation{Where: where, Problem: p})
	}
}

// sleep waits for d or the end of the test.
func (s *Slack) sleep(d time.Duration) bool {
	if d <= 0 {
		return s.ctx.Err() == nil
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-s.ctx.Done():
		return false
	}
}

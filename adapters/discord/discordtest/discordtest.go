// Package discordtest is a Discord of our own on loopback, for tests: REST, the
// Gateway, signed HTTP interactions, and people who use the app through them.
//
// It decides what Discord would answer, what a person would then see, and which
// of Discord's limits a request broke; it keeps all of it for the test to read.
// It does not know the app under test: nothing of ours is imported, nor the
// library that the app speaks through, so that no mistake is made twice.
//
//	d := discordtest.New(t, discordtest.Setup{})
//	// start the app with d.APIURL(), d.Token() and d.AppID()
//	d.WaitReady(1, 5*time.Second)
//	d.WaitCommand("/rapport", 5*time.Second)
//	anna := d.Person("Anna").In("#team")
//	anna.Command("/rapport", "journal")
//	anna.Press(nil, "Write")
//	anna.Submit(anna.WaitModal("Note"), map[string]string{"Note": "We talked."})
//	anna.WaitMessage("Kept")
//	d.Demand() // no limit of Discord's was broken
//
// What people do and see stands in [Discord.Transcript] in the order in which
// it reached Discord; an app that answers later than at once decides that order
// by its own speed, so golden files need a Wait after each gesture.
//
// Not here: threads, reactions, polls, voice, group conversations, reading
// messages, commands other than slash commands, sub-commands, compression of the
// Gateway, and people's own messages, which no app of ours may read.
package discordtest

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"
	"time"
)

// Discord is the whole of it, with one app registered. Make one with [New]; all
// methods may be called from several goroutines.
type Discord struct {
	t       testing.TB
	set     Setup
	server  *httptest.Server
	ctx     context.Context
	cancel  context.CancelFunc
	tasks   sync.WaitGroup
	public  ed25519.PublicKey
	private ed25519.PrivateKey

	mu           sync.Mutex
	changed      chan struct{} // closed and replaced at every change
	moved        chan struct{} // and this where somebody may wait in vain: the clock was moved, an answer will not come
	last         uint64        // the latest snowflake
	skew         time.Duration
	forge        func(payload map[string]any)
	revoked      bool // the token was reset
	closed       bool
	calls        []Call
	violations   []Violation
	faults       []planned
	commands     map[string][]map[string]any // guild id, or "" for global -> registered
	messages     []*Message
	byID         map[string]*Message
	alike        map[string]int    // how many messages say a thing
	nonces       map[string]nonced // channel and nonce -> message
	direct       map[string]string // user id -> id of their conversation with the app
	partners     map[string]string // and back
	interactions map[string]*Interaction
	byToken      map[string]*Interaction
	arrivals     []*Interaction // in order
	modals       map[string]*Modal
	open         map[string]*Modal // user id -> the modal they look at
	pings        []Ping
	buckets      map[string]*bucket
	limits       map[string]Limit // by route, set by the test
	global       []time.Time
	bad          []time.Time
	badTold      bool
	conns        []*Conn
	sessions     map[string]*session
	wire         wireLog
	silent       int // of the next connections, how many say nothing
	mute         int // and how many say no hello
	double       bool
	timeline     []entry
	people       map[string]*Person
	transport    transport
}

// New starts a Discord that ends with the test.
func New(t testing.TB, setup Setup) *Discord {
	t.Helper()
	setup.complete()
	public, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	d := &Discord{
		t: t, set: setup, ctx: ctx, cancel: cancel, public: public, private: private,
		changed:      make(chan struct{}),
		moved:        make(chan struct{}),
		commands:     map[string][]map[string]any{},
		byID:         map[string]*Message{},
		alike:        map[string]int{},
		nonces:       map[string]nonced{},
		direct:       map[string]string{},
		partners:     map[string]string{},
		interactions: map[string]*Interaction{},
		byToken:      map[string]*Interaction{},
		modals:       map[string]*Modal{},
		open:         map[string]*Modal{},
		buckets:      map[string]*bucket{},
		limits:       map[string]Limit{},
		sessions:     map[string]*session{},
		people:       map[string]*Person{},
	}
	d.transport = gateway{d}
	mux := http.NewServeMux()
	d.mount(mux)
	for _, path := range []string{gatewayPath, resumePath} {
		mux.HandleFunc(path, d.serveGateway)
		mux.HandleFunc(path+"/{$}", d.serveGateway)
	}
	d.server = httptest.NewServer(mux)
	t.Cleanup(d.Close)
	return d
}

// Close ends all connections and waits for what is under way. It is called at
// the end of the test by itself.
func (d *Discord) Close() {
	d.mu.Lock()
	if d.closed {
		d.mu.Unlock()
		return
	}
	d.closed = true
	conns := slices.Clone(d.conns)
	d.mu.Unlock()
	d.cancel()
	for _, c := range conns {
		c.cut()
	}
	d.tasks.Wait()
	d.server.CloseClientConnections()
	d.server.Close()
}

// URL is where this Discord listens, without a slash at the end.
func (d *Discord) URL() string { return d.server.URL }

// APIURL is where REST is, without a slash at the end.
func (d *Discord) APIURL() string { return d.server.URL + "/api/v10" }

// GatewayURL is what GET /gateway/bot tells.
func (d *Discord) GatewayURL() string { return "ws" + d.server.URL[len("http"):] + gatewayPath }

// ResumeURL is where sessions are to be resumed; READY tells it.
func (d *Discord) ResumeURL() string { return "ws" + d.server.URL[len("http"):] + resumePath }

// Token is the token of the app, without "Bot ".
func (d *Discord) Token() string { return d.set.Token }

// AppID is the id of the app and of its user.
func (d *Discord) AppID() string { return App }

// PublicKey is the key, in hexadecimal, that requests over HTTP are signed for.
func (d *Discord) PublicKey() string { return hexed(d.public) }

// Revoke makes the token be refused from now on, as after a reset.
func (d *Discord) Revoke() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.revoked = true
}

// Violations are the broken limits and rules of Discord so far.
func (d *Discord) Violations() []Violation {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.Clone(d.violations)
}

// Demand fails the test for each violation so far.
func (d *Discord) Demand() {
	d.t.Helper()
	for _, v := range d.Violations() {
		d.t.Errorf("discord: %s", v)
	}
}

// Wait waits until done says yes, which is asked at every change; false when
// within has passed.
func (d *Discord) Wait(within time.Duration, done func() bool) bool {
	timer := time.NewTimer(within)
	defer timer.Stop()
	for {
		d.mu.Lock()
		changed := d.changed
		d.mu.Unlock()
		if done() {
			return true
		}
		select {
		case <-changed:
		case <-timer.C:
			return done()
		case <-d.ctx.Done():
			return done()
		}
	}
}

// touch wakes whoever waits. d.mu is held.
func (d *Discord) touch() {
	close(d.changed)
	d.changed = make(chan struct{})
}

// stir wakes whoever waits for an answer, too. d.mu is held.
func (d *Discord) stir() {
	close(d.moved)
	d.moved = make(chan struct{})
	d.touch()
}

// violate records what was broken. d.mu is held.
func (d *Discord) violate(where string, problems ...string) {
	for _, p := range problems {
		d.violations = append(d.violations, Violation{Where: where, Problem: p})
	}
}

// sleep waits for a while or the end of the test, which makes it false.
func (d *Discord) sleep(wait time.Duration) bool {
	if wait <= 0 {
		return d.ctx.Err() == nil
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-d.ctx.Done():
		return false
	}
}

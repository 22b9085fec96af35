package slack

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	slackgo "github.com/slack-go/slack"
	"go.uber.org/goleak"

	"rapport/adapters/slack/slacktest"
	"rapport/coach"
)

// patience is how long a test waits for what should come at once.
const patience = 15 * time.Second

// A clerk takes what a test sends, and answers each command with its own text.
type clerk struct {
	hold  chan struct{} // if not nil, nothing is answered before it is closed
	taken chan incoming

	mu  sync.Mutex
	all []incoming
}

func newClerk() *clerk { return &clerk{taken: make(chan incoming, 1000)} }

func (c *clerk) take(ctx context.Context, in incoming) ack {
	c.mu.Lock()
	c.all = append(c.all, in)
	hold := c.hold
	c.mu.Unlock()
	c.taken <- in
	if hold != nil {
		select {
		case <-hold:
		case <-ctx.Done():
		}
	}
	if in.Command == nil {
		return ack{}
	}
	if strings.HasPrefix(in.Command.Text, "panic") {
		panic("words of a person")
	}
	return ack{Body: answerTo(in.Command.Text), Spare: in.Command.ResponseURL}
}

func (c *clerk) wait(context.Context) {}

// holding makes c answer nothing until the function returned is called.
func (c *clerk) holding() (release func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	hold := make(chan struct{})
	c.hold = hold
	return func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		if c.hold == hold {
			c.hold = nil
		}
		close(hold)
	}
}

func (c *clerk) got() []incoming {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.all)
}

// next is the next thing taken.
func (c *clerk) next(t *testing.T) incoming {
	t.Helper()
	select {
	case in := <-c.taken:
		return in
	case <-time.After(patience):
		t.Fatal("nothing was taken")
		return incoming{}
	}
}

func answerTo(text string) json.RawMessage {
	return fmt.Appendf(nil, `{"response_type":"ephemeral","text":"answer to %s"}`, text)
}

// A rig is an Adapter that runs against a Slack of our own.
type rig struct {
	*Adapter
	t     *testing.T
	slack *slacktest.Slack
	clerk *clerk
	end   context.CancelFunc
	err   chan error
	self  installation

	mu      sync.Mutex
	notices []Notice
	noticed chan struct{} // closed and replaced with each
}

// brisk is usual, fit for tests.
func brisk() pace {
	p := usual()
	p.stagger = 0
	return p
}

// start runs an Adapter by Socket Mode, or by HTTP where o has a Listener. It
// ends with the test, which fails if anything told holds a secret.
func start(t *testing.T, s *slacktest.Slack, o Options, p pace) *rig {
	t.Helper()
	r := &rig{t: t, slack: s, clerk: newClerk(), err: make(chan error, 1), noticed: make(chan struct{})}
	o.BotToken, o.APIURL, o.Notify = s.BotToken(), s.APIURL(), r.note
	if o.Listener != nil {
		o.SigningSecret = s.SigningSecret()
	} else {
		o.AppToken = s.AppToken()
	}
	r.Adapter = New(o)
	var ctx context.Context
	ctx, r.end = context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		r.err <- r.run(ctx, p, func(self installation, _ context.Context) taker {
			r.self = self
			return r.clerk
		})
	}()
	t.Cleanup(func() {
		r.end()
		<-ended
		r.keepsSecrets()
	})
	return r
}

func (r *rig) note(n Notice) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.notices = append(r.notices, n)
	close(r.noticed)
	r.noticed = make(chan struct{})
}

// told are the notices of that kind so far.
func (r *rig) told(what string) []Notice {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(r.notices), func(n Notice) bool { return n.What != what })
}

// wait waits until n notices of that kind came.
func (r *rig) wait(what string, n int) {
	r.t.Helper()
	timer := time.After(patience)
	for {
		r.mu.Lock()
		noticed := r.noticed
		r.mu.Unlock()
		if len(r.told(what)) >= n {
			return
		}
		select {
		case <-noticed:
		case <-timer:
			r.mu.Lock()
			defer r.mu.Unlock()
			r.t.Fatalf("notices: got %v; want %d of %q", r.notices, n, what)
		}
	}
}

// ended is what Run returned.
func (r *rig) ended() error {
	r.t.Helper()
	select {
	case err := <-r.err:
		if err != nil {
			r.secretless(err)
		}
		return err
	case <-time.After(patience):
		r.t.Fatal("Run has not ended")
		return nil
	}
}

func (r *rig) keepsSecrets() {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, n := range r.notices {
		if n.Err != nil {
			r.secretless(n.Err)
		}
	}
}

// secretless fails the test if err holds what no error of ours may.
func (r *rig) secretless(err error) {
	r.t.Helper()
	secretless(r.t, err, r.slack.BotToken(), r.slack.AppToken(), r.slack.SigningSecret(), "U0ANNA")
}

func secretless(t *testing.T, err error, secrets ...string) {
	t.Helper()
	for _, s := range append(secrets, "://", "ticket", "127.0.0.1", "localhost", "words of a person") {
		if text := fmt.Sprintf("%v %+v", err, err); strings.Contains(text, s) {
			t.Errorf("error %q holds %q", text, s)
		}
	}
}

// connected starts by Socket Mode and waits until n sockets are open.
func connected(t *testing.T, s *slacktest.Slack, n int, p pace) *rig {
	t.Helper()
	r := start(t, s, Options{Connections: n}, p)
	r.wait("connected", n)
	return r
}

func TestRunTellsWhoWeAre(t *testing.T) {
	for _, tc := range []struct {
		name  string
		setup slacktest.Setup
		want  installation
		team  string
	}{
		{"one workspace", slacktest.Setup{}, installation{Team: "T0LIGHT"}, "T0LIGHT"},
		{"of an organisation", slacktest.Setup{Enterprise: "E0ORG"}, installation{Team: "T0LIGHT", Enterprise: "E0ORG"}, "T0LIGHT"},
		{"in all of it", slacktest.Setup{Enterprise: "E0ORG", OrgWide: true}, installation{Enterprise: "E0ORG"}, "E0ORG"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			tc.setup.Scopes = []string{"commands", "chat:write"}
			var joined []coach.Team
			s := slacktest.New(t, tc.setup)
			r := start(t, s, Options{Connections: 1, Joined: func(_ context.Context, team coach.Team, _ string) error {
				joined = append(joined, team)
				return nil
			}}, brisk())
			r.wait("connected", 1)
			tc.want.Bot, tc.want.Scopes = slacktest.Bot, []string{"commands", "chat:write"}
			if got := fmt.Sprint(r.self); got != fmt.Sprint(tc.want) {
				t.Errorf("installation: got %v; want %v", got, tc.want)
			}
			if want := []coach.Team{{Platform: platform, ID: tc.team}}; !slices.Equal(joined, want) {
				t.Errorf("joined: got %v; want %v", joined, want)
			}
		})
	}
}

func TestRunEndsIfTheTeamCannotBeJoined(t *testing.T) {
	broken := errors.New("no disk")
	r := start(t, slacktest.New(t, slacktest.Setup{}), Options{Joined: func(context.Context, coach.Team, string) error { return broken }}, brisk())
	if err := r.ended(); !errors.Is(err, broken) {
		t.Errorf("Run: got %v; want %v", err, broken)
	}
}

func TestRunEndsWithWhatToDo(t *testing.T) {
	const auth, open = "auth.test", "apps.connections.open"
	type fault = slacktest.Fault
	for _, tc := range []struct {
		method string
		fault  fault
		want   []string
	}{
		{auth, fault{Error: "invalid_auth"}, []string{"the bot token", "invalid_auth", "slack.bot_token"}},
		{auth, fault{Error: "not_authed"}, []string{"the bot token", "slack.bot_token"}},
		{auth, fault{Error: "token_revoked"}, []string{"the bot token", "install it again"}},
		{auth, fault{Error: "account_inactive"}, []string{"the bot token", "install it again"}},
		{auth, fault{Error: "token_expired"}, []string{"the bot token", "token rotation"}},
		{auth, fault{Error: "not_allowed_token_type"}, []string{"the bot token", "swapped"}},
		{auth, fault{Error: "missing_scope", Needed: "chat:write", Provided: "commands,im:write"}, []string{"the bot token", "lacks the scope chat:write", "commands, im:write", "install"}},
		{auth, fault{Error: "no_permission"}, []string{"the bot token", "admin"}},
		{auth, fault{Status: http.StatusNotFound}, []string{"404", "slack.api_url"}},
		{open, fault{Error: "invalid_auth"}, []string{"the app token", "connections:write", "slack.app_token"}},
		{open, fault{Error: "not_authed"}, []string{"the app token", "slack.app_token"}},
		{open, fault{Error: "token_revoked"}, []string{"the app token", "slack.app_token"}},
		{open, fault{Error: "account_inactive"}, []string{"the app token", "slack.app_token"}},
		{open, fault{Error: "token_expired"}, []string{"the app token", "slack.app_token"}},
		{open, fault{Error: "not_allowed_token_type"}, []string{"the app token", "swapped"}},
		{open, fault{Error: "missing_scope", Needed: "connections:write", Provided: "authorizations:read"}, []string{"the app token", "lacks the scope connections:write", "authorizations:read"}},
		{open, fault{Error: "missing_scope"}, []string{"lacks the scope connections:write, it has none"}},
		{open, fault{Error: "no_permission"}, []string{"the app token", "admin"}},
		{open, fault{Error: "access_denied"}, []string{"the app token", "admin"}},
		{open, fault{Error: "not_enabled"}, []string{"Socket Mode is switched off"}},
		{open, fault{Error: "link_disabled"}, []string{"Socket Mode is switched off"}},
		{open, fault{Status: http.StatusNotFound}, []string{"404", "slack.api_url"}},
	} {
		t.Run(tc.method+" "+tc.fault.Error+fmt.Sprint(tc.fault.Status), func(t *testing.T) {
			s := slacktest.New(t, slacktest.Setup{})
			tc.fault.Times = -1
			s.Fail(tc.method, tc.fault)
			r := start(t, s, Options{}, brisk())
			err := r.ended()
			for _, want := range tc.want {
				if err == nil || !strings.Contains(err.Error(), want) {
					t.Errorf("Run: got %v; want %q in it", err, want)
				}
			}
			if e, ok := errors.AsType[slackgo.SlackErrorResponse](err); tc.fault.Error != "" && (!ok || e.Err != tc.fault.Error) {
				t.Errorf("cause: got %v; want %s", e, tc.fault.Error)
			}
			if r.Ready(t.Context()) == nil {
				t.Error("ready after the end")
			}
		})
	}
}

func TestRunEndsWhenSocketModeIsSwitchedOff(t *testing.T) {
	s := slacktest.New(t, slacktest.Setup{})
	r := connected(t, s, 2, brisk())
	s.Fail("apps.connections.open", slacktest.Fault{Error: "not_enabled", Times: -1})
	s.Disconnect("link_disabled")
	if err := r.ended(); err == nil || !strings.Contains(err.Error(), "Socket Mode is switched off") {
		t.Errorf("Run: got %v", err)
	}
}

func TestRunTriesAgain(t *testing.T) {
	for name, f := range map[string]slacktest.Fault{
		"hung up":       {Drop: slacktest.Unread},
		"server error":  {Status: http.StatusBadGateway},
		"no JSON":       {Body: "<html>"},
		"Slack's fault": {Error: "internal_error"},
		"unheard of":    {Error: "something_new"},
		"rate limit":    {RetryAfter: time.Second},
	} {
		for _, method := range []string{"auth.test", "apps.connections.open"} {
			t.Run(method+" "+name, func(t *testing.T) {
				s := slacktest.New(t, slacktest.Setup{})
				s.Fail(method, f)
				r := start(t, s, Options{Connections: 1}, brisk())
				r.wait("reconnecting", 1)
				if err := r.told("reconnecting")[0].Err; err == nil {
					t.Error("no error was told")
				}
				r.wait("connected", 1)
				if err := r.Ready(t.Context()); err != nil {
					t.Errorf("ready: %v", err)
				}
				calls := s.Calls(method)
				if waited := calls[1].At.Sub(calls[0].At); waited < max(firstPause, f.RetryAfter) {
					t.Errorf("tried again after %s; want a pause, and %s at least", waited, f.RetryAfter)
				}
			})
		}
	}
}

func TestReadySaysWhyNot(t *testing.T) {
	s := slacktest.New(t, slacktest.Setup{})
	s.Fail("auth.test", slacktest.Fault{Error: "fatal_error", Times: -1})
	a := New(Options{})
	if err := a.Ready(t.Context()); err == nil || err.Error() != "not connected yet" {
		t.Errorf("before Run: got %v", err)
	}
	r := start(t, s, Options{}, brisk())
	r.wait("reconnecting", 1)
	if err := r.Ready(t.Context()); err == nil || !strings.Contains(err.Error(), "fatal_error") {
		t.Errorf("while Slack fails: got %v", err)
	}
	r.end()
	if err := r.ended(); err != nil {
		t.Errorf("Run: got %v; want nil", err)
	}
	if err := r.Ready(t.Context()); err == nil || err.Error() != "not running" {
		t.Errorf("after Run: got %v", err)
	}
}

func TestStopEndsRun(t *testing.T) {
	gone := errors.New("uninstalled")
	r := connected(t, slacktest.New(t, slacktest.Setup{}), 2, brisk())
	r.stop(gone)
	r.stop(errors.New("later"))
	if err := r.ended(); err != gone {
		t.Errorf("Run: got %v; want %v", err, gone)
	}
	if err := r.stopped(); err != gone {
		t.Errorf("stopped: got %v; want %v", err, gone)
	}
	if err := r.Ready(t.Context()); err != gone {
		t.Errorf("ready: got %v; want %v", err, gone)
	}
}

func TestRunOfAStoppedAdapterEndsAtOnce(t *testing.T) {
	gone := errors.New("uninstalled")
	a := New(Options{BotToken: "b", APIURL: "http://127.0.0.1:1/"})
	a.stop(gone)
	if err := a.Run(t.Context(), nil); err != gone {
		t.Errorf("Run: got %v; want %v", err, gone)
	}
}

// TestRunLeavesNothing is about goroutines; the fake Slack ends before it looks.
func TestRunLeavesNothing(t *testing.T) {
	here := goleak.IgnoreCurrent()
	t.Run("socket", func(t *testing.T) {
		s := slacktest.New(t, slacktest.Setup{})
		r := connected(t, s, 2, brisk())
		s.Person("Anna").Command("/rapport hello")
		s.Conns()[0].Drop()
		r.wait("connected", 3)
		r.end()
		if err := r.ended(); err != nil {
			t.Errorf("Run: %v", err)
		}
	})
	t.Run("http", func(t *testing.T) {
		s := slacktest.New(t, slacktest.Setup{})
		r, _ := served(t, s, brisk())
		s.Person("Anna").Command("/rapport hello")
		r.end()
		if err := r.ended(); err != nil {
			t.Errorf("Run: %v", err)
		}
	})
	http.DefaultClient.CloseIdleConnections()
	goleak.VerifyNone(t, here)
}

// TestRunDoesNotWaitForEver ends Run while an answer does not come.
func TestRunDoesNotWaitForEver(t *testing.T) {
	p := brisk()
	p.drain, p.last = 20*time.Millisecond, 50*time.Millisecond
	for name, begin := range map[string]func(*slacktest.Slack) *rig{
		"socket": func(s *slacktest.Slack) *rig { return connected(t, s, 2, p) },
		"http":   func(s *slacktest.Slack) *rig { r, _ := served(t, s, p); return r },
	} {
		t.Run(name, func(t *testing.T) {
			s := slacktest.New(t, slacktest.Setup{AckTime: 300 * time.Millisecond})
			r := begin(s)
			defer r.clerk.holding()()
			var typed sync.WaitGroup
			defer typed.Wait()
			typed.Go(func() { s.Person("Ben").Command("/rapport first") })
			r.clerk.next(t)
			r.end()
			if err := r.ended(); err != nil {
				t.Errorf("Run: %v", err)
			}
		})
	}
	if p := usual(); p.last+2*time.Second > 10*time.Second || p.drain+partTime+flushTime > p.last {
		t.Errorf("the usual pace takes longer than 10 s: %+v", p)
	}
}

// served starts by HTTP; what people do arrives there.
func served(t *testing.T, s *slacktest.Slack, p pace) (*rig, *slacktest.Web) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	r := start(t, s, Options{Listener: l}, p)
	web := s.Web("http://" + l.Addr().String() + "/slack")
	s.Use(web)
	r.wait("connected", 1)
	return r, web
}

package discord

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"rapport/coach"
)

// Ids of the tests' own Discord.
const (
	ourApp    = "587202560000000001"
	guildID   = "587202560000000002"
	channelID = "587202560000000003"
	annaID    = "587202560000000004"
	testToken = "MTE.GdIsCo.secret-token"
)

// A call is one that the adapter made.
type call struct {
	method, path string
	body         map[string]any
	files        map[string]string // by name
	auth         string
}

// A stage is a Discord of a few lines, a desk of ours before it, and a coach
// that says what the test wants.
type stage struct {
	*desk
	t      *testing.T
	guilds *guilds
	mu     sync.Mutex
	calls  []call
	told   []Notice
	asked  []coach.Request
	refuse func(call, int) (status int, body string) // of the n-th call, from 1; 0 takes it
	reply  func(context.Context, coach.Request) (coach.Reply, error)
	offer  func(context.Context, string) []coach.Option
	serial int
}

func newStage(t *testing.T, change ...func(*Options)) *stage {
	t.Helper()
	before := goleak.IgnoreCurrent()
	s := &stage{t: t}
	server := httptest.NewServer(s)
	o := Options{Token: testToken, ApplicationID: ourApp, APIURL: server.URL, Notify: s.notice}
	for _, f := range change {
		f(&o)
	}
	a := New(o)
	a.ackWait = unhurried
	s.desk = newDesk(a, ourApp, coach.Steady(s))
	s.desk.backoff = time.Millisecond
	s.guilds = &guilds{desk: s.desk, joined: map[string]bool{}, bell: make(chan struct{}, 1)}
	t.Cleanup(func() {
		s.drain(10 * time.Second)
		server.CloseClientConnections()
		server.Close()
		goleak.VerifyNone(t, before)
		for _, n := range s.notices("") {
			if text := fmt.Sprint(n.Err); strings.Contains(text, "://") || strings.Contains(text, testToken) || strings.Contains(text, annaID) || strings.Contains(text, "heliotrope") {
				t.Errorf("the notice %q says %q", n.What, text)
			}
		}
	})
	return s
}

func (s *stage) notice(n Notice) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.told = append(s.told, n)
}

// notices are those of that kind, all for "".
func (s *stage) notices(what string) (out []Notice) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, n := range s.told {
		if what == "" || n.What == what {
			out = append(out, n)
		}
	}
	return out
}

func (s *stage) Handle(ctx context.Context, r coach.Request) (coach.Reply, error) {
	s.mu.Lock()
	s.asked = append(s.asked, r)
	reply := s.reply
	s.mu.Unlock()
	if reply == nil {
		return coach.Say(message("Hello")), nil
	}
	return reply(ctx, r)
}

func (s *stage) Complete(ctx context.Context, _ coach.Request, prefix string) []coach.Option {
	return s.offer(ctx, prefix)
}

// requests are those that the coach got so far.
func (s *stage) requests() []coach.Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]coach.Request(nil), s.asked...)
}

// ServeHTTP is Discord's API.
func (s *stage) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c := call{method: r.Method, path: r.URL.Path, files: map[string]string{}, auth: r.Header.Get("Authorization")}
	c.read(s.t, r)
	s.mu.Lock()
	s.calls = append(s.calls, c)
	n, refuse := len(s.calls), s.refuse
	s.mu.Unlock()
	status, body := http.StatusNoContent, ""
	if refuse != nil {
		if code, said := refuse(c, n); code != 0 {
			status, body = code, said
		}
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, body)
}

func (c *call) read(t *testing.T, r *http.Request) {
	raw, _ := io.ReadAll(r.Body)
	if kind, params, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); kind == "multipart/form-data" {
		form, err := multipart.NewReader(strings.NewReader(string(raw)), params["boundary"]).ReadForm(1 << 20)
		if err != nil {
			t.Errorf("%s %s: %v", c.method, c.path, err)
			return
		}
		raw = []byte(form.Value["payload_json"][0])
		for _, parts := range form.File {
			f, err := parts[0].Open()
			if err != nil {
				t.Error(err)
				return
			}
			data, _ := io.ReadAll(f)
			f.Close()
			c.files[parts[0].Filename] = string(data)
		}
	}
	if len(raw) > 0 && json.Unmarshal(raw, &c.body) != nil && c.method != http.MethodPut {
		t.Errorf("%s %s: no JSON: %s", c.method, c.path, raw)
	}
}

// made are the calls so far.
func (s *stage) made() []call {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]call(nil), s.calls...)
}

// wait polls until done says yes.
func wait(t *testing.T, what string, done func() bool) {
	t.Helper()
	for end := time.Now().Add(time.Minute); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		if done() {
			return
		}
	}
	t.Fatalf("%s: still not so after a minute", what)
}

// one waits for the n-th call and returns it.
func (s *stage) nth(n int) call {
	s.t.Helper()
	wait(s.t, fmt.Sprintf("%d calls", n), func() bool { return len(s.made()) >= n })
	return s.made()[n-1]
}

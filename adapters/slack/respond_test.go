package slack

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// What a response_url may answer, and how often it is then asked.
func TestRespond(t *testing.T) {
	status := func(code int, body string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(code)
			_, _ = io.WriteString(w, body)
		}
	}
	limited := func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", "0")
		w.WriteHeader(http.StatusTooManyRequests)
	}
	reset := func(w http.ResponseWriter, _ *http.Request) {
		conn, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			panic(err)
		}
		_ = conn.(*net.TCPConn).SetLinger(0)
		_ = conn.Close()
	}
	ok := status(200, "ok")
	cases := []struct {
		name  string
		says  []http.HandlerFunc // one a call; the last again and again
		calls int64
		err   string // "" = none
	}{
		{"fine", []http.HandlerFunc{ok}, 1, ""},
		{"fine in JSON", []http.HandlerFunc{status(200, `{"ok":true}`)}, 1, ""},
		{"refused in JSON", []http.HandlerFunc{status(200, `{"ok":false,"error":"used_url"}`)}, 1, "Slack answers used_url"},
		{"refused with words", []http.HandlerFunc{status(200, `{"ok":false,"error":"Private Words"}`)}, 1, "Slack answers an unknown error"},
		{"limited twice", []http.HandlerFunc{limited, limited, ok}, 3, ""},
		{"limited for ever", []http.HandlerFunc{limited}, 4, "Slack asks to wait for 0s"},
		{"down, then up", []http.HandlerFunc{status(503, ""), status(500, ""), ok}, 3, ""},
		{"down for ever", []http.HandlerFunc{status(503, "")}, 4, "Slack answers with status 503 Service Unavailable"},
		{"gone", []http.HandlerFunc{status(404, "expired_url")}, 1, "Slack answers with status 404 Not Found"},
		{"reset after it was read", []http.HandlerFunc{reset}, 1, "any"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			var calls atomic.Int64
			s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				n := int(calls.Add(1))
				if body, _ := io.ReadAll(r.Body); string(body) != `{"text":"hello"}` {
					t.Errorf("call %d has the body %q", n, body)
				}
				c.says[min(n, len(c.says))-1](w, r)
			}))
			defer s.Close()
			a := New(Options{APIURL: s.URL + "/"})
			err := a.respond(t.Context(), s.URL+"/hook/secret", []byte(`{"text":"hello"}`), time.Millisecond)
			if got := calls.Load(); got != c.calls {
				t.Errorf("%d calls, want %d", got, c.calls)
			}
			if c.err == "" && err != nil {
				t.Errorf("error %v", err)
			}
			if c.err != "" && c.err != "any" && (err == nil || err.Error() != c.err) {
				t.Errorf("error %v, want %s", err, c.err)
			}
			if c.err != "" && err == nil {
				t.Error("no error")
			}
			if err != nil && strings.Contains(err.Error(), "secret") {
				t.Errorf("%v gives the address away", err)
			}
		})
	}
}

// A connection that nobody takes is tried again: nothing was sent.
func TestRespondRefused(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := "http://" + l.Addr().String()
	_ = l.Close()
	var took atomic.Int64
	a := New(Options{APIURL: address + "/"})
	a.http = &http.Client{Transport: &http.Transport{DialContext: func(ctx context.Context, network, to string) (net.Conn, error) {
		took.Add(1)
		return (&net.Dialer{}).DialContext(ctx, network, to)
	}}}
	err = a.respond(t.Context(), address+"/secret", []byte("{}"), time.Millisecond)
	if got := took.Load(); got != insistTries {
		t.Errorf("%d tries, want %d", got, insistTries)
	}
	if err == nil || strings.Contains(err.Error(), "secret") || !strings.Contains(err.Error(), "refused") {
		t.Errorf("error %v", err)
	}
}

// Nothing is posted again when it is not known whether it was taken.
func TestRespondTimeout(t *testing.T) {
	var calls atomic.Int64
	hold := make(chan struct{})
	s := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		calls.Add(1)
		_, _ = io.ReadAll(r.Body)
		<-hold
	}))
	defer s.Close()
	defer close(hold)
	a := New(Options{APIURL: s.URL + "/"})
	a.http.Timeout = 50 * time.Millisecond
	if err := a.respond(t.Context(), s.URL+"/secret", []byte("{}"), time.Millisecond); err == nil || strings.Contains(err.Error(), "secret") {
		t.Errorf("error %v", err)
	}
	if got := calls.Load(); got != 1 {
		t.Errorf("%d calls, want 1", got)
	}
}

func TestMayPost(t *testing.T) {
	cases := []struct {
		api, address string
		want         bool
	}{
		{"", "https://hooks.slack.com/actions/T/1/x", true},
		{"", "http://hooks.slack.com/actions/T/1/x", false},
		{"", "file:///etc/passwd", false},
		{"", "", false},
		{"", "https://", false},
		{"", "hooks.slack.com/x", false},
		{"", "://", false},
		{"http://127.0.0.1:9/api/", "http://127.0.0.1:9/x", true},
		{"http://127.0.0.1:9/api/", "https://127.0.0.1:9/x", true},
		{"http://127.0.0.1:9/api/", "ftp://127.0.0.1:9/x", false},
	}
	for _, c := range cases {
		a := New(Options{APIURL: c.api})
		if got := a.mayPost(c.address); got != c.want {
			t.Errorf("with %q: mayPost(%q) = %t, want %t", c.api, c.address, got, c.want)
		}
		if err := a.respond(t.Context(), "http://", nil, 0); !errors.Is(err, errAddress) {
			t.Errorf("respond to nowhere: %v", err)
		}
	}
}

func TestInsistEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	calls := 0
	err := insist(ctx, time.Hour/2, always, func(context.Context) error { calls++; cancel(); return io.EOF })
	if err == nil || calls != 1 {
		t.Errorf("%d calls, error %v", calls, err)
	}
}

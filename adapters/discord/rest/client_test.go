package rest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"reflect"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"rapport/adapters/surface"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// Words that no error may hold.
const (
	testToken = "MTE-secret.token"
	testWords = "what Anna wrote"
	testID    = "175928847299117063"
)

// client returns a client of a server that answers with h.
func client(t *testing.T, h http.HandlerFunc) *Client {
	t.Helper()
	s := httptest.NewServer(h)
	c := New(Options{Token: testToken, BaseURL: s.URL + "/api/v10/", UserAgent: "DiscordBot (https://example.org, 1)"})
	t.Cleanup(s.Close)
	t.Cleanup(c.transport.(*http.Transport).CloseIdleConnections)
	return c
}

// post is a call with words of somebody.
func post() Call {
	return Call{Method: "POST", Path: "/channels/" + testID + "/messages", Body: map[string]string{"content": testWords}}
}

// failure returns the *Error that err must be.
func failure(t *testing.T, err error) *Error {
	t.Helper()
	e, ok := errors.AsType[*Error](err)
	if !ok || e == nil {
		t.Fatalf("got %v, want an *Error", err)
	}
	if _, ok := errors.AsType[*surface.Fault](e); !ok {
		t.Errorf("%v wraps no Fault", e)
	}
	for _, s := range []string{testToken, testWords, testID, "://", "127.0.0.1"} {
		if strings.Contains(fmt.Sprintf("%v %+v", e, e.Err), s) {
			t.Errorf("the error %q holds %q", e, s)
		}
	}
	return e
}

func TestCall(t *testing.T) {
	var got *http.Request
	var body []byte
	c := client(t, func(w http.ResponseWriter, r *http.Request) {
		got = r
		body, _ = io.ReadAll(r.Body)
		fmt.Fprint(w, `{"id":"7"}`)
	})
	var into struct{ ID string }
	if err := c.Do(t.Context(), post(), &into); err != nil || into.ID != "7" {
		t.Fatalf("got %v, %v; want the id 7", into, err)
	}
	if got.Method != "POST" || got.URL.Path != "/api/v10/channels/"+testID+"/messages" {
		t.Errorf("got %s %s", got.Method, got.URL.Path)
	}
	for name, want := range map[string]string{
		"Authorization": "Bot " + testToken, "User-Agent": "DiscordBot (https://example.org, 1)", "Content-Type": "application/json",
	} {
		if v := got.Header.Get(name); v != want {
			t.Errorf("%s: got %q, want %q", name, v, want)
		}
	}
	if want := `{"content":"` + testWords + `"}`; string(body) != want {
		t.Errorf("got body %s, want %s", body, want)
	}
	if err := c.Do(t.Context(), Call{Method: "POST", Path: "/interactions/1/abc/callback", Open: true}, nil); err != nil {
		t.Fatal(err)
	}
	if v, has := got.Header["Authorization"]; has {
		t.Errorf("an open call carries %q", v)
	}
	if len(body) > 0 || got.Header.Get("Content-Type") != "" {
		t.Errorf("a call without a body has %q of type %q", body, got.Header.Get("Content-Type"))
	}
}

// A form has what Discord reads first at first, and files as they are.
func TestForm(t *testing.T) {
	type part struct{ name, file, kind, data string }
	var got []part
	var length int64
	var coding []string
	c := client(t, func(w http.ResponseWriter, r *http.Request) {
		length, coding = r.ContentLength, r.TransferEncoding
		in, err := r.MultipartReader()
		if err != nil {
			t.Error(err)
			return
		}
		for {
			p, err := in.NextPart()
			if err != nil {
				break
			}
			data, _ := io.ReadAll(p)
			got = append(got, part{p.FormName(), p.FileName(), p.Header.Get("Content-Type"), string(data)})
		}
		fmt.Fprint(w, `{}`)
	})
	call := post()
	png := strings.Repeat("\x89PNG\r\n--x", 50_000)
	call.Files = []File{{Name: "week \"4\".png", Type: "image/png", Data: []byte(png)}, {Name: "notes.txt", Data: []byte("")}}
	if err := c.Do(t.Context(), call, &struct{}{}); err != nil {
		t.Fatal(err)
	}
	want := []part{
		{"payload_json", "", "application/json", `{"content":"` + testWords + `"}`},
		{"files[0]", "week \"4\".png", "image/png", png},
		{"files[1]", "notes.txt", "application/octet-stream", ""},
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got %.300q, want %.300q", fmt.Sprint(got), fmt.Sprint(want))
	}
	if length <= int64(len(png)) || len(coding) > 0 {
		t.Errorf("got length %d, coding %v; want the length to be told", length, coding)
	}
}

func TestBodyThatIsNoJSON(t *testing.T) {
	c := client(t, func(http.ResponseWriter, *http.Request) { t.Error("called") })
	e := failure(t, c.Do(t.Context(), Call{Method: "POST", Path: "/x", Body: func() {}}, nil))
	if e.Left || e.Status != 0 {
		t.Errorf("got %+v, want nothing to have left", e)
	}
}

func TestPathThatIsNone(t *testing.T) {
	c := client(t, func(http.ResponseWriter, *http.Request) { t.Error("called") })
	if e := failure(t, c.Do(t.Context(), Call{Method: "GET", Path: "/%zz" + testWords}, nil)); e.Left {
		t.Errorf("got %+v, want nothing to have left", e)
	}
}

// An address is the same whether it was read or put together.
func TestAddress(t *testing.T) {
	for _, base := range []string{"https://discord.com/api/v10", "http://127.0.0.1:8080", "http://h/a%20b/c%2Fd", "http://u:p@h/x", "http://h/?a=b", "//h", ":"} {
		c := New(Options{BaseURL: base})
		for _, path := range []string{"", "/users/@me", "/interactions/1/aW50_ZXI-0.a==/callback", "/x?a=b&c", "/a%2Fb/c%20d", "/é !'()*\"<>[]", "/a#b", "/a//../b", "/\x00", "/%zz"} {
			got, err := c.address(path)
			want, worse := url.Parse(base + path)
			if (err == nil) != (worse == nil) || err == nil && (got.String() != want.String() || got.Host != want.Host || got.RequestURI() != want.RequestURI()) {
				t.Errorf("%q + %q: %v, %v; want %v, %v", base, path, got, err, want, worse)
			}
		}
	}
}

// JSON is sent as it stands, and no call leaves anything in the headers of the
// next.
func TestHeadersAreShared(t *testing.T) {
	var got *http.Request
	var body []byte
	c := client(t, func(w http.ResponseWriter, r *http.Request) {
		got = r
		body, _ = io.ReadAll(r.Body)
		w.WriteHeader(http.StatusNoContent)
	})
	open, own := c.open.Clone(), c.own.Clone()
	raw := json.RawMessage(`{ "a" : "<" }`)
	for _, call := range []Call{
		{Method: "POST", Path: "/a", Body: raw, Open: true}, {Method: "POST", Path: "/a", Body: raw},
		{Method: "POST", Path: "/a", Body: raw, Open: true, Files: []File{{Name: "f"}}}, {Method: "POST", Path: "/a", Body: raw, Files: []File{{Name: "f"}}},
		{Method: "GET", Path: "/a", Open: true}, {Method: "GET", Path: "/a"},
	} {
		if err := c.Do(t.Context(), call, nil); err != nil {
			t.Fatal(err)
		}
		if (got.Header.Get("Authorization") == "") != call.Open {
			t.Errorf("%+v: carries %q", call, got.Header.Get("Authorization"))
		}
		kind := got.Header.Get("Content-Type")
		if form := strings.HasPrefix(kind, "multipart/form-data; boundary="); form != (call.Files != nil) || !form && (kind != "") != (call.Body != nil) {
			t.Errorf("%+v: is of type %q", call, kind)
		}
		if call.Files == nil && call.Body != nil && string(body) != string(raw) {
			t.Errorf("%+v: sent %s", call, body)
		}
	}
	if !reflect.DeepEqual(c.open, open) || !reflect.DeepEqual(c.own, own) {
		t.Errorf("headers are now %v and %v", c.open, c.own)
	}
}

// No call takes long, whatever its context allows.
func TestBrief(t *testing.T) {
	for _, allowed := range []time.Duration{time.Second, time.Hour, 0} {
		ctx, cancel := t.Context(), func() {}
		if allowed > 0 {
			ctx, cancel = context.WithTimeout(ctx, allowed)
		}
		limited, done := brief(ctx)
		end, ok := limited.Deadline()
		if left := time.Until(end); !ok || left > callTime || allowed >= callTime && left < callTime-time.Second {
			t.Errorf("%s allowed: %s are left, %v", allowed, left, ok)
		}
		done()
		cancel()
	}
}

// TestWire has every way that a call can end without an answer. Whether any of
// it left is what decides. No call is made twice.
func TestWire(t *testing.T) {
	var calls atomic.Int64
	ended := make(chan struct{})
	defer close(ended)
	for name, c := range map[string]struct {
		left   bool
		answer http.HandlerFunc
	}{
		"reset":  {true, func(w http.ResponseWriter, _ *http.Request) { hangUp(w, true) }},
		"closed": {true, func(w http.ResponseWriter, _ *http.Request) { hangUp(w, false) }},
		"no answer": {true, func(_ http.ResponseWriter, r *http.Request) {
			select {
			case <-ended:
			case <-r.Context().Done():
			}
		}},
		"cut short": {true, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "100")
			fmt.Fprint(w, `{"id":`)
		}},
	} {
		calls.Store(0)
		client := client(t, func(w http.ResponseWriter, r *http.Request) {
			calls.Add(1)
			_, _ = io.Copy(io.Discard, r.Body)
			c.answer(w, r)
		})
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		if name == "no answer" {
			ctx, cancel = context.WithTimeout(t.Context(), 300*time.Millisecond)
		}
		e := failure(t, client.Do(ctx, post(), &struct{}{}))
		cancel()
		if e.Status != 0 || e.Left != c.left {
			t.Errorf("%s: got %+v, want status 0, left %v", name, e, c.left)
		}
		if n := calls.Load(); n != 1 {
			t.Errorf("%s: called %d times, want once", name, n)
		}
	}
}

// Nothing leaves where nobody is.
func TestUnreachable(t *testing.T) {
	refused := listen(t)
	refused.Close()
	plain := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	defer plain.Close()
	for name, base := range map[string]string{
		"refused":          "http://" + refused.Addr().String(),
		"silent handshake": "https://" + listen(t).Addr().String(),
		"broken handshake": strings.Replace(plain.URL, "http", "https", 1),
		"no such name":     "http://nowhere.invalid",
	} {
		c := New(Options{Token: testToken, BaseURL: base})
		ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
		e := failure(t, c.Do(ctx, post(), nil))
		cancel()
		if e.Status != 0 || e.Left {
			t.Errorf("%s: got %+v, want nothing to have left", name, e)
		}
		c.transport.(*http.Transport).CloseIdleConnections()
	}
}

func TestCancelled(t *testing.T) {
	c := client(t, func(http.ResponseWriter, *http.Request) { t.Error("called") })
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	e := failure(t, c.Do(ctx, post(), nil))
	if e.Left || !errors.Is(e, context.Canceled) {
		t.Errorf("got %+v, want it to be cancelled before anything left", e)
	}
}

// No status makes the client call again, or elsewhere.
func TestOneCallEach(t *testing.T) {
	var elsewhere atomic.Int64
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { elsewhere.Add(1) }))
	defer other.Close()
	var calls, status atomic.Int64
	c := client(t, func(w http.ResponseWriter, _ *http.Request) {
		calls.Add(1)
		w.Header().Set("Location", other.URL)
		w.Header().Set("X-RateLimit-Scope", "user")
		w.WriteHeader(int(status.Load()))
	})
	for _, method := range []string{"GET", "POST"} {
		for s := 300; s < 600; s++ {
			calls.Store(0)
			status.Store(int64(s))
			call := post()
			call.Method, call.Free = method, true
			e := failure(t, c.Do(t.Context(), call, nil))
			if e.Status != s || !e.Left {
				t.Errorf("%d: got %+v", s, e)
			}
			if n := calls.Load(); n != 1 {
				t.Errorf("%s %d: called %d times, want once", method, s, n)
			}
		}
	}
	if n := elsewhere.Load(); n > 0 {
		t.Errorf("%d calls followed a redirect", n)
	}
}

// Connections are kept, whatever was said over them.
func TestConnectionsAreKept(t *testing.T) {
	var opened, calls atomic.Int64
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if calls.Add(1)%2 == 0 {
			w.WriteHeader(http.StatusBadGateway)
		}
		_, _ = w.Write(bytes.Repeat([]byte(" "), 10_000))
	}))
	s.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			opened.Add(1)
		}
	}
	s.Start()
	defer s.Close()
	c := New(Options{BaseURL: s.URL})
	for range 20 {
		_ = c.Do(t.Context(), Call{Method: "GET", Path: "/x"}, nil)
	}
	if opened.Load() != 1 || calls.Load() != 20 {
		t.Errorf("%d connections for %d calls, want one for 20", opened.Load(), calls.Load())
	}
	c.transport.(*http.Transport).CloseIdleConnections()
}

// An answer has no end that would fill the memory.
func TestEndlessAnswer(t *testing.T) {
	var written atomic.Int64
	c := client(t, func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, `["`)
		for blank := bytes.Repeat([]byte("x"), 1<<20); ; {
			if _, err := w.Write(blank); err != nil || written.Add(1) > 100 {
				return
			}
		}
	})
	var into json.RawMessage
	e := failure(t, c.Do(t.Context(), Call{Method: "GET", Path: "/x"}, &into))
	if e.Status != 0 || !e.Left {
		t.Errorf("got %+v, want an answer that cannot be read", e)
	}
	if n := written.Load(); n > 50 {
		t.Errorf("%d MB of it were taken", n)
	}
}

// hangUp breaks the connection of a request that was read.
func hangUp(w http.ResponseWriter, reset bool) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	if tcp, ok := conn.(*net.TCPConn); ok && reset {
		_ = tcp.SetLinger(0)
	}
	conn.Close()
}

func listen(t *testing.T) net.Listener {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l
}

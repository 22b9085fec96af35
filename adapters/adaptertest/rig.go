package adaptertest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"rapport/coach"
)

// A rig is a [Fake] with a server before it, which can answer in its place.
type rig struct {
	Fake
	adapter Adapter
	front   *httptest.Server
	within  time.Duration // of one send
	told    *int          // violations reported so far
	faulty  *faulty
}

// faulty is what answers posts instead of the Fake.
type faulty struct {
	mu     sync.Mutex
	answer http.HandlerFunc // nil: nothing does
	proxy  http.Handler     // to the Fake
	ended  chan struct{}    // closed when the test ends
}

func newRig(t *testing.T, f Fake) *rig {
	t.Helper()
	to, err := url.Parse(f.URL())
	if err != nil {
		t.Fatal(err)
	}
	way := &http.Transport{} // its own, so that its connections end with the test
	proxy := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(to) }, Transport: way}
	r := &rig{Fake: f, within: 10 * time.Second, told: new(int), faulty: &faulty{proxy: proxy, ended: make(chan struct{})}}
	r.front = httptest.NewServer(http.HandlerFunc(r.serve))
	t.Cleanup(func() { r.front.Close() })
	t.Cleanup(way.CloseIdleConnections)
	t.Cleanup(func() { close(r.faulty.ended) })
	r.adapter = f.Adapter(r.front.URL)
	return r
}

// serve passes everything on but posts that are to fail.
func (r *rig) serve(w http.ResponseWriter, req *http.Request) {
	r.faulty.mu.Lock()
	answer := r.faulty.answer
	r.faulty.mu.Unlock()
	if answer == nil || !r.Posts(req) {
		r.faulty.proxy.ServeHTTP(w, req)
		return
	}
	answer(w, req)
}

// answer makes h answer posts from now on.
func (r *rig) answer(h http.HandlerFunc) {
	r.faulty.mu.Lock()
	defer r.faulty.mu.Unlock()
	r.faulty.answer = h
}

// anew goes on with another adapter: one that was asked to wait may do so, and
// make no call meanwhile.
func (r *rig) anew() { r.adapter = r.Adapter(r.front.URL) }

// pass lets the Fake have a post whose answer is thrown away.
func (r *rig) pass(req *http.Request) {
	r.faulty.proxy.ServeHTTP(httptest.NewRecorder(), req)
}

// hold takes a post and says nothing.
func (r *rig) hold(req *http.Request) {
	_, _ = io.Copy(io.Discard, req.Body)
	select {
	case <-req.Context().Done():
	case <-r.faulty.ended:
	}
}

func (r *rig) host() string { return strings.TrimPrefix(r.front.URL, "http://") }

// fresh are the violations since the last call.
func (r *rig) fresh() []string {
	all := r.Violations()
	out := all[*r.told:]
	*r.told = len(all)
	return out
}

// tryAll sends a private message to a channel and to a person, and wants both
// to fail with fate.
func (r *rig) tryAll(t *testing.T, name string, fate coach.Fate) (errs []error) {
	t.Helper()
	channel, direct := r.Places()
	for _, to := range []coach.Address{channel, direct} {
		ctx, cancel := context.WithTimeout(t.Context(), r.within)
		_, err := r.adapter.Send(ctx, to, name, private())
		cancel()
		r.want(t, name, err, fate)
		errs = append(errs, err)
	}
	return errs
}

// want holds the error of a send to what every error must be.
func (r *rig) want(t *testing.T, name string, err error, fate coach.Fate) {
	t.Helper()
	if err == nil {
		t.Errorf("%s: got no error, want %q", name, fate)
		return
	}
	e, ok := errors.AsType[*coach.SendError](err)
	if !ok {
		t.Errorf("%s: got %v, which wraps no SendError", name, err)
		return
	}
	if e.Fate != fate {
		t.Errorf("%s: got %q (%v), want %q", name, e.Fate, err, fate)
	}
	for _, text := range []string{err.Error(), e.Why, fmt.Sprintf("%+v", err)} {
		if s := leaky(text, r.Secrets()); s != "" {
			t.Errorf("%s: the error %q holds %q", name, text, s)
		}
	}
}

// echo answers with everything it was sent, as a careless proxy would.
func echo(w http.ResponseWriter, req *http.Request, status int) {
	body, _ := io.ReadAll(req.Body)
	w.Header().Set("X-Echo", req.Header.Get("Authorization"))
	w.WriteHeader(status)
	_, _ = w.Write(body) // where the status allows a body
}

func say(w http.ResponseWriter, body string) { _, _ = io.WriteString(w, body) }

// cutShort answers with less than it announces.
func cutShort(w http.ResponseWriter) {
	w.Header().Set("Content-Length", "100")
	say(w, `{"ok":tr`)
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

// closedPort is where nobody listens.
func closedPort(t *testing.T) string {
	t.Helper()
	l := listen(t)
	l.Close()
	return l.Addr().String()
}

// silent is where connections are taken and nothing is ever said.
func silent(t *testing.T) string {
	t.Helper()
	return listen(t).Addr().String()
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

// A trap is a host that must not be called.
type trap struct {
	*httptest.Server
	calls atomic.Int64
}

func newTrap(t *testing.T) *trap {
	t.Helper()
	tr := new(trap)
	tr.Server = httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { tr.calls.Add(1) }))
	t.Cleanup(tr.Close)
	return tr
}

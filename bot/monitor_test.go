package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"rapport/coach"
)

// handlerFunc answers every request with a function.
type handlerFunc func(context.Context, coach.Request) (coach.Reply, error)

func (f handlerFunc) Handle(ctx context.Context, r coach.Request) (coach.Reply, error) {
	return f(ctx, r)
}

func (handlerFunc) Complete(context.Context, coach.Request, string) []coach.Option { return nil }

// listenLocal serves routes on a loopback port and returns a function that gets
// a path.
func listenLocal(t *testing.T, routes http.Handler) func(path, host string) (int, string) {
	t.Helper()
	return listenAt(t, "127.0.0.1:0", routes)
}

func listenAt(t *testing.T, address string, routes http.Handler) func(path, host string) (int, string) {
	t.Helper()
	l, err := net.Listen("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	stop := serveMonitor(l, routes)
	client := &http.Client{Transport: &http.Transport{}, Timeout: 10 * time.Second}
	t.Cleanup(func() {
		client.CloseIdleConnections()
		stop()
		if _, err := net.DialTimeout("tcp", l.Addr().String(), time.Second); err == nil {
			t.Error("the monitor still listens after stop")
		}
		goleak.VerifyNone(t)
	})
	return func(path, host string) (int, string) {
		t.Helper()
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+l.Addr().String()+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Host = host
		resp, err := client.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		body, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Fatal(err)
		}
		return resp.StatusCode, string(body)
	}
}

func TestHealth(t *testing.T) {
	broken := errors.New("disk full")
	var database error
	checks := map[string]check{
		"database":  func(context.Context) error { return database },
		"schedules": func(context.Context) error { return nil },
	}
	get := listenLocal(t, monitorRoutes(newMetrics(), checks, false))
	if status, body := get("/healthz", ""); status != 200 || body != "ok\n" {
		t.Errorf("/healthz: got %d %q, want 200 ok", status, body)
	}
	if status, body := get("/readyz", ""); status != 200 || body != "database: ok\nschedules: ok\n" {
		t.Errorf("/readyz: got %d %q, want 200 and two lines", status, body)
	}
	database = broken
	if status, body := get("/readyz", ""); status != 503 || body != "database: disk full\nschedules: ok\n" {
		t.Errorf("/readyz with a broken database: got %d %q, want 503", status, body)
	}
	if status, _ := get("/healthz", ""); status != 200 {
		t.Errorf("/healthz with a broken database: got %d, want 200", status)
	}
	if status, _ := get("/debug/pprof/", ""); status != 404 {
		t.Errorf("/debug/pprof/ without the flag: got %d, want 404", status)
	}
	if status, _ := get("/", ""); status != 404 {
		t.Errorf("/: got %d, want 404", status)
	}
}

func TestReadyOutlivesAPanickingCheck(t *testing.T) {
	get := listenLocal(t, monitorRoutes(newMetrics(), map[string]check{"a": func(context.Context) error { panic(marker) }}, false))
	if status, body := get("/readyz", ""); status != 503 || body != "a: panic: string\n" {
		t.Errorf("got %d %q, want 503 and the type of the panic", status, body)
	}
}

// TestMonitorByAddressOnly is a page of the web that points a name of its own at
// this machine: it reads nothing. In a container, where other machines come by
// names of its network, any name will do, but not for profiles.
func TestMonitorByAddressOnly(t *testing.T) {
	routes := monitorRoutes(newMetrics(), nil, true)
	t.Run("on the loopback", func(t *testing.T) {
		get := listenLocal(t, routes)
		for host, want := range map[string]int{"": 200, "localhost:9090": 200, "127.0.0.1": 200, "[::1]:9090": 200, "evil.example:9090": 403, "localhost.evil.example": 403, "rapport:9090": 403} {
			for _, path := range []string{"/healthz", "/readyz", "/metrics"} {
				if status, body := get(path, host); status != want || want != 200 && body != "call this by its address\n" {
					t.Errorf("%s with Host %q: got %d %.60q, want %d", path, host, status, body, want)
				}
			}
		}
	})
	t.Run("in a container", func(t *testing.T) {
		get := listenAt(t, "0.0.0.0:0", routes)
		for path, want := range map[string]int{"/healthz": 200, "/readyz": 200, "/metrics": 200, "/debug/pprof/": 403} {
			if status, _ := get(path, "rapport:9090"); status != want {
				t.Errorf("%s: got %d, want %d", path, status, want)
			}
		}
	})
}

func TestProfilesByAddressOnly(t *testing.T) {
	get := listenLocal(t, monitorRoutes(newMetrics(), nil, true))
	for host, want := range map[string]int{"": 200, "localhost:9090": 200, "[::1]:9090": 200, "evil.example:9090": 403, "evil.example": 403} {
		if status, _ := get("/debug/pprof/", host); status != want {
			t.Errorf("Host %q: got %d, want %d", host, status, want)
		}
		if status, body := get("/debug/pprof/goroutine?debug=1", host); status != want || want == 200 && !strings.Contains(body, "goroutine profile") {
			t.Errorf("goroutines with Host %q: got %d, want %d", host, status, want)
		}
	}
}

func TestMetrics(t *testing.T) {
	m := newMetrics()
	lag, lagErr := 90*time.Second, error(nil)
	m.watchLag(func(context.Context) (time.Duration, error) { return lag, lagErr })
	get := listenLocal(t, monitorRoutes(m, nil, false))

	answer := func(verb string, reply coach.Reply, err error) {
		h := measured(handlerFunc(func(context.Context, coach.Request) (coach.Reply, error) { return reply, err }), m)
		_, _ = h.Handle(t.Context(), coach.Request{From: coach.Person{Platform: "web", Realm: "Demo", User: marker}, Action: coach.Do(verb, marker)})
	}
	answer("home", coach.Sorry(), nil)
	answer("home", coach.Sorry(), nil)
	answer("journal", coach.Reply{Form: &coach.Form{}}, nil)
	answer("note", coach.Reply{Faults: map[string]coach.Text{"a": nil}}, nil)
	answer("step", coach.Reply{}, errors.New(marker))
	answer("step", coach.Reply{}, fmt.Errorf("x: %w", context.DeadlineExceeded))
	answer("tip", coach.Reply{}, errLimited)
	answer(marker, coach.Sorry(), nil)
	answer("", coach.Sorry(), nil)
	func() {
		defer func() { _ = recover() }()
		h := measured(handlerFunc(func(context.Context, coach.Request) (coach.Reply, error) { panic(marker) }), m)
		_, _ = h.Handle(t.Context(), coach.Request{Action: coach.Do("done")})
	}()
	m.Delivered("nudge", "done")
	m.Delivered("nudge", "in_doubt")
	m.Delivered("question", "dead")
	m.Delivered(marker, marker)

	status, body := get("/metrics", "")
	if status != 200 {
		t.Fatalf("got %d, want 200", status)
	}
	for _, want := range []string{
		`rapport_requests_total{outcome="ok",verb="home"} 2`,
		`rapport_requests_total{outcome="form",verb="journal"} 1`,
		`rapport_requests_total{outcome="faults",verb="note"} 1`,
		`rapport_requests_total{outcome="error",verb="step"} 1`,
		`rapport_requests_total{outcome="timeout",verb="step"} 1`,
		`rapport_requests_total{outcome="limited",verb="tip"} 1`,
		`rapport_requests_total{outcome="ok",verb="other"} 2`,
		`rapport_requests_total{outcome="panic",verb="done"} 1`,
		`rapport_answer_seconds_count{verb="home"} 2`,
		`rapport_deliveries_total{fate="done",kind="nudge"} 1`,
		`rapport_deliveries_total{fate="in_doubt",kind="nudge"} 1`,
		`rapport_deliveries_total{fate="dead",kind="question"} 1`,
		`rapport_deliveries_total{fate="other",kind="other"} 1`,
		`rapport_deliveries_in_doubt_total 1`,
		`rapport_due_lag_seconds 90`,
		`go_goroutines `,
	} {
		if !strings.Contains(body, "\n"+want) {
			t.Errorf("/metrics lacks %s", want)
		}
	}
	if leaks(body) {
		t.Errorf("/metrics holds a person or their words:\n%s", body)
	}
	lagErr = errors.New(marker)
	if _, body := get("/metrics", ""); !strings.Contains(body, "\nrapport_due_lag_seconds NaN") || leaks(body) {
		t.Errorf("with a broken database: want a lag of %v and no more", math.NaN())
	}
}

func TestHeartbeat(t *testing.T) {
	var b heartbeat
	if err := b.check(t.Context()); err == nil {
		t.Error("before the first tick: got ready")
	}
	b.last.Store(time.Now().UnixNano())
	if err := b.check(t.Context()); err != nil {
		t.Errorf("after a tick: got %v", err)
	}
	b.last.Store(time.Now().Add(-time.Minute).UnixNano())
	if err := b.check(t.Context()); err == nil || err.Error() != "last tick 1m0s ago" {
		t.Errorf("a minute after a tick: got %v, want that it is long ago", err)
	}
}

// TestMonitorOfAHouse starts the monitor where its default port is taken, and
// where one that the operator named is.
func TestMonitorOfAHouse(t *testing.T) {
	taken, err := net.Listen("tcp", defaultMonitor)
	if err == nil { // else another program has it, which is as good
		defer taken.Close()
	}
	var said strings.Builder
	env := testEnv(t, nil)
	env.Stderr = &said
	cfg := defaultConfig()
	s, err := openStore(t.Context(), env, cfg, databasePath(env, cfg), time.Now)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	h, err := build(env, cfg, s, time.Now, newLogger(io.Discard, cfg.Log))
	if err != nil {
		t.Fatal(err)
	}
	beats := 0
	h.runner.Beat = func(context.Context, time.Time) error { beats++; return nil }
	stop, err := h.monitor(env, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer stop()
	const before = "rapport: " + defaultMonitor + " is taken, so health and metrics are on http://"
	address, ok := strings.CutPrefix(strings.TrimSpace(said.String()), before)
	if !ok || address == defaultMonitor {
		t.Fatalf("got %q, want it to begin with %q", said.String(), before)
	}
	client := &http.Client{Transport: &http.Transport{}, Timeout: 10 * time.Second}
	defer client.CloseIdleConnections()
	get := func(path string) (int, string) {
		t.Helper()
		resp, err := client.Get("http://" + address + path)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		body, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Fatal(err)
		}
		return resp.StatusCode, string(body)
	}
	if status, body := get("/readyz"); status != 503 || body != "database: ok\nschedules: no tick yet\n" {
		t.Errorf("before the first tick: got %d %q", status, body)
	}
	if err := h.runner.Beat(t.Context(), time.Now()); err != nil || beats != 1 {
		t.Errorf("got %d beats passed on, %v; want 1", beats, err)
	}
	if status, body := get("/readyz"); status != 200 || body != "database: ok\nschedules: ok\n" {
		t.Errorf("after a tick: got %d %q", status, body)
	}
	if status, body := get("/metrics"); status != 200 || !strings.Contains(body, "\nrapport_due_lag_seconds 0\n") {
		t.Errorf("/metrics: got %d, want a lag of 0", status)
	}

	h.cfg.Monitor.Listen = address
	if _, err := h.monitor(env, nil); err == nil || !strings.HasPrefix(err.Error(), "monitor.listen: "+address+" is taken by another program") {
		t.Errorf("on a port that is taken: got %v", err)
	}
	h.cfg.Monitor.Listen = ""
	off, err := h.monitor(env, nil)
	if err != nil {
		t.Fatal(err)
	}
	off()
}

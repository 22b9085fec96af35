package main

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"rapport/coach"
)

// A manager is a service manager that hears how a program is.
type manager struct {
	*testing.T
	conn *net.UnixConn
	name string
}

func newManager(t *testing.T) *manager {
	t.Helper()
	dir, err := os.MkdirTemp("", "rapport") // a socket's name must be short
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	m := &manager{T: t, name: filepath.Join(dir, "notify")}
	if m.conn, err = net.ListenUnixgram("unixgram", &net.UnixAddr{Name: m.name, Net: "unixgram"}); err != nil {
		t.Skipf("NOT TESTED WITH A SOCKET: %v", err)
	}
	t.Cleanup(func() { m.conn.Close() })
	return m
}

// within is what the program says next, "" if it says nothing for d.
func (m *manager) within(d time.Duration) string {
	m.Helper()
	m.conn.SetReadDeadline(time.Now().Add(d))
	buf := make([]byte, 4096)
	n, err := m.conn.Read(buf)
	if errors.Is(err, os.ErrDeadlineExceeded) {
		return ""
	}
	if err != nil {
		m.Fatal(err)
	}
	return string(buf[:n])
}

// hears waits for a line, and returns those that came before it.
func (m *manager) hears(line string) (before []string) {
	m.Helper()
	for end := time.Now().Add(patience); time.Now().Before(end); {
		lines := strings.Split(m.within(time.Until(end)), "\n")
		if slices.Contains(lines, line) {
			return before
		}
		before = append(before, lines...)
	}
	m.Fatalf("no %s within %s; heard %q", line, patience, before)
	return nil
}

// falls waits until nothing is said for d.
func (m *manager) falls(d time.Duration) {
	m.Helper()
	for end := time.Now().Add(patience); m.within(d) != ""; {
		if time.Now().After(end) {
			m.Fatalf("it goes on to speak for %s", patience)
		}
	}
}

// A slowSurface is ready when it is told to be.
type slowSurface struct {
	Adapter
	ready atomic.Bool
}

func (*slowSurface) Name() coach.Platform { return "slow" }

func (*slowSurface) Run(ctx context.Context, _ coach.Handler) error { <-ctx.Done(); return nil }

func (s *slowSurface) Ready(context.Context) error {
	if !s.ready.Load() {
		return errors.New("not yet")
	}
	return nil
}

func TestSupervise(t *testing.T) {
	m := newManager(t)
	env := testEnv(t, map[string]string{"NOTIFY_SOCKET": m.name, "WATCHDOG_USEC": "60000000"})
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
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var hung atomic.Pointer[chan struct{}]
	h.runner.Beat = func(context.Context, time.Time) error {
		if wait := hung.Load(); wait != nil {
			<-*wait
		}
		return errors.New("the disk is full") // which no restart mends
	}
	h.runner.Every = 20 * time.Millisecond
	slow := &slowSurface{}
	stop, err := h.supervise(ctx, env, []Adapter{slow})
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- h.serve(ctx, slow) }()
	m.hears("STATUS=waiting for slow")
	if said := m.within(10 * h.runner.Every); said != "" {
		t.Errorf("before the surface is ready: heard %q", said)
	}
	slow.ready.Store(true)
	if before := m.hears("READY=1"); len(before) > 0 {
		t.Errorf("before READY=1: heard %q", before)
	}
	m.hears("WATCHDOG=1")
	m.hears("WATCHDOG=1")
	wait := make(chan struct{})
	hung.Store(&wait)
	m.falls(20 * h.runner.Every) // the beats that were under way
	if said := m.within(20 * h.runner.Every); said != "" {
		t.Errorf("while the database hangs: heard %q", said)
	}
	hung.Store(nil)
	close(wait)
	m.hears("WATCHDOG=1")
	cancel()
	m.hears("STOPPING=1")
	if err := <-served; err != nil {
		t.Error(err)
	}
	stop()
}

// TestSuperviseAHungPlanner has the schedules hang at what is due, while the
// database goes on to answer.
func TestSuperviseAHungPlanner(t *testing.T) {
	m := newManager(t)
	env := testEnv(t, map[string]string{"NOTIFY_SOCKET": m.name, "WATCHDOG_USEC": "60000000"})
	cfg := defaultConfig()
	var hung atomic.Pointer[chan struct{}]
	now := func() time.Time {
		if wait := hung.Load(); wait != nil {
			<-*wait
		}
		return time.Now()
	}
	s, err := openStore(t.Context(), env, cfg, databasePath(env, cfg), time.Now)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	h, err := build(env, cfg, s, now, newLogger(io.Discard, cfg.Log))
	if err != nil {
		t.Fatal(err)
	}
	told, err := supervised(env)
	if err != nil {
		t.Fatal(err)
	}
	told.stall = 100 * time.Millisecond
	h.runner.Every = 20 * time.Millisecond
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	stop := h.tell(ctx, told, nil)
	ran := make(chan error, 1)
	go func() { ran <- h.runner.Run(ctx) }()
	m.hears("READY=1")
	m.hears("WATCHDOG=1")
	wait := make(chan struct{})
	hung.Store(&wait)
	m.falls(20 * h.runner.Every) // until it counts as hung
	if said := m.within(20 * h.runner.Every); said != "" {
		t.Errorf("while the schedules hang: heard %q", said)
	}
	hung.Store(nil)
	close(wait)
	m.hears("WATCHDOG=1")
	cancel()
	if err := <-ran; err != nil {
		t.Error(err)
	}
	stop()
}

func TestSupervised(t *testing.T) {
	m := newManager(t)
	for name, tc := range map[string]struct {
		vars        map[string]string
		told, watch bool
		err         string
	}{
		"nobody":            {nil, false, false, ""},
		"no watchdog":       {map[string]string{"NOTIFY_SOCKET": m.name}, true, false, ""},
		"a watchdog":        {map[string]string{"NOTIFY_SOCKET": m.name, "WATCHDOG_USEC": "1"}, true, true, ""},
		"of another":        {map[string]string{"NOTIFY_SOCKET": m.name, "WATCHDOG_USEC": "1", "WATCHDOG_PID": "1"}, true, false, ""},
		"nobody listens":    {map[string]string{"NOTIFY_SOCKET": m.name + "x"}, false, false, "NOTIFY_SOCKET: "},
		"another machine's": {map[string]string{"NOTIFY_SOCKET": "vsock:2:1"}, false, false, "only sockets of this machine"},
	} {
		s, err := supervised(testEnv(t, tc.vars))
		if (s != nil) != tc.told || s != nil && s.watch != tc.watch || (err != nil) != (tc.err != "") || err != nil && !strings.Contains(err.Error(), tc.err) {
			t.Errorf("%s: got %+v, %v", name, s, err)
		}
		if s != nil {
			s.conn.Close()
		}
	}
}

// TestProgramIsSupervised runs the program as systemd does.
func TestProgramIsSupervised(t *testing.T) {
	m := newManager(t)
	bin := buildProgram(t)
	dir := t.TempDir()
	write(t, []byte("[web]\nlisten = \"127.0.0.1:0\"\n[monitor]\nlisten = \"\"\n"), dir, "config.toml")
	p := launch(t, bin, dir, []string{"NOTIFY_SOCKET=" + m.name, "WATCHDOG_USEC=60000000"})
	m.hears("READY=1")
	if got := p.address(t); got == "" {
		t.Error("it is ready and has no address")
	}
	m.hears("WATCHDOG=1")
	if err := p.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	m.hears("STOPPING=1")
	<-p.done
	if p.err != nil {
		t.Errorf("it ended with %v\n%s", p.err, p.out)
	}
}

package main

import (
	"context"
	"fmt"
	"net"
	"os"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// A supervisor is the service manager that started the program, such as systemd
// with Type=notify. It is told over a socket how the program is
// (https://www.freedesktop.org/software/systemd/man/latest/sd_notify.html).
type supervisor struct {
	conn  *net.UnixConn
	watch bool          // it restarts the program unless that says again and again that it lives
	stall time.Duration // how long a look of the schedules may take before the program counts as hung
}

// supervised is who started the program, nil if that wants to be told nothing.
func supervised(env Env) (*supervisor, error) {
	name := env.Getenv("NOTIFY_SOCKET")
	if name == "" {
		return nil, nil
	}
	if !strings.HasPrefix(name, "/") && !strings.HasPrefix(name, "@") { // @ is a name without a file
		return nil, fmt.Errorf("NOTIFY_SOCKET is %q: only sockets of this machine are known", name)
	}
	conn, err := net.DialUnix("unixgram", nil, &net.UnixAddr{Name: name, Net: "unixgram"})
	if err != nil {
		return nil, fmt.Errorf("NOTIFY_SOCKET: %w", err)
	}
	every, err := strconv.ParseInt(env.Getenv("WATCHDOG_USEC"), 10, 64)
	pid := env.Getenv("WATCHDOG_PID")
	return &supervisor{conn: conn, watch: err == nil && every > 0 && (pid == "" || pid == strconv.Itoa(os.Getpid())), stall: stallTime}, nil
}

// stallTime is for a look of the schedules at what is due. It is meant to be far
// longer than any look that ends.
const stallTime = 10 * time.Minute

// readyEvery is how often is looked whether every surface is ready.
const readyEvery = 250 * time.Millisecond

// supervise tells who started the program when all surfaces are ready and when
// it stops, and in between at each beat of the schedules that it lives: that the
// database took the beat or said why not, and that the schedules look at what is
// due. It is called before they run; stop after they did.
func (h *house) supervise(ctx context.Context, env Env, surfaces []Adapter) (stop func(), err error) {
	s, err := supervised(env)
	if s == nil {
		return func() {}, err
	}
	return h.tell(ctx, s, surfaces), nil
}

// tell is supervise by s.
func (h *house) tell(ctx context.Context, s *supervisor, surfaces []Adapter) (stop func()) {
	var ready atomic.Bool
	kept := h.runner.Beat
	if kept == nil {
		kept = func(ctx context.Context, _ time.Time) error { return h.db.Ping(ctx) }
	}
	h.runner.Beat = func(ctx context.Context, machine time.Time) error {
		err := kept(ctx, machine)
		if s.watch && ready.Load() && time.Since(h.runner.Looked()) < s.stall {
			h.say(s, "WATCHDOG=1")
		}
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	var parts sync.WaitGroup
	parts.Go(func() {
		if h.awaitReady(ctx, s, surfaces) {
			ready.Store(true)
			h.say(s, "READY=1\nSTATUS=serving "+strings.Join(platformsOf(surfaces), " and "))
		}
		<-ctx.Done()
		h.say(s, "STOPPING=1\nSTATUS=finishing what was started")
	})
	return func() {
		cancel()
		parts.Wait()
		s.conn.Close()
	}
}

// say tells s how the program is. One that does not listen is no reason to stop.
func (h *house) say(s *supervisor, state string) {
	if _, err := s.conn.Write([]byte(state)); err != nil {
		h.log.Warn("the service manager was not told", "state", strings.ReplaceAll(state, "\n", " "), "err", err)
	}
}

// awaitReady waits until the schedules look at what is due and every surface is
// ready, and meanwhile tells s what it waits for. It reports false if ctx ends
// before.
func (h *house) awaitReady(ctx context.Context, s *supervisor, surfaces []Adapter) bool {
	tick := time.NewTicker(readyEvery)
	defer tick.Stop()
	told := ""
	for {
		why := h.unready(ctx, surfaces)
		if why == "" {
			return true
		}
		if why != told {
			h.say(s, "STATUS=waiting for "+why)
			told = why
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return false
		}
	}
}

// unready is what the program waits for before it is ready; "" if it is.
func (h *house) unready(ctx context.Context, surfaces []Adapter) string {
	if h.runner.Looked().IsZero() {
		return "the schedules"
	}
	var waiting []string
	for _, a := range surfaces {
		if r, ok := a.(interface{ Ready(context.Context) error }); ok && guarded(ctx, r.Ready) != nil {
			waiting = append(waiting, string(a.Name()))
		}
	}
	return strings.Join(waiting, " and ")
}

func platformsOf(surfaces []Adapter) []string {
	var names []string
	for _, a := range surfaces {
		names = append(names, string(a.Name()))
	}
	return names
}

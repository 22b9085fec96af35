package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/pprof"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// A check reports why a part of the program cannot work, or nil.
type check func(context.Context) error

const (
	checkTime   = 3 * time.Second  // for all checks together
	tickTime    = 30 * time.Second // the schedules look far more often
	monitorTime = 10 * time.Second // for one request, and for draining
	profileTime = 2 * time.Minute  // for one answer: a profile takes as long as it is asked to
)

// monitor serves health and metrics where the configuration says, until stop is
// called. It is called before the schedules run.
func (h *house) monitor(env Env, surfaces []Adapter) (stop func(), err error) {
	at := h.cfg.Monitor.Listen
	if at == "" {
		return func() {}, nil
	}
	l, err := listenNear(at, defaultMonitor)
	if errors.Is(err, syscall.EADDRINUSE) {
		return nil, fmt.Errorf("monitor.listen: %s is taken by another program; end that, or name another address: %w", at, err)
	}
	if err != nil {
		return nil, fmt.Errorf("monitor.listen: %w", err)
	}
	if at == defaultMonitor && l.Addr().String() != at {
		fmt.Fprintf(env.Stderr, "rapport: %s is taken, so health and metrics are on http://%s\n", at, l.Addr())
	}
	beat := &heartbeat{}
	kept := h.runner.Beat
	h.runner.Beat = func(ctx context.Context, machine time.Time) error {
		beat.last.Store(machine.UnixNano())
		if kept == nil {
			return nil
		}
		return kept(ctx, machine)
	}
	h.metrics.watchLag(h.lag)
	checks := map[string]check{"database": h.db.Ping, "schedules": beat.check}
	for _, a := range surfaces {
		if a, ok := a.(interface{ Ready(context.Context) error }); ok {
			checks[string(a.(Adapter).Name())] = a.Ready
		}
	}
	return serveMonitor(l, monitorRoutes(h.metrics, checks, h.cfg.Monitor.Pprof)), nil
}

// lag is how long the oldest due row has waited, on the coach clock.
func (h *house) lag(ctx context.Context) (time.Duration, error) {
	now := h.coach.Now()
	due, err := h.db.Due(ctx, now, 1)
	if err != nil || len(due) == 0 {
		return 0, err
	}
	return now.Sub(due[0].Next), nil
}

// A heartbeat remembers the last tick of the schedules.
type heartbeat struct{ last atomic.Int64 }

func (b *heartbeat) check(context.Context) error {
	last := b.last.Load()
	if last == 0 {
		return errors.New("no tick yet")
	}
	if ago := time.Since(time.Unix(0, last)); ago > tickTime {
		return fmt.Errorf("last tick %s ago", ago.Round(time.Second))
	}
	return nil
}

// serveMonitor serves until the returned function is called. Where only this
// machine reaches l, it answers only who calls it by an address: no page of the
// web can then read what is told here through a name that it points to it.
// Elsewhere, as in a container, names of the network are as good.
func serveMonitor(l net.Listener, routes http.Handler) (stop func()) {
	if at, ok := l.Addr().(*net.TCPAddr); ok && at.IP.IsLoopback() {
		routes = byAddress(routes)
	}
	server := &http.Server{
		Handler: routes, ReadHeaderTimeout: monitorTime, ReadTimeout: monitorTime, WriteTimeout: profileTime, IdleTimeout: time.Minute, MaxHeaderBytes: 16 << 10,
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = server.Serve(l) // ends with stop; a listener that broke shows as a failed scrape
	}()
	return func() {
		ctx, cancel := context.WithTimeout(context.Background(), monitorTime)
		defer cancel()
		if server.Shutdown(ctx) != nil {
			_ = server.Close()
		}
		<-done
	}
}

// monitorRoutes answers /healthz (the process lives), /readyz (every check
// passes) and /metrics, and profiles if asked to.
func monitorRoutes(m *Metrics, checks map[string]check, profiles bool) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "ok") })
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, r *http.Request) { ready(w, r, checks) })
	mux.Handle("GET /metrics", promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{MaxRequestsInFlight: 4, Timeout: monitorTime}))
	if profiles {
		mux.Handle("GET /debug/pprof/", byAddress(http.HandlerFunc(pprof.Index)))
		mux.Handle("GET /debug/pprof/profile", byAddress(http.HandlerFunc(pprof.Profile)))
		mux.Handle("GET /debug/pprof/trace", byAddress(http.HandlerFunc(pprof.Trace)))
	}
	return mux
}

// byAddress turns away who did not call this machine by an address, which keeps
// out web pages that point a name of theirs here.
func byAddress(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		host, _, err := net.SplitHostPort(r.Host)
		if err != nil {
			host = r.Host
		}
		if host != "localhost" && net.ParseIP(strings.Trim(host, "[]")) == nil {
			http.Error(w, "call this by its address", http.StatusForbidden)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// ready runs all checks at once and writes a line for each.
func ready(w http.ResponseWriter, r *http.Request, checks map[string]check) {
	ctx, cancel := context.WithTimeout(r.Context(), checkTime)
	defer cancel()
	var mu sync.Mutex
	var lines []string
	var wait sync.WaitGroup
	status := http.StatusOK
	for name, check := range checks {
		wait.Go(func() {
			err := guarded(ctx, check)
			mu.Lock()
			defer mu.Unlock()
			if err != nil {
				status = http.StatusServiceUnavailable
				lines = append(lines, fmt.Sprintf("%s: %v", name, err))
				return
			}
			lines = append(lines, name+": ok")
		})
	}
	wait.Wait()
	slices.Sort(lines)
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	fmt.Fprintln(w, strings.Join(lines, "\n"))
}

// guarded runs a check; one that panics has failed.
func guarded(ctx context.Context, c check) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = &panicError{value: v}
		}
	}()
	return c(ctx)
}

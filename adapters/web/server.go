package web

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"sync"
	"time"

	"rapport/coach"
)

// Bounds of what a connection may take.
const (
	headerWait = 5 * time.Second
	readWait   = 15 * time.Second
	writeWait  = 30 * time.Second // also for one event to a page
	idleWait   = 60 * time.Second
	drainWait  = 8 * time.Second // of the 10 s that the whole program has
	maxHeader  = 16 << 10
	maxBody    = 64 << 10
	maxActive  = 128 // requests at once, pages that listen not counted
)

// A server is an Adapter that runs.
type server struct {
	*Adapter
	coach    coach.Handler
	hosts    map[string]bool // names this page goes by, with the port
	port     string
	lifetime context.Context // of answers: outlives requests, ends after draining
	active   chan struct{}
	zones    sync.Map // names of time zones that were found
}

// Run serves h until ctx is done, then lets what is under way end, for at most
// 10 seconds. It returns nil if ctx ended it.
func (a *Adapter) Run(ctx context.Context, h coach.Handler) error {
	defer a.Listener.Close()
	if err := a.check(); err != nil {
		return fmt.Errorf("web: %w", err)
	}
	lifetime, end := context.WithCancel(context.WithoutCancel(ctx))
	defer end()
	s := &server{Adapter: a, coach: coach.Steady(h), lifetime: lifetime, active: make(chan struct{}, maxActive)}
	s.hosts, s.port = names(a.Listener.Addr())
	web := &http.Server{
		Handler:           s.routes(),
		ReadHeaderTimeout: headerWait,
		ReadTimeout:       readWait,
		WriteTimeout:      writeWait,
		IdleTimeout:       idleWait,
		MaxHeaderBytes:    maxHeader,
		ErrorLog:          log.New(counting{a}, "", 0),
	}
	served := make(chan error, 1)
	go func() { served <- web.Serve(a.Listener) }()
	select {
	case err := <-served:
		a.hub.close()
		end()
		a.late.Wait()
		return fmt.Errorf("web: serve: %w", err)
	case <-ctx.Done():
	}
	err := s.drain(web, end)
	<-served
	return err
}

// drain ends open pages, waits for answers under way and closes the rest.
func (s *server) drain(web *http.Server, end context.CancelFunc) error {
	s.hub.close()
	ctx, cancel := context.WithTimeout(s.lifetime, drainWait)
	defer cancel()
	err := web.Shutdown(ctx)
	if errors.Is(err, context.DeadlineExceeded) {
		err = web.Close()
	}
	late := make(chan struct{})
	go func() { s.late.Wait(); close(late) }()
	select {
	case <-late:
	case <-ctx.Done():
	}
	end() // a handler that is still at it is told to stop; its answer has no page to go to
	select {
	case <-late:
	case <-time.After(time.Second):
	}
	if err != nil {
		return fmt.Errorf("web: shut down: %w", err)
	}
	return nil
}

// check refuses options that cannot be served safely.
func (a *Adapter) check() error {
	addr, ok := a.Listener.Addr().(*net.TCPAddr)
	switch {
	case !ok || !addr.IP.IsLoopback():
		return fmt.Errorf("listen on %s: this page has no passwords and is served on a loopback address only", a.Listener.Addr())
	case len(a.People) == 0:
		return errors.New("no people")
	case len(a.Channels) == 0:
		return errors.New("no channels")
	case !plain(a.Team):
		return fmt.Errorf("team %q: want letters, digits and -", a.Team)
	}
	for _, c := range a.Channels {
		if !plain(c.ID) {
			return fmt.Errorf("channel %q: want letters, digits and -", c.ID)
		}
	}
	for _, p := range a.People {
		if !plain(p.User) {
			return fmt.Errorf("person %q: want letters, digits and -", p.User)
		}
	}
	return nil
}

// plain reports whether id can stand in an address and in a stored place.
func plain(id string) bool { return inputName.MatchString(id) }

// names returns the host names a browser may call addr by, and its port.
func names(addr net.Addr) (map[string]bool, string) {
	host, port, _ := net.SplitHostPort(addr.String())
	out := make(map[string]bool)
	for _, name := range []string{"localhost", "127.0.0.1", "::1", host} {
		out[net.JoinHostPort(name, port)] = true
		if port == "80" {
			out[name] = true
		}
	}
	return out, port
}

// counting takes what net/http has to complain about: broken connections,
// which carry addresses and nothing to act on.
type counting struct{ a *Adapter }

func (c counting) Write(p []byte) (int, error) {
	c.a.faults.server.Add(1)
	return len(p), nil
}

var _ io.Writer = counting{}

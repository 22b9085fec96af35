package slack

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

const (
	flushTime    = time.Second      // for the last acknowledgements to leave, at the end of Run
	staggerTime  = time.Second      // between the starts of two sockets, so that they are not renewed together
	pingTime     = 30 * time.Second // without a ping of Slack's, a connection counts as dead
	lookTime     = time.Minute      // until a socket is renewed to see whether another copy is still there
	longLook     = time.Hour
	freeRenewals = 10 // of a socket, at once; then one every renewalTime
	renewalTime  = 10 * time.Second
)

// errOthers is told when more sockets are open than ours.
var errOthers = errors.New("another copy of the coach runs with the same app token and takes some of what people send")

// sockets is the way of payloads by Socket Mode: several connections at a time,
// each of which may get any payload, so that one is open while another is
// renewed.
type sockets struct {
	*intake
	ping, stagger, look time.Duration

	mu    sync.Mutex
	links map[*link]bool // those that are open
	told  int            // connections of the app token, as Slack counted last
	wait  time.Duration  // until the next look at others; 0 = nobody looks
	cause error          // why the last connection ended
}

func newSockets(in *intake) *sockets {
	return &sockets{intake: in, ping: pingTime, stagger: staggerTime, look: lookTime, links: map[*link]bool{}}
}

// serve implements transport.
func (s *sockets) serve(ctx context.Context) error {
	open, cut := context.WithCancel(s.work)
	defer cut()
	var keepers sync.WaitGroup
	for i := range s.Connections {
		keepers.Go(func() { s.keep(ctx, open, time.Duration(i)*s.stagger) })
	}
	<-ctx.Done()
	s.drain()
	s.flush()
	cut()
	keepers.Wait()
	return nil
}

// keep keeps one connection open until ctx is done and open ends.
func (s *sockets) keep(ctx, open context.Context, after time.Duration) {
	if !sleep(ctx, after) {
		return
	}
	free := rate.NewLimiter(rate.Every(renewalTime), freeRenewals)
	for tries := 0; ; tries++ {
		if free.Wait(ctx) != nil {
			return
		}
		l := s.newLink()
		err := l.run(ctx, open)
		if ctx.Err() != nil {
			return
		}
		if why := fatal(err, appToken); why != nil {
			s.stop(why)
			return
		}
		err = bare(err)
		s.Notify(Notice{What: "reconnecting", Err: err})
		if l.greeted {
			tries = 0
		} else if !pause(ctx, tries, err) {
			return
		}
	}
}

// flush waits a little until every acknowledgement has left.
func (s *sockets) flush() {
	ctx, cancel := context.WithTimeout(s.work, flushTime)
	defer cancel()
	s.mu.Lock()
	links := s.links
	s.links = map[*link]bool{}
	s.mu.Unlock()
	for l := range links {
		l.flush(ctx)
	}
}

// ready implements transport.
func (s *sockets) ready() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case len(s.links) > 0 && s.told > s.Connections:
		return fmt.Errorf("%w: Slack counts %d connections, %d are ours", errOthers, s.told, s.Connections)
	case len(s.links) > 0:
		return nil
	case s.cause != nil:
		return fmt.Errorf("no socket is open: %w", s.cause)
	}
	return errors.New("no socket is open yet")
}

// hello is told that Slack greets l, and how many connections it counts.
func (s *sockets) hello(l *link, count int) {
	s.mu.Lock()
	s.links[l] = true
	s.told = count
	others := count > s.Connections
	var look time.Duration
	switch {
	case !others:
		s.wait = 0
	case s.Connections > 1:
		s.wait = min(max(s.look, 2*s.wait), longLook)
		look = s.wait
	}
	s.mu.Unlock()
	s.Notify(Notice{What: "connected", Count: count})
	if others {
		s.Notify(Notice{What: "another copy", Err: errOthers, Count: count})
	}
	if look > 0 {
		l.renewAfter(look)
	}
}

// gone is told that l has ended, and why.
func (s *sockets) gone(l *link, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.links, l)
	if err != nil {
		s.cause = bare(err)
	}
}

// others reports whether a connection besides l is open.
func (s *sockets) others(l *link) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.links) > 1 || len(s.links) == 1 && !s.links[l]
}

package slack

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

const (
	flushTime    = time.Second // for the last refusals to leave, at the end of Run
	longLook     = time.Hour   // between looks whether another copy is still there
	freeRenewals = 10          // of a socket, at once; then one every renewalTime
	renewalTime  = 10 * time.Second
)

// errOthers is told when more sockets are open than ours.
var errOthers = errors.New("another copy of the coach runs with the same app token and takes some of what people send")

// sockets is the way of payloads by Socket Mode: several connections at a time,
// each of which may get any payload, so that one is open while another is
// renewed.
type sockets struct {
	*intake

	mu     sync.Mutex
	links  map[*link]bool // those that are open
	others bool           // Slack counts more than ours
	wait   time.Duration  // until the next look at others; 0 = nobody looks
	ghosts []time.Time    // when links ended: Slack may count them for a while
	cause  error          // why the last connection ended
}

func newSockets(in *intake) *sockets {
	return &sockets{intake: in, links: map[*link]bool{}}
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
	s.idle(s.slots, s.drain)
	cut()
	keepers.Wait()
	s.idle(s.beside, flushTime)
	return nil
}

// keep keeps one connection open until ctx is done and open ends. What it opens
// in place of another it opens before that one is closed, if Slack lets it.
func (s *sockets) keep(ctx, open context.Context, after time.Duration) {
	if !sleep(ctx, after) {
		return
	}
	var running sync.WaitGroup
	defer running.Wait()
	free := rate.NewLimiter(rate.Every(renewalTime), freeRenewals)
	for tries := 0; ; tries++ {
		if free.Wait(ctx) != nil {
			return
		}
		greeted, err := s.one(ctx, open, &running)
		if ctx.Err() != nil {
			return
		}
		if why := fatal(err, appToken); why != nil {
			s.stop(why)
			return
		}
		err = bare(err)
		s.failed(err)
		s.Notify(Notice{What: "reconnecting", Err: err})
		if greeted {
			tries = 0
		} else if !pause(ctx, tries, err) {
			return
		}
	}
}

// one opens a connection and waits until another is wanted in its place, which
// may be before it ends; running has it then. greeted reports whether it came
// to be of use.
func (s *sockets) one(ctx, open context.Context, running *sync.WaitGroup) (greeted bool, err error) {
	ws, err := s.connect(ctx)
	if err != nil {
		return false, err
	}
	l := s.newLink(ws)
	running.Go(func() { l.serve(open) })
	select {
	case <-l.retired:
		return l.greeted.Load(), l.cause
	case <-ctx.Done():
		return true, nil
	}
}

// ready implements transport.
func (s *sockets) ready() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case len(s.links) > 0 && s.others:
		return errOthers
	case len(s.links) > 0:
		return nil
	case s.cause != nil:
		return fmt.Errorf("no socket is open: %w", s.cause)
	}
	return errors.New("no socket is open yet")
}

// hello is told that Slack greets l, and how many connections it counts.
func (s *sockets) hello(l *link, count int) {
	others, look := s.counted(l, count)
	s.Notify(Notice{What: "connected", Count: count})
	if others {
		s.Notify(Notice{What: "another copy", Err: errOthers, Count: count})
	}
	if look > 0 {
		l.renewAfter(look)
	}
}

// counted reports whether there are others beside us, and when l is to be
// renewed to see whether there still are; 0 = not before Slack wants it.
// Connections that are retired are ours, and Slack counts them until it has
// closed them.
func (s *sockets) counted(l *link, count int) (others bool, look time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for one := range s.links {
		if one.isRetired() {
			count--
		}
	}
	s.links[l] = true
	s.ghosts = slices.DeleteFunc(s.ghosts, func(t time.Time) bool { return time.Since(t) > s.look })
	s.others = count > s.Connections+len(s.ghosts)
	if count <= s.Connections || s.Connections == 1 {
		s.wait = 0
		return s.others, 0
	}
	s.wait = min(max(s.look, 2*s.wait), longLook)
	return s.others, s.wait
}

// gone is told that l has ended.
func (s *sockets) gone(l *link) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.links, l)
	if l.greeted.Load() {
		s.ghosts = append(s.ghosts, time.Now())
	}
}

// failed is told why another connection is wanted; nil if nothing is wrong.
func (s *sockets) failed(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err != nil {
		s.cause = err
	}
}

// besides reports whether a connection besides l is open, and stays so.
func (s *sockets) besides(l *link) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	for one := range s.links {
		if one != l && !one.isRetired() {
			return true
		}
	}
	return false
}

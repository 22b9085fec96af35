package gateway

import (
	"context"
	"errors"
	"sync"
	"time"

	"rapport/adapters/surface"
)

// A shard is one of the parts into which Discord divides what it tells a bot.
// It has one connection at a time and one session, kept by one goroutine.
type shard struct {
	*Gateway
	id, total int
	session   session
	tries     int // attempts since a connection lived

	mu    sync.Mutex
	cause error // why it is not connected; nil while it is
}

func newShard(g *Gateway, id, total int) *shard {
	return &shard{Gateway: g, id: id, total: total, cause: errors.New("not connected yet")}
}

// keep keeps the shard connected until ctx ends, which is no error, or Discord
// will not have us.
func (s *shard) keep(ctx context.Context) error {
	for {
		lived, err := s.attempt(ctx)
		if ctx.Err() != nil {
			return nil
		}
		if why := refusal(err); why != nil {
			s.is(why)
			return why
		}
		if lived {
			s.tries = 0
		}
		wait := s.next(err)
		s.tries++
		err = surface.Bare(err)
		s.is(err)
		s.options.Notify("reconnecting", err, s.tries)
		if !sleep(ctx, wait) {
			return nil
		}
	}
}

// next decides whether the session is still there after err, and how long to
// wait before the next attempt.
func (s *shard) next(err error) time.Duration {
	wait := s.pace.pause(s.tries)
	if errors.Is(err, errInvalid) {
		wait = max(wait, s.pace.Invalid+s.pace.part(4*s.pace.Invalid))
	}
	if gone(err) || s.session.unanswered >= maxUnanswered {
		s.session.forget()
	}
	return wait
}

// attempt connects once, and reports how that ended and whether the connection
// lived for a while.
func (s *shard) attempt(ctx context.Context) (lived bool, err error) {
	l := &link{shard: s}
	if s.session.id == "" {
		if l.turn, err = s.budget.take(ctx, s.id, s.tries > 0, s.held); err != nil {
			return false, err
		}
		defer l.turn.leave()
	}
	where, err := s.session.where(s.budget.address(), s.tries)
	if err != nil {
		return false, err
	}
	err = l.run(ctx, where)
	return !l.up.IsZero() && time.Since(l.up) >= s.pace.Lived, err
}

// held is told that the shard has to wait before it may identify.
func (s *shard) held(why error) {
	s.is(why)
	s.options.Notify("held back", why, s.budget.spentWithin(s.pace.Hour))
}

// is tells why the shard is not connected, or with nil that it is.
func (s *shard) is(cause error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.cause = cause
}

func (s *shard) state() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.cause
}

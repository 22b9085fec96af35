package slack

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	slackgo "github.com/slack-go/slack"

	"rapport/coach"
)

const (
	firstPause = 200 * time.Millisecond
	longPause  = 30 * time.Second // between attempts, at most
)

// A transport is the way that Slack's payloads come.
type transport interface {
	// serve takes payloads until ctx is done and what is in flight is answered.
	serve(ctx context.Context) error
	// ready is nil while payloads come in, else why they do not.
	ready() error
}

// Run passes every request to h until ctx is done or Slack will not have us any
// more; then it lets what is under way end, for at most 10 seconds. It returns
// nil if ctx ended it, and otherwise what to do about it.
func (a *Adapter) Run(ctx context.Context, h coach.Handler) error {
	return a.run(ctx, usual(), func(self installation, lifetime context.Context) taker {
		return newDesk(a, self, coach.Steady(h), lifetime)
	})
}

// A pace is how much is taken at a time, and how long things take.
type pace struct {
	room    int           // payloads in flight
	ping    time.Duration // without a ping of Slack's, a connection counts as dead
	stagger time.Duration // between the starts of two sockets, so that they are not renewed together
	look    time.Duration // until a socket is renewed to see whether another copy is still there
	drain   time.Duration // what is in flight may take once Run is to end
	last    time.Duration // from then on, with all that follows it
}

func usual() pace {
	return pace{room: 1024, ping: 30 * time.Second, stagger: time.Second, look: time.Minute,
		drain: 5 * time.Second, last: 8 * time.Second}
}

// run is Run with a taker of the caller's.
func (a *Adapter) run(ctx context.Context, p pace, desk func(installation, context.Context) taker) error {
	if a.Listener != nil {
		defer a.Listener.Close()
	}
	ctx, end := context.WithCancel(ctx)
	defer end()
	a.life.Begin(end)
	err := a.serve(ctx, p, desk)
	if stopped := a.stopped(); stopped != nil {
		return stopped
	}
	a.life.Is(errors.New("not running"))
	return err
}

// serve finds out who we are and serves until ctx is done.
func (a *Adapter) serve(ctx context.Context, p pace, desk func(installation, context.Context) taker) error {
	self, err := a.meet(ctx)
	if err != nil || ctx.Err() != nil {
		return err
	}
	if a.Joined != nil {
		if err := a.Joined(ctx, self.team(), first(self.Enterprise, self.Team)); err != nil && ctx.Err() == nil {
			return fmt.Errorf("joined: %w", err)
		}
	}
	ctx, end := context.WithCancel(ctx)
	defer end()
	work, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	taker := desk(self, ctx)
	in := &intake{Adapter: a, pace: p, taker: taker, open: ctx, work: work,
		slots: make(chan struct{}, p.room), beside: make(chan struct{}, maxAside)}
	var t transport = newSockets(in)
	if a.Listener != nil {
		t = newWeb(in)
	}
	a.life.Serving(t.ready)
	after, done := context.WithCancel(work)
	defer done()
	context.AfterFunc(ctx, func() {
		if sleep(after, p.last) {
			done()
		}
	})
	err = t.serve(ctx)
	end()
	taker.wait(after)
	cancel()
	in.errands.Wait()
	return err
}

// meet asks Slack who we are, until it answers or ctx is done.
func (a *Adapter) meet(ctx context.Context) (installation, error) {
	for tries := 0; ; tries++ {
		self, err := a.self(ctx)
		if err == nil {
			return self, nil
		}
		if ctx.Err() != nil {
			return installation{}, nil
		}
		if why := fatal(err, botToken); why != nil {
			return installation{}, why
		}
		err = bare(err)
		a.life.Is(fmt.Errorf("not connected: %w", err))
		a.Notify(Notice{What: "reconnecting", Err: err})
		if !pause(ctx, tries, err) {
			return installation{}, nil
		}
	}
}

// installed reads Slack's answer. With an app installed in a whole
// organisation, the organisation stands where the workspace would.
func installed(who *slackgo.AuthTestResponse) installation {
	i := installation{Team: who.TeamID, Enterprise: who.EnterpriseID, Bot: who.UserID}
	if strings.HasPrefix(i.Team, "E") {
		i.Team, i.Enterprise = "", i.Team
	}
	for _, s := range strings.Split(who.Header.Get("X-OAuth-Scopes"), ",") {
		if s = strings.TrimSpace(s); s != "" {
			i.Scopes = append(i.Scopes, s)
		}
	}
	return i
}

func (i installation) team() coach.Team {
	id := i.Team
	if id == "" {
		id = i.Enterprise
	}
	return coach.Team{Platform: platform, ID: id}
}

// pause waits before one more attempt, longer each time and at least as long as
// Slack asked for. It reports false if ctx ended.
func pause(ctx context.Context, tries int, err error) bool {
	d := min(firstPause<<min(tries, 10), longPause)
	d += rand.N(d / 2)
	if limit, ok := errors.AsType[*slackgo.RateLimitedError](err); ok {
		d = max(d, limit.RetryAfter)
	}
	return sleep(ctx, d)
}

func sleep(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// stop ends Run with err, and makes Send refuse from now on. The first err
// counts.
func (a *Adapter) stop(err error) { a.life.Stop(err) }

// stopped is what stop was given, nil before.
func (a *Adapter) stopped() error { return a.life.Stopped() }

// Ready is nil while payloads come in, and otherwise says why they do not, or
// that another copy takes some of them.
func (a *Adapter) Ready(context.Context) error { return a.life.Ready() }

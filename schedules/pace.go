package schedules

import (
	"context"
	"math/rand/v2"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"rapport/coach"
)

// A Pace says how a platform wants to be written to. The zero Pace has no
// limits and leaves what is in doubt alone. A rate of 0 is no limit.
type Pace struct {
	Channel rate.Limit    // messages a second to each channel
	Direct  rate.Limit    // direct messages a second, all together
	All     rate.Limit    // messages a second, all together
	Width   int           // direct messages on their way at once; 0 is 1
	Jitter  time.Duration // at most this long, at random, before each direct message
	Doubt   Doubt
}

// A Doubt says what to do with a message that may have been sent.
type Doubt struct {
	Resend bool          // send it again, where the key keeps it from being shown twice
	Within time.Duration // only so long after the first try; 0 is always
}

// allows reports whether a message first tried at started may be sent again.
// Where that is yet to come, the clock was put back, and nobody knows how long
// ago it was.
func (d Doubt) allows(started time.Time) bool {
	return d.Resend && (d.Within == 0 || time.Since(started).Abs() < d.Within)
}

// A lane is what is sent one after another. Rates and pauses run on the
// machine clock.
type lane struct {
	mu    sync.Mutex
	rate  *rate.Limiter
	until time.Time // waits until then
	fails int       // in a row
}

func limiter(l rate.Limit) *rate.Limiter {
	if l <= 0 {
		return rate.NewLimiter(rate.Inf, 1)
	}
	return rate.NewLimiter(l, 1)
}

// waits returns how much longer the lane is to wait.
func (l *lane) waits() time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	return max(0, time.Until(l.until))
}

// pause makes the lane wait: as long as the platform asked for, or longer with
// each failure in a row. It returns for how long.
func (l *lane) pause(asked time.Duration) time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.fails++
	d := backoff(2*time.Second, 5*time.Minute, l.fails)
	if asked > 0 {
		d = asked + rand.N(asked/10+1)
	}
	if until := time.Now().Add(d); until.After(l.until) {
		l.until = until
	}
	return d
}

// asNew reports whether the lane remembers nothing that matters.
func (l *lane) asNew() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.fails == 0 && l.rate.Tokens() >= 1
}

func (l *lane) ok() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.fails = 0
}

// A line is the way to a platform, which all its lanes share.
type line struct {
	Pace
	rate *rate.Limiter

	mu    sync.Mutex
	fails int // tries in a row, in any lane, that found nobody at the other end
	until time.Time
}

// outage is how many failures in a row, over all lanes, make a platform down.
const outage = 3

// open reports whether the line may be used, and if not how long to leave it.
// While a platform is down one message at a time finds out whether it is back.
func (l *line) open() (time.Duration, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if wait := time.Until(l.until); wait > 0 {
		return wait, false
	}
	if l.fails >= outage {
		l.until = time.Now().Add(sendTime)
	}
	return 0, true
}

// heard tells what a try over the line was like.
func (l *line) heard(fate coach.Fate, asked time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if fate != coach.InDoubt && (fate != coach.Later || asked > 0) {
		l.fails, l.until = 0, time.Time{}
		return
	}
	if l.fails++; l.fails >= outage {
		l.until = time.Now().Add(backoff(5*time.Second, 2*time.Minute, l.fails-outage+1))
	}
}

// wait waits for the turn of a message in a lane. It fails at once if the turn
// would come after ctx ends.
func (l *line) wait(ctx context.Context, in *lane, direct bool) error {
	if err := in.rate.Wait(ctx); err != nil {
		return err
	}
	if direct && l.Jitter > 0 {
		timer := time.NewTimer(rand.N(l.Jitter))
		defer timer.Stop()
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-timer.C:
		}
	}
	return l.rate.Wait(ctx)
}

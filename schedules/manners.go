package schedules

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"runtime/debug"
	"time"

	"rapport/coach"
	"rapport/coach/streak"
)

// Grace says, by kind, how long after its time something may still be said.
// What is of no kind in it may be said late only on its own local day, within
// the hours in which people are written to.
type Grace map[string]time.Duration

const (
	prompt   = 10 * time.Minute // until then it is not late at all
	firstMin = 4 * 60           // 04:00, the first minute of the hours
	lastMin  = 20*60 + 59       // 20:59, the last
)

// allows reports whether what was due in zone may be said now.
func (g Grace) allows(kind, zone string, due, now time.Time) (bool, error) {
	late := now.Sub(due)
	if late <= prompt {
		return true, nil
	}
	if limit, ok := g[kind]; ok {
		return late <= limit, nil
	}
	loc, err := Zone(zone)
	if err != nil {
		return false, err
	}
	now = now.In(loc)
	minute := now.Hour()*60 + now.Minute()
	sameDay := streak.DateOf(now) == streak.DateOf(due.In(loc))
	return sameDay && minute >= firstMin && minute <= lastMin, nil
}

// laneOf names the lane of a place: each channel has one, and direct messages
// share one per platform. Lanes are stored, so none names a person.
func laneOf(a coach.Address) string {
	if a.Kind == coach.InChannel {
		return "channel/" + string(a.Platform) + "/" + a.Team.ID + "/" + a.Channel
	}
	return "direct/" + string(a.Platform)
}

// backoff returns how long to wait after n failures in a row: base doubled
// each time up to most, with a random half so that not all come back at once.
func backoff(base, most time.Duration, n int) time.Duration {
	d := base
	for range n - 1 {
		if d *= 2; d >= most {
			d = most
			break
		}
	}
	return d/2 + rand.N(d/2+1)
}

// A Panic is what a [coach.Speaker] or a [Sender] threw, as an error.
type Panic struct {
	Value any
	Stack []byte
}

// Error names the type of what was thrown: what it holds may be anybody's words,
// and errors are logged.
func (p *Panic) Error() string {
	if err, ok := p.Value.(runtime.Error); ok {
		return "panic: " + err.Error()
	}
	return fmt.Sprintf("panic: %T", p.Value)
}

// guard turns a panic of f into an error.
func guard(f func() error) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = &Panic{r, debug.Stack()}
		}
	}()
	return f()
}

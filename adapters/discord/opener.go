package discord

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"time"

	"rapport/adapters/surface"
	"rapport/coach"
)

// Opening direct messages. Discord says nothing of how many may be opened; apps
// that opened a few dozen at once were shut out of it for good.
const (
	openGap      = 5 * time.Second        // between two, at least
	openJitter   = 250 * time.Millisecond // on top, at most
	openReserve  = 3 * time.Second        // what is left of a send once its turn has come, at least
	openPatience = 7 * time.Second        // how long a send without an end waits for its turn
	placeTime    = time.Hour              // a place that is not taken is kept for so long
	maxPlaces    = 20_000                 // more than can be opened in a day
	firstBreak   = 15 * time.Minute       // without any, once Discord calls it too fast
	longBreak    = 4 * time.Hour          // where that happens again and again, at most
)

// An opener lets direct messages be opened one after another. Who comes too
// early gets a place of its own to come back at, so that hundreds who are due
// at once come once more each and not all together. The zero opener has opened
// none.
type opener struct {
	mu     sync.Mutex
	next   time.Time            // none before that
	tail   time.Time            // where the line ends: who is new stands there
	late   time.Time            // the last place given to one who found no room at its own
	shut   time.Time            // none before that, as Discord says
	breaks int                  // in a row
	places map[string]time.Time // by user id
	swept  time.Time
}

var errTurn = errors.New("direct messages are opened one after another")

// turn waits until direct messages with user may be opened. Where that is too
// far away it returns at once, with when to come back.
func (o *opener) turn(ctx context.Context, user string) error {
	until := time.Now().Add(openPatience)
	if end, ok := ctx.Deadline(); ok {
		until = end.Add(-openReserve)
	}
	at, ok := o.take(user, time.Now(), until)
	if !ok {
		return &coach.SendError{Fate: coach.Later, After: time.Until(at), Alone: true, Why: "direct messages are opened one after another", Err: errTurn}
	}
	if !sleep(ctx, time.Until(at)) {
		o.giveBack(user, at)
		return &coach.SendError{Fate: coach.Later, Err: surface.Bare(ctx.Err())}
	}
	return nil
}

// line is when user is to come back, the zero time if it need not: its turn comes
// before until.
func (o *opener) line(user string, now, until time.Time) (at time.Time) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if at, place, has := o.due(user, now); at.After(now) && at.After(until) {
		return o.putOff(user, at, place, has, now)
	}
	return time.Time{}
}

// take takes the turn of user, if it comes at once or before until. Otherwise at
// is its place.
func (o *opener) take(user string, now, until time.Time) (at time.Time, ok bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	at, place, has := o.due(user, now)
	if at.After(now) && at.After(until) {
		return o.putOff(user, at, place, has, now), false
	}
	delete(o.places, user)
	o.next = at.Add(openGap)
	o.tail = latest(o.tail, at.Add(gap()))
	return at, true
}

// due is when the turn of user comes; has says that it has its place already.
// o.mu is held.
func (o *opener) due(user string, now time.Time) (at, place time.Time, has bool) {
	place, has = o.places[user]
	if has = has && now.Before(place.Add(placeTime)); !has {
		place = latest(now, o.tail) // which is after shut
	}
	return latest(now, place, o.next, o.shut), place, has
}

// putOff gives user a place, and returns it. o.mu is held.
func (o *opener) putOff(user string, at, place time.Time, has bool, now time.Time) time.Time {
	if has && at.After(place) { // somebody else is there
		o.late = latest(o.late.Add(gap()), o.next, o.shut)
		place = o.late
	}
	o.tail = latest(o.tail, place.Add(gap()))
	o.reserve(user, place, now)
	return place
}

// giveBack keeps a turn that was not used as the place of user.
func (o *opener) giveBack(user string, at time.Time) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.reserve(user, at, time.Now())
}

// reserve keeps a place for user.
func (o *opener) reserve(user string, place, now time.Time) {
	if full := len(o.places) >= maxPlaces; full || now.Sub(o.swept) > placeTime {
		o.swept = now
		for other, at := range o.places {
			if !now.Before(at.Add(placeTime)) {
				delete(o.places, other)
			}
		}
	}
	if o.places == nil {
		o.places = make(map[string]time.Time)
	}
	if _, has := o.places[user]; has || len(o.places) < maxPlaces {
		o.places[user] = place
	} // else it stands in line again when it comes back
}

// tooFast lets none be opened for a long time, at least as long as Discord
// asked for, and longer where that happens again. It returns when user's place
// is then.
func (o *opener) tooFast(user string, asked time.Duration) (after time.Duration) {
	o.mu.Lock()
	defer o.mu.Unlock()
	now := time.Now()
	pause := max(asked, min(firstBreak<<min(o.breaks, 10), longBreak))
	o.breaks++
	o.shut = latest(o.shut, now.Add(pause))
	o.late = latest(o.late.Add(gap()), o.shut)
	o.tail = latest(o.tail, o.late.Add(gap()))
	o.reserve(user, o.late, now)
	return o.late.Sub(now)
}

// opened tells that Discord let one be opened.
func (o *opener) opened() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.breaks = 0
}

func gap() time.Duration { return openGap + rand.N(openJitter) }

// latest returns the last of times.
func latest(times ...time.Time) (last time.Time) {
	for _, t := range times {
		if t.After(last) {
			last = t
		}
	}
	return last
}

package gateway

import (
	"cmp"
	"context"
	"math/rand/v2"
	"time"
)

// A Pace is how long things take. What is zero is as usual; only tests have
// reason to set any.
type Pace struct {
	Dial  time.Duration // until the socket is open
	Hello time.Duration // from there until Discord's first word
	Ready time.Duration // from there until it takes us
	Look  time.Duration // for an answer of Options.Look

	First   time.Duration // the longest wait before the first two attempts after a drop; then doubled
	Longest time.Duration // between two attempts
	Lived   time.Duration // a connection that was up so long starts the waits anew

	Invalid  time.Duration // once to five times that before a session that Discord did not take is asked for again
	Identify time.Duration // between two identifies of one bucket
	Allowed  int           // identifies of one shard within Hour
	Hour     time.Duration
	Spent    time.Duration // at least, until Discord is asked again whether identifies are left

	Jitter func() float64 // chance, from 0 to 1; several goroutines may call it
}

// Identifies are a little further apart than Discord wants: what counts is when
// it gets them.
func usual() Pace {
	return Pace{
		Dial: 10 * time.Second, Hello: 10 * time.Second, Ready: 30 * time.Second, Look: 15 * time.Second,
		First: time.Second, Longest: 2 * time.Minute, Lived: 5 * time.Second,
		Invalid: time.Second, Identify: 5250 * time.Millisecond, Allowed: 8, Hour: time.Hour, Spent: time.Minute,
		Jitter: rand.Float64,
	}
}

// filled is p with the usual where nothing is set.
func (p Pace) filled() Pace {
	u := usual()
	for _, d := range []struct{ set, usual *time.Duration }{
		{&p.Dial, &u.Dial}, {&p.Hello, &u.Hello}, {&p.Ready, &u.Ready}, {&p.Look, &u.Look},
		{&p.First, &u.First}, {&p.Longest, &u.Longest}, {&p.Lived, &u.Lived},
		{&p.Invalid, &u.Invalid}, {&p.Identify, &u.Identify}, {&p.Hour, &u.Hour}, {&p.Spent, &u.Spent},
	} {
		*d.set = cmp.Or(*d.set, *d.usual)
	}
	p.Allowed = cmp.Or(p.Allowed, u.Allowed)
	if p.Jitter == nil {
		p.Jitter = u.Jitter
	}
	return p
}

// pause is how long to wait after so many attempts that came to nothing. The
// first two waits are alike: a peer that starts anew often misses the first
// attempt only.
func (p Pace) pause(tries int) time.Duration {
	d := min(p.First<<min(max(tries-1, 0), 20), p.Longest)
	return d/2 + p.part(d/2)
}

// part is some part of d.
func (p Pace) part(d time.Duration) time.Duration { return time.Duration(p.Jitter() * float64(d)) }

// sleep reports false if ctx ended before d was over.
func sleep(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return ctx.Err() == nil
	case <-ctx.Done():
		return false
	}
}

package main

import (
	"cmp"
	"fmt"
	"syscall"
	"testing"
	"time"

	"rapport/coach"
	"rapport/coach/streak"
)

// clockJumps moves the coach clock by a day, back and forth, over a night in
// which the clocks of Berlin change at one o'clock UTC, and kills the program
// each time. One message is due in that night at half past two, an hour that
// there is not in spring and twice in autumn, and one every night at that time.
// The clock of the machine is put back by a day as well.
func clockJumps(change time.Time) func(*testing.T, string) *chaos {
	const each, day = 4, 24 * time.Hour
	return func(t *testing.T, bin string) *chaos {
		c := newChaos(t, bin, t.TempDir(), each)
		c.jumpTo(change.Add(-12 * time.Hour))
		c.seedNight(each, streak.DateOf(change))
		c.begin()
		for _, n := range []struct {
			from, until time.Duration
			end         string
		}{
			{from: -3 * time.Second, until: time.Second},                                // lives through the change
			{from: 30*time.Minute - 3*time.Second, until: 30*time.Minute + time.Second}, // and through half past two as it is then
			{from: 40*time.Minute - day}, {from: 40 * time.Minute},                      // a day back, and on again
			{from: day + 40*time.Minute, end: "before-settle"}, {from: time.Hour}, {from: day + 2*time.Hour},
		} {
			c.jumpTo(change.Add(n.from))
			if n.end != "" {
				c.crashAt(n.end)
				c.putBack(day)
				continue
			}
			c.night(change.Add(cmp.Or(n.until, n.from)))
		}
		c.drain()
		c.wantAnswers()
		for what := range c.states() {
			c.want[what] = true
		}
		return c
	}
}

// jumpTo moves the coach clock of the next program to an instant.
func (c *chaos) jumpTo(at time.Time) { c.ahead = time.Until(at) }

// putBack makes of what is claimed what it is when the clock of the machine is
// put back: it was done, and ends, in times that are yet to come.
func (c *chaos) putBack(by time.Duration) {
	c.Helper()
	c.change(`UPDATE outbox SET lease_until = lease_until + $1, started_at = started_at + $1 WHERE state = 'sending'`, by.Microseconds())
}

// night has the program live until an instant, and until all that is ready then
// is sent, and kills it.
func (c *chaos) night(until time.Time) {
	c.Helper()
	p := c.start()
	c.awaitConnected(p)
	await(c.T, "the time comes", func() bool { c.alive(p); return !c.now().Before(until) })
	c.awaitTyped(1)
	c.awaitTold(p, c.told())
	p.signal(c.T, syscall.SIGKILL)
	p.end(c.T)
	c.bury(p)
}

// told counts what is settled and, in the same moment, what may be sent by the
// present clock: one of those may be settled in the next.
func (c *chaos) told() int {
	return c.number(`SELECT count(*) FROM outbox WHERE state <> 'ready' OR ready_at <= $1`, c.now().UnixMicro())
}

// seedNight makes an introduction due in that night, in half of the channels,
// and a post every day at the same time in the others.
func (c *chaos) seedNight(n int, night streak.Date) {
	c.Helper()
	c.open(func(s *store) {
		for i := range n {
			for _, p := range []spot{c.slackSpot(i), c.discordSpot(i)} {
				w := coach.Wish{Kind: "introduction", Subject: p.room, To: coach.ChannelOf(p.team, p.room), Date: night, Minute: 150, Zone: "Europe/Berlin", Exact: true}
				if i%2 == 1 {
					w = coach.Wish{Kind: "nudge", Subject: p.room, To: w.To, Spec: "30 2 * * *", Zone: w.Zone}
				}
				c.want[fmt.Sprintf("channel %s %s/%s/%s", p.room, w.Kind, p.room, night)] = true
				c.apply(s, p.who, coach.Change{Team: p.team, TeamPlan: p.plan(i, c.now()), Wishes: []coach.Wish{w}})
			}
		}
	})
	c.db = c.look()
}

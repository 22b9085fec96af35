package schedulestest

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"rapport/coach"
	"rapport/coach/coachtest"
	"rapport/coach/streak"
	"rapport/schedules"
)

// A mutant is a store with one defect. Hooks that are nil do what Mem does.
type mutant struct {
	*coachtest.Mem
	apply   func(m *mutant, who coach.Person, c coach.Change) coach.Change
	due     func(m *mutant, now time.Time, limit int) []schedules.Due
	advance func(m *mutant, steps []schedules.Step) []schedules.Advanced
	claim   func(m *mutant, c schedules.Claim) []schedules.Delivery
	start   func(m *mutant, d schedules.Delivery, at time.Time) bool
	settle  func(m *mutant, d schedules.Delivery, o schedules.Outcome) bool
	lapsed  func(m *mutant, at time.Time) []schedules.Delivery
	health  func(m *mutant, h coach.Health) coach.Health
	self    func(m *mutant, s coach.Self) coach.Self
	receipt func(r coach.Receipt) coach.Receipt
	forget  bool // does nothing

	n    int            // for counting
	seen map[string]int // for counting
	high coach.Health   // for remembering
}

var background = context.Background()

func (x *mutant) Apply(ctx context.Context, id string, who coach.Person, c coach.Change) (coach.Applied, error) {
	if x.apply != nil {
		c = x.apply(x, who, c)
	}
	return x.Mem.Apply(ctx, id, who, c)
}

func (x *mutant) Due(ctx context.Context, now time.Time, limit int) ([]schedules.Due, error) {
	if x.due != nil {
		return x.due(x, now, limit), nil
	}
	return x.Mem.Due(ctx, now, limit)
}

func (x *mutant) Advance(ctx context.Context, now time.Time, steps []schedules.Step) ([]schedules.Advanced, error) {
	if x.advance != nil {
		return x.advance(x, steps), nil
	}
	return x.Mem.Advance(ctx, now, steps)
}

func (x *mutant) Claim(ctx context.Context, c schedules.Claim) ([]schedules.Delivery, error) {
	if x.claim != nil {
		return x.claim(x, c), nil
	}
	return x.Mem.Claim(ctx, c)
}

func (x *mutant) Start(ctx context.Context, d schedules.Delivery, at time.Time) (bool, error) {
	if x.start != nil {
		return x.start(x, d, at), nil
	}
	return x.Mem.Start(ctx, d, at)
}

func (x *mutant) Settle(ctx context.Context, d schedules.Delivery, o schedules.Outcome) (bool, error) {
	if x.settle != nil {
		return x.settle(x, d, o), nil
	}
	return x.Mem.Settle(ctx, d, o)
}

func (x *mutant) Lapsed(ctx context.Context, at time.Time) ([]schedules.Delivery, error) {
	if x.lapsed != nil {
		return x.lapsed(x, at), nil
	}
	return x.Mem.Lapsed(ctx, at)
}

func (x *mutant) TeamHealth(ctx context.Context, t coach.Team) (coach.Health, error) {
	h, err := x.Mem.TeamHealth(ctx, t)
	if x.health != nil {
		h = x.health(x, h)
	}
	return h, err
}

func (x *mutant) Self(ctx context.Context, who coach.Person) (coach.Self, error) {
	s, err := x.Mem.Self(ctx, who)
	if x.self != nil {
		s = x.self(x, s)
	}
	return s, err
}

func (x *mutant) Receipt(ctx context.Context, who coach.Person) (coach.Receipt, error) {
	r, err := x.Mem.Receipt(ctx, who)
	if x.receipt != nil {
		r = x.receipt(r)
	}
	return r, err
}

func (x *mutant) Forget(ctx context.Context, who coach.Person) (coach.Receipt, error) {
	if x.forget {
		return x.Mem.Receipt(ctx, who)
	}
	return x.Mem.Forget(ctx, who)
}

// The functions below build mutants of one kind.

func applying(f func(m *mutant, who coach.Person, c *coach.Change)) mutant {
	return mutant{apply: func(m *mutant, who coach.Person, c coach.Change) coach.Change { f(m, who, &c); return c }}
}

// wishing changes every wish.
func wishing(f func(who coach.Person, w *coach.Wish)) mutant {
	return applying(func(_ *mutant, who coach.Person, c *coach.Change) {
		c.Wishes = slices.Clone(c.Wishes)
		for i := range c.Wishes {
			f(who, &c.Wishes[i])
		}
	})
}

// setting changes settings that are set.
func setting(f func(s *coach.Settings)) mutant {
	return applying(func(_ *mutant, _ coach.Person, c *coach.Change) {
		if c.Settings != nil {
			s := *c.Settings
			f(&s)
			c.Settings = &s
		}
	})
}

// anew cancels what is wished before it is wished, which loses what the row
// remembers.
func anew() mutant {
	return applying(func(m *mutant, who coach.Person, c *coach.Change) {
		for _, w := range c.Wishes {
			m.Mem.Apply(background, "", who, coach.Change{Cancel: []coach.Wish{w}})
		}
	})
}

func dueing(f func(due []schedules.Due) []schedules.Due) mutant {
	return mutant{due: func(m *mutant, now time.Time, limit int) []schedules.Due {
		due, _ := m.Mem.Due(background, now, limit)
		return f(due)
	}}
}

// sweeping sweeps at another time or with another limit.
func sweeping(shift time.Duration, more int) mutant {
	return mutant{due: func(m *mutant, now time.Time, limit int) []schedules.Due {
		due, _ := m.Mem.Due(background, now.Add(shift), limit+more)
		return due
	}}
}

// stepping changes each step.
func stepping(f func(m *mutant, s *schedules.Step)) mutant {
	return mutant{advance: func(m *mutant, steps []schedules.Step) []schedules.Advanced {
		steps = slices.Clone(steps)
		for i := range steps {
			if steps[i].Delivery != nil {
				d := *steps[i].Delivery
				steps[i].Delivery = &d
			}
			f(m, &steps[i])
		}
		got, _ := m.Mem.Advance(background, monday, steps)
		return got
	}}
}

// queueing changes each delivery that is queued.
func queueing(f func(m *mutant, d *schedules.Delivery)) mutant {
	return stepping(func(m *mutant, s *schedules.Step) {
		if s.Delivery != nil {
			f(m, s.Delivery)
		}
	})
}

func stepped(f func(steps []schedules.Step, got []schedules.Advanced) []schedules.Advanced) mutant {
	return mutant{advance: func(m *mutant, steps []schedules.Step) []schedules.Advanced {
		got, _ := m.Mem.Advance(background, monday, steps)
		return f(steps, got)
	}}
}

func claiming(f func(c *schedules.Claim)) mutant {
	return mutant{claim: func(m *mutant, c schedules.Claim) []schedules.Delivery {
		f(&c)
		got, _ := m.Mem.Claim(background, c)
		return got
	}}
}

func claimed(f func(got []schedules.Delivery)) mutant {
	return mutant{claim: func(m *mutant, c schedules.Claim) []schedules.Delivery {
		got, _ := m.Mem.Claim(background, c)
		f(got)
		return got
	}}
}

// waiting claims nothing while barred says so, and settles nothing on the way.
func waiting(barred func(c coach.Change) (is, changes bool)) mutant {
	x := applying(func(m *mutant, _ coach.Person, c *coach.Change) {
		if is, changes := barred(*c); changes {
			m.n = 0
			if is {
				m.n = 1
			}
		}
	})
	x.claim = func(m *mutant, c schedules.Claim) []schedules.Delivery {
		if m.n == 1 {
			return nil
		}
		got, _ := m.Mem.Claim(background, c)
		return got
	}
	return x
}

func starting(f func(m *mutant, d *schedules.Delivery, at *time.Time)) mutant {
	return mutant{start: func(m *mutant, d schedules.Delivery, at time.Time) bool {
		f(m, &d, &at)
		ok, _ := m.Mem.Start(background, d, at)
		return ok
	}}
}

func settling(f func(d *schedules.Delivery, o *schedules.Outcome)) mutant {
	return mutant{settle: func(m *mutant, d schedules.Delivery, o schedules.Outcome) bool {
		f(&d, &o)
		ok, _ := m.Mem.Settle(background, d, o)
		return ok
	}}
}

func lapsing(shift time.Duration, f func(got []schedules.Delivery) []schedules.Delivery) mutant {
	return mutant{lapsed: func(m *mutant, at time.Time) []schedules.Delivery {
		got, _ := m.Mem.Lapsed(background, at.Add(shift))
		return f(got)
	}}
}

func healthy(f func(m *mutant, h *coach.Health)) mutant {
	return mutant{health: func(m *mutant, h coach.Health) coach.Health { f(m, &h); return h }}
}

func being(f func(m *mutant, s *coach.Self)) mutant {
	return mutant{self: func(m *mutant, s coach.Self) coach.Self { f(m, &s); return s }}
}

func same[V any](v V) V { return v }

func alwaysStarts() mutant {
	return mutant{start: func(m *mutant, d schedules.Delivery, at time.Time) bool { m.Mem.Start(background, d, at); return true }}
}

// fieldsOf returns a mutant for each field of a V that a rule sets, which loses
// that one.
func fieldsOf[V any](build func(lose func(*V)) mutant, except ...string) (all []mutant) {
	v := reflect.TypeFor[V]()
	for i := range v.NumField() {
		if !slices.Contains(except, v.Field(i).Name) {
			all = append(all, build(func(at *V) { reflect.ValueOf(at).Elem().Field(i).SetZero() }))
		}
	}
	return all
}

// defects is, for each rule, mutants that it must fail.
func defects() map[string][]mutant {
	all := planDefects()
	for name, xs := range budgetDefects() {
		all[name] = xs
	}
	for name, xs := range courierDefects() {
		all[name] = xs
	}
	for name, xs := range effectDefects() {
		all[name] = xs
	}
	return all
}

func planDefects() map[string][]mutant {
	return map[string][]mutant{
		"DueWhole": fieldsOf(func(lose func(*schedules.Due)) mutant {
			return dueing(func(due []schedules.Due) []schedules.Due {
				for i := range due {
					lose(&due[i])
				}
				return due
			})
		}, "ID", "Last", "Memory"),
		"DueNotBefore":     {sweeping(time.Millisecond, 0), sweeping(-time.Millisecond, 0)},
		"DueEarliestFirst": {sweeping(0, 1), dueing(func(due []schedules.Due) []schedules.Due { slices.Reverse(due); return due })},
		"CivilTime": {
			wishing(func(_ coach.Person, w *coach.Wish) { w.Zone = "UTC" }),
			dueing(func(due []schedules.Due) []schedules.Due { // takes the clock before the gap for the one after it
				for i, d := range due {
					if d.Subject == "gap" {
						due[i].Next = d.Next.Add(-time.Hour)
					}
				}
				return due
			}),
		},
		"WishReplaces": {
			anew(),
			applying(func(m *mutant, _ coach.Person, c *coach.Change) { // never replaces
				if m.n++; m.n > 1 {
					c.Wishes = nil
				}
			}),
			applying(func(m *mutant, _ coach.Person, c *coach.Change) { // adds where it should replace
				c.Wishes = slices.Clone(c.Wishes)
				m.n++
				c.Wishes[0].Subject += fmt.Sprint(m.n)
			}),
			stepping(func(_ *mutant, s *schedules.Step) { s.Memory = nil }),
		},
		"PlansArePersonal": {
			claimed(func(got []schedules.Delivery) {
				for i := range got {
					_, got[i].Key, _ = strings.Cut(got[i].Key, "/")
				}
			}),
			wishing(func(_ coach.Person, w *coach.Wish) { w.To = channel }), // one plan for all
		},
		"WishToAnother": {wishing(func(who coach.Person, w *coach.Wish) { w.To = coach.DirectTo(who) })},
		"Cancelled": {
			applying(func(_ *mutant, _ coach.Person, c *coach.Change) { c.Cancel = nil }),
			applying(func(m *mutant, who coach.Person, c *coach.Change) { // everyone's
				for _, w := range c.Cancel {
					m.Mem.Apply(background, "", bob, coach.Change{Cancel: []coach.Wish{w}})
				}
			}),
			applying(func(_ *mutant, _ coach.Person, c *coach.Change) { // every subject
				for _, w := range c.Cancel {
					w.Subject = "g"
					c.Cancel = append(c.Cancel, w)
				}
			}),
			{ // the plan, and not what is queued
				apply: func(m *mutant, _ coach.Person, c coach.Change) coach.Change {
					for _, w := range c.Cancel {
						m.seen = map[string]int{"f": 1, w.Subject: 1}
					}
					c.Cancel = nil
					return c
				},
				due: func(m *mutant, now time.Time, limit int) []schedules.Due {
					due, _ := m.Mem.Due(background, now, limit)
					return slices.DeleteFunc(due, func(d schedules.Due) bool { return d.To == coach.DirectTo(ann) && m.seen[d.Subject] > 0 })
				},
			},
		},
		"CancelledTooLate": {{
			apply:  func(m *mutant, _ coach.Person, c coach.Change) coach.Change { m.n += len(c.Cancel); return c },
			settle: func(m *mutant, _ schedules.Delivery, _ schedules.Outcome) bool { return m.n == 0 },
		}},
		"CancelledInTime": {alwaysStarts(), applying(func(_ *mutant, _ coach.Person, c *coach.Change) { c.Cancel = nil })},
		"ZoneMoves": {
			applying(func(_ *mutant, _ coach.Person, c *coach.Change) { c.Zone = "" }),
			applying(func(m *mutant, _ coach.Person, c *coach.Change) { // everyone moves
				if c.Zone != "" {
					m.Mem.Apply(background, "", bob, coach.Change{Zone: c.Zone})
				}
			}),
			applying(func(_ *mutant, _ coach.Person, c *coach.Change) { // wished anew: a date is fired again
				if c.Zone != "" {
					w := tip
					w.Zone, c.Zone = c.Zone, ""
					other := question
					other.Zone = w.Zone
					c.Cancel, c.Wishes = nil, []coach.Wish{other}
					w.Subject = "anew"
					c.Cancel = append(c.Cancel, tip)
					c.Wishes = append(c.Wishes, w)
				}
			}),
		},
		"AdvanceFenced": {{advance: func(m *mutant, steps []schedules.Step) []schedules.Advanced { // takes the row as it is now
			for i, s := range steps {
				due, _ := m.Mem.Due(background, monday.AddDate(5, 0, 0), 100)
				for _, d := range due {
					if d.ID == s.Due.ID {
						steps[i].Due = d
					}
				}
			}
			got, _ := m.Mem.Advance(background, monday, steps)
			return got
		}}, stepped(func(_ []schedules.Step, got []schedules.Advanced) []schedules.Advanced {
			for i := range got {
				got[i] = schedules.Queued
			}
			return got
		})},
		"AdvanceMoves": {
			stepping(func(_ *mutant, s *schedules.Step) { s.Memory = nil }),
			stepping(func(_ *mutant, s *schedules.Step) { s.Said = nil }),
			stepping(func(_ *mutant, s *schedules.Step) { s.NextDate = s.Due.Date }),
			stepping(func(_ *mutant, s *schedules.Step) { s.Next = s.Due.Next.Add(time.Hour) }),
			stepping(func(_ *mutant, s *schedules.Step) { s.Delivery = delivery(s.Due) }),
			dueing(func(due []schedules.Due) []schedules.Due {
				for i := range due {
					due[i].Last = ""
				}
				return due
			}),
		},
		"AdvanceEnds": {stepping(func(_ *mutant, s *schedules.Step) {
			if s.Next.IsZero() {
				s.Next, s.NextDate = s.Due.Next.AddDate(0, 0, 1), s.Due.Date.Add(1)
			}
		})},
		"AdvanceTogether": {{advance: func(m *mutant, steps []schedules.Step) []schedules.Advanced { // only the first
			got, _ := m.Mem.Advance(background, monday, steps[:1])
			return append(got, make([]schedules.Advanced, len(steps)-1)...)
		}}},
		"OccurrenceOnce": {queueing(func(m *mutant, d *schedules.Delivery) { m.n++; d.Key += fmt.Sprint(m.n) })},
		"WeekOnce":       {anew()},
		"WeekOnceInOutbox": {
			queueing(func(m *mutant, d *schedules.Delivery) { m.n++; d.Subject += fmt.Sprint(m.n) }),
			queueing(func(m *mutant, d *schedules.Delivery) { d.Date = "2026-11-26" }), // one week for ever
		},
		"MissedCounted": {
			stepping(func(_ *mutant, s *schedules.Step) { s.Missed = "" }),
			healthy(func(m *mutant, h *coach.Health) {
				m.high.Missed = max(m.high.Missed, h.Missed)
				h.Missed = m.high.Missed
			}),
		},
	}
}

func budgetDefects() map[string][]mutant {
	return map[string][]mutant{
		"RhythmOnceADay": {
			queueing(func(_ *mutant, d *schedules.Delivery) { d.Exact = true }),
			queueing(func(_ *mutant, d *schedules.Delivery) { d.Date = "2026-11-23" }), // one day for ever
			{advance: func(m *mutant, steps []schedules.Step) []schedules.Advanced { // one budget for all people
				s := steps[0]
				if m.seen == nil {
					m.seen = map[string]int{}
				}
				if m.seen[string(s.Due.Date)]++; m.seen[string(s.Due.Date)] > 1 {
					s.Delivery = nil
					m.Mem.Advance(background, monday, []schedules.Step{s})
					return []schedules.Advanced{schedules.Spent}
				}
				got, _ := m.Mem.Advance(background, monday, steps)
				return got
			}},
		},
		"ExactAlwaysGoes": {queueing(func(_ *mutant, d *schedules.Delivery) { d.Exact = false })},
		"ExactUsesTheDay": {queueing(func(_ *mutant, d *schedules.Delivery) { d.Date = d.Date.Add(100 * boolInt(d.Exact)) })},
		"RhythmYieldsToExact": {
			wishing(func(_ coach.Person, w *coach.Wish) { w.Exact = false }),
			{advance: func(m *mutant, steps []schedules.Step) []schedules.Advanced { // to everyone's
				due, _ := m.Mem.Due(background, at(30, 0, 0), 100)
				got, _ := m.Mem.Advance(background, monday, steps)
				for _, d := range due {
					if d.Exact && d.Date == steps[0].Due.Date {
						got[0] = schedules.Spent
					}
				}
				return got
			}},
		},
		"SpentLeavesNothing": {
			{advance: func(m *mutant, steps []schedules.Step) []schedules.Advanced {
				got, _ := m.Mem.Advance(background, monday, steps)
				if got[0] == schedules.Spent {
					m.Mem.Apply(background, "", ann, coach.Change{Said: steps[0].Said})
				}
				return got
			}},
			dueing(func(due []schedules.Due) []schedules.Due {
				for i, d := range due {
					if d.Kind == "reflection" && d.Last != "" {
						due[i].Memory = []byte("bag")
					}
				}
				return due
			}),
		},
		"SaidWhenQueued": {
			stepping(func(_ *mutant, s *schedules.Step) { s.Said = nil }),
			stepping(func(_ *mutant, s *schedules.Step) { s.Memory = nil }),
		},
		"DeadGivesTheDayBack": {settling(func(_ *schedules.Delivery, o *schedules.Outcome) { o.State = schedules.InDoubt })},
		"InDoubtKeepsTheDay":  {settling(func(_ *schedules.Delivery, o *schedules.Outcome) { o.State = schedules.Dead })},
		"ChannelHasNoBudget": {stepped(func(steps []schedules.Step, got []schedules.Advanced) []schedules.Advanced {
			if steps[0].Due.Subject == "other" {
				return []schedules.Advanced{schedules.Spent}
			}
			return got
		})},
	}
}

func boolInt(b bool) int {
	if b {
		return 1
	}
	return 0
}

func courierDefects() map[string][]mutant {
	stops := func(c coach.Change) (is, changes bool) {
		if c.TeamPlan == nil {
			return false, false
		}
		return c.TeamPlan.Stopped, true
	}
	pauses := func(c coach.Change) (is, changes bool) {
		if c.Settings == nil {
			return false, false
		}
		return c.Settings.PauseFrom != "", true
	}
	unstopped := applying(func(_ *mutant, _ coach.Person, c *coach.Change) {
		if c.TeamPlan != nil {
			c.TeamPlan = new(coach.TeamSettings)
		}
	})
	unpaused := setting(func(s *coach.Settings) { s.PauseFrom, s.PauseUntil = "", "" })
	return map[string][]mutant{
		"DeliveryWhole": fieldsOf(func(lose func(*schedules.Delivery)) mutant {
			return claimed(func(got []schedules.Delivery) {
				for i := range got {
					lose(&got[i])
				}
			})
		}, "ID", "Started"),
		"ClaimOnce": {{claim: func(m *mutant, c schedules.Claim) []schedules.Delivery {
			m.Mem.Lapsed(background, c.Machine.Add(c.Lease))
			got, _ := m.Mem.Claim(background, c)
			return got
		}}},
		"ClaimNotBeforeReady": {
			claiming(func(c *schedules.Claim) { c.Now = c.Now.Add(time.Hour) }),
			claiming(func(c *schedules.Claim) { c.Now = c.Now.Add(-time.Minute) }),
			queueing(func(_ *mutant, d *schedules.Delivery) { d.Ready = d.DueAt }),
		},
		"ClaimByLane": {
			claiming(func(c *schedules.Claim) { c.Skip = nil }),
			claiming(func(c *schedules.Claim) { c.PerLane = 9 }),
			claiming(func(c *schedules.Claim) { c.Limit++ }),
			claimed(func(got []schedules.Delivery) { slices.Reverse(got) }),
		},
		"StoppedTeamGetsNothing": {unstopped, waiting(stops)},
		"StoppedTeamsPeopleGetNothing": {
			applying(func(_ *mutant, _ coach.Person, c *coach.Change) { // knows no members
				if c.TeamPlan == nil {
					c.Team = coach.Team{}
				}
			}),
			waiting(stops), // one stopped team is enough
		},
		"PausedGetNothing": {
			unpaused,
			setting(func(s *coach.Settings) { s.PauseUntil = s.PauseUntil.Add(-1) }),
			setting(func(s *coach.Settings) { s.PauseUntil = s.PauseUntil.Add(1) }),
			setting(func(s *coach.Settings) { s.PauseFrom = s.PauseFrom.Add(1) }),
			setting(func(s *coach.Settings) { s.PauseFrom = s.PauseFrom.Add(-1) }),
		},
		"BarredGivesTheDayBack": {waiting(pauses)},
		"StartFenced": {
			starting(func(_ *mutant, d *schedules.Delivery, _ *time.Time) { d.Owner = "me" }),
			starting(func(_ *mutant, d *schedules.Delivery, _ *time.Time) { d.Attempt = 1 }),
			starting(func(_ *mutant, _ *schedules.Delivery, at *time.Time) { *at = machine }),
			lapsing(0, func(got []schedules.Delivery) []schedules.Delivery { // the last start, not the first
				for i := range got {
					got[i].Started = machine.Add(2 * time.Second)
				}
				return got
			}),
			{start: func(m *mutant, d schedules.Delivery, at time.Time) bool { // once only
				m.n++
				ok, _ := m.Mem.Start(background, d, at)
				return ok && m.n < 5
			}},
			{start: func(*mutant, schedules.Delivery, time.Time) bool { return false }},
		},
		"StartLooksAgain": {alwaysStarts(), unstopped, unpaused, {start: func(m *mutant, d schedules.Delivery, at time.Time) bool {
			s, _ := m.Mem.TeamSettings(background, team) // waits while the team is stopped
			if s.Stopped {
				return false
			}
			ok, _ := m.Mem.Start(background, d, at)
			return ok
		}}},
		"SettleFenced": {
			settling(func(d *schedules.Delivery, _ *schedules.Outcome) { d.Owner = "me" }),
			settling(func(d *schedules.Delivery, _ *schedules.Outcome) { d.Attempt = 1 }),
			settling(func(_ *schedules.Delivery, o *schedules.Outcome) { o.State = schedules.InDoubt }),
			settling(func(_ *schedules.Delivery, o *schedules.Outcome) { o.State, o.Ready = schedules.Ready, monday }),
			{settle: func(*mutant, schedules.Delivery, schedules.Outcome) bool { return false }},
		},
		"SettledReady": {
			settling(func(_ *schedules.Delivery, o *schedules.Outcome) { o.Ready = monday }),
			settling(func(_ *schedules.Delivery, o *schedules.Outcome) { o.State = schedules.Dead }),
			claimed(func(got []schedules.Delivery) {
				for i := range got {
					got[i].Attempt = 1
				}
			}),
			claimed(func(got []schedules.Delivery) {
				for i := range got {
					got[i].Started = machine
				}
			}),
			claiming(func(c *schedules.Claim) { c.Owner = "me" }),
			{settle: func(m *mutant, d schedules.Delivery, o schedules.Outcome) bool {
				m.Mem.Settle(background, d, o)
				return true
			}},
		},
		"DeadIsDead": {
			settling(func(_ *schedules.Delivery, o *schedules.Outcome) { o.State, o.Ready = schedules.Ready, monday }),
			queueing(func(m *mutant, d *schedules.Delivery) { m.n++; d.Key += fmt.Sprint(m.n) }), // a dead one's key is free
		},
		"InDoubtMayBeTriedAgain": {
			claimed(func(got []schedules.Delivery) {
				for i := range got {
					got[i].Started = time.Time{}
				}
			}),
			lapsing(0, func(got []schedules.Delivery) []schedules.Delivery {
				for i := range got {
					got[i].Started = machine.Add(30 * time.Second)
				}
				return got
			}),
			settling(func(_ *schedules.Delivery, o *schedules.Outcome) {
				if o.State == schedules.InDoubt {
					o.State = schedules.Done
				}
			}),
			settling(func(_ *schedules.Delivery, o *schedules.Outcome) { o.State, o.Ready = schedules.Ready, monday }),
			settling(func(_ *schedules.Delivery, o *schedules.Outcome) { o.State = schedules.InDoubt }),
		},
		"LapsedAhead": {
			lapsing(-24*time.Hour, same),
			{lapsed: func(m *mutant, at time.Time) []schedules.Delivery { // never looks ahead
				if at.Before(machine) {
					return nil
				}
				got, _ := m.Mem.Lapsed(background, at)
				return got
			}},
		},
		"LapsedUnstarted": {
			lapsing(time.Minute, same),
			lapsing(-time.Hour, same),
			{lapsed: func(m *mutant, at time.Time) []schedules.Delivery {
				got, _ := m.Mem.Lapsed(background, at)
				if at.Before(machine.Add(lease)) {
					return got
				}
				return make([]schedules.Delivery, 1)
			}},
			alwaysStarts(),
		},
		"LapsedStarted": {
			lapsing(time.Minute, same),
			lapsing(-time.Hour, same),
			lapsing(0, func([]schedules.Delivery) []schedules.Delivery { return nil }),
			{lapsed: func(m *mutant, at time.Time) []schedules.Delivery { // sends again without asking
				got, _ := m.Mem.Lapsed(background, at)
				for _, d := range got {
					m.Mem.Settle(background, d, schedules.Outcome{State: schedules.Ready, Ready: monday})
				}
				return got
			}},
			{lapsed: func(m *mutant, at time.Time) []schedules.Delivery { // returns it for ever
				got, _ := m.Mem.Lapsed(background, at)
				if len(got) > 0 {
					m.n++
				}
				if m.n > 0 && len(got) == 0 {
					return make([]schedules.Delivery, 1)
				}
				return got
			}},
		},
	}
}

func effectDefects() map[string][]mutant {
	unclosed := settling(func(_ *schedules.Delivery, o *schedules.Outcome) { o.Close = false })
	undone := settling(func(_ *schedules.Delivery, o *schedules.Outcome) { o.State = schedules.InDoubt })
	return map[string][]mutant{
		"DoneIsCounted": {
			undone,
			being(func(_ *mutant, s *coach.Self) { s.Unanswered = 0 }),
			being(func(m *mutant, s *coach.Self) { m.n = max(m.n, s.Unanswered); s.Unanswered = m.n }),
			queueing(func(_ *mutant, d *schedules.Delivery) { d.Exact = false }),
			settling(func(_ *schedules.Delivery, o *schedules.Outcome) {
				if o.State == schedules.InDoubt {
					o.State = schedules.Done
				}
			}),
		},
		"DoneIsShown": append(fieldsOf(func(lose func(*coach.Health)) mutant {
			return healthy(func(_ *mutant, h *coach.Health) { lose(h) })
		}, "LastPress", "InDoubt", "Missed", "Problem"),
			undone, mutant{receipt: func(r coach.Receipt) coach.Receipt { r.Messages++; return r }}),
		"MessagesInReceipt": {{receipt: func(r coach.Receipt) coach.Receipt { r.Messages = 0; return r }}},
		"InDoubtIsShown": {
			settling(func(_ *schedules.Delivery, o *schedules.Outcome) { o.State = schedules.Done }),
			healthy(func(m *mutant, h *coach.Health) {
				m.high.InDoubt = max(m.high.InDoubt, h.InDoubt)
				h.InDoubt = m.high.InDoubt
			}),
		},
		"ClosedChannel": {
			unclosed,
			settling(func(_ *schedules.Delivery, o *schedules.Outcome) { o.Why = "other" }),
			healthy(func(m *mutant, h *coach.Health) {
				if h.Problem != "" {
					m.high = *h
				}
				h.Problem = m.high.Problem
			}),
			wishing(func(_ coach.Person, w *coach.Wish) { w.To = channel }), // the whole team's
			wishing(func(_ coach.Person, w *coach.Wish) { // only that wish
				if w.Kind == "channel-tip" {
					w.To = coach.ChannelOf(team, "c3")
				}
			}),
		},
		"ClosedPerson": {
			unclosed,
			being(func(_ *mutant, s *coach.Self) { s.Closed = false }),
			being(func(_ *mutant, s *coach.Self) { s.Closed = true }),
			being(func(m *mutant, s *coach.Self) { m.n += boolInt(s.Closed); s.Closed = m.n > 0 }),
			{settle: func(m *mutant, d schedules.Delivery, o schedules.Outcome) bool { // everyone's
				m.Mem.Apply(background, "", bob, coach.Change{Cancel: []coach.Wish{tip}})
				ok, _ := m.Mem.Settle(background, d, o)
				return ok
			}},
			{settle: func(m *mutant, d schedules.Delivery, o schedules.Outcome) bool { // what is planned stays
				ok, _ := m.Mem.Settle(background, d, o)
				m.Mem.Apply(background, "", ann, coach.Change{Wishes: []coach.Wish{{Kind: "x", To: coach.Address{Kind: coach.Direct, Person: ann}, Date: streak.Date("2026-12-01"), Zone: "UTC"}}})
				return ok
			}},
		},
		"OursIsExcused":       {settling(func(_ *schedules.Delivery, o *schedules.Outcome) { o.Ours = false })},
		"TheirsIsNot":         {settling(func(_ *schedules.Delivery, o *schedules.Outcome) { o.Ours = true })},
		"ForgottenGetNothing": {{forget: true}},
	}
}

// TestRulesFailMutants checks that every rule fails each of its mutants, and
// has one.
func TestRulesFailMutants(t *testing.T) {
	all := defects()
	for _, r := range rules {
		check := func(store func(*coachtest.Mem) Store) []string {
			return coachtest.Fails(t.Context(), func(probe coachtest.T) {
				c := &coachtest.Clock{At: monday}
				r.check(&env{T: probe, Store: store(coachtest.NewMem(c.Now)), clock: c})
			})
		}
		if said := check(func(m *coachtest.Mem) Store { return m }); len(said) > 0 {
			t.Errorf("%s fails a sound store: %q", r.name, said)
		}
		if len(all[r.name]) == 0 {
			t.Errorf("%s has no mutant", r.name)
		}
		for i := range all[r.name] {
			x := &all[r.name][i]
			if said := check(func(m *coachtest.Mem) Store { x.Mem = m; return x }); len(said) == 0 {
				t.Errorf("%s: mutant %d survives", r.name, i)
			}
		}
		delete(all, r.name)
	}
	for name := range all {
		t.Errorf("mutants for %s, which is no rule", name)
	}
}

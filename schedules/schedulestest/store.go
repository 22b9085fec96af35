// Package schedulestest checks implementations of schedules.Store. It seeds
// them through coach.Store, as presses of people do.
package schedulestest

import (
	"fmt"
	"reflect"
	"slices"
	"testing"
	"time"

	"rapport/coach"
	"rapport/coach/coachtest"
	"rapport/coach/streak"
	"rapport/schedules"
)

// A Store is what is planned, and the people it is planned for.
type Store interface {
	coach.Store
	schedules.Store
}

// TestStore checks that the stores open returns behave as [schedules.Store]
// asks. Every implementation calls it. open returns an empty store on that
// coach clock.
func TestStore(t *testing.T, open func(t *testing.T, now func() time.Time) Store) {
	for _, r := range rules {
		t.Run(r.name, func(t *testing.T) {
			c := &coachtest.Clock{At: monday}
			r.check(&env{T: t, Store: open(t, c.Now), clock: c})
		})
	}
}

// a rule is one promise of [schedules.Store].
type rule struct {
	name  string
	check func(*env)
}

var rules = slices.Concat(planRules, budgetRules, courierRules, effectRules)

// env is a store under test.
type env struct {
	coachtest.T
	Store
	clock *coachtest.Clock
	asked int // requests so far
}

var (
	monday  = coachtest.Monday
	machine = time.Date(2031, 1, 1, 0, 0, 0, 0, time.UTC) // the machine's clock is another one
	ann     = coach.Person{Platform: "p", Realm: "r", User: "ann"}
	bob     = coach.Person{Platform: "p", Realm: "r", User: "bob"}
	team    = coach.Team{Platform: "p", ID: "t1"}
	channel = coach.ChannelOf(team, "c1")
	lease   = time.Minute
)

// Wishes that the rules use.
var (
	question = coach.Wish{Kind: "question", Subject: "f", Date: "2026-11-26", Minute: 9 * 60, Zone: "UTC", Exact: true}
	tip      = coach.Wish{Kind: "tip", Subject: "rhythm", Spec: "30 9 * * *", Zone: "UTC"}
	nudge    = coach.Wish{Kind: "nudge", Subject: "s", To: channel, Spec: "0 9 * * 4", Zone: "UTC"}
)

// apply is a press of who.
func (e *env) apply(who coach.Person, c coach.Change) {
	e.Helper()
	e.asked++
	if _, err := e.Apply(e.Context(), fmt.Sprint("request ", e.asked), who, c); err != nil {
		e.Fatalf("Apply: %v", err)
	}
}

func (e *env) wish(who coach.Person, wishes ...coach.Wish) {
	e.Helper()
	e.apply(who, coach.Change{Wishes: wishes})
}

// due is everything that is due at an instant.
func (e *env) due(at time.Time) []schedules.Due {
	e.Helper()
	due, err := e.Due(e.Context(), at, 100)
	if err != nil {
		e.Fatalf("Due: %v", err)
	}
	for i := range due {
		due[i].Next = due[i].Next.UTC()
	}
	return due
}

// all is everything that is planned.
func (e *env) all() []schedules.Due {
	e.Helper()
	return e.due(monday.AddDate(5, 0, 0))
}

// only is the one row of a kind that is planned.
func (e *env) only(kind string) schedules.Due {
	e.Helper()
	for _, d := range e.all() {
		if d.Kind == kind {
			return d
		}
	}
	e.Fatalf("no %s is planned", kind)
	return schedules.Due{}
}

// delivery is what a planner makes of d.
func delivery(d schedules.Due) *schedules.Delivery {
	lane := "dm"
	if d.To.Kind == coach.InChannel {
		lane = d.To.Channel
	}
	return &schedules.Delivery{Key: d.Key(), Kind: d.Kind, Subject: d.Subject, To: d.To, Lane: lane, Date: d.Date, Zone: d.Zone,
		Exact: d.Exact, Choice: coach.Choice{Composer: "c", Items: []string{"i1", "i2"}, Edition: "e1"}, DueAt: d.Next}
}

// following moves d to its next occurrence, or ends it, and sends something.
func (e *env) following(d schedules.Due) schedules.Step {
	e.Helper()
	s := schedules.Step{Due: d, Memory: d.Memory, Delivery: delivery(d)}
	if d.Spec != "" {
		next, date, err := schedules.Next(d.Spec, d.Zone, d.Next, d.Date)
		if err != nil {
			e.Fatalf("Next: %v", err)
		}
		s.Next, s.NextDate = next, date
	}
	return s
}

func (e *env) step(s schedules.Step) schedules.Advanced {
	e.Helper()
	got, err := e.Advance(e.Context(), s.Due.Next, []schedules.Step{s})
	if err != nil || len(got) != 1 {
		e.Fatalf("Advance = %v, %v; want one result", got, err)
	}
	return got[0]
}

// queue queues the one planned row of a kind.
func (e *env) queue(kind string) {
	e.Helper()
	if got := e.step(e.following(e.only(kind))); got != schedules.Queued {
		e.Fatalf("queueing a %s = %v, want queued", kind, got)
	}
}

// claim takes what is ready by the end of the week.
func (e *env) claim() []schedules.Delivery {
	e.Helper()
	return e.claimAs(schedules.Claim{Now: monday.AddDate(0, 0, 7), Machine: machine, Owner: "me", Lease: lease, PerLane: 9, Limit: 99})
}

func (e *env) claimAs(c schedules.Claim) []schedules.Delivery {
	e.Helper()
	got, err := e.Claim(e.Context(), c)
	if err != nil {
		e.Fatalf("Claim: %v", err)
	}
	return got
}

// claimOne takes the one that is ready.
func (e *env) claimOne() schedules.Delivery {
	e.Helper()
	got := e.claim()
	if len(got) != 1 {
		e.Fatalf("Claim took %d, want 1", len(got))
	}
	return got[0]
}

func (e *env) start(d schedules.Delivery) bool {
	e.Helper()
	return e.startAt(d, machine.Add(time.Second))
}

func (e *env) startAt(d schedules.Delivery, at time.Time) bool {
	e.Helper()
	ok, err := e.Start(e.Context(), d, at)
	if err != nil {
		e.Fatalf("Start: %v", err)
	}
	return ok
}

func (e *env) settle(d schedules.Delivery, o schedules.Outcome) bool {
	e.Helper()
	ok, err := e.Settle(e.Context(), d, o)
	if err != nil {
		e.Fatalf("Settle: %v", err)
	}
	return ok
}

// send queues, claims, starts and settles the one planned row of a kind.
func (e *env) send(kind string, o schedules.Outcome) {
	e.Helper()
	e.queue(kind)
	d := e.claimOne()
	if !e.start(d) || !e.settle(d, o) {
		e.Fatalf("a %s could not be started and settled", kind)
	}
}

func (e *env) lapsed(at time.Time) []schedules.Delivery {
	e.Helper()
	got, err := e.Lapsed(e.Context(), at)
	if err != nil {
		e.Fatalf("Lapsed: %v", err)
	}
	return got
}

func (e *env) self(who coach.Person) coach.Self {
	e.Helper()
	s, err := e.Self(e.Context(), who)
	if err != nil {
		e.Fatalf("Self: %v", err)
	}
	return s
}

func (e *env) health() coach.Health {
	e.Helper()
	h, err := e.TeamHealth(e.Context(), team)
	if err != nil {
		e.Fatalf("TeamHealth: %v", err)
	}
	return h
}

func (e *env) said(who coach.Person) []coach.Said {
	e.Helper()
	said, err := e.Said(e.Context(), who, "")
	if err != nil {
		e.Fatalf("Said: %v", err)
	}
	return said
}

func equal[V any](e *env, what string, got, want V) {
	e.Helper()
	if !reflect.DeepEqual(got, want) {
		e.Errorf("%s = %+v, want %+v", what, got, want)
	}
}

// at is an instant of the week the rules live in.
func at(day, hour, minute int) time.Time {
	return time.Date(2026, 11, day, hour, minute, 0, 0, time.UTC)
}

// keys is the kinds of deliveries, in order.
func kinds(ds []schedules.Delivery) (out []string) {
	for _, d := range ds {
		out = append(out, d.Kind)
	}
	return out
}

// dates is the nominal dates of what is planned, in order.
func dates(ds []schedules.Due) (out []streak.Date) {
	for _, d := range ds {
		out = append(out, d.Date)
	}
	return out
}

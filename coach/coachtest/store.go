package coachtest

import (
	"context"
	"fmt"
	"reflect"
	"runtime"
	"slices"
	"testing"
	"time"

	"rapport/coach"
	"rapport/coach/streak"
	"rapport/schedules"
)

// T is what a rule of a conformance suite needs of a *testing.T. A test of the
// suite itself runs a rule with a T of its own, to see it fail.
type T interface {
	Helper()
	Context() context.Context
	Errorf(format string, args ...any)
	Fatalf(format string, args ...any)
}

// A Clock is a coach clock that a test sets.
type Clock struct{ At time.Time }

// Now is the instant the clock shows.
func (c *Clock) Now() time.Time { return c.At }

// TestStore checks that the stores open returns behave as [coach.Store] asks.
// Every implementation calls it. open returns an empty store on that clock.
func TestStore(t *testing.T, open func(t *testing.T, now func() time.Time) coach.Store) {
	for _, r := range rules {
		t.Run(r.name, func(t *testing.T) {
			c := &Clock{Monday}
			r.check(&env{T: t, Store: open(t, c.Now), clock: c})
		})
	}
}

// Fails runs check with a T that only records, and returns what it reported: a
// mutant of a store must make a rule report something.
func Fails(ctx context.Context, check func(T)) []string {
	p := &probe{ctx: ctx}
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer func() {
			if r := recover(); r != nil {
				p.said = append(p.said, fmt.Sprint("panic: ", r))
			}
		}()
		check(p)
	}()
	<-done
	return p.said
}

// probe is the T of Fails.
type probe struct {
	ctx  context.Context
	said []string
}

func (p *probe) Helper()                  {}
func (p *probe) Context() context.Context { return p.ctx }
func (p *probe) Errorf(format string, args ...any) {
	p.said = append(p.said, fmt.Sprintf(format, args...))
}
func (p *probe) Fatalf(format string, args ...any) {
	p.Errorf(format, args...)
	runtime.Goexit()
}

// Monday is when the suites' clocks begin: 2026-11-23, 09:00 UTC.
var Monday = time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)

// a rule is one promise of [coach.Store].
type rule struct {
	name  string
	check func(*env)
}

var rules = slices.Concat(writingRules, readingRules, troubleRules, triesRules)

// env is a store under test.
type env struct {
	T
	coach.Store
	clock *Clock
}

var (
	ann  = coach.Person{Platform: "p", Realm: "r", User: "ann"}
	bob  = coach.Person{Platform: "p", Realm: "r", User: "bob"}
	team = coach.Team{Platform: "p", ID: "t1"}
)

// apply applies c and fails the test on an error. It leaves out what is then
// known about the person, which has a rule of its own.
func (e *env) apply(id string, who coach.Person, c coach.Change) coach.Applied {
	e.Helper()
	got := e.applySelf(id, who, c)
	got.Self = coach.Self{}
	return got
}

func (e *env) applySelf(id string, who coach.Person, c coach.Change) coach.Applied {
	e.Helper()
	got, err := e.Apply(e.Context(), id, who, c)
	if err != nil {
		e.Fatalf("Apply(%q): %v", id, err)
	}
	return got
}

// must returns v and fails the test on an error.
func must[V any](e *env, what string) func(V, error) V {
	return func(v V, err error) V {
		e.Helper()
		if err != nil {
			e.Fatalf("%s: %v", what, err)
		}
		return v
	}
}

func (e *env) self(who coach.Person) coach.Self {
	e.Helper()
	return must[coach.Self](e, "Self")(e.Self(e.Context(), who))
}

func (e *env) log(who coach.Person) []streak.Event {
	e.Helper()
	return must[[]streak.Event](e, "Events")(e.Events(e.Context(), who))
}

func (e *env) notes(who coach.Person) []coach.Note {
	e.Helper()
	return must[[]coach.Note](e, "Notes")(e.Notes(e.Context(), who, 0, 100))
}

func (e *env) said(who coach.Person, since streak.Date) []coach.Said {
	e.Helper()
	return must[[]coach.Said](e, "Said")(e.Said(e.Context(), who, since))
}

func (e *env) receipt(who coach.Person) coach.Receipt {
	e.Helper()
	return must[coach.Receipt](e, "Receipt")(e.Receipt(e.Context(), who))
}

func (e *env) health() coach.Health {
	e.Helper()
	return must[coach.Health](e, "TeamHealth")(e.TeamHealth(e.Context(), team))
}

func (e *env) words(who coach.Person, flow string) string {
	e.Helper()
	return must[string](e, "FlowWords")(e.FlowWords(e.Context(), who, flow))
}

func (e *env) draft(who coach.Person, id string) (coach.Draft, bool) {
	e.Helper()
	d, ok, err := e.Draft(e.Context(), who, id)
	if err != nil {
		e.Fatalf("Draft: %v", err)
	}
	return d, ok
}

func (e *env) planned(kind string) (coach.Occasion, bool) {
	e.Helper()
	o, ok, err := e.Planned(e.Context(), team, kind)
	if err != nil {
		e.Fatalf("Planned: %v", err)
	}
	return o, ok
}

// equal reports a difference between got and want.
func equal[V any](t T, what string, got, want V) {
	t.Helper()
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%s = %+v, want %+v", what, got, want)
	}
}

func (e *env) trouble() string {
	e.Helper()
	return must[string](e, "Trouble")(e.Trouble(e.Context(), team))
}

func (e *env) told() {
	e.Helper()
	if err := e.Told(e.Context(), team); err != nil {
		e.Fatalf("Told: %v", err)
	}
}

func (e *env) tokyo() *time.Location {
	loc, err := time.LoadLocation("Asia/Tokyo")
	if err != nil {
		e.Fatalf("%v", err)
	}
	return loc
}

// plans is the store as schedules see it.
func (e *env) plans() schedules.Store {
	s, ok := e.Store.(schedules.Store)
	if !ok {
		e.Fatalf("the store keeps no schedules")
	}
	return s
}

// due is what is planned within a month.
func (e *env) due() []schedules.Due {
	e.Helper()
	return must[[]schedules.Due](e, "Due")(e.plans().Due(e.Context(), e.clock.At.AddDate(0, 1, 0), 100))
}

// deliver sends what is due now, with that outcome. items are what is said.
func (e *env) deliver(o schedules.Outcome, items ...string) {
	e.Helper()
	s := e.plans()
	for _, d := range must[[]schedules.Due](e, "Due")(s.Due(e.Context(), e.clock.At, 100)) {
		out := schedules.Delivery{Key: d.Kind + "/" + string(d.Date), Kind: d.Kind, Subject: d.Subject, To: d.To, Lane: "l", Date: d.Date, Zone: d.Zone, DueAt: d.Next, Choice: coach.Choice{Items: items}}
		step := schedules.Step{Due: d, Next: d.Next.AddDate(0, 0, 1), NextDate: d.Date.Add(1), Delivery: &out}
		must[[]schedules.Advanced](e, "Advance")(s.Advance(e.Context(), e.clock.At, []schedules.Step{step}))
	}
	got := must[[]schedules.Delivery](e, "Claim")(s.Claim(e.Context(), schedules.Claim{Now: e.clock.At, Machine: e.clock.At, Owner: "o", Lease: time.Minute, PerLane: 9, Limit: 9}))
	if len(got) == 0 {
		e.Fatalf("nothing to deliver")
	}
	for _, d := range got {
		if ok := must[bool](e, "Settle")(s.Settle(e.Context(), d, o)); !ok {
			e.Errorf("Settle: not settled")
		}
	}
}

// checkIn is a check-in of now.
func (e *env) checkIn(key string) streak.Event {
	return streak.Stamp(e.clock.At, time.UTC, streak.Event{Key: key, Kind: streak.CheckIn, Step: 3, Item: "m1", Outcome: "well"})
}

// note is a note of now.
func (e *env) note(words string) coach.Note {
	return coach.Note{At: e.clock.At, Date: streak.DateOf(e.clock.At), Prompt: "q1", Item: "m1", Words: words}
}

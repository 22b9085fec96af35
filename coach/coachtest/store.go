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

var rules = slices.Concat(writingRules, readingRules)

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

// apply applies c and fails the test on an error.
func (e *env) apply(id string, who coach.Person, c coach.Change) coach.Applied {
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

// checkIn is a check-in of now.
func (e *env) checkIn(key string) streak.Event {
	return streak.Stamp(e.clock.At, time.UTC, streak.Event{Key: key, Kind: streak.CheckIn, Step: 3, Item: "m1", Outcome: "well"})
}

// note is a note of now.
func (e *env) note(words string) coach.Note {
	return coach.Note{At: e.clock.At, Date: streak.DateOf(e.clock.At), Prompt: "q1", Item: "m1", Words: words}
}

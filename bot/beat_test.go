package main

import (
	"testing"
	"time"

	"rapport/coach"
	"rapport/coach/streak"
)

// TestBeatExcusesWhoWaited leaves the program off over a Monday: whoever waited
// for that week's post is excused. A machine that slept while the program ran
// excuses nobody.
func TestBeatExcusesWhoWaited(t *testing.T) {
	l := newLife(t)
	l.open("Europe/Berlin")
	l.do("bob", coach.Do("done", "well"), nil)
	bob := coach.Person{Platform: postal, Realm: "T1", User: "bob"}
	excused := func() (n int) {
		events, err := l.h.db.Events(t.Context(), bob)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range events {
			if e.Kind == streak.Outage {
				n++
			}
		}
		return n
	}
	beat := func(process func() error) {
		t.Helper()
		if err := process(); err != nil {
			t.Fatal(err)
		}
	}

	now := lifeStart
	first := l.h.beat()
	beat(func() error { return first(t.Context(), now) })
	if n := excused(); n != 0 {
		t.Errorf("got %d outages at the first start, want none", n)
	}
	slept := now.Add(48 * time.Hour)
	beat(func() error { return first(t.Context(), slept) })
	if n := excused(); n != 0 {
		t.Errorf("got %d outages after a sleep, want none", n)
	}

	short := l.h.beat()
	beat(func() error { return short(t.Context(), slept.Add(time.Hour)) })
	if n := excused(); n != 0 {
		t.Errorf("got %d outages after an hour, want none", n)
	}
	// The next post is due the day after, which the program misses.
	if _, err := l.h.db.Heartbeat(t.Context(), now); err != nil {
		t.Fatal(err)
	}
	off := l.h.beat()
	beat(func() error { return off(t.Context(), now.Add(9*24*time.Hour)) })
	if n := excused(); n != 1 {
		t.Errorf("got %d outages after nine days off, want 1", n)
	}
}

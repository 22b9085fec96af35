package main

import (
	"fmt"
	"testing"

	"rapport/coach"
	"rapport/coach/streak"
)

// TestWakesForWhatIsPlanned asks the whole program, and counts how often the
// schedules are to look at once.
func TestWakesForWhatIsPlanned(t *testing.T) {
	s := newBench(t)
	hand, h := s.hand, s.house(func(*Config) {})
	store := h.coach.Store.(*wakingStore)
	store.wake() // of the runner: it must be there by now
	woken := 0
	store.wake = func() { woken++ }
	who, asked := coach.Person{Platform: "p", Realm: "r", User: "ann"}, 0
	for _, step := range []struct {
		does  coach.Action
		zone  string
		wakes bool
	}{
		{coach.Parse("done well"), "", false},
		{coach.Parse("done hard"), "Europe/Berlin", true}, // what waits is moved to that zone
		{coach.Parse("done well"), "Europe/Berlin", false},
		{coach.Parse("progress"), "Europe/Berlin", false},
		{coach.Do("keep", "month", "1"), "Europe/Berlin", true},
	} {
		hand.set(hand.Now().AddDate(0, 0, 7))
		asked++
		woken = 0
		reply, err := h.handler.Handle(t.Context(), coach.Request{
			ID: fmt.Sprint("r", asked), From: who, Team: coach.Team{Platform: "p", ID: "r"}, Action: step.does, Zone: step.zone,
		})
		if err != nil {
			t.Fatal(err)
		}
		if woken > 0 != step.wakes {
			t.Errorf("%v in %q: woken %d times, want %v; the answer is %q", step.does, step.zone, woken, step.wakes, reply.Message.Fallback())
		}
	}
	for name, c := range map[string]coach.Change{
		"a wish":  {Wishes: []coach.Wish{{Kind: "rhythm", Subject: "tips", Date: "2027-01-04", Minute: 540, Zone: "UTC"}}},
		"a team":  {Team: coach.Team{Platform: "p", ID: "r"}, TeamPlan: &coach.TeamSettings{Stopped: true}},
		"a pause": {Settings: &coach.Settings{PauseFrom: streak.Date("2027-01-01"), PauseUntil: "2027-01-02"}},
	} {
		woken = 0
		if _, err := store.Apply(t.Context(), name, who, c); err != nil || woken != 1 {
			t.Errorf("%s: woken %d times, %v", name, woken, err)
		}
	}
}

package main

import (
	"context"
	"fmt"
	"testing"

	"rapport/coach"
)

// maxCheckInAllocs is some half more than a check-in allocates, from the
// request to the durable row and the reply.
const maxCheckInAllocs = 180

// TestCheckInAllocs is a gate on the speed of a command that depends on no
// clock.
func TestCheckInAllocs(t *testing.T) {
	s := newBench(t)
	hand, h := s.hand, s.house(func(*Config) {})
	const people = 10
	asked := 0
	ask := func() {
		if asked%people == 0 {
			hand.set(hand.Now().AddDate(0, 0, 7))
		}
		asked++
		reply, err := h.handler.Handle(context.Background(), coach.Request{
			ID: fmt.Sprint("r", asked), From: coach.Person{Platform: "p", Realm: "r", User: fmt.Sprint(asked % people)}, Team: coach.Team{Platform: "p", ID: "r"},
			Action: coach.Parse("done well"), Zone: "Europe/Berlin",
		})
		if err != nil || reply.Message == nil || len(reply.Message.Sections) < 2 {
			t.Fatal(reply, err)
		}
	}
	for range 3 * people { // everybody known, every statement prepared
		ask()
	}
	got := testing.AllocsPerRun(10*people, ask)
	t.Logf("%.0f allocations for a check-in", got)
	if got > maxCheckInAllocs {
		t.Errorf("%.0f allocations for a check-in, want at most %d", got, maxCheckInAllocs)
	}
	if log, err := s.store.Events(t.Context(), coach.Person{Platform: "p", Realm: "r", User: "1"}); err != nil || len(log) < 13 {
		t.Errorf("%d events, %v; want one of each week", len(log), err)
	}
}

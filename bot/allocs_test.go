package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	"rapport/coach"
)

// maxCheckInAllocs is some half more than a check-in allocates, from the
// request to the durable row and the reply.
const maxCheckInAllocs = 180

// TestCheckInAllocs is a gate on the speed of a command that depends on no
// clock.
func TestCheckInAllocs(t *testing.T) {
	hand := standingClock(time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC)) // a Wednesday: no doubt which week is meant
	env := Env{Dir: t.TempDir(), Getenv: func(string) string { return "" }, Stdout: io.Discard, Stderr: t.Output()}
	cfg, err := LoadConfig(env, "")
	if err != nil {
		t.Fatal(err)
	}
	s, err := openStore(t.Context(), env, cfg, filepath.Join(env.Dir, "allocs.db"), hand.Now)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	h, err := build(env, cfg, s, hand.Now, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
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
	if log, err := s.db.Events(t.Context(), coach.Person{Platform: "p", Realm: "r", User: "1"}); err != nil || len(log) < 13 {
		t.Errorf("%d events, %v; want one of each week", len(log), err)
	}
}

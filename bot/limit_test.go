package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"rapport/coach"
)

// TestLimitedTeams has one team ask without end, by people who each ask little.
func TestLimitedTeams(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		asked := 0
		h := limited(handlerFunc(func(context.Context, coach.Request) (coach.Reply, error) { asked++; return coach.Reply{}, nil }))
		ask := func(team, user string, answers map[string]string) (coach.Reply, error) {
			return h.Handle(t.Context(), coach.Request{From: coach.Person{Platform: "p", User: user}, Team: coach.Team{Platform: "p", ID: team}, Answers: answers})
		}
		refused := 0
		for i := range teamBurst + 1000 {
			reply, err := ask("flood", fmt.Sprint(i), nil)
			if errors.Is(err, errLimited) {
				refused++
				if text := reply.Message.Fallback(); !strings.Contains(text, "Many people here") || !strings.Contains(text, "nothing was changed") || reply.Message.Check() != nil {
					t.Fatalf("the answer is %q, %v", text, reply.Message.Check())
				}
			} else if err != nil {
				t.Fatal(err)
			}
		}
		if refused != 1000 || asked != teamBurst {
			t.Errorf("%d refused and %d asked, want 1000 and %d", refused, asked, teamBurst)
		}
		for name, team := range map[string]string{"another team": "calm", "a direct message": ""} {
			if _, err := ask(team, name, nil); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
		if _, err := ask("flood", "writer", map[string]string{"words": "x"}); err != nil {
			t.Errorf("a form that was sent: %v, want that it waits", err)
		}
		time.Sleep(time.Second)
		if _, err := ask("flood", "late", nil); err != nil {
			t.Errorf("a second later: %v", err)
		}
	})
}

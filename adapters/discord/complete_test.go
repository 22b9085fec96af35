package discord

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"rapport/coach"
)

// offered are the choices of a first answer.
func offered(t *testing.T, c call) []any {
	t.Helper()
	list, ok := c.data()["choices"].([]any)
	if !ok || c.kind() != offerChoices {
		t.Fatalf("got %v; want choices", c.body)
	}
	return list
}

func TestComplete(t *testing.T) {
	s := newStage(t)
	var asked []string
	s.offer = func(_ context.Context, prefix string) []coach.Option {
		asked = append(asked, prefix)
		var options []coach.Option
		for i := range 40 {
			options = append(options, coach.Option{Label: fmt.Sprint(i, strings.Repeat("\u00fc", 120)), Value: fmt.Sprint(i)})
		}
		options[0].Value = strings.Repeat("\u00fc", 101) // cannot be offered
		options[1].Value = strings.Repeat("\u00fc", 100)
		options[2].Label = " "
		return options
	}
	s.hear(raw(t, s.does(typing, typedCommand("rapport", "Ste"))))
	list := offered(t, s.nth(1))
	if len(list) != 25 {
		t.Fatalf("%d choices; want 25", len(list))
	}
	for i, want := range []string{strings.Repeat("\u00fc", 100), "3", "4"} {
		c, _ := list[i].(map[string]any)
		if name, _ := c["name"].(string); c["value"] != want || len([]rune(name)) != 100 {
			t.Errorf("choice %d is %v; want %q and a name of 100 characters", i, c, want)
		}
	}
	s.hear(raw(t, s.does(typing, typedCommand("rapport-admin", ""))))
	s.nth(2)
	s.hear(raw(t, s.does(typing, typedCommand("rapport", ""))))
	s.nth(3)
	if got := fmt.Sprintf("%q", asked); got != `["Ste" "setup" ""]` {
		t.Errorf("asked for %s", got)
	}
	if len(s.requests()) > 0 {
		t.Error("the coach was asked to act")
	}
}

// TestCompleteSlowly: who types is not kept waiting, whatever the coach does.
func TestCompleteSlowly(t *testing.T) {
	s := newStage(t)
	over := make(chan struct{})
	s.offer = func(context.Context, string) []coach.Option {
		<-over
		return []coach.Option{{Label: "late", Value: "late"}}
	}
	s.hear(raw(t, s.does(typing, typedCommand("rapport", "x"))))
	if list := offered(t, s.nth(1)); len(list) > 0 {
		t.Errorf("got %v; want nothing", list)
	}
	if n := len(s.slots); n != 1 {
		t.Errorf("%d under way; want the one that still looks", n)
	}
	close(over)
	wait(t, "the slot is free", func() bool { return len(s.slots) == 0 })
}

func TestCompletePanics(t *testing.T) {
	s := newStage(t)
	s.offer = func(context.Context, string) []coach.Option { panic("heliotrope") }
	s.hear(raw(t, s.does(typing, typedCommand("rapport", "x"))))
	if list := offered(t, s.nth(1)); len(list) > 0 {
		t.Errorf("got %v; want nothing", list)
	}
}

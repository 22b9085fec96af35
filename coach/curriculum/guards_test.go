package curriculum

import (
	"slices"
	"strings"
	"testing"
)

// triggers are the words of all guards in their order, ready to be looked for.
type triggers []struct{ guard, words string }

func triggersOf(e *Edition) triggers {
	var out triggers
	for _, g := range e.Guards {
		for _, w := range g.Words {
			out = append(out, struct{ guard, words string }{g.ID, spaced(w)})
		}
	}
	return out
}

// met returns the first guard whose words stand in the text as whole words, or
// "none": the way in which the coach looks for them.
func (ts triggers) met(text string) (guard, words string) {
	text = spaced(text)
	for _, t := range ts {
		if strings.Contains(text, t.words) {
			return t.guard, t.words
		}
	}
	return "none", ""
}

func spaced(text string) string { return " " + strings.Join(letterWords(text), " ") + " " }

func TestContentGuards(t *testing.T) {
	e := builtin(t)
	ts := triggersOf(e)
	var asked []string
	for _, line := range corpus(t, "guards.txt") {
		want, text, ok := strings.Cut(line, ": ")
		if !ok {
			t.Errorf("no guard before %q", line)
			continue
		}
		asked = append(asked, want)
		if got, trigger := ts.met(text); got != want {
			t.Errorf("%q: got %s (by %q), want %s", text, got, trigger, want)
		}
	}
	for _, g := range e.Guards {
		if !slices.Contains(asked, g.ID) {
			t.Errorf("testdata/guards.txt has no sentence for %s", g.ID)
		}
	}
}

// TestContentGuardsLetHelpsThrough: whoever types the search words of a help
// must reach the help.
func TestContentGuardsLetHelpsThrough(t *testing.T) {
	e := builtin(t)
	ts := triggersOf(e)
	check := func(id string, words []string) {
		for _, w := range words {
			if got, trigger := ts.met(w); got != "none" {
				t.Errorf("%s: its search word %q meets %s (by %q)", id, w, got, trigger)
			}
		}
	}
	for _, topic := range e.Topics() {
		for _, m := range topic.Moves {
			check(m.ID, m.Words)
		}
		for _, p := range topic.Phrases {
			check(p.ID, p.Words)
		}
		for _, m := range topic.Mistakes {
			check(m.ID, m.Words)
		}
	}
	for _, s := range e.Situations {
		check(s.ID, s.Words)
	}
}

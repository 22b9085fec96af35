package curriculum

import (
	"slices"
	"strings"
	"testing"
)

// met returns the first guard whose words stand in the text as whole words, or
// "none": the way in which the coach looks for them.
func met(e *Edition, text string) (id, trigger string) {
	text = spaced(text)
	for _, g := range e.Guards {
		for _, w := range g.Words {
			if strings.Contains(text, spaced(w)) {
				return g.ID, w
			}
		}
	}
	return "none", ""
}

func spaced(text string) string { return " " + strings.Join(letterWords(text), " ") + " " }

func TestContentGuards(t *testing.T) {
	e := builtin(t)
	var asked []string
	for _, line := range corpus(t, "guards.txt") {
		want, text, ok := strings.Cut(line, ": ")
		if !ok {
			t.Errorf("no guard before %q", line)
			continue
		}
		asked = append(asked, want)
		if got, trigger := met(e, text); got != want {
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
// must reach the help, unless its own text sends people to a person first.
func TestContentGuardsLetHelpsThrough(t *testing.T) {
	e := builtin(t)
	check := func(id string, words []string) {
		for _, w := range words {
			if got, trigger := met(e, w); got != "none" {
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

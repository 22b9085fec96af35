package curriculum

import (
	"slices"
	"strings"
	"testing"
)

// met returns the id of the guard that answers a text, or "none", and by which of
// its words.
func met(e *Edition, text string) (guard, words string) {
	if g, words, ok := e.Guarded(text); ok {
		return g.ID, words
	}
	return "none", ""
}

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
// must reach the help.
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

func TestGuarded(t *testing.T) {
	e := &Edition{Guards: []Guard{
		{Item: Item{ID: "a"}, Words: []string{"he hits me", "he kicks me", "harassed", "spy on my"}},
		{Item: Item{ID: "b"}, Words: []string{"throws ... at me", "don't want to live"}},
	}}
	e.triggers = e.makeTriggers
	for text, want := range map[string]string{
		"my older brother hits me":                 "a", // whoever
		"my uncle kicked me":                       "a", // and whenever
		"he hit me with a question":                "none",
		"one of the trainers always hits me":       "a",
		"I was harrassed":                          "a", // the wrong letter doubled
		"how to spy on my customers":               "a", // the end of a trigger is a person
		"HE HITS ME!":                              "a",
		"she throws a plate at me":                 "b",
		"I do not want to live":                    "b",
		"i don\u2019t want to live":                "b",
		"this hits me":                             "none",
		"he hits the target for me":                "none",
		"she throws it to the dog and waves at me": "none", // too long a gap
		"at me she throws":                         "none",
		"":                                         "none",
	} {
		if got, words := met(e, text); got != want {
			t.Errorf("%q: got %s (by %q), want %s", text, got, words, want)
		}
	}
}

func TestMentionsPeople(t *testing.T) {
	for text, want := range map[string]bool{
		"my boss is late": true, "is he cross": true, "I froze": true, "nobody talks": true, "what do I tell them": true,
		"how do I center a div": false, "bitcoin price": false, "my printer is broken": false, "": false,
	} {
		if MentionsPeople(text) != want {
			t.Errorf("%q: got %v", text, !want)
		}
	}
}

func TestSoundsGrave(t *testing.T) {
	for text, want := range map[string]bool{
		"I want to poison their coffee": true, "He BURNED my clothes": true, "she was bullied at school": true, "did I harass him": true,
		"is it rude to just write hi": false, "my dead line is near": false, "": false,
	} {
		if SoundsGrave(text) != want {
			t.Errorf("%q: got %v", text, !want)
		}
	}
}

package curriculum

import (
	"slices"
	"strings"
	"testing"
)

// shorts names what an edition has too little of.
func shorts(e *Edition) []string {
	var out []string
	for _, c := range Stats(e) {
		if c.Short() {
			out = append(out, c.Topic+" "+c.Kind)
		}
	}
	return out
}

// TestStatsShort leaves a step one item short of what the plan asks for, kind
// by kind, and looks for it among what is short.
func TestStatsShort(t *testing.T) {
	tests := map[string]func(*Topic){
		"move":                       func(t *Topic) { t.Moves = t.Moves[:5] },
		"do":                         func(t *Topic) { t.Dos = t.Dos[:5] },
		"dont":                       func(t *Topic) { t.Donts = t.Donts[:5] },
		"phrase in_person":           func(t *Topic) { t.Phrases = atMost(t.Phrases, 5, in(InPerson)) },
		"phrase video":               func(t *Topic) { t.Phrases = atMost(t.Phrases, 5, in(Video)) },
		"phrase chat":                func(t *Topic) { t.Phrases = atMost(t.Phrases, 5, in(Chat)) },
		"mistake":                    func(t *Topic) { t.Mistakes = t.Mistakes[:4] },
		"note":                       func(t *Topic) { t.Notes = t.Notes[:3] },
		"note power":                 func(t *Topic) { t.Notes = atMost(t.Notes, 0, func(n Note) bool { return n.Kind == "power" }) },
		"mission":                    func(t *Topic) { t.Missions = t.Missions[:13] },
		"mission level 1":            func(t *Topic) { t.Missions = atMost(t.Missions, 4, func(m Mission) bool { return m.Level == 1 }) },
		"mission level 2":            func(t *Topic) { t.Missions = atMost(t.Missions, 4, func(m Mission) bool { return m.Level == 2 }) },
		"mission level 3":            func(t *Topic) { t.Missions = atMost(t.Missions, 3, func(m Mission) bool { return m.Level == 3 }) },
		"mission for community":      func(t *Topic) { t.Missions = atMost(t.Missions, 4, func(m Mission) bool { return m.Fits(Community) }) },
		"tip":                        func(t *Topic) { t.Tips = t.Tips[:23] },
		"prompt":                     func(t *Topic) { t.Prompts = t.Prompts[:11] },
		"card":                       func(t *Topic) { t.Cards = t.Cards[:11] },
		"card myth":                  func(t *Topic) { t.Cards = atMost(t.Cards, 3, of("myth")) },
		"card choice":                func(t *Topic) { t.Cards = atMost(t.Cards, 4, of("choice")) },
		"card recall":                func(t *Topic) { t.Cards = atMost(t.Cards, 2, of("recall")) },
		"weekly_nudge":               func(t *Topic) { t.Nudges = t.Nudges[:7] },
		"weekly_nudge level 1":       func(t *Topic) { t.Nudges = atMost(t.Nudges, 2, func(n Nudge) bool { return n.Level == 1 }) },
		"weekly_nudge level 3":       func(t *Topic) { t.Nudges = atMost(t.Nudges, 1, func(n Nudge) bool { return n.Level == 3 }) },
		"weekly_nudge for community": func(t *Topic) { t.Nudges = atMost(t.Nudges, 3, func(n Nudge) bool { return n.Fits(Community) }) },
	}
	for kind, cut := range tests {
		t.Run(kind, func(t *testing.T) {
			e := builtin(t)
			cut(&e.Steps[3])
			got := shorts(e)
			if !slices.Contains(got, "step 4 "+kind) {
				t.Errorf("got short of %q, want step 4 %s among them", got, kind)
			}
			if slices.ContainsFunc(got, func(s string) bool { return !strings.HasPrefix(s, "step 4 ") }) {
				t.Errorf("got short of %q, want nothing but of step 4", got)
			}
		})
	}
}

func in(channel string) func(Phrase) bool {
	return func(p Phrase) bool { return p.Channel == channel }
}

func of(kind string) func(Card) bool {
	return func(c Card) bool { return c.Kind == kind }
}

// atMost keeps the first n items that fit, and all that do not.
func atMost[T any](list []T, n int, fits func(T) bool) []T {
	var out []T
	for _, v := range list {
		if fits(v) {
			if n == 0 {
				continue
			}
			n--
		}
		out = append(out, v)
	}
	return out
}

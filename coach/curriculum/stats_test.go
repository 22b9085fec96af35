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
	// What is short of a kind is short of its sum over all topics too.
	sums := map[string]string{"tip": " tip of steps, repair, writing", "weekly_nudge": " weekly_nudge"}
	whole := builtin(t)
	for kind, cut := range tests {
		t.Run(kind, func(t *testing.T) {
			e := *whole // lists are cut in the copy alone
			cut(&e.Steps[3])
			got := shorts(&e)
			if !slices.Contains(got, "step 4 "+kind) {
				t.Errorf("got short of %q, want step 4 %s among them", got, kind)
			}
			kind, _, _ := strings.Cut(kind, " ")
			if slices.ContainsFunc(got, func(s string) bool { return !strings.HasPrefix(s, "step 4 ") && s != sums[kind] }) {
				t.Errorf("got short of %q, want nothing but of step 4, and the sum over all", got)
			}
		})
	}
}

// TestStatsShortOfRepairAndEthics leaves both with less than the plan asks for.
func TestStatsShortOfRepairAndEthics(t *testing.T) {
	tests := map[string]func(e *Edition){
		"repair move":             func(e *Edition) { e.Repair.Moves = e.Repair.Moves[:3] },
		"repair do":               func(e *Edition) { e.Repair.Dos = e.Repair.Dos[:3] },
		"repair dont":             func(e *Edition) { e.Repair.Donts = e.Repair.Donts[:3] },
		"repair phrase in_person": func(e *Edition) { e.Repair.Phrases = atMost(e.Repair.Phrases, 2, in(InPerson)) },
		"repair phrase video":     func(e *Edition) { e.Repair.Phrases = atMost(e.Repair.Phrases, 2, in(Video)) },
		"repair phrase chat":      func(e *Edition) { e.Repair.Phrases = atMost(e.Repair.Phrases, 2, in(Chat)) },
		"repair mistake":          func(e *Edition) { e.Repair.Mistakes = e.Repair.Mistakes[:2] },
		"repair note":             func(e *Edition) { e.Repair.Notes = e.Repair.Notes[:2] },
		"repair mission":          func(e *Edition) { e.Repair.Missions = e.Repair.Missions[:6] },
		"repair tip":              func(e *Edition) { e.Repair.Tips = e.Repair.Tips[:11] },
		"repair prompt":           func(e *Edition) { e.Repair.Prompts = e.Repair.Prompts[:5] },
		"repair card":             func(e *Edition) { e.Repair.Cards = e.Repair.Cards[:5] },
		"repair weekly_nudge":     func(e *Edition) { e.Repair.Nudges = e.Repair.Nudges[:1] },
		"repair scenario":         func(e *Edition) { e.Scenarios = atMost(e.Scenarios, 1, on(Repair)) },
		"step 6 scenario":         func(e *Edition) { e.Scenarios = atMost(e.Scenarios, 1, on(e.Steps[5].Key)) },
		"ethics card":             func(e *Edition) { e.Ethics.Cards = e.Ethics.Cards[:9] },
		"ethics weekly_nudge":     func(e *Edition) { e.Ethics.Nudges = e.Ethics.Nudges[:1] },
	}
	whole := builtin(t)
	for kind, cut := range tests {
		t.Run(kind, func(t *testing.T) { wantShort(t, whole, cut, kind) })
	}
}

// TestStatsShortOfTheRest does so with the kinds that belong to no topic.
func TestStatsShortOfTheRest(t *testing.T) {
	tests := map[string]func(e *Edition){
		"intro":                         func(e *Edition) { e.Intros = e.Intros[:3] },
		"first_step":                    func(e *Edition) { e.FirstSteps = e.FirstSteps[:2] },
		"tip on writing and video":      func(e *Edition) { e.ChatTips = e.ChatTips[:11] },
		"tip of steps, repair, writing": func(e *Edition) { e.ChatTips = e.ChatTips[:11] },
		"weekly_nudge":                  func(e *Edition) { e.Ethics.Nudges = nil },
		"weekly_nudge for community": func(e *Edition) {
			for _, topic := range e.Topics() {
				topic.Nudges = atMost(topic.Nudges, 2, func(n Nudge) bool { return n.Fits(Community) })
			}
		},
		"situation": func(e *Edition) { e.Situations = e.Situations[:11] },
		"activity":  func(e *Edition) { e.Activities = e.Activities[:15] },
		"activity in chat alone": func(e *Edition) {
			e.Activities = atMost(e.Activities, 5, func(a Activity) bool { return len(a.Modes) == 1 && a.Modes[0] == Chat })
		},
		"activity by video":  func(e *Edition) { e.Activities = atMost(e.Activities, 4, done(Video)) },
		"activity in person": func(e *Edition) { e.Activities = atMost(e.Activities, 4, done(InPerson)) },
		"scenario":           func(e *Edition) { e.Scenarios = e.Scenarios[:13] },
		"scenario for community": func(e *Edition) {
			e.Scenarios = atMost(e.Scenarios, 4, func(s Scenario) bool { return s.Fits(Community) })
		},
		"comeback": func(e *Edition) { e.Comebacks = e.Comebacks[:11] },
		"guard":    func(e *Edition) { e.Guards = e.Guards[:7] },
	}
	for _, c := range cases {
		tests["comeback "+c] = func(e *Edition) { e.Comebacks = atMost(e.Comebacks, 0, func(x Comeback) bool { return x.Case == c }) }
	}
	for _, c := range harms {
		tests["guard "+c] = func(e *Edition) { e.Guards = atMost(e.Guards, 0, func(x Guard) bool { return x.Case == c }) }
	}
	whole := builtin(t)
	for kind, cut := range tests {
		t.Run(kind, func(t *testing.T) { wantShort(t, whole, cut, " "+kind) })
	}
}

// wantShort cuts something off a copy of the edition and looks for it among
// what is short.
func wantShort(t *testing.T, whole *Edition, cut func(e *Edition), want string) {
	t.Helper()
	e := *whole
	cut(&e)
	if got := shorts(&e); !slices.Contains(got, want) {
		t.Errorf("got short of %q, want %q among them", got, want)
	}
}

func on(topic string) func(Scenario) bool {
	return func(s Scenario) bool { return s.Topic == topic }
}

func done(mode string) func(Activity) bool {
	return func(a Activity) bool { return slices.Contains(a.Modes, mode) }
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

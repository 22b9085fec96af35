package curriculum

// Count is how many items of one kind a topic has, and how many the first
// edition wants at least. Topic is "" for kinds that belong to none; Kind may
// name a part of a kind ("phrase in chat", "mission of level 1"). Want 0 means
// that any number will do.
type Count struct {
	Kind  string
	Topic string
	Have  int
	Want  int
}

// Short reports whether items are missing.
func (c Count) Short() bool { return c.Have < c.Want }

// Stats counts the edition, topic by topic in order, then the kinds that
// belong to no topic.
func Stats(e *Edition) []Count {
	var out []Count
	for _, t := range e.Topics() {
		want := stepWants
		switch t.Key {
		case Repair:
			want = repairWants
		case Ethics:
			want = ethicsWants
		}
		out = append(out, countTopic(e, t, want)...)
	}
	return append(out, countRest(e)...)
}

// wants is how many items of each kind a topic should have. A phrase counts
// by channel, a noteKind by kind, the arrays by level.
type wants struct {
	move, do, dont, phrase, mistake, note, noteKind int

	mission          int
	missionLevel     [3]int
	missionCommunity int

	tip, prompt, card, myth, choice, recall int

	nudge          int
	nudgeLevel     [3]int
	nudgeCommunity int

	claims int
}

var (
	stepWants = wants{
		move: 6, do: 6, dont: 6, phrase: 6, mistake: 5, note: 4, noteKind: 1,
		mission: 14, missionLevel: [3]int{5, 5, 4}, missionCommunity: 5,
		tip: 24, prompt: 12, card: 12, myth: 4, choice: 5, recall: 3,
		nudge: 8, nudgeLevel: [3]int{3, 1, 2}, nudgeCommunity: 4, claims: 5,
	}
	repairWants = wants{
		move: 4, do: 4, dont: 4, phrase: 3, mistake: 3, note: 3, mission: 5, tip: 6, prompt: 6, card: 4,
		nudge: 2,
	}
	ethicsWants = wants{card: 4, nudge: 1}
)

// restWants is how many items of the kinds without a topic there should be. A
// scenario may belong to any topic; more of these belong to a later edition.
var restWants = struct{ intro, situation, activity, scenario int }{4, 4, 4, 4}

func countTopic(e *Edition, t *Topic, w wants) []Count {
	var out []Count
	add := func(kind string, have, want int) {
		out = append(out, Count{Kind: kind, Topic: nameOf(t), Have: have, Want: want})
	}
	add("move", len(t.Moves), w.move)
	add("do", len(t.Dos), w.do)
	add("dont", len(t.Donts), w.dont)
	for _, c := range channels {
		add("phrase "+c, number(t.Phrases, func(p Phrase) bool { return p.Channel == c }), w.phrase)
	}
	add("mistake", len(t.Mistakes), w.mistake)
	add("note", len(t.Notes), w.note)
	for _, kind := range noteKinds {
		add("note "+kind, number(t.Notes, func(n Note) bool { return n.Kind == kind }), w.noteKind)
	}
	add("mission", len(t.Missions), w.mission)
	for level, want := range w.missionLevel {
		add("mission level "+string(rune('1'+level)), number(t.Missions, func(m Mission) bool { return m.Level == level+1 }), want)
	}
	add("mission for community", number(t.Missions, func(m Mission) bool { return m.Fits(Community) }), w.missionCommunity)
	add("tip", len(t.Tips), w.tip)
	add("prompt", len(t.Prompts), w.prompt)
	add("card", len(t.Cards), w.card)
	add("card myth", number(t.Cards, func(c Card) bool { return c.Kind == "myth" }), w.myth)
	add("card choice", number(t.Cards, func(c Card) bool { return c.Kind == "choice" }), w.choice)
	add("card recall", number(t.Cards, func(c Card) bool { return c.Kind == "recall" }), w.recall)
	add("weekly_nudge", len(t.Nudges), w.nudge)
	for level, want := range w.nudgeLevel {
		add("weekly_nudge level "+string(rune('1'+level)), number(t.Nudges, func(n Nudge) bool { return n.Level == level+1 }), want)
	}
	add("weekly_nudge for community", number(t.Nudges, func(n Nudge) bool { return n.Fits(Community) }), w.nudgeCommunity)
	add("scenario", number(e.Scenarios, func(s Scenario) bool { return s.Topic == t.Key && s.Topic != "" }), 0)
	add("different claims", len((&linter{edition: e}).claimsOf(t)), w.claims)
	return out
}

func countRest(e *Edition) []Count {
	out := []Count{
		{Kind: "intro", Have: len(e.Intros), Want: restWants.intro},
		{Kind: "situation", Have: len(e.Situations), Want: restWants.situation},
		{Kind: "activity", Have: len(e.Activities), Want: restWants.activity},
		{Kind: "scenario", Have: len(e.Scenarios), Want: restWants.scenario},
	}
	for _, c := range cases {
		out = append(out, Count{Kind: "comeback " + c, Have: number(e.Comebacks, func(x Comeback) bool { return x.Case == c }), Want: 1})
	}
	for _, c := range harms {
		out = append(out, Count{Kind: "guard " + c, Have: number(e.Guards, func(x Guard) bool { return x.Case == c }), Want: 1})
	}
	return append(out, Count{Kind: "claim", Have: len(e.Claims)}, Count{Kind: "source", Have: len(e.Sources)})
}

func number[T any](list []T, is func(T) bool) int {
	n := 0
	for _, v := range list {
		if is(v) {
			n++
		}
	}
	return n
}

package curriculum

import "slices"

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

	scenario, claims int
}

var (
	stepWants = wants{
		move: 6, do: 6, dont: 6, phrase: 6, mistake: 5, note: 4, noteKind: 1,
		mission: 14, missionLevel: [3]int{5, 5, 4}, missionCommunity: 5,
		tip: 24, prompt: 12, card: 12, myth: 4, choice: 5, recall: 3,
		nudge: 8, nudgeLevel: [3]int{3, 1, 2}, nudgeCommunity: 4, scenario: 2, claims: 5,
	}
	repairWants = wants{
		move: 4, do: 4, dont: 4, phrase: 3, mistake: 3, note: 3, mission: 7, tip: 12, prompt: 6, card: 6,
		nudge: 2, scenario: 2,
	}
	ethicsWants = wants{card: 10, nudge: 2}
)

// restWants is how many items of the kinds without a topic there should be, and
// how many of a kind over all topics. An activity counts for each way in which
// it can be done; activityChat are those that need nothing but writing. The
// arrays are in the order of cases and of harms.
var restWants = struct {
	intro, firstStep, chatTip, dailyTip, nudge, nudgeCommunity, situation int

	activity, activityChat, activityVideo, activityInPerson int

	scenario, scenarioCommunity int

	comeback, guard         int
	comebackCase, guardCase [6]int
}{
	intro: 4, firstStep: 3, chatTip: 12, dailyTip: 168, nudge: 52, nudgeCommunity: 24, situation: 12,
	activity: 16, activityChat: 6, activityVideo: 5, activityInPerson: 5, scenario: 14, scenarioCommunity: 5,
	comeback: 12, comebackCase: [6]int{3, 3, 1, 2, 2, 1}, guard: 8, guardCase: [6]int{2, 2, 1, 1, 1, 1},
}

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
	add("scenario", number(e.Scenarios, func(s Scenario) bool { return s.Topic == t.Key && s.Topic != "" }), w.scenario)
	add("different claims", len((&linter{edition: e}).claimsOf(t)), w.claims)
	return out
}

func countRest(e *Edition) []Count {
	var out []Count
	add := func(kind string, have, want int) { out = append(out, Count{Kind: kind, Have: have, Want: want}) }
	w, tips := restWants, len(e.Repair.Tips)+len(e.ChatTips)
	var nudges []Nudge
	for _, t := range e.Topics() {
		nudges = append(nudges, t.Nudges...)
		if t.N > 0 {
			tips += len(t.Tips)
		}
	}
	by := func(channel string) func(Activity) bool {
		return func(a Activity) bool { return slices.Contains(a.Modes, channel) }
	}
	add("intro", len(e.Intros), w.intro)
	add("first_step", len(e.FirstSteps), w.firstStep)
	add("tip on writing and video", len(e.ChatTips), w.chatTip)
	add("tip of steps, repair, writing", tips, w.dailyTip)
	add("weekly_nudge", len(nudges), w.nudge)
	add("weekly_nudge for community", number(nudges, func(n Nudge) bool { return n.Fits(Community) }), w.nudgeCommunity)
	add("situation", len(e.Situations), w.situation)
	add("activity", len(e.Activities), w.activity)
	add("activity in chat alone", number(e.Activities, func(a Activity) bool { return slices.Equal(a.Modes, []string{Chat}) }), w.activityChat)
	add("activity by video", number(e.Activities, by(Video)), w.activityVideo)
	add("activity in person", number(e.Activities, by(InPerson)), w.activityInPerson)
	add("scenario", len(e.Scenarios), w.scenario)
	add("scenario for community", number(e.Scenarios, func(s Scenario) bool { return s.Fits(Community) }), w.scenarioCommunity)
	add("comeback", len(e.Comebacks), w.comeback)
	for i, c := range cases {
		add("comeback "+c, number(e.Comebacks, func(x Comeback) bool { return x.Case == c }), w.comebackCase[i])
	}
	add("guard", len(e.Guards), w.guard)
	for i, c := range harms {
		add("guard "+c, number(e.Guards, func(x Guard) bool { return x.Case == c }), w.guardCase[i])
	}
	add("claim", len(e.Claims), 0)
	add("source", len(e.Sources), 0)
	return out
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

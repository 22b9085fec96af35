package coach

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"rapport/coach/curriculum"
	"rapport/coach/streak"
)

// firstOrder is the order in which newcomers meet the steps: attention and
// warmth carry most early on, being in step comes later (RP-01).
var firstOrder = [6]int{2, 3, 5, 4, 1, 6}

// offerSections shows what a person is offered to do. public titles are used
// where others read along.
func (v *visit) offerSections(o curriculum.Offer, head string) []Section {
	return offerText(v.say, v.ed, o, head)
}

func offerText(say printer, ed *curriculum.Edition, o curriculum.Offer, head string) []Section {
	title := head + o.Title
	if head == "" {
		title = sentence(o.Title)
	}
	text := Join(B(title), P(" \u00b7 "+placeOf(say, ed, o)), P("\n"), marked(o.Do))
	if o.Say != "" {
		text = Join(text, P("\n"), Q(o.Say))
	}
	if o.If != "" {
		text = Join(text, P("\n"), say.text("*If* %s, *then* %s.", o.If, strings.TrimSuffix(o.Then, ".")))
	}
	facts := []string{say.line("%d minutes", o.Minutes), channelsOf(say, o.Channels)}
	if o.SkipIf != "" {
		facts = append(facts, say.line("skip it if %s", o.SkipIf))
	}
	return []Section{{Text: text}, {Quiet: true, Text: P(strings.Join(facts, " \u00b7 "))}}
}

// placeOf says which step an offer belongs to.
func placeOf(say printer, ed *curriculum.Edition, o curriculum.Offer) string {
	t, ok := ed.Topic(o.Topic)
	if !ok {
		return ""
	}
	return placeName(say, t)
}

// placeName names a topic within a sentence.
func placeName(say printer, t *curriculum.Topic) string {
	if t.N == 0 {
		return t.Title
	}
	return say.line("step %d of 6, %s", t.N, t.Title)
}

func channelsOf(say printer, channels []string) string {
	names := map[string]string{
		curriculum.InPerson: say.line("in person"),
		curriculum.Video:    say.line("on video"),
		curriculum.Chat:     say.line("in writing"),
	}
	if len(channels) == len(names) {
		return say.line("in person, on video or in writing")
	}
	var words []string
	for _, c := range channels {
		words = append(words, names[c])
	}
	return strings.Join(words, say.line(" or "))
}

// thisWeek is what the person is offered this week: the team's nudge if one
// was posted in the last seven days, else a mission picked for them.
func (v *visit) thisWeek(ctx context.Context) (curriculum.Offer, error) {
	if v.Request.Team != (Team{}) {
		if o, ok := v.ed.Offer(v.nudge); ok && v.today().DaysSince(v.nudgeOn) < 7 {
			return o, nil
		}
	}
	weeks := 0
	if v.self.Known {
		since := streak.DateOf(v.self.Since.In(v.local().Location()))
		weeks = max(0, v.today().DaysSince(streak.WeekOf(since, v.weekStart()))/7)
	}
	if weeks == 0 {
		return v.quickest(firstOrder[0]), nil
	}
	step := firstOrder[weeks%len(firstOrder)]
	if easier := v.self.Settings.Easier; easier != "" && weeks%2 == 1 { // where they would like it to be easier, every other week
		if n, err := strconv.Atoi(easier); err == nil {
			step = n
		}
	}
	t, _ := v.ed.Step(step)
	level := min(1+weeks/len(firstOrder), 3)
	return v.pick(t, level, weeks/len(firstOrder)), nil
}

// quickest is the nudge of a step that takes least time and works everywhere:
// what somebody new is offered.
func (v *visit) quickest(step int) curriculum.Offer {
	t, _ := v.ed.Step(step)
	var best curriculum.Offer
	for _, n := range t.Nudges {
		if n.Level == 1 && n.Fits(v.audience()) && (best.ID == "" || len(n.Channels) > len(best.Channels) || len(n.Channels) == len(best.Channels) && n.Minutes < best.Minutes) {
			best = n.Offer()
		}
	}
	if best.ID == "" {
		return v.pick(t, 1, 0)
	}
	return best
}

// pick returns the i-th mission of a level in a topic, or the nearest level
// that has one. It prefers those for where the person mostly talks.
func (v *visit) pick(t *curriculum.Topic, level, i int) curriculum.Offer {
	var room [maxFits]*curriculum.Mission
	for _, l := range []int{level, level - 1, level + 1, 1, 2, 3} {
		if fits := v.appendMissions(room[:0], t, l); len(fits) > 0 {
			return fits[i%len(fits)].Offer()
		}
	}
	return curriculum.Offer{}
}

// maxFits is more than most topics have missions of a level.
const maxFits = 16

// appendMissions appends to fits, which is empty, the topic's missions of a level that
// fit the person.
func (v *visit) appendMissions(fits []*curriculum.Mission, t *curriculum.Topic, level int) []*curriculum.Mission {
	var rest []*curriculum.Mission
	for i := range t.Missions {
		m := &t.Missions[i]
		switch {
		case m.Level != level || !m.Fits(v.audience()):
		case v.self.Settings.Mostly == "" || slices.Contains(m.Channels, v.self.Settings.Mostly):
			fits = append(fits, m)
		default:
			rest = append(rest, m)
		}
	}
	return append(fits, rest...)
}

// offerButtons are what can be done with an offer.
func (v *visit) offerButtons(o curriculum.Offer) []Button {
	return []Button{
		v.primary("I'm in", Do("in", o.ID)),
		v.button("Easier", Do("offer", "easier", o.ID)),
		v.button("Bolder", Do("offer", "bolder", o.ID)),
		v.button("Another idea", Do("offer", "other", o.ID)),
		v.button("Why this?", Do("why", o.ID)),
	}
}

func practiceCommand() Command {
	return Command{
		Verb: "practice", Aliases: []string{"practise", "try", "mission"},
		Summary: "something small to do, easier or bolder",
		Params:  []Param{{Name: "step", Summary: "1 to 6 or a name"}},
		Run:     runPractice,
	}
}

func runPractice(ctx context.Context, v *visit) (Reply, error) {
	which := strings.ToLower(strings.Join(v.Action.Args, " "))
	if t, ok := v.topicNamed(which); ok {
		return v.offerPage(v.pick(t, 1, v.dayIndex())), nil
	}
	if which != "" {
		return Reply{}, &mistake{Message{
			Sections: []Section{{Text: v.say.text("I have something to practise for each of the six steps, and *%s* is not one of them. Try `/rapport practice 3`.", clip(which, 60))}},
			Buttons:  []Button{v.button("Home", Do("home"))},
			Notice:   v.say.line("I have something to practise for each of the six steps."),
		}}
	}
	o, err := v.thisWeek(ctx)
	if err != nil {
		return Reply{}, err
	}
	return v.offerPage(o), nil
}

func (v *visit) topicNamed(name string) (*curriculum.Topic, bool) {
	if n, ok := stepNumber(name); ok {
		return v.ed.Step(n)
	}
	return v.ed.Topic(name)
}

// dayIndex changes from day to day, so that asking again tomorrow shows
// something else and asking twice today does not.
func (v *visit) dayIndex() int { return max(0, v.today().DaysSince("2020-01-01")) }

func (v *visit) offerPage(o curriculum.Offer) Reply {
	return answer(v.say.line("Something small to do"), v.offerSections(o, ""), v.offerButtons(o)...)
}

func offerCommand() Command { return Command{Verb: "offer", Hidden: true, Run: runOffer} }

// runOffer shows another offer than the one named: easier, bolder or other.
func runOffer(_ context.Context, v *visit) (Reply, error) {
	o, ok := v.ed.Offer(v.Arg(1))
	if !ok {
		return Reply{}, v.gone()
	}
	t, _ := v.ed.Topic(o.Topic)
	level, note := o.Level, ""
	switch v.Arg(0) {
	case "easier":
		level--
	case "bolder":
		level++
	}
	if level < 1 || level > 3 {
		level, note = o.Level, map[string]string{"easier": v.say.line("That was the easiest I have here. Another one like it:"), "bolder": v.say.line("That was the boldest I have here. Another one like it:")}[v.Arg(0)]
	}
	next := v.after(t, level, o.ID)
	r := v.offerPage(next)
	if note != "" {
		r.Message.Sections = append([]Section{{Text: P(note)}}, r.Message.Sections...)
	}
	return r, nil
}

// after returns the mission of a level that follows the one with this id.
func (v *visit) after(t *curriculum.Topic, level int, id string) curriculum.Offer {
	fits := v.appendMissions(nil, t, level)
	i := slices.IndexFunc(fits, func(m *curriculum.Mission) bool { return m.ID == id })
	if len(fits) == 0 {
		return v.pick(t, level, 0)
	}
	return fits[(i+1)%len(fits)].Offer()
}

// gone answers a button that names something this edition does not have.
func (v *visit) gone() error {
	return v.mistake("That button is from an older edition, and what it named is no longer here. Nothing was changed. Home has this week's idea.")
}

func whyCommand() Command { return Command{Verb: "why", Hidden: true, Run: runWhy} }

// runWhy says why an item is worth doing and how sure that is.
func runWhy(_ context.Context, v *visit) (Reply, error) {
	claims, topic, ok := v.claimsOf(v.Arg(0))
	if !ok {
		return Reply{}, v.gone()
	}
	var sections []Section
	if t, ok := v.ed.Topic(topic); ok {
		sections = append(sections, Section{Text: marked(t.Why)})
	}
	if reason := v.reason(v.Arg(1)); reason != "" {
		sections = append(sections, Section{Text: P(reason)})
	}
	for _, id := range claims {
		if c, ok := v.ed.Claims[id]; ok {
			sections = append(sections, Section{Text: v.say.text("*%s.* %s _%s_", sentence(v.ed.Grades[c.ShownGrade]), c.Text, c.Caveat)})
		}
	}
	if len(claims) == 0 {
		sections = append(sections, Section{Text: v.say.text("This one is plain courtesy: it rests on no finding, and needs none.")})
	}
	sections = append(sections, Section{Quiet: true, Text: v.say.text("It is meant to hold up when you say aloud what you are doing. If it would not, skip it.")})
	buttons := []Button{v.button("Home", Do("home"))}
	if _, ok := v.ed.Offer(v.Arg(0)); ok {
		buttons = append([]Button{v.primary("I'm in", Do("in", v.Arg(0)))}, buttons...)
	}
	r := Say(Message{Title: v.say.line("Why this?"), Sections: sections, Buttons: buttons})
	return r, nil
}

// claimsOf finds what an offer, a tip or a prompt rests on.
func (v *visit) claimsOf(id string) (claims []string, topic string, ok bool) {
	if o, ok := v.ed.Offer(id); ok {
		return o.Claims, o.Topic, true
	}
	if t, ok := v.ed.Tip(id); ok {
		return t.Claims, t.Topic, true
	}
	if p, ok := v.ed.Prompt(id); ok {
		return p.Claims, p.Topic, true
	}
	if c, ok := v.ed.Card(id); ok {
		return c.Claims, c.Topic, true
	}
	return nil, "", false
}

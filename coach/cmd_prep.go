package coach

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"rapport/coach/curriculum"
	"rapport/coach/streak"
)

func prepCommand() Command {
	return Command{
		Verb: "prep", Aliases: []string{"prepare", "plan-talk"}, First: true,
		Summary: "prepare a talk that lies ahead",
		Run:     runPrep,
	}
}

// A preparation is a flow of kind "prep". Its words, sealed, are what the person
// wants from the talk, an if and a then, and after the talk one line more.
// Nothing is asked or kept about the other person.
const (
	flowPrep = "prep"

	nodeTold = "told" // the two questions are answered
)

const (
	keepPrep     = 14 * 24 * time.Hour // without a day, or after it
	keepDebriefd = 7 * 24 * time.Hour  // after the two questions
)

// runPrep lists the situations, shows one, or does with a preparation what its
// first argument says.
func runPrep(ctx context.Context, v *visit) (Reply, error) {
	switch v.Arg(0) {
	case "":
		return v.situations(), nil
	case "form":
		return v.prepForm(ctx, v.Arg(1), v.Arg(2))
	case "show":
		return v.withPrep(ctx, v.Arg(1), v.planPage)
	case "debrief":
		return v.withPrep(ctx, v.Arg(1), v.debrief)
	case "forget":
		return v.forgetPrep(ctx, v.Arg(1))
	}
	if s, ok := v.ed.Situation(v.Arg(0)); ok {
		return v.situationPage(s), nil
	}
	return v.situationTyped(strings.Join(v.Action.Args, " ")), nil
}

// situations lists what can be prepared, with the preparations that are open.
func (v *visit) situations() Reply {
	pick := &Select{Label: v.say.line("What lies ahead?")}
	for _, s := range v.ed.Situations {
		if s.Fits(v.audience()) && len(pick.Options) < MaxOptions {
			pick.Options = append(pick.Options, Pick{clip(s.Title, MaxLabel), Do("prep", s.ID)})
		}
	}
	sections := []Section{
		{Text: v.say.text("*Prepare a talk.* Choose what comes closest. You get a plan of at most eight lines, a sentence to begin with, and if you like a reminder and two questions afterwards.")},
		{Quiet: true, Text: v.say.text("Only you see it, and it is gone a week after those questions. Names are not needed: I keep nothing about the other person.")},
	}
	var buttons []Button
	for _, f := range v.preps() {
		if s, ok := v.editionOf(f.ID).Situation(f.Item); ok && len(buttons) < 2 {
			buttons = append(buttons, v.button(clip(v.say.line("Plan: %s", s.Title), MaxLabel), Do("prep", "show", f.ID)))
		}
	}
	r := answer(v.say.line("Prepare"), sections, append(buttons, v.button("Home", Do("home")))...)
	r.Message.Choices = pick
	return r
}

// preps are the open preparations, the latest first.
func (v *visit) preps() []Flow {
	open := slices.DeleteFunc(slices.Clone(v.self.Flows), func(f Flow) bool {
		return f.Kind != flowPrep || f.Node != nodeOpen || f.Over(v.now)
	})
	slices.Reverse(open)
	return open
}

// situationTyped is the situation that words behind prep are nearest to.
func (v *visit) situationTyped(text string) Reply {
	ids, near := v.helps.nearest(text, v.audience(), 8)
	for _, id := range ids {
		if s, ok := v.ed.Situation(id); ok && near {
			return v.situationPage(s)
		}
	}
	r := v.situations()
	r.Message.Sections = append([]Section{{Text: v.say.text("I do not have that one. The nearest may be among these:")}}, r.Message.Sections...)
	return r
}

// situationPage shows a situation as it is for everybody.
func (v *visit) situationPage(s curriculum.Situation) Reply {
	sections := []Section{
		{Text: Join(marked(s.Goal), P("\n"), v.say.text("*About power:* "), marked(s.Power))},
		{Text: v.planText(s, []string{"", s.If, s.Then})},
	}
	buttons := []Button{v.primary("Make it mine", Do("prep", "form", s.ID))}
	if id, ok := v.helps.scenario(help{steps: s.Steps, text: s.Title + " " + s.Goal}, v.audience()); ok {
		buttons = append(buttons, v.button("Rehearse it", Do("rehearse", id)))
	}
	return answer(s.Title, sections, append(buttons, v.button("Another situation", Do("prep")), v.button("Home", Do("home")))...)
}

// planText is the plan, a thing a line and at most eight of them. words are
// what the person wants, an if and a then; each may be empty.
func (v *visit) planText(s curriculum.Situation, words []string) Text {
	var lines []Text
	add := func(label string, text Text) { lines = append(lines, Join(v.say.text(label), P(" "), text)) }
	if words[0] != "" {
		add("*I want:*", P(shown(words[0])))
	}
	add("*Before:*", marked(s.Before[0]))
	add("*Begin with:*", I(s.Say.In(orElse(v.self.Settings.Mostly, curriculum.InPerson))))
	for _, d := range s.During[:min(len(s.During), 2)] {
		add("*During:*", marked(d))
	}
	add("*Rather not:*", marked(s.Avoid[0]))
	if words[1] != "" && words[2] != "" {
		lines = append(lines, v.say.text("*If* %s, *then* I %s.", shown(words[1]), strings.TrimSuffix(strings.TrimPrefix(shown(words[2]), "I "), ".")))
	}
	add("*If it wobbles:*", marked(s.Wobble))
	var text Text
	for i, line := range lines[:min(len(lines), 8)] {
		if i > 0 {
			text = append(text, P("\n")...)
		}
		text = append(text, line...)
	}
	return text
}

// prepForm makes a preparation of a situation, or changes the one with that id.
func (v *visit) prepForm(ctx context.Context, situation, id string) (Reply, error) {
	s, ok := v.ed.Situation(situation)
	if !ok {
		return Reply{}, v.gone()
	}
	words := []string{"", s.If, s.Then}
	if f, ok := v.flow(id); ok && f.Kind == flowPrep {
		kept, err := v.prepWords(ctx, id)
		if err != nil {
			return Reply{}, err
		}
		words = kept
	}
	form := v.prepInputs(s, id, words)
	if v.Answers == nil {
		return Reply{Form: &form}, nil
	}
	if r, ok := v.guard(strings.Join([]string{v.Answers["goal"], v.Answers["if"], v.Answers["then"]}, " ")); ok {
		return r, nil
	}
	answers, faulty, err := v.read(ctx, form)
	if faulty != nil || err != nil {
		return deref(faulty), err
	}
	return v.keepPrep(ctx, s, id, answers)
}

// noDay stands in the form for a talk without a day.
const noDay = "none"

func (v *visit) prepInputs(s curriculum.Situation, id string, words []string) Form {
	day := Input{Name: "day", Label: v.say.line("When? For a reminder and two questions"), Kind: PickOne, Value: noDay, Options: []Option{{v.say.line("No reminder, no questions"), noDay}}}
	for n := range 8 {
		d := v.today().Add(n)
		label := v.dayOf(d)
		if n < 2 {
			label = sentence(v.dayName(d)) + ", " + label
		}
		day.Options = append(day.Options, Option{label, string(d)})
	}
	hour := Input{Name: "hour", Label: v.say.line("At what time, where you are?"), Kind: PickOne, Value: strconv.Itoa(10 * 60)}
	for m := 6 * 60; m < 21*60; m += 60 {
		hour.Options = append(hour.Options, Option{clock(m), strconv.Itoa(m)})
	}
	return Form{
		Title: v.say.line("Your plan"), Action: Do("prep", "form", s.ID, id), Submit: v.say.line("That is my plan"),
		Lead: v.say.text("Only you see it. Leave names out: it works as well without."),
		Inputs: []Input{
			{Name: "goal", Label: v.say.line("What do you want from it?"), Hint: v.say.line("One thing, such as a yes or no, or to be understood"), Kind: Line, Value: clip(words[0], MaxLine)},
			{Name: "if", Label: v.say.line("If (the moment)"), Kind: Line, Value: clip(words[1], MaxLine)},
			{Name: "then", Label: v.say.line("then I (what you do)"), Kind: Line, Value: clip(strings.TrimPrefix(words[2], "I "), MaxLine)},
			day, hour,
		},
	}
}

// keepPrep keeps a preparation with what was wished for around it.
func (v *visit) keepPrep(ctx context.Context, s curriculum.Situation, id string, answers map[string]string) (Reply, error) {
	if f, ok := v.flow(id); !ok || f.Kind != flowPrep {
		id = flowPrep + "/" + v.mark()
	}
	words := []string{answers["goal"], answers["if"], answers["then"]}
	f := Flow{ID: id, Kind: flowPrep, Item: s.ID, Edition: v.ed.Hash, Node: nodeOpen, Week: v.week(), Made: v.now, Expires: v.now.Add(keepPrep), Words: strings.Join(words, "\n")}
	ch := Change{Cancel: prepWishes(id)}
	note := v.say.text("Kept. `/rapport prep` shows it any time.")
	unsure := false
	if day := streak.Date(answers["day"]); day.Valid() {
		minute, _ := strconv.Atoi(answers["hour"])
		f.Expires = v.now.Add(time.Duration(max(day.DaysSince(v.today()), 0))*24*time.Hour + keepPrep)
		ch.Cancel, ch.Wishes = nil, v.prepPlanned(id, day, minute)
		unsure = v.asksZone(&ch)
		note = v.say.text("Kept. One reminder before it and two questions after it, by direct message, and nothing else. They do not repeat what you wrote.")
	}
	ch.PutFlows = []Flow{f}
	if _, err := v.apply(ctx, ch); err != nil {
		return Reply{}, err
	}
	return v.ownPlan(s, f.ID, words, Section{Text: note}, unsure), nil
}

// What is planned around a talk.
const (
	prepBefore = "before"
	prepAfter  = "after"
)

func prepWishes(id string) []Wish {
	return []Wish{{Kind: kindPrep, Subject: id + "/" + prepBefore}, {Kind: kindPrep, Subject: id + "/" + prepAfter}}
}

// prepPlanned is the reminder an hour before a talk, if that lies ahead, and the
// two questions two hours after it began, or the next morning.
func (v *visit) prepPlanned(id string, day streak.Date, minute int) (wishes []Wish) {
	loc, _ := v.zone()
	wish := func(what string, on streak.Date, at int) {
		if on.Before(v.today()) || on == v.today() && at <= v.local().Hour()*60+v.local().Minute() {
			return
		}
		wishes = append(wishes, Wish{Kind: kindPrep, Subject: id + "/" + what, To: v.me(), Date: on, Minute: at, Zone: loc.String(), Exact: true})
	}
	wish(prepBefore, day, max(minute-60, 4*60))
	if after := minute + 120; after < 21*60 {
		wish(prepAfter, day, after)
	} else {
		wish(prepAfter, day.Add(1), 9*60)
	}
	return wishes
}

// ownPlan shows the plan with the person's words in it.
func (v *visit) ownPlan(s curriculum.Situation, id string, words []string, note Section, unsure bool) Reply {
	sections := []Section{{Text: v.planText(s, words)}, note}
	buttons := []Button{v.button("How did it go?", Do("prep", "debrief", id)), v.button("Change it", Do("prep", "form", s.ID, id)), v.button("Forget it now", Do("prep", "forget", id))}
	if unsure {
		sections = append(sections, Section{Text: v.zoneQuestion()})
		buttons = append(v.zoneButtons(), buttons...)
	} else if sc, ok := v.helps.scenario(help{steps: s.Steps, text: s.Title + " " + s.Goal}, v.audience()); ok {
		buttons = append([]Button{v.button("Rehearse it", Do("rehearse", sc))}, buttons...)
	}
	r := answer(s.Title, sections, buttons...)
	r.Message.Notice = v.say.line("Your plan")
	return r
}

// prepWords are the person's words of a preparation: what they want, an if, a
// then.
func (v *visit) prepWords(ctx context.Context, id string) ([]string, error) {
	words, err := v.Store.FlowWords(ctx, v.From, id)
	if err != nil {
		return nil, fmt.Errorf("preparation: %w", err)
	}
	parts := strings.SplitN(words, "\n", 4)
	for len(parts) < 3 {
		parts = append(parts, "")
	}
	return parts[:3], nil
}

// withPrep does f with a preparation that is there and its situation.
func (v *visit) withPrep(ctx context.Context, id string, do func(context.Context, Flow, curriculum.Situation) (Reply, error)) (Reply, error) {
	f, ok := v.flow(id)
	s, known := v.editionOf(id).Situation(f.Item)
	if !ok || f.Kind != flowPrep || !known {
		return Reply{}, &mistake{Message{
			Sections: []Section{{Text: v.say.text("That plan is not here any more: a plan goes a week after its questions, or two weeks after its day.")}},
			Buttons:  []Button{v.button("Prepare anew", Do("prep")), v.button("Home", Do("home"))},
		}}
	}
	return do(ctx, f, s)
}

func (v *visit) planPage(ctx context.Context, f Flow, s curriculum.Situation) (Reply, error) {
	words, err := v.prepWords(ctx, f.ID)
	if err != nil {
		return Reply{}, err
	}
	return v.ownPlan(s, f.ID, words, Section{Quiet: true, Text: v.say.text("Only you see this.")}, false), nil
}

func (v *visit) forgetPrep(ctx context.Context, id string) (Reply, error) {
	if f, ok := v.flow(id); ok && f.Kind == flowPrep {
		if _, err := v.apply(ctx, Change{DropFlows: []string{id}, Cancel: prepWishes(id)}); err != nil {
			return Reply{}, err
		}
	}
	return answer("", []Section{{Text: v.say.text("Forgotten: the plan, its reminder and its questions.")}}, v.button("Prepare another", Do("prep")), v.button("Home", Do("home"))), nil
}

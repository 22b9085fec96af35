package coach

import (
	"context"
	"strings"
	"time"

	"rapport/coach/curriculum"
	"rapport/coach/streak"
)

func inCommand() Command { return Command{Verb: "in", Hidden: true, Run: runIn} }

// runIn takes up an offer for this week. A second press opens nothing new.
func runIn(ctx context.Context, v *visit) (Reply, error) {
	o, ok := v.ed.Offer(v.Arg(0))
	if !ok {
		return Reply{}, v.gone()
	}
	id := tryID(v.week(), o.ID)
	if f, ok := v.flow(id); ok && f.Node != nodeOpen {
		return answer("", []Section{{Text: v.say.text("*%s* is done for this week, and noted. Once is enough; here is something else if you like.", sentence(o.Title))}},
			v.primary("Another idea", Do("offer", "other", o.ID)), v.button("Progress", Do("progress"))), nil
	}
	if _, ok := v.flow(id); !ok {
		if _, err := v.apply(ctx, Change{PutFlows: []Flow{v.newFlow(v.week(), o.ID, nodeOpen)}}); err != nil {
			return Reply{}, err
		}
	}
	return v.whenPage(id, o), nil
}

// whenPage asks for a ready moment.
func (v *visit) whenPage(id string, o curriculum.Offer) Reply {
	buttons := []Button{v.primary("Today", Do("when", id, "today")), v.button("Tomorrow", Do("when", id, "tomorrow"))}
	if day, ok := v.laterThisWeek(); ok {
		buttons = append(buttons, v.button(day.String(), Do("when", id, day.String())))
	}
	buttons = append(buttons, v.button("My own words", Do("plan", id)))
	if s, ok := v.scenarioOf(o); ok {
		buttons = append(buttons, v.button(v.say.line("Rehearse it, %s", v.say.line("%d minutes", s.Minutes)), Do("rehearse", s.ID)))
	}
	return answer("", []Section{
		{Text: v.say.text("*Good. When?*")},
		{Quiet: true, Text: P(sentence(o.Title) + ". " + o.Do)},
	}, buttons...)
}

// laterThisWeek is Thursday, or Friday from Wednesday on, while that is still
// after tomorrow.
func (v *visit) laterThisWeek() (time.Weekday, bool) {
	switch v.today().Weekday() {
	case time.Sunday, time.Monday, time.Tuesday:
		return time.Thursday, true
	case time.Wednesday:
		return time.Friday, true
	}
	return 0, false
}

func whenCommand() Command { return Command{Verb: "when", Hidden: true, Run: runWhen} }

func runWhen(_ context.Context, v *visit) (Reply, error) {
	f, o, err := v.offerOf(v.Arg(0))
	if err != nil {
		return Reply{}, err
	}
	return v.askPage(f, o, v.say.line("Good: %s.", strings.ToLower(v.say.line(v.Arg(1)))[:0]+v.dayWord(v.Arg(1)))), nil
}

// dayWord is a day as it stands in a sentence.
func (v *visit) dayWord(arg string) string {
	if arg == "today" || arg == "tomorrow" {
		return v.say.line(arg)
	}
	return v.say.line(sentence(strings.ToLower(clip(arg, 12))))
}

// askPage offers one question, once. The yes is the consent for exactly one
// direct message.
func (v *visit) askPage(f Flow, o curriculum.Offer, lead string) Reply {
	sections := []Section{{Text: Join(B(lead), P(" "), v.say.text("Try: %s", marked(o.Do)))}}
	if o.If != "" {
		sections = append(sections, Section{Text: v.say.text("When *%s*, then *%s*.", o.If, strings.TrimSuffix(o.Then, "."))})
	}
	sections = append(sections, Section{Text: v.say.text("May I ask you once how it went?")})
	date := v.askDate()
	return answer("", sections,
		v.primary(v.say.line("Yes, %s, only that", v.dayName(date)), Do("ask", f.ID, string(date))),
		v.button("No, I'll come back", Do("ask", f.ID, "no")))
}

// dayName names a date within the coming week.
func (v *visit) dayName(d streak.Date) string {
	switch d {
	case v.today():
		return v.say.line("today")
	case v.today().Add(1):
		return v.say.line("tomorrow")
	}
	return v.say.line(d.Weekday().String())
}

// askDate is when the one question would come: this week's Thursday while that
// lies ahead, else tomorrow.
func (v *visit) askDate() streak.Date {
	monday := streak.WeekOf(v.today(), time.Monday)
	thursday := monday.Add(3)
	past := v.local().Hour()*60+v.local().Minute() >= v.askMinute()
	if v.today().Before(thursday) || v.today() == thursday && !past {
		return thursday
	}
	return v.today().Add(1)
}

// askMinute is the local minute at which the one question comes.
func (v *visit) askMinute() int {
	if m := v.self.Settings.Minute; m > 0 {
		return m
	}
	return minuteOf(v.Reflection, 16*60)
}

func planCommand() Command { return Command{Verb: "plan", Hidden: true, Run: runPlan} }

// runPlan lets a person put the when and the what in their own words.
func runPlan(ctx context.Context, v *visit) (Reply, error) {
	f, o, err := v.offerOf(v.Arg(0))
	if err != nil {
		return Reply{}, err
	}
	form := Form{
		Title: v.say.line("In your own words"), Action: Do("plan", f.ID), Submit: v.say.line("That is my plan"),
		Lead: v.say.text("Plans put as *if this happens, then I do that* are kept more often than good intentions. Only you see it."),
		Inputs: []Input{
			{Name: "if", Label: v.say.line("If (the moment)"), Kind: Line, Value: clip(o.If, MaxLine)},
			{Name: "then", Label: v.say.line("then I (what you do)"), Kind: Line, Value: clip(strings.TrimPrefix(o.Then, "I "), MaxLine)},
		},
	}
	if v.Answers == nil {
		return Reply{Form: &form}, nil
	}
	if r, ok := v.guard(v.Answers["if"] + " " + v.Answers["then"]); ok {
		return r, nil
	}
	answers, faulty, err := v.read(ctx, form)
	if faulty != nil || err != nil {
		return deref(faulty), err
	}
	f.Words = answers["if"] + "\n" + answers["then"]
	if _, err := v.apply(ctx, Change{PutFlows: []Flow{f}}); err != nil {
		return Reply{}, err
	}
	o.If, o.Then = answers["if"], "I "+answers["then"]
	r := v.askPage(f, o, v.say.line("That is a plan."))
	r.Message.Notice = v.say.line("That is a plan.") // and not what it is
	return r, nil
}

func askCommand() Command { return Command{Verb: "ask", Hidden: true, Run: runAsk} }

// runAsk takes the yes or no to one question.
func runAsk(ctx context.Context, v *visit) (Reply, error) {
	f, _, err := v.offerOf(v.Arg(0))
	if err != nil {
		return Reply{}, err
	}
	date := streak.Date(v.Arg(1))
	if !date.Valid() {
		if _, err := v.apply(ctx, Change{Cancel: []Wish{{Kind: kindQuestion, Subject: f.ID}}}); err != nil {
			return Reply{}, err
		}
		return answer("", []Section{{Text: v.say.text("Good. I stay quiet. Type `/rapport done` when you have tried it.")}},
			v.button("Home", Do("home"))), nil
	}
	if date.Before(v.today()) || date.DaysSince(v.today()) > 7 {
		date = v.askDate() // an old button: its day has passed
	}
	loc, _ := v.zone()
	w := Wish{Kind: kindQuestion, Subject: f.ID, To: v.me(), Date: date, Minute: v.askMinute(), Zone: loc.String(), Exact: true}
	ch := Change{Wishes: []Wish{w}}
	unsure := v.asksZone(&ch)
	if _, err := v.apply(ctx, ch); err != nil {
		return Reply{}, err
	}
	text := v.say.text("Done. I will ask you once, *%s around %s* (%s). Nothing else.", v.dayName(date), clock(w.Minute), loc.String())
	sections := []Section{{Text: text}}
	buttons := []Button{v.button("Never mind, don't ask", Do("ask", f.ID, "no")), v.button("Home", Do("home"))}
	if unsure {
		sections = append(sections, Section{Text: v.zoneQuestion()})
		buttons = append(v.zoneButtons(), buttons...)
	}
	return answer("", sections, buttons...), nil
}

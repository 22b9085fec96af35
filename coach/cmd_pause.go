package coach

import (
	"context"
	"fmt"

	"rapport/coach/streak"
)

// How long a pause may be, and how far back it may begin.
const (
	pauseWeeks = 12
	pauseBack  = 14 // days
)

func pauseCommand() Command {
	return Command{
		Verb: "pause", Aliases: []string{"resume", "holiday", "sick", "away"}, First: true,
		Summary: "quiet time that costs nothing",
		Params:  []Param{{Name: "end", Summary: "end to come back early", Options: []Option{{Label: "end", Value: "end"}}}},
		Run:     runPause,
	}
}

func (v *visit) paused() bool {
	s := v.self.Settings
	return s.PauseFrom != "" && s.PauseUntil >= v.today()
}

func runPause(ctx context.Context, v *visit) (Reply, error) {
	if v.Answers == nil && v.Arg(0) == "end" {
		return v.endPause(ctx)
	}
	if v.Answers == nil && v.paused() && v.Arg(0) != "change" {
		s := v.self.Settings
		return answer("", []Section{{Text: v.say.text("You are on a pause from *%s* to *%s*. Weeks in it cost nothing, and I stay quiet.", v.dayOf(s.PauseFrom), v.dayOf(s.PauseUntil))}},
			v.primary("I am back", Do("pause", "end")), v.button("Change it", Do("pause", "change")), v.button("Home", Do("home"))), nil
	}
	form := v.pauseForm()
	if v.Answers == nil {
		return Reply{Form: &form}, nil
	}
	answers, faulty, err := v.read(ctx, form)
	if faulty != nil || err != nil {
		return deref(faulty), err
	}
	from, until, faults := v.pauseDates(answers)
	if len(faults) > 0 {
		faulty, err := v.faulty(ctx, form, faults)
		return deref(faulty), err
	}
	return v.setPause(ctx, from, until)
}

func (v *visit) pauseForm() Form {
	return Form{
		Title: v.say.line("Pause"), Action: Do("pause", "change"), Submit: v.say.line("Pause"),
		Lead: v.say.text("Leave, illness, a busy month: weeks in a pause cost nothing. It ends by itself."),
		Inputs: []Input{
			{Name: "from", Label: v.say.line("From"), Hint: v.say.line("today, a weekday, or a date like %s; up to 14 days back", string(v.today())), Kind: Line, Value: "today", Max: 40},
			{Name: "until", Label: v.say.line("Until, that day included"), Hint: v.say.line("a date like %s, or 2 weeks; at most 12 weeks", string(v.today().Add(14))), Kind: Line, Max: 40},
		},
	}
}

// pauseDates reads the two dates and says what is wrong with each.
func (v *visit) pauseDates(answers map[string]string) (from, until streak.Date, faults map[string]Text) {
	faults = make(map[string]Text)
	today := v.today()
	from, ok := dateTyped(answers["from"], today)
	switch {
	case !ok:
		faults["from"] = v.say.text("I cannot read that as a day. Try *today*, *monday* or *%s*.", string(today))
	case today.DaysSince(from) > pauseBack:
		faults["from"] = v.say.text("A pause can begin at most 14 days back: *%s*.", string(today.Add(-pauseBack)))
	case from.DaysSince(today) > 90:
		faults["from"] = v.say.text("That is more than three months away. Please tell me nearer the time.")
	}
	until, ok = dateTyped(answers["until"], today)
	switch {
	case !ok:
		faults["until"] = v.say.text("I cannot read that as a day. Try *2 weeks* or *%s*.", string(today.Add(14)))
	case faults["from"] != nil:
	case until < from:
		faults["until"] = v.say.text("That is before the pause begins.")
	case until < today:
		faults["until"] = v.say.text("That day is over. A pause reaches at least to today: *%s*.", string(today))
	case until.DaysSince(from) >= 7*pauseWeeks:
		faults["until"] = v.say.text("A pause lasts at most 12 weeks: until *%s*. You can pause again then.", string(from.Add(7*pauseWeeks-1)))
	}
	return from, until, faults
}

func (v *visit) setPause(ctx context.Context, from, until streak.Date) (Reply, error) {
	kind := streak.Pause
	if from < v.today() {
		kind = streak.Illness
	}
	var events []streak.Event
	if kind == streak.Illness { // the days behind today, and a pause for those ahead
		events = append(events, v.event(streak.Event{Key: "illness/" + v.mark(), Kind: kind, From: from, Until: min(until, v.today())}))
	}
	if until >= v.today() {
		events = append(events, v.event(streak.Event{Key: "pause/" + v.mark(), Kind: streak.Pause, From: max(from, v.today()), Until: until}))
	}
	s := v.self.Settings
	s.PauseFrom, s.PauseUntil = from, until
	if _, err := v.apply(ctx, Change{Events: events, Settings: &s}); err != nil {
		return Reply{}, err
	}
	return answer("", []Section{{Text: v.say.text("*Paused until %s.* I send nothing, and no week counts against you. It ends by itself.", v.dayOf(until))}},
		v.button("I am back already", Do("pause", "end")), v.button("Home", Do("home"))), nil
}

// endPause ends a pause yesterday, so that today counts again.
func (v *visit) endPause(ctx context.Context) (Reply, error) {
	if !v.paused() {
		return answer("", []Section{{Text: v.say.text("There is no pause to end. Good to see you.")}}, v.primary("This week", Do("home"))), nil
	}
	events, err := v.Store.Events(ctx, v.From)
	if err != nil {
		return Reply{}, fmt.Errorf("events: %w", err)
	}
	ref := ""
	for _, e := range events {
		if e.Kind == streak.Pause && e.Ref == "" {
			ref = e.Key
		}
	}
	s := v.self.Settings
	s.PauseFrom, s.PauseUntil = "", ""
	change := Change{Settings: &s}
	if ref != "" {
		change.Events = []streak.Event{v.event(streak.Event{
			Key: "pause-end/" + v.mark(), Kind: streak.Pause, Ref: ref, Until: v.today().Add(-1),
		})}
	}
	if _, err := v.apply(ctx, change); err != nil {
		return Reply{}, err
	}
	return answer("", []Section{{Text: v.say.text("Welcome back. The pause is over, and the weeks in it cost nothing.")}}, v.primary("This week", Do("home"))), nil
}

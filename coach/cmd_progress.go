package coach

import (
	"context"
	"fmt"
	"strings"

	"rapport/coach/streak"
)

func progressCommand() Command {
	return Command{
		Verb: "progress", Aliases: []string{"streak", "stats", "weeks"},
		Summary: "your weeks, for you alone",
		Params: []Param{{Name: "picture", Summary: "picture to see half a year drawn, steps to read it", Options: []Option{
			{"picture", "picture"}, {"picture dark", "picture dark"}, {"picture light", "picture light"}, {"steps", "steps"}}}},
		Run: runProgress,
	}
}

// gridWeeks is how many weeks the text grid shows.
const gridWeeks = 12

func runProgress(ctx context.Context, v *visit) (Reply, error) {
	l := v.ledger()
	if len(l.Weeks) == 0 {
		return answer("", []Section{{Text: v.say.text("Your weeks show up here once you have tried something and told me. There is no rush.")}},
			v.primary("This week", Do("home")), v.button("How did it go?", Do("done"))), nil
	}
	events, err := v.Store.Events(ctx, v.From)
	if err != nil {
		return Reply{}, fmt.Errorf("events: %w", err)
	}
	switch how, look, _ := strings.Cut(typedOption(v.Action.Args), " "); {
	case how == "picture" && !v.TextOnly:
		return v.picturePage(l, spreadOf(l, events), look)
	case how == "picture", how == "steps":
		return v.stepsPage(l, spreadOf(l, events)), nil
	}
	sections := []Section{
		{Text: v.progressLine(l)},
		{Text: C(grid(l.Window(gridWeeks)))},
		{Quiet: true, Text: v.say.text("K kept \u00b7 R rest week \u00b7 P pause \u00b7 E not your doing \u00b7 o open \u00b7 . nothing. Oldest left, this week right.")},
	}
	if counts := v.stepCounts(events); counts != "" {
		sections = append(sections, Section{Text: P(counts)})
	}
	sections = append(sections, Section{Quiet: true, Text: v.say.text("One small thing keeps a week. Rest weeks are used by themselves. Nobody else sees this.")})
	buttons := []Button{v.primary("This week", Do("home"))}
	if !v.TextOnly {
		buttons = append(buttons, v.button("As a picture", Do("progress", "picture")))
	}
	return answer(v.say.line("Your weeks"), sections,
		append(buttons, v.button("Step by step", Do("progress", "steps")), v.button("Your journal", Do("journal")), v.button("Pause", Do("pause")))...), nil
}

// progressLine is "9 of your last 12 weeks. 4 in a row. 2 rest weeks in hand."
func (v *visit) progressLine(l streak.Ledger) Text {
	return Join(v.keptLine(l), P(" "+v.handLine(l)))
}

func (v *visit) keptLine(l streak.Ledger) Text {
	switch kept, of := l.KeptOf(gridWeeks); of {
	case 0:
		return v.say.text("*%s practised so far.*", v.say.line("%d weeks", l.Kept))
	case 1:
		return v.say.text("*Your first week is kept.*")
	default:
		return v.say.text("*%s of your last %s.*", kept, v.say.line("%d weeks", of))
	}
}

func (v *visit) handLine(l streak.Ledger) string {
	hand := v.say.line("%s in hand.", v.say.line("%d rest weeks", l.Rest))
	if l.Run >= 2 {
		return v.say.line("%d in a row", l.Run) + ". " + hand
	}
	return hand
}

// letters stand for the state of a week; a letter and not a colour, so that
// everybody can read it.
var letters = map[streak.State]string{
	streak.WeekOpen: "o", streak.WeekKept: "K", streak.WeekRest: "R",
	streak.WeekPaused: "P", streak.WeekExcused: "E", streak.WeekMissed: ".",
}

// grid shows one letter a week with how often something was done below it.
func grid(weeks []streak.Week) string {
	var states, counts strings.Builder
	for _, w := range weeks {
		fmt.Fprintf(&states, " %s ", letters[w.State])
		if w.Count > 0 {
			fmt.Fprintf(&counts, "%2d ", min(w.Count, 99))
		} else {
			counts.WriteString("   ")
		}
	}
	return strings.TrimRight(states.String(), " ") + "\n" + strings.TrimRight(counts.String(), " ")
}

// stepCounts says how often each step was practised.
func (v *visit) stepCounts(events []streak.Event) string {
	var n [7]int
	for _, e := range streak.Practices(events) {
		n[stepOf(e)]++
	}
	var parts []string
	for i := range v.ed.Steps {
		if t := &v.ed.Steps[i]; n[t.N] > 0 {
			parts = append(parts, fmt.Sprintf("%s: %s", t.Title, v.say.line("%d times", n[t.N])))
		}
	}
	return strings.Join(parts, "\n")
}

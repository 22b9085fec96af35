package coach

import (
	"fmt"
	"strings"

	"rapport/coach/picture"
	"rapport/coach/streak"
)

// weekKinds are the states of a week in the order of the legend, with a word
// for each.
var weekKinds = []struct {
	state streak.State
	words string
}{
	{streak.WeekKept, "kept"}, {streak.WeekRest, "rest week"}, {streak.WeekPaused, "pause"},
	{streak.WeekExcused, "not your doing"}, {streak.WeekOpen, "open"}, {streak.WeekMissed, "nothing"},
}

// picturePage shows the grid of the progress page as a picture. It is drawn
// each time it is asked for and kept nowhere.
func (v *visit) picturePage(l streak.Ledger) (Reply, error) {
	weeks := l.Window(gridWeeks)
	p := picture.Weeks{
		Title: v.keptLine(l).String(), Line: v.handLine(l),
		Note: v.say.line("Oldest left, this week right. The number is how often."),
	}
	alt := []string{p.Title + " " + p.Line}
	month := ""
	for _, w := range weeks {
		col := picture.Week{State: w.State, Letter: letters[w.State], Count: w.Count}
		start := timeOf(w.Start)
		if name := v.say.line(start.Month().String()); name != month {
			month, col.Label = name, short(name)
		}
		p.Columns = append(p.Columns, col)
		alt = append(alt, v.weekInWords(w))
	}
	for _, k := range weekKinds {
		p.Legend = append(p.Legend, picture.Kind{State: k.state, Letter: letters[k.state], Words: v.say.line(k.words)})
	}
	png, err := p.PNG()
	if err != nil {
		return Reply{}, fmt.Errorf("progress: %w", err)
	}
	r := answer(v.say.line("Your weeks"), []Section{{Text: v.progressLine(l)}},
		v.primary("This week", Do("home")), v.button("As letters", Do("progress")))
	r.Message.Picture = &Picture{Name: "weeks.png", PNG: png, Alt: strings.Join(alt, "\n")}
	return r, nil
}

// weekInWords is one week of the picture for those who do not see it.
func (v *visit) weekInWords(w streak.Week) string {
	start := timeOf(w.Start)
	state := ""
	for _, k := range weekKinds {
		if k.state == w.State {
			state = v.say.line(k.words)
		}
	}
	if w.Count > 0 {
		state += ", " + v.say.line("%d times", w.Count)
	}
	return v.say.line("Week of %d %s: %s.", start.Day(), v.say.line(start.Month().String()), state)
}

// short is the beginning of a month's name, as it fits below a week.
func short(name string) string {
	r := []rune(name)
	return string(r[:min(3, len(r))])
}

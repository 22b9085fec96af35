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

// picturePage shows the last half year, step by step and week by week, as a
// picture. It is drawn each time it is asked for and kept nowhere.
func (v *visit) picturePage(l streak.Ledger, s spread, look string) (Reply, error) {
	dark := look == "dark"
	p := picture.Weeks{
		Title: v.keptLine(l).String(), Line: v.handLine(l), Strip: v.say.line("Your weeks"), Sums: v.say.line("times"),
		Note: v.say.line("Oldest left, this week right. A number says how often; at the end of a row, in all these weeks."),
		Dark: dark,
	}
	months := v.months(s.weeks)
	for i, w := range s.weeks {
		p.Columns = append(p.Columns, picture.Week{State: w.State, Letter: letters[w.State], Label: months[i]})
	}
	for _, r := range v.rows(s) {
		p.Rows = append(p.Rows, picture.Row{Name: strings.TrimSpace(r.mark + " " + r.name), Counts: r.counts, Thin: r.mark == ""})
	}
	for _, k := range weekKinds {
		p.Legend = append(p.Legend, picture.Kind{State: k.state, Letter: letters[k.state], Words: v.say.line(k.words)})
	}
	p.Legend = append(p.Legend,
		picture.Kind{Count: 1, Words: v.say.line("practised once")}, picture.Kind{Count: 3, Words: v.say.line("more often, here 3 times")})
	png, err := p.PNG()
	if err != nil {
		return Reply{}, fmt.Errorf("progress: %w", err)
	}
	name, other := "weeks.png", v.button("Dark picture", Do("progress", "picture", "dark"))
	if dark {
		name, other = "weeks-dark.png", v.button("Light picture", Do("progress", "picture", "light"))
	}
	r := answer(v.say.line("Your weeks"), []Section{{Text: v.progressLine(l)}},
		v.primary("This week", Do("home")), other, v.button("As letters", Do("progress", "steps")))
	r.Message.Picture = &Picture{Name: name, PNG: png, Alt: clip(v.progressLine(l).String()+"\n"+v.spreadInWords(s), MaxAlt)}
	r.Replace = look == "" // asked for under the other picture, it does not take that one's place: where it went as a file, the way to delete it stands there
	return r, nil
}

// stepsPage is the picture in letters and words.
func (v *visit) stepsPage(l streak.Ledger, s spread) Reply {
	buttons := []Button{v.primary("This week", Do("home"))}
	if !v.TextOnly {
		buttons = append(buttons, v.button("As a picture", Do("progress", "picture")))
	}
	key := "K kept \u00b7 R rest week \u00b7 P pause \u00b7 E not your doing \u00b7 o open \u00b7 . nothing. Oldest left, this week right. A number says how often, + is more than nine."
	return answer(v.say.line("Your steps, week by week"), []Section{
		{Text: v.progressLine(l)},
		{Text: C(v.spreadInLetters(s))},
		{Quiet: true, Text: v.say.text(key)},
		{Text: P(v.spreadInWords(s))},
	}, append(buttons, v.button("12 weeks", Do("progress")))...)
}

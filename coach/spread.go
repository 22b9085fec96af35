package coach

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"rapport/coach/picture"
	"rapport/coach/streak"
)

// A spread is what was practised of each step in the last weeks. The first row
// is what belongs to no step, such as mending or the journal.
type spread struct {
	weeks []streak.Week
	rows  [7][]int // how often, by week
}

func spreadOf(l streak.Ledger, events []streak.Event) spread {
	s := spread{weeks: l.Window(picture.MaxColumns)}
	column := make(map[streak.Date]int, len(s.weeks))
	for i, w := range s.weeks {
		column[w.Start] = i
	}
	for step := range s.rows {
		s.rows[step] = make([]int, len(s.weeks))
	}
	for _, e := range streak.Practices(events) {
		if i, ok := column[e.Week]; ok {
			s.rows[stepOf(e)][i]++
		}
	}
	return s
}

// stepOf is the step that was practised, 0 for none.
func stepOf(e streak.Event) int {
	if e.Step < 1 || e.Step > len(stepNames) {
		return 0
	}
	return e.Step
}

// A spreadRow is a row as people see it.
type spreadRow struct {
	mark   string // the number of the step, "" for what belongs to none
	name   string
	counts []int
}

// rows are the six steps, and where there is any what belongs to none.
func (v *visit) rows(s spread) []spreadRow {
	var all []spreadRow
	for i := range v.ed.Steps {
		if t := &v.ed.Steps[i]; t.N >= 1 && t.N <= len(stepNames) {
			all = append(all, spreadRow{strconv.Itoa(t.N), t.Title, s.rows[t.N]})
		}
	}
	if times, _ := added(s.rows[0]); times > 0 {
		all = append(all, spreadRow{"", v.say.line("Anything else"), s.rows[0]})
	}
	return all
}

// added is how often something was done, and in how many weeks.
func added(counts []int) (times, weeks int) {
	for _, n := range counts {
		times += n
		if n > 0 {
			weeks++
		}
	}
	return times, weeks
}

// spreadInWords says what the picture shows: what became of which weeks, by the
// days they begin on, and how often each step was practised.
func (v *visit) spreadInWords(s spread) string {
	var lines []string
	if len(s.weeks) > 0 {
		lines = append(lines, v.say.line("%s from %s %s on, by the days they begin:",
			v.say.line("%d weeks", len(s.weeks)), v.dayAndMonth(s.weeks[0].Start), s.weeks[0].Start[:4]))
	}
	for _, k := range weekKinds {
		n, dates := v.weeksOf(s.weeks, k.state)
		switch {
		case n == 1:
			lines = append(lines, v.say.line("%s: %s", v.say.line(k.words), dates))
		case n > 1:
			lines = append(lines, v.say.line("%s, %s: %s", v.say.line(k.words), v.say.line("%d weeks", n), dates))
		}
	}
	for _, r := range v.rows(s) {
		if times, weeks := added(r.counts); times > 0 {
			name := clip(strings.TrimSpace(r.mark+" "+r.name), 40)
			lines = append(lines, v.say.line("%s: %s in %s", name, v.say.line("%d times", times), v.say.line("%d weeks", weeks)))
		}
	}
	return strings.Join(lines, "\n")
}

// weeksOf is how many weeks have that state, and which: "1 Jun to 15 Jun, 6 Jul".
func (v *visit) weeksOf(weeks []streak.Week, state streak.State) (n int, dates string) {
	var parts []string
	for i := 0; i < len(weeks); i++ {
		if weeks[i].State != state {
			continue
		}
		first := i
		for i+1 < len(weeks) && weeks[i+1].State == state {
			i++
		}
		n += i - first + 1
		part := v.dayAndMonth(weeks[first].Start)
		if i > first {
			part = v.say.line("%s to %s", part, v.dayAndMonth(weeks[i].Start))
		}
		parts = append(parts, part)
	}
	return n, strings.Join(parts, ", ")
}

func (v *visit) dayAndMonth(d streak.Date) string {
	t := timeOf(d)
	return fmt.Sprintf("%d %s", t.Day(), v.month(t.Month()))
}

// month is the beginning of a month's name, as it fits below a week.
func (v *visit) month(m time.Month) string {
	r := []rune(v.say.line(m.String()))
	return string(r[:min(3, len(r))])
}

// months names the month of each week that is the first in it, "" for the others.
func (v *visit) months(weeks []streak.Week) []string {
	names, last := make([]string, len(weeks)), ""
	for i, w := range weeks {
		if name := v.month(timeOf(w.Start).Month()); name != last {
			last, names[i] = name, name
		}
	}
	return names
}

// spreadInLetters is the picture in letters, a week a column.
func (v *visit) spreadInLetters(s spread) string {
	months, states := "  ", "  "
	names := v.months(s.weeks)
	for i, w := range s.weeks {
		states += letters[w.State]
		next := slices.IndexFunc(names[i+1:], func(name string) bool { return name != "" })
		if room := 2 + i - utf8.RuneCountInString(months); names[i] != "" && room >= 0 && (next < 0 || next > 2) {
			months += strings.Repeat(" ", room) + names[i] + " " // where the next name comes too soon, there is little of this month
		}
	}
	lines := []string{strings.TrimRight(months, " "), states}
	for _, r := range v.rows(s) {
		line := orElse(r.mark, "-") + " "
		for _, n := range r.counts {
			line += digit(n)
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, "\n")
}

// digit is a count in one letter.
func digit(n int) string {
	switch {
	case n == 0:
		return "."
	case n > 9:
		return "+"
	}
	return strconv.Itoa(n)
}

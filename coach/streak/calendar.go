package streak

import "time"

// WeekOf is the start of the week of d, where weeks start on that weekday; "" if d is not valid.
func WeekOf(d Date, start time.Weekday) Date {
	n, ok := d.day()
	if !ok {
		return ""
	}
	return n.onOrBefore(start).date()
}

// WeekOf is the start of the week of d as the person's weeks were and are: Monday to Sunday until their team chose
// another start, which holds from the week after the choice. The days between the old and the new start belong to the
// earlier week. "" if d is not valid.
func (l Ledger) WeekOf(d Date) Date {
	n, ok := d.day()
	if !ok {
		return ""
	}
	return calendarOf(l.Starts).week(n).date()
}

// turn is a change of the week start: the week Last is the last of the old kind and reaches to the day before First.
type turn struct {
	Last  Date `json:"last"`
	First Date `json:"first"`
}

// calendar holds the turns in days, oldest first; each is after the one before it.
type calendar []dayTurn

type dayTurn struct{ last, first day }

func calendarOf(turns []turn) calendar {
	c := make(calendar, len(turns))
	for i, t := range turns {
		c[i].last, _ = t.Last.day()
		c[i].first, _ = t.First.day()
	}
	return c
}

func (c calendar) turns() []turn {
	var out []turn
	for _, t := range c {
		out = append(out, turn{t.last.date(), t.first.date()})
	}
	return out
}

// week is the start of the week of d.
func (c calendar) week(d day) day {
	i := len(c)
	for i > 0 && d < c[i-1].first {
		i--
	}
	start := time.Monday
	if i > 0 {
		start = c[i-1].first.weekday()
	}
	w := d.onOrBefore(start)
	if i < len(c) && w > c[i].last {
		return c[i].last
	}
	return w
}

// next is the start of the week after the one that starts at w.
func (c calendar) next(w day) day {
	for _, t := range c {
		if t.last <= w && w < t.first {
			return t.first
		}
	}
	return w + 7
}

// choose makes weeks start on that weekday, from the first one after the week of d on. A choice that has not come into
// force yet is replaced.
func (c calendar) choose(d day, start time.Weekday) calendar {
	last := c.week(d)
	first := max(last+7, d+1).onOrAfter(start)
	kept := c[:0:0]
	for _, t := range c {
		if t.first <= d {
			kept = append(kept, t)
		}
	}
	return append(kept, dayTurn{last, first})
}

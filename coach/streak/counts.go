package streak

import "slices"

// counts says how often there was a practice in a week, by the week's first day. A ledger at work has a few and asks
// for them in order, where a map would cost more than all the rest.
type counts []count

type count struct {
	week day
	n    int
}

// at is where week is, or would be.
func (c counts) at(week day) (i int, there bool) {
	for i = len(c); i > 0 && len(c)-i < 8 && c[i-1].week >= week; i-- { // most often one of the last
	}
	if i > 0 && c[i-1].week >= week {
		return slices.BinarySearchFunc(c[:i], week, func(one count, week day) int { return int(one.week - week) })
	}
	return i, i < len(c) && c[i].week == week
}

func (c counts) of(week day) int {
	if i, there := c.at(week); there {
		return c[i].n
	}
	return 0
}

func (c *counts) add(week day, n int) {
	i, there := c.at(week)
	if there {
		(*c)[i].n += n
		return
	}
	*c = slices.Insert(*c, i, count{week, n})
}

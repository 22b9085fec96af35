package coach

import (
	"cmp"
	"slices"

	"rapport/coach/streak"
)

// A span is some days, both ends included.
type span struct{ from, until streak.Date }

// pauses are the days on which a person was on a pause, as the log tells: a
// pause that was ended early is as long as it lasted.
func pauses(events []streak.Event) []span {
	ended := map[string]streak.Date{}
	for _, e := range events {
		if e.Kind == streak.Pause && e.Ref != "" {
			ended[e.Ref] = e.Until
		}
	}
	var all []span
	for _, e := range events {
		if e.Kind != streak.Pause && e.Kind != streak.Illness || e.Ref != "" || e.From == "" {
			continue
		}
		s := span{e.From, e.Until}
		if until, ok := ended[e.Key]; ok {
			s.until = min(s.until, until)
		}
		if s.until >= s.from {
			all = append(all, s)
		}
	}
	return apart(all)
}

// apart is spans in order, those that overlap made one.
func apart(all []span) []span {
	slices.SortFunc(all, func(a, b span) int { return cmp.Compare(a.from, b.from) })
	var out []span
	for _, s := range all {
		if n := len(out); n > 0 && s.from <= out[n-1].until {
			out[n-1].until = max(out[n-1].until, s.until)
		} else {
			out = append(out, s)
		}
	}
	return out
}

// awake is how many days lie between two, without those of a pause: what was to
// come back after a while is not due because somebody was away.
func awake(from, until streak.Date, away []span) int {
	days := until.DaysSince(from)
	for _, s := range away {
		if first, last := max(s.from, from.Add(1)), min(s.until, until); first <= last {
			days -= last.DaysSince(first) + 1
		}
	}
	return max(days, 0)
}

// after is the day that many days later, pauses left out.
func after(d streak.Date, days int, away []span) streak.Date {
	end := d.Add(days)
	for _, s := range away {
		if first := max(s.from, d.Add(1)); first <= end && first <= s.until {
			end = end.Add(s.until.DaysSince(first) + 1)
		}
	}
	return end
}

package streak

import "time"

// Grace is the week before that of today, if a practice of today may still be for it: today is one of the first two
// days of a week, and the week before is open and one in which the person was already here. The surface asks which of
// the two weeks is meant, except on the button of a nudge, which means its own.
func Grace(l Ledger, today Date) (week Date, ok bool) {
	now, valid := today.day()
	if !valid || l.Since == "" {
		return "", false
	}
	cal := calendarOf(l.Starts)
	own := cal.week(now)
	before := cal.week(own - 1).date()
	if now-own >= graceDays || l.Since >= own.date() {
		return "", false
	}
	switch l.Advance(today).state(before) {
	case WeekOpen, "":
		return before, true
	}
	return "", false
}

// AnnounceAt is the first instant at which the state of the week that holds that day may be told to the person: the end
// of its grace in the latest of the zones held in that week, UTC where none was. The zero time if the date is not valid.
func AnnounceAt(events []Event, week Date) time.Time {
	l := Fold(events, week)
	cal := calendarOf(l.Starts)
	d, ok := week.day()
	if !ok {
		return time.Time{}
	}
	start := cal.week(d).date()
	end, _ := start.day()
	end = cal.next(end)
	return latestStart(zonesHeld(events, start, end.date()), (end + graceDays).date())
}

// Milestone is the number of weeks practised in all, 1, 4, 13, 26 or 52, that was reached between two ledgers of a
// person, the highest if several were. It is for that person only.
func Milestone(before, after Ledger) (weeks int, ok bool) {
	for _, m := range [...]int{52, 26, 13, 4, 1} {
		if before.Kept < m && m <= after.Kept {
			return m, true
		}
	}
	return 0, false
}

// Return is what a practice came back from.
type Return int

const (
	None            Return = iota
	First                  // the first kept week of all
	RestWeekCovered        // a rest week held the run
	AfterBreak             // the run had been lost, a new one begins
	RunBack                // the practice brought a lost run back
	AfterPause             // after paused or excused weeks
)

// Returned is what the person came back from by what happened between two ledgers. Where before holds for an earlier day
// than after, what the days between brought on by themselves is left out. None unless a week was newly kept or a run
// came back. A week that is open tells nothing yet.
func Returned(before, after Ledger) Return {
	i := newlyKept(before, after)
	switch {
	case i >= 0 && before.Kept == 0:
		return First
	case after.Back > before.Back && after.Back > before.Advance(after.Today).Back: // else closed weeks alone brought it back
		return RunBack
	case i >= 0:
		return cameFrom(after.Weeks[:i])
	}
	return None
}

// newlyKept is the index of the last week that is kept after and was not before, else -1.
func newlyKept(before, after Ledger) int {
	for i := len(after.Weeks) - 1; i >= 0; i-- {
		if w := after.Weeks[i]; w.State == WeekKept && before.state(w.Start) != WeekKept {
			return i
		}
	}
	return -1
}

// cameFrom judges the weeks after the last kept one.
func cameFrom(weeks []Week) Return {
	r := None
	for i := len(weeks) - 1; i >= 0 && weeks[i].State != WeekKept; i-- {
		switch weeks[i].State {
		case WeekMissed:
			return AfterBreak
		case WeekRest:
			r = RestWeekCovered
		case WeekPaused, WeekExcused:
			if r == None {
				r = AfterPause
			}
		}
	}
	return r
}

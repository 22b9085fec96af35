package streak

import (
	"cmp"
	"slices"
	"time"
)

// State says what became of a week.
type State string

const (
	WeekOpen    State = "open"    // may still be kept
	WeekKept    State = "kept"    // something was done, whether the week is over or not
	WeekRest    State = "rest"    // nothing was done, and a rest week covered it
	WeekPaused  State = "paused"  // nothing was done, and a working day of it was paused or ill
	WeekExcused State = "excused" // nothing was done, for a season break or a fault of ours
	WeekMissed  State = "missed"  // nothing was done
)

// Week is one week of a person.
type Week struct {
	Start Date  `json:"start"`
	State State `json:"state"`
	Count int   `json:"count,omitempty"` // things done
}

// Ledger is what a log adds up to on a day. It marshals to JSON and back without loss, and to the same bytes for the
// same log and day; a stored one is a cache.
type Ledger struct {
	Weeks    []Week  `json:"weeks,omitempty"` // from the first kept week on, oldest first, without holes
	Run      int     `json:"run"`             // kept weeks in a row
	Longest  int     `json:"longest"`
	Rest     int     `json:"rest"`           // rest weeks in hand
	Kept     int     `json:"kept"`           // weeks practised in all
	Strength float64 `json:"strength"`       // 0 to 1, over closed weeks; for choosing what to send, never shown
	Back     Date    `json:"back,omitempty"` // the day a lost run last came back

	Today Date `json:"today,omitempty"` // the day this holds for
	Since Date `json:"since,omitempty"` // the local date of the first event that counts: since when the person is here

	// What Advance and Append need.
	Last   time.Time `json:"last,omitzero"`    // the instant of the last event that counts
	Closed tally     `json:"closed"`           // the totals over closed weeks only
	Shut   int       `json:"shut,omitempty"`   // how many of Weeks are closed
	Starts []turn    `json:"starts,omitempty"` // changes of the week start
	Off    []span    `json:"off,omitempty"`    // neutral days that reach into weeks not closed
	Recent []Date    `json:"recent,omitempty"` // practices that can bring a run back which a week not closed would lose
}

// KeptOf is "9 of your last 12 weeks": how many of the last n weeks that count were kept, and how many those are, at
// most n and none from before the first kept week. An open week counts from the moment it is kept, so that nobody's
// number drops on a Monday morning; paused and excused weeks do not count.
func (l Ledger) KeptOf(n int) (kept, of int) {
	for i := len(l.Weeks) - 1; i >= 0 && of < n; i-- {
		switch l.Weeks[i].State {
		case WeekOpen, WeekPaused, WeekExcused:
			continue
		case WeekKept:
			kept++
		}
		of++
	}
	return kept, of
}

// Window is the last n weeks, the present one included, oldest first; fewer where there are fewer since the first kept one.
func (l Ledger) Window(n int) []Week {
	from := min(max(0, len(l.Weeks)-n), len(l.Weeks))
	return append([]Week(nil), l.Weeks[from:]...)
}

// state is the state of the week that starts on that date, "" where the ledger has none.
func (l Ledger) state(start Date) State {
	i, ok := slices.BinarySearchFunc(l.Weeks, start, func(w Week, d Date) int { return cmp.Compare(w.Start, d) })
	if !ok {
		return ""
	}
	return l.Weeks[i].State
}

const (
	restAtStart = 2
	restCap     = 2
	earnEvery   = 4  // kept weeks for one rest week
	backWithin  = 14 // days after the missed week in which practices bring the run back
	backNeeds   = 2  // practices
	backEvery   = 90 // days from one such return to the next
)

// tally is the totals after some weeks.
type tally struct {
	Run      int     `json:"run"`
	Longest  int     `json:"longest"`
	Rest     int     `json:"rest"`
	Kept     int     `json:"kept"`
	Strength float64 `json:"strength"`
	Back     Date    `json:"back,omitempty"`
}

// keep counts a kept week, open or closed.
func (t *tally) keep() {
	t.Run++
	t.Kept++
	t.Longest = max(t.Longest, t.Run)
	if t.Kept%earnEvery == 0 {
		t.Rest = min(restCap, t.Rest+1)
	}
}

// strengthen takes in a closed week. The conversions keep processors from fusing the two steps, which would round
// differently from one machine to the next.
func (t *tally) strengthen(kept float64) {
	t.Strength = float64(0.868*t.Strength) + float64(0.132*kept)
}

// skip closes a week [start, end) in which nothing was done and which nothing excuses. done are all days of practice
// from end on, in order.
func (t *tally) skip(start, end day, done []day) State {
	t.strengthen(0)
	back, ever := t.Back.day()
	switch {
	case ever && start <= back:
		return WeekMissed // lies before the practices that brought the run back: lost once, not twice
	case t.Rest > 0: // then there is a run for it to hold: a run is lost only with none in hand, and earning one begins a new one
		t.Rest--
		return WeekRest
	case t.Run == 0:
		return WeekMissed
	}
	if len(done) >= backNeeds {
		second := done[backNeeds-1]
		if second < end+backWithin && (!ever || second-back >= backEvery) {
			t.Back = second.date()
			return WeekMissed
		}
	}
	t.Run = 0
	return WeekMissed
}

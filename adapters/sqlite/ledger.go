package sqlite

import (
	"encoding/json"
	"errors"
	"strconv"
	"strings"
	"time"

	"rapport/coach/streak"
)

// ledgerForm is the form of account.ledger. It is raised when package streak
// changes what a ledger holds: one of another form is folded again.
const ledgerForm = 2

// states is the letter of each state of a week.
const states = "okrpem"

var stateOf = [...]streak.State{streak.WeekOpen, streak.WeekKept, streak.WeekRest, streak.WeekPaused, streak.WeekExcused, streak.WeekMissed}

var errLedger = errors.New("stored ledger of another form")

// ledgerRest is what is stored of a ledger beside its weeks.
type ledgerRest struct {
	streak.Ledger
	Undone bool `json:"undone,omitempty"` // there is an undo in the log
}

// storeLedger writes a ledger as account.ledger holds it: its weeks in a few
// bytes each, since every command reads all of them, and after a line break
// everything else in the ledger's own JSON.
func storeLedger(l streak.Ledger, undone bool) string {
	b := make([]byte, 0, 13*len(l.Weeks)+400)
	for _, w := range l.Weeks {
		b = append(b, w.Start...)
		b = append(b, states[indexOf(w.State)])
		if w.Count != 0 {
			b = strconv.AppendInt(b, int64(w.Count), 10)
		}
		b = append(b, ' ')
	}
	b = append(b, '\n')
	l.Weeks = nil
	if !plain(l) {
		return string(b) + marshal(ledgerRest{l, undone})
	}
	return string(appendRest(b, l, undone))
}

// plain reports whether appendRest can write l: it is so for nearly everybody.
func plain(l streak.Ledger) bool {
	for _, d := range append([]streak.Date{l.Back, l.Today, l.Since, l.Closed.Back}, l.Recent...) {
		if d != "" && !d.Valid() {
			return false
		}
	}
	return len(l.Starts) == 0 && len(l.Off) == 0
}

// appendRest appends the JSON of a plain ledger without weeks, as package json
// writes it at three times the cost.
func appendRest(b []byte, l streak.Ledger, undone bool) []byte {
	number := func(key string, n int) {
		b = strconv.AppendInt(append(b, key...), int64(n), 10)
	}
	date := func(key string, d streak.Date) {
		if d != "" {
			b = append(append(append(b, key...), d...), '"')
		}
	}
	totals := func(run, longest, rest, kept int, strength float64, back streak.Date) {
		number(`{"run":`, run)
		number(`,"longest":`, longest)
		number(`,"rest":`, rest)
		number(`,"kept":`, kept)
		b = strconv.AppendFloat(append(b, `,"strength":`...), strength, 'f', -1, 64)
		date(`,"back":"`, back)
	}
	totals(l.Run, l.Longest, l.Rest, l.Kept, l.Strength, l.Back)
	date(`,"today":"`, l.Today)
	date(`,"since":"`, l.Since)
	if !l.Last.IsZero() {
		b = l.Last.AppendFormat(append(b, `,"last":"`...), time.RFC3339Nano)
		b = append(b, '"')
	}
	b = append(b, `,"closed":`...)
	totals(l.Closed.Run, l.Closed.Longest, l.Closed.Rest, l.Closed.Kept, l.Closed.Strength, l.Closed.Back)
	b = append(b, '}')
	if l.Shut != 0 {
		number(`,"shut":`, l.Shut)
	}
	for i, d := range l.Recent {
		if i == 0 {
			b = append(b, `,"recent":["`...)
		} else {
			b = append(b, `,"`...)
		}
		b = append(append(b, d...), '"')
	}
	if len(l.Recent) > 0 {
		b = append(b, ']')
	}
	if undone {
		b = append(b, `,"undone":true`...)
	}
	return append(b, '}')
}

func indexOf(s streak.State) int {
	for i, known := range stateOf {
		if s == known {
			return i
		}
	}
	panic("week of an unknown state " + string(s)) // a new state needs a letter here
}

// readLedger reads a stored ledger, or folds the log where another form is
// stored.
func readLedger(from reader, account int64, text string, form int) (l streak.Ledger, undone bool, err error) {
	if form == ledgerForm {
		if l, undone, err := loadLedger(text); err == nil {
			return l, undone, nil
		}
	}
	log, err := readLog(from, account)
	return streak.Fold(log, ""), hasUndo(log), err
}

// loadLedger is the inverse of storeLedger.
func loadLedger(text string) (streak.Ledger, bool, error) {
	var r ledgerRest
	weeks, rest, ok := strings.Cut(text, "\n")
	if !ok || json.Unmarshal([]byte(rest), &r) != nil {
		return r.Ledger, false, errLedger
	}
	l := r.Ledger
	const date = len("2006-01-02")
	if n := strings.Count(weeks, " "); n > 0 {
		l.Weeks = make([]streak.Week, 0, n)
	}
	for week := range strings.FieldsSeq(weeks) {
		if len(week) <= date {
			return l, false, errLedger
		}
		w := streak.Week{Start: streak.Date(week[:date]).Add(0)} // no piece of text, which would stay for it
		i := strings.IndexByte(states, week[date])
		if i < 0 || w.Start == "" {
			return l, false, errLedger
		}
		w.State = stateOf[i]
		if count := week[date+1:]; count != "" {
			n, err := strconv.Atoi(count)
			if err != nil {
				return l, false, errLedger
			}
			w.Count = n
		}
		l.Weeks = append(l.Weeks, w)
	}
	return l, r.Undone, nil
}

package sqlite

import (
	"encoding/json"
	"errors"
	"strconv"
	"strings"

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
	var b strings.Builder
	b.Grow(13 * len(l.Weeks))
	for _, w := range l.Weeks {
		b.WriteString(string(w.Start))
		b.WriteByte(states[indexOf(w.State)])
		if w.Count != 0 {
			b.WriteString(strconv.Itoa(w.Count))
		}
		b.WriteByte(' ')
	}
	l.Weeks = nil
	return b.String() + "\n" + marshal(ledgerRest{l, undone})
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
		w := streak.Week{Start: streak.Date(week[:date])}
		i := strings.IndexByte(states, week[date])
		if i < 0 {
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

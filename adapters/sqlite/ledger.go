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
const ledgerForm = 1

// states is the letter of each state of a week.
const states = "okrpem"

var stateOf = [...]streak.State{streak.WeekOpen, streak.WeekKept, streak.WeekRest, streak.WeekPaused, streak.WeekExcused, streak.WeekMissed}

var errLedger = errors.New("stored ledger of another form")

// storeLedger writes a ledger as account.ledger holds it: its weeks in a few
// bytes each, since every command reads all of them, and after a line break
// everything else in the ledger's own JSON.
func storeLedger(l streak.Ledger) string {
	var b strings.Builder
	for _, w := range l.Weeks {
		b.WriteString(string(w.Start))
		b.WriteByte(states[indexOf(w.State)])
		if w.Count != 0 {
			b.WriteString(strconv.Itoa(w.Count))
		}
		b.WriteByte(' ')
	}
	l.Weeks = nil
	return b.String() + "\n" + marshal(l)
}

func indexOf(s streak.State) int {
	for i, known := range stateOf {
		if s == known {
			return i
		}
	}
	panic("week of an unknown state " + string(s)) // a new state needs a letter here
}

// loadLedger is the inverse of storeLedger.
func loadLedger(text string) (streak.Ledger, error) {
	var l streak.Ledger
	weeks, rest, ok := strings.Cut(text, "\n")
	if !ok {
		return l, errLedger
	}
	if err := json.Unmarshal([]byte(rest), &l); err != nil {
		return l, errLedger
	}
	const date = len("2006-01-02")
	if n := strings.Count(weeks, " "); n > 0 {
		l.Weeks = make([]streak.Week, 0, n)
	}
	for week := range strings.FieldsSeq(weeks) {
		if len(week) <= date {
			return l, errLedger
		}
		w := streak.Week{Start: streak.Date(week[:date])}
		i := strings.IndexByte(states, week[date])
		if i < 0 {
			return l, errLedger
		}
		w.State = stateOf[i]
		if count := week[date+1:]; count != "" {
			n, err := strconv.Atoi(count)
			if err != nil {
				return l, errLedger
			}
			w.Count = n
		}
		l.Weeks = append(l.Weeks, w)
	}
	return l, nil
}

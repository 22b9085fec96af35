package streak

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"
	_ "time/tzdata"
)

// monday is the first day of week 0 in these tests.
const monday Date = "2026-01-05"

// on is an event at noon UTC of the day so many days after monday.
func on(n int, e Event) Event {
	d, _ := monday.day()
	e = Stamp(time.Unix(int64(d+day(n))*secondsOfDay+12*3600, 0), time.UTC, e)
	if e.Key == "" {
		e.Key = fmt.Sprintf("%s-%d", e.Kind, n)
	}
	return e
}

func in(t testing.TB, zone string) *time.Location {
	t.Helper()
	loc, err := time.LoadLocation(zone)
	if err != nil {
		t.Fatal(err)
	}
	return loc
}

// at stamps an event at a wall clock time, "2026-01-05 08:00", in a zone.
func at(t testing.TB, zone, wall string, e Event) Event {
	t.Helper()
	loc := in(t, zone)
	local, err := time.ParseInLocation("2006-01-02 15:04", wall, loc)
	if err != nil {
		t.Fatal(err)
	}
	if e.Key == "" {
		e.Key = string(e.Kind) + zone + wall
	}
	return Stamp(local, loc, e)
}

// weeks writes a log, one letter a week: K a check-in on Wednesday, 2 two practices (Wednesday and Thursday), P paused,
// I ill, X excused, O an outage on Saturday and Sunday, . nothing.
func weeks(pattern string) []Event {
	var log []Event
	for i, c := range pattern {
		n := 7 * i
		days := Event{From: monday.Add(n), Until: monday.Add(n + 6)}
		switch c {
		case 'K':
			log = append(log, on(n+2, Event{Kind: CheckIn}))
		case '2':
			log = append(log, on(n+2, Event{Kind: CheckIn}), on(n+3, Event{Kind: Journal}))
		case 'P':
			days.Kind = Pause
		case 'I':
			days.Kind = Illness
		case 'X':
			days.Kind = Excused
		case 'O':
			days.Kind, days.From = Outage, monday.Add(n+5)
		}
		if days.Kind != "" {
			log = append(log, on(n, days))
		}
	}
	return log
}

// states writes the weeks of a ledger as letters: K kept, r rest, p paused, x excused, m missed, o open.
func states(l Ledger) string {
	letters := map[State]string{WeekKept: "K", WeekRest: "r", WeekPaused: "p", WeekExcused: "x", WeekMissed: "m", WeekOpen: "o"}
	var b strings.Builder
	for _, w := range l.Weeks {
		b.WriteString(letters[w.State])
	}
	return b.String()
}

func marshal(t testing.TB, l Ledger) string {
	t.Helper()
	b, err := json.Marshal(l)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func sum(l Ledger) string {
	return fmt.Sprintf("%s run %d longest %d rest %d kept %d", states(l), l.Run, l.Longest, l.Rest, l.Kept)
}

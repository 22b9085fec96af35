package coach

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"rapport/coach/streak"
)

// timeOf is midnight UTC of a civil date, the zero time if it is none.
func timeOf(d streak.Date) time.Time {
	t, err := time.Parse(time.DateOnly, string(d))
	if err != nil {
		return time.Time{}
	}
	return t
}

// clock writes a minute of the day as "16:00".
func clock(minute int) string { return fmt.Sprintf("%02d:%02d", minute/60%24, minute%60) }

// minuteOf is the minute of the day at which five cron fields fire, if they
// name one minute and one hour, else other.
func minuteOf(spec string, other int) int {
	f := strings.Fields(spec)
	if len(f) != 5 {
		return other
	}
	m, err1 := strconv.Atoi(f[0])
	h, err2 := strconv.Atoi(f[1])
	if err1 != nil || err2 != nil {
		return other
	}
	return h*60 + m
}

// weekdayOf is the one weekday that five cron fields name, else other.
func weekdayOf(spec string, other time.Weekday) time.Weekday {
	f := strings.Fields(spec)
	if len(f) != 5 {
		return other
	}
	if d, err := strconv.Atoi(f[4]); err == nil && d >= 0 && d <= 7 {
		return time.Weekday(d % 7)
	}
	return other
}

// specAt is the five cron fields of a minute of the day on some weekdays.
func specAt(minute int, days ...time.Weekday) string {
	var names []string
	for _, d := range days {
		names = append(names, strconv.Itoa(int(d)))
	}
	return fmt.Sprintf("%d %d * * %s", minute%60, minute/60, strings.Join(names, ","))
}

// dateTyped reads a date as people type it: 2026-12-24, today, tomorrow, a
// weekday (the next one), or "3 days" and "2 weeks" from today.
func dateTyped(s string, today streak.Date) (streak.Date, bool) {
	s = strings.ToLower(strings.TrimSpace(s))
	switch s {
	case "today", "now":
		return today, true
	case "tomorrow":
		return today.Add(1), true
	case "yesterday":
		return today.Add(-1), true
	}
	if d := streak.Date(s); d.Valid() {
		return d, true
	}
	for i := range 7 {
		day := time.Weekday(i)
		if name := strings.ToLower(day.String()); s == name || s == name[:3] || s == "next "+name {
			ahead := (int(day) - int(today.Weekday()) + 6) % 7
			return today.Add(ahead + 1), true
		}
	}
	f := strings.Fields(strings.TrimPrefix(s, "in "))
	if len(f) == 2 {
		n, err := strconv.Atoi(f[0])
		switch unit := strings.TrimSuffix(f[1], "s"); {
		case err != nil || n < 0 || n > 400:
		case unit == "day":
			return today.Add(n), true
		case unit == "week":
			return today.Add(7 * n), true
		}
	}
	return "", false
}

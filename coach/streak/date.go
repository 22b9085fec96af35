package streak

import "time"

// Date is a civil date, "2026-11-23". Dates compare as strings. The zero value "" is no date; like every text that is
// not a date of the years 1900 to 2999 it is not [Date.Valid].
type Date string

// DateOf is the civil date that t shows in its own location.
func DateOf(t time.Time) Date { return Date(t.Format(time.DateOnly)) }

// Valid reports whether d is a date of the calendar in the years 1900 to 2999.
func (d Date) Valid() bool {
	_, ok := d.day()
	return ok
}

// Add is the date days later, or earlier when days is negative; "" if d is not valid.
func (d Date) Add(days int) Date {
	n, ok := d.day()
	if !ok {
		return ""
	}
	return (n + day(days)).date()
}

// Weekday is the day of the week; Sunday if d is not valid.
func (d Date) Weekday() time.Weekday {
	n, ok := d.day()
	if !ok {
		return time.Sunday
	}
	return n.weekday()
}

// Before reports whether d is earlier than e.
func (d Date) Before(e Date) bool { return d < e }

// After reports whether d is later than e.
func (d Date) After(e Date) bool { return d > e }

// DaysSince is the number of days from e to d, negative when d is earlier; 0 if either is not valid.
func (d Date) DaysSince(e Date) int {
	a, ok := d.day()
	b, also := e.day()
	if !ok || !also {
		return 0
	}
	return int(a - b)
}

// day counts civil days from 1970-01-01: what the arithmetic of this package is done in.
type day int

const secondsOfDay = 24 * 60 * 60 // of a civil day counted in UTC, where there are no jumps

func (d Date) day() (day, bool) {
	t, err := time.Parse(time.DateOnly, string(d))
	if err != nil || t.Year() < 1900 || t.Year() > 2999 {
		return 0, false
	}
	return day(t.Unix() / secondsOfDay), true
}

func (n day) date() Date { return DateOf(time.Unix(int64(n)*secondsOfDay, 0).UTC()) }

func (n day) weekday() time.Weekday { return time.Weekday(mod7(int(n) + int(time.Thursday))) }

// onOrAfter is the first day from n on that falls on w.
func (n day) onOrAfter(w time.Weekday) day { return n + day(mod7(int(w)-int(n.weekday()))) }

// onOrBefore is the last day up to n that falls on w.
func (n day) onOrBefore(w time.Weekday) day { return n - day(mod7(int(n.weekday())-int(w))) }

func mod7(n int) int { return ((n % 7) + 7) % 7 }

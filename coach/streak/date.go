package streak

import (
	"strings"
	"sync"
	"time"
)

// Date is a civil date, "2026-11-23". Dates compare as strings. The zero value "" is no date; like every text that is
// not a date of the years 1900 to 2999 it is not [Date.Valid].
type Date string

// DateOf is the civil date that t shows in its own location.
func DateOf(t time.Time) Date {
	_, offset := t.Zone()
	n, rest := (t.Unix()+int64(offset))/secondsOfDay, (t.Unix()+int64(offset))%secondsOfDay
	if rest < 0 {
		n--
	}
	return day(n).date()
}

// written is the date that t shows.
func written(t time.Time) Date {
	year, month, of := t.Date()
	if year < 0 || year > 9999 {
		return Date(t.Format(time.DateOnly))
	}
	return Date([]byte{
		byte('0' + year/1000), byte('0' + year/100%10), byte('0' + year/10%10), byte('0' + year%10), '-',
		byte('0' + int(month)/10), byte('0' + int(month)%10), '-', byte('0' + of/10), byte('0' + of%10),
	})
}

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

// day reads a date by hand: a ledger at work reads and writes some hundreds, and package time takes five times as long.
func (d Date) day() (day, bool) {
	if len(d) != len(time.DateOnly) || d[4] != '-' || d[7] != '-' {
		return 0, false
	}
	year, ok := digits(d[:4])
	month, ok2 := digits(d[5:7])
	of, ok3 := digits(d[8:])
	if !ok || !ok2 || !ok3 || year < 1900 || year > 2999 || month < 1 || month > 12 || of < 1 || of > daysIn(year, month) {
		return 0, false
	}
	return civil(year, month, of), true
}

func digits(d Date) (n int, ok bool) {
	for i := range len(d) {
		c := d[i] - '0'
		if c > 9 {
			return 0, false
		}
		n = 10*n + int(c)
	}
	return n, true
}

func daysIn(year, month int) int {
	switch {
	case month == 2 && year%4 == 0 && (year%100 != 0 || year%400 == 0):
		return 29
	case month == 2:
		return 28
	case month == 4 || month == 6 || month == 9 || month == 11:
		return 30
	}
	return 31
}

// civil counts the days to a date of the calendar. Years begin in March, so that the leap day is their last; five
// months in a row from March or August have 153 days.
func civil(year, month, of int) day {
	if month <= 2 {
		year, month = year-1, month+12
	}
	era := year / 400
	inEra := year - 400*era
	inYear := (153*(month-3)+2)/5 + of - 1
	return day(146097*era + 365*inEra + inEra/4 - inEra/100 + inYear - 719468)
}

// date is a piece of a text that all ledgers share: a thousand of them hold as many thousand dates, each of which the
// collector would look at.
func (n day) date() Date {
	const size = day(len(time.DateOnly))
	if at := (n - firstWritten) * size; n >= firstWritten && n < endWritten {
		return Date(calendarText()[at : at+size])
	}
	return n.write()
}

func (n day) write() Date { return written(time.Unix(int64(n)*secondsOfDay, 0).UTC()) }

// The days from 2020 to 2044.
const (
	firstWritten day = 18262
	endWritten   day = 27394
)

var calendarText = sync.OnceValue(func() string {
	var b strings.Builder
	for n := firstWritten; n < endWritten; n++ {
		b.WriteString(string(n.write()))
	}
	return b.String()
})

func (n day) weekday() time.Weekday { return time.Weekday(mod7(int(n) + int(time.Thursday))) }

// onOrAfter is the first day from n on that falls on w.
func (n day) onOrAfter(w time.Weekday) day { return n + day(mod7(int(w)-int(n.weekday()))) }

// onOrBefore is the last day up to n that falls on w.
func (n day) onOrBefore(w time.Weekday) day { return n - day(mod7(int(n.weekday())-int(w))) }

func mod7(n int) int { return ((n % 7) + 7) % 7 }

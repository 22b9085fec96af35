package schedules

import (
	"errors"
	"fmt"
	"math/bits"
	"path"
	"slices"
	"strings"
	"sync"
	"time"
	_ "time/tzdata" // machines without zone files know them too

	"github.com/robfig/cron/v3"

	"rapport/coach/streak"
)

// A Spec says at which minutes of which days something is due, on the wall
// clock of a zone that the Spec does not name. The zero Spec is never due.
type Spec struct {
	text    string
	minutes uint64 // bit n: minute n of the hour
	hours   uint32 // bit n: hour n
	days    uint32 // bit n: day n of the month
	months  uint16 // bit n: month n
	week    uint8  // bit n: weekday n, 0 Sunday
	either  bool   // both days and week are narrowed: one of them is enough
}

// String returns the five fields of s with one space between them.
func (s Spec) String() string { return s.text }

// maxSpec is the longest spec that is read, in bytes.
const maxSpec = 100

// fieldRanges tells what each of the five fields may hold.
var fieldRanges = [5]string{
	"the minute goes from 0 to 59",
	"the hour goes from 0 to 23",
	"the day of the month goes from 1 to 31",
	"the month goes from 1 to 12 or JAN to DEC",
	"the weekday goes from 0 (Sunday) to 6 or SUN to SAT",
}

// Parse reads a spec of exactly five cron fields. A spec with a zone, a
// shorthand such as @daily, or one that names no day that ever comes is an
// error, whose text says how to put it right.
func Parse(spec string) (Spec, error) {
	if len(spec) > maxSpec {
		return Spec{}, fmt.Errorf("a schedule of %d characters is too long: it takes five short fields, such as \"0 9 * * 1\" for Mondays at 09:00", len(spec))
	}
	fields := strings.Fields(spec)
	if len(fields) != 5 {
		return Spec{}, fmt.Errorf("schedule %q has %d fields: write five (minute, hour, day of the month, month, weekday), such as \"0 9 * * 1\" for Mondays at 09:00", spec, len(fields))
	}
	c, err := parseCron(strings.Join(fields, " "))
	if err != nil {
		return Spec{}, fmt.Errorf("schedule %q: %w", spec, blame(fields, err))
	}
	s := fromCron(c)
	s.text = strings.Join(fields, " ")
	if !s.comes() {
		return Spec{}, fmt.Errorf("schedule %q never comes: no month it names has such a day. Take a day that exists, such as 28", spec)
	}
	return s, nil
}

// blame says which field of a spec that gave err is wrong, and what it may hold.
func blame(fields []string, err error) error {
	for i, f := range fields {
		five := [5]string{"*", "*", "*", "*", "*"}
		five[i] = f
		if _, err := parseCron(strings.Join(five[:], " ")); err != nil {
			return fmt.Errorf("%q does not fit: %s; write it as *, 5, 1-5, 1,3 or */2, lower before higher", f, fieldRanges[i])
		}
	}
	return err
}

// parseCron is cron's parser with a guard: it takes some specs for something
// else than they say, and some make it panic.
func parseCron(spec string) (s *cron.SpecSchedule, err error) {
	defer func() {
		if recover() != nil {
			s, err = nil, errUnreadable
		}
	}()
	if strings.ContainsAny(spec, "=@+") || slices.ContainsFunc(lax, func(l string) bool { return strings.Contains(" "+spec+" ", l) }) {
		return nil, errUnreadable
	}
	parsed, err := cron.NewParser(cron.Minute | cron.Hour | cron.Dom | cron.Month | cron.Dow).Parse(spec)
	if err != nil {
		return nil, err
	}
	s, ok := parsed.(*cron.SpecSchedule)
	if !ok {
		return nil, errUnreadable
	}
	return s, nil
}

var errUnreadable = errors.New("it cannot be read")

// lax is what cron's parser passes over: "*-5" is "*" to it, "1,,2" is "1,2".
var lax = []string{"*-", "?-", ",,", ", ", " ,"}

// fromCron takes over the sets of c, whose top bit says that a field is "*".
func fromCron(c *cron.SpecSchedule) Spec {
	const star = 1 << 63
	return Spec{
		minutes: c.Minute &^ star,
		hours:   uint32(c.Hour),
		days:    uint32(c.Dom),
		months:  uint16(c.Month),
		week:    uint8(c.Dow),
		either:  c.Dom&star == 0 && c.Dow&star == 0,
	}
}

// comes reports whether s has a day that exists.
func (s Spec) comes() bool {
	if s.either {
		return s.week != 0 || s.days != 0
	}
	for m := time.January; m <= time.December; m++ {
		last := time.Date(2024, m+1, 0, 0, 0, 0, 0, time.UTC).Day() // a leap year
		if s.months&(1<<m) != 0 && s.days&(1<<(last+1)-1) != 0 {
			return true
		}
	}
	return false
}

// Weekdays returns the weekdays on which s can be due, bit 0 Sunday. What is
// to happen once a week has exactly one.
func (s Spec) Weekdays() uint8 {
	const everyDay, everyDate = 1<<7 - 1, 1<<32 - 2
	if s.days == everyDate && !s.either {
		return s.week
	}
	return everyDay
}

// on reports whether s is due on the civil day that d shows in UTC.
func (s Spec) on(d time.Time) bool {
	if s.months&(1<<d.Month()) == 0 {
		return false
	}
	day, week := s.days&(1<<d.Day()) != 0, s.week&(1<<d.Weekday()) != 0
	if s.either {
		return day || week
	}
	return day && week
}

// horizon is how many days ahead the next day of a Spec can lie: February 29
// may be eight years away.
const horizon = 8*366 + 3

// Next returns the first occurrence after an instant whose nominal local date
// is later than last ("" for none), with that date. A Spec that names several
// minutes of a day has one occurrence on that date: the first that is still to
// come. It is a zero time if s is never due again.
func (s Spec) Next(loc *time.Location, after time.Time, last streak.Date) (time.Time, streak.Date) {
	y, m, d := after.In(loc).Date()
	// A wall time in a gap is due later than its date says, at most two days
	// where a zone crossed the date line.
	day := time.Date(y, m, d-2, 0, 0, 0, 0, time.UTC)
	if first, ok := civil(last); ok && !first.Before(day) {
		day = first.AddDate(0, 0, 1)
	}
	for range horizon {
		if s.on(day) {
			if at := s.firstOn(loc, day, after); !at.IsZero() {
				return at, streak.DateOf(day)
			}
		}
		day = day.AddDate(0, 0, 1)
	}
	return time.Time{}, ""
}

// firstOn returns the earliest instant of s on a civil day that is after an
// instant, or a zero time.
func (s Spec) firstOn(loc *time.Location, day, after time.Time) time.Time {
	var first time.Time
	for hours := s.hours; hours != 0; hours &= hours - 1 {
		for minutes := s.minutes; minutes != 0; minutes &= minutes - 1 {
			minute := bits.TrailingZeros32(hours)*60 + bits.TrailingZeros64(minutes)
			at, inGap := wallTime(loc, day, minute)
			if at.After(after) && (first.IsZero() || at.Before(first)) {
				first = at
			}
			if !first.IsZero() && !inGap {
				return first // only out of a gap can a later minute be due earlier
			}
		}
	}
	return first
}

// Next returns the first occurrence of spec in an IANA zone after an instant
// whose nominal local date is later than last ("" for none), with that date.
func Next(spec, zone string, after time.Time, last streak.Date) (time.Time, streak.Date, error) {
	s, err := Parse(spec)
	if err != nil {
		return time.Time{}, "", err
	}
	loc, err := Zone(zone)
	if err != nil {
		return time.Time{}, "", err
	}
	if _, ok := civil(last); !ok && last != "" {
		return time.Time{}, "", fmt.Errorf("next %q: %q is not a date", spec, last)
	}
	at, date := s.Next(loc, after, last)
	if at.IsZero() {
		return time.Time{}, "", fmt.Errorf("next %q: nothing within eight years", spec)
	}
	return at, date, nil
}

// At returns the instant at which clocks in loc show a minute of the day (0 to
// 1439) on a local date. A wall time that clocks skip keeps its distance (02:30
// is 03:30 on the new clock, RFC 5545); one that they show twice is the first.
// It is a zero time if date is none.
func At(loc *time.Location, date streak.Date, minute int) time.Time {
	day, ok := civil(date)
	if !ok {
		return time.Time{}
	}
	at, _ := wallTime(loc, day, minute)
	return at
}

// wallTime is At for the civil day that day shows in UTC. It also reports
// whether the wall time lies in a gap.
func wallTime(loc *time.Location, day time.Time, minute int) (at time.Time, inGap bool) {
	wall := day.Add(time.Duration(minute) * time.Minute)
	// Walk the spans of constant offset around the wall time, earliest first.
	probe := wall.Add(-36 * time.Hour).In(loc)
	before, known := 0, false
	for {
		_, offset := probe.Zone()
		start, end := probe.ZoneBounds()
		at = wall.Add(-time.Duration(offset) * time.Second)
		if known && at.Before(start) { // neither this span nor the one before shows it
			return wall.Add(-time.Duration(before) * time.Second).In(loc), true
		}
		if end.IsZero() || at.Before(end) {
			return at.In(loc), false
		}
		probe, before, known = end, offset, true
	}
}

// civil returns midnight in UTC of a date.
func civil(d streak.Date) (time.Time, bool) {
	t, err := time.Parse(time.DateOnly, string(d))
	return t, err == nil
}

// zones remembers what Zone has read: reading a zone takes longer than
// everything else that Next does. Only zones that exist are kept, a few hundred.
var zones sync.Map

// Zone returns the zone of an IANA name. "Local" and "" are none.
func Zone(name string) (*time.Location, error) {
	if loc, ok := zones.Load(name); ok {
		return loc.(*time.Location), nil
	}
	if name == "" || name == "Local" || path.Clean(name) != name || path.IsAbs(name) {
		return nil, fmt.Errorf("%q is not a time zone: use a name such as Europe/Berlin", name)
	}
	loc, err := time.LoadLocation(name)
	if err != nil {
		return nil, fmt.Errorf("%q is not a time zone: use a name such as Europe/Berlin", name)
	}
	kept, _ := zones.LoadOrStore(name, loc)
	return kept.(*time.Location), nil
}

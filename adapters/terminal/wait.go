package terminal

import (
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"
)

// farthest is the longest single wait, in days.
const farthest = 400

// waitUsage shows what "wait" understands.
const waitUsage = "wait 7d, wait 3h, wait until monday 09:00, wait until 2026-12-24 09:00"

// Why a wait cannot be made, as a person reads it.
var (
	errWait = errors.New("I do not understand that wait. These work: " + waitUsage)
	errFar  = errors.New("That is more than 400 days away. Please go there in smaller steps.")
	errPast = errors.New("This clock only moves forward. Please pick a later moment.")
)

// isWait reports whether s, the words behind "wait", is meant for the clock.
func isWait(s string) bool {
	first, _, _ := strings.Cut(strings.ToLower(s), " ")
	return first == "until" || s[0] >= '0' && s[0] <= '9'
}

// parseWait returns where a wait leads from now, on the wall clock of now's
// zone. Days and weeks keep the time of day, hours and minutes are elapsed
// time, and a time of day that a change of the clocks skips is the first
// instant after it. The result is after now.
func parseWait(s string, now time.Time) (time.Time, error) {
	words := strings.Fields(strings.ToLower(s))
	if len(words) == 0 {
		return time.Time{}, errWait
	}
	var to time.Time
	var err error
	if words[0] == "until" {
		to, err = until(words[1:], now)
	} else {
		to, err = after(strings.Join(words, ""), now)
	}
	switch {
	case err != nil:
		return time.Time{}, err
	case !to.After(now):
		return time.Time{}, errPast
	case to.After(now.AddDate(0, 0, farthest)):
		return time.Time{}, errFar
	}
	return to, nil
}

// units are the letters and words of a length of time, longest first.
var units = [...]struct {
	words   []string
	days    int
	elapsed time.Duration
}{
	{[]string{"weeks", "week", "w"}, 7, 0},
	{[]string{"days", "day", "d"}, 1, 0},
	{[]string{"hours", "hour", "h"}, 0, time.Hour},
	{[]string{"minutes", "minute", "min", "m"}, 0, time.Minute},
}

// after reads lengths such as "7d" or "1d12h" and adds them to now.
func after(s string, now time.Time) (time.Time, error) {
	days, elapsed := 0, time.Duration(0)
	for s != "" {
		digits := len(s) - len(strings.TrimLeft(s, "0123456789"))
		if digits == 0 {
			return time.Time{}, errWait
		}
		n, err := strconv.Atoi(s[:digits])
		if err != nil || n > farthest*24*60 {
			return time.Time{}, errFar
		}
		d, e, rest, ok := unit(s[digits:])
		if !ok {
			return time.Time{}, errWait
		}
		if days += n * d; days > farthest {
			return time.Time{}, errFar
		}
		if elapsed += time.Duration(n) * e; elapsed > (farthest+2)*24*time.Hour {
			return time.Time{}, errFar
		}
		s = rest
	}
	if days > 0 {
		y, m, d := now.Date()
		now = wall(civil{y, m, d + days, now.Hour(), now.Minute()}, now.Location(), now).
			Add(time.Duration(now.Second())*time.Second + time.Duration(now.Nanosecond()))
	}
	return now.Add(elapsed), nil
}

// unit reads the unit that s begins with.
func unit(s string) (days int, elapsed time.Duration, rest string, ok bool) {
	for _, u := range units {
		for _, w := range u.words {
			if rest, ok := strings.CutPrefix(s, w); ok && (rest == "" || rest[0] >= '0' && rest[0] <= '9') {
				return u.days, u.elapsed, rest, true
			}
		}
	}
	return 0, 0, "", false
}

// morning is the time of day meant where none is typed.
const morning = "09:00"

// until reads a day, a time of day, or both, and returns the first such instant
// after now. A typed date is taken as it is.
func until(words []string, now time.Time) (time.Time, error) {
	if len(words) == 1 && strings.Contains(words[0], ":") {
		words = []string{"", words[0]}
	}
	if len(words) == 1 {
		words = append(words, morning)
	}
	if len(words) != 2 {
		return time.Time{}, errWait
	}
	clock, err := time.Parse("15:04", words[1])
	if err != nil {
		return time.Time{}, errWait
	}
	at, repeat, ok := dayOf(words[0], now)
	if !ok {
		return time.Time{}, errWait
	}
	at.hour, at.minute = clock.Hour(), clock.Minute()
	to := wall(at, now.Location(), now)
	if !to.After(now) && repeat > 0 {
		at.day += repeat
		to = wall(at, now.Location(), now)
	}
	return to, nil
}

// dayOf returns the day a word means, from now on, and after how many days it
// comes again (0: never). No word at all means every day.
func dayOf(word string, now time.Time) (at civil, repeat int, ok bool) {
	at.year, at.month, at.day = now.Date()
	if date, err := time.Parse(time.DateOnly, word); err == nil {
		at.year, at.month, at.day = date.Date()
		return at, 0, true
	}
	if day, ok := weekday(word); ok {
		at.day += (int(day) - int(now.Weekday()) + 7) % 7
		return at, 7, true
	}
	switch word {
	case "":
		return at, 1, true
	case "today":
		return at, 0, true
	case "tomorrow":
		at.day++
		return at, 0, true
	}
	return at, 0, false
}

// weekday reads the name of a day, whole or its first three letters.
func weekday(s string) (time.Weekday, bool) {
	for d := time.Sunday; d <= time.Saturday; d++ {
		if name := strings.ToLower(d.String()); s == name || s == name[:3] {
			return d, true
		}
	}
	return 0, false
}

// A civil time is what a clock on the wall shows. Days past the end of a month
// run on into the next.
type civil struct {
	year         int
	month        time.Month
	day          int
	hour, minute int
}

// wall returns the instant at which a clock in loc shows c. Of two it is the
// first that is after now; of none, the moment the clocks were put forward.
func wall(c civil, loc *time.Location, now time.Time) time.Time {
	t := time.Date(c.year, c.month, c.day, c.hour, c.minute, 0, 0, loc)
	want := time.Date(c.year, c.month, c.day, c.hour, c.minute, 0, 0, time.UTC)
	shown := func(t time.Time) time.Time {
		y, m, d := t.Date()
		return time.Date(y, m, d, t.Hour(), t.Minute(), 0, 0, time.UTC)
	}
	start, end := t.ZoneBounds()
	switch got := shown(t); {
	case got.After(want):
		return start
	case got.Before(want):
		return end
	}
	both := []time.Time{t}
	for _, change := range []time.Time{start, end} {
		if change.IsZero() {
			continue
		}
		_, before := change.Add(-time.Second).Zone()
		_, behind := change.Zone()
		shift := time.Duration(before-behind) * time.Second
		if change.Equal(start) {
			shift = -shift
		}
		if other := t.Add(shift); shown(other).Equal(want) && !other.Equal(t) {
			both = append(both, other)
		}
	}
	slices.SortFunc(both, time.Time.Compare)
	for _, t := range both {
		if t.After(now) {
			return t
		}
	}
	return both[len(both)-1]
}

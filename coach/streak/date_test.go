package streak

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

// Every date is read as package time reads it, and written back the same.
func TestDatesAreThoseOfTheCalendar(t *testing.T) {
	first := time.Date(1899, 12, 25, 0, 0, 0, 0, time.UTC)
	for i := range 401_800 { // to the year 3000
		want := first.AddDate(0, 0, i)
		d := DateOf(want)
		if text := want.Format(time.DateOnly); string(d) != text {
			t.Fatalf("%s is written %s", text, d)
		}
		n, ok := d.day()
		if year := want.Year(); ok != (year >= 1900 && year <= 2999) {
			t.Fatalf("%s: valid = %v", d, ok)
		}
		if !ok {
			continue
		}
		if n != day(want.Unix()/secondsOfDay) || n.date() != d {
			t.Fatalf("%s is day %d, and that is %s", d, n, n.date())
		}
	}
}

// What is no date for package time is none here.
func TestNoDates(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.OneOf(rapid.String(), rapid.StringMatching(`[12][0-9]{3}-[0-3][0-9]-[0-3][0-9]`), rapid.StringMatching(`[0-9 +/:-]{9,11}`)).Draw(t, "text")
		at, err := time.Parse(time.DateOnly, text)
		want := err == nil && at.Year() >= 1900 && at.Year() <= 2999
		if got := Date(text).Valid(); got != want {
			t.Fatalf("%q: valid = %v, want %v", text, got, want)
		}
	})
}

// Dates are what package time writes, also where the shared text begins and ends, and before 1970.
func TestDatesAreThoseOfPackageTime(t *testing.T) {
	for _, loc := range []*time.Location{time.UTC, time.FixedZone("", 14*3600), time.FixedZone("", -11*3600-1800)} {
		for at := time.Date(1899, 12, 30, 0, 0, 0, 0, loc); at.Year() < 2101; at = at.Add(12*time.Hour - time.Second/2) {
			if got, want := DateOf(at), at.Format(time.DateOnly); string(got) != want {
				t.Fatalf("%v: %s, want %s", at, got, want)
			}
		}
	}
	for _, year := range []int{-1, 0, 10000, 123456} {
		at := time.Date(year, 2, 3, 4, 5, 6, 0, time.UTC)
		if got, want := DateOf(at), at.Format(time.DateOnly); string(got) != want {
			t.Errorf("%v: %s, want %s", at, got, want)
		}
	}
	if n := firstWritten; n.date() != "2020-01-01" || (endWritten-1).date() != "2044-12-31" {
		t.Errorf("the shared text is from %s to %s", n.date(), (endWritten - 1).date())
	}
	if n := testing.AllocsPerRun(100, func() { Date("2026-11-23").Add(7) }); n != 0 {
		t.Errorf("%v allocations for a date of these years", n)
	}
}

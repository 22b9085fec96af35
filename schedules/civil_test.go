package schedules

import (
	"archive/zip"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"rapport/coach/streak"
)

func TestParseTakes(t *testing.T) {
	for _, c := range []struct {
		spec     string
		weekdays uint8
	}{
		{"0 9 * * 1", 1 << 1},
		{" 0  9 * *   MON ", 1 << 1},
		{"0 9 * * 1-5", 0b0111110},
		{"0 9 * * *", 0b1111111},
		{"0 9 ? * SUN", 1},
		{"0 9 1 * *", 0b1111111},   // the 1st falls on any weekday
		{"0 9 1 * 1", 0b1111111},   // the 1st or a Monday
		{"0 9 */2 * 1", 0b1111111}, // cron: a stepped star is a set of its own
		{"0 9 29 2 *", 0b1111111},
		{"0 9 30 2 1", 0b1111111}, // Mondays in February
		{"*/15 9-17 * jan-mar,DEC 0,6", 0b1000001},
	} {
		s, err := Parse(c.spec)
		if err != nil {
			t.Errorf("Parse(%q): %v", c.spec, err)
			continue
		}
		if got := s.Weekdays(); got != c.weekdays {
			t.Errorf("Parse(%q).Weekdays() = %07b, want %07b", c.spec, got, c.weekdays)
		}
		if want := strings.Join(strings.Fields(c.spec), " "); s.String() != want {
			t.Errorf("Parse(%q).String() = %q, want %q", c.spec, s, want)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	for _, c := range []struct{ spec, says string }{
		{"", "0 fields: write five"},
		{"TZ=UTC", "1 fields"},
		{"CRON_TZ=Europe/Berlin", "1 fields"},
		{"TZ=UTC 0 9 * * 1", "6 fields"},
		{"CRON_TZ=Mars 9 * * 1", "the minute goes from 0 to 59"},
		{"@daily", "1 fields"},
		{"@every 1 2 3 4", "the minute goes from 0 to 59"},
		{"0 0 9 * * 1", "6 fields"},
		{"60 9 * * 1", "the minute goes from 0 to 59"},
		{"0 24 * * 1", "the hour goes from 0 to 23"},
		{"0 9 0 * *", "the day of the month goes from 1 to 31"},
		{"0 9 * 13 *", "the month goes from 1 to 12"},
		{"0 9 * * 7", "the weekday goes from 0 (Sunday) to 6"},
		{"0 9 * * FOO", "the weekday goes from 0"},
		{"0 9 * * 5-1", "lower before higher"},
		{"*-5 9 * * 1", "the minute goes"},
		{"*/0 9 * * 1", "the minute goes"},
		{"+5 9 * * 1", "the minute goes"},
		{"5, 9 * * 1", "the minute goes"},
		{", 9 * * 1", "the minute goes"},
		{"0 9 30 2 *", "never comes"},
		{"0 9 31 4,6,9,11 *", "never comes"},
		{strings.Repeat("1,", 80) + "1 9 * * 1", "too long"},
	} {
		s, err := Parse(c.spec)
		if err == nil {
			t.Errorf("Parse(%q) = %v, want an error", c.spec, s)
		} else if !strings.Contains(err.Error(), c.says) {
			t.Errorf("Parse(%q): %q does not say %q", c.spec, err, c.says)
		}
	}
}

func zone(t testing.TB, name string) *time.Location {
	t.Helper()
	loc, err := Zone(name)
	if err != nil {
		t.Fatal(err)
	}
	return loc
}

func TestAt(t *testing.T) {
	for _, c := range []struct {
		zone, date string
		minute     int
		want       string
	}{
		{"America/New_York", "2026-03-08", 2*60 + 30, "2026-03-08T03:30:00-04:00"}, // gap
		{"America/New_York", "2026-11-01", 1*60 + 30, "2026-11-01T01:30:00-04:00"}, // overlap: the first
		{"America/New_York", "2026-11-01", 2*60 + 30, "2026-11-01T02:30:00-05:00"},
		{"America/Santiago", "2026-09-06", 0, "2026-09-06T01:00:00-03:00"},          // no midnight
		{"America/Santiago", "2026-04-04", 23*60 + 30, "2026-04-04T23:30:00-03:00"}, // twice
		{"America/Santiago", "2026-04-05", 0, "2026-04-05T00:00:00-04:00"},
		{"Australia/Lord_Howe", "2026-10-04", 2*60 + 15, "2026-10-04T02:45:00+11:00"}, // half an hour
		{"Australia/Lord_Howe", "2026-04-05", 1*60 + 45, "2026-04-05T01:45:00+11:00"},
		{"Pacific/Apia", "2011-12-29", 9 * 60, "2011-12-29T09:00:00-10:00"},
		{"Pacific/Apia", "2011-12-30", 9 * 60, "2011-12-31T09:00:00+14:00"}, // no such day
		{"Pacific/Apia", "2011-12-31", 9 * 60, "2011-12-31T09:00:00+14:00"},
		{"Africa/Casablanca", "2026-02-15", 2*60 + 30, "2026-02-15T02:30:00+01:00"}, // back for Ramadan
		{"Africa/Casablanca", "2026-03-22", 2*60 + 30, "2026-03-22T03:30:00+01:00"},
		{"Pacific/Kiritimati", "2026-05-05", 9 * 60, "2026-05-05T09:00:00+14:00"},
		{"Etc/GMT+12", "2026-05-05", 9 * 60, "2026-05-05T09:00:00-12:00"},
	} {
		if got := At(zone(t, c.zone), streak.Date(c.date), c.minute).Format(time.RFC3339); got != c.want {
			t.Errorf("At(%s, %s, %d) = %s, want %s", c.zone, c.date, c.minute, got, c.want)
		}
	}
	if got := At(time.UTC, "2026-02-30", 0); !got.IsZero() {
		t.Errorf("At of a date that does not exist = %v, want a zero time", got)
	}
}

func TestNext(t *testing.T) {
	for _, c := range []struct {
		name, spec, zone, after string
		last                    streak.Date
		want                    []string // nominal date and instant, each after the one before
	}{
		{"gap", "30 2 * * *", "America/New_York", "2026-03-07T01:00:00-05:00", "",
			[]string{"2026-03-07 2026-03-07T02:30:00-05:00", "2026-03-08 2026-03-08T03:30:00-04:00", "2026-03-09 2026-03-09T02:30:00-04:00"}},
		{"overlap", "30 1 * * *", "America/New_York", "2026-10-31T01:00:00-04:00", "",
			[]string{"2026-10-31 2026-10-31T01:30:00-04:00", "2026-11-01 2026-11-01T01:30:00-04:00", "2026-11-02 2026-11-02T01:30:00-05:00"}},
		{"midnight gap keeps its week", "0 0 * * 0", "America/Santiago", "2026-08-30T01:00:00-04:00", "",
			[]string{"2026-09-06 2026-09-06T01:00:00-03:00", "2026-09-13 2026-09-13T00:00:00-03:00"}},
		{"midnight overlap is once", "30 23 * * 6", "America/Santiago", "2026-03-30T01:00:00-03:00", "",
			[]string{"2026-04-04 2026-04-04T23:30:00-03:00", "2026-04-11 2026-04-11T23:30:00-04:00"}},
		{"half an hour", "15 2 * * *", "Australia/Lord_Howe", "2026-10-03T12:00:00+10:30", "",
			[]string{"2026-10-04 2026-10-04T02:45:00+11:00", "2026-10-05 2026-10-05T02:15:00+11:00"}},
		{"missing day", "0 9 * * *", "Pacific/Apia", "2011-12-29T08:00:00-10:00", "",
			[]string{"2011-12-29 2011-12-29T09:00:00-10:00", "2011-12-30 2011-12-31T09:00:00+14:00", "2012-01-01 2012-01-01T09:00:00+14:00"}},
		{"missing day keeps its week", "0 9 * * 5", "Pacific/Apia", "2011-12-24T08:00:00-10:00", "",
			[]string{"2011-12-30 2011-12-31T09:00:00+14:00", "2012-01-06 2012-01-06T09:00:00+14:00"}},
		{"Ramadan", "30 2 * * *", "Africa/Casablanca", "2026-02-14T12:00:00Z", "",
			[]string{"2026-02-15 2026-02-15T02:30:00+01:00", "2026-02-16 2026-02-16T02:30:00Z"}},
		{"several a day are one date", "0 9,15 * * *", "Europe/Berlin", "2026-05-05T10:00:00+02:00", "2026-05-04",
			[]string{"2026-05-05 2026-05-05T15:00:00+02:00", "2026-05-06 2026-05-06T09:00:00+02:00", "2026-05-07 2026-05-07T09:00:00+02:00"}},
		{"a gap does not turn the order", "30 2,3 * * *", "America/New_York", "2026-03-08T00:00:00-05:00", "",
			[]string{"2026-03-08 2026-03-08T03:30:00-04:00"}},
		{"the earliest of a gap", "45 2 8 3 *", "America/New_York", "2026-03-01T00:00:00-05:00", "",
			[]string{"2026-03-08 2026-03-08T03:45:00-04:00"}},
		{"a later minute is earlier", "0,45 2,3 8 3 *", "America/New_York", "2026-03-08T07:00:00Z", "",
			[]string{"2026-03-08 2026-03-08T03:45:00-04:00"}},
		{"February 29", "0 9 29 2 *", "UTC", "2096-03-01T00:00:00Z", "",
			[]string{"2104-02-29 2104-02-29T09:00:00Z"}},
		{"clock set back", "0 9 * * 1", "Europe/Berlin", "2026-05-01T00:00:00+02:00", "2026-05-18",
			[]string{"2026-05-25 2026-05-25T09:00:00+02:00"}},
		{"same day not yet said", "0 9 * * 1", "Europe/Berlin", "2026-05-18T08:59:59+02:00", "2026-05-11",
			[]string{"2026-05-18 2026-05-18T09:00:00+02:00"}},
		{"strictly after", "0 9 * * 1", "Europe/Berlin", "2026-05-18T09:00:00+02:00", "",
			[]string{"2026-05-25 2026-05-25T09:00:00+02:00"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			after, err := time.Parse(time.RFC3339, c.after)
			if err != nil {
				t.Fatal(err)
			}
			last := c.last
			for _, want := range c.want {
				at, date, err := Next(c.spec, c.zone, after, last)
				if err != nil {
					t.Fatal(err)
				}
				if got := string(date) + " " + at.Format(time.RFC3339); got != want {
					t.Errorf("after %v, last %q: got %s, want %s", after, last, got, want)
				}
				after, last = at, date
			}
		})
	}
}

func TestNextRefuses(t *testing.T) {
	for _, c := range []struct {
		spec, zone string
		last       streak.Date
	}{
		{"0 9 * *", "UTC", ""},
		{"0 9 * * 1", "", ""},
		{"0 9 * * 1", "Local", ""},
		{"0 9 * * 1", "Mars/Olympus", ""},
		{"0 9 * * 1", "Europe//Berlin", ""},
		{"0 9 * * 1", "../Europe/Berlin", ""},
		{"0 9 * * 1", "UTC", "soon"},
	} {
		if at, _, err := Next(c.spec, c.zone, time.Unix(0, 0), c.last); err == nil {
			t.Errorf("Next(%q, %q, last %q) = %v, want an error", c.spec, c.zone, c.last, at)
		}
	}
}

// goroot is where the Go that runs this test stands.
func goroot(t testing.TB) string {
	t.Helper()
	out, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		t.Fatalf("go env: %v", err)
	}
	return strings.TrimSpace(string(out))
}

// allZones returns the names of all zones that Go carries; of names for the
// same zone, one.
func allZones(t testing.TB) []string {
	t.Helper()
	r, err := zip.OpenReader(filepath.Join(goroot(t), "lib", "time", "zoneinfo.zip"))
	if os.IsNotExist(err) {
		t.Skip("this Go tree has no lib/time/zoneinfo.zip to take the names of all zones from")
	}
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	var names []string
	seen := make(map[uint32]bool)
	for _, f := range r.File {
		if !strings.HasSuffix(f.Name, "/") && f.Name != "Factory" && !seen[f.CRC32] {
			seen[f.CRC32] = true
			names = append(names, f.Name)
		}
	}
	if len(names) < 300 {
		t.Fatalf("got %d zones, want all", len(names))
	}
	return names
}

// In the hours that are offered, every zone has each wall time once a day:
// what is due daily is due on every local date, then and only then.
func TestNextInAllZones(t *testing.T) {
	names := allZones(t)
	var wait sync.WaitGroup
	defer wait.Wait()
	for minute := 4 * 60; minute <= 21*60; minute += 60 {
		minute := min(minute, 20*60+59)
		wait.Go(func() {
			for _, name := range names {
				checkDaily(t, name, minute)
			}
		})
	}
}

// checkDaily checks one minute of the day in one zone, 2026 to 2030.
func checkDaily(t *testing.T, name string, minute int) {
	from, until := streak.Date("2026-01-01"), streak.Date("2030-12-31")
	if testing.Short() {
		until = "2026-12-31"
	}
	loc, err := Zone(name)
	if err != nil {
		t.Error(err)
		return
	}
	s := daily(minute)
	at, last := At(loc, from.Add(-1), minute), from.Add(-1)
	for day := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC); last < until; day = day.AddDate(0, 0, 1) {
		next, date := s.Next(loc, at, last)
		y, m, d := next.Date()
		switch {
		case !next.After(at):
			t.Errorf("%s %d: %v came after %v", name, minute, next, at)
		case date != streak.DateOf(day):
			t.Errorf("%s %d: %s came after %s", name, minute, date, last)
		case y != day.Year() || m != day.Month() || d != day.Day() || next.Hour()*60+next.Minute() != minute || next.Second() != 0:
			t.Errorf("%s: %s %d became %v", name, date, minute, next)
		default:
			at, last = next, date
			continue
		}
		return
	}
}

// daily is due every day at a minute of the day.
func daily(minute int) Spec {
	return Spec{minutes: 1 << (minute % 60), hours: 1 << (minute / 60), days: 1<<32 - 2, months: 1<<13 - 2, week: 1<<7 - 1}
}

// At any minute and in any year, what is due daily is due once per date, in order.
func TestNextKeepsOrder(t *testing.T) {
	for _, name := range []string{"America/New_York", "America/Santiago", "Australia/Lord_Howe", "Africa/Casablanca", "Pacific/Apia", "Pacific/Kwajalein", "Africa/Cairo", "Asia/Beirut", "America/Havana", "America/Nuuk", "Antarctica/Troll", "Asia/Gaza", "Europe/Dublin", "America/Asuncion"} {
		loc := zone(t, name)
		for minute := 0; minute < 24*60; minute += 15 {
			s := daily(minute)
			at, last := time.Date(2025, 12, 31, 0, 0, 0, 0, loc), streak.Date("")
			for range 2 * 366 {
				next, date := s.Next(loc, at, last)
				if !next.After(at) || date <= last || last != "" && date != last.Add(1) {
					t.Fatalf("%s %d: after %s at %v came %s at %v", name, minute, last, at, date, next)
				}
				at, last = next, date
			}
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"0 9 * * 1", "CRON_TZ=Europe/Berlin", "TZ=", "@every 0s", "0 0 30 2 *", "*/15 9-17 * JAN-MAR 0,6", "59 23 31 12 6", "0 9 29 2 *", ", , , , ,", "*-1 * * * *"} {
		f.Add(s, int64(1_790_000_000))
	}
	apia, err := Zone("Pacific/Apia")
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, text string, unix int64) {
		s, err := Parse(text)
		if err != nil {
			return
		}
		again, err := Parse(s.String())
		if err != nil || again != s {
			t.Fatalf("Parse(%q) = %+v; parsed again %+v, %v", text, s, again, err)
		}
		after := time.Unix(unix%4_000_000_000, 0)
		at, date := s.Next(apia, after, "")
		if !at.After(after) || date == "" {
			t.Fatalf("%q after %v: got %v, %q", text, after, at, date)
		}
		day, ok := civil(date)
		if !ok || !s.on(day) {
			t.Fatalf("%q after %v: it is not due on %s", text, after, date)
		}
	})
}

func BenchmarkNext(b *testing.B) {
	after := time.Date(2026, 3, 7, 12, 0, 0, 0, time.UTC)
	for _, spec := range []string{"0 9 * * 1", "0 9 * * *", "* * * * *", "0 9 29 2 *"} {
		b.Run(spec, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, _, err := Next(spec, "America/New_York", after, "2026-03-01"); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// What a worker does for a row costs microseconds, not a reading of zone files.
func TestNextAllocates(t *testing.T) {
	after := time.Date(2026, 3, 7, 12, 0, 0, 0, time.UTC)
	s, err := Parse("0 9 * * 1")
	if err != nil {
		t.Fatal(err)
	}
	loc := zone(t, "America/New_York")
	if got := testing.AllocsPerRun(100, func() { s.Next(loc, after, "2026-03-01") }); got > 2 {
		t.Errorf("Next allocates %v times, want at most 2", got)
	}
}

func TestZoneIsRemembered(t *testing.T) {
	a, b := zone(t, "Europe/Berlin"), zone(t, "Europe/Berlin")
	if a != b {
		t.Error("the zone was read twice")
	}
	var kept []string
	zones.Range(func(k, _ any) bool { kept = append(kept, k.(string)); return true })
	if _, err := Zone("No/Such"); err == nil || slices.Contains(kept, "No/Such") {
		t.Errorf("No/Such: error %v, kept %v", err, kept)
	}
}

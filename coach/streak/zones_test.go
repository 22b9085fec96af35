package streak

import (
	_ "embed"
	"math/rand/v2"
	"strings"
	"testing"
	"time"
)

//go:embed testdata/zones.txt
var zoneNames string // the zones of tzdata 2025b that are no links

func allZones(t testing.TB) []*time.Location {
	t.Helper()
	var zones []*time.Location
	for name := range strings.FieldsSeq(zoneNames) {
		zones = append(zones, in(t, name))
	}
	if len(zones) < 300 {
		t.Fatalf("%d zones", len(zones))
	}
	return zones
}

// In every zone, on every day of five years: the first instant of the day is stamped with it and the one before is not,
// and both are in the weeks the calendar says.
func TestDaysOfAllZones(t *testing.T) {
	for _, loc := range allZones(t) {
		for d := Date("2026-01-01"); d < "2031-01-01"; d = d.Add(1) {
			first := startOf(d, loc)
			if got := DateOf(first.In(loc)); got != d {
				t.Fatalf("%s: %s starts at %v", loc, d, first.In(loc))
			}
			if got := DateOf(first.Add(-time.Second).In(loc)); got >= d {
				t.Fatalf("%s: %s starts before %v", loc, d, first.In(loc))
			}
		}
	}
}

// In every zone, every week of five years: its first and its last instant keep it, the instants around do not, one in
// its grace may, and it is closed when its announcement is due and not a second before.
func TestWeeksOfAllZones(t *testing.T) {
	for _, loc := range allZones(t) {
		for w := Date("2026-01-05"); w < "2031-01-01"; w = w.Add(7) {
			begin, end, closed := startOf(w, loc), startOf(w.Add(7), loc), startOf(w.Add(9), loc)
			for _, c := range []struct {
				at   time.Time
				want Date
			}{{begin.Add(-time.Second), w.Add(-7)}, {begin, w}, {end.Add(-time.Second), w}, {end, w.Add(7)}} {
				l := Fold([]Event{Stamp(c.at, loc, Event{Key: "c", Kind: CheckIn})}, w)
				if got := l.Weeks[0].Start; got != c.want {
					t.Fatalf("%s: %v keeps %s, want %s", loc, c.at.In(loc), got, c.want)
				}
			}
			grace := Stamp(closed.Add(-time.Second), loc, Event{Key: "g", Kind: CheckIn, Week: w})
			late := Stamp(closed, loc, grace)
			if a, b := Fold([]Event{grace}, w).Weeks[0].Start, Fold([]Event{late}, w).Weeks[0].Start; a != w || b != w.Add(7) {
				t.Fatalf("%s: grace of %s keeps %s, then %s", loc, w, a, b)
			}
		}
	}
}

func TestAnnounceInAllZones(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for _, loc := range allZones(t) {
		for range 5 {
			w := Date("2026-01-05").Add(7 * r.IntN(260))
			e := Stamp(startOf(w.Add(r.IntN(7)), loc), loc, Event{Key: "c", Kind: CheckIn})
			due := AnnounceAt([]Event{e}, w)
			if before, after := DateOf(due.Add(-time.Second).In(loc)), DateOf(due.In(loc)); before >= w.Add(9) || after != w.Add(9) {
				t.Fatalf("%s: week %s is announced at %v", loc, w, due.In(loc))
			}
		}
	}
}

// The hours that are offered for messages, 04:00 to 20:59, are free of jumps in every zone.
func TestNoJumpsInOfferedHours(t *testing.T) {
	jumps := 0
	for _, loc := range allZones(t) {
		last := time.Date(2031, 1, 1, 0, 0, 0, 0, time.UTC)
		for at := time.Date(2026, 1, 1, 0, 0, 0, 0, loc); ; jumps++ {
			_, end := at.ZoneBounds()
			if end.IsZero() || end.After(last) {
				break
			}
			_, before := at.Zone()
			_, after := end.Zone()
			wall := end.UTC().Add(time.Duration(min(before, after)) * time.Second)
			if until := end.UTC().Add(time.Duration(max(before, after)) * time.Second); wall.Hour() >= 4 && wall.Hour() < 21 || until.Sub(wall) > 0 && until.Hour() > 4 && until.Hour() < 21 {
				t.Errorf("%s jumps at %v, from %v to %v", loc, end, wall, until)
			}
			at = end
		}
	}
	if jumps < 500 {
		t.Errorf("only %d jumps seen", jumps)
	}
}

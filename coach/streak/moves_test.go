package streak

import (
	"slices"
	"testing"
	"time"
)

func TestStamp(t *testing.T) {
	instant := time.Date(2026, 3, 29, 23, 30, 0, 1234567, in(t, "Asia/Tokyo"))
	e := Stamp(instant, in(t, "Europe/Berlin"), Event{Key: "k", Step: 3})
	if e.Key != "k" || e.Step != 3 || e.Zone != "Europe/Berlin" || e.Offset != 7200 || e.Date != "2026-03-29" {
		t.Errorf("got %+v", e)
	}
	if want := time.Date(2026, 3, 29, 14, 30, 0, 1234000, time.UTC); e.At != want {
		t.Errorf("At %v, want %v", e.At, want)
	}
}

// Rule 4: a first check-in in an assumed zone is restamped once if a zone is named within 48 hours.
func TestRestamp(t *testing.T) {
	first := at(t, "America/Los_Angeles", "2026-01-11 20:00", Event{Key: "c", Kind: CheckIn, Assumed: true}) // a Monday in Berlin
	name := func(hours float64, zone string) []Event {
		z := Restamp([]Event{first}, first.At.Add(time.Duration(hours*float64(time.Hour))), in(t, zone))
		z.Key = "z" + zone
		return []Event{z}
	}
	plain := Stamp(first.At.Add(time.Hour), in(t, "Europe/Berlin"), Event{Key: "z", Kind: Zone})
	wild := plain
	wild.From = "2025-12-30"
	guess := plain
	guess.Assumed = true
	known := first
	known.Assumed = false
	second := Stamp(first.At.Add(-240*time.Hour), in(t, "America/Los_Angeles"), Event{Key: "b", Kind: CheckIn, Assumed: true})
	for _, c := range []struct {
		name string
		log  []Event
		want Date
	}{
		{"no zone named", []Event{first}, "2026-01-05"},
		{"named at once", append(name(0, "Europe/Berlin"), first), "2026-01-12"},
		{"named after 48 hours", append(name(48, "Europe/Berlin"), first), "2026-01-12"},
		{"named later", append(name(48.1, "Europe/Berlin"), first), "2026-01-05"},
		{"written without Restamp", []Event{first, plain}, "2026-01-12"},
		{"carrying a date that cannot be", []Event{first, wild}, "2026-01-12"},
		{"a platform's or team's zone is not named", []Event{first, guess}, "2026-01-05"},
		{"the zone was known", append(name(1, "Europe/Berlin"), known), "2026-01-05"},
		{"once: the first name counts", slices.Concat(name(1, "America/Denver"), name(2, "Europe/Berlin"), []Event{first}), "2026-01-05"},
		{"named before", append(name(-1, "Europe/Berlin"), first), "2026-01-05"},
		{"only the first practice", append(name(1, "Europe/Berlin"), first, second), "2026-01-05"},
	} {
		l := Fold(c.log, "2026-01-14")
		var got Date
		for _, w := range l.Weeks {
			if w.State == WeekKept {
				got = w.Start
			}
		}
		if got != c.want {
			t.Errorf("%s: kept %s, want %s", c.name, got, c.want)
		}
	}
	if got := Restamp([]Event{first}, first.At, in(t, "Europe/Berlin")).From; got != "2026-01-12" {
		t.Errorf("carried date %s", got)
	}
	if got := Restamp(append(name(1, "America/Denver"), first), first.At.Add(time.Hour*2), in(t, "Europe/Berlin")).From; got != "" {
		t.Errorf("a second naming carries %s", got)
	}
}

// Rule 4: the clocks of the named zone changed between the check-in and the naming: the date is that of the check-in.
func TestRestampOverClockChange(t *testing.T) {
	first := at(t, "UTC", "2026-03-28 23:30", Event{Key: "c", Kind: CheckIn, Assumed: true}) // Berlin 00:30 on Sunday 29th, before the change
	z := Restamp([]Event{first}, first.At.Add(20*time.Hour), in(t, "Europe/London"))         // offset 0 then, an hour later now
	z.Key = "z"
	if z.From != "2026-03-28" || z.Offset != 3600 {
		t.Fatalf("got %s and offset %d", z.From, z.Offset)
	}
	log := live([]Event{first, z})
	restamp(log)
	if log[0].Date != "2026-03-28" || log[0].Zone != "Europe/London" {
		t.Errorf("restamped to %s %s", log[0].Date, log[0].Zone)
	}
}

// Rule 4: when a move makes one instant fit two weeks, it fills the unkept one.
func TestMoveFillsUnkeptWeek(t *testing.T) {
	const auckland, la = "Pacific/Auckland", "America/Los_Angeles"
	home := at(t, la, "2026-01-07 09:00", Event{Kind: Zone}) // in LA during the week of the 5th
	first := at(t, la, "2025-12-30 09:00", Event{Kind: CheckIn})
	monday1 := at(t, auckland, "2026-01-12 08:00", Event{Kind: CheckIn})
	monday2 := at(t, auckland, "2026-01-12 18:00", Event{Kind: CheckIn}) // Sunday 21:00 in LA
	tuesday := at(t, auckland, "2026-01-13 08:00", Event{Kind: CheckIn}) // Monday 11:00 in LA
	stayed := at(t, auckland, "2025-12-29 10:00", Event{Kind: Zone})
	back := at(t, la, "2026-01-11 20:00", Event{Kind: CheckIn}) // Monday in Auckland
	landed := at(t, la, "2026-01-11 19:00", Event{Kind: CheckIn})
	before := at(t, auckland, "2026-01-12 08:00", Event{Kind: Zone})
	left := at(t, auckland, "2026-01-08 08:00", Event{Kind: CheckIn})
	for _, c := range []struct {
		name string
		log  []Event
		want string
	}{
		{"both unkept: the stamped one", []Event{first, home, monday2}, "KoK"},
		{"stamped one kept: the other", []Event{first, home, monday1, monday2}, "KKK"},
		{"too late to fit", []Event{first, home, monday1, tuesday}, "KoK"},
		{"never left", []Event{stayed, first, monday1, monday2}, "KoK"},
		{"westward: the week that has begun elsewhere", []Event{first, before, landed, back}, "KKK"},
		{"westward, and heard from since", []Event{first, before, landed, at(t, la, "2026-01-11 19:30", Event{Kind: Zone}), back}, "KKK"},
		{"westward, on the way out of it", []Event{first, left, landed, back}, "KKK"},
		{"westward, nothing held there", []Event{first, landed, back}, "KKo"},
	} {
		if c.name == "never left" {
			c.log[1] = at(t, auckland, "2025-12-30 09:00", Event{Kind: CheckIn})
		}
		if got := states(Fold(c.log, "2026-01-13")); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

// A clock change is no move, and a week that is kept already gains nothing from one.
func TestNoMove(t *testing.T) {
	const london, auckland, la = "Europe/London", "Pacific/Auckland", "America/Los_Angeles"
	for _, c := range []struct {
		name string
		log  []Event
		want []Week
	}{
		{"clock change", []Event{at(t, london, "2026-10-24 12:00", Event{Kind: CheckIn}), at(t, london, "2026-10-25 23:30", Event{Kind: CheckIn})},
			[]Week{{"2026-10-19", WeekKept, 2}}},
		{"both kept", []Event{at(t, la, "2026-10-20 12:00", Event{Kind: CheckIn}), at(t, auckland, "2026-10-26 08:00", Event{Kind: CheckIn}), at(t, auckland, "2026-10-26 18:00", Event{Kind: CheckIn})},
			[]Week{{"2026-10-19", WeekKept, 1}, {"2026-10-26", WeekKept, 2}}},
	} {
		if got := Fold(c.log, c.log[len(c.log)-1].Date).Weeks; !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}

// Rule 4: a week's state may be told when it is over, grace included, in the last of the zones held in it.
func TestAnnounceAt(t *testing.T) {
	const auckland, la = "Pacific/Auckland", "America/Los_Angeles"
	a := at(t, auckland, "2026-01-06 09:00", Event{Kind: Zone})
	b := at(t, la, "2026-01-08 09:00", Event{Kind: Zone})
	later := at(t, "Pacific/Pago_Pago", "2026-01-12 09:00", Event{Kind: Zone})
	longAgo := at(t, "Pacific/Pago_Pago", "2025-12-01 09:00", Event{Kind: Zone})
	ny := at(t, "America/New_York", "2025-12-31 09:00", Event{Kind: Zone})
	kabul := at(t, "Asia/Kabul", "2026-01-05 09:00", Event{Kind: CheckIn})
	kabul.Zone = "Mars/Olympus"
	wednesday := func(zone string) time.Time { return time.Date(2026, 1, 14, 0, 0, 0, 0, in(t, zone)) }
	for _, c := range []struct {
		name string
		log  []Event
		week Date
		want time.Time
	}{
		{"nothing known", nil, monday, wednesday("UTC")},
		{"one zone", []Event{a}, monday, wednesday(auckland)},
		{"the latest of two", []Event{a, b, later}, monday, wednesday(la)},
		{"the order of the moves does not matter", []Event{at(t, la, "2026-01-05 09:00", Event{Kind: Zone}), at(t, auckland, "2026-01-09 09:00", Event{Kind: Zone})}, monday, wednesday(la)},
		{"the zone the week began in", []Event{longAgo, ny, a}, monday, wednesday("America/New_York")},
		{"back over the date line", []Event{ny, at(t, auckland, "2026-01-05 09:00", Event{Kind: CheckIn}), at(t, la, "2026-01-04 20:00", Event{Kind: Zone})}, monday, wednesday(la)},
		{"a restamped check-in", []Event{at(t, la, "2026-01-06 09:00", Event{Kind: CheckIn, Assumed: true}), at(t, "Europe/Berlin", "2026-01-07 09:00", Event{Kind: Zone})}, monday, wednesday("Europe/Berlin")},
		{"any day names its week", []Event{a}, monday.Add(6), wednesday(auckland)},
		{"a zone unknown here", []Event{kabul}, monday, wednesday("Asia/Kabul")},
		{"a longer week", []Event{a, at(t, auckland, "2026-01-07 09:00", Event{Kind: WeekStart, Start: time.Sunday})}, monday, time.Date(2026, 1, 20, 0, 0, 0, 0, in(t, auckland))},
		{"no date", []Event{a}, "x", time.Time{}},
	} {
		if got := AnnounceAt(c.log, c.week); !got.Equal(c.want) {
			t.Errorf("%s: %v, want %v", c.name, got.UTC(), c.want.UTC())
		}
	}
}

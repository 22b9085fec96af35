package streak

import (
	"math"
	"slices"
	"testing"
	"time"
)

// Rules 1, 2, 7, 8, 9, 11: what weeks turn into. today is the Friday of the last week of the pattern.
func TestWeeks(t *testing.T) {
	for _, c := range []struct{ name, pattern, want string }{
		{"nothing yet", "...", " run 0 longest 0 rest 2 kept 0"},
		{"the first week counts at once", "K", "K run 1 longest 1 rest 2 kept 1"},
		{"weeks before the first kept one are not there", "..K", "K run 1 longest 1 rest 2 kept 1"},
		{"an open week changes nothing", "KK.", "KKo run 2 longest 2 rest 2 kept 2"},
		{"more in a week is one week", "22", "KK run 2 longest 2 rest 2 kept 2"},
		{"a rest week neither adds nor breaks", "KK.K", "KKrK run 3 longest 3 rest 1 kept 3"},
		{"two rest weeks", "K..K", "KrrK run 2 longest 2 rest 0 kept 2"},
		{"the third is a break", "K...K", "KrrmK run 1 longest 1 rest 0 kept 2"},
		{"four kept weeks earn one", "K.KKK", "KrKKK run 4 longest 4 rest 2 kept 4"},
		{"three earn none", "K.KK", "KrKK run 3 longest 3 rest 1 kept 3"},
		{"never more than two", "KKKKKKKK", "KKKKKKKK run 8 longest 8 rest 2 kept 8"},
		{"eight earn two", "K..KKKKKKK", "KrrKKKKKKK run 8 longest 8 rest 2 kept 8"},
		{"no rest week begins a run", "K...K....", "KrrmKmmmo run 0 longest 1 rest 0 kept 2"},
		{"brought back, earned one, used it, lost for good", "K...KKK.....", "KrrmKKKrmmmo run 0 longest 4 rest 0 kept 4"},
		{"paused weeks are neutral", "KPPPK", "KpppK run 2 longest 2 rest 2 kept 2"},
		{"ill weeks are neutral", "KIK", "KpK run 2 longest 2 rest 2 kept 2"},
		{"excused weeks are neutral", "KXXK", "KxxK run 2 longest 2 rest 2 kept 2"},
		{"an outage excuses a week even on its weekend", "KOK", "KxK run 2 longest 2 rest 2 kept 2"},
		{"neutral weeks between rest weeks", "K.PX.K", "KrpxrK run 2 longest 2 rest 0 kept 2"},
		{"one practice does not bring a run back", "KKK...K", "KKKrrmK run 1 longest 3 rest 1 kept 4"},
		{"two practices in the week after do", "KK...2", "KKrrmK run 3 longest 3 rest 0 kept 3"},
		{"one in each of two weeks do", "KK...KK", "KKrrmKK run 4 longest 4 rest 1 kept 4"},
		{"the second week after alone does", "KK....2", "KKrrmmK run 3 longest 3 rest 0 kept 3"},
		{"later is too late", "KK.....2", "KKrrmmmK run 1 longest 2 rest 0 kept 3"},
		{"not twice in 90 days", "KK...2..2", "KKrrmKmmK run 1 longest 3 rest 1 kept 4"},
		{"again after 90 days", "KK...2KKKKKKKKKKK...2", "KKrrmKKKKKKKKKKKKrrmK run 15 longest 15 rest 0 kept 15"},
		{"not yet after 84", "KK...2KKKKKKKK...2", "KKrrmKKKKKKKKKrrmK run 1 longest 11 rest 1 kept 12"},
	} {
		l := Fold(weeks(c.pattern), monday.Add(7*len(c.pattern)-3))
		if got := sum(l); got != c.want {
			t.Errorf("%s: %s\n got %s\nwant %s", c.name, c.pattern, got, c.want)
		}
	}
}

// Rule 11 to the day: the second practice is within 14 days after the missed week, and 90 days after the last return.
func TestBackToTheDay(t *testing.T) {
	for _, c := range []struct {
		pattern string
		days    [2]int // of the two practices
		run     int
	}{
		{"KK...", [2]int{35, 48}, 4},
		{"KK...", [2]int{35, 49}, 1},
		{"KK...2KKKKKKKKK...", [2]int{126, 128}, 13}, // back on day 38 and on day 128
		{"KK...2KKKKKKKKK...", [2]int{126, 127}, 1},
	} {
		log := append(weeks(c.pattern), on(c.days[0], Event{Key: "a", Kind: Prep}), on(c.days[1], Event{Key: "b", Kind: Promise}))
		if got := Fold(log, monday.Add(c.days[1]+3)).Run; got != c.run {
			t.Errorf("%s and days %v: run %d, want %d", c.pattern, c.days, got, c.run)
		}
	}
	early := on(37, Event{Key: "b", Kind: Prep})
	early.Date = monday.Add(35) // over the date line
	if got := Fold(append(weeks("KK..."), on(36, Event{Key: "a", Kind: Prep}), early), monday.Add(40)).Back; got != monday.Add(36) {
		t.Errorf("back on %s, want the later of the two dates", got)
	}
}

// A week in its grace closes as missed after two practices that bring the run back at once.
func TestAdvanceBringsRunBack(t *testing.T) {
	log := append(weeks("KK..."), on(35, Event{Kind: CheckIn}), on(36, Event{Kind: CheckIn}))
	l := Fold(log, monday.Add(36))
	before := marshal(t, l)
	if got := sum(l.Advance(monday.Add(44))); got != "KKrrmKo run 3 longest 3 rest 0 kept 3" {
		t.Error(got)
	}
	if after := marshal(t, l); after != before {
		t.Errorf("advancing changed the ledger\n got %s\nwant %s", after, before)
	}
}

// Rule 2: five things keep a week, nothing else does.
func TestWhatKeepsAWeek(t *testing.T) {
	for kind, want := range map[Kind]int{CheckIn: 1, Journal: 1, Rehearsal: 1, Prep: 1, Promise: 1,
		Undo: 0, Zone: 0, Pause: 0, Illness: 0, Outage: 0, WeekStart: 0, Excused: 0, "": 0, "read": 0} {
		if got := Fold([]Event{on(2, Event{Kind: kind})}, monday.Add(3)).Kept; got != want {
			t.Errorf("%q kept %d weeks, want %d", kind, got, want)
		}
	}
	if got := Fold(weeks("2"), monday.Add(4)).Weeks[0].Count; got != 2 {
		t.Errorf("count %d, want 2", got)
	}
}

// Rule 1: another week start holds from the next week on; days in between belong to the earlier week.
func TestWeekStart(t *testing.T) {
	sunday := on(2, Event{Kind: WeekStart, Start: time.Sunday})
	for _, c := range []struct {
		name string
		log  []Event
		day  int
		want int // days after monday
	}{
		{"before", []Event{sunday}, -1, -7},
		{"the week of the choice", []Event{sunday}, 6, 0},
		{"days in between", []Event{sunday}, 12, 0},
		{"the first new week", []Event{sunday}, 13, 13},
		{"its last day", []Event{sunday}, 19, 13},
		{"the second new week", []Event{sunday}, 20, 20},
		{"taken back at once", []Event{sunday, on(3, Event{Kind: WeekStart, Start: time.Monday})}, 8, 7},
		{"taken back in between", []Event{sunday, on(9, Event{Kind: WeekStart, Start: time.Monday})}, 13, 0},
		{"and from the next Monday", []Event{sunday, on(9, Event{Kind: WeekStart, Start: time.Monday})}, 14, 14},
		{"changed again later", []Event{sunday, on(30, Event{Kind: WeekStart, Start: time.Saturday})}, 39, 27},
		{"in force later", []Event{sunday, on(30, Event{Kind: WeekStart, Start: time.Saturday})}, 40, 40},
		{"set before the person came", []Event{on(30, Event{Kind: WeekStart, Start: time.Sunday, From: monday})}, 25, 20},
		{"From is not for those who practised", []Event{on(1, Event{Kind: CheckIn}), on(30, Event{Kind: WeekStart, Start: time.Sunday, From: monday})}, 25, 21},
	} {
		l := Fold(c.log, monday.Add(60))
		if got, want := l.WeekOf(monday.Add(c.day)), monday.Add(c.want); got != want {
			t.Errorf("%s: week of day %d is %s, want %s", c.name, c.day, got, want)
		}
	}
	long := Fold([]Event{on(0, Event{Kind: CheckIn}), sunday, on(12, Event{Kind: CheckIn}), on(13, Event{Kind: CheckIn})}, monday.Add(14))
	if got, want := long.Weeks, []Week{{monday, WeekKept, 2}, {monday.Add(13), WeekKept, 1}}; !slices.Equal(got, want) {
		t.Errorf("weeks around the change %v, want %v", got, want)
	}
	if got := WeekOf("2026-01-07", time.Sunday); got != "2026-01-04" {
		t.Errorf("WeekOf %s", got)
	}
}

// A press for the coming week is not lost when the week start changes before it has begun.
func TestWeekStartAfterPressForNextWeek(t *testing.T) {
	l := Fold([]Event{on(6, Event{Key: "a", Kind: CheckIn, Week: monday.Add(7)}), on(6, Event{Key: "b", Kind: WeekStart, Start: time.Sunday})}, monday.Add(8))
	if want := (Week{monday, WeekKept, 1}); len(l.Weeks) != 1 || l.Weeks[0] != want {
		t.Errorf("got %v, want %v", l.Weeks, want)
	}
}

// Rule 3: the stamped date stands, whatever the instant, the zone or the order of the log says.
func TestStampedDateStands(t *testing.T) {
	e := on(2, Event{Kind: CheckIn})
	e.Date, e.Zone = monday.Add(9), "Nowhere/Else"
	if got := Fold([]Event{e}, monday.Add(10)).Weeks[0].Start; got != monday.Add(7) {
		t.Errorf("week %s, want that of the stamped date", got)
	}
	e.Date = "soon"
	if got := Fold([]Event{e}, monday.Add(10)).Weeks[0].Start; got != monday {
		t.Errorf("week %s, want that of instant and offset where no date was stamped", got)
	}
}

func TestSameKeyCountsOnce(t *testing.T) {
	e, again := on(2, Event{Key: "k", Kind: CheckIn}), on(9, Event{Key: "k", Kind: CheckIn})
	if got := sum(Fold([]Event{again, e, e}, monday.Add(10))); got != "Ko run 1 longest 1 rest 2 kept 1" {
		t.Error(got)
	}
}

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

// Rule 6: who may still fill the week before.
func TestGrace(t *testing.T) {
	for _, c := range []struct {
		name  string
		log   []Event
		today int
		want  Date
	}{
		{"Monday", weeks("K."), 14, monday.Add(7)},
		{"Tuesday", weeks("K."), 15, monday.Add(7)},
		{"Wednesday is too late", weeks("K."), 16, ""},
		{"it is kept", weeks("KK"), 14, ""},
		{"not there then", []Event{on(14, Event{Kind: Zone})}, 14, ""},
		{"there, and nothing done yet", []Event{on(13, Event{Kind: Zone})}, 14, monday.Add(7)},
		{"there, and nothing done, on Wednesday", []Event{on(13, Event{Kind: Zone})}, 16, ""},
		{"nobody", nil, 14, ""},
		{"paused", weeks("KP"), 14, ""},
		{"this week is kept already", append(weeks("K."), on(14, Event{Kind: CheckIn})), 14, monday.Add(7)},
		{"the days after a longer week", append(weeks("K"), on(9, Event{Kind: WeekStart, Start: time.Sunday})), 21, monday.Add(7)},
	} {
		for _, folded := range []int{c.today, 14, 2} {
			got, ok := Grace(Fold(c.log, monday.Add(folded)), monday.Add(c.today))
			if got != c.want || ok != (c.want != "") {
				t.Errorf("%s: %q %v, want %q", c.name, got, ok, c.want)
			}
		}
	}
}

// Rules 6 and 10: what a press with a week of its own counts for.
func TestMeantWeek(t *testing.T) {
	for _, c := range []struct {
		name      string
		day, week int
		want      string
	}{
		{"last week on Monday", 14, 7, "KKo"},
		{"last week on Tuesday", 15, 7, "KKo"},
		{"last week on Wednesday is this week", 16, 7, "KrK"},
		{"two weeks ago is this week", 14, 0, "KoK"},
		{"this week", 14, 14, "KoK"},
		{"any day of the week names it", 14, 9, "KKo"},
		{"the coming week on its eve", 13, 14, "KoK"},
		{"the coming week earlier is this week", 12, 14, "KKo"},
		{"a later week is this week", 14, 28, "KoK"},
	} {
		today := max(c.day, 14)
		log := append(weeks("K"), on(c.day, Event{Key: "x", Kind: CheckIn, Week: monday.Add(c.week)}))
		if got := states(Fold(log, monday.Add(today))); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

// A week stays open through its grace and is closed on the third day after it.
func TestClosing(t *testing.T) {
	for today, want := range map[int]string{7: "Ko", 13: "Ko", 14: "Koo", 15: "Koo", 16: "Kro", 22: "Kroo", 23: "Krro"} {
		if got := states(Fold(weeks("K"), monday.Add(today))); got != want {
			t.Errorf("day %d: %s, want %s", today, got, want)
		}
	}
}

// Rule 8: pauses up to 12 weeks, illness up to 14 days backwards, one working day is enough.
func TestPauses(t *testing.T) {
	span := func(kind Kind, written, from, until int) Event {
		e := on(written, Event{Key: "p", Kind: kind, From: monday.Add(from)})
		if until >= 0 {
			e.Until = monday.Add(until)
		}
		return e
	}
	resume := on(16, Event{Key: "r", Kind: Pause, Ref: "p"})
	longer := on(16, Event{Key: "r", Kind: Pause, Ref: "p", Until: monday.Add(34)})
	for _, c := range []struct {
		name  string
		log   []Event
		today int
		want  string
	}{
		{"a Friday is enough", []Event{span(Pause, 7, 11, 11)}, 20, "Kpo"},
		{"a weekend is not", []Event{span(Pause, 7, 12, 13)}, 20, "Kro"},
		{"a kept week stays kept", []Event{span(Pause, 7, 7, 13), on(8, Event{Kind: CheckIn})}, 20, "KKo"},
		{"the present week too", []Event{span(Pause, 7, 7, 13)}, 8, "Kp"},
		{"without an end 12 weeks", []Event{span(Pause, 7, 7, -1)}, 7*13 + 10, "Kppppppppppppro"},
		{"never more than 12 weeks", []Event{span(Pause, 7, 7, 400)}, 7*13 + 10, "Kppppppppppppro"},
		{"14 days back", []Event{span(Illness, 21, 7, 7)}, 27, "Kpro"},
		{"not 15", []Event{span(Illness, 22, 7, 7)}, 27, "Krro"},
		{"the part within 14 days", []Event{span(Illness, 28, 7, 20)}, 31, "Krpro"},
		{"ill from then to today", []Event{span(Illness, 21, 7, -1)}, 24, "Kppp"},
		{"longer than 12 weeks by a change", []Event{span(Pause, 7, 7, 20), on(16, Event{Key: "r", Kind: Pause, Ref: "p", Until: monday.Add(400)})}, 7*13 + 10, "Kppppppppppppro"},
		{"only a pause is ended", []Event{span(Excused, 7, 7, 20), resume}, 31, "Kxxro"},
		{"ill today", []Event{span(Illness, 9, 9, -1)}, 20, "Kpo"},
		{"ended early", []Event{span(Pause, 7, 7, 40), resume}, 31, "Kppro"},
		{"made longer", []Event{span(Pause, 7, 7, 20), longer}, 38, "Kppppo"},
		{"season break, on a weekend", []Event{span(Excused, 7, 12, 13)}, 20, "Kxo"},
		{"excused day", []Event{span(Excused, 9, 9, -1)}, 20, "Kxo"},
	} {
		if got := states(Fold(append(weeks("K"), c.log...), monday.Add(c.today))); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

// Rule 10: undo for 7 days, once or more often the same, and exactly as if nothing had been.
func TestUndo(t *testing.T) {
	base := append(weeks("KK...K"), on(38, Event{Kind: Journal})) // the journal entry brings the run back
	key := "journal-38"
	for _, c := range []struct {
		name  string
		undos []Event
		gone  bool
	}{
		{"none", nil, false},
		{"same day", []Event{on(38, Event{Key: "u", Kind: Undo, Ref: key})}, true},
		{"7 days later", []Event{on(45, Event{Key: "u", Kind: Undo, Ref: key})}, true},
		{"8 days later", []Event{on(46, Event{Key: "u", Kind: Undo, Ref: key})}, false},
		{"twice", []Event{on(39, Event{Key: "u", Kind: Undo, Ref: key}), on(40, Event{Key: "v", Kind: Undo, Ref: key})}, true},
		{"before it was there", []Event{on(37, Event{Key: "u", Kind: Undo, Ref: key})}, false},
		{"of nothing", []Event{on(39, Event{Key: "u", Kind: Undo, Ref: "other"})}, false},
		{"of an undo", []Event{on(39, Event{Key: "u", Kind: Undo, Ref: key}), on(40, Event{Key: "v", Kind: Undo, Ref: "u"})}, true},
	} {
		want := base
		if c.gone {
			want = base[:len(base)-1]
		}
		log := slices.Concat(base, c.undos)
		if got, want := marshal(t, Fold(log, monday.Add(50))), marshal(t, Fold(want, monday.Add(50))); got != want {
			t.Errorf("%s:\n got %s\nwant %s", c.name, got, want)
		}
		for today, can := range map[int]bool{38: !c.gone, 45: !c.gone, 46: false} {
			if got := CanUndo(log, key, monday.Add(today)); got != can {
				t.Errorf("%s: can undo on day %d: %v", c.name, today, got)
			}
		}
	}
	if with, without := Fold(base, monday.Add(50)).Run, Fold(base[:len(base)-1], monday.Add(50)).Run; with != 3 || without != 1 {
		t.Errorf("runs %d and %d: the undone event changes nothing, so this test shows nothing", with, without)
	}
	again := slices.Concat(base, []Event{on(39, Event{Key: "u", Kind: Undo, Ref: key}), on(40, Event{Key: key, Kind: Journal})})
	if got := Fold(again, monday.Add(50)).Run; got != 3 {
		t.Errorf("done again after the undo: run %d, want 3", got)
	}
	if CanUndo([]Event{{Kind: CheckIn, Date: monday}}, "", monday) || CanUndo(weeks("P"), "pause-0", monday) || CanUndo(base, key, "") {
		t.Error("only a practice with a key can be undone, on a day")
	}
	if got := states(Fold(append(weeks("KP"), on(8, Event{Key: "u", Kind: Undo, Ref: "pause-7"})), monday.Add(20))); got != "Kpo" {
		t.Errorf("an undo took back a pause: %s", got)
	}
}

// Rule 12: strength over closed weeks.
func TestStrength(t *testing.T) {
	for _, c := range []struct {
		pattern string
		want    float64
	}{
		{"K", 0}, // still open
		{"K.", 0.132},
		{"KKKK.", 0.4323},
		{"KPXK.", 0.132*0.868 + 0.132}, // neutral weeks leave it alone
		{"K...", 0.132 * 0.868 * 0.868},
	} {
		if got := Fold(weeks(c.pattern), monday.Add(7*len(c.pattern)-3)).Strength; math.Abs(got-c.want) > 0.0001 {
			t.Errorf("%s: %.4f, want %.4f", c.pattern, got, c.want)
		}
	}
}

func TestKeptOf(t *testing.T) {
	for _, c := range []struct {
		pattern  string
		n        int
		kept, of int
	}{
		{"", 12, 0, 0},
		{"K", 12, 1, 1},
		{"K.", 12, 1, 1},
		{"KK.K", 12, 3, 4},
		{"KK.KK.KKKK.KK", 12, 9, 12},
		{"KPPK", 12, 2, 2},
		{"KKKK", 2, 2, 2},
		{"KKKK", 0, 0, 0},
	} {
		l := Fold(weeks(c.pattern), monday.Add(7*len(c.pattern)-3))
		if kept, of := l.KeptOf(c.n); kept != c.kept || of != c.of {
			t.Errorf("%s: %d of %d, want %d of %d", c.pattern, kept, of, c.kept, c.of)
		}
	}
}

func TestWindow(t *testing.T) {
	l := Fold(weeks("KK.K"), monday.Add(25))
	for n, want := range map[int]int{-1: 0, 0: 0, 1: 1, 3: 3, 4: 4, 12: 4} {
		got := l.Window(n)
		if len(got) != want || !slices.Equal(got, l.Weeks[len(l.Weeks)-want:]) {
			t.Errorf("window of %d: %v", n, got)
		}
	}
	l.Window(4)[0].Count = 99
	if l.Weeks[0].Count == 99 {
		t.Error("a window shares memory with its ledger")
	}
}

func TestMilestone(t *testing.T) {
	for _, c := range []struct{ before, after, want int }{
		{0, 1, 1}, {1, 2, 0}, {3, 4, 4}, {12, 13, 13}, {25, 26, 26}, {51, 52, 52}, {4, 4, 0}, {5, 3, 0}, {0, 4, 4}, {52, 53, 0},
	} {
		got, ok := Milestone(Ledger{Kept: c.before}, Ledger{Kept: c.after})
		if got != c.want || ok != (c.want > 0) {
			t.Errorf("%d to %d: %d %v, want %d", c.before, c.after, got, ok, c.want)
		}
	}
}

// Rule 11: what the last event of the log came back from.
func TestReturned(t *testing.T) {
	for _, c := range []struct {
		pattern string
		want    Return
	}{
		{"..K", First},
		{"KK", None},
		{"K2", None}, // the second thing in the week
		{"K.K", RestWeekCovered},
		{"K.PK", RestWeekCovered},
		{"KP.K", RestWeekCovered},
		{"KPK", AfterPause},
		{"KXK", AfterPause},
		{"K...K", AfterBreak},
		{"K..P.K", AfterBreak},
		{"KK...2", RunBack},
		{"K...KK", RunBack},
	} {
		log, today := weeks(c.pattern), monday.Add(7*len(c.pattern)-3)
		before, after := Fold(log[:len(log)-1], today), Fold(log, today)
		if got := Returned(before, after); got != c.want {
			t.Errorf("%s: %d, want %d", c.pattern, got, c.want)
		}
		if got := Returned(after, before); got != None {
			t.Errorf("%s undone: %d", c.pattern, got)
		}
	}
}

func TestDate(t *testing.T) {
	for _, c := range []struct {
		d    Date
		n    int
		want Date
	}{
		{"2026-02-28", 1, "2026-03-01"}, {"2028-02-28", 1, "2028-02-29"}, {"2026-01-01", -1, "2025-12-31"},
		{"1969-12-31", 1, "1970-01-01"}, {"1900-01-01", 0, "1900-01-01"}, {"2026-02-30", 1, ""}, {"", 1, ""}, {"x", 0, ""},
	} {
		if got := c.d.Add(c.n); got != c.want {
			t.Errorf("%s + %d = %s, want %s", c.d, c.n, got, c.want)
		}
		if c.want != "" && c.want.DaysSince(c.d) != c.n {
			t.Errorf("%s since %s: %d", c.want, c.d, c.want.DaysSince(c.d))
		}
	}
	if got := Date("2026-11-23").Weekday(); got != time.Monday {
		t.Errorf("2026-11-23 is a %s", got)
	}
	if got := Date("1950-01-01").Weekday(); got != time.Sunday {
		t.Errorf("1950-01-01 is a %s", got)
	}
	a, b := Date("2026-09-30"), Date("2026-10-01")
	if !a.Before(b) || b.Before(a) || !b.After(a) || a.After(b) || a.Before(a) {
		t.Error("order of dates")
	}
	if Date("1899-12-31").Valid() || Date("3000-01-01").Valid() || !a.Valid() {
		t.Error("valid dates")
	}
}

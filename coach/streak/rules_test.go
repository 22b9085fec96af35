package streak

import (
	"math"
	"slices"
	"testing"
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
		{"only a pause is ended", []Event{span(Excused, 7, 7, 27), resume}, 31, "Kxxxo"},
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

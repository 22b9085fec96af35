package streak

import (
	"slices"
	"testing"
	"time"
)

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

package streak

import (
	"slices"
	"testing"
)

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

// What two practices brought back is not told again with the next one, though the ledger before that was last written
// when the week they make up for was still open.
func TestReturnedFromAnEarlierDay(t *testing.T) {
	log := append(weeks("KK..."), on(35, Event{Kind: CheckIn}), on(36, Event{Kind: Journal}))
	before := Fold(log, "")
	after, ok := before.Append(on(44, Event{Kind: CheckIn}))
	if !ok || before.Back != "" || after.Back != monday.Add(36) {
		t.Fatalf("%v: %+v became %+v, want that the run comes back as the week closes", ok, before, after)
	}
	if got := Returned(before, after); got != None {
		t.Errorf("%d, want %d", got, None)
	}
}

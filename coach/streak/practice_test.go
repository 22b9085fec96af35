package streak

import (
	"testing"

	"pgregory.net/rapid"
)

// What is listed by week adds up to what the ledger counts in that week.
func TestPracticesAddUp(t *testing.T) {
	some := 0
	rapid.Check(t, func(t *rapid.T) {
		log, today := life(t)
		n := map[Date]int{}
		for _, e := range Practices(log) {
			if !e.practice() {
				t.Fatalf("%s is listed", e.Kind)
			}
			n[e.Week]++
			some++
		}
		for _, w := range Fold(log, today).Weeks {
			if n[w.Start] != w.Count {
				t.Fatalf("%d listed in the week of %s, %d counted", n[w.Start], w.Start, w.Count)
			}
			delete(n, w.Start)
		}
		if len(n) > 0 {
			t.Fatalf("listed in weeks that the ledger does not have: %v", n)
		}
	})
	if some == 0 {
		t.Error("no life had a practice")
	}
}

// A practice of the grace stands in the week it was meant for, and one taken back nowhere.
func TestPracticesWeek(t *testing.T) {
	log := []Event{
		{Key: "a", Kind: CheckIn, Date: "2026-11-23", Step: 3},
		{Key: "b", Kind: CheckIn, Date: "2026-12-01", Week: "2026-11-23", Step: 2},
		{Key: "c", Kind: Journal, Date: "2026-12-02"},
		{Key: "d", Kind: CheckIn, Date: "2026-12-02", Step: 5},
		{Key: "u", Kind: Undo, Date: "2026-12-03", Ref: "d"},
	}
	got := Practices(log)
	if len(got) != 3 {
		t.Fatalf("%d practices, want 3: %+v", len(got), got)
	}
	for i, want := range []Event{{Key: "a", Week: "2026-11-23"}, {Key: "b", Week: "2026-11-23"}, {Key: "c", Week: "2026-11-30"}} {
		if got[i].Key != want.Key || got[i].Week != want.Week {
			t.Errorf("%s in the week of %s, want %s in that of %s", got[i].Key, got[i].Week, want.Key, want.Week)
		}
	}
}

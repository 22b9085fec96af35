package coach

import (
	"testing"

	"rapport/coach/streak"
)

// TestAwake counts day by day and holds the arithmetic to it.
func TestAwake(t *testing.T) {
	const day0 = streak.Date("2026-02-20")
	within := func(d streak.Date, spans []span) bool {
		for _, s := range spans {
			if d >= s.from && d <= s.until {
				return true
			}
		}
		return false
	}
	for name, raw := range map[string][]span{
		"none": nil, "one": {{"2026-02-25", "2026-03-03"}}, "before": {{"2026-01-01", "2026-02-20"}}, "over the start": {{"2026-02-10", "2026-02-22"}},
		"overlapping": {{"2026-03-01", "2026-03-05"}, {"2026-02-26", "2026-03-02"}}, "side by side": {{"2026-02-22", "2026-02-23"}, {"2026-02-24", "2026-02-24"}},
		"two": {{"2026-03-10", "2026-03-20"}, {"2026-02-22", "2026-02-22"}},
	} {
		away := apart(raw)
		for n := range 45 {
			until := day0.Add(n)
			want := 0
			for d := day0.Add(1); d <= until; d = d.Add(1) {
				if !within(d, raw) {
					want++
				}
			}
			if got := awake(day0, until, away); got != want {
				t.Errorf("%s: %d days until %s, want %d", name, got, until, want)
			}
			if end := after(day0, n, away); n > 0 && (awake(day0, end, away) != n || within(end, raw)) {
				t.Errorf("%s: %d days on is %s, which is %d", name, n, end, awake(day0, end, away))
			}
		}
	}
}

func TestPauses(t *testing.T) {
	got := pauses([]streak.Event{
		{Kind: streak.CheckIn, Key: "a", Date: "2026-03-01"},
		{Kind: streak.Pause, Key: "p", From: "2026-03-02", Until: "2026-03-20"},
		{Kind: streak.Pause, Key: "e", Ref: "p", Until: "2026-03-08"},
		{Kind: streak.Illness, Key: "i", From: "2026-04-01", Until: "2026-04-03"},
		{Kind: streak.Pause, Key: "q", From: "2026-05-02", Until: "2026-05-20"},
		{Kind: streak.Pause, Key: "f", Ref: "q", Until: "2026-05-01"}, // ended before it began
	})
	if len(got) != 2 || got[0] != (span{"2026-03-02", "2026-03-08"}) || got[1] != (span{"2026-04-01", "2026-04-03"}) {
		t.Errorf("got %v", got)
	}
}

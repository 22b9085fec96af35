package coach_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"rapport/coach"
	"rapport/coach/streak"
)

// TestDoneInOneLine types how it went: with one thing open, with none, with
// another spelling. It is the same as the button.
func TestDoneInOneLine(t *testing.T) {
	for _, open := range []bool{true, false} {
		for typed, label := range map[string]string{"done well": "Well", "did So-So!": "So-so", "checkin hard.": "Hard", "done no": "It did not happen", "done soso": "So-so"} {
			k, other := newTalk(t), newTalk(t)
			if open {
				for _, x := range []*talk{k, other} {
					x.press(x.press(x.say(""), "I'm in"), "Today")
				}
			}
			got, want := k.say(typed), other.press(other.say("done"), label)
			if got.Message.Fallback() != want.Message.Fallback() {
				t.Errorf("open %v: %q answers\n%s\nwant\n%s", open, typed, got.Message.Fallback(), want.Message.Fallback())
			}
			if a, b := snapshot(t, k), snapshot(t, other); a != b {
				t.Errorf("open %v: %q leaves\n%s\nwant\n%s", open, typed, a, b)
			}
		}
	}
}

// TestDoneTwice takes the second for a wish for more, not for another week.
func TestDoneTwice(t *testing.T) {
	k := newTalk(t)
	k.say("done well")
	wantText(t, k.say("done well"), "noted already")
	if self, _ := k.store.Self(t.Context(), k.who); self.Ledger.Weeks[0].Count != 1 {
		t.Errorf("counted %d times", self.Ledger.Weeks[0].Count)
	}
}

func TestDoneAsksWhichOne(t *testing.T) {
	k := newTalk(t)
	var items []string
	for _, topic := range edition.Topics()[:3] {
		items = append(items, topic.Missions[0].ID)
		k.send(k.request(coach.Do("in", topic.Missions[0].ID), nil))
	}
	r := k.say("done hard")
	wantText(t, r, "3 things open")
	if n := len(r.Message.Choices.Options); n != 3 {
		t.Fatalf("%d picks", n)
	}
	wantText(t, k.send(k.request(r.Message.Choices.Options[1].Action, nil)), "on a hard day counts in full")
	events, _ := k.store.Events(t.Context(), k.who)
	if e := events[len(events)-1]; e.Kind != streak.CheckIn || e.Item != items[1] || e.Outcome != "hard" {
		t.Errorf("the last event is %+v, want a hard check-in on %s", e, items[1])
	}
	plain := k.say("done")
	if got := k.send(k.request(plain.Message.Choices.Options[0].Action, nil)); !strings.Contains(got.Message.Fallback(), "How did it go?") {
		t.Errorf("a pick without an outcome answers\n%s", got.Message.Fallback())
	}
}

// TestDoneAsksWhichWeek on the first days of a week, as the button does.
func TestDoneAsksWhichWeek(t *testing.T) {
	k := newTalk(t)
	k.say("done well")
	k.now = monday.AddDate(0, 0, 14)
	r := k.say("done so-so")
	wantText(t, r, "last week or this week")
	k.press(r, "Last week")
	self, _ := k.store.Self(t.Context(), k.who)
	if weeks := self.Ledger.Advance(streak.DateOf(k.now)).Weeks; len(weeks) < 2 || weeks[1].State != streak.WeekKept {
		t.Errorf("weeks = %+v; want the second kept", weeks)
	}
}

// TestDoneAndOtherWords asks, and does not guess.
func TestDoneAndOtherWords(t *testing.T) {
	k := newTalk(t)
	for _, text := range []string{"done great", "done", "done 5"} {
		wantText(t, k.say(text), "How did it go?")
	}
	if self, _ := k.store.Self(t.Context(), k.who); self.Known {
		t.Error("it was counted")
	}
	var offered []string
	for _, o := range k.coach.Complete(t.Context(), k.request(coach.Do("home"), nil), "done ") {
		offered = append(offered, o.Value)
	}
	if got, want := strings.Join(offered, "|"), "done|done well|done so-so|done hard|done no"; got != want {
		t.Errorf("completions of done: %s, want %s", got, want)
	}
	for _, o := range offered {
		k.now = k.now.Add(time.Hour)
		k.say(o)
	}
}

// TestJournalNamesEntries: of two entries on one day, each is told from the
// other, in what is shown and in what can be picked.
func TestJournalNamesEntries(t *testing.T) {
	k := newTalk(t)
	write := func(words string) {
		t.Helper()
		k.fill(k.say("journal write"), map[string]string{"words": words})
	}
	names := func() (all []string) {
		t.Helper()
		for _, o := range k.say("journal").Message.Choices.Options {
			all = append(all, o.Label)
		}
		return all
	}
	write("The first line.")
	if got, want := names(), []string{"Monday 23 November 2026"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	write("The second line.")
	k.now = k.now.AddDate(0, 0, 1)
	write("The third line.")
	want := []string{"Tuesday 24 November 2026", "Monday 23 November 2026, 1 of 2", "Monday 23 November 2026, 2 of 2"}
	if got := names(); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := k.say("journal").Message.Fallback(); !strings.Contains(got, want[1]+"\nThe second line.") {
		t.Errorf("the newer of the two is not named first:\n%s", got)
	}
}

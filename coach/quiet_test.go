package coach_test

import (
	"strings"
	"testing"

	"rapport/coach"
)

// TestQuietFirstSteps offers somebody new three things to do in writing and on
// their own. Reading them leaves no trace; one that was done keeps the week, can
// be taken back, and with it the offer is gone from the first page.
func TestQuietFirstSteps(t *testing.T) {
	k := newTalk(t)
	first := k.say("")
	if first.Message.Choices == nil || len(first.Message.Choices.Options) != 3 {
		t.Fatalf("the first screen offers %+v", first.Message.Choices)
	}
	page := k.send(k.request(first.Message.Choices.Options[0].Action, nil))
	for range 3 {
		page = k.press(page, "Another quiet one")
	}
	wantText(t, page, edition.FirstSteps[0].Text)
	if self, _ := k.store.Self(t.Context(), k.who); self.Known {
		t.Error("reading leaves a trace")
	}
	done := k.press(page, "I did it")
	wantText(t, done, "Noted.", "first week is kept")
	k.press(page, "I did it")
	if self, _ := k.store.Self(t.Context(), k.who); self.Ledger.Kept != 1 {
		t.Errorf("%d weeks kept", self.Ledger.Kept)
	}
	if again := k.say(""); again.Message.Choices != nil {
		t.Error("still offered to somebody who has begun")
	}
	wantText(t, k.press(done, "Undo"), "Taken back")
	if self, _ := k.store.Self(t.Context(), k.who); self.Ledger.Kept != 0 {
		t.Errorf("%d weeks kept after Undo", self.Ledger.Kept)
	}
	wantText(t, k.send(k.request(coach.Do("quiet", "fw.gone"), nil)), "Nothing was changed")
}

// TestChatTips are every eighth tip, and every fourth for who mostly writes.
func TestChatTips(t *testing.T) {
	for mostly, want := range map[string]int{"any": 8, "chat": 4} {
		k := newTalk(t)
		k.press(k.say("done"), "Well")
		k.fill(k.press(k.say("settings"), "Place"), map[string]string{"zone": "Berlin", "mostly": mostly, "easier": "any"})
		chat := 0
		for day := range 32 {
			k.now = monday.AddDate(0, 0, day+1)
			if r := k.say("tip"); strings.Contains(r.Message.Fallback(), "Writing and video") {
				chat++
			}
		}
		if chat != 32/want {
			t.Errorf("%s: %d of 32 tips are on writing and video, want %d", mostly, chat, 32/want)
		}
	}
}

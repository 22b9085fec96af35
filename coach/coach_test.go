package coach_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"rapport/coach"
	"rapport/coach/coachtest"
	"rapport/coach/streak"
)

func TestFirstScreen(t *testing.T) {
	k := newTalk(t)
	r := k.say("")
	wantText(t, r, "Hello, I'm Rapport.", "step 2 of 6, Remember the basics", "I cannot read your messages", "No AI answers you", "skip it if")
	if self, _ := k.store.Self(t.Context(), k.who); self.Known {
		t.Error("reading was remembered")
	}
}

func TestAdminOfASilentTeam(t *testing.T) {
	k := newTalk(t)
	k.admin = true
	r := k.say("")
	wantText(t, r, "here and silent")
	wantText(t, k.press(r, "Show the first post"), "The first nudge would read like this", "Buttons answer only you.")
	form := k.press(r, "Choose channel")
	r = k.fill(form, map[string]string{"channel": "general", "day": "1", "hour": "540", "zone": "Berlin", "audience": "work"})
	wantText(t, r, "Shall I post it and start?", "On Mondays at 09:00", "Not for you? Do nothing.")
	if plan, _ := k.store.TeamSettings(t.Context(), k.team); !plan.SetUp.IsZero() {
		t.Error("it posts before the preview was agreed to")
	}
	wantText(t, k.press(r, "Post it and start"), "Started.", "Weekly nudge: general", "Europe/Berlin")
	if o, ok, err := k.store.Planned(t.Context(), k.team, "nudge"); err != nil || !ok || o.Date != "2026-11-30" {
		t.Errorf("planned %+v, %v, %v; want 2026-11-30", o, ok, err)
	}
}

func TestOnlyAdminsSetUp(t *testing.T) {
	k := newTalk(t)
	wantText(t, k.say("setup"), "for its admins")
	r := k.request(coach.Do("setup"), nil)
	r.Admin, r.Guest = true, true
	wantText(t, k.send(r), "for its admins")
	stop := k.request(coach.Do("stop", "yes"), nil) // a button somebody copied
	wantText(t, k.send(stop), "for its admins")
	nowhere := k.request(coach.Do("setup"), nil) // as in direct messages on Discord
	nowhere.Team, nowhere.Admin = coach.Team{}, true
	wantText(t, k.send(nowhere), "in one of its channels")
}

func TestUnknownWords(t *testing.T) {
	k := newTalk(t)
	for text, want := range map[string]string{
		"jurnal":        "Did you mean",
		"step 9":        "There are six steps",
		"step nine":     "There are six steps",
		"practice 12":   "is not one of them",
		"xyzzy quux":    "do not have that one",
		"pause, please": "Pause",
	} {
		r := k.say(text)
		if r.Form != nil {
			continue
		}
		wantText(t, r, want)
	}
	long := k.say(strings.Repeat("a word ", 3000))
	if got := long.Message.Fallback(); strings.Contains(got, "a word a word") || len(got) > 1500 {
		t.Errorf("a long text comes back in %d characters: %.200s", len(got), got)
	}
	r := k.say("hello \u202e\x00\x1b[31m" + coachtest.Hostile)
	if strings.ContainsAny(r.Message.Fallback(), "\u202e\x00\x1b") {
		t.Errorf("control characters came back: %q", r.Message.Fallback())
	}
}

func TestGuardComesFirst(t *testing.T) {
	k := newTalk(t)
	r := k.say("my boss is harassing me")
	wantText(t, r, "not a rapport problem", "emergency number")
	if self, _ := k.store.Self(t.Context(), k.who); self.Known {
		t.Error("words of harm left a trace")
	}
	form := k.say("journal write")
	wantText(t, k.fill(form, map[string]string{"words": "my boss is harassing me"}), "not a rapport problem")
	if notes, _ := k.store.Notes(t.Context(), k.who, 0, 9); len(notes) != 0 {
		t.Error("words of harm were kept")
	}
}

// TestWeek is the loop that a member lives: taken up, one consented question,
// answered, a line written, undone.
func TestWeek(t *testing.T) {
	k := newTalk(t)
	r := k.press(k.say(""), "I'm in")
	wantText(t, r, "When?")
	r = k.press(r, "Thursday")
	r = k.press(r, "Yes, Thursday")
	wantText(t, r, "I will ask you once", "16:00")
	k.now = monday.AddDate(0, 0, 3)
	r = k.say("done")
	wantText(t, r, "How did it go?")
	hard := k.press(r, "Hard")
	wantText(t, hard, "counts in full", "If it falls flat", "A smaller version")
	wantText(t, k.say("progress"), "Your first week is kept", "2 rest weeks in hand")
	form := k.press(hard, "Write a line")
	kept := k.fill(form, map[string]string{"words": "I let them finish."})
	wantText(t, kept, "Kept.")
	k.send(k.request(form.Form.Action, map[string]string{"words": "I let them finish."})) // sent twice
	notes, err := k.store.Notes(t.Context(), k.who, 0, 9)
	if err != nil || len(notes) != 1 || notes[0].Words != "I let them finish." {
		t.Errorf("notes = %+v, %v; want the one", notes, err)
	}
	wantText(t, k.say("journal"), "I let them finish.")
}

func TestTwoPressesCountOnce(t *testing.T) {
	k := newTalk(t)
	r := k.press(k.press(k.say(""), "I'm in"), "Today")
	_ = r
	how := k.say("done")
	req := k.request(button(t, how, "Well"), nil)
	first := k.send(req)
	again := k.send(req) // the same event, delivered twice
	if first.Message.Fallback() != again.Message.Fallback() {
		t.Errorf("a repeat answers\n%s\nwant\n%s", again.Message.Fallback(), first.Message.Fallback())
	}
	other := k.press(how, "Well") // a second press
	if first.Message.Fallback() != other.Message.Fallback() {
		t.Errorf("a second press answers\n%s\nwant\n%s", other.Message.Fallback(), first.Message.Fallback())
	}
	self, _ := k.store.Self(t.Context(), k.who)
	if got := self.Ledger.Weeks[0].Count; got != 1 {
		t.Errorf("counted %d times, want once", got)
	}
}

func TestUndoIsExact(t *testing.T) {
	k := newTalk(t)
	k.press(k.press(k.say(""), "I'm in"), "Today")
	k.press(k.say("done"), "Well")
	k.now = monday.AddDate(0, 0, 7)
	k.press(k.press(k.say("home me"), "I'm in"), "Today")
	before := snapshot(t, k)
	done := k.press(k.say("done"), "Hard")
	if snapshot(t, k) == before {
		t.Fatal("the check-in changed nothing")
	}
	undo := k.press(done, "Undo")
	wantText(t, undo, "Taken back")
	if got := snapshot(t, k); got != before {
		t.Errorf("after undo\n%s\nwant\n%s", got, before)
	}
	wantText(t, k.press(done, "Undo"), "Taken back") // a second press
	k.press(k.say("done"), "Well")                   // and it can be answered again
	if got := snapshot(t, k); got == before {
		t.Error("a check-in after an undo was lost")
	}
}

// snapshot is what is kept, without the log that only grows and what depends
// on when it is read.
func snapshot(t *testing.T, k *talk) string {
	t.Helper()
	self, err := k.store.Self(t.Context(), k.who)
	if err != nil {
		t.Fatal(err)
	}
	l := self.Ledger.Advance(streak.DateOf(k.now))
	return fmt.Sprintf("%+v\n%+v\n%+v", l, self.Flows, self.Settings)
}

func TestUndoOfALateCheckIn(t *testing.T) {
	k := newTalk(t)
	before := snapshot(t, k)
	done := k.press(k.say("done"), "So-so") // nothing was taken up
	k.press(done, "Undo")
	self, _ := k.store.Self(t.Context(), k.who)
	if len(self.Flows) != 0 || len(self.Ledger.Weeks) != 0 {
		t.Errorf("after undo: %+v; before: %s", self, before)
	}
}

func TestUndoAfterSevenDays(t *testing.T) {
	k := newTalk(t)
	done := k.press(k.say("done"), "Well")
	k.now = monday.AddDate(0, 0, 8)
	wantText(t, k.press(done, "Undo"), "seven days")
}

// The word undo takes nothing back by itself: typed twice it would take back two.
func TestUndoTyped(t *testing.T) {
	k := newTalk(t)
	wantText(t, k.say("undo"), "no check-in")
	k.press(k.say("done"), "Well")
	k.now = monday.AddDate(0, 0, 3)
	before := snapshot(t, k)
	k.send(k.request(coach.Do("quiet", edition.FirstSteps[0].ID, "done"), nil))
	after := snapshot(t, k)
	quiet := k.say("undo")
	wantText(t, quiet, "Your last check-in", edition.FirstSteps[0].Title, "Thursday")
	k.press(quiet, "Leave it")
	wantText(t, k.say("undo that"), edition.FirstSteps[0].Title)
	if got := snapshot(t, k); got != after {
		t.Errorf("the word alone changed\n%s\nto\n%s", after, got)
	}
	wantText(t, k.press(quiet, "Take it back"), "Taken back")
	wantText(t, k.press(quiet, "Take it back"), "Taken back")
	if got := snapshot(t, k); got != before {
		t.Errorf("after undo\n%s\nwant\n%s", got, before)
	}
	wantText(t, k.say("undo"), "Monday 23 November") // the one before
	k.now = monday.AddDate(0, 0, 8)
	wantText(t, k.say("undo"), "no check-in")
	wantText(t, k.send(k.request(coach.Do("undo", "checkin/gone"), nil)), "Nothing was changed")
}

func TestGraceAsksWhichWeek(t *testing.T) {
	k := newTalk(t)
	k.press(k.press(k.say(""), "I'm in"), "Today")
	k.press(k.say("done"), "Well")
	k.now = monday.AddDate(0, 0, 7)
	k.press(k.press(k.say("home me"), "I'm in"), "Today")
	k.now = monday.AddDate(0, 0, 14) // Monday: last week is still open
	r := k.press(k.say("done"), "Well")
	wantText(t, r, "last week or this week")
	k.press(r, "Last week")
	self, _ := k.store.Self(t.Context(), k.who)
	weeks := self.Ledger.Advance(streak.DateOf(k.now)).Weeks
	if len(weeks) < 2 || weeks[1].State != streak.WeekKept {
		t.Errorf("weeks = %+v; want the second kept", weeks)
	}
}

func TestItDidNotHappen(t *testing.T) {
	k := newTalk(t)
	k.press(k.press(k.say(""), "I'm in"), "Today")
	r := k.press(k.say("done"), "It did not happen")
	wantText(t, r, "nothing is counted")
	self, _ := k.store.Self(t.Context(), k.who)
	if len(self.Ledger.Weeks) != 0 {
		t.Error("it was counted")
	}
	wantText(t, k.press(r, "Same again"), "When?")
	wantText(t, k.press(r, "Smaller"), "When?")
	wantText(t, k.press(r, "Leave it"), "Left.")
	self, _ = k.store.Self(t.Context(), k.who)
	if len(self.Flows) != 0 {
		t.Errorf("flows = %+v, want none", self.Flows)
	}
}

func TestOwnPlanIsShownOnlyInAnswers(t *testing.T) {
	k := newTalk(t)
	when := k.press(k.say(""), "I'm in")
	form := k.press(when, "My own words")
	ask := k.fill(form, map[string]string{"if": "Priya comes in at nine", "then": "ask how the move went"})
	wantText(t, ask, "Priya comes in at nine", "May I ask you once")
	k.press(ask, "Yes")
	what := k.press(k.say("done"), "What was it?")
	wantText(t, what, "Priya comes in at nine", "ask how the move went")
	self, _ := k.store.Self(t.Context(), k.who)
	o := coach.Occasion{Kind: "question", Subject: self.Flows[0].ID, To: coach.DirectTo(k.who), Date: "2026-11-26", At: k.now, Zone: k.zone}
	speaker := k.coach.Speakers()["question"]
	choice, err := speaker.Choose(t.Context(), o)
	if err != nil || choice.Skip != "" {
		t.Fatalf("choice = %+v, %v", choice, err)
	}
	m, err := speaker.Compose(t.Context(), o, choice)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(m.Fallback()+m.NoticeLine(), "Priya") {
		t.Errorf("a direct message repeats the person's words:\n%s", m.Fallback())
	}
}

func TestFormFaultsKeepWhatWasTyped(t *testing.T) {
	k := newTalk(t)
	form := k.press(k.say("settings"), "Place")
	r := k.fill(form, map[string]string{"zone": "Atlantis", "mostly": "chat", "easier": "5"})
	if r.Faults["zone"] == nil || r.Faults["mostly"] != nil {
		t.Fatalf("faults = %v", r.Faults)
	}
	again := k.press(r, "Edit")
	if got := again.Form.Inputs[0].Value; got != "Atlantis" {
		t.Errorf("the form opens with %q", got)
	}
	wantText(t, k.fill(again, map[string]string{"zone": "portland", "mostly": "chat", "easier": "5"}), "That could be")
	wantText(t, k.fill(again, map[string]string{"zone": "new york", "mostly": "chat", "easier": "5"}), "Saved", "America/New_York", "in writing")
	k.now = k.now.Add(25 * time.Hour)
	wantText(t, k.press(r, "Edit"), "draft is gone")
}

func TestHalfFilledForm(t *testing.T) {
	k := newTalk(t)
	form := k.say("journal write")
	r := k.send(k.request(form.Form.Action, map[string]string{}))
	if r.Faults["words"] == nil {
		t.Errorf("faults = %v", r.Faults)
	}
	r = k.send(k.request(form.Form.Action, map[string]string{"words": strings.Repeat("x", 10000)}))
	wantText(t, r, "there is room for 2,000")
	if self, _ := k.store.Self(t.Context(), k.who); len(self.Ledger.Weeks) != 0 {
		t.Error("a faulty form counted")
	}
}

func TestPause(t *testing.T) {
	k := newTalk(t)
	k.press(k.say("done"), "Well")
	form := k.say("pause")
	for _, bad := range []map[string]string{
		{"from": "whenever", "until": "2 weeks"},
		{"from": "2026-01-01", "until": "2 weeks"},
		{"from": "today", "until": "2027-11-01"},
		{"from": "today", "until": "yesterday"},
	} {
		if r := k.fill(form, bad); len(r.Faults) == 0 {
			t.Errorf("%v was taken: %s", bad, r.Message.Fallback())
		}
	}
	wantText(t, k.fill(form, map[string]string{"from": "today", "until": "3 weeks"}), "Paused until Monday 14 December 2026")
	k.now = monday.AddDate(0, 0, 28)
	self, _ := k.store.Self(t.Context(), k.who)
	for _, w := range self.Ledger.Advance(streak.DateOf(k.now)).Weeks[1:3] {
		if w.State != streak.WeekPaused {
			t.Errorf("week %s is %s, want paused", w.Start, w.State)
		}
	}
	wantText(t, k.say("pause end"), "no pause to end")
}

func TestEndPauseEarly(t *testing.T) {
	k := newTalk(t)
	k.fill(k.say("pause"), map[string]string{"from": "today", "until": "3 weeks"})
	wantText(t, k.say("pause"), "You are on a pause")
	wantText(t, k.say("pause end"), "Welcome back")
	if self, _ := k.store.Self(t.Context(), k.who); self.Settings.PauseUntil != "" {
		t.Error("still paused")
	}
}

func TestErase(t *testing.T) {
	k := newTalk(t)
	wantText(t, k.say("data"), "Nothing is kept about you")
	k.press(k.say("done"), "Well")
	r := k.say("data")
	wantText(t, r, "1 check-in", "Europe/Berlin")
	r = k.press(r, "Erase")
	wantText(t, r, "goes at once", "stay there")
	wantText(t, k.press(r, "Erase it now"), "Gone.")
	wantText(t, k.say("data"), "Nothing is kept about you")
}

func TestStrangersLeaveNoTrace(t *testing.T) {
	k := newTalk(t)
	for _, a := range []coach.Action{coach.Do("step", "3"), coach.Do("in", "wk.s2.let-them-finish"), coach.Do("home"), coach.Do("tip"), coach.Do("data")} {
		r := k.request(a, nil)
		r.Stranger = true
		k.send(r)
	}
	r := k.request(coach.Do("write"), map[string]string{"words": "x"})
	r.Stranger = true
	k.send(r)
	if self, _ := k.store.Self(t.Context(), k.who); self.Known {
		t.Error("a person of another organisation is remembered")
	}
}

func TestLessOfThis(t *testing.T) {
	k := newTalk(t)
	k.press(k.say("done"), "Well")
	r := k.say("tip")
	less := button(t, r, "Less")
	k.send(k.request(less, nil))
	for day := range 20 {
		k.now = monday.AddDate(0, 0, day+1)
		r := k.say("tip")
		if r.Message.Buttons[1].Label == "Another tip" {
			continue // on writing and video, of no step
		}
		if got := button(t, r, "Less"); got.Args[0] == less.Args[0] {
			t.Errorf("day %d: a tip on %s", day, less.Args[0])
		}
	}
}

// TestButtonsOfOlderEditions presses what an old message may still carry: items
// that are gone, verbs nobody knows, an encoding of another version.
func TestButtonsOfOlderEditions(t *testing.T) {
	k := newTalk(t)
	for _, a := range []coach.Action{
		coach.Do("in", "wk.s2.gone"), coach.Do("offer", "easier", "s9.x"), coach.Do("why", "nothing"), coach.Do("less", "nothing"),
		coach.Do("did", "try/2026-11-23/wk.s2.gone", "well"), coach.Do("did", "nonsense", "well"), coach.Do("did", "try/2026-11-23/wk.s2.let-them-finish", "splendid"),
		coach.Do("when", "try/2026-11-23/wk.s2.gone", "today"), coach.Do("ask", "x", "2026-11-26"), coach.Do("later", "x", "same"),
		coach.Do("undo", "checkin/x"), coach.Do("note", "99"), coach.Do("note", "x"), coach.Do("draft", "x"), coach.Do("keep", "x"),
		coach.Do("journal", "5"), coach.Do("part", "x", "y"), coach.Do("part", "basics", "y"), coach.Do("retired"),
		coach.DecodeAction("9in:wk.s2.x"), coach.DecodeAction(""), coach.DecodeAction("1\x00:\xff"),
	} {
		k.send(k.request(a, nil))
	}
	if self, _ := k.store.Self(t.Context(), k.who); len(self.Flows) > 0 || len(self.Ledger.Weeks) > 0 {
		t.Errorf("an old button changed something: %+v", self)
	}
}

// TestReload teaches another edition while something is open: what the old one
// offered and the new one lacks is answered kindly, the rest goes on.
func TestReload(t *testing.T) {
	k := newTalk(t)
	when := k.press(k.say(""), "I'm in")
	other := *edition
	other.Hash = "other"
	k.coach.Teach(&other)
	wantText(t, k.press(when, "Today"), "May I ask you once")
	if got := k.coach.Edition().Hash; got != "other" {
		t.Errorf("the edition is %s", got)
	}
}

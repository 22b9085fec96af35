package coach_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"rapport/coach"
	"rapport/schedules"
)

// troubled is a team whose channel was archived after it was set up.
func troubled(t *testing.T) *talk {
	t.Helper()
	k := newTalk(t)
	k.admin = true
	k.press(k.fill(k.say("setup form"), map[string]string{"channel": "general", "day": "1", "hour": "540", "zone": "Berlin", "audience": "work"}), "Post it and start")
	k.trouble("the channel is archived")
	return k
}

// trouble ends a delivery to the channel for good.
func (k *talk) trouble(why string) {
	k.Helper()
	k.deliver(coach.ChannelOf(k.team, "general"), schedules.Outcome{State: schedules.Dead, Close: true, Why: why})
}

// tells reports whether a reply begins with the trouble.
func tells(r coach.Reply) bool {
	if r.Message == nil {
		return false
	}
	top := r.Message.Sections[0].Text.String()
	return strings.HasPrefix(top, "Attention: the last post to ") && strings.Contains(top, "general") && strings.Contains(top, "(the channel is archived)")
}

func TestTroubleIsToldOnce(t *testing.T) {
	k := troubled(t)
	k.admin = false
	if tells(k.say("step 3")) {
		t.Error("a member was told")
	}
	k.admin = true
	if r := k.say("journal write"); r.Form == nil {
		t.Fatal("no form")
	}
	if r := k.send(k.request(coach.Do("place"), map[string]string{"zone": "Atlantis", "mostly": "chat", "easier": "5"})); tells(r) || r.Faults == nil {
		t.Error("told beside faults")
	}
	if !tells(k.say("step 3")) {
		t.Error("not told after all that")
	}
	if tells(k.say("step 3")) {
		t.Error("told twice")
	}
}

func TestTroubleIsToldOnTop(t *testing.T) {
	k := troubled(t)
	r := k.say("step 3")
	if !tells(r) {
		t.Fatalf("an admin was not told:\n%s", r.Message.Fallback())
	}
	wantText(t, k.press(r, "Set-up"), "Attention", "the channel is archived")
	for _, text := range []string{"step 3", "home", "help"} {
		if tells(k.say(text)) {
			t.Errorf("%s: told twice", text)
		}
	}
	bob := *k
	bob.who.User = "bob"
	if tells(bob.say("step 3")) {
		t.Error("another admin was told, too")
	}
	k.fill(k.say("setup form"), map[string]string{"channel": "general", "day": "1", "hour": "540", "zone": "Berlin", "audience": "work"})
	if strings.Contains(k.say("setup").Message.Fallback(), "Attention") {
		t.Error("set up again, and still in trouble")
	}
	k.trouble("the channel is archived")
	if !tells(k.say("help")) {
		t.Error("new trouble was not told")
	}
}

// TestSetUpTellsItself counts as told.
func TestSetUpTellsItself(t *testing.T) {
	k := troubled(t)
	r := k.say("setup")
	if n := strings.Count(r.Message.Fallback(), "Attention"); n != 1 {
		t.Errorf("the set-up page says it %d times", n)
	}
	if tells(k.say("home")) {
		t.Error("told after the page said it")
	}
}

// TestTroubleWaitsForRoom is told on a later reply where there is no room.
func TestTroubleWaitsForRoom(t *testing.T) {
	k := troubled(t)
	k.fill(k.say("setup form"), map[string]string{"channel": "general", "day": "1", "hour": "540", "zone": "Berlin", "audience": "work"})
	k.trouble(strings.Repeat("*_", 60)) // takes twice its length
	k.exporting(strings.Repeat("a word ", 4000))
	if full := k.send(k.request(coach.Do("data", "read", "1"), nil)); strings.Contains(full.Message.Fallback(), "Attention") {
		t.Fatal("there is room on a full page: the test needs a fuller one")
	}
	if r := k.say("home"); !strings.Contains(r.Message.Fallback(), "Attention") {
		t.Error("not told on the next reply")
	}
}

// TestAfterTroubleAnyChangePlans posts again after each way to put it right.
func TestAfterTroubleAnyChangePlans(t *testing.T) {
	for name, repair := range map[string]func(k *talk){
		"change": func(k *talk) {
			k.fill(k.say("setup form"), map[string]string{"channel": "general", "day": "1", "hour": "540", "zone": "Berlin", "audience": "work"})
		},
		"more": func(k *talk) {
			k.fill(k.press(k.say("setup"), "More"), map[string]string{"who": "admins", "start": "1", "help": "", "from": "", "until": ""})
		},
		"restart": func(k *talk) { k.press(k.press(k.say("setup"), "Stop"), "Start again") },
	} {
		k := troubled(t)
		if _, ok, _ := k.store.Planned(t.Context(), k.team, "nudge"); ok {
			t.Fatal("a post is planned for a channel that is archived")
		}
		repair(k)
		if _, ok, _ := k.store.Planned(t.Context(), k.team, "nudge"); !ok {
			t.Errorf("%s: nothing is planned", name)
		}
	}
}

// TestSetUpAsksAgainAfterTrouble does not take the same channel again while
// nothing can be posted there.
func TestSetUpAsksAgainAfterTrouble(t *testing.T) {
	k := troubled(t)
	k.coach.Reach = func(context.Context, coach.Address) error {
		return &coach.SendError{Fate: coach.Closed, Why: "the channel is archived", Err: errors.New("archived")}
	}
	r := k.fill(k.say("setup form"), map[string]string{"channel": "general", "day": "1", "hour": "540", "zone": "Berlin", "audience": "work"})
	if r.Faults["channel"] == nil {
		t.Errorf("taken: %s", r.Message.Fallback())
	}
	if !tells(k.say("home")) {
		t.Error("the trouble was forgotten")
	}
}

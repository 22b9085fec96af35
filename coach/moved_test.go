package coach_test

import (
	"testing"

	"rapport/coach"
	"rapport/coach/streak"
)

// move is what a surface sends when the platform tells another zone.
func (k *talk) move(zone string) coach.Request {
	r := k.request(coach.Do("moved"), nil)
	r.Zone, r.Team, r.At = zone, coach.Team{}, coach.DirectTo(k.who)
	return r
}

func TestMoved(t *testing.T) {
	k := newTalk(t)
	k.press(k.say("done"), "Well")
	k.fill(k.press(k.say("settings"), "Rhythm"), map[string]string{"rhythm": "daily", "hour": "540", "days": "1,2,3"})
	k.now = monday.AddDate(0, 0, 1)
	press := func() any { h, _ := k.store.TeamHealth(t.Context(), k.team); return h.LastPress }
	before := press()
	k.send(k.move("Asia/Tokyo"))
	self, _ := k.store.Self(t.Context(), k.who)
	if self.Settings.Zone != "Asia/Tokyo" || self.Settings.ZoneChosen || self.Settings.Rhythm != coach.Daily {
		t.Errorf("settings = %+v, want Tokyo, told by the platform, and the rest as it was", self.Settings)
	}
	events, _ := k.store.Events(t.Context(), k.who)
	if last := events[len(events)-1]; last.Kind != streak.Zone || last.Zone != "Asia/Tokyo" || !last.Assumed {
		t.Errorf("the last event is %+v, want the move", last)
	}
	due, err := k.store.Due(t.Context(), k.now.AddDate(0, 1, 0), 99)
	if err != nil || len(due) == 0 {
		t.Fatalf("Due = %v, %v", due, err)
	}
	for _, d := range due {
		if d.Zone != "Asia/Tokyo" {
			t.Errorf("%s %s waits in %s", d.Kind, d.Subject, d.Zone)
		}
	}
	if got := press(); got != before {
		t.Errorf("the team's last press is %v, want %v", got, before)
	}
	n := len(events)
	k.send(k.move("Asia/Tokyo")) // told again
	k.send(k.move(""))
	k.send(k.move("Nowhere/Never"))
	if events, _ = k.store.Events(t.Context(), k.who); len(events) != n {
		t.Errorf("%d events, want %d", len(events), n)
	}
	k.fill(k.press(k.say("settings"), "Place"), map[string]string{"zone": "Lisbon", "mostly": "chat", "easier": "5"})
	k.send(k.move("America/New_York"))
	if self, _ = k.store.Self(t.Context(), k.who); self.Settings.Zone != "Europe/Lisbon" {
		t.Errorf("zone = %s, want the one they named", self.Settings.Zone)
	}
}

// TestMovedOfUnknown leaves no trace of who is not known, or a stranger.
func TestMovedOfUnknown(t *testing.T) {
	k := newTalk(t)
	k.send(k.move("Asia/Tokyo"))
	r := k.move("Asia/Tokyo")
	r.Stranger = true
	k.send(r)
	if self, _ := k.store.Self(t.Context(), k.who); self.Known {
		t.Error("somebody who did nothing is remembered")
	}
}

// TestMovedIsNoAnswer keeps counting messages nobody answered.
func TestMovedIsNoAnswer(t *testing.T) {
	k := newTalk(t)
	k.press(k.say("done"), "Well")
	k.unanswered(3)
	k.send(k.move("Asia/Tokyo"))
	k.send(k.move("Asia/Tokyo")) // changes nothing
	if self, _ := k.store.Self(t.Context(), k.who); self.Unanswered != 3 {
		t.Errorf("%d unanswered, want 3", self.Unanswered)
	}
	k.say("home")
	if self, _ := k.store.Self(t.Context(), k.who); self.Unanswered != 0 {
		t.Errorf("%d unanswered after a word of theirs, want 0", self.Unanswered)
	}
}

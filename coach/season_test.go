package coach_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"rapport/coach"
	"rapport/coach/streak"
	"rapport/schedules"
)

// posting is a team whose weekly post was set up by the person.
func posting(t *testing.T) *talk {
	t.Helper()
	k := newTalk(t)
	k.admin = true
	k.press(k.fill(k.say("setup form"), map[string]string{"channel": "general", "day": "1", "hour": "540", "zone": "Berlin", "audience": "work"}), "Post it and start")
	return k
}

// weeks lets that many of the team's posts go by, as the schedules would.
func (k *talk) weeks(n int) {
	k.Helper()
	speaker := k.coach.Speakers()["nudge"]
	for range n {
		due, err := k.store.Due(k.Context(), k.now.AddDate(0, 0, 8), 99)
		if err != nil {
			k.Fatal(err)
		}
		for _, d := range due {
			if d.Kind != "nudge" {
				continue
			}
			k.now = d.Next
			choice, err := speaker.Choose(k.Context(), coach.Occasion{Kind: d.Kind, Subject: d.Subject, To: d.To, Date: d.Date, At: k.now, Zone: d.Zone, Memory: d.Memory})
			if err != nil {
				k.Fatal(err)
			}
			step := schedules.Step{Due: d, Next: d.Next.AddDate(0, 0, 7), NextDate: d.Date.Add(7), Memory: choice.Memory}
			if choice.Stop {
				step.Next, step.NextDate = time.Time{}, ""
			}
			if choice.Skip == "" {
				step.Delivery = &schedules.Delivery{Key: d.Key(), Kind: d.Kind, Subject: d.Subject, To: d.To, Lane: "l", Date: d.Date, Zone: d.Zone, Choice: choice, DueAt: d.Next}
			}
			if _, err := k.store.Advance(k.Context(), k.now, []schedules.Step{step}); err != nil {
				k.Fatal(err)
			}
		}
	}
}

const asksAboutSeason = "A season is over in general"

func asked(r coach.Reply) bool { return strings.Contains(r.Message.Fallback(), asksAboutSeason) }

func TestSeasonIsAskedAboutOnce(t *testing.T) {
	k := posting(t)
	k.weeks(6)
	if asked(k.say("home")) {
		t.Error("asked before the season was over")
	}
	k.weeks(1)
	owner := k.who
	k.who.User = "bob"
	if asked(k.say("home")) {
		t.Error("another admin was asked")
	}
	k.who = owner
	k.admin = false
	if asked(k.say("home")) {
		t.Error("asked though they may not manage any more")
	}
	k.admin = true
	r := k.say("step 3")
	if !asked(r) {
		t.Fatalf("not asked:\n%s", r.Message.Fallback())
	}
	if asked(k.say("step 3")) {
		t.Error("asked twice")
	}
	settle(k)
	k.press(k.send(k.request(coach.Do("home", "me"), nil)), "I'm in") // somebody is there
	k.weeks(7)                                                        // one of them is on repair, and of no season
	if !asked(k.say("home")) {
		t.Error("not asked after the next season")
	}
}

func TestSeasonChoices(t *testing.T) {
	k := posting(t)
	k.weeks(7)
	k.say("home")
	page := k.send(k.request(coach.Do("season"), nil))
	wantText(t, page, "every week now", "go on as it is")
	wantText(t, k.press(page, "Every other week"), "every other week")
	plan := func() coach.TeamSettings { p, _ := k.store.TeamSettings(t.Context(), k.team); return p }
	if !plan().EveryOther {
		t.Error("the choice was not kept")
	}
	posts := func() int {
		o, _, _ := k.store.Planned(t.Context(), k.team, "nudge")
		var b struct{ Posts int }
		if err := json.Unmarshal(o.Memory, &b); err != nil {
			t.Fatal(err)
		}
		return b.Posts
	}
	before := posts()
	k.weeks(6)
	if got := posts() - before; got != 3 {
		t.Errorf("%d posts in six weeks, want 3", got)
	}
	wantText(t, k.press(page, "Go on"), "every week")
	if plan().EveryOther {
		t.Error("still every other week")
	}
	form := k.press(page, "Rest until")
	bad := k.fill(form, map[string]string{"until": "1 year"})
	if bad.Faults["until"] == nil {
		t.Error("a rest of a year was taken")
	}
	wantText(t, k.fill(form, map[string]string{"until": "4 weeks"}), "a rest until", "Season break")
	if p := plan(); p.BreakFrom != streak.DateOf(k.now) || p.BreakUntil != p.BreakFrom.Add(28) {
		t.Errorf("the break is %s to %s", p.BreakFrom, p.BreakUntil)
	}
	k.admin = false
	wantText(t, k.send(k.request(coach.Do("season", "other"), nil)), "for its admins")
}

// TestGoodbyeIsTold ends a channel's posts after two seasons without a press:
// whoever set it up is told once, and can start them again.
func TestGoodbyeIsTold(t *testing.T) {
	k := posting(t)
	k.weeks(14)
	if _, ok, _ := k.store.Planned(t.Context(), k.team, "nudge"); ok {
		t.Fatal("still posting after two seasons without a press")
	}
	settle(k)
	const told = "The weekly post in general has ended"
	if r := k.say("home"); !strings.Contains(r.Message.Fallback(), told) {
		t.Errorf("not told:\n%s", r.Message.Fallback())
	}
	if r := k.say("home"); strings.Contains(r.Message.Fallback(), told) {
		t.Error("told twice")
	}
	k.fill(k.say("setup form"), map[string]string{"channel": "general", "day": "1", "hour": "540", "zone": "Berlin", "audience": "work"})
	if _, ok, _ := k.store.Planned(t.Context(), k.team, "nudge"); !ok {
		t.Error("set up again, and nothing is planned")
	}
}

// settle says that everything queued has gone out.
func settle(k *talk) {
	k.Helper()
	for {
		got, err := k.store.Claim(k.Context(), schedules.Claim{Now: k.now, Machine: k.now, Owner: "o", Lease: time.Minute, PerLane: 99, Limit: 99})
		if err != nil {
			k.Fatal(err)
		}
		if len(got) == 0 {
			return
		}
		for _, d := range got {
			if ok, err := k.store.Settle(k.Context(), d, schedules.Outcome{State: schedules.Done}); !ok || err != nil {
				k.Fatal(ok, err)
			}
		}
	}
}

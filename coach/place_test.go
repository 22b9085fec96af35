package coach_test

import (
	"strings"
	"testing"

	"rapport/coach"
	"rapport/schedules"
)

// TestZoneIsAskedOnce is for platforms that tell no zone: the first time that an
// hour matters the person is asked, by the clock, and never again.
func TestZoneIsAskedOnce(t *testing.T) {
	const question = "where you are now?"
	k := newTalk(t)
	k.zone = ""
	yes := k.press(k.press(k.press(k.say(""), "I'm in"), "Thursday"), "Yes, Thursday")
	wantText(t, yes, "(UTC)", "Is it 09:00 "+question, "only once")
	k.press(k.say("practice"), "I'm in")
	again := k.press(k.press(k.press(k.say("practice"), "I'm in"), "Tomorrow"), "Yes")
	if strings.Contains(again.Message.Fallback(), question) {
		t.Errorf("asked again:\n%s", again.Message.Fallback())
	}

	kept := k.press(yes, "Yes, that is my time")
	wantText(t, kept, "It is Monday 09:00 there now")
	if self, _ := k.store.Self(t.Context(), k.who); self.Settings.Zone != "UTC" || !self.Settings.ZoneChosen {
		t.Errorf("kept %+v, want the zone as chosen", self.Settings)
	}
	form := k.press(yes, "No, choose my zone")
	wantText(t, k.fill(form, map[string]string{"zone": "Tokyo", "mostly": "any", "easier": "any"}), "Where you are it is Monday 18:00 now")
	wantText(t, k.press(yes, "Yes, that is my time"), "there now") // an old button: their own word still counts
}

// TestZoneIsNotAskedWhereItIsTold is for platforms that tell it, and for people
// who named it before.
func TestZoneIsNotAskedWhereItIsTold(t *testing.T) {
	for name, prepare := range map[string]func(k *talk){
		"platform": func(*talk) {},
		"person": func(k *talk) {
			k.zone = ""
			k.fill(k.press(k.say("settings"), "Place"), map[string]string{"zone": "Lima", "mostly": "any", "easier": "any"})
		},
	} {
		k := newTalk(t)
		prepare(k)
		r := k.press(k.press(k.press(k.say(""), "I'm in"), "Thursday"), "Yes, Thursday")
		if strings.Contains(r.Message.Fallback(), "guess your time zone") {
			t.Errorf("%s: asked:\n%s", name, r.Message.Fallback())
		}
	}
}

func TestPlaceKeepsNoNonsense(t *testing.T) {
	k := newTalk(t)
	r := k.send(k.request(coach.Do("place", "keep", "Mars/Olympus"), nil))
	if r.Form == nil {
		t.Errorf("got %s, want the form", r.Message.Fallback())
	}
	if self, _ := k.store.Self(t.Context(), k.who); self.Known {
		t.Errorf("kept %+v", self.Settings)
	}
}

// TestClosedDoorIsToldOnce tells somebody whose direct messages turned the coach
// away, in private, with their next answer and no other.
func TestClosedDoorIsToldOnce(t *testing.T) {
	const told = "did not reach you"
	closed := schedules.Outcome{State: schedules.Dead, Close: true, Why: "direct messages are closed"}
	k := newTalk(t)
	k.press(k.say(""), "I'm in")
	k.deliver(coach.DirectTo(k.who), closed)
	wantText(t, k.say("step 3"), told, "Find common ground")
	if r := k.say("step 3"); strings.Contains(r.Message.Fallback(), told) {
		t.Error("told twice")
	}
	// Wishing anew opens the door; if it stays shut they hear of that once more.
	k.press(k.press(k.press(k.say("practice"), "I'm in"), "Tomorrow"), "Yes")
	k.deliver(coach.DirectTo(k.who), closed)
	wantText(t, k.say("home"), told)
	if r := k.say("home"); strings.Contains(r.Message.Fallback(), told) {
		t.Error("told twice after a new wish")
	}
}

// TestAudienceOfPlatform gives a team that chose nothing what is usual where it
// is.
func TestAudienceOfPlatform(t *testing.T) {
	for audience, want := range map[string]string{"": "a team at work", "community": "a community"} {
		k := newTalk(t)
		k.admin = true
		k.coach.Audiences = map[coach.Platform]string{"test": audience, "other": "study"}
		form := k.say("setup form").Form
		for _, in := range form.Inputs {
			if in.Name == "audience" && in.Value != map[string]string{"": "work", "community": "community"}[audience] {
				t.Errorf("%q: the form begins with %q", audience, in.Value)
			}
		}
		k.store.Apply(t.Context(), "", k.who, coach.Change{Team: k.team, TeamPlan: &coach.TeamSettings{Channel: "c", SetUp: k.now, Zone: "UTC"}})
		wantText(t, k.say("setup"), want)
	}
}

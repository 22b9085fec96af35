package coach_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"rapport/coach"
)

// TestSetUpAsksWhetherItCanPost lets the channel be closed, archived, out of
// reach for a moment, and open. What is faulty saves nothing.
func TestSetUpAsksWhetherItCanPost(t *testing.T) {
	k := newTalk(t)
	k.admin = true
	var asked []coach.Address
	var answer error
	k.coach.Reach = func(_ context.Context, to coach.Address) error {
		asked = append(asked, to)
		return answer
	}
	filled := func(channel string) map[string]string {
		return map[string]string{"channel": channel, "day": "1", "hour": "540", "zone": "Berlin", "audience": "work"}
	}
	closed := func(why string) error {
		e := &coach.SendError{Fate: coach.Closed, Why: why, Err: errors.New("secret")}
		if why != "" {
			e.Fix = "Open the door"
		}
		return fmt.Errorf("reach: %w", e)
	}
	for why, want := range map[string]string{
		"": "Invite me there", coach.WhyNotIn: "Open the door", "the channel is archived": "the channel is archived. Open the door",
	} {
		answer = closed(why)
		r := k.fill(k.say("setup form"), filled("quiet"))
		if len(r.Faults) != 1 || r.Faults["channel"] == nil {
			t.Fatalf("%q: faults %v, want one beside the channel", why, r.Faults)
		}
		wantText(t, coach.Say(coach.Message{Sections: []coach.Section{{Text: r.Faults["channel"]}}}), want, "send the form again")
		again := k.press(r, "Edit")
		if got := again.Form.Inputs[0].Value; got != "quiet" {
			t.Errorf("%q: the form opens with %q", why, got)
		}
		if plan, _ := k.store.TeamSettings(t.Context(), k.team); plan != (coach.TeamSettings{}) {
			t.Errorf("%q: saved %+v", why, plan)
		}
	}
	if want := coach.ChannelOf(k.team, "quiet"); asked[0] != want {
		t.Errorf("asked about %+v, want %+v", asked[0], want)
	}
	for name, err := range map[string]error{"busy": &coach.SendError{Fate: coach.Later, After: time.Minute, Err: errors.New("busy")}, "other": errors.New("reset"), "none": nil} {
		answer = err
		wantText(t, k.fill(k.say("setup form"), filled("quiet")), "Shall I post it and start?")
		if plan, _ := k.store.TeamSettings(t.Context(), k.team); plan.Channel != "quiet" {
			t.Errorf("%s: saved %+v", name, plan)
		}
	}
	k.press(k.fill(k.say("setup form"), filled("quiet")), "Post it and start")
	asked, answer = nil, closed("")
	wantText(t, k.fill(k.say("setup form"), filled("quiet")), "Saved.")
	if len(asked) != 0 {
		t.Errorf("asked about the channel it posts to already: %v", asked)
	}
	if r := k.fill(k.say("setup form"), filled("other")); r.Faults["channel"] == nil {
		t.Errorf("a move to a closed channel was taken: %s", r.Message.Fallback())
	}
	if plan, _ := k.store.TeamSettings(t.Context(), k.team); plan.Channel != "quiet" {
		t.Errorf("moved to %s", plan.Channel)
	}
}

package web

import (
	"context"
	"strings"

	"rapport/coach"
)

// demo is a coach with the shapes of answers that the real one gives.
func demo() *script {
	c := &script{}
	home := coach.Message{
		Title: "Hello, I'm Rapport.",
		Sections: []coach.Section{
			{Text: coach.P("One small thing a week that makes it easier to get on with people.")},
			{Text: coach.Join(coach.B("This week: let them finish"), coach.P(" · step 2 of 6, The basics\nIn one talk today, wait until the other person has really stopped. Then start with something they said.\n"), coach.Q("“You said the handover worries you. Which part?”"))},
			{Text: coach.P("2 minutes · in person, on video or in writing · skip it if someone is in a rush"), Quiet: true},
		},
		Buttons: []coach.Button{
			{Label: "I'm in", Action: coach.Do("in", "1"), Primary: true}, {Label: "Something easier", Action: coach.Do("easier")},
			{Label: "Help with a conversation", Action: coach.Do("prep")}, {Label: "All six steps", Action: coach.Do("step")},
		},
	}
	c.says("home", home)
	in := coach.Message{
		Title:    "Good. When?",
		Sections: []coach.Section{{Text: coach.P("A time of your own makes it likely. Nobody else sees this.")}},
		Choices: &coach.Select{Label: "A moment that comes anyway", Options: []coach.Pick{
			{Label: "Right after lunch", Action: coach.Do("when", "lunch")}, {Label: "In my next call", Action: coach.Do("when", "call")},
		}},
		Buttons: []coach.Button{{Label: "Today", Action: coach.Do("when", "today"), Primary: true}, {Label: "My own words", Action: coach.Do("plan")}, {Label: "Forget this", Action: coach.Do("undo"), Danger: true}},
	}
	c.replies("in", coach.Reply{Message: &in, Replace: true})
	c.says("when", text("Noted."))
	c.replies("plan", coach.Reply{Form: &coach.Form{
		Title: "Your own plan", Submit: "Keep it", Action: coach.Do("keep"), Lead: coach.Join(coach.P("A plan works best as "), coach.B("when this happens, I do that"), coach.P(".")),
		Inputs: []coach.Input{
			{Name: "plan", Label: "When, then", Hint: "When we sit down on Thursday, I ask one more question.", Kind: coach.Long, Max: 300},
			{Name: "place", Label: "Where do you talk most?", Kind: coach.PickOne, Options: []coach.Option{{Label: "In person", Value: "in_person"}, {Label: "On video", Value: "video"}, {Label: "In writing", Value: "chat"}}},
			{Name: "days", Label: "Remind me on", Kind: coach.PickMany, Optional: true, Options: []coach.Option{{Label: "Monday", Value: "1"}, {Label: "Thursday", Value: "4"}}},
		},
	}})
	c.does("keep", func(_ context.Context, r coach.Request) (coach.Reply, error) {
		if len(strings.Fields(r.Answers["plan"])) < 3 {
			m := text("Edit")
			return coach.Reply{Message: &m, Faults: map[string]coach.Text{"plan": coach.P("Please write a few words more, so that you recognise the moment.")}}, nil
		}
		return coach.Say(text("Kept: " + r.Answers["plan"] + " / " + r.Answers["place"] + " / " + r.Answers["days"])), nil
	})
	progress := coach.Message{
		Title: "9 of your last 12 weeks",
		Sections: []coach.Section{
			{Text: coach.P("4 in a row. 2 rest weeks in hand.")},
			{Text: coach.C(" K  K  K  R  K  K\n o  K  K  K  K  r\n\n K kept  R rest  o open")},
			{Text: coach.Join(coach.P("Type "), coach.C("/rapport done"), coach.P(" after you tried something."))},
		},
	}
	c.replies("progress", coach.Reply{Message: &progress, File: &coach.File{Name: "rapport.json", Type: "application/json", Data: []byte(strings.Repeat("x", 2048)), Alt: "11 check-ins and 3 notes"}})
	c.says("why", text("Follow-up questions make people feel heard. Promising; tested in live talks."))
	c.complete = func(prefix string) []coach.Option {
		var out []coach.Option
		for _, o := range []coach.Option{{Label: "done - say how it went", Value: "done"}, {Label: "prep - get ready for a conversation", Value: "prep"}, {Label: "progress - your weeks", Value: "progress"}, {Label: "pause - take a break", Value: "pause"}} {
			if strings.HasPrefix(o.Value, prefix) {
				out = append(out, o)
			}
		}
		return out
	}
	return c
}

func nudgeMessage() coach.Message {
	return coach.Message{
		Title: "This week: one more question",
		Sections: []coach.Section{
			{Text: coach.Join(coach.B("Step 3 of 6, Find common ground"), coach.P("\nOnce this week, when someone tells you what they have been up to, ask about "), coach.I("that"), coach.P(" before you tell your own story.\n"), coach.Q("“You said the move was chaos. What was the worst bit?”"))},
			{Text: coach.P("2 minutes · anywhere, in writing too · skip it if they are busy"), Quiet: true},
			{Text: coach.Join(coach.B("In the thread, if you like:"), coach.P(" what small thing are you looking forward to this week?"))},
			{Text: coach.P("Buttons answer only you."), Quiet: true},
		},
		Buttons: []coach.Button{{Label: "I'm in", Action: coach.Do("in", "nudge"), Primary: true}, {Label: "Another idea", Action: coach.Do("easier")}, {Label: "Why this?", Action: coach.Do("why")}},
	}
}

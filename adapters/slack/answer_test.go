package slack

import (
	"fmt"
	"strings"
	"testing"
	"time"

	slackgo "github.com/slack-go/slack"

	"rapport/adapters/slack/slacktest"
	"rapport/coach"
)

// Every word that people can type is answered in the acknowledgement, for the
// person alone, without a call but the one that asks who they are.
func TestCommands(t *testing.T) {
	for _, line := range []string{"", "home", "help", "step", "3", "empathy", "step 6", "tip", "practice", "done", "journal", "progress",
		"activity", "team", "settings", "data", "setup", "first talk with my boss", "jurnal", "?", "<!channel> & <@U0BEN>"} {
		t.Run(line, func(t *testing.T) {
			o := openOffice(t, slacktest.Setup{})
			anna := o.Person("Anna").In("general")
			calls := len(o.Calls())
			m := shown(t, anna.Command("/rapport "+line))
			if !m.Ephemeral() || m.For != anna.ID() {
				t.Errorf("the answer is shown to all:\n%s", m.Plain())
			}
			if len(m.Pings) > 0 {
				t.Errorf("the answer pings %v", m.Pings)
			}
			anna.Command("/rapport " + line)
			o.done()
			for _, c := range o.Calls()[calls:] {
				if c.Method != "users.info" {
					t.Errorf("%s was called", c.Method)
				}
			}
			if n := len(o.Calls("users.info")); n != 1 {
				t.Errorf("users.info was called %d times for one person", n)
			}
		})
	}
}

// A command that opens a form opens it, and says nothing beside it.
func TestCommandForm(t *testing.T) {
	o := openOffice(t, slacktest.Setup{})
	ben := o.Person("Ben").In("team")
	for _, line := range []string{"pause", "journal write"} {
		if a := ben.Command("/rapport " + line); len(a.Body) > 0 {
			t.Errorf("%s is acknowledged with %s", line, a.Body)
		}
		v := ben.WaitModal("")
		if len(v.Inputs()) == 0 {
			t.Errorf("%s opens\n%s", line, v.Plain())
		}
		ben.CloseModal()
	}
	if n := len(ben.Messages()); n != 0 {
		t.Errorf("%d messages beside the forms", n)
	}
}

// The weekly loop by buttons: each answer takes the place of the person's own
// message, and never that of the post that all see.
func TestWeek(t *testing.T) {
	o := openOffice(t, slacktest.Setup{})
	ben := o.Person("Ben").In("general")
	post := o.post("general", coach.Message{
		Sections: []coach.Section{{Text: coach.P("This week: one more question")}},
		Buttons:  []coach.Button{{Label: "I'm in", Action: coach.Do("in", o.offer())}},
	})
	if a := ben.Press(post, "I'm in"); len(a.Body) > 0 {
		t.Errorf("a press is acknowledged with %s", a.Body)
	}
	m := ben.WaitMessage("Good.")
	if !m.Ephemeral() || m.Edits != 0 {
		t.Errorf("the answer is no new message for Ben alone: %+v", m)
	}
	if r := o.last("in"); !r.Shared || r.At.Kind != coach.InChannel || r.Zone != "America/New_York" || r.Admin || r.Guest {
		t.Errorf("the press is %+v", r)
	}
	before := len(ben.Messages())
	ben.Press(m, m.Buttons()[0])
	edited := ben.WaitMessage("")
	if edited.TS != m.TS || len(ben.Messages()) != before {
		t.Errorf("a press on one's own message makes another:\n%s", o.Transcript())
	}
	if r := o.last(o.asked[len(o.asked)-1].Action.Verb); r.Shared {
		t.Error("a press on one's own message is told as shared")
	}
	for _, all := range o.Posted("general") {
		if all.Edits > 0 || all.TS != post.TS {
			t.Errorf("what all see was changed:\n%s", o.Transcript())
		}
	}
}

// offer is the id of this week's, as the first screen names it.
func (o *office) offer() string {
	r, err := o.coach.Handle(o.t.Context(), coach.Request{ID: "x", Action: coach.Do("home", "me"), From: coach.Person{Platform: platform, Realm: "x", User: "x"}})
	if err != nil {
		o.t.Fatal(err)
	}
	return r.Message.Buttons[0].Action.Args[0]
}

// post posts m as the coach does.
func (o *office) post(channel string, m coach.Message) slacktest.Message {
	w := response(m, true)
	_, _, err := o.desk.api.PostMessageContext(o.t.Context(), "C0"+strings.ToUpper(channel), slackgo.MsgOptionText(w.Text, false), slackgo.MsgOptionBlocks(w.Blocks.BlockSet...))
	if err != nil {
		o.t.Fatal(err)
	}
	all := o.Posted(channel)
	return all[len(all)-1]
}

// In direct messages nobody else sees a press, and a message of the coach that
// stays there is not replaced.
func TestPressInDirectMessages(t *testing.T) {
	o := openOffice(t, slacktest.Setup{})
	anna := o.Person("Anna")
	anna.Command("/rapport step 3")
	own := anna.Last()
	anna.Press(own, own.Buttons()[0])
	if m := anna.WaitMessage(""); m.TS != own.TS {
		t.Error("the answer does not take the place of what was pressed")
	}
	if r := o.asked[len(o.asked)-1]; r.Shared || r.At != coach.DirectTo(r.From) {
		t.Errorf("the press is %+v", r)
	}
}

// Late answers follow "One moment.", in a modal in its place; nothing claims
// success before.
func TestLate(t *testing.T) {
	t.Parallel()
	o := openOffice(t, slacktest.Setup{})
	anna := o.Person("Anna").In("general")
	anna.Command("/rapport journal write")
	form := anna.WaitModal("Journal")
	o.delay(coach.AckWait + 30*time.Millisecond)

	a := anna.Submit(form, map[string]string{"words": "late"})
	if !strings.Contains(string(a.Body), "One moment.") || strings.Contains(string(a.Body), "Kept") {
		t.Errorf("acknowledged with %s", a.Body)
	}
	anna.WaitModal("Kept.")
	anna.Press(nil, "Your journal")
	anna.WaitModal("late")
	anna.CloseModal()

	m := shown(t, anna.Command("/rapport 3"))
	if m.Text != "One moment." {
		t.Errorf("acknowledged with\n%s", m.Plain())
	}
	late := anna.WaitMessage("Step 3")
	o.idle()
	calls := o.Calls("response_url")
	if args := calls[len(calls)-1].Args; args["replace_original"] == true || args["response_type"] != "ephemeral" || !late.Ephemeral() {
		t.Errorf("the late answer is posted as %v, %v", args["replace_original"], args["response_type"])
	}
	if a := anna.Press(late, late.Buttons()[0]); len(a.Body) > 0 {
		t.Errorf("a press is acknowledged with %s", a.Body)
	}
	anna.WaitMessage("")

	anna.Shortcut("journal")
	anna.WaitModal("A line for yourself")
	if n := len(o.Open("Anna")); n != 1 {
		t.Errorf("%d modals are open", n)
	}
	anna.CloseModal()

	anna.Command("/rapport pause")
	anna.WaitModal("Pause")
	anna.WaitMessage("The form is open.")
}

// Failing answers are told of, and do not come twice.
func TestSlackFails(t *testing.T) {
	o := openOffice(t, slacktest.Setup{})
	ben := o.Person("Ben").In("general")
	ben.Command("/rapport step 3")
	m := ben.Last()
	o.Fail("response_url", slacktest.Fault{Status: 503, Times: 2})
	ben.Press(m, m.Buttons()[0])
	ben.WaitMessage("")
	o.idle()
	if n := len(o.Calls("response_url")); n != 3 {
		t.Errorf("%d posts, want 3", n)
	}
	if n := o.notices("answer lost"); len(n) > 0 {
		t.Errorf("told of %v", n)
	}

	o.Fail("response_url", slacktest.Fault{Drop: slacktest.Unreplied})
	m = ben.Last()
	ben.Press(m, m.Buttons()[0])
	o.wantNotice("answer lost")
	o.idle()
	if n := len(o.Calls("response_url")); n != 4 {
		t.Errorf("%d posts, want one more", n)
	}

	o.Fail("views.publish", slacktest.Fault{Error: "internal_error", Times: 2})
	ben.OpenHome()
	ben.WaitHome("This week")
	o.Fail("views.publish", slacktest.Fault{Error: "not_enabled"})
	ben.OpenHome()
	o.wantNotice("home not shown")
	o.idle()
	if n := len(o.Calls("views.publish")); n != 4 {
		t.Errorf("views.publish was called %d times, want 4", n)
	}

	o.Fail("views.open", slacktest.Fault{Error: "expired_trigger_id"})
	ben.Shortcut("journal")
	o.wantNotice("modal not opened")

	o.answerWith(func(coach.Request) (coach.Reply, error) { panic("private words") })
	ben.Command("/rapport")
	if m := ben.Last(); !strings.Contains(m.Plain(), "Something went wrong on my side") {
		t.Errorf("after a panic:\n%s", m.Plain())
	}
	o.wantNotice("answer failed")
	for _, n := range o.notices("") {
		if strings.Contains(fmt.Sprint(n), "private") {
			t.Errorf("the notice %v quotes a panic", n)
		}
	}
}

// An answer too large for an acknowledgement on a socket comes by itself.
func TestLargeAnswer(t *testing.T) {
	large := coach.Message{Sections: []coach.Section{{Text: coach.P(strings.Repeat("€", 475))}, {Text: coach.P(strings.Repeat("€", 470))}}}
	for min(len(encode(viewOf(coach.Say(large), ""))), len(ridden(large, "ephemeral"))) < maxAck {
		large.Sections = append(large.Sections, large.Sections[0])
	}
	o := openOffice(t, slacktest.Setup{})
	ben := o.Person("Ben").In("general")
	ben.Command("/rapport journal write")
	form := ben.WaitModal("Journal")
	o.answerWith(func(coach.Request) (coach.Reply, error) { return coach.Say(large), nil })
	if a := ben.Submit(form, map[string]string{"words": "x"}); !strings.Contains(string(a.Body), "One moment.") {
		t.Errorf("a sent form is acknowledged with %d bytes", len(a.Body))
	}
	ben.WaitModal("€€€")
	ben.CloseModal()
	if a := ben.Command("/rapport"); len(a.Body) > 0 {
		t.Errorf("acknowledged with %d bytes", len(a.Body))
	}
	ben.WaitMessage("€€€")
	o.desk.AppToken = "" // over HTTP there is no such limit
	if a := ben.Command("/rapport"); len(a.Body) < maxAck {
		t.Errorf("acknowledged with %d bytes over HTTP", len(a.Body))
	}
}

// Public answers are for all, and leave nothing of "One moment." behind.
func TestPublic(t *testing.T) {
	t.Parallel()
	o := openOffice(t, slacktest.Setup{})
	ben := o.Person("Ben").In("general")
	o.answerWith(func(coach.Request) (coach.Reply, error) {
		r := coach.Say(coach.Message{Sections: []coach.Section{{Text: coach.P("For all.")}}, Buttons: []coach.Button{{Label: "Home", Action: coach.Do("home")}}})
		r.Public, r.Replace = true, true
		return r, nil
	})
	m := shown(t, ben.Command("/rapport"))
	if m.Ephemeral() {
		t.Error("a public answer is private")
	}
	ben.Press(m, "Home")
	ben.WaitMessage("For all.")
	if all := o.Posted("general"); len(all) != 2 || all[0].Edits > 0 {
		t.Errorf("a public message was edited:\n%s", o.Transcript())
	}
	o.delay(coach.AckWait + 30*time.Millisecond)
	ben.Command("/rapport")
	if m := ben.WaitMessage("For all."); m.Ephemeral() {
		t.Error("a late public answer is private")
	}
	o.done()
}

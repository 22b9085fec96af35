package slack

import (
	"errors"
	"strings"
	"testing"
	"time"

	"rapport/adapters/slack/slacktest"
	"rapport/coach"
)

// The journal by the shortcut: what is written shows up in views and private
// messages alone.
func TestJournal(t *testing.T) {
	const words = "asked Ben about the harbour & <listened>"
	o := openOffice(t, slacktest.Setup{})
	anna := o.Person("Anna").In("general")
	anna.OpenHome()
	anna.WaitHome("Rapport")
	o.idle()
	anna.Shortcut("journal")
	v := anna.WaitModal("A line for yourself")
	o.idle()
	if a := anna.Submit(v, map[string]string{"A line for yourself": words}); a.Error != "" {
		t.Fatal(a.Error)
	}
	if v, _ := anna.Modal(); !strings.Contains(v.Plain(), "Kept.") {
		t.Errorf("after the journal:\n%s", v.Plain())
	}
	o.idle()
	anna.Press(nil, "Your journal")
	if v := anna.WaitModal("asked Ben"); !strings.Contains(v.Plain(), words) {
		t.Errorf("the journal reads\n%s", v.Plain())
	}
	anna.CloseModal()
	anna.OpenHome()
	o.idle()
	anna.Command("/rapport journal")
	if m := anna.Last(); !m.Ephemeral() || !strings.Contains(m.Plain(), "asked Ben") {
		t.Errorf("the journal in a channel:\n%s", m.Plain())
	}
	o.done()
	if h, _ := anna.Home(); strings.Contains(h.Plain(), "harbour") {
		t.Error("the Home shows a person's own words")
	}
	for _, m := range o.Messages("") {
		if !m.Ephemeral() && strings.Contains(m.Plain()+m.Text, "harbour") {
			t.Errorf("all see\n%s", m.Plain())
		}
	}
	for _, c := range o.Calls("views.publish", "chat.postMessage") {
		if strings.Contains(c.Raw, "harbour") {
			t.Errorf("%s carries a person's own words", c.Method)
		}
	}
}

// What is wrong with a form is said beside its inputs, and what was typed stays.
func TestFaults(t *testing.T) {
	o := openOffice(t, slacktest.Setup{})
	anna := o.Person("Anna").In("general")
	anna.Command("/rapport settings")
	anna.Press(nil, "Place and habits")
	v := anna.WaitModal("Where are you?")
	anna.Submit(v, map[string]string{"zone": "Atlantis"})
	v, _ = anna.Modal()
	if !strings.Contains(v.Errors["zone"], "I do not know that place") {
		t.Fatalf("errors %v", v.Errors)
	}
	anna.Submit(v, map[string]string{"zone": "Tokyo"})
	if v, _ = anna.Modal(); !strings.Contains(v.Plain(), "Saved.") || !strings.Contains(v.Plain(), "Asia/Tokyo") {
		t.Errorf("the second time:\n%s", v.Plain())
	}
	if r := o.last("place"); r.At.Kind != coach.InChannel || r.At.Channel != "C0GENERAL" {
		t.Errorf("the form comes from %+v", r.At)
	}
}

// Faults of what is no input of the form are told in its place.
func TestFaultsElsewhere(t *testing.T) {
	o := openOffice(t, slacktest.Setup{})
	anna := o.Person("Anna").In("general")
	anna.Command("/rapport journal write")
	v := anna.WaitModal("Journal")
	o.answerWith(func(coach.Request) (coach.Reply, error) {
		r := coach.Say(coach.Message{Sections: []coach.Section{{Text: coach.P("Almost there.")}}})
		r.Faults = map[string]coach.Text{"elsewhere": coach.P("empty")}
		return r, nil
	})
	if a := anna.Submit(v, map[string]string{"words": "x"}); a.Error != "" {
		t.Fatal(a.Error)
	}
	if v, _ := anna.Modal(); !strings.Contains(v.Plain(), "Almost there.") {
		t.Errorf("the modal reads\n%s", v.Plain())
	}
}

// A form whose trigger is too old can be opened again.
func TestTriggerTooOld(t *testing.T) {
	o := openOffice(t, slacktest.Setup{})
	ben := o.Person("Ben").In("general")
	o.Fail("views.open", slacktest.Fault{Error: "expired_trigger_id"})
	ben.Command("/rapport pause")
	m := ben.WaitMessage("The form did not open.")
	if !m.Ephemeral() {
		t.Error("all see that")
	}
	ben.Press(m, "Open it")
	ben.WaitModal("Pause")
	ben.CloseModal()
	o.wantNotice("modal not opened")

	o.Fail("views.open", slacktest.Fault{Status: 500})
	ben.Command("/rapport settings")
	ben.Press(nil, "Rhythm")
	m = ben.WaitMessage("The form did not open.")
	ben.Press(m, "Open it")
	ben.WaitModal("Rhythm")
	ben.CloseModal()

	ben.OpenHome()
	h := ben.WaitHome("This week")
	o.Fail("views.open", slacktest.Fault{Error: "expired_trigger_id"})
	ben.Press(h, "All six steps")
	ben.WaitHome("That did not open.")
}

// A form that gets no answer keeps what was typed, in time and late.
func TestFormWithoutAnswer(t *testing.T) {
	t.Parallel()
	const words = "typed with <care> & patience"
	o := openOffice(t, slacktest.Setup{})
	ben := o.Person("Ben").In("general")
	ben.Command("/rapport journal write")
	v := ben.WaitModal("Journal")
	o.answerWith(func(coach.Request) (coach.Reply, error) { return coach.Reply{}, errors.New("private words") })
	ben.Submit(v, map[string]string{"words": words})
	if v, _ = ben.Modal(); !strings.Contains(v.Errors["words"], "went wrong") || !strings.Contains(v.Plain(), words) {
		t.Errorf("the modal reads\n%s\nwith %v", v.Plain(), v.Errors)
	}
	o.delay(coach.AckWait + 20*time.Millisecond)
	ben.Submit(v, map[string]string{"words": words})
	v = ben.WaitModal("went wrong")
	if !strings.Contains(v.Plain(), words) {
		t.Errorf("late, the modal reads\n%s", v.Plain())
	}
	o.answerWith(nil)
	ben.Submit(v, nil)
	ben.WaitModal("Kept.")
	if notes, err := o.store.Notes(t.Context(), o.last("write").From, 0, 5); err != nil || len(notes) != 1 || notes[0].Words != words {
		t.Errorf("notes %+v, %v", notes, err)
	}
}

// A modal that is gone when its late answer comes is told of.
func TestModalIsGone(t *testing.T) {
	t.Parallel()
	o := openOffice(t, slacktest.Setup{})
	ben := o.Person("Ben").In("general")
	ben.Command("/rapport journal write")
	v := ben.WaitModal("Journal")
	o.delay(coach.AckWait + 30*time.Millisecond)
	ben.Submit(v, map[string]string{"words": "x"})
	ben.CloseModal()
	o.wantNotice("modal not updated")
}

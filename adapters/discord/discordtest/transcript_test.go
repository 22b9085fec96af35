package discordtest

import (
	"strings"
	"testing"
	"time"
)

func TestTranscript(t *testing.T) {
	d := New(t, Setup{Now: func() time.Time { return time.Unix(1615800000, 0) }})
	e := echoing(t, d)
	e.say(answerMessage, `{"content":"At <t:1615806000:t>, <@`+d.Person("Ben").ID()+`>.","flags":64,`+quietly+`}`)
	anna := d.Person("Anna").In("#team")
	anna.Command("/rapport", "try")
	call(t, d, "POST", "/channels/"+d.ChannelID("#general")+"/messages", `{"content":"**Monday**",`+quietly+`}`)
	e.say(answerModal, form)
	anna.Command("/rapport")
	anna.Submit(anna.WaitModal("A line"), map[string]string{"What happened?": ""})
	want := `> Anna, in #team: /rapport try

< Rapport, in #team (only Anna sees this):
    At 11:00, @Ben.

< Rapport, in #general:
    Monday

> Anna, in #team: /rapport

= a form opens for Anna: A line for yourself
    Only you see it.
    What happened?:
      One line is enough
      ____
    How was it?:
      (*Well | Hard)
    Days (optional):
      (Monday | Friday)
    Channel:
      ()
    [Cancel] [Submit]

> Anna, in #team: fills in "A line for yourself" and sends it
    What happened?:

! Discord to Anna: A line for yourself: What happened?: This field is required

`
	if got := d.Transcript(); got != want {
		t.Errorf("got:\n%s\nwant:\n%s", got, want)
	}
	if got := anna.Transcript(); !strings.Contains(got, "At 12:00") {
		t.Errorf("Anna in Berlin sees\n%s", got)
	}
	if got := d.Person("Ben").Transcript(); strings.Contains(got, "Anna") || !strings.Contains(got, "Monday") {
		t.Errorf("Ben sees\n%s", got)
	}
}

func TestDirectMessages(t *testing.T) {
	d := New(t, Setup{})
	ben := d.Person("Ben").In("#team")
	go func() {
		call(t, d, "POST", "/channels/"+d.ChannelID("Ben")+"/messages", `{"content":"How did it go?",`+quietly+`}`)
	}()
	if m := ben.WaitDirect("How did it"); m.Channel != d.ChannelID("Ben") || len(ben.Direct()) != 1 || len(ben.Private()) != 0 {
		t.Errorf("got %+v", m)
	}
	if got := d.Transcript(); !strings.Contains(got, "in direct messages with Ben:\n    How did it go?") {
		t.Errorf("got %s", got)
	}
	d.Demand()
}

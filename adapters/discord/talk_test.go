package discord

import (
	"strings"
	"testing"
	"time"

	"rapport/adapters/discord/discordtest"
	"rapport/coach"
)

// TestFirstHour goes through every gesture there is, as people do.
func TestFirstHour(t *testing.T) { bothWays(t, testFirstHour) }

func testFirstHour(t *testing.T, o *office) {
	ben := o.Person("Ben").In("#team")
	kinds := func(what string, a discordtest.Answer, want int) {
		t.Helper()
		if a.Kind != want {
			t.Fatalf("%s: got %+v, want type %d\n%s", what, a, want, o.Transcript())
		}
	}
	kinds("command", ben.Command("/rapport"), newMessage)
	ben.WaitMessage("I'm Rapport")
	kinds("button that replaces", ben.Press(nil, "I'm in"), changeMessage)
	ben.WaitMessage("When?")
	kinds("words", ben.Command("/rapport", "step 3"), newMessage)
	ben.WaitMessage("Find common ground")
	kinds("pick that replaces", ben.Pick(nil, "", "Common slips"), changeMessage)
	kinds("journal", ben.Command("/rapport", "journal"), newMessage)
	kinds("button that opens a form", ben.Press(nil, "Write"), openForm)
	kinds("form", ben.Submit(ben.WaitModal("Journal"), map[string]string{"A line for yourself": "heliotrope"}), changeMessage)
	kinds("command with a file", ben.Command("/rapport", "data"), newMessage)
	file := newMessage
	if o.web != nil {
		file = thinking // a response holds no file
	}
	kinds("file", ben.Press(nil, "Download"), file)
	ben.WaitMessage("Your data")
	if m := ben.LastMessage(); len(m.Attachments) != 1 || string(m.Attachments[0].Content) != `{"everything":1}` || !m.Ephemeral() {
		t.Errorf("got %+v; want the file, for Ben alone", m)
	}
	kinds("settings", ben.Command("/rapport", "settings"), newMessage)
	for _, m := range ben.Messages() {
		if !m.Ephemeral() {
			t.Errorf("others see %q", m.Plain())
		}
	}
	if r := o.last(); r.From != (coach.Person{Platform: platform, User: ben.ID()}) || r.Team.ID == "" || r.Admin || r.At.Kind != coach.InChannel {
		t.Errorf("got %+v", r)
	}
	if leaks := o.Leaks("heliotrope"); len(leaks) > 0 {
		t.Errorf("what Ben wrote went to Discord: %q", leaks)
	}
}

// TestFaults: what is wrong with a form is said, and nothing typed is lost.
func TestFaults(t *testing.T) { bothWays(t, testFaults) }

func testFaults(t *testing.T, o *office) {
	ben := o.Person("Ben").In("#team")
	ben.Command("/rapport", "settings")
	ben.Press(nil, "Place and habits")
	ben.Submit(ben.WaitModal("Place and habits"), map[string]string{"Where are you? (time zone)": "Atlantis"})
	ben.WaitMessage("I do not know that place")
	if a := ben.Press(nil, "Edit"); a.Kind != openForm {
		t.Fatalf("got %+v\n%s", a, o.Transcript())
	}
	m := ben.WaitModal("Place and habits")
	if !strings.Contains(m.Plain(), "Atlantis") {
		t.Errorf("what was typed is lost:\n%s", m.Plain())
	}
	ben.Submit(m, map[string]string{"Where are you? (time zone)": "Lisbon", "I mostly talk with people": "in writing"})
	ben.WaitMessage("Lisbon")
	if got := o.last().Answers["mostly"]; got != "chat" {
		t.Errorf("mostly is %q, want chat", got)
	}
}

// TestSetUp: whoever may manage the server chooses a channel of it.
func TestSetUp(t *testing.T) { bothWays(t, testSetUp) }

func testSetUp(t *testing.T, o *office) {
	anna, ben := o.Person("Anna").In("#team"), o.Person("Ben").In("#team")
	if got := strings.Join(ben.Commands(), " "); got != "/rapport" {
		t.Errorf("Ben is offered %s", got)
	}
	anna.Command("/rapport-admin")
	anna.Press(nil, "Choose channel and day")
	if r := o.last(); !r.Admin {
		t.Errorf("got %+v; want Anna taken for an admin", r)
	}
	m, ok := anna.Modal()
	if !ok {
		t.Fatalf("no form\n%s", o.Transcript())
	}
	anna.Submit(m, map[string]string{"In which channel?": "team", "In which time zone?": "Berlin"})
	if r := o.last(); r.Answers["channel"] != anna.Place() {
		t.Errorf("got %v, want the channel %s", r.Answers, anna.Place())
	}
	anna.WaitMessage("Shall I post it and start?")
}

// TestPlaces: the app is used outside the servers it is in as well.
func TestPlaces(t *testing.T) { bothWays(t, testPlaces) }

func testPlaces(t *testing.T, o *office) {
	dora := o.Person("Dora").In("#pier")
	dora.Command("/rapport")
	dora.WaitMessage("I'm Rapport")
	if r := o.last(); r.Team != (coach.Team{}) || r.At != coach.DirectTo(coach.Person{Platform: platform, User: dora.ID()}) || r.Admin || r.Locale != "pt-BR" {
		t.Errorf("in a server without the app: got %+v", r)
	}
	cleo := o.Person("Cleo").InDM()
	cleo.Command("/rapport", "3")
	m := cleo.WaitMessage("common ground")
	if r := o.last(); r.Team != (coach.Team{}) || r.At.Kind != coach.Direct || r.Locale != "de" || !m.Ephemeral() {
		t.Errorf("in direct messages: got %+v, message for %q", r, m.For)
	}
	if got := len(o.Posted("")); got > 0 {
		t.Errorf("%d messages for everybody, want none", got)
	}
}

func TestCompletionIsOffered(t *testing.T) { bothWays(t, testCompletionIsOffered) }

func testCompletionIsOffered(t *testing.T, o *office) {
	ben, anna := o.Person("Ben").In("#team"), o.Person("Anna").In("#team")
	all := ben.Complete("/rapport", "")
	if len(all) < 10 || all[0].Value != "home" {
		t.Errorf("got %v; want the few words first", all)
	}
	if got := ben.Complete("/rapport", "ste"); len(got) == 0 || !strings.HasPrefix(got[0].Value, "step") {
		t.Errorf("got %v", got)
	}
	if got := anna.Complete("/rapport-admin", ""); len(got) == 0 || got[0].Value != "setup" {
		t.Errorf("got %v", got)
	}
}

// TestPicture comes with words for those who do not see it.
func TestPicture(t *testing.T) { bothWays(t, testPicture) }

func testPicture(t *testing.T, o *office) {
	m := message("Your weeks")
	m.Picture = &coach.Picture{Name: "weeks.png", PNG: []byte("\x89PNG\r\n\x1a\n"), Alt: "Three weeks"}
	o.answerWith(func(coach.Request) (coach.Reply, error) { return coach.Say(m), nil })
	ben := o.Person("Ben").In("#team")
	ben.Command("/rapport", "progress")
	got := ben.WaitMessage("Your weeks")
	if len(got.Attachments) != 1 || got.Attachments[0].Description != "Three weeks" || !got.Ephemeral() {
		t.Errorf("got %+v\n%s", got, o.Transcript())
	}
}

// TestSlowCoach: the answer takes the place that was kept for it.
func TestSlowCoach(t *testing.T) { bothWays(t, testSlowCoach) }

func testSlowCoach(t *testing.T, o *office) {
	o.delay(600 * time.Millisecond)
	ben := o.Person("Ben").In("#team")
	if a := ben.Command("/rapport"); a.Kind != thinking {
		t.Errorf("got %+v; want it put off", a)
	}
	if m := ben.WaitMessage("I'm Rapport"); !m.Ephemeral() {
		t.Errorf("got %+v", m)
	}
	ben.Command("/rapport", "journal")
	ben.WaitMessage("Your journal")
	if a := ben.Press(nil, "Write"); a.Kind != thinking {
		t.Errorf("got %+v; want it put off", a)
	}
	ben.WaitMessage("It is ready")
	o.delay(0)
	if a := ben.Press(nil, "Open it"); a.Kind != openForm {
		t.Errorf("got %+v; want the form", a)
	}
}

// TestRepeats: what is told again and again is answered once.
func TestRepeats(t *testing.T) { bothWays(t, testRepeats) }

func testRepeats(t *testing.T, o *office) {
	ben := o.Person("Ben").In("#team")
	a := ben.Command("/rapport")
	const times = 1000
	for range times {
		o.Repeat(a)
	}
	wait(t, "all repetitions are counted", func() bool { return len(o.notices("repeated"))+len(o.notices("late")) == times })
	o.stop()
	if n := len(o.asked); n != 1 {
		t.Errorf("the coach was asked %d times", n)
	}
	if it := o.Interactions()[0]; it.Doubles > 0 || it.Deliveries != times+1 {
		t.Errorf("%d deliveries were answered %d times more than once", it.Deliveries, it.Doubles)
	}
}

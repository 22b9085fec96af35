package slack

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	slackgo "github.com/slack-go/slack"
	"github.com/slack-go/slack/slackevents"

	"rapport/adapters/slack/slacktest"
	"rapport/coach"
	"rapport/coach/coachtest"
	"rapport/coach/curriculum"
)

// edition is the built-in one, read once: it is never written to.
var edition = sync.OnceValues(func() (*curriculum.Edition, error) {
	base, err := curriculum.Builtin("en")
	if err != nil {
		return nil, err
	}
	return curriculum.Load(base)
})

// monday is a Monday morning in Berlin.
var monday = time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)

// An office is a Slack, a desk of our app in it and the coach behind that.
type office struct {
	*slacktest.Slack
	t      *testing.T
	desk   *desk
	coach  *coach.Coach
	store  *coachtest.Mem
	early  []string // calls before an acknowledgement
	loose  bool     // several gestures at once: early means nothing
	mu     sync.Mutex
	told   []Notice
	slow   func(coach.Request) time.Duration // how long the coach takes
	break_ func(coach.Request) (coach.Reply, error)
	asked  []coach.Request
	left   []coach.Person
	gone   []coach.Team
}

// openOffice opens one that ends with the test, and sees to it that nothing of
// Slack's was broken.
func openOffice(t *testing.T, setup slacktest.Setup, change ...func(*Options)) *office {
	t.Helper()
	ed, err := edition()
	if err != nil {
		t.Fatal(err)
	}
	o := &office{Slack: slacktest.New(t, setup), t: t}
	now := func() time.Time { return monday }
	o.store = coachtest.NewMem(now)
	o.coach, err = coach.New(coach.Options{Store: o.store, Lessons: ed, Now: now, WeekStart: time.Monday,
		Export: func(context.Context, coach.Person) ([]byte, error) { return []byte(`{"everything":1}`), nil }})
	if err != nil {
		t.Fatal(err)
	}
	options := Options{BotToken: o.BotToken(), AppToken: o.AppToken(), APIURL: o.APIURL(), Members: o, Notify: o.notice}
	for _, f := range change {
		f(&options)
	}
	a := New(options)
	who, err := a.api.AuthTestContext(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	ctx, end := context.WithCancel(context.Background())
	o.desk = newDesk(a, installed(who), coach.Steady(o), ctx)
	o.desk.backoff = time.Millisecond
	o.Use(o)
	t.Cleanup(func() {
		end()
		o.done()
		o.Demand()
		for _, call := range o.early {
			if o.loose {
				break
			}
			t.Errorf("%s was called before an acknowledgement", call)
		}
		for _, n := range o.notices("") {
			if n.Err != nil && (strings.Contains(n.Err.Error(), "http") || strings.Contains(n.Err.Error(), "xox") || strings.Contains(n.Err.Error(), "U0")) {
				t.Errorf("the notice %q says %q", n.What, n.Err)
			}
		}
	})
	return o
}

// done waits for all that is under way. The desk takes nothing afterwards.
func (o *office) done() {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	o.desk.wait(ctx)
}

func (o *office) notice(n Notice) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.told = append(o.told, n)
}

// notices are those of that kind, all for "".
func (o *office) notices(what string) (out []Notice) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, n := range o.told {
		if what == "" || n.What == what {
			out = append(out, n)
		}
	}
	return out
}

// wantNotice waits for a notice of that kind, and takes all of it away.
func (o *office) wantNotice(what string) {
	o.t.Helper()
	for range 500 {
		if len(o.notices(what)) > 0 {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	o.t.Errorf("no notice %q, but %v", what, o.notices(""))
}

// Handle hands r to the coach, as slowly as the test wants it.
func (o *office) Handle(ctx context.Context, r coach.Request) (coach.Reply, error) {
	o.mu.Lock()
	o.asked = append(o.asked, r)
	slow, broken := o.slow, o.break_
	o.mu.Unlock()
	if slow != nil {
		sleep(ctx, slow(r))
	}
	if broken != nil {
		return broken(r)
	}
	return o.coach.Handle(ctx, r)
}

func (o *office) Complete(context.Context, coach.Request, string) []coach.Option { return nil }

// delay makes the coach take d over each answer, for a while.
func (o *office) delay(d time.Duration) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.slow = func(coach.Request) time.Duration { return d }
}

// answerWith makes f answer in place of the coach; nil ends that.
func (o *office) answerWith(f func(coach.Request) (coach.Reply, error)) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.break_ = f
}

// last is what the coach was asked last with that verb.
func (o *office) last(verb string) coach.Request {
	o.mu.Lock()
	defer o.mu.Unlock()
	for i := len(o.asked) - 1; i >= 0; i-- {
		if o.asked[i].Action.Verb == verb {
			return o.asked[i]
		}
	}
	o.t.Fatalf("the coach was not asked for %q", verb)
	return coach.Request{}
}

func (o *office) Leave(_ context.Context, who coach.Person) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.left = append(o.left, who)
	return nil
}

func (o *office) LeaveTeam(_ context.Context, team coach.Team) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.gone = append(o.gone, team)
	return nil
}

// Deliver brings a payload to the desk as a transport does.
func (o *office) Deliver(k slacktest.Kind, payload map[string]any) slacktest.Answer {
	raw, err := json.Marshal(payload)
	if err != nil {
		o.t.Fatal(err)
	}
	var in incoming
	switch k {
	case slacktest.Commands:
		in.Command = new(slackgo.SlashCommand)
		err = json.Unmarshal(raw, in.Command)
		in.ID = in.Command.TriggerID
	case slacktest.Interactions:
		in.Press = new(slackgo.InteractionCallback)
		err = json.Unmarshal(raw, in.Press)
		in.ID = in.Press.TriggerID
	default:
		var e slackevents.EventsAPIEvent
		e, err = slackevents.ParseEvent(raw, slackevents.OptionNoVerifyToken())
		in.Event = &e
		in.ID, _ = eventID(&e)
	}
	if err != nil {
		o.t.Fatalf("%s: %v", k, err)
	}
	before := len(o.Calls())
	begun := time.Now()
	a := o.desk.take(o.t.Context(), in)
	took := time.Since(begun)
	for _, call := range o.Calls()[before:] {
		if call.Method != "users.info" && a.Sent != nil {
			o.mu.Lock()
			o.early = append(o.early, call.Method)
			o.mu.Unlock()
		}
	}
	if limit := coach.AckWait + 500*time.Millisecond; took > limit {
		o.t.Errorf("%s: acknowledged after %s, limit %s", k, took, limit)
	}
	a.sent()
	return slacktest.Answer{Kind: k, Payload: payload, Body: a.Body, JSON: true, Latency: took, Tries: 1}
}

// shown are the words of the only message that p got by a's acknowledgement.
func shown(t *testing.T, a slacktest.Answer) slacktest.Message {
	t.Helper()
	if a.Error != "" || a.Shown == nil {
		t.Fatalf("nothing was shown in the acknowledgement: error %q, body %s", a.Error, a.Body)
	}
	return *a.Shown
}

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

// The journal by the shortcut: what is written shows up in views and private
// messages alone.
func TestJournal(t *testing.T) {
	const words = "asked Ben about the harbour & <listened>"
	o := openOffice(t, slacktest.Setup{})
	anna := o.Person("Anna").In("general")
	anna.OpenHome()
	anna.WaitHome("Rapport")
	anna.Shortcut("journal")
	v := anna.WaitModal("A line for yourself")
	if a := anna.Submit(v, map[string]string{"A line for yourself": words}); a.Error != "" {
		t.Fatal(a.Error)
	}
	if v, _ := anna.Modal(); !strings.Contains(v.Plain(), "Kept.") {
		t.Errorf("after the journal:\n%s", v.Plain())
	}
	anna.Press(nil, "Your journal")
	if v := anna.WaitModal("asked Ben"); !strings.Contains(v.Plain(), words) {
		t.Errorf("the journal reads\n%s", v.Plain())
	}
	anna.CloseModal()
	anna.OpenHome()
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

// Late answers take the place of "One moment."; nothing claims success before.
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
	calls := o.Calls("response_url")
	if args := calls[len(calls)-1].Args; args["replace_original"] != true || args["response_type"] != "ephemeral" || !late.Ephemeral() {
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

// In the App Home pages take each other's place, everything else opens over it,
// and what was done there shows below.
func TestHome(t *testing.T) {
	t.Parallel()
	for _, pace := range []time.Duration{0, coach.AckWait + 30*time.Millisecond} {
		t.Run(pace.String(), func(t *testing.T) {
			o := openOffice(t, slacktest.Setup{})
			o.delay(pace)
			ben := o.Person("Ben")
			ben.OpenHome()
			h := ben.WaitHome("Hello, I'm Rapport.")
			if r := o.last("home"); r.At.Kind != coach.Home {
				t.Errorf("the Home is asked for at %+v", r.At)
			}
			ben.Press(h, "I'm in")
			ben.WaitModal("Good.")
			ben.WaitHome("")
			ben.CloseModal()
			ben.Press(h, "Settings")
			h = ben.WaitHome("Your settings")
			ben.Press(h, "Rhythm")
			v := ben.WaitModal("How often may I write to you?")
			ben.Submit(v, map[string]string{"rhythm": "Weekly: one question on Thursdays"})
			ben.WaitHome("Weekly")
			ben.WaitModal("Saved.")
			ben.CloseModal()
			h, _ = ben.Home()
			ben.Press(h, "Progress")
			h = ben.WaitHome("Your weeks")
			ben.Press(h, "Home")
			ben.WaitHome("This week")
			if n := len(ben.Messages()); n != 0 {
				t.Errorf("%d messages beside the Home", n)
			}
		})
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

// What Slack tells twice is done once, and a command's answer is the same.
func TestTwice(t *testing.T) {
	t.Parallel()
	o := openOffice(t, slacktest.Setup{})
	anna := o.Person("Anna").In("general")
	first := anna.Command("/rapport done")
	if again := o.Deliver(first.Kind, first.Payload); string(again.Body) != string(first.Body) {
		t.Errorf("the answer is\n%s\nand the second time\n%s", first.Body, again.Body)
	}

	same := func(name string, a slacktest.Answer, method string) {
		t.Helper()
		var all sync.WaitGroup
		for range 3 {
			all.Go(func() { o.Deliver(a.Kind, a.Payload) })
		}
		all.Wait()
		for range 20 { // more would follow at once
			time.Sleep(5 * time.Millisecond)
		}
		if n := len(o.Calls(method)); n != 1 {
			t.Errorf("%s: %s was called %d times", name, method, n)
		}
	}
	anna.Command("/rapport step 3")
	m := anna.Last()
	same("press", anna.Press(m, m.Buttons()[0]), "response_url")
	same("form", anna.Command("/rapport pause"), "views.open")
	anna.CloseModal()
	same("home", anna.OpenHome(), "views.publish")
}

// A repetition that arrives while the first is under way changes nothing twice.
func TestTwiceAtOnce(t *testing.T) {
	t.Parallel()
	o := openOffice(t, slacktest.Setup{})
	anna := o.Person("Anna").In("general")
	anna.Command("/rapport journal write")
	form := anna.WaitModal("Journal")
	o.delay(coach.AckWait + 30*time.Millisecond)
	o.loose = true
	var all sync.WaitGroup
	a := anna.Submit(form, map[string]string{"words": "only once"})
	all.Go(func() { o.Deliver(a.Kind, a.Payload) })
	anna.WaitModal("Kept.")
	all.Wait()
	c := anna.Command("/rapport 3")
	all.Go(func() { o.Deliver(c.Kind, c.Payload) })
	anna.WaitMessage("Step 3")
	all.Wait()
	o.done()
	if n := len(o.Calls("views.update")); n != 1 {
		t.Errorf("views.update was called %d times", n)
	}
	if n := len(o.Calls("response_url")); n != 1 {
		t.Errorf("response_url was used %d times", n)
	}
	notes, err := o.store.Notes(t.Context(), coach.Person{Platform: platform, Realm: "T0LIGHT", User: anna.ID()}, 0, 5)
	if err != nil || len(notes) != 1 {
		t.Errorf("%d notes, %v", len(notes), err)
	}
}

// Who somebody is decides what they may do.
func TestPeopleInSlack(t *testing.T) {
	setup := slacktest.Setup{
		Users: []slacktest.User{
			{Name: "Anna", Admin: true, Zone: "Europe/Berlin"}, {Name: "Olu", Owner: true}, {Name: "Ben", Zone: "America/New_York"},
			{Name: "Gus", Guest: true, Zone: "Europe/Berlin"}, {Name: "Solo", SoloGuest: true}, {Name: "Nils"},
			{Name: "Sam", Team: "T0OTHER", Stranger: true, Admin: true, Zone: "Europe/Paris"},
		},
		Channels: []slacktest.Channel{{Name: "general", Shared: true}},
	}
	cases := []struct {
		name                   string
		admin, guest, stranger bool
		zone                   string
	}{
		{"Anna", true, false, false, "Europe/Berlin"},
		{"Olu", true, false, false, ""},
		{"Ben", false, false, false, "America/New_York"},
		{"Gus", false, true, false, "Europe/Berlin"},
		{"Solo", false, true, false, ""},
		{"Nils", true, false, false, ""},
		{"Sam", false, false, true, "Europe/Paris"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			o := openOffice(t, setup, func(op *Options) { op.Admins = []string{"U0NILS"} })
			p := o.Person(c.name).In("general")
			p.Command("/rapport setup")
			r := o.last("setup")
			if r.Admin != c.admin || r.Guest != c.guest || r.Stranger != c.stranger || r.Zone != c.zone || r.Locale != "en-US" {
				t.Errorf("request %+v", r)
			}
			if got := strings.Contains(p.Last().Plain(), "Choose channel and day"); got != c.admin {
				t.Errorf("%s is shown\n%s", c.name, p.Last().Plain())
			}
			if c.stranger {
				p.Command("/rapport journal write")
				p.Submit(p.WaitModal("Journal"), map[string]string{"words": "x"})
				if self, err := o.store.Self(t.Context(), r.From); err != nil || self.Known {
					t.Errorf("something is kept of a stranger: %+v, %v", self, err)
				}
			}
		})
	}
}

// In Enterprise Grid a person is the same one from every workspace.
func TestGrid(t *testing.T) {
	for _, wide := range []bool{false, true} {
		t.Run(fmt.Sprint(wide), func(t *testing.T) {
			o := openOffice(t, slacktest.Setup{
				Enterprise: "E0GRID", OrgWide: wide, Teams: []slacktest.Team{{ID: "T0ONE", Name: "One"}, {ID: "T0TWO", Name: "Two"}},
				Users: []slacktest.User{{Name: "Anna", Admin: true}, {Name: "Tom", Team: "T0TWO"}, {Name: "Sam", Team: "T0ELSE", Enterprise: "E0ELSE", Stranger: true}},
			})
			for _, name := range []string{"Anna", "Tom"} {
				p := o.Person(name).In("general")
				p.Command("/rapport settings")
				p.Press(p.Last(), "Rhythm")
				p.Submit(p.WaitModal("Rhythm"), nil)
				p.CloseModal()
				p.OpenHome()
				p.WaitHome("")
				for _, r := range o.asked {
					if r.From.User == p.ID() && (r.From.Realm != "E0GRID" || r.Stranger) {
						t.Errorf("%s is %s, stranger %t", r.Action.Verb, r.From, r.Stranger)
					}
				}
				if r := o.last("settings"); !wide && r.Team.ID != "T0ONE" || wide && !strings.HasPrefix(r.Team.ID, "T0") {
					t.Errorf("%s is in %v", name, r.Team)
				}
			}
			sam := o.Person("Sam").In("general")
			sam.Command("/rapport settings")
			if r := o.last("settings"); !r.Stranger || r.From.Realm != "E0ELSE" {
				t.Errorf("a stranger is %+v", r)
			}
		})
	}
}

// Where Slack does not say who somebody is, they are answered all the same.
func TestSlackDoesNotSayWho(t *testing.T) {
	o := openOffice(t, slacktest.Setup{})
	o.Fail("users.info", slacktest.Fault{Status: 503, Times: -1})
	anna := o.Person("Anna").In("general")
	anna.Command("/rapport")
	if m := anna.Last(); !strings.Contains(m.Plain(), "Hello, I'm Rapport.") {
		t.Errorf("the answer is\n%s", m.Plain())
	}
	if r := o.last("home"); r.Admin || !r.Guest || r.Zone != "" || r.From.Realm != "T0LIGHT" {
		t.Errorf("request %+v", r)
	}
	anna.Command("/rapport")
	if n := len(o.Calls("users.info")); n != 1 {
		t.Errorf("users.info was called %d times", n)
	}
	o.wantNotice("person not looked up")
}

// A slow users.info holds up the answer, and never the acknowledgement.
func TestSlowUsersInfo(t *testing.T) {
	t.Parallel()
	o := openOffice(t, slacktest.Setup{})
	o.Fail("users.info", slacktest.Fault{Delay: coach.AckWait + 200*time.Millisecond})
	anna := o.Person("Anna").In("general")
	if m := shown(t, anna.Command("/rapport")); m.Text != "One moment." {
		t.Errorf("the acknowledgement reads\n%s", m.Plain())
	}
	anna.WaitMessage("Rapport is here and silent") // as an admin reads it
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
	if n := len(o.Calls("response_url")); n != 4 {
		t.Errorf("%d posts, want one more", n)
	}

	o.Fail("views.publish", slacktest.Fault{Error: "internal_error", Times: 2})
	ben.OpenHome()
	ben.WaitHome("This week")
	o.Fail("views.publish", slacktest.Fault{Error: "not_enabled"})
	ben.OpenHome()
	o.wantNotice("home not shown")
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

// Files and pictures go into direct messages, where that is granted.
func TestFile(t *testing.T) {
	t.Parallel()
	o := openOffice(t, slacktest.Setup{})
	anna := o.Person("Anna").In("general")
	o.keepSomething(anna)
	m := shown(t, anna.Command("/rapport data"))
	anna.Press(m, "Download")
	m = anna.WaitMessage("Slack keeps it there until you delete it there")
	if !m.Ephemeral() {
		t.Error("all see the answer")
	}
	files := o.Files()
	if len(files) != 1 || string(files[0].Content) != `{"everything":1}` || files[0].Alt == "" || files[0].Channel != "D0ANNA" {
		t.Errorf("files %+v", files)
	}
	if got := shown(t, anna.Command("/rapport data download")); got.Text != "One moment." {
		t.Errorf("a file by command is acknowledged with\n%s", got.Plain())
	}
	anna.WaitMessage("Slack keeps it there")
	anna.Command("/rapport progress picture")
	anna.WaitMessage("The picture is in our direct messages.")
	if files = o.Files(); len(files) != 3 || files[2].Alt == "" || !strings.HasPrefix(string(files[2].Content), "\x89PNG") {
		t.Errorf("%d files", len(files))
	}
}

// keepSomething makes p known to the coach, with a week kept.
func (o *office) keepSomething(p *slacktest.Person) {
	who := coach.Person{Platform: platform, Realm: "T0LIGHT", User: p.ID()}
	for i, a := range []coach.Action{coach.Do("write"), coach.Do("did", "well")} {
		r := coach.Request{ID: fmt.Sprint("keep", i), From: who, Action: a}
		if i == 0 {
			r.Answers = map[string]string{"words": "something"}
		}
		if _, err := o.coach.Handle(o.t.Context(), r); err != nil {
			o.t.Fatal(err)
		}
	}
}

// Where a file does not get through, the answer comes in words.
func TestFileFails(t *testing.T) {
	t.Parallel()
	faults := map[string]slacktest.Fault{
		"conversations.open": {Error: "user_disabled"}, "files.getUploadURLExternal": {Error: "file_upload_size_restricted"},
		"upload": {Status: 500}, "files.completeUploadExternal": {Error: "not_in_channel"},
	}
	for method, f := range faults {
		t.Run(method, func(t *testing.T) {
			o := openOffice(t, slacktest.Setup{})
			anna := o.Person("Anna").In("general")
			o.keepSomething(anna)
			o.Fail(method, f)
			anna.Command("/rapport data download")
			anna.WaitMessage("did not get through")
			if r := o.last("data"); !r.TextOnly {
				t.Error("the coach was not asked for words")
			}
			o.wantNotice("file not sent")
		})
	}
}

// Without the right to send files the coach knows so from the start.
func TestNoFiles(t *testing.T) {
	o := openOffice(t, slacktest.Setup{Scopes: []string{"commands", "chat:write", "im:write", "users:read"}})
	anna := o.Person("Anna").In("general")
	o.keepSomething(anna)
	shown(t, anna.Command("/rapport data download"))
	if r := o.last("data"); !r.TextOnly {
		t.Error("the coach is not told that no files can be shown")
	}
	o.answerWith(func(coach.Request) (coach.Reply, error) {
		r := coach.Say(coach.Message{Sections: []coach.Section{{Text: coach.P("Here it is.")}}})
		r.File = &coach.File{Name: "x.json", Type: "application/json", Data: []byte("{}"), Alt: "x"}
		return r, nil
	})
	anna.Command("/rapport data download")
	anna.WaitMessage("I may not send files here")
	if n := len(o.Files()); n != 0 {
		t.Errorf("%d files", n)
	}
}

// An answer too large for an acknowledgement on a socket comes by itself.
func TestLargeAnswer(t *testing.T) {
	large := coach.Message{Sections: []coach.Section{{Text: coach.P(strings.Repeat("<", 475))}, {Text: coach.P(strings.Repeat("<", 470))}}}
	for len(encode(viewOf(coach.Say(large), ""))) < maxAck {
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
	ben.WaitModal("<<<")
	ben.CloseModal()
	if a := ben.Command("/rapport"); len(a.Body) > 0 {
		t.Errorf("acknowledged with %d bytes", len(a.Body))
	}
	ben.WaitMessage("<<<")
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
	calls := o.Calls("response_url")
	if last := calls[len(calls)-1]; last.Args["delete_original"] != true {
		t.Errorf("the last post is %v", last.Args)
	}
}

// What happens to people elsewhere in Slack.
func TestUserChange(t *testing.T) {
	o := openOffice(t, slacktest.Setup{})
	anna := o.Person("Anna").In("general")
	anna.Command("/rapport settings")
	change := func(u map[string]any) {
		u["id"], u["team_id"] = anna.ID(), "T0LIGHT"
		o.Event(map[string]any{"type": "user_change", "user": u})
	}
	asked := func() int { o.mu.Lock(); defer o.mu.Unlock(); return len(o.asked) }
	before := asked()
	change(map[string]any{"tz": "Europe/Berlin", "is_admin": false})
	o.until(func() bool { f, _ := o.desk.people.find(t.Context(), anna.ID()); return !f.admin })
	anna.Command("/rapport settings")
	if n := asked(); n != before+1 || o.last("settings").Admin {
		t.Errorf("after somebody stopped being an admin: %d requests, %+v", n-before, o.last("settings"))
	}
	change(map[string]any{"tz": "Asia/Tokyo"})
	o.until(func() bool { return asked() == before+2 })
	if r := o.last("moved"); r.Zone != "Asia/Tokyo" || r.From.User != anna.ID() || r.At.Kind != coach.Direct || r.Locale != "en-US" {
		t.Errorf("request %+v", r)
	}
	change(map[string]any{"tz": "Asia/Tokyo", "deleted": true})
	o.until(func() bool { o.mu.Lock(); defer o.mu.Unlock(); return len(o.left) > 0 })
	if want := (coach.Person{Platform: platform, Realm: "T0LIGHT", User: anna.ID()}); o.left[0] != want {
		t.Errorf("%s left, want %s", o.left[0], want)
	}
	if n := len(o.Calls("users.info")); n != 1 {
		t.Errorf("users.info was called %d times", n)
	}
	if n := len(anna.Messages()); n != 2 {
		t.Errorf("%d messages, want the two that were asked for", n)
	}
}

// until waits until done says yes.
func (o *office) until(done func() bool) {
	o.t.Helper()
	for range 500 {
		if done() {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	o.t.Fatal("it did not come to that")
}

// An app that is taken away stops, and says how to bring it back.
func TestUninstalled(t *testing.T) {
	events := map[string]map[string]any{
		"uninstalled": {"type": "app_uninstalled"},
		"revoked":     {"type": "tokens_revoked", "tokens": map[string]any{"bot": []any{slacktest.Bot}}},
	}
	for word, event := range events {
		t.Run(word, func(t *testing.T) {
			o := openOffice(t, slacktest.Setup{})
			o.Event(map[string]any{"type": "tokens_revoked", "tokens": map[string]any{"oauth": []any{"U0BEN"}}})
			if err := o.desk.stopped(); err != nil {
				t.Fatalf("somebody else's token stops us: %v", err)
			}
			o.Event(event)
			o.until(func() bool { return o.desk.stopped() != nil })
			if err := o.desk.stopped(); !strings.Contains(err.Error(), word) || !strings.Contains(err.Error(), "install") {
				t.Errorf("stopped by %v", err)
			}
			if want := (coach.Team{Platform: platform, ID: "T0LIGHT"}); len(o.gone) != 1 || o.gone[0] != want {
				t.Errorf("left %v, want %v", o.gone, want)
			}
		})
	}
}

// When Run ends, what is under way may end, and what takes too long is told to
// stop.
func TestWait(t *testing.T) {
	t.Parallel()
	o := openOffice(t, slacktest.Setup{})
	ben := o.Person("Ben").In("general")
	ben.Command("/rapport step 3")
	m := ben.Last()
	o.delay(coach.AckWait + 30*time.Millisecond)
	ben.Press(m, m.Buttons()[0])
	o.done()
	if n := len(o.Calls("response_url")); n != 1 {
		t.Errorf("%d late answers when wait returned", n)
	}

	o = openOffice(t, slacktest.Setup{})
	ben = o.Person("Ben").In("general")
	o.delay(time.Hour)
	ben.Command("/rapport")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	begun := time.Now()
	o.desk.wait(ctx)
	if took := time.Since(begun); took > 900*time.Millisecond {
		t.Errorf("wait took %s after its context ended", took)
	}
}

// More than can be done at a time is refused kindly.
func TestBusy(t *testing.T) {
	t.Parallel()
	o := openOffice(t, slacktest.Setup{})
	ben := o.Person("Ben").In("general")
	ben.Command("/rapport journal write")
	form := ben.WaitModal("Journal")
	o.until(func() bool { return len(o.desk.slots) == 0 })
	for range maxErrands {
		o.desk.slots <- struct{}{}
	}
	if m := shown(t, ben.Command("/rapport")); !strings.Contains(m.Plain(), "Very many people") {
		t.Errorf("the answer is\n%s", m.Plain())
	}
	o.wantNotice("busy")
	ben.Submit(form, map[string]string{"words": "kept"})
	if v, _ := ben.Modal(); !strings.Contains(v.Errors["words"], "Very many people") || !strings.Contains(v.Plain(), "kept") {
		t.Errorf("the form reads\n%s\nwith %v", v.Plain(), v.Errors)
	}
	for range maxErrands {
		<-o.desk.slots
	}
}

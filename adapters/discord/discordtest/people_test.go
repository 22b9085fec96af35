package discordtest

import (
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// An echo is an app whose next answers a test decides.
type echo struct {
	t    *testing.T
	d    *Discord
	mu   sync.Mutex
	all  []map[string]any // interactions that came
	next func(i map[string]any)
}

// echoing starts an app that answers as the test says.
func echoing(t *testing.T, d *Discord) *echo {
	t.Helper()
	e := &echo{t: t, d: d}
	register(t, d)
	start(t, d, func(i map[string]any) {
		e.mu.Lock()
		e.all = append(e.all, i)
		next := e.next
		e.mu.Unlock()
		if next != nil {
			next(i)
		}
	})
	return e
}

// with makes f answer from now on.
func (e *echo) with(f func(i map[string]any)) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.next = f
}

// say makes the app answer with one kind and data from now on, which Discord
// must take.
func (e *echo) say(kind int, data string) {
	e.with(func(i map[string]any) {
		if status, out := answerTo(e.t, e.d, i, kind, data); status != http.StatusNoContent {
			e.t.Errorf("answering with %d %s: got %d %v", kind, data, status, out)
		}
	})
}

// last is the newest interaction that came.
func (e *echo) last() map[string]any {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.all[len(e.all)-1]
}

func (e *echo) count() int {
	e.mu.Lock()
	defer e.mu.Unlock()
	return len(e.all)
}

const private = `{"content":"Hello.","flags":64,` + quietly + `,"components":[{"type":1,"components":[{"type":2,"style":1,"label":"Go","custom_id":"go"}]}]}`

func TestWhoSeesWhat(t *testing.T) {
	d := New(t, Setup{})
	e := echoing(t, d)
	e.say(answerMessage, private)
	anna, ben, dora := d.Person("Anna").In("#team"), d.Person("Ben").In("#team"), d.Person("Dora")
	anna.Command("/rapport", "journal")
	if got := anna.LastMessage(); got.For != anna.ID() || got.Plain() != "Hello.\n[Go]" {
		t.Errorf("Anna sees %+v", got)
	}
	if n := len(ben.Messages()) + len(dora.Messages()) + len(d.Posted("")); n > 0 {
		t.Errorf("others see %d messages, want none", n)
	}
	anna.Reload()
	if n := len(anna.Messages()); n > 0 {
		t.Errorf("after a reload Anna sees %d messages, want none", n)
	}
	e.say(answerMessage, `{"content":"For all.",`+quietly+`}`)
	anna.Command("/rapport")
	anna.Reload()
	if ben.LastMessage().Content != "For all." || anna.LastMessage().Content != "For all." {
		t.Errorf("Ben sees %q, Anna %q", ben.LastMessage().Content, anna.LastMessage().Content)
	}
	dora.InDM().Command("/rapport")
	if len(d.Direct("Dora")) != 1 || len(ben.InDM().Messages()) != 0 {
		t.Errorf("got %v for Dora, and Ben sees %v", d.Direct("Dora"), ben.Messages())
	}
	d.Demand()
}

func TestPayloads(t *testing.T) {
	d := New(t, Setup{})
	e := echoing(t, d)
	e.say(answerMessage, private)
	d.Person("Anna").In("#team").Command("/rapport", "journal")
	i := e.last()
	options := objs(obj(i, "data"), "options")
	if num(i, "type") != kindCommand || str(obj(i, "data"), "name") != "rapport" || len(options) != 1 || options[0]["value"] != "journal" || options[0]["name"] != "what" {
		t.Errorf("a command: got %v", i)
	}
	if str(i, "guild_id") != d.GuildID("Lighthouse") || num(i, "context") != 0 || str(i, "locale") != "en-US" || str(i, "guild_locale") != "en-US" || str(obj(i, "authorizing_integration_owners"), "0") != d.GuildID("Lighthouse") {
		t.Errorf("where it came from: got %v", i)
	}
	if p, _ := permissionOf(obj(i, "member")["permissions"]); !p.has(ManageServer) || obj(i, "user") != nil {
		t.Errorf("Anna is %v", obj(i, "member"))
	}
	if p, _ := permissionOf(i["app_permissions"]); !p.has(SendMessages) || p.has(ManageServer) {
		t.Errorf("the app may %v", i["app_permissions"])
	}
	d.Person("Anna").Press(nil, "Go")
	i = e.last()
	if num(i, "type") != kindUse || str(obj(i, "data"), "custom_id") != "go" || num(obj(i, "message"), "flags")&Ephemeral == 0 {
		t.Errorf("a press: got %v", i)
	}
	d.Person("Cleo").InDM().Command("/rapport")
	i = e.last()
	if obj(i, "member") != nil || str(obj(i, "user"), "id") != d.Person("Cleo").ID() || num(i, "context") != 1 || str(i, "locale") != "de" || i["guild_id"] != nil || len(arr(obj(i, "data"), "options")) > 0 {
		t.Errorf("in direct messages: got %v", i)
	}
	if p, _ := permissionOf(obj(d.Person("Ben").In("#general").d.interactionOf(d.Person("Ben").Command("/rapport")), "member")["permissions"]); p.has(ManageServer) {
		t.Error("Ben may manage the server")
	}
	d.Person("Dora").In("#pier").Command("/rapport")
	i = e.last()
	if owners := obj(i, "authorizing_integration_owners"); owners["0"] != nil || owners["1"] != d.Person("Dora").ID() {
		t.Errorf("where only Dora installed it: got %v", owners)
	}
	if made := madeAt(str(i, "id")); time.Since(made).Abs() > time.Minute {
		t.Errorf("the interaction was made %v", made)
	}
	d.Demand()
}

// interactionOf is the payload of the interaction that an answer is for.
func (d *Discord) interactionOf(a Answer) map[string]any {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.interactions[a.ID].Payload
}

func TestWhatIsOffered(t *testing.T) {
	d := New(t, Setup{})
	anna, ben, dora := d.Person("Anna").In("#team"), d.Person("Ben").In("#team"), d.Person("Dora")
	if a := anna.Command("/rapport"); a.Error != noCommand || len(d.Interactions()) != 0 {
		t.Errorf("before it is registered: got %+v", a)
	}
	e := echoing(t, d)
	e.say(answerMessage, private)
	both := []string{"/rapport", "/rapport-admin"}
	for _, test := range []struct {
		name string
		who  *Person
		want []string
	}{
		{"Anna in a server", anna, both},
		{"Anna in direct messages", d.Person("Anna").InDM(), both[:1]},
		{"Ben", ben, both[:1]},
		{"Dora in her server", dora.In("#pier"), both[:1]},
		{"Dora in direct messages", d.Person("Dora").InDM(), both[:1]},
	} {
		got := test.who.Commands()
		if test.name == "Anna in a server" {
			got = test.who.In("#team").Commands()
		}
		if test.name == "Dora in her server" {
			got = test.who.In("#pier").Commands()
		}
		if test.name == "Dora in direct messages" || test.name == "Anna in direct messages" {
			got = test.who.InDM().Commands()
		}
		if !slices.Equal(got, test.want) {
			t.Errorf("%s: got %v, want %v", test.name, got, test.want)
		}
	}
	if a := ben.Command("/rapport-admin"); a.Error != noCommand {
		t.Errorf("Ben used /rapport-admin: %+v", a)
	}
	if a := ben.Command("/rapport", of(301)); a.Error == "" || a.Error == noAnswer {
		t.Errorf("too long a text: got %+v", a)
	}
	if a := ben.Command("/rapport", "a", "b"); a.Error == "" {
		t.Errorf("too many values: got %+v", a)
	}
	d.Change("Ben", func(u *User) { u.Manage = true })
	if a := ben.Command("/rapport-admin"); a.Error != "" {
		t.Errorf("Ben with the right: got %+v", a)
	}
	d.Change("Dora", func(u *User) { u.Installed = false })
	if got := dora.InDM().Commands(); len(got) != 0 {
		t.Errorf("Dora without the app: got %v", got)
	}
	d.Kick("Lighthouse")
	if got := anna.In("#team").Commands(); len(got) != 0 {
		t.Errorf("after a kick: got %v", got)
	}
	d.Demand()
}

func TestCompletion(t *testing.T) {
	d := New(t, Setup{})
	e := echoing(t, d)
	e.say(answerChoices, `{"choices":[{"name":"Write a line","value":"journal"},{"name":"Pause","value":"pause"}]}`)
	ben := d.Person("Ben").In("#team")
	if got := ben.Complete("/rapport", "jo"); !slices.Equal(got, []Choice{{"Write a line", "journal"}, {"Pause", "pause"}}) {
		t.Errorf("got %v", got)
	}
	if o := objs(obj(e.last(), "data"), "options"); num(e.last(), "type") != kindComplete || o[0]["value"] != "jo" || o[0]["focused"] != true {
		t.Errorf("sent %v", e.last())
	}
	d.Demand()
	refused := func(name, data string) {
		e.with(func(i map[string]any) {
			if status, out := answerTo(t, d, i, answerChoices, data); status != 400 {
				t.Errorf("%s: got %d %v", name, status, out)
			}
			answerTo(t, d, i, answerChoices, `{"choices":[]}`)
		})
		if got := ben.Complete("/rapport", ""); len(got) != 0 {
			t.Errorf("%s: got %v", name, got)
		}
	}
	refused("26 choices", `{"choices":[`+numberedTimes(26, `{"name":"a#","value":"a#"}`)+`]}`)
	refused("a long name", `{"choices":[{"name":"`+of(101)+`","value":"a"}]}`)
	refused("a long value", `{"choices":[{"name":"a","value":"`+of(101)+`"}]}`)
	refused("no name", `{"choices":[{"name":"","value":"a"}]}`)
}

func TestRulesOfAnswers(t *testing.T) {
	d := New(t, Setup{AckTime: 2 * time.Second})
	e := echoing(t, d)
	anna := d.Person("Anna").In("#team")
	// refusal sends an answer that is refused, then a good one.
	refusal := func(name string, kind int, data string, code int) {
		e.with(func(i map[string]any) {
			if status, out := answerTo(t, d, i, kind, data); status < 400 || num(out, "code") != code {
				t.Errorf("%s: got %d %v, want code %d", name, status, out, code)
			}
			answerTo(t, d, i, answerMessage, private)
		})
	}
	refusal("an update of nothing", answerUpdate, private, invalidForm)
	anna.Command("/rapport")
	refusal("a deferred update of nothing", answerNothing, `{}`, invalidForm)
	anna.Command("/rapport")
	refusal("choices for a command", answerChoices, `{"choices":[]}`, invalidForm)
	anna.Command("/rapport")
	refusal("a form that is wrong", answerModal, `{"title":"","custom_id":"a","components":[]}`, invalidForm)
	anna.Command("/rapport")
	e.say(answerModal, form)
	anna.Command("/rapport")
	refusal("a form for a form", answerModal, form, invalidForm)
	m := anna.WaitModal("A line for yourself")
	anna.Submit(m, map[string]string{"What happened?": "a", "Channel": "general"})
	if n := len(d.Violations()); n < 5 {
		t.Errorf("got %d violations, want one for each", n)
	}

	e.with(func(i map[string]any) {
		answerTo(t, d, i, answerMessage, private)
		if status, out := answerTo(t, d, i, answerMessage, private); status != 400 || num(out, "code") != alreadyAnswered {
			t.Errorf("a second answer: got %d %v", status, out)
		}
		path := "/interactions/" + str(i, "id") + "/wrong/callback"
		if status, out, _ := call(t, d, "POST", path, `{"type":6}`); status != 404 || num(out, "code") != unknownInteraction {
			t.Errorf("a wrong token: got %d %v", status, out)
		}
	})
	a := anna.Command("/rapport")
	doubled := d.Wait(long, func() bool { its := d.Interactions(); return its[len(its)-1].Doubles == 1 })
	if !doubled || a.Kind != answerMessage || a.Error != "" {
		t.Errorf("got %+v, counted %v", a, doubled)
	}
	e.with(func(i map[string]any) {
		d.Advance(3 * time.Second)
		if status, out := answerTo(t, d, i, answerMessage, private); status != 404 || num(out, "code") != unknownInteraction {
			t.Errorf("a late answer: got %d %v", status, out)
		}
	})
	if a := anna.Command("/rapport"); a.Error != noAnswer {
		t.Errorf("a late answer: got %+v", a)
	}
	if got := anna.Errors(); len(got) != 1 || !strings.Contains(got[0], noAnswer) {
		t.Errorf("Anna is told %v", got)
	}
}

func TestDeferred(t *testing.T) {
	d := New(t, Setup{})
	e := echoing(t, d)
	e.say(answerLater, `{"flags":64}`)
	anna := d.Person("Anna").In("#team")
	if a := anna.Command("/rapport"); a.Kind != answerLater {
		t.Fatalf("got %+v", a)
	}
	if got := anna.LastMessage(); !got.Thinking || got.For != anna.ID() || !strings.Contains(anna.HTML(), "is thinking") {
		t.Errorf("Anna sees %+v", got)
	}
	hook := "/webhooks/" + d.AppID() + "/" + str(e.last(), "token")
	if status, out, _ := call(t, d, "PATCH", hook+"/messages/@original", `{"content":"Done.",`+quietly+`}`); status != 200 || num(out, "flags") != Ephemeral {
		t.Errorf("got %d %v", status, out)
	}
	if got := anna.WaitMessage("Done."); got.For != anna.ID() || got.Edits != 0 || got.Thinking {
		t.Errorf("Anna sees %+v", got)
	}
	for n := range 7 { // in a server that has the app there are no five
		if status, out, _ := call(t, d, "POST", hook, sprint(`{"content":"More %d",%s}`, n, quietly)); status != 200 {
			t.Errorf("follow-up %d: got %d %v", n, status, out)
		}
	}
	_, out, _ := call(t, d, "GET", hook+"/messages/@original", "")
	if str(out, "content") != "Done." {
		t.Errorf("the original: got %v", out)
	}
	if status, _, _ := call(t, d, "DELETE", hook+"/messages/"+str(out, "id"), ""); status != 204 {
		t.Errorf("deleting: got %d", status)
	}
	if status, out, _ := call(t, d, "PATCH", hook+"/messages/@original", `{"content":"x",`+quietly+`}`); status != 404 || num(out, "code") != unknownMessage {
		t.Errorf("after it was deleted: got %d %v", status, out)
	}
	d.Demand()
	d.Advance(16 * time.Minute)
	if status, out, _ := call(t, d, "POST", hook, `{"content":"x",`+quietly+`}`); status != 401 || num(out, "code") != invalidToken {
		t.Errorf("after 15 minutes: got %d %v", status, out)
	}
	if status, out, _ := call(t, d, "POST", "/webhooks/"+d.AppID()+"/none", `{"content":"x",`+quietly+`}`); status != 404 || num(out, "code") != unknownWebhook {
		t.Errorf("no such token: got %d %v", status, out)
	}
	e.say(answerLater, `{"flags":4160,"content":"a"}`)
	anna.Command("/rapport")
	if got := d.Violations(); len(got) != 2 {
		t.Errorf("more than the flag: got %v, want two", got)
	}
}

// TestFirstFollowUp: it takes the place of a deferred answer, and is as private
// as that.
func TestFirstFollowUp(t *testing.T) {
	d := New(t, Setup{})
	e := echoing(t, d)
	e.say(answerLater, `{"flags":64}`)
	dora := d.Person("Dora").In("#pier")
	dora.Command("/rapport")
	hook := "/webhooks/" + d.AppID() + "/" + str(e.last(), "token")
	for n := range 5 {
		if status, out, _ := call(t, d, "POST", hook, sprint(`{"content":"Part %d",%s}`, n, quietly)); status != 200 {
			t.Errorf("follow-up %d: got %d %v", n, status, out)
		}
	}
	if got := dora.Messages(); len(got) != 5 || got[0].Content != "Part 0" || got[0].For != dora.ID() || got[1].For != "" {
		t.Errorf("Dora sees %+v", got)
	}
	d.Demand()
	if status, out, _ := call(t, d, "POST", hook, `{"content":"Part 6",`+quietly+`}`); status != 400 || num(out, "code") != fiveFollowUps {
		t.Errorf("the sixth where only Dora installed it: got %d %v", status, out)
	}
}

func TestUpdates(t *testing.T) {
	d := New(t, Setup{})
	e := echoing(t, d)
	e.say(answerMessage, private)
	anna := d.Person("Anna").In("#team")
	anna.Command("/rapport")
	was := anna.LastMessage()
	e.say(answerUpdate, `{"content":"Changed.",`+quietly+`}`)
	anna.Press(was, "Go")
	if got := anna.LastMessage(); got.ID != was.ID || got.Plain() != "Changed.\n[Go]" || got.For != anna.ID() || got.Edits != 1 {
		t.Errorf("Anna sees %+v", got)
	}
	e.say(answerNothing, `{}`)
	anna.Press(was, "Go")
	hook := "/webhooks/" + d.AppID() + "/" + str(e.last(), "token") + "/messages/@original"
	if status, out, _ := call(t, d, "PATCH", hook, `{"content":"Later.",`+quietly+`}`); status != 200 {
		t.Errorf("got %d %v", status, out)
	}
	if got := anna.WaitMessage("Later."); got.ID != was.ID {
		t.Errorf("got %+v, want the same message changed", got)
	}
	e.with(func(i map[string]any) {
		path := "/interactions/" + str(i, "id") + "/" + str(i, "token") + "/callback?with_response=true"
		status, out, _ := call(t, d, "POST", path, `{"type":4,"data":`+private+`}`)
		if m := obj(obj(out, "resource"), "message"); status != 200 || str(m, "content") != "Hello." || str(obj(out, "interaction"), "response_message_id") != str(m, "id") {
			t.Errorf("with_response: got %d %v", status, out)
		}
	})
	anna.Command("/rapport")
	d.Demand()
}

func TestForms(t *testing.T) {
	d := New(t, Setup{})
	e := echoing(t, d)
	e.say(answerMessage, private)
	anna := d.Person("Anna").In("#team")
	anna.Command("/rapport")
	source := anna.LastMessage()
	e.say(answerModal, form)
	anna.Press(nil, "Go")
	m := anna.WaitModal("A line for yourself")
	for name, values := range map[string]map[string]string{
		"an empty line":  {"What happened?": "", "Channel": "general"},
		"no channel":     {"What happened?": "a"},
		"too long":       {"What happened?": of(401), "Channel": "general"},
		"a wrong choice": {"What happened?": "a", "Channel": "general", "How was it?": "Awful"},
		"three days":     {"What happened?": "a", "Channel": "general", "Days": "Monday\nFriday\nMonday"},
	} {
		before := e.count()
		if a := anna.Submit(m, values); a.Error == "" || e.count() != before {
			t.Errorf("%s: got %+v, want Discord itself to keep it back", name, a)
		}
	}
	e.say(answerUpdate, `{"content":"Kept.","components":[],`+quietly+`}`)
	anna.Submit(m, map[string]string{"What happened?": "We talked.\nTwice.", "Channel": "#general", "Days": "Monday\nFriday"})
	if _, open := anna.Modal(); open {
		t.Error("the form is still open")
	}
	i := e.last()
	got := map[string]map[string]any{}
	for _, c := range objs(obj(i, "data"), "components") {
		if one := obj(c, "component"); one != nil {
			got[str(one, "custom_id")] = one
		}
	}
	if num(i, "type") != kindSubmit || str(obj(i, "data"), "custom_id") != "journal" || got["line"]["value"] != "We talked.\nTwice." || got["how"]["value"] != "1" ||
		!slices.Equal(texts(got["days"]["values"]), []string{"mo", "fr"}) || !slices.Equal(texts(got["where"]["values"]), []string{d.ChannelID("#general")}) {
		t.Errorf("sent %v", i)
	}
	if obj(obj(obj(i, "data"), "resolved"), "channels")[d.ChannelID("#general")] == nil || str(obj(i, "message"), "id") != source.ID {
		t.Errorf("sent %v", i)
	}
	if now := anna.WaitMessage("Kept."); now.ID != source.ID {
		t.Errorf("got %+v, want the message of the button changed", now)
	}
	d.Demand()

	e.say(answerModal, form)
	anna.Command("/rapport")
	m = anna.WaitModal("A line")
	e.with(func(map[string]any) { d.Advance(4 * time.Second) })
	if a := anna.Submit(m, map[string]string{"What happened?": "a", "Channel": "general"}); a.Error != noSubmit {
		t.Errorf("no answer: got %+v", a)
	}
	if now, open := anna.Modal(); !open || now.Error != noSubmit {
		t.Errorf("no answer: got %+v, want the form still open", now)
	}
	anna.CloseModal()
	if _, open := anna.Modal(); open {
		t.Error("closed, and still open")
	}
}

func TestMenus(t *testing.T) {
	d := New(t, Setup{})
	e := echoing(t, d)
	e.say(answerMessage, `{"content":"Which?",`+quietly+`,"components":[
		{"type":1,"components":[{"type":3,"custom_id":"one","placeholder":"Step","options":[{"label":"First","value":"1"},{"label":"Second","value":"2"}]}]},
		{"type":1,"components":[{"type":8,"custom_id":"two","placeholder":"Channel","channel_types":[0]}]},
		{"type":1,"components":[{"type":5,"custom_id":"three","placeholder":"People","max_values":2}]}]}`)
	ben := d.Person("Ben").In("#team")
	ben.Command("/rapport")
	for _, test := range []struct {
		placeholder string
		labels      []string
		want        []string
	}{
		{"Step", []string{"Second"}, []string{"2"}},
		{"", []string{"First"}, []string{"1"}},
		{"Channel", []string{"#general"}, []string{d.ChannelID("#general")}},
		{"People", []string{"Anna", "Cleo"}, []string{d.Person("Anna").ID(), d.Person("Cleo").ID()}},
	} {
		e.say(answerNothing, `{}`)
		ben.Pick(nil, test.placeholder, test.labels...)
		data := obj(e.last(), "data")
		if got := texts(data["values"]); !slices.Equal(got, test.want) || (test.placeholder == "Channel" || test.placeholder == "People") != (data["resolved"] != nil) {
			t.Errorf("%s %v: sent %v", test.placeholder, test.labels, data)
		}
	}
	d.Demand()
}

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

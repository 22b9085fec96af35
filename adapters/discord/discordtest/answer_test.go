package discordtest

import (
	"slices"
	"strings"
	"testing"
	"time"
)

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
	e.with(func(i map[string]any) {
		if status, out, _ := call(t, d, "POST", "/webhooks/"+d.AppID()+"/"+str(i, "token"), `{"content":"x",`+quietly+`}`); status != 404 || num(out, "code") != unknownWebhook {
			t.Errorf("before the first answer: got %d %v", status, out)
		}
		answerTo(t, d, i, answerLater, `{"flags":64}`)
	})
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

func TestFirstFollowUp(t *testing.T) {
	d := New(t, Setup{})
	e := echoing(t, d)
	e.say(answerLater, `{"flags":64}`)
	dora := d.Person("Dora").In("#pier")
	dora.Command("/rapport")
	hook := "/webhooks/" + d.AppID() + "/" + str(e.last(), "token")
	for n := range 6 {
		if status, out, _ := call(t, d, "POST", hook, sprint(`{"content":"Part %d",%s}`, n, quietly)); status != 200 {
			t.Errorf("follow-up %d: got %d %v", n, status, out)
		}
	}
	if got := dora.Messages(); len(got) != 6 || got[0].Content != "Part 0" || got[0].For != dora.ID() || got[0].Flags != Ephemeral || got[1].For != "" {
		t.Errorf("Dora sees %+v", got)
	}
	if got := d.Violations(); len(got) != 1 || !strings.Contains(got[0].Problem, "deprecated") {
		t.Errorf("got %v, want one about the first", got)
	}
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

// TestEdits: what an edit does not name stays, what it sets to null goes.
func TestEdits(t *testing.T) {
	d := New(t, Setup{})
	e := echoing(t, d)
	anna := d.Person("Anna").In("#team")
	e.say(answerMessage, private)
	anna.Command("/rapport")
	edit := func(body string) (int, Message) {
		status, out, _ := call(t, d, "PATCH", "/webhooks/"+d.AppID()+"/"+str(e.last(), "token")+"/messages/@original", body)
		if status != 200 && num(out, "code") != invalidForm {
			t.Errorf("%s: got %d %v", body, status, out)
		}
		return status, anna.LastMessage()
	}
	if _, m := edit(`{"content":"New.",` + quietly + `}`); m.Plain() != "New.\n[Go]" {
		t.Errorf("one thing named: got %q", m.Plain())
	}
	if _, m := edit(`{"components":null,` + quietly + `}`); m.Plain() != "New." {
		t.Errorf("null: got %q", m.Plain())
	}
	d.Demand()
	if status, m := edit(`{"flags":32768,"components":[{"type":10,"content":"Both"}],` + quietly + `}`); status != 400 || m.Plain() != "New." {
		t.Errorf("Components V2 beside content: got %d, %q", status, m.Plain())
	}
	before := len(d.Violations())
	if _, m := edit(`{"flags":32768,"content":null,"components":[{"type":10,"content":"Alone"}],` + quietly + `}`); m.Plain() != "Alone" || m.Flags != Ephemeral|ComponentsV2 {
		t.Errorf("Components V2 alone: got %q, flags %d", m.Plain(), m.Flags)
	}
	if _, m := edit(`{"components":[{"type":10,"content":"Still"}],` + quietly + `}`); m.Plain() != "Still" || m.Flags != Ephemeral|ComponentsV2 {
		t.Errorf("without the flag: got %q, flags %d", m.Plain(), m.Flags)
	}
	if got := d.Violations()[before:]; len(got) > 0 {
		t.Errorf("got %v", got)
	}
}

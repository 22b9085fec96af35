package discordtest

import (
	"slices"
	"strings"
	"testing"
	"time"
)

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

func TestOptions(t *testing.T) {
	d := New(t, Setup{})
	e := echoing(t, d)
	status, out, _ := request(t, d, "PUT", "/applications/"+d.AppID()+"/guilds/"+d.GuildID("Lighthouse")+"/commands", `[{"name":"all","description":"a","integration_types":[0],"options":[
		{"type":3,"name":"mood","description":"a","required":true,"choices":[{"name":"Good","name_localizations":{"de":"Gut"},"value":"g"},{"name":"Bad","value":"b"}]},
		{"type":4,"name":"number","description":"a"},{"type":5,"name":"sure","description":"a"},
		{"type":6,"name":"who","description":"a"},{"type":7,"name":"where","description":"a"}]}]`, "application/json", "Bot "+d.Token())
	if status != 200 {
		t.Fatalf("got %d %s", status, out)
	}
	e.say(answerMessage, private)
	d.Change("Cleo", func(u *User) { u.Installed = true })
	cleo := d.Person("Cleo").In("#team")
	for _, values := range [][]string{{}, {"Awful"}, {"Gut", "many"}, {"Gut", "1", "perhaps"}, {"Gut", "1", "True", "nobody"}, {"Gut", "1", "True", "Ben", "nowhere"}} {
		if a := cleo.Command("/all", values...); a.Error == "" || a.ID != "" {
			t.Errorf("%v: got %+v, want the client to keep it back", values, a)
		}
	}
	cleo.Command("/all", "Gut", "7", "True", "@Ben", "#general")
	data := obj(e.last(), "data")
	var got []any
	for _, o := range objs(data, "options") {
		got = append(got, o["value"])
	}
	if want := []any{"g", 7.0, true, d.Person("Ben").ID(), d.ChannelID("#general")}; !slices.Equal(got, want) || str(data, "guild_id") != d.GuildID("Lighthouse") {
		t.Errorf("sent %v, want %v", data, want)
	}
	if r := obj(data, "resolved"); len(obj(r, "users")) != 1 || len(obj(r, "channels")) != 1 {
		t.Errorf("resolved %v", r)
	}
	if owners := obj(e.last(), "authorizing_integration_owners"); owners["1"] != nil || owners["0"] == nil {
		t.Errorf("a command for servers alone: got %v", owners)
	}
	if got := d.Commands("Lighthouse"); !slices.Equal(got, []string{"all"}) || !d.WaitCommand("/all", long) || d.WaitCommand("/none", 0) {
		t.Errorf("got %v", got)
	}
	d.DeleteChannel("#team")
	if a := cleo.Command("/all", "Gut"); a.Error != noCommand {
		t.Errorf("in a channel that is gone: got %+v", a)
	}
	d.Demand()
}

func TestEveryInput(t *testing.T) {
	d := New(t, Setup{})
	e := echoing(t, d)
	e.say(answerModal, `{"title":"All","custom_id":"all","components":[
		{"type":18,"label":"Sure","component":{"type":23,"custom_id":"box"}},
		{"type":18,"label":"Which","component":{"type":22,"custom_id":"boxes","min_values":1,"max_values":2,"options":[{"label":"A","value":"a"},{"label":"B","value":"b"},{"label":"C","value":"c"}]}},
		{"type":18,"label":"Who","component":{"type":5,"custom_id":"who","required":false}},
		{"type":18,"label":"Words","component":{"type":4,"custom_id":"words","style":1,"min_length":3,"required":false,"value":"abc"}}]}`)
	ben := d.Person("Ben").In("#team")
	ben.Command("/rapport")
	m := ben.WaitModal("All")
	if want := "Sure:\n  [ ] yes"; !strings.HasPrefix(m.Plain(), want) {
		t.Errorf("got %q, want it to begin with %q", m.Plain(), want)
	}
	for _, values := range []map[string]string{ // what is filled in stays
		{}, {"Which": "A\nB\nC"}, {"Which": "A", "Words": "ab"}, {"Words": "abc", "Who": "Nobody"},
	} {
		if a := ben.Submit(m, values); a.Error == "" {
			t.Errorf("%v: it was sent", values)
		}
	}
	e.say(answerMessage, private)
	ben.Submit(m, map[string]string{"Sure": "true", "Which": "A\nC", "Who": "Anna", "Words": ""})
	got := map[string]any{}
	for _, c := range objs(obj(e.last(), "data"), "components") {
		one := obj(c, "component")
		got[str(one, "custom_id")] = one["value"]
		if one["values"] != nil {
			got[str(one, "custom_id")] = strings.Join(texts(one["values"]), " ")
		}
	}
	if got["box"] != true || got["boxes"] != "a c" || got["who"] != d.Person("Anna").ID() || got["words"] != "" {
		t.Errorf("sent %v", got)
	}
	d.Demand()
}

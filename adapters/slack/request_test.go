package slack

import (
	"encoding/json"
	"errors"
	"reflect"
	"slices"
	"testing"
	"time"

	slackgo "github.com/slack-go/slack"

	"rapport/adapters/slack/blockkit"
	"rapport/coach"
)

// tableDesk is a desk of workspace T1 that knows one person, U1, as f says;
// nobody if f is nil.
func tableDesk(t *testing.T, f *facts, scopes ...string) *desk {
	d := &desk{Adapter: New(Options{Admins: []string{"UBOSS"}}), self: installation{Team: "T1", Scopes: scopes}}
	r := &register{err: errors.New("no")}
	if f != nil {
		r.set(*f, nil)
	}
	d.people = newPeople(t.Context(), r.ask, time.Now)
	return d
}

func interactionJSON(t *testing.T, payload string) *slackgo.InteractionCallback {
	t.Helper()
	p := new(slackgo.InteractionCallback)
	if err := json.Unmarshal([]byte(payload), p); err != nil {
		t.Fatal(err)
	}
	return p
}

// Each gesture as Slack tells of it, and the request it becomes.
func TestRequest(t *testing.T) {
	person := coach.Person{Platform: platform, Realm: "T1", User: "U1"}
	team := coach.Team{Platform: platform, ID: "T1"}
	general := coach.ChannelOf(team, "C1")
	home := coach.Address{Kind: coach.Home, Platform: platform, Person: person}
	const who = `"user":{"id":"U1","team_id":"T1"},"team":{"id":"T1"}`
	press := func(rest string) incoming {
		return incoming{ID: "env", Press: interactionJSON(t, `{"type":"block_actions",`+who+`,"trigger_id":"t.1",
			"actions":[{"type":"button","action_id":"b1","block_id":"x","value":"1in:offer","action_ts":"5.6"}],`+rest+`}`)}
	}
	command := func(c slackgo.SlashCommand) incoming {
		c.UserID, c.TeamID, c.TriggerID = "U1", "T1", "t.1"
		return incoming{ID: "env", Command: &c}
	}
	cases := []struct {
		name string
		in   incoming
		want coach.Request
	}{
		{"command in a channel", command(slackgo.SlashCommand{ChannelID: "C1", Text: "3"}),
			coach.Request{At: general, Action: coach.Do("step", "3")}},
		{"command in a private channel", command(slackgo.SlashCommand{ChannelID: "G1"}),
			coach.Request{At: coach.ChannelOf(team, "G1"), Action: coach.Do("home")}},
		{"command in direct messages", command(slackgo.SlashCommand{ChannelID: "D1", Text: "done"}),
			coach.Request{At: coach.DirectTo(person), Action: coach.Do("done")}},
		{"command with what Slack escapes", command(slackgo.SlashCommand{ChannelID: "D1", Text: "R&amp;D &lt;!channel&gt; &amp;lt; here"}),
			coach.Request{At: coach.DirectTo(person), Action: coach.Do("else", "R&D <!channel> &lt; here")}},
		{"press on a message for all", press(`"channel":{"id":"C1"},"container":{"type":"message","message_ts":"1.2","channel_id":"C1"},"response_url":"https://x"`),
			coach.Request{At: general, Shared: true, Action: coach.Do("in", "offer")}},
		{"press on a message for one", press(`"channel":{"id":"C1"},"container":{"type":"message","is_ephemeral":true,"channel_id":"C1"}`),
			coach.Request{At: general, Action: coach.Do("in", "offer")}},
		{"press in direct messages", press(`"container":{"type":"message","channel_id":"D1"}`),
			coach.Request{At: coach.DirectTo(person), Action: coach.Do("in", "offer")}},
		{"press in the Home", press(`"container":{"type":"view","view_id":"V1"},"view":{"id":"V1","type":"home","private_metadata":"1home","blocks":[]}`),
			coach.Request{At: home, Action: coach.Do("in", "offer")}},
		{"press in a modal of a channel", press(`"container":{"type":"view","view_id":"V1"},"view":{"id":"V1","type":"modal","private_metadata":"C1\n","blocks":[]}`),
			coach.Request{At: general, Action: coach.Do("in", "offer")}},
		{"press in a modal of the Home", press(`"container":{"type":"view","view_id":"V1"},"view":{"id":"V1","type":"modal","private_metadata":"1home\n","blocks":[]}`),
			coach.Request{At: coach.DirectTo(person), Action: coach.Do("in", "offer")}},
		{"pick", incoming{Press: interactionJSON(t, `{"type":"block_actions",`+who+`,"trigger_id":"t.1","channel":{"id":"D1"},
			"actions":[{"type":"static_select","action_id":"choice","block_id":"c","selected_option":{"value":"1note:7"}}]}`)},
			coach.Request{At: coach.DirectTo(person), Action: coach.Do("note", "7")}},
		{"shortcut", incoming{Press: interactionJSON(t, `{"type":"shortcut","callback_id":"journal",`+who+`,"trigger_id":"t.1"}`)},
			coach.Request{At: coach.DirectTo(person), Action: coach.Do("write")}},
		{"sent form without an answer", incoming{Press: interactionJSON(t, `{"type":"view_submission",`+who+`,"trigger_id":"t.1",
			"view":{"id":"V1","type":"modal","private_metadata":"C1\n1write:p","blocks":[],"state":{"values":{}}}}`)},
			coach.Request{At: general, Action: coach.Do("write", "p"), Answers: map[string]string{}}},
		{"sent form", incoming{Press: interactionJSON(t, `{"type":"view_submission",`+who+`,"trigger_id":"t.1",
			"view":{"id":"V1","type":"modal","private_metadata":"\n1write:p","blocks":[],"state":{"values":{"words":{"words":{"type":"plain_text_input","value":"a & b"}}}}}}`)},
			coach.Request{At: coach.DirectTo(person), Action: coach.Do("write", "p"), Answers: map[string]string{"words": "a & b"}}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			d := tableDesk(t, &facts{team: "T1", zone: "Europe/Berlin", locale: "de-DE"}, "files:write")
			g, ok := d.gestureOf(c.in)
			if !ok {
				t.Fatal("no gesture")
			}
			want := c.want
			want.ID, want.From, want.Team, want.Zone, want.Locale = "slack:t.1", person, team, "Europe/Berlin", "de-DE"
			got := d.complete(t.Context(), g, g.request)
			if len(got.Action.Args) == 0 {
				got.Action.Args = nil
			}
			if !reflect.DeepEqual(got, want) {
				t.Errorf("got  %+v\nwant %+v", got, want)
			}
		})
	}
}

func TestNoRequest(t *testing.T) {
	const who = `"user":{"id":"U1","team_id":"T1"}`
	cases := map[string]string{
		"another shortcut":   `{"type":"shortcut","callback_id":"other",` + who + `}`,
		"a message shortcut": `{"type":"message_action","callback_id":"journal",` + who + `}`,
		"a closed view":      `{"type":"view_closed",` + who + `,"view":{"id":"V1","blocks":[]}}`,
		"a press of nothing": `{"type":"block_actions",` + who + `,"actions":[]}`,
		"a date":             `{"type":"block_actions",` + who + `,"actions":[{"type":"datepicker","block_id":"b","action_id":"x","selected_date":"2026-01-01"}]}`,
		"nobody":             `{"type":"block_actions","actions":[{"type":"button","block_id":"b","value":"1home"}]}`,
	}
	for name, payload := range cases {
		if g, ok := tableDesk(t, nil).gestureOf(incoming{Press: interactionJSON(t, payload)}); ok {
			t.Errorf("%s becomes %+v", name, g.request)
		}
	}
	if _, ok := tableDesk(t, nil).gestureOf(incoming{}); ok {
		t.Error("nothing becomes a request")
	}
}

// Who may set the team up.
func TestRights(t *testing.T) {
	cases := []struct {
		name  string
		user  string
		team  string
		facts *facts // nil: Slack does not say
		admin bool
		guest bool
		odd   bool // of another organisation
	}{
		{"member", "U1", "T1", &facts{team: "T1"}, false, false, false},
		{"admin", "U1", "T1", &facts{team: "T1", admin: true}, true, false, false},
		{"named", "UBOSS", "T1", &facts{team: "T1"}, true, false, false},
		{"guest", "U1", "T1", &facts{team: "T1", guest: true}, false, true, false},
		{"named guest", "UBOSS", "T1", &facts{team: "T1", guest: true}, false, true, false},
		{"admin of another organisation", "U1", "T9", &facts{team: "T9", admin: true}, false, false, true},
		{"named, of another organisation", "UBOSS", "T9", &facts{team: "T9"}, false, false, true},
		{"Slack fails", "U1", "T1", nil, false, true, false},
		{"Slack fails, named", "UBOSS", "T1", nil, true, false, false},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			g := gesture{way: byMessage, by: caller{user: c.user, team: c.team, place: "T1"}}
			r := tableDesk(t, c.facts).complete(t.Context(), g, coach.Request{})
			if r.Admin != c.admin || r.Guest != c.guest || r.Stranger != c.odd {
				t.Errorf("admin %t, guest %t, stranger %t; want %t, %t, %t", r.Admin, r.Guest, r.Stranger, c.admin, c.guest, c.odd)
			}
		})
	}
}

// Slack says nothing of the zone of some people, and not at all if it fails.
func TestNoZone(t *testing.T) {
	var u slackgo.User
	if err := json.Unmarshal([]byte(`{"id":"U1","team_id":"T1","tz":null,"locale":"en-US"}`), &u); err != nil {
		t.Fatal(err)
	}
	f := factsOf(&u)
	for name, known := range map[string]*facts{"null": &f, "failing": nil} {
		r := tableDesk(t, known).complete(t.Context(), gesture{by: caller{user: "U1", place: "T1"}}, coach.Request{})
		if r.Zone != "" || !r.TextOnly {
			t.Errorf("%s: zone %q, text only %t", name, r.Zone, r.TextOnly)
		}
	}
}

// A gesture has one name however often Slack tells of it, and another than any
// other gesture.
func TestNames(t *testing.T) {
	view := func(hash, words string) incoming {
		return incoming{Press: interactionJSON(t, `{"type":"view_submission","user":{"id":"U1"},
			"view":{"id":"V1","hash":"`+hash+`","type":"modal","private_metadata":"\n1write","blocks":[],"state":{"values":{"words":{"words":{"type":"plain_text_input","value":"`+words+`"}}}}}}`)}
	}
	press := func(ts string) incoming {
		return incoming{Press: interactionJSON(t, `{"type":"block_actions","user":{"id":"U1"},"channel":{"id":"C1"},"actions":[{"type":"button","block_id":"b","value":"1home","action_ts":"`+ts+`"}]}`)}
	}
	d := tableDesk(t, nil)
	name := func(in incoming) string {
		g, ok := d.gestureOf(in)
		if !ok || g.request.ID == requestID("") {
			t.Errorf("%+v has no name", in)
		}
		return g.request.ID
	}
	all := []string{
		name(view("1", "a")), name(view("2", "a")), name(view("1", "b")), name(press("1.1")), name(press("1.2")),
		name(incoming{ID: "env", Command: &slackgo.SlashCommand{UserID: "U1"}}),
		name(incoming{Command: &slackgo.SlashCommand{UserID: "U1"}}), name(incoming{Command: &slackgo.SlashCommand{UserID: "U1"}}),
	}
	if again := name(view("1", "a")); again != all[0] {
		t.Errorf("a form sent twice is %q and %q", all[0], again)
	}
	slices.Sort(all)
	if got := len(slices.Compact(all)); got != 8 {
		t.Errorf("%d names for 8 gestures", got)
	}
}

// The pages of the Home, and what opens over it.
func TestPages(t *testing.T) {
	cases := map[string]bool{
		"home": true, "home me": true, "progress": true, "settings": true,
		"progress picture": false, "journal": false, "write": false, "done": false,
	}
	for text, want := range cases {
		a := coach.Parse(text)
		if text == "write" {
			a = coach.Do("write")
		}
		if got := isPage(a); got != want {
			t.Errorf("isPage(%q) = %t, want %t", text, got, want)
		}
		if page, ok := pageIn(encoded(a)); ok != want || ok && !reflect.DeepEqual(page.Verb, a.Verb) {
			t.Errorf("pageIn(%q) = %v, %t", encoded(a), page, ok)
		}
	}
	for _, origin := range []string{"", "C1", "D1", "G1"} {
		if page, ok := pageIn(origin); ok {
			t.Errorf("pageIn(%q) = %v", origin, page)
		}
	}
	v := slackgo.View{PrivateMetadata: blockkit.Form(coach.Form{Action: coach.Do("write")}, encoded(coach.Do("home", "me"))).PrivateMetadata}
	if page, ok := pageIn(blockkit.Origin(v)); !ok || !reflect.DeepEqual(page, coach.Do("home", "me")) {
		t.Errorf("a form of the Home comes from %v, %t", page, ok)
	}
}

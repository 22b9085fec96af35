package discord

import (
	"encoding/json"
	"reflect"
	"testing"
	"time"

	"rapport/coach"
)

func TestRequests(t *testing.T) {
	anna := coach.Person{Platform: platform, User: annaID}
	team := coach.Team{Platform: platform, ID: guildID}
	here := coach.ChannelOf(team, channelID)
	rights := func(bits string) func(map[string]any) {
		return with("member", map[string]any{"user": map[string]any{"id": annaID}, "permissions": bits})
	}
	inDirect := func(in map[string]any) {
		without("guild_id", "member", "guild_locale")(in)
		in["user"], in["context"] = map[string]any{"id": annaID}, 1
		in["authorizing_integration_owners"] = map[string]any{"0": "0"}
	}
	for name, tc := range map[string]struct {
		kind   kind
		data   map[string]any
		change []func(map[string]any)
		want   coach.Request
	}{
		"bare":              {command, typedCommand("rapport", ""), nil, coach.Request{Team: team, At: here, Action: coach.Do("home")}},
		"with words":        {command, typedCommand("rapport", "step 3"), nil, coach.Request{Team: team, At: here, Action: coach.Do("step", "3")}},
		"admin, bare":       {command, typedCommand("rapport-admin", ""), nil, coach.Request{Team: team, At: here, Action: coach.Do("setup")}},
		"admin, blanks":     {command, typedCommand("rapport-admin", "  "), nil, coach.Request{Team: team, At: here, Action: coach.Do("setup")}},
		"admin, with words": {command, typedCommand("rapport-admin", "done"), nil, coach.Request{Team: team, At: here, Action: coach.Do("done")}},
		"no locale":         {command, typedCommand("rapport", ""), []func(map[string]any){without("locale")}, coach.Request{Team: team, At: here, Action: coach.Do("home"), Locale: "fr"}},
		"may manage":        {command, typedCommand("rapport", ""), []func(map[string]any){rights("32")}, coach.Request{Team: team, At: here, Action: coach.Do("home"), Admin: true}},
		"administrator":     {command, typedCommand("rapport", ""), []func(map[string]any){rights("2147483656")}, coach.Request{Team: team, At: here, Action: coach.Do("home"), Admin: true}},
		"other rights":      {command, typedCommand("rapport", ""), []func(map[string]any){rights("2147484672")}, coach.Request{Team: team, At: here, Action: coach.Do("home")}},
		"no rights":         {command, typedCommand("rapport", ""), []func(map[string]any){rights("many")}, coach.Request{Team: team, At: here, Action: coach.Do("home")}},
		"installed for oneself in a server of others": {command, typedCommand("rapport", ""),
			[]func(map[string]any){with("authorizing_integration_owners", map[string]any{"1": annaID}), rights("8")},
			coach.Request{At: coach.DirectTo(anna), Action: coach.Do("home")}},
		"installed in another server": {command, typedCommand("rapport", ""),
			[]func(map[string]any){with("authorizing_integration_owners", map[string]any{"0": "77", "1": annaID}), rights("8")},
			coach.Request{At: coach.DirectTo(anna), Action: coach.Do("home")}},
		"nobody says where installed": {command, typedCommand("rapport", ""), []func(map[string]any){without("authorizing_integration_owners"), rights("8")},
			coach.Request{At: coach.DirectTo(anna), Action: coach.Do("home")}},
		"direct":              {command, typedCommand("rapport", ""), []func(map[string]any){inDirect}, coach.Request{At: coach.DirectTo(anna), Action: coach.Do("home")}},
		"press on a post":     {press, control(coach.Do("in", "x")), []func(map[string]any){ofMessage(componentsV2)}, coach.Request{Team: team, At: here, Shared: true, Action: coach.Do("in", "x")}},
		"press on one's own":  {press, control(coach.Do("in", "x")), []func(map[string]any){ofMessage(ephemeral | componentsV2)}, coach.Request{Team: team, At: here, Action: coach.Do("in", "x")}},
		"press in direct":     {press, control(coach.Do("in", "x")), []func(map[string]any){inDirect, ofMessage(componentsV2)}, coach.Request{At: coach.DirectTo(anna), Action: coach.Do("in", "x")}},
		"press among friends": {press, control(coach.Do("in", "x")), []func(map[string]any){inDirect, with("context", 2), ofMessage(componentsV2)}, coach.Request{At: coach.DirectTo(anna), Shared: true, Action: coach.Do("in", "x")}},
		"pick":                {press, map[string]any{"custom_id": "menu", "component_type": 3, "values": []string{"1why:a"}}, []func(map[string]any){ofMessage(64)}, coach.Request{Team: team, At: here, Action: coach.Do("why", "a")}},
		"form":                {submitted, sentForm(coach.Do("note", "a"), "words", " x "), nil, coach.Request{Team: team, At: here, Action: coach.Do("note", "a"), Answers: map[string]string{"words": " x "}}},
		"form of nothing":     {submitted, control(coach.Do("note")), nil, coach.Request{Team: team, At: here, Action: coach.Do("note"), Answers: map[string]string{}}},
	} {
		t.Run(name, func(t *testing.T) {
			s := newStage(t)
			in := s.does(tc.kind, tc.data, tc.change...)
			s.hear(raw(t, in))
			s.nth(1)
			want := tc.want
			want.ID, want.From = "discord:"+in["id"].(string), anna
			if want.Locale == "" {
				want.Locale = "de"
			}
			got := s.requests()[0]
			if len(got.Action.Args) == 0 {
				got.Action.Args = nil
			}
			if !reflect.DeepEqual(got, want) {
				t.Errorf("got  %+v\nwant %+v", got, want)
			}
		})
	}
}

// TestOddControls: what cannot be read is answered kindly, by the coach.
func TestOddControls(t *testing.T) {
	for name, in := range map[string]struct {
		kind kind
		data any
	}{
		"press of nothing": {press, nil},
		"press of a word":  {press, "x"},
		"another's button": {press, map[string]any{"custom_id": "from another age"}},
		"form of nothing":  {submitted, nil},
		"form of a word":   {submitted, "x"},
	} {
		t.Run(name, func(t *testing.T) {
			s := newStage(t)
			s.hear(raw(t, s.does(in.kind, in.data)))
			s.nth(1)
			if got := s.requests()[0]; got.Action.Verb != coach.DecodeAction("").Verb {
				t.Errorf("got %+v", got)
			}
		})
	}
}

func TestMade(t *testing.T) {
	if got, want := made("175928847299117063"), time.UnixMilli(1462015105796); !got.Equal(want) { // Discord's own example
		t.Errorf("got %v, want %v", got, want)
	}
	for _, id := range []string{"", "x", "-1", "99999999999999999999"} {
		if got := made(id); !got.IsZero() {
			t.Errorf("%q: got %v, want no time", id, got)
		}
	}
}

func FuzzInteraction(f *testing.F) {
	f.Add([]byte(`{"id":"1","type":2,"data":{"name":"rapport","options":[{"name":"what","value":"x"}]}}`))
	f.Add([]byte(`{"id":"1","type":3,"data":{"custom_id":"1home","values":["1done"]},"message":{"flags":64}}`))
	f.Add([]byte(`{"id":"1","type":5,"data":{"custom_id":"1note","components":[{"component":{"type":4,"custom_id":"a","value":"b"}}]}}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		in, err := readInteraction(raw)
		if err != nil {
			return
		}
		r, _ := in.reading()
		if (r.Team == coach.Team{}) != (r.At.Kind == coach.Direct) && in.Channel != "" {
			t.Errorf("a team without a channel: %+v", r)
		}
		in.withWords(coach.Sorry())
	})
}

// What is read of an interaction in the short way is what encoding/json reads.
func TestPeeked(t *testing.T) {
	s := newStage(t)
	full := map[string]any{"id": annaID, "username": "anna", "bot": false, "avatar": nil}
	for name, in := range map[string]map[string]any{
		"a command":   s.does(command, typedCommand("rapport", "done \"well\" é")),
		"a press":     s.does(press, control(coach.Do("in", "x")), ofMessage(64)),
		"a form":      s.does(submitted, sentForm(coach.Do("note", "a"), "words", " x ")),
		"direct":      s.does(command, typedCommand("rapport", ""), without("guild_id", "member"), with("user", full), with("context", 1)),
		"in a server": s.does(command, typedCommand("rapport", ""), with("member", map[string]any{"user": full, "permissions": "32", "roles": []string{"1"}})),
		"nulls":       s.does(command, typedCommand("rapport", ""), with("member", nil), with("message", nil), with("context", nil), with("locale", nil)),
		"nothing":     {},
	} {
		text := raw(t, in)
		var want interaction
		if err := json.Unmarshal(text, &want); err != nil {
			t.Fatal(err)
		}
		got, ok := peekInteraction(text)
		if !ok || !reflect.DeepEqual(*got, want) {
			t.Errorf("%s: %+v, %v; want %+v", name, got, ok, want)
		}
	}
	for name, in := range map[string]map[string]any{
		"a number for an id":   s.does(command, nil, with("id", 7)),
		"words for a type":     s.does(command, nil, with("type", "x")),
		"a text for a member":  s.does(command, nil, with("member", "x")),
		"a number for a token": s.does(command, nil, with("token", 1)),
	} {
		if _, err := readInteraction(raw(t, in)); err == nil {
			t.Errorf("%s is taken", name)
		}
	}
	if in, err := readInteraction(raw(t, s.does(command, nil, with("locale", "dé")))); err != nil || in.Locale != "dé" {
		t.Errorf("what is not ASCII is read as %q, %v", in.Locale, err)
	}
}

// What was typed is read in the short way as encoding/json reads it, and where
// that way does not know what it sees it says so.
func TestPeekTyped(t *testing.T) {
	for data, want := range map[string]bool{
		`{"name":"rapport"}`:              true,
		`{"name":"rapport","options":[]}`: true,
		`{"id":"1","name":"rapport","type":1,"options":[{"name":"what","type":3,"value":"a b"}]}`: true,
		`{"options":[{"value":"x","name":"what"}],"name":"rapport-admin"}`:                        true,
		`{"name":"rapport","options":[{"name":"other","value":7},{"name":"what","value":"x"}]}`:   true,
		`{"name":"rapport","options":[{"name":"what","value":"x"},{"name":"other","value":"y"}]}`: true,
		`{"name":"rapport","options":[{"name":"what","value":"x"},{"name":"what","value":"y"}]}`:  true,
		`{"name":"rapport","options":[{"name":"what","value":"caf\u00e9"}]}`:                      false,
		`{"name":"rapport","options":[{"name":"what","value":"é"}]}`:                              false,
		`{"name":"rapport","options":[{"name":"what","value":7}]}`:                                false,
		`{"name":"rapport","options":[{"name":"what","value":null}]}`:                             false,
		`{"name":"rapport","options":[{"name":"what"}]}`:                                          false,
		`{"name":"rapport","options":null}`:                                                       false,
		`{"name":7}`:                                                                              false,
		`null`:                                                                                    false,
		``:                                                                                        false,
	} {
		name, text, ok := peekTyped([]byte(data))
		if ok != want {
			t.Errorf("%s: read in the short way is %v", data, ok)
		}
		if wantName, wantText := readTyped([]byte(data)); ok && (name != wantName || text != wantText) {
			t.Errorf("%s: %q, %q; want %q, %q", data, name, text, wantName, wantText)
		}
	}
}

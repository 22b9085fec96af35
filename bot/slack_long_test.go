package main

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"rapport/adapters/slack/slacktest"
	"rapport/coach"
)

// TestSlackLong types 20,000 characters behind every word, and sends them in
// forged forms, which Slack's own client would not: each is answered kindly.
func TestSlackLong(t *testing.T) {
	for _, way := range bothWays {
		t.Run(way, func(t *testing.T) { slackLong(t, way) })
	}
}

func slackLong(t *testing.T, way string) {
	alone(t)
	o := openOffice(t, way, monday, slacktest.Setup{})
	o.setUp("general")
	lots := map[string]string{
		"letters": strings.Repeat("long ", 4000), "wide": strings.Repeat("\U0001F600", 20000), "marks": strings.Repeat("<!channel> *_~`&", 1250),
		"lines": strings.Repeat("a\n", 10000), "turned": strings.Repeat("\u202e", 20000), "one word": strings.Repeat("x", 20000),
	}
	w := newWalker(o, "")
	words := []string{"", "step", "practice", "done", "journal", "pause", "data", "help", "setup", "settings", "progress", "tip"}
	for name, text := range lots {
		for _, word := range words {
			w.as("Anna")
			before := w.look()
			on := w.done(name+" behind "+word, w.p.Command("/rapport "+word+" "+text), before)
			if said := face(on); said == "" || len(said) > 12000 {
				t.Errorf("%s behind %q is answered by %d bytes", name, word, len(said))
			}
			if m, ok := on.(slacktest.Message); ok && len(m.Pings) > 0 {
				t.Errorf("%s behind %q pings %q", name, word, m.Pings)
			}
		}
	}
	forged := 0
	for _, form := range []struct{ line, press string }{
		{"journal write", ""}, {"pause", ""}, {"settings", "Rhythm"}, {"settings", "Place and habits"}, {"setup form", ""}, {"setup", "More"},
	} {
		for name, text := range lots {
			w.as("Anna")
			on := w.ask("Anna", "/rapport "+form.line, form.press, nil)
			v, ok := on.(slacktest.View)
			if !ok {
				t.Fatalf("%s opens no form: %s", form.line, face(on))
			}
			a := o.transport().Deliver(slacktest.Interactions, forge(o, v, text))
			forged++
			var said struct {
				Action string            `json:"response_action"`
				Errors map[string]string `json:"errors"`
				View   map[string]any    `json:"view"`
			}
			if a.Error != "" || json.Unmarshal(a.Body, &said) != nil || said.Action == "" || len(a.Body) >= 20<<10 {
				t.Errorf("%s with %s: error %q, %d bytes", form.line, name, a.Error, len(a.Body))
			}
			if strings.Contains(string(a.Body), coach.Sorry().Message.Sections[0].Text.String()) {
				t.Errorf("%s with %s: %s", form.line, name, a.Body)
			}
			for _, e := range said.Errors {
				if e == "" || len(e) > 500 {
					t.Errorf("%s with %s: it is said %q", form.line, name, e)
				}
			}
		}
	}
	t.Logf("%s: %d commands and %d forged forms of 20,000 characters; slowest acknowledgement %s", way, len(lots)*len(words), forged, w.slowest.Round(time.Millisecond))
	o.judge()
}

// transport is the way in.
func (o *office) transport() slacktest.Transport {
	if o.way == "http" {
		return o.s.Web("http://" + o.a.Listener.Addr().String() + "/slack")
	}
	return o.s.Socket()
}

// forge is the payload of a form in which every line holds text and every menu
// an option that it does not have.
func forge(o *office, v slacktest.View, text string) map[string]any {
	state := map[string]any{}
	for _, in := range inputsOf(v) {
		given := map[string]any{"type": in.kind, "selected_option": map[string]any{"value": "forged"}, "selected_conversation": "forged"}
		if in.kind == "plain_text_input" {
			given["value"] = text
		}
		state[in.name] = map[string]any{in.name: given}
	}
	return map[string]any{
		"type": "view_submission", "trigger_id": "forged." + v.ID + text[:8], "response_urls": []any{},
		"user": map[string]any{"id": v.User, "team_id": "T0LIGHT"}, "team": map[string]any{"id": "T0LIGHT"},
		"view": map[string]any{"id": v.ID, "hash": v.Hash, "type": "modal", "callback_id": v.Callback, "private_metadata": v.Private,
			"title": map[string]any{"type": "plain_text", "text": v.Title}, "blocks": v.Blocks, "state": map[string]any{"values": state}},
	}
}

package components

import (
	"encoding/json"
	"maps"
	"reflect"
	"strings"
	"testing"

	"rapport/coach"
	"rapport/coach/coachtest"
)

type object = map[string]any

// wire sends v over the wire and reads it as T.
func wire[T any](t *testing.T, v any) (out T) {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(b, &out); err != nil {
		t.Fatalf("%v in %s", err, b)
	}
	return out
}

// list is the array of o under key.
func list(o object, key string) []any {
	all, _ := o[key].([]any)
	return all
}

// submit is what Discord sends when f was filled with answers: a text display
// comes back bare, and an input that was left empty has an empty value.
func submit(t *testing.T, f coach.Form, answers map[string]string) []byte {
	t.Helper()
	modal := wire[object](t, Form(f))
	parts := []any{}
	for i, p := range list(modal, "components") {
		part := object{"type": p.(object)["type"], "id": i + 1}
		if c, ok := p.(object)["component"].(object); ok {
			part["component"] = reported(c, answers[c["custom_id"].(string)])
		}
		parts = append(parts, part)
	}
	b, err := json.Marshal(object{"custom_id": modal["custom_id"], "components": parts, "resolved": object{}})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// reported is how Discord tells of an answer to the input c.
func reported(c object, answer string) object {
	out := object{"type": c["type"], "id": 9, "custom_id": c["custom_id"]}
	if c["type"] == float64(4) {
		out["value"] = answer
		return out
	}
	picked := []string{}
	if answer != "" {
		picked = strings.Split(answer, ",")
	}
	out["values"] = picked
	return out
}

func TestSubmitted(t *testing.T) {
	words := coachtest.Hostile
	forms := coachtest.Forms()
	tests := map[string]struct {
		form    coach.Form
		answers map[string]string
	}{
		"journal":      {forms["journal"], map[string]string{"words": "a\n" + words}},
		"journal left": {forms["journal"], map[string]string{"words": ""}},
		"every":        {forms["every"], map[string]string{"channel": "123", "day": "5", "days": "1,3", "zone": "UTC+2", "words": words}},
		"every left":   {forms["every"], map[string]string{"channel": "", "day": "", "days": "", "zone": "", "words": ""}},
		"hostile":      {forms["hostile"], map[string]string{"if": "&amp; <b>"}},
	}
	for name, tt := range tests {
		action, answers, err := Submitted(submit(t, tt.form, tt.answers))
		if err != nil || !reflect.DeepEqual(trim(action), trim(tt.form.Action)) {
			t.Errorf("%s: got %q, %v, want %q", name, action, err, tt.form.Action)
		}
		if !maps.Equal(answers, tt.answers) {
			t.Errorf("%s: got %q, want %q", name, answers, tt.answers)
		}
	}
}

// trim returns a without the difference between no arguments and none.
func trim(a coach.Action) coach.Action {
	if len(a.Args) == 0 {
		a.Args = nil
	}
	return a
}

func TestSubmittedOdd(t *testing.T) {
	unknown := coach.DecodeAction("")
	home := coach.Do("home")
	tests := map[string]struct {
		data    string
		action  coach.Action
		answers map[string]string
		fails   bool
	}{
		"nothing":      {``, unknown, nil, true},
		"half":         {`{"custom_id":"1home","components":[{"value":"secret`, unknown, nil, true},
		"null":         {`null`, unknown, nil, false},
		"a number":     {`7`, unknown, nil, false},
		"a list":       {`[{"custom_id":"1home"}]`, unknown, nil, false},
		"no parts":     {`{"custom_id":"1home"}`, home, nil, false},
		"parts of odd": {`{"custom_id":"1home","components":{"a":1}}`, home, nil, false},
		"odd parts":    {`{"custom_id":"1home","components":[null,7,"x",{"type":10},{"type":18},{"type":18,"component":null},{"component":{"custom_id":"a","value":"b"}}]}`, home, map[string]string{"a": "b"}, false},
		"odd values": {`{"custom_id":"1home","components":[{"component":{"custom_id":"a","value":7}},{"component":{"custom_id":"b","values":"x"}},{"component":{"custom_id":"c","values":null}},
			{"component":{"custom_id":"d","value":null}},{"component":{"custom_id":"e"}},{"component":{"custom_id":7,"value":"x"}},{"component":{"custom_id":"f","values":["1"]}}]}`,
			home, map[string]string{"a": "", "b": "", "c": "", "d": "", "e": "", "f": "1"}, false},
		"rows":        {`{"custom_id":"1home","components":[{"type":1,"components":[{"type":4,"custom_id":"a","value":"b"}]}]}`, home, map[string]string{"a": "b"}, false},
		"old version": {`{"custom_id":"9home","components":[]}`, unknown, nil, false},
		"no action":   {`{"custom_id":"?","components":[]}`, unknown, nil, false},
		"odd id":      {`{"custom_id":["1home"],"components":[{"component":{"custom_id":"a","value":"b"}}]}`, unknown, map[string]string{"a": "b"}, false},
		"deep":        {`{"custom_id":"1home","components":[` + strings.Repeat(`{"component":`, 5000) + `{"custom_id":"a","value":"b"}` + strings.Repeat(`}`, 5000) + `]}`, home, map[string]string{"a": "b"}, false},
	}
	for name, tt := range tests {
		action, answers, err := Submitted([]byte(tt.data))
		if !reflect.DeepEqual(trim(action), trim(tt.action)) || !maps.Equal(answers, tt.answers) || answers == nil {
			t.Errorf("%s: got %q, %q, want %q, %q", name, action, answers, tt.action, tt.answers)
		}
		if (err != nil) != tt.fails || err != nil && strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

// TestPicked presses every control of the gallery, and hostile ones.
func TestPicked(t *testing.T) {
	messages := coachtest.Gallery()
	messages["odd"] = coach.Message{Buttons: []coach.Button{
		{Label: "a", Action: coach.Do("a", "%26", "&amp;", "%", "<>", "\n", "", "\u00fc")},
		{Label: "b", Action: coach.Do("b", strings.Repeat("<", coach.MaxAction-3))},
	}, Choices: &coach.Select{Options: []coach.Pick{{Label: "x", Action: coach.Do("choice", "%3C%253C&lt;")}}}}
	for name, m := range messages {
		var want []coach.Action
		if m.Choices != nil {
			for _, o := range m.Choices.Options {
				want = append(want, o.Action)
			}
		}
		for _, b := range m.Buttons {
			want = append(want, b.Action)
		}
		got := presses(wire[[]any](t, Message(m)))
		if len(got) != len(want) {
			t.Errorf("%s: %d of %d controls", name, len(got), len(want))
			continue
		}
		for i, p := range got {
			if a, ok := Picked(p.id, p.values); !ok || !reflect.DeepEqual(trim(a), trim(want[i])) {
				t.Errorf("%s: got %q, want %q", name, a, want[i])
			}
		}
	}
	for _, p := range []press{{"", nil}, {choiceID, nil}, {choiceID, []string{}}} {
		if a, ok := Picked(p.id, p.values); ok {
			t.Errorf("%v: got %q", p, a)
		}
	}
	for _, p := range []press{{"9x", nil}, {"\xff", nil}, {choiceID, []string{""}}, {"", []string{"?"}}, {strings.Repeat("1", 200), nil}} {
		if a, ok := Picked(p.id, p.values); !ok || a.Verb != coach.DecodeAction("").Verb {
			t.Errorf("%v: got %q, %t", p, a, ok)
		}
	}
}

// A press is what Discord tells of a button or a select.
type press struct {
	id     string
	values []string
}

// presses are the presses and picks that are possible in parts.
func presses(parts []any) (all []press) {
	for _, p := range parts {
		o := p.(object)
		id, _ := o["custom_id"].(string)
		switch o["type"] {
		case float64(2):
			all = append(all, press{id, nil})
		case float64(3):
			for _, option := range list(o, "options") {
				all = append(all, press{id, []string{option.(object)["value"].(string)}})
			}
		}
		all = append(all, presses(list(o, "components"))...)
	}
	return all
}

func FuzzSubmitted(f *testing.F) {
	f.Add([]byte(`{"custom_id":"1home","components":[{"type":18,"component":{"custom_id":"a","values":["b"]}},{"components":[{}]}]}`))
	f.Add([]byte(`{"components":[[{"custom_id":7}]]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		action, answers, err := Submitted(data)
		if action.Verb == "" || answers == nil {
			t.Errorf("got %q, %q, %v", action, answers, err)
		}
		Picked(string(data), []string{string(data)})
	})
}

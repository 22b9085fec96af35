package blockkit

import (
	"encoding/json"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	slackgo "github.com/slack-go/slack"

	"rapport/coach"
	"rapport/coach/coachtest"
)

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

// reported is how Slack tells of an answer to the input e: an empty one as null
// or as an empty list.
func reported(e object, answer string) object {
	out := object{"type": e["type"]}
	option := func(value string) (found any) {
		for _, o := range e["options"].([]any) {
			if str(o, "value") == value {
				found = o
			}
		}
		return found
	}
	switch e["type"] {
	case "plain_text_input":
		out["value"] = nil
		if answer != "" {
			out["value"] = answer
		}
	case "static_select":
		out["selected_option"] = option(answer)
	case "conversations_select":
		out["selected_conversation"] = nil
		if answer != "" {
			out["selected_conversation"] = answer
		}
	default:
		picked := []any{}
		for _, value := range strings.Split(answer, ",") {
			if o := option(value); o != nil {
				picked = append(picked, o)
			}
		}
		out["selected_options"] = picked
	}
	return out
}

// submit is what Slack sends when f was filled with answers; inputs without
// one are not in its state.
func submit(t *testing.T, f coach.Form, origin string, answers map[string]string) slackgo.View {
	t.Helper()
	view := wire[object](t, Form(f, origin))
	values := object{}
	for _, b := range view["blocks"].([]any) {
		name := str(b, "block_id")
		if answer, ok := answers[name]; ok && str(b, "type") == "input" {
			e := b.(object)["element"].(object)
			values[name] = object{str(e, "action_id"): reported(e, answer)}
		}
	}
	view["state"] = object{"values": values}
	return wire[slackgo.View](t, view)
}

func TestSubmitted(t *testing.T) {
	words := coachtest.Hostile
	many := coach.Form{Title: "Many", Submit: "Go", Action: coach.Do("x", "a\nb", "<&>%26"), Inputs: []coach.Input{
		{Name: "menu", Label: "m", Kind: coach.PickMany, Value: "k,b", Options: letters("abcdefghijk")},
		{Name: "one", Label: "o", Kind: coach.PickOne, Options: letters("ab")},
	}}
	forms := coachtest.Forms()
	tests := map[string]struct {
		form    coach.Form
		given   map[string]string
		answers map[string]string
	}{
		"journal":      {forms["journal"], map[string]string{"words": "a\n" + words}, map[string]string{"words": "a\n" + words}},
		"journal left": {forms["journal"], map[string]string{"words": ""}, map[string]string{"words": ""}},
		"every": {forms["every"], map[string]string{"channel": "C1", "day": "5", "days": "1,3", "zone": "UTC+2", "words": words},
			map[string]string{"channel": "C1", "day": "5", "days": "1,3", "zone": "UTC+2", "words": words}},
		"every left": {forms["every"], map[string]string{"channel": "", "day": "", "days": "", "zone": "", "words": ""},
			map[string]string{"channel": "", "day": "", "days": "", "zone": "", "words": ""}},
		"nothing told": {forms["every"], nil, map[string]string{"channel": "", "day": "", "days": "", "zone": "", "words": ""}},
		"hostile":      {forms["hostile"], map[string]string{"if": "&amp; <b>"}, map[string]string{"if": "&amp; <b>"}},
		"many":         {many, map[string]string{"menu": "a,k", "one": "b"}, map[string]string{"menu": "a,k", "one": "b"}},
	}
	for name, tt := range tests {
		v := submit(t, tt.form, "c", tt.given)
		action, answers, origin := Submitted(v)
		if !reflect.DeepEqual(trim(action), trim(tt.form.Action)) || origin != "c" || Origin(v) != "c" {
			t.Errorf("%s: got %q from %q, want %q", name, action, origin, tt.form.Action)
		}
		if !maps.Equal(answers, tt.answers) {
			t.Errorf("%s: got %q, want %q", name, answers, tt.answers)
		}
	}
}

func letters(s string) (all []coach.Option) {
	for _, r := range s {
		all = append(all, coach.Option{Label: strings.ToUpper(string(r)), Value: string(r)})
	}
	return all
}

// TestFilledIn shows that what is filled in beforehand comes back unless it is
// changed.
func TestFilledIn(t *testing.T) {
	for name, f := range coachtest.Forms() {
		for _, b := range Form(f, "").Blocks.BlockSet {
			in, ok := b.(*slackgo.InputBlock)
			if !ok {
				continue
			}
			var got string
			switch e := in.Element.(type) {
			case *slackgo.PlainTextInputBlockElement:
				got = e.InitialValue
			case *slackgo.SelectBlockElement:
				got = e.InitialConversation
				if e.InitialOption != nil {
					got = e.InitialOption.Value
				}
			case *slackgo.CheckboxGroupsBlockElement:
				var values []string
				for _, o := range e.InitialOptions {
					values = append(values, o.Value)
				}
				got = strings.Join(values, ",")
			}
			i := slices.IndexFunc(f.Inputs, func(i coach.Input) bool { return i.Name == in.BlockID })
			if got != f.Inputs[i].Value {
				t.Errorf("%s %s: got %q, want %q", name, in.BlockID, got, f.Inputs[i].Value)
			}
		}
	}
	for value, want := range map[string]string{"C0AB": "C0AB", "G1": "G1", "general": "", "D1": "", "": "", "C<1": ""} {
		e := newElement(coach.Input{Name: "c", Kind: coach.PickChannel, Value: value}).(*slackgo.SelectBlockElement)
		if e.InitialConversation != want {
			t.Errorf("channel %q: got %q", value, e.InitialConversation)
		}
	}
	if e := newElement(coach.Input{Name: "l", Value: "a\nb"}).(*slackgo.PlainTextInputBlockElement); e.InitialValue != "a b" {
		t.Errorf("got %q in one line", e.InitialValue)
	}
}

// TestPicked presses every control of the gallery, and hostile ones. Slack may
// hand back what it was sent with its entities escaped.
func TestPicked(t *testing.T) {
	messages := coachtest.Gallery()
	messages["odd"] = coach.Message{Buttons: []coach.Button{
		{Label: "a", Action: coach.Do("a", "%26", "&amp;", "%", "<>", "\n", "", "\u00fc")},
		{Label: "b", Action: coach.Do("b", strings.Repeat("<", 48))},
	}, Choices: &coach.Select{Options: []coach.Pick{{Label: "x", Action: coach.Do("x", "%3C%253C&lt;")}}}}
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
		i := 0
		for _, value := range values(t, Message(m)) {
			if back := value.Value + value.SelectedOption.Value; strings.ContainsAny(back, "&<>") {
				t.Errorf("%s: Slack may change %q", name, back)
			}
			if got, ok := Picked(&value); !ok || !reflect.DeepEqual(trim(got), trim(want[i])) {
				t.Errorf("%s: got %q, want %q", name, got, want[i])
			}
			i++
		}
		if i != len(want) {
			t.Errorf("%s: %d of %d controls", name, i, len(want))
		}
	}
	full := coach.Do("b", strings.Repeat("<", coach.MaxAction-3)) // no room for more
	for _, v := range values(t, Message(coach.Message{Choices: &coach.Select{Options: []coach.Pick{{Label: "x", Action: full}}}})) {
		if got, ok := Picked(&v); !ok || !reflect.DeepEqual(got, full) || len(v.SelectedOption.Value) > maxOptionValue {
			t.Errorf("got %q from %q", got, v.SelectedOption.Value)
		}
	}
	for i, a := range []*slackgo.BlockAction{nil, {}, {Type: "button"}, {Type: "static_select"}, {Type: "checkboxes", Value: "1home"}, {Type: "plain_text_input", Value: "1home"}} {
		if got, ok := Picked(a); ok {
			t.Errorf("%d: got %q", i, got)
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

// values are the presses and picks that are possible in blocks.
func values(t *testing.T, blocks []slackgo.Block) (all []slackgo.BlockAction) {
	t.Helper()
	for _, b := range wire[slackgo.Blocks](t, blocks).BlockSet {
		row, ok := b.(*slackgo.ActionBlock)
		if !ok {
			continue
		}
		for _, e := range row.Elements.ElementSet {
			switch e := e.(type) {
			case *slackgo.ButtonBlockElement:
				all = append(all, slackgo.BlockAction{Type: "button", ActionID: e.ActionID, Value: e.Value})
			case *slackgo.SelectBlockElement:
				for _, o := range e.Options {
					all = append(all, slackgo.BlockAction{Type: "static_select", ActionID: e.ActionID, SelectedOption: *o})
				}
			}
		}
	}
	return all
}

func TestHome(t *testing.T) {
	m := coachtest.Gallery()["plain"]
	for _, tab := range []string{"home", "progress", "settings", ""} {
		var verbs []string
		for _, v := range values(t, Home(m, tab).Blocks.BlockSet) {
			a, _ := Picked(&v)
			verbs = append(verbs, a.Verb)
		}
		if want := []string{"home", "progress", "settings"}; !slices.Equal(verbs, want) {
			t.Errorf("got %q, want %q", verbs, want)
		}
		marked := 0
		for _, e := range Home(m, tab).Blocks.BlockSet[0].(*slackgo.ActionBlock).Elements.ElementSet {
			b := e.(*slackgo.ButtonBlockElement)
			if b.Style != "" {
				t.Errorf("%q is %q: green is for the next step", b.Text.Text, b.Style)
			}
			if strings.Contains(b.Text.Text, "this page") {
				marked++
			}
		}
		if want := len(tab) + 1; (marked == 1) != (want > 1) {
			t.Errorf("%q: %d tabs are marked", tab, marked)
		}
	}
	if b := Home(coach.Message{}, ""); b.Blocks.BlockSet == nil {
		t.Error("a home without blocks")
	}
	if b, err := json.Marshal(Modal(coach.Message{}, "")); err != nil || strings.Contains(string(b), "null") {
		t.Errorf("got %s, %v", b, err)
	}
}

func TestModalOrigin(t *testing.T) {
	v := wire[slackgo.View](t, Modal(coachtest.Gallery()["buttons"], "home"))
	if got := Origin(v); got != "home" || v.Submit != nil || v.Title.Text != "Rapport" || v.Close.Text != "Close" {
		t.Errorf("got %q, title %q, close %q, submit %v", got, v.Title.Text, v.Close.Text, v.Submit)
	}
	if a, answers, origin := Submitted(slackgo.View{}); a.Verb == "" || len(answers) != 0 || origin != "" {
		t.Errorf("got %q, %q, %q of an empty view", a, answers, origin)
	}
}

func TestFaults(t *testing.T) {
	got := wire[object](t, Faults(map[string]coach.Text{"zone": coach.Join(coach.P("Not "), coach.B("<b>&\u202e"), coach.P("\nknown."))}))
	want := object{"response_action": "errors", "errors": object{"zone": "Not <b>& known."}}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestNotice(t *testing.T) {
	tests := map[string]struct {
		m    coach.Message
		want string
	}{
		"own":   {coach.Message{Notice: "a <b> & \u202ec", Sections: []coach.Section{{Text: coach.P("secret")}}}, "a &lt;b&gt; &amp; c"},
		"words": {coach.Message{Title: "t", Sections: []coach.Section{{Text: coach.B("a")}}, Picture: &coach.Picture{Alt: "p"}}, "t\na\np"},
		"long":  {coach.Message{Title: strings.Repeat("&", 1000)}, strings.Repeat("&amp;", 599) + "\u2026"},
		"wide":  {coach.Message{Title: strings.Repeat("\u00fc", 4000)}, strings.Repeat("\u00fc", 2999) + "\u2026"},
	}
	for name, tt := range tests {
		if got := Notice(tt.m); got != tt.want {
			t.Errorf("%s: got %q, want %q", name, got, tt.want)
		}
	}
}

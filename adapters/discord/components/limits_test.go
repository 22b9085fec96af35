package components

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/bwmarrin/discordgo"

	"rapport/coach"
)

// shownTexts are the text displays of m.
func shownTexts(m coach.Message) (all []string) {
	for _, c := range Message(m) {
		for _, part := range c.(*discordgo.Container).Components {
			if text, ok := part.(*discordgo.TextDisplay); ok {
				all = append(all, text.Content)
			}
		}
	}
	return all
}

// TestManySections shows that words are not lost where there are more sections
// than Discord takes components.
func TestManySections(t *testing.T) {
	m := coach.Message{Title: "t", Buttons: weekly.Buttons, Picture: &coach.Picture{Name: "a.png", Alt: "a"},
		Choices: &coach.Select{Options: []coach.Pick{{Label: "x", Action: coach.Do("x")}}}}
	var want []string
	for i := range 60 {
		want = append(want, fmt.Sprint("line ", i))
		m.Sections = append(m.Sections, coach.Section{Text: coach.P(want[i])})
	}
	m.Sections = append(m.Sections, coach.Section{Text: coach.P(strings.Repeat("x", 4000))}, coach.Section{Text: coach.P("lost")})
	check(t, "many", Message(m))
	texts := shownTexts(m)
	if got := strings.Split(strings.Join(texts, "\n"), "\n"); !slices.Equal(got[1:61], want) || !strings.HasSuffix(got[61], "x\u2026") || len(got) != 62 {
		t.Errorf("got %q", got)
	}
	if n := len(texts); n != 40-1-1-2-4 { // container, picture, select, buttons
		t.Errorf("%d text displays", n)
	}
}

// TestTooLong shows that words come before looks where both do not fit, and that
// what does not fit is cut.
func TestTooLong(t *testing.T) {
	lines := strings.Repeat("a\n", 900) // 1,800 characters, 5,400 with the marks
	m := coach.Message{Sections: []coach.Section{{Text: coach.Join(coach.B(lines), coach.P("end"))}}}
	check(t, "looks", Message(m))
	if got := shownTexts(m); len(got) != 1 || got[0] != lines+"end" {
		t.Errorf("got %q", got)
	}
	for name, words := range map[string]string{"wide": strings.Repeat("\u00fc", 5000), "marks": strings.Repeat("<>:*", 5000), "lines": strings.Repeat("# a\n", 2000)} {
		m := coach.Message{Title: "t", Sections: []coach.Section{{Text: coach.P("first")}, {Text: coach.P(words)}, {Text: coach.P("lost")}}}
		check(t, name, Message(m))
		got := shownTexts(m)
		if n := length(strings.Join(got, "")); n < 3900 || n > 4000 || !strings.Contains(got[2], "\u2026") {
			t.Errorf("%s: %d characters in %d texts", name, n, len(got))
		}
	}
}

// TestNothing shows what cannot be shown.
func TestNothing(t *testing.T) {
	blank := coach.Message{Title: " \n", Sections: []coach.Section{{}, {Text: coach.P(" ")}, {Text: coach.B("\x00\u202e")}, {Text: coach.P("\n\n"), Quiet: true}},
		Choices: &coach.Select{Label: "x", Options: []coach.Pick{{Label: " ", Action: coach.Do("x")}, {Label: "x"}}},
		Buttons: []coach.Button{{Label: "", Action: coach.Do("x")}, {Label: "x"}, {Label: "x", Action: coach.Do("x", strings.Repeat("x", 100))}}}
	for _, m := range []coach.Message{{}, blank} {
		if got := Message(m); len(got) != 0 {
			t.Errorf("got %s", pretty(t, got))
		}
	}
	twice := coach.Message{Buttons: []coach.Button{{Label: "a", Action: coach.Do("x")}, {Label: "b", Action: coach.Do("x")}},
		Choices: &coach.Select{Options: []coach.Pick{{Label: "a", Action: coach.Do("x")}, {Label: "b", Action: coach.Do("x")}}}}
	for range 30 {
		twice.Choices.Options = append(twice.Choices.Options, coach.Pick{Label: "c", Action: coach.Do("x", fmt.Sprint(len(twice.Choices.Options)))})
		twice.Buttons = append(twice.Buttons, coach.Button{Label: "c", Action: coach.Do("x", fmt.Sprint(len(twice.Buttons)))})
	}
	check(t, "twice", Message(twice))
	if got := presses(wire[[]any](t, Message(twice))); len(got) != 24+4 { // a second one less in each
		t.Errorf("%d things to press", len(got))
	}
}

func TestPicture(t *testing.T) {
	for name, want := range map[string]string{
		"weeks.png": "weeks.png", "my weeks.png": "my_weeks.png", "../a/\u00fcb.png": "a__b.png", "": "picture.png", "...": "picture.png", "A-1_2.PNG": "A-1_2.PNG",
	} {
		if got := FileName(name); got != want {
			t.Errorf("%q: got %q, want %q", name, got, want)
		}
		check(t, name, Message(coach.Message{Picture: &coach.Picture{Name: name, Alt: "a\n\u202e" + strings.Repeat("b", 2000)}}))
	}
	if got := wire[[]any](t, Message(coach.Message{Picture: &coach.Picture{Name: "a.png"}})); strings.Contains(pretty(t, got), "description") {
		t.Errorf("got %s without words for it", pretty(t, got))
	}
}

func TestFallback(t *testing.T) {
	tests := map[string]struct {
		m    coach.Message
		want string
	}{
		"own":   {coach.Message{Notice: "a <@1> \u202eb", Sections: []coach.Section{{Text: coach.P("secret")}}}, "a \\<\\@1\\> b"},
		"words": {coach.Message{Title: "t", Sections: []coach.Section{{Text: coach.B("a")}, {Text: span(coach.Moment, "noon")}}, Picture: &coach.Picture{Alt: "p"}}, "t\na\nnoon\np"},
		"long":  {coach.Message{Title: strings.Repeat("*", 3000)}, strings.Repeat("\\*", 999) + "\u2026"},
	}
	for name, tt := range tests {
		if got := Fallback(tt.m); got != tt.want {
			t.Errorf("%s: got %q, want %q", name, got, tt.want)
		}
	}
	// What Notice takes the place of is not for others; what is drawn is for one.
	if got := shownTexts(tests["own"].m); !slices.Equal(got, []string{"secret"}) {
		t.Errorf("got %q", got)
	}
}

// TestLead looks where the lead goes as the inputs get more.
func TestLead(t *testing.T) {
	hints := []string{"h", "", "h", "", ""}
	form := func(n int, lead string) coach.Form {
		f := coach.Form{Title: "t", Submit: "s", Action: coach.Do("x"), Lead: coach.Join(coach.B(lead), coach.P("\n*"))}
		for i := range n {
			f.Inputs = append(f.Inputs, coach.Input{Name: fmt.Sprint("i", i), Label: "l", Hint: hints[i%5]})
		}
		return f
	}
	for name, tt := range map[string]struct {
		n    int
		lead string
		want []string // each part's words but its label
	}{
		"apart":             {4, "lead", []string{"**lead**\n\\*", "h", "", "h", ""}},
		"in the first":      {5, "lead", []string{"lead * h", "", "h", "", ""}},
		"in the next":       {5, strings.Repeat("a", 98), []string{"h", strings.Repeat("a", 98) + " *", "h", "", ""}},
		"in none":           {5, strings.Repeat("a", 200), []string{strings.Repeat("a", 99) + "\u2026", "", "h", "", ""}},
		"more than Discord": {7, "lead", []string{"lead * h", "", "h", "", ""}},
	} {
		f := form(tt.n, tt.lead)
		check(t, name, Form(f))
		var got []string
		for _, part := range Form(f).Components {
			switch part := part.(type) {
			case *display:
				got = append(got, part.Content)
			case *label:
				got = append(got, part.Description)
			}
		}
		if !slices.Equal(got, tt.want) {
			t.Errorf("%s: got %q, want %q", name, got, tt.want)
		}
	}
	odd := Form(coach.Form{Title: "t", Inputs: form(1, "").Inputs})
	check(t, "odd", odd)
	if action, _, err := Submitted([]byte(`{"custom_id":"` + odd.CustomID + `"}`)); err != nil || action.Verb != coach.DecodeAction("").Verb {
		t.Errorf("got %q, %v of a form without an action", action, err)
	}
}

// TestFilledIn shows what is filled in beforehand.
func TestFilledIn(t *testing.T) {
	options := []coach.Option{{Label: "A", Value: "a"}, {Label: "B", Value: "b"}, {Label: "C", Value: "c"}}
	for name, tt := range map[string]struct {
		in   coach.Input
		want string
	}{
		"line":        {coach.Input{Value: "a\nb\u202e"}, "a b"},
		"cut":         {coach.Input{Value: "abcd", Max: 3}, "ab\u2026"},
		"long":        {coach.Input{Value: "a\nb\u202e", Kind: coach.Long}, "a\nb"},
		"one":         {coach.Input{Value: "b", Kind: coach.PickOne, Options: options}, "b"},
		"none of one": {coach.Input{Value: "b,c", Kind: coach.PickOne, Options: options}, ""},
		"many":        {coach.Input{Value: "a,c", Kind: coach.PickMany, Options: options, Optional: true}, "a,c"},
		"no channel":  {coach.Input{Value: "general", Kind: coach.PickChannel}, ""},
		"channel":     {coach.Input{Value: "123", Kind: coach.PickChannel, Optional: true}, "123"},
	} {
		tt.in.Name, tt.in.Label = "x", "x"
		check(t, name, Form(coach.Form{Title: "t", Action: coach.Do("x"), Inputs: []coach.Input{tt.in}}))
		f := newField(tt.in)
		got := []string{f.Value}
		for _, o := range f.Options {
			if o.Default {
				got = append(got, o.Value)
			}
		}
		for _, v := range f.DefaultValues {
			got = append(got, v.ID)
		}
		if got := strings.Join(slices.DeleteFunc(got, func(s string) bool { return s == "" }), ","); got != tt.want {
			t.Errorf("%s: got %q, want %q", name, got, tt.want)
		}
		if f.Required == tt.in.Optional || (f.MinValues != nil) != (tt.in.Optional && tt.in.Kind > coach.Long) {
			t.Errorf("%s: required %t, at least %v", name, f.Required, f.MinValues)
		}
	}
}

package components

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/bwmarrin/discordgo"

	"rapport/adapters/surface"
	"rapport/coach"
	"rapport/coach/coachtest"
)

// TestGallery compares everything that can be said with what was read once.
func TestGallery(t *testing.T) {
	gallery := coachtest.Gallery()
	for _, name := range slices.Sorted(maps.Keys(gallery)) {
		t.Run(name, func(t *testing.T) {
			m := gallery[name]
			coachtest.Golden(t, "message/"+name+".json", pretty(t, map[string]any{"fallback": Fallback(m), "components": Message(m)}))
		})
	}
}

func TestForms(t *testing.T) {
	forms := coachtest.Forms()
	for _, name := range slices.Sorted(maps.Keys(forms)) {
		t.Run(name, func(t *testing.T) {
			coachtest.Golden(t, "form/"+name+".json", pretty(t, Form(forms[name])))
		})
	}
}

func pretty(t *testing.T, v any) string {
	t.Helper()
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", " ")
	if err := enc.Encode(v); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// check reports faults in what goes over the wire.
func check(t *testing.T, what string, v any) {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatalf("%s: %v", what, err)
	}
	if err := Check(b); err != nil {
		t.Errorf("%s: %v\n%s", what, err, b)
	}
}

func TestGalleryIsWithinLimits(t *testing.T) {
	for name, m := range coachtest.Gallery() {
		check(t, name, Message(m))
		uncut(t, name, m)
	}
	for name, f := range coachtest.Forms() {
		check(t, name, Form(f))
		wholeForm(t, name, f)
	}
}

// uncut reports what of m is not shown, or not as it was asked for.
func uncut(t *testing.T, name string, m coach.Message) {
	t.Helper()
	var want []string
	if m.Title != "" {
		want = append(want, "### "+markdown(coach.P(surface.Line(m.Title, coach.MaxTitle)), false))
	}
	for _, s := range m.Sections {
		want = append(want, markdown(s.Text, s.Quiet))
	}
	var got []string
	for _, part := range Message(m)[0].(*discordgo.Container).Components {
		if text, ok := part.(*discordgo.TextDisplay); ok {
			got = append(got, text.Content)
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("%s: got %q, want %q", name, got, want)
	}
	if n, want := len(presses(wire[[]any](t, Message(m)))), controls(m); n != want {
		t.Errorf("%s: got %d things to press, want %d", name, n, want)
	}
}

func controls(m coach.Message) int {
	if m.Choices == nil {
		return len(m.Buttons)
	}
	return len(m.Buttons) + len(m.Choices.Options)
}

// wholeForm reports what of f is not asked or not told.
func wholeForm(t *testing.T, name string, f coach.Form) {
	t.Helper()
	var shown strings.Builder
	inputs := 0
	for _, part := range Form(f).Components {
		switch part := part.(type) {
		case *display:
			for _, c := range (reader{}).read(part.Content) {
				shown.WriteRune(c.r)
			}
		case *label:
			in := f.Inputs[inputs]
			inputs++
			if part.Label != surface.Visible(in.Label) || !strings.HasSuffix(part.Description, surface.Visible(in.Hint)) {
				t.Errorf("%s: %q is asked with %q and %q", name, in.Name, part.Label, part.Description)
			}
			shown.WriteString(part.Description)
		}
	}
	if inputs != len(f.Inputs) {
		t.Errorf("%s: %d of %d inputs", name, inputs, len(f.Inputs))
	}
	if lead := alike(shownAs(f.Lead.String())); !strings.Contains(text(alike(shownAs(shown.String()))), text(lead)) {
		t.Errorf("%s: the lead %q is not whole in %q", name, f.Lead, shown.String())
	}
}

func shownAs(s string) []seen { return shown(surface.Visible(s), "") }

func text(all []seen) string {
	var b strings.Builder
	for _, c := range all {
		b.WriteRune(c.r)
	}
	return b.String()
}

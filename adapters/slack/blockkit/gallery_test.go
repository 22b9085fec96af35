package blockkit

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
	"testing"

	"rapport/coach/coachtest"
)

// TestGallery compares everything that can be said with what was read once.
func TestGallery(t *testing.T) {
	gallery := coachtest.Gallery()
	for _, name := range slices.Sorted(maps.Keys(gallery)) {
		t.Run(name, func(t *testing.T) {
			m := gallery[name]
			coachtest.Golden(t, "message/"+name+".json", pretty(t, map[string]any{"text": Notice(m), "blocks": Message(m)}))
		})
	}
	coachtest.Golden(t, "modal.json", pretty(t, Modal(gallery["buttons"], "m")))
	coachtest.Golden(t, "home.json", pretty(t, Home(gallery["styles"], "progress")))
}

func TestForms(t *testing.T) {
	forms := coachtest.Forms()
	for _, name := range slices.Sorted(maps.Keys(forms)) {
		t.Run(name, func(t *testing.T) {
			coachtest.Golden(t, "form/"+name+".json", pretty(t, Form(forms[name], "c")))
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
		check(t, name+" in a modal", Modal(m, "o"))
		for _, tab := range []string{"home", "progress", "settings", ""} {
			check(t, name+" at home", Home(m, tab))
		}
		if n := len([]rune(Notice(m))); n < 1 || n > 3000 {
			t.Errorf("%s: notice takes %d characters", name, n)
		}
	}
	for name, f := range coachtest.Forms() {
		check(t, name, Form(f, "o"))
	}
}

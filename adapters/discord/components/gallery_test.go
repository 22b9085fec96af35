package components

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

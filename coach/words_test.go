package coach_test

import (
	"testing"

	"rapport/coach"
)

// TestTranslate: every language has what the menus of platforms show.
func TestTranslate(t *testing.T) {
	languages := coach.Languages()
	if languages[0] != "en" {
		t.Errorf("the first is %q, want the language of the keys", languages[0])
	}
	for _, lang := range languages {
		for _, c := range coach.Commands() {
			if c.Summary == "" {
				continue
			}
			got, err := coach.Translate(lang, c.Summary)
			if err != nil || got == "" || lang == "en" && got != c.Summary {
				t.Errorf("%s: %q is %q, %v", lang, c.Summary, got, err)
			}
		}
	}
}

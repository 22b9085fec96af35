package surface

import (
	"testing"
	"unicode"
)

// TestVisible holds the short list of what is hidden to Unicode's tables.
func TestVisible(t *testing.T) {
	for r := rune(0); r <= unicode.MaxRune; r++ {
		want := r != '\n' && r != '\t' && (unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r))
		if hidden(r) != want {
			t.Errorf("%U: hidden is %v", r, !want)
		}
	}
	for s, want := range map[string]string{
		"a\n\tb": "a\n\tb", "a\x1b\x7f\u0085b": "ab", "\u202ea\u2066\u200fb": "ab", "a\u2028b\u2029": "a\nb\n", "a\xffb": "a\ufffdb", "\u00fc \u00b7": "\u00fc \u00b7",
	} {
		if got := Visible(s); got != want {
			t.Errorf("%q: got %q, want %q", s, got, want)
		}
	}
}

func TestLine(t *testing.T) {
	for _, tc := range []struct {
		in    string
		limit int
		want  string
	}{
		{"a\n\tb  c", 10, "a b c"},
		{"\u00fcber", 4, "\u00fcber"},
		{"\u00fcbermut", 4, "\u00fcbe\u2026"},
		{"a\u202eb", 10, "ab"},
		{"", 3, ""},
	} {
		if got := Line(tc.in, tc.limit); got != tc.want {
			t.Errorf("%q in %d: got %q, want %q", tc.in, tc.limit, got, tc.want)
		}
	}
	if !Blank(" \n\t") || Blank(" a ") {
		t.Error("blank is what holds nothing but spaces")
	}
}

package blockkit

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// visible returns s as it may be shown: without control characters, and
// without the marks that turn the direction of text around and so can make
// words read otherwise than they are. Line breaks and tabs stay.
func visible(s string) string {
	if harmless(s) {
		return s
	}
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t':
			return r
		case unicode.IsControl(r), unicode.Is(unicode.Bidi_Control, r):
			return -1
		case r == '\u2028' || r == '\u2029':
			return '\n'
		}
		return r
	}, s)
}

// harmless reports whether visible surely changes nothing, which is so for
// nearly everything the coach says.
func harmless(s string) bool {
	for i := 0; i < len(s); i++ {
		if c := s[i]; c >= utf8.RuneSelf || c == 0x7f || c < ' ' && c != '\n' && c != '\t' {
			return false
		}
	}
	return true
}

// line returns s as it may be shown where there is one line only, in at most
// limit characters.
func line(s string, limit int) string {
	s = visible(s)
	if strings.ContainsAny(s, "\n\t") {
		s = strings.Join(strings.Fields(s), " ")
	}
	return cut(s, limit)
}

// cut returns s with at most limit characters, the last an ellipsis where
// something is missing.
func cut(s string, limit int) string {
	if fits(s, limit) {
		return s
	}
	n := 0
	for i := range s {
		if n++; n == limit {
			return s[:i] + "\u2026"
		}
	}
	return s
}

// fits reports whether s has at most limit characters.
func fits(s string, limit int) bool { return len(s) <= limit || utf8.RuneCountInString(s) <= limit }

// blank reports whether nothing of s would be seen.
func blank(s string) bool { return strings.TrimSpace(s) == "" }

var entities = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")

// fit returns s with its entities escaped, in at most limit characters, the
// last an ellipsis where something is missing.
func fit(s string, limit int) string {
	escaped := entities.Replace(s)
	if fits(escaped, limit) {
		return escaped
	}
	n := 0
	for i, r := range s {
		if n += utf8.RuneCountInString(entities.Replace(string(r))); n >= limit {
			return entities.Replace(s[:i]) + "\u2026"
		}
	}
	return escaped
}

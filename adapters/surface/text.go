package surface

import (
	"strings"
	"unicode/utf8"
)

// Visible returns s as it may be shown: without control characters, and
// without the marks that turn the direction of text around and so can make
// words read otherwise than they are. Line breaks and tabs stay.
func Visible(s string) string {
	if harmless(s) {
		return s
	}
	return strings.Map(func(r rune) rune {
		switch {
		case hidden(r):
			return -1
		case r == '\u2028' || r == '\u2029':
			return '\n'
		}
		return r
	}, s)
}

// harmless reports whether Visible changes nothing, which is so for nearly
// everything the coach says.
func harmless(s string) bool {
	for _, r := range s {
		if hidden(r) || r == '\u2028' || r == '\u2029' || r == utf8.RuneError {
			return false
		}
	}
	return true
}

// hidden reports whether r is a control character other than a line break or a
// tab, or a mark that turns text around.
func hidden(r rune) bool {
	switch {
	case r < ' ':
		return r != '\n' && r != '\t'
	case r < 0x7f:
		return false
	case r < 0xa0:
		return true
	}
	switch r {
	case '\u061c', '\u200e', '\u200f', '\u202a', '\u202b', '\u202c', '\u202d', '\u202e', '\u2066', '\u2067', '\u2068', '\u2069':
		return true
	}
	return false
}

// Line returns s as it may be shown where there is one line only, in at most
// limit characters.
func Line(s string, limit int) string {
	s = Visible(s)
	if strings.ContainsAny(s, "\n\t") {
		s = strings.Join(strings.Fields(s), " ")
	}
	return Cut(s, limit)
}

// Cut returns s with at most limit characters, the last an ellipsis where
// something is missing.
func Cut(s string, limit int) string {
	if Fits(s, limit) {
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

// Fits reports whether s has at most limit characters.
func Fits(s string, limit int) bool { return len(s) <= limit || utf8.RuneCountInString(s) <= limit }

// Blank reports whether nothing of s would be seen.
func Blank(s string) bool { return strings.TrimSpace(s) == "" }

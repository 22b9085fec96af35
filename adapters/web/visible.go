package web

import (
	"strings"
	"unicode"
)

// visible returns s as it may be shown: without control characters, and
// without the marks that turn the direction of text around and so can make
// words read otherwise than they are. Line breaks and tabs stay. The coach is
// always handed what was typed, unchanged.
func visible(s string) string {
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

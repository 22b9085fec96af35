package blockkit

import (
	"strings"
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
		case hidden(r):
			return -1
		case r == '\u2028' || r == '\u2029':
			return '\n'
		}
		return r
	}, s)
}

// harmless reports whether visible changes nothing, which is so for nearly
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

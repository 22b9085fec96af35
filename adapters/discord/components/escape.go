package components

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// escape writes s, in one line, with a backslash before each character that
// could be read as a mark. Discord shows no backslash that stands before
// punctuation. It is more than its own clients need: others look for addresses
// and people without minding backslashes.
func (w *script) escape(s string) {
	done := 0
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c == ' ' || c == '\t' {
			continue
		}
		if w.fresh && c >= utf8.RuneSelf { // Discord takes away blanks of every kind where a text begins
			if r, n := utf8.DecodeRuneInString(s[i:]); unicode.IsSpace(r) {
				i += n - 1
				continue
			}
		}
		if marks[c] && w.counts(s, i) {
			w.WriteString(s[done:i])
			if c == '@' && everybody(s[i+1:]) {
				w.WriteString("@" + between)
				done = i + 1
			} else {
				w.WriteByte('\\')
				done = i
			}
		}
		if w.fresh && !digit(c) { // a number may begin a list
			w.fresh = false
		}
	}
	w.WriteString(s[done:])
}

// marks are the characters that may need a backslash.
var marks = [256]bool{
	'\\': true, '*': true, '_': true, '~': true, '`': true, '|': true, '[': true, ']': true,
	'<': true, '>': true, '@': true, '#': true, '-': true, '+': true, '.': true, ':': true,
}

// counts reports whether the mark at s[i] could mean something where it is.
func (w *script) counts(s string, i int) bool {
	switch s[i] {
	case '#': // a heading, a channel
		return w.fresh || i > 0 && s[i-1] == '<'
	case '-', '+': // a list, small print
		return w.fresh && !digitBefore(s, i)
	case '.': // a numbered list
		return w.fresh && digitBefore(s, i)
	case ':': // an address, an emoji, an instant: what comes behind s is another style's
		return i+1 < len(s) && s[i+1] != ' '
	}
	return true
}

func digitBefore(s string, i int) bool { return i > 0 && digit(s[i-1]) }

func digit(c byte) bool { return '0' <= c && c <= '9' }

// everybody reports whether an @ before s would call everybody.
func everybody(s string) bool {
	return prefixed(s, "everyone") || prefixed(s, "here")
}

func prefixed(s, word string) bool {
	return len(s) >= len(word) && strings.EqualFold(s[:len(word)], word)
}

func alnum(c byte) bool {
	return digit(c) || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
}

func length(s string) int { return utf8.RuneCountInString(s) }

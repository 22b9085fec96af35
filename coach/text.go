package coach

import (
	"strings"
	"time"
	"unicode/utf8"
)

// A Text is a run of styled words. It is a slice of spans and never a string
// of markup, so that words a person typed can become neither a mention nor a
// link nor a style: every adapter escapes the words of every span.
type Text []Span

// A Span is words in one style.
type Span struct {
	Style Style
	Words string    // what a reader sees; for Mention the platform's user id
	At    time.Time // only for Moment: the instant that Words names
}

// A Style is how a Span looks.
type Style uint8

// The styles every surface has a way to show.
const (
	Plain   Style = iota
	Bold          // the one thing to notice
	Italic        // an aside
	Quote         // a line worth saying aloud
	Code          // what to type; with line breaks, a grid in fixed-width letters
	Mention       // Words is a user id of the platform the message goes to
	Channel       // Words is a channel id of that platform; it is named, and nobody is called
	Moment        // an instant: a surface that can shows it in the reader's zone, the others show Words
)

// P returns plain words.
func P(words string) Text { return Text{{Style: Plain, Words: words}} }

// B returns bold words.
func B(words string) Text { return Text{{Style: Bold, Words: words}} }

// I returns words in italics.
func I(words string) Text { return Text{{Style: Italic, Words: words}} }

// Q returns a line worth saying aloud.
func Q(words string) Text { return Text{{Style: Quote, Words: words}} }

// C returns something to type, or a grid if it has line breaks.
func C(words string) Text { return Text{{Style: Code, Words: words}} }

// Join returns the parts as one Text.
func Join(parts ...Text) Text {
	var t Text
	for _, p := range parts {
		t = append(t, p...)
	}
	return t
}

// String returns the words of t without style, as a screen reader speaks them.
func (t Text) String() string {
	var b strings.Builder
	for _, s := range t {
		b.WriteString(s.Words)
	}
	return b.String()
}

// marked returns s with *bold* turned into a bold span. It is the one markup
// the curriculum may use; words a person typed never pass through it.
func marked(s string) Text {
	var t Text
	for {
		before, rest, ok := strings.Cut(s, "*")
		word, after, closed := strings.Cut(rest, "*")
		if !ok || !closed || word == "" {
			return append(t, P(s)...)
		}
		if before != "" {
			t = append(t, P(before)...)
		}
		t = append(t, B(word)...)
		if s = after; s == "" {
			return t
		}
	}
}

// weight is how many characters s takes once a surface has escaped it. It is
// the worst of all surfaces: HTML entities on one, backslashes on the other.
func weight(s string) int {
	n := utf8.RuneCountInString(s)
	for _, r := range s {
		switch r {
		case '&':
			n += 4
		case '<', '>':
			n += 3
		case '\\', '*', '_', '~', '`', '|', '[', ']', '(', ')', '#', '@', '-':
			n++
		}
	}
	return n
}

// weight is how many characters t takes once a surface has escaped it.
func (t Text) weight() int {
	n := 0
	for _, s := range t {
		n += weight(s.Words)
		if s.Style != Plain {
			n += 4 // the marks around it
		}
	}
	return n
}

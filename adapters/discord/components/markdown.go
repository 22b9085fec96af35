package components

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"rapport/adapters/surface"
	"rapport/coach"
)

// A script is Discord's markdown being written.
type script struct {
	strings.Builder
	quiet  bool // each line is small print
	last   rune // what was written last; 0 at the start of a line
	fresh  bool // nothing but blanks and marks was written since the line began
	italic bool // an italic ended just now
	apart  bool // what comes next stands on a line of its own
}

// between stands between marks that would be read together. It cannot be seen.
const between = "\u200b"

// markdown returns t in Discord's markdown, as small print if it is quiet.
func markdown(t coach.Text, quiet bool) string {
	n := 8
	for _, s := range t {
		n += len(s.Words) + len(s.Words)/8 + 8
	}
	w := script{quiet: quiet, fresh: true}
	w.Grow(n)
	for i := 0; i < len(t); {
		s, n := joined(t[i:])
		w.span(s)
		i += n
	}
	return w.String()
}

// joined is the first span of t with those behind it that it goes on in, and
// how many they are: words of one style that stand beside each other need no
// marks between them, and are read as one.
func joined(t coach.Text) (s coach.Span, n int) {
	s, n = t[0], 1
	s.Style = styleOf(s)
	for s.Style <= coach.Italic && n < len(t) && styleOf(t[n]) == s.Style {
		s.Words += t[n].Words
		n++
	}
	return s, n
}

// styleOf is the style of s, if it can have it: what names nobody, and what
// cannot be seen, is plain words.
func styleOf(s coach.Span) coach.Style {
	ok := true
	switch s.Style {
	case coach.Mention, coach.Channel:
		ok = snowflake(s.Words)
	case coach.Moment:
		ok = s.At.Unix() > 0
	case coach.Bold, coach.Italic, coach.Quote, coach.Code:
		ok = !surface.Blank(surface.Visible(s.Words))
	}
	if !ok {
		return coach.Plain
	}
	return s.Style
}

func (w *script) span(s coach.Span) {
	words := surface.Visible(s.Words)
	switch s.Style {
	case coach.Bold:
		w.lines(words, (*script).bold)
	case coach.Italic:
		w.lines(words, (*script).slanted)
	case coach.Quote:
		w.quote(words)
	case coach.Code:
		if strings.Contains(words, "\n") {
			w.grid(words)
		} else {
			w.lines(words, (*script).code)
		}
	case coach.Mention:
		w.token("<@" + words + ">")
	case coach.Channel:
		w.token("<#" + words + ">")
	case coach.Moment:
		w.token("<t:" + strconv.FormatInt(s.At.Unix(), 10) + instant)
	default:
		w.lines(words, (*script).words)
	}
}

// lines writes each line of s with write, and the breaks between them: no style
// and no small print goes on over one.
func (w *script) lines(s string, write func(*script, string)) {
	for {
		line, rest, more := strings.Cut(s, "\n")
		if line != "" {
			write(w, line)
		}
		if !more {
			return
		}
		w.WriteByte('\n')
		w.last, w.fresh, w.italic, w.apart = 0, true, false, false
		s = rest
	}
}

// words writes s, in one line, so that it stays words.
func (w *script) words(s string) {
	if w.quiet && w.last == 0 {
		if s = strings.TrimLeft(s, " \t"); s == "" {
			return // a mark of small print alone would be shown
		}
	}
	first, _ := utf8.DecodeRuneInString(s)
	w.meet(first)
	w.escape(s)
	w.last, _ = utf8.DecodeLastRuneInString(s)
}

// bold writes s in bold. Blanks at the edges stay outside, or Discord may show
// the marks.
func (w *script) bold(s string) {
	w.within(s, func(core string) {
		w.meet('*')
		if w.last == '*' {
			w.WriteString(between)
		}
		w.WriteString("**")
		w.fresh = true // a mark of a line may count behind one of a style
		w.escape(core)
		w.WriteString("**")
		w.last = '*'
	})
}

// slanted writes s in italics. The mark is the one within which an escaped mark
// ends nothing; it counts only where no word goes on behind it.
func (w *script) slanted(s string) {
	w.within(s, func(core string) {
		w.meet('_')
		if word(w.last) {
			w.WriteString(between)
		}
		w.WriteByte('_')
		w.fresh = true
		w.escape(core)
		w.WriteByte('_')
		w.last, w.italic = '_', true
	})
}

// code writes s in fixed-width letters. Nothing is escaped there.
func (w *script) code(s string) {
	w.within(s, func(core string) {
		w.meet('`')
		if w.last == '`' {
			w.WriteString(between)
		}
		w.WriteByte('`')
		w.WriteString(ticks.Replace(core))
		w.WriteByte('`')
		w.last, w.fresh = '`', false
	})
}

// ticks are what would end code, and what calls people, who are looked for in
// code as well.
var ticks = strings.NewReplacer("`", "\u02cb", "@", "@"+between)

// within writes the blanks at the edges of s as words, and what is between them
// with write.
func (w *script) within(s string, write func(core string)) {
	core := strings.Trim(s, " \t")
	before, after, _ := strings.Cut(s, core)
	if before != "" {
		w.words(before)
	}
	if core != "" {
		write(core)
	}
	if after != "" {
		w.words(after)
	}
}

// meet writes what must stand between what was written and next.
func (w *script) meet(next rune) {
	if w.apart {
		w.WriteByte('\n')
		w.last, w.fresh = 0, true
	}
	if w.italic && word(next) {
		w.WriteString(between)
		w.last = 0x200b
	}
	w.apart, w.italic = false, false
	if w.quiet && w.last == 0 {
		w.WriteString("-# ")
	}
}

// word reports whether r is part of a word, within which a mark of italics does
// not count.
func word(r rune) bool { return r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r) }

// newLine begins a line for what is a block of its own, if none has just begun.
func (w *script) newLine() {
	if w.apart || w.last != 0 {
		w.WriteByte('\n')
	}
	w.last, w.fresh, w.italic, w.apart = 0, true, false, false
}

// quote writes s as lines of a quote.
func (w *script) quote(s string) {
	w.newLine()
	for i, line := range strings.Split(strings.Trim(s, "\n"), "\n") {
		if i > 0 {
			w.WriteByte('\n')
		}
		w.WriteString("> ")
		w.fresh = true
		w.escape(line)
	}
	w.last, w.apart = ' ', true
}

// grid writes s in fixed-width letters on lines of its own. The first of them
// is no name of a language, as a line break stands before it.
func (w *script) grid(s string) {
	w.newLine()
	w.WriteString("```\n")
	w.WriteString(ticks.Replace(strings.Trim(s, "\n")))
	w.WriteString("\n```")
	w.last, w.apart = '`', true
}

// instant ends the token of an instant, which everybody reads in their own time
// zone: with the day of the week, as that is what a week is planned by. Discord
// needs no words beside it.
const instant = ":F>"

// token writes what Discord shows something else for.
func (w *script) token(s string) {
	w.meet('<')
	w.WriteString(s)
	w.last, w.fresh = '>', false
}

// snowflake reports whether s has the form of Discord's ids.
func snowflake(s string) bool {
	return s != "" && len(s) <= 20 && s[0] != '0' && strings.Trim(s, "0123456789") == ""
}

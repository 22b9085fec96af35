package components

import (
	"regexp"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"rapport/adapters/surface"
	"rapport/coach"
)

// A seen is a character as a reader of Discord's markdown sees it.
type seen struct {
	r     rune
	style look
}

// A look is a style, or what this package never asks for.
type look string

var looks = map[coach.Style]look{
	coach.Plain: "", coach.Bold: "bold", coach.Italic: "italic", coach.Quote: "quote", coach.Code: "code",
	coach.Mention: "mention", coach.Channel: "channel", coach.Moment: "moment",
}

// A reader reads markdown. It knows nothing of the writer. Where it is not known
// what a client of Discord does, it takes a mark for one; those that differ
// about marks within words are strict, for which there are none.
type reader struct{ strict bool }

// lineMarks begin a line of another look; the first group is the mark.
var lineMarks = []struct {
	mark  *regexp.Regexp
	style look
}{
	{regexp.MustCompile(`^\s*>(?:>>)? `), "quote"},
	{regexp.MustCompile(`^\s*-# `), "quiet"},
	{regexp.MustCompile(`^\s*#{1,3}\s`), "heading"},
	{regexp.MustCompile(`^\s*(?:[-*+]|\d+\.)\s`), "list"},
}

// tokens are read as something else, wherever they stand.
var tokens = []struct {
	first rune           // character of it, a for a letter
	token *regexp.Regexp // the first group is what is seen of it
	style look
}{
	{'<', regexp.MustCompile(`^<@!?(\d+)>`), "mention"},
	{'<', regexp.MustCompile(`^<#(\d+)>`), "channel"},
	{'<', regexp.MustCompile(`^<t:(-?\d+):F>`), "moment"},
	{'<', regexp.MustCompile(`^<([^<>\n]+)>`), "token"}, // a role, an emoji, a command, an address
	{'@', regexp.MustCompile(`(?i)^@(everyone|here)`), "everybody"},
	{'a', regexp.MustCompile(`(?i)^(\w+://\S+)`), "link"},
	{'[', regexp.MustCompile(`^\[((?:\\.|[^\]\\\n])+)\]\([^)\n]+\)`), "link"},
	{':', regexp.MustCompile(`^:([A-Za-z0-9+-][\w+-]*):`), "emoji"},
	{'`', regexp.MustCompile("(?s)^```(?:[\\w+.#-]+\n)?(.+?)```"), "code"},
	{'`', regexp.MustCompile("(?s)^`` *(.+?) *``"), "code"},
	{'`', regexp.MustCompile("(?s)^`([^`]+)`"), "code"},
}

var marked = []struct {
	mark  string
	style look
}{{"***", "bolditalic"}, {"**", "bold"}, {"*", "italic"}, {"__", "underlined"}, {"_", "italic"}, {"~~", "struck"}, {"||", "spoiler"}}

// read returns what a reader sees of s.
func (r reader) read(s string) (all []seen) {
	start, before := true, rune(0)
	for s != "" {
		part, n := r.next(s, start, before)
		if start {
			part, n = r.line(s, part, n)
		}
		all = append(all, part...)
		start = start && strings.TrimSpace(s[:n]) == "" || s[n-1] == '\n'
		before, _ = utf8.DecodeLastRuneInString(s[:n])
		s = s[n:]
	}
	return all
}

// line reads a line that begins with s and has another look, or returns what it
// is given.
func (r reader) line(s string, part []seen, n int) ([]seen, int) {
	for _, l := range lineMarks {
		if mark := l.mark.FindString(s); mark != "" {
			text, _, _ := strings.Cut(s[len(mark):], "\n")
			return styled(r.read(text), l.style), len(mark) + len(text)
		}
	}
	return part, n
}

// next reads what s begins with, and returns how many bytes of it that takes.
func (r reader) next(s string, start bool, before rune) ([]seen, int) {
	c, n := utf8.DecodeRuneInString(s)
	if c == '\\' && len(s) > 1 && punctuation(s[1]) {
		return []seen{{rune(s[1]), ""}}, 2
	}
	first := c
	if wordy(c) {
		first = 'a'
		if head, _, ok := strings.Cut(s, "://"); !ok || strings.ContainsFunc(head, func(r rune) bool { return !wordy(r) }) {
			first = 0 // no address begins here
		}
	}
	for _, t := range tokens {
		if t.first != first {
			continue
		}
		if at := t.token.FindStringSubmatch(s); at != nil {
			if t.style == "code" && len(at[0]) > 3 && strings.HasPrefix(s[len(at[0]):], "`") {
				continue
			}
			return shown(at[1], t.style), len(at[0])
		}
	}
	for _, m := range marked {
		if i := r.ending(s, m.mark, before); i > 0 {
			return styled(r.read(s[len(m.mark):i]), m.style), i + len(m.mark)
		}
	}
	return []seen{{c, ""}}, n
}

// ending returns where the style that mark begins at the start of s ends, -1 if
// it is none.
func (r reader) ending(s, mark string, before rune) int {
	if !strings.HasPrefix(s, mark) || r.strict && wordy(before) && mark[0] == '_' {
		return -1
	}
	for i := len(mark); i < len(s); i++ {
		if s[i] == '\\' {
			i++
			continue
		}
		after := s[min(len(s), i+len(mark)):]
		if !strings.HasPrefix(s[i:], mark) || i == len(mark) || strings.HasPrefix(after, mark[:1]) {
			continue
		}
		if next, _ := utf8.DecodeRuneInString(after); mark == "_" && after != "" && wordy(next) {
			continue
		}
		return i
	}
	return -1
}

func wordy(r rune) bool { return r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r) }

func punctuation(c byte) bool {
	return c > ' ' && c < 0x7f && !wordy(rune(c)) || c == '_'
}

// styled returns all in another look as well.
func styled(all []seen, style look) []seen {
	for i := range all {
		all[i].style = style + all[i].style
	}
	return all
}

// shown returns s as it stands, in one look.
func shown(s string, style look) (all []seen) {
	for _, r := range s {
		all = append(all, seen{r, style})
	}
	return all
}

var anID = regexp.MustCompile(`^[1-9][0-9]{0,19}$`)

// asked returns what a reader shall see of t.
func asked(t coach.Text, quiet bool) (all []seen) {
	for _, s := range t {
		style := s.Style
		words := surface.Visible(s.Words)
		switch {
		case (style == coach.Mention || style == coach.Channel) && !anID.MatchString(s.Words), style == coach.Moment && s.At.Unix() <= 0:
			style = coach.Plain
		case style == coach.Moment:
			words = strconv.FormatInt(s.At.Unix(), 10)
		}
		all = append(all, smallPrint(shown(words, looks[style]), quiet && style != coach.Quote && !(style == coach.Code && strings.Contains(words, "\n")))...)
	}
	return all
}

func smallPrint(all []seen, quiet bool) []seen {
	if quiet {
		return styled(all, "quiet")
	}
	return all
}

// alike takes for equal what looks alike, and leaves out what cannot be seen.
func alike(all []seen) []seen {
	out := make([]seen, 0, len(all))
	for _, c := range all {
		if c.r == '\u02cb' {
			c.r = '`'
		}
		if !unicode.IsSpace(c.r) && c.r != '\u200b' {
			out = append(out, c)
		}
	}
	return out
}

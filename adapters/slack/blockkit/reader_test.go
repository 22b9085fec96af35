package blockkit

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"rapport/adapters/surface"
	"rapport/coach"
)

// A seen is a character as a reader of Slack's markup sees it. The reader here
// knows nothing of the writer. Where it is not known what Slack does, it takes
// a mark for one.
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

// read returns what a reader sees of mrkdwn.
func read(mrkdwn string) (all []seen) {
	for i, part := range strings.Split(mrkdwn, "```") {
		if i%2 == 1 {
			all = append(all, shown(part, "code")...)
			continue
		}
		for _, line := range strings.Split(part, "\n") {
			all = append(all, readLine(line)...)
		}
	}
	return all
}

func readLine(line string) []seen {
	text := strings.TrimLeftFunc(line, unicode.IsSpace)
	for _, mark := range []string{">", "&gt;", "\uff1e"} {
		if rest, ok := strings.CutPrefix(text, mark); ok {
			all := readLine(rest)
			for i := range all {
				all[i].style += "quote"
			}
			return all
		}
	}
	return readWords(line, utf8.RuneError)
}

var marks = map[rune]look{
	'*': "bold", '\uff0a': "bold", '_': "italic", '\uff3f': "italic", '~': "struck", '`': "code", '\uff40': "code",
}

// readWords reads part of a line that stands behind before.
func readWords(s string, before rune) (all []seen) {
	for s != "" {
		r, size := utf8.DecodeRuneInString(s)
		inside, rest, style := "", "", look("")
		if r == '<' {
			inside, rest, style = readToken(s[size:])
		} else if l, ok := marks[r]; ok && !word(before) {
			if i := ending(s[size:], r); i > 0 {
				inside, rest, style = s[size:size+i], s[size+i+size:], l
			}
		} else if r == ':' {
			inside, rest, style = readEmoji(s[size:])
		}
		switch style {
		case "":
			entity, n := readEntity(s)
			all = append(all, seen{entity, ""})
			before, s = r, s[n:]
			continue
		case "bold", "italic", "struck":
			for _, c := range readWords(inside, r) {
				all = append(all, seen{c.r, c.style + style})
			}
		default:
			all = append(all, shown(inside, style)...)
		}
		before, s = r, rest
	}
	return all
}

// ending returns where a style that began before s ends, -1 if it does not.
func ending(s string, mark rune) int {
	first, _ := utf8.DecodeRuneInString(s)
	if unicode.IsSpace(first) {
		return -1
	}
	for i, r := range s {
		after, _ := utf8.DecodeRuneInString(s[i+utf8.RuneLen(r):])
		last, _ := utf8.DecodeLastRuneInString(s[:i])
		if r == mark && i > 0 && !word(after) && !unicode.IsSpace(last) {
			return i
		}
	}
	return -1
}

// word reports whether a mark beside r is within a word.
func word(r rune) bool {
	return r != utf8.RuneError && (unicode.IsLetter(r) || unicode.IsDigit(r))
}

func readToken(s string) (inside, rest string, style look) {
	inside, rest, ok := strings.Cut(s, ">")
	switch {
	case !ok:
		return "", "", ""
	case strings.HasPrefix(inside, "@U"), strings.HasPrefix(inside, "@W"):
		return inside[1:], rest, "mention"
	case strings.HasPrefix(inside, "#C"), strings.HasPrefix(inside, "#G"):
		return inside[1:], rest, "channel"
	case strings.HasPrefix(inside, "!date^"):
		_, words, _ := strings.Cut(inside, "|")
		return words, rest, "moment"
	}
	return inside, rest, "token" // a link, everybody
}

func readEmoji(s string) (inside, rest string, style look) {
	inside, rest, ok := strings.Cut(s, ":")
	if !ok || inside == "" || strings.ContainsFunc(inside, func(r rune) bool { return !word(r) && !strings.ContainsRune("_-+'", r) }) {
		return "", "", ""
	}
	return inside, rest, "emoji"
}

func readEntity(s string) (rune, int) {
	if s[0] == '&' {
		for entity, r := range map[string]rune{"&amp;": '&', "&lt;": '<', "&gt;": '>'} {
			if strings.HasPrefix(s, entity) {
				return r, len(entity)
			}
		}
	}
	return utf8.DecodeRuneInString(s)
}

// shown returns s as it stands, in one style.
func shown(s string, style look) (all []seen) {
	for s != "" {
		r, n := readEntity(s)
		if style == "moment" || style == "mention" || style == "channel" {
			r, n = utf8.DecodeRuneInString(s)
		}
		all = append(all, seen{r, style})
		s = s[n:]
	}
	return all
}

// anID reports whether s is an id of Slack's that begins with one of first.
func anID(s, first string) bool {
	return len(s) >= 2 && len(s) <= 24 && strings.Contains(first, s[:1]) && strings.Trim(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") == ""
}

// asked returns what a reader shall see of t.
func asked(t coach.Text) (all []seen) {
	for _, s := range t {
		style := s.Style
		words := surface.Visible(s.Words)
		switch {
		case style == coach.Mention && !anID(words, "UW"), style == coach.Channel && !anID(words, "CG"),
			style == coach.Moment && s.At.Unix() <= 0:
			style = coach.Plain
		case style == coach.Moment && strings.TrimSpace(words) == "":
			words = s.At.Format("2 Jan 2006 15:04 MST")
		}
		for _, r := range words {
			all = append(all, seen{r, looks[style]})
		}
	}
	return all
}

var same = map[rune]rune{
	'\u2217': '*', '\ufe61': '*', '\uff0a': '*', '\u02cd': '_', '\uff3f': '_', '\u223c': '~', '\u02cb': '`', '\uff40': '`',
	'\u2039': '<', '\u203a': '>', '|': '/', '\uff06': '&',
}

// alike takes for equal what looks alike, and leaves out what cannot be seen.
func alike(all []seen) []seen {
	out := make([]seen, 0, len(all))
	for _, c := range all {
		if r, ok := same[c.r]; ok {
			c.r = r
		}
		if !unicode.IsSpace(c.r) && c.r != '\u200b' && c.r != '\u00ad' {
			out = append(out, c)
		}
	}
	return out
}

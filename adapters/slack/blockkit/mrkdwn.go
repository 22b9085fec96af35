package blockkit

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"rapport/adapters/surface"
	"rapport/coach"
)

// Slack has no escape for the marks of its markup. In words that stand beside
// styles, a mark gives way to a character that looks like it and means nothing:
// an invisible one beside it does not stop Slack. The full-width marks count
// as well. See https://github.com/yhatt/jsx-slack/blob/main/docs/about-escape-and-exact-mode.md
const (
	likeStar      = "\u2217" // asterisk operator
	likeLow       = "\u02cd" // modifier letter low macron
	likeTilde     = "\u223c" // tilde operator
	likeTick      = "\u02cb" // modifier letter grave accent
	likeWideStar  = "\ufe61" // small asterisk
	notAQuote     = "\u00ad" // soft hyphen: a > behind it begins no line
	betweenTokens = "\u200b" // zero width space: a mark beside it counts also within a word
)

// A script is mrkdwn being written.
type script struct {
	strings.Builder
	last  rune // what was written last, as a reader sees it; 0 at the start
	fresh bool // nothing but blanks was written since the line began
	ended bool // a mark ended a style just now
	apart bool // what comes next stands on a line of its own
	name  int  // length of what may become the name of an emoji, its first colon included; 0 for none
}

// mrkdwn returns t in Slack's markup.
func mrkdwn(t coach.Text) string {
	n := 16
	for _, s := range t {
		n += len(s.Words) + len(s.Words)/8 + 8
	}
	w := script{fresh: true}
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
// marks between them.
func joined(t coach.Text) (s coach.Span, n int) {
	s, n = t[0], 1
	for (s.Style == coach.Bold || s.Style == coach.Italic) && n < len(t) && t[n].Style == s.Style {
		s.Words += t[n].Words
		n++
	}
	return s, n
}

func (w *script) span(s coach.Span) {
	words := surface.Visible(s.Words)
	if surface.Blank(words) && s.Style != coach.Moment {
		w.words(words, 0)
		return
	}
	switch s.Style {
	case coach.Bold:
		w.styled('*', words)
	case coach.Italic:
		w.styled('_', words)
	case coach.Quote:
		w.quote(words)
	case coach.Code:
		if strings.Contains(words, "\n") {
			w.grid(words)
		} else {
			w.styled('`', words)
		}
	case coach.Mention:
		w.mention(words)
	case coach.Channel:
		w.channel(words)
	case coach.Moment:
		w.moment(s, words)
	default:
		w.words(words, 0)
	}
}

// words writes s so that it stays words. mark is the one that it stands
// between, 0 for none.
func (w *script) words(s string, mark rune) {
	if s == "" {
		return
	}
	first, _ := utf8.DecodeRuneInString(s)
	w.meet(first)
	done := 0
	for i := 0; i < len(s); i++ {
		c := s[i]
		if w.name > 0 && c != ':' {
			w.goOn(c)
		}
		switch {
		case c == '\n':
			w.fresh = true
		case c == ' ' || c == '\t':
		case !special(c):
			w.fresh = false
		default:
			r, n := utf8.DecodeRuneInString(s[i:])
			if stand, ok := w.standIn(s, i, r, mark); ok {
				w.WriteString(s[done:i])
				w.WriteString(stand)
				done = i + n
			}
			w.fresh = false
			i += n - 1
		}
	}
	w.WriteString(s[done:])
	w.last, _ = utf8.DecodeLastRuneInString(s)
}

// special reports whether a character that begins with c may need another in
// its place.
func special(c byte) bool {
	switch c {
	case '&', '<', '>', '`', '*', '_', '~', ':', wide:
		return true
	}
	return false
}

const wide = 0xef // begins the full-width marks

// standIn returns what is written for r, the character of s at i, if it is not
// r itself.
func (w *script) standIn(s string, i int, r, mark rune) (string, bool) {
	switch r {
	case '&':
		return "&amp;", true
	case '<':
		return "&lt;", true
	case '>':
		if w.fresh && mark != '`' {
			return notAQuote + "&gt;", true
		}
		return "&gt;", true
	case '`', '\uff40':
		return likeTick, true
	}
	if mark == '`' { // means nothing there, and what is to be typed stays exact
		return "", false
	}
	switch r {
	case '\uff1e':
		return notAQuote + "\uff1e", w.fresh
	case '*':
		return likeStar, mark == r || !inWord(s, i)
	case '_':
		return likeLow, mark == r || !inWord(s, i)
	case '~':
		return likeTilde, !inWord(s, i)
	case '\uff0a':
		return likeWideStar, true
	case '\uff3f':
		return likeLow, true
	case ':':
		ends := w.name > 1
		w.name = 1
		return betweenTokens + ":", ends
	}
	return "", false
}

// goOn notes that c, or the character that it begins, was written where the
// name of an emoji may be going on.
func (w *script) goOn(c byte) {
	if alnum(c) || c >= utf8.RuneSelf || strings.IndexByte("_-+'`", c) >= 0 {
		w.name++
	} else {
		w.name = 0
	}
}

// inWord reports whether the mark at s[i] has a letter or digit on either
// side: there it opens and ends nothing, as in snake_case or 3*4.
func inWord(s string, i int) bool {
	return i > 0 && alnum(s[i-1]) && i+1 < len(s) && alnum(s[i+1])
}

func alnum(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
}

// styled writes s between marks, line by line, as no style goes on over a line
// break. Blanks at the edges stay outside, or Slack would show the marks.
func (w *script) styled(mark rune, s string) {
	for line := range strings.Lines(s) {
		core := strings.TrimSpace(line)
		if core == "" {
			w.words(line, 0)
			continue
		}
		before, after, _ := strings.Cut(line, core)
		w.words(before, 0)
		w.meet(mark)
		if !opens(w.last) {
			w.WriteString(betweenTokens)
		}
		w.mark(mark)
		w.words(core, mark)
		w.mark(mark)
		w.last, w.fresh, w.ended = mark, false, true
		w.words(after, 0)
	}
}

func (w *script) mark(mark rune) {
	w.WriteRune(mark)
	if w.name > 0 {
		w.goOn(byte(mark))
	}
}

// meet writes what must stand between what was written and next.
func (w *script) meet(next rune) {
	if w.apart && next != '\n' {
		w.WriteByte('\n')
		w.last, w.fresh = '\n', true
	}
	if w.ended && !ends(next) {
		w.WriteString(betweenTokens)
		w.last = '\u200b'
	}
	w.apart, w.ended = false, false
}

// opens reports whether a mark behind r begins a style.
func opens(r rune) bool {
	return r == 0 || unicode.IsSpace(r) || strings.ContainsRune("([{\"-:;,.!?\u200b", r)
}

// ends reports whether a mark before r ends a style.
func ends(r rune) bool { return unicode.IsSpace(r) || strings.ContainsRune(".,;:!?)]}\"-", r) }

// newLine begins a line, if none has just begun.
func (w *script) newLine() {
	w.ended = false
	w.meet(0)
	if w.last != 0 && w.last != '\n' {
		w.WriteByte('\n')
	}
	w.last, w.fresh = '\n', true
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
		w.words(line, 0)
	}
	w.last, w.apart = 0, true
}

// grid writes s in fixed-width letters on lines of its own.
func (w *script) grid(s string) {
	w.newLine()
	w.WriteString("```\n")
	w.fresh = false
	w.words(strings.Trim(s, "\n"), '`')
	w.WriteString("\n```")
	w.last, w.apart = 0, true
}

// mention names the person whose user id is id, or says id as words if it
// cannot be one.
func (w *script) mention(id string) {
	if !userID(id) {
		w.words(id, 0)
		return
	}
	w.token("<@" + id + ">")
}

func (w *script) channel(id string) {
	if !channelID(id) {
		w.words(id, 0)
		return
	}
	w.token("<#" + id + ">")
}

func (w *script) token(s string) {
	w.meet('<')
	w.WriteString(s)
	w.last, w.fresh, w.name = '>', false, 0
}

// userID reports whether s has the form of Slack's user ids.
func userID(s string) bool { return platformID(s, "UW") }

// channelID reports whether s has the form of Slack's ids of channels.
func channelID(s string) bool { return platformID(s, "CG") }

func platformID(s, first string) bool {
	if len(s) < 2 || len(s) > 24 || !strings.Contains(first, s[:1]) {
		return false
	}
	for i := 1; i < len(s); i++ {
		if c := s[i]; !alnum(c) || 'a' <= c && c <= 'z' {
			return false
		}
	}
	return true
}

// inToken are the characters that would end a token or its fallback; Slack
// reads no entities there.
var inToken = strings.NewReplacer("<", "\u2039", ">", "\u203a", "|", "/", "&", "\uff06", "`", likeTick, "\n", " ", "\t", " ")

// moment writes an instant so that everybody reads it in their own time zone.
// Clients that cannot show the words of s.
func (w *script) moment(s coach.Span, words string) {
	if s.At.Unix() <= 0 {
		w.words(words, 0)
		return
	}
	if surface.Blank(words) {
		words = s.At.Format("2 Jan 2006 15:04 MST")
	}
	w.token("<!date^" + strconv.FormatInt(s.At.Unix(), 10) + "^{date_short_pretty} {time}|" + inToken.Replace(words) + ">")
}

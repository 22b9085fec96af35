package discordtest

import (
	"regexp"
	"strings"
)

// A style is what a piece of a text is.
type style int

const (
	words style = iota
	bold
	italic
	underlined
	struck
	spoiler
	code
	fence
	quote
	heading
	subtext
	listed
	link
	userMention
	roleMention
	channelMention
	everyone // @everyone or @here
	command
	stamp
	emoji
)

// A piece is a piece of a text with others in it.
type piece struct {
	style style
	text  string // what it says, or the id of what it names
	extra string // address of a link, format of a time, depth of a heading
	kids  []piece
}

// parse reads Discord's markdown.
func parse(md string) []piece {
	var out []piece
	for md != "" {
		at := fenceAt(md)
		if at < 0 {
			return append(out, blocks(md)...)
		}
		end := strings.Index(md[at+3:], "```")
		body := md[at+3 : at+3+end]
		if first, rest, ok := strings.Cut(body, "\n"); ok && languageName.MatchString(first) {
			body = rest
		}
		out = append(out, blocks(strings.TrimSuffix(md[:at], "\n"))...)
		out = append(out, piece{style: fence, text: strings.Trim(body, "\n")})
		md = strings.TrimPrefix(md[at+3+end+3:], "\n")
	}
	return out
}

var languageName = regexp.MustCompile(`^[\w+.-]*$`)

// fenceAt is where a block of code begins that also ends; -1 if there is none.
func fenceAt(md string) int {
	for i := 0; i+3 < len(md); i++ {
		switch {
		case md[i] == '\\':
			i++
		case strings.HasPrefix(md[i:], "```"):
			if n := strings.Index(md[i+3:], "```"); n > 0 {
				return i
			}
			return -1
		}
	}
	return -1
}

var (
	headed   = regexp.MustCompile(`^(#{1,3}) +(\S.*)$`)
	bulleted = regexp.MustCompile(`^( *)([-*]|\d+\.) +(\S.*)$`)
)

// blocks reads markdown without blocks of code.
func blocks(md string) []piece {
	if md == "" {
		return nil
	}
	var out []piece
	var running []string
	flush := func() {
		if running != nil {
			out = append(out, inline(strings.Join(running, "\n"))...)
			running = nil
		}
	}
	lines := strings.Split(md, "\n")
	for i := 0; i < len(lines); i++ {
		l := lines[i]
		switch rest, ok := strings.CutPrefix(l, ">>> "); {
		case ok:
			flush()
			return append(out, piece{style: quote, kids: blocks(strings.Join(append([]string{rest}, lines[i+1:]...), "\n"))})
		case strings.HasPrefix(l, "> "):
			flush()
			var inner []string
			for ; i < len(lines) && strings.HasPrefix(lines[i], "> "); i++ {
				inner = append(inner, lines[i][2:])
			}
			i--
			out = append(out, piece{style: quote, kids: blocks(strings.Join(inner, "\n"))})
		case headed.MatchString(l):
			flush()
			m := headed.FindStringSubmatch(l)
			out = append(out, piece{style: heading, extra: m[1], kids: inline(m[2])})
		case strings.HasPrefix(l, "-# ") && strings.TrimSpace(l[3:]) != "":
			flush()
			out = append(out, piece{style: subtext, kids: inline(strings.TrimSpace(l[3:]))})
		case bulleted.MatchString(l):
			flush()
			m := bulleted.FindStringSubmatch(l)
			out = append(out, piece{style: listed, extra: m[1] + strings.NewReplacer("-", "•", "*", "•").Replace(m[2]), kids: inline(m[3])})
		default:
			running = append(running, l)
		}
	}
	flush()
	return out
}

// forms are the things in angle brackets.
var forms = []struct {
	style style
	form  *regexp.Regexp
}{
	{stamp, regexp.MustCompile(`^<t:(-?\d{1,13})(?::([tTdDfFRsS]))?>`)},
	{userMention, regexp.MustCompile(`^<@!?(\d{1,20})>`)},
	{roleMention, regexp.MustCompile(`^<@&(\d{1,20})>`)},
	{channelMention, regexp.MustCompile(`^<#(\d{1,20})>`)},
	{command, regexp.MustCompile(`^</([^:>\n]{1,98}):\d{1,20}>`)},
	{emoji, regexp.MustCompile(`^<a?(:\w{2,32}:)\d{1,20}>`)},
	{link, regexp.MustCompile(`^<(https?://[^\s<>]+)>`)},
	{link, regexp.MustCompile(`^(https?://[^\s<>]*[^\s<>.,:;"'\]\[)])`)},
	{everyone, regexp.MustCompile(`^@(everyone|here)`)},
}

var masked = regexp.MustCompile(`^\[((?:\\.|[^\[\]\\\n])+)\]\(<?(https?://[^\s<>()]+)>?\)`)

// inline reads what stands within lines.
func inline(md string) []piece {
	var out []piece
	var plain strings.Builder
	flush := func() {
		if plain.Len() > 0 {
			out = append(out, piece{style: words, text: plain.String()})
			plain.Reset()
		}
	}
	for i := 0; i < len(md); {
		s, n := next(md, i)
		if n == 0 {
			plain.WriteByte(md[i])
			i++
			continue
		}
		if s.style == words {
			plain.WriteString(s.text)
		} else {
			flush()
			out = append(out, s)
		}
		i += n
	}
	flush()
	return out
}

// next is what begins at i, with its length; 0 where it is an ordinary sign.
func next(md string, i int) (piece, int) {
	rest := md[i:]
	switch rest[0] {
	case '\\':
		if len(rest) > 1 && escapable(rest[1]) {
			return piece{style: words, text: rest[1:2]}, 2
		}
	case '`':
		return ticked(rest)
	case '[':
		if m := masked.FindStringSubmatch(rest); m != nil {
			return piece{style: link, extra: m[2], kids: inline(m[1])}, len(m[0])
		}
	case '<', '@', 'h':
		return named(rest)
	case '*', '_', '~', '|':
		return styled(md, i)
	}
	return piece{}, 0
}

// escapable tells whether a backslash hides a sign from Discord.
func escapable(c byte) bool {
	return c > ' ' && c < 0x7f && !(c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z')
}

// ticked reads code between as many ticks.
func ticked(rest string) (piece, int) {
	n := len(rest) - len(strings.TrimLeft(rest, "`"))
	ticks := rest[:n]
	for at := n; at < len(rest); {
		end := strings.Index(rest[at:], ticks)
		if end < 0 {
			return piece{style: words, text: ticks}, n
		}
		end += at
		run := len(rest[end:]) - len(strings.TrimLeft(rest[end:], "`"))
		if run == n && end > n {
			return piece{style: code, text: strings.Trim(rest[n:end], " ")}, end + n
		}
		at = end + run
	}
	return piece{style: words, text: ticks}, n
}

func named(rest string) (piece, int) {
	for _, f := range forms {
		m := f.form.FindStringSubmatch(rest)
		if m == nil {
			continue
		}
		s := piece{style: f.style, text: m[1]}
		if len(m) > 2 {
			s.extra = m[2]
		}
		return s, len(m[0])
	}
	return piece{}, 0
}

// styled reads what stands between two equal signs.
func styled(md string, i int) (piece, int) {
	for _, one := range []struct {
		sign  string
		style style
	}{{"**", bold}, {"__", underlined}, {"~~", struck}, {"||", spoiler}, {"*", italic}, {"_", italic}} {
		rest, ok := strings.CutPrefix(md[i:], one.sign)
		if !ok || one.sign == "_" && i > 0 && wordly(md[i-1]) {
			continue
		}
		if end := closing(rest, one.sign); end > 0 {
			return piece{style: one.style, kids: inline(rest[:end])}, 2*len(one.sign) + end
		}
	}
	return piece{}, 0
}

// closing is where the sign ends what it began; -1 where it does not.
func closing(rest, sign string) int {
	single := len(sign) == 1
	if single && (rest == "" || rest[0] == ' ' || rest[0] == '\n') && sign == "*" {
		return -1
	}
	for i := 0; i < len(rest); i++ {
		switch {
		case rest[i] == '\\':
			i++
		case single && strings.HasPrefix(rest[i:], sign+sign):
			i++
		case strings.HasPrefix(rest[i:], sign):
			after := rest[i+len(sign):]
			if i == 0 || !single && strings.HasPrefix(after, sign[:1]) && sign != "~~" && sign != "||" {
				continue
			}
			if sign == "*" && (rest[i-1] == ' ' || rest[i-1] == '\n') || sign == "_" && after != "" && wordly(after[0]) {
				continue
			}
			return i
		}
	}
	return -1
}

func wordly(c byte) bool {
	return c == '_' || c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' || c >= 0x80
}

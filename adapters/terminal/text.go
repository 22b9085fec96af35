package terminal

import (
	"strings"
	"unicode"

	"rapport/coach"
)

// visible returns s as it may be shown. Control characters, which could move
// the cursor or change the terminal, become their pictures; the marks that turn
// the direction of text around, and invisible letters that hide words, go.
// Line breaks stay. The coach is always handed what was typed, unchanged.
func visible(s string) string {
	s = strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\r\n", "\n")
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n':
			return r
		case r == '\t':
			return ' '
		case r < ' ':
			return '\u2400' + r
		case r == 0x7f:
			return '\u2421'
		case r == '\u2028' || r == '\u2029':
			return '\n'
		case unicode.IsControl(r), unicode.Is(unicode.Bidi_Control, r):
			return '\uFFFD'
		case r >= 0xFFF9 && r <= 0xFFFB, r >= 0xE0000 && r <= 0xE0FFF:
			return -1
		}
		return r
	}, s)
}

// oneLine is visible on one line.
func oneLine(s string) string { return strings.Join(strings.Fields(visible(s)), " ") }

// A tint is how a letter looks.
type tint uint8

const (
	tintPlain tint = iota
	tintBold
	tintItalic
	tintCode
	tintDim
	tintDanger
)

// escapes are how a terminal is told of a tint (ECMA-48 SGR).
var escapes = [...]string{"", "\x1b[1m", "\x1b[3m", "\x1b[36m", "\x1b[2m", "\x1b[31m"}

const unescape = "\x1b[0m"

// A cell is one letter of a row.
type cell struct {
	r    rune
	tint tint
}

// cellsOf returns words in one tint.
func cellsOf(words string, l tint) []cell {
	cells := make([]cell, 0, len(words))
	for _, r := range words {
		cells = append(cells, cell{r, l})
	}
	return cells
}

// A row is a line of text before it is wrapped.
type row struct {
	cells []cell
	grid  bool // fixed: never wrapped
}

// rows lays t out. Marks in letters (quotes, and backticks where there are no
// looks) keep its meaning in a pipe.
func (a *Adapter) rows(t coach.Text, base tint) []row {
	var out []row
	open := false // the last row goes on
	add := func(words string, l tint) {
		for i, part := range strings.Split(words, "\n") {
			if i > 0 || !open {
				out, open = append(out, row{}), true
			}
			last := &out[len(out)-1]
			last.cells = append(last.cells, cellsOf(part, l)...)
		}
	}
	for _, s := range t {
		words := visible(s.Words)
		if s.Style == coach.Code && strings.Contains(words, "\n") {
			for _, part := range strings.Split(strings.Trim(words, "\n"), "\n") {
				out = append(out, row{cellsOf(part, base), true})
			}
			open = false
			continue
		}
		if !open && len(out) > 0 {
			words = strings.TrimPrefix(words, "\n") // the grid ended its row
		}
		if words, l := a.span(s.Style, words, base); words != "" {
			add(words, l)
		}
	}
	return out
}

// span returns the words of one span with the marks of its style.
func (a *Adapter) span(style coach.Style, words string, base tint) (string, tint) {
	if words == "" {
		return "", base
	}
	switch style {
	case coach.Bold:
		return words, tintBold
	case coach.Italic:
		return words, tintItalic
	case coach.Quote:
		if !strings.HasPrefix(words, `"`) && !strings.HasPrefix(words, "“") {
			words = `"` + words + `"`
		}
		return words, tintItalic
	case coach.Code:
		if !a.Style {
			words = "`" + words + "`"
		}
		return words, tintCode
	case coach.Channel:
		return "#" + oneLine(words), tintBold
	case coach.Mention:
		return "@" + oneLine(a.crowd.name(words)), tintBold
	}
	return words, base
}

// thin reports whether r takes no column of its own.
func thin(r rune) bool { return unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf) }

// columns is how wide cells are. Letters that take two columns in some
// terminals count as one.
func columns(cells []cell) int {
	n := 0
	for _, c := range cells {
		if !thin(c.r) {
			n++
		}
	}
	return n
}

// wrap breaks cells into rows of at most width columns, between words where
// that is possible. What follows a bullet is indented as far as its words.
func wrap(cells []cell, width int) [][]cell {
	var out [][]cell
	hang := hanging(cells)
	indent := cellsOf(strings.Repeat(" ", hang), tintPlain)
	for first := true; ; first = false {
		room := width
		var head []cell
		if !first {
			room, head = width-hang, indent
		}
		if columns(cells) <= room {
			return append(out, append(head[:len(head):len(head)], cells...))
		}
		cut := breakAt(cells, room)
		out = append(out, trimRight(append(head[:len(head):len(head)], cells[:cut]...)))
		if cells = trimLeft(cells[cut:]); len(cells) == 0 {
			return out
		}
	}
}

// breakAt returns how many of cells go into a row of that width: up to the last
// space that fits, or all that fits if a word is longer than the row.
func breakAt(cells []cell, width int) int {
	n, space, fit := 0, 0, 0
	word := false
	for i, c := range cells {
		if c.r == ' ' && word {
			space = i
		}
		word = word || c.r != ' '
		if !thin(c.r) {
			if n == width {
				break
			}
			n++
		}
		fit = i + 1
	}
	if space > 0 {
		return space
	}
	return max(fit, 1)
}

func trimRight(cells []cell) []cell {
	for len(cells) > 0 && cells[len(cells)-1].r == ' ' {
		cells = cells[:len(cells)-1]
	}
	return cells
}

func trimLeft(cells []cell) []cell {
	for len(cells) > 0 && cells[0].r == ' ' {
		cells = cells[1:]
	}
	return cells
}

// hanging is how far the words behind a bullet are from the margin.
func hanging(cells []cell) int {
	if len(cells) > 2 && strings.ContainsRune("-•·*", cells[0].r) && cells[1].r == ' ' {
		return 2
	}
	return 0
}

// paint returns cells as they are written.
func (a *Adapter) paint(cells []cell) string {
	var b strings.Builder
	now := tintPlain
	for _, c := range cells {
		if a.Style && c.tint != now {
			if now != tintPlain {
				b.WriteString(unescape)
			}
			b.WriteString(escapes[c.tint])
			now = c.tint
		}
		b.WriteRune(c.r)
	}
	if now != tintPlain {
		b.WriteString(unescape)
	}
	return b.String()
}

package terminal

import (
	"fmt"
	"strings"

	"rapport/coach"
)

// margin is in front of everything the coach says.
const margin = "  "

// note writes a line of the terminal's own.
func (a *Adapter) note(format string, args ...any) error {
	words := cellsOf(visible(fmt.Sprintf(format, args...)), tintDim)
	var b strings.Builder
	for i, cells := range wrap(words, a.screen.columns()-3) {
		lead := "-- "
		if i > 0 {
			lead = "   "
		}
		b.WriteString(a.paint(append(cellsOf(lead, tintDim), cells...)))
		b.WriteByte('\n')
	}
	return a.screen.write(b.String())
}

// A sheet collects rows of a block.
type sheet struct {
	*Adapter
	b     strings.Builder
	width int // columns behind the margin
}

func (a *Adapter) sheet() *sheet {
	return &sheet{Adapter: a, width: a.screen.columns() - len(margin)}
}

// head writes the line above a block.
func (s *sheet) head(words string, l tint) {
	for _, cells := range wrap(cellsOf(words, l), s.width) {
		s.b.WriteString(s.paint(cells) + "\n")
	}
}

// row writes cells, wrapped.
func (s *sheet) row(cells []cell) {
	for _, part := range wrap(cells, s.width) {
		s.put(part)
	}
}

func (s *sheet) put(cells []cell) {
	if cells = trimRight(cells); len(cells) > 0 {
		s.b.WriteString(margin + s.paint(cells))
	}
	s.b.WriteByte('\n')
}

func (s *sheet) blank() { s.b.WriteByte('\n') }

// text writes t.
func (s *sheet) text(t coach.Text, base tint) {
	for _, r := range s.rows(t, base) {
		if r.grid {
			s.put(r.cells)
			continue
		}
		s.row(r.cells)
	}
}

// message writes m without what can be pressed. Extra lines stand below it.
func (s *sheet) message(m coach.Message, extra []string) {
	gap := false
	next := func() {
		if gap {
			s.blank()
		}
		gap = true
	}
	if title := oneLine(m.Title); title != "" {
		next()
		s.row(cellsOf(title, tintBold))
	}
	for _, sec := range m.Sections {
		next()
		base := tintPlain
		if sec.Quiet {
			base = tintDim
		}
		s.text(sec.Text, base)
	}
	if m.Picture != nil {
		next()
		s.text(coach.P("Picture: "+m.Picture.Alt), tintPlain)
	}
	for _, line := range extra {
		s.row(cellsOf(visible(line), tintDim))
	}
}

// between is the space between two buttons.
const between = "   "

// controls writes what of m can be pressed, each with what to type for it.
func (s *sheet) controls(m coach.Message, prefix string) {
	all := controlsOf(m)
	if len(all) == 0 {
		return
	}
	s.blank()
	cells := func(i int) []cell {
		c, l := all[i], tintPlain
		switch {
		case c.danger:
			l = tintDanger
		case c.primary:
			l = tintBold
		}
		if prefix == byLabel {
			return cellsOf("["+byLabel+" "+c.label+"]", l)
		}
		return append(cellsOf(fmt.Sprintf("[%s%d] ", prefix, i+1), tintPlain), cellsOf(c.label, l)...)
	}
	var buttons [][]cell
	for i := range m.Buttons {
		buttons = append(buttons, cells(i))
	}
	s.flow(buttons)
	if m.Choices == nil {
		return
	}
	if label := oneLine(m.Choices.Label); label != "" {
		s.row(cellsOf(label+":", tintPlain))
	}
	for i := len(m.Buttons); i < len(all); i++ {
		s.row(append(cellsOf(margin, tintPlain), cells(i)...))
	}
}

// flow writes parts beside each other, as many as a row holds.
func (s *sheet) flow(parts [][]cell) {
	var line []cell
	for _, part := range parts {
		if len(line) > 0 && columns(line)+len(between)+columns(part) > s.width {
			s.row(line)
			line = nil
		}
		if len(line) > 0 {
			line = append(line, cellsOf(between, tintPlain)...)
		}
		line = append(line, part...)
	}
	if len(line) > 0 {
		s.row(line)
	}
}

// byLabel stands for a prefix where no number means a message any more.
const byLabel = "press"

// show writes a whole message. Extra lines stand below its text.
func (a *Adapter) show(m shown, extra []string) error {
	s := a.sheet()
	s.head(m.head, tintBold)
	s.message(m.Message, extra)
	s.controls(m.Message, m.prefix)
	s.blank()
	return a.screen.write(s.b.String())
}

// brief writes the head of m, its first words and what can be pressed.
func (s *sheet) brief(m shown, prefix string) {
	s.head(m.head, tintBold)
	words := oneLine(m.Title)
	if words == "" && len(m.Sections) > 0 {
		first, _, _ := strings.Cut(m.Sections[0].Text.String(), "\n")
		words = oneLine(first)
	}
	rows := wrap(cellsOf(words, tintPlain), s.width-3)
	if len(rows) > 1 {
		rows[0] = append(rows[0], cellsOf("...", tintPlain)...)
	}
	s.put(rows[0])
	s.controls(m.Message, prefix)
	s.blank()
}

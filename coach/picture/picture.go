// Package picture draws a person's weeks as a PNG.
//
// It decides where things stand and how they look: each kind of week has a
// shape, a letter and a colour of its own, so that none of the three is needed
// alone, and how often something was done is a shape and a number. It does not
// know what the words say: those come with the [Weeks]. The same Weeks give the
// same bytes.
package picture

import (
	"fmt"

	"golang.org/x/image/math/fixed"

	"rapport/coach/streak"
)

// Weeks is what is drawn.
type Weeks struct {
	Title   string // the largest line, such as "9 of your last 12 weeks."
	Line    string // below it; may be empty
	Strip   string // what the states of the weeks are called
	Sums    string // what the numbers at the ends of the rows are called
	Columns []Week // oldest first, at most MaxColumns
	Rows    []Row
	Legend  []Kind
	Note    string // the smallest line, below the legend; may be empty
	Dark    bool   // on a dark ground
}

// A Week is one column.
type Week struct {
	State  streak.State
	Letter string
	Label  string // below it, such as the name of a month; may be empty
}

// A Row is one thing that can be done.
type Row struct {
	Name   string
	Counts []int // how often it was done, by column
	Thin   bool  // less of it than of the others
}

// A Kind explains how weeks of one state look, or without one how it looks that
// something was done so often.
type Kind struct {
	State  streak.State
	Letter string
	Count  int
	Words  string
}

// MaxColumns is how many weeks there is room for: half a year.
const MaxColumns = 26

// Sizes in units, each [scale] pixels wide so that dense screens show it sharp.
const (
	scale      = 2
	margin     = 22
	names      = 182 // for the names of the rows, and
	nameGap    = 8   // between them and the weeks
	cell       = 19  // a mark, square
	pitch      = 22  // from one week to the next
	sums       = 40  // for the numbers at the ends of the rows
	leastWeeks = 14  // weeks that a picture is wide enough for

	titleAt = 38 // baselines and tops, from above
	lineAt  = 61
	stripAt = 80
	rowsAt  = stripAt + cell + 9
	rowStep = 23
	thin    = 13 // a mark in a thin row
	thinBy  = 17 // from a thin row to the next

	swatch     = 17
	legendStep = 24
	kindWidth  = 175 // at least, of a kind in the legend
)

// A layout says how large the picture is and where things stand below the strip.
type layout struct {
	width, room          float32 // with and without the margins
	months, legend, note float32
	height               float32
	perLine              int // kinds in a line of the legend
}

// layout makes room for the weeks there are: chats show a picture as wide as
// they like, and the words of a narrow one are larger there.
func (w Weeks) layout() layout {
	l := layout{width: left(max(leastWeeks, len(w.Columns))) + sums + margin}
	l.room = l.width - 2*margin
	l.perLine = int(l.room / kindWidth)
	y := float32(rowsAt)
	for _, r := range w.Rows {
		y += r.step()
	}
	l.months = y + 13
	l.legend = l.months + 17
	lines := (len(w.Legend) + l.perLine - 1) / l.perLine
	l.note = l.legend + float32(lines*legendStep) + 15
	l.height = l.note + 14
	return l
}

func (r Row) step() float32 {
	if r.Thin {
		return thinBy
	}
	return rowStep
}

// PNG draws w. It fails only where there are more weeks than fit.
func (w Weeks) PNG() ([]byte, error) {
	if len(w.Columns) > MaxColumns {
		return nil, fmt.Errorf("picture of %d weeks, at most %d", len(w.Columns), MaxColumns)
	}
	l := w.layout()
	c, err := newCanvas(int(l.width*scale), int(l.height*scale), w.Dark)
	if err != nil {
		return nil, err
	}
	c.words(bold, 20, margin, titleAt, l.room, ramp{ground, text}, w.Title)
	c.words(regular, 15, margin, lineAt, l.room, ramp{ground, soft}, w.Line)
	c.strip(w, l)
	c.rows(w)
	c.legend(w.Legend, l)
	c.words(regular, 12.5, margin, l.note, l.room, ramp{ground, soft}, w.Note)
	if c.err != nil {
		return nil, fmt.Errorf("picture: %w", c.err)
	}
	data, err := encode(c.Paletted)
	if err != nil {
		return nil, fmt.Errorf("picture: %w", err)
	}
	return data, nil
}

// left is where the column of a week begins.
func left(column int) float32 { return float32(margin + names + column*pitch) }

// right is where the numbers at the ends of the rows end: beside the last week,
// so that the eye finds them also where there are few.
func (w Weeks) right() float32 { return left(len(w.Columns)) + sums }

// strip draws what became of each week, and the names of the months below all
// rows. A week in which nothing was to be done is a bar through all rows.
func (c *canvas) strip(w Weeks, l layout) {
	c.words(bold, 13, margin, stripAt+14, names-nameGap, ramp{ground, text}, w.Strip)
	bottom := l.months - 13 - (rowStep - cell)
	for i, week := range w.Columns {
		x := left(i)
		if len(w.Rows) > 0 && resting(week.State) {
			c.box(rounded, x, rowsAt, cell, bottom-rowsAt, ramp{ground, faint})
		}
		c.week(x, stripAt, cell, week.State, week.Letter)
		if i+1 == len(w.Columns) || w.Columns[i+1].Label == "" { // else there is no room for both
			c.words(regular, 12.5, x, l.months+4, l.width-x, ramp{ground, soft}, week.Label)
		}
	}
}

// resting reports whether weeks of that state are free of practice for a reason.
func resting(s streak.State) bool {
	return s == streak.WeekRest || s == streak.WeekPaused || s == streak.WeekExcused
}

// rows draws what was done, and how often at the end of each row.
func (c *canvas) rows(w Weeks) {
	if len(w.Rows) > 0 {
		c.aligned(c.face(regular, 12), w.right(), stripAt+14, 1, ramp{ground, soft}, w.Sums)
	}
	y := float32(rowsAt)
	even := c.even(w.Rows)
	for _, r := range w.Rows {
		size, letters, ink := float32(cell), even, text
		if r.Thin {
			size, letters, ink = thin, min(12, even), soft
		}
		base := y + size/2 + 0.36*letters
		c.words(regular, letters, margin, base, names-nameGap, ramp{ground, ink}, r.Name)
		sum := 0
		for i, n := range r.Counts[:min(len(r.Counts), len(w.Columns))] {
			x := left(i) + (cell-size)/2
			if n > 0 {
				c.mark(x, y, size, n)
			} else if !resting(w.Columns[i].State) {
				c.none(x, y, size)
			}
			sum += n
		}
		if sum > 0 {
			c.aligned(c.face(bold, letters), w.right(), base, 1, ramp{ground, ink}, number(sum, 999))
		}
		y += r.step()
	}
}

// even is the size in which the names of all rows find room, as far as that
// goes.
func (c *canvas) even(rows []Row) float32 {
	size := float32(14)
	for _, r := range rows {
		_, size = c.fitting(regular, size, smallest, fixed.I((names-nameGap)*scale), r.Name)
	}
	return size
}

// legend explains the marks.
func (c *canvas) legend(kinds []Kind, l layout) {
	room := l.room / float32(l.perLine)
	for i, k := range kinds {
		x := margin + float32(i%l.perLine)*room
		y := l.legend + float32(i/l.perLine*legendStep)
		if k.Count > 0 {
			c.mark(x, y, swatch, k.Count)
		} else {
			c.week(x, y, swatch, k.State, k.Letter)
		}
		c.words(regular, 13.5, x+swatch+8, y+14, room-swatch-12, ramp{ground, text}, k.Words)
	}
}

// Package picture draws a person's weeks as a PNG.
//
// It decides where things stand and how they look: each kind of week has a
// shape, a letter and a colour of its own, so that none of the three is needed
// alone. It does not know what the words say: those come with the [Weeks]. The
// same Weeks give the same bytes.
package picture

import (
	"fmt"
	"image/color"
	"strconv"

	"rapport/coach/streak"
)

// Weeks is what is drawn.
type Weeks struct {
	Title   string // the largest line, such as "9 of your last 12 weeks."
	Line    string // below it; may be empty
	Columns []Week // oldest first, at most MaxColumns
	Legend  []Kind // in two rows
	Note    string // the smallest line, below the legend; may be empty
}

// A Week is one column.
type Week struct {
	State  streak.State
	Letter string
	Count  int    // how often something was done; 0 shows nothing
	Label  string // below it, such as the name of a month; may be empty
}

// A Kind explains how weeks of one state look.
type Kind struct {
	State  streak.State
	Letter string
	Words  string
}

// MaxColumns is how many weeks there is room for.
const MaxColumns = 12

// Sizes in units, each [scale] pixels wide so that dense screens show it sharp.
// The words are large because chats show pictures at half their width and less.
const (
	scale  = 2
	margin = 20
	cell   = 35 // a week, square
	gap    = 4
	width  = 2*margin + MaxColumns*cell + (MaxColumns-1)*gap
	height = 232

	titleAt  = 37 // baselines and tops, from above
	lineAt   = 61
	cellsAt  = 77
	countAt  = 129
	labelAt  = 147
	legendAt = 161
	rowStep  = 23
	noteAt   = 220

	swatch  = 18
	columns = 3 // of the legend
)

// PNG draws w. It fails only where there are more weeks than fit.
func (w Weeks) PNG() ([]byte, error) {
	if len(w.Columns) > MaxColumns {
		return nil, fmt.Errorf("picture of %d weeks, at most %d", len(w.Columns), MaxColumns)
	}
	c, err := newCanvas(width*scale, height*scale)
	if err != nil {
		return nil, err
	}
	c.words(bold, 19, margin, titleAt, ramp{white, black}, w.Title)
	c.words(regular, 15, margin, lineAt, ramp{white, soft}, w.Line)
	for i, week := range w.Columns {
		x := float32(margin + i*(cell+gap))
		c.week(x, cellsAt, cell, week.State, week.Letter)
		if week.Count > 0 {
			c.centred(bold, 14, x+cell/2, countAt, ramp{white, black}, strconv.Itoa(min(week.Count, 99)))
		}
		c.centred(regular, 13, x+cell/2, labelAt, ramp{white, soft}, week.Label)
	}
	for i, k := range w.Legend {
		x := float32(margin + i%columns*(width-2*margin)/columns)
		y := float32(legendAt + i/columns*rowStep)
		c.week(x, y, swatch, k.State, k.Letter)
		c.words(regular, 14, x+swatch+7, y+14, ramp{white, black}, k.Words)
	}
	c.words(regular, 12.5, margin, noteAt, ramp{white, soft}, w.Note)
	if c.err != nil {
		return nil, fmt.Errorf("picture: %w", c.err)
	}
	data, err := encode(c.Paletted)
	if err != nil {
		return nil, fmt.Errorf("picture: %w", err)
	}
	return data, nil
}

// week draws the shape of a state, size wide, with its letter.
func (c *canvas) week(x, y, size float32, s streak.State, letter string) {
	line := max(1.5, float32(int(size*scale/16))/scale) // whole pixels
	inner := size - 2*line
	on := ramp{white, black}
	switch s {
	case streak.WeekKept: // a full square
		c.box(rounded, x, y, size, size, ramp{white, blue})
		on = ramp{blue, white}
	case streak.WeekRest: // a full disc
		c.box(disc, x, y, size, size, ramp{white, brown})
		on = ramp{brown, white}
	case streak.WeekPaused: // a square of outline and pale blue
		c.box(rounded, x, y, size, size, ramp{white, blue})
		c.box(rounded, x+line, y+line, inner, inner, ramp{blue, pale})
		on = ramp{pale, black}
	case streak.WeekExcused: // a diamond
		c.box(diamond, x, y, size, size, ramp{white, soft})
		c.box(diamond, x+2*line, y+2*line, size-4*line, size-4*line, ramp{soft, grey})
		on = ramp{grey, black}
	case streak.WeekOpen: // a ring
		c.box(disc, x, y, size, size, ramp{white, blue})
		c.box(disc, x+line, y+line, inner, inner, ramp{blue, white})
	default: // nothing but the dot that is its letter
		d := size / 6
		c.box(disc, x+(size-d)/2, y+(size-d)/2, d, d, ramp{white, soft})
		return
	}
	h := size * 0.5
	if s == streak.WeekExcused {
		h = size * 0.42
	}
	c.centred(bold, h, x+size/2, y+size/2+0.36*h, on, letter)
}

// inks are all the colours there are. Sixteen and no more: a PNG packs two such
// pixels into a byte.
type ink uint8

const (
	white ink = iota
	black     // nearly: 14:1 on white
	soft      // for small print and outlines, 6.4:1
	blue      // 7:1
	brown     // 6:1
	pale      // blue
	grey
	mixes // from here on what soft edges are made of
)

// palette returns the colours, in the order of their names.
func palette() color.Palette {
	p := make(color.Palette, 0, 16)
	for _, rgb := range []int{
		white: 0xffffff, black: 0x1f2933, soft: 0x52606d, blue: 0x0b5c8a, brown: 0x945700, pale: 0xdcedf7, grey: 0xeef0f2,
		mixes: 0xd2d4d6, 0xa5a9ad, 0x7b8289, // of black and white
		0xc2d6e2, 0x85adc4, 0x4885a7, // of blue and white
		0xe4d5bf, 0xc9ab7f, 0xaf8140, // of brown and white
	} {
		p = append(p, color.RGBA{uint8(rgb >> 16), uint8(rgb >> 8), uint8(rgb), 0xff})
	}
	return p
}

// A ramp leads from one ink to another in [steps]: what the soft edge of the
// second on the first needs.
type ramp struct{ from, to ink }

const steps = 16

// A slope is a ramp in the colours there are: the ink of each step, and on
// which step an ink is, 0 where it is on none.
type slope struct {
	inks [steps]ink
	step [16]uint8
}

// slopeOf finds the nearest ink for each step.
func slopeOf(p color.Palette, r ramp) slope {
	var s slope
	a, b := p[r.from].(color.RGBA), p[r.to].(color.RGBA)
	for i := range steps {
		mix := func(a, b uint8) uint8 { return uint8((int(a)*(steps-1-i) + int(b)*i) / (steps - 1)) }
		s.inks[i] = ink(p.Index(color.RGBA{mix(a.R, b.R), mix(a.G, b.G), mix(a.B, b.B), 0xff}))
		if s.inks[i] != r.from {
			s.step[s.inks[i]] = uint8(i)
		}
	}
	return s
}

package picture

import (
	"strconv"

	"rapport/coach/streak"
)

// week draws the shape of a state, size wide, with its letter.
func (c *canvas) week(x, y, size float32, s streak.State, letter string) {
	line := max(1.5, float32(int(size*scale/16))/scale) // whole pixels
	inner := size - 2*line
	on := ramp{ground, text}
	switch s {
	case streak.WeekKept: // a full square
		c.box(rounded, x, y, size, size, ramp{ground, kept})
		on = ramp{kept, ground}
	case streak.WeekRest: // a full disc
		c.box(disc, x, y, size, size, ramp{ground, rest})
		on = ramp{rest, ground}
	case streak.WeekPaused: // a square of outline, paler within
		c.box(rounded, x, y, size, size, ramp{ground, kept})
		c.box(rounded, x+line, y+line, inner, inner, ramp{kept, paused})
		on = ramp{paused, text}
	case streak.WeekExcused: // a diamond
		c.box(diamond, x-1, y-1, size+2, size+2, ramp{ground, soft})
		c.box(diamond, x-1+1.5*line, y-1+1.5*line, size+2-3*line, size+2-3*line, ramp{soft, excused})
		on = ramp{excused, text}
	case streak.WeekOpen: // a ring
		c.box(disc, x, y, size, size, ramp{ground, kept})
		c.box(disc, x+line, y+line, inner, inner, ramp{kept, ground})
	default: // nothing but the dot that is its letter
		d := size / 5
		c.box(disc, x+(size-d)/2, y+(size-d)/2, d, d, ramp{ground, soft})
		return
	}
	h := 0.58 * size
	if s == streak.WeekExcused {
		h = 0.5 * size
	}
	c.within(bold, h, x, y, size, size, on, letter)
}

// mark draws that something was done n times in a week, in the middle of a
// square of that size: once is a disc, more is a square with the number.
func (c *canvas) mark(x, y, size float32, n int) {
	if n == 1 {
		d := float32(int(0.55*size*scale)) / scale
		c.box(disc, x+(size-d)/2, y+(size-d)/2, d, d, ramp{ground, kept})
		return
	}
	c.box(rounded, x, y, size, size, ramp{ground, kept})
	c.within(bold, 0.64*size, x, y, size, size, ramp{kept, ground}, number(n, 99))
}

// none draws that nothing was done.
func (c *canvas) none(x, y, size float32) {
	const d = 4
	c.box(disc, x+(size-d)/2, y+(size-d)/2, d, d, ramp{ground, faint})
}

// number is n, or "99+" where it is above most.
func number(n, most int) string {
	if n > most {
		return strconv.Itoa(most) + "+"
	}
	return strconv.Itoa(n)
}

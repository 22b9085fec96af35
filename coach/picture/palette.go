package picture

import "image/color"

// inks are all the colours there are, by what they are for. Sixteen and no
// more: a PNG packs two such pixels into a byte.
//
// The fills of kept, rest, excused and paused weeks and the ground go up, or in
// the dark look down, in lightness by steps that can be seen by eyes that see no
// colours.
type ink uint8

const (
	ground  ink = iota
	text        // words
	soft        // small print and outlines
	kept        // weeks kept, practice
	rest        // rest weeks
	excused     // weeks that are not the person's doing
	paused      // weeks of a pause
	faint       // what only guides the eye
	mixes       // from here on what soft edges are made of
)

// palette returns the colours, in the order of their names.
func palette(dark bool) color.Palette {
	names := []int{
		ground: 0xffffff, text: 0x1f2933, soft: 0x52606d, kept: 0x0b4470, rest: 0xa4660a, excused: 0x9aa3ac, paused: 0xbcdaef, faint: 0xe6eaee,
	}
	if dark {
		names = []int{
			ground: 0x151b21, text: 0xe8edf2, soft: 0xa3afbb, kept: 0xa3d6f8, rest: 0xc88b34, excused: 0x626b75, paused: 0x26455c, faint: 0x262e36,
		}
	}
	p := make(color.Palette, 0, 16)
	for _, rgb := range names {
		p = append(p, color.RGBA{uint8(rgb >> 16), uint8(rgb >> 8), uint8(rgb), 0xff})
	}
	for _, soft := range []struct {
		of    ink
		parts []int // in quarters
	}{{text, []int{1, 2, 3}}, {kept, []int{1, 2, 3}}, {rest, []int{1, 3}}} {
		for _, part := range soft.parts {
			p = append(p, mix(p[ground].(color.RGBA), p[soft.of].(color.RGBA), part, 4))
		}
	}
	return p
}

// mix is the colour that lies i of n steps on the way from a to b.
func mix(a, b color.RGBA, i, n int) color.RGBA {
	part := func(a, b uint8) uint8 { return uint8((int(a)*(n-i) + int(b)*i) / n) }
	return color.RGBA{part(a.R, b.R), part(a.G, b.G), part(a.B, b.B), 0xff}
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
		s.inks[i] = ink(p.Index(mix(a, b, i, steps-1)))
		if s.inks[i] != r.from {
			s.step[s.inks[i]] = uint8(i)
		}
	}
	return s
}

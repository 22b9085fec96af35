package picture

import (
	"fmt"
	"image"
	"sync"

	"golang.org/x/image/font"
	"golang.org/x/image/font/gofont/gobold"
	"golang.org/x/image/font/gofont/goregular"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/math/fixed"
	"golang.org/x/image/vector"
)

// A canvas is drawn on through masks: a pixel is set to the step of a ramp that
// the mask says, and nothing has to look for a colour near another.
type canvas struct {
	*image.Paletted
	fonts  *[2]*opentype.Font
	faces  map[faceKey]font.Face
	slopes map[ramp]slope
	mask   *image.Alpha
	pen    vector.Rasterizer
	err    error // the first thing that went wrong, if any
}

// A weight is one of the two fonts.
type weight uint8

const (
	regular weight = iota
	bold
)

type faceKey struct {
	weight
	size float32
}

// fonts are read once. A font may be used by several goroutines, a face not.
var fonts = sync.OnceValues(func() (*[2]*opentype.Font, error) {
	var all [2]*opentype.Font
	for w, ttf := range [][]byte{regular: goregular.TTF, bold: gobold.TTF} {
		f, err := opentype.Parse(ttf)
		if err != nil {
			return nil, fmt.Errorf("font: %w", err)
		}
		all[w] = f
	}
	return &all, nil
})

func newCanvas(w, h int, dark bool) (*canvas, error) {
	all, err := fonts()
	if err != nil {
		return nil, err
	}
	return &canvas{Paletted: image.NewPaletted(image.Rect(0, 0, w, h), palette(dark)), fonts: all, faces: make(map[faceKey]font.Face), slopes: make(map[ramp]slope)}, nil
}

// An outline is the path of a shape that fills a box of that size.
type outline func(z *vector.Rasterizer, w, h float32)

// arc is how far the handles of a curve that is a quarter of a circle reach.
const arc = 0.5523

func disc(z *vector.Rasterizer, w, h float32) { corners(z, w, h, w/2, h/2) }

func rounded(z *vector.Rasterizer, w, h float32) {
	r := min(8*scale, w/5, h/5)
	corners(z, w, h, r, r)
}

func corners(z *vector.Rasterizer, w, h, rx, ry float32) {
	kx, ky := rx*(1-arc), ry*(1-arc)
	z.MoveTo(rx, 0)
	z.LineTo(w-rx, 0)
	z.CubeTo(w-kx, 0, w, ky, w, ry)
	z.LineTo(w, h-ry)
	z.CubeTo(w, h-ky, w-kx, h, w-rx, h)
	z.LineTo(rx, h)
	z.CubeTo(kx, h, 0, h-ky, 0, h-ry)
	z.LineTo(0, ry)
	z.CubeTo(0, ky, kx, 0, rx, 0)
	z.ClosePath()
}

func diamond(z *vector.Rasterizer, w, h float32) {
	z.MoveTo(w/2, 0)
	z.LineTo(w, h/2)
	z.LineTo(w/2, h)
	z.LineTo(0, h/2)
	z.ClosePath()
}

// box draws a shape into a box; all in units.
func (c *canvas) box(path outline, x, y, w, h float32, r ramp) {
	px, py := int(x*scale), int(y*scale)
	pw, ph := int(w*scale), int(h*scale)
	c.pen.Reset(pw, ph)
	path(&c.pen, float32(pw), float32(ph))
	m := c.scratch(pw, ph)
	c.pen.Draw(m, m.Rect, image.Opaque, image.Point{})
	c.through(m, m.Rect, image.Pt(px, py), r)
}

// scratch returns an empty mask.
func (c *canvas) scratch(w, h int) *image.Alpha {
	if c.mask == nil || cap(c.mask.Pix) < w*h {
		c.mask = image.NewAlpha(image.Rect(0, 0, w, h))
		return c.mask
	}
	c.mask.Pix, c.mask.Stride, c.mask.Rect = c.mask.Pix[:w*h], w, image.Rect(0, 0, w, h)
	clear(c.mask.Pix)
	return c.mask
}

// through sets what lies under the part of the mask, whose upper left corner
// goes to at. What a mask leaves clear stays as it is.
func (c *canvas) through(m *image.Alpha, part image.Rectangle, at image.Point, r ramp) {
	to := part.Sub(part.Min).Add(at).Intersect(c.Rect)
	slope, ok := c.slopes[r]
	if !ok {
		slope = slopeOf(c.Palette, r)
		c.slopes[r] = slope
	}
	for y := to.Min.Y; y < to.Max.Y; y++ {
		from := m.PixOffset(part.Min.X+to.Min.X-at.X, part.Min.Y+y-at.Y)
		row := c.Pix[c.PixOffset(to.Min.X, y):][:to.Dx()]
		for x, a := range m.Pix[from:][:to.Dx()] {
			if step := a / (256 / steps); step > slope.step[row[x]] {
				row[x] = uint8(slope.inks[step]) // a letter's soft edge takes nothing from its neighbour
			}
		}
	}
}

// words writes s from x on, on the baseline y: smaller where it would take more
// than room, and cut where it would even so.
func (c *canvas) words(w weight, size, x, y, room float32, r ramp, s string) {
	space := fixed.I(int(room * scale))
	f, _ := c.fitting(w, size, smallest, space, s)
	for letters := []rune(s); f != nil && len(letters) > 0 && font.MeasureString(f, s) > space; {
		letters = letters[:len(letters)-1]
		s = string(letters) + "\u2026"
	}
	c.write(f, fixed.I(int(x*scale)), y, r, s)
}

// smallest is the size below which words are cut rather than made smaller.
const smallest = 11

// fitting is a font in which s takes no more than space, as large as size where
// that will do and no smaller than least; and its size.
func (c *canvas) fitting(w weight, size, least float32, space fixed.Int26_6, s string) (font.Face, float32) {
	f := c.face(w, size)
	for f != nil && size > least && font.MeasureString(f, s) > space {
		size--
		f = c.face(w, size)
	}
	return f, size
}

// within writes s into the middle of a box: smaller where it would touch the
// sides.
func (c *canvas) within(w weight, size, x, y, width, height float32, r ramp, s string) {
	f, size := c.fitting(w, size, 6, fixed.I(int((width-2)*scale)), s)
	c.aligned(f, x+width/2, y+height/2+0.36*size, 0.5, r, s)
}

// aligned writes s on the baseline y so that x is at that part of its width.
func (c *canvas) aligned(f font.Face, x, y float32, part float64, r ramp, s string) {
	if f == nil {
		return
	}
	c.write(f, fixed.I(int(x*scale))-fixed.Int26_6(part*float64(font.MeasureString(f, s))), y, r, s)
}

func (c *canvas) write(f font.Face, x fixed.Int26_6, y float32, r ramp, s string) {
	if f == nil {
		return
	}
	dot := fixed.Point26_6{X: x, Y: fixed.I(int(y * scale))}
	before := rune(-1)
	for _, letter := range s {
		if before >= 0 {
			dot.X += f.Kern(before, letter)
		}
		at, mask, from, advance, ok := f.Glyph(dot, letter)
		if m, isAlpha := mask.(*image.Alpha); ok && isAlpha {
			c.through(m, image.Rectangle{Min: from, Max: from.Add(at.Size())}, at.Min, r)
		}
		dot.X += advance
		before = letter
	}
}

// face returns a font in that size in units. Where there is none it returns
// nil, and what is wrong stays in c.err.
func (c *canvas) face(w weight, size float32) font.Face {
	key := faceKey{w, size}
	if f := c.faces[key]; f != nil {
		return f
	}
	f, err := opentype.NewFace(c.fonts[w], &opentype.FaceOptions{Size: float64(size * scale), DPI: 72, Hinting: font.HintingNone})
	if err != nil {
		c.err = fmt.Errorf("font: %w", err)
		return nil
	}
	c.faces[key] = f
	return f
}

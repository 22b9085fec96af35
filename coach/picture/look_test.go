package picture

import (
	"image"
	"image/color"
	"math"
	"testing"

	"rapport/coach/streak"
)

// bare is a picture of one week of each state without letters.
func bare(dark bool) Weeks {
	w := drawn("KRPEo.")
	w.Dark = dark
	for i := range w.Columns {
		w.Columns[i].Letter = ""
	}
	return w
}

// at is the colour at a part of the square of a week in the strip.
func at(img image.Image, column int, x, y float64) color.Color {
	return inSquare(img, left(column), stripAt, cell, x, y)
}

func inSquare(img image.Image, left, top, size float32, x, y float64) color.Color {
	return img.At(int(float64(left*scale)+x*float64(size)*scale), int(float64(top*scale)+y*float64(size)*scale))
}

// TestShapes probes each state at five places: the upper edge, near a corner,
// between the corner and the middle, above the middle and in it. A # stands out
// from the ground by 3:1, a + is something else, a blank is the ground.
func TestShapes(t *testing.T) {
	places := [][2]float64{{0.5, 0.04}, {0.12, 0.12}, {0.18, 0.18}, {0.5, 0.25}, {0.5, 0.5}}
	shapes := map[streak.State]string{
		streak.WeekKept: "#####", streak.WeekRest: "# ###", streak.WeekPaused: "##+++",
		streak.WeekExcused: "#  ++", streak.WeekOpen: "# #  ", streak.WeekMissed: "    #",
	}
	for look, dark := range looks {
		w := bare(dark)
		_, img := draw(t, w)
		for i, week := range w.Columns {
			got := ""
			for _, p := range places {
				got += probe(dark, at(img, i, p[0], p[1]))
			}
			want := shapes[week.State]
			if week.State == streak.WeekExcused && dark {
				want = "#  ##"
			}
			if got != want {
				t.Errorf("%s: %s is %q, want %q", look, week.State, got, want)
			}
		}
	}
}

func probe(dark bool, c color.Color) string {
	ground := palette(dark)[ground]
	switch {
	case contrast(c, ground) >= 3:
		return "#"
	case !near(c, ground) || contrast(c, ground) > 1.2:
		return "+"
	}
	return " "
}

// TestLetters looks for the letter of each state: words on it stand out by
// 4.5:1.
func TestLetters(t *testing.T) {
	for look, dark := range looks {
		with, without := drawn("KRPEo."), bare(dark)
		with.Dark = dark
		_, a := draw(t, with)
		_, b := draw(t, without)
		for i, week := range with.Columns[:5] { // the dot is its own letter
			x, y := int(left(i))*scale, stripAt*scale
			best := 0.0
			for _, p := range differ(a, b, image.Rect(x, y, x+cell*scale, y+cell*scale)) {
				best = max(best, contrast(a.At(p.X, p.Y), b.At(p.X, p.Y)))
			}
			if best < 4.5 {
				t.Errorf("%s: the letter of %s has a contrast of %.1f", look, week.State, best)
			}
		}
	}
}

// TestMarks looks at what was done once, more often and not at all, in rows of
// both kinds, and for the bar through a week of rest.
func TestMarks(t *testing.T) {
	for look, dark := range looks {
		w := drawn("KKKR")
		w.Dark = dark
		w.Rows[0].Counts = []int{0, 1, 2, 0}
		w.Rows = append(w.Rows, Row{Name: "Other", Counts: []int{0, 1, 2, 0}, Thin: true})
		_, img := draw(t, w)
		for _, row := range []struct{ top, size float32 }{{rowsAt, cell}, {rowsAt + 6*rowStep, thin}} {
			for i, want := range []string{" +", " #", "#", "++"} {
				x := left(i) + (cell-row.size)/2
				got := probe(dark, inSquare(img, x, row.top, row.size, 0.14, 0.14))
				if i != 2 { // in the middle of that is its number
					got += probe(dark, inSquare(img, x, row.top, row.size, 0.5, 0.5))
				}
				if got != want {
					t.Errorf("%s, %v: the mark of week %d is %q, want %q", look, row, i, got, want)
				}
			}
		}
	}
}

// TestCounts changes one count: that shows in its mark and at the end of its row,
// and nowhere else. Two rows of one sum end alike.
func TestCounts(t *testing.T) {
	w := every()
	_, before := draw(t, w)
	sum := func(row int) image.Rectangle {
		y := rowsAt + row*rowStep
		return image.Rect(int(left(MaxColumns))*scale, y*scale, (int(left(MaxColumns))+sums+2)*scale, (y+cell)*scale)
	}
	first, third := sum(0), sum(2)
	for y := range first.Dy() {
		for x := range first.Dx() {
			if !near(before.At(first.Min.X+x, first.Min.Y+y), before.At(third.Min.X+x, third.Min.Y+y)) {
				t.Fatalf("two rows of 14 end differently at %d, %d", x, y)
			}
		}
	}
	w.Rows[2].Counts[11]++
	_, after := draw(t, w)
	mark := image.Rect(int(left(11))*scale, third.Min.Y, (int(left(11))+cell)*scale, third.Max.Y)
	if len(differ(before, after, mark)) == 0 || len(differ(before, after, third)) == 0 {
		t.Error("13 looks like 12")
	}
	for _, p := range differ(before, after, before.Bounds()) {
		if !p.In(mark) && !p.In(third) {
			t.Fatalf("another count changed %v", p)
		}
	}
	for n, want := range map[int]string{2: "2", 99: "99", 100: "99+", 1 << 40: "99+"} {
		if got := number(n, 99); got != want {
			t.Errorf("%d is written %s, want %s", n, got, want)
		}
	}
}

// TestWords demands that there are words in each place for them, and that they
// stand out by 4.5:1.
func TestWords(t *testing.T) {
	for look, dark := range looks {
		w := every()
		w.Dark = dark
		l := w.layout()
		_, img := draw(t, w)
		on := palette(dark)[ground]
		row := func(n float32) float32 { return rowsAt + n*rowStep + cell }
		for name, place := range map[string]struct{ x, base, width float32 }{
			"title": {margin, titleAt, 200}, "line": {margin, lineAt, 200}, "strip": {margin, stripAt + 16, 100}, "sums": {left(MaxColumns) + 3, stripAt + 16, sums},
			"name": {margin, row(2), names}, "sum": {left(MaxColumns) + 3, row(2), sums}, "thin name": {margin, row(5) + thinBy, 100}, "thin sum": {left(MaxColumns) + 3, row(5) + thinBy, sums},
			"month": {left(0), l.months + 4, 40}, "last month": {left(21), l.months + 4, 40}, "legend": {margin + swatch + 4, l.legend + 16, 60}, "note": {margin, l.note, 300},
		} {
			best := 0.0
			for y := (place.base - 11) * scale; y < place.base*scale; y++ {
				for x := place.x * scale; x < (place.x+place.width)*scale; x++ {
					best = max(best, contrast(img.At(int(x), int(y)), on))
				}
			}
			if best < 4.5 {
				t.Errorf("%s: the %s has a contrast of %.1f, want 4.5", look, name, best)
			}
		}
	}
}

// TestEyes sees the fills of the states, the ground and the marks with eyes that
// lack one kind of cone: they stay apart in lightness, which needs no colour.
func TestEyes(t *testing.T) {
	for look, dark := range looks {
		w := bare(dark)
		_, img := draw(t, w)
		for eyes, see := range visions {
			light := func(c color.Color) float64 { return lightness(see, c) }
			var fills []float64
			for i := range 5 { // the fifth is open: the ground
				fills = append(fills, light(at(img, i, 0.5, 0.25)))
			}
			for i, a := range fills {
				for j, b := range fills[:i] {
					if math.Abs(a-b) < 12 {
						t.Errorf("%s, %s: %s and %s are %.0f apart in lightness", look, eyes, w.Columns[i].State, w.Columns[j].State, math.Abs(a-b))
					}
				}
			}
			p := palette(dark)
			if d := math.Abs(light(p[kept]) - light(p[faint])); d < 50 {
				t.Errorf("%s, %s: something done and nothing done are %.0f apart in lightness", look, eyes, d)
			}
		}
	}
	if a, b := visions["protanopia"], (color.RGBA{0xff, 0, 0, 0xff}); lightness(a, b) > 0.8*lightness(visions["all cones"], b) {
		t.Error("red is as light without the cones for red")
	}
}

// visions turn linear red, green and blue into what is seen (Machado, Oliveira
// and Fernandes 2009, severity 1).
var visions = map[string][9]float64{
	"all cones":    {1, 0, 0, 0, 1, 0, 0, 0, 1},
	"protanopia":   {0.152286, 1.052583, -0.204868, 0.114503, 0.786281, 0.099216, -0.003882, -0.048116, 1.051998},
	"deuteranopia": {0.367322, 0.860646, -0.227968, 0.280085, 0.672501, 0.047413, -0.011820, 0.042940, 0.968881},
	"tritanopia":   {1.255528, -0.076749, -0.178779, -0.078411, 0.930809, 0.147602, 0.004733, 0.691367, 0.303900},
}

// lightness is L* of CIELAB, 0 to 100, as those eyes see c.
func lightness(see [9]float64, c color.Color) float64 {
	rgb := linear(c)
	var seen [3]float64
	for i := range seen {
		seen[i] = min(1, max(0, see[3*i]*rgb[0]+see[3*i+1]*rgb[1]+see[3*i+2]*rgb[2]))
	}
	y := luminance(seen)
	if y <= 0.008856 {
		return 903.3 * y
	}
	return 116*math.Cbrt(y) - 16
}

// contrast is how much two colours stand out from each other (WCAG 2).
func contrast(a, b color.Color) float64 {
	x, y := luminance(linear(a)), luminance(linear(b))
	return (max(x, y) + 0.05) / (min(x, y) + 0.05)
}

func luminance(rgb [3]float64) float64 { return 0.2126*rgb[0] + 0.7152*rgb[1] + 0.0722*rgb[2] }

func linear(c color.Color) [3]float64 {
	r, g, b, _ := c.RGBA()
	var out [3]float64
	for i, v := range [3]uint32{r, g, b} {
		f := float64(v) / 0xffff
		if f <= 0.04045 {
			out[i] = f / 12.92
		} else {
			out[i] = math.Pow((f+0.055)/1.055, 2.4)
		}
	}
	return out
}

// TestContrast holds every pair of colours that is drawn upon each other to what
// WCAG 2 asks for: 4.5:1 for words, 3:1 for marks.
func TestContrast(t *testing.T) {
	for look, dark := range looks {
		p := palette(dark)
		if len(p) != 16 {
			t.Errorf("%s: %d colours, want 16", look, len(p))
		}
		for r, want := range map[ramp]float64{
			{ground, text}: 4.5, {ground, soft}: 4.5, {kept, ground}: 4.5, {rest, ground}: 4.5, {paused, text}: 4.5, {excused, text}: 4.5,
			{kept, paused}: 3,
		} {
			if got := contrast(p[r.from], p[r.to]); got < want {
				t.Errorf("%s: %v has a contrast of %.1f, want %.1f", look, r, got, want)
			}
		}
	}
	if got := contrast(color.White, color.Black); math.Abs(got-21) > 0.01 {
		t.Errorf("black on white is %.2f, want 21", got)
	}
}

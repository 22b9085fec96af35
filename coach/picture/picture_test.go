package picture

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"math"
	"os"
	"testing"

	"rapport/coach/streak"
)

// every is a picture with all there can be.
func every() Weeks {
	w := Weeks{
		Title: "7 of your last 9 weeks.", Line: "3 in a row. 1 rest week in hand.",
		Note: "Oldest left, this week right. The number is how often.",
		Legend: []Kind{
			{streak.WeekKept, "K", "kept"}, {streak.WeekRest, "R", "rest week"}, {streak.WeekPaused, "P", "pause"},
			{streak.WeekExcused, "E", "not your doing"}, {streak.WeekOpen, "o", "open"}, {streak.WeekMissed, ".", "nothing"},
		},
	}
	for i, s := range []streak.State{
		streak.WeekKept, streak.WeekKept, streak.WeekRest, streak.WeekKept, streak.WeekMissed, streak.WeekKept,
		streak.WeekPaused, streak.WeekExcused, streak.WeekKept, streak.WeekKept, streak.WeekKept, streak.WeekOpen,
	} {
		week := Week{State: s, Letter: map[streak.State]string{
			streak.WeekKept: "K", streak.WeekRest: "R", streak.WeekPaused: "P", streak.WeekExcused: "E", streak.WeekOpen: "o", streak.WeekMissed: "."}[s]}
		if s == streak.WeekKept {
			week.Count = 1 + i*i%12
		}
		week.Label = map[int]string{0: "Sep", 3: "Oct", 7: "Nov"}[i]
		w.Columns = append(w.Columns, week)
	}
	return w
}

func draw(t *testing.T, w Weeks) ([]byte, image.Image) {
	t.Helper()
	data, err := w.PNG()
	if err != nil {
		t.Fatal(err)
	}
	img, err := png.Decode(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	return data, img
}

// golden is every, as somebody looked at it and found it good.
const golden = "testdata/weeks.png"

// TestGolden compares pixels, not bytes: another release of the compressor may
// write the same picture otherwise.
func TestGolden(t *testing.T) {
	data, got := draw(t, every())
	if os.Getenv("UPDATE") == "1" {
		if err := os.WriteFile(golden, data, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	old, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	want, err := png.Decode(bytes.NewReader(old))
	if err != nil {
		t.Fatal(err)
	}
	if got.Bounds() != want.Bounds() {
		t.Fatalf("picture of %v, want %v", got.Bounds(), want.Bounds())
	}
	other := 0
	for y := range got.Bounds().Dy() {
		for x := range got.Bounds().Dx() {
			if !near(got.At(x, y), want.At(x, y)) {
				other++
			}
		}
	}
	if other > 0 { // machines may differ in the last bit of a soft edge, no more
		t.Errorf("%d pixels differ from %s (UPDATE=1 rewrites it; look at it)", other, golden)
	}
}

// near reports whether two colours differ by no more than one mix.
func near(a, b color.Color) bool {
	r, g, bl, _ := a.RGBA()
	s, h, bm, _ := b.RGBA()
	far := func(x, y uint32) bool { return max(x, y)-min(x, y) > 0xffff/4 }
	return !far(r, s) && !far(g, h) && !far(bl, bm)
}

func TestSameBytes(t *testing.T) {
	one, _ := draw(t, every())
	two, _ := draw(t, every())
	if !bytes.Equal(one, two) {
		t.Error("the same weeks give other bytes")
	}
	w := every()
	w.Columns[11].State = streak.WeekKept
	if three, _ := draw(t, w); bytes.Equal(one, three) {
		t.Error("other weeks give the same bytes")
	}
}

func TestSmall(t *testing.T) {
	data, _ := draw(t, every())
	if len(data) > 20_000 {
		t.Errorf("%d bytes, want at most 20000", len(data))
	}
	t.Logf("%d bytes", len(data))
}

// TestStatesDiffer tells every state from every other without colour and
// without its letter: by how much of the cell is dark, and where.
func TestStatesDiffer(t *testing.T) {
	seen := make(map[[9]int]streak.State)
	for _, s := range []streak.State{streak.WeekKept, streak.WeekRest, streak.WeekPaused, streak.WeekExcused, streak.WeekOpen, streak.WeekMissed} {
		_, img := draw(t, Weeks{Columns: []Week{{State: s}}})
		var dark [9]int // in a grid of three by three
		for y := range cell * scale {
			for x := range cell * scale {
				if c := color.GrayModel.Convert(img.At(margin*scale+x, cellsAt*scale+y)).(color.Gray); c.Y < 0xb0 {
					dark[y*3/(cell*scale)*3+x*3/(cell*scale)]++
				}
			}
		}
		for other, name := range seen {
			if alike(dark, other) {
				t.Errorf("%s looks like %s without colour: %v", s, name, dark)
			}
		}
		seen[dark] = s
	}
}

func alike(a, b [9]int) bool {
	for i := range a {
		if max(a[i], b[i])-min(a[i], b[i]) > 12 {
			return false
		}
	}
	return true
}

// TestContrast holds every word, letter and shape to 4.5:1, as WCAG 2 asks for
// text.
func TestContrast(t *testing.T) {
	p := palette()
	light := func(c color.Color) float64 {
		r, g, b, _ := c.RGBA()
		part := func(v uint32) float64 {
			f := float64(v) / 0xffff
			if f <= 0.03928 {
				return f / 12.92
			}
			return math.Pow((f+0.055)/1.055, 2.4)
		}
		return 0.2126*part(r) + 0.7152*part(g) + 0.0722*part(b)
	}
	for r, want := range map[ramp]float64{
		{white, black}: 4.5, {white, soft}: 4.5, {blue, white}: 4.5, {brown, white}: 4.5, {pale, black}: 4.5, {grey, black}: 4.5,
	} {
		a, b := light(p[r.from]), light(p[r.to])
		if got := (max(a, b) + 0.05) / (min(a, b) + 0.05); got < want {
			t.Errorf("%v has a contrast of %.1f, want %.1f", r, got, want)
		}
	}
}

// TestFits draws fewer weeks, none, long words and words the font lacks.
func TestFits(t *testing.T) {
	long := every()
	long.Title = "Nine hundred and ninety-nine thousand of your last nine hundred and ninety-nine thousand weeks."
	long.Legend[0].Words = "\u4fdd\u6301 \u0645\u062d\u0641\u0648\u0638 \U0001f600"
	long.Columns[0].Count = 1 << 40
	for name, w := range map[string]Weeks{"empty": {}, "one": {Columns: every().Columns[:1]}, "long": long} {
		_, img := draw(t, w)
		for y := range img.Bounds().Dy() {
			for _, x := range []int{margin*scale - 12, img.Bounds().Dx() - margin*scale + 12} {
				if c := color.GrayModel.Convert(img.At(x, y)).(color.Gray); c.Y < 0xb0 {
					t.Fatalf("%s: something stands in the margin at %d, %d", name, x, y)
				}
			}
		}
	}
	if _, err := (Weeks{Columns: make([]Week, MaxColumns+1)}).PNG(); err == nil {
		t.Error("13 weeks were drawn")
	}
}

func BenchmarkPNG(b *testing.B) {
	w := every()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := w.PNG(); err != nil {
			b.Fatal(err)
		}
	}
}

package picture

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"os"
	"slices"
	"strings"
	"testing"

	"rapport/coach/streak"
)

// An example is a state with its letter and what it is called.
type example struct {
	state         streak.State
	letter, words string
}

var states = []example{
	{streak.WeekKept, "K", "kept"}, {streak.WeekRest, "R", "rest week"}, {streak.WeekPaused, "P", "pause"},
	{streak.WeekExcused, "E", "not your doing"}, {streak.WeekOpen, "o", "open"}, {streak.WeekMissed, ".", "nothing"},
}

var titles = []string{"1 Check your appearance", "2 Remember the basics", "3 Find common ground", "4 Create shared experiences", "5 Be empathic", "6 Meet people where they are"}

// drawn is a picture of weeks given by their letters, with one practice of a
// step in each kept week, the steps in turn.
func drawn(letters string) Weeks {
	w := Weeks{
		Title: "9 of your last 12 weeks.", Line: "4 in a row. 2 rest weeks in hand.",
		Strip: "Your weeks", Sums: "times", Note: "Oldest left, this week right. A number says how often, the last one in all these weeks.",
	}
	for _, title := range titles {
		w.Rows = append(w.Rows, Row{Name: title, Counts: make([]int, len(letters))})
	}
	for _, s := range states {
		w.Legend = append(w.Legend, Kind{State: s.state, Letter: s.letter, Words: s.words})
	}
	w.Legend = append(w.Legend, Kind{Count: 1, Words: "once"}, Kind{Count: 3, Words: "more often, here 3 times"})
	for i, letter := range letters {
		at := slices.IndexFunc(states, func(s example) bool { return s.letter == string(letter) })
		w.Columns = append(w.Columns, Week{State: states[at].state, Letter: states[at].letter})
		if letter == 'K' {
			w.Rows[i/4%6].Counts[i] = 1
		}
	}
	for i, month := range []string{"Jun", "Jul", "Aug", "Sep", "Oct", "Nov"} {
		if at := i * 13 / 3; at < len(letters) {
			w.Columns[at].Label = month
		}
	}
	return w
}

// every is half a year with all there can be.
func every() Weeks {
	w := drawn("KKKKRKKKPPPKKEKK.KKKRKKKKo")
	w.Rows[1].Counts[5], w.Rows[2].Counts[5], w.Rows[2].Counts[11] = 3, 2, 12
	w.Rows[4].Counts[17], w.Rows[0].Counts[15], w.Rows[5].Counts[23] = 100, 9, 5
	w.Rows = append(w.Rows, Row{Name: "Anything else", Counts: make([]int, len(w.Columns)), Thin: true})
	w.Rows[6].Counts[2], w.Rows[6].Counts[12], w.Rows[6].Counts[22] = 1, 2, 14
	return w
}

// many are pictures to look at: how weeks may turn out.
func many() map[string]Weeks {
	long := every()
	long.Title = strings.Repeat("Nine hundred and ninety-nine thousand of your last weeks. ", 4)
	long.Note, long.Line = long.Title+long.Title, long.Title
	for i := range long.Rows {
		long.Rows[i].Name = "1 Meet each and every person you work with where they are today"
	}
	long.Legend[0].Words = "\u4fdd\u6301 \u0645\u062d\u0641\u0648\u0638 \U0001f600"
	long.Legend[1].Words = long.Title
	full := drawn(strings.Repeat("K", MaxColumns))
	for i := range full.Rows {
		for j := range full.Rows[i].Counts {
			full.Rows[i].Counts[j] = 1 << (i + j)
		}
	}
	year := drawn("KKKKRKKKKKKKKPPKKKKKKKRKKo")
	for i := range year.Columns {
		for j := range year.Rows {
			if year.Columns[i].State == streak.WeekKept && (i*7+j*5)%9 < 3 {
				year.Rows[j].Counts[i] = 1 + (i*j)%3
			}
		}
	}
	return map[string]Weeks{
		"empty": {}, "one": drawn("K"), "new": drawn("KKo"), "year": year, "every": every(), "full": full, "long": long,
		"away": drawn("KPPPPPPPPPPPPEEERR......Ko"),
	}
}

// looks are the two looks there are.
var looks = map[string]bool{"light": false, "dark": true}

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

// TestGolden holds every to pictures that somebody looked at and found good. It
// compares pixels, not bytes: another release of the compressor may write the
// same picture otherwise.
func TestGolden(t *testing.T) {
	for look, dark := range looks {
		golden := "testdata/weeks-" + look + ".png"
		w := every()
		w.Dark = dark
		data, got := draw(t, w)
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
		if other := differ(got, want, got.Bounds()); len(other) > 0 { // machines may differ in the last bit of a soft edge, no more
			t.Errorf("%d pixels differ from %s (UPDATE=1 rewrites it; look at it)", len(other), golden)
		}
	}
}

// differ is where two pictures are not the same within part.
func differ(a, b image.Image, part image.Rectangle) (at []image.Point) {
	for y := part.Min.Y; y < part.Max.Y; y++ {
		for x := part.Min.X; x < part.Max.X; x++ {
			if !near(a.At(x, y), b.At(x, y)) {
				at = append(at, image.Pt(x, y))
			}
		}
	}
	return at
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
	for name, change := range map[string]func(*Weeks){
		"state": func(w *Weeks) { w.Columns[25].State = streak.WeekKept }, "look": func(w *Weeks) { w.Dark = true },
		"count": func(w *Weeks) { w.Rows[0].Counts[0]++ },
	} {
		w := every()
		change(&w)
		if three, _ := draw(t, w); bytes.Equal(one, three) {
			t.Errorf("another %s gives the same bytes", name)
		}
	}
}

// TestSmall holds all pictures to the size that is promised.
func TestSmall(t *testing.T) {
	for name, w := range many() {
		for look, dark := range looks {
			w.Dark = dark
			data, img := draw(t, w)
			if len(data) > 120_000 || img.Bounds().Dx() < 1100 || img.Bounds().Dx() > 1700 {
				t.Errorf("%s, %s: %d bytes, want at most 120000; %d pixels wide", name, look, len(data), img.Bounds().Dx())
			}
		}
	}
}

// TestFits keeps words out of the margins and out of the weeks, however long
// they are and where the font lacks them.
func TestFits(t *testing.T) {
	for name, w := range many() {
		_, img := draw(t, w)
		blank := []image.Rectangle{
			image.Rect(0, 0, (margin-2)*scale, img.Bounds().Dy()),
			image.Rect(img.Bounds().Dx()-(margin-2)*scale, 0, img.Bounds().Dx(), img.Bounds().Dy()),
			image.Rect((margin+names-nameGap)*scale+1, rowsAt*scale, (margin+names)*scale, int(w.layout().months-20)*scale),
		}
		for _, r := range blank {
			for y := r.Min.Y; y < r.Max.Y; y++ {
				for x := r.Min.X; x < r.Max.X; x++ {
					if !near(img.At(x, y), color.White) {
						t.Fatalf("%s: something stands at %d, %d", name, x, y)
					}
				}
			}
		}
	}
	if _, err := (Weeks{Columns: make([]Week, MaxColumns+1)}).PNG(); err == nil {
		t.Error("27 weeks were drawn")
	}
	short := drawn("KK")
	short.Rows[0].Counts = make([]int, 5) // more counts than weeks: the rest is left out
	draw(t, short)
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

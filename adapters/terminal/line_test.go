package terminal

import (
	"os"
	"strings"
	"testing"
	"unicode"

	"rapport/coach/coachtest"
)

func TestParseLine(t *testing.T) {
	for _, c := range []struct {
		typed string
		want  line
	}{
		{"", line{}},
		{"  \t ", line{}},
		{"?", line{intent: toExplain}},
		{"Messages", line{intent: toList}},
		{"quit", line{intent: toQuit}},
		{"exit", line{intent: toQuit}},
		{" 3 ", line{intent: toPress, n: 3, text: "3"}},
		{"press 12", line{intent: toPress, n: 12, text: "12"}},
		{"press I'm in", line{intent: toLabel, text: "I'm in"}},
		{"press", line{intent: toAsk, text: "press"}},
		{"channel 2", line{intent: toPressAt, place: "channel", n: 2}},
		{"#General 2", line{intent: toPressAt, place: "#general", n: 2}},
		{"DM 1", line{intent: toPressAt, place: "dm", n: 1}},
		{"dm my boss", line{intent: toAsk, text: "dm my boss"}},
		{"#3", line{intent: toAsk, text: "#3"}},
		{"as Bob", line{intent: toBe, text: "Bob"}},
		{"as Zoë", line{intent: toBe, text: "Zoë"}},
		{"as a new lead", line{intent: toAsk, text: "as a new lead"}},
		{"as <b>", line{intent: toAsk, text: "as <b>"}},
		{"in #General", line{intent: toGo, place: "#general"}},
		{"in DM", line{intent: toGo, place: "dm"}},
		{"in channel", line{intent: toAsk, text: "in channel"}},
		{"in meetings", line{intent: toAsk, text: "in meetings"}},
		{"in #general he shouted", line{intent: toAsk, text: "in #general he shouted"}},
		{"wait", line{intent: toWait}},
		{"Wait 7d", line{intent: toWait, text: "7d"}},
		{"wait until monday 09:00", line{intent: toWait, text: "until monday 09:00"}},
		{"wait, he interrupts me", line{intent: toAsk, text: "wait, he interrupts me"}},
		{"wait for it", line{intent: toAsk, text: "wait for it"}},
		{"step 3", line{intent: toAsk, text: "step 3"}},
		{"help", line{intent: toAsk, text: "help"}},
		{"/rapport", line{intent: toAsk}},
		{"/Rapport step 3", line{intent: toAsk, text: "step 3"}},
		{"/rapport in dm", line{intent: toAsk, text: "in dm"}},
		{"/rapport 3", line{intent: toAsk, text: "3"}},
		{"/rapports", line{intent: toAsk, text: "/rapports"}},
		{"2026", line{intent: toAsk, text: "2026"}},
		{"-1", line{intent: toAsk, text: "-1"}},
	} {
		if got := parseLine(c.typed); got != c.want {
			t.Errorf("parseLine(%q) = %+v, want %+v", c.typed, got, c.want)
		}
	}
}

func FuzzLine(f *testing.F) {
	for _, s := range []string{"", "?", "3", "press x", "dm 1", "#a 1", "as b", "in #c", "wait 7d", "/rapport x", coachtest.Hostile, "\xff"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		l := parseLine(s)
		if l.n < 0 || l.n > 99 {
			t.Errorf("%q presses %d", s, l.n)
		}
		switch l.intent {
		case toAsk:
			if !strings.Contains(s, l.text) {
				t.Errorf("%q asks for %q", s, l.text)
			}
		case toBe:
			if !isName(l.text) {
				t.Errorf("%q lets in %q", s, l.text)
			}
		case toGo, toPressAt:
			if !isPlace(l.place) {
				t.Errorf("%q is at %q", s, l.place)
			}
		}
		if again := parseLine(command + " " + s); again.intent != toAsk {
			t.Errorf("with %s in front, %q is %v", command, s, again.intent)
		}
	})
}

func FuzzVisible(f *testing.F) {
	f.Add(coachtest.Hostile)
	f.Add("a\r\nb\u2028c\u0085\x9b31m")
	f.Fuzz(func(t *testing.T, s string) {
		for _, r := range visible(s) {
			if r != '\n' && unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) {
				t.Errorf("visible(%q) holds %U", s, r)
			}
		}
		if again := visible(visible(s)); again != visible(s) {
			t.Errorf("visible(%q) is %q, and visible of that %q", s, visible(s), again)
		}
	})
}

func FuzzWrap(f *testing.F) {
	f.Add("- one two three", uint8(8))
	f.Add("wooooooooooooord e\u0301", uint8(3))
	f.Fuzz(func(t *testing.T, s string, width uint8) {
		w := int(width)%100 + 3
		in := cellsOf(oneLine(s), tintPlain)
		var letters []rune
		for _, row := range wrap(in, w) {
			if n := columns(row); n > w {
				t.Errorf("wrap(%q, %d) has a row of %d", s, w, n)
			}
			for _, c := range row {
				if c.r != ' ' {
					letters = append(letters, c.r)
				}
			}
		}
		want := []rune(strings.ReplaceAll(oneLine(s), " ", ""))
		if string(letters) != string(want) {
			t.Errorf("wrap(%q, %d) keeps %q", s, w, string(letters))
		}
	})
}

func TestWrap(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"", ""},
		{"one two", "one two"},
		{"one two three", "one two|three"},
		{"  deep down", "  deep|down"},
		{"- one two three", "- one|  two|  three"},
		{"abcdefghijklmn", "abcdefgh|ijklmn"},
		{"e\u0301e\u0301e\u0301e\u0301e\u0301e\u0301e\u0301e\u0301e\u0301", "e\u0301e\u0301e\u0301e\u0301e\u0301e\u0301e\u0301e\u0301|e\u0301"},
	} {
		var got []string
		for _, row := range wrap(cellsOf(c.in, tintPlain), 8) {
			s := ""
			for _, x := range row {
				s += string(x.r)
			}
			got = append(got, s)
		}
		if s := strings.Join(got, "|"); s != c.want {
			t.Errorf("wrap(%q) = %q, want %q", c.in, s, c.want)
		}
	}
}

func TestFileName(t *testing.T) {
	for in, want := range map[string]string{
		"weeks.png": "weeks.png", "../../etc/passwd": "passwd", ".bashrc": "bashrc", "a b\x1b[2J.json": "a-b--2J.json",
		"": "rapport", "..": "rapport", "/": "rapport", `..\..\x.txt`: "x.txt", "-rf": "rf", "\u202egpj.exe": "gpj.exe",
	} {
		if got := fileName(in); got != want {
			t.Errorf("fileName(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestLookOf(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	defer w.Close()
	env := func(string) string { return "" }
	for _, out := range []*os.File{nil, w} {
		if got := LookOf(r, out, env); got != (Look{}) {
			t.Errorf("LookOf of a pipe = %+v", got)
		}
	}
}

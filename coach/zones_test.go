package coach

import (
	"slices"
	"testing"
)

func TestZonesNamed(t *testing.T) {
	for typed, want := range map[string][]string{
		"Etc/UTC":              {"Etc/UTC"},
		"Berlin":               {"Europe/Berlin"},
		" berlin ":             {"Europe/Berlin"},
		"europe/berlin":        {"Europe/Berlin"},
		"New York":             {"America/New_York"},
		"America/New_York":     {"America/New_York"},
		"sao paulo":            {"America/Sao_Paulo"},
		"UTC":                  {"UTC"},
		"UTC+2":                {"Etc/GMT-2"},
		"gmt-5":                {"Etc/GMT+5"},
		"+5:30":                {"Asia/Kolkata"},
		"+0545":                {"Asia/Kathmandu"},
		"portland":             {"America/Los_Angeles", "America/New_York"},
		"IST":                  {"Asia/Kolkata", "Europe/Dublin", "Asia/Jerusalem"},
		"Mumbai":               {"Asia/Kolkata"},
		"Atlantis":             nil,
		"":                     nil,
		"UTC+99":               nil,
		"+14":                  {"Etc/GMT-14"},
		"../../etc/passwd":     nil,
		"Local":                nil,
		"\x00":                 nil,
		"Indiana/Knox":         nil,
		"America/Indiana/Knox": {"America/Indiana/Knox"},
	} {
		if got := zonesNamed(typed); !slices.Equal(got, want) {
			t.Errorf("zonesNamed(%q) = %v, want %v", typed, got, want)
		}
	}
}

func TestParse(t *testing.T) {
	for text, want := range map[string]Action{
		"":                            Do("home"),
		"/rapport":                    Do("home"),
		"3":                           Do("step", "3"),
		"step 3":                      Do("step", "3"),
		"STEP three":                  Do("step", "three"),
		"/rapport empathy":            Do("step", "5"),
		"Mirror and match":            Do("step", "6"),
		"streak":                      Do("progress"),
		"did":                         Do("done"),
		"journal write":               Do("journal", "write"),
		"?":                           Do("help"),
		"help":                        Do("help"),
		"help with a hard talk":       Do(verbElse, "help with a hard talk"),
		"pause before I answer":       Do(verbElse, "pause before I answer"),
		"how do I ask my boss":        Do(verbElse, "how do I ask my boss"),
		"9":                           Do(verbElse, "9"),
		"did you hear about the move": Do(verbElse, "did you hear about the move"),
		"else":                        Do(verbElse, "else"),
		"erase":                       Do("data"),
		"in wk.s2.x":                  Do(verbElse, "in wk.s2.x"),
	} {
		got := Parse(text)
		if got.Verb != want.Verb || !slices.Equal(got.Args, want.Args) {
			t.Errorf("Parse(%q) = %v, want %v", text, got, want)
		}
	}
}

func TestNearest(t *testing.T) {
	for word, want := range map[string]string{"jurnal": "journal", "progess": "progress", "setings": "settings", "hlep": "help", "tpi": "tip"} {
		if got := nearest(word); len(got) == 0 || got[0] != want {
			t.Errorf("nearest(%q) = %v, want %s first", word, got, want)
		}
	}
	if got := nearest("xylophone"); len(got) != 0 {
		t.Errorf("nearest(xylophone) = %v, want none", got)
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"", "step 3", "/rapport", "help me", "\x00", "3 4", "#3", "step"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if a := Parse(s); a.Verb == "" {
			t.Errorf("Parse(%q) has no verb", s)
		}
		zonesNamed(s)
		dateTyped(s, "2026-11-23")
	})
}

func FuzzDecodeAction(f *testing.F) {
	for _, s := range []string{"", "1home", "1did:a/b:c", "2x", "1a:%3A%25:", "1:"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		a := DecodeAction(s)
		if a.Verb == verbUnknown {
			return
		}
		enc, err := a.Encode()
		if err != nil {
			return
		}
		if b := DecodeAction(enc); b.Verb != a.Verb || !slices.Equal(b.Args, a.Args) {
			t.Errorf("%q reads as %v, written and read again as %v", s, a, b)
		}
	})
}

func TestActionRoundTrip(t *testing.T) {
	for _, a := range []Action{Do("home"), Do("did", "try/2026-11-23/wk.s3.x", "well"), Do("x", "", "a:b%c", "ü"), Do("write", "", "i", "")} {
		enc, err := a.Encode()
		if err != nil {
			t.Fatal(err)
		}
		if got := DecodeAction(enc); got.Verb != a.Verb || !slices.Equal(got.Args, a.Args) {
			t.Errorf("%v comes back as %v", a, got)
		}
	}
	if _, err := Do("x", string(make([]byte, 101))).Encode(); err == nil {
		t.Error("an action of 102 bytes was encoded")
	}
	for _, s := range []string{"", "0home", "home", "2home:x", "1:", "1:home", string(make([]byte, 200))} {
		if got := DecodeAction(s); got.Verb != verbUnknown {
			t.Errorf("DecodeAction(%q) = %v", s, got)
		}
	}
}

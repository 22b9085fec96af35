package match

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

func index() *Index {
	return New([]Doc{
		{ID: "boss", Fields: []Field{{Text: "1:1 with my manager", Weight: 2, Turn: true}, {Text: "Say what you need from them.", Weight: 1}}},
		{ID: "name", Fields: []Field{{Text: "forgot their name", Weight: 2, Turn: true}, {Text: "Ask for the name once more.", Weight: 1}}},
		{ID: "silence", Fields: []Field{{Text: "never answers", Weight: 2, Turn: true}, {Text: "Write one short line.", Weight: 1}}},
		{ID: "apology", Fields: []Field{{Text: "apologise for being late", Weight: 2, Turn: true}}},
	}, [][]string{{"boss", "manager", "supervisor"}, {"apologise", "apology", "sorry"}})
}

func TestNearest(t *testing.T) {
	x := index()
	for text, want := range map[string]string{
		"first one-on-one with my boss":      "boss",    // a synonym, another way to write 1:1
		"I forgot her NAME again!":           "name",    // case, forms of words
		"forgotten names":                    "name",    // stems
		"my teammate nevr answers":           "silence", // a slip
		"I'm sorry I was late":               "apology", // a synonym with an apostrophe
		"é\u0301 caf\u00e9 m\u00e1nager 1:1": "boss",    // accents
		"the supervisr hates me":             "boss",    // a slip in a synonym
	} {
		hits := x.Nearest(text, 2)
		if len(hits) == 0 || hits[0].ID != want {
			t.Errorf("%q: got %v, want %s first", text, hits, want)
		}
	}
	for _, text := range []string{"", "   ", "the and of it", "quantum chromodynamics", "\x00\xff", strings.Repeat("!", 5000)} {
		if hits := x.Nearest(text, 2); len(hits) > 0 {
			t.Errorf("%q: got %v, want none", text, hits)
		}
	}
}

// TestShare says how much of what was typed a doc accounts for.
func TestShare(t *testing.T) {
	x := index()
	whole, part := x.Nearest("forgot their name", 1), x.Nearest("forgot their name while sailing around antarctica", 1)
	if len(whole) != 1 || len(part) != 1 || whole[0].Share < 0.99 || part[0].Share >= whole[0].Share || part[0].Share <= 0 {
		t.Errorf("got %v of the whole and %v with more around it", whole, part)
	}
}

// TestOneWordOfAPhraseIsNotThePhrase keeps a turn from being heard in a word.
func TestOneWordOfAPhraseIsNotThePhrase(t *testing.T) {
	x := index()
	word, phrase := x.Nearest("late", 1), x.Nearest("apologise for being late", 1)
	if word[0].Score*3 > phrase[0].Score {
		t.Errorf("one word scores %.1f, the phrase %.1f", word[0].Score, phrase[0].Score)
	}
}

// TestTheRarestWordOfAPhraseIsNotThePhrase: most of its words must be heard.
func TestTheRarestWordOfAPhraseIsNotThePhrase(t *testing.T) {
	docs := []Doc{{ID: "night", Fields: []Field{{Text: "night call", Weight: 2, Turn: true}}}}
	for i := range 9 {
		docs = append(docs, Doc{ID: fmt.Sprint(i), Fields: []Field{{Text: "call", Weight: 2}}})
	}
	x := New(docs, nil)
	word, phrase := x.Nearest("night", 1), x.Nearest("call at night", 1)
	if word[0].Score*2 > phrase[0].Score {
		t.Errorf("one of two words scores %.1f, both %.1f", word[0].Score, phrase[0].Score)
	}
}

// TestNo: the ways to say no are one, and to say no is an act of its own.
func TestNo(t *testing.T) {
	x := New([]Doc{
		{ID: "quick", Fields: []Field{{Text: "answers quickly", Weight: 2, Turn: true}}},
		{ID: "silence", Fields: []Field{{Text: "never answers", Weight: 2, Turn: true}}},
		{ID: "refuse", Fields: []Field{{Text: "say no", Weight: 2, Turn: true}, {Text: "no", Weight: 2, Turn: true}}},
	}, nil)
	for text, want := range map[string]string{"he doesn't answer": "silence", "she can\u2019t answer": "silence", "I want to say no": "refuse", "saying no": "refuse"} {
		if hits := x.Nearest(text, 1); len(hits) == 0 || hits[0].ID != want {
			t.Errorf("%q: got %v, want %s", text, hits, want)
		}
	}
	if turns := x.docs[2].turns; len(turns) != 1 {
		t.Errorf("a bare no is no phrase to listen for, got %v", turns)
	}
}

// TestFaint: an everyday word accounts for less of a text than one that tells.
func TestFaint(t *testing.T) {
	x := New([]Doc{{ID: "a", Fields: []Field{{Text: "bring work", Weight: 1}}}, {ID: "b", Fields: []Field{{Text: "handshake apology", Weight: 1}}}}, nil)
	faint, telling := x.Nearest("bring an umbrella", 1), x.Nearest("handshake with umbrella", 1)
	if faint[0].Share >= telling[0].Share {
		t.Errorf("bring accounts for %.2f, handshake for %.2f", faint[0].Share, telling[0].Share)
	}
}

// TestSameEveryTime asks often and from several goroutines.
func TestSameEveryTime(t *testing.T) {
	x := index()
	want := fmt.Sprint(x.Nearest("my manager never answers", 4))
	done := make(chan string)
	for range 8 {
		go func() { done <- fmt.Sprint(x.Nearest("my manager never answers", 4)) }()
	}
	for range 8 {
		if got := <-done; got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
	if got := fmt.Sprint(index().Nearest("my manager never answers", 4)); got != want {
		t.Errorf("another index: got %s, want %s", got, want)
	}
}

func TestDistance(t *testing.T) {
	for _, tc := range []struct {
		a, b string
		want int
	}{{"name", "name", 0}, {"nmae", "name", 1}, {"nam", "name", 1}, {"names", "name", 1}, {"nome", "name", 1}, {"gnome", "name", 2}, {"sailor", "name", 3}} {
		if got := distance([]rune(tc.a), []rune(tc.b), 2); got != tc.want {
			t.Errorf("%s, %s: got %d, want %d", tc.a, tc.b, got, tc.want)
		}
	}
}

func TestSpelling(t *testing.T) {
	s := newSpelling([]string{"manager", "meeting", "answer", "answers", "name", "me"})
	for typed, want := range map[string][]string{
		"manger": {"manager"}, "meetng": {"meeting"}, "answr": {"answer"}, "me": nil, "nam": nil, "zebra": nil, "nname": {"name"}, "amnager": {"manager"},
	} {
		if got := s.near(typed); !slices.Equal(got, want) {
			t.Errorf("%s: got %v, want %v", typed, got, want)
		}
	}
}

func FuzzNearest(f *testing.F) {
	x := index()
	for _, s := range []string{"1:1 with my boss", "forgot \u202ename", strings.Repeat("a ", 900), "\xff\xfe"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, h := range x.Nearest(text, 3) {
			if h.Share < 0 || h.Share > 1.0001 || h.Score <= 0 {
				t.Errorf("%q: %+v", text, h)
			}
		}
	})
}

func BenchmarkNearest(b *testing.B) {
	x := index()
	for b.Loop() {
		x.Nearest("my supervisr nevr answers when I ask for a one on one", 4)
	}
}

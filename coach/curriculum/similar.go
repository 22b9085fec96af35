package curriculum

import (
	"slices"
	"strings"
)

// Two texts that share more than this say the same thing twice.
const (
	maxTrigrams = 0.35 // share of word triples, of all the triples of both
	maxTokens   = 0.75 // share of content words, of those of the shorter text
	minWords    = 5    // shorter texts are too short to tell
	minContent  = 5    // content words
)

// sketch is one text in comparable form.
type sketch struct {
	entry    *entry
	passage  passage
	trigrams []string // sorted, each once
	tokens   []string // content words, sorted, each once
}

// alone names the fields whose short conditions may repeat.
var alone = []string{"skip_if", "people"}

// duplicates finds texts of different items that are nearly the same.
func (l *linter) duplicates() {
	sketches := l.sketches()
	close := pairs(sketches, func(s sketch) []string { return s.trigrams }, func(a, b, both int) bool {
		return float64(both)/float64(a+b-both) > maxTrigrams
	})
	for _, p := range close {
		l.alike(false, sketches[p[0]], sketches[p[1]])
	}
	near := pairs(sketches, func(s sketch) []string { return s.tokens }, func(a, b, both int) bool {
		return min(a, b) >= minContent && float64(both)/float64(min(a, b)) > maxTokens
	})
	for _, p := range near {
		if !slices.Contains(close, p) {
			l.alike(true, sketches[p[0]], sketches[p[1]])
		}
	}
}

func (l *linter) alike(warn bool, a, b sketch) {
	how := "is nearly the same as"
	if warn {
		how = "shares most of its words with"
	}
	l.report(warn, at(b.entry, b.passage.line, "duplicate", "%s %s %s of %s (%s:%d)",
		b.passage.field, how, a.passage.field, a.entry.id, a.entry.file, a.passage.line))
}

func (l *linter) sketches() []sketch {
	var out []sketch
	for _, en := range l.edition.entries {
		if en.kind == "claim" || en.kind == "source" || en.kind == "grades" {
			continue
		}
		for _, p := range en.texts {
			words := letterWords(p.text)
			if len(words) < minWords || slices.Contains(alone, p.field) {
				continue
			}
			out = append(out, sketch{en, p, trigramsOf(words), contentOf(words)})
		}
	}
	return out
}

func trigramsOf(words []string) []string {
	var out []string
	for i := 0; i+3 <= len(words); i++ {
		out = append(out, strings.Join(words[i:i+3], " "))
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func contentOf(words []string) []string {
	var out []string
	for _, w := range words {
		if !slices.Contains(plainWords, w) {
			out = append(out, w)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// plainWords carry no topic of their own.
var plainWords = strings.Fields(`a about after all also an and any are as ask at be been before but by can could did do
	does done for from get give had has have how i if in into is it its it's just let like make me more most my no not of on
	once one or other our out over own say said see she he so some than that that's the their them then there they they're
	thing things this to too up us use was way we were what what's when where which while who why will with without would
	you your you're i'm person people someone`)

// pairs returns the pairs of sketches of different items whose marks are
// alike, by counting shared marks over an inverted list.
func pairs(all []sketch, marks func(sketch) []string, alike func(a, b, both int) bool) [][2]int {
	holders := map[string][]int{}
	var out [][2]int
	for j, s := range all {
		shared := map[int]int{}
		for _, m := range marks(s) {
			for _, i := range holders[m] {
				shared[i]++
			}
			holders[m] = append(holders[m], j)
		}
		for i, both := range shared {
			if all[i].entry != s.entry && alike(len(marks(all[i])), len(marks(s)), both) {
				out = append(out, [2]int{i, j})
			}
		}
	}
	slices.SortFunc(out, func(a, b [2]int) int { return slices.Compare(a[:], b[:]) })
	return out
}

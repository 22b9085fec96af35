// Package match finds which of some short texts are nearest to what somebody
// typed. It decides what makes two texts near: the same words by their stems,
// words that mean the same, words typed wrongly, and whole turns of phrase.
//
// It works on words alone, needs no model and no network, keeps and tells
// nothing of what was typed, and gives the same answer to the same words every
// time. It does not know what the texts are for.
package match

import (
	"cmp"
	"math"
	"slices"
)

// A Doc is a text that can be found.
type Doc struct {
	ID     string
	Fields []Field
}

// A Field is a part of a Doc. Weight says how much a word in it tells what the
// Doc is about, 1 for plain prose. A Turn is a phrase that people say when they
// need the Doc: to hear most of one counts for more than its words.
type Field struct {
	Text   string
	Weight float64
	Turn   bool
}

// A Hit is a Doc that was found.
type Hit struct {
	ID    string
	Score float64 // how much of what was typed the Doc is about; grows without bound
	Share float64 // of the weight of what was typed that the Doc accounts for, 0 to 1
}

// An Index finds Docs. It is not changed after New and may be shared.
type Index struct {
	docs     []doc
	posts    map[string][]post  // by stem: the docs that have it
	idf      map[string]float64 // by stem
	rarest   float64            // the idf of a stem that one doc has
	synonyms map[string][]string
	spelling spelling
}

type doc struct {
	id    string
	turns []turn
}

// A post says that a doc has a stem, and with which weight.
type post struct {
	doc    int
	weight float64
}

// A turn is the stems of a phrase that people say.
type turn struct {
	stems  []string
	weight float64
}

// New returns an Index of docs. synonyms are groups of words that mean nearly
// the same.
func New(docs []Doc, synonyms [][]string) *Index {
	x := &Index{posts: map[string][]post{}, idf: map[string]float64{}, synonyms: map[string][]string{}}
	for i, d := range docs {
		x.add(i, d)
	}
	for stem, posts := range x.posts {
		x.idf[stem] = math.Log(1 + float64(len(docs))/spread(posts))
	}
	x.rarest = math.Log(1 + float64(len(docs)))
	for _, group := range synonyms {
		x.tie(group)
	}
	x.spelling = newSpelling(x.spelling.forms)
	return x
}

// spread is how many docs are about a word. One that has it in passing counts in
// part.
func spread(posts []post) (docs float64) {
	for _, p := range posts {
		docs += min(p.weight/fullWeight, 1)
	}
	return max(docs, 1)
}

// add takes in a doc. Of several fields with a word the one with the greatest
// weight counts.
func (x *Index) add(i int, d Doc) {
	best := map[string]float64{}
	entry := doc{id: d.ID}
	for _, f := range d.Fields {
		var stems []string
		for _, w := range words(f.Text) {
			s := stem(w)
			if !slices.Contains(stems, s) {
				stems = append(stems, s)
			}
			best[s] = max(best[s], f.Weight)
			x.spelling.forms = append(x.spelling.forms, w)
		}
		if f.Turn && len(stems) > 0 && !slices.Equal(stems, []string{"not"}) {
			entry.turns = append(entry.turns, turn{stems, f.Weight})
		}
	}
	x.docs = append(x.docs, entry)
	for s, w := range best {
		x.posts[s] = append(x.posts[s], post{i, w})
	}
}

// tie makes the words of a group stand for one another.
func (x *Index) tie(group []string) {
	var stems []string
	for _, w := range group {
		for _, part := range words(w) {
			if s := stem(part); !slices.Contains(stems, s) {
				stems = append(stems, s)
			}
		}
		x.spelling.forms = append(x.spelling.forms, words(w)...)
	}
	for _, s := range stems {
		for _, other := range stems {
			if other != s && !slices.Contains(x.synonyms[s], other) {
				x.synonyms[s] = append(x.synonyms[s], other)
			}
		}
	}
}

// How much less than the word itself something near to it counts. All were tried
// out on the sentences that the coach is measured with; none is sharp.
const (
	synonymCounts  = 0.7  // groups of synonyms are loose: "late" and "deadline"
	spellingCounts = 0.85 // a slip is mostly the word that was meant
	faintCounts    = 0.45 // an everyday word stands in texts about anything
	turnCounts     = 1.4  // more than its words, where all of it is heard
	enoughOfTurn   = 0.6  // of its weight, for it to count at all
	enoughWords    = 0.6  // of the number of its words: the rarest alone is not the phrase
	oneWord        = 0.7  // a turn of one word is easily met by chance
	fullWeight     = 2.0  // from this weight on, a doc is about a word: it makes the word less rare
)

// A term is a word of what was typed, with all that it may stand for.
type term struct {
	stems map[string]float64 // how much each counts, 1 for the word itself
	idf   float64
}

// Nearest returns the docs that are nearest to text, best first, at most n.
// Docs that are equally near come in the order they were given to New.
func (x *Index) Nearest(text string, n int) []Hit {
	terms := x.terms(text)
	var whole float64
	for _, t := range terms {
		whole += t.idf
	}
	if whole == 0 {
		return nil
	}
	found := map[int]*Hit{}
	for _, t := range terms {
		for doc, near := range x.near(t) {
			h := found[doc]
			if h == nil {
				h = &Hit{ID: x.docs[doc].id}
				found[doc] = h
			}
			h.Score += t.idf * near
			h.Share += t.idf * min(near, 1) / whole
		}
	}
	heard := hearing(terms)
	for doc, h := range found {
		h.Score += x.turns(doc, heard)
	}
	return top(found, n)
}

// near is how near each doc is to one term: by the nearest of its stems.
func (x *Index) near(t term) map[int]float64 {
	near := map[int]float64{}
	for s, counts := range t.stems {
		for _, p := range x.posts[s] {
			near[p.doc] = max(near[p.doc], counts*p.weight)
		}
	}
	return near
}

// hearing is how much each stem was heard.
func hearing(terms []term) map[string]float64 {
	heard := map[string]float64{}
	for _, t := range terms {
		for s, counts := range t.stems {
			heard[s] = max(heard[s], counts)
		}
	}
	return heard
}

// turns is what the best of a doc's turns of phrase adds.
func (x *Index) turns(doc int, heard map[string]float64) (best float64) {
	for _, t := range x.docs[doc].turns {
		var all, some, words float64
		for _, s := range t.stems {
			all += x.idf[s]
			some += x.idf[s] * heard[s]
			words += heard[s]
		}
		share := some / all
		if len(t.stems) == 1 {
			share *= oneWord
		}
		if share >= enoughOfTurn && words >= enoughWords*float64(len(t.stems)) {
			best = max(best, some*share*turnCounts*t.weight)
		}
	}
	return best
}

func top(found map[int]*Hit, n int) []Hit {
	order := make([]int, 0, len(found))
	for doc := range found {
		order = append(order, doc)
	}
	slices.SortFunc(order, func(a, b int) int {
		return cmp.Or(cmp.Compare(found[b].Score, found[a].Score), cmp.Compare(a, b))
	})
	hits := make([]Hit, 0, n)
	for _, doc := range order[:min(n, len(order))] {
		hits = append(hits, *found[doc])
	}
	return hits
}

// maxTerms is how many words of what was typed count: the rest of a long story
// tells little more.
const maxTerms = 60

// terms are the words of text with what they may stand for.
func (x *Index) terms(text string) []term {
	var terms []term
	seen := map[string]bool{}
	for _, w := range words(text) {
		s := stem(w)
		if seen[s] || len(terms) == maxTerms {
			continue
		}
		seen[s] = true
		t := term{stems: map[string]float64{s: 1}, idf: x.rarest}
		x.widen(t.stems, s, 1)
		if !x.known(s) {
			for _, form := range x.spelling.near(w) {
				x.count(t.stems, stem(form), spellingCounts)
				x.widen(t.stems, stem(form), spellingCounts)
			}
		}
		t.idf = x.weigh(t.stems)
		if faint[s] {
			t.idf *= faintCounts
		}
		terms = append(terms, t)
	}
	return terms
}

func (x *Index) known(stem string) bool { return len(x.posts[stem]) > 0 || len(x.synonyms[stem]) > 0 }

// widen adds the synonyms of a stem.
func (x *Index) widen(stems map[string]float64, stem string, counts float64) {
	for _, other := range x.synonyms[stem] {
		x.count(stems, other, counts*synonymCounts)
	}
}

func (x *Index) count(stems map[string]float64, stem string, counts float64) {
	stems[stem] = max(stems[stem], counts)
}

// weigh is how much a term tells: as much as the most common of what it most
// likely is. A word that no doc has tells that the text may be about something
// else.
func (x *Index) weigh(stems map[string]float64) float64 {
	best, idf := 0.0, x.rarest
	for s, counts := range stems {
		own, ok := x.idf[s]
		if ok && (counts > best || counts == best && own < idf) {
			best, idf = counts, own
		}
	}
	return idf
}

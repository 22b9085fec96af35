package coach

import (
	_ "embed"
	"slices"
	"strings"
	"sync"

	"rapport/coach/curriculum"
	"rapport/coach/match"
)

// A help answers what is on a person's mind: a line to say and one not to say.
// It is a situation, a move, a phrase or a slip of the curriculum.
type help struct {
	id    string
	topic string // key; "" for situations
	steps []int  // that it belongs to, the nearest first; 0 is repair
	title string
	say   func(channel string) string
	avoid string // what to leave
	fits  func(audience string) bool
	text  string // what it is about, to find a mission and a scenario that go with it
}

// helps are those of an edition, found by what somebody typed. They are laid out
// when the first is asked for.
type helps struct {
	ed   *curriculum.Edition
	once sync.Once

	all       []help
	byID      map[string]int
	index     *match.Index
	missions  map[string]*match.Index // by topic
	slips     map[string]*match.Index // by topic: what not to do
	scenarios *match.Index
}

// synonyms are groups of words that mean nearly the same, one group a line.
//
//go:embed synonyms.txt
var synonyms string

func synonymGroups() (groups [][]string) {
	for line := range strings.Lines(synonyms) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
			groups = append(groups, strings.Split(line, ", "))
		}
	}
	return groups
}

// Weights of what a help is found by: what people say when they need it tells
// most.
const (
	byTurn  = 2.0
	byTitle = 1.5
	byText  = 0.8
	byLine  = 0.5
)

func newHelps(ed *curriculum.Edition) *helps { return &helps{ed: ed} }

// lay lays the helps out, once.
func (h *helps) lay() {
	h.once.Do(func() {
		h.byID, h.missions, h.slips = map[string]int{}, map[string]*match.Index{}, map[string]*match.Index{}
		var docs []match.Doc
		add := func(one help, fields ...match.Field) {
			h.byID[one.id] = len(h.all)
			h.all = append(h.all, one)
			docs = append(docs, match.Doc{ID: one.id, Fields: fields})
		}
		for i := range h.ed.Situations {
			addSituation(&h.ed.Situations[i], add)
		}
		for _, t := range h.ed.Topics() {
			addTopic(t, add)
		}
		groups := synonymGroups()
		h.index = match.New(docs, groups)
		for _, t := range h.ed.Topics() {
			h.missions[t.Key] = match.New(missionDocs(t), groups)
			h.slips[t.Key] = match.New(slipDocs(t), nil)
		}
		h.scenarios = match.New(scenarioDocs(h.ed), groups)
	})
}

// turned are the turns of phrase of an item.
func turned(words []string, more ...match.Field) []match.Field {
	for _, w := range words {
		more = append(more, match.Field{Text: w, Weight: byTurn, Turn: true})
	}
	return more
}

type addHelp func(help, ...match.Field)

func addSituation(s *curriculum.Situation, add addHelp) {
	add(help{
		id: s.ID, steps: s.Steps, title: s.Title, fits: s.Fits, text: s.Title + " " + s.Goal,
		say: s.Say.In, avoid: s.Avoid[0],
	}, turned(s.Words, match.Field{Text: s.Title, Weight: byTitle, Turn: true}, match.Field{Text: s.Goal, Weight: byText},
		match.Field{Text: s.If, Weight: byLine}, match.Field{Text: s.Wobble, Weight: byLine})...)
}

func addTopic(t *curriculum.Topic, add addHelp) {
	of := func(it curriculum.Item, title, text, avoid string, say func(string) string) help {
		return help{id: it.ID, topic: t.Key, steps: []int{t.N}, title: title, text: text, say: say, avoid: avoid, fits: it.Fits}
	}
	for _, m := range t.Moves {
		add(of(m.Item, m.Name, m.Name+" "+m.How, "", always(m.How)),
			turned(m.Words, match.Field{Text: m.Name, Weight: byTitle}, match.Field{Text: m.How, Weight: byLine})...)
	}
	for _, p := range t.Phrases {
		add(of(p.Item, sentence(p.When), p.When+" "+p.Say, "", always(p.Say)),
			turned(p.Words, match.Field{Text: p.When, Weight: byText}, match.Field{Text: p.Say, Weight: byLine})...)
	}
	for _, s := range t.Mistakes {
		add(of(s.Item, t.Title, s.LooksLike+" "+s.Instead, s.LooksLike, always(s.Instead)),
			turned(s.Words, match.Field{Text: s.LooksLike, Weight: byText}, match.Field{Text: s.Instead, Weight: byLine})...)
	}
}

func always(line string) func(string) string { return func(string) string { return line } }

func missionDocs(t *curriculum.Topic) (docs []match.Doc) {
	for _, m := range t.Missions {
		docs = append(docs, match.Doc{ID: m.ID, Fields: []match.Field{{Text: m.Title, Weight: byTitle}, {Text: m.Text, Weight: 1}, {Text: m.If, Weight: 1}, {Text: m.Say, Weight: byLine}}})
	}
	return docs
}

// slipDocs are what not to do in a topic; the text is the id.
func slipDocs(t *curriculum.Topic) (docs []match.Doc) {
	for _, s := range t.Mistakes {
		docs = append(docs, match.Doc{ID: s.LooksLike, Fields: []match.Field{{Text: s.LooksLike + " " + s.Instead, Weight: 1}}})
	}
	for _, d := range t.Donts {
		docs = append(docs, match.Doc{ID: d.Text, Fields: []match.Field{{Text: d.Text, Weight: 1}}})
	}
	return docs
}

func scenarioDocs(ed *curriculum.Edition) (docs []match.Doc) {
	for _, s := range ed.Scenarios {
		docs = append(docs, match.Doc{ID: s.ID, Fields: []match.Field{{Text: s.Title, Weight: byTitle}, {Text: s.Setup, Weight: 1}}})
	}
	return docs
}

// How near a help must be to what was typed for it to be shown: it has to
// account for some of the words, and for enough of them. What is on a person's
// mind mostly speaks of somebody; what does not may well be about a printer.
const (
	leastScore      = 9.0  // two telling words in passing do not reach it
	leastShare      = 0.15 // people tell a story around what they need
	leastScoreAlone = 11.0 // where nobody is spoken of: a whole phrase
	leastShareAlone = 0.51 // and more than half of what was typed
)

func nearEnough(hit match.Hit, text string) bool {
	if curriculum.MentionsPeople(text) {
		return hit.Score >= leastScore && hit.Share >= leastShare
	}
	return hit.Score >= leastScoreAlone && hit.Share >= leastShareAlone
}

// nearest are the ids of the helps that fit the audience and are nearest to what
// was typed, at most n, the nearest first; near tells whether the first is near
// enough to be the one that was meant.
func (h *helps) nearest(text, audience string, n int) (ids []string, near bool) {
	h.lay()
	for _, hit := range h.index.Nearest(text, 4*n) {
		one, ok := h.find(hit.ID)
		if !ok || !one.fits(audience) || len(ids) == n {
			continue
		}
		if len(ids) == 0 {
			near = nearEnough(hit, text)
		}
		ids = append(ids, hit.ID)
	}
	return ids, near
}

func (h *helps) find(id string) (help, bool) {
	h.lay()
	i, ok := h.byID[id]
	if !ok {
		return help{}, false
	}
	return h.all[i], true
}

// topicOf is the topic a help belongs to: for a situation that of its first step.
func (h *helps) topicOf(one help) *curriculum.Topic {
	if t, ok := h.ed.Topic(one.topic); ok {
		return t
	}
	if len(one.steps) > 0 {
		if t, ok := h.ed.Step(one.steps[0]); ok {
			return t
		}
	}
	return &h.ed.Repair
}

// avoidOf is what not to do, of the help itself or else the slip of its topic
// that is nearest to it.
func (h *helps) avoidOf(one help) string {
	if one.avoid != "" {
		return one.avoid
	}
	t := h.topicOf(one)
	if hits := h.slips[t.Key].Nearest(one.text, 1); len(hits) > 0 {
		return hits[0].ID
	}
	if docs := slipDocs(t); len(docs) > 0 {
		return docs[0].ID
	}
	return ""
}

// mission is something small to do that goes with a help.
func (h *helps) mission(one help, audience string) (id string, ok bool) {
	h.lay()
	t := h.topicOf(one)
	for _, hit := range h.missions[t.Key].Nearest(one.text, len(t.Missions)) {
		if m, known := h.ed.Mission(hit.ID); known && m.Fits(audience) {
			return hit.ID, true
		}
	}
	for _, m := range t.Missions {
		if m.Fits(audience) {
			return m.ID, true
		}
	}
	return "", false
}

// scenario is a talk to rehearse that goes with a help: of its steps, the one
// nearest to it.
func (h *helps) scenario(one help, audience string) (id string, ok bool) {
	h.lay()
	of := func(s curriculum.Scenario) bool { return slices.Contains(one.steps, s.Step) && s.Fits(audience) }
	for _, hit := range h.scenarios.Nearest(one.text, len(h.ed.Scenarios)) {
		if s, known := h.ed.Scenario(hit.ID); known && of(s) {
			return hit.ID, true
		}
	}
	if i := slices.IndexFunc(h.ed.Scenarios, of); i >= 0 {
		return h.ed.Scenarios[i].ID, true
	}
	return "", false
}

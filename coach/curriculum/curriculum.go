// Package curriculum holds what the coach teaches: six steps, repair and
// ethics, with their moves, missions, tips, cards and weekly nudges, and the
// evidence behind them. It decides what a well-formed edition is and reads one
// from layers of TOML files; the embedded files are the first layer, an
// admin's folder may lie over it. It does not know who reads the texts, when
// they are sent, or how a platform shows them: texts are plain, with *bold*
// as their only markup.
package curriculum

import (
	"embed"
	"fmt"
	"io/fs"
	"slices"
)

//go:embed data
var data embed.FS

// Keys of the topics that are not among the six steps.
const (
	Repair = "repair"
	Ethics = "ethics"
)

// Builtin returns the embedded layer of a language ("en").
func Builtin(lang string) (fs.FS, error) {
	dir := "data/" + lang
	info, err := fs.Stat(data, dir)
	if err != nil || !info.IsDir() || lang == "" {
		return nil, fmt.Errorf("no built-in edition in the language %q", lang)
	}
	return fs.Sub(data, dir)
}

// Edition is one whole curriculum, all layers merged. It is not changed after
// Load, so it may be shared between goroutines; callers must not write to it.
type Edition struct {
	// Hash names the content: hex, the same for the same layers in the same
	// order, different after any change to any file.
	Hash string

	Steps  [6]Topic // Steps[0] is step 1
	Repair Topic
	Ethics Topic

	Intros     []Intro
	FirstSteps []FirstStep
	ChatTips   []Tip // on writing and video, of no topic
	Comebacks  []Comeback
	Guards     []Guard
	Situations []Situation
	Activities []Activity
	Scenarios  []Scenario

	Claims  map[string]Claim
	Sources map[string]Source
	Grades  map[string]string // letter A-D to words a person sees

	index    index
	triggers func() []trigger
	entries  []*entry // every item with its place in the files, for lint
}

// index finds items by id. Pointers lead into the edition's own slices.
type index struct {
	moves      map[string]*Move
	missions   map[string]*Mission
	nudges     map[string]*Nudge
	tips       map[string]*Tip
	prompts    map[string]*Prompt
	cards      map[string]*Card
	phrases    map[string]*Phrase
	comebacks  map[string]*Comeback
	guards     map[string]*Guard
	situations map[string]*Situation
	activities map[string]*Activity
	scenarios  map[string]*Scenario
}

// Step returns step n, 1 to 6.
func (e *Edition) Step(n int) (*Topic, bool) {
	if n < 1 || n > len(e.Steps) {
		return nil, false
	}
	return &e.Steps[n-1], true
}

// Topic returns a topic by its key: a step's key, Repair or Ethics.
func (e *Edition) Topic(key string) (*Topic, bool) {
	for _, t := range e.Topics() {
		if t.Key == key {
			return t, true
		}
	}
	return nil, false
}

// Topics returns the six steps in order, then repair, then ethics.
func (e *Edition) Topics() []*Topic {
	all := make([]*Topic, 0, len(e.Steps)+2)
	for i := range e.Steps {
		all = append(all, &e.Steps[i])
	}
	return append(all, &e.Repair, &e.Ethics)
}

// Move returns the move with this id.
func (e *Edition) Move(id string) (Move, bool) { return find(e.index.moves, id) }

// Mission returns the mission with this id.
func (e *Edition) Mission(id string) (Mission, bool) { return find(e.index.missions, id) }

// Nudge returns the weekly nudge with this id.
func (e *Edition) Nudge(id string) (Nudge, bool) { return find(e.index.nudges, id) }

// Tip returns the tip with this id, of a topic or of ChatTips.
func (e *Edition) Tip(id string) (Tip, bool) { return find(e.index.tips, id) }

// Prompt returns the reflection prompt with this id.
func (e *Edition) Prompt(id string) (Prompt, bool) { return find(e.index.prompts, id) }

// Card returns the recall card with this id.
func (e *Edition) Card(id string) (Card, bool) { return find(e.index.cards, id) }

// Phrase returns the phrase with this id.
func (e *Edition) Phrase(id string) (Phrase, bool) { return find(e.index.phrases, id) }

// Comeback returns the comeback line with this id.
func (e *Edition) Comeback(id string) (Comeback, bool) { return find(e.index.comebacks, id) }

// Guard returns the guard with this id.
func (e *Edition) Guard(id string) (Guard, bool) { return find(e.index.guards, id) }

// Situation returns the situation with this id.
func (e *Edition) Situation(id string) (Situation, bool) { return find(e.index.situations, id) }

// Activity returns the activity with this id.
func (e *Edition) Activity(id string) (Activity, bool) { return find(e.index.activities, id) }

// Scenario returns the scenario with this id.
func (e *Edition) Scenario(id string) (Scenario, bool) { return find(e.index.scenarios, id) }

func find[T any](m map[string]*T, id string) (T, bool) {
	if p, ok := m[id]; ok {
		return *p, true
	}
	var none T
	return none, false
}

// Offer returns what a person is offered to do, from the mission or the
// weekly nudge with this id.
func (e *Edition) Offer(id string) (Offer, bool) {
	if m, ok := e.Mission(id); ok {
		return m.Offer(), true
	}
	if n, ok := e.Nudge(id); ok {
		return n.Offer(), true
	}
	return Offer{}, false
}

// Sure puts into words how sure we are of an item that rests on these claims:
// the words of the weakest grade among them. It is empty where no known claim
// is named.
func (e *Edition) Sure(claims []string) string {
	return e.Grades[e.weakest(claims)]
}

// weakest returns the weakest shown grade of the claims, or "".
func (e *Edition) weakest(claims []string) string {
	worst := ""
	for _, id := range claims {
		if c, ok := e.Claims[id]; ok {
			worst = max(worst, c.ShownGrade)
		}
	}
	return worst
}

// References returns the sources of the claims, each once, in the order the
// claims name them.
func (e *Edition) References(claims []string) []Source {
	var ids []string
	var out []Source
	for _, c := range claims {
		for _, id := range e.Claims[c].Sources {
			if s, ok := e.Sources[id]; ok && !slices.Contains(ids, id) {
				ids, out = append(ids, id), append(out, s)
			}
		}
	}
	return out
}

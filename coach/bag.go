package coach

import (
	"encoding/json"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"slices"

	"rapport/coach/curriculum"
)

// A bag draws the weekly posts of one channel, none twice before its time. It
// is stored between posts as JSON; the zero bag has drawn nothing.
//
// Six steps make a season. The first takes them in a set order, later ones in
// one of their own. Every 13th post is on repair or ethics, in turn, and
// belongs to no season.
type bag struct {
	EveryOther bool `json:"every_other,omitempty"` // the team wants a post every other time only

	Posts  int                 `json:"posts"`          // drawn so far
	Cycle  int                 `json:"cycle"`          // the season, from 1
	Left   []int               `json:"left,omitempty"` // its steps to come, in order
	Last   int                 `json:"last,omitempty"` // the step drawn last
	Used   map[string][]string `json:"used,omitempty"` // ids by topic, since its texts were used up
	Rested bool                `json:"rested,omitempty"`

	Pressed bool `json:"pressed,omitempty"` // in this season
	Quiet   int  `json:"quiet,omitempty"`   // whole seasons in a row without a press

	Tries  int `json:"tries,omitempty"`  // of this season's posts, at least; each told by the post after it
	Before int `json:"before,omitempty"` // the same of the season before
}

// bagOf reads what a channel's bag remembers; a new bag if there is nothing yet.
func bagOf(memory []byte) (b bag, err error) {
	if len(memory) > 0 {
		if err = json.Unmarshal(memory, &b); err != nil {
			err = fmt.Errorf("memory: %w", err)
		}
	}
	return b, err
}

// tried adds how many tried the post before the one that was just drawn.
func (b *bag) tried(atLeast int, seasonOpens bool) {
	b.Tries += atLeast
	if seasonOpens {
		b.Before, b.Tries = b.Tries, 0
	}
}

// A drawn is what a [bag] says about one week.
type drawn struct {
	Nudge       curriculum.Nudge
	Season      int  // of the post, from 1
	SeasonOpens bool // the first of a season that follows another
	Goodbye     bool // two seasons without a press: nothing more is said after this
	Skip        bool // no post this week
}

const (
	specialEvery = 13 // one post in so many is on repair or ethics
	quietSeasons = 2  // so many in a row without a press are the last
)

// firstSeason is the order in which a channel meets the steps.
func firstSeason() []int { return []int{2, 3, 5, 4, 1, 6} }

// next draws the post of one week for the schedule subject. pressed tells
// whether somebody pressed since the post before. The same calls on the same
// edition draw the same.
func (b *bag) next(e *curriculum.Edition, subject, audience string, pressed bool) drawn {
	b.Pressed = b.Pressed || pressed && b.Posts > 0
	if b.rests() {
		return drawn{Season: max(b.Cycle, 1), Skip: true}
	}
	if len(b.Left) == 0 && b.open(subject) {
		return drawn{Season: b.Cycle, Goodbye: true}
	}
	d := drawn{Season: b.Cycle}
	r := lot(subject, "post", b.Posts)
	if (b.Posts+1)%specialEvery == 0 {
		if n, ok := b.draw(special(e, (b.Posts+1)/specialEvery), audience, r); ok {
			b.Posts++
			d.Nudge = n
			return d
		}
	}
	d.SeasonOpens = b.Cycle > 1 && len(b.Left) == len(e.Steps)
	for len(b.Left) > 0 {
		step := b.Left[0]
		b.Left = b.Left[1:]
		t, ok := e.Step(step)
		if !ok {
			continue
		}
		if n, ok := b.draw(t, audience, r); ok {
			b.Posts, b.Last = b.Posts+1, step
			d.Nudge = n
			return d
		}
	}
	return drawn{Season: b.Cycle, Skip: true} // the edition has no posts
}

// rests reports whether this week has no post because last week had one.
func (b *bag) rests() bool {
	b.Rested = b.EveryOther && b.Posts > 0 && !b.Rested
	return b.Rested
}

// open closes the season that is over and fills the bag for the next. It
// reports whether it is time to say goodbye; a team that starts again after
// that has its two seasons anew.
func (b *bag) open(subject string) (goodbye bool) {
	if b.Cycle > 0 {
		b.Quiet++
		if b.Pressed {
			b.Quiet = 0
		}
	}
	goodbye = b.Quiet >= quietSeasons
	if goodbye {
		b.Quiet = 0
	}
	b.Pressed = false
	b.Cycle++
	b.Left = firstSeason()
	if b.Cycle > 1 {
		r := lot(subject, "season", b.Cycle)
		r.Shuffle(len(b.Left), func(i, j int) { b.Left[i], b.Left[j] = b.Left[j], b.Left[i] })
		if b.Left[0] == b.Last {
			other := 1 + r.IntN(len(b.Left)-1)
			b.Left[0], b.Left[other] = b.Left[other], b.Left[0]
		}
	}
	return goodbye
}

// draw takes a text of t that was not used and has the level of the season; of
// any level if there is none; any text once all are used up.
func (b *bag) draw(t *curriculum.Topic, audience string, r *rand.Rand) (curriculum.Nudge, bool) {
	var fit []curriculum.Nudge
	for _, n := range t.Nudges {
		if n.Fits(audience) {
			fit = append(fit, n)
		}
	}
	if len(fit) == 0 {
		return curriculum.Nudge{}, false
	}
	used := b.Used[t.Key]
	fresh := without(fit, used)
	if len(fresh) == 0 {
		if fresh = without(fit, used[len(used)-1:]); len(fresh) == 0 { // its only text
			fresh = fit
		}
		used = nil
	}
	if level := slices.DeleteFunc(slices.Clone(fresh), func(n curriculum.Nudge) bool { return !b.bold(n.Level) }); len(level) > 0 {
		fresh = level
	}
	n := fresh[r.IntN(len(fresh))]
	if b.Used == nil {
		b.Used = make(map[string][]string)
	}
	b.Used[t.Key] = append(used, n.ID)
	return n, true
}

// bold reports whether level is one of the season: 1 in the first, 1 or 2 in
// the second, 2 or 3 later.
func (b *bag) bold(level int) bool {
	switch b.Cycle {
	case 1:
		return level == 1
	case 2:
		return level <= 2
	}
	return level >= 2
}

func without(all []curriculum.Nudge, ids []string) []curriculum.Nudge {
	var rest []curriculum.Nudge
	for _, n := range all {
		if !slices.Contains(ids, n.ID) {
			rest = append(rest, n)
		}
	}
	return rest
}

// special returns the topic of the n-th post outside the six steps, from 1.
func special(e *curriculum.Edition, n int) *curriculum.Topic {
	if n%2 == 1 {
		return &e.Repair
	}
	return &e.Ethics
}

// lot is chance that falls the same way for the same schedule and number.
func lot(subject, what string, n int) *rand.Rand {
	h := fnv.New64a()
	fmt.Fprintf(h, "%s\x00%s\x00%d", subject, what, n)
	return rand.New(rand.NewPCG(h.Sum64(), uint64(n)))
}

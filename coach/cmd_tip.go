package coach

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"rapport/coach/curriculum"
	"rapport/coach/streak"
)

func tipCommand() Command {
	return Command{
		Verb: "tip", Aliases: []string{"tips"},
		Summary: "one idea for today",
		Run:     runTip,
	}
}

func runTip(ctx context.Context, v *visit) (Reply, error) {
	history, err := v.history(ctx)
	if err != nil {
		return Reply{}, err
	}
	tip, why, ok := v.chooseTip(history)
	if !ok {
		return Reply{}, v.mistake("I have no tip that fits. `/rapport step` has all six steps.")
	}
	if v.self.Known { // somebody unknown leaves no trace by reading
		done, err := v.apply(ctx, Change{Said: []Said{{Item: tip.ID, Date: v.today()}}, Answer: tip.ID + "|" + why})
		if err != nil {
			return Reply{}, err
		}
		if id, reason, ok := strings.Cut(done.Answer, "|"); ok && !done.First {
			if t, known := v.ed.Tip(id); known {
				tip, why = t, reason
			}
		}
	}
	m := tipMessage(v.say, v.ed, tip, why)
	return Reply{Message: &m}, nil
}

// tipMessage shows a tip with what it rests on.
func tipMessage(say printer, ed *curriculum.Edition, t curriculum.Tip, why string) Message {
	m := Message{Sections: []Section{{Text: marked(t.Text)}}}
	facts := say.line("Writing and video")
	topic, ok := ed.Topic(t.Topic)
	if ok {
		facts = topic.Title
	}
	if sure := ed.Sure(t.Claims); sure != "" {
		facts += " \u00b7 " + sure
	}
	m.Sections = append(m.Sections, Section{Quiet: true, Text: P(facts)})
	m.Buttons = []Button{
		{Label: say.line("Practise it"), Action: Do("practice", t.Topic), Primary: true},
		{Label: say.line("Why this?"), Action: Do("why", t.ID, why)},
		{Label: say.line("Less of this"), Action: Do("less", t.Topic)},
	}
	if !ok {
		m.Buttons = []Button{{Label: say.line("Why this?"), Action: Do("why", t.ID, why)}, {Label: say.line("Another tip"), Action: Do("tip")}}
	}
	return m
}

// A history is what a person did and saw, for choosing what comes next.
type history struct {
	events []streak.Event
	said   []Said
}

// noRepeat is for how many days a text is not shown again.
const noRepeat = 60

func (v *visit) history(ctx context.Context) (history, error) {
	if !v.self.Known {
		return history{}, nil
	}
	events, err := v.Store.Events(ctx, v.From)
	if err != nil {
		return history{}, fmt.Errorf("events: %w", err)
	}
	said, err := v.Store.Said(ctx, v.From, v.today().Add(-noRepeat))
	if err != nil {
		return history{}, fmt.Errorf("said: %w", err)
	}
	return history{events, said}, nil
}

// gaps are the days after which a step is worth a tip again, by the last
// answer: what was hard comes back sooner.
var gaps = map[string]int{"hard": 7, "so-so": 10, "well": 14}

// Reasons a tip was chosen; the words for them are in reason.
const (
	whyGap     = "gap"
	whyNew     = "new"
	whyEasier  = "easier"
	whyPerhaps = "day"

	whyRehearsed = "rehearsed"
)

// chooseTip picks a step by how long ago it was practised against the gap its
// last answer suggests, never the step of the last tip, and a text of it that
// was not shown for 60 days. The choice can be explained in one sentence.
func (v *visit) chooseTip(h history) (curriculum.Tip, string, bool) {
	if tip, ok := v.chatTip(h.said); ok {
		return tip, whyPerhaps, true
	}
	type candidate struct {
		step  int
		score float64 // how overdue it is
		why   string
	}
	var found []candidate
	last := lastStep(v.ed, h.said)
	for i := range v.ed.Steps {
		n := v.ed.Steps[i].N
		score, why := v.overdue(n, h)
		if v.self.Settings.Easier == fmt.Sprint(n) {
			score, why = score+0.5, whyEasier
		}
		if v.rough(n) {
			score, why = score+2, whyRehearsed
		}
		if n == last {
			score -= 100
		}
		found = append(found, candidate{n, score, why})
	}
	slices.SortStableFunc(found, func(a, b candidate) int {
		return cmp.Or(cmp.Compare(b.score, a.score), cmp.Compare(slices.Index(firstOrder[:], a.step), slices.Index(firstOrder[:], b.step)))
	})
	for _, c := range found {
		t, _ := v.ed.Step(c.step)
		if tip, ok := v.freshTip(t, h.said); ok {
			return tip, c.why, true
		}
	}
	return curriculum.Tip{}, "", false
}

// chatEvery is how many tips there are for each one on writing and video, and
// for people who mostly talk that way.
const (
	chatEvery = 8
	chatOften = 4
)

// chatTip is a tip on writing and video, if it is time for one.
func (v *visit) chatTip(said []Said) (curriculum.Tip, bool) {
	every := chatEvery
	if m := v.self.Settings.Mostly; m == curriculum.Chat || m == curriculum.Video {
		every = chatOften
	}
	tips := 0
	for _, s := range said {
		if _, ok := v.ed.Tip(s.Item); ok {
			tips++
		}
	}
	if tips%every != every-1 {
		return curriculum.Tip{}, false
	}
	return v.freshTip(&curriculum.Topic{Tips: v.ed.ChatTips}, said)
}

// overdue says how far past its gap a step is: 1 is due today.
func (v *visit) overdue(step int, h history) (float64, string) {
	days, gap, seen := 0, 14, false
	away := pauses(h.events)
	for _, e := range h.events {
		if e.Step == step && e.Kind == streak.CheckIn && !undone(h.events, e.Key) {
			days, seen = awake(e.Date, v.today(), away), true
			if g, ok := gaps[e.Outcome]; ok {
				gap = g
			}
		}
	}
	for _, s := range h.said { // a tip is a small practice: half a gap
		if t, ok := v.ed.Tip(s.Item); ok && t.Step == step {
			if d := awake(s.Date, v.today(), away); !seen || d < days {
				days, seen, gap = d, true, max(gap, 14)
			}
		}
	}
	if !seen {
		return 1, whyNew
	}
	if float64(days) < float64(gap) {
		return float64(days) / float64(gap), whyPerhaps
	}
	return float64(min(days, 42)) / float64(gap), whyGap
}

func lastStep(ed *curriculum.Edition, said []Said) int {
	step, date := 0, streak.Date("")
	for _, s := range said {
		if t, ok := ed.Tip(s.Item); ok && s.Date >= date {
			step, date = t.Step, s.Date
		}
	}
	return step
}

// freshTip is a tip of the topic that fits and was not shown lately, which
// one depends on the day.
func (v *visit) freshTip(t *curriculum.Topic, said []Said) (curriculum.Tip, bool) {
	fits := slices.DeleteFunc(slices.Clone(t.Tips), func(tip curriculum.Tip) bool {
		return !tip.Fits(v.audience()) || slices.ContainsFunc(said, func(s Said) bool { return s.Item == tip.ID })
	})
	if len(fits) == 0 {
		return curriculum.Tip{}, false
	}
	return fits[v.dayIndex()%len(fits)], true
}

// reason says in one sentence why a tip was chosen.
func (v *visit) reason(why string) string {
	switch why {
	case whyGap:
		return v.say.line("I chose it because it is a while since you practised this step.")
	case whyNew:
		return v.say.line("I chose it because you have not met this step with me yet.")
	case whyEasier:
		return v.say.line("I chose it because you said you would like this to be easier.")
	case whyRehearsed:
		return v.say.line("I chose it because the talk you rehearsed was about this.")
	case whyPerhaps:
		return v.say.line("I chose it because it is this step's turn.")
	}
	return ""
}

func lessCommand() Command { return Command{Verb: "less", Hidden: true, Run: runLess} }

// lessFor is how long "Less of this" keeps a topic's tips away.
const lessFor = 28

// runLess marks a topic's tips as shown ahead of time, so that they rest.
func runLess(ctx context.Context, v *visit) (Reply, error) {
	t, ok := v.ed.Topic(v.Arg(0))
	if !ok {
		return Reply{}, v.gone()
	}
	var said []Said
	for _, tip := range t.Tips {
		said = append(said, Said{Item: tip.ID, Date: v.today().Add(lessFor - noRepeat)})
	}
	if _, err := v.apply(ctx, Change{Said: said}); err != nil {
		return Reply{}, err
	}
	return answer("", []Section{{Text: v.say.text("Understood: no tips on *%s* for four weeks. The step itself stays open any time.", t.Title)}},
		v.button("Another tip", Do("tip")), v.button("Home", Do("home"))), nil
}

func keepCommand() Command { return Command{Verb: "keep", Hidden: true, Run: runKeep} }

// runKeep takes the answer to Keep / Fewer / Stop, and the wish to see an entry
// again in a month.
func runKeep(ctx context.Context, v *visit) (Reply, error) {
	s := v.self.Settings
	switch v.Arg(0) {
	case "month":
		return v.remind(ctx, v.Arg(1))
	case "fewer":
		s.Rhythm = map[Rhythm]Rhythm{Daily: Some, Some: Weekly}[s.Rhythm]
	case "stop":
		s.Rhythm = Quiet
	case "keep":
	default:
		return Reply{}, v.gone()
	}
	s.Asked = 0
	if _, err := v.apply(ctx, v.rhythmChange(s)); err != nil {
		return Reply{}, err
	}
	return v.settingsPage(v.say.text("*Done.* You can change it here any time.")), nil
}

// remind asks for one message in a month about an entry in the journal.
func (v *visit) remind(ctx context.Context, mark string) (Reply, error) {
	loc, _ := v.zone()
	w := Wish{Kind: kindFollowUp, Subject: "journal/" + clip(mark, 20), To: v.me(), Date: v.today().Add(30), Minute: v.messageMinute(), Zone: loc.String(), Exact: true}
	if _, err := v.apply(ctx, Change{Wishes: []Wish{w}}); err != nil {
		return Reply{}, err
	}
	return answer("", []Section{{Text: v.say.text("Good: one message on *%s*, that there is an old line of yours to read. The line itself stays here.", v.dayOf(w.Date))}}, v.button("Home", Do("home"))), nil
}

// weekdayName is a weekday in the person's language.
func (v *visit) weekdayName(d time.Weekday) string { return v.say.line(d.String()) }

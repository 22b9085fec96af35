package coach

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"rapport/coach/curriculum"
	"rapport/coach/streak"
)

func cardCommand() Command {
	return Command{
		Verb: "card", Aliases: []string{"cards", "quiz"},
		Summary: "one question, to help you remember",
		Run:     runCard,
	}
}

// cardGaps are the days after which a card comes back, by how often it was seen:
// plain fixed gaps (DL-03 to DL-05).
var cardGaps = [...]int{2, 7, 21, 30}

// cardsSince is how far back is looked for cards that were seen: further than
// the longest gap, with room for a pause.
const cardsSince = 400

// missed marks, behind the id of a card, that it was answered otherwise: it
// begins its gaps anew.
const missed = "/missed"

// A cardLog is when a person met which cards.
type cardLog map[string]*cardSeen

type cardSeen struct {
	times int // since it was last answered otherwise, that day included
	last  streak.Date
}

func (v *visit) cardLog(ctx context.Context) (cardLog, error) {
	log := cardLog{}
	if !v.self.Known {
		return log, nil
	}
	said, err := v.Store.Said(ctx, v.From, v.today().Add(-cardsSince)) // oldest first
	if err != nil {
		return nil, fmt.Errorf("said: %w", err)
	}
	for _, s := range said {
		id, wrong := strings.CutSuffix(s.Item, missed)
		if _, ok := v.ed.Card(id); !ok {
			continue
		}
		seen := log[id]
		if seen == nil {
			seen = new(cardSeen)
			log[id] = seen
		}
		switch {
		case wrong:
			*seen = cardSeen{1, s.Date}
		case s.Date != seen.last:
			seen.times++
			seen.last = s.Date
		}
	}
	return log, nil
}

// due is the day a card is worth asking again; "" if it was never seen. Days of
// a pause do not count.
func (v *visit) cardDue(log cardLog, id string, away []span) streak.Date {
	seen := log[id]
	if seen == nil {
		return ""
	}
	return after(seen.last, cardGaps[min(seen.times, len(cardGaps))-1], away)
}

// chooseCard picks the card that is due the longest, else one that was never
// seen: in the first three weeks the myths, so that nobody learns around them,
// and of the steps the person met before the others. must tells that a card is
// wanted though none is due.
func (v *visit) chooseCard(log cardLog, h history, must bool) (curriculum.Card, bool) {
	away := pauses(h.events)
	var best curriculum.Card
	var since streak.Date
	for _, c := range v.cards() {
		due := v.cardDue(log, c.ID, away)
		if due != "" && due <= v.today() && (since == "" || due < since) {
			best, since = c, due
		}
	}
	if since != "" {
		return best, true
	}
	if !must && v.newLately(log) {
		return best, false
	}
	return v.newCard(log, h)
}

// cards are all that fit the person.
func (v *visit) cards() (all []curriculum.Card) {
	for _, t := range v.ed.Topics() {
		for _, c := range t.Cards {
			if c.Fits(v.audience()) {
				all = append(all, c)
			}
		}
	}
	return all
}

// newEvery is how many days lie between new cards that come by themselves.
const newEvery = 5

// newLately reports whether a card was met for the first time in the last days.
func (v *visit) newLately(log cardLog) bool {
	for _, seen := range log {
		if seen.times == 1 && v.today().DaysSince(seen.last) < newEvery {
			return true
		}
	}
	return false
}

// mythWeeks are the weeks in which myths come first.
const mythWeeks = 3

// newCard is one that was never seen.
func (v *visit) newCard(log cardLog, h history) (curriculum.Card, bool) {
	fresh := slices.DeleteFunc(v.cards(), func(c curriculum.Card) bool { return log[c.ID] != nil })
	if v.daysHere() < 7*mythWeeks {
		myths := slices.DeleteFunc(slices.Clone(fresh), func(c curriculum.Card) bool { return c.Kind != "myth" })
		if len(myths) > 0 {
			fresh = myths
		}
	}
	if len(fresh) == 0 {
		return curriculum.Card{}, false
	}
	met := v.stepsMet(h)
	slices.SortStableFunc(fresh, func(a, b curriculum.Card) int { return rank(met, a.Step) - rank(met, b.Step) })
	last := v.lastCardStep(log)
	if i := slices.IndexFunc(fresh, func(c curriculum.Card) bool { return c.Step != last }); i > 0 {
		return fresh[i], true // another step than the time before
	}
	return fresh[0], true
}

// lastCardStep is the step of the card seen last; -1 if none was.
func (v *visit) lastCardStep(log cardLog) int {
	step, on := -1, streak.Date("")
	for id, seen := range log {
		if c, ok := v.ed.Card(id); ok && (seen.last > on || seen.last == on && c.Step > step) {
			step, on = c.Step, seen.last
		}
	}
	return step
}

// rank is where step stands in an order; what is not in it comes last.
func rank(order []int, step int) int {
	if i := slices.Index(order, step); i >= 0 {
		return i
	}
	return len(order)
}

// stepsMet are the steps a person practised or read of, the latest first, then
// the others in the order in which newcomers meet them.
func (v *visit) stepsMet(h history) []int {
	var met []int
	add := func(step int) {
		if step > 0 && !slices.Contains(met, step) {
			met = append(met, step)
		}
	}
	for _, e := range slices.Backward(h.events) {
		add(e.Step)
	}
	for _, s := range slices.Backward(h.said) {
		if t, ok := v.ed.Tip(s.Item); ok {
			add(t.Step)
		}
	}
	for _, n := range firstOrder {
		add(n)
	}
	return met
}

// daysHere is how long the person has been known.
func (v *visit) daysHere() int {
	if !v.self.Known {
		return 0
	}
	return v.today().DaysSince(streak.DateOf(v.self.Since.In(v.local().Location())))
}

func runCard(ctx context.Context, v *visit) (Reply, error) {
	log, err := v.cardLog(ctx)
	if err != nil {
		return Reply{}, err
	}
	h, err := v.history(ctx)
	if err != nil {
		return Reply{}, err
	}
	c, ok := v.chooseCard(log, h, true)
	if !ok {
		return answer("", []Section{{Text: v.say.text("You have met every card, and none is due. They come back by themselves when it is worth it.")}},
			v.primary("A tip instead", Do("tip")), v.button("Home", Do("home"))), nil
	}
	m := cardMessage(v.say, c)
	return Reply{Message: &m, Replace: true}, nil
}

// cardMessage asks a card's question.
func cardMessage(say printer, c curriculum.Card) Message {
	options := Text{}
	m := Message{Title: say.line("A card")}
	for i, o := range c.Options {
		letter := string(rune('A' + i))
		if i > 0 {
			options = append(options, P("\n")...)
		}
		options = Join(options, B(letter+". "), marked(o))
		m.Buttons = append(m.Buttons, Button{Label: letter, Action: Do("answer", c.ID, strconv.Itoa(i))})
	}
	m.Sections = []Section{{Text: marked(c.Q)}, {Text: options}}
	return m
}

func answerCommand() Command { return Command{Verb: "answer", Hidden: true, Run: runAnswer} }

// runAnswer takes the answer to a card. Nobody counts how many were right.
func runAnswer(ctx context.Context, v *visit) (Reply, error) {
	c, ok := v.ed.Card(v.Arg(0))
	n, err := strconv.Atoi(v.Arg(1))
	if !ok || err != nil || n < 0 || n >= len(c.Options) {
		return Reply{}, v.gone()
	}
	item := c.ID
	if n != c.Answer {
		item += missed
	}
	if v.self.Known { // somebody unknown leaves no trace by reading
		if _, err := v.apply(ctx, Change{Said: []Said{{Item: item, Date: v.today()}}}); err != nil {
			return Reply{}, err
		}
	}
	right := Join(B(string(rune('A'+c.Answer))+". "), marked(c.Options[c.Answer]))
	lead := v.say.text("*Yes.* ")
	if n != c.Answer {
		lead = v.say.text("*A common answer.* This fits better: ")
	}
	sections := []Section{{Text: Text(marked(c.Q))}, {Text: Join(lead, right)}, {Text: marked(c.Why)}}
	if sure := v.ed.Sure(c.Claims); sure != "" {
		sections = append(sections, Section{Quiet: true, Text: v.say.text("How sure are we? %s.", sentence(sure))})
	}
	buttons := []Button{v.button("Why this?", Do("why", c.ID))}
	if t, ok := v.ed.Topic(c.Topic); ok && c.Topic != curriculum.Ethics {
		buttons = append([]Button{v.primary("Practise it", Do("practice", t.Key))}, append(buttons, v.button("Less of this", Do("less", t.Key)))...)
	}
	return answer("", sections, append(buttons, v.button("Another card", Do("card")), v.button("Home", Do("home")))...), nil
}

// cardToday is the card that takes the place of today's tip, if one is due or it
// is time for a new one. Two messages running are never both cards.
func (v *visit) cardToday(ctx context.Context, h history) (c curriculum.Card, ok bool, err error) {
	var last Said
	for _, s := range h.said {
		_, tip := v.ed.Tip(s.Item)
		if _, card := v.ed.Card(s.Item); (tip || card) && s.Date >= last.Date {
			last = s
		}
	}
	if _, card := v.ed.Card(last.Item); card {
		return c, false, nil
	}
	log, err := v.cardLog(ctx)
	if err != nil {
		return c, false, err
	}
	c, ok = v.chooseCard(log, h, false)
	return c, ok, nil
}

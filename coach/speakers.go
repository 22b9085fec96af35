package coach

import (
	"context"
	"errors"
	"slices"
	"time"
)

// The kinds of wishes, and the subjects of the rhythm.
const (
	kindNudge        = "nudge"
	kindIntroduction = "introduction"
	kindQuestion     = "question" // the one question a person said yes to
	kindRhythm       = "rhythm"   // what a person's rhythm brings
	kindFollowUp     = "followup"
	kindSample       = "sample"
	kindPrep         = "prep"   // around a talk that a person prepared
	kindRepair       = "repair" // after something a person mends

	subjectThursday = "thursday"
	subjectFriday   = "friday"
	subjectTips     = "tips"
)

// Speakers returns what finds the words for each kind of wish. A new scheduled
// message is a Speaker and a line here.
func (c *Coach) Speakers() map[string]Speaker {
	return map[string]Speaker{
		kindNudge:        nudge{c},
		kindIntroduction: introducer{c},
		kindQuestion:     question{c},
		kindRhythm:       rhythm{c},
		kindFollowUp:     followUp{c},
		kindSample:       sample{c},
		kindPrep:         prepSpeaker{c},
		kindRepair:       repairSpeaker{c},
	}
}

// visitFor is a visit for somebody who did not ask: the person o is for.
func (c *Coach) visitFor(ctx context.Context, o Occasion) (*visit, error) {
	v := &visit{Coach: c, Request: Request{From: o.To.Person, At: o.To, Zone: o.Zone}, lessons: c.taught.Load(), now: o.At}
	return v, v.enter(ctx)
}

// errGone is why something chosen can no longer be said.
var errGone = errors.New("the edition does not have it any more")

// A question is the one a person said yes to.
type question struct{ c *Coach }

func (q question) Choose(ctx context.Context, o Occasion) (Choice, error) {
	v, err := q.c.visitFor(ctx, o)
	if err != nil {
		return Choice{}, err
	}
	f, ok := v.flow(o.Subject)
	if !ok || f.Node != nodeOpen {
		return Choice{Skip: "answered already"}, nil
	}
	return Choice{Composer: kindQuestion, Items: []string{f.ID}, Edition: v.ed.Hash}, nil
}

func (q question) Compose(_ context.Context, _ Occasion, ch Choice) (Message, error) {
	return q.c.ask(ch)
}

// ask is the question about one thing taken up.
func (c *Coach) ask(ch Choice) (Message, error) {
	ed := c.Edition()
	if len(ch.Items) == 0 {
		return Message{}, errGone
	}
	_, item, ok := splitTry(ch.Items[0])
	o, known := ed.Offer(item)
	if !ok || !known {
		return Message{}, errGone
	}
	m := howMessage(c.say, ch.Items[0], o)
	m.Notice = c.say.line("Rapport has the question you asked for")
	return m, nil
}

// A rhythm is what a person's rhythm brings: Thursday's question, tips, and
// Friday's prompt with its tip. At most one a day, by the store's budget.
type rhythm struct{ c *Coach }

// unanswered is after how many messages without a press the coach asks whether
// to go on, by rhythm.
func unanswered(r Rhythm) int {
	if r == Daily {
		return 10
	}
	return 5
}

// untilSlower is how many messages without a press follow the question before
// the coach writes less.
const untilSlower = 5

// slower is the rhythm below each.
var slower = map[Rhythm]Rhythm{Daily: Some, Some: Weekly, Weekly: Quiet}

// slowed is the rhythm that somebody gets who chose r and was sent that many
// messages since they last did anything, and what the next message is to be:
// "keep", which asks whether to go on, "slower", which says that r is slowed
// from here on, or "" for what r brings. Whatever they do brings r back.
func slowed(r Rhythm, sent int) (Rhythm, string) {
	for r != Quiet {
		switch limit := unanswered(r); {
		case sent == limit:
			return r, "keep"
		case sent == limit+untilSlower:
			return r, "slower"
		case sent < limit+untilSlower:
			return r, ""
		default:
			r, sent = slower[r], sent-limit-untilSlower-1
		}
	}
	return Quiet, ""
}

// brings reports whether a rhythm has a message for that subject today.
func (v *visit) brings(r Rhythm, subject string) bool {
	switch r {
	case Daily:
		return true
	case Some:
		return subject != subjectTips || v.today().Weekday() == time.Tuesday || v.self.Settings.Rhythm == Some
	case Weekly:
		return subject == subjectThursday
	}
	return false
}

// itemBack says, first thing after a pause, that it is over.
const itemBack = "back"

func (r rhythm) Choose(ctx context.Context, o Occasion) (Choice, error) {
	v, err := r.c.visitFor(ctx, o)
	if err != nil {
		return Choice{}, err
	}
	ch, err := v.chooseRhythm(ctx, o.Subject)
	if until := v.self.Settings.PauseUntil; err == nil && ch.Skip == "" && until != "" && until < v.today() {
		h, err := v.history(ctx)
		if err != nil {
			return Choice{}, err
		}
		mark := "pause/" + string(until)
		if !slices.ContainsFunc(h.said, func(s Said) bool { return s.Item == mark }) {
			ch.Items = append(ch.Items, itemBack)
			ch.Said = append(ch.Said, Said{Item: mark, Date: v.today()})
		}
	}
	return ch, err
}

// chooseRhythm decides what a day of the person's rhythm brings.
func (v *visit) chooseRhythm(ctx context.Context, subject string) (Choice, error) {
	if !v.self.Known || v.self.Settings.Rhythm == Quiet {
		return Choice{Skip: "quiet", Stop: true}, nil
	}
	rhythm, say := slowed(v.self.Settings.Rhythm, v.self.Unanswered)
	switch {
	case !v.brings(rhythm, subject):
		return Choice{Skip: "unanswered"}, nil
	case say == "slower":
		return Choice{Composer: say, Items: []string{string(rhythm)}, Edition: v.ed.Hash}, nil
	case say != "":
		return Choice{Composer: say, Edition: v.ed.Hash}, nil
	}
	if subject == subjectThursday {
		open := v.openFlows()
		if i := slices.IndexFunc(open, func(f Flow) bool { return f.Week == v.week() }); i >= 0 {
			return Choice{Composer: kindQuestion, Items: []string{open[i].ID}, Edition: v.ed.Hash}, nil
		}
		if rhythm != Daily || daysOrDefault(v.self.Settings.Days)&(1<<time.Thursday) == 0 {
			return Choice{Skip: "nothing open"}, nil
		}
	}
	return v.chooseDaily(ctx, subject == subjectFriday)
}

// chooseDaily picks a tip, and on Fridays a prompt to go with it.
func (v *visit) chooseDaily(ctx context.Context, prompt bool) (Choice, error) {
	h, err := v.history(ctx)
	if err != nil {
		return Choice{}, err
	}
	if c, ok, err := v.cardToday(ctx, h); err != nil || ok && !prompt {
		return Choice{Composer: "card", Items: []string{c.ID}, Edition: v.ed.Hash, Said: []Said{{Item: c.ID, Date: v.today()}}}, err
	}
	tip, why, ok := v.chooseTip(h)
	if !ok {
		return Choice{Skip: "no tip is left"}, nil
	}
	ch := Choice{Composer: "tip", Items: []string{tip.ID, why}, Edition: v.ed.Hash, Said: []Said{{Item: tip.ID, Date: v.today()}}}
	if p := v.prompt(); prompt && p.ID != "" {
		ch.Composer, ch.Items = "reflection", append(ch.Items, p.ID)
		ch.Said = append(ch.Said, Said{Item: p.ID, Date: v.today()})
	}
	return ch, nil
}

func (r rhythm) Compose(_ context.Context, _ Occasion, ch Choice) (Message, error) {
	m, err := r.c.composeRhythm(ch)
	if err == nil && slices.Contains(ch.Items, itemBack) {
		m.Sections = append([]Section{{Text: r.c.say.text("Your pause is over. Good to have you back; nothing was lost.")}}, m.Sections...)
	}
	return m, err
}

func (c *Coach) composeRhythm(ch Choice) (Message, error) {
	ed, say := c.Edition(), c.say
	switch {
	case ch.Composer == kindQuestion:
		return c.ask(ch)
	case ch.Composer == "keep":
		return keepMessage(say), nil
	case ch.Composer == "slower" && len(ch.Items) > 0:
		return slowerMessage(say, slower[Rhythm(ch.Items[0])]), nil
	case ch.Composer == "card" && len(ch.Items) > 0:
		c, ok := ed.Card(ch.Items[0])
		if !ok {
			return Message{}, errGone
		}
		m := cardMessage(say, c)
		m.Sections = append(m.Sections, askedFor(say))
		return m, nil
	case len(ch.Items) < 2:
		return Message{}, errGone
	}
	tip, ok := ed.Tip(ch.Items[0])
	if !ok {
		return Message{}, errGone
	}
	m := tipMessage(say, ed, tip, ch.Items[1])
	m.Title = say.line("One idea for today")
	if len(ch.Items) > 2 {
		if p, ok := ed.Prompt(ch.Items[2]); ok {
			m.Title = say.line("Before the week ends")
			m.Sections = append(m.Sections, Section{Text: Join(Q(p.Text), P("\n"+p.FollowUp))})
			m.Buttons = append([]Button{{Label: say.line("Write a line"), Action: Do("write", p.ID), Primary: true}}, m.Buttons...)
			m.Buttons[1].Primary = false
		}
	}
	m.Sections = append(m.Sections, askedFor(say))
	return m, nil
}

// askedFor says why a message came and how to turn it down.
func askedFor(say printer) Section {
	return Section{Quiet: true, Text: say.text("You asked for these. `/rapport settings` changes how often.")}
}

// slowerMessage says, once, that fewer messages come from here on.
func slowerMessage(say printer, r Rhythm) Message {
	text := say.text("I will write less from here on: one question on Thursdays, and no tips.")
	switch r {
	case Some:
		text = say.text("I will write less from here on: two tips a week, and one question on Thursdays.")
	case Quiet:
		text = say.text("I will go quiet now, so as not to be noise.")
	}
	return Message{Sections: []Section{
		{Text: text},
		{Quiet: true, Text: say.text("That is all: nothing is lost, and no week counts against you for it. Any press brings the old rhythm back.")},
	}, Buttons: []Button{
		{Label: say.line("Bring it back"), Action: Do("keep", "keep"), Primary: true},
		{Label: say.line("Settings"), Action: Do("settings")},
	}}
}

func keepMessage(say printer) Message {
	return Message{Sections: []Section{
		{Text: say.text("Are these still useful? Reading without pressing is fine: I cannot see it, so I ask once.")},
	}, Buttons: []Button{
		{Label: say.line("Keep them"), Action: Do("keep", "keep"), Primary: true},
		{Label: say.line("Fewer"), Action: Do("keep", "fewer")},
		{Label: say.line("Stop"), Action: Do("keep", "stop")},
	}}
}

// A followUp is a message about something of the person's own, which it does
// not repeat: the words stay where only they look.
type followUp struct{ c *Coach }

func (f followUp) Choose(context.Context, Occasion) (Choice, error) {
	return Choice{Composer: kindFollowUp}, nil
}

func (f followUp) Compose(_ context.Context, o Occasion, _ Choice) (Message, error) {
	say := f.c.say
	return Message{
		Sections: []Section{{Text: say.text("You asked me to come back to a line you wrote a month ago. It is where you left it.")}},
		Buttons:  []Button{{Label: say.line("Show it"), Action: Do("journal"), Primary: true}, {Label: say.line("Write a new one"), Action: Do("write")}},
		Notice:   say.line("Rapport has the reminder you asked for"),
	}, nil
}

package terminal

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"rapport/coach"
)

// A talk is one run: who is speaking, where, and with what.
type talk struct {
	*Adapter
	coach coach.Handler
	keys  *keyboard
	tabs  tabs
	who   Person
	place string // id of a channel; "" is their direct messages
}

// Run talks until the input ends, somebody types "quit" or ctx ends, which are
// no errors.
func (a *Adapter) Run(ctx context.Context, h coach.Handler) error {
	if err := a.check(); err != nil {
		return fmt.Errorf("terminal: %w", err)
	}
	keys, stop, err := a.keyboard(ctx)
	if err != nil {
		return fmt.Errorf("terminal: %w", err)
	}
	defer stop()
	defer a.screen.edit(nil)
	t := &talk{Adapter: a, coach: coach.Steady(h), keys: keys, who: a.People[0]}
	keys.past.user = t.who.User
	if keys.editor != nil {
		keys.editor.AutoCompleteCallback = func(line string, pos int, key rune) (string, int, bool) {
			return t.key(ctx, line, pos, key)
		}
	}
	err = t.run(ctx)
	if ctx.Err() != nil || errors.Is(err, io.EOF) || errors.Is(err, errQuit) {
		err = nil
	}
	if err == nil {
		err = a.screen.fault()
	}
	if err != nil {
		return fmt.Errorf("terminal: %w", err)
	}
	return nil
}

// errQuit ends a run that somebody had enough of.
var errQuit = errors.New("quit")

func (t *talk) run(ctx context.Context) error {
	err := t.note("Rapport in this terminal: team %s, %s. Type what you would type behind /rapport. ? shows what else works here, quit leaves.",
		oneLine(t.Team), t.now().Format(dayTime))
	if err == nil {
		err = t.arrive(ctx)
	}
	if err == nil && t.First != "" {
		err = t.ask(ctx, t.request(t.here(), coach.Parse(t.First)), nil)
	}
	for err == nil {
		var s string
		if s, err = t.keys.read(t.prompt()); err != nil {
			break
		}
		if err = t.take(ctx, parseLine(s)); err == nil {
			err = t.arrive(ctx)
		}
	}
	return err
}

// arrive lets what was asked for this moment come in below the answer, such as
// the first post after set-up: this clock does not move on by itself.
func (t *talk) arrive(ctx context.Context) error {
	if err := t.Clock.Advance(ctx, t.Clock.Now()); err != nil && ctx.Err() != nil {
		return ctx.Err()
	}
	return nil
}

// prompt says who speaks where.
func (t *talk) prompt() string {
	return oneLine(t.who.Name) + " in " + t.placeName(t.place) + "> "
}

func (t *talk) placeName(channel string) string {
	if c := t.channel(channel); c != nil {
		return "#" + oneLine(c.Name)
	}
	return "dm"
}

// here is the address of the place that was chosen.
func (t *talk) here() coach.Address {
	if t.place == "" {
		return coach.DirectTo(PersonOf(t.Team, t.who.User))
	}
	return coach.ChannelOf(TeamOf(t.Team), t.place)
}

// take does what a line is for.
func (t *talk) take(ctx context.Context, l line) error {
	switch l.intent {
	case toAsk:
		return t.ask(ctx, t.request(t.here(), coach.Parse(l.text)), nil)
	case toPress:
		return t.pressLast(ctx, l)
	case toPressAt:
		return t.pressAt(ctx, l)
	case toLabel:
		return t.pressLabel(ctx, l.text)
	case toBe:
		return t.be(l.text)
	case toGo:
		return t.goTo(l.place)
	case toWait:
		return t.wait(ctx, l.text)
	case toList:
		return t.list()
	case toExplain:
		return t.explain()
	case toQuit:
		if err := t.note("Bye for now."); err != nil {
			return err
		}
		return errQuit
	}
	return nil
}

// be lets somebody else speak.
func (t *talk) be(name string) error {
	t.who = t.crowd.enter(name)
	t.keys.past.user = t.who.User
	return t.note("You are %s now.", oneLine(t.who.Name))
}

// goTo goes to a place as it was typed: "dm" or "#name".
func (t *talk) goTo(place string) error {
	if place == "dm" {
		t.place = ""
		return t.note("You are in your direct messages with Rapport now.")
	}
	c := t.named(strings.TrimPrefix(place, "#"))
	if c == nil {
		return t.note("There is no %s here. There is: %s.", oneLine(place), t.placeNames())
	}
	t.place = c.ID
	return t.note("You are in #%s now. What Rapport answers is still shown to you only.", oneLine(c.Name))
}

// named returns the channel of that name or id, or nil.
func (t *talk) named(name string) *Channel {
	for i, c := range t.Channels {
		if strings.EqualFold(c.Name, name) || strings.EqualFold(c.ID, name) {
			return &t.Channels[i]
		}
	}
	return nil
}

func (t *talk) placeNames() string {
	var names []string
	for _, c := range t.Channels {
		names = append(names, "#"+oneLine(c.Name))
	}
	return strings.Join(append(names, "dm"), ", ")
}

// wait moves the clock forward.
func (t *talk) wait(ctx context.Context, words string) error {
	to, err := parseWait(words, t.now())
	if err != nil {
		return t.note("%v", err)
	}
	before := t.board.count()
	if err := t.Clock.Advance(ctx, to); err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		return t.note("Something went wrong on the way, on my side. It is now %s.", t.now().Format(dayTime))
	}
	way := ""
	if t.board.count() == before {
		way = " Nothing was due on the way."
	}
	return t.note("It is now %s.%s", t.now().Format(dayTime), way)
}

// explain shows the terminal's own words.
func (t *talk) explain() error {
	s := t.sheet()
	s.head("What works in this terminal", tintBold)
	for _, line := range [][2]string{
		{"step 3", "is for the coach, as everything else; /rapport may stand in front"},
		{"2", "presses [2] of the message you were shown last"},
		{"channel 1, dm 1", "presses the newest post of the channel, your newest direct message; #general 1 names the channel"},
		{"press Home", "presses by label"},
		{"messages", "lists what can be pressed"},
		{"as bob", "somebody else speaks"},
		{"in #general, in dm", "somewhere else"},
		{"wait 7d, wait 3h", "moves the clock forward"},
		{"wait until monday 09:00", "and to a moment: also tomorrow 09:00, 17:30, 2026-12-24 09:00"},
		{"quit", "leaves; so does the end of the input"},
	} {
		s.entry(line[0], line[1])
	}
	if t.keys.editor != nil {
		s.entry("Tab, arrow up", "completes what you type, brings it back")
	}
	s.blank()
	return t.screen.write(s.b.String())
}

// entry writes a word and what it is for, in two columns.
func (s *sheet) entry(word, meaning string) {
	const left = 26
	for i, cells := range wrap(cellsOf(meaning, tintPlain), max(s.width-left, tightest)) {
		w := ""
		if i == 0 {
			w = word
		}
		s.put(append(cellsOf(w+strings.Repeat(" ", max(left-len([]rune(w)), 1)), tintBold), cells...))
	}
}

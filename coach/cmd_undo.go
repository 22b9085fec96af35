package coach

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"rapport/coach/streak"
)

// What was noted can be taken back, and what did not happen yet can wait.

func undone(events []streak.Event, key string) bool {
	return slices.ContainsFunc(events, func(e streak.Event) bool { return e.Kind == streak.Undo && e.Ref == key })
}

func laterCommand() Command { return Command{Verb: "later", Hidden: true, Run: runLater} }

// runLater goes on with what did not happen yet, or drops it.
func runLater(ctx context.Context, v *visit) (Reply, error) {
	_, item, ok := splitTry(v.Arg(0))
	o, known := v.ed.Offer(item)
	if !ok || !known {
		return Reply{}, v.gone()
	}
	if v.Arg(1) == "what" {
		return v.whatWasIt(ctx, v.Arg(0), o)
	}
	if v.Arg(1) == "leave" {
		if _, err := v.apply(ctx, Change{DropFlows: []string{v.Arg(0)}, Cancel: []Wish{{Kind: kindQuestion, Subject: v.Arg(0)}}}); err != nil {
			return Reply{}, err
		}
		return answer("", []Section{{Text: v.say.text("Left. There is another small thing whenever you like.")}}, v.button("Home", Do("home"))), nil
	}
	again := v.newFlow(v.week(), item, nodeOpen)
	change := Change{PutFlows: []Flow{again}}
	if v.Arg(0) != again.ID {
		change.DropFlows = []string{v.Arg(0)}
	}
	if f, ok := v.flow(again.ID); ok && f.Node != nodeOpen {
		change.PutFlows = nil // done this week already
	}
	if _, err := v.apply(ctx, change); err != nil {
		return Reply{}, err
	}
	if v.Arg(1) == "smaller" {
		o.Do, o.If = o.Smaller, ""
	}
	return v.whenPage(again.ID, o), nil
}

func undoCommand() Command {
	return Command{Verb: "undo", Summary: "take back your last check-in", Run: runUndo}
}

// runUndo takes a check-in back, for seven days, and opens what it closed.
func runUndo(ctx context.Context, v *visit) (Reply, error) {
	key := v.Arg(0)
	events, err := v.Store.Events(ctx, v.From)
	if err != nil {
		return Reply{}, fmt.Errorf("events: %w", err)
	}
	if !strings.Contains(key, "/") { // no key, but a word
		return v.undoPage(events), nil
	}
	back := answer("", []Section{{Text: v.say.text("Taken back: it is as if you had not pressed. You can answer again whenever you like.")}},
		v.primary("How did it go?", Do("done")), v.button("Home", Do("home")))
	if undone(events, key) {
		return back, nil
	}
	if !streak.CanUndo(events, key, v.today()) {
		return Reply{}, v.mistake("A check-in can be taken back for seven days, and that one is older or not here. Nothing was changed.")
	}
	change := Change{Events: []streak.Event{v.event(streak.Event{Key: "undo/" + key, Kind: streak.Undo, Ref: key})}}
	flow, _, _ := strings.Cut(strings.TrimPrefix(key, "checkin/"), "#")
	if _, item, ok := splitTry(flow); ok {
		change.Untried = v.triedHere(item)
	}
	if f, ok := v.flow(flow); ok && f.Node == nodeLate {
		change.DropFlows = []string{flow}
	} else if ok {
		f.Node = nodeOpen
		change.PutFlows = []Flow{f}
	}
	if _, err := v.apply(ctx, change); err != nil {
		return Reply{}, err
	}
	return back, nil
}

// undoPage asks who typed the word whether the last check-in is meant: typed
// twice by mistake, it would take back two.
func (v *visit) undoPage(events []streak.Event) Reply {
	for _, e := range slices.Backward(streak.Undoable(events, v.today())) {
		if e.Kind != streak.CheckIn {
			continue
		}
		return answer("", []Section{
			{Text: v.say.text("Your last check-in: *%s*, on %s. Take it back?", v.triedTitle(e.Item), v.dayOf(e.Date))},
			{Quiet: true, Text: v.say.text("It is then as if you had not pressed, and you can answer again.")},
		}, v.primary("Take it back", Do("undo", e.Key)), v.button("Leave it", Do("home")))
	}
	return answer("", []Section{{Text: v.say.text("There is no check-in of the last seven days to take back.")}},
		v.primary("How did it go?", Do("done")), v.button("Home", Do("home")))
}

// triedTitle is what was tried, by its name.
func (v *visit) triedTitle(item string) string {
	if o, ok := v.ed.Offer(item); ok {
		return o.Title
	}
	if i := v.firstStep(item); i >= 0 {
		return v.ed.FirstSteps[i].Title
	}
	return v.say.line("something small")
}

package coach

import (
	"context"
	"slices"

	"rapport/coach/curriculum"
	"rapport/coach/streak"
)

// Quiet first steps are for somebody's first days: in writing, and without
// meeting anyone.

func quietCommand() Command { return Command{Verb: "quiet", Hidden: true, Run: runQuiet} }

// quietSelect offers the quiet first steps to somebody new; nil if there are
// none.
func (v *visit) quietSelect() *Select {
	s := &Select{Label: v.say.line("Or begin quietly, in writing")}
	for _, f := range v.ed.FirstSteps {
		if f.Fits(v.audience()) {
			s.Options = append(s.Options, Pick{clip(sentence(f.Title), MaxLabel), Do("quiet", f.ID)})
		}
	}
	if len(s.Options) == 0 {
		return nil
	}
	return s
}

// firstStep is the place of a quiet first step among them, -1 if it is none.
func (v *visit) firstStep(id string) int {
	return slices.IndexFunc(v.ed.FirstSteps, func(f curriculum.FirstStep) bool { return f.ID == id })
}

// runQuiet shows a quiet first step, or notes that it was done.
func runQuiet(ctx context.Context, v *visit) (Reply, error) {
	i := v.firstStep(v.Arg(0))
	if i < 0 {
		return Reply{}, v.gone()
	}
	f := v.ed.FirstSteps[i]
	next := v.ed.FirstSteps[(i+1)%len(v.ed.FirstSteps)]
	if v.Arg(1) != "done" {
		text := Join(B(sentence(f.Title)), P("\n"), marked(f.Text))
		if f.Say != "" {
			text = Join(text, P("\n"), Q(f.Say))
		}
		return answer("", []Section{{Text: text}, {Quiet: true, Text: v.say.text("In writing, on your own, in a few minutes.")}},
			v.primary("I did it", Do("quiet", f.ID, "done")), v.button("Another quiet one", Do("quiet", next.ID)), v.button("This week's idea", Do("home", "me"))), nil
	}
	e := v.event(streak.Event{Key: "quiet/" + f.ID + "/" + string(v.week()), Kind: streak.CheckIn, Item: f.ID, Outcome: "well"})
	line, err := v.applyOnce(ctx, e, Change{})
	if err != nil {
		return Reply{}, err
	}
	return answer("", append([]Section{{Text: v.say.text("*Noted.* A quiet step is a whole one.")}}, line...),
		v.primary("Another quiet one", Do("quiet", next.ID)), v.button("This week's idea", Do("home", "me")), v.button("Progress", Do("progress")), v.button("Undo", Do("undo", e.Key))), nil
}

package coach

import (
	"context"
	"strings"

	"rapport/coach/curriculum"
	"rapport/coach/streak"
)

// After a talk that was prepared: the two questions, and what is kept of them.

// debrief asks the two questions and takes their answers. What was learned keeps
// a week, as a check-in does.
func (v *visit) debrief(ctx context.Context, f Flow, s curriculum.Situation) (Reply, error) {
	form := Form{
		Title: v.say.line("How did it go?"), Action: Do("prep", "debrief", f.ID), Submit: v.say.line("Note it"),
		Lead: v.say.text("Two questions about *%s*. Any of the first three counts in full.", s.Title),
		Inputs: []Input{
			{Name: "how", Label: v.say.line("How did it go?"), Kind: PickOne, Value: "well"},
			{Name: "next", Label: v.say.line("What would you do the same way, or not?"), Hint: v.say.line("A line for yourself; may stay empty"), Kind: Line, Optional: true},
		},
	}
	for _, o := range outcomes {
		form.Inputs[0].Options = append(form.Inputs[0].Options, Option{v.say.line(o.label), o.key})
	}
	form.Inputs[0].Options = append(form.Inputs[0].Options, Option{v.say.line("It did not happen"), "no"})
	if v.Answers == nil {
		return Reply{Form: &form}, nil
	}
	if r, ok := v.guard(v.Answers["next"]); ok {
		return r, nil
	}
	answers, faulty, err := v.read(ctx, form)
	if faulty != nil || err != nil {
		return deref(faulty), err
	}
	if answers["how"] == "no" {
		return answer("", []Section{{Text: v.say.text("That happens, and nothing is counted. Your plan stays for another day.")}},
			v.primary("Choose another day", Do("prep", "form", f.Item, f.ID)), v.button("Forget it now", Do("prep", "forget", f.ID)), v.button("Home", Do("home"))), nil
	}
	return v.keepDebrief(ctx, f, s, answers)
}

func (v *visit) keepDebrief(ctx context.Context, f Flow, s curriculum.Situation, answers map[string]string) (Reply, error) {
	words, err := v.prepWords(ctx, f.ID)
	if err != nil {
		return Reply{}, err
	}
	f.Node, f.Expires, f.Words = nodeTold, v.now.Add(keepDebriefd), strings.Join(append(words, answers["next"]), "\n")
	step := 0
	if len(s.Steps) > 0 {
		step = s.Steps[0]
	}
	e := v.event(streak.Event{Key: f.ID + "/debrief", Kind: streak.Prep, Step: step, Item: s.ID, Outcome: answers["how"]})
	line, err := v.applyOnce(ctx, e, Change{PutFlows: []Flow{f}, Cancel: prepWishes(f.ID)})
	if err != nil {
		return Reply{}, err
	}
	noted := map[string]string{"well": "*Noted.* Good to hear.", "so-so": "*Noted.* So-so counts in full: you did it.", "hard": "*Noted.* It was hard and you had the talk: that counts in full."}
	sections := append([]Section{{Text: v.say.text(noted[answers["how"]])}}, line...)
	if answers["how"] == "hard" {
		sections = append(sections, Section{Text: Join(v.say.text("*For another time:* "), marked(s.Wobble))})
	}
	sections = append(sections, Section{Text: Join(v.say.text("*Afterwards:* "), marked(s.After[0]))},
		Section{Quiet: true, Text: v.say.text("The plan and these answers are gone in a week.")})
	r := answer("", sections, v.button("Write a line about it", Do("write")), v.button("Something went wrong: mend it", Do("repair")), v.button("Prepare another", Do("prep")), v.button("Home", Do("home")))
	r.Message.Notice = v.say.line("Noted.")
	return r, nil
}

// A prepSpeaker reminds of a talk, and asks about it afterwards. It repeats
// nothing of what the person wrote.
type prepSpeaker struct{ c *Coach }

func (p prepSpeaker) Choose(ctx context.Context, o Occasion) (Choice, error) {
	v, err := p.c.visitFor(ctx, o)
	if err != nil {
		return Choice{}, err
	}
	id, what := cutLast(o.Subject)
	f, ok := v.flow(id)
	if !ok || f.Kind != flowPrep || f.Node != nodeOpen {
		return Choice{Skip: "over already"}, nil
	}
	return Choice{Composer: kindPrep, Items: []string{id, f.Item, what}, Edition: v.ed.Hash}, nil
}

// cutLast parts s at its last slash.
func cutLast(s string) (head, tail string) {
	if i := strings.LastIndexByte(s, '/'); i >= 0 {
		return s[:i], s[i+1:]
	}
	return s, ""
}

func (p prepSpeaker) Compose(_ context.Context, _ Occasion, ch Choice) (Message, error) {
	if len(ch.Items) < 3 {
		return Message{}, errGone
	}
	s, ok := p.c.Edition().Situation(ch.Items[1])
	if !ok {
		return Message{}, errGone
	}
	say, id := p.c.say, ch.Items[0]
	show := Button{Label: say.line("Show my plan"), Action: Do("prep", "show", id)}
	if ch.Items[2] == prepBefore {
		show.Primary = true
		return Message{
			Sections: []Section{
				{Text: say.text("The talk you prepared is coming up: *%s*.", s.Title)},
				{Text: Join(say.text("To begin with: "), Q(s.Say.InPerson))},
				{Quiet: true, Text: say.text("You asked for this reminder. Your own words stay where only you look.")},
			},
			Buttons: []Button{show, {Label: say.line("Forget plan and questions"), Action: Do("prep", "forget", id)}},
			Notice:  say.line("Rapport has the reminder you asked for"),
		}, nil
	}
	return Message{
		Sections: []Section{
			{Text: say.text("You prepared a talk: *%s*. Two questions, if you like: how did it go, and what would you do the same way?", s.Title)},
			{Quiet: true, Text: say.text("You asked for this. Any answer is a good one, and you need not answer.")},
		},
		Buttons: []Button{{Label: say.line("Answer"), Action: Do("prep", "debrief", id), Primary: true}, show, {Label: say.line("Forget it"), Action: Do("prep", "forget", id)}},
		Notice:  say.line("Rapport has the two questions you asked for"),
	}, nil
}

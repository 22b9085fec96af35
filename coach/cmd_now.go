package coach

import (
	"context"

	"rapport/coach/curriculum"
)

// Words for right now: what somebody types that is no command is answered with
// the two nearest helps. It is matched in memory, and kept and told nowhere.

func nowCommand() Command { return Command{Verb: "now", Hidden: true, Run: runNow} }

// runNow shows the helps that a button names, and the way to the next two.
func runNow(_ context.Context, v *visit) (Reply, error) {
	var ids []string
	for _, id := range v.Action.Args {
		if _, ok := v.helps.find(id); ok {
			ids = append(ids, id)
		}
	}
	if len(ids) == 0 {
		return Reply{}, v.gone()
	}
	return v.helpPage(ids, true), nil
}

// shownAtOnce is how many helps stand in one answer. The ids of the next ones
// ride in a button, so that nothing of what was typed has to be kept.
const shownAtOnce = 2

// helpPage shows the first helps of ids. near tells whether they may be what was
// meant.
func (v *visit) helpPage(ids []string, near bool) Reply {
	first, _ := v.helps.find(ids[0])
	var sections []Section
	if !near {
		sections = append(sections, Section{Text: v.say.text("I do not have that one. The nearest I have:")})
	}
	for _, id := range ids[:min(len(ids), shownAtOnce)] {
		one, _ := v.helps.find(id)
		sections = append(sections, Section{Text: v.helpText(one)})
	}
	sections = append(sections, Section{Quiet: true, Text: v.say.text(
		"I compare words and can miss what is behind them. Is somebody afraid or being hurt? Then leave these and talk to %s. What you typed is kept nowhere.", v.contact())})
	buttons := []Button{v.planButton(first)}
	if id, ok := v.helps.scenario(first, v.audience()); ok {
		buttons = append(buttons, v.button("Rehearse it", Do("rehearse", id)))
	}
	if len(ids) > 1 {
		buttons = append(buttons, v.button("The second one", Do("now", ids[1], ids[0])))
	}
	if len(ids) > shownAtOnce {
		buttons = append(buttons, v.button("Not this", Do("now", ids[shownAtOnce:]...)))
	} else {
		buttons = append(buttons, v.button("Not this", Do("step")))
	}
	r := answer("", sections, buttons...)
	r.Message.Notice = v.say.line("Words for right now")
	return r
}

// helpText is a help with a line to say and one not to say.
func (v *visit) helpText(one help) Text {
	head := B(one.title)
	if t, ok := v.ed.Topic(one.topic); ok {
		head = Join(head, P(" \u00b7 "+placeName(v.say, t)))
	}
	line := one.say(orElse(v.self.Settings.Mostly, curriculum.InPerson))
	text := Join(head, P("\n"), v.say.text("Say or do: "), I(line))
	if avoid := v.helps.avoidOf(one); avoid != "" {
		text = Join(text, P("\n"), v.say.text("Rather not: "), P(avoid))
	}
	return text
}

// planButton plans what a help is about: the situation, or something small that
// goes with it.
func (v *visit) planButton(one help) Button {
	if _, ok := v.ed.Situation(one.id); ok {
		return v.primary("Plan it", Do("prep", one.id))
	}
	if id, ok := v.helps.mission(one, v.audience()); ok {
		return v.primary("Plan it", Do("in", id))
	}
	return v.primary("Practise it", Do("practice", v.helps.topicOf(one).Key))
}

package coach

import (
	"context"
	"strings"
	"unicode"
)

func homeCommand() Command {
	return Command{
		Verb: "home", Aliases: []string{"start", "hello", "hi"}, First: true,
		Summary: "this week's small thing to do",
		Run:     runHome,
	}
}

func runHome(ctx context.Context, v *visit) (Reply, error) {
	if v.mayManage() && v.silent() && v.Arg(0) != "me" {
		return v.silentPage(), nil
	}
	o, err := v.thisWeek(ctx)
	if err != nil {
		return Reply{}, err
	}
	if !v.self.Known || len(v.self.Ledger.Weeks) == 0 {
		return v.firstScreen(v.offerSections(o, v.say.line("This week: ")), o.ID), nil
	}
	sections := v.offerSections(o, v.say.line("This week: "))
	if line := v.weeksLine(); line != "" {
		sections = append([]Section{{Text: P(line)}}, sections...)
	}
	if open := v.openFlows(); len(open) > 0 {
		if mine, ok := v.ed.Offer(open[len(open)-1].Item); ok {
			sections = append(sections, Section{Text: v.say.text("Open: *%s*. Tell me how it went whenever you like.", mine.Title)})
			return answer(v.say.line("Rapport"), sections,
				v.primary("How did it go?", Do("done")), v.button("Another idea", Do("offer", "other", o.ID)),
				v.button("Prepare a talk", Do("prep")), v.button("All six steps", Do("step")), v.button("Progress", Do("progress"))), nil
		}
	}
	return answer(v.say.line("Rapport"), sections,
		v.primary("I'm in", Do("in", o.ID)), v.button("Something easier", Do("offer", "easier", o.ID)),
		v.button("Prepare a talk", Do("prep")), v.button("All six steps", Do("step")), v.button("Progress", Do("progress"))), nil
}

// lately is how many weeks weeksLine looks back.
const lately = 4

// weeksLine says in words how the last weeks went, from the second week on.
func (v *visit) weeksLine() string {
	kept, of := v.ledger().KeptOf(lately)
	if of < 2 {
		return ""
	}
	return v.say.line("%d of your last %s.", kept, v.say.line("%d weeks", of))
}

// firstScreen greets somebody who has not tried anything yet.
func (v *visit) firstScreen(offer []Section, id string) Reply {
	sections := []Section{{Text: v.say.text("*Hello, I'm Rapport.* One small thing a week that makes it easier to get on with people.")}}
	sections = append(sections, offer...)
	sections = append(sections,
		Section{Quiet: true, Text: v.say.text("I cannot read your messages. No AI answers you: my texts are fixed and show their sources. No screen or report shows anyone else what you do here.")},
		Section{Quiet: true, Text: v.say.text("Tip: type `/rapport` and what is on your mind, like `/rapport first 1:1 with my boss`.")})
	r := answer("", sections,
		v.primary("I'm in", Do("in", id)),
		v.button("Something easier", Do("offer", "easier", id)),
		v.button("Help with a conversation", Do("prep")),
		v.button("All six steps", Do("step")),
		v.button("What I keep", Do("help", "keep")))
	r.Message.Choices = v.quietSelect()
	return r
}

// silent reports whether the coach is in a team and has no channel to post to.
func (v *visit) silent() bool {
	return v.Request.Team != (Team{}) && v.plan.SetUp.IsZero()
}

// silentPage is what an admin of a team without a channel sees first.
func (v *visit) silentPage() Reply {
	return answer("", []Section{
		{Text: v.say.text("*Rapport is here and silent.* It answers whoever types `/rapport`, and posts nothing until you choose where and when.")},
		{Quiet: true, Text: v.say.text("It cannot read messages. Nobody gets a direct message they did not ask for, and nobody gets a list.")},
	},
		v.primary("Choose channel and day", Do("setup", "form")),
		v.button("Show the first post", Do("preview")),
		v.button("Try it", Do("home", "me")))
}

func elseCommand() Command { return Command{Verb: verbElse, Hidden: true, Run: runElse} }

// runElse answers what is no command: a guard first, then a word that was typed
// wrongly, then the nearest help.
func runElse(_ context.Context, v *visit) (Reply, error) {
	if v.Action.Verb == verbUnknown {
		return Reply{}, v.mistake("I cannot read that button any more: it comes from another version of me. Nothing was changed.")
	}
	if v.Action.Verb != verbElse {
		return Reply{}, v.gone()
	}
	text := v.Arg(0)
	if r, ok := v.guard(text); ok {
		return r, nil
	}
	if r, ok := v.meant(text); ok {
		return r, nil
	}
	ids, near := v.helps.nearest(text, v.audience(), 2*shownAtOnce)
	if len(ids) > 0 {
		return v.withCare(text, v.helpPage(ids, near)), nil
	}
	r := answer("", []Section{
		{Text: v.say.text("I do not have that one.")},
		{Text: v.say.text("The six steps cover most conversations: pick the nearest one, or type `/rapport help`.")},
	}, v.button("All six steps", Do("step")), v.button("Home", Do("home")))
	r.Message.Choices = v.stepSelect()
	return v.withCare(text, r), nil
}

// meant answers a single word that is nearly one of those people can type.
func (v *visit) meant(text string) (Reply, bool) {
	if strings.ContainsFunc(strings.TrimSpace(text), unicode.IsSpace) {
		return Reply{}, false
	}
	var buttons []Button
	for _, verb := range nearest(firstWord(text)) {
		if verb != "home" { // has a button of its own
			buttons = append(buttons, v.button("/rapport "+verb, Do(verb)))
		}
	}
	if len(buttons) == 0 {
		return Reply{}, false
	}
	return Say(Message{
		Sections: []Section{{Text: v.say.text("I do not know the word *%s*. Did you mean one of these?", clip(shown(text), 80))}},
		Buttons:  append(buttons, v.button("Home", Do("home"))),
		Notice:   v.say.line("Did you mean one of these?"),
	}), true
}

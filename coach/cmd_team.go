package coach

import (
	"context"
	"fmt"
	"strconv"

	"rapport/coach/curriculum"
)

func activityCommand() Command {
	return Command{
		Verb: "activity", Aliases: []string{"activities", "together"},
		Summary: "something to do together, as text to copy",
		Run:     runActivity,
	}
}

// runActivity shows a shared activity. The coach never posts it: whoever wants
// it copies it out.
func runActivity(_ context.Context, v *visit) (Reply, error) {
	var fits []curriculum.Activity
	for _, a := range v.ed.Activities {
		if a.Fits(v.audience()) {
			fits = append(fits, a)
		}
	}
	if len(fits) == 0 {
		return Reply{}, v.mistake("I have no activity that fits here. `/rapport step 4` is about shared experiences.")
	}
	i := v.dayIndex() % len(fits)
	for n, a := range fits {
		if a.ID == v.Arg(0) {
			i = n
		}
	}
	a := fits[i]
	text := v.say.text("*%s* (%s, %s people)\n%s", a.Title, v.say.line("%d minutes", a.Minutes), a.People, a.Goal)
	for n, how := range a.How {
		text = Join(text, P(fmt.Sprintf("\n%d. ", n+1)), marked(how))
	}
	text = Join(text, v.say.text("\n_%s_ %s", a.OptOut, a.Include))
	after := B(v.say.line("Afterwards"))
	for _, d := range a.Debrief {
		after = Join(after, P("\n\u2022 "), marked(d))
	}
	sections := []Section{{Text: text}, {Text: Join(Q(a.Say))}, {Text: after},
		{Quiet: true, Text: v.say.text("Copy it to the channel if you like: I do not post it for you. How sure are we? %s.", sentence(v.ed.Sure(a.Claims)))}}
	return answer(v.say.line("Something to do together"), sections,
		v.button("Another one", Do("activity", fits[(i+1)%len(fits)].ID)), v.button("Why this?", Do("part", v.ed.Steps[3].Key, "sure")), v.button("Home", Do("home"))), nil
}

func teamCommand() Command {
	return Command{
		Verb: "team", Aliases: []string{"us", "group"},
		Summary: "what the team sees, and something to share",
		Run:     runTeam,
	}
}

func runTeam(ctx context.Context, v *visit) (Reply, error) {
	if v.Request.Team == (Team{}) {
		return Reply{}, v.mistake("This page belongs to a team. Please type it in a channel of the team.")
	}
	sections := []Section{{Text: v.say.text("*What you can see here: exactly what your team sees.* No names, no lists, no ranks, for anyone.")}}
	if v.silent() || v.plan.Channel == "" {
		sections = append(sections, Section{Text: v.say.text("No weekly post is set up here. An admin can choose a channel with `/rapport setup`.")})
	} else {
		day, minute := v.nudgeTime()
		sections = append(sections, Section{Text: v.say.text("*Weekly nudge:* %s, %ss at %s (%s)", v.channelText(v.plan.Channel), v.weekdayName(day), clock(minute), v.teamZone().String())})
		o, err := v.thisWeek(ctx)
		if err != nil {
			return Reply{}, err
		}
		sections = append(sections, v.offerSections(o, v.say.line("This week: "))...)
		season, err := v.seasonBefore(ctx)
		if err != nil {
			return Reply{}, err
		}
		sections = append(sections, season...)
	}
	sections = append(sections, Section{Text: Join(v.say.text("*A sentence to paste, if you like:*\n"), Q(v.say.line("I am trying one small thing a week to be easier to talk to. Ask me what it is, or tell me what would help.")))})
	return answer(v.say.line("Your team"), sections,
		v.primary("Something to do together", Do("activity")), v.button("Prepare a talk", Do("prep")), v.button("Home", Do("home"))), nil
}

// seasonBefore says what came of the season that is over: the sum of what each
// post after it said in the channel, so nothing that was not said before.
func (v *visit) seasonBefore(ctx context.Context) ([]Section, error) {
	o, _, err := v.Store.Planned(ctx, v.Request.Team, kindNudge)
	if err != nil {
		return nil, fmt.Errorf("season: %w", err)
	}
	memory, err := bagOf(o.Memory)
	if err != nil || memory.Before == 0 {
		return nil, err
	}
	return []Section{{Text: v.say.text("*The season before this one:* %s or more tries of its ideas. The posts said so one by one; who it was is not kept.", strconv.Itoa(memory.Before))}}, nil
}

package coach

import (
	"context"
	"fmt"
	"slices"
)

// After six posts a season is over. Whoever set the team up is asked privately,
// on top of the next answer they get, whether it goes on: no answer means yes.

func seasonCommand() Command {
	return Command{Verb: "season", Hidden: true, Admin: true, Run: runSeason}
}

// runSeason shows how the weekly post may go on, or takes the choice.
func runSeason(ctx context.Context, v *visit) (Reply, error) {
	if v.silent() {
		return v.silentPage(), nil
	}
	p := v.plan
	switch v.Arg(0) {
	case "on":
		p.EveryOther = false
		return v.changeSeason(ctx, p, v.say.text("*Good: every week.*"))
	case "other":
		p.EveryOther = true
		return v.changeSeason(ctx, p, v.say.text("*Good: every other week.*"))
	case "rest":
		return v.seasonRest(ctx)
	}
	now := v.say.line("every week")
	if p.EveryOther {
		now = v.say.line("every other week")
	}
	return answer(v.say.line("The weekly post"), []Section{
		{Text: v.say.text("Six posts make a season: all six steps, once. It comes %s now, to %s. How shall it go on?", now, v.channelText(p.Channel))},
		{Quiet: true, Text: v.say.text("Doing nothing means: go on as it is.")},
	}, v.primary("Go on", Do("season", "on")), v.button("Every other week", Do("season", "other")), v.button("Rest until ...", Do("season", "rest")), v.button("Set-up", Do("setup"))), nil
}

func (v *visit) changeSeason(ctx context.Context, p TeamSettings, lead Text) (Reply, error) {
	if err := v.changeTeam(ctx, Change{TeamPlan: &p}); err != nil {
		return Reply{}, err
	}
	return v.setupPage(ctx, lead)
}

// seasonRest is a season break from today on.
func (v *visit) seasonRest(ctx context.Context) (Reply, error) {
	form := Form{
		Title: v.say.line("Season break"), Action: Do("season", "rest"), Submit: v.say.line("Rest"),
		Lead:   v.say.text("Nothing is posted until then, and nobody's weeks suffer from it."),
		Inputs: []Input{{Name: "until", Label: v.say.line("Until, that day included"), Hint: v.say.line("a date like %s, or 2 weeks; at most 12 weeks", string(v.today().Add(28))), Kind: Line, Max: 40}},
	}
	if v.Answers == nil {
		return Reply{Form: &form}, nil
	}
	answers, faulty, err := v.read(ctx, form)
	if faulty != nil || err != nil {
		return deref(faulty), err
	}
	until, ok := dateTyped(answers["until"], v.today())
	if !ok || until < v.today() || until.DaysSince(v.today()) > 7*pauseWeeks {
		faulty, err := v.faulty(ctx, form, map[string]Text{"until": v.say.text("I need a day from today on, at most 12 weeks away. Try *4 weeks* or *%s*.", string(v.today().Add(28)))})
		return deref(faulty), err
	}
	p := v.plan
	p.BreakFrom, p.BreakUntil = v.today(), until
	return v.changeSeason(ctx, p, v.say.text("*Good: a rest until %s.*", v.dayOf(until)))
}

// postsEnded stands for the season of a team whose posts have ended by
// themselves.
const postsEnded = -1

// tellSeason asks whoever set the team up, once a season and on top of a private
// reply, how the weekly post shall go on, or tells them once that it has ended.
func (v *visit) tellSeason(ctx context.Context, r *Reply) error {
	if r.Message == nil || r.Public || len(r.Faults) > 0 || v.Request.Team == (Team{}) || v.plan.SetUp.IsZero() || v.plan.Stopped || v.plan.Owner != v.From || v.shown || !v.mayManage() {
		return nil
	}
	season, err := v.seasonNow(ctx)
	if err != nil || season == v.plan.Season || season <= 1 && season != postsEnded {
		return err
	}
	text := v.say.text("*A season is over in %s:* six posts, all six steps. It goes on by itself, a little bolder. You can also have it every other week, or let it rest for a while. You are asked because you set it up.", v.channelText(v.plan.Channel))
	if season == postsEnded {
		text = v.say.text("*The weekly post in %s has ended:* two seasons went by without a press, and it said goodbye. `/rapport setup` starts it again. You are told because you set it up.", v.channelText(v.plan.Channel))
	}
	m := *r.Message
	m.Sections = append([]Section{{Text: text}}, m.Sections...)
	if len(m.Buttons) < MaxButtons && !slices.ContainsFunc(m.Buttons, func(b Button) bool { return b.Action.Verb == "season" }) {
		m.Buttons = append(slices.Clip(m.Buttons), v.button("The weekly post", Do("season")))
	}
	if m.Check() != nil {
		return nil // no room: on top of the next
	}
	r.Message = &m
	p := v.plan
	p.Season = season
	if _, err := v.Store.Apply(ctx, v.ID+"/season", v.From, Change{Team: v.Request.Team, TeamPlan: &p, Unseen: true}); err != nil {
		return fmt.Errorf("season: %w", err)
	}
	return nil
}

// seasonNow is the season that the team's channel is in, postsEnded if nothing is
// planned for it any more.
func (v *visit) seasonNow(ctx context.Context) (int, error) {
	o, ok, err := v.Store.Planned(ctx, v.Request.Team, kindNudge)
	if err != nil {
		return 0, fmt.Errorf("season: %w", err)
	}
	if !ok {
		h, err := v.Store.TeamHealth(ctx, v.Request.Team)
		if err != nil || h.Problem != "" || h.NudgeOn == "" {
			return v.plan.Season, err // something else ended it, and is told of elsewhere
		}
		return postsEnded, nil
	}
	memory, err := bagOf(o.Memory)
	return memory.Cycle, err
}

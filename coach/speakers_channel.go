package coach

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"rapport/coach/curriculum"
	"rapport/coach/streak"
)

// What speaks in a channel: the weekly post, the introduction and the sample of both.

// A nudge is the weekly post in a channel.
type nudge struct{ c *Coach }

// Choose draws the next text from the channel's bag.
func (n nudge) Choose(ctx context.Context, o Occasion) (Choice, error) {
	plan, err := n.c.Store.TeamSettings(ctx, o.To.Team)
	if err != nil {
		return Choice{}, fmt.Errorf("team: %w", err)
	}
	if plan.Stopped { // what would have been said now is said after the restart
		return Choice{Skip: "stopped", Memory: o.Memory}, nil
	}
	if plan.BreakFrom != "" && o.Date >= plan.BreakFrom && o.Date <= plan.BreakUntil {
		return Choice{Skip: "season break", Memory: o.Memory}, nil
	}
	memory, err := bagOf(o.Memory)
	if err != nil {
		return Choice{}, err
	}
	memory.EveryOther = plan.EveryOther
	health, err := n.c.Store.TeamHealth(ctx, o.To.Team)
	if err != nil {
		return Choice{}, fmt.Errorf("team health: %w", err)
	}
	pressed := health.NudgeOn != "" && streak.DateOf(health.LastPress.In(n.c.place)) >= health.NudgeOn
	ed := n.c.Edition()
	pick := memory.next(ed, o.Subject, n.c.audienceOf(plan, o.To.Platform), pressed)
	ch := Choice{Composer: kindNudge, Edition: ed.Hash, Items: []string{pick.Nudge.ID}}
	if !pick.Skip && !pick.Goodbye && health.Nudge != "" {
		tried, err := n.c.Store.Tries(ctx, o.To.Team, health.NudgeOn)
		if err != nil {
			return Choice{}, fmt.Errorf("tries: %w", err)
		}
		if tried > 0 {
			ch.Items = append(ch.Items, health.Nudge, strconv.Itoa(tried))
		}
		memory.tried(tried, pick.SeasonOpens)
	}
	if ch.Memory, err = json.Marshal(memory); err != nil {
		return Choice{}, fmt.Errorf("memory: %w", err)
	}
	switch {
	case pick.Skip:
		return Choice{Skip: "no post this week", Memory: ch.Memory}, nil
	case pick.Goodbye:
		ch.Composer, ch.Items, ch.Stop = "goodbye", nil, true
	case pick.SeasonOpens && pick.Season <= 3:
		ch.Composer = "season"
	case pick.SeasonOpens:
		ch.Composer = "round"
	}
	return ch, nil
}

// Compose lays the post out.
func (n nudge) Compose(_ context.Context, _ Occasion, ch Choice) (Message, error) {
	say := n.c.say
	if ch.Composer == "goodbye" {
		return Message{Sections: []Section{
			{Text: say.text("*This was my last post here.* Two seasons went by without a press, and I do not want to be noise.")},
			{Quiet: true, Text: say.text("`/rapport` answers you as before. An admin can start the weekly post again with `/rapport setup`.")},
		}}, nil
	}
	ed := n.c.Edition()
	if len(ch.Items) == 0 {
		return Message{}, errGone
	}
	text, ok := ed.Nudge(ch.Items[0])
	if !ok {
		return Message{}, errGone
	}
	m := nudgeMessage(say, ed, text, ch.Composer)
	if len(ch.Items) == 3 {
		if last, ok := ed.Nudge(ch.Items[1]); ok {
			m.Sections = append(m.Sections, Section{Quiet: true, Text: say.text("_Last time here: %s or more tried \"%s\"._", ch.Items[2], last.Title)})
		}
	}
	return m, nil
}

func nudgeMessage(say printer, ed *curriculum.Edition, n curriculum.Nudge, composer string) Message {
	var m Message
	switch composer {
	case "season":
		m.Sections = append(m.Sections, Section{Text: say.text("*That was all six.* From today a little bolder.")})
	case "round":
		m.Sections = append(m.Sections, Section{Text: say.text("*That was all six.* We go round again, in another order.")})
	}
	place := say.line("mending what broke")
	if t, ok := ed.Topic(n.Topic); ok {
		place = publicPlace(say, t)
	}
	act := Join(say.text("*This week: %s*", n.Title), P(" \u00b7 "+place), P("\n"), marked(n.Do), P("\n"), Q(n.Say))
	facts := []string{say.line("%d minutes", n.Minutes), channelsOf(say, n.Channels), say.line("skip it if %s", n.SkipIf)}
	m.Sections = append(m.Sections,
		Section{Text: act},
		Section{Quiet: true, Text: P(strings.Join(facts, " \u00b7 ") + " \u00b7 " + say.line("Buttons answer only you."))},
		Section{Text: say.text("*In the thread, if you like:* %s", n.Thread)})
	m.Buttons = []Button{
		{Label: say.line("I'm in"), Action: Do("in", n.ID), Primary: true},
		{Label: say.line("Another idea"), Action: Do("offer", "other", n.ID)},
		{Label: say.line("Why this?"), Action: Do("why", n.ID)},
	}
	return m
}

// publicPlace names a topic where everybody reads along.
func publicPlace(say printer, t *curriculum.Topic) string {
	name := t.Title
	if t.PublicTitle != "" {
		name = fmt.Sprintf("%s (%s)", t.PublicTitle, t.Title)
	}
	if t.N == 0 {
		return name
	}
	return say.line("step %d of 6, %s", t.N, name)
}

// An introducer is a channel's first post.
type introducer struct{ c *Coach }

func (i introducer) Choose(context.Context, Occasion) (Choice, error) {
	return Choice{Composer: kindIntroduction}, nil
}

func (i introducer) Compose(ctx context.Context, o Occasion, _ Choice) (Message, error) {
	plan, err := i.c.Store.TeamSettings(ctx, o.To.Team)
	if err != nil {
		return Message{}, fmt.Errorf("team: %w", err)
	}
	spec := orElse(plan.Spec, i.c.Nudge)
	return introduction(i.c.say, plan, weekdayOf(spec, time.Monday), minuteOf(spec, 9*60)), nil
}

// introduction says who turned the coach on and what it will and cannot do.
func introduction(say printer, plan TeamSettings, day time.Weekday, minute int) Message {
	who := say.text("Someone who looks after this team")
	if plan.Owner.User != "" {
		who = Text{{Style: Mention, Words: plan.Owner.User}}
	}
	return Message{Sections: []Section{
		{Text: say.text("*Hello, I'm Rapport.* %s set me up here. On %ss at %s I post one small thing that makes it easier to get on with people.", who, say.line(day.String()), clock(minute))},
		{Text: say.text("I cannot read your messages. My texts are fixed and show their sources. Nobody gets a list of who does what, and I write to nobody who did not ask.")},
		{Quiet: true, Text: say.text("Not for you? Do nothing. Curious? Type `/rapport`. Buttons answer only you.")},
	}, Buttons: []Button{
		{Label: say.line("This week's idea"), Action: Do("home", "me"), Primary: true},
		{Label: say.line("What I keep"), Action: Do("help", "keep")},
	}}
}

// A sample is the team's next post, to one admin.
type sample struct{ c *Coach }

func (s sample) Choose(context.Context, Occasion) (Choice, error) {
	return Choice{Composer: kindSample}, nil
}

func (s sample) Compose(ctx context.Context, o Occasion, _ Choice) (Message, error) {
	m, _, err := s.c.NextPost(ctx, Team{Platform: o.To.Platform, ID: o.Subject})
	return m, err
}

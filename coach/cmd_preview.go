package coach

import (
	"context"
	"fmt"
	"time"

	"rapport/coach/streak"
)

func previewCommand() Command {
	return Command{Verb: "preview", Hidden: true, Admin: true, Run: runPreview}
}

// runPreview shows the next post as the channel will see it, to the admin alone.
func runPreview(ctx context.Context, v *visit) (Reply, error) {
	m, when, err := v.NextPost(ctx, v.Request.Team)
	if err != nil {
		return Reply{}, err
	}
	head := v.say.text("The first nudge would read like this:")
	if !when.IsZero() {
		head = v.say.text("This goes out on %s:", Text{{Style: Moment, Words: when.In(v.teamZone()).Format("Monday 2 January, 15:04"), At: when}})
	}
	m.Sections = append([]Section{{Text: head}}, m.Sections...)
	m.Buttons = []Button{v.button("Set-up", Do("setup"))}
	return Reply{Message: &m, Replace: true}, nil
}

// NextPost composes the team's next weekly nudge without sending it. when is
// zero if none is planned.
func (c *Coach) NextPost(ctx context.Context, t Team) (m Message, when time.Time, err error) {
	posts, when, err := c.ComingPosts(ctx, t, 1)
	if err != nil {
		return Message{}, time.Time{}, err
	}
	return posts[0], when, nil
}

// ComingPosts composes the team's next n weekly nudges as they stand now,
// without sending them. when is the instant of the first, zero if none is
// planned.
func (c *Coach) ComingPosts(ctx context.Context, t Team, n int) (posts []Message, when time.Time, err error) {
	plan, err := c.Store.TeamSettings(ctx, t)
	if err != nil {
		return nil, time.Time{}, fmt.Errorf("team: %w", err)
	}
	o, ok, err := c.Store.Planned(ctx, t, kindNudge)
	if err != nil {
		return nil, time.Time{}, fmt.Errorf("planned: %w", err)
	}
	if !ok {
		o = Occasion{Kind: kindNudge, Subject: plan.Channel, To: ChannelOf(t, plan.Channel), Date: streak.DateOf(c.Now().In(c.place)), Zone: plan.Zone}
	}
	for range n {
		choice, err := nudge{c}.Choose(ctx, o)
		if err != nil {
			return nil, time.Time{}, err
		}
		if choice.Skip != "" { // a break: what comes after it
			o.Date = o.Date.Add(7)
			continue
		}
		m, err := nudge{c}.Compose(ctx, o, choice)
		if err != nil {
			return nil, time.Time{}, err
		}
		posts = append(posts, m)
		o.Memory, o.Date = choice.Memory, o.Date.Add(7)
	}
	if len(posts) == 0 {
		return nil, o.At, &mistake{Message{Sections: []Section{{Text: c.say.text("A season break is on: nothing is posted for now.")}}}}
	}
	return posts, o.At, nil
}

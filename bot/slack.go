package main

import (
	"context"
	"fmt"

	"golang.org/x/time/rate"

	"rapport/adapters/slack"
	"rapport/coach"
	"rapport/schedules"
)

// slackChat is Slack as configured.
func slackChat(c SlackConfig) chat {
	way := "Socket Mode"
	if c.Listen != "" {
		way = "HTTP on " + c.Listen
	}
	return chat{
		name: "Slack", way: way, section: "slack", setUp: "/rapport setup",
		missing: "bot_token and app_token into [slack] of %s, without a # before them, or set RAPPORT_SLACK_BOT_TOKEN and RAPPORT_SLACK_APP_TOKEN",
		served:  c.BotToken.Set(), pace: slackPace(c), nudges: c.NudgeChannels,
		make: func(h *house) (chatAdapter, error) { return slackAdapter(c, h) },
	}
}

// slackAdapter makes the Slack surface as configured. Without a house it is fit
// for checks only: nothing listens and nobody is told of people who left.
func slackAdapter(c SlackConfig, h *house) (*slack.Adapter, error) {
	o := slack.Options{
		BotToken: c.BotToken.Reveal(), AppToken: c.AppToken.Reveal(), SigningSecret: c.SigningSecret.Reveal(),
		APIURL: c.APIURL, Connections: c.Connections, Admins: c.Admins,
	}
	if h == nil {
		return slack.New(o), nil
	}
	o.Members = h.db
	o.Notify = func(n slack.Notice) { h.noticed("slack", n.What, n.Count, n.Err) }
	o.Joined = func(ctx context.Context, team coach.Team, realm string) error {
		return h.slackJoined(ctx, c, team, realm)
	}
	if c.Listen != "" {
		l, err := listen(c.Listen, chatConns)
		if err != nil {
			return nil, fmt.Errorf("slack.listen: %w", err)
		}
		o.Listener = l
	}
	return slack.New(o), nil
}

// slackPace is how Slack wants to be written to: one message a second to a
// channel, and some hundreds a minute over a workspace
// (https://docs.slack.dev/apis/web-api/rate-limits). Slack cannot tell a
// repetition, so what is in doubt is sent again only if the operator says so.
func slackPace(c SlackConfig) schedules.Pace {
	return schedules.Pace{Channel: rate.Limit(1), Direct: 4, All: 5, Width: 4, Doubt: schedules.Doubt{Resend: c.ResendInDoubt}}
}

// slackJoined begins the weekly nudge that the configuration asks for, in a
// team that nobody set up in the chat.
func (h *house) slackJoined(ctx context.Context, c SlackConfig, team coach.Team, realm string) error {
	if len(c.NudgeChannels) == 0 {
		return nil
	}
	owner := coach.Person{Platform: team.Platform, Realm: realm, User: c.Admins[0]}
	return h.begin(ctx, team, c.NudgeChannels[0], owner, h.cfg.Coach.TimeZone)
}

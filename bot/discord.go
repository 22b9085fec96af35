package main

import (
	"context"
	"fmt"
	"runtime/debug"
	"slices"
	"time"

	"golang.org/x/time/rate"

	"rapport/adapters/discord"
	"rapport/adapters/sqlite"
	"rapport/coach"
	"rapport/coach/curriculum"
	"rapport/schedules"
)

// discordChat is Discord as configured.
func discordChat(c DiscordConfig) chat {
	way := "its gateway"
	if c.Listen != "" {
		way = "HTTP on " + c.Listen
	}
	return chat{
		name: "Discord", way: way, section: "discord", setUp: "/rapport-admin",
		missing: "token into [discord] of %s, without a # before it, or set RAPPORT_DISCORD_TOKEN",
		served:  c.Token.Set(), pace: discordPace(), nudges: c.NudgeChannels, audience: curriculum.Community,
		make: func(h *house) (chatAdapter, error) { return discordAdapter(c, h) },
	}
}

// discordAdapter makes the Discord surface as configured. Without a house it is
// fit for checks only: nothing listens and nobody is told of servers it left.
func discordAdapter(c DiscordConfig, h *house) (*discord.Adapter, error) {
	version, _ := buildOf(debug.ReadBuildInfo())
	o := discord.Options{
		Token: c.Token.Reveal(), ApplicationID: c.ApplicationID, PublicKey: c.PublicKey,
		APIURL: c.APIURL, Shards: c.Shards, DevGuild: c.DevGuild, Version: version,
	}
	if h == nil {
		return discord.New(o), nil
	}
	o.Members, o.Memory, o.Rooms = h.db, h.db, openRooms{h.db}
	o.Notify = func(n discord.Notice) { h.noticed("discord", n.What, n.Count, n.Err) }
	o.Joined = func(ctx context.Context, team coach.Team, owner coach.Person, channels []string) error {
		return h.discordJoined(ctx, c, team, owner, channels)
	}
	o.Present = h.discordPresent
	if c.Listen != "" {
		l, err := listen(c.Listen, chatConns)
		if err != nil {
			return nil, fmt.Errorf("discord.listen: %w", err)
		}
		o.Listener = l
	}
	return discord.New(o), nil
}

// discordPace is how Discord wants to be written to: five messages in five
// seconds to a channel. The adapter keeps the limit over all, and opens new
// direct messages one after another. Discord knows a repetition by its nonce for
// a few minutes, so that what is in doubt is sent again within two.
func discordPace() schedules.Pace {
	return schedules.Pace{
		Channel: rate.Limit(1), Direct: 2, All: 20, Width: 4, Jitter: 2 * time.Second,
		Doubt: schedules.Doubt{Resend: true, Within: 2 * time.Minute},
	}
}

// discordJoined begins the weekly nudge that the configuration asks for, in a
// server that nobody set up in the chat. It is the server's owner's.
func (h *house) discordJoined(ctx context.Context, c DiscordConfig, team coach.Team, owner coach.Person, channels []string) error {
	for _, id := range c.NudgeChannels {
		if slices.Contains(channels, id) {
			return h.begin(ctx, team, id, owner, h.cfg.Coach.TimeZone)
		}
	}
	return nil
}

// discordPresent leaves the servers that the app was removed from while nobody
// ran the coach: of those that a session would hear of, all but the present
// ones.
func (h *house) discordPresent(ctx context.Context, present []coach.Team, ours func(coach.Team) bool) error {
	teams, err := h.db.Teams(ctx)
	if err != nil {
		return err
	}
	for _, t := range teams {
		if !ours(t) || slices.Contains(present, t) {
			continue
		}
		if err := h.db.LeaveTeam(ctx, t); err != nil {
			return err
		}
		h.log.Info("a server removed the app while nobody ran the coach", "surface", "discord")
	}
	return nil
}

// openRooms keeps the channels of people's direct messages in the database. What it
// cannot read or write costs a call to the platform more, and nothing else.
type openRooms struct{ db *sqlite.DB }

// Room implements [discord.Rooms].
func (r openRooms) Room(ctx context.Context, who coach.Person) (id string, ok bool) {
	id, err := r.db.Room(ctx, who)
	return id, err == nil && id != ""
}

// Keep implements [discord.Rooms].
func (r openRooms) Keep(ctx context.Context, who coach.Person, id string) {
	_ = r.db.KeepRoom(ctx, who, id)
}

var _ schedules.Liner = (*discord.Adapter)(nil)

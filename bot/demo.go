package main

import (
	"context"
	"fmt"
	"os"
	"strings"
	"time"

	"rapport/coach"
	"rapport/coach/streak"
)

// demoTeam is the team that local surfaces begin with.
const (
	demoTeam    = "Demo"
	demoChannel = "general"
)

// begin sets a team up once, unless somebody did in the chat: a weekly nudge in
// one channel, from now on. owner is shown as the one who turned it on.
func (h *house) begin(ctx context.Context, team coach.Team, channel string, owner coach.Person, zone string) error {
	have, err := h.db.TeamSettings(ctx, team)
	if err != nil || !have.SetUp.IsZero() {
		return err
	}
	loc, err := time.LoadLocation(zone)
	if err != nil {
		return fmt.Errorf("zone %q: %w", zone, err)
	}
	now := h.coach.Now()
	at := now.In(loc)
	to := coach.ChannelOf(team, channel)
	_, err = h.db.Apply(ctx, "begin/"+string(team.Platform)+"/"+team.ID, owner, coach.Change{
		Team: team,
		TeamPlan: &coach.TeamSettings{
			Channel: channel, Spec: h.coach.Nudge, Zone: zone, WeekStart: h.cfg.Coach.WeekStart,
			MayManage: "admins", Owner: owner, SetUp: now,
		},
		Wishes: []coach.Wish{
			{Kind: "nudge", Subject: channel, To: to, Spec: h.coach.Nudge, Zone: zone},
			{Kind: "introduction", Subject: channel, To: to, Date: streak.DateOf(at), Minute: at.Hour()*60 + at.Minute(), Zone: zone, Exact: true},
		},
	})
	if err != nil {
		return fmt.Errorf("begin in %s: %w", channel, err)
	}
	return nil
}

// demoZone is where the demo team is: as configured, else as the machine.
func demoZone(env Env, cfg *Config) string {
	if cfg.Coach.TimeZone != "" && cfg.Coach.TimeZone != "UTC" {
		return cfg.Coach.TimeZone
	}
	if zone := env.Getenv("TZ"); zone != "" {
		if _, err := time.LoadLocation(zone); err == nil && zone != "Local" {
			return zone
		}
	}
	if link, err := os.Readlink("/etc/localtime"); err == nil {
		if _, zone, ok := strings.Cut(link, "zoneinfo/"); ok {
			if _, err := time.LoadLocation(zone); err == nil {
				return zone
			}
		}
	}
	return "UTC"
}

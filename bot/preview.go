package main

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"time"

	"rapport/schedules"
)

// previewPosts is how many posts preview shows of each schedule.
const previewPosts = 3

// previewCmd prints the coming weekly nudges of each schedule without sending
// anything: the next ones, or that of one ISO week such as 2026-W48.
func previewCmd(ctx context.Context, env Env, cfg *Config, week string) (err error) {
	if week != "" && !isoWeek.MatchString(week) {
		return misuse("--week %q is no week: write it like 2026-W48", clipped(week))
	}
	s, err := openKept(ctx, env, cfg)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	h, err := build(env, cfg, s, time.Now, newLogger(env.Stderr, cfg.Log))
	if err != nil {
		return err
	}
	rows, err := s.db.Schedules(ctx, "nudge")
	if err != nil {
		return fmt.Errorf("schedules: %w", err)
	}
	if len(rows) == 0 {
		fmt.Fprintln(env.Stdout, "No channel has a weekly nudge yet. An admin chooses one with /rapport setup.")
	}
	for _, row := range rows {
		if err := h.previewRow(ctx, env, row, week); err != nil {
			return fmt.Errorf("channel %s: %w", row.To.Channel, err)
		}
	}
	return nil
}

var isoWeek = regexp.MustCompile(`^\d{4}-W\d{2}$`)

func (h *house) previewRow(ctx context.Context, env Env, row schedules.Due, week string) error {
	n := previewPosts
	if week != "" {
		n = 60 // a year ahead and some
	}
	posts, _, err := h.coach.ComingPosts(ctx, row.To.Team, n)
	if err != nil {
		return err
	}
	loc, err := time.LoadLocation(row.Zone)
	if err != nil {
		return err
	}
	at, date, found := row.Next, row.Date, false
	for _, m := range posts {
		year, w := at.In(loc).ISOWeek()
		if name := fmt.Sprintf("%d-W%02d", year, w); week == "" || week == name {
			found = true
			fmt.Fprintf(env.Stdout, "#%s (%s), %s, week %s\n%s\n", row.To.Channel, row.To.Team.ID, at.In(loc).Format("Monday 2 January 2006 15:04 MST"), name, m.Fallback())
			for _, b := range m.Buttons {
				fmt.Fprintf(env.Stdout, "[%s] ", b.Label)
			}
			fmt.Fprint(env.Stdout, "\n\n")
		}
		if at, date, err = schedules.Next(row.Spec, row.Zone, at, date); err != nil {
			return err
		}
	}
	if !found {
		fmt.Fprintf(env.Stdout, "#%s (%s) has no post in week %s within the coming year.\n", row.To.Channel, row.To.Team.ID, week)
	}
	return nil
}

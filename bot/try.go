package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"rapport/adapters/terminal"
)

// tryCmd talks in the terminal, with a clock that stands still until the line
// "wait 7d" moves it, so that weeks pass in seconds.
func tryCmd(ctx context.Context, env Env, cfg *Config, o tryOptions) (err error) {
	zone := demoZone(env, cfg)
	at, err := startTime(o.At, zone)
	if err != nil {
		return err
	}
	path := inDir(env.Dir, o.DB)
	if o.DB == "" {
		dir, err := os.MkdirTemp("", "rapport-try-")
		if err != nil {
			return fmt.Errorf("throw-away folder: %w", err)
		}
		defer os.RemoveAll(dir)
		path = filepath.Join(dir, "try.db")
	}
	hand := standingClock(at)
	s, err := openStore(ctx, env, cfg, path, hand.Now)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	log := cfg.Log
	log.Level = "error" // the conversation is what people look at
	h, err := build(env, cfg, s, hand.Now, newLogger(env.Stderr, log))
	if err != nil {
		return err
	}
	hand.walk = h.runner.Walk
	term := h.terminal(env, hand, zone)
	h.join(term, local())
	if err := h.begin(ctx, terminal.TeamOf(demoTeam), demoChannel, terminal.PersonOf(demoTeam, "ada"), zone); err != nil {
		return err
	}
	return term.Run(ctx, h.handler)
}

// startTime reads --at: RFC 3339, or a local time in the zone; "" is now.
func startTime(at, zone string) (time.Time, error) {
	loc, err := time.LoadLocation(zone)
	if err != nil {
		return time.Time{}, fmt.Errorf("zone %q: %w", zone, err)
	}
	if at == "" {
		return time.Now(), nil
	}
	if t, err := time.Parse(time.RFC3339, at); err == nil {
		return t, nil
	}
	for _, layout := range []string{"2006-01-02 15:04", "2006-01-02T15:04", time.DateOnly} {
		if t, err := time.ParseInLocation(layout, at, loc); err == nil {
			return t, nil
		}
	}
	return time.Time{}, misuse("--at %q is no time: write it like 2026-11-23 08:59", clipped(at))
}

func clipped(s string) string {
	if len(s) > 40 {
		return s[:40] + "..."
	}
	return s
}

// terminal makes the surface in this terminal.
func (h *house) terminal(env Env, c *clock, zone string) *terminal.Adapter {
	o := terminal.Options{
		In: env.Stdin, Out: env.Stdout, Clock: c, Zone: zone, Dir: env.Dir,
		Team: demoTeam, Channels: []terminal.Channel{{ID: demoChannel, Name: demoChannel}},
	}
	for _, p := range pagePeople {
		o.People = append(o.People, terminal.Person{User: p.User, Name: p.Name, Admin: p.Admin})
	}
	in, _ := env.Stdin.(*os.File)
	out, _ := env.Stdout.(*os.File)
	if o.Look = terminal.LookOf(in, out, env.Getenv); o.Look.Edit {
		o.First = "home"
	}
	return terminal.New(o)
}

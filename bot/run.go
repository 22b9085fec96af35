package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	_ "time/tzdata" // zones on machines that have none

	"rapport/adapters/sqlite"
	"rapport/adapters/web"
	"rapport/schedules"
)

// runCmd runs the coach until ctx ends: on the chat platforms that are
// configured, or without any on the local page.
func runCmd(ctx context.Context, env Env, cfg *Config, o runOptions) (err error) {
	if env.Own {
		frugal(cfg)
	}
	log := newLogger(env.Stderr, cfg.Log)
	path := databasePath(env, cfg)
	lock, err := sqlite.Lock(path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, lock.Close()) }()

	offset, err := ahead(env)
	if err != nil {
		return err
	}
	hand := runningClock(offset, nil) // stays with the machine's clock unless the page moves it
	s, err := openStore(ctx, env, cfg, path, hand.Now)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	h, err := build(env, cfg, s, hand.Now, log)
	if err != nil {
		return err
	}
	surfaces, err := h.surfaces(ctx, env, hand, path, s.made)
	if err != nil {
		return err
	}
	stopMonitor, err := h.monitor(env, surfaces)
	if err != nil {
		return err
	}
	defer stopMonitor()
	stopTelling, err := h.supervise(ctx, env, surfaces)
	if err != nil {
		return err
	}
	defer stopTelling()
	stop := h.housekeeping(ctx, env, o.Config)
	defer stop()
	if env.Own {
		forgetStart()
	}
	return h.serve(ctx, surfaces...)
}

// surfaces are those to run, joined, and the operator is told of them.
func (h *house) surfaces(ctx context.Context, env Env, hand *clock, db string, madeKey bool) ([]Adapter, error) {
	if served := servedChats(h.cfg); len(served) > 0 {
		return h.connect(ctx, env, served, db, madeKey)
	}
	return h.alone(ctx, env, hand, db, madeKey)
}

// connect joins the chat platforms that are configured. Their clock is the
// machine's, and what they miss while nobody runs the coach is nobody's fault.
func (h *house) connect(ctx context.Context, env Env, served []chat, db string, madeKey bool) ([]Adapter, error) {
	if err := h.db.UseChat(ctx); err != nil {
		return nil, err
	}
	h.runner.Beat = h.beat()
	var surfaces []Adapter
	for _, p := range served {
		a, err := p.make(h)
		if err != nil {
			return nil, err
		}
		h.join(a, p.pace)
		surfaces = append(surfaces, a)
	}
	h.welcomeChats(env, served, db, madeKey)
	return surfaces, nil
}

// alone joins the local page.
func (h *house) alone(ctx context.Context, env Env, hand *clock, db string, madeKey bool) ([]Adapter, error) {
	offset, err := h.db.Offset(ctx)
	if err != nil {
		return nil, fmt.Errorf("clock: %w", err)
	}
	hand.offset, hand.moved, hand.walk = offset, h.db.SetOffset, h.runner.Walk
	page, url, err := h.page(h.cfg, hand)
	if err != nil {
		return nil, err
	}
	h.join(page, local())
	more, err := h.testSurfaces(env)
	if err != nil {
		return nil, err
	}
	if err := h.begin(ctx, web.TeamOf(demoTeam), demoChannel, web.PersonOf(demoTeam, pagePeople[0].User), demoZone(env, h.cfg)); err != nil {
		return nil, err
	}
	h.welcome(env, url, db, madeKey)
	return append([]Adapter{page}, more...), nil
}

// beat returns what the schedules call at each tick: it records that the
// program runs, and at the first tick excuses who waited while it did not. A
// gap between later ticks is a machine that slept, which is no outage.
func (h *house) beat() func(context.Context, time.Time) error {
	first := true
	return func(ctx context.Context, machine time.Time) error {
		gap, err := h.db.Heartbeat(ctx, machine)
		if err != nil || !first {
			return err
		}
		first = false
		if gap < sqlite.MinOutage {
			return nil
		}
		people, err := h.db.Outage(ctx, machine.Add(-gap), machine)
		if err != nil {
			return err
		}
		h.log.Warn("nobody ran the coach", "for", gap.Round(time.Minute), "excused", people)
		return nil
	}
}

// pagePeople are who the page can be used as at first.
var pagePeople = [...]web.Person{{User: "ada", Name: "Ada", Admin: true}, {User: "bob", Name: "Bob"}, {User: "chidi", Name: "Chidi"}}

// page makes the local page on the configured address, or on the next free port
// where the default one is taken.
func (h *house) page(cfg *Config, c *clock) (*web.Adapter, string, error) {
	l, err := listenNear(cfg.Web.Listen, defaultWeb)
	if err != nil {
		return nil, "", fmt.Errorf("web.listen: %w", err)
	}
	page := web.New(web.Options{
		Listener: l, Team: demoTeam, Channels: []web.Channel{{ID: demoChannel, Name: demoChannel}},
		People: pagePeople[:], Clock: c, History: h.db,
	})
	return page, "http://" + l.Addr().String(), nil
}

// welcome says where the coach is and how to connect a platform.
func (h *house) welcome(env Env, url, db string, madeKey bool) {
	out := env.Stdout
	fmt.Fprintf(out, "Rapport is running. Open %s\n\n", url)
	if !strings.HasSuffix(url, defaultWeb[strings.LastIndexByte(defaultWeb, ':'):]) && h.cfg.Web.Listen == defaultWeb {
		fmt.Fprintf(out, "(%s was taken, so this is the next free port.)\n", defaultWeb)
	}
	fmt.Fprintf(out, "This is a team chat on your own machine, kept in %s.\n", db)
	if madeKey {
		h.sayKey(env, db)
	}
	fmt.Fprintln(out, "To connect Slack or Discord run `rapport init`: it writes a configuration and lists the steps.")
	fmt.Fprintln(out, "`rapport try` is the same coach in this terminal.")
	fmt.Fprintln(out, "Press Ctrl+C to stop.")
}

// welcomeChats says which platforms the coach runs on and where it keeps things.
func (h *house) welcomeChats(env Env, served []chat, db string, madeKey bool) {
	var where, types []string
	for _, p := range served {
		where = append(where, fmt.Sprintf("%s (%s)", p.name, p.way))
		types = append(types, fmt.Sprintf("%s in %s", p.setUp, p.name))
	}
	fmt.Fprintf(env.Stdout, "Rapport is connecting to %s, with its database in %s.\n", inWords(where), db)
	if madeKey {
		h.sayKey(env, db)
	}
	fmt.Fprintf(env.Stdout, "An admin types %s to choose a channel. Press Ctrl+C to stop.\n", strings.Join(types, ", or "))
}

func (h *house) sayKey(env Env, db string) {
	fmt.Fprintf(env.Stdout, "A key for what people write was made in %s: keep it apart from backups, and do not lose it.\n", besides(env, db, h.cfg.Privacy.KeyFile))
}

// housekeeping tidies the database once an hour and reloads on SIGHUP, until
// the returned function is called.
func (h *house) housekeeping(ctx context.Context, env Env, configFile string) (stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	hup := make(chan os.Signal, 1)
	signal.Notify(hup, syscall.SIGHUP)
	done := make(chan struct{})
	go func() {
		defer close(done)
		tick := time.NewTicker(time.Hour)
		defer tick.Stop()
		h.tidy(ctx) // what an erasure that was cut short left behind, too
		for {
			select {
			case <-ctx.Done():
				return
			case <-hup:
				h.reload(env, configFile)
			case <-tick.C:
				h.tidy(ctx)
			}
		}
	}()
	return func() {
		signal.Stop(hup)
		cancel()
		<-done
	}
}

func (h *house) tidy(ctx context.Context) {
	if _, err := h.db.Tidy(ctx, h.coach.Now()); err != nil && ctx.Err() == nil {
		h.log.Error("tidy", "err", err)
	}
}

var _ schedules.Sender = (*web.Adapter)(nil)

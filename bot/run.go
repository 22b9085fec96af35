package main

import (
	"context"
	"errors"
	"fmt"
	"net"
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

// runCmd runs the coach until ctx ends. Without a chat platform it serves the
// local page.
func runCmd(ctx context.Context, env Env, cfg *Config, o runOptions) (err error) {
	log := newLogger(env.Stderr, cfg.Log)
	path := databasePath(env, cfg)
	lock, err := sqlite.Lock(path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, lock.Close()) }()

	hand := runningClock(0, nil)
	s, err := openStore(ctx, env, cfg, path, hand.Now)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	offset, err := s.db.Offset(ctx)
	if err != nil {
		return fmt.Errorf("clock: %w", err)
	}
	hand.offset, hand.moved = offset, s.db.SetOffset

	h, err := build(env, cfg, s, hand.Now, log)
	if err != nil {
		return err
	}
	hand.walk = h.runner.Walk
	page, url, err := h.page(cfg, hand)
	if err != nil {
		return err
	}
	h.join(page, local())
	more, err := h.testSurfaces(env)
	if err != nil {
		return err
	}
	if err := h.seed(ctx, web.TeamOf(demoTeam), web.PersonOf(demoTeam, pagePeople[0].User), demoZone(env, cfg)); err != nil {
		return err
	}
	stopMonitor, err := h.monitor(env)
	if err != nil {
		return err
	}
	defer stopMonitor()
	h.welcome(env, url, path, s.made)
	stop := h.housekeeping(ctx, env, o.Config)
	defer stop()
	return h.serve(ctx, append([]Adapter{page}, more...)...)
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

// listenNear listens on address. Where that is the default and taken, it tries
// the ports behind it.
func listenNear(address, standard string) (net.Listener, error) {
	l, err := net.Listen("tcp", address)
	if err == nil || address != standard || !errors.Is(err, syscall.EADDRINUSE) {
		return l, err
	}
	host, _, _ := net.SplitHostPort(address)
	var port int
	fmt.Sscanf(address[strings.LastIndexByte(address, ':')+1:], "%d", &port)
	for n := port + 1; n < port+50; n++ {
		if l, err := net.Listen("tcp", net.JoinHostPort(host, fmt.Sprint(n))); err == nil {
			return l, nil
		}
	}
	return nil, err
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
		fmt.Fprintf(out, "A key for what people write was made in %s: keep it apart from backups, and do not lose it.\n", besides(env, db, h.cfg.Privacy.KeyFile))
	}
	fmt.Fprintln(out, "Slack and Discord come with a later release; this release runs here and with `rapport try`.")
	fmt.Fprintln(out, "Press Ctrl+C to stop.")
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

package main

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"rapport/adapters/keyring"
	"rapport/adapters/sqlite"
	"rapport/coach"
	"rapport/coach/curriculum"
	"rapport/schedules"
)

// An Adapter connects one chat surface.
type Adapter interface {
	Name() coach.Platform

	// Run passes every request to h until ctx is done or the connection cannot
	// be kept.
	Run(ctx context.Context, h coach.Handler) error

	schedules.Sender
}

// A house is the parts of the program, wired. This file is the one place where
// they meet.
type house struct {
	cfg     *Config
	log     *slog.Logger
	db      *sqlite.DB
	ring    *keyring.Ring
	coach   *coach.Coach
	runner  *schedules.Runner
	metrics *Metrics
	handler coach.Handler
	notices notices
}

// A store is the database with the keys of what people type in it.
type store struct {
	db   *sqlite.DB
	ring *keyring.Ring
	made bool // the master key was made just now
}

// busyTime is how long a change waits for a database that another process has
// locked, as a backup may: whoever pressed was told to wait a moment, and is
// better answered late than not at all.
const busyTime = 20 * time.Second

// openStore opens the database and its keys. now is the coach clock.
func openStore(ctx context.Context, env Env, cfg *Config, path string, now func() time.Time) (*store, error) {
	if err := needFiles(env, cfg, path); err != nil && isOurs(path) {
		return nil, err
	}
	master, made, err := masterKey(env, cfg, path)
	if err != nil {
		return nil, err
	}
	ring, err := openRing(env, cfg, path, master)
	if errors.Is(err, keyring.ErrMaster) {
		return nil, fmt.Errorf("keys: %w: put back the master key that it was made with", err)
	}
	if err != nil {
		return nil, fmt.Errorf("keys: %w", err)
	}
	db, err := sqlite.Open(ctx, path, sqlite.Options{Keys: ring, Now: now, Keep: retention(cfg), Busy: busyTime})
	if err != nil {
		return nil, errors.Join(err, ring.Close())
	}
	return &store{db, ring, made}, nil
}

// isOurs reports whether a database of Rapport is at path: what people typed in
// it hangs on keys that were made with it, and no new ones will do. It reads
// the mark in the file's header, and must not be asked while this process has
// the database open: to close the file would drop the locks on it.
func isOurs(path string) bool {
	f, err := os.Open(path)
	if err != nil {
		return false
	}
	defer f.Close()
	mark := make([]byte, 4)
	_, err = f.ReadAt(mark, 68) // application_id, see https://sqlite.org/fileformat2.html
	return err == nil && string(mark) == "RAPT"
}

// retention is how long things are kept, as configured. What preparations and
// repairs leave behind carries its own end.
func retention(cfg *Config) sqlite.Retention {
	const day = 24 * time.Hour
	r := cfg.Privacy.Retention
	return sqlite.Retention{
		Deliveries: time.Duration(r.Deliveries) * day, Left: time.Duration(r.Left) * day,
		Teams: time.Duration(r.Uninstalled) * day, Unseen: time.Duration(r.Unseen) * day,
	}
}

func (s *store) Close() error { return errors.Join(s.db.Close(), s.ring.Close()) }

// download is everything kept about who, for who alone.
func (s *store) download(ctx context.Context, who coach.Person) ([]byte, error) {
	x, _, err := s.db.Download(ctx, who)
	if err != nil {
		return nil, err
	}
	return json.MarshalIndent(x, "", "  ")
}

// masterKey is the key that everything sealed hangs on: from the configuration,
// else from the key file, which is made on the first local run.
func masterKey(env Env, cfg *Config, db string) ([]byte, bool, error) {
	if key := cfg.Privacy.Key.Reveal(); key != "" {
		master, err := keyring.ParseMaster([]byte(key))
		return master, false, err
	}
	return keyring.Master(besides(env, db, cfg.Privacy.KeyFile))
}

func keysPath(env Env, cfg *Config, db string) string { return besides(env, db, cfg.Privacy.Keys) }

// databasePath is the file that the configuration names.
func databasePath(env Env, cfg *Config) string { return inDir(env.Dir, cfg.Database.URL) }

// besides is a file named in the configuration: beside the database, unless its
// name has a folder of its own.
func besides(env Env, db, name string) string {
	if filepath.Base(name) == name {
		return filepath.Join(filepath.Dir(db), name)
	}
	return inDir(env.Dir, name)
}

func inDir(dir, name string) string {
	if filepath.IsAbs(name) {
		return name
	}
	return filepath.Join(dir, name)
}

// loadEdition reads the curriculum: the built-in texts and, over them, the
// admin's folder. Its error names every fault with a file that can be opened.
func loadEdition(env Env, cfg *Config) (*curriculum.Edition, error) {
	l, err := curriculumLayers(env, cfg, "")
	if err != nil {
		return nil, err
	}
	var faults strings.Builder
	edition, err := l.load(&faults)
	if err != nil && faults.Len() > 0 {
		return nil, fmt.Errorf("%w:\n%s", err, strings.TrimSuffix(faults.String(), "\n"))
	}
	return edition, err
}

// build wires a house over s. now is the coach clock, owner names the process
// among all that share the database.
func build(env Env, cfg *Config, s *store, now func() time.Time, log *slog.Logger) (*house, error) {
	edition, err := loadEdition(env, cfg)
	if err != nil {
		return nil, err
	}
	h := &house{cfg: cfg, log: log, db: s.db, ring: s.ring, metrics: newMetrics()}
	c, err := coach.New(coach.Options{
		Store: &wakingStore{s.db, func() { h.runner.Wake() }}, Lessons: edition, Now: now, Export: s.download,
		Zone: cfg.Coach.TimeZone, Language: cfg.Coach.Language, WeekStart: cfg.Coach.WeekStart,
		HelpContact: cfg.Coach.HelpContact, Operator: cfg.Coach.Operator,
		Nudge: cfg.Schedules.Nudge, Tip: cfg.Schedules.Tip, Reflection: cfg.Schedules.Reflection,
		Reach: h.reach, Audiences: audiences(cfg),
	})
	if err != nil {
		return nil, err
	}
	h.coach = c
	grace := schedules.Grace{"nudge": 36 * time.Hour, "introduction": 36 * time.Hour}
	h.runner = schedules.NewRunner(
		&schedules.Planner{Store: s.db, Speakers: c.Speakers(), Now: now, Grace: grace},
		&schedules.Courier{
			Store: s.db, Senders: make(map[coach.Platform]schedules.Sender), Speakers: c.Speakers(), Now: now, Grace: grace,
			Pace: make(map[coach.Platform]schedules.Pace), Owner: ownerName(), Settled: h.settled,
		})
	h.runner.Report = func(err error) { log.Error("schedules", "err", err) }
	h.handler = logged(measured(limited(c), h.metrics), log)
	return h, nil
}

// local is how surfaces on this machine are written to: they show each key
// once, so what is in doubt is sent again.
func local() schedules.Pace { return schedules.Pace{Doubt: schedules.Doubt{Resend: true}} }

// join adds a surface before anything runs.
func (h *house) join(a Adapter, pace schedules.Pace) {
	h.runner.Courier.Senders[a.Name()] = a
	h.runner.Courier.Pace[a.Name()] = pace
}

// reach asks the surface of a channel whether it can be posted to. Where
// everything can, none is asked.
func (h *house) reach(ctx context.Context, to coach.Address) error {
	a, ok := h.runner.Courier.Senders[to.Platform].(interface {
		Reach(context.Context, coach.Address) error
	})
	if !ok {
		return nil
	}
	return a.Reach(ctx, to)
}

// ownerName names this process.
func ownerName() string {
	host, err := os.Hostname()
	if err != nil {
		host = "host"
	}
	return fmt.Sprintf("%s/%d/%s", host, os.Getpid(), hex.EncodeToString(fmt.Appendf(nil, "%x", time.Now().UnixNano()))[:8])
}

// A wakingStore makes the schedules look as soon as a change may have brought
// something due. They gather what comes by the thousand; most changes, such as a
// check-in, bring nothing, and are not worth a look.
type wakingStore struct {
	coach.Store
	wake func()
}

// Apply implements [coach.Writer].
func (s *wakingStore) Apply(ctx context.Context, requestID string, who coach.Person, c coach.Change) (coach.Applied, error) {
	done, err := s.Store.Apply(ctx, requestID, who, c)
	if len(c.Wishes) > 0 || c.Zone != "" || c.Settings != nil || c.TeamPlan != nil { // also after an error, which may hide that it was done
		s.wake()
	}
	return done, err
}

// settled counts and logs how a delivery ended.
func (h *house) settled(d schedules.Delivery, o schedules.Outcome, err error) {
	fate := string(o.State)
	h.metrics.Delivered(d.Kind, fate)
	switch o.State {
	case schedules.Done:
		h.log.Info("delivered", "kind", d.Kind, "attempt", d.Attempt)
	default:
		h.log.Warn("not delivered", "kind", d.Kind, "fate", fate, "why", o.Why, "attempt", d.Attempt, "err", err)
	}
}

// serve runs the schedules and the surfaces until ctx is done, one of them ends
// without an error, or none is left, and returns their errors. One that fails
// does not take the others down: a workspace that removes the app is no reason
// to leave a server alone. The log and /readyz tell of it.
func (h *house) serve(ctx context.Context, adapters ...Adapter) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var parts sync.WaitGroup
	parts.Go(func() { h.runner.Run(ctx) })
	errs := make([]error, len(adapters))
	var left atomic.Int64
	left.Store(int64(len(adapters)))
	for i, a := range adapters {
		parts.Go(func() {
			err := a.Run(ctx, h.handler)
			if err != nil {
				errs[i] = fmt.Errorf("%s: %w", a.Name(), err)
			}
			if last := left.Add(-1) == 0; last || err == nil {
				cancel()
			} else {
				h.log.Error("surface ended, the others go on", "surface", a.Name(), "err", err)
			}
		})
	}
	parts.Wait()
	return errors.Join(errs...)
}

// reload takes the curriculum in again; a faulty one changes nothing.
func (h *house) reload(env Env, configFile string) {
	cfg, err := LoadConfig(env, configFile)
	if err != nil {
		h.log.Error("configuration not reloaded, the old one stays", "err", oneLine(err))
		return
	}
	edition, err := loadEdition(env, cfg)
	if err != nil {
		h.log.Error("curriculum not reloaded, the old one stays", "err", oneLine(err))
		return
	}
	h.coach.Teach(edition)
	h.log.Info("reloaded", "edition", edition.Hash)
}

func oneLine(err error) string { return strings.ReplaceAll(err.Error(), "\n", "; ") }

package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"time"

	"rapport/adapters/sqlite"
	"rapport/coach"
)

type backupCommand struct {
	File string `arg:"" placeholder:"FILE" help:"New file for the copy. The keys are not in it: keep a copy of them elsewhere."`
}

// Run implements kong's command.
func (b backupCommand) Run(ctx context.Context, env Env, c *cli) error {
	return withConfig(ctx, env, c, b.File, backupCmd)
}

type restoreCommand struct {
	File string `arg:"" placeholder:"FILE" help:"A file that backup wrote. It is only read."`
}

// Run implements kong's command.
func (r restoreCommand) Run(ctx context.Context, env Env, c *cli) error {
	return withConfig(ctx, env, c, r.File, restoreCmd)
}

type exportCommand struct {
	Person string `arg:"" placeholder:"PERSON" help:"As platform/realm/user, such as web/Demo/ada."`
}

// Run implements kong's command.
func (e exportCommand) Run(ctx context.Context, env Env, c *cli) error {
	return withConfig(ctx, env, c, e.Person, exportCmd)
}

type forgetCommand struct {
	Person string `arg:"" placeholder:"PERSON" help:"As platform/realm/user, such as web/Demo/ada."`
}

// Run implements kong's command.
func (f forgetCommand) Run(ctx context.Context, env Env, c *cli) error {
	return withConfig(ctx, env, c, f.Person, forgetCmd)
}

// withConfig calls a subcommand of one argument.
func withConfig(ctx context.Context, env Env, c *cli, arg string, cmd func(context.Context, Env, *Config, string) error) error {
	if arg == "" {
		return misuse("the argument is empty")
	}
	cfg, err := c.config(env)
	if err != nil {
		return err
	}
	return cmd(ctx, env, cfg, arg)
}

// backupCmd copies the database to a new file while the coach may be running.
func backupCmd(ctx context.Context, env Env, cfg *Config, file string) (err error) {
	s, err := openKept(ctx, env, cfg)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	if err := s.db.Backup(ctx, env.path(file)); err != nil {
		return err
	}
	_, err = fmt.Fprintf(env.Stdout, "Copied to %s. What people wrote is sealed in it; it opens only with %s and the master key, which you keep elsewhere.\n",
		file, keysPath(env, cfg, databasePath(env, cfg)))
	return err
}

// restoreCmd puts a backup in the place of the database, which no process may
// be using.
func restoreCmd(ctx context.Context, env Env, cfg *Config, file string) (err error) {
	path := databasePath(env, cfg)
	if err := needFiles(env, cfg, path); err != nil {
		return err
	}
	lock, err := sqlite.Lock(path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, lock.Close()) }()
	master, _, err := masterKey(env, cfg, path)
	if err != nil {
		return err
	}
	ring, err := openRing(env, cfg, path, master)
	if err != nil {
		return fmt.Errorf("keys: %w", err)
	}
	defer func() { err = errors.Join(err, ring.Close()) }()
	r, err := sqlite.Restore(ctx, env.path(file), path, sqlite.Options{Keys: ring})
	if err != nil {
		return err
	}
	return tellRestored(env, file, path, r)
}

// tellRestored says what a restore changed.
func tellRestored(env Env, file, path string, r sqlite.Restored) error {
	lines := []string{fmt.Sprintf("%s is now at %s.", file, path)}
	if r.Aside != "" {
		lines = append(lines, fmt.Sprintf("The database that was there is at %s. It holds people who may be erased since: delete it once you do not need it.", r.Aside))
	}
	if r.Forgotten > 0 {
		lines = append(lines, fmt.Sprintf("Erased again: %s who asked for it after the copy was made.", counted(r.Forgotten, "account")))
	}
	if r.Dropped > 0 {
		lines = append(lines, fmt.Sprintf("Not sent: %s that may have gone out before.", counted(r.Dropped, "message")))
	}
	if n := r.Moved + r.Ended; n > 0 {
		lines = append(lines, fmt.Sprintf("Passed over: %s due since then.", counted(n, "occasion")))
	}
	_, err := fmt.Fprintln(env.Stdout, strings.Join(lines, "\n"))
	return err
}

// exportCmd prints dates and counts about a person as JSON. What they wrote
// stays sealed: only they can download it, in the chat.
func exportCmd(ctx context.Context, env Env, cfg *Config, person string) (err error) {
	who, err := personOf(person)
	if err != nil {
		return err
	}
	s, err := openKept(ctx, env, cfg)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	x, known, err := s.db.Export(ctx, who)
	if err != nil {
		return err
	}
	if !known {
		return fmt.Errorf("nothing is kept about %s", who)
	}
	out := json.NewEncoder(env.Stdout)
	out.SetIndent("", "  ")
	out.SetEscapeHTML(false)
	return out.Encode(summaryOf(x))
}

// A summary is what an operator sees of a person: when, and how many of each.
// What they did, how it went and what they chose is for them alone.
type summary struct {
	Person string         `json:"person"`
	Since  time.Time      `json:"since"`
	Seen   time.Time      `json:"last_seen"`
	Teams  []string       `json:"teams,omitempty"`
	Zone   string         `json:"time_zone,omitempty"`
	Counts map[string]int `json:"counts"`
}

func summaryOf(x sqlite.Export) summary {
	s := summary{Person: x.Person, Since: x.Since, Seen: x.Seen, Teams: x.Teams, Counts: map[string]int{
		"events": len(x.Events), "notes": len(x.Notes), "plans_under_way": len(x.Flows), "drafts": len(x.Drafts),
		"messages_planned": len(x.Planned), "messages_sent": len(x.Messages), "items_shown": len(x.Said),
	}}
	if n := len(x.Zones); n > 0 {
		s.Zone = x.Zones[n-1].Zone
	}
	return s
}

// forgetCmd erases a person and says what went.
func forgetCmd(ctx context.Context, env Env, cfg *Config, person string) (err error) {
	who, err := personOf(person)
	if err != nil {
		return err
	}
	s, err := openKept(ctx, env, cfg)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	self, err := s.db.Self(ctx, who)
	if err != nil {
		return err
	}
	if !self.Known {
		return fmt.Errorf("nothing is kept about %s", who)
	}
	r, err := s.db.Forget(ctx, who)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(env.Stdout, "Erased %s: %s, %s, %d under way, %s, and all settings.\n"+
		"Messages already in the chat stay there. Copies of the database still name them; restore erases them again for 30 days.\n",
		who, counted(r.CheckIns, "check-in"), counted(r.Notes, "note"), r.Flows, counted(r.Messages, "message"))
	return err
}

func personOf(text string) (coach.Person, error) {
	who, ok := coach.ParsePerson(text)
	if !ok {
		return coach.Person{}, misuse("%q is no person: write platform/realm/user, such as web/Demo/ada", clipped(text))
	}
	return who, nil
}

// openKept opens the database that is there; none is made. Its clock is the one
// that the coach runs on.
func openKept(ctx context.Context, env Env, cfg *Config) (*store, error) {
	path := databasePath(env, cfg)
	if err := needDatabase(path); err != nil {
		return nil, err
	}
	if err := needFiles(env, cfg, path); err != nil {
		return nil, err
	}
	hand := runningClock(0, nil)
	s, err := openStore(ctx, env, cfg, path, hand.Now)
	if err != nil {
		return nil, err
	}
	ahead, err := s.db.Offset(ctx)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("clock: %w", err), s.Close())
	}
	hand.offset = ahead
	return s, nil
}

// needDatabase is an error if there is no database.
func needDatabase(path string) error {
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("there is no database at %s: start rapport where it was started before, or name the file in [database] url", path)
	}
	return nil
}

// needFiles is an error if the keys are not there: new ones would open nothing,
// and would not know who was erased.
func needFiles(env Env, cfg *Config, db string) error {
	files := []string{keysPath(env, cfg, db)}
	if !cfg.Privacy.Key.Set() {
		files = append(files, besides(env, db, cfg.Privacy.KeyFile))
	}
	for _, file := range files {
		if _, err := os.Stat(file); errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("there is no %s: put back the keys that were used with this database", file)
		}
	}
	return nil
}

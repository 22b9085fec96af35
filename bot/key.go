package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"rapport/adapters/keyring"
	"rapport/adapters/sqlite"
	"rapport/schedules/crashpoint"
)

type keyCommand struct {
	Rotate rotateCommand `cmd:"" help:"Make a new master key, and with --data new keys for what people wrote. Stop the coach first."`
}

type rotateCommand struct {
	Data    bool   `help:"Also give each person a new data key, and seal what they wrote with it."`
	DropOld bool   `name:"drop-old" help:"With --data: erase the old data keys, so that no backup from before can be read again."`
	To      string `placeholder:"FILE" help:"Write the new master key to FILE and leave it to you to put it in place. Needed where the key does not come from privacy.key_file."`
}

// Run implements kong's command.
func (r rotateCommand) Run(ctx context.Context, env Env, c *cli) error {
	if r.DropOld && !r.Data {
		return misuse("--drop-old goes with --data: without it nothing is sealed anew")
	}
	cfg, err := c.config(env)
	if err != nil {
		return err
	}
	return rotateCmd(ctx, env, cfg, r)
}

// A rotation is a change of keys while no coach runs.
type rotation struct {
	env  Env
	cfg  *Config
	db   string // the database
	next string // the file of the new master key
	ring *keyring.Ring
}

// rotateCmd changes the master key, and the data keys if asked to. Whenever it
// is cut short, the old master key or the new one, which is in a file by then,
// opens everything, and the same command finishes what was begun.
func rotateCmd(ctx context.Context, env Env, cfg *Config, o rotateCommand) (err error) {
	r := &rotation{env: env, cfg: cfg, db: databasePath(env, cfg)}
	if r.next, err = newKeyFile(env, cfg, r.db, o.To); err != nil {
		return err
	}
	if err := needDatabase(r.db); err != nil {
		return err
	}
	if err := needFiles(env, cfg, r.db); err != nil {
		return err
	}
	lock, err := sqlite.Lock(r.db)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, lock.Close()) }()
	if err := r.master(ctx, o.To != ""); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.ring.Close()) }()
	if o.Data {
		if err := r.data(ctx, o.DropOld); err != nil {
			return err
		}
	}
	return r.tell(o)
}

// newKeyFile is where the new master key is written.
func newKeyFile(env Env, cfg *Config, db, to string) (string, error) {
	switch {
	case to != "":
		return env.path(to), nil
	case cfg.Privacy.Key.Set():
		return "", misuse("the master key comes from %s, which only you can change: name a file for the new one with --to FILE", cfg.Privacy.Key.source)
	}
	return pending(env, cfg, db), nil
}

// pending is the file of a master key that is to take the place of the one in
// the key file.
func pending(env Env, cfg *Config, db string) string {
	return besides(env, db, cfg.Privacy.KeyFile) + ".new"
}

// master makes a new master key and wraps every data key with it.
func (r *rotation) master(ctx context.Context, elsewhere bool) error {
	old, _, err := masterKey(r.env, r.cfg, r.db)
	if err != nil {
		return err
	}
	ring, err := openRing(r.env, r.cfg, r.db, old)
	if errors.Is(err, keyring.ErrMaster) && elsewhere { // of an earlier try, which got as far as this
		if ring, err = r.wrapped(); err == nil {
			r.ring = ring
			return nil
		}
		return fmt.Errorf("keys: neither the present master key nor one in %s fits: %w", r.next, err)
	}
	if err != nil {
		return fmt.Errorf("keys: %w", err)
	}
	r.ring = ring
	next, err := r.newMaster(elsewhere)
	if err != nil {
		return errors.Join(err, ring.Close())
	}
	crashpoint.At("key-made")
	err = ring.Rotate(ctx, next)
	crashpoint.At("key-wrapped")
	if err == nil && !elsewhere {
		err = keyring.ReplaceMaster(r.next, besides(r.env, r.db, r.cfg.Privacy.KeyFile))
	}
	if err != nil {
		return errors.Join(err, ring.Close())
	}
	crashpoint.At("key-replaced")
	return nil
}

// wrapped opens the keys with the new master key.
func (r *rotation) wrapped() (*keyring.Ring, error) {
	text, err := os.ReadFile(r.next)
	if err != nil {
		return nil, err
	}
	master, err := keyring.ParseMaster(text)
	if err != nil {
		return nil, err
	}
	return keyring.Open(keysPath(r.env, r.cfg, r.db), master)
}

// newMaster makes the new master key, or takes the one that an earlier try or,
// elsewhere, the admin put there.
func (r *rotation) newMaster(elsewhere bool) ([]byte, error) {
	if text, err := os.ReadFile(r.next); err == nil && !elsewhere {
		if _, err := keyring.ParseMaster(text); err != nil { // half written: nothing hangs on it
			if err := os.Remove(r.next); err != nil {
				return nil, fmt.Errorf("new master key: %w", err)
			}
		}
	}
	next, _, err := keyring.Master(r.next)
	if err != nil {
		return nil, err
	}
	if now, _, err := masterKey(r.env, r.cfg, r.db); err != nil || bytes.Equal(now, next) {
		return nil, errors.Join(fmt.Errorf("%s holds the present master key: name another file", r.next), err)
	}
	return next, nil
}

// openRing opens the keys with master. Where a change of the key file was cut
// short after the keys were wrapped, it is finished first.
func openRing(env Env, cfg *Config, db string, master []byte) (*keyring.Ring, error) {
	keys := keysPath(env, cfg, db)
	ring, err := keyring.Open(keys, master)
	if !errors.Is(err, keyring.ErrMaster) || cfg.Privacy.Key.Set() {
		return ring, err
	}
	next := pending(env, cfg, db)
	text, e := os.ReadFile(next)
	if e != nil {
		return nil, err
	}
	if master, e = keyring.ParseMaster(text); e != nil {
		return nil, err
	}
	if ring, e = keyring.Open(keys, master); e != nil {
		return nil, err
	}
	if err := keyring.ReplaceMaster(next, besides(env, db, cfg.Privacy.KeyFile)); err != nil {
		return nil, errors.Join(err, ring.Close())
	}
	return ring, nil
}

// data gives everybody a new data key and seals their words with it, or
// finishes what an earlier try began.
func (r *rotation) data(ctx context.Context, drop bool) (err error) {
	hand := runningClock(0, nil)
	db, err := sqlite.Open(ctx, r.db, sqlite.Options{Keys: r.ring, Now: hand.Now, Keep: retention(r.cfg), Busy: busyTime})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	stale, err := db.Stale(ctx, r.ring.Newest)
	if err != nil {
		return err
	}
	if stale {
		fmt.Fprintln(r.env.Stdout, "A change of data keys was cut short before; it is finished now.")
	} else if _, err := r.ring.Renew(ctx); err != nil {
		return err
	}
	crashpoint.At("key-renewed")
	done, err := db.Reseal(ctx, r.ring.Newest, func(sqlite.Resealed) { crashpoint.At("key-resealing") })
	if err != nil {
		return err
	}
	crashpoint.At("key-resealed")
	fmt.Fprintf(r.env.Stdout, "Sealed anew: %s.\n", counted(done.Texts, "text"))
	if done.Unreadable > 0 {
		fmt.Fprintf(r.env.Stdout, "Left as they were: %s that cannot be opened.\n", counted(done.Unreadable, "text"))
	}
	if !drop {
		return nil
	}
	if done.Unreadable > 0 { // whatever keeps them shut, no key goes while something may need it
		return errors.New("the old data keys are kept, since not every text could be opened: start the coach once, which removes what an erasure left behind, and try again")
	}
	n, err := r.ring.Drop(ctx)
	if err == nil {
		_, err = fmt.Fprintf(r.env.Stdout, "Erased: %s. What people wrote in backups from before cannot be read again; make a backup now.\n", counted(n, "old data key"))
	}
	return err
}

// tell says what is left to do.
func (r *rotation) tell(o rotateCommand) error {
	keys := keysPath(r.env, r.cfg, r.db)
	lines := []string{fmt.Sprintf("%s is wrapped with a new master key, which is in %s.", keys, besides(r.env, r.db, r.cfg.Privacy.KeyFile))}
	if o.To != "" {
		lines = []string{
			fmt.Sprintf("%s is wrapped with a new master key, which is in %s.", keys, r.next),
			fmt.Sprintf("Before you start the coach: %s. Then delete %s, or keep it where you keep secrets.", r.change(), r.next),
		}
	}
	lines = append(lines, fmt.Sprintf("Replace the copies of the master key and of %s that you keep elsewhere: the old ones fit only each other.", keys))
	_, err := fmt.Fprintln(r.env.Stdout, strings.Join(lines, "\n"))
	return err
}

// change is how the new master key takes the place of the old one.
func (r *rotation) change() string {
	from := r.cfg.Privacy.Key.source
	switch {
	case from == "":
		return "put what is in it into " + besides(r.env, r.db, r.cfg.Privacy.KeyFile)
	case strings.HasPrefix(from, credential):
		return "put what is in it into the file that LoadCredential names for " + strings.TrimPrefix(from, credential)
	case strings.HasSuffix(from, "_FILE"):
		return "put what is in it into the file that " + from + " names"
	}
	return "set " + from + " to what is in it"
}

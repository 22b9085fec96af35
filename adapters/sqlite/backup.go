package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"

	"rapport/coach"
	"rapport/schedules"
)

// Backup writes a copy of the database, as it is now, to a new file of mode
// 0600 while everything goes on. Words in it stay sealed: the keys are not in it.
func (db *DB) Backup(ctx context.Context, file string) error {
	pool, err := sql.Open("sqlite", dsn(db.path, db.opts.Busy))
	if err != nil {
		return fmt.Errorf("backup: %w", err)
	}
	defer pool.Close()
	err = vacuumInto(ctx, pool, file)
	if errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("backup %s: the file exists: name one that does not: %w", file, err)
	}
	if err != nil {
		return fmt.Errorf("backup: %w", explain(file, db.opts.Busy, err))
	}
	return nil
}

// Restored is what became of a restored backup.
type Restored struct {
	Aside     string // where the database that was there before is now; "" if there was none
	Forgotten int    // people who were erased since the backup
	Dropped   int    // messages that were waiting or under way: they may have been sent
	Moved     int    // schedules moved past now
	Ended     int    // single wishes whose time has passed
}

// Restore puts a backup in the place of the database at path, which no process
// may use; the old one is moved aside. Whoever was erased since stays erased,
// and nothing that was due before now is sent.
func Restore(ctx context.Context, backup, path string, o Options) (Restored, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Busy == 0 {
		o.Busy = 10 * time.Second
	}
	next := path + ".restore"
	for _, file := range []string{next, next + "-wal", next + "-shm"} { // of an earlier try
		if err := os.Remove(file); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return Restored{}, fmt.Errorf("restore: %w", err)
		}
	}
	if err := unpack(ctx, backup, next, o.Busy); err != nil {
		return Restored{}, fmt.Errorf("restore: %w", explain(backup, o.Busy, err))
	}
	r, err := ready(ctx, next, o)
	if err == nil && r.Forgotten > 0 {
		err = rewrite(ctx, next, o.Busy)
	}
	if err != nil {
		os.Remove(next)
		return Restored{}, fmt.Errorf("restore: %w", explain(backup, o.Busy, err))
	}
	if r.Aside, err = setAside(path); err != nil {
		return r, fmt.Errorf("restore: %w", err)
	}
	return r, wrap("restore", os.Rename(next, path))
}

// unpack copies the backup, which it only reads, to a new file.
func unpack(ctx context.Context, backup, to string, busy time.Duration) error {
	if _, err := os.Stat(backup); err != nil {
		return err
	}
	pool, err := sql.Open("sqlite", fileURI(backup)+fmt.Sprintf("?mode=ro&_error_rc=1&_pragma=busy_timeout(%d)", busy.Milliseconds()))
	if err != nil {
		return err
	}
	defer pool.Close()
	names, err := fs.Glob(released, "migrations/*.sql")
	if err != nil {
		return err
	}
	have, err := schemaOf(ctx, pool, len(names))
	if err != nil {
		return err
	}
	if have == 0 {
		return errForeign
	}
	return vacuumInto(ctx, pool, to)
}

// ready upgrades a restored file and makes it safe to run on.
func ready(ctx context.Context, path string, o Options) (r Restored, err error) {
	if err := upgradeFile(ctx, path, o.Busy); err != nil {
		return r, err
	}
	o.Readers = 1
	db, err := open(ctx, path, o)
	if err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	if r.Forgotten, err = db.forgetErased(ctx); err != nil {
		return r, err
	}
	err = db.do(ctx, func(t *tx) error { return t.skipPast(&r) })
	if err != nil {
		return r, err
	}
	return r, db.flush(ctx)
}

// rewrite lays the file out anew, so that nothing of what was deleted is in it:
// SQLite overwrites deleted rows, but not the copies that it leaves in a page
// when it moves them to another.
func rewrite(ctx context.Context, path string, busy time.Duration) error {
	pool, err := sql.Open("sqlite", dsn(path, busy))
	if err != nil {
		return err
	}
	defer pool.Close()
	pool.SetMaxOpenConns(1)
	for _, statement := range []string{"VACUUM", "PRAGMA wal_checkpoint(TRUNCATE)"} {
		if _, err := pool.ExecContext(ctx, statement); err != nil {
			return err
		}
	}
	return nil
}

func upgradeFile(ctx context.Context, path string, busy time.Duration) error {
	names, err := fs.Glob(released, "migrations/*.sql")
	if err != nil {
		return err
	}
	pool, err := sql.Open("sqlite", dsn(path, busy))
	if err != nil {
		return err
	}
	defer pool.Close()
	pool.SetMaxOpenConns(1)
	return upgrade(ctx, pool, released, names)
}

// forgetErased removes whoever was erased after the backup was made.
func (db *DB) forgetErased(ctx context.Context) (n int, err error) {
	type one struct {
		id  int64
		who coach.Person
	}
	var all []one
	err = db.query(ctx, func(rows scanner) error {
		var o one
		err := rows.Scan(&o.id, &o.who.Platform, &o.who.Realm, &o.who.User)
		all = append(all, o)
		return err
	}, `SELECT account_id, platform, realm, person FROM identity`)
	if err != nil {
		return 0, err
	}
	for _, o := range all {
		gone, err := db.opts.Keys.Gone(ctx, accountKey(o.id))
		if err != nil {
			return n, err
		}
		erased, err := db.opts.Keys.Erased(ctx, o.who)
		if err != nil {
			return n, err
		}
		if !gone && !erased {
			continue
		}
		if err := db.do(ctx, func(t *tx) error { return t.erase(o.id, o.who) }); err != nil {
			return n, err
		}
		n++
	}
	return n, nil
}

// skipPast drops what was on its way, and moves what is planned past now.
func (t *tx) skipPast(r *Restored) error {
	n, err := t.exec(`UPDATE outbox SET state = 'dead', why = 'restored', settled_at = $1, lease_until = NULL WHERE state IN ('ready', 'sending')`, micros(t.now))
	if err != nil {
		return err
	}
	r.Dropped, r.Moved, r.Ended = int(n), 0, 0
	var past []schedules.Due
	err = t.query(func(rows scanner) error {
		d, err := scanDue(rows)
		past = append(past, d)
		return err
	}, `SELECT `+dueColumns+` WHERE d.next_at <= $1`, micros(t.now))
	if err != nil {
		return err
	}
	for _, d := range past {
		if d.Spec == "" {
			r.Ended++
			err = t.endMissed(d)
		} else {
			r.Moved++
			err = t.movePast(d)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// endMissed ends a single wish whose time passed while nobody could tell.
func (t *tx) endMissed(d schedules.Due) error {
	_, err := t.exec(`INSERT INTO missed (account_id, team_ref, kind, local_date, why, made_at)
		SELECT account_id, team_ref, kind, nominal, 'restored', $2 FROM due WHERE id = $1`, d.ID, micros(t.now))
	if err != nil {
		return err
	}
	_, err = t.exec(`DELETE FROM due WHERE id = $1`, d.ID)
	return err
}

// movePast moves a standing wish past now, and past the date it was due on.
func (t *tx) movePast(d schedules.Due) error {
	next, date, err := schedules.Next(d.Spec, d.Zone, t.now, d.Date)
	if err != nil {
		return err
	}
	_, err = t.exec(`UPDATE due SET next_at = $1, nominal = $2, last_date = $3 WHERE id = $4`, micros(next), date, d.Date, d.ID)
	return err
}

// setAside renames the database at path and the files that belong to it.
func setAside(path string) (string, error) {
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	aside := path + ".before-restore-" + time.Now().UTC().Format("20060102-150405.000000")
	for _, part := range []string{"-wal", "-shm", ""} {
		if err := os.Rename(path+part, aside+part); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return "", err
		}
	}
	return aside, nil
}

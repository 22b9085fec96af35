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
)

// ErrOlder says that the file has an older schema, or none yet, which [Open]
// would bring up to date.
var ErrOlder = errors.New("its schema is older than this program's: the next start brings it up to date")

// Look opens the database file at path to be read, whether or not a process
// runs on it: nothing is made, upgraded or written, and whatever writes returns
// an error. Of the options, Readers is ignored. The error is [ErrOlder] where
// the file would have to be upgraded first.
func Look(ctx context.Context, path string, o Options) (*DB, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Busy == 0 {
		o.Busy = 3 * time.Second
	}
	db, err := look(ctx, path, o)
	if err != nil {
		return nil, explain(path, o.Busy, err)
	}
	return db, nil
}

func look(ctx context.Context, path string, o Options) (*DB, error) {
	if _, err := os.Stat(path); err != nil {
		return nil, err
	}
	names, err := fs.Glob(released, "migrations/*.sql")
	if err != nil {
		return nil, err
	}
	name := lookName(path, o.Busy)
	pool, err := sql.Open("sqlite", name)
	if err != nil {
		return nil, err
	}
	pool.SetMaxOpenConns(2)
	have, err := schemaOf(ctx, pool, len(names))
	if err == nil && have < len(names) {
		err = ErrOlder
	}
	if err != nil {
		pool.Close()
		return nil, err
	}
	db := &DB{path: path, opts: o, reads: pool}
	if db.recall, err = newRecall(pool, name); err != nil {
		pool.Close()
		return nil, err
	}
	if db.write, err = startWriter(pool.Driver(), name, o.Now, db.recall); err != nil { // on a connection that cannot write
		db.recall.close()
		pool.Close()
		return nil, err
	}
	return db, nil
}

// lookName names the file for connections that only read. Without a log beside
// it nobody runs on the file, and it is read as it lies: a connection would
// leave a new log and its index behind, which the next user of the file might
// have no right to.
func lookName(path string, busy time.Duration) string {
	name := fileURI(path) + fmt.Sprintf("?mode=ro&_error_rc=1&_query_only=1&_pragma=busy_timeout(%d)", busy.Milliseconds())
	if _, err := os.Stat(path + "-wal"); errors.Is(err, fs.ErrNotExist) {
		name += "&immutable=1"
	}
	return name
}

// Integrity looks for damage and returns the first few faults, none for a sound
// file. It reads the whole file, which takes long where that is large.
func (db *DB) Integrity(ctx context.Context) (faults []string, err error) {
	for {
		name := lookName(db.path, db.opts.Busy)
		faults, err = quickCheck(ctx, name)
		if len(faults) == 0 && err == nil {
			return nil, nil
		}
		if name == lookName(db.path, db.opts.Busy) { // nobody began to write meanwhile
			return faults, explainOr("integrity", db, err)
		}
	}
}

func quickCheck(ctx context.Context, name string) (faults []string, err error) {
	pool, err := sql.Open("sqlite", name)
	if err != nil {
		return nil, err
	}
	defer pool.Close()
	rows, err := pool.QueryContext(ctx, `PRAGMA quick_check(3)`)
	err = each(rows, err, func(rows scanner) error {
		var fault string
		err := rows.Scan(&fault)
		if fault != "ok" {
			faults = append(faults, fault)
		}
		return err
	})
	return faults, err
}

// explainOr is a [Fault] where SQLite says that the file is at fault.
func explainOr(doing string, db *DB, err error) error {
	if codeOf(err) != 0 && fixOf(db.path, db.opts.Busy, err) != "" {
		return explain(db.path, db.opts.Busy, err)
	}
	return wrap(doing, err)
}

// KeysFit is an error if the keys belong to another database.
func (db *DB) KeysFit(ctx context.Context) error { return wrap("keys", db.checkKeys(ctx)) }

// Teams returns the teams that have the coach, in a fixed order.
func (db *DB) Teams(ctx context.Context) (teams []coach.Team, err error) {
	err = db.query(ctx, func(rows scanner) error {
		var t coach.Team
		err := rows.Scan(&t.Platform, &t.ID)
		teams = append(teams, t)
		return err
	}, `SELECT platform, team_id FROM team WHERE left_at IS NULL ORDER BY platform, team_id`)
	return teams, wrap("teams", err)
}

// A Queue is what is to be sent, and what did not get through of late.
type Queue struct {
	Waiting int       // that are due
	Since   time.Time // since when the oldest of them is; zero if there is none
	InDoubt int       // that may or may not have arrived, in the last 35 days
	Dead    int       // that were given up, in the last 35 days
}

// Queue counts deliveries, to people and to channels alike.
func (db *DB) Queue(ctx context.Context) (q Queue, err error) {
	var oldest sql.NullInt64
	now := db.opts.Now()
	_, err = db.one(ctx, []any{&q.Waiting, &oldest, &q.InDoubt, &q.Dead},
		`SELECT (SELECT count(*) FROM outbox WHERE state = 'ready' AND ready_at <= $1),
			(SELECT min(ready_at) FROM outbox WHERE state = 'ready' AND ready_at <= $1),
			(SELECT count(*) FROM outbox WHERE state = 'in_doubt' AND due_at >= $2),
			(SELECT count(*) FROM outbox WHERE state = 'dead' AND due_at >= $2)`,
		micros(now), micros(now.Add(-keep35)))
	q.Since = maybeInstant(oldest)
	return q, wrap("queue", err)
}

// LastBeat is when the program last said that it runs, by the machine's clock
// then; zero if it never did.
func (db *DB) LastBeat(ctx context.Context) (time.Time, error) {
	var at sql.NullInt64
	_, err := db.one(ctx, []any{&at}, tallyOf, "heartbeat")
	return maybeInstant(at), wrap("heartbeat", err)
}

// Held reports whether a process runs on the database at path, and which one if
// that is known. Where files cannot be locked it says no.
func Held(path string) (pid int, held bool, err error) {
	f, err := os.Open(path + ".lock")
	if errors.Is(err, fs.ErrNotExist) {
		return 0, false, nil
	}
	if err != nil {
		return 0, false, fmt.Errorf("lock: %w", err)
	}
	defer f.Close() // gives the lock back if it was free
	err = tryLock(f)
	if errors.Is(err, errHeld) {
		return pidIn(f), true, nil
	}
	if err != nil {
		return 0, false, fmt.Errorf("lock: %w", err)
	}
	return 0, false, nil
}

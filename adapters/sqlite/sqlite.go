package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"time"

	_ "modernc.org/sqlite" // the driver named "sqlite"

	"rapport/coach"
	"rapport/schedules"
)

var (
	_ coach.Store     = (*DB)(nil)
	_ schedules.Store = (*DB)(nil)
)

// Keys is what the database needs to seal what people type, and to know who
// was erased when an old copy is restored.
type Keys interface {
	coach.Keys
	// Gone reports whether account was erased.
	Gone(ctx context.Context, account string) (bool, error)
	// Seen records that an erased person is there again.
	Seen(ctx context.Context, who coach.Person) error
	// Tidy forgets what was erased more than 30 days before now.
	Tidy(ctx context.Context, now time.Time) error
}

// Options is how a database is opened.
type Options struct {
	Keys Keys
	Now  func() time.Time // the coach clock; nil = time.Now
	Keep Retention        // how long things are kept

	Busy    time.Duration // how long to wait for another process; 0 = 10 s
	Readers int           // connections that read at a time; 0 = 2
}

// DB is an open database file. It is safe for concurrent use.
type DB struct {
	path  string
	opts  Options
	reads *sql.DB
	write *writer
	stmts sync.Map // query -> *sql.Stmt of reads

	recall *recall
}

// Open opens the database file at path, makes it with mode 0600 if there is
// none, and brings its schema up to date. Errors say what to do about them.
func Open(ctx context.Context, path string, o Options) (*DB, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Busy == 0 {
		o.Busy = 10 * time.Second
	}
	if o.Readers == 0 {
		o.Readers = 2
	}
	if err := makeFile(path); err != nil {
		return nil, explain(path, o.Busy, err)
	}
	if err := migrate(ctx, path, o.Busy, released); err != nil {
		return nil, explain(path, o.Busy, err)
	}
	db, err := open(ctx, path, o)
	if err != nil {
		return nil, explain(path, o.Busy, err)
	}
	return db, nil
}

// open opens a file whose schema is up to date.
func open(ctx context.Context, path string, o Options) (*DB, error) {
	name := dsn(path, o.Busy) + fmt.Sprintf("&_query_only=1&_pragma=cache_size(-%d)", readCache)
	pool, err := sql.Open("sqlite", name)
	if err != nil {
		return nil, err
	}
	pool.SetMaxOpenConns(o.Readers)
	pool.SetMaxIdleConns(o.Readers)
	db := &DB{path: path, opts: o, reads: pool}
	if db.recall, err = newRecall(pool, name); err != nil {
		pool.Close()
		return nil, err
	}
	if db.write, err = startWriter(pool.Driver(), dsn(path, o.Busy), o.Now, db.recall); err != nil {
		db.recall.close()
		pool.Close()
		return nil, err
	}
	if err = db.Ping(ctx); err == nil { // also a file that can only be read opens
		err = db.checkKeys(ctx)
	}
	if err == nil {
		err = db.filed(ctx) // by a process that was killed
	}
	if err != nil {
		db.Close()
		return nil, err
	}
	return db, nil
}

// Close waits for what is being written and closes the file. Calls after it
// return an error.
func (db *DB) Close() error {
	err := db.write.close()
	db.stmts.Range(func(_, s any) bool { s.(*sql.Stmt).Close(); return true })
	db.recall.close()
	if e := db.reads.Close(); err == nil {
		err = e
	}
	return err
}

// Ping reports whether the database can be written.
func (db *DB) Ping(ctx context.Context) error {
	err := db.write.mild(ctx, func(t *tx) error { return t.setTally("ping", micros(t.now)) }) // of which recall keeps nothing
	return wrap("ping", err)
}

// How much of the file a connection keeps, in KB. That of the writer holds what
// a group of calls touches. A connection that reads loses all it has at the next
// commit of the writer, so that more would only be memory that nobody looks
// into again.
const (
	writeCache = 1000
	readCache  = 256
)

// dsn names the file and everything a connection needs. Pragmas are part of the
// name, because a statement would reach only one connection of a pool.
func dsn(path string, busy time.Duration) string {
	return fileURI(path) + fmt.Sprintf("?_txlock=immediate&_error_rc=1"+
		"&_pragma=busy_timeout(%d)&_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)"+
		"&_pragma=foreign_keys(ON)&_pragma=secure_delete(ON)&_pragma=cache_size(-%d)&_pragma=wal_autocheckpoint(4000)", busy.Milliseconds(), writeCache)
}

// fileURI is path as SQLite reads it, whatever characters it has.
func fileURI(path string) string {
	if abs, err := filepath.Abs(path); err == nil {
		path = abs
	}
	path = filepath.ToSlash(path)
	if !strings.HasPrefix(path, "/") { // a drive
		path = "/" + path
	}
	return "file://" + (&url.URL{Path: path}).EscapedPath()
}

// do runs f in a transaction that is durable when do returns nil.
func (db *DB) do(ctx context.Context, f func(*tx) error) error { return db.write.do(ctx, f) }

// stmt returns a prepared query of the reader pool.
func (db *DB) stmt(query string) (*sql.Stmt, error) {
	if s, ok := db.stmts.Load(query); ok {
		return s.(*sql.Stmt), nil
	}
	s, err := db.reads.Prepare(query)
	if err != nil {
		return nil, err
	}
	if other, loaded := db.stmts.LoadOrStore(query, s); loaded {
		s.Close()
		return other.(*sql.Stmt), nil
	}
	return s, nil
}

// query runs a reading query and calls scan for each row.
func (db *DB) query(ctx context.Context, scan func(scanner) error, query string, args ...any) error {
	s, err := db.stmt(query)
	if err != nil {
		return err
	}
	rows, err := s.QueryContext(ctx, args...)
	return each(rows, err, scan)
}

// one scans the only row of a reading query into dest and reports whether
// there was one.
func (db *DB) one(ctx context.Context, dest []any, query string, args ...any) (bool, error) {
	s, err := db.stmt(query)
	if err != nil {
		return false, err
	}
	return found(s.QueryRowContext(ctx, args...).Scan(dest...))
}

// A scanner is a row of an answer, as [sql.Rows] gives it.
type scanner interface {
	Scan(dest ...any) error
}

// each calls scan for each row and closes rows.
func each(rows *sql.Rows, err error, scan func(scanner) error) error {
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := scan(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

func found(err error) (bool, error) {
	if err == sql.ErrNoRows {
		return false, nil
	}
	return err == nil, err
}

// micros is how instants are stored.
func micros(t time.Time) int64 { return t.UnixMicro() }

// maybeMicros stores the zero time as NULL.
func maybeMicros(t time.Time) sql.NullInt64 {
	return sql.NullInt64{Int64: t.UnixMicro(), Valid: !t.IsZero()}
}

func instant(us int64) time.Time { return time.UnixMicro(us).UTC() }

func maybeInstant(us sql.NullInt64) time.Time {
	if !us.Valid {
		return time.Time{}
	}
	return instant(us.Int64)
}

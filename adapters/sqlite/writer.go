package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"
)

const (
	groupSize = 256                  // calls in one commit
	groupTime = 5 * time.Millisecond // how long a commit may wait for more of them
)

// ErrShut says that the database was closed.
var ErrShut = errors.New("the database is closed")

// A writer runs calls one after another on one connection and commits those
// that wait together. Each has a savepoint: one that fails takes nothing of its
// neighbours with it.
type writer struct {
	pool *sql.DB
	conn *sql.Conn
	now  func() time.Time
	jobs chan *job
	done chan struct{} // closed when the goroutine has ended
	stop chan struct{} // closed to end it
	once sync.Once

	stmts map[string]*sql.Stmt // of conn; the goroutine's own
}

// A job is one call. It may be run more than once, from the beginning.
type job struct {
	run     func(*tx) error
	bare    bool        // runs outside a transaction, alone
	started atomic.Bool // or given up by the caller
	result  chan error  // of 1
	err     error
}

func startWriter(ctx context.Context, dsn string, now func() time.Time) (*writer, error) {
	pool, err := sql.Open("sqlite", dsn)
	if err != nil {
		return nil, err
	}
	conn, err := pool.Conn(ctx)
	if err != nil {
		pool.Close()
		return nil, err
	}
	w := &writer{
		pool: pool, conn: conn, now: now,
		jobs: make(chan *job, groupSize), done: make(chan struct{}), stop: make(chan struct{}),
		stmts: make(map[string]*sql.Stmt),
	}
	go w.loop()
	return w, nil
}

// do runs f in a transaction. If ctx ends before f has begun, f never runs;
// after that do waits for the outcome, which is certain.
func (w *writer) do(ctx context.Context, f func(*tx) error) error {
	return w.await(ctx, &job{run: f, result: make(chan error, 1)})
}

// alone runs f outside any transaction, while nothing else writes.
func (w *writer) alone(ctx context.Context, f func(*tx) error) error {
	return w.await(ctx, &job{run: f, bare: true, result: make(chan error, 1)})
}

func (w *writer) await(ctx context.Context, j *job) error {
	select {
	case <-w.stop:
		return ErrShut
	default:
	}
	select {
	case w.jobs <- j:
	case <-w.stop:
		return ErrShut
	case <-ctx.Done():
		return ctx.Err()
	}
	select {
	case err := <-j.result:
		return err
	case <-ctx.Done():
		if j.started.CompareAndSwap(false, true) {
			return ctx.Err()
		}
	case <-w.done: // nobody will run it any more, or just has
		if j.started.CompareAndSwap(false, true) {
			return ErrShut
		}
	}
	return <-j.result
}

func (w *writer) close() error {
	w.once.Do(func() { close(w.stop) })
	<-w.done
	for _, s := range w.stmts {
		s.Close()
	}
	return errors.Join(w.conn.Close(), w.pool.Close())
}

func (w *writer) loop() {
	defer close(w.done)
	for {
		select {
		case <-w.stop:
			return
		case j := <-w.jobs:
			w.group(j)
		}
	}
}

// group runs first and whatever waits behind it, and answers all of them.
func (w *writer) group(first *job) {
	if first.bare {
		w.answer([]*job{first}, w.runBare(first))
		return
	}
	if !first.started.CompareAndSwap(false, true) {
		return
	}
	if err := w.control("BEGIN IMMEDIATE"); err != nil {
		w.refuse(first, err)
		return
	}
	began := time.Now()
	ran := []*job{first}
	ok := w.runSaved(first)
	var after *job // runs alone when the group is through
	for ok && after == nil && len(ran) < groupSize && time.Since(began) < groupTime {
		j := w.waiting()
		if j == nil {
			break
		}
		if j.bare {
			after = j
		} else if j.started.CompareAndSwap(false, true) {
			ran = append(ran, j)
			ok = w.runSaved(j)
		}
	}
	w.finish(ran, ok)
	if after != nil {
		w.group(after)
	}
}

// refuse answers first and all that wait behind it: each would wait as long for
// the same lock in vain.
func (w *writer) refuse(first *job, err error) {
	for j := first; j != nil; j = w.waiting() {
		if j == first || j.started.CompareAndSwap(false, true) {
			w.answer([]*job{j}, err)
		}
	}
}

func (w *writer) waiting() *job {
	select {
	case j := <-w.jobs:
		return j
	default:
		return nil
	}
}

// finish commits a group. Where the whole transaction is lost, as with a full
// disk, each of its calls gets one of its own, so that a neighbour's fault is
// nobody else's.
func (w *writer) finish(ran []*job, ok bool) {
	if ok {
		err := w.control("COMMIT")
		if err == nil {
			w.answer(ran, nil)
			return
		}
		ran[0].err = err
	}
	w.control("ROLLBACK") // an error means that SQLite has done so itself
	if len(ran) == 1 {
		w.answer(ran, ran[0].err)
		return
	}
	for _, j := range ran {
		j.err = nil
		if err := w.control("BEGIN IMMEDIATE"); err != nil {
			w.answer([]*job{j}, err)
			continue
		}
		w.finish([]*job{j}, w.runSaved(j))
	}
}

// answer tells the callers; err is for those that have no error of their own.
func (w *writer) answer(jobs []*job, err error) {
	for _, j := range jobs {
		if j.err == nil {
			j.err = err
		}
		j.result <- j.err
	}
}

// runSaved runs j in a savepoint. It reports whether the transaction still
// stands.
func (w *writer) runSaved(j *job) bool {
	if j.err = w.control("SAVEPOINT one"); j.err != nil {
		return false
	}
	if j.err = w.guard(j.run); j.err == nil {
		j.err = w.control("RELEASE one")
		return j.err == nil
	}
	return w.control("ROLLBACK TO one") == nil && w.control("RELEASE one") == nil
}

func (w *writer) runBare(j *job) error {
	if !j.started.CompareAndSwap(false, true) {
		return nil
	}
	return w.guard(j.run)
}

// guard turns a panic of f into an error: the goroutine serves others too.
func (w *writer) guard(f func(*tx) error) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("panic while writing: %v", r)
		}
	}()
	return f(&tx{w, w.now()})
}

// control runs a statement that opens or ends a transaction or a savepoint.
func (w *writer) control(query string) error {
	s, err := w.stmt(query)
	if err == nil {
		_, err = s.Exec()
	}
	return err
}

func (w *writer) stmt(query string) (*sql.Stmt, error) {
	if s := w.stmts[query]; s != nil {
		return s, nil
	}
	s, err := w.conn.PrepareContext(context.Background(), query)
	if err != nil {
		return nil, err
	}
	w.stmts[query] = s
	return s, nil
}

// A tx is what a call writes with. Its statements are prepared once.
type tx struct {
	w   *writer
	now time.Time // coach clock
}

// exec runs a statement and returns how many rows it changed.
func (t *tx) exec(query string, args ...any) (int64, error) {
	s, err := t.w.stmt(query)
	if err != nil {
		return 0, err
	}
	res, err := s.Exec(args...)
	if err != nil {
		return 0, err
	}
	return res.RowsAffected()
}

// one scans the only row of a query and reports whether there was one.
func (t *tx) one(dest []any, query string, args ...any) (bool, error) {
	s, err := t.w.stmt(query)
	if err != nil {
		return false, err
	}
	return found(s.QueryRow(args...).Scan(dest...))
}

// query calls scan for each row. scan must not use t: the rows are still open.
func (t *tx) query(scan func(*sql.Rows) error, query string, args ...any) error {
	s, err := t.w.stmt(query)
	if err != nil {
		return err
	}
	rows, err := s.Query(args...)
	return each(rows, err, scan)
}

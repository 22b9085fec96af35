package sqlite

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"time"
)

const (
	groupSize = 256                   // calls in one commit
	groupTime = 10 * time.Millisecond // how long a commit may wait for more of them
)

// ErrShut says that the database was closed.
var ErrShut = errors.New("the database is closed")

// A writer runs calls one after another on one connection and commits those
// that wait together. One that fails takes nothing of its neighbours with it:
// where it has written something the group begins anew, each call with a
// savepoint. A savepoint for every call at once costs two statements for each,
// a tenth of a check-in.
type writer struct {
	conn   *direct
	now    func() time.Time
	recall *recall
	jobs   chan *job
	done   chan struct{} // closed when the goroutine has ended
	stop   chan struct{} // closed to end it
	once   sync.Once

	// The goroutine's own.
	version int64            // of the file as others write it: see begin
	lesson  *lesson          // of the group that runs
	wrote   bool             // that group
	full    int              // arrivals at which they are filed: fileAt
	arrived int              // presses that are not filed; where it is not certain, some of them
	late    map[int64]*known // whose presses are not filed, as far as they are known
}

// A job is one call. It may be run more than once, from the beginning.
type job struct {
	run     func(*tx) error
	bare    bool        // runs outside a transaction, alone
	mild    bool        // itself tells the lesson what it changes
	started atomic.Bool // or given up by the caller
	result  chan error  // of 1
	err     error
}

func startWriter(d driver.Driver, dsn string, now func() time.Time, r *recall) (*writer, error) {
	conn, err := openDirect(d, dsn)
	if err != nil {
		return nil, err
	}
	w := &writer{
		conn: conn, now: now, recall: r,
		jobs: make(chan *job, groupSize), done: make(chan struct{}), stop: make(chan struct{}),
		lesson: newLesson(), full: fileAt, arrived: 1, late: make(map[int64]*known),
	}
	go w.loop()
	return w, nil
}

// do runs f in a transaction. If ctx ends before f has begun, f never runs;
// after that do waits for the outcome, which is certain.
func (w *writer) do(ctx context.Context, f func(*tx) error) error {
	return w.await(ctx, &job{run: f, result: make(chan error, 1)})
}

// mild is do for a call that itself tells the lesson what it changes of what is
// kept. Any other is taken to change all of it.
func (w *writer) mild(ctx context.Context, f func(*tx) error) error {
	return w.await(ctx, &job{run: f, mild: true, result: make(chan error, 1)})
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
	return w.conn.close()
}

func (w *writer) loop() {
	defer close(w.done)
	for {
		select {
		case <-w.stop:
			w.file()
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
	if err := w.begin(); err != nil {
		w.refuse(first, err)
		return
	}
	began := time.Now()
	ran := []*job{first}
	ok := w.run(first)
	var after *job // runs alone when the group is through
	for ok && after == nil && len(ran) < groupSize && time.Since(began) < groupTime {
		j := w.waiting()
		if j == nil {
			runtime.Gosched() // whoever is about to call
			if j = w.waiting(); j == nil {
				break
			}
		}
		if j.bare {
			after = j
		} else if j.started.CompareAndSwap(false, true) {
			ran = append(ran, j)
			ok = w.run(j)
		}
	}
	w.finish(ran, ok)
	if w.arrived >= w.full {
		w.file()
	}
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

// begin opens a transaction. From then on nobody else writes; where somebody
// has since the last one, what is kept is thrown away.
func (w *writer) begin() error {
	if err := w.control("BEGIN IMMEDIATE"); err != nil {
		return err
	}
	w.lesson, w.wrote = newLesson(), false
	version, err := w.dataVersion()
	if err != nil {
		w.rollback()
		return err
	}
	if version != w.version {
		w.recall.forget()
		w.version = version
		w.unsure()
	}
	return nil
}

// rollback ends the transaction and undoes what it did. An error would only mean
// that SQLite has done so itself.
func (w *writer) rollback() {
	w.control("ROLLBACK")
	w.unsure()
}

// unsure says that what has arrived is only known from the file.
func (w *writer) unsure() {
	w.arrived = max(w.arrived, 1)
	clear(w.late)
}

// file files what has arrived. Where that fails, it is tried again with the next
// group.
func (w *writer) file() {
	if w.arrived == 0 || w.begin() != nil {
		return
	}
	if w.guard((*tx).file) != nil || w.commit() != nil {
		w.rollback()
	}
}

// dataVersion changes with every commit of another connection.
func (w *writer) dataVersion() (v int64, err error) {
	_, err = w.conn.one([]any{&v}, "PRAGMA data_version")
	return v, err
}

// commit ends the transaction, and counts it in the file where it changed
// something.
func (w *writer) commit() error {
	t := &tx{w, w.now()}
	for team, at := range w.lesson.presses {
		if _, err := t.exec(`UPDATE team SET pressed_at = $1 WHERE ref = $2`, at, team); err != nil {
			return err
		}
	}
	if !w.wrote {
		return w.control("COMMIT")
	}
	var number int64
	_, err := t.one([]any{&number}, `INSERT INTO tally (label, amount) VALUES ('`+tallyChange+`', 1)
		ON CONFLICT (label) DO UPDATE SET amount = amount + 1 RETURNING amount`)
	if err != nil {
		return err
	}
	w.recall.expect(number)
	if err := w.control("COMMIT"); err != nil {
		w.recall.fail()
		return err
	}
	w.recall.learn(w.lesson, number)
	return nil
}

// finish commits a group. Where the whole transaction is lost, it is run again.
func (w *writer) finish(ran []*job, ok bool) {
	if ok {
		err := w.commit()
		if err == nil {
			w.answer(ran, nil)
			return
		}
		ran[0].err = err
	}
	w.rollback()
	if len(ran) == 1 {
		w.answer(ran, ran[0].err)
		return
	}
	w.again(ran)
}

// again runs the calls of a lost group once more, each in a savepoint. Where
// that is lost as a whole too, as with a full disk, each gets a transaction of
// its own, so that a neighbour's fault is nobody else's.
func (w *writer) again(ran []*job) {
	if w.begin() == nil {
		ok := true
		for _, j := range ran {
			if ok = ok && w.runSaved(j); !ok {
				break
			}
		}
		if ok && w.commit() == nil {
			w.answer(ran, nil)
			return
		}
		w.rollback()
	}
	for _, j := range ran {
		j.err = nil
		if err := w.begin(); err != nil {
			w.answer([]*job{j}, err)
			continue
		}
		w.finish([]*job{j}, w.run(j))
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

// run runs j. It reports whether the transaction may go on: j has not failed, or
// before it wrote anything.
func (w *writer) run(j *job) bool {
	before := w.wrote
	w.wrote = false
	w.lesson.all = w.lesson.all || !j.mild
	j.err = w.guard(func(t *tx) error {
		if !j.mild {
			if err := t.file(); err != nil {
				return err
			}
		}
		return j.run(t)
	})
	clean := j.err == nil || !w.wrote
	w.wrote = w.wrote || before
	return clean
}

// runSaved runs j in a savepoint. It reports whether the transaction still
// stands.
func (w *writer) runSaved(j *job) bool {
	if j.err = w.control("SAVEPOINT one"); j.err != nil {
		return false
	}
	if w.run(j); j.err == nil {
		j.err = w.control("RELEASE one")
		return j.err == nil
	}
	w.unsure()
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
			err = fmt.Errorf("panic while writing: %T", r) // what it holds may be words
		}
	}()
	return f(&tx{w, w.now()})
}

// control runs a statement that opens or ends a transaction or a savepoint.
func (w *writer) control(query string) error {
	_, err := w.conn.exec(query)
	return err
}

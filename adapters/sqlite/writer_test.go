package sqlite

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"rapport/coach"
	"rapport/coach/coachtest"
)

// hold keeps the writer busy until release is called, so that calls gather.
func hold(t *testing.T, db *DB) (release func()) {
	t.Helper()
	began, end, done := make(chan struct{}), make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		db.write.alone(context.Background(), func(*tx) error { close(began); <-end; return nil })
	}()
	<-began
	return func() { close(end); <-done }
}

// gather waits until n calls wait for the writer.
func gather(db *DB, n int) {
	for len(db.write.jobs) < n {
		time.Sleep(time.Millisecond) // there is nothing to be told by
	}
}

func TestGroupCommit(t *testing.T) {
	db := openNew(t, &clock{monday})
	if err := db.flush(t.Context()); err != nil { // empties the log
		t.Fatal(err)
	}
	release := hold(t, db)
	mark := func(label string) func(*tx) error {
		return func(t *tx) error { return t.setTally(label, 1) }
	}
	calls := map[string]func(*tx) error{
		"error": func(t *tx) error { t.setTally("error", 1); return errors.New("refused") },
		"panic": func(t *tx) error { t.setTally("panic", 1); panic("oops") },
		"sql": func(t *tx) error {
			t.setTally("sql", 1)
			_, err := t.exec("INSERT INTO nowhere VALUES (1)")
			return err
		},
	}
	for i := range 20 {
		calls[fmt.Sprint(i)] = mark(fmt.Sprint(i))
	}
	var mu sync.Mutex
	got := map[string]error{}
	var wg sync.WaitGroup
	for name, f := range calls {
		wg.Go(func() {
			err := db.do(context.Background(), f)
			mu.Lock()
			defer mu.Unlock()
			got[name] = err
		})
	}
	gather(db, len(calls))
	release()
	wg.Wait()
	for name, err := range got {
		bad := name == "error" || name == "panic" || name == "sql"
		if (err != nil) != bad || err != nil && strings.Contains(err.Error(), "oops") { // what was thrown may hold words
			t.Errorf("%s: %v", name, err)
		}
		var n int
		ok, readErr := db.one(t.Context(), []any{&n}, tallyOf, name)
		if readErr != nil || ok == bad {
			t.Errorf("%s: written = %v, %v; want %v", name, ok, readErr, !bad)
		}
	}
	if n := frames(t, db); n == 0 || n > 4 {
		t.Errorf("%d calls wrote %d pages, want those of one commit", len(calls), n)
	}
}

// frames counts the pages in the write-ahead log.
func frames(t *testing.T, db *DB) (n int) {
	t.Helper()
	err := db.write.alone(t.Context(), func(tx *tx) error {
		var busy, done int
		_, err := tx.one([]any{&busy, &n, &done}, "PRAGMA wal_checkpoint(PASSIVE)")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// TestLostGroup loses a whole transaction in the middle: its calls still get
// what each would have got alone.
func TestLostGroup(t *testing.T) {
	db := openNew(t, &clock{monday})
	release := hold(t, db)
	var wg sync.WaitGroup
	errs := make([]error, 9)
	for i := range errs {
		wg.Go(func() {
			errs[i] = db.do(context.Background(), func(t *tx) error {
				if err := t.setTally(fmt.Sprint(i), 1); err != nil || i != 4 {
					return err
				}
				t.w.control("ROLLBACK") // as SQLite does on some faults of the disk
				return errors.New("lost")
			})
		})
	}
	gather(db, len(errs))
	release()
	wg.Wait()
	for i, err := range errs {
		var n int
		ok, readErr := db.one(t.Context(), []any{&n}, tallyOf, fmt.Sprint(i))
		if readErr != nil || ok != (i != 4) || (err == nil) != (i != 4) {
			t.Errorf("call %d: %v, written = %v, %v", i, err, ok, readErr)
		}
	}
}

func TestGivenUp(t *testing.T) {
	db := openNew(t, &clock{monday})
	release := hold(t, db)
	ctx, cancel := context.WithCancel(t.Context())
	result := make(chan error)
	go func() {
		_, err := db.Apply(ctx, "r", ann, coach.Change{})
		result <- err
	}()
	gather(db, 1)
	cancel()
	if err := <-result; !errors.Is(err, context.Canceled) {
		t.Errorf("Apply that was given up: %v", err)
	}
	release()
	db.Ping(t.Context())
	if self, err := db.Self(t.Context(), ann); err != nil || self.Known {
		t.Errorf("Self after a call that was given up = %+v, %v; want nobody", self, err)
	}
}

func TestClosed(t *testing.T) {
	db := openNew(t, &clock{monday})
	release := hold(t, db)
	result := make(chan error)
	go func() { result <- db.Ping(context.Background()) }()
	gather(db, 1)
	closed := make(chan error)
	go func() { closed <- db.Close() }()
	<-db.write.stop
	release()
	if err := <-closed; err != nil {
		t.Errorf("Close: %v", err)
	}
	if err := <-result; err != nil && !errors.Is(err, ErrShut) {
		t.Errorf("a call that waits while the database is closed: %v", err)
	}
	if err := db.Ping(t.Context()); !errors.Is(err, ErrShut) {
		t.Errorf("Ping after Close: %v, want ErrShut", err)
	}
}

// TestTwoProcesses lets two open databases of one file write at once: neither
// loses anything, and equal requests are applied once.
func TestTwoProcesses(t *testing.T) {
	path, keys := filepath.Join(t.TempDir(), "rapport.db"), new(coachtest.MemKeys)
	c := &clock{monday}
	dbs := []*DB{openAt(t, path, keys, c.now), openAt(t, path, keys, c.now)}
	var wg sync.WaitGroup
	firsts := make([]int, 2)
	for i, db := range dbs {
		wg.Go(func() {
			for n := range 50 {
				got, err := db.Apply(t.Context(), fmt.Sprint("r", n), ann, coach.Change{AddNotes: []coach.Note{{At: monday, Words: fmt.Sprint(n)}}})
				if err != nil {
					t.Error(err)
				}
				if got.First {
					firsts[i]++
				}
			}
		})
	}
	wg.Wait()
	notes, err := dbs[0].Notes(t.Context(), ann, 0, 1000)
	if err != nil || len(notes) != 50 || firsts[0]+firsts[1] != 50 {
		t.Errorf("%d notes (%v), %d and %d firsts; want 50 in all", len(notes), err, firsts[0], firsts[1])
	}
}

package sqlite

import (
	"errors"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"rapport/coach"
	"rapport/coach/coachtest"
)

// lying is every file of a folder with its content.
func lying(t *testing.T, dir string) map[string]string {
	t.Helper()
	all := make(map[string]string)
	entries, err := os.ReadDir(dir)
	for _, e := range entries {
		body, readErr := os.ReadFile(filepath.Join(dir, e.Name()))
		err = errors.Join(err, readErr)
		all[e.Name()] = string(body)
	}
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func lookAt(t *testing.T, path string, keys Keys) *DB {
	t.Helper()
	db, err := Look(t.Context(), path, Options{Keys: keys, Now: func() time.Time { return monday.AddDate(0, 0, 3) }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

// checkLook reads what fill and queueAll wrote, and cannot write.
func checkLook(t *testing.T, db *DB) {
	t.Helper()
	if teams, err := db.Teams(t.Context()); err != nil || !slices.Equal(teams, []coach.Team{demo}) {
		t.Errorf("got teams %v, %v; want %v", teams, err, demo)
	}
	if q, err := db.Queue(t.Context()); err != nil || q.Waiting != 1 || q.Since.Before(monday) || q.InDoubt+q.Dead != 0 {
		t.Errorf("got queue %+v, %v; want one that waits", q, err)
	}
	if at, err := db.LastBeat(t.Context()); err != nil || !at.Equal(monday) {
		t.Errorf("got a heartbeat at %v, %v; want %v", at, err, monday)
	}
	if faults, err := db.Integrity(t.Context()); err != nil || len(faults) > 0 {
		t.Errorf("got faults %q, %v; want a sound file", faults, err)
	}
	if err := db.KeysFit(t.Context()); err != nil {
		t.Errorf("keys: %v", err)
	}
	if _, err := db.Apply(t.Context(), "late", bob, coach.Change{Team: demo}); err == nil {
		t.Error("a database that is only looked at was written")
	}
}

func TestLook(t *testing.T) {
	c := &clock{monday}
	dir := t.TempDir()
	path := filepath.Join(dir, "rapport.db")
	keys := new(coachtest.MemKeys)
	used := openAt(t, path, keys, c.now)
	fill(t, used, ann)
	queueAll(t, used, monday.AddDate(0, 0, 1))
	if _, err := used.Heartbeat(t.Context(), monday); err != nil {
		t.Fatal(err)
	}
	db := lookAt(t, path, keys)
	checkLook(t, db) // while the other runs
	db.Close()
	c.at = monday.Add(time.Hour)
	apply(t, used, "after", bob, coach.Change{Team: demo})
	if err := used.Close(); err != nil {
		t.Fatal(err)
	}
	before := lying(t, dir)
	db = lookAt(t, path, keys)
	checkLook(t, db)
	db.Close()
	if after := lying(t, dir); !maps.Equal(before, after) {
		t.Errorf("looking changed files: %q before, %q after", slices.Sorted(maps.Keys(before)), slices.Sorted(maps.Keys(after)))
	}
	if err := lookAt(t, path, new(coachtest.MemKeys)).KeysFit(t.Context()); !errors.Is(err, errKeys) {
		t.Errorf("other keys: got %v, want that they belong to another database", err)
	}
}

func TestLookRefuses(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "rapport.db")
	look := func() error {
		db, err := Look(t.Context(), path, Options{Keys: new(coachtest.MemKeys)})
		if err == nil {
			db.Close()
		}
		return err
	}
	if err := look(); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no file: got %v", err)
	}
	if names := lying(t, dir); len(names) != 0 {
		t.Errorf("no file: %q were made", slices.Sorted(maps.Keys(names)))
	}
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := look(); !errors.Is(err, ErrOlder) {
		t.Errorf("an empty file: got %v, want ErrOlder", err)
	}
	if err := tryOpen(t, path, new(coachtest.MemKeys)); err != nil {
		t.Fatal(err)
	}
	raw := rawOpen(t, path)
	mustExec(t, raw, "PRAGMA user_version = 99")
	raw.Close()
	if _, ok := errors.AsType[*SchemaError](look()); !ok {
		t.Errorf("a newer schema: got %v", look())
	}
	if err := os.WriteFile(path, []byte(strings.Repeat("no database\n", 200)), 0o600); err != nil {
		t.Fatal(err)
	}
	wantFault(t, look(), path, "not a database")
}

// TestIntegrity damages a page that opening the file does not read.
func TestIntegrity(t *testing.T) {
	path := filepath.Join(t.TempDir(), "rapport.db")
	keys := new(coachtest.MemKeys)
	db := openAt(t, path, keys, nil)
	fill(t, db, ann)
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	body, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	at := strings.Index(string(body), "0 9 * * *") // in the page of what is due
	copy(body[at&^4095:], strings.Repeat("\xff", 64))
	if err := os.WriteFile(path, body, 0o600); at < 4096 || err != nil {
		t.Fatal(at, err)
	}
	faults, err := lookAt(t, path, keys).Integrity(t.Context())
	if len(faults) == 0 && err == nil {
		t.Error("the damage was not found")
	}
}

func TestHeld(t *testing.T) {
	path := filepath.Join(t.TempDir(), "rapport.db")
	if pid, held, err := Held(path); pid != 0 || held || err != nil {
		t.Errorf("nothing there: got %d, %v, %v", pid, held, err)
	}
	if _, err := os.Stat(path + ".lock"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("asking made a lock file (%v)", err)
	}
	lock, err := Lock(path)
	if err != nil {
		t.Fatal(err)
	}
	if pid, held, err := Held(path); pid != os.Getpid() || !held || err != nil {
		t.Errorf("held: got %d, %v, %v; want this process", pid, held, err)
	}
	lock.Close()
	if _, held, err := Held(path); held || err != nil {
		t.Errorf("given back: got %v, %v", held, err)
	}
	again, err := Lock(path)
	if err != nil {
		t.Fatalf("asking kept the lock: %v", err)
	}
	again.Close()
}

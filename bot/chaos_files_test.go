package main

import (
	"database/sql"
	"errors"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// filePoints are the named steps of an upgrade, and of the copy before it.
var filePoints = []string{"before-copy", "after-copy", "copied-aside", "after-migration", "before-upgrade"}

// migrationKilled kills the upgrade of a database of the first release at each
// step, and at moments that nobody chose: it is as it was or upgraded, and what
// has the name of a copy is a whole one.
func migrationKilled(t *testing.T, bin string) {
	dir, kills := oldHouse(t), 3
	if *long {
		kills = 20
	}
	for _, point := range filePoints {
		wantKilled(t, launch(t, bin, dir, []string{"RAPPORT_CRASH=" + point}))
		wantSound(t, dir)
	}
	for range kills {
		p := launch(t, bin, oldHouse(t), nil)
		kill := time.AfterFunc(rand.N(100*time.Millisecond), func() { p.Process.Kill() })
		<-p.done
		kill.Stop()
		wantSound(t, p.Dir)
		wantUpgraded(t, bin, p.Dir)
	}
	wantUpgraded(t, bin, dir)
	t.Logf("migration: killed at %d named steps and %d moments", len(filePoints), kills)
}

// oldHouse is a folder with a database of the first release, and its keys.
func oldHouse(t *testing.T) string {
	t.Helper()
	dir := seeded(t) // for its keys
	path := filepath.Join(dir, "rapport.db")
	for _, part := range []string{"", "-wal", "-shm"} {
		if err := os.Remove(path + part); err != nil && !errors.Is(err, fs.ErrNotExist) {
			t.Fatal(err)
		}
	}
	pragma(t, path, string(read(t, "../adapters/sqlite/testdata/released/0001.sql")))
	writeFile(t, filepath.Join(dir, "config.toml"), quietConfig)
	return dir
}

// wantSound looks at the database and all that has the name of a copy of it.
func wantSound(t *testing.T, dir string) {
	t.Helper()
	copies, err := filepath.Glob(filepath.Join(dir, "*.bak"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range append(copies, filepath.Join(dir, "rapport.db")) {
		db, err := sql.Open("sqlite", "file:"+name+"?_pragma=busy_timeout(10000)")
		if err != nil {
			t.Fatal(err)
		}
		var sound string
		var version, people int
		err = db.QueryRow("PRAGMA integrity_check").Scan(&sound)
		err = errors.Join(err, db.QueryRow("PRAGMA user_version").Scan(&version), db.QueryRow("SELECT count(*) FROM account").Scan(&people))
		db.Close()
		if err != nil || sound != "ok" || version == 0 || people == 0 {
			t.Errorf("%s: integrity %q, version %d, %d people, %v", filepath.Base(name), sound, version, people, err)
		}
	}
}

// wantUpgraded runs the program, and looks for who was in the database before.
func wantUpgraded(t *testing.T, bin, dir string) {
	t.Helper()
	p := launch(t, bin, dir, nil)
	p.address(t)
	p.stop(t)
	wantSound(t, dir)
	if status, stdout, stderr := command(t, dir, nil, "export", "p/r/ann"); status != 0 || !strings.Contains(stdout, `"events": 1`) {
		t.Errorf("who was in it: got status %d, %q, %q", status, stdout, stderr)
	}
}

// backupKilled kills backups of a database on which a program runs, at each step
// and at moments that nobody chose: whatever has the name of the copy is a whole
// one, the same command makes one, and the program goes on.
func (c *chaos) backupKilled() {
	c.Helper()
	file := filepath.Join(c.dir, "copy.db")
	ends := []string{"before-copy", "after-copy", ""}
	if *long {
		ends = append(ends, make([]string, 10)...)
	}
	for _, end := range ends {
		p := launch(c.T, c.bin, c.dir, []string{"RAPPORT_CRASH=" + end}, "backup", file)
		if end == "" {
			kill := time.AfterFunc(rand.N(150*time.Millisecond), func() { p.Process.Kill() })
			defer kill.Stop()
		}
		<-p.done
		if _, err := os.Stat(file); err == nil {
			c.wantCopy(file)
			c.empty(file)
		} else if end == "" && !p.killed() {
			c.Errorf("backup: %v\n%s", p.err, p.tail())
		}
		if end != "" && !p.killed() {
			c.Errorf("backup: %v, want death at %s\n%s", p.err, end, p.tail())
		}
	}
	p := launch(c.T, c.bin, c.dir, nil, "backup", file)
	if status := p.end(c.T); status != 0 {
		c.Fatalf("backup: status %d\n%s", status, p.tail())
	}
	c.wantCopy(file)
	c.empty(file)
}

// wantCopy demands that a copy is whole.
func (c *chaos) wantCopy(file string) {
	c.Helper()
	db, err := sql.Open("sqlite", "file:"+file+"?mode=ro")
	if err != nil {
		c.Fatal(err)
	}
	defer db.Close()
	var sound string
	var deliveries int
	err = db.QueryRow("PRAGMA integrity_check").Scan(&sound)
	err = errors.Join(err, db.QueryRow("SELECT count(*) FROM outbox").Scan(&deliveries))
	if err != nil || sound != "ok" || deliveries == 0 {
		c.Errorf("what has the name of a copy: integrity %q, %d deliveries, %v", sound, deliveries, err)
	}
}

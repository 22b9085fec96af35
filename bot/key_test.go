package main

import (
	"bytes"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"rapport/adapters/keyring"
	"rapport/adapters/sqlite"
	"rapport/coach"
	"rapport/coach/streak"
)

// wantWords opens the database in dir as the program does, and everything that
// ada and bob wrote.
func wantWords(t *testing.T, dir string, vars map[string]string) {
	t.Helper()
	env := testEnv(t, vars)
	env.Dir = dir
	cfg, err := LoadConfig(env, "")
	if err != nil {
		t.Fatal(err)
	}
	s, err := openStore(t.Context(), env, cfg, databasePath(env, cfg), time.Now)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for _, who := range []coach.Person{ada, bob} {
		x, _, err := s.db.Download(t.Context(), who)
		if err != nil || len(x.Notes) != 1 || x.Notes[0].Words != marker || len(x.Flows) != 1 || x.Flows[0].Words != marker {
			t.Errorf("%s: got %v and %v (%v), want both with their words", who, x.Notes, x.Flows, err)
		}
	}
}

func read(t *testing.T, elem ...string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(elem...))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func write(t *testing.T, body []byte, elem ...string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(elem...), body, 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestKeyRotate(t *testing.T) {
	dir := seeded(t)
	key, keys := read(t, dir, "rapport.key"), read(t, dir, "rapport.keys")
	status, stdout, stderr := command(t, dir, nil, "key", "rotate")
	if status != 0 || stderr != "" || !strings.Contains(stdout, "is wrapped with a new master key, which is in "+filepath.Join(dir, "rapport.key")+".") {
		t.Fatalf("got status %d, %q, %q", status, stdout, stderr)
	}
	if bytes.Equal(read(t, dir, "rapport.key"), key) || bytes.Equal(read(t, dir, "rapport.keys"), keys) {
		t.Error("the master key or the keys file is the old one")
	}
	if strings.Contains(stdout, strings.TrimSpace(string(read(t, dir, "rapport.key")))) {
		t.Error("the new master key is printed")
	}
	if _, err := os.Stat(filepath.Join(dir, "rapport.key.new")); !os.IsNotExist(err) {
		t.Errorf("the new master key is still beside the old one (%v)", err)
	}
	wantWords(t, dir, nil)
	write(t, key, dir, "rapport.key")
	if status, _, stderr := command(t, dir, nil, "export", "web/Demo/ada"); status != 1 || !strings.Contains(stderr, "the master key does not fit") {
		t.Errorf("with the old key: got status %d and %q", status, stderr)
	}
	write(t, keys, dir, "rapport.keys") // the old ones fit each other
	wantWords(t, dir, nil)
}

func TestKeyRotateFinishesWhatWasBegun(t *testing.T) {
	dir := seeded(t)
	path := filepath.Join(dir, "rapport.key")
	for name, half := range map[string]func(next []byte){
		"a key that was half written": func([]byte) { write(t, []byte("abc"), path+".new") },
		"a new key and old keys":      func([]byte) {},
		"keys wrapped, the old key still there": func(next []byte) {
			ring, err := openRing(Env{Dir: dir}, defaultConfig(), filepath.Join(dir, "rapport.db"), mustMaster(t, path))
			if err != nil {
				t.Fatal(err)
			}
			if err := ring.Rotate(t.Context(), next); err != nil {
				t.Fatal(err)
			}
			ring.Close()
			status, stdout, _ := command(t, dir, nil, "doctor")
			if status != 1 || !strings.Contains(stdout, "a change of the master key was cut short") {
				t.Errorf("doctor: got status %d and\n%s", status, stdout)
			}
			if _, err := os.Stat(path + ".new"); err != nil {
				t.Errorf("doctor changed something: %v", err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			half(mustMaster(t, path+".new"))
			if status, _, stderr := command(t, dir, nil, "key", "rotate"); status != 0 {
				t.Fatalf("got status %d and %q", status, stderr)
			}
			wantWords(t, dir, nil)
			if _, err := os.Stat(path + ".new"); !os.IsNotExist(err) {
				t.Errorf("the new key is still beside the old one (%v)", err)
			}
		})
	}
}

// mustMaster reads or makes a master key.
func mustMaster(t *testing.T, path string) []byte {
	t.Helper()
	master, _, err := keyring.Master(path)
	if err != nil {
		t.Fatal(err)
	}
	return master
}

func TestKeyRotateRefuses(t *testing.T) {
	dir := seeded(t)
	if status, _, stderr := command(t, dir, nil, "key", "rotate", "--drop-old"); status != 2 || !strings.Contains(stderr, "--drop-old goes with --data") {
		t.Errorf("--drop-old alone: got status %d and %q", status, stderr)
	}
	lock, err := sqlite.Lock(filepath.Join(dir, "rapport.db"))
	if err != nil {
		t.Fatal(err)
	}
	before := read(t, dir, "rapport.keys")
	if status, _, stderr := command(t, dir, nil, "key", "rotate", "--data"); status != 1 || !strings.Contains(stderr, "another rapport") {
		t.Errorf("while a coach runs: got status %d and %q", status, stderr)
	}
	lock.Close()
	if !bytes.Equal(before, read(t, dir, "rapport.keys")) {
		t.Error("the keys changed")
	}
	empty := t.TempDir()
	if status, _, stderr := command(t, empty, nil, "key", "rotate"); status != 1 || !strings.HasPrefix(stderr, "rapport: there is no database") {
		t.Errorf("without a database: got status %d and %q", status, stderr)
	}
	if names, _ := filepath.Glob(filepath.Join(empty, "*")); len(names) != 0 {
		t.Errorf("it made %q", names)
	}
}

func TestKeyRotateOfAKeyFromOutside(t *testing.T) {
	credentials := t.TempDir()
	for name, source := range map[string]func(key string) map[string]string{
		"set RAPPORT_PRIVACY_KEY to what is in it": func(key string) map[string]string { return map[string]string{"RAPPORT_PRIVACY_KEY": key} },
		"into the file that LoadCredential names for privacy_key": func(key string) map[string]string {
			write(t, []byte(key), credentials, "privacy_key")
			return map[string]string{"CREDENTIALS_DIRECTORY": credentials}
		},
	} {
		t.Run(name, func(t *testing.T) {
			dir := seeded(t)
			old := string(read(t, dir, "rapport.key"))
			if err := os.Remove(filepath.Join(dir, "rapport.key")); err != nil {
				t.Fatal(err)
			}
			vars := source(old)
			if status, _, stderr := command(t, dir, vars, "key", "rotate"); status != 2 || !strings.Contains(stderr, "name a file for the new one with --to FILE") {
				t.Errorf("without --to: got status %d and %q", status, stderr)
			}
			for range 2 { // the second time it is as if the first had been cut short at the very end
				status, stdout, stderr := command(t, dir, vars, "key", "rotate", "--to", "next.key")
				if status != 0 || stderr != "" || !strings.Contains(stdout, name) || strings.Contains(stdout, strings.TrimSpace(old)) {
					t.Fatalf("got status %d, %q, %q", status, stdout, stderr)
				}
			}
			if status, _, _ := command(t, dir, vars, "export", "web/Demo/ada"); status != 1 {
				t.Errorf("the old key still fits: got status %d", status)
			}
			vars = source(string(read(t, dir, "next.key")))
			wantWords(t, dir, vars)
			if status, _, stderr := command(t, dir, vars, "key", "rotate", "--to", "next.key"); status != 1 || !strings.Contains(stderr, "holds the present master key") {
				t.Errorf("the same file again: got status %d and %q", status, stderr)
			}
			wantWords(t, dir, vars)
		})
	}
}

func TestKeyRotateData(t *testing.T) {
	dir := seeded(t)
	oldKey, oldKeys := read(t, dir, "rapport.key"), read(t, dir, "rapport.keys")
	if status, _, stderr := command(t, dir, nil, "backup", "before.db"); status != 0 {
		t.Fatal(stderr)
	}
	status, stdout, stderr := command(t, dir, nil, "key", "rotate", "--data")
	if status != 0 || stderr != "" || !strings.Contains(stdout, "Sealed anew: 4 texts.\n") {
		t.Fatalf("got status %d, %q, %q", status, stdout, stderr)
	}
	wantWords(t, dir, nil)
	// Whoever took the old master key and the old keys reads nothing new.
	stolen := t.TempDir()
	write(t, oldKey, stolen, "rapport.key")
	write(t, oldKeys, stolen, "rapport.keys")
	write(t, read(t, dir, "rapport.db"), stolen, "rapport.db")
	if status, _, stderr := command(t, stolen, nil, "export", "web/Demo/ada"); status != 1 || !strings.Contains(stderr, "belong") {
		t.Errorf("with the old keys: got status %d and %q, want that they do not fit", status, stderr)
	}
	if status, _, stderr := command(t, dir, nil, "restore", "before.db"); status != 0 {
		t.Fatalf("a backup from before: got status %d and %q", status, stderr)
	}
	wantWords(t, dir, nil)
	// A restored backup is as a change that was cut short: it is sealed anew.
	status, stdout, _ = command(t, dir, nil, "key", "rotate", "--data", "--drop-old")
	if status != 0 || !strings.Contains(stdout, "was cut short before") || !strings.Contains(stdout, "Erased: 2 old data keys") {
		t.Errorf("got status %d and %q", status, stdout)
	}
	wantWords(t, dir, nil)
	if status, _, stderr := command(t, dir, nil, "restore", "before.db"); status != 1 || !strings.Contains(stderr, "restore: ") {
		t.Errorf("a backup from before, the old keys erased: got status %d and %q", status, stderr)
	}
	wantWords(t, dir, nil)
}

// TestKeyRotateKeepsWhatItCannotOpen has a text that no key opens.
func TestKeyRotateKeepsWhatItCannotOpen(t *testing.T) {
	dir := seeded(t)
	raw, err := sql.Open("sqlite", filepath.Join(dir, "rapport.db"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := raw.Exec(`UPDATE flow SET words = zeroblob(length(words)) WHERE account_id = (SELECT account_id FROM identity WHERE person = 'ada')`); err != nil {
		t.Fatal(err)
	}
	raw.Close()
	status, stdout, stderr := command(t, dir, nil, "key", "rotate", "--data", "--drop-old")
	if status != 1 || !strings.Contains(stdout, "Sealed anew: 3 texts.\nLeft as they were: 1 text that cannot be opened.") || !strings.Contains(stderr, "the old data keys are kept") {
		t.Errorf("got status %d, %q, %q", status, stdout, stderr)
	}
	for _, who := range []string{"ada", "bob"} {
		if status, _, stderr := command(t, dir, nil, "export", "web/Demo/"+who); status != 0 {
			t.Errorf("%s: got status %d and %q", who, status, stderr)
		}
	}
}

// penned seeds a folder with n people who wrote something of every kind, and
// something on the page.
func penned(t *testing.T, n int) string {
	t.Helper()
	dir := seeded(t)
	env := Env{Dir: dir}
	s, err := openStore(t.Context(), env, defaultConfig(), filepath.Join(dir, "rapport.db"), time.Now)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	now := time.Now()
	for i := range n {
		who := coach.Person{Platform: "web", Realm: "Demo", User: fmt.Sprint("p", i)}
		_, err := s.db.Apply(t.Context(), "r"+who.User, who, coach.Change{
			Team:     coach.Team{Platform: "web", ID: "Demo"},
			AddNotes: []coach.Note{{At: now, Date: streak.DateOf(now.UTC()), Words: marker + who.User}},
			PutDraft: &coach.Draft{ID: "d", Answers: map[string]string{"words": marker + who.User}, Expires: now.Add(time.Hour)},
		})
		if err == nil {
			_, err = s.db.Keep(t.Context(), who.User, "channel/x", []byte(marker+who.User), now)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// wantPenned opens everything that they wrote.
func wantPenned(t *testing.T, dir string, n int) {
	t.Helper()
	wantWords(t, dir, nil)
	s, err := openStore(t.Context(), Env{Dir: dir}, defaultConfig(), filepath.Join(dir, "rapport.db"), time.Now)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for i := range n {
		who := coach.Person{Platform: "web", Realm: "Demo", User: fmt.Sprint("p", i)}
		x, _, err := s.db.Download(t.Context(), who)
		if err != nil || len(x.Notes) != 1 || x.Notes[0].Words != marker+who.User || len(x.Drafts) != 1 || x.Drafts[0].Words["words"] != marker+who.User {
			t.Fatalf("%s: got %v and %v (%v)", who, x.Notes, x.Drafts, err)
		}
	}
	seen := 0
	err = s.db.Kept(t.Context(), "channel/x", n, func(key string, body []byte, _ time.Time) error {
		seen++
		if string(body) != marker+key {
			t.Errorf("the page shows %q for %s", body, key)
		}
		return nil
	})
	if err != nil || seen != n {
		t.Errorf("the page shows %d, %v; want %d", seen, err, n)
	}
}

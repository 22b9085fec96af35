package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"rapport/adapters/sqlite"
	"rapport/coach"
	"rapport/coach/streak"
)

var (
	ada = coach.Person{Platform: "web", Realm: "Demo", User: "ada"}
	bob = coach.Person{Platform: "web", Realm: "Demo", User: "bob"}
)

// seeded is a folder with a database in which ada and bob wrote the marker.
func seeded(t *testing.T) string {
	t.Helper()
	env := testEnv(t, nil)
	cfg := defaultConfig()
	s, err := openStore(t.Context(), env, cfg, databasePath(env, cfg), time.Now)
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	for _, who := range []coach.Person{ada, bob} {
		_, err := s.db.Apply(t.Context(), "request/"+who.User, who, coach.Change{
			Team:     coach.Team{Platform: "web", ID: "Demo"},
			Events:   []streak.Event{streak.Stamp(now, time.UTC, streak.Event{Key: "a", Kind: streak.CheckIn, Step: 1})},
			AddNotes: []coach.Note{{At: now, Date: streak.DateOf(now.UTC()), Words: marker}},
			PutFlows: []coach.Flow{{ID: "f", Kind: "try", Item: "s1.mission.a", Made: now, Expires: now.Add(time.Hour), Words: marker}},
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	return env.Dir
}

func TestExport(t *testing.T) {
	dir := seeded(t)
	status, stdout, stderr := command(t, dir, nil, "export", "web/Demo/ada")
	if status != 0 || stderr != "" {
		t.Fatalf("got status %d and errors %q", status, stderr)
	}
	var got struct {
		Person string
		Counts map[string]int
	}
	if err := json.Unmarshal([]byte(stdout), &got); err != nil {
		t.Fatalf("got %v from\n%s", err, stdout)
	}
	if got.Person != "web/Demo/ada" || got.Counts["notes"] != 1 || got.Counts["events"] == 0 {
		t.Errorf("got %s with %v, want ada with one note and her events", got.Person, got.Counts)
	}
	if leaks(stdout) || strings.Contains(stdout, "outcome") || strings.Contains(stdout, "s2.") {
		t.Errorf("the operator sees what ada wrote:\n%s", stdout)
	}
	if status, stdout, stderr := command(t, dir, nil, "export", "web/Demo/eve"); status != 1 || stdout != "" || stderr != "rapport: nothing is kept about web/Demo/eve\n" {
		t.Errorf("a stranger: got status %d, %q, %q; want that nothing is kept", status, stdout, stderr)
	}
	for _, sub := range []string{"export", "forget"} {
		if status, _, stderr := command(t, dir, nil, sub, "ada"); status != 2 || !strings.Contains(stderr, "write platform/realm/user") {
			t.Errorf("%s ada: got status %d and %q, want status 2", sub, status, stderr)
		}
	}
}

func TestBackup(t *testing.T) {
	dir := seeded(t)
	status, stdout, stderr := command(t, dir, nil, "backup", "copy.db")
	if status != 0 || stderr != "" || !strings.HasPrefix(stdout, "Copied to copy.db.") {
		t.Fatalf("got status %d, %q, %q", status, stdout, stderr)
	}
	name := filepath.Join(dir, "copy.db")
	info, err := os.Stat(name)
	if err != nil {
		t.Fatal(err)
	}
	if got := info.Mode().Perm(); got != 0o600 && runtime.GOOS != "windows" {
		t.Errorf("got mode %o, want 600", got)
	}
	data, err := os.ReadFile(name)
	if err != nil || bytes.Contains(data, []byte(marker)) || !bytes.Contains(data, []byte("s1.mission.a")) {
		t.Errorf("got a copy with the marker in it, or without the flow (%v)", err)
	}
	if status, _, stderr := command(t, dir, nil, "backup", "copy.db"); status != 1 || !strings.Contains(stderr, "the file exists") {
		t.Errorf("again: got status %d and %q, want that the file exists", status, stderr)
	}
	if again, err := os.ReadFile(name); err != nil || !bytes.Equal(again, data) {
		t.Errorf("the first copy changed (%v)", err)
	}
}

func TestForgetOutlivesRestore(t *testing.T) {
	dir := seeded(t)
	if status, _, stderr := command(t, dir, nil, "backup", "copy.db"); status != 0 {
		t.Fatal(stderr)
	}
	status, stdout, stderr := command(t, dir, nil, "forget", "web/Demo/ada")
	if want := "Erased web/Demo/ada: 1 check-in, 1 note, 1 under way,"; status != 0 || stderr != "" || !strings.HasPrefix(stdout, want) {
		t.Errorf("got status %d, %q, %q; want %q", status, stdout, stderr, want)
	}
	if status, _, stderr := command(t, dir, nil, "forget", "web/Demo/ada"); status != 1 || stderr != "rapport: nothing is kept about web/Demo/ada\n" {
		t.Errorf("again: got status %d and %q, want that nothing is kept", status, stderr)
	}
	status, stdout, stderr = command(t, dir, nil, "restore", "copy.db")
	if status != 0 || stderr != "" || !strings.Contains(stdout, "Erased again: 1 account who asked") || !strings.Contains(stdout, ".before-restore-") {
		t.Errorf("restore: got status %d, %q, %q", status, stdout, stderr)
	}
	for who, want := range map[coach.Person]int{ada: 1, bob: 0} {
		if status, _, stderr := command(t, dir, nil, "export", who.String()); status != want {
			t.Errorf("%s after the restore: got status %d and %q, want %d", who, status, stderr, want)
		}
	}
}

func TestRestoreBringsBack(t *testing.T) {
	dir := seeded(t)
	if status, _, stderr := command(t, dir, nil, "backup", "copy.db"); status != 0 {
		t.Fatal(stderr)
	}
	for _, part := range []string{"", "-wal", "-shm"} {
		if err := os.Remove(filepath.Join(dir, "rapport.db"+part)); err != nil && !os.IsNotExist(err) {
			t.Fatal(err)
		}
	}
	if status, stdout, stderr := command(t, dir, nil, "restore", "copy.db"); status != 0 || strings.Contains(stdout, "Erased again") {
		t.Errorf("got status %d, %q, %q; want that nobody is erased", status, stdout, stderr)
	}
	if status, stdout, _ := command(t, dir, nil, "export", "web/Demo/bob"); status != 0 || !strings.Contains(stdout, `"person": "web/Demo/bob"`) {
		t.Errorf("bob is not back: status %d, %q", status, stdout)
	}
	if status, _, stderr := command(t, dir, nil, "restore", "missing.db"); status != 1 || !strings.HasPrefix(stderr, "rapport: restore: ") {
		t.Errorf("a missing file: got status %d and %q", status, stderr)
	}
	if status, _, _ := command(t, dir, nil, "export", "web/Demo/bob"); status != 0 {
		t.Error("a restore that failed took the database away")
	}
}

func TestRestoreWhileRunning(t *testing.T) {
	dir := seeded(t)
	if status, _, stderr := command(t, dir, nil, "backup", "copy.db"); status != 0 {
		t.Fatal(stderr)
	}
	lock, err := sqlite.Lock(filepath.Join(dir, "rapport.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer lock.Close()
	if status, _, stderr := command(t, dir, nil, "restore", "copy.db"); status != 1 || !strings.Contains(stderr, "another rapport") {
		t.Errorf("got status %d and %q, want that another one runs", status, stderr)
	}
}

func TestDataCommandsMakeNothing(t *testing.T) {
	for _, args := range [][]string{{"backup", "x"}, {"export", "a/b/c"}, {"forget", "a/b/c"}, {"restore", "x"}} {
		dir := t.TempDir()
		if status, _, stderr := command(t, dir, nil, args...); status != 1 || !strings.HasPrefix(stderr, "rapport: there is no ") {
			t.Errorf("rapport %q: got status %d and %q, want that nothing is there", args, status, stderr)
		}
		if names, err := filepath.Glob(filepath.Join(dir, "*")); err != nil || len(names) != 0 {
			t.Errorf("rapport %q made %q (%v)", args, names, err)
		}
	}
}

func TestDataCommandsNeedTheKeys(t *testing.T) {
	for _, file := range []string{"rapport.key", "rapport.keys"} {
		dir := seeded(t)
		if err := os.Remove(filepath.Join(dir, file)); err != nil {
			t.Fatal(err)
		}
		for _, args := range [][]string{{"backup", "x"}, {"export", "web/Demo/ada"}, {"forget", "web/Demo/ada"}, {"restore", "x"}} {
			if status, _, stderr := command(t, dir, nil, args...); status != 1 || !strings.Contains(stderr, "there is no "+filepath.Join(dir, file)) {
				t.Errorf("rapport %q without %s: got status %d and %q", args, file, status, stderr)
			}
		}
		if _, err := os.Stat(filepath.Join(dir, file)); err == nil {
			t.Errorf("a new %s was made", file)
		}
	}
}

package sqlite

import (
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"rapport/coach"
	"rapport/coach/coachtest"
)

// tryOpen opens path for one write, as a process does at its start.
func tryOpen(t testing.TB, path string, keys Keys) error {
	t.Helper()
	db, err := Open(t.Context(), path, Options{Keys: keys, Busy: 50 * time.Millisecond})
	if err == nil {
		db.Close()
	}
	return err
}

func wantFault(t *testing.T, err error, path string, words ...string) {
	t.Helper()
	if err == nil {
		t.Fatal("no error")
	}
	for _, w := range append(words, path) {
		if !strings.Contains(err.Error(), w) {
			t.Errorf("error %q does not say %q", err, w)
		}
	}
}

// rawOpen opens a file as any program would.
func rawOpen(t testing.TB, path string) *sql.DB {
	t.Helper()
	raw, err := sql.Open("sqlite", fileURI(path))
	if err != nil {
		t.Fatal(err)
	}
	raw.SetMaxOpenConns(1)
	t.Cleanup(func() { raw.Close() })
	return raw
}

func mustExec(t testing.TB, db *sql.DB, query string, args ...any) {
	t.Helper()
	if _, err := db.Exec(query, args...); err != nil {
		t.Fatal(err)
	}
}

func TestOpenNotADatabase(t *testing.T) {
	path := filepath.Join(t.TempDir(), "notes.txt")
	if err := os.WriteFile(path, []byte(strings.Repeat("shopping list ", 100)), 0o600); err != nil {
		t.Fatal(err)
	}
	wantFault(t, tryOpen(t, path, new(coachtest.MemKeys)), path, "not a database", "name another file")
}

func TestOpenForeignDatabase(t *testing.T) {
	path := filepath.Join(t.TempDir(), "other.db")
	mustExec(t, rawOpen(t, path), "CREATE TABLE invoice (id INTEGER)")
	wantFault(t, tryOpen(t, path, new(coachtest.MemKeys)), path, "another program's tables")
}

func TestOpenNewerSchema(t *testing.T) {
	path := filepath.Join(t.TempDir(), "rapport.db")
	if err := tryOpen(t, path, new(coachtest.MemKeys)); err != nil {
		t.Fatal(err)
	}
	mustExec(t, rawOpen(t, path), "PRAGMA user_version = 99")
	err := tryOpen(t, path, new(coachtest.MemKeys))
	wantFault(t, err, path, "version 99", "newer rapport", "restore a backup")
	if e, ok := errors.AsType[*SchemaError](err); !ok || e.Have != 99 {
		t.Errorf("error is no SchemaError of version 99: %v", err)
	}
}

func TestOpenMissingFolder(t *testing.T) {
	path := filepath.Join(t.TempDir(), "no", "such", "rapport.db")
	wantFault(t, tryOpen(t, path, new(coachtest.MemKeys)), path, "does not exist", "make it")
}

func TestOpenFolder(t *testing.T) {
	path := t.TempDir()
	wantFault(t, tryOpen(t, path, new(coachtest.MemKeys)), path, "it is a folder")
}

func TestOpenDamaged(t *testing.T) {
	path := filepath.Join(t.TempDir(), "rapport.db")
	if err := tryOpen(t, path, new(coachtest.MemKeys)); err != nil {
		t.Fatal(err)
	}
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteAt([]byte(strings.Repeat("x", 3000)), 100); err != nil {
		t.Fatal(err)
	}
	f.Close()
	wantFault(t, tryOpen(t, path, new(coachtest.MemKeys)), path, "damaged", "restore a backup")
}

func TestOpenLocked(t *testing.T) {
	path := filepath.Join(t.TempDir(), "rapport.db")
	if err := tryOpen(t, path, new(coachtest.MemKeys)); err != nil {
		t.Fatal(err)
	}
	mustExec(t, rawOpen(t, path), "BEGIN IMMEDIATE")
	wantFault(t, tryOpen(t, path, new(coachtest.MemKeys)), path, "locked for more than 50ms", "end that process")
}

func TestOpenWrongKeys(t *testing.T) {
	path := filepath.Join(t.TempDir(), "rapport.db")
	db := openAt(t, path, new(coachtest.MemKeys), nil)
	apply(t, db, "r", ann, coach.Change{AddNotes: []coach.Note{{At: monday, Words: "secret"}}})
	db.Close()
	wantFault(t, tryOpen(t, path, new(coachtest.MemKeys)), path, "keys file", "master key")
}

// TestOpenReadOnly opens files as a user who may not write them; root may write
// everything, so that the test runs itself as another.
func TestOpenReadOnly(t *testing.T) {
	dir := os.Getenv("RAPPORT_TEST_READ_ONLY")
	if dir == "" {
		readOnlyParent(t)
		return
	}
	path := filepath.Join(dir, "file", "rapport.db")
	wantFault(t, tryOpen(t, path, new(coachtest.MemKeys)), path, "no right to write it", filepath.Join(dir, "file"))
	path = filepath.Join(dir, "folder", "rapport.db")
	wantFault(t, tryOpen(t, path, new(coachtest.MemKeys)), path, "no right to write it", filepath.Join(dir, "folder"))
	path = filepath.Join(dir, "folder", "new.db")
	wantFault(t, tryOpen(t, path, new(coachtest.MemKeys)), path, "no right to make a file in "+filepath.Join(dir, "folder"))
}

func readOnlyParent(t *testing.T) {
	dir, err := os.MkdirTemp("", "rapport-read-only")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		os.Chmod(filepath.Join(dir, "folder"), 0o700)
		os.RemoveAll(dir)
	})
	for _, d := range []struct {
		name       string
		file, mode os.FileMode
	}{{"file", 0o444, 0o777}, {"folder", 0o666, 0o555}} {
		sub := filepath.Join(dir, d.name)
		if err := os.Mkdir(sub, 0o777); err != nil {
			t.Fatal(err)
		}
		if err := tryOpen(t, filepath.Join(sub, "rapport.db"), new(coachtest.MemKeys)); err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(os.Chmod(filepath.Join(sub, "rapport.db"), d.file), os.Chmod(sub, d.mode)); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	test := filepath.Join(dir, "test")
	if err := copyFile(os.Args[0], test); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(test, "-test.run=^TestOpenReadOnly$", "-test.v")
	cmd.Dir, cmd.Env = dir, append(os.Environ(), "RAPPORT_TEST_READ_ONLY="+dir)
	if os.Geteuid() == 0 {
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
	}
	out, err := cmd.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "--- PASS: TestOpenReadOnly") {
		t.Errorf("as a user without rights: %v\n%s", err, out)
	}
}

func copyFile(from, to string) error {
	body, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	return os.WriteFile(to, body, 0o755)
}

func TestDiskFull(t *testing.T) {
	db := openNew(t, &clock{monday})
	var pages int
	err := db.write.alone(t.Context(), func(tx *tx) error {
		_, err := tx.one([]any{&pages}, "PRAGMA max_page_count(80)")
		return err
	})
	if err != nil || pages == 0 {
		t.Fatalf("max_page_count = %d, %v", pages, err)
	}
	big := strings.Repeat("long words ", 40000)
	_, err = db.Apply(t.Context(), "r1", ann, coach.Change{AddNotes: []coach.Note{{At: monday, Words: big}}})
	if err == nil {
		t.Fatal("a note that does not fit was taken")
	}
	wantFault(t, explain(db.path, db.opts.Busy, err), db.path, "the disk is full", "free some space")
	if self, err := db.Self(t.Context(), ann); err != nil || self.Known {
		t.Errorf("Self after a note that did not fit = %+v, %v; want nobody", self, err)
	}
	apply(t, db, "r2", bob, coach.Change{AddNotes: []coach.Note{{At: monday, Words: "short"}}})
}

func TestFileModes(t *testing.T) {
	path := filepath.Join(t.TempDir(), "rapport.db")
	db := openAt(t, path, new(coachtest.MemKeys), nil)
	apply(t, db, "r", ann, coach.Change{})
	for _, file := range []string{path, path + "-wal"} {
		info, err := os.Stat(file)
		if err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: mode %v, %v; want 0600", file, info.Mode(), err)
		}
	}
}

func TestPathsWithOddCharacters(t *testing.T) {
	for _, name := range []string{"a b.db", "50%.db", "what?.db", "#1.db", "ü.db"} {
		path := filepath.Join(t.TempDir(), name)
		if err := tryOpen(t, path, new(coachtest.MemKeys)); err != nil {
			t.Errorf("%q: %v", name, err)
		}
		if info, err := os.Stat(path); err != nil || info.Size() == 0 {
			t.Errorf("%q: %v, want a database of that name", name, err)
		}
	}
}

func TestLock(t *testing.T) {
	path := filepath.Join(t.TempDir(), "rapport.db")
	held, err := Lock(path)
	if err != nil {
		t.Fatal(err)
	}
	_, err = Lock(path)
	e, ok := errors.AsType[*LockedError](err)
	if !ok || e.PID != os.Getpid() {
		t.Fatalf("second Lock: %v, want a LockedError with process %d", err, os.Getpid())
	}
	wantFault(t, err, path, fmt.Sprintf("process %d", os.Getpid()), "end it")
	held.Close()
	again, err := Lock(path)
	if err != nil {
		t.Fatalf("Lock after the first was closed: %v", err)
	}
	again.Close()
	if _, err := Lock(filepath.Join(path, "no", "where")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("Lock in no folder: %v", err)
	}
}

package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
)

// ourFiles are what the program makes beside a database.
var ourFiles = []string{"rapport.db", "rapport.db-shm", "rapport.db-wal", "rapport.db.lock", "rapport.key", "rapport.keys"}

// tree is every file under dir by its path there, with its content.
func tree(t *testing.T, dir string) map[string]string {
	t.Helper()
	all := map[string]string{}
	err := filepath.Walk(dir, func(path string, info os.FileInfo, err error) error {
		if err != nil || info.IsDir() {
			return err
		}
		body, err := os.ReadFile(path)
		name, relErr := filepath.Rel(dir, path)
		all[name] = string(body)
		return errors.Join(err, relErr)
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// usedHouse is a folder in which the program ran and somebody wrote a line.
func usedHouse(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	writeFile(t, filepath.Join(dir, "config.toml"), quietConfig)
	runUntilReady(t, dir)
	return dir
}

// runUntilReady runs the program until it says that it runs, and ends it.
func runUntilReady(t *testing.T, dir string) {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	out := &lockedBuffer{}
	done := make(chan int, 1)
	go func() {
		done <- run(ctx, nil, Env{Stdin: strings.NewReader(""), Stdout: out, Stderr: out, Getenv: func(string) string { return "" }, Dir: dir})
	}()
	await(t, "the program runs", func() bool {
		select {
		case status := <-done:
			t.Fatalf("ended with %d:\n%s", status, out)
		default:
		}
		return strings.Contains(out.String(), "Rapport is running.")
	})
	stop()
	if status := <-done; status != 0 {
		t.Fatalf("status %d:\n%s", status, out)
	}
}

// pragma changes a database file as another program would.
func pragma(t *testing.T, file, statement string) {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+file)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec(statement); err != nil {
		t.Fatal(err)
	}
}

// TestBadFiles starts the program on files that it cannot use. It ends with an
// error that says what to do, and leaves what was there as it was.
func TestBadFiles(t *testing.T) {
	for _, tt := range []struct {
		name string
		harm func(t *testing.T, dir string)
		want []string
		made []string // files that may appear
	}{
		{"not a database", func(t *testing.T, dir string) {
			writeFile(t, filepath.Join(dir, "rapport.db"), strings.Repeat("a list of things to buy\n", 300))
		}, []string{"rapport.db: it is not a database: name another file, or restore a backup"}, ourFiles},
		{"another program's", func(t *testing.T, dir string) {
			pragma(t, filepath.Join(dir, "rapport.db"), "CREATE TABLE invoice (id INTEGER)")
		}, []string{"another program's tables: name a file of Rapport"}, ourFiles},
		{"no such folder", func(t *testing.T, dir string) {
			writeFile(t, filepath.Join(dir, "config.toml"), quietConfig+"[database]\nurl = \"data/rapport.db\"\n")
		}, []string{"data does not exist: make it, or name another in [database] url"}, nil},
		{"newer schema", func(t *testing.T, dir string) {
			runUntilReady(t, dir)
			pragma(t, filepath.Join(dir, "rapport.db"), "PRAGMA user_version = 99")
		}, []string{"version 99", "run the newer rapport that wrote it, or restore a backup"}, nil},
		{"a folder in its place", func(t *testing.T, dir string) {
			if err := os.Mkdir(filepath.Join(dir, "rapport.db"), 0o700); err != nil {
				t.Fatal(err)
			}
		}, []string{"it is a folder: name a file in it"}, ourFiles},
		{"the master key is gone", func(t *testing.T, dir string) {
			runUntilReady(t, dir)
			os.Remove(filepath.Join(dir, "rapport.key"))
		}, []string{"there is no ", "rapport.key: put back the keys that were used with this database"}, nil},
		{"the keys are gone", func(t *testing.T, dir string) {
			runUntilReady(t, dir)
			os.Remove(filepath.Join(dir, "rapport.keys"))
		}, []string{"there is no ", "rapport.keys: put back the keys that were used with this database"}, nil},
		{"another master key", func(t *testing.T, dir string) {
			runUntilReady(t, dir)
			writeFile(t, filepath.Join(dir, "rapport.key"), strings.Repeat("5ec4e7", 10)+"abcd\n")
		}, []string{"the master key does not fit this keys file: put back the master key"}, nil},
		{"no master key", func(t *testing.T, dir string) {
			writeFile(t, filepath.Join(dir, "rapport.key"), "5ec4e7 but no key\n")
		}, []string{"rapport.key: a master key is 64 hexadecimal digits"}, []string{"rapport.db.lock"}},
		{"no keys file", func(t *testing.T, dir string) {
			runUntilReady(t, dir)
			writeFile(t, filepath.Join(dir, "rapport.keys"), "5ec4e7 but no keys\n")
		}, []string{"rapport.keys: damaged at byte 0: restore it from its own backup"}, nil},
		{"damaged", func(t *testing.T, dir string) {
			runUntilReady(t, dir)
			file := filepath.Join(dir, "rapport.db")
			body, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			copy(body[100:], strings.Repeat("x", 3000))
			writeFile(t, file, string(body))
		}, []string{"it is damaged: restore a backup"}, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			writeFile(t, filepath.Join(dir, "config.toml"), quietConfig)
			tt.harm(t, dir)
			refused(t, dir, nil, tt.want, tt.made)
		})
	}
}

// refused runs the program, which must end with status 1, say each of want and
// nothing secret, and change no file. made may appear.
func refused(t *testing.T, dir string, vars map[string]string, want, made []string) {
	t.Helper()
	before := tree(t, dir)
	status, stdout, stderr := command(t, dir, vars, "run")
	if status != 1 || stdout != "" || !strings.HasPrefix(stderr, "rapport: ") {
		t.Errorf("got status %d, output %q, errors %q; want status 1 and an error alone", status, stdout, stderr)
	}
	for _, w := range want {
		if !strings.Contains(stderr, w) {
			t.Errorf("got %q\nwant %q in it", stderr, w)
		}
	}
	if strings.Contains(stderr, "5ec4e7") || leaks(stderr) {
		t.Errorf("the error repeats a secret: %q", stderr)
	}
	after := tree(t, dir)
	for name, body := range before {
		if got, ok := after[name]; (!ok || got != body) && name != "rapport.db.lock" {
			t.Errorf("%s was changed or is gone", name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(after)) {
		if _, ok := before[name]; !ok && !slices.Contains(made, name) {
			t.Errorf("%s was made", name)
		}
	}
}

// TestBadConfig starts the program with configurations it must not run with.
func TestBadConfig(t *testing.T) {
	for _, tt := range []struct {
		name, text string
		vars       map[string]string
		want       []string
	}{
		{"unknown section", "[slak]\nbot_token = \"xoxb-" + marker + "\"\n", nil, []string{"config.toml:1: ", "did you mean \"slack\""}},
		{"unknown key", "[web]\nlisten = \"127.0.0.1:0\"\nlissen = \"x\"\n", nil, []string{"config.toml:3: unknown key \"lissen\" in [web]; did you mean \"listen\"?"}},
		{"secret as a key", "[slack]\n\"xoxb-" + marker + "\" = true\n", nil, []string{"config.toml:2: ", "not repeated here"}},
		{"number for a text", "[database]\nurl = 7\n", nil, []string{"config.toml:2: database.url: must be a text"}},
		{"text for a number", "[slack]\nconnections = \"" + marker + "\"\n", nil, []string{"config.toml:2: slack.connections: must be a whole number"}},
		{"swapped tokens", "[slack]\nbot_token = \"xapp-" + marker + "\"\napp_token = \"xoxb-" + marker + "\"\n", nil,
			[]string{"config.toml:2: slack.bot_token: this is the app-level token", "config.toml:3: slack.app_token: this is the bot token"}},
		{"token twice", "[discord]\ntoken = \"" + marker + "\"\n", map[string]string{"RAPPORT_DISCORD_TOKEN": marker}, []string{"discord.token", "twice"}},
		{"no TOML", "[slack]\nbot_token = xoxb-" + marker + "\n", nil, []string{"config.toml:2: "}},
		{"faults behind a BOM", "\ufeff[log]\nlevel = \"loud\"\n", nil, []string{"config.toml:2: log.level: must be one of debug, info, warn, error"}},
		{"page for everybody", "[web]\nlisten = \"0.0.0.0:8080\"\n", nil, []string{"config.toml:2: web.listen: must be an address of this machine alone"}},
		{"no such folder", "[coach]\ncurriculum_dir = \"texts\"\n", nil, []string{"config.toml:2: coach.curriculum_dir: there is no such folder; make it"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			writeFile(t, filepath.Join(dir, "config.toml"), tt.text)
			refused(t, dir, tt.vars, tt.want, nil)
		})
	}
	t.Run("a BOM alone is no fault", func(t *testing.T) {
		dir := t.TempDir()
		writeFile(t, filepath.Join(dir, "config.toml"), "\ufeff"+quietConfig)
		runUntilReady(t, dir)
	})
}

// TestBadCurriculum starts the program with texts of an admin that hold one
// fault each: the error names the file, as it can be opened, and the line.
func TestBadCurriculum(t *testing.T) {
	t.Parallel() // with others that wait for programs
	const head = "schema = 1\n[[tip]]\nid = \"s3.tip.own\"\n"
	for _, tt := range []struct {
		name, text string
		line       int
		want       string
	}{
		{"no TOML", "schema = 1\n[[tip]\n", 2, "a heading is [name] or [[name]]"},
		{"not UTF-8", head + "text = \"\xff\"\n", 4, "not UTF-8 here"},
		{"no quotes", head + "text = Ask\n", 4, "needs \" quotes around it"},
		{"no schema", "[[tip]]\nid = \"s3.tip.own\"\ntext = \"T.\"\n", 1, "schema is missing"},
		{"other schema", "schema = 2\n", 1, "reads schema 1"},
		{"unknown key", head + "text = \"T.\"\nteext = \"T.\"\n", 5, "did you mean \"text\"?"},
		{"unknown kind", "schema = 1\n[[tipp]]\nid = \"s3.tip.own\"\n", 2, "did you mean \"tip\"?"},
		{"wrong type", head + "text = 7\n", 4, "must be a text, not a whole number"},
		{"missing text", head, 2, "text is missing"},
		{"empty text", head + "text = \" \"\n", 4, "text is empty"},
		{"too long", head + "text = \"" + strings.Repeat("long ", 60) + "\"\n", 4, "text is too long"},
		{"bad id", "schema = 1\n[[tip]]\nid = \"tip of mine\"\ntext = \"T.\"\n", 3, "bad id"},
		{"key twice", head + "text = \"T.\"\ntext = \"U.\"\n", 5, "set twice"},
		{"id twice", head + "text = \"T.\"\n[[tip]]\nid = \"s3.tip.own\"\ntext = \"U.\"\n", 5, "id is taken"},
		{"unknown claim", head + "text = \"T.\"\nclaims = [\"ZZ-99\"]\n", 5, "there is no claim"},
		{"remove of nothing", "schema = 1\nremove = [\"s3.tip.never-there\"]\n", 2, "no earlier layer has"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			writeFile(t, filepath.Join(dir, "config.toml"), quietConfig+"[coach]\ncurriculum_dir = \"texts\"\n")
			writeFile(t, filepath.Join(dir, "texts", "deep", "own.toml"), tt.text)
			place := fmt.Sprintf("%s:%d: ", filepath.Join("texts", "deep", "own.toml"), tt.line)
			refused(t, dir, nil, []string{place, tt.want}, ourFiles)
			os.Remove(filepath.Join(dir, "texts", "deep", "own.toml"))
			runUntilReady(t, dir) // mended, it starts
		})
	}
}

// TestBadDisk runs the program itself as somebody without rights, beside a
// process that holds the file locked, and on a disk that is full.
func TestBadDisk(t *testing.T) {
	bin := buildProgram(t)
	if err := openUp(bin); err != nil {
		t.Fatal(err)
	}
	t.Run("locked by another process", func(t *testing.T) { t.Parallel(); lockedElsewhere(t, bin) })
	t.Run("no rights", func(t *testing.T) { t.Parallel(); withoutRights(t, bin) })
	t.Run("full", func(t *testing.T) { t.Parallel(); onFullDisk(t, bin) })
}

// openUp lets everybody go to a file under the folder for temporary files.
func openUp(path string) error {
	var errs []error
	for dir := filepath.Dir(path); dir != filepath.Clean(os.TempDir()) && dir != "/"; dir = filepath.Dir(dir) {
		errs = append(errs, os.Chmod(dir, 0o755))
	}
	return errors.Join(errs...)
}

func lockedElsewhere(t *testing.T, bin string) {
	dir := usedHouse(t)
	db, err := sql.Open("sqlite", "file:"+filepath.Join(dir, "rapport.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	db.SetMaxOpenConns(1)
	if _, err := db.Exec("BEGIN IMMEDIATE"); err != nil {
		t.Fatal(err)
	}
	p := launch(t, bin, dir, nil)
	status := p.end(t)
	if out := p.out.String(); status != 1 || !strings.Contains(out, "another process has held it locked for more than "+busyTime.String()+": end that process") {
		t.Errorf("status %d, %q; want 1 and who is in the way", status, out)
	}
	if _, err := db.Exec("ROLLBACK"); err != nil {
		t.Fatal(err)
	}
	runUntilReady(t, dir)
}

func withoutRights(t *testing.T, bin string) {
	for _, tt := range []struct {
		name               string
		folder, file, keys os.FileMode
		want               string
	}{
		{"file", 0o777, 0o444, 0o666, "no right to write it: give this user the right to write the file and its folder"},
		{"folder", 0o555, 0o666, 0o666, "give this user the right to write"},
		{"keys", 0o777, 0o666, 0o000, "permission denied"},
	} {
		dir := usedHouse(t)
		if err := openUp(filepath.Join(dir, "x")); err != nil {
			t.Fatal(err)
		}
		for name, mode := range map[string]os.FileMode{"": tt.folder, "config.toml": 0o644, "rapport.db": tt.file, "rapport.db.lock": 0o666, "rapport.key": 0o644, "rapport.keys": tt.keys} {
			if err := os.Chmod(filepath.Join(dir, name), mode); err != nil {
				t.Fatal(err)
			}
		}
		if tt.name == "folder" {
			os.Remove(filepath.Join(dir, "rapport.db.lock"))
		}
		before := tree(t, dir)
		p := launchAs(t, nobody(), bin, dir, nil)
		if status, out := p.end(t), p.out.String(); status != 1 || !strings.Contains(out, tt.want) {
			t.Errorf("%s: status %d, %q; want 1 and %q", tt.name, status, out, tt.want)
		}
		after := tree(t, dir)
		delete(before, "rapport.db.lock")
		for name, body := range before {
			if after[name] != body {
				t.Errorf("%s: %s was changed", tt.name, name)
			}
		}
	}
}

// nobody is a user without rights, or nil: then it is this one who has none.
func nobody() *syscall.SysProcAttr {
	if os.Geteuid() != 0 {
		return nil
	}
	return &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
}

func onFullDisk(t *testing.T, bin string) {
	dir := filepath.Join(t.TempDir(), "disk")
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command("mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", dir).CombinedOutput(); err != nil {
		t.Skipf("NOT TESTED ON A FULL DISK: only root on Linux can make a small one: %v: %s", err, out)
	}
	defer func() {
		if out, err := exec.Command("umount", dir).CombinedOutput(); err != nil {
			t.Errorf("umount: %v: %s", err, out)
		}
	}()
	writeFile(t, filepath.Join(dir, "config.toml"), quietConfig)
	filler := filepath.Join(dir, "filler")
	for _, free := range []int{200, 100, 40, 0} {
		fill(t, filler, (2048-free)<<10)
		p := launch(t, bin, dir, nil)
		if status, out := p.end(t), p.out.String(); status != 1 || !strings.Contains(out, "free some space") && !strings.Contains(out, "no space left on device") {
			t.Errorf("%d KiB free: status %d, %q; want 1 and that the disk is full", free, status, out)
		}
		if err := os.Remove(filler); err != nil {
			t.Fatal(err)
		}
	}
	p := launch(t, bin, dir, nil)
	p.address(t)
	p.stop(t)
}

// fill writes as much of n bytes as there is room for.
func fill(t *testing.T, name string, n int) {
	t.Helper()
	if err := os.WriteFile(name, make([]byte, n), 0o600); err != nil && !errors.Is(err, syscall.ENOSPC) {
		t.Fatal(err)
	}
}

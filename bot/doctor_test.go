package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"rapport/adapters/sqlite"
	"rapport/coach"
)

// findings runs doctor in dir and returns what it found. It must say nothing
// else, exit with 1 if and only if a check failed, tell for each doubt what to
// do, and change no file.
func findings(t *testing.T, dir string, vars map[string]string, args ...string) []coach.Finding {
	t.Helper()
	before := tree(t, dir)
	status, stdout, stderr := command(t, dir, vars, append([]string{"doctor", "--json"}, args...)...)
	if after := tree(t, dir); !maps.Equal(before, after) {
		t.Errorf("doctor changed files: %q before, %q after", slices.Sorted(maps.Keys(before)), slices.Sorted(maps.Keys(after)))
	}
	var rows []findingRow
	dec := json.NewDecoder(strings.NewReader(stdout))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&rows); err != nil {
		t.Fatalf("%v in %s%s", err, stdout, stderr)
	}
	var found []coach.Finding
	failed := 0
	for _, r := range rows {
		found = append(found, coach.Finding(r))
		if r.Level == coach.Fail {
			failed++
		}
		if r.Name == "" || r.Why == "" || (r.Level != coach.OK) != (r.Fix != "") {
			t.Errorf("got %+v; want a name, why, and what to do exactly where there is a doubt", r)
		}
	}
	wantErr := ""
	if failed > 0 {
		wantErr = "rapport: " + counted(failed, "check") + " failed\n"
	}
	if status != min(failed, 1) || stderr != wantErr {
		t.Errorf("got status %d and errors %q with %d failed checks", status, stderr, failed)
	}
	if leaks(stdout+stderr) || strings.Contains(stdout+stderr, "5ec4e7") {
		t.Errorf("a secret is printed: %s%s", stdout, stderr)
	}
	return found
}

// wantFinding looks for a finding of a name and level whose words hold each of
// words.
func wantFinding(t *testing.T, found []coach.Finding, level coach.Level, name string, words ...string) {
	t.Helper()
	for _, f := range found {
		text := f.Why + " | " + f.Fix
		if f.Name == name && f.Level == level && !slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(text, w) }) {
			return
		}
	}
	t.Errorf("got\n%s\nwant %s %s with %q", layOut(found, 0), level, name, words)
}

func wantNoFail(t *testing.T, found []coach.Finding) {
	t.Helper()
	for _, f := range found {
		if f.Level == coach.Fail {
			t.Errorf("got %+v, want no failed check", f)
		}
	}
}

// copied is a copy of a folder.
func copied(t *testing.T, from string) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "copy")
	if err := os.CopyFS(dir, os.DirFS(from)); err != nil {
		t.Fatal(err)
	}
	for name := range tree(t, dir) {
		if err := os.Chmod(filepath.Join(dir, name), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestDoctorWithNothing(t *testing.T) {
	found := findings(t, t.TempDir(), nil)
	wantNoFail(t, found)
	wantFinding(t, found, coach.OK, "configuration", "defaults hold", "rapport init")
	wantFinding(t, found, coach.OK, "zone data")
	wantFinding(t, found, coach.OK, "curriculum", "built-in")
	wantFinding(t, found, coach.OK, "database", "the first start makes")
	wantFinding(t, found, coach.OK, "database: disk", "MB are free")
	wantFinding(t, found, coach.OK, "keys", "the first start makes")
	wantFinding(t, found, coach.Warn, "help contact", "help_contact in [coach]")
	wantFinding(t, found, coach.Warn, "chat platform", "rapport init")
}

func TestDoctorOnASoundHouse(t *testing.T) {
	dir := usedHouse(t)
	writeFile(t, filepath.Join(dir, "config.toml"), quietConfig+"[coach]\nhelp_contact = \"Maria\"\n")
	found := findings(t, dir, nil)
	wantNoFail(t, found)
	wantFinding(t, found, coach.OK, "configuration", "config.toml is read")
	wantFinding(t, found, coach.OK, "help contact")
	wantFinding(t, found, coach.OK, "database", "can be read and written; no coach runs on it")
	wantFinding(t, found, coach.OK, "database: integrity", "sound")
	wantFinding(t, found, coach.OK, "keys", "fits")
	wantFinding(t, found, coach.OK, "keys: database", "those of this database")
	wantFinding(t, found, coach.OK, "clock", "it is 20")
	wantFinding(t, found, coach.OK, "deliveries")
	wantFinding(t, found, coach.OK, "teams", "1 team without a problem")
	wantFinding(t, found, coach.Warn, "chat platform", "[slack] of config.toml", "RAPPORT_SLACK_APP_TOKEN")
	three := regexp.MustCompile(`^(Mon \d+ \w{3} 20\d\d 09:00 \w+ \(This week: [^;]+\)(; |$)){3}$`)
	for _, f := range found {
		if f.Name == "next posts: general" && three.MatchString(f.Why) {
			return
		}
	}
	t.Errorf("got\n%s\nwant the next three posts", layOut(found, 0))
}

// TestDoctorFinds plants every fault that doctor looks for.
func TestDoctorFinds(t *testing.T) {
	sound := usedHouse(t)
	other := usedHouse(t)
	inFile := func(name, old, with string) func(t *testing.T, dir string) {
		return func(t *testing.T, dir string) {
			name := filepath.Join(dir, name)
			body, err := os.ReadFile(name)
			if err != nil || !strings.Contains(string(body), old) {
				t.Fatalf("%s has no %q (%v)", name, old, err)
			}
			writeFile(t, name, strings.Replace(string(body), old, with, 1))
		}
	}
	put := func(name, text string) func(t *testing.T, dir string) {
		return func(t *testing.T, dir string) { writeFile(t, filepath.Join(dir, name), text) }
	}
	drop := func(names ...string) func(t *testing.T, dir string) {
		return func(t *testing.T, dir string) {
			for _, name := range names {
				if err := os.Remove(filepath.Join(dir, name)); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	stmt := func(statement string) func(t *testing.T, dir string) {
		return func(t *testing.T, dir string) { pragma(t, filepath.Join(dir, "rapport.db"), statement) }
	}
	soon := time.Now().Add(-time.Hour).UnixMicro()
	outbox := func(state string) string {
		// Whether the team's introduction waits depends on the hour of this test.
		return fmt.Sprintf(`DELETE FROM outbox; INSERT INTO outbox (occurrence, team_ref, kind, subject, to_kind, channel, lane, local_date, zone_name, exact, payload, due_at, ready_at, state)
			SELECT 'planted', ref, 'nudge', 'x', 1, 'general', 'l', '2026-11-23', 'UTC', 0, '{}', %d, %d, '%s' FROM team`, soon, soon, state)
	}
	for _, tt := range []struct {
		name  string
		harm  func(t *testing.T, dir string)
		level coach.Level
		check string
		want  []string
	}{
		{"unknown key", put("config.toml", "[log]\nlevle = \"info\"\n[slack]\nbot_token = \"xapp-"+marker+"\"\n"), coach.Fail, "configuration", []string{"config.toml:2: unknown key \"levle\"", "did you mean \"level\"", "| mend it at config.toml:2"}},
		{"second fault", put("config.toml", "[log]\nlevle = \"info\"\n[slack]\nbot_token = \"xapp-"+marker+"\"\n"), coach.Fail, "configuration", []string{"config.toml:4: slack.bot_token: this is the app-level token"}},
		{"a folder for a configuration", func(t *testing.T, dir string) {
			drop("config.toml")(t, dir)
			if err := os.Mkdir(filepath.Join(dir, "config.toml"), 0o700); err != nil {
				t.Fatal(err)
			}
		}, coach.Fail, "configuration", []string{"config.toml: is a directory", "--config"}},
		{"secrets for everybody", func(t *testing.T, dir string) {
			put("config.toml", quietConfig+"[discord]\ntoken = \""+marker+"\"\n")(t, dir)
			if err := os.Chmod(filepath.Join(dir, "config.toml"), 0o644); err != nil {
				t.Fatal(err)
			}
		}, coach.Warn, "configuration", []string{"everyone on this machine can read it", "| run: chmod 600 config.toml"}},
		{"profiles for everybody", put("config.toml", "[web]\nlisten = \"127.0.0.1:0\"\n[monitor]\nlisten = \"0.0.0.0:9090\"\npprof = true\n"), coach.Warn, "configuration", []string{"pprof", "| change that in config.toml"}},
		{"bad texts", func(t *testing.T, dir string) {
			put("config.toml", quietConfig+"[coach]\ncurriculum_dir = \"own\"\n")(t, dir)
			put(filepath.Join("own", "tips.toml"), "schema = 1\n[[tip]\n")(t, dir)
		}, coach.Fail, "curriculum", []string{filepath.Join("own", "tips.toml") + ":2: ", "rapport curriculum check"}},
		{"no such folder", put("config.toml", quietConfig+"[database]\nurl = \"data/rapport.db\"\n"), coach.Fail, "database", []string{"data does not exist", "make it"}},
		{"a folder in its place", func(t *testing.T, dir string) {
			drop("rapport.db")(t, dir)
			if err := os.Mkdir(filepath.Join(dir, "rapport.db"), 0o700); err != nil {
				t.Fatal(err)
			}
		}, coach.Fail, "database", []string{"it is a folder: name a file in it"}},
		{"not a database", put("rapport.db", strings.Repeat("a list of things to buy\n", 300)), coach.Fail, "database", []string{"it is not a database"}},
		{"another program's", func(t *testing.T, dir string) {
			drop("rapport.db")(t, dir)
			stmt("CREATE TABLE invoice (id INTEGER)")(t, dir)
		}, coach.Fail, "database", []string{"another program's tables"}},
		{"newer schema", stmt("PRAGMA user_version = 99"), coach.Fail, "database", []string{"has schema 99 and this program knows up to ", "| run the newer rapport"}},
		{"older schema", func(t *testing.T, dir string) { put("rapport.db", "")(t, dir) }, coach.OK, "database", []string{"the next start upgrades it"}},
		{"damaged head", func(t *testing.T, dir string) {
			body, err := os.ReadFile(filepath.Join(dir, "rapport.db"))
			if err != nil {
				t.Fatal(err)
			}
			copy(body[100:], strings.Repeat("x", 3000))
			put("rapport.db", string(body))(t, dir)
		}, coach.Fail, "database", []string{"it is damaged: restore a backup"}},
		{"damaged page", func(t *testing.T, dir string) {
			body, err := os.ReadFile(filepath.Join(dir, "rapport.db"))
			at := strings.LastIndex(string(body), "general") // in the page of a table
			if err != nil || at < 4096 {
				t.Fatal(at, err)
			}
			copy(body[at&^4095:], strings.Repeat("\xff", 100))
			put("rapport.db", string(body))(t, dir)
		}, coach.Fail, "database: integrity", []string{"damaged", "rapport restore FILE"}},
		{"open to everybody", func(t *testing.T, dir string) {
			if err := os.Chmod(filepath.Join(dir, "rapport.db"), 0o666); err != nil {
				t.Fatal(err)
			}
		}, coach.Warn, "database", []string{"open to everybody", "| run: chmod 600 "}},
		{"the master key is gone", drop("rapport.key"), coach.Fail, "keys", []string{"there is no ", "rapport.key", "put back the master key", "RAPPORT_PRIVACY_KEY"}},
		{"the keys are gone", drop("rapport.keys"), coach.Fail, "keys", []string{"there is no ", "rapport.keys", "put back the latest copy"}},
		{"keys without a database", drop("rapport.db"), coach.OK, "keys", []string{"fits"}},
		{"a master key alone", drop("rapport.db", "rapport.keys"), coach.OK, "keys", []string{"the first start makes"}},
		{"another master key", put("rapport.key", strings.Repeat("5ec4e7", 10)+"abcd\n"), coach.Fail, "keys", []string{"does not fit", "put back the master key"}},
		{"no master key", put("rapport.key", "5ec4e7 but no key\n"), coach.Fail, "keys", []string{"64 hexadecimal digits", "put back the master key"}},
		{"no keys file", put("rapport.keys", "5ec4e7 but no keys\n"), coach.Fail, "keys", []string{"damaged at byte 0", "put back the latest copy"}},
		{"an empty keys file", put("rapport.keys", ""), coach.Fail, "keys", []string{"it is empty"}},
		{"a key open to everybody", func(t *testing.T, dir string) {
			if err := os.Chmod(filepath.Join(dir, "rapport.key"), 0o644); err != nil {
				t.Fatal(err)
			}
		}, coach.Warn, "keys", []string{"rapport.key is open to everybody", "| run: chmod 600 "}},
		{"keys of another database", func(t *testing.T, dir string) {
			for _, name := range []string{"rapport.key", "rapport.keys"} {
				body, err := os.ReadFile(filepath.Join(other, name))
				if err != nil {
					t.Fatal(err)
				}
				put(name, string(body))(t, dir)
			}
			for _, name := range []string{"config.toml", "rapport.db"} { // one in which somebody wrote
				body, err := os.ReadFile(filepath.Join(seeded(t), name))
				if err == nil {
					put(name, string(body))(t, dir)
				}
			}
		}, coach.Fail, "keys: database", []string{"they belong to another database", "put back the rapport.keys and the master key"}},
		{"a clock set back", stmt(fmt.Sprintf("INSERT INTO tally VALUES ('heartbeat', %d)", time.Now().Add(time.Hour).UnixMicro())), coach.Warn, "clock", []string{"yet to come", "time server"}},
		{"a clock moved", stmt("INSERT INTO tally VALUES ('offset', 3600000000)"), coach.OK, "clock", []string{"1h0m0s ahead"}},
		{"waiting", stmt(outbox("ready")), coach.OK, "deliveries", []string{"1 message waiting"}},
		{"in doubt", stmt(outbox("in_doubt")), coach.Warn, "deliveries", []string{"1 message of the last 35 days may or may not have arrived"}},
		{"given up", stmt(outbox("dead")), coach.Warn, "deliveries", []string{"1 message of the last 35 days did not go out", "log"}},
		{"a problem of a team", stmt("UPDATE team SET problem = 'the channel is archived'"), coach.Warn, "team web/Demo", []string{"posting to general stopped: the channel is archived", "/rapport setup"}},
		{"a team that stopped", stmt("UPDATE team SET stopped = 1"), coach.Warn, "team web/Demo", []string{"an admin stopped everything"}},
		{"no post of a team that stopped", stmt("UPDATE team SET stopped = 1"), coach.OK, "next posts: general", []string{"none in the next 16 weeks"}},
		{"missed posts", stmt(fmt.Sprintf("INSERT INTO missed (team_ref, kind, local_date, why, made_at) SELECT ref, 'nudge', '2026-11-23', 'late', %d FROM team", soon)), coach.Warn, "team web/Demo", []string{"1 post of the last 35 days missed", "systemd"}},
		{"no schedule", stmt("DELETE FROM due"), coach.Warn, "next posts", []string{"no channel has a weekly post", "/rapport setup"}},
		{"no table", stmt("DROP TABLE missed"), coach.Fail, "teams", []string{"cannot be read", "restore a backup"}},
		{"an address that cannot be", inFile("config.toml", "127.0.0.1:0", "0.0.0.0:0"), coach.Fail, "configuration", []string{"web.listen"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			dir := copied(t, sound)
			tt.harm(t, dir)
			wantFinding(t, findings(t, dir, nil), tt.level, tt.check, tt.want...)
		})
	}
}

func TestDoctorWithoutItsConfiguration(t *testing.T) {
	found := findings(t, t.TempDir(), nil, "--config", "missing.toml")
	wantFinding(t, found, coach.Fail, "configuration", "missing.toml: no such file", "--config")
	if len(found) != 2 {
		t.Errorf("got\n%s\nwant the configuration and zone data: the rest is not known", layOut(found, 0))
	}
}

// TestDoctorChat is about what only matters where a chat platform is served. No
// server is there to answer.
func TestDoctorChat(t *testing.T) {
	dir := usedHouse(t)
	pragma(t, filepath.Join(dir, "rapport.db"), "INSERT INTO tally VALUES ('offset', 3600000000)")
	writeFile(t, filepath.Join(dir, "config.toml"), quietConfig+"[slack]\napi_url = \"http://127.0.0.1:1/\"\nbot_token = \"xoxb-"+marker+"\"\napp_token = \"xapp-"+marker+"\"\n")
	found := findings(t, dir, nil)
	wantFinding(t, found, coach.Fail, "clock", "was moved in time on the local page", "| chat platforms need a fresh one: name another file")
	for _, f := range found {
		if f.Name == "chat platform" {
			t.Errorf("got %+v with Slack configured", f)
		}
	}
}

// TestDoctorBesideACoach looks while a coach runs: it says so, and disturbs
// nothing.
func TestDoctorBesideACoach(t *testing.T) {
	dir := usedHouse(t)
	lock, err := sqlite.Lock(filepath.Join(dir, "rapport.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer lock.Close()
	env := Env{Getenv: func(string) string { return "" }, Dir: dir}
	s, err := openStore(t.Context(), env, defaultConfig(), filepath.Join(dir, "rapport.db"), time.Now)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	var out strings.Builder
	env.Stdout = &out
	for range 3 {
		if err := doctorCmd(t.Context(), env, "", false); err != nil {
			t.Errorf("%v\n%s", err, &out)
		}
		if _, err := s.db.Heartbeat(t.Context(), time.Now()); err != nil {
			t.Errorf("the coach cannot write: %v", err)
		}
		if _, err := s.ring.Seal(t.Context(), "1", "note/x", []byte("x")); err != nil {
			t.Errorf("the coach cannot make keys: %v", err)
		}
	}
	if want := fmt.Sprintf("a coach runs on it (process %d)", os.Getpid()); !strings.Contains(out.String(), want) {
		t.Errorf("got\n%s\nwant %q", &out, want)
	}
	if _, err := sqlite.Lock(filepath.Join(dir, "rapport.db")); err == nil {
		t.Error("doctor took the lock away from the coach")
	}
}

// TestDoctorWithoutRights runs the program as somebody who may not write.
func TestDoctorWithoutRights(t *testing.T) {
	bin := buildProgram(t)
	if err := openUp(bin); err != nil {
		t.Fatal(err)
	}
	sound := usedHouse(t)
	for _, tt := range []struct {
		name  string
		modes map[string]os.FileMode
		want  string
	}{
		{"folder", map[string]os.FileMode{"": 0o555}, `fail  database .* cannot be written: permission denied\n +Fix: give this user the right to write the file and its folder`},
		{"file", map[string]os.FileMode{"rapport.db": 0o444}, `fail  database .* cannot be written: permission denied\n`},
		{"unreadable", map[string]os.FileMode{"rapport.db": 0o000}, `fail  database .* cannot be used: .*\n +Fix: no right to write it: give this user the right`},
		{"configuration", map[string]os.FileMode{"config.toml": 0o000}, `fail  configuration .*permission denied\n +Fix: .*the right to read it`},
		{"keys", map[string]os.FileMode{"rapport.keys": 0o000}, `fail  keys .*permission denied\n +Fix: put back the latest copy of the keys file, readable and writable`},
		{"keys to be read", map[string]os.FileMode{"rapport.keys": 0o444}, `fail  keys .*cannot be written: permission denied\n +Fix: give this user`},
		{"master key", map[string]os.FileMode{"rapport.key": 0o000}, `fail  keys .*permission denied\n +Fix: put back the master key`},
		{"lock", map[string]os.FileMode{"rapport.db.lock": 0o000}, `warn  database .*not known whether a coach runs.*\n +Fix: run .rapport doctor. as the user`},
		{"folder of a new one", map[string]os.FileMode{"rapport.db": 0, "": 0o555}, `fail  database +no file can be made in .*\n +Fix: give this user the right`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dir := copied(t, sound)
			if err := openUp(filepath.Join(dir, "x")); err != nil {
				t.Fatal(err)
			}
			if tt.name == "folder of a new one" {
				os.Remove(filepath.Join(dir, "rapport.db"))
				delete(tt.modes, "rapport.db")
			}
			modes := map[string]os.FileMode{"": 0o777}
			for name := range tree(t, dir) {
				modes[name] = 0o666
			}
			maps.Copy(modes, tt.modes)
			for name, mode := range modes {
				if err := os.Chmod(filepath.Join(dir, name), mode); err != nil {
					t.Fatal(err)
				}
			}
			p := launchAs(t, nobody(), bin, dir, nil, "doctor")
			if status, out := p.end(t), p.out.String(); status != 1 && tt.name != "lock" || !regexp.MustCompile(tt.want).MatchString(out) {
				t.Errorf("got status %d\n%s\nwant %s", status, out, tt.want)
			}
		})
	}
}

func TestOldZones(t *testing.T) {
	dir := t.TempDir()
	writeFile(t, filepath.Join(dir, "+VERSION"), "2021e\n")
	env := testEnv(t, map[string]string{"ZONEINFO": dir})
	for year, want := range map[int]coach.Level{2021: coach.OK, 2023: coach.OK, 2024: coach.Warn} {
		found := checkZones(env, time.Date(year, 6, 1, 0, 0, 0, 0, time.UTC))
		if len(found) != 1 || found[0].Level != want {
			t.Errorf("in %d: got %+v, want %s", year, found, want)
		}
	}
}

// TestExamineLeavesBehind has a check that never ends.
func TestExamineLeavesBehind(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), doctorTime)
		defer cancel()
		began, release := time.Now(), make(chan struct{})
		found := examine(ctx, doctorGrace, []part{
			{"quick", func(context.Context) []coach.Finding { return []coach.Finding{good("quick", "x")} }},
			{"stuck", func(context.Context) []coach.Finding { <-release; return nil }},
			{"slow", func(ctx context.Context) []coach.Finding {
				<-ctx.Done()
				time.Sleep(time.Second)
				return []coach.Finding{warn("slow", "x", "y")}
			}},
		})
		if took := time.Since(began); took != doctorTime+doctorGrace || took > 20*time.Second {
			t.Errorf("took %v, want at most 20 s", took)
		}
		var got []string
		for _, f := range found {
			got = append(got, fmt.Sprintf("%s %s", f.Level, f.Name))
		}
		if want := []string{"ok quick", "fail stuck", "warn slow"}; !slices.Equal(got, want) {
			t.Errorf("got %q, want %q", got, want)
		}
		close(release)
	})
}

func TestLayOut(t *testing.T) {
	found := []coach.Finding{
		good("clock", "it is noon"),
		warn("deliveries", "three of them may or may not have arrived", "look at the log"),
		fail("a", "it\nis broken", "https://example.org/a-word-that-is-longer-than-a-line"),
	}
	const piped = "" +
		"ok    clock       it is noon\n" +
		"warn  deliveries  three of them may or may not have arrived\n" +
		"                  Fix: look at the log\n" +
		"fail  a           it is broken\n" +
		"                  Fix: https://example.org/a-word-that-is-longer-than-a-line\n" +
		"\n3 checks: 1 ok, 1 warning, 1 failed.\n"
	const narrow = "" +
		"ok    clock       it is noon\n" +
		"warn  deliveries  three of them may or may not\n" +
		"                  have arrived\n" +
		"                  Fix: look at the log\n" +
		"fail  a           it is broken\n" +
		"                  Fix:\n" +
		"                  https://example.org/a-word-that-is-longer-than-a-line\n" +
		"\n3 checks: 1 ok, 1 warning, 1 failed.\n"
	for width, want := range map[int]string{0: piped, 200: piped, 10: piped, 48: narrow} {
		if got := layOut(found, width); got != want {
			t.Errorf("width %d: got\n%s\nwant\n%s", width, got, want)
		}
	}
}

// TestDoctorScrubs has a secret in a finding, as a library's error might.
func TestDoctorScrubs(t *testing.T) {
	cfg := defaultConfig()
	cfg.Log.secrets = []Secret{newSecret("xoxb-"+marker, "x")}
	for _, asJSON := range []bool{false, true} {
		var out strings.Builder
		err := printFindings(&out, cfg, []coach.Finding{fail("slack", "calling xoxb-"+marker, "x")}, asJSON)
		if err != nil || leaks(out.String()) || !strings.Contains(out.String(), redacted) {
			t.Errorf("got %v and %s", err, &out)
		}
	}
	broken := errors.New("no paper")
	if err := printFindings(writerFunc(func([]byte) (int, error) { return 0, broken }), cfg, nil, false); !errors.Is(err, broken) {
		t.Errorf("got %v, want the writer's error", err)
	}
}

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(p []byte) (int, error) { return f(p) }

// documented are the rows of the table of checks in docs/operations.md.
func documented(t *testing.T) (rows []string) {
	t.Helper()
	doc, err := os.ReadFile("../docs/operations.md")
	if err != nil {
		t.Fatal(err)
	}
	_, table, _ := strings.Cut(string(doc), "| check | looks at |")
	table, _, _ = strings.Cut(table, "\n\n")
	for _, m := range regexp.MustCompile("(?m)^\\| (`[^|]+) \\|").FindAllStringSubmatch(table, -1) {
		for name := range strings.SplitSeq(m[1], ", ") {
			rows = append(rows, strings.Trim(name, "`"))
		}
	}
	return rows
}

// rowOf is the row of a finding.
func rowOf(name string) string {
	for prefix, row := range map[string]string{"next posts: ": "next posts: CHANNEL", "team ": "team PLATFORM/ID", "slack: channel ": "slack: channel ID", "discord: channel ": "discord: channel ID"} {
		if strings.HasPrefix(name, prefix) {
			return row
		}
	}
	return name
}

// TestDoctorIsDocumented holds the table of checks to what doctor shows, and to
// nothing that it never does.
func TestDoctorIsDocumented(t *testing.T) {
	rows := documented(t)
	dir := usedHouse(t)
	found := findings(t, dir, nil)
	pragma(t, filepath.Join(dir, "rapport.db"), "UPDATE team SET stopped = 1")
	pragma(t, filepath.Join(dir, "rapport.db"), "DELETE FROM due")
	found = append(found, findings(t, dir, nil)...)
	s := lighthouse(t)
	found = append(found, findings(t, slackHouse(t, s, socketLines(s)), nil)...)
	found = append(found, findings(t, slackHouse(t, s, httpLines(s)), nil)...)
	for _, way := range bothRoutes {
		_, dir := discordHouse(t, way)
		found = append(found, findings(t, dir, nil)...)
	}
	unseen := slices.Clone(rows)
	for _, f := range found {
		if !slices.Contains(rows, rowOf(f.Name)) {
			t.Errorf("docs/operations.md has no row for %q", f.Name)
		}
		unseen = slices.DeleteFunc(unseen, func(row string) bool { return row == rowOf(f.Name) })
	}
	if len(unseen) > 0 || len(rows) < 20 {
		t.Errorf("docs/operations.md has rows of no check: %q of %d", unseen, len(rows))
	}
}

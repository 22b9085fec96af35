package main

import (
	"bytes"
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"
)

// golden compares text with a file; UPDATE=1 rewrites it.
func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", "init", name)
	if os.Getenv("UPDATE") == "1" {
		writeFile(t, file, got)
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("got\n%s\nwant %s:\n%s", got, file, want)
	}
}

// initIn runs init in dir, which must not fail, and returns what it printed.
func initIn(t *testing.T, dir string, args ...string) string {
	t.Helper()
	status, stdout, stderr := command(t, dir, nil, append([]string{"init"}, args...)...)
	if status != 0 || stderr != "" {
		t.Fatalf("init %q: got status %d and errors %q", args, status, stderr)
	}
	return stdout
}

func TestInit(t *testing.T) {
	for name, args := range map[string][]string{
		"socket":  nil,
		"files":   {"--files"},
		"http":    {"--http", "https://rapport.example.org"},
		"folder":  {"--dir", "coach"},
		"discord": {"--discord", "1234567890"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			out := initIn(t, dir, args...)
			golden(t, name+".txt", out)
			_, lists, _ := strings.Cut(out, "To connect ")
			for _, list := range strings.Split(lists, "To connect ") {
				steps := regexp.MustCompile(`(?m)^(\d+)\. `).FindAllStringSubmatch(list, -1)
				if n := len(steps); n < 5 || n > 8 || steps[n-1][1] != itoa(n) {
					t.Errorf("got %d steps, numbered %v; want 5 to 8", n, steps)
				}
			}
			for _, line := range strings.Split(out, "\n") {
				if len(line) > 100 && !strings.Contains(line, "?client_id=") {
					t.Errorf("a line is %d characters wide: %s", len(line), line)
				}
			}
			if name == "folder" {
				dir = filepath.Join(dir, "coach")
			}
			files := tree(t, dir)
			if got, want := slices.Sorted(maps.Keys(files)), []string{"config.toml", "slack-manifest.json"}; !slices.Equal(got, want) {
				t.Errorf("got files %q, want %q", got, want)
			}
			for file := range files {
				if info, err := os.Stat(filepath.Join(dir, file)); err != nil || info.Mode().Perm() != 0o600 && runtime.GOOS != "windows" {
					t.Errorf("%s: got %v, %v; want mode 600", file, info.Mode(), err)
				}
			}
			golden(t, name+".toml", files["config.toml"])
			checkManifest(t, files["slack-manifest.json"], name)
		})
	}
}

// checkManifest looks whether the manifest is that of the way to connect.
func checkManifest(t *testing.T, text, way string) {
	t.Helper()
	var m struct {
		Settings struct {
			Socket bool `json:"socket_mode_enabled"`
		}
		OAuth struct {
			Scopes struct{ Bot []string }
		} `json:"oauth_config"`
	}
	if err := json.Unmarshal([]byte(text), &m); err != nil {
		t.Fatal(err)
	}
	if got, want := m.Settings.Socket, way != "http"; got != want {
		t.Errorf("got socket mode %v, want %v", got, want)
	}
	if got, want := strings.Contains(text, "https://rapport.example.org/slack"), way == "http"; got != want {
		t.Errorf("the public address in the manifest: got %v, want %v", got, want)
	}
	if got, want := slices.Contains(m.OAuth.Scopes.Bot, "files:write"), way == "files"; got != want {
		t.Errorf("the right to upload files: got %v, want %v", got, want)
	}
}

// TestInitLoads reads what init writes: it is the defaults, and with the tokens
// put in nothing but the tokens changes.
func TestInitLoads(t *testing.T) {
	for name, args := range map[string][]string{"socket": nil, "http": {"--http", "https://rapport.example.org/slack"}} {
		dir := t.TempDir()
		initIn(t, dir, args...)
		env := Env{Getenv: func(string) string { return "" }, Dir: dir}
		got, err := LoadConfig(env, "")
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		want := defaultConfig()
		want.File, want.Log.secrets = got.File, got.Log.secrets
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%s: got\n%+v\nwant the defaults", name, got)
		}
		file := filepath.Join(dir, "config.toml")
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		writeFile(t, file, regexp.MustCompile(`(?m)^#([a-z_]+ = )`).ReplaceAllString(string(text), "$1"))
		full, err := LoadConfig(env, "")
		if err != nil {
			t.Fatalf("%s, with its places filled: %v", name, err)
		}
		s := full.Slack
		if !s.BotToken.Set() || !full.Discord.Token.Set() || s.AppToken.Set() != (name == "socket") || s.SigningSecret.Set() != (name == "http") || (s.Listen != "") != (name == "http") || len(full.Warnings) > 0 {
			t.Errorf("%s: got %+v with warnings %q", name, s, full.Warnings)
		}
		// The environment does as well.
		writeFile(t, file, string(text))
		vars := map[string]string{"RAPPORT_SLACK_BOT_TOKEN": "xoxb-1", "RAPPORT_SLACK_APP_TOKEN": "xapp-1"}
		if name == "http" {
			vars = map[string]string{"RAPPORT_SLACK_BOT_TOKEN": "xoxb-1", "RAPPORT_SLACK_SIGNING_SECRET": "1"}
			writeFile(t, file, strings.Replace(string(text), "#listen", "listen", 1))
		}
		env.Getenv = func(name string) string { return vars[name] }
		if cfg, err := LoadConfig(env, ""); err != nil || !cfg.Slack.BotToken.Set() {
			t.Errorf("%s, with tokens in the environment: %v", name, err)
		}
	}
}

// TestInitHasEveryKey holds what init writes to the example: every key, and each
// with a line that explains it.
func TestInitHasEveryKey(t *testing.T) {
	text, err := os.ReadFile(example)
	if err != nil {
		t.Fatal(err)
	}
	keys := func(text []byte) (names []string) {
		section := ""
		for line := range strings.Lines(string(text)) {
			if m := regexp.MustCompile(`^\[([a-z.]+)\]`).FindStringSubmatch(line); m != nil {
				section = m[1]
			}
			if m := regexp.MustCompile(`^#?([a-z_]+) = `).FindStringSubmatch(line); m != nil {
				names = append(names, section+"."+m[1])
			}
		}
		slices.Sort(names)
		return slices.Compact(names)
	}
	got := keys(bytes.Join([][]byte{initialConfig(false, ""), initialConfig(true, "")}, nil))
	if want := keys(text); !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	for _, http := range []bool{false, true} {
		before := ""
		for line := range strings.Lines(string(initialConfig(http, ""))) {
			if regexp.MustCompile(`^#?[a-z_]+ = `).MatchString(line) && !strings.HasPrefix(before, "# ") {
				t.Errorf("nothing explains %s", line)
			}
			before = line
		}
	}
}

// TestInitOverwritesNothing has each of the files, and both, in the way.
func TestInitOverwritesNothing(t *testing.T) {
	for _, there := range [][]string{{"config.toml"}, {"slack-manifest.json"}, {"config.toml", "slack-manifest.json"}} {
		dir := t.TempDir()
		for _, name := range there {
			writeFile(t, filepath.Join(dir, name), marker)
		}
		before := tree(t, dir)
		status, stdout, stderr := command(t, dir, nil, "init")
		if status != 1 || stdout != "" || !strings.Contains(stderr, "already, so nothing was written") || !strings.Contains(stderr, "rapport doctor") || !strings.Contains(stderr, "--dir") {
			t.Errorf("%q: got status %d, output %q, errors %q", there, status, stdout, stderr)
		}
		for _, name := range there {
			if !strings.Contains(stderr, filepath.Join(dir, name)) {
				t.Errorf("%q: got %q, want it to name %s", there, stderr, name)
			}
		}
		if after := tree(t, dir); !maps.Equal(before, after) {
			t.Errorf("%q: files changed: %v", there, slices.Sorted(maps.Keys(after)))
		}
	}
	dir := t.TempDir()
	initIn(t, dir)
	before := tree(t, dir)
	if status, _, _ := command(t, dir, nil, "init"); status != 1 || !maps.Equal(before, tree(t, dir)) {
		t.Errorf("again: got status %d, want 1 and the first files", status)
	}
	if err := os.Symlink("nowhere", filepath.Join(dir, "link")); err != nil {
		t.Fatal(err)
	}
	if err := writeNew(dir, []newFile{{"link", []byte("x")}}); err == nil {
		t.Error("a link to nowhere was written through")
	}
}

// TestInitAllOrNone has the second file fail after the first was made.
func TestInitAllOrNone(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new")
	err := writeNew(dir, []newFile{{"a", []byte("x")}, {filepath.Join("no", "where"), []byte("y")}})
	if err == nil {
		t.Fatal("a file was made in no folder")
	}
	if _, err := os.Stat(dir); !os.IsNotExist(err) {
		t.Errorf("got %v and %v, want nothing left", err, tree(t, dir))
	}
	// A name that is taken between the look and the writing.
	dir = t.TempDir()
	if err := writeNew(dir, []newFile{{"a", []byte("x")}, {"a", []byte("y")}}); err == nil || len(tree(t, dir)) != 0 {
		t.Errorf("got %v and files %v, want an error and nothing left", err, tree(t, dir))
	}
}

func TestInitRefuses(t *testing.T) {
	dir := t.TempDir()
	for _, tt := range []struct {
		args   []string
		status int
		want   string
	}{
		{[]string{"--dir", filepath.Join("no", "where")}, 1, "no such file or directory"},
		{[]string{"--http", "http://rapport.example.org/slack"}, 2, "must be an address that starts with https://"},
		{[]string{"--http", "rapport.example.org"}, 2, "must be an address"},
		{[]string{"--http", "https://ada:" + marker + "@example.org/slack"}, 2, "must be an address"},
		{[]string{"--http", "https://"}, 2, "must be an address"},
		{[]string{"--config", "mine.toml"}, 2, "say where with --dir"},
		{[]string{"--discord", "rapport"}, 2, "must be the digits of the application's id"},
		{[]string{"here"}, 2, "unexpected argument here"},
	} {
		status, stdout, stderr := command(t, dir, nil, append([]string{"init"}, tt.args...)...)
		if status != tt.status || stdout != "" || !strings.Contains(stderr, tt.want) || leaks(stderr) {
			t.Errorf("init %q: got status %d, output %q, errors %q; want status %d and %q", tt.args, status, stdout, stderr, tt.status, tt.want)
		}
		if files := tree(t, dir); len(files) != 0 {
			t.Errorf("init %q: %v were made", tt.args, slices.Sorted(maps.Keys(files)))
		}
	}
	writeFile(t, filepath.Join(dir, "file"), "x")
	if status, _, stderr := command(t, dir, nil, "init", "--dir", "file"); status != 1 || !strings.Contains(stderr, "not a directory") {
		t.Errorf("a file for a folder: got status %d and %q", status, stderr)
	}
}

func TestInitInAReadOnlyFolder(t *testing.T) {
	bin := buildProgram(t)
	dir := t.TempDir()
	if err := openUp(filepath.Join(dir, "x")); err != nil {
		t.Fatal(err)
	}
	if err := openUp(bin); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(dir, 0o555); err != nil {
		t.Fatal(err)
	}
	p := launchAs(t, nobody(), bin, dir, nil, "init")
	if status, out := p.end(t), p.out.String(); status != 1 || !strings.Contains(out, "permission denied") || strings.Contains(out, "Wrote") {
		t.Errorf("got status %d and %q, want that nothing can be written", status, out)
	}
	if files := tree(t, dir); len(files) != 0 {
		t.Errorf("%v were made", slices.Sorted(maps.Keys(files)))
	}
}

// TestInitThenDoctor is the way an admin goes: nothing that doctor sees between
// the two is a fault.
func TestInitThenDoctor(t *testing.T) {
	dir := t.TempDir()
	initIn(t, dir)
	found := findings(t, dir, nil)
	wantNoFail(t, found)
	for _, f := range found {
		if strings.Contains(f.Fix, "without a #") {
			return
		}
	}
	t.Errorf("got\n%s\nwant that the tokens are missing", layOut(found, 0))
}

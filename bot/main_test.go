package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// command runs the program with these arguments in dir, and returns its status
// and what it printed.
func command(t *testing.T, dir string, vars map[string]string, args ...string) (status int, stdout, stderr string) {
	t.Helper()
	var out, errs strings.Builder
	env := Env{Stdin: strings.NewReader(""), Stdout: &out, Stderr: &errs, Getenv: func(name string) string { return vars[name] }, Dir: dir}
	return run(t.Context(), args, env), out.String(), errs.String()
}

func TestUsage(t *testing.T) {
	for _, tt := range []struct {
		args []string
		want string
	}{
		{[]string{"bakup", "x"}, "there is no command \"bakup\"; did you mean \"backup\"?"},
		{[]string{"--config", "x", "tyr"}, "there is no command \"tyr\"; did you mean \"try\"?"},
		{[]string{"versio"}, "did you mean \"version\"?"},
		{[]string{"curriculum", "chek"}, "did you mean \"check\"?"},
		{[]string{"curriculum"}, "expected one of"},
		{[]string{"--confg", "x"}, "did you mean \"--config\"?"},
		{[]string{"try", "--datbase", "x"}, "unknown flag --datbase"},
		{[]string{"backup"}, "expected \"<file>\""},
		{[]string{"backup", ""}, "the argument is empty"},
		{[]string{"backup", "a", "b"}, "unexpected argument b"},
		{[]string{"export"}, "expected \"<person>\""},
		{[]string{"--config"}, "--config: expected string value"},
		{[]string{"inti"}, "did you mean \"init\"?"},
		{[]string{"docter"}, "did you mean \"doctor\"?"},
	} {
		status, stdout, stderr := command(t, t.TempDir(), nil, tt.args...)
		if status != 2 || stdout != "" || !strings.HasPrefix(stderr, "rapport: ") || !strings.Contains(stderr, tt.want) {
			t.Errorf("rapport %q: got status %d, output %q, errors %q; want status 2 and %s", tt.args, status, stdout, stderr, tt.want)
		}
		if !strings.Contains(stderr, "rapport --help") {
			t.Errorf("rapport %q: got %q, want the way to the help", tt.args, stderr)
		}
	}
}

func TestHelp(t *testing.T) {
	status, stdout, stderr := command(t, t.TempDir(), nil, "--help")
	if status != 0 || stderr != "" {
		t.Errorf("got status %d and errors %q, want help alone", status, stderr)
	}
	for _, want := range []string{"run", "try", "init", "doctor", "preview", "backup", "restore", "export", "forget", "curriculum", "version", "--config=FILE"} {
		if !strings.Contains(stdout, want) {
			t.Errorf("the help lacks %q:\n%s", want, stdout)
		}
	}
	for _, later := range []string{"rotate"} {
		if strings.Contains(stdout, later) {
			t.Errorf("the help offers %q, which is not there yet", later)
		}
	}
	for _, line := range strings.Split(stdout, "\n") {
		if len(line) > 100 {
			t.Errorf("a line of the help is %d characters wide: %s", len(line), line)
		}
	}
	for sub, want := range map[string]string{"try": "--db=FILE", "preview": "--week=WEEK", "backup": "<file>", "forget": "<person>", "curriculum": "check"} {
		if status, stdout, _ := command(t, t.TempDir(), nil, sub, "--help"); status != 0 || !strings.Contains(stdout, want) {
			t.Errorf("%s --help: got status %d and %q, want %s in it", sub, status, stdout, want)
		}
	}
}

func TestConfigFaultsEndTheProgram(t *testing.T) {
	dir := t.TempDir()
	writeFile(t, filepath.Join(dir, "config.toml"), "[log]\nlevel = \"loud\"\nfromat = \"text\"\n")
	for _, args := range [][]string{nil, {"run"}, {"try"}, {"preview"}, {"backup", "x"}, {"restore", "x"}, {"export", "a/b/c"}, {"forget", "a/b/c"}, {"curriculum", "check"}, {"curriculum", "stats"}} {
		status, stdout, stderr := command(t, dir, nil, args...)
		want := "rapport: the configuration has 2 faults:\n" +
			"  config.toml:2: log.level: must be one of debug, info, warn, error\n" +
			"  config.toml:3: unknown key \"fromat\" in [log]; did you mean \"format\"?\n"
		if status != 1 || stdout != "" || stderr != want {
			t.Errorf("rapport %q: got status %d, output %q, errors\n%swant status 1 and\n%s", args, status, stdout, stderr, want)
		}
	}
	if names, err := filepath.Glob(filepath.Join(dir, "*")); err != nil || len(names) != 1 {
		t.Errorf("got files %q, %v; want the configuration alone", names, err)
	}
}

func TestConfigFlagEverywhere(t *testing.T) {
	dir := t.TempDir()
	writeFile(t, filepath.Join(dir, "mine.toml"), "[log]\nlevel = \"loud\"\n")
	for _, args := range [][]string{{"--config", "mine.toml"}, {"--config=mine.toml", "curriculum", "check"}, {"curriculum", "check", "--config", "mine.toml"}, {"try", "--config", "mine.toml"}} {
		if status, _, stderr := command(t, dir, nil, args...); status != 1 || !strings.HasPrefix(stderr, "rapport: mine.toml:2: log.level:") {
			t.Errorf("rapport %q: got status %d and %q, want a fault of mine.toml", args, status, stderr)
		}
	}
	if status, _, stderr := command(t, dir, nil, "--config", "missing.toml"); status != 1 || !strings.HasPrefix(stderr, "rapport: configuration: ") {
		t.Errorf("missing file: got status %d and %q, want status 1", status, stderr)
	}
}

func TestWarningsArePrinted(t *testing.T) {
	dir := t.TempDir()
	name := filepath.Join(dir, "config.toml")
	writeFile(t, name, "[discord]\ntoken = \""+marker+"\"\n")
	if err := os.Chmod(name, 0o644); err != nil {
		t.Fatal(err)
	}
	status, _, stderr := command(t, dir, nil, "curriculum", "stats")
	if want := "rapport: warning: config.toml holds secrets and everyone on this machine can read it; run: chmod 600 config.toml\n"; status != 0 || stderr != want {
		t.Errorf("got status %d and %q, want %q", status, stderr, want)
	}
}

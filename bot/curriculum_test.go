package main

import (
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

func TestCurriculumCheck(t *testing.T) {
	t.Parallel() // with others that wait for programs
	dir := t.TempDir()
	status, stdout, stderr := command(t, dir, nil, "curriculum", "check")
	if status != 0 || stderr != "" || !strings.Contains(stdout, "The curriculum is sound") {
		t.Errorf("built-in texts: got status %d, output %q, errors %q; want that they are sound", status, stdout, stderr)
	}
	writeFile(t, filepath.Join(dir, "own", "sub", "tips.toml"), "schema = 1\n\n[[tip]]\nid = \"s1.tip.own\"\nteext = \"x\"\n")
	writeFile(t, filepath.Join(dir, "own", "broken.toml"), "schema = 1\n[[tip]\n")
	status, stdout, stderr = command(t, dir, nil, "curriculum", "check", "own")
	if status != 1 || !regexp.MustCompile(`^rapport: the curriculum has \d+ faults\n$`).MatchString(stderr) {
		t.Errorf("faulty texts: got status %d and errors %q, want status 1 and the number of faults", status, stderr)
	}
	for _, want := range []string{
		filepath.Join("own", "broken.toml") + ":2: not TOML",
		filepath.Join("own", "sub", "tips.toml") + ":5: ",
	} {
		if !strings.Contains(stdout, want) {
			t.Errorf("got output\n%s\nwant a fault at %s", stdout, want)
		}
	}
	if got, want := strings.Count(stdout, "\n"), strings.Fields(stderr)[4]; want != itoa(got) {
		t.Errorf("got %d lines for %s faults", got, want)
	}
}

func itoa(n int) string { return strings.Fields(counted(n, "x"))[0] }

func TestCurriculumCheckOfConfiguredFolder(t *testing.T) {
	dir := t.TempDir()
	writeFile(t, filepath.Join(dir, "texts", "a.toml"), "schema = 2\n")
	writeFile(t, filepath.Join(dir, "config.toml"), "[coach]\ncurriculum_dir = \"texts\"\n")
	for _, args := range [][]string{{"curriculum", "check"}, {"curriculum", "stats"}} {
		status, stdout, stderr := command(t, dir, nil, args...)
		if want := filepath.Join("texts", "a.toml") + ":1: schema is 2"; status != 1 || !strings.Contains(stdout+stderr, want) {
			t.Errorf("rapport %q: got status %d and %q, want %s", args, status, stdout+stderr, want)
		}
	}
}

func TestCurriculumCheckOfNoFolder(t *testing.T) {
	dir := t.TempDir()
	writeFile(t, filepath.Join(dir, "file"), "")
	for name, want := range map[string]string{"missing": "rapport: curriculum: ", "file": "rapport: curriculum: file is a file; name the folder it is in"} {
		if status, _, stderr := command(t, dir, nil, "curriculum", "check", name); status != 1 || !strings.HasPrefix(stderr, want) {
			t.Errorf("%s: got status %d and %q, want %q", name, status, stderr, want)
		}
	}
}

func TestCurriculumStats(t *testing.T) {
	status, stdout, stderr := command(t, t.TempDir(), nil, "curriculum", "stats")
	if status != 0 || stderr != "" {
		t.Fatalf("got status %d and errors %q", status, stderr)
	}
	for _, want := range []string{`(?m)^TOPIC +KIND +HAVE +WANT`, `(?m)^step 1 +mission +\d+ +\d+`, `(?m)^repair +move +\d+ +\d+`, `(?m)^all +situation +\d+ +\d+`, `(?m)^edition [0-9a-f]{8,}$`} {
		if !regexp.MustCompile(want).MatchString(stdout) {
			t.Errorf("got\n%s\nwant a line like %s", stdout, want)
		}
	}
}

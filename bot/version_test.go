package main

import (
	"path/filepath"
	"regexp"
	"runtime"
	"runtime/debug"
	"testing"
)

func TestVersion(t *testing.T) {
	status, stdout, stderr := command(t, t.TempDir(), nil, "version")
	if status != 0 || stderr != "" {
		t.Fatalf("got status %d and errors %q", status, stderr)
	}
	for _, want := range []string{`(?m)^rapport +\S+`, `(?m)^commit +\S+`, `(?m)^go +go1\.`, `(?m)^sqlite +3\.\d+\.\d+$`, `(?m)^zone data +\S+`} {
		if !regexp.MustCompile(want).MatchString(stdout) {
			t.Errorf("got\n%s\nwant a line like %s", stdout, want)
		}
	}
}

func TestBuildOf(t *testing.T) {
	for _, tt := range []struct {
		name            string
		info            *debug.BuildInfo
		version, commit string
	}{
		{"none", nil, "unknown", "unknown (built outside a checkout)"},
		{"no commit", &debug.BuildInfo{Main: debug.Module{Version: "(devel)"}}, "(devel)", "unknown (built outside a checkout)"},
		{"a commit", &debug.BuildInfo{Main: debug.Module{Version: "v1.2.3"}, Settings: []debug.BuildSetting{
			{Key: "vcs.revision", Value: "abc"}, {Key: "vcs.time", Value: "2026-01-02T03:04:05Z"}, {Key: "vcs.modified", Value: "false"},
		}}, "v1.2.3", "abc of 2026-01-02T03:04:05Z"},
		{"changes", &debug.BuildInfo{Settings: []debug.BuildSetting{{Key: "vcs.revision", Value: "abc"}, {Key: "vcs.modified", Value: "true"}}}, "unknown", "abc, with local changes"},
	} {
		version, commit := buildOf(tt.info, tt.info != nil)
		if version != tt.version || commit != tt.commit {
			t.Errorf("%s: got %q, %q; want %q, %q", tt.name, version, commit, tt.version, tt.commit)
		}
	}
}

func TestZoneData(t *testing.T) {
	dir := t.TempDir()
	writeFile(t, filepath.Join(dir, "zi", "Europe", "Berlin"), "x")
	writeFile(t, filepath.Join(dir, "zi", "tzdata.zi"), "# version 2026a\n# more\n")
	writeFile(t, filepath.Join(dir, "plus", "Europe", "Berlin"), "x")
	writeFile(t, filepath.Join(dir, "plus", "+VERSION"), "2025c\n")
	writeFile(t, filepath.Join(dir, "bare", "Europe", "Berlin"), "x")
	writeFile(t, filepath.Join(dir, "zones.zip"), "x")
	at := func(name string) string { return filepath.Join(dir, name) }
	for _, tt := range []struct {
		name, own string
		system    []string
		want      string
	}{
		{"nowhere", "", []string{at("missing")}, "built in, of " + runtime.Version()},
		{"system", "", []string{at("missing"), at("zi"), at("plus")}, at("zi") + ", release 2026a"},
		{"named by macOS", "", []string{at("plus")}, at("plus") + ", release 2025c"},
		{"unnamed", "", []string{at("bare")}, at("bare") + ", release not written there"},
		{"ZONEINFO", at("zi"), []string{at("plus")}, at("zi") + ", release 2026a"},
		{"ZONEINFO is a file", at("zones.zip"), []string{at("plus")}, at("zones.zip") + ", release not written there"},
		{"ZONEINFO is gone", at("missing"), []string{at("plus")}, at("plus") + ", release 2025c"},
	} {
		if got := zoneData(func(string) string { return tt.own }, tt.system); got != tt.want {
			t.Errorf("%s: got %q, want %q", tt.name, got, tt.want)
		}
	}
}

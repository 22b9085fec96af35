package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strings"
)

type versionCommand struct{}

// Run implements kong's command.
func (versionCommand) Run(ctx context.Context, env Env) error { return versionCmd(ctx, env) }

// versionCmd prints what a report of a fault should begin with.
func versionCmd(ctx context.Context, env Env) error {
	engine, err := sqliteVersion(ctx)
	if err != nil {
		return fmt.Errorf("version of SQLite: %w", err)
	}
	version, commit := buildOf(debug.ReadBuildInfo())
	for _, line := range [][2]string{
		{"rapport", version},
		{"commit", commit},
		{"go", fmt.Sprintf("%s %s/%s", runtime.Version(), runtime.GOOS, runtime.GOARCH)},
		{"sqlite", engine},
		{"zone data", zoneData(env.Getenv, systemZones[:])},
	} {
		if _, err := fmt.Fprintf(env.Stdout, "%-10s %s\n", line[0], line[1]); err != nil {
			return err
		}
	}
	return nil
}

// buildOf is the version and the commit that the program was built from.
func buildOf(info *debug.BuildInfo, ok bool) (version, commit string) {
	version, commit = "unknown", "unknown (built outside a checkout)"
	if !ok {
		return version, commit
	}
	if v := info.Main.Version; v != "" {
		version = v
	}
	settings := map[string]string{}
	for _, s := range info.Settings {
		settings[s.Key] = s.Value
	}
	if rev := settings["vcs.revision"]; rev != "" {
		commit = rev
		if at := settings["vcs.time"]; at != "" {
			commit += " of " + at
		}
		if settings["vcs.modified"] == "true" {
			commit += ", with local changes"
		}
	}
	return version, commit
}

// sqliteVersion asks the engine, in memory.
func sqliteVersion(ctx context.Context) (version string, err error) {
	db, err := sql.Open("sqlite", "file::memory:")
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	err = db.QueryRowContext(ctx, "SELECT sqlite_version()").Scan(&version)
	return version, err
}

// systemZones are the places where package time looks for zone data, in its
// order.
var systemZones = [...]string{"/usr/share/zoneinfo", "/usr/share/lib/zoneinfo", "/usr/lib/locale/TZ", "/etc/zoneinfo"}

// zoneData says where the rules of time zones come from, and of which release
// they are if that is written there. Package time takes $ZONEINFO, then the
// system's, then the data built in.
func zoneData(getenv func(string) string, system []string) string {
	if own := getenv("ZONEINFO"); own != "" {
		if info, err := os.Stat(own); err == nil {
			return describeZones(own, info.IsDir())
		}
	}
	for _, dir := range system {
		if info, err := os.Stat(filepath.Join(dir, "Europe")); err == nil && info.IsDir() {
			return describeZones(dir, true)
		}
	}
	return "built in, of " + runtime.Version()
}

func describeZones(place string, dir bool) string {
	if !dir {
		return place + ", release not written there"
	}
	if release := zoneRelease(os.DirFS(place)); release != "" {
		return place + ", release " + release
	}
	return place + ", release not written there"
}

// zoneRelease reads the name of a release ("2026a") where distributions put it.
func zoneRelease(zones fs.FS) string {
	if text, err := fs.ReadFile(zones, "+VERSION"); err == nil {
		return strings.TrimSpace(string(text))
	}
	text, err := fs.ReadFile(zones, "tzdata.zi")
	if err != nil {
		return ""
	}
	first, _, _ := strings.Cut(string(text), "\n")
	release, ok := strings.CutPrefix(first, "# version ")
	if !ok {
		return ""
	}
	return strings.TrimSpace(release)
}

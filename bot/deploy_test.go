package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/alecthomas/kong"
)

// deployed is a file of docs/deploy without its comments.
func deployed(t *testing.T, name string) (text string, lines []string) {
	t.Helper()
	for line := range strings.Lines(string(read(t, "../docs/deploy", name))) {
		line = strings.TrimRight(line, "\n")
		if s := strings.TrimSpace(line); s != "" && !strings.HasPrefix(s, "#") {
			lines = append(lines, line)
		}
	}
	return strings.Join(lines, "\n"), lines
}

// wantUsage holds a command line, without the program's name, to the commands
// there are.
func wantUsage(t *testing.T, args []string) {
	t.Helper()
	var c cli
	parser, err := kong.New(&c, kong.Name("rapport"), kong.Exit(func(int) {}))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := parser.Parse(args); err != nil {
		t.Errorf("rapport %q: %v", args, err)
	}
}

func TestUnit(t *testing.T) {
	text, lines := deployed(t, "rapport.service")
	for _, want := range []string{"Type=notify", "NotifyAccess=main", "DynamicUser=yes", "StateDirectory=rapport", "StateDirectoryMode=0700",
		"ProtectSystem=strict", "NoNewPrivileges=yes", "CapabilityBoundingSet=", "UMask=0077", "Restart=on-failure", "ExecReload=/bin/kill -HUP $MAINPID"} {
		if !slices.Contains(lines, want) {
			t.Errorf("the unit lacks %s", want)
		}
	}
	value := func(key string) string {
		_, rest, _ := strings.Cut("\n"+text, "\n"+key+"=")
		v, _, _ := strings.Cut(rest, "\n")
		return v
	}
	wantUsage(t, strings.Fields(value("ExecStart"))[1:])
	watchdog, err := time.ParseDuration(strings.ReplaceAll(value("WatchdogSec"), "min", "m"))
	if err != nil || watchdog < 6*5*time.Second || watchdog < busyTime+2*5*time.Second {
		t.Errorf("WatchdogSec is %v (%v), too short for a beat every 5 s that may wait %v for the database", watchdog, err, busyTime)
	}
	known := secretNames(t)
	for _, m := range regexp.MustCompile(`(?m)^#?LoadCredential=(\w+):/`).FindAllStringSubmatch(string(read(t, "../docs/deploy/rapport.service")), -1) {
		if !slices.Contains(known, strings.ToUpper(m[1])) {
			t.Errorf("the credential %s is none of %v", m[1], known)
		}
	}
}

// secretNames are the secrets that operations.md says can come from outside,
// each of which the configuration takes.
func secretNames(t *testing.T) []string {
	t.Helper()
	_, rest, ok := strings.Cut(string(read(t, "../docs/operations.md")), "The names are ")
	line, _, _ := strings.Cut(rest, ".")
	var names []string
	for _, m := range regexp.MustCompile("`([A-Z_]+)`").FindAllStringSubmatch(line, -1) {
		names = append(names, m[1])
	}
	if !ok || len(names) < 6 {
		t.Fatalf("docs/operations.md names the secrets %v", names)
	}
	code := codeOf(t, ".")
	for _, name := range names {
		if !strings.Contains(code, `"RAPPORT_`+name+`"`) {
			t.Errorf("no secret RAPPORT_%s is read", name)
		}
	}
	return names
}

// TestUnitVerified lets systemd itself read the unit, where it is there.
func TestUnitVerified(t *testing.T) {
	analyze, err := exec.LookPath("systemd-analyze")
	if err != nil {
		t.Skip("NOT VERIFIED BY SYSTEMD: no systemd-analyze in the path")
	}
	unit := filepath.Join(t.TempDir(), "rapport.service")
	write(t, bytes.ReplaceAll(read(t, "../docs/deploy/rapport.service"), []byte("/usr/local/bin/rapport"), []byte("/bin/sh")), unit)
	if out, err := exec.Command(analyze, "verify", "--man=no", unit).CombinedOutput(); err != nil || bytes.Contains(out, []byte("rapport.service")) {
		t.Errorf("systemd-analyze verify: %v\n%s", err, out)
	}
}

// buildLine is how the program is built to be handed out.
const buildLine = `go build -trimpath -ldflags '-s -w'`

func TestDockerfile(t *testing.T) {
	text, lines := deployed(t, "Dockerfile")
	mod := string(read(t, "../go.mod"))
	version := regexp.MustCompile(`(?m)^go (\d+\.\d+)`).FindStringSubmatch(mod)[1]
	for _, want := range []string{"FROM golang:" + version + " AS build", "USER nonroot:nonroot", "VOLUME /data", "WORKDIR /data", `ENTRYPOINT ["/rapport"]`} {
		if !slices.Contains(lines, want) {
			t.Errorf("the Dockerfile lacks %s", want)
		}
	}
	if last := text[strings.LastIndex(text, "FROM "):]; !strings.HasPrefix(last, "FROM gcr.io/distroless/static-debian12:nonroot\n") || strings.Contains(last, "\nRUN ") {
		t.Errorf("the image is not a distroless one of a user without rights, or runs something while it is made:\n%s", last)
	}
	if !strings.Contains(text, "CGO_ENABLED=0 "+buildLine) {
		t.Error("the Dockerfile does not build the program as it is released")
	}
	_, ignored := deployed(t, "Dockerfile.dockerignore")
	for _, want := range []string{"**/secrets", "**/config.toml", "**/*.db", "**/*.db-*", "**/*.key", "**/*.keys"} {
		if !slices.Contains(ignored, want) {
			t.Errorf("an image may hold %s", want)
		}
	}
	var args []string
	if err := json.Unmarshal([]byte(strings.TrimPrefix(lines[len(lines)-1], "CMD ")), &args); err != nil {
		t.Fatalf("the last line is no CMD: %v", err)
	}
	wantUsage(t, args)
}

func TestCompose(t *testing.T) {
	text, _ := deployed(t, "compose.yaml")
	for _, want := range []string{"read_only: true", "cap_drop: [ALL]", "no-new-privileges:true", "- data:/data", "dockerfile: docs/deploy/Dockerfile", `"127.0.0.1:9090:9090"`} {
		if !strings.Contains(text, want) {
			t.Errorf("the example lacks %s", want)
		}
	}
	known := secretNames(t)
	files := regexp.MustCompile(`RAPPORT_([A-Z_]+)_FILE: /run/secrets/(\w+)`).FindAllStringSubmatch(text, -1)
	for _, m := range files {
		if !slices.Contains(known, m[1]) || !strings.Contains(text, "\n  "+m[2]+":\n    file: ./secrets/"+m[2]) {
			t.Errorf("RAPPORT_%s_FILE names %s, which is no secret of ours or has no file", m[1], m[2])
		}
	}
	if len(files) < 3 {
		t.Errorf("found %d secrets, want at least 3", len(files))
	}
}

// TestReleaseConfig holds the configuration of goreleaser to what makes two
// builds of a commit the same.
func TestReleaseConfig(t *testing.T) {
	text, lines := deployed(t, "goreleaser.yaml")
	for _, want := range []string{"    main: ./bot", "    binary: rapport", "      - CGO_ENABLED=0", "      - -trimpath", "      - -s -w", `    mod_timestamp: "{{ .CommitTimestamp }}"`, "dist: dist"} {
		if !slices.Contains(lines, want) {
			t.Errorf("the configuration lacks %q", want)
		}
	}
	if strings.Contains(text, ".Date}}") || strings.Contains(text, ".Date }}") || strings.Contains(text, ".Now") {
		t.Error("the time of the build is in what is built")
	}
	files := regexp.MustCompile(`- src: (\S+)\n\s+info: \{mtime: "\{\{ \.CommitDate \}\}", mode: 0644\}`).FindAllStringSubmatch(text, -1)
	if len(files) != strings.Count(text, "- src: ") || len(files) == 0 {
		t.Errorf("%d of %d files have the time of the commit", len(files), strings.Count(text, "- src: "))
	}
	for _, m := range files {
		if _, err := os.Stat(filepath.Join("..", m[1])); err != nil {
			t.Errorf("in the archive: %v", err)
		}
	}
}

// TestReproducible builds the program in two folders, the second time without
// anything that the first left behind.
func TestReproducible(t *testing.T) {
	if !*long {
		t.Skip("compiles everything anew, twice: only with -long")
	}
	t.Parallel() // with others that wait for programs
	out, err := exec.Command("git", "-C", "..", "ls-files", "-z", "--cached", "--others", "--exclude-standard").Output()
	if err != nil {
		t.Fatalf("git ls-files: %v", err)
	}
	files := strings.Split(strings.TrimSuffix(string(out), "\x00"), "\x00")
	var sums [2][sha256.Size]byte
	for i, dir := range []string{t.TempDir(), filepath.Join(t.TempDir(), "somewhere else")} {
		for _, name := range files {
			if body, err := os.ReadFile(filepath.Join("..", name)); err == nil {
				writeFile(t, filepath.Join(dir, name), string(body))
			}
		}
		cmd := exec.Command("go", "build", "-trimpath", "-ldflags", "-s -w", "-buildvcs=false", "-o", "rapport", "./bot")
		cmd.Dir, cmd.Env = dir, append(os.Environ(), "CGO_ENABLED=0", "GOFLAGS=")
		if i == 1 {
			cmd.Env = append(cmd.Env, "GOCACHE="+t.TempDir())
		}
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("build: %v\n%s", err, out)
		}
		body := read(t, dir, "rapport")
		sums[i] = sha256.Sum256(body)
		if bytes.Contains(body, []byte(dir)) {
			t.Errorf("the program holds the name of the folder %s", dir)
		}
	}
	if sums[0] != sums[1] {
		t.Errorf("two builds differ: %x and %x", sums[0], sums[1])
	}
}

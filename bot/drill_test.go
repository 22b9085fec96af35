package main

import (
	"database/sql"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
)

// block is the first block of shell commands behind a heading of operations.md.
func block(t *testing.T, after string) string {
	t.Helper()
	_, rest, ok := strings.Cut(string(read(t, "../docs/operations.md")), after)
	_, rest, open := strings.Cut(rest, "```sh\n")
	text, _, shut := strings.Cut(rest, "```")
	if !ok || !open || !shut {
		t.Fatalf("docs/operations.md has no commands behind %q", after)
	}
	return text
}

// TestRestoreDrill runs the drill of docs/operations.md as it stands there,
// beside a coach that runs.
func TestRestoreDrill(t *testing.T) {
	dir := seeded(t)
	bin := buildProgram(t)
	write(t, []byte("[web]\nlisten = \"127.0.0.1:0\"\n[monitor]\nlisten = \"\"\n"), dir, "config.toml")
	p := launch(t, bin, dir, nil)
	p.address(t)
	script := block(t, "## Backup and restore")
	if !strings.Contains(script, "rm -r drill drill.db") {
		t.Fatalf("not the drill:\n%s", script)
	}
	cmd := exec.CommandContext(t.Context(), "sh", "-eu")
	cmd.Stdin = strings.NewReader(script)
	cmd.Dir, cmd.Env = dir, []string{"PATH=" + filepath.Dir(bin) + ":" + os.Getenv("PATH"), "HOME=" + dir, "TZ=UTC"}
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("the drill: %v\n%s", err, out)
	}
	for _, check := range []string{"database", "keys", "keys: database"} {
		if !regexp.MustCompile(`(?m)^\s*ok\s+` + check + `\b`).Match(out) {
			t.Errorf("doctor did not find %s ok:\n%s", check, out)
		}
	}
	if err := p.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if <-p.done; p.err != nil {
		t.Errorf("the coach that ran meanwhile ended with %v\n%s", p.err, p.out)
	}
	wantWords(t, dir, nil)
}

// TestUpgradeDrill starts the program on a database of each schema that was
// released, and goes back.
func TestUpgradeDrill(t *testing.T) {
	bin := buildProgram(t)
	files, err := filepath.Glob("../adapters/sqlite/testdata/released/*.sql")
	if err != nil || len(files) == 0 {
		t.Fatalf("no released schemas: %v", err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			dir := seeded(t) // for its keys
			path := filepath.Join(dir, "rapport.db")
			for _, part := range []string{"", "-wal", "-shm"} {
				if err := os.Remove(path + part); err != nil && !os.IsNotExist(err) {
					t.Fatal(err)
				}
			}
			raw, err := sql.Open("sqlite", path)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := raw.Exec(string(read(t, file))); err != nil {
				t.Fatal(err)
			}
			raw.Close()
			write(t, []byte("[web]\nlisten = \"127.0.0.1:0\"\n[monitor]\nlisten = \"\"\n"), dir, "config.toml")
			p := launch(t, bin, dir, nil)
			if page := visit(t, p.address(t), "nora").page(); !strings.Contains(page, "Rapport") {
				t.Errorf("the page:\n%s", page)
			}
			if err := p.Process.Signal(syscall.SIGTERM); err != nil {
				t.Fatal(err)
			}
			if <-p.done; p.err != nil {
				t.Errorf("it ended with %v\n%s", p.err, p.out)
			}
			if status, stdout, stderr := command(t, dir, nil, "export", "p/r/ann"); status != 0 || !strings.Contains(stdout, `"events": 1`) {
				t.Errorf("who was in it: got status %d, %q, %q", status, stdout, stderr)
			}
			copies, err := filepath.Glob(path + ".v*.bak")
			if err != nil || len(copies) != 1 {
				t.Fatalf("copies from before: %q, %v; want one", copies, err)
			}
			if status, _, stderr := command(t, dir, nil, "restore", copies[0]); status != 0 {
				t.Errorf("the copy from before: got status %d, %q", status, stderr)
			}
			if status, _, stderr := command(t, dir, nil, "export", "p/r/ann"); status != 0 {
				t.Errorf("after the restore: got status %d, %q", status, stderr)
			}
		})
	}
}

// TestMetricsTable holds docs/operations.md and the alerts to the metrics there
// are, with their labels.
func TestMetricsTable(t *testing.T) {
	m := newMetrics()
	m.watchLag(nil)
	labels := map[string][]string{}
	described := make(chan *prometheus.Desc)
	go func() { m.registry.Describe(described); close(described) }()
	name, variable := regexp.MustCompile(`fqName: "(rapport_\w+)"`), regexp.MustCompile(`variableLabels: \{([\w,]*)\}`)
	for d := range described {
		if found := name.FindStringSubmatch(d.String()); found != nil {
			labels[found[1]] = strings.FieldsFunc(variable.FindStringSubmatch(d.String())[1], func(r rune) bool { return r == ',' })
		}
	}
	if len(labels) < 6 {
		t.Fatalf("found the metrics %v", labels)
	}
	doc, alerts := string(read(t, "../docs/operations.md")), string(read(t, "../docs/deploy/alerts.yaml"))
	rules := map[string]bool{}
	for _, m := range regexp.MustCompile(`- alert: (\w+)`).FindAllStringSubmatch(alerts, -1) {
		rules[m[1]] = true
	}
	rows := map[string]bool{}
	for _, row := range table(doc, "| metric | labels | counts | normal | alert |") {
		metric := strings.Trim(row[0], "`")
		rows[metric] = true
		if got := regexp.MustCompile(`\w+`).FindAllString(row[1], -1); !slices.Equal(got, labels[metric]) {
			t.Errorf("%s: the table says it has the labels %q; it has %q", metric, got, labels[metric])
		}
		told := regexp.MustCompile("`(Rapport[A-Z]\\w+)`").FindAllStringSubmatch(row[4], -1)
		if len(told) == 0 {
			t.Errorf("%s has no alert", metric)
		}
		for _, rule := range told {
			if !rules[rule[1]] {
				t.Errorf("%s: there is no rule %s", metric, rule[1])
			}
		}
	}
	if want := slices.Sorted(maps.Keys(labels)); !slices.Equal(slices.Sorted(maps.Keys(rows)), want) {
		t.Errorf("the table has %q, the program %q", slices.Sorted(maps.Keys(rows)), want)
	}
	for _, used := range regexp.MustCompile(`rapport_[a-z_]+`).FindAllString(alerts+doc, -1) {
		if _, ok := labels[strings.TrimSuffix(used, "_bucket")]; !ok {
			t.Errorf("there is no metric %s", used)
		}
	}
	outcome := codeOf(t, ".")
	for _, values := range regexp.MustCompile(`(?:outcome|what|fate)=~?"([a-z_|]+)"`).FindAllStringSubmatch(alerts, -1) {
		for v := range strings.SplitSeq(values[1], "|") {
			if !strings.Contains(outcome+codeOf(t, "../schedules")+codeOf(t, "../adapters/slack"), `"`+v+`"`) {
				t.Errorf("no label has the value %s", v)
			}
		}
	}
}

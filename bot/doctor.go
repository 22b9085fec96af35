package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"golang.org/x/term"

	"rapport/coach"
)

type doctorCommand struct {
	JSON bool `name:"json" help:"Print the checks as JSON."`
}

// Run implements kong's command.
func (d doctorCommand) Run(ctx context.Context, env Env, c *cli) error {
	return doctorCmd(ctx, env, c.Config, d.JSON)
}

// How long doctor waits: checks are told to end after doctorTime, and those
// that do not are left behind.
const (
	doctorTime  = 14 * time.Second
	doctorGrace = 3 * time.Second
)

// doctorCmd checks the installation and prints what it found. It needs no
// running coach, disturbs none and changes nothing. It is an error if a check
// failed.
func doctorCmd(ctx context.Context, env Env, configFile string, asJSON bool) error {
	ctx, cancel := context.WithTimeout(ctx, doctorTime)
	defer cancel()
	cfg, found := checkConfig(env, configFile)
	found = append(found, checkZones(env, time.Now())...)
	if cfg != nil {
		e := &examination{env: env, cfg: cfg, now: time.Now, path: databasePath(env, cfg)}
		defer e.close()
		found = append(found, e.all(ctx)...)
	}
	if err := printFindings(env.Stdout, cfg, found, asJSON); err != nil {
		return err
	}
	if n := count(found, coach.Fail); n > 0 {
		return fmt.Errorf("%s failed", counted(n, "check"))
	}
	return nil
}

// A part is some checks that are made together, beside the other parts.
type part struct {
	name string // of the finding if it does not end
	run  func(context.Context) []coach.Finding
}

// examine runs parts side by side and returns what they find, in their order.
// One that does not end with ctx is given grace and then left behind.
func examine(ctx context.Context, grace time.Duration, parts []part) []coach.Finding {
	results := make([]chan []coach.Finding, len(parts))
	for i, p := range parts {
		results[i] = make(chan []coach.Finding, 1)
		go func() { results[i] <- p.run(ctx) }()
	}
	over := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		time.Sleep(grace)
		close(over)
	})
	defer stop()
	var all []coach.Finding
	for i, p := range parts {
		select {
		case found := <-results[i]:
			all = append(all, found...)
		case <-over:
			select {
			case found := <-results[i]: // both were ready
				all = append(all, found...)
			default:
				all = append(all, fail(p.name, "this did not end in time", "see whether the host it needs can be reached from here, then run `rapport doctor` again"))
			}
		}
	}
	return all
}

func good(name, why string, args ...any) coach.Finding {
	return coach.Finding{Name: name, Level: coach.OK, Why: fmt.Sprintf(why, args...)}
}

func warn(name, why, fix string) coach.Finding {
	return coach.Finding{Name: name, Level: coach.Warn, Why: why, Fix: fix}
}

func fail(name, why, fix string) coach.Finding {
	return coach.Finding{Name: name, Level: coach.Fail, Why: why, Fix: fix}
}

func count(found []coach.Finding, level coach.Level) (n int) {
	for _, f := range found {
		if f.Level == level {
			n++
		}
	}
	return n
}

// A findingRow is a finding as JSON. Scripts read it: its names stay.
type findingRow struct {
	Name  string      `json:"name"`
	Level coach.Level `json:"level"`
	Why   string      `json:"why"`
	Fix   string      `json:"fix"`
}

// printFindings prints what was found, without the secrets of cfg wherever they
// turn up. cfg is nil where it could not be read.
func printFindings(to io.Writer, cfg *Config, found []coach.Finding, asJSON bool) error {
	width := 0
	if f, ok := to.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		width, _, _ = term.GetSize(int(f.Fd()))
	}
	text := layOut(found, width)
	if asJSON {
		rows := make([]findingRow, 0, len(found))
		for _, f := range found {
			rows = append(rows, findingRow(f))
		}
		var b strings.Builder
		out := json.NewEncoder(&b)
		out.SetIndent("", "  ")
		out.SetEscapeHTML(false)
		if err := out.Encode(rows); err != nil {
			return err
		}
		text = b.String()
	}
	if cfg != nil {
		to = newScrubber(to, cfg.Log.secrets)
	}
	_, err := io.WriteString(to, text)
	return err
}

// layOut is a table of findings and a line that counts them. Where width is not
// 0, texts are broken to fit in it.
func layOut(found []coach.Finding, width int) string {
	names := 0
	for _, f := range found {
		names = max(names, len([]rune(f.Name)))
	}
	indent := len("warn  ") + names + 2
	room := width - indent
	if width == 0 || room < 30 {
		room = 1 << 20
	}
	var b strings.Builder
	for _, f := range found {
		head := fmt.Sprintf("%-4s  %s%s  ", f.Level, f.Name, strings.Repeat(" ", names-len([]rune(f.Name))))
		lines := wrapped(f.Why, room)
		if f.Fix != "" {
			lines = append(lines, wrapped("Fix: "+f.Fix, room)...)
		}
		for _, line := range lines {
			b.WriteString(strings.TrimRight(head+line, " ") + "\n")
			head = strings.Repeat(" ", indent)
		}
	}
	fmt.Fprintf(&b, "\n%s: %d ok, %s, %d failed.\n", counted(len(found), "check"),
		count(found, coach.OK), counted(count(found, coach.Warn), "warning"), count(found, coach.Fail))
	return b.String()
}

// wrapped breaks a text into lines of at most room characters, between words. A
// longer word has a line of its own. Lines of the text itself become one.
func wrapped(text string, room int) []string {
	var lines []string
	line := ""
	for word := range strings.FieldsSeq(text) {
		if line != "" && len([]rune(line))+1+len([]rune(word)) > room {
			lines, line = append(lines, line), ""
		}
		if line != "" {
			line += " "
		}
		line += word
	}
	return append(lines, line)
}

// checkConfig reads the configuration as every command does. cfg is nil if it
// cannot be used.
func checkConfig(env Env, named string) (cfg *Config, found []coach.Finding) {
	const name = "configuration"
	cfg, err := LoadConfig(env, named)
	if faults, ok := errors.AsType[ConfigFaults](err); ok {
		for _, f := range faults {
			found = append(found, fail(name, f.String(), "mend it at "+f.place.String()+", then run `rapport doctor` again: the rest was not checked"))
		}
		return nil, found
	}
	if err != nil {
		return nil, []coach.Finding{fail(name, err.Error(), "name a file that this user can read with --config, or give this user the right to read it; the rest was not checked")}
	}
	found = []coach.Finding{good(name, "%s is read and has no faults", cfg.File)}
	if cfg.File == "" {
		found[0] = good(name, "there is no file, so the defaults hold; `rapport init` writes one")
	}
	for _, w := range cfg.Warnings {
		why, fix, ok := strings.Cut(w, "; run: ")
		if !ok {
			fix = "change that in " + cfg.File
		} else {
			fix = "run: " + fix
		}
		found = append(found, warn(name, why, fix))
	}
	return cfg, found
}

// oldZones is how many years the rules of time zones are good for: some country
// changes them every year.
const oldZones = 2

// checkZones looks at the rules of time zones.
func checkZones(env Env, now time.Time) []coach.Finding {
	const name = "zone data"
	have := zoneData(env.Getenv, systemZones[:])
	for _, zone := range []string{"America/New_York", "Asia/Kolkata", "Europe/Berlin"} {
		if _, err := time.LoadLocation(zone); err != nil {
			return []coach.Finding{fail(name, fmt.Sprintf("%s: %s cannot be read", have, zone), "install the system's package of zone data (tzdata), or unset ZONEINFO")}
		}
	}
	var year int
	_, release, _ := strings.Cut(have, ", release ")
	if n, _ := fmt.Sscanf(release, "%4d", &year); n == 1 && now.Year()-year > oldZones {
		return []coach.Finding{warn(name, have+" is old: some countries have changed their clocks since", "update the system's package of zone data (tzdata)")}
	}
	return []coach.Finding{good(name, "%s", have)}
}

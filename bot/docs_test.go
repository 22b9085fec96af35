package main

import (
	"os"
	"strings"
	"testing"

	"rapport/coach"
)

// TestCommandsTable holds docs/commands.md to the command tree: a row for every
// word people can type, with all its aliases, and no row for one that is gone.
func TestCommandsTable(t *testing.T) {
	doc, err := os.ReadFile("../docs/commands.md")
	if err != nil {
		t.Fatal(err)
	}
	rows := make(map[string]string)
	for _, line := range strings.Split(string(doc), "\n") {
		cells := strings.Split(line, "|")
		if len(cells) < 4 || !strings.Contains(cells[1], "`/rapport") {
			continue
		}
		verb := strings.Trim(strings.TrimPrefix(strings.Trim(strings.TrimSpace(cells[1]), "`"), "/rapport"), " `")
		verb, _, _ = strings.Cut(verb, " ")
		if strings.Trim(verb, "`,0123456789") != "" || verb == "" { // not the short way to a step
			rows[verb] = cells[2]
		}
	}
	for _, c := range coach.Commands() {
		verb := c.Verb
		if verb == "home" {
			verb = ""
		}
		row, ok := rows[verb]
		if c.Hidden {
			continue
		}
		if !ok {
			t.Errorf("docs/commands.md has no row for %s", c.Verb)
			continue
		}
		for _, a := range c.Aliases {
			if !strings.Contains(row, "`"+a+"`") {
				t.Errorf("docs/commands.md: the row of %s lacks the alias %s", c.Verb, a)
			}
		}
		if got, want := strings.Count(row, "`")/2, len(c.Aliases); got < want {
			t.Errorf("docs/commands.md: %s has %d aliases, want %d", c.Verb, got, want)
		}
		delete(rows, verb)
	}
	if len(rows) > 0 {
		t.Errorf("docs/commands.md has rows of no command: %v", rows)
	}
}

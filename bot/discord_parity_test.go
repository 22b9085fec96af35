package main

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"rapport/coach"
)

// The table in docs/discord.md stands between these lines.
const (
	parityBegin = "<!-- what each word gives where: written by TestDiscordParity, UPDATE=1 -->\n"
	parityEnd   = "<!-- end -->\n"
)

// otherwise says why a word gives something else in one place than on the page.
// What is not here is a hole.
var otherwise = map[string]string{
	"Discord, direct messages: setup":       "where to ask",
	"Discord, installed for oneself: setup": "where to ask",
	"Discord, member: setup":                "refused",
}

// TestDiscordParity types every word everywhere and holds the table of
// docs/discord.md to what came. A word that gives something else in Discord
// than on the page needs its reason.
func TestDiscordParity(t *testing.T) {
	places := []struct {
		name string
		say  func(line string) heard
	}{
		{"page", pageTalker(t)}, {"terminal", terminalTalker(t)}, {"Slack", slackTalker(t)},
		{"Discord, admin", discordTalker(t, "Anna", "#general")}, {"Discord, member", discordTalker(t, "Ben", "#general")},
		{"Discord, direct messages", discordTalker(t, "Anna", "")}, {"Discord, installed for oneself", discordTalker(t, "Dora", "Harbour/#pier")},
	}
	for _, p := range places {
		p.say("done well") // so that there is something to draw
	}
	var b strings.Builder
	head := "| word |"
	for _, p := range places {
		head += " " + p.name + " |"
	}
	b.WriteString(head + "\n|" + strings.Repeat("---|", len(places)+1) + "\n")
	met := map[string]bool{}
	for _, line := range parityLines() {
		row, usual := "| `/rapport"+strings.TrimRight(" "+line, " ")+"` |", ""
		for i, p := range places {
			kind := p.say(line).kind
			if i == 0 {
				usual = kind
			}
			if key := p.name + ": " + line; kind != usual {
				met[key] = true
				if otherwise[key] != kind {
					t.Errorf("%s gives %s, and nobody says why; the page gives %s", key, kind, usual)
				}
			}
			row += " " + kind + " |"
		}
		b.WriteString(row + "\n")
	}
	for key := range otherwise {
		if !met[key] {
			t.Errorf("%s is as on the page, and a reason is given why not", key)
		}
	}
	hold(t, "../docs/discord.md", b.String())
}

// parityLines are all words, and those with an option that gives another kind of
// thing.
func parityLines() (lines []string) {
	for _, c := range coach.Commands() {
		if c.Hidden {
			continue
		}
		verb := c.Verb
		if verb == "home" {
			verb = ""
		}
		lines = append(lines, verb)
		for _, p := range c.Params {
			for _, o := range p.Options {
				if line := c.Verb + " " + o.Value; slices.Contains([]string{"journal write", "progress picture", "pause end"}, line) {
					lines = append(lines, line)
				}
			}
		}
	}
	return lines
}

// hold demands that a document holds a table; UPDATE=1 puts it there.
func hold(t *testing.T, name, table string) {
	t.Helper()
	doc, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, ok := strings.Cut(string(doc), parityBegin)
	old, after, ended := strings.Cut(rest, parityEnd)
	if !ok || !ended {
		t.Fatalf("%s has no place for the table", name)
	}
	if old == table {
		return
	}
	if os.Getenv("UPDATE") == "" {
		t.Errorf("%s differs from what was run; UPDATE=1 writes it. Run gave\n%s", name, table)
		return
	}
	if err := os.WriteFile(name, []byte(fmt.Sprint(before, parityBegin, table, parityEnd, after)), 0o644); err != nil {
		t.Fatal(err)
	}
}

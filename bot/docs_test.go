package main

import (
	"os"
	"path/filepath"
	"regexp"
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

// TestSlackTables holds docs/slack.md to the code: a row for every notice of
// the connection, and every remark of doctor's that it explains as doctor says
// it.
func TestSlackTables(t *testing.T) {
	doc, err := os.ReadFile("../docs/slack.md")
	if err != nil {
		t.Fatal(err)
	}
	adapter := codeOf(t, "../adapters/slack")
	told := map[string]bool{}
	for _, m := range regexp.MustCompile(`What: "([a-z ]+)"|deny\(rw, .*"([a-z]+)", err|\.gone\(e\.life\(\), "([a-z ]+)"`).FindAllStringSubmatch(adapter, -1) {
		switch {
		case m[3] != "":
			told[m[3]+" failed"] = true
		default:
			told[m[1]+m[2]] = true
		}
	}
	explains(t, "docs/slack.md", string(doc), told)
	saysAs(t, "docs/slack.md", string(doc), adapter)
}

// TestDiscordTables holds docs/discord.md to the code in the same way.
func TestDiscordTables(t *testing.T) {
	doc, err := os.ReadFile("../docs/discord.md")
	if err != nil {
		t.Fatal(err)
	}
	adapter, connection := codeOf(t, "../adapters/discord"), codeOf(t, "../adapters/discord/gateway")
	told := map[string]bool{}
	for _, m := range regexp.MustCompile(`What: "([a-z ]+)"|what :?= "([a-z ]+)"|deny\(rw, .*"([a-z]+)", err|enqueue\("([a-z ]+)"`).FindAllStringSubmatch(adapter, -1) {
		told[strings.Join(m[1:], "")] = true
	}
	for _, m := range regexp.MustCompile(`Notify\("([a-z ]+)"|welcome\("([a-z ]+)"`).FindAllStringSubmatch(connection, -1) {
		told[strings.Join(m[1:], "")] = true
	}
	explains(t, "docs/discord.md", string(doc), told)
	saysAs(t, "docs/discord.md", string(doc), adapter)
}

// explains demands that a document says what each notice that is told means, and
// no other.
func explains(t *testing.T, name, doc string, told map[string]bool) {
	t.Helper()
	if len(told) < 15 {
		t.Fatalf("found the notices %v, want all of them", told)
	}
	explained := map[string]bool{}
	for _, row := range table(doc, "| what | means | watch |") {
		for _, name := range strings.Split(row[0], ", ") {
			explained[strings.Trim(name, "`")] = true
		}
	}
	for what := range told {
		if !explained[what] {
			t.Errorf("%s does not say what the notice %q means", name, what)
		}
		delete(explained, what)
	}
	if len(explained) > 0 {
		t.Errorf("%s explains notices that nothing tells: %v", name, explained)
	}
}

// saysAs demands that doctor says what a document explains.
func saysAs(t *testing.T, name, doc, adapter string) {
	t.Helper()
	code := adapter + codeOf(t, ".") + codeOf(t, "../coach")
	tokens := strings.NewReplacer("the bot token", "%s", "the app token", "%s")
	remarks := table(doc, "| line | says | do |")
	if len(remarks) < 18 {
		t.Fatalf("the table of doctor's remarks has %d rows", len(remarks))
	}
	for _, row := range remarks {
		if !strings.Contains(code, row[1]) && !strings.Contains(code, tokens.Replace(row[1])) {
			t.Errorf("%s: doctor does not say %q", name, row[1])
		}
	}
}

// codeOf is the text of all Go files of a folder but tests.
func codeOf(t *testing.T, dir string) string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	var text strings.Builder
	for _, f := range files {
		if strings.HasSuffix(f, "_test.go") {
			continue
		}
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		text.Write(b)
	}
	return text.String()
}

// table is the cells of the table with that head.
func table(doc, head string) (rows [][]string) {
	_, rest, _ := strings.Cut(doc, head+"\n")
	for _, line := range strings.Split(rest, "\n") {
		if !strings.HasPrefix(line, "|") {
			break
		}
		cells := strings.Split(strings.Trim(line, "|"), "|")
		for i, c := range cells {
			cells[i] = strings.TrimSpace(c)
		}
		if strings.Trim(cells[0], "-") != "" {
			rows = append(rows, cells)
		}
	}
	return rows
}

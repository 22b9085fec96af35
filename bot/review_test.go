package main

import (
	"fmt"
	"go/ast"
	"go/token"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// testsOf are the tests, benchmarks and fuzz targets of a folder.
func testsOf(t *testing.T, dir string) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("..", dir, "*_test.go"))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, f := range files {
		for _, m := range regexp.MustCompile(`(?m)^func ((?:Test|Benchmark|Fuzz)\w+)\(`).FindAllStringSubmatch(string(read(t, f)), -1) {
			names = append(names, m[1])
		}
	}
	return names
}

// testsBelow are those of a folder and of all below it, by folder.
func testsBelow(t *testing.T, root string) map[string][]string {
	t.Helper()
	all := make(map[string][]string)
	err := filepath.WalkDir(filepath.Join("..", root), func(path string, d os.DirEntry, err error) error {
		if err != nil || !d.IsDir() {
			return err
		}
		dir, err := filepath.Rel("..", path)
		all[dir] = testsOf(t, dir)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// TestReview holds docs/security-review.md to the repository: each test it names
// is there, each command can be given, each answer has something behind it.
func TestReview(t *testing.T) {
	doc := string(read(t, "../docs/security-review.md"))
	named := regexp.MustCompile("`((?:Test|Fuzz)\\w+)` in `([\\w/]+)`")
	tests := map[string][]string{}
	for _, m := range named.FindAllStringSubmatch(doc, -1) {
		if tests[m[2]] == nil {
			tests[m[2]] = testsOf(t, m[2])
		}
		if !slices.Contains(tests[m[2]], m[1]) {
			t.Errorf("there is no %s in %s", m[1], m[2])
		}
	}
	answers := 0
	for _, part := range strings.Split(doc, "| question | answer | see |\n")[1:] {
		for line := range strings.Lines(part) {
			if !strings.HasPrefix(line, "|") {
				break
			}
			cells := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), "|")
			if strings.HasPrefix(cells[0], "---") {
				continue
			}
			answers++
			if len(cells) != 3 {
				t.Errorf("a row of %d cells: %s", len(cells), line)
			} else if err := evidence(cells[2]); err != nil {
				t.Errorf("%s: %v", strings.TrimSpace(cells[0]), err)
			}
		}
	}
	if answers < 30 {
		t.Errorf("found %d answers, want all", answers)
	}
	for _, m := range regexp.MustCompile("`rapport ([^`]+)`").FindAllStringSubmatch(doc, -1) {
		wantUsage(t, strings.Fields(m[1]))
	}
	for _, m := range regexp.MustCompile("`(\\.ci/\\w+)").FindAllStringSubmatch(doc, -1) {
		if info, err := os.Stat(filepath.Join("..", m[1])); err != nil || info.Mode()&0o111 == 0 {
			t.Errorf("%s cannot be run: %v", m[1], err)
		}
	}
}

// evidence is an error unless each part of a cell is a test, a command or a page.
func evidence(cell string) error {
	known := regexp.MustCompile("^(`(Test|Fuzz)\\w+` in `[\\w/]+`|`(rapport|go|\\.ci)[ /][^`]+`|\\[[\\w.-]+\\]\\([\\w./-]+\\))$")
	for part := range strings.SplitSeq(cell, ", ") {
		if !known.MatchString(strings.TrimSpace(part)) {
			return fmt.Errorf("%q is no test, no command and no page", part)
		}
	}
	return nil
}

// TestFuzzTable holds the table of docs/security-review.md to the targets there
// are.
func TestFuzzTable(t *testing.T) {
	told := map[string]bool{}
	for _, row := range table(string(read(t, "../docs/security-review.md")), "| target | folder | feeds | inputs in 5 minutes |") {
		told[strings.Trim(row[1], "`")+" "+strings.Trim(row[0], "`")] = true
	}
	for dir, names := range testsBelow(t, ".") {
		for _, name := range names {
			target := filepath.ToSlash(dir) + " " + name
			if strings.HasPrefix(name, "Fuzz") && !told[target] {
				t.Errorf("the table lacks %s", target)
			}
			delete(told, target)
		}
	}
	if len(told) > 0 {
		t.Errorf("the table has targets that are not there: %v", told)
	}
}

// hosts are those that the program's own code names, with the reason.
var hosts = map[string]string{
	"slack.com":           "Slack's API, the default of slack.api_url",
	"discord.com":         "Discord's API, the default of discord.api_url, and pages for people",
	"api.slack.com":       "pages for people",
	"rapport.example":     "a name that is nobody's (RFC 2606), where Discord wants an address of the makers",
	"rapport.example.org": "an example in a hint",
	"example.org":         "an example in a hint",
	"en.wikipedia.org":    "the list of time zones, in a hint",
	"127.0.0.1":           "this machine",
}

// TestNamesNoOtherHost looks at every text in the program's own code for hosts
// that it could call.
func TestNamesNoOtherHost(t *testing.T) {
	all, err := sources("..")
	if err != nil {
		t.Fatal(err)
	}
	link := regexp.MustCompile(`(?:https?|wss?)://[^\s"'<>)|]*`)
	whole := regexp.MustCompile(`^[a-z0-9-]+(\.[a-z0-9-]+)+$`)
	used := map[string]bool{}
	for _, s := range all {
		if strings.HasSuffix(s.name, "test") { // for tests alone
			continue
		}
		for _, f := range s.files {
			ast.Inspect(f, func(n ast.Node) bool {
				lit, ok := n.(*ast.BasicLit)
				if !ok || lit.Kind != token.STRING {
					return true
				}
				text, err := strconv.Unquote(lit.Value)
				if err != nil {
					t.Fatal(err)
				}
				for _, found := range link.FindAllString(text, -1) {
					u, err := url.Parse(found)
					if err != nil || !whole.MatchString(u.Hostname()) {
						continue // made of parts, which the configuration or the platform gives
					}
					used[u.Hostname()] = true
					if _, ok := hosts[u.Hostname()]; !ok {
						t.Errorf("package %s names the host %s", s.name, u.Hostname())
					}
				}
				return true
			})
		}
	}
	for host := range hosts {
		if !used[host] {
			t.Errorf("%s is named nowhere: take it off the list", host)
		}
	}
}

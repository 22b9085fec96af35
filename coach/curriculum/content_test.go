package curriculum

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/pelletier/go-toml/v2"
)

// These tests judge the built-in texts. Run them alone with
//
//	go test -run Content ./coach/curriculum
//
// and add -v to see the warnings too.

func builtin(t testing.TB) *Edition {
	t.Helper()
	layer, err := Builtin("en")
	if err != nil {
		t.Fatal(err)
	}
	e, err := Load(layer)
	if err != nil {
		t.Fatal("the files under data/en cannot be read; TestContentLoads says why")
	}
	return e
}

func TestContentLoads(t *testing.T) {
	layer, err := Builtin("en")
	if err != nil {
		t.Fatal(err)
	}
	e, err := Load(layer)
	var faults Faults
	if errors.As(err, &faults) {
		for _, f := range faults {
			t.Errorf("data/en/%v", f)
		}
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	if e.Hash == "" || len(e.Claims) == 0 || len(e.Grades) != len(grades) {
		t.Errorf("got hash %q, %d claims, %d grades", e.Hash, len(e.Claims), len(e.Grades))
	}
}

func TestContentLint(t *testing.T) {
	bad, warnings := Lint(builtin(t))
	for _, f := range bad {
		t.Errorf("data/en/%v", f)
	}
	counts := map[string]int{}
	for _, f := range warnings {
		counts[f.Rule]++
	}
	t.Logf("%d warnings: %v", len(warnings), counts)
	if testing.Verbose() {
		for _, f := range warnings {
			t.Logf("data/en/%v", f)
		}
	}
}

func TestContentCounts(t *testing.T) {
	for _, c := range Stats(builtin(t)) {
		if c.Short() {
			t.Errorf("%s: have %d, want at least %d", strings.TrimSpace(c.Topic+" "+c.Kind), c.Have, c.Want)
		}
	}
}

// row is one thing the curriculum must cover.
type row struct {
	ID    string   `toml:"id"`
	Slots []string `toml:"slots"`
	About string   `toml:"about"`
}

func articleMap(t *testing.T) []row {
	t.Helper()
	data, err := os.ReadFile("testdata/article-map.toml")
	if err != nil {
		t.Fatal(err)
	}
	var rows struct {
		Row []row `toml:"row"`
	}
	if err := toml.Unmarshal(data, &rows); err != nil {
		t.Fatal(err)
	}
	return rows.Row
}

// fills reports whether an entry can fill a slot.
func (en *entry) fills(slot string) bool {
	switch slot {
	case "head":
		return en.kind == "step" || en.kind == "topic"
	case "rule":
		return en.kind == "do" || en.kind == "dont"
	case Repair:
		return en.topic == "rep"
	}
	return en.kind == slot
}

func TestContentCoversTheArticleMap(t *testing.T) {
	rows, e := articleMap(t), builtin(t)
	var known []string
	for _, r := range rows {
		known = append(known, r.ID)
		for _, slot := range r.Slots {
			if !slices.ContainsFunc(e.entries, func(en *entry) bool { return en.fills(slot) && slices.Contains(en.covers, r.ID) }) {
				t.Errorf("row %s (%s) has no %s: put covers = [%q] on the %s that is about it", r.ID, r.About, slot, r.ID, slot)
			}
		}
	}
	for _, en := range e.entries {
		for _, id := range en.covers {
			if !slices.Contains(known, id) {
				t.Errorf("data/en/%s:%d: %s: covers names row %q, which is not in testdata/article-map.toml", en.file, en.line, en.id, id)
			}
		}
	}
}

// TestContentIsOurOwn: no seven words in a row are those of the article that
// the map was drawn from. The article lies beside the checkout, if anywhere.
func TestContentIsOurOwn(t *testing.T) {
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(root, "..", "shared", "curriculum", "source-article.txt")
	article, err := os.ReadFile(path)
	if err != nil {
		t.Skip("NOT CHECKED: ../shared/curriculum/source-article.txt is not beside this checkout, so nobody compared our words with it")
	}
	runs := map[string]bool{}
	for _, r := range runsOf(string(article)) {
		runs[r] = true
	}
	check := func(where, text string) {
		for _, r := range runsOf(text) {
			if runs[r] {
				t.Errorf("%s: seven words in a row stand in the article too: %q; say it in your own words", where, r)
				return
			}
		}
	}
	for _, en := range builtin(t).entries {
		for _, p := range en.texts {
			check(fmt.Sprintf("data/en/%s:%d: %s: %s", en.file, p.line, en.id, p.field), p.text)
		}
	}
	for _, r := range articleMap(t) {
		check("testdata/article-map.toml: row "+r.ID, r.About)
	}
	for _, file := range []string{"bad.txt", "good.txt"} {
		for _, line := range corpus(t, file) {
			check("testdata/"+file, line)
		}
	}
}

// runsOf returns every run of seven words of a text.
func runsOf(text string) []string {
	const length = 7
	words := letterWords(strings.ReplaceAll(text, "\u2019", "'"))
	var out []string
	for i := 0; i+length <= len(words); i++ {
		out = append(out, strings.Join(words[i:i+length], " "))
	}
	return out
}

func TestRunsOf(t *testing.T) {
	got := runsOf("One, two three. Four five six seven eight!")
	want := []string{"one two three four five six seven", "two three four five six seven eight"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// BenchmarkLoad reads the built-in edition; the goal is 50 ms.
func BenchmarkLoad(b *testing.B) {
	layer, err := Builtin("en")
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := Load(layer); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkLint judges the built-in edition.
func BenchmarkLint(b *testing.B) {
	e := builtin(b)
	for b.Loop() {
		Lint(e)
	}
}

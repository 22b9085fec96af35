package curriculum

import (
	"bufio"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

// corpus reads the lines of a file of testdata that are not comments.
func corpus(t *testing.T, name string) []string {
	t.Helper()
	f, err := os.Open("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var lines []string
	for s := bufio.NewScanner(f); s.Scan(); {
		if line := s.Text(); line != "" && !strings.HasPrefix(line, "# ") {
			lines = append(lines, line)
		}
	}
	return lines
}

// rulesOf judges a sentence as the text of a mission for everyone.
func rulesOf(sentence string, frames []frame) []string {
	en := &entry{kind: "mission", id: "s3.mission.x"}
	p := passage{field: "text", text: sentence}
	en.texts = []passage{p}
	var rules []string
	for _, h := range judge(en, p, frames) {
		rules = append(rules, h.rule)
	}
	if hard(p) {
		rules = append(rules, "readability")
	}
	return rules
}

func TestBadSentencesAreCaught(t *testing.T) {
	lines, all := corpus(t, "bad.txt"), frames()
	if len(lines) < 60 {
		t.Errorf("got %d sentences, want at least 60", len(lines))
	}
	for _, line := range lines {
		rule, sentence, ok := strings.Cut(line, ": ")
		if !ok {
			t.Errorf("no rule before %q", line)
			continue
		}
		if got := rulesOf(sentence, all); !slices.Contains(got, rule) {
			t.Errorf("%q: got rules %v, want %s", sentence, got, rule)
		}
	}
}

func TestEveryRuleOfWordsHasABadSentence(t *testing.T) {
	var have []string
	for _, line := range corpus(t, "bad.txt") {
		rule, _, _ := strings.Cut(line, ": ")
		have = append(have, rule)
	}
	for _, f := range frames() {
		if f.rule != "body" && f.rule != "quiet" && !slices.Contains(have, f.rule) {
			t.Errorf("no sentence for %s", f.rule)
		}
	}
}

func TestGoodSentencesPass(t *testing.T) {
	lines, all := corpus(t, "good.txt"), frames()
	if len(lines) < 60 {
		t.Errorf("got %d sentences, want at least 60", len(lines))
	}
	for _, sentence := range lines {
		if got := rulesOf(sentence, all); len(got) > 0 {
			t.Errorf("%q: got rules %v, want none", sentence, got)
		}
	}
}

// lint loads a file over the base and returns the rules it breaks, as
// "rule id" for errors and "rule? id" for warnings.
func lint(t *testing.T, text string) []string {
	t.Helper()
	e := mustLoad(t, base(), fstest.MapFS{"x.toml": {Data: []byte("schema = 1\n" + text)}})
	errors, warnings := Lint(e)
	var got []string
	for _, f := range errors {
		got = append(got, f.Rule+" "+f.ID)
	}
	for _, f := range warnings {
		got = append(got, f.Rule+"? "+f.ID)
	}
	return got
}

func TestLintItems(t *testing.T) {
	nudge := func(do, say, skip, claims string) string {
		return fmt.Sprintf(`
[[weekly_nudge]]
id = "wk.s3.x"
step = 3
level = 1
title = "one more question"
do = %q
say = %q
minutes = 2
channels = ["chat"]
skip_if = %q
thread = "Which tea is yours?"
if_flat = "Say thanks and stop there."
smaller = "Ask in one line."
claims = [%q]
`, do, say, skip, claims)
	}
	tip := func(id, text, more string) string {
		return fmt.Sprintf("\n[[tip]]\nid = %q\ntext = %q\n%s\n", id, text, more)
	}
	quiet := func(title, text, say string) string {
		return fmt.Sprintf("\n[[first_step]]\nid = \"fw.x\"\ntitle = %q\ntext = %q\nsay = %q\n", title, text, say)
	}
	long := strings.TrimSpace(strings.Repeat("so it is ", 19))
	tests := []struct {
		name, text, want string
		absent           bool
	}{
		{"nudge on a custom", nudge("Ask one thing.", "How was it?", "they are busy", "AP-07"), "nudge wk.s3.x", false},
		{"nudge on more", nudge("Ask one thing.", "How was it?", "they are busy", "CG-01"), "nudge wk.s3.x", true},
		{"nudge too wordy", nudge(long, long[:170], "they are busy", "CG-01"), "nudge wk.s3.x", false},
		{"nudge about clothes", nudge("Wear a nice shirt.", "How was it?", "they are busy", "CG-01"), "body wk.s3.x", false},
		{"skip_if with a capital", nudge("Ask one thing.", "How was it?", "They are busy", "CG-01"), "form wk.s3.x", false},
		{"skip_if with a stop", nudge("Ask one thing.", "How was it?", "they are busy.", "CG-01"), "form wk.s3.x", false},
		{"skip_if with I", nudge("Ask one thing.", "How was it?", "I am tired", "CG-01"), "form wk.s3.x", true},
		{"first step in writing", quiet("write one line", "Put one line in your notes.", "That was kind."), "quiet fw.x", true},
		{"first step that needs a call", quiet("write one line", "Put one line in your notes before the call.", "That was kind."), "quiet fw.x", false},
		{"first step to say aloud", quiet("write one line", "Put one line in your notes.", "Could we meet?"), "quiet fw.x", false},
		{"first step with a capital", quiet("Write one line", "Put one line in your notes.", "That was kind."), "form fw.x", false},
		{"first step in an office", quiet("write one line", "Thank a client in one line.", "That was kind."), "community fw.x", false},
		{"tip on writing said twice", tip("chat.tip.x", "Ask what they would like to learn next.", "") + tip("s4.tip.y", "Ask them what they would like to learn next.", ""), "duplicate s4.tip.y", false},
		{"tip on writing with a finding", tip("chat.tip.x", "Most people like to be asked.", ""), "claim chat.tip.x", false},
		{"folk only", tip("s3.tip.x", "Dress for the room.", `claims = ["AP-07"]`), "folk? s3.tip.x", false},
		{"folk and more", tip("s3.tip.x", "Dress for the room.", `claims = ["AP-07", "CG-01"]`), "folk? s3.tip.x", true},
		{"finding without a claim", tip("s3.tip.x", "Most people like to be asked.", ""), "claim s3.tip.x", false},
		{"finding with a claim", tip("s3.tip.x", "Most people like to be asked.", `claims = ["CG-01"]`), "claim s3.tip.x", true},
		{"bare number", tip("s3.tip.x", "Words are 7 percent of it.", `claims = ["CG-01"]`), "zombie s3.tip.x", false},
		{"number laid to rest", tip("s3.tip.x", "Heard that words are 7 percent of it? A myth.", `claims = ["CG-01"]`), "zombie s3.tip.x", true},
		{"boss for everyone", tip("s3.tip.x", "Ask your boss one thing.", ""), "community? s3.tip.x", false},
		{"boss for a community", tip("s3.tip.x", "Ask your boss one thing.", `audience = ["community"]`), "community s3.tip.x", false},
		{"boss at work", tip("s3.tip.x", "Ask your boss one thing.", `audience = ["work"]`), "community? s3.tip.x", true},
		{"same text twice", tip("s3.tip.x", "Ask what they would like to learn next.", "") + tip("s4.tip.y", "Ask them what they would like to learn next.", ""), "duplicate s4.tip.y", false},
		{"same words, other order", tip("s3.tip.x", "Gardens, maps, trains, bread and chess open doors.", "") + tip("s4.tip.y", "Doors open: chess or bread; trains or maps; gardens.", ""), "duplicate? s4.tip.y", false},
		{"different texts", tip("s3.tip.x", "Ask what they would like to learn next.", "") + tip("s4.tip.y", "Write the kind part out in words.", ""), "duplicate s4.tip.y", true},
		{"bad example only warns", "\n[[dont]]\nid = \"s3.dont.x\"\ntext = \"Pretend to care about sailing.\"\n", "manipulative? s3.dont.x", false},
		{"hard file", tip("s3.tip.x", "Systematically acknowledging organisational circumstances necessitates extraordinary collaborative consideration everywhere.", ""), "readability ", false},
		{"few claims", "[step]\nn = 3\nkey = \"k\"\ntitle = \"T\"\nparts = [\"warmth\"]\nessence = \"E.\"\nwhy = \"W.\"\nsure = \"S.\"\nclaims = [\"CG-01\"]\n", "claims step 3", false},
		{"step not there", "", "missing ", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := lint(t, tt.text); slices.Contains(got, tt.want) == tt.absent {
				t.Errorf("got %q, want %q: %v", got, tt.want, !tt.absent)
			}
		})
	}
}

func TestLintFindsWhatDoesNotFit(t *testing.T) {
	var b strings.Builder
	line := strings.Repeat("a & b ", 29)
	list := func(key string) { fmt.Fprintf(&b, "%s = [%q, %q]\n", key, line, line) }
	b.WriteString("[[situation]]\nid = \"sit.x\"\ntitle = \"T\"\ngoal = \"G\"\nsteps = [1]\nminutes = 3\nif = \"i\"\nthen = \"t\"\npower = \"p\"\navoid = [\"a\"]\n")
	fmt.Fprintf(&b, "wobble = %q\n", line)
	list("before")
	list("during")
	list("after")
	b.WriteString("say = { in_person = \"a\", video = \"b\", chat = \"c\" }\n")
	if got := lint(t, b.String()); !slices.Contains(got, "size sit.x") {
		t.Errorf("got %q, want size sit.x", got)
	}
}

func TestGrade(t *testing.T) {
	tests := []struct {
		text      string
		low, high float64
	}{
		{"Ask one thing. Then wait.", -3, 2},
		{"Share a small true thing of your own before you ask again.", 0, 5},
		{"Organisational communication necessitates continuous collaborative evaluation.", 20, 60},
		{"", 0, 0},
		{"...", 0, 0},
		{"no full stop here", -4, 3},
	}
	for _, tt := range tests {
		if got := grade(tt.text); got < tt.low || got > tt.high {
			t.Errorf("grade(%q): got %.1f, want %.0f to %.0f", tt.text, got, tt.low, tt.high)
		}
	}
}

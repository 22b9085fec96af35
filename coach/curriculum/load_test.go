package curriculum

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

const baseEvidence = `grades = { A = "well tested", B = "promising", C = "mixed or early", D = "a custom, not tested" }
[[source]]
id = "one2001"
ref = "One (2001)"
doi = ""
checked = "seen"
[[claim]]
id = "CG-01"
topic = "common"
text = "Shared ground goes with liking."
direction = "+"
grade = "A"
shown_grade = "A"
caveat = "Not a cause."
sources = ["one2001"]
[[claim]]
id = "AP-07"
topic = "appearance"
text = "A rule of thumb."
direction = "?"
grade = "D"
shown_grade = "D"
caveat = "None."
sources = ["one2001"]
`

const baseStep = `schema = 1
[step]
n = 3
key = "common-ground"
title = "Find common ground"
parts = ["warmth"]
essence = "Be curious out loud."
why = "It helps."
sure = "Well tested."
claims = ["CG-01"]
[[tip]]
id = "s3.tip.first"
text = "First tip."
claims = ["CG-01"]
[[tip]]
id = "s3.tip.second"
text = "Second tip."
[[mission]]
id = "s3.mission.ask"
title = "one more question"
level = 2
minutes = 3
channels = ["chat", "video"]
text = "Ask one more question."
if = "we talk"
then = "I ask"
done_when = "You asked."
skip_if = "they are busy"
if_flat = "Say thanks."
smaller = "Ask in a line."
for = ["new"]
audience = ["work"]
claims = ["CG-01"]
`

// base is a small first layer.
func base() fstest.MapFS {
	return fstest.MapFS{
		"evidence.toml":     {Data: []byte(baseEvidence)},
		"steps/3-some.toml": {Data: []byte(baseStep)},
		"README.md":         {Data: []byte("not read")},
		".hidden.toml":      {Data: []byte("not read")},
	}
}

func mustLoad(t *testing.T, layers ...fs.FS) *Edition {
	t.Helper()
	e, err := Load(layers...)
	if err != nil {
		t.Fatalf("Load:\n%v", err)
	}
	return e
}

// faultsOf loads text as x.toml over the base.
func faultsOf(text string) Faults {
	_, err := Load(base(), fstest.MapFS{"x.toml": {Data: []byte(text)}})
	var faults Faults
	errors.As(err, &faults)
	return faults
}

// scenario is a sound scenario; tests replace parts of it.
const soundScenario = `schema = 1
[[scenario]]
id = "scn.x"
title = "T"
step = 3
channel = "chat"
minutes = 3
setup = "S."
start = "n1"
[[scenario.node]]
id = "n1"
text = "What now?"
[[scenario.node.choice]]
text = "A"
quality = "strong"
feedback = "F."
next = "n2"
[[scenario.node.choice]]
text = "B"
quality = "weak"
feedback = "F."
next = "end"
[[scenario.node]]
id = "n2"
text = "And now?"
[[scenario.node.choice]]
text = "C"
quality = "strong"
feedback = "F."
next = "end"
[[scenario.node.choice]]
text = "D"
quality = "ok"
feedback = "F."
next = "end"
[[scenario.end]]
id = "end"
text = "Done."
lesson = "L."
`

// TestEveryFaultHasItsLine breaks one thing in each file; "<-" marks the line
// that must be named.
func TestEveryFaultHasItsLine(t *testing.T) {
	tip := "schema = 1\n[[tip]]\nid = \"s3.tip.x\"\ntext = \"T.\"\n"
	card := "schema = 1\n[[card]]\nid = \"s3.card.x\"\nkind = \"choice\"\nq = \"Q?\"\noptions = [\"a\", \"b\"]\nanswer = 1\nwhy = \"W.\"\n"
	nudge := "schema = 1\n[[weekly_nudge]]\nid = \"wk.s3.x\"\nstep = 3\nlevel = 1\ntitle = \"t\"\ndo = \"d\"\nsay = \"s\"\nminutes = 2\nchannels = [\"chat\"]\nskip_if = \"s\"\nthread = \"t\"\nif_flat = \"f\"\nsmaller = \"s\"\n"
	swap := func(text, old, new string) string {
		if !strings.Contains(text, old) {
			t.Fatalf("%q is not in the text", old)
		}
		return strings.Replace(text, old, new, 1)
	}
	tests := []struct{ name, text, want string }{
		{"unknown key", tip + "txet = \"T.\" # <-", `unknown key "txet"; did you mean "text"?`},
		{"unknown kind", tip + "[[tips]] # <-\nid = \"x\"", `unknown key "tips"; did you mean "tip"?`},
		{"unknown top key", "schema = 1\nremoves = [] # <-", `did you mean "remove"?`},
		{"no schema", "[[tip]] # <-\nid = \"s3.tip.x\"\ntext = \"T.\"", "schema is missing"},
		{"other schema", "schema = 2 # <-\n", "reads schema 1"},
		{"text as number", swap(tip, `"T."`, "7 # <-"), "text must be a text, not a whole number"},
		{"number as text", swap(card, "answer = 1", `answer = "1" # <-`), "answer must be a whole number, not a text"},
		{"number as fraction", swap(card, "answer = 1", `answer = 1.5 # <-`), "answer must be a whole number, not something else"},
		{"list as text", tip + "claims = \"CG-01\" # <-", "claims must be a list, not a text"},
		{"list of numbers", tip + "claims = [1] # <-", "claims must hold a text in every place"},
		{"missing field", swap(tip, "[[tip]]\nid = \"s3.tip.x\"\ntext = \"T.\"", "[[tip]] # <-\nid = \"s3.tip.x\""), "text is missing"},
		{"missing id", swap(tip, "[[tip]]\nid = \"s3.tip.x\"", "[[tip]] # <-"), "id is missing"},
		{"empty field", swap(tip, `"T."`, `" " # <-`), "text is empty"},
		{"too long", swap(tip, `"T."`, `"`+strings.Repeat("ü", 241)+`" # <-`), "text is too long: 241 characters, at most 240"},
		{"bad id", swap(tip, `"s3.tip.x"`, `"s3.tip.X" # <-`), `bad id "s3.tip.X"`},
		{"id of another kind", swap(tip, `"s3.tip.x"`, `"s3.move.x" # <-`), `looks like "s3.tip.some-words"`},
		{"id of no topic", swap(tip, `"s3.tip.x"`, `"s7.tip.x" # <-`), "bad id"},
		{"chat with another kind", swap(tip, "[[tip]]\nid = \"s3.tip.x\"", "[[prompt]]\nid = \"chat.prompt.x\" # <-"), `looks like "s3.prompt.some-words"`},
		{"first step of a step", "schema = 1\n[[first_step]]\nid = \"s3.first.x\" # <-\ntitle = \"t\"\ntext = \"T.\"", `looks like "fw.some-words"`},
		{"first step with a long line", "schema = 1\n[[first_step]]\nid = \"fw.x\"\ntitle = \"t\"\ntext = \"T.\"\nsay = \"" + strings.Repeat("s", 151) + "\" # <-", "say is too long"},
		{"first step with a long title", "schema = 1\n[[first_step]]\nid = \"fw.x\"\ntext = \"T.\"\ntitle = \"" + strings.Repeat("s", 41) + "\" # <-", "title is too long"},
		{"first step without text", "schema = 1\n[[first_step]] # <-\nid = \"fw.x\"\ntitle = \"t\"", "text is missing"},
		{"duplicate id", tip + "[[tip]] # <-\nid = \"s3.tip.x\"\ntext = \"U.\"", "id is taken, by x.toml:2"},
		{"bad enum", swap(card, `"choice"`, `"chocie" # <-`), `kind must be one of choice, myth, recall; did you mean "choice"?`},
		{"bad enum in a list", tip + "audience = [\n\"work\",\n\"home\", # <-\n]", "audience must be one of work, community, study"},
		{"twice in a list", tip + "audience = [\"work\", \"work\"] # <-", `audience names "work" twice`},
		{"unknown claim", tip + "claims = [\"CG-02\"] # <-", `there is no claim "CG-02"; did you mean "CG-01"?`},
		{"bad claim id", tip + "claims = [\"cg1\"] # <-", "must be a claim id"},
		{"bad covers", tip + "covers = [\"33f\"] # <-", "must be a row"},
		{"out of range", swap(nudge, "level = 1", "level = 4 # <-"), "level is 4, but must be 1 to 3"},
		{"too many minutes", swap(nudge, "minutes = 2", "minutes = 16 # <-"), "minutes is 16, but must be 1 to 15"},
		{"no channel", swap(nudge, `["chat"]`, "[] # <-"), "channels has 0 entries"},
		{"card answer", swap(card, "answer = 1", "answer = 2 # <-"), "answer is 2, but the options count from 0 to 1"},
		{"card answer below 0", swap(card, "answer = 1", "answer = -1 # <-"), "answer is -1"},
		{"card with one option", swap(card, `["a", "b"]`, `["a"] # <-`), "options has 1 entries, but must have 2 to 4"},
		{"nudge of another step", swap(nudge, "step = 3", "step = 4 # <-"), "step is 4, but the id says s3"},
		{"nudge without step", swap(nudge, "[[weekly_nudge]]\nid = \"wk.s3.x\"\nstep = 3", "[[weekly_nudge]] # <-\nid = \"wk.s3.x\""), "step is missing"},
		{"nudge with both", nudge + "topic = \"repair\" # <-", "step or topic, not both"},
		{"one bracket", "schema = 1\n[tip] # <-\nid = \"s3.tip.x\"", "write [[tip]] with two brackets"},
		{"two brackets", "schema = 1\n[[step]] # <-\nn = 1", "step must be a table, not a list"},
		{"comeback blank", "schema = 1\n[[comeback]]\nid = \"cb.x\"\ncase = \"first\"\ntext = \"{run} weeks\" # <-", "may not use {run} here (allowed: none)"},
		{"guard blank", "schema = 1\n[[guard]]\nid = \"guard.x\"\ncase = \"harm\"\naction = \"stop\"\nwords = [\"x\"]\ntext = \"ask {conatct}\" # <-", "allowed: {contact}"},
		{"guard words", "schema = 1\n[[guard]]\nid = \"guard.x\"\ncase = \"harm\"\naction = \"stop\"\ntext = \"T\"\nwords = [\"Bully\"] # <-", "lower case"},
		{"unknown remove", "schema = 1\nremove = [\"s3.tip.frist\"] # <-", `which no earlier layer has; did you mean "s3.tip.first"?`},
		{"remove a step", "schema = 1\nremove = [\"step 3\"] # <-", "no earlier layer has"},
		{"claim better shown", "[[claim]]\nid = \"CG-09\"\ntopic = \"t\"\ntext = \"t\"\ndirection = \"+\"\ngrade = \"C\"\nshown_grade = \"B\" # <-\ncaveat = \"c\"\nsources = [\"one2001\"]", "shown_grade B is better than grade C"},
		{"claim without source", "[[claim]]\nid = \"CG-09\"\ntopic = \"t\"\ntext = \"t\"\ndirection = \"+\"\ngrade = \"C\"\nshown_grade = \"C\"\ncaveat = \"c\"\nsources = [\"one2002\"] # <-", `there is no source "one2002"; did you mean "one2001"?`},
		{"step key taken", "schema = 1\n[step] # <-\nn = 4\nkey = \"common-ground\"\ntitle = \"T\"\nparts = [\"warmth\"]\nessence = \"E\"\nwhy = \"W\"\nsure = \"S\"\nclaims = [\"CG-01\"]", "key is taken, by step 3"},
		{"step number", "schema = 1\n[step]\nn = 7 # <-", "n is 7, but must be 1 to 6"},
		{"topic key", "schema = 1\n[topic]\nkey = \"mending\" # <-", "key must be one of repair, ethics"},
		{"not UTF-8", "schema = 1\n[[tip]]\ntext = \"\xff\" # <-", "not UTF-8 here"},
		{"no quotes", "schema = 1\n[[tip]]\ntext = Ask # <-", "a text needs \" quotes around it"},
		{"open quote", "schema = 1\n[[tip]]\ntext = \"Ask # <-\nid = \"x\"", "opened and not closed"},
		{"quote in a text", "schema = 1\n[[tip]]\ntext = \"Ask \"why\" now\" # <-", "needs a backslash"},
		{"curly quotes", "schema = 1\n[[tip]]\ntext = “Ask” # <-", "not curly ones"},
		{"heading", "schema = 1\n[[tip] # <-\nid = \"x\"", "a heading is [name] or [[name]]"},
		{"key twice", tip + "text = \"U.\" # <-", `"text" is set twice, first on line 4`},
		{"table twice", "schema = 1\n[step]\nn = 3\n[step] # <-\nn = 4", `"step" is already there, on line 2`},
		{"into a text", "schema = 1\n[[tip]]\ntext = \"T\"\ntext.more = 1 # <-", "nothing can stand inside it"},
		{"scenario start", swap(soundScenario, `start = "n1"`, `start = "n9" # <-`), "start must be one of n1, n2"},
		{"scenario dangling", swap(soundScenario, `next = "n2"`, `next = "n3" # <-`), `node n1 choice A leads to "n3", which is not there`},
		{"scenario unreachable", swap(soundScenario, "next = \"n2\"\n", "next = \"end\"\n") + "# \"n2\"", `"n2" is never reached`},
		{"scenario cycle", swap(soundScenario, "quality = \"ok\"\nfeedback = \"F.\"\nnext = \"end\"", "quality = \"ok\"\nfeedback = \"F.\"\nnext = \"n1\" # <-"), "may not run in circles"},
		{"scenario without strong", swap(soundScenario, `quality = "strong"`, `quality = "ok"`), "node n1 has no strong choice"},
		{"scenario node id taken", swap(soundScenario, `id = "n2"`, `id = "n1" # <-`), "id is taken"},
		{"scenario unknown key", soundScenario + "lessons = \"L\" # <-", `end end unknown key "lessons"; did you mean "lesson"?`},
		{"scenario missing text", swap(soundScenario, "[[scenario.node]]\nid = \"n2\"\ntext = \"And now?\"", "[[scenario.node]] # <-\nid = \"n2\""), "node n2 text is missing"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			line := 0
			for i, l := range strings.Split(tt.text, "\n") {
				if strings.HasSuffix(l, "# <-") {
					line = i + 1
				}
			}
			faults := faultsOf(tt.text)
			ok := slices.ContainsFunc(faults, func(f Fault) bool {
				return f.File == "x.toml" && f.Layer == 1 && strings.Contains(f.Text, tt.want) && f.Line > 0 && (line == 0 || f.Line == line)
			})
			if !ok {
				t.Errorf("got:\n%v\nwant x.toml:%d: ... %s", faults, line, tt.want)
			}
		})
	}
	if got := faultsOf(soundScenario); len(got) > 0 {
		t.Errorf("sound scenario: got %v", got)
	}
}

// TestAllFaultsAtOnce: one load names the faults of all files and items, also
// after an item that is not TOML, and invents none that follow from it.
func TestAllFaultsAtOnce(t *testing.T) {
	_, err := Load(base(), fstest.MapFS{
		"a.toml": {Data: []byte("schema = 1\n[[tip]]\nid = \"s3.tip.a\"\ntext = oops\n[[tip]]\nid = \"s3.tip.b\"\n[[card]]\nid = \"s3.card.c\"\nanswer = 9\n")},
		"b.toml": {Data: []byte("schema = 1\n[[tip]]\nid = \"s3.tip.c\"\ntext = \"\"\nclaims = [\"ZZ-99\"]\n")},
	})
	var got []string
	for line := range strings.Lines(fmt.Sprint(err)) {
		got = append(got, strings.TrimSpace(line))
	}
	want := []string{
		`a.toml:4: not TOML: a text needs " quotes around it`,
		"a.toml:5: s3.tip.b: text is missing",
		"a.toml:7: s3.card.c: kind is missing",
		"a.toml:7: s3.card.c: q is missing",
		"a.toml:7: s3.card.c: options is missing",
		"a.toml:7: s3.card.c: why is missing",
		"a.toml:9: s3.card.c: answer is 9, but the options count from 0 to -1",
		"b.toml:4: s3.tip.c: text is empty",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got:\n%s\nwant:\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestFaultsDoNotRepeatTheFile(t *testing.T) {
	for _, f := range faultsOf("schema = 1\n[[tip]]\nid = \"s3.tip.a\"\nkey = xoxb-secret\nother = \"xoxb-secret\"\n") {
		if strings.Contains(f.String(), "secret") {
			t.Errorf("got %q, want no value of the file", f)
		}
	}
}

func TestByteOrderMark(t *testing.T) {
	text := "\xef\xbb\xbfschema = 1\n[[tip]]\nid = \"s3.tip.x\"\ntext = \"T.\"\n"
	if got := faultsOf(text); len(got) > 0 {
		t.Errorf("got %v, want none", got)
	}
}

func TestOverlay(t *testing.T) {
	over := fstest.MapFS{"deep/er/own.toml": {Data: []byte(`schema = 1
remove = ["s3.tip.second"]
[step]
n = 3
key = "shared-ground"
title = "Shared ground"
parts = ["warmth"]
essence = "Ours."
why = "Why."
sure = "Sure."
claims = ["CG-01"]
[[tip]]
id = "s3.tip.first"
text = "Our first tip."
[[tip]]
id = "s3.tip.third"
text = "Third tip."
[[weekly_nudge]]
id = "wk.rep.x"
topic = "repair"
level = 1
title = "one plain line"
do = "Own one thing."
say = "That was my part."
minutes = 2
channels = ["chat"]
skip_if = "they asked for time"
thread = "What helps you?"
if_flat = "Leave it."
smaller = "Write it for yourself."
claims = ["CG-01"]
`)}}
	e := mustLoad(t, base(), over)
	step, ok := e.Step(3)
	if !ok || step.Title != "Shared ground" || step.Key != "shared-ground" {
		t.Fatalf("Step(3): got %v %+v", ok, step)
	}
	var texts []string
	for _, tip := range step.Tips {
		texts = append(texts, tip.ID+" "+tip.Text+" "+tip.Topic)
	}
	want := []string{"s3.tip.first Our first tip. shared-ground", "s3.tip.third Third tip. shared-ground"}
	if !slices.Equal(texts, want) {
		t.Errorf("tips: got %q, want %q", texts, want)
	}
	if len(step.Missions) != 1 {
		t.Errorf("missions: got %d, want the 1 of the base", len(step.Missions))
	}
	if _, ok := e.Tip("s3.tip.second"); ok {
		t.Error("Tip(s3.tip.second): got one, want none: it was removed")
	}
	if n, ok := e.Nudge("wk.rep.x"); !ok || n.Topic != Repair || n.Step != 0 {
		t.Errorf("Nudge(wk.rep.x): got %+v %v", n, ok)
	}
}

func TestItemsOfNoTopic(t *testing.T) {
	e := mustLoad(t, base(), fstest.MapFS{"chat.toml": {Data: []byte(`schema = 1
[[tip]]
id = "chat.tip.quote"
text = "Quote the line."
claims = ["CG-01"]
audience = ["work"]
[[first_step]]
id = "fw.read"
title = "read one thread"
text = "Read it to the end."
say = "I read all of it."
claims = ["CG-01"]
[[first_step]]
id = "fw.write"
title = "write one line"
text = "For yourself."
`)}})
	tip, ok := e.Tip("chat.tip.quote")
	if !ok || tip.Text != "Quote the line." || tip.Topic != "" || tip.Step != 0 || tip.Fits(Community) {
		t.Errorf("Tip(chat.tip.quote): got %+v %v", tip, ok)
	}
	if len(e.ChatTips) != 1 || e.ChatTips[0].ID != tip.ID {
		t.Errorf("ChatTips: got %+v, want the one", e.ChatTips)
	}
	if step, _ := e.Step(3); len(step.Tips) != 2 {
		t.Errorf("step 3: got %d tips, want the 2 of the base", len(step.Tips))
	}
	if _, ok := e.Tip("s3.tip.first"); !ok {
		t.Error("Tip(s3.tip.first): got none")
	}
	want := []string{"fw.read read one thread: Read it to the end. I read all of it.", "fw.write write one line: For yourself. "}
	var got []string
	for _, s := range e.FirstSteps {
		got = append(got, fmt.Sprintf("%s %s: %s %s", s.ID, s.Title, s.Text, s.Say))
	}
	if !slices.Equal(got, want) {
		t.Errorf("FirstSteps: got %q, want %q", got, want)
	}
}

func TestOffer(t *testing.T) {
	e := mustLoad(t, base())
	o, ok := e.Offer("s3.mission.ask")
	if !ok || o.Do != "Ask one more question." || o.Topic != "common-ground" || o.Step != 3 || o.Then != "I ask" || !slices.Equal(o.For, []string{"new"}) {
		t.Errorf("got %+v %v", o, ok)
	}
	if o.Fits(Community) || !o.Fits(Work) || !o.Fits("") {
		t.Errorf("Fits: got wrong answers for audience %v", o.Audience)
	}
	if _, ok := e.Offer("s3.tip.first"); ok {
		t.Error("Offer(tip): got one, want none")
	}
}

func TestSure(t *testing.T) {
	e := mustLoad(t, base())
	tests := []struct {
		claims []string
		want   string
	}{
		{[]string{"CG-01"}, "well tested"},
		{[]string{"CG-01", "AP-07"}, "a custom, not tested"},
		{nil, ""},
		{[]string{"ZZ-99"}, ""},
	}
	for _, tt := range tests {
		if got := e.Sure(tt.claims); got != tt.want {
			t.Errorf("Sure(%v): got %q, want %q", tt.claims, got, tt.want)
		}
	}
	if got := e.References([]string{"CG-01", "AP-07"}); len(got) != 1 || got[0].ID != "one2001" {
		t.Errorf("References: got %v, want one2001 once", got)
	}
}

func TestHash(t *testing.T) {
	first := mustLoad(t, base()).Hash
	if again := mustLoad(t, base()).Hash; again != first || len(first) < 8 {
		t.Errorf("same files: got %q, want %q", again, first)
	}
	changed := base()
	changed["steps/3-some.toml"] = &fstest.MapFile{Data: []byte(baseStep + "# a remark\n")}
	for name, layers := range map[string][]fs.FS{
		"changed": {changed},
		"overlay": {base(), fstest.MapFS{"x.toml": {Data: []byte("schema = 1\n")}}},
	} {
		if got := mustLoad(t, layers...).Hash; got == first {
			t.Errorf("%s: got the hash of the base", name)
		}
	}
}

func TestUnreadable(t *testing.T) {
	if _, err := Load(brokenFS{}); err == nil {
		t.Error("got no error for a layer that cannot be read")
	}
	if _, err := Builtin("xx"); err == nil {
		t.Error("Builtin(xx): got no error")
	}
	if _, err := Builtin("../en"); err == nil {
		t.Error("Builtin(../en): got no error")
	}
	huge := fstest.MapFS{"x.toml": {Data: make([]byte, maxFile+1)}}
	if _, err := Load(huge); err == nil || !strings.Contains(err.Error(), "too large") {
		t.Errorf("got %v, want too large", err)
	}
}

type brokenFS struct{}

func (brokenFS) Open(string) (fs.File, error) { return nil, errors.New("disk gone") }

func FuzzLoad(f *testing.F) {
	for _, seed := range []string{"", baseEvidence, baseStep, soundScenario, "schema = 1\nremove = [\"s3.tip.first\"]", "a.b.c = [[{d=1}]]\n[a]\n[[a.b]]", "x = \"\"\"\n\n[[tip]]\n", "\xff", "[[scenario]]\nnode = [1]\nend = [{}]\nstart = \"\"", "[[scenario.node]]\n[[scenario.node.choice]]"} {
		f.Add([]byte(seed))
	}
	all := frames()
	f.Fuzz(func(t *testing.T, data []byte) {
		e, err := Load(base(), fstest.MapFS{"x.toml": {Data: data}})
		var faults Faults
		switch {
		case err == nil:
			(&linter{edition: e, frames: all}).run()
			Stats(e)
		case !errors.As(err, &faults) || len(faults) == 0:
			t.Errorf("got %v, want faults", err)
		}
		for _, x := range faults {
			if x.Line < 0 || x.Line > 1+strings.Count(string(data), "\n")+len(baseStep) {
				t.Errorf("got line %d of %d bytes", x.Line, len(data))
			}
		}
	})
}

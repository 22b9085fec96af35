package main

import (
	"bytes"
	"database/sql"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"rapport/adapters/keyring"
	"rapport/coach"
	"rapport/coach/streak"
)

// Every word that is typed holds stem, and each place where one can be typed
// adds a number of its own.
const stem = "zqxwords7731"

// The people of these tests have names that are nothing else.
const (
	author   = "zqxuser-ann" // types everything
	onlooker = "zqxuser-bob" // must see none of it
)

// found says in which form text holds the words, in any case; "" if in none.
func found(text []byte, words string) string {
	low := bytes.ToLower(text)
	forms := map[string][]byte{
		"as it is": []byte(words), "in hexadecimal": []byte(hex.EncodeToString([]byte(words))),
		"in 16 bits": wide(words), "as numbers": []byte(strings.Trim(fmt.Sprint([]byte(words)), "[]")),
	}
	for name, form := range forms {
		if bytes.Contains(low, form) {
			return name
		}
	}
	for shift := range 3 { // base64 looks different at each of three places
		whole := base64.RawStdEncoding.EncodeToString(append(make([]byte, shift), words...))
		if core := whole[4 : len(whole)-4]; bytes.Contains(text, []byte(core)) || bytes.Contains(text, []byte(strings.NewReplacer("+", "-", "/", "_").Replace(core))) {
			return "in base64"
		}
	}
	return ""
}

func wide(s string) (out []byte) {
	for _, b := range []byte(s) {
		out = append(out, b, 0)
	}
	return out
}

func TestFound(t *testing.T) {
	for name, text := range map[string]string{
		"plain": "x" + stem + "y", "upper case": strings.ToUpper(stem), "hex": fmt.Sprintf("%x", "ab"+stem), "wide": string(wide(stem)),
		"base64": base64.StdEncoding.EncodeToString([]byte("some words, then " + stem + " and more")),
		"url":    base64.RawURLEncoding.EncodeToString([]byte("??" + stem + "??")), "%v": fmt.Sprint([]byte(stem)),
	} {
		if found([]byte(text), stem) == "" {
			t.Errorf("%s: not found in %q", name, text)
		}
	}
	if got := found([]byte(strings.Repeat("anything else ", 1000)), stem); got != "" {
		t.Errorf("found %s where it is not", got)
	}
}

// A vault is a house whose every way out is looked at.
type vault struct {
	*testing.T
	env  Env
	cfg  *Config
	s    *store
	h    *house
	hand *clock
	box  *postbox
	log  strings.Builder
	team coach.Team

	n      int             // requests
	marks  int             // places where something was typed
	drafts int             // inputs that a draft filled in again
	inputs map[string]bool // visited, by name and label
	verbs  map[string]bool
	all    bytes.Buffer // every answer to the onlooker
	seen   func(coach.Reply)
}

func newVault(t *testing.T) *vault { return newVaultIn(t, func(string) {}) }

// newVaultIn is a vault in a folder that fill has filled.
func newVaultIn(t *testing.T, fill func(dir string)) *vault {
	v := &vault{T: t, box: &postbox{}, team: coach.Team{Platform: postal, ID: "T1"}, inputs: map[string]bool{}, verbs: map[string]bool{}}
	v.env = Env{Dir: t.TempDir(), Getenv: func(string) string { return "" }, Stdout: &v.log, Stderr: &v.log}
	fill(v.env.Dir)
	cfg, err := LoadConfig(v.env, "")
	if err != nil {
		t.Fatal(err)
	}
	cfg.Log.Level = "debug"
	v.cfg, v.hand = cfg, standingClock(lifeStart)
	v.open()
	return v
}

func (v *vault) open() {
	v.Helper()
	var err error
	if v.s, err = openStore(v.Context(), v.env, v.cfg, databasePath(v.env, v.cfg), v.hand.Now); err != nil {
		v.Fatal(err)
	}
	if v.h, err = build(v.env, v.cfg, v.s, v.hand.Now, newLogger(&v.log, v.cfg.Log)); err != nil {
		v.Fatal(err)
	}
	v.hand.walk = v.h.runner.Walk
	v.h.join(v.box, local())
}

func (v *vault) close() {
	v.Helper()
	if err := v.s.Close(); err != nil {
		v.Error(err)
	}
}

// do hands in what somebody did, through everything that stands before the
// coach. It waits its turn at the rate limit.
func (v *vault) do(who string, a coach.Action, answers map[string]string) coach.Reply {
	v.Helper()
	v.n++
	time.Sleep(askEvery)
	v.verbs[a.Verb] = true
	reply, err := v.h.handler.Handle(v.Context(), coach.Request{
		ID: fmt.Sprint("q", v.n), From: coach.Person{Platform: postal, Realm: "T1", User: who}, Team: v.team,
		At: coach.ChannelOf(v.team, "general"), Action: a, Answers: answers, Zone: "Europe/Berlin", Admin: who == author || who == owner,
	})
	if err != nil {
		v.Fatalf("%s: %v", a.Verb, err)
	}
	if (reply.Message == nil) == (reply.Form == nil) {
		v.Fatalf("%s %q: neither a message nor a form", a.Verb, a.Args)
	}
	if v.seen != nil {
		v.seen(reply)
	}
	if who == onlooker {
		v.all.WriteString(text(v.T, reply))
	}
	return reply
}

// text is everything an answer holds.
func text(t *testing.T, of any) string {
	t.Helper()
	b, err := json.Marshal(of)
	if err != nil {
		t.Fatal(err)
	}
	if r, ok := of.(coach.Reply); ok && r.File != nil {
		return string(b) + string(r.File.Data)
	}
	return string(b)
}

// mark is what is typed into the next place.
func (v *vault) mark() string {
	v.marks++
	return fmt.Sprintf("%sn%d", stem, v.marks)
}

// good fills an input as the coach wants it, with own words where they are free.
func (v *vault) good(form string, in coach.Input) string {
	switch in.Kind {
	case coach.PickOne, coach.PickMany:
		return in.Options[len(in.Options)-1].Value
	case coach.PickChannel:
		return "general"
	}
	switch in.Name {
	case "zone":
		return "Lisbon"
	case "from":
		return "today"
	case "until":
		return "2 weeks"
	case "help":
		return "Amina in HR" // a setting of the team, made to be read by everybody
	}
	return v.mark()
}

// fill sends a form three times: with words in every input, whatever it wants;
// from the draft of that, which must hold them; and as it is meant.
func (v *vault) fill(form *coach.Form) coach.Reply {
	v.Helper()
	typed, right := map[string]string{}, map[string]string{}
	for _, in := range form.Inputs {
		v.inputs[in.Name+" "+in.Label] = true
		typed[in.Name], right[in.Name] = v.mark(), v.good(form.Action.Verb, in)
	}
	reply := v.do(author, form.Action, typed)
	if len(reply.Faults) > 0 {
		again := v.do(author, button(v.T, reply.Message, "Edit"), nil)
		if again.Form == nil {
			v.Fatalf("%s: Edit opens no form", form.Action.Verb)
		}
		for _, in := range again.Form.Inputs {
			v.drafts++
			if want := []rune(typed[in.Name]); in.Value != string(want[:min(len(want), in.Limit())]) {
				v.Errorf("%s, %s: the draft holds %q, want %q", form.Action.Verb, in.Name, in.Value, string(want))
			}
		}
	}
	return v.do(author, form.Action, right)
}

func button(t *testing.T, m *coach.Message, label string) coach.Action {
	t.Helper()
	for _, b := range m.Buttons {
		if strings.HasPrefix(b.Label, label) {
			return b.Action
		}
	}
	t.Fatalf("no button %q under %q", label, m.Fallback())
	return coach.Action{}
}

// crawl walks from every word that can be typed through every button, pick and
// form, and types words wherever that is possible.
func (v *vault) crawl() {
	v.Helper()
	v.do(author, coach.Do("write"), map[string]string{"words": v.mark()}) // so that there is something to read
	seen := map[string]bool{}
	var queue []coach.Action
	push := func(a coach.Action) {
		if key := pageOf(a); !seen[key] && !(a.Verb == "erase" && len(a.Args) > 0) {
			seen[key] = true
			queue = append(queue, a)
		}
	}
	for _, c := range coach.Commands() {
		if c.Hidden {
			continue
		}
		push(coach.Do(c.Verb))
		for _, p := range c.Params {
			for _, o := range p.Options {
				push(coach.Do(c.Verb, o.Value))
			}
		}
	}
	push(coach.Do("home", "me"))
	push(coach.Do("keep", "keep")) // on a scheduled message
	push(coach.Do("moved"))        // by a surface
	push(coach.Parse("first 1:1 with my boss"))
	push(coach.Do("quiet", v.h.coach.Edition().FirstSteps[0].ID)) // on the first screen of somebody new
	for len(queue) > 0 {
		a := queue[0]
		queue = queue[1:]
		reply := v.do(author, a, nil)
		for tries := 0; reply.Form != nil; tries++ {
			if tries == 3 {
				v.Fatalf("%s %q: a form is answered by a form", a.Verb, a.Args)
			}
			reply = v.fill(reply.Form)
		}
		for _, b := range reply.Message.Buttons {
			push(b.Action)
		}
		if s := reply.Message.Choices; s != nil {
			for _, o := range s.Options {
				push(o.Action)
			}
		}
	}
}

// pageOf is an action without what tells two of a kind apart: the walk sees
// each kind of page, and not each item on it.
func pageOf(a coach.Action) string {
	if a.Verb == "step" || a.Verb == "part" {
		return strings.Join(append([]string{a.Verb}, a.Args...), " ")
	}
	page := a.Verb
	for _, arg := range a.Args {
		switch {
		case strings.Contains(arg, "."):
			arg, _, _ = strings.Cut(arg[strings.LastIndexByte(arg, '/')+1:], ".")
		case len(arg) == 16 || strings.Trim(arg, "0123456789") == "":
			arg = "#"
		}
		page += " " + arg
	}
	return page
}

// typeParams types words behind every word of the command tree, and where
// nothing of the tree stands.
func (v *vault) typeParams() {
	v.Helper()
	say := func(line string) {
		reply := v.do(author, coach.Parse(line), nil)
		if reply.Form != nil {
			v.fill(reply.Form)
		}
		v.h.handler.Complete(v.Context(), coach.Request{From: coach.Person{Platform: postal, Realm: "T1", User: author}, Action: coach.Parse(line)}, line)
	}
	for _, c := range coach.Commands() {
		if c.Hidden {
			continue
		}
		for _, word := range append(slices.Clone(c.Aliases), c.Verb) {
			say(word + " " + v.mark())
			for _, p := range c.Params {
				for _, o := range p.Options {
					say(word + " " + o.Value + " " + v.mark())
				}
			}
		}
	}
	say(v.mark())
	say(v.mark() + " and what a week it was")
	for _, g := range v.h.coach.Edition().Guards {
		say("I write of " + g.Words[0] + " and " + v.mark())
	}
}

// inputsInSource are all inputs in the sources of package coach, by name and
// label.
func inputsInSource(t *testing.T) (all []string) {
	t.Helper()
	files, err := filepath.Glob("../coach/*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			if lit, ok := n.(*ast.CompositeLit); ok {
				if parts := textsOf(lit); parts["Kind"] != "" && parts["Name"] != "" {
					all = append(all, parts["Name"]+" "+parts["Label"])
				}
			}
			return true
		})
	}
	return all
}

// textsOf are the fields of a literal: texts, the text inside a call, or the
// name of a constant.
func textsOf(lit *ast.CompositeLit) map[string]string {
	parts := map[string]string{}
	for _, e := range lit.Elts {
		kv, ok := e.(*ast.KeyValueExpr)
		if !ok {
			continue
		}
		value := kv.Value
		if call, ok := value.(*ast.CallExpr); ok && len(call.Args) > 0 {
			value = call.Args[0]
		}
		switch x := value.(type) {
		case *ast.BasicLit:
			parts[fmt.Sprint(kv.Key)], _ = strconv.Unquote(x.Value)
		case *ast.Ident:
			parts[fmt.Sprint(kv.Key)] = x.Name
		}
	}
	return parts
}

// files are the contents of every file of the vault's folder but those left out.
func (v *vault) files() map[string][]byte {
	v.Helper()
	all := map[string][]byte{}
	err := filepath.WalkDir(v.env.Dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		all[filepath.Base(path)], err = os.ReadFile(path)
		return err
	})
	if err != nil {
		v.Fatal(err)
	}
	return all
}

// wantNowhere demands that the words are in no file, log, metric or message.
func (v *vault) wantNowhere(when, words string) {
	v.Helper()
	places := v.files()
	for _, must := range []string{"rapport.db", "rapport.keys"} {
		if len(places[must]) == 0 {
			v.Errorf("%s: %s is empty: the test looks in the wrong place", when, must)
		}
	}
	places["the log"] = []byte(v.log.String())
	places["the metrics"] = v.metricsPage()
	places["the answers to "+onlooker] = v.all.Bytes()
	for place, content := range places {
		if how := found(content, words); how != "" {
			i := bytes.Index(bytes.ToLower(content), []byte(words))
			v.Errorf("%s: %s holds what was typed, %s: %q", when, place, how, content[max(0, i-60):min(len(content), max(0, i)+60)])
		}
	}
}

func (v *vault) metricsPage() []byte {
	v.Helper()
	w := httptest.NewRecorder()
	monitorRoutes(v.h.metrics, nil, false).ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	if w.Code != http.StatusOK || !strings.Contains(w.Body.String(), "go_goroutines") {
		v.Errorf("/metrics: %d, %d bytes", w.Code, w.Body.Len())
	}
	return w.Body.Bytes()
}

// setUpTeam lets an admin choose the team's channel and start.
func (v *vault) setUpTeam(admin string) {
	v.Helper()
	v.do(admin, coach.Do("stop", "no"), nil)
	v.do(admin, coach.Do("moresetup"), map[string]string{"who": "admins", "start": "1"})
	v.do(admin, coach.Do("setup"), map[string]string{"channel": "general", "day": "1", "hour": "540", "zone": "Berlin", "audience": "work"})
	v.do(admin, coach.Do("setup", "start"), nil)
}

// settle leaves the author with something planned of every kind.
func (v *vault) settle() (words []string) {
	v.Helper()
	v.do(author, coach.Do("pause", "end"), nil)
	v.do(author, coach.Do("rhythm"), map[string]string{"rhythm": "daily", "hour": "540", "days": "1,2,3,4,5"})
	note, when, then, draft := v.mark(), v.mark(), v.mark(), v.mark()
	kept := v.do(author, v.do(author, coach.Do("write"), nil).Form.Action, map[string]string{"words": note})
	v.do(author, button(v.T, kept.Message, "Remind me"), nil)
	home := v.do(author, coach.Do("practice", "4"), nil)
	plan := v.do(author, button(v.T, v.do(author, button(v.T, home.Message, "I'm in"), nil).Message, "My own words"), nil)
	ask := v.do(author, plan.Form.Action, map[string]string{"if": when, "then": then})
	if got := ask.Message.Fallback(); !strings.Contains(got, when) || !strings.Contains(got, then) {
		v.Errorf("the plan is not in the answer to who made it: %s", got)
	}
	v.do(author, button(v.T, ask.Message, "Yes"), nil)
	v.do(author, v.do(author, coach.Do("place"), nil).Form.Action, map[string]string{"zone": draft, "mostly": "any", "easier": "any"})
	if got := text(v.T, v.do(author, coach.Do("journal"), nil)); !strings.Contains(got, note) {
		v.Error("the journal does not show its own line")
	}
	goal, part := v.mark(), v.mark()
	plan = v.do(author, coach.Do("prep", "form", "sit.one-to-one-boss"), nil)
	ask = v.do(author, plan.Form.Action, map[string]string{"goal": goal, "if": "a pause", "then": "ask", "day": string(streak.DateOf(v.hand.Now().AddDate(0, 0, 1))), "hour": "600"})
	mend := v.do(author, v.do(author, coach.Do("repair", "form"), nil).Form.Action, map[string]string{"what": "late", "part": part, "amends": "bring it", "promise": "say so", "follow": "3,10"})
	if !strings.Contains(ask.Message.Fallback(), goal) || !strings.Contains(mend.Message.Fallback(), part) {
		v.Errorf("a plan or a repair is not in the answer to who made it:\n%s\n%s", ask.Message.Fallback(), mend.Message.Fallback())
	}
	return []string{note, when, then, draft, goal, part}
}

// TestMarker types words of one person into every place there is, and looks
// for them everywhere but where they belong.
func TestMarker(t *testing.T) { synctest.Test(t, testMarker) }

func testMarker(t *testing.T) {
	v := newVault(t)
	defer func() { v.close() }()
	v.do(author, coach.Do("setup"), map[string]string{"channel": "general", "day": "1", "hour": "540", "zone": "Berlin", "audience": "work"})
	v.crawl()
	v.typeParams()
	for _, c := range coach.Commands() {
		if !v.verbs[c.Verb] {
			t.Errorf("%s was never reached", c.Verb)
		}
	}
	all := inputsInSource(t)
	slices.Sort(all)
	all = slices.Compact(all) // two forms may ask for the same
	for _, in := range all {
		if !v.inputs[in] {
			t.Errorf("nothing was typed into %q", in)
		}
	}
	if len(all) < 15 || len(v.inputs) != len(all) {
		t.Errorf("%d inputs in the sources, %d visited", len(all), len(v.inputs))
	}
	if v.drafts < 6 {
		t.Errorf("%d inputs were filled in again from drafts, want some of each form", v.drafts)
	}
	v.setUpTeam(author)
	words := v.settle()
	t.Logf("%d requests, %d inputs, words typed %d times", v.n, len(v.inputs), v.marks)
	if err := v.s.db.Backup(t.Context(), filepath.Join(v.env.Dir, "backup.db")); err != nil {
		t.Fatal(err)
	}
	if log := v.files()["rapport.db-wal"]; len(log) == 0 || !bytes.Contains(log, []byte(author)) {
		t.Error("the log of the database holds nothing of the author: the test does not look at what was written last")
	}
	v.wantNowhere("after typing", stem)
	v.readAsOther()
	v.liveOn()
	v.wantNowhere("five weeks later", stem)
	for _, user := range []string{author, onlooker} {
		if how := found([]byte(v.log.String()), user) + found(v.metricsPage(), user); how != "" {
			t.Errorf("the log or the metrics name %s, %s", user, how)
		}
	}
	if i := strings.Index(v.log.String(), "level=ERROR"); i >= 0 {
		t.Errorf("an error on the way: %.300s", v.log.String()[i:])
	}
	data := v.do(author, coach.Do("data", "download"), nil)
	for _, w := range words[:3] { // the draft is gone after a day
		if data.File == nil || !bytes.Contains(data.File.Data, []byte(w)) {
			t.Errorf("the author's own download lacks %s", w)
		}
	}
	v.operatorSeesNothing()
}

// readAsOther lets another person ask for everything there is.
func (v *vault) readAsOther() {
	v.Helper()
	for _, c := range coach.Commands() {
		if c.Verb == "erase" {
			continue
		}
		v.do(onlooker, coach.Do(c.Verb), nil)
		for i := range 30 { // rows of the author's, if anybody could name them
			v.do(onlooker, coach.Do(c.Verb, fmt.Sprint(i)), nil)
		}
		for _, p := range c.Params {
			for _, o := range p.Options {
				v.do(onlooker, coach.Do(c.Verb, o.Value), nil)
			}
		}
	}
	v.do(onlooker, coach.Do("data", "download"), nil)
	if v.all.Len() < 10_000 {
		v.Errorf("%d bytes of answers: too few to say anything", v.all.Len())
	}
}

// liveOn lets five weeks pass and looks at everything that is sent.
func (v *vault) liveOn() {
	v.Helper()
	v.box.take()
	if err := v.hand.Advance(v.Context(), v.hand.Now().AddDate(0, 0, 35)); err != nil {
		v.Fatal(err)
	}
	kinds := map[string]int{}
	for _, p := range v.box.take() {
		_, rest, _ := strings.Cut(p.key, "/") // whose it is
		kind, _, _ := strings.Cut(rest, "/")
		kinds[kind]++
		if how := found([]byte(text(v.T, p.m)+p.key+text(v.T, p.to)), stem); how != "" {
			v.Errorf("a %s holds what was typed, %s: %s", kind, how, p.m.Fallback())
		}
	}
	for _, kind := range []string{"nudge", "question", "rhythm", "followup", "prep", "repair"} {
		if kinds[kind] == 0 {
			v.Errorf("nothing of kind %s was sent in five weeks: %v", kind, kinds)
		}
	}
}

func postalPerson(user string) string { return string(postal) + "/T1/" + user }

// operatorSeesNothing looks at what the operator's commands print.
func (v *vault) operatorSeesNothing() {
	v.Helper()
	var out strings.Builder
	env := v.env
	env.Stdout = &out
	if err := exportCmd(v.Context(), env, v.cfg, "postbox/T1/"+author); err != nil {
		v.Error(err)
	}
	if how := found([]byte(out.String()), stem); how != "" || !strings.Contains(out.String(), author) {
		v.Errorf("export holds what was typed, %q, or says nothing of the person: %.200s", how, out.String())
	}
	for _, args := range [][]string{{"doctor"}, {"doctor", "--json"}, {"preview"}, {"export", postalPerson(stem)}, {"forget", postalPerson("")}, {"backup", "backup.db"}, {"restore", "rapport.keys"}, {"key", "rotate", "--to", "rapport.db"}} {
		_, stdout, stderr := command(v.T, env.Dir, nil, args...)
		said := strings.ReplaceAll(stdout+stderr, postalPerson(stem), "") // who was asked for
		for _, words := range []string{stem, author, onlooker} {
			if how := found([]byte(said), words); how != "" || said == "" {
				v.Errorf("rapport %q says what was typed or who is there, %s: %.300s", args, how, said)
			}
		}
	}
}

// TestErase types everywhere, erases, and looks for what is left; then brings
// an older backup back.
func TestErase(t *testing.T) { synctest.Test(t, testErase) }

func testErase(t *testing.T) {
	v := newVault(t)
	defer func() { v.close() }()
	v.crawl()
	v.setUpTeam(author)
	v.settle()
	v.do(onlooker, coach.Do("rhythm"), map[string]string{"rhythm": "weekly", "hour": "540"})
	v.box.take()
	if err := v.hand.Advance(t.Context(), v.hand.Now().AddDate(0, 0, 3)); err != nil { // some is sent, some waits
		t.Fatal(err)
	}
	account := v.accountOf(author)
	elsewhere := filepath.Join(t.TempDir(), "older.db")
	if err := v.s.db.Backup(t.Context(), elsewhere); err != nil {
		t.Fatal(err)
	}
	if how := found(v.files()["rapport.db"], author) + found(v.files()["rapport.db-wal"], author); how == "" {
		t.Fatal("the person is in no file before they are erased: the test looks in the wrong place")
	}

	start := time.Now()
	v.do(author, coach.Do("erase", "yes"), nil)
	if took := time.Since(start) - askEvery; took > time.Second {
		t.Errorf("erased in %s", took)
	}
	v.gone("after erase", account)
	v.box.take()
	if err := v.hand.Advance(t.Context(), v.hand.Now().AddDate(0, 0, 35)); err != nil {
		t.Fatal(err)
	}
	for _, p := range v.box.take() {
		if p.to.Person.User == author || found([]byte(text(t, p.m)), author) != "" {
			t.Errorf("a message to or about somebody who was erased: %s", p.m.Fallback())
		}
	}
	v.do(author, coach.Do("tip"), nil) // reading leaves no trace
	v.gone("five weeks later", account)

	v.restore(elsewhere, account)
}

// look opens the database beside the program.
func (v *vault) look() *sql.DB {
	v.Helper()
	file := url.URL{Scheme: "file", Opaque: (&url.URL{Path: filepath.Join(v.env.Dir, "rapport.db")}).EscapedPath(), RawQuery: "_pragma=busy_timeout(10000)"}
	db, err := sql.Open("sqlite", file.String())
	if err != nil {
		v.Fatal(err)
	}
	return db
}

// accountOf is the account's number in the database.
func (v *vault) accountOf(user string) int64 {
	v.Helper()
	db := v.look()
	defer db.Close()
	var id int64
	if err := db.QueryRow("SELECT account_id FROM identity WHERE person = $1", user).Scan(&id); err != nil {
		v.Fatal(err)
	}
	return id
}

// gone demands that no file holds words, name or account of the author.
func (v *vault) gone(when string, account int64) {
	v.Helper()
	v.wantNowhere(when, stem)
	var number [8]byte
	binary.BigEndian.PutUint64(number[:], uint64(account)) // as SQLite stores one that large
	for name, content := range v.files() {
		for what, trace := range map[string][]byte{"name": []byte(author), "account": number[:], "account's key": []byte(strconv.FormatInt(account, 36))} {
			if bytes.Contains(content, trace) {
				v.Errorf("%s: %s holds the %s of who was erased", when, name, what)
			}
		}
	}
}

// restore puts a backup in place that was made before the erasure.
func (v *vault) restore(backup string, account int64) {
	v.Helper()
	if content, err := os.ReadFile(backup); err != nil || found(content, author) == "" {
		v.Fatalf("the older backup does not hold the person: %v", err)
	}
	v.unreadable(backup, account)
	v.close()
	if err := restoreCmd(v.Context(), v.env, v.cfg, backup); err != nil {
		v.Fatal(err)
	}
	if !strings.Contains(v.log.String(), "Erased again: 1 account") {
		v.Errorf("restore does not say whom it erased again: %s", v.log.String()[max(0, v.log.Len()-600):])
	}
	v.open()
	v.gone("after restore", account)
	for user, known := range map[string]bool{author: false, onlooker: true} {
		self, err := v.s.db.Self(v.Context(), coach.Person{Platform: postal, Realm: "T1", User: user})
		if err != nil || self.Known != known {
			v.Errorf("after restore %s is known: %v, %v; want %v", user, self.Known, err, known)
		}
	}
	if got := v.do(author, coach.Do("data"), nil).Message.Fallback(); !strings.Contains(got, "Nothing is kept about you") {
		v.Errorf("after restore the person reads %q", got)
	}
}

// unreadable tries to open every sealed text of an account in a database file
// with the keys as they are now.
func (v *vault) unreadable(file string, account int64) {
	v.Helper()
	master, _, err := masterKey(v.env, v.cfg, databasePath(v.env, v.cfg))
	if err != nil {
		v.Fatal(err)
	}
	ring, err := keyring.Open(keysPath(v.env, v.cfg, databasePath(v.env, v.cfg)), master)
	if err != nil {
		v.Fatal(err)
	}
	defer ring.Close()
	db, err := sql.Open("sqlite", "file:"+file+"?mode=ro")
	if err != nil {
		v.Fatal(err)
	}
	defer db.Close()
	rows, err := db.Query(`SELECT 'note/' || seal_row, words FROM note WHERE account_id = $1
		UNION ALL SELECT 'flow/' || flow_id, words FROM flow WHERE account_id = $1 AND words IS NOT NULL
		UNION ALL SELECT 'draft/' || draft_id, body FROM draft WHERE account_id = $1`, account)
	if err != nil {
		v.Fatal(err)
	}
	defer rows.Close()
	n := 0
	for ; rows.Next(); n++ {
		var place string
		var sealed []byte
		if err := rows.Scan(&place, &sealed); err != nil {
			v.Fatal(err)
		}
		if plain, err := ring.Open(v.Context(), strconv.FormatInt(account, 36), place, sealed); err == nil {
			v.Errorf("%s of an older backup still opens: %q", place, plain)
		}
	}
	if n < 3 {
		v.Errorf("%d sealed texts in the older backup, want some of each kind", n)
	}
}

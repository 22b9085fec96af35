package main

import (
	"database/sql"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"rapport/coach"
)

// owner sets the team up, in every world.
const owner = "zqxuser-own"

// Worlds are two databases that differ in one person: in one of them the author
// lived, with something of every kind, in the other they never were. Whoever
// sees a difference between the two learns of the author.
type worlds struct {
	with, without string   // folders
	account       int64    // the author's, in the first
	verbs         []string // of every command, and one of none
	args          []string // what actions of the author's carried, and what their rows are called
	asked         []coach.Action
	ids           []string // requests of the author's
	inputs        []string // names of every input there is
}

// makeWorlds lets the author live, in a folder of its own.
func makeWorlds(t *testing.T, dir string) *worlds {
	t.Helper()
	w := &worlds{with: filepath.Join(dir, "with"), without: filepath.Join(dir, "without"), verbs: []string{"?", ""}}
	w.fill(t, w.with, true)
	w.fill(t, w.without, false)
	for _, c := range coach.Commands() {
		w.verbs = append(w.verbs, c.Verb)
	}
	w.args = append(w.args, "", "yes", "no", "delete", "edit", "form", "forget", "download", "read", "all", "2026-11-23", "2026-12-01", "well", "0", "1", "2", "3", "9", "99999", "-1")
	slices.Sort(w.args)
	w.args = slices.Compact(w.args)
	for _, in := range inputsInSource(t) {
		name, _, _ := strings.Cut(in, " ")
		w.inputs = append(w.inputs, name)
	}
	if len(w.asked) < 40 || len(w.args) < 50 || len(w.ids) < 20 {
		t.Fatalf("%d actions, %d arguments and %d requests of the author's: too few to attack with", len(w.asked), len(w.args), len(w.ids))
	}
	return w
}

// fill makes one of the two.
func (w *worlds) fill(t *testing.T, to string, lives bool) {
	t.Helper()
	v := newVault(t)
	func() {
		defer v.close()
		v.setUpTeam(owner)
		v.n = 1000 // whatever the author does, others' requests have the same names
		if lives {
			w.live(v)
		}
	}()
	if err := os.CopyFS(to, os.DirFS(v.env.Dir)); err != nil {
		t.Fatal(err)
	}
}

// live leaves something of the author's of every kind.
func (w *worlds) live(v *vault) {
	v.Helper()
	v.seen = w.learn
	v.do(author, coach.Do("home", "me"), nil)
	v.settle()
	for _, verb := range []string{"tip", "done", "progress", "settings", "prep", "repair", "journal", "data", "moved"} {
		v.do(author, coach.Do(verb), nil)
	}
	for n := 1001; n <= v.n; n++ {
		w.ids = append(w.ids, fmt.Sprint("q", n))
	}
	w.account = v.accountOf(author)
	w.rows(v)
}

// learn keeps what an answer to the author lets them do.
func (w *worlds) learn(r coach.Reply) {
	note := func(a coach.Action) {
		w.asked = append(w.asked, a)
		w.args = append(w.args, a.Args...)
	}
	if r.Form != nil {
		note(r.Form.Action)
		return
	}
	for _, b := range r.Message.Buttons {
		note(b.Action)
	}
	if r.Message.Choices != nil {
		for _, o := range r.Message.Choices.Options {
			note(o.Action)
		}
	}
}

// rows keeps the names of the author's rows.
func (w *worlds) rows(v *vault) {
	v.Helper()
	db := v.look()
	defer db.Close()
	found, err := db.Query(`SELECT flow_id FROM flow WHERE account_id = $1 UNION ALL SELECT draft_id FROM draft WHERE account_id = $1
		UNION ALL SELECT id FROM note WHERE account_id = $1 UNION ALL SELECT seal_row FROM note WHERE account_id = $1 UNION ALL SELECT meaning FROM event WHERE account_id = $1
		UNION ALL SELECT meaning FROM arrival WHERE account_id = $1`, w.account)
	if err != nil {
		v.Fatal(err)
	}
	defer found.Close()
	for found.Next() {
		var name string
		if err := found.Scan(&name); err != nil {
			v.Fatal(err)
		}
		w.args = append(w.args, name)
	}
	if err := found.Err(); err != nil {
		v.Fatal(err)
	}
}

// intruders are who is not the author, and where they are: somebody of the team,
// an admin of it, somebody of another team, somebody who has the author's name on
// another platform or in another organisation, and a stranger.
func intruders(home coach.Team) []coach.Request {
	other := coach.Team{Platform: postal, ID: "T2"}
	return []coach.Request{
		{From: coach.Person{Platform: postal, Realm: "T1", User: onlooker}, Team: home},
		{From: coach.Person{Platform: postal, Realm: "T1", User: "zqxuser-adm"}, Team: home, Admin: true},
		{From: coach.Person{Platform: postal, Realm: "T1", User: onlooker}}, // in direct messages
		{From: coach.Person{Platform: postal, Realm: "T2", User: "zqxuser-cat"}, Team: other, Admin: true},
		{From: coach.Person{Platform: "pigeon", Realm: "T1", User: author}, Team: coach.Team{Platform: "pigeon", ID: "T1"}, Admin: true},
		{From: coach.Person{Platform: postal, Realm: "T2", User: author}, Team: other},
		{From: coach.Person{Platform: postal, User: author}, Team: home},
		{From: coach.Person{Platform: postal, Realm: "T1", User: onlooker}, Team: home, Guest: true},
		{From: coach.Person{Platform: postal, Realm: "T9", User: author}, Team: home, Stranger: true, Admin: true},
	}
}

// gestureSize is how many bytes of a script are one gesture.
const gestureSize = 6

// gesture is what somebody else does, made of some bytes: one of the author's own
// actions, perhaps with one argument changed, or any verb with any arguments;
// with or without a form; under a name of a request that may be the author's.
func (w *worlds) gesture(n int, b []byte) coach.Request {
	all := intruders(coach.Team{Platform: postal, ID: "T1"})
	r := all[int(b[0])%len(all)]
	r.ID, r.Zone, r.At = fmt.Sprint("b", n), "Europe/Berlin", coach.ChannelOf(r.Team, "general")
	if r.Team == (coach.Team{}) {
		r.At = coach.Address{Person: r.From}
	}
	pick := func(from []string, i byte, salt int) string { return from[(int(i)*7+salt)%len(from)] }
	switch {
	case b[1]%4 == 0: // one of the author's own
		r.Action = w.asked[(int(b[2])*256+int(b[3]))%len(w.asked)]
	case b[1]%4 == 1: // with another argument
		r.Action = w.asked[(int(b[2])*256+int(b[3]))%len(w.asked)]
		r.Action.Args = slices.Clone(r.Action.Args)
		if len(r.Action.Args) > 0 {
			r.Action.Args[int(b[4])%len(r.Action.Args)] = pick(w.args, b[4], int(b[5]))
		}
	default:
		r.Action = coach.Do(pick(w.verbs, b[2], 0))
		for i := range int(b[1]/4) % 4 {
			r.Action.Args = append(r.Action.Args, pick(w.args, b[3+i%3], i*31+int(b[2])))
		}
	}
	if b[5]%3 == 0 {
		r.Answers = map[string]string{}
		for i, name := range w.inputs {
			r.Answers[name] = []string{"", "mine", "1", "540", "Berlin", "today", "general", "daily", pick(w.args, b[4], i)}[(int(b[4])+i)%9]
		}
	}
	if b[5]%5 == 0 {
		r.ID = pick(w.ids, b[4], int(b[3]))
	}
	return r
}

// A world is one of the two, open.
type world struct {
	*vault
}

func (w *worlds) open(t *testing.T, dir string) world {
	t.Helper()
	v := newVaultIn(t, func(to string) {
		if err := os.CopyFS(to, os.DirFS(dir)); err != nil {
			t.Fatal(err)
		}
	})
	return world{v}
}

// answers is everything the coach says to somebody, as text.
func (w world) answers(r coach.Request) string {
	w.Helper()
	reply, err := w.h.coach.Handle(w.Context(), r)
	if err != nil {
		w.Fatalf("%+v: %v", r, err)
	}
	line := strings.Join(append([]string{r.Action.Verb}, r.Action.Args...), " ")
	options, err := json.Marshal(w.h.coach.Complete(w.Context(), r, line))
	if err != nil {
		w.Fatal(err)
	}
	return text(w.T, reply) + string(options)
}

// state is every row of an account, in order.
func (w world) state(account int64) string {
	w.Helper()
	db := w.look()
	defer db.Close()
	var all []string
	for _, table := range tablesOfAccounts(w.T, db) {
		rows, err := db.Query("SELECT * FROM "+table[0]+" WHERE "+table[1]+" = $1", account)
		if err != nil {
			w.Fatal(err)
		}
		columns, err := rows.Columns()
		if err != nil {
			w.Fatal(err)
		}
		for rows.Next() {
			cells := make([]any, len(columns))
			for i := range cells {
				cells[i] = new(any)
			}
			if err := rows.Scan(cells...); err != nil {
				w.Fatal(err)
			}
			line := table[0]
			for _, c := range cells {
				line += fmt.Sprintf("|%v", *c.(*any))
			}
			all = append(all, line+"\n")
		}
		if err := rows.Close(); err != nil {
			w.Fatal(err)
		}
	}
	slices.Sort(all)
	return strings.Join(all, "")
}

// tablesOfAccounts are the tables that have rows of accounts, and the column
// that says whose.
func tablesOfAccounts(t *testing.T, db *sql.DB) (all [][2]string) {
	t.Helper()
	rows, err := db.Query(`SELECT m.name, c.name FROM sqlite_schema m, pragma_table_info(m.name) c
		WHERE m.type = 'table' AND (c.name = 'account_id' OR m.name = 'account' AND c.name = 'id') ORDER BY 1`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var one [2]string
		if err := rows.Scan(&one[0], &one[1]); err != nil {
			t.Fatal(err)
		}
		all = append(all, one)
	}
	if len(all) < 10 {
		t.Fatalf("found %v, want every table of a person", all)
	}
	return all
}

// attack plays a script in both worlds. Others must be answered alike, whether
// the author lived or not, and of the author nothing may change.
func (w *worlds) attack(t *testing.T, script []byte) {
	t.Helper()
	with, without := w.open(t, w.with), w.open(t, w.without)
	defer with.close()
	defer without.close()
	before := with.state(w.account)
	if strings.Count(before, "\n") < 20 {
		t.Fatalf("the author has nothing to lose: %s", before)
	}
	n := 0
	for ; len(script) >= gestureSize; script = script[gestureSize:] {
		n++
		r := w.gesture(n, script[:gestureSize])
		a, b := with.answers(r), without.answers(r)
		if how := found([]byte(a), stem); how != "" {
			t.Fatalf("gesture %d, %+v: the answer holds the author's words, %s:\n%s", n, r, how, a)
		}
		if a != b {
			t.Fatalf("gesture %d, %+v: the answer tells of the author:\n%s", n, r, difference(a, b))
		}
	}
	if after := with.state(w.account); after != before {
		t.Errorf("others changed what is the author's:\n%s", difference(after, before))
	}
}

// difference is where two texts differ, with some of what stands around.
func difference(a, b string) string {
	i := 0
	for i < len(a) && i < len(b) && a[i] == b[i] {
		i++
	}
	part := func(s string) string { return s[max(0, i-80):min(len(s), i+160)] }
	return fmt.Sprintf("with them:    ...%s\nwithout them: ...%s", part(a), part(b))
}

// TestApart lets others do whatever the author could, and hundreds of things
// beside; with -long each of them all of it, and thousands.
func TestApart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := makeWorlds(t, t.TempDir())
		var script []byte
		for i := range w.asked { // each of the author's own, by everybody
			for who := range intruders(coach.Team{}) {
				if (i+who)%3 > 0 && !*long {
					continue
				}
				script = append(script, byte(who), 0, byte(i>>8), byte(i), 1, byte(1+i%2))
			}
		}
		random := rand.New(rand.NewPCG(1, 2))
		for range map[bool]int{false: 400, true: 8000}[*long] {
			script = binary.LittleEndian.AppendUint64(script, random.Uint64())[:len(script)+gestureSize]
		}
		t.Logf("%d gestures, with %d actions and %d arguments of the author's", len(script)/gestureSize, len(w.asked), len(w.args))
		w.attack(t, script)
	})
}

// FuzzApart lets others do anything at all.
func FuzzApart(f *testing.F) {
	f.Add([]byte("\x00\x00\x00\x05\x01\x01\x01\x02\x10\x20\x30\x00"))
	f.Add([]byte("\x03\x0e\x08\x11\x22\x03\x04\x01\x00\x09\x07\x05\x08\x0a\x03\x04\x05\x0f"))
	dir := f.TempDir()
	var once sync.Once
	var w *worlds
	f.Fuzz(func(t *testing.T, script []byte) {
		if len(script) > 64*gestureSize {
			t.Skip("too long")
		}
		synctest.Test(t, func(t *testing.T) {
			once.Do(func() { w = makeWorlds(t, dir) })
			w.attack(t, script)
		})
	})
}

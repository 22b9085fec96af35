package main

import (
	"bytes"
	"database/sql"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"rapport/adapters/discord/discordtest"
	"rapport/adapters/keyring"
	"rapport/adapters/slack/slacktest"
)

// How keys are changed.
var (
	newMaster = []string{"key", "rotate"}
	newData   = []string{"key", "rotate", "--data"}
)

// erasures are the ways in which somebody may be erased. Each leaves a folder in
// which they wrote the marker, were copied into old.db, and were erased. who is
// how the command line names them; name is how files would.
var erasures = []struct {
	way    string
	rotate [][]string // afterwards; with -long there is nothing that is left out
	does   func(t *testing.T) (dir, who, name string)
}{
	{"rapport forget", [][]string{newMaster}, func(t *testing.T) (dir, who, name string) {
		dir, who = seeded(t), "web/Demo/ada"
		for _, args := range [][]string{{"backup", "old.db"}, {"forget", who}} {
			if status, _, stderr := command(t, dir, nil, args...); status != 0 {
				t.Fatal(stderr)
			}
		}
		return dir, who, "ada"
	}},
	{"Slack", [][]string{nil}, func(t *testing.T) (dir, who, name string) {
		o := openOffice(t, "http", monday, slacktest.Setup{})
		ben := o.in("Ben", "general")
		ben.Command("/rapport journal")
		ben.Press(nil, "Write")
		ben.Submit(ben.WaitModal("Journal"), map[string]string{"A line for yourself": marker})
		if err := o.st.db.Backup(t.Context(), filepath.Join(o.env.Dir, "old.db")); err != nil {
			t.Fatal(err)
		}
		ben = o.in("Ben", "general")
		ben.Command("/rapport data")
		ben.Press(ben.WaitMessage("Erase all of it"), "Erase all of it")
		ben.Press(ben.WaitMessage("Erase everything?"), "Erase it now")
		ben.WaitMessage("Gone.")
		o.stop()
		return o.env.Dir, o.person("Ben").String(), o.s.Person("Ben").ID()
	}},
	{"Discord", [][]string{newData}, func(t *testing.T) (dir, who, name string) {
		o := openServer(t, "gateway", monday, discordtest.Setup{})
		ben := o.in("Ben", "general")
		ben.Command("/rapport", "journal")
		ben.Press(ben.WaitMessage("Write"), "Write")
		ben.Submit(ben.WaitModal("Journal"), map[string]string{"A line for yourself": marker})
		ben.WaitMessage("Kept")
		if err := o.st.db.Backup(t.Context(), filepath.Join(o.env.Dir, "old.db")); err != nil {
			t.Fatal(err)
		}
		ben = o.in("Ben", "general")
		ben.Command("/rapport", "data")
		ben.Press(ben.WaitMessage("Erase all of it"), "Erase all of it")
		ben.Press(ben.WaitMessage("Erase everything?"), "Erase it now")
		ben.WaitMessage("Gone.")
		o.stop()
		return o.env.Dir, "discord//" + o.d.Person("Ben").ID(), o.d.Person("Ben").ID()
	}},
}

// TestErasedStaysErased erases somebody in each way, changes the keys in each way
// or not at all, and tries an older backup: nothing of it opens, it is restored
// without them, and once more, and they are in no file then.
func TestErasedStaysErased(t *testing.T) {
	for _, e := range erasures {
		if *long {
			e.rotate = [][]string{nil, newMaster, newData}
		}
		for _, rotate := range e.rotate {
			t.Run(strings.Join(append([]string{e.way}, rotate...), " "), func(t *testing.T) {
				dir, who, user := e.does(t)
				old := filepath.Join(dir, "old.db")
				if body := read(t, old); !bytes.Contains(body, []byte(user)) || found(body, marker) != "" {
					t.Fatal("the old backup lacks the person, or holds their words in clear: the test looks in the wrong place")
				}
				if rotate != nil {
					if status, _, stderr := command(t, dir, nil, rotate...); status != 0 {
						t.Fatal(stderr)
					}
				}
				sealedFor(t, dir, old, user)
				for range 2 {
					status, stdout, stderr := command(t, dir, nil, "restore", "old.db")
					if status != 0 || !strings.Contains(stdout, "Erased again: 1 account") {
						t.Fatalf("restore: got status %d, %q, %q", status, stdout, stderr)
					}
					if status, _, stderr := command(t, dir, nil, "export", who); status != 1 || !strings.Contains(stderr, "nothing is kept") {
						t.Errorf("export after the restore: got status %d and %q", status, stderr)
					}
					inNoFile(t, dir, user, "old.db")
				}
			})
		}
	}
}

// sealedFor demands that of an old backup the present keys open nothing of one
// person's and all of the others'.
func sealedFor(t *testing.T, dir, file, user string) {
	t.Helper()
	env := testEnv(t, nil)
	env.Dir = dir
	cfg, err := LoadConfig(env, "")
	if err != nil {
		t.Fatal(err)
	}
	master, _, err := masterKey(env, cfg, databasePath(env, cfg))
	if err != nil {
		t.Fatal(err)
	}
	ring, err := keyring.Open(keysPath(env, cfg, databasePath(env, cfg)), master)
	if err != nil {
		t.Fatal(err)
	}
	defer ring.Close()
	db, err := sql.Open("sqlite", "file:"+strings.NewReplacer("#", "%23", "?", "%3f").Replace(file)+"?mode=ro")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	rows, err := db.Query(`SELECT i.person = $1, n.account_id, 'note/' || n.seal_row, n.words FROM note n JOIN identity i ON i.account_id = n.account_id`, user)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	seen := 0
	for rows.Next() {
		var theirs bool
		var account int64
		var place string
		var words []byte
		if err := rows.Scan(&theirs, &account, &place, &words); err != nil {
			t.Fatal(err)
		}
		plain, err := ring.Open(t.Context(), strconv.FormatInt(account, 36), place, words)
		if opens := err == nil; opens == theirs {
			t.Errorf("a note of the old backup, of the erased: %v, opens: %v (%q, %v)", theirs, opens, plain, err)
		}
		if theirs {
			seen++
		}
	}
	if err := rows.Err(); err != nil || seen == 0 {
		t.Errorf("%d notes of the erased in the old backup: %v", seen, err)
	}
}

// inNoFile demands that no file of a folder but those left out names somebody,
// or holds the marker in clear.
func inNoFile(t *testing.T, dir, user string, but ...string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if e.IsDir() || e.Name() == but[0] {
			continue
		}
		body := read(t, dir, e.Name())
		if how := found(body, marker); how != "" {
			t.Errorf("%s holds what was written, %s", e.Name(), how)
		}
		if bytes.Contains(body, []byte(user)) {
			t.Errorf("%s names who was erased", e.Name())
		}
	}
}

package sqlite

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"rapport/coach"
	"rapport/coach/coachtest"
	"rapport/coach/streak"
	"rapport/schedules"
)

const marker = "xyzzy-marker-of-own-words"

// fill writes something of every kind about who.
func fill(t testing.TB, db *DB, who coach.Person) {
	t.Helper()
	apply(t, db, "fill", who, coach.Change{Team: demo, Answer: "a", Events: []streak.Event{checkIn("k", monday)}, Zone: "Europe/Berlin",
		Settings: &coach.Settings{Rhythm: coach.Daily},
		AddNotes: []coach.Note{{At: monday, Date: "2026-11-23", Words: marker + " note"}},
		PutFlows: []coach.Flow{{ID: "f", Kind: "try", Made: monday, Words: marker + " flow"}},
		PutDraft: &coach.Draft{ID: "d", Answers: map[string]string{"words": marker + " draft"}, Expires: monday.AddDate(0, 0, 1)},
		Said:     []coach.Said{{Item: "i", Date: "2026-11-23"}},
		Wishes: []coach.Wish{{Kind: "tip", Subject: "s", Spec: "0 9 * * *", Zone: "UTC"},
			{Kind: "question", Subject: "f", Date: "2026-11-25", Minute: 600, Zone: "UTC", Exact: true}},
	})
}

// queueAll moves everything due by an instant into the outbox.
func queueAll(t testing.TB, db *DB, now time.Time) {
	t.Helper()
	due, err := db.Due(t.Context(), now, 1000)
	if err != nil {
		t.Fatal(err)
	}
	queueDue(t, db, now, due)
}

func queueDue(t testing.TB, db *DB, now time.Time, due []schedules.Due) {
	t.Helper()
	var steps []schedules.Step
	for _, d := range due {
		s := schedules.Step{Due: d, Delivery: &schedules.Delivery{Key: d.Key(), Kind: d.Kind, Subject: d.Subject, To: d.To, Lane: "l", Date: d.Date, Zone: d.Zone, Exact: d.Exact, DueAt: d.Next}}
		if d.Spec != "" {
			next, date, err := schedules.Next(d.Spec, d.Zone, d.Next, d.Date)
			if err != nil {
				t.Fatal(err)
			}
			s.Next, s.NextDate = next, date
		}
		steps = append(steps, s)
	}
	if _, err := db.Advance(t.Context(), now, steps); err != nil {
		t.Fatal(err)
	}
}

// onDisk is every byte of the database and what lies beside it.
func onDisk(t testing.TB, path string) []byte {
	t.Helper()
	files, err := filepath.Glob(path + "*")
	if err != nil || len(files) == 0 {
		t.Fatalf("files of %s: %v, %v", path, files, err)
	}
	var all []byte
	for _, f := range files {
		body, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, body...)
	}
	return all
}

func TestWordsAreSealed(t *testing.T) {
	path := filepath.Join(t.TempDir(), "rapport.db")
	db := openAt(t, path, new(coachtest.MemKeys), (&clock{monday}).now)
	fill(t, db, ann)
	if _, err := db.Keep(t.Context(), "k", "dm", []byte(marker), monday); err != nil {
		t.Fatal(err)
	}
	copy := filepath.Join(t.TempDir(), "copy.db")
	if err := db.Backup(t.Context(), copy); err != nil {
		t.Fatal(err)
	}
	for _, file := range []string{path, copy} {
		if bytes.Contains(onDisk(t, file), []byte(marker)) {
			t.Errorf("%s holds typed words", file)
		}
	}
}

// TestSealedWordsDoNotMove puts a sealed text into another row: it opens
// nowhere else.
func TestSealedWordsDoNotMove(t *testing.T) {
	db := openNew(t, &clock{monday})
	fill(t, db, ann)
	apply(t, db, "second", ann, coach.Change{AddNotes: []coach.Note{{At: monday, Words: "second"}}})
	err := db.do(t.Context(), func(t *tx) error {
		_, err := t.exec("UPDATE note SET words = (SELECT words FROM note ORDER BY id LIMIT 1)")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if notes, err := db.Notes(t.Context(), ann, 0, 9); err == nil {
		t.Errorf("Notes = %+v, want an error: a text was moved to another row", notes)
	}
}

func TestForgetLeavesNothing(t *testing.T) {
	path := filepath.Join(t.TempDir(), "rapport.db")
	keys := new(coachtest.MemKeys)
	c := &clock{monday}
	db := openAt(t, path, keys, c.now)
	who := coach.Person{Platform: "p", Realm: "realm-zzz", User: "user-zzz"}
	fill(t, db, who)
	fill(t, db, bob)
	queueAll(t, db, monday.AddDate(0, 0, 2))
	apply(t, db, "more", who, coach.Change{Wishes: []coach.Wish{{Kind: "kind-zzz", Subject: "s", Spec: "0 9 * * *", Zone: "UTC"}}})
	began := time.Now()
	if _, err := db.Forget(t.Context(), who); err != nil {
		t.Fatal(err)
	}
	if took := time.Since(began); took > time.Second {
		t.Errorf("Forget took %v, want at most 1 s", took)
	}
	for _, word := range []string{"realm-zzz", "user-zzz", "kind-zzz"} {
		if bytes.Contains(onDisk(t, path), []byte(word)) {
			t.Errorf("%q is still on disk", word)
		}
	}
	for _, table := range []string{"account", "identity", "membership", "zone_span", "event", "note", "flow", "draft", "said", "due", "outbox", "budget"} {
		var n int
		if _, err := db.one(t.Context(), []any{&n}, "SELECT count(*) FROM "+table+" WHERE (SELECT count(*) FROM account) = 1"); err != nil || n == 0 {
			t.Errorf("%s: %d rows (%v); want those of the one person left", table, n, err)
		}
	}
	if erased, err := keys.Erased(t.Context(), who); err != nil || !erased {
		t.Errorf("Erased = %v, %v; want true", erased, err)
	}
	fill(t, db, who)
	if erased, err := keys.Erased(t.Context(), who); err != nil || erased {
		t.Errorf("Erased when they are back = %v, %v; want false", erased, err)
	}
}

func TestBackupAndRestore(t *testing.T) {
	dir := t.TempDir()
	path, file := filepath.Join(dir, "rapport.db"), filepath.Join(dir, "copy.db")
	keys, c := new(coachtest.MemKeys), &clock{monday}
	db := openAt(t, path, keys, c.now)
	fill(t, db, ann)
	fill(t, db, bob)
	queueAll(t, db, monday.AddDate(0, 0, 1)) // ready then
	if err := os.WriteFile(file+".part", []byte("of a backup that was cut short"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := db.Backup(t.Context(), file); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(file + ".part"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("what was cut short is still there: %v", err)
	}
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("backup: %v, %v; want mode 0600", info.Mode(), err)
	}
	if err := db.Backup(t.Context(), file); err == nil || !strings.Contains(err.Error(), "exists") {
		t.Errorf("backup over a file: %v, want an error that says it exists", err)
	}
	if _, err := db.Forget(t.Context(), ann); err != nil {
		t.Fatal(err)
	}
	apply(t, db, "later", bob, coach.Change{AddNotes: []coach.Note{{At: monday, Words: "after the backup"}}})
	db.Close()

	c.at = monday.AddDate(0, 0, 3)
	got, err := Restore(t.Context(), file, path, Options{Keys: keys, Now: c.now})
	if err != nil {
		t.Fatal(err)
	}
	want := Restored{Aside: got.Aside, Forgotten: 1, Dropped: 1, Moved: 1, Ended: 1}
	if got != want || got.Aside == "" {
		t.Errorf("Restore = %+v, want %+v", got, want)
	}
	db = openAt(t, path, keys, c.now)
	if self, err := db.Self(t.Context(), ann); err != nil || self.Known {
		t.Errorf("who was erased is back: %+v, %v", self, err)
	}
	notes, err := db.Notes(t.Context(), bob, 0, 9)
	if err != nil || len(notes) != 1 || notes[0].Words != marker+" note" {
		t.Errorf("bob's notes = %+v, %v; want the one of the backup", notes, err)
	}
	if due, err := db.Due(t.Context(), c.at, 9); err != nil || len(due) != 0 {
		t.Errorf("Due = %+v, %v; want nothing before now", due, err)
	}
	if ds, err := db.Claim(t.Context(), schedules.Claim{Now: c.at, Machine: c.at, Owner: "o", Lease: time.Minute, PerLane: 9, Limit: 9}); err != nil || len(ds) != 0 {
		t.Errorf("Claim = %+v, %v; want nothing of before the backup", ds, err)
	}
}

func TestRestoreRefuses(t *testing.T) {
	dir := t.TempDir()
	path, file := filepath.Join(dir, "rapport.db"), filepath.Join(dir, "copy.db")
	keys := new(coachtest.MemKeys)
	db := openAt(t, path, keys, nil)
	fill(t, db, ann)
	if err := db.Backup(t.Context(), file); err != nil {
		t.Fatal(err)
	}
	db.Close()
	mustExec(t, rawOpen(t, file), "PRAGMA user_version = 99")
	_, err := Restore(t.Context(), file, path, Options{Keys: keys})
	wantFault(t, err, file, "version 99", "newer rapport")
	_, err = Restore(t.Context(), filepath.Join(dir, "none.db"), path, Options{Keys: keys})
	if err == nil {
		t.Error("a backup that does not exist was restored")
	}
	db = openAt(t, path, keys, nil)
	if self, err := db.Self(t.Context(), ann); err != nil || !self.Known {
		t.Errorf("Self after a restore that was refused = %+v, %v; want ann as before", self, err)
	}
}

func TestUpgrade(t *testing.T) {
	path := filepath.Join(t.TempDir(), "rapport.db")
	keys := new(coachtest.MemKeys)
	db := openAt(t, path, keys, nil)
	fill(t, db, ann)
	db.Close()
	next := fstest.MapFS{
		"migrations/9001_more.sql": {Data: []byte("ALTER TABLE account ADD COLUMN mood TEXT; CREATE TABLE extra (id INTEGER) STRICT;")},
		"migrations/9002_bad.sql":  {Data: []byte("ALTER TABLE nowhere ADD COLUMN x TEXT;")},
	}
	have, err := fs.Glob(released, "migrations/*.sql")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range have {
		script, err := released.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		next[name] = &fstest.MapFile{Data: script}
	}
	if err := migrate(t.Context(), path, time.Second, next); err == nil || !strings.Contains(err.Error(), "9002_bad") {
		t.Fatalf("a migration that fails: %v", err)
	}
	if err := tryOpen(t, path, keys); err != nil {
		t.Errorf("after an upgrade that failed: %v, want the old schema untouched", err)
	}
	delete(next, "migrations/9002_bad.sql")
	if err := migrate(t.Context(), path, time.Second, next); err != nil {
		t.Fatal(err)
	}
	if err := tryOpen(t, path, keys); err == nil || !strings.Contains(err.Error(), fmt.Sprintf("version %d", len(have)+1)) {
		t.Errorf("the old program on the new schema: %v", err)
	}
	copies, err := filepath.Glob(fmt.Sprintf("%s.v%d-*.bak", path, len(have)))
	if err != nil || len(copies) != 2 {
		t.Fatalf("copies = %v, %v; want one of each try", copies, err)
	}
	for _, c := range copies {
		if info, err := os.Stat(c); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("copy %s: mode %v, %v; want 0600", c, info.Mode(), err)
		}
		if err := tryOpen(t, c, keys); err != nil {
			t.Errorf("copy %s: %v, want the old schema", c, err)
		}
	}
}

// TestReleasedSchemas opens a copy of every schema that was released, as SQL in
// testdata/released, and reads what was in it. A release adds its own file.
func TestReleasedSchemas(t *testing.T) {
	files, err := filepath.Glob("testdata/released/*.sql")
	if err != nil || len(files) == 0 {
		t.Fatalf("no released schemas: %v", err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			script, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			path := filepath.Join(t.TempDir(), "rapport.db")
			raw := rawOpen(t, path)
			mustExec(t, raw, string(script))
			raw.Close()
			db := openAt(t, path, new(coachtest.MemKeys), (&clock{monday}).now)
			self, err := db.Self(t.Context(), ann)
			if err != nil || self.Ledger.Kept != 1 || self.Settings.Rhythm != coach.Daily || len(self.Flows) != 1 {
				t.Errorf("Self = %+v, %v; want a kept week, a daily rhythm and a flow", self, err)
			}
			if log, err := db.Events(t.Context(), ann); err != nil || len(log) != 1 || log[0].Key != "k" {
				t.Errorf("Events = %+v, %v; want the check-in", log, err)
			}
			if again, err := db.Apply(t.Context(), "fill", ann, coach.Change{Answer: "b"}); err != nil || again.First || again.Answer != "a" {
				t.Errorf("a request of before the upgrade = %+v, %v; want the answer it had", again, err)
			}
			if due, err := db.Due(t.Context(), monday.AddDate(0, 0, 7), 9); err != nil || len(due) != 2 || due[0].To != coach.DirectTo(ann) {
				t.Errorf("Due = %+v, %v; want ann's two", due, err)
			}
			if s, err := db.TeamSettings(t.Context(), demo); err != nil || s.Channel != "c1" || s.Owner != ann {
				t.Errorf("TeamSettings = %+v, %v; want channel c1, set up by ann", s, err)
			}
			fill(t, db, bob)
		})
	}
}

func TestExportAndDownload(t *testing.T) {
	db := openNew(t, &clock{monday})
	fill(t, db, ann)
	queueAll(t, db, monday.AddDate(0, 0, 2))
	text := func(x Export, ok bool, err error) string {
		t.Helper()
		body, jsonErr := json.Marshal(x)
		if err != nil || !ok || jsonErr != nil {
			t.Fatalf("export: %v, %v, %v", ok, err, jsonErr)
		}
		return string(body)
	}
	public := text(db.Export(t.Context(), ann))
	if strings.Contains(public, marker) {
		t.Error("an operator's export holds typed words")
	}
	private := text(db.Download(t.Context(), ann))
	for _, want := range []string{marker + " note", marker + " flow", marker + " draft"} {
		if !strings.Contains(private, want) {
			t.Errorf("the person's own download lacks %q", want)
		}
	}
	for _, want := range []string{`"checkin"`, `"tip"`, `"question"`, `"p/t1"`, `"Europe/Berlin"`, `"ready"`, `"daily"`} {
		if !strings.Contains(public, want) {
			t.Errorf("the export lacks %s: %s", want, public)
		}
	}
	if _, ok, err := db.Export(t.Context(), bob); ok || err != nil {
		t.Errorf("export of nobody: %v, %v", ok, err)
	}
}

func TestOutage(t *testing.T) {
	db := openNew(t, &clock{monday})
	for i, want := range []time.Duration{0, time.Minute, 30 * time.Hour, 0} {
		at := []time.Time{monday, monday.Add(time.Minute), monday.Add(30*time.Hour + time.Minute), monday}[i]
		if gap, err := db.Heartbeat(t.Context(), at); err != nil || gap != want {
			t.Errorf("Heartbeat %d = %v, %v; want %v", i, gap, err, want)
		}
	}
	fill(t, db, ann)                        // due within the gap
	apply(t, db, "r", bob, coach.Change{})  // nothing due
	nobody := coach.Person{User: "nothing"} // due, and never practised
	apply(t, db, "r", nobody, coach.Change{Wishes: []coach.Wish{{Kind: "tip", Subject: "s", Spec: "0 9 * * *", Zone: "UTC"}}})
	from, until := monday.Add(time.Minute), monday.Add(30*time.Hour)
	if n, err := db.Outage(t.Context(), from, from.Add(MinOutage-time.Second)); n != 0 || err != nil {
		t.Errorf("Outage of less than a day excused %d, %v", n, err)
	}
	for i, want := range []int{1, 0} {
		if n, err := db.Outage(t.Context(), from, until); n != want || err != nil {
			t.Errorf("Outage, call %d, excused %d, %v; want %d", i, n, err, want)
		}
	}
	log, err := db.Events(t.Context(), ann)
	if err != nil || len(log) != 2 || log[1].Kind != streak.Outage || log[1].From != "2026-11-23" || log[1].Until != "2026-11-24" {
		t.Errorf("Events = %+v, %v; want an outage of two days", log, err)
	}
}

func TestTidy(t *testing.T) {
	c := &clock{monday}
	keys := new(coachtest.MemKeys)
	db := openAt(t, filepath.Join(t.TempDir(), "rapport.db"), keys, c.now)
	fill(t, db, ann)
	fill(t, db, bob)
	queueAll(t, db, monday.AddDate(0, 0, 1))
	if err := db.Leave(t.Context(), bob); err != nil {
		t.Fatal(err)
	}
	got, err := db.Claim(t.Context(), schedules.Claim{Now: monday.AddDate(0, 0, 1), Machine: monday, Owner: "o", Lease: time.Minute, PerLane: 9, Limit: 9})
	if err != nil || len(got) != 1 || got[0].To != coach.DirectTo(ann) {
		t.Fatalf("Claim = %+v, %v; want nothing for who left", got, err)
	}
	if _, err := db.Settle(t.Context(), got[0], schedules.Outcome{State: schedules.Done}); err != nil {
		t.Fatal(err)
	}
	count := func(table string) (n int) {
		t.Helper()
		if _, err := db.one(t.Context(), []any{&n}, "SELECT count(*) FROM "+table); err != nil {
			t.Fatal(err)
		}
		return n
	}
	tidy := func(days, people int, want map[string]int) {
		t.Helper()
		c.at = monday.AddDate(0, 0, days)
		if n, err := db.Tidy(t.Context(), c.at); err != nil || n != people {
			t.Errorf("after %d days Tidy removed %d people, %v; want %d", days, n, err, people)
		}
		for table, n := range want {
			if got := count(table); got != n {
				t.Errorf("after %d days %d rows of %s, want %d", days, got, table, n)
			}
		}
	}
	const asked = "account WHERE recent <> x''"
	tidy(0, 0, map[string]int{asked: 2, "draft": 2, "outbox": 2, "account": 2})
	tidy(1, 0, map[string]int{asked: 2, "draft": 0, "outbox": 2})
	tidy(8, 0, map[string]int{asked: 0, "outbox": 2, "account": 2})
	tidy(31, 1, map[string]int{"account": 1, "outbox": 1})
	tidy(37, 0, map[string]int{"outbox": 0, "account": 1, "note": 1})
	if erased, _ := keys.Erased(t.Context(), bob); !erased {
		t.Error("bob's tombstone is gone after 6 days")
	}
	tidy(62, 0, nil)
	if erased, _ := keys.Erased(t.Context(), bob); erased {
		t.Error("bob's tombstone is there after 31 days")
	}
	tidy(390, 0, map[string]int{"account": 1})
	tidy(397, 1, map[string]int{"account": 0, "note": 0, "event": 0})
}

func TestClockOffset(t *testing.T) {
	db := openNew(t, &clock{monday})
	if err := db.UseChat(t.Context()); err != nil {
		t.Errorf("UseChat of a fresh database: %v", err)
	}
	if err := db.SetOffset(t.Context(), 48*time.Hour); err != nil {
		t.Fatal(err)
	}
	if got, err := db.Offset(t.Context()); err != nil || got != 48*time.Hour {
		t.Errorf("Offset = %v, %v; want 48h", got, err)
	}
	if err := db.SetOffset(t.Context(), time.Hour); !errors.Is(err, ErrBackwards) {
		t.Errorf("SetOffset back: %v, want ErrBackwards", err)
	}
	if err := db.UseChat(t.Context()); !errors.Is(err, ErrMoved) {
		t.Errorf("UseChat of a database that was moved: %v, want ErrMoved", err)
	}
}

func TestPageHistory(t *testing.T) {
	db := openNew(t, &clock{monday})
	for i, key := range []string{"a", "b", "c", "b"} {
		fresh, err := db.Keep(t.Context(), key, "dm", []byte("body "+key), monday.Add(time.Duration(i)*time.Second))
		if err != nil || fresh != (i < 3) {
			t.Errorf("Keep %d = %v, %v", i, fresh, err)
		}
	}
	if _, err := db.Keep(t.Context(), "d", "elsewhere", nil, monday); err != nil {
		t.Fatal(err)
	}
	var got []string
	err := db.Kept(t.Context(), "dm", 2, func(key string, body []byte, _ time.Time) error {
		got = append(got, key+"="+string(body))
		return nil
	})
	if want := "b=body b c=body c"; err != nil || strings.Join(got, " ") != want {
		t.Errorf("Kept = %q, %v; want %q", got, err, want)
	}
}

func TestSchedulesOfAKind(t *testing.T) {
	db := openNew(t, &clock{monday})
	fill(t, db, ann)
	got, err := db.Schedules(t.Context(), "tip")
	if err != nil || len(got) != 1 || got[0].Kind != "tip" || got[0].To != coach.DirectTo(ann) {
		t.Errorf("Schedules = %+v, %v; want ann's tip", got, err)
	}
}

// TestRestoreWhereEverybodyIsErased restores a copy whose every note belongs to
// somebody erased since: their missing keys are no sign of foreign keys.
func TestRestoreWhereEverybodyIsErased(t *testing.T) {
	dir := t.TempDir()
	path, file := filepath.Join(dir, "rapport.db"), filepath.Join(dir, "copy.db")
	keys := new(coachtest.MemKeys)
	db := openAt(t, path, keys, nil)
	fill(t, db, ann)
	if err := db.Backup(t.Context(), file); err != nil {
		t.Fatal(err)
	}
	if _, err := db.Forget(t.Context(), ann); err != nil {
		t.Fatal(err)
	}
	db.Close()
	r, err := Restore(t.Context(), file, path, Options{Keys: keys})
	if err != nil || r.Forgotten != 1 {
		t.Fatalf("Restore = %+v, %v; want one person forgotten", r, err)
	}
	db = openAt(t, path, keys, nil)
	if self, err := db.Self(t.Context(), ann); err != nil || self.Known {
		t.Errorf("Self = %+v, %v; want nobody", self, err)
	}
}

// cut is a ring whose Erase destroys the key and then fails, as a process does
// that is killed right after.
type cut struct{ *coachtest.MemKeys }

func (c cut) Erase(ctx context.Context, account string, who coach.Person, now time.Time) error {
	if err := c.MemKeys.Erase(ctx, account, who, now); err != nil {
		return err
	}
	return errors.New("cut off")
}

// TestTidyEndsAnErasure erases somebody and is cut off between the key and the
// rows: the next Tidy removes the rows.
func TestTidyEndsAnErasure(t *testing.T) {
	path := filepath.Join(t.TempDir(), "rapport.db")
	keys := new(coachtest.MemKeys)
	db := openAt(t, path, keys, nil)
	fill(t, db, ann)
	db.Close()
	db, err := Open(t.Context(), path, Options{Keys: cut{keys}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.Forget(t.Context(), ann); err == nil {
		t.Fatal("an erasure that was cut off says it is done")
	}
	db.Close()
	db = openAt(t, path, keys, nil)
	if people, err := db.Tidy(t.Context(), time.Now()); err != nil || people != 1 {
		t.Fatalf("Tidy = %d, %v; want one person", people, err)
	}
	if self, err := db.Self(t.Context(), ann); err != nil || self.Known {
		t.Errorf("Self = %+v, %v; want nobody", self, err)
	}
}

package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"rapport/coach"
	"rapport/coach/coachtest"
	"rapport/coach/streak"
)

// arrivals counts the presses that are not filed.
func arrivals(t testing.TB, db *DB) (n int) {
	t.Helper()
	if _, err := db.one(t.Context(), []any{&n}, `SELECT count(*) FROM arrival`); err != nil {
		t.Fatal(err)
	}
	return n
}

// practise is a check-in that may wait to be filed: the first of somebody in a
// week, but for the first of all.
func practise(key string, at time.Time) coach.Change {
	return coach.Change{
		Team: demo, Answer: "answer to " + key, Events: []streak.Event{checkIn(key, at)},
		PutFlows: []coach.Flow{{ID: "flow/" + key, Kind: "try", Item: "m1", Made: at, Expires: at.Add(500 * time.Hour)}},
	}
}

// TestFiledOrNot lets the same happen in three databases: in one, what arrives is
// filed when something needs it, in the others at once, by what is known in
// memory and as by a process that knows nothing. They tell the same at each step.
func TestFiledOrNot(t *testing.T) {
	c := &clock{monday}
	waiting, filed, replayed := openNew(t, c), openNew(t, c), openNew(t, c)
	most, again := 0, 0
	for step := range 400 {
		c.at = c.at.Add(time.Duration(rand.New(rand.NewPCG(3, uint64(step))).IntN(240)) * time.Hour)
		var what [3]string
		for i, db := range []*DB{waiting, filed, replayed} {
			rnd := rand.New(rand.NewPCG(4, uint64(step)))
			who := []coach.Person{ann, bob}[rnd.IntN(2)]
			var err error
			if rnd.IntN(8) > 0 {
				change := practise(fmt.Sprint("p", step), c.at)
				change.DropFlows = []string{fmt.Sprint("flow/p", step-1), fmt.Sprint("flow/p", step-2)} // one of them may be theirs
				what[i] = "practised"
				_, err = db.Apply(t.Context(), fmt.Sprint("p", step), who, change)
			} else {
				what[i], err = happen(t, db, rnd, c, step, who)
			}
			if err != nil {
				t.Fatalf("step %d, %s: %v", step, what[i], err)
			}
		}
		most = max(most, arrivals(t, waiting))
		if arrivals(t, replayed) > 0 {
			again++
			replayed.write.alone(t.Context(), func(t *tx) error { t.w.unsure(); return nil })
		}
		for _, db := range []*DB{filed, replayed} {
			if err := db.filed(t.Context()); err != nil || arrivals(t, db) != 0 {
				t.Fatalf("step %d, %s: %d not filed, %v", step, what, arrivals(t, db), err)
			}
			db.recall.forget()
		}
		for _, who := range []coach.Person{ann, bob} {
			same(t, fmt.Sprint("step ", step, ", ", what, ": Self"), waiting, filed, replayed, func(db *DB) (any, error) { return db.Self(t.Context(), who) })
			if step%20 != 0 {
				continue
			}
			same(t, "Events", waiting, filed, replayed, func(db *DB) (any, error) { return db.Events(t.Context(), who) })
			same(t, "Export", waiting, filed, replayed, func(db *DB) (any, error) {
				x, _, err := db.Export(t.Context(), who)
				x.Flows = slices.DeleteFunc(x.Flows, func(f ExportedFlow) bool { return f.Expires.Before(c.at) }) // they go sooner or later
				return x, err
			})
		}
	}
	if most < 6 || again < 60 {
		t.Errorf("at most %d presses waited at a time, and %d were replayed: want more", most, again)
	}
}

// same asks three databases the same.
func same(t *testing.T, what string, a, b, c *DB, ask func(*DB) (any, error)) {
	t.Helper()
	want, err := ask(b)
	if err != nil {
		t.Fatalf("%s: %v", what, err)
	}
	for name, db := range map[string]*DB{"not filed": a, "replayed": c} {
		if got, err := ask(db); err != nil || !reflect.DeepEqual(got, want) {
			t.Fatalf("%s, %s:\n got %+v, %v\nwant %+v", what, name, got, err, want)
		}
	}
}

// TestArrivalsOutliveTheProcess reads a copy of the files as they lie in the
// middle of it, which is what a process that is killed leaves.
func TestArrivalsOutliveTheProcess(t *testing.T) {
	path, keys, c := filepath.Join(t.TempDir(), "rapport.db"), new(coachtest.MemKeys), &clock{monday}
	db := openAt(t, path, keys, c.now)
	var last time.Time
	for i := range 20 {
		last = c.at
		for _, who := range []coach.Person{ann, bob} {
			apply(t, db, fmt.Sprint("r", i), who, practise(fmt.Sprint("k", i), c.at))
		}
		c.at = c.at.AddDate(0, 0, 7)
	}
	c.at = last
	if n := arrivals(t, db); n != 2*19 { // the first makes the account
		t.Fatalf("%d presses are not filed, want 38", n)
	}
	copied := filepath.Join(t.TempDir(), "copy.db")
	for _, end := range []string{"", "-wal"} {
		body, err := os.ReadFile(path + end)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(copied+end, body, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	next := openAt(t, copied, keys, c.now)
	if n := arrivals(t, next); n != 0 {
		t.Errorf("%d presses are not filed after the start, want 0", n)
	}
	for _, who := range []coach.Person{ann, bob} {
		want, err := db.Self(t.Context(), who)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := next.Self(t.Context(), who); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s:\n got %+v, %v\nwant %+v", who.User, got, err, want)
		}
		for i := range 20 {
			got := apply(t, next, fmt.Sprint("r", i), who, practise(fmt.Sprint("k", i), c.at))
			if got.First || got.Answer != fmt.Sprint("answer to k", i) {
				t.Errorf("request %d again: %+v, want what it was answered first", i, got)
			}
		}
		if got := apply(t, next, "r19", who, practise("other", c.at)); got.First || got.Answer != "answer to k19" {
			t.Errorf("the last request again, with something else in it: %+v, want what it was answered first", got)
		}
		if x, _, err := next.Export(t.Context(), who); err != nil || !x.Seen.Equal(last) {
			t.Errorf("last seen %v (%v), want %v", x.Seen, err, last)
		}
	}
}

// TestTwoProcessesPractise lets two open databases of one file take turns, in
// which neither reads anything: each files what the other has left.
func TestTwoProcessesPractise(t *testing.T) {
	path, keys, c := filepath.Join(t.TempDir(), "rapport.db"), new(coachtest.MemKeys), &clock{monday}
	dbs := []*DB{openAt(t, path, keys, c.now), openAt(t, path, keys, c.now)}
	const weeks = 30
	for i := range weeks {
		for _, who := range []coach.Person{ann, bob} {
			apply(t, dbs[i/3%2], fmt.Sprint("r", i), who, practise(fmt.Sprint("k", i), c.at))
		}
		c.at = c.at.AddDate(0, 0, 7)
	}
	for i, db := range dbs {
		for _, who := range []coach.Person{ann, bob} {
			self, err := db.Self(t.Context(), who)
			events, err2 := db.Events(t.Context(), who)
			if err != nil || err2 != nil || self.Ledger.Kept != weeks || len(events) != weeks {
				t.Errorf("database %d: %d weeks of %s kept (%v) by %d events (%v), want %d", i, self.Ledger.Kept, who.User, err, len(events), err2, weeks)
			}
		}
	}
}

// TestOnlyWhatIsFiledWaits puts into a change that may wait everything else there
// is: what filing does not know must be written at once.
func TestOnlyWhatIsFiledWaits(t *testing.T) {
	db, filed := openNew(t, &clock{monday}), []string{"Team", "Answer", "Events", "PutFlows", "DropFlows", "Tried", "Untried"}
	apply(t, db, "r", ann, practise("k", monday))
	k := db.recall.kept(ann)
	k.keys = []uint32{shortKey("k")}
	waits := func(c coach.Change) bool {
		ok, err := (&press{who: ann, change: c, before: k}).waits(nil, k)
		if err != nil {
			t.Fatal(err)
		}
		return ok
	}
	next := practise("next", monday.AddDate(0, 0, 7))
	if !waits(next) {
		t.Fatal("a check-in does not wait")
	}
	for i := range reflect.TypeFor[coach.Change]().NumField() {
		name, more := reflect.TypeFor[coach.Change]().Field(i).Name, next
		switch to := reflect.ValueOf(&more).Elem().Field(i); to.Kind() {
		case reflect.Slice:
			to.Set(reflect.Append(to, reflect.Zero(to.Type().Elem())))
		case reflect.Pointer:
			to.Set(reflect.New(to.Type().Elem()))
		case reflect.String:
			to.SetString("x")
		case reflect.Bool:
			to.SetBool(true)
		}
		if got, want := waits(more), slices.Contains(filed, name) && name != "Events"; got != want {
			t.Errorf("with %s it waits: %v, want %v", name, got, want)
		}
	}
}

// TestArrivedTwice makes the same check-in by two requests: the second is
// answered as the first, filed or not.
func TestArrivedTwice(t *testing.T) {
	db := openNew(t, &clock{monday})
	for i, key := range []string{"a", "b", "b", "a", "c"} {
		again := i == 2 || i == 3
		change := practise(key, monday.AddDate(0, 0, 7*i))
		change.Answer = fmt.Sprint(key, i)
		got := apply(t, db, fmt.Sprint("r", i), ann, change)
		if got.First == again || again && got.Answer != map[string]string{"a": "a0", "b": "b1"}[key] {
			t.Errorf("%d: %+v", i, got)
		}
	}
	if events, err := db.Events(t.Context(), ann); err != nil || len(events) != 3 {
		t.Errorf("%d events, %v; want 3", len(events), err)
	}
}

// TestArrivalsOfALostGroup lets a call fail that has written, amid others: what
// arrived with it is there once, and is filed.
func TestArrivalsOfALostGroup(t *testing.T) {
	db := openNew(t, &clock{monday})
	who := func(i int) coach.Person { return coach.Person{Platform: "p", Realm: "r", User: fmt.Sprint(i)} }
	next := monday.AddDate(0, 0, 7)
	for i := range 10 {
		apply(t, db, "first", who(i), practise("first", monday))
	}
	release := hold(t, db)
	var calls sync.WaitGroup
	for i := range 5 {
		calls.Go(func() {
			if _, err := db.Apply(context.Background(), "second", who(i), practise("second", next)); err != nil {
				t.Error(err)
			}
		})
	}
	gather(db, 5)
	calls.Go(func() {
		change := practise("refused", monday)
		change.Wishes = []coach.Wish{{Kind: "tip", Spec: "never", Zone: "UTC"}}
		if _, err := db.Apply(context.Background(), "refused", ann, change); err == nil {
			t.Error("a wish that cannot be was taken")
		}
	})
	gather(db, 6)
	for i := 5; i < 10; i++ {
		calls.Go(func() {
			if _, err := db.Apply(context.Background(), "second", who(i), practise("second", next)); err != nil {
				t.Error(err)
			}
		})
	}
	gather(db, 11)
	release()
	calls.Wait()
	if n := arrivals(t, db); n != 10 {
		t.Errorf("%d presses wait, want 10", n)
	}
	for i := range 10 {
		if self, err := db.Self(t.Context(), who(i)); err != nil || len(self.Ledger.Weeks) != 2 {
			t.Errorf("%d: %+v, %v; want two weeks", i, self.Ledger, err)
		}
		if events, err := db.Events(t.Context(), who(i)); err != nil || len(events) != 2 {
			t.Errorf("%d: %d events, %v; want 2", i, len(events), err)
		}
	}
}

// TestMuchIsFiled makes more check-ins than may wait.
func TestMuchIsFiled(t *testing.T) {
	db := openNew(t, &clock{monday})
	const people, full = 100, 500
	const weeks = full/people + 4
	if err := db.write.alone(t.Context(), func(t *tx) error { t.w.full = full; return nil }); err != nil {
		t.Fatal(err)
	}
	who := func(i int) coach.Person { return coach.Person{Platform: "p", Realm: "r", User: fmt.Sprint(i % people)} }
	most := 0
	for week := range weeks {
		times(people, 50, func(i int) {
			if _, err := db.Apply(context.Background(), fmt.Sprint("r", week), who(i), practise(fmt.Sprint("k", week), monday.AddDate(0, 0, 7*week))); err != nil {
				t.Error(err)
			}
		})
		if err := db.Ping(t.Context()); err != nil { // behind what is filed
			t.Fatal(err)
		}
		most = max(most, arrivals(t, db))
	}
	if n := arrivals(t, db); n > 4*people || most < full-people {
		t.Errorf("%d presses wait, %d waited; want that they are filed at %d", n, most, full)
	}
	for i := range people {
		self, err := db.Self(t.Context(), who(i))
		events, err2 := db.Events(t.Context(), who(i))
		if err != nil || err2 != nil || self.Ledger.Kept != weeks || len(events) != weeks {
			t.Fatalf("%d: %+v (%v) of %d events (%v), want %d", i, self.Ledger, err, len(events), err2, weeks)
		}
	}
}

// TestErasedArrivals erases somebody whose presses wait.
func TestErasedArrivals(t *testing.T) {
	path, c := filepath.Join(t.TempDir(), "rapport.db"), &clock{monday}
	db := openAt(t, path, new(coachtest.MemKeys), c.now)
	for i := range 3 {
		apply(t, db, fmt.Sprint("r", i), ann, practise(fmt.Sprint("key-of-ann", i), c.at))
		apply(t, db, fmt.Sprint("r", i), bob, practise(fmt.Sprint("key-of-bob", i), c.at))
		c.at = c.at.AddDate(0, 0, 7)
	}
	if n := arrivals(t, db); n != 4 {
		t.Fatalf("%d presses wait, want 4", n)
	}
	if _, err := db.Forget(t.Context(), ann); err != nil {
		t.Fatal(err)
	}
	if body := string(onDisk(t, path)); strings.Contains(body, "key-of-ann") || !strings.Contains(body, "key-of-bob") {
		t.Errorf("on disk: what was erased %v, what was not %v", strings.Contains(body, "key-of-ann"), strings.Contains(body, "key-of-bob"))
	}
	if events, err := db.Events(t.Context(), bob); err != nil || len(events) != 3 {
		t.Errorf("%d events of the other (%v), want 3", len(events), err)
	}
}

// TestManyPeopleAreFiled lets more people check in than are known at a time: not
// much waits then, and little has to be known of who waits.
func TestManyPeopleAreFiled(t *testing.T) {
	db := openNew(t, &clock{monday})
	const people = maxKnown + 200
	who := func(i int) coach.Person { return coach.Person{Platform: "p", Realm: "r", User: fmt.Sprint(i)} }
	for week := range 3 {
		times(people, 50, func(i int) {
			if _, err := db.Apply(context.Background(), fmt.Sprint("r", week), who(i), practise(fmt.Sprint("k", week), monday.AddDate(0, 0, 7*week))); err != nil {
				t.Error(err)
			}
		})
		if err := db.Ping(t.Context()); err != nil { // behind what is filed
			t.Fatal(err)
		}
		if n := arrivals(t, db); n >= maxKnown {
			t.Errorf("%d presses wait after week %d", n, week)
		}
	}
	for i := 1; i <= people; i += 100 {
		if self, err := db.Self(t.Context(), who(i)); err != nil || self.Ledger.Kept != 3 {
			t.Errorf("%d: %+v, %v; want three weeks", i, self.Ledger, err)
		}
	}
}

// TestReadsWhatCannotBeFiled lets somebody ask who is not known in memory while
// another process holds the file: they read what they did, filed or not.
func TestReadsWhatCannotBeFiled(t *testing.T) {
	path, c := filepath.Join(t.TempDir(), "rapport.db"), &clock{monday}
	db, err := Open(t.Context(), path, Options{Keys: new(coachtest.MemKeys), Now: c.now, Busy: time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	for i := range 4 {
		apply(t, db, fmt.Sprint("r", i), ann, practise(fmt.Sprint("k", i), c.at))
		c.at = c.at.AddDate(0, 0, 7)
	}
	want, err := db.Self(t.Context(), ann)
	if err != nil || want.Ledger.Kept != 4 {
		t.Fatalf("%+v, %v; want four weeks", want, err)
	}
	other, err := sql.Open("sqlite", dsn(path, time.Second))
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	held, err := other.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer held.Rollback()
	for range 2 {
		db.recall.forget()
		if got, err := db.Self(t.Context(), ann); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("\n got %+v, %v\nwant %+v", got, err, want)
		}
	}
	if n := arrivals(t, db); n != 3 {
		t.Errorf("%d presses wait, want 3", n)
	}
}

// TestFiledByOtherRules files what the ledger does not tell, as that of another
// release may: the log tells then.
func TestFiledByOtherRules(t *testing.T) {
	db := openNew(t, &clock{monday})
	for i := range 4 {
		apply(t, db, fmt.Sprint("r", i), ann, practise(fmt.Sprint("k", i), monday.AddDate(0, 0, 7*i)))
	}
	if err := db.write.alone(t.Context(), func(t *tx) error {
		t.w.unsure()
		_, err := t.exec(`UPDATE arrival SET made_at = made_at - 3000000000000, meaning = 'k' || (9 - id)`) // in another order, and long before
		return err
	}); err != nil {
		t.Fatal(err)
	}
	db.recall.forget()
	self, err := db.Self(t.Context(), ann)
	events, err2 := db.Events(t.Context(), ann)
	if want := streak.Fold(events, ""); err != nil || err2 != nil || len(events) != 4 || !reflect.DeepEqual(self.Ledger, want) {
		t.Errorf("of %d events (%v)\n got %+v, %v\nwant %+v", len(events), err2, self.Ledger, err, want)
	}
}

// BenchmarkFile files as many presses as may wait, of 1,000 people who have been
// there for a year. Nobody else writes meanwhile. Target: ms/op <= 300: less
// than people wait for an answer before they are told to wait a moment.
func BenchmarkFile(b *testing.B) {
	c := &clock{monday}
	db := openNew(b, c)
	who := func(i int) coach.Person { return coach.Person{Platform: "p", Realm: "r", User: fmt.Sprint(i % 1000)} }
	week := func() {
		c.at = c.at.AddDate(0, 0, 7)
		times(1000, 64, func(i int) {
			if _, err := db.Apply(context.Background(), c.at.String(), who(i), practise(c.at.Format(time.DateOnly), c.at)); err != nil {
				b.Error(err)
			}
		})
	}
	for range 48 {
		week()
	}
	var filing time.Duration
	for b.Loop() {
		if err := db.filed(b.Context()); err != nil {
			b.Fatal(err)
		}
		for range fileAt/1000 - 1 {
			week()
		}
		began := time.Now()
		if err := db.filed(b.Context()); err != nil {
			b.Fatal(err)
		}
		filing += time.Since(began)
	}
	b.ReportMetric(filing.Seconds()*1000/float64(b.N), "ms/op")
	b.ReportMetric(0, "ns/op")
}

// TestArrivedGoesInTime lets what filing wrote beside the ledgers grow old.
func TestArrivedGoesInTime(t *testing.T) {
	c := &clock{monday}
	db := openNew(t, c)
	for i := range 2 {
		apply(t, db, fmt.Sprint("r", i), ann, practise(fmt.Sprint("k", i), c.at))
		c.at = c.at.AddDate(0, 0, 7)
	}
	beside := func() (answers, flows int) {
		if _, err := db.one(t.Context(), []any{&answers, &flows}, `SELECT length(recent), length(flows) FROM account`); err != nil {
			t.Fatal(err)
		}
		return answers, flows
	}
	if err := db.filed(t.Context()); err != nil {
		t.Fatal(err)
	}
	if answers, flows := beside(); answers == 0 || flows == 0 {
		t.Fatalf("%d bytes of answers and %d of flows, want some", answers, flows)
	}
	c.at = c.at.Add(500*time.Hour + keepRequest)
	if _, err := db.Tidy(t.Context(), c.at); err != nil {
		t.Fatal(err)
	}
	if answers, flows := beside(); answers != 0 || flows != 0 {
		t.Errorf("%d bytes of answers and %d of flows after their time, want none", answers, flows)
	}
}

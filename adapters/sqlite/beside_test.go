package sqlite

import (
	"fmt"
	"path/filepath"
	"reflect"
	"testing"
	"time"

	"rapport/coach"
	"rapport/coach/coachtest"
)

// TestManyRequests sends more requests than lie beside a ledger, and all of them
// again: each is answered as before, by the database that took it and by another
// one that reads the file. After a week nothing is left of them.
func TestManyRequests(t *testing.T) {
	path, keys, c := filepath.Join(t.TempDir(), "rapport.db"), new(coachtest.MemKeys), &clock{monday}
	db := openAt(t, path, keys, c.now)
	const many = 3*maxRecent + 2
	ask := func(db *DB, i int) (coach.Applied, error) {
		return db.Apply(t.Context(), fmt.Sprint("r", i), ann, coach.Change{Team: demo, Answer: fmt.Sprint("a", i), Unseen: i > 0 && i%2 == 0})
	}
	for i := range many {
		c.at = c.at.Add(time.Minute)
		if got, err := ask(db, i); err != nil || !got.First {
			t.Fatalf("request %d: %+v, %v", i, got, err)
		}
	}
	for _, db := range []*DB{db, openAt(t, path, keys, c.now)} {
		for i := range many {
			if got, err := ask(db, i); err != nil || got.First || got.Answer != fmt.Sprint("a", i) {
				t.Errorf("request %d again: %+v, %v", i, got, err)
			}
		}
	}
	left := func() (beside, rows int) {
		t.Helper()
		if _, err := db.one(t.Context(), []any{&beside, &rows}, `SELECT length(recent), (SELECT count(*) FROM request) FROM account`); err != nil {
			t.Fatal(err)
		}
		return beside, rows
	}
	if beside, rows := left(); beside == 0 || rows != 3*maxRecent {
		t.Errorf("%d bytes beside the ledger and %d rows of requests, want some and %d", beside, rows, 3*maxRecent)
	}
	c.at = c.at.Add(keepRequest + time.Second)
	if _, err := db.Tidy(t.Context(), c.at); err != nil {
		t.Fatal(err)
	}
	if beside, rows := left(); beside != 0 || rows != 0 {
		t.Errorf("%d bytes beside the ledger and %d rows of requests after a week, want none", beside, rows)
	}
	if got, err := ask(db, 0); err != nil || !got.First {
		t.Errorf("a request of more than a week ago: %+v, %v; want it forgotten", got, err)
	}
}

// TestFlowsBesideTheLedger lets flows begin without words and with them, get
// words and lose none, and expire: they are the same from both places.
func TestFlowsBesideTheLedger(t *testing.T) {
	path, keys, c := filepath.Join(t.TempDir(), "rapport.db"), new(coachtest.MemKeys), &clock{monday}
	db := openAt(t, path, keys, c.now)
	flow := func(id, node, words string, days int) coach.Flow {
		return coach.Flow{ID: id, Kind: "try", Item: "i", Edition: "e", Node: node, Week: "2026-11-23", Made: monday, Expires: monday.AddDate(0, 0, days), Words: words}
	}
	put := func(flows ...coach.Flow) {
		t.Helper()
		apply(t, db, fmt.Sprint(c.at.UnixNano()), ann, coach.Change{PutFlows: flows})
		c.at = c.at.Add(time.Second)
	}
	endless := flow("d", "open", "", 0)
	endless.Expires = time.Time{}
	put(flow("c", "open", "", 3), flow("a", "open", "", 3), flow("b", "open", "words of b", 3), endless)
	put(flow("a", "open", "words of a", 3), flow("b", "done", "", 3), flow("c", "done", "", 3))
	want := []coach.Flow{flow("a", "open", "", 3), flow("b", "done", "", 3), flow("c", "done", "", 3), endless}
	same := func(what string, want []coach.Flow) {
		t.Helper()
		for _, db := range []*DB{db, openAt(t, path, keys, c.now)} {
			if self, err := db.Self(t.Context(), ann); err != nil || !reflect.DeepEqual(self.Flows, want) {
				t.Errorf("%s: flows\n got %+v, %v\nwant %+v", what, self.Flows, err, want)
			}
		}
	}
	same("put", want)
	for id, words := range map[string]string{"a": "words of a", "b": "words of b", "c": "", "d": ""} {
		if got, err := db.FlowWords(t.Context(), ann, id); err != nil || got != words {
			t.Errorf("words of %s: %q, %v; want %q", id, got, err, words)
		}
	}
	if r, err := db.Receipt(t.Context(), ann); err != nil || r.Flows != 4 {
		t.Errorf("Receipt = %+v, %v; want 4 flows", r, err)
	}
	x, _, err := db.Export(t.Context(), ann)
	if err != nil || len(x.Flows) != 4 || x.Flows[2].ID != "c" || x.Flows[2].Node != "done" || !x.Flows[2].Expires.Equal(want[2].Expires) {
		t.Errorf("Export = %+v, %v; want 4 flows by id", x.Flows, err)
	}
	apply(t, db, "left", ann, coach.Change{DropFlows: []string{"a"}})
	same("one left", want[1:])
	c.at = monday.AddDate(0, 0, 3)
	same("expired", want[3:])
	if _, err := db.Tidy(t.Context(), c.at); err != nil {
		t.Fatal(err)
	}
	same("tidied", want[3:])
	if r, err := db.Receipt(t.Context(), ann); err != nil || r.Flows != 1 {
		t.Errorf("Receipt = %+v, %v; want the one flow that stays", r, err)
	}
}

func TestBrokenFields(t *testing.T) {
	whole := storeAnswers([]answered{{"hash", "answer", 7}})
	for n := 1; n < len(whole); n++ {
		if got, err := loadAnswers(whole[:n]); err == nil {
			t.Errorf("%d bytes of %d read as %+v", n, len(whole), got)
		}
	}
	if got, err := loadAnswers(whole); err != nil || !reflect.DeepEqual(got, []answered{{"hash", "answer", 7}}) {
		t.Errorf("read %+v, %v", got, err)
	}
}

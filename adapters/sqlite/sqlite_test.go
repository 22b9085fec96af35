package sqlite

import (
	"path/filepath"
	"testing"
	"time"

	"rapport/coach"
	"rapport/coach/coachtest"
	"rapport/coach/streak"
	"rapport/schedules"
)

var (
	ann    = coach.Person{Platform: "p", Realm: "r", User: "ann"}
	bob    = coach.Person{Platform: "p", Realm: "r", User: "bob"}
	demo   = coach.Team{Platform: "p", ID: "t1"}
	monday = time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
)

// clock is a coach clock that tests set.
type clock struct{ at time.Time }

func (c *clock) now() time.Time { return c.at }

func openAt(t testing.TB, path string, keys Keys, now func() time.Time) *DB {
	t.Helper()
	db, err := Open(t.Context(), path, Options{Keys: keys, Now: now})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

func openNew(t testing.TB, c *clock) *DB {
	t.Helper()
	return openAt(t, filepath.Join(t.TempDir(), "rapport.db"), new(coachtest.MemKeys), c.now)
}

func checkIn(key string, at time.Time) streak.Event {
	return streak.Stamp(at, time.UTC, streak.Event{Key: key, Kind: streak.CheckIn, Step: 3, Item: "m1", Outcome: "well"})
}

func apply(t testing.TB, db *DB, id string, who coach.Person, c coach.Change) coach.Applied {
	t.Helper()
	got, err := db.Apply(t.Context(), id, who, c)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// said is what a call tells, without what is known of the person.
func said(a coach.Applied) [2]any { return [2]any{a.First, a.Answer} }

func TestCheckInEndToEnd(t *testing.T) {
	c := &clock{monday}
	db := openNew(t, c)
	change := coach.Change{Team: demo, Answer: "a1", Events: []streak.Event{checkIn("k", monday)},
		AddNotes: []coach.Note{{At: monday, Date: "2026-11-23", Words: "it went well"}},
		Wishes:   []coach.Wish{{Kind: "question", Subject: "f", Date: "2026-11-26", Minute: 9 * 60, Zone: "UTC", Exact: true}}}
	if got := apply(t, db, "r1", ann, change); said(got) != [2]any{true, "a1"} {
		t.Fatalf("first Apply = %+v", got)
	}
	if got := apply(t, db, "r1", ann, change); said(got) != [2]any{false, "a1"} {
		t.Errorf("Apply again = %+v, want the first answer", got)
	}
	self, err := db.Self(t.Context(), ann)
	if err != nil || !self.Known || self.Ledger.Kept != 1 {
		t.Errorf("Self = %+v, %v; want one kept week", self, err)
	}
	notes, err := db.Notes(t.Context(), ann, 0, 10)
	if err != nil || len(notes) != 1 || notes[0].Words != "it went well" {
		t.Errorf("Notes = %+v, %v", notes, err)
	}
	now := monday.AddDate(0, 0, 4)
	due, err := db.Due(t.Context(), now, 10)
	if err != nil || len(due) != 1 || due[0].To != coach.DirectTo(ann) {
		t.Fatalf("Due = %+v, %v; want ann's question", due, err)
	}
	d := &schedules.Delivery{Key: due[0].Key(), Kind: "question", Subject: "f", To: due[0].To, Lane: "l", Date: due[0].Date, Zone: "UTC", Exact: true, DueAt: due[0].Next}
	adv, err := db.Advance(t.Context(), now, []schedules.Step{{Due: due[0], Delivery: d}})
	if err != nil || adv[0] != schedules.Queued {
		t.Fatalf("Advance = %v, %v", adv, err)
	}
	got, err := db.Claim(t.Context(), schedules.Claim{Now: now, Machine: now, Owner: "me", Lease: time.Minute, PerLane: 1, Limit: 10})
	if err != nil || len(got) != 1 {
		t.Fatalf("Claim = %+v, %v", got, err)
	}
	if ok, err := db.Start(t.Context(), got[0], now); !ok || err != nil {
		t.Errorf("Start = %v, %v", ok, err)
	}
	if ok, err := db.Settle(t.Context(), got[0], schedules.Outcome{State: schedules.Done, Ref: "x"}); !ok || err != nil {
		t.Errorf("Settle = %v, %v", ok, err)
	}
	if r, err := db.Forget(t.Context(), ann); err != nil || r.CheckIns != 1 || r.Notes != 1 || r.Messages != 1 {
		t.Errorf("Forget = %+v, %v", r, err)
	}
	if self, err := db.Self(t.Context(), ann); err != nil || self.Known {
		t.Errorf("Self after Forget = %+v, %v", self, err)
	}
}

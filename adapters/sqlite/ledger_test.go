package sqlite

import (
	"fmt"
	"reflect"
	"testing"
	"time"

	"rapport/coach"
	"rapport/coach/streak"
)

// TestLedgerStored stores ledgers with weeks of every state.
func TestLedgerStored(t *testing.T) {
	var log []streak.Event
	seen := map[streak.State]bool{}
	for i := range 60 {
		at := monday.AddDate(0, 0, 7*i)
		switch {
		case i >= 10 && i < 20: // nothing: rest weeks, then missed ones
		case i == 25:
			log = append(log, streak.Stamp(at, time.UTC, streak.Event{Key: "p", Kind: streak.Pause, From: streak.DateOf(at), Until: streak.DateOf(at.AddDate(0, 0, 13))}))
		case i == 26:
		case i == 30:
			log = append(log, streak.Stamp(at, time.UTC, streak.Event{Key: "e", Kind: streak.Excused}))
		default:
			for n := range 1 + i%12 {
				log = append(log, checkIn(fmt.Sprint(i, "/", n), at))
			}
		}
		l := streak.Fold(log, streak.DateOf(at))
		for _, w := range l.Weeks {
			seen[w.State] = true
		}
		undone := i%2 == 0
		if got, u, err := loadLedger(storeLedger(l, undone)); err != nil || u != undone || !reflect.DeepEqual(got, l) {
			t.Fatalf("after %d weeks a ledger is read as %+v, %v; want %+v", i, got, err, l)
		}
	}
	for _, s := range stateOf {
		if !seen[s] {
			t.Errorf("no week of the test is %s", s)
		}
	}
}

// TestLedgerOfAnotherForm reads ledgers that cannot be read, or that another
// program wrote: the log is folded instead.
func TestLedgerOfAnotherForm(t *testing.T) {
	db := openNew(t, &clock{monday})
	apply(t, db, "r", ann, coach.Change{Events: []streak.Event{checkIn("k", monday)}})
	want, err := db.Self(t.Context(), ann)
	if err != nil || want.Ledger.Kept != 1 {
		t.Fatalf("Self = %+v, %v", want, err)
	}
	for _, set := range []string{"ledger = ''", "ledger = 'x' || char(10) || '{}'", "ledger = '2026-11-23z ' || char(10) || '{}'",
		"ledger = '2026-11-23kx ' || char(10) || '{}'", "ledger = char(10) || '{', form = 2", "ledger = char(10) || '{}', form = 1"} {
		err := db.do(t.Context(), func(t *tx) error { _, err := t.exec("UPDATE account SET " + set); return err })
		if err != nil {
			t.Fatal(err)
		}
		if got, err := db.Self(t.Context(), ann); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: Self = %+v, %v; want %+v", set, got, err, want)
		}
	}
}

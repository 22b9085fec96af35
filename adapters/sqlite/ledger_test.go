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
	seen, short := map[streak.State]bool{}, 0
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
		if l.Weeks = nil; plain(l) {
			short++
			if got, want := string(appendRest(nil, l, undone)), marshal(ledgerRest{l, undone}); got != want {
				t.Fatalf("after %d weeks a ledger is stored as\n%s, want\n%s", i, got, want)
			}
		}
	}
	if short < 40 {
		t.Errorf("%d ledgers of 60 are plain", short)
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

// TestLedgerWrittenWhole fills every field that appendRest may meet: one that is
// new in streak.Ledger has to be written, or kept out by plain.
func TestLedgerWrittenWhole(t *testing.T) {
	var l streak.Ledger
	all := reflect.ValueOf(&l).Elem()
	fillIn(all)
	l.Weeks, l.Starts, l.Off = nil, nil, nil
	if !plain(l) {
		t.Fatalf("%+v is not plain", l)
	}
	for _, undone := range []bool{false, true} {
		if got, want := string(appendRest(nil, l, undone)), marshal(ledgerRest{l, undone}); got != want {
			t.Errorf("stored as\n%s, want\n%s", got, want)
		}
	}
	l.Since = "\"\\"
	if got, _, err := loadLedger(storeLedger(l, false)); err != nil || got.Since != l.Since {
		t.Errorf("a date that is none is read as %q, %v", got.Since, err)
	}
}

func fillIn(v reflect.Value) {
	switch v.Kind() {
	case reflect.Int:
		v.SetInt(3)
	case reflect.Float64:
		v.SetFloat(0.625)
	case reflect.Bool:
		v.SetBool(true)
	case reflect.String:
		v.SetString("2026-11-23")
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		fillIn(v.Index(0))
		fillIn(v.Index(1))
	case reflect.Struct:
		if _, ok := v.Interface().(time.Time); ok {
			v.Set(reflect.ValueOf(monday.Add(1500 * time.Millisecond)))
			return
		}
		for i := range v.NumField() {
			fillIn(v.Field(i))
		}
	}
}

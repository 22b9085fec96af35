package sqlite

import (
	"database/sql"
	"path/filepath"
	"reflect"
	"testing"
	"time"

	_ "modernc.org/sqlite"

	"rapport/coach"
	"rapport/coach/streak"
)

func openTestDirect(t *testing.T) *direct {
	t.Helper()
	pool, err := sql.Open("sqlite", "")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { pool.Close() })
	d, err := openDirect(pool.Driver(), dsn(filepath.Join(t.TempDir(), "direct.db"), time.Second))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := d.close(); err != nil {
			t.Error(err)
		}
	})
	return d
}

// TestDirectKeepsValues stores one of each kind that we use, and reads the same.
func TestDirectKeepsValues(t *testing.T) {
	type row struct {
		Int   int64
		Small int
		Yes   bool
		Day   time.Weekday
		Kind  coach.AddressKind
		Text  string
		Date  streak.Date
		Blob  []byte
		None  []byte
		Maybe sql.NullInt64
		Never sql.NullInt64
		Word  sql.NullString
	}
	d := openTestDirect(t)
	if _, err := d.exec(`CREATE TABLE kinds (a INTEGER, b INTEGER, c INTEGER, d INTEGER, e INTEGER, f TEXT, g TEXT, h BLOB, i BLOB, j INTEGER, k INTEGER, l TEXT) STRICT`); err != nil {
		t.Fatal(err)
	}
	want := row{Int: -1 << 62, Small: 7, Yes: true, Day: time.Friday, Kind: coach.InChannel, Text: "né\n", Date: "2026-11-23", Blob: []byte{0, 1},
		Maybe: sql.NullInt64{Int64: 5, Valid: true}, Word: sql.NullString{String: "w", Valid: true}}
	n, err := d.exec(`INSERT INTO kinds VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`, want.Int, want.Small, want.Yes, want.Day, want.Kind,
		want.Text, want.Date, want.Blob, nil, want.Maybe, want.Never, want.Word)
	if n != 1 || err != nil {
		t.Fatal(n, err)
	}
	got := row{None: []byte("before"), Never: sql.NullInt64{Int64: 1, Valid: true}}
	ok, err := d.one([]any{&got.Int, &got.Small, &got.Yes, &got.Day, &got.Kind, &got.Text, &got.Date, &got.Blob, &got.None, &got.Maybe, &got.Never, &got.Word}, `SELECT * FROM kinds`)
	if !ok || err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, %v, %v; want %+v", got, ok, err, want)
	}
}

// TestDirectRefuses asks for what is not there or does not fit.
func TestDirectRefuses(t *testing.T) {
	d := openTestDirect(t)
	var n int
	var small int8
	var kind coach.AddressKind
	var s string
	if ok, err := d.one([]any{&n}, `SELECT 1 WHERE 0`); ok || err != nil {
		t.Errorf("no row: %v, %v; want false and no error", ok, err)
	}
	for query, dest := range map[string][]any{
		`SELECT 'x'`:   {&n},
		`SELECT 1`:     {&s},
		`SELECT 300`:   {&small},
		`SELECT NULL`:  {&n},
		`SELECT 1, 2`:  {&n},
		`SELECT -1`:    {&kind},
		`SELECT x'00'`: {&s},
		`SELECT $1`:    {&n}, // without an argument
		`SELEKT`:       {&n},
	} {
		if ok, err := d.one(dest, query); ok || err == nil {
			t.Errorf("%s: %v, %v; want an error", query, ok, err)
		}
	}
	if _, err := d.exec(`SELECT $1`, struct{}{}); err == nil {
		t.Error("an argument of no kind of ours was taken")
	}
	var all []int
	err := d.query(func(rows scanner) error {
		err := rows.Scan(&n)
		all = append(all, n)
		return err
	}, `VALUES (1), (2), (3)`)
	if err != nil || !reflect.DeepEqual(all, []int{1, 2, 3}) {
		t.Errorf("rows after all that: %v, %v", all, err)
	}
}

func TestNameless(t *testing.T) {
	for query, want := range map[string]string{
		`a = $1 AND b = $2`: `a = ? AND b = ?`,
		`a = $2 AND b = $1`: `a = $2 AND b = $1`,
		`$1, $1, $2`:        `$1, $1, $2`,
		`$1, $2, $2`:        `$1, $2, $2`,
		`$1, $20`:           `$1, $20`,
		`$1`:                `$1`, // of two
		`1`:                 `1`,
	} {
		if got := nameless(query, 2); got != want {
			t.Errorf("nameless(%s) = %s, want %s", query, got, want)
		}
	}
}

package sqlite

import (
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"
)

// TestReseal seals everything anew, and then nothing.
func TestReseal(t *testing.T) {
	db := openNew(t, &clock{monday})
	fill(t, db, ann)
	fill(t, db, bob)
	if _, err := db.Keep(t.Context(), "k", "channel/x", []byte(marker+" page"), monday); err != nil {
		t.Fatal(err)
	}
	texts := func() map[string]bool {
		t.Helper()
		out := map[string]bool{}
		err := db.query(t.Context(), func(rows scanner) error {
			var sealed []byte
			err := rows.Scan(&sealed)
			out[string(sealed)] = true
			return err
		}, `SELECT words FROM note UNION ALL SELECT words FROM flow UNION ALL SELECT body FROM draft UNION ALL SELECT body FROM page`)
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	old := texts()
	if len(old) != 7 {
		t.Fatalf("%d texts, want a note, a plan and a draft of two people, and one on the page", len(old))
	}
	stale := func(_ string, sealed []byte) bool { return !old[string(sealed)] }
	if found, err := db.Stale(t.Context(), stale); !found || err != nil {
		t.Errorf("before: Stale = %v, %v; want true", found, err)
	}
	if !maps.Equal(texts(), old) {
		t.Error("Stale changed something")
	}
	var told []int
	for _, want := range []int{7, 0} {
		got, err := db.Reseal(t.Context(), stale, func(r Resealed) { told = append(told, r.Texts) })
		if err != nil || got != (Resealed{Texts: want}) {
			t.Errorf("Reseal = %+v, %v; want %d texts", got, err, want)
		}
	}
	if !slices.Equal(told, []int{6, 7}) {
		t.Errorf("told of %v texts, want those of the people and then those of the page", told)
	}
	for text := range texts() {
		if old[text] {
			t.Error("a text is as it was")
		}
	}
	if found, err := db.Stale(t.Context(), stale); found || err != nil {
		t.Errorf("after: Stale = %v, %v; want false", found, err)
	}
	x, _, err := db.Download(t.Context(), ann)
	body, jsonErr := json.Marshal(x)
	if err = errors.Join(err, jsonErr); err != nil || strings.Count(string(body), marker) != 3 {
		t.Errorf("ann's words do not open: %v\n%s", err, body)
	}
	err = db.Kept(t.Context(), "channel/x", 9, func(_ string, body []byte, _ time.Time) error {
		if string(body) != marker+" page" {
			t.Errorf("the page shows %q", body)
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

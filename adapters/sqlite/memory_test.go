package sqlite

import (
	"testing"

	"rapport/coach"
)

func TestMemory(t *testing.T) {
	db := openNew(t, &clock{monday})
	for _, value := range []string{"", "one", "two"} {
		if value != "" {
			if err := db.Remember(t.Context(), "commands", value); err != nil {
				t.Fatal(err)
			}
		}
		if got, err := db.Recall(t.Context(), "commands"); got != value || err != nil {
			t.Errorf("Recall = %q, %v; want %q", got, err, value)
		}
	}
	if got, err := db.Recall(t.Context(), "other"); got != "" || err != nil {
		t.Errorf("another label: %q, %v", got, err)
	}
}

// TestRoomGoesWithThePerson keeps nothing of somebody unknown, and nothing after
// an erasure.
func TestRoomGoesWithThePerson(t *testing.T) {
	db := openNew(t, &clock{monday})
	want := func(id string) {
		t.Helper()
		if got, err := db.Room(t.Context(), ann); got != id || err != nil {
			t.Errorf("Room = %q, %v; want %q", got, err, id)
		}
	}
	keep := func(id string) {
		t.Helper()
		if err := db.KeepRoom(t.Context(), ann, id); err != nil {
			t.Fatal(err)
		}
	}
	keep("1")
	want("")
	if _, err := db.Apply(t.Context(), "r", ann, coach.Change{Team: demo}); err != nil {
		t.Fatal(err)
	}
	keep("1")
	want("1")
	keep("2")
	want("2")
	if _, err := db.Forget(t.Context(), ann); err != nil {
		t.Fatal(err)
	}
	want("")
}

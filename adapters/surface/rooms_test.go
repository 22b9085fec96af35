package surface

import (
	"fmt"
	"testing"
)

func TestRooms(t *testing.T) {
	var r Rooms
	if id, ok := r.Get("U1"); ok {
		t.Errorf("an empty one remembers %q", id)
	}
	r.Put("U1", "D1")
	r.Put("U1", "D2")
	if id, ok := r.Get("U1"); !ok || id != "D2" {
		t.Errorf("got %q, %v, want what was put last", id, ok)
	}
	r.Forget("U1")
	if id, ok := r.Get("U1"); ok {
		t.Errorf("%q is remembered after all", id)
	}
}

func TestRoomsAreBounded(t *testing.T) {
	var r Rooms
	for i := range 2 * maxRooms {
		r.Put(fmt.Sprint("U", i), fmt.Sprint("D", i))
	}
	if len(r.ids) != maxRooms {
		t.Errorf("%d are remembered, want %d", len(r.ids), maxRooms)
	}
	last := fmt.Sprint("U", 2*maxRooms-1)
	if id, ok := r.Get(last); !ok || id != fmt.Sprint("D", 2*maxRooms-1) {
		t.Errorf("got %q, %v for the latest, want it remembered", id, ok)
	}
	r.Put(last, "D") // known: nobody has to go
	if len(r.ids) != maxRooms {
		t.Errorf("%d are remembered after a change, want %d", len(r.ids), maxRooms)
	}
}

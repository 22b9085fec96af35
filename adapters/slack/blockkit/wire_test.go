package blockkit

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"rapport/coach"
	"rapport/coach/coachtest"
)

// sameWire reports where Wire says anything else than encoding/json.
func sameWire(t *testing.T, name string, m coach.Message) {
	t.Helper()
	slow, err := json.Marshal(Message(m))
	if err != nil {
		t.Fatal(err)
	}
	var got, want any
	if err := json.Unmarshal(Wire(m), &got); err != nil {
		t.Fatalf("%s: %v in %s", name, err, Wire(m))
	}
	if err := json.Unmarshal(slow, &want); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%s:\ngot  %s\nwant %s", name, Wire(m), slow)
	}
}

func TestWire(t *testing.T) {
	gallery := coachtest.Gallery()
	gallery["nothing"] = coach.Message{}
	gallery["weekly"] = weekly
	for name, m := range gallery {
		sameWire(t, name, m)
	}
}

// FuzzString holds the strings of Wire to encoding/json's.
func FuzzString(f *testing.F) {
	f.Add("a\"b\\c\n\t\x00\x1f\x7f\u2028 \u00fc \U0001f44b & <")
	f.Add("a\xff\xc0b")
	f.Add(strings.Repeat("\\", 9))
	f.Fuzz(func(t *testing.T, s string) {
		quoted, err := json.Marshal(s)
		if err != nil {
			t.Fatal(err)
		}
		var got, want string
		if err := json.Unmarshal(appendString(nil, s), &got); err != nil {
			t.Fatalf("%v in %s", err, appendString(nil, s))
		}
		if err := json.Unmarshal(quoted, &want); err != nil {
			t.Fatal(err)
		}
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	})
}

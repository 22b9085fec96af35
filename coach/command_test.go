package coach_test

import (
	"testing"

	"rapport/coach"
)

// TestCompletionsBeginFirst: what begins with what was typed comes before what
// only holds it.
func TestCompletionsBeginFirst(t *testing.T) {
	var got []string
	for _, o := range newTalk(t).coach.Complete(t.Context(), coach.Request{}, "re") {
		got = append(got, o.Value)
	}
	if len(got) < 3 || got[0] != "rehearse" || got[1] != "repair" {
		t.Errorf("got %q, want rehearse and repair first", got)
	}
}

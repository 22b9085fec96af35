package slack

import (
	"fmt"
	"testing"

	"rapport/coach"
)

func plainMessage(words string) *coach.Message {
	return &coach.Message{Sections: []coach.Section{{Text: coach.P(words)}}}
}

// A message is the same answer each time, whether or not it is kept drawn.
func TestDrawn(t *testing.T) {
	var d desk
	page := plainMessage("page")
	want := string(encode(response(*page, false)))
	for i := range 4 {
		if got := string(d.page(page)); got != want {
			t.Fatalf("time %d: %s", i, got)
		}
		one := plainMessage(fmt.Sprint("answer ", i))
		if got, want := string(d.page(one)), string(encode(response(*one, false))); got != want {
			t.Fatalf("answer %d: %s", i, got)
		}
	}
	if allocs := testing.AllocsPerRun(100, func() { d.page(page) }); allocs > 0 {
		t.Errorf("%v allocations for a page that is kept", allocs)
	}
}

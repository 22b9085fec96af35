package slack

import (
	"fmt"
	"sync"
	"testing"

	"rapport/coach"
)

func plainMessage(words string) *coach.Message {
	return &coach.Message{Sections: []coach.Section{{Text: coach.P(words)}}}
}

// The same message is drawn twice at most, others are never mixed up, and not
// more are kept than there is room for.
func TestDrawn(t *testing.T) {
	var d drawn
	page := plainMessage("page")
	want := string(encode(response(*page, false)))
	for i := range 3 * maxDrawn {
		if got := string(d.body(page)); got != want {
			t.Fatalf("time %d: %s", i, got)
		}
		one := plainMessage(fmt.Sprint("answer ", i))
		if got, want := string(d.body(one)), string(encode(response(*one, false))); got != want {
			t.Fatalf("answer %d: %s", i, got)
		}
		if n := len(d.now) + len(d.old); n > maxDrawn {
			t.Fatalf("%d messages are kept, limit %d", n, maxDrawn)
		}
	}
	kept := 0
	for _, body := range d.now {
		if body != nil {
			kept++
		}
	}
	if kept != 1 {
		t.Errorf("%d messages are kept drawn, want the one that comes again", kept)
	}
	if allocs := testing.AllocsPerRun(100, func() { d.body(page) }); allocs > 0 {
		t.Errorf("%v allocations for a page that is kept", allocs)
	}
}

func TestDrawnIsSafe(t *testing.T) {
	var d drawn
	var messages [2 * maxDrawn]*coach.Message
	for i := range messages {
		messages[i] = plainMessage(fmt.Sprint(i))
	}
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			for i, m := range messages {
				for range 3 {
					if got, want := string(d.body(m)), string(encode(response(*m, false))); got != want {
						t.Errorf("message %d: %s", i, got)
						return
					}
				}
			}
		})
	}
	all.Wait()
}

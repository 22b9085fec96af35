package surface

import (
	"encoding/json"
	"fmt"
	"sync"
	"testing"
)

// What comes again is drawn twice at most, others are never mixed up, and not
// more is kept than there is room for.
func TestDrawn(t *testing.T) {
	var d Drawn[int]
	drawn := map[int]int{}
	text := func(k int) string {
		return string(d.Text(k, func() json.RawMessage { drawn[k]++; return fmt.Append(nil, k) }))
	}
	for i := range 3 * maxDrawn {
		for _, k := range []int{-1, i} {
			if got := text(k); got != fmt.Sprint(k) {
				t.Fatalf("%d is drawn as %s", k, got)
			}
		}
		if n := len(d.now) + len(d.old); n > maxDrawn {
			t.Fatalf("%d texts are remembered, limit %d", n, maxDrawn)
		}
	}
	if drawn[-1] != 2 {
		t.Errorf("what came again was drawn %d times, want 2", drawn[-1])
	}
	kept := 0
	for _, text := range d.now {
		if text != nil {
			kept++
		}
	}
	if kept != 1 {
		t.Errorf("%d texts are kept, want the one that comes again", kept)
	}
}

func TestDrawnIsSafe(t *testing.T) {
	var d Drawn[int]
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			for i := range 6 * maxDrawn {
				k := i / 3
				if got := string(d.Text(k, func() json.RawMessage { return fmt.Append(nil, k) })); got != fmt.Sprint(k) {
					t.Errorf("%d is drawn as %s", k, got)
					return
				}
			}
		})
	}
	all.Wait()
}

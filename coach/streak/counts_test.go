package streak

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// TestCounts counts in a slice and in a map.
func TestCounts(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	for range 300 {
		var c counts
		m := map[day]int{}
		for range rnd.IntN(80) {
			w := day(7 * rnd.IntN(60))
			n := rnd.IntN(3)
			c.add(w, n)
			m[w] += n
		}
		for w := day(-7); w < 430; w++ {
			if c.of(w) != m[w] {
				t.Fatalf("%d: %d, want %d in %v", w, c.of(w), m[w], c)
			}
		}
		if len(c) != len(m) || !slices.IsSortedFunc(c, func(a, b count) int { return int(a.week - b.week) }) {
			t.Fatalf("%v, want %d in order", c, len(m))
		}
	}
}

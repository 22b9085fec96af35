package surface

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

func TestOnce(t *testing.T) {
	at := time.Unix(0, 0)
	o := NewOnce(func() time.Time { return at })
	steps := []struct {
		after time.Duration
		id    string
		want  bool
	}{
		{0, "a", true},
		{0, "a", false},
		{0, "b", true},
		{0, "", true},
		{0, "", true},
		{9 * time.Minute, "a", false},
		{2 * time.Minute, "a", false}, // of the old generation, and kept by being asked about
		{9 * time.Minute, "b", false}, // still of the old generation
		{2 * time.Minute, "a", false},
		{11 * time.Minute, "c", true},
		{11 * time.Minute, "a", true}, // gone with its generation
		{time.Hour, "c", true},
		{time.Hour, "c", true},
	}
	for i, s := range steps {
		at = at.Add(s.after)
		if got := o.First(s.id); got != s.want {
			t.Errorf("step %d: first(%q) = %t, want %t", i+1, s.id, got, s.want)
		}
	}
}

func TestOnceIsBounded(t *testing.T) {
	o := NewOnce(func() time.Time { return time.Unix(0, 0) })
	for i := range 3 * maxOnce {
		if !o.First(fmt.Sprint(i)) {
			t.Fatalf("id %d is told to be known", i)
		}
		if n := len(o.now) + len(o.old); n > maxOnce {
			t.Fatalf("%d ids are remembered, limit %d", n, maxOnce)
		}
	}
	if o.First(fmt.Sprint(3*maxOnce - 1)) {
		t.Error("the latest id is forgotten")
	}
}

func TestOnceIsSafe(t *testing.T) {
	o := NewOnce(time.Now)
	var firsts atomic.Int64
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for i := range 1000 {
				if o.First(fmt.Sprint(i)) {
					firsts.Add(1)
				}
			}
		})
	}
	all.Wait()
	if got := firsts.Load(); got != 1000 {
		t.Errorf("%d firsts of 1000 ids", got)
	}
}

package rest

import (
	"fmt"
	"net/http"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
)

// Each interaction is answered at an address of its own, for as long as the
// coach runs: nothing may be kept of them.
func TestCallbacksLeaveNothing(t *testing.T) {
	const calls, hands = 200_000, 16
	n := calls
	if testing.Short() || raced {
		n /= 20
	}
	var got atomic.Int64
	c := client(t, func(w http.ResponseWriter, r *http.Request) {
		got.Add(1)
		h := w.Header()
		h.Set("X-RateLimit-Limit", "5")
		h.Set("X-RateLimit-Remaining", "4")
		h.Set("X-RateLimit-Reset-After", "3600")
		w.WriteHeader(http.StatusNoContent)
	})
	answer := func(from, to int) {
		for i := from; i < to; i++ {
			call := Call{Method: "POST", Path: fmt.Sprintf("/interactions/%d/%064d/callback", i, i), Body: map[string]int{"type": 6}, Open: true, Free: true}
			if err := c.Do(t.Context(), call, nil); err != nil {
				t.Error(err)
				return
			}
		}
	}
	crowd := func(from, to int) {
		var wait sync.WaitGroup
		for h := range hands {
			wait.Go(func() { answer(from+h*(to-from)/hands, from+(h+1)*(to-from)/hands) })
		}
		wait.Wait()
	}
	crowd(0, n/20) // connections and buffers are there to stay
	before := heap()
	crowd(n/20, n)
	after := heap()
	if int(got.Load()) != n {
		t.Errorf("%d calls arrived, want %d", got.Load(), n)
	}
	if len(c.buckets.by) > 0 {
		t.Errorf("%d routes are remembered, want none", len(c.buckets.by))
	}
	if grown := after - before; grown > 2<<20 {
		t.Errorf("the heap grew by %d bytes over %d calls", grown, n-n/20)
	} else {
		t.Logf("the heap grew by %d bytes over %d calls", grown, n-n/20)
	}
}

// heap is how much is in use.
func heap() int64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

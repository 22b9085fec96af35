package main

import (
	"runtime"
	"testing"
)

// TestDiscordMemory has the whole program answer 10,000 commands over the
// gateway, each of which writes: the heap stays as it was.
func TestDiscordMemory(t *testing.T) {
	if !*long {
		t.Skip("answers thirty thousand commands: only with -long")
	}
	gatewayMemory(t, 10_000)
}

// BenchmarkGatewayMemory is TestDiscordMemory with 200,000 commands, and tells
// by how much the heap grew. Target: grown-KB <= 4096.
func BenchmarkGatewayMemory(b *testing.B) {
	for b.Loop() {
		b.ReportMetric(float64(gatewayMemory(b, 200_000))/1024, "grown-KB")
	}
	b.ReportMetric(0, "ns/op")
}

// gatewayMemory has the program answer some commands, and returns by how much
// the heap grew meanwhile. The load that they come from is a process of its own.
func gatewayMemory(t testing.TB, commands int) (grown int) {
	s := newGatewayBench(t)
	const crowds = 10 // of people, who take their time in turn
	asked := 0
	answer := func(n int) {
		for range n / benchPeople {
			if asked%crowds == 0 {
				s.weeks++
				s.hand.set(s.hand.Now().AddDate(0, 0, 7))
			}
			s.ask(s.full, s.weeks, asked%crowds*benchPeople)
			asked++
		}
	}
	answer(20_000) // from here on it is remembered in full which ones were seen
	heap, goroutines := heapInUse(), runtime.NumGoroutine()
	t.Logf("after %d commands: heap %d KB, %d goroutines", asked*benchPeople, heap>>10, goroutines)
	for range 5 {
		answer(commands / 5)
		grown = heapInUse() - heap
		t.Logf("after %d more: heap %+d KB, %+d goroutines", asked*benchPeople-20_000, grown>>10, runtime.NumGoroutine()-goroutines)
	}
	// In it is who asked in the last seconds, and that people's records are longer.
	if grown > 4<<20 {
		t.Errorf("%d commands left %d bytes", commands, grown)
	}
	if more := runtime.NumGoroutine() - goroutines; more > 2*benchFlight { // connections that wait for the next call
		t.Errorf("%d commands left %d goroutines", commands, more)
	}
	return grown
}

// heapInUse is what is in use of the heap.
func heapInUse() int {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int(m.HeapAlloc)
}

package discord

import (
	"context"
	"io"
	"net/http"
	"runtime"
	"sync"
	"testing"
	"time"

	"rapport/adapters/discord/rest"
	"rapport/coach"
)

// TestMemory: what was answered leaves nothing behind.
func TestMemory(t *testing.T) {
	s := &stage{t: t}
	var told sync.Map
	a := New(Options{Token: testToken, Notify: func(n Notice) { told.Store(n.What, n.Err) }})
	a.api = rest.New(rest.Options{Token: testToken, Transport: agreeable{}})
	d := newDesk(a, ourApp, coach.Steady(plain{}))
	defer d.drain(10 * time.Second)
	round := func(n int) {
		for i := range n {
			in := raw(t, s.does(command, typedCommand("rapport", "")))
			if i%2 == 1 {
				in = raw(t, s.does(press, control(coach.Do("home")), ofMessage(64)))
			}
			d.hear(in)
			if i%100 == 0 {
				wait(t, "most are answered", func() bool { return len(d.slots) < 100 })
			}
		}
		wait(t, "all is answered", func() bool { return len(d.slots) == 0 && len(d.beside) == 0 })
	}
	round(20_000) // from here on it is remembered in full which ids were seen
	heap, goroutines := size(), runtime.NumGoroutine()
	round(20_000)
	if grown := size() - heap; grown > 2<<20 {
		t.Errorf("20,000 interactions left %d bytes", grown)
	}
	if more := runtime.NumGoroutine() - goroutines; more > 2 {
		t.Errorf("20,000 interactions left %d goroutines", more)
	}
	told.Range(func(what, err any) bool {
		t.Errorf("notice %q: %v", what, err)
		return true
	})
}

// size is what is in use of the heap.
func size() int {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int(m.HeapAlloc)
}

// agreeable is a way to Discord that takes everything.
type agreeable struct{}

func (agreeable) RoundTrip(r *http.Request) (*http.Response, error) {
	_, _ = io.Copy(io.Discard, r.Body)
	r.Body.Close()
	return &http.Response{StatusCode: http.StatusNoContent, Header: http.Header{}, Body: http.NoBody, Request: r}, nil
}

// A plain coach says one thing.
type plain struct{}

func (plain) Handle(context.Context, coach.Request) (coach.Reply, error) {
	return coach.Say(message("Hello")), nil
}

func (plain) Complete(context.Context, coach.Request, string) []coach.Option { return nil }

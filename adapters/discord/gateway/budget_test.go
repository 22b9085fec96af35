package gateway

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"rapport/adapters/surface"
)

// A day of nothing but refusals, in a time of the test's own.
func TestADayOfRefusals(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBudget(usual(), func(context.Context) (Info, error) { return Info{Remaining: 1000, MaxConcurrency: 1}, nil })
		if _, err := b.ask(t.Context()); err != nil {
			t.Fatal(err)
		}
		begin := time.Now()
		var times []time.Duration
		for time.Since(begin) < 24*time.Hour {
			mine, err := b.take(t.Context(), 0, true, func(error) {})
			if err != nil {
				t.Fatal(err)
			}
			mine.spend()
			mine.leave()
			times = append(times, time.Since(begin))
		}
		for i, at := range times {
			if i >= 8 && at-times[i-8] < time.Hour {
				t.Errorf("identifies %d to %d are within %s", i-8, i, at-times[i-8])
			}
			if i > 0 && at-times[i-1] > 31*time.Minute {
				t.Errorf("waits %s after identify %d; a shard must not be away for so long", at-times[i-1], i)
			}
			if i > 0 && at-times[i-1] < 5*time.Second {
				t.Errorf("identifies %d and %d are %s apart", i-1, i, at-times[i-1])
			}
		}
		if n := len(times); n > 8*25 || n < 8*23 || times[1] > 6*time.Second || times[2] > time.Minute {
			t.Errorf("%d identifies, the first at %v", n, times[:3])
		}
		if hour, day := b.spentWithin(time.Hour), b.spentWithin(24*time.Hour); hour > 8 || day > 8*24 || day < 8*23 {
			t.Errorf("counts %d in the hour, %d in the day", hour, day)
		}
	})
}

func TestOneOfABucketAtATime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBudget(usual(), func(context.Context) (Info, error) { return Info{Remaining: 1000, MaxConcurrency: 3}, nil })
		if _, err := b.ask(t.Context()); err != nil {
			t.Fatal(err)
		}
		var mu sync.Mutex
		last := map[int]time.Time{}
		begin := time.Now()
		var all sync.WaitGroup
		for id := range 12 {
			all.Go(func() {
				mine, err := b.take(t.Context(), id, false, func(error) { t.Error("held back") })
				if err != nil {
					t.Error(err)
					return
				}
				time.Sleep(time.Second) // a slow peer
				mu.Lock()
				defer mu.Unlock()
				if since := time.Since(last[id%3]); since < 5*time.Second {
					t.Errorf("shard %d identifies %s after the last of its bucket", id, since)
				}
				last[id%3] = time.Now()
				mine.spend()
				mine.leave()
			})
		}
		all.Wait()
		if took := time.Since(begin); took > 30*time.Second {
			t.Errorf("4 of each of 3 buckets take %s; buckets must not wait for each other", took)
		}
	})
}

func TestNoneLeftWaitsUntilThereAre(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var left, looks atomic.Int32
		b := newBudget(usual(), func(context.Context) (Info, error) {
			looks.Add(1)
			return Info{Remaining: int(left.Load()), ResetAfter: 5 * time.Hour, MaxConcurrency: 1}, nil
		})
		if _, err := b.ask(t.Context()); err != nil {
			t.Fatal(err)
		}
		begin, told := time.Now(), 0
		time.AfterFunc(time.Hour, func() { left.Store(1) })
		first, err := b.take(t.Context(), 0, false, func(error) { told++ })
		if err != nil || time.Since(begin) != 5*time.Hour || told != 1 || looks.Load() != 2 {
			t.Errorf("%v after %s, told %d times, %d looks; want 5h, 1, 2", err, time.Since(begin), told, looks.Load())
		}
		// One is left and promised: nobody else has it, but it may come back.
		ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
		defer cancel()
		b.info.MaxConcurrency = 2
		if _, err := b.take(ctx, 1, false, func(error) {}); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("the last identify was given twice: %v", err)
		}
		first.leave()
		first.leave()
		again, err := b.take(t.Context(), 1, false, func(error) { t.Error("held back") })
		if err != nil {
			t.Fatal(err)
		}
		again.spend()
		again.leave()
		if wait := (&turn{budget: b, shard: 0}).reserve(); wait != 5*time.Hour {
			t.Errorf("one more than there are: wait %s", wait)
		}
	})
}

// What is sent while Discord is asked may or may not be in its answer.
func TestWhatIsSentMeanwhileCounts(t *testing.T) {
	meanwhile := func() {}
	b := newBudget(brisk().filled(), func(context.Context) (Info, error) {
		meanwhile()
		return Info{Remaining: 1, MaxConcurrency: 1}, nil
	})
	if _, err := b.ask(t.Context()); err != nil {
		t.Fatal(err)
	}
	meanwhile = func() {
		mine, err := b.take(t.Context(), 0, false, func(error) { t.Error("held back") })
		if err != nil {
			t.Fatal(err)
		}
		mine.spend()
		mine.leave()
	}
	if info, err := b.ask(t.Context()); err != nil || info.Remaining != 0 {
		t.Errorf("%d left, %v; want none", info.Remaining, err)
	}
}

// A storm of refusals, whatever they look like, ends by itself.
func TestAStormIsHeldBack(t *testing.T) {
	for name, refuse := range map[string]func(*line){
		"op 9":              func(l *line) { l.say(`{"op":9,"d":false}`) },
		"op 9, as if kept":  func(l *line) { l.say(`{"op":9,"d":true}`) },
		"op 7":              func(l *line) { l.say(`{"op":7,"d":null}`) },
		"4000":              func(l *line) { l.close(4000) },
		"4009":              func(l *line) { l.close(4009) },
		"dropped":           func(l *line) { l.drop() },
		"READY, then 1000":  func(l *line) { l.event(1, "READY", `{"session_id":"session-a"}`); l.close(1000) },
		"READY of nothing":  func(l *line) { l.event(1, "READY", `{}`); l.drop() },
		"READY, then op 9":  func(l *line) { l.event(1, "READY", `{"session_id":"session-a"}`); l.say(`{"op":9,"d":false}`) },
		"READY, then 4007s": func(l *line) { l.event(1, "READY", `{"session_id":"session-a"}`); l.close(4007) },
	} {
		t.Run(name, func(t *testing.T) {
			p := newPeer(t)
			r := start(t, p, func(o *Options) { o.Pace.Allowed = 8 })
			for range 2 {
				l := p.accept()
				l.hello(never)
				l.expect(opIdentify)
				refuse(l)
			}
			r.until("held back", func() bool { return r.told("held back") == 1 })
			if err := r.Ready(); err == nil || !strings.Contains(err.Error(), "too many sessions") || !strings.Contains(err.Error(), "in 28s") {
				t.Errorf("Ready: %v; want that it waits, and for how long", err)
			}
			if hour, day := r.Identifies(); hour != 2 || day != 2 {
				t.Errorf("identifies %d, %d; want 2 before the wait", hour, day)
			}
			p.quiet()
		})
	}
}

// With a short hour, a storm goes on for several; each shard has its own
// allowance.
func TestAStormOverHours(t *testing.T) {
	p := newPeer(t)
	const hour, allowed = 400 * time.Millisecond, 4
	r := start(t, p, func(o *Options) {
		o.Pace.Allowed, o.Pace.Hour = allowed, hour
		o.Pace.First, o.Pace.Longest = time.Microsecond, time.Microsecond
	})
	begin := time.Now()
	for range 5 * allowed {
		l := p.accept()
		l.hello(never)
		l.expect(opIdentify)
		l.say(`{"op":9,"d":false}`)
	}
	// The first of five hours' worth was at the earliest at the beginning, and
	// the last at the earliest four hours later.
	if took := time.Since(begin); took < 4*hour {
		t.Errorf("%d identifies take %s; want at least %s", 5*allowed, took, 4*hour)
	}
	if got := r.told("held back"); got < 10 {
		t.Errorf("held back %d times", got)
	}
}

func TestNoneLeft(t *testing.T) {
	p := newPeer(t)
	var early atomic.Int32
	left := make(chan int, 10)
	for _, n := range []int{0, 0, 0, 1} {
		left <- n
	}
	r := start(t, p, func(o *Options) {
		o.Look = func(context.Context) (Info, error) {
			early.Add(int32(len(p.lines)))
			info := advice(p)
			info.Remaining, info.ResetAfter = <-left, 10*time.Millisecond
			return info, nil
		}
	})
	l := p.accept()
	l.begin(never, "session-a", "")
	r.up()
	if got := r.looks.Load(); got != 4 || r.told("held back") != 3 || early.Load() != 0 {
		t.Errorf("%d looks, notices %v, %d connections too early", got, r.notices, early.Load())
	}
}

func TestLookFails(t *testing.T) {
	p := newPeer(t)
	var n atomic.Int32
	r := start(t, p, func(o *Options) {
		o.Look = func(context.Context) (Info, error) {
			if n := n.Add(1); n%4 != 0 {
				return Info{}, fmt.Errorf("Get ws://127.0.0.1/%s: words of the network", token)
			}
			return advice(p), nil
		}
	})
	l := p.accept()
	l.begin(never, "session-a", "")
	r.up()
	if got := r.told("reconnecting"); got != 3 {
		t.Errorf("told %d times; want 3", got)
	}
	l.close(1000) // now it fails while there was a connection
	l = p.accept()
	l.begin(never, "session-b", "")
	r.up()
	if got := r.looks.Load(); got != 8 {
		t.Errorf("%d looks; want 8", got)
	}
}

func TestLookIsRefused(t *testing.T) {
	refused := &surface.Fault{Text: "put the token into discord.token", Cause: ErrRefused}
	for _, before := range []int{0, 1} {
		p := newPeer(t)
		var n atomic.Int32
		r := start(t, p, func(o *Options) {
			o.Look = func(context.Context) (Info, error) {
				if int(n.Add(1)) > before {
					return Info{}, fmt.Errorf("look: %w", refused)
				}
				return advice(p), nil
			}
		})
		if before > 0 {
			l := p.accept()
			l.begin(never, "session-a", "")
			l.close(1000)
		}
		if err := r.ended(); err != error(refused) || r.Ready() != error(refused) {
			t.Errorf("after %d looks: Run %v, Ready %v; want %v", before, err, r.Ready(), refused)
		}
	}
}

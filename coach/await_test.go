package coach_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"rapport/coach"
)

// slow answers after a while, or panics.
type slow struct {
	after time.Duration
	err   error
	panic bool
}

func (s slow) Handle(context.Context, coach.Request) (coach.Reply, error) {
	time.Sleep(s.after)
	if s.panic {
		panic("boom")
	}
	return coach.Say(coach.Message{Title: "done"}), s.err
}

func (s slow) Complete(context.Context, coach.Request, string) []coach.Option { panic("boom") }

func TestAwait(t *testing.T) {
	for _, c := range []struct {
		name  string
		h     slow
		done  bool
		later bool
	}{
		{"in time", slow{after: 399 * time.Millisecond}, true, false},
		{"late", slow{after: 3 * time.Second}, false, true},
		{"a late error", slow{after: time.Second, err: errors.New("disk")}, false, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				start := time.Now()
				var calls atomic.Int32
				reply, done, err := coach.Await(t.Context(), c.h, coach.Request{}, coach.AckWait, func(r coach.Reply, e error) {
					calls.Add(1)
					if e == nil && r.Message.Title != "done" {
						t.Errorf("later got %+v", r)
					}
				})
				if waited := time.Since(start); waited > coach.AckWait {
					t.Errorf("it took %v to answer", waited)
				}
				if done != c.done || err != nil {
					t.Errorf("done %v, %v; want %v", done, err, c.done)
				}
				if !done && reply.Message.Fallback() != "One moment." {
					t.Errorf("said %q before it was done", reply.Message.Fallback())
				}
				time.Sleep(5 * time.Second)
				synctest.Wait()
				if (calls.Load() == 1) != c.later {
					t.Errorf("later was called %d times", calls.Load())
				}
			})
		})
	}
}

func TestSteady(t *testing.T) {
	h := coach.Steady(slow{panic: true})
	if _, err := h.Handle(t.Context(), coach.Request{}); err == nil {
		t.Error("a panic was no error")
	}
	if got := h.Complete(t.Context(), coach.Request{}, ""); got != nil {
		t.Errorf("completions %v", got)
	}
}

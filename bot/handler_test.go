package main

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"rapport/adapters/sqlite"
	"rapport/coach"
)

// ask sends a request whose every free part holds the marker.
func ask(h coach.Handler, verb string) (coach.Reply, error) {
	return h.Handle(context.Background(), coach.Request{
		ID: marker, From: coach.Person{Platform: "web", Realm: marker, User: marker}, Team: coach.Team{ID: marker},
		Action: coach.Do(verb, marker), Answers: map[string]string{"words": marker}, Zone: marker,
	})
}

func TestLoggedHidesErrors(t *testing.T) {
	wrapped := func(err error) error { return fmt.Errorf("done: %w", fmt.Errorf("apply: %w", err)) }
	for _, tt := range []struct {
		name string
		verb string
		err  error
		fail any // a panic
		want []string
	}{
		{name: "plain error", verb: "done", err: wrapped(errors.New(marker)), want: []string{"level=ERROR", "verb=done", "outcome=error", `class="done: apply: *errors.errorString"`}},
		{name: "words in the wrapping", verb: "step", err: fmt.Errorf("zone %q: %w", marker, errors.New("x")), want: []string{"class=*errors.errorString"}},
		{name: "database", verb: "note", err: wrapped(&sqlite.Fault{Path: "x", Fix: "the disk is full: free some space", Err: errors.New(marker)}), want: []string{`class="done: apply: database: the disk is full: free some space"`}},
		{name: "deadline", verb: "home", err: wrapped(context.DeadlineExceeded), want: []string{"outcome=timeout", `class="done: apply: deadline exceeded"`}},
		{name: "joined", verb: "home", err: errors.Join(errors.New(marker), errors.New("y")), want: []string{"class=*errors.joinError"}},
		{name: "unknown verb", verb: marker, err: errors.New(marker), want: []string{"verb=other"}},
		{name: "panic with words", verb: "tip", fail: marker, want: []string{"outcome=panic", `class="panic: string"`, "stack=", "handler_test.go"}},
		{name: "panic with an error", verb: "tip", fail: errors.New(marker), want: []string{`class="panic: *errors.errorString"`}},
		{name: "panic of the runtime", verb: "tip", fail: "index", want: []string{"index out of range [3] with length 0"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var out strings.Builder
			h := logged(handlerFunc(func(context.Context, coach.Request) (coach.Reply, error) {
				switch tt.fail {
				case nil:
					return coach.Reply{}, tt.err
				case "index":
					var none []int
					_ = none[len(none)+3]
				}
				panic(tt.fail)
			}), newLogger(&out, LogConfig{Level: "debug"}))
			reply, err := ask(h, tt.verb)
			if err == nil || !reflect.DeepEqual(reply, coach.Reply{}) {
				t.Errorf("got %+v, %v; want an error alone", reply, err)
			}
			for _, want := range tt.want {
				if !strings.Contains(out.String(), want) {
					t.Errorf("got log\n%s\nwant %s in it", out.String(), want)
				}
			}
			if leaks(out.String()) {
				t.Errorf("the log holds a person or their words:\n%s", out.String())
			}
		})
	}
}

func TestLoggedPassesAnswersOn(t *testing.T) {
	var out strings.Builder
	want := coach.Say(coach.Message{Title: marker})
	h := logged(handlerFunc(func(context.Context, coach.Request) (coach.Reply, error) { return want, nil }), newLogger(&out, LogConfig{Level: "debug"}))
	got, err := ask(h, "journal")
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, %v; want the answer", got, err)
	}
	if !strings.Contains(out.String(), "verb=journal outcome=ok took=") || leaks(out.String()) {
		t.Errorf("got log %q, want verb, outcome and duration alone", out.String())
	}
}

type brokenCompletion struct{ handlerFunc }

func (brokenCompletion) Complete(context.Context, coach.Request, string) []coach.Option {
	panic(marker)
}

func TestLoggedSurvivesCompletion(t *testing.T) {
	var out strings.Builder
	h := logged(brokenCompletion{}, newLogger(&out, LogConfig{}))
	if got := h.Complete(t.Context(), coach.Request{}, marker); got != nil {
		t.Errorf("got %v, want no completions", got)
	}
	if !strings.Contains(out.String(), "panic: string") || leaks(out.String()) {
		t.Errorf("got log %q, want a panic without its value", out.String())
	}
}

func TestLimited(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		served := 0
		h := limited(handlerFunc(func(context.Context, coach.Request) (coach.Reply, error) {
			served++
			return coach.Reply{}, nil
		}))
		try := func(user string) error {
			_, err := h.Handle(t.Context(), coach.Request{From: coach.Person{Platform: "web", Realm: "Demo", User: user}})
			return err
		}
		count := func(user string, n int) (ok int) {
			for range n {
				if try(user) == nil {
					ok++
				}
			}
			return ok
		}
		if got := count("ada", 100); got != askBurst {
			t.Errorf("at once: got %d answers, want %d", got, askBurst)
		}
		if got := count("bob", 1); got != 1 {
			t.Errorf("another person: got %d answers, want 1", got)
		}
		time.Sleep(10 * time.Second)
		if got := count("ada", 100); got != 10 {
			t.Errorf("10 s later: got %d answers, want 10", got)
		}
		for range 6 {
			time.Sleep(10 * time.Second)
			if got := count("ada", 100); got != 10 {
				t.Errorf("every 10 s: got %d answers, want 10", got)
			}
		}
		time.Sleep(time.Minute)
		if got := count("ada", 100); got != askBurst {
			t.Errorf("after a minute of rest: got %d answers, want %d", got, askBurst)
		}
		if want := 20 + 1 + 10 + 60 + 20; served != want {
			t.Errorf("got %d requests served, want %d", served, want)
		}
	})
}

// TestLimitedFormsWait sends more forms than a person may ask things: each has
// its turn, as long as the surface waits for it.
func TestLimitedFormsWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := limited(handlerFunc(func(context.Context, coach.Request) (coach.Reply, error) { return coach.Reply{}, nil }))
		ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
		defer cancel()
		ok := 0
		for range 100 {
			if _, err := h.Handle(ctx, coach.Request{Answers: map[string]string{}}); err == nil {
				ok++
			}
		}
		if ok != askBurst+30 {
			t.Errorf("got %d forms taken in 30 s, want %d", ok, askBurst+30)
		}
	})
}

func TestLimitedForgetsPeople(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := limited(handlerFunc(func(context.Context, coach.Request) (coach.Reply, error) { return coach.Reply{}, nil })).(*limiting)
		for i := range 3 * maxAskers {
			l.people.turn(coach.Person{User: fmt.Sprint(i)}, 0)
		}
		if got := len(l.people.now) + len(l.people.old); got > 2*maxAskers {
			t.Errorf("got %d people in memory, want at most %d", got, 2*maxAskers)
		}
		for range 2 {
			time.Sleep(l.people.refill() + time.Second)
			l.people.turn(coach.Person{User: "ada"}, 0)
		}
		if got := len(l.people.now) + len(l.people.old); got > 2 {
			t.Errorf("got %d people in memory after a while, want 1", got)
		}
	})
}

func TestLimitIsKind(t *testing.T) {
	var out strings.Builder
	m := newMetrics()
	h := logged(measured(limited(handlerFunc(func(context.Context, coach.Request) (coach.Reply, error) { return coach.Reply{}, nil })), m), newLogger(&out, LogConfig{}))
	var reply coach.Reply
	for range askBurst + 5 {
		var err error
		if reply, err = h.Handle(t.Context(), coach.Request{From: coach.Person{User: marker}, Action: coach.Do("tip", marker)}); err != nil { // a sent form would wait for its turn
			t.Fatal(err)
		}
	}
	if !reflect.DeepEqual(reply, slower("That was a lot at once, and I cannot keep up.")) {
		t.Errorf("got %+v, want the kind answer", reply)
	}
	if err := reply.Message.Check(); err != nil {
		t.Errorf("the kind answer does not fit a platform: %v", err)
	}
	if !strings.Contains(out.String(), "outcome=limited") || leaks(out.String()) {
		t.Errorf("got log %q, want that the request was limited", out.String())
	}
}

package discord

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"rapport/coach"
)

// after is how long turn asks to wait, 0 if it was the turn.
func after(t *testing.T, o *opener, user string, within time.Duration) time.Duration {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), within)
	defer cancel()
	err := o.turn(ctx, user)
	if err == nil {
		return 0
	}
	e, ok := errors.AsType[*coach.SendError](err)
	if !ok || e.Fate != coach.Later || e.After <= 0 || e.Why == "" {
		t.Fatalf("got %v, want it put off with a wait and a reason", err)
	}
	return e.After
}

// Five hundred who are due at once are opened one after another, at their
// places, in about as long as that must take.
func TestFiveHundredAtOnce(t *testing.T) {
	const people = 500
	for name, c := range map[string]struct {
		late  int // at most one part in so many of the wait
		tries int
		most  time.Duration
	}{
		"to the second":       {1_000_000, 2 * people, 44 * time.Minute},
		"as the courier does": {10, 3 * people, 48 * time.Minute},
	} {
		synctest.Test(t, func(t *testing.T) {
			var o opener
			opened, tries := rush(t, &o, people, c.late)
			for i := 1; i < len(opened); i++ {
				if d := opened[i].Sub(opened[i-1]); d < openGap {
					t.Fatalf("%s: %v between two", name, d)
				}
			}
			took := opened[people-1].Sub(opened[0])
			t.Logf("%s: %d opened in %v with %d tries", name, len(opened), took, tries)
			if took > c.most || tries > c.tries {
				t.Errorf("%s: took %v and %d tries, want at most %v and %d", name, took, tries, c.most, c.tries)
			}
			if len(o.places) > 0 {
				t.Errorf("%s: %d places are kept, want none", name, len(o.places))
			}
		})
	}
}

// rush has people come at once, and again when they are asked to. It returns
// when they were let through.
func rush(t *testing.T, o *opener, people, late int) (opened []time.Time, tries int) {
	var mu sync.Mutex
	var wait sync.WaitGroup
	for i := range people {
		wait.Go(func() {
			for {
				more := after(t, o, fmt.Sprint(i), 10*time.Second)
				mu.Lock()
				if tries++; more == 0 {
					opened = append(opened, time.Now())
				}
				mu.Unlock()
				if more == 0 {
					return
				}
				time.Sleep(more + rand.N(more/time.Duration(late)+1))
			}
		})
	}
	wait.Wait()
	return opened, tries
}

// Who comes back in time finds its place, and everybody exactly one.
func TestOwnPlaces(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var o opener
		if d := after(t, &o, "0", time.Minute); d != 0 {
			t.Fatalf("the first is to wait %v", d)
		}
		at := map[string]time.Time{}
		var last time.Time
		for i := range 100 {
			user := fmt.Sprint(i + 1)
			at[user] = time.Now().Add(after(t, &o, user, openReserve))
			if d := at[user].Sub(last); !last.IsZero() && (d < openGap || d > openGap+openJitter) {
				t.Errorf("%s has its place %v after the one before", user, d)
			}
			last = at[user]
		}
		for range 3 { // asking again changes nothing
			for user, at := range at {
				if again := time.Now().Add(after(t, &o, user, openReserve)); !again.Equal(at) {
					t.Fatalf("%s was moved from %v to %v", user, at, again)
				}
			}
		}
		for i := range 100 {
			user := fmt.Sprint(i + 1)
			time.Sleep(time.Until(at[user]))
			if d := after(t, &o, user, openReserve); d != 0 {
				t.Errorf("%s is to wait %v at its place", user, d)
			}
		}
	})
}

// A turn that is near is waited for, as long as there is time to send then.
func TestNearTurn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var o opener
		after(t, &o, "first", time.Minute)
		begun := time.Now()
		if d := after(t, &o, "second", openGap+openReserve); d < openGap || time.Since(begun) > 0 {
			t.Errorf("after %v: got a wait of %v, want it put off at once", time.Since(begun), d)
		}
		if d := after(t, &o, "second", 10*time.Second); d != 0 || time.Since(begun) < openGap || time.Since(begun) > openGap+openJitter {
			t.Errorf("after %v: got a wait of %v, want it waited for", time.Since(begun), d)
		}
		if err := o.turn(context.Background(), "third"); err != nil || time.Since(begun) < 2*openGap {
			t.Errorf("after %v: got %v, want it waited for without an end too", time.Since(begun), err)
		}
	})
}

// A turn that ends before it comes is kept.
func TestTurnIsGivenBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var o opener
		after(t, &o, "first", time.Minute)
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, cancel)
		if err := o.turn(ctx, "second"); !errors.Is(err, context.Canceled) {
			t.Fatalf("got %v", err)
		}
		if d := after(t, &o, "third", openReserve); d < 2*openGap-time.Second {
			t.Errorf("third is to wait %v, want it behind second", d)
		}
		time.Sleep(2 * openGap)
		if d := after(t, &o, "second", openReserve); d != 0 {
			t.Errorf("second is to wait %v", d)
		}
	})
}

// A place that nobody takes goes after an hour, and there is an end to them.
func TestPlacesGo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var o opener
		for i := range maxPlaces + 100 {
			after(t, &o, fmt.Sprint(i), openReserve)
		}
		if n := len(o.places); n > maxPlaces {
			t.Errorf("%d places are kept", n)
		}
		time.Sleep((maxPlaces + 200) * (openGap + openJitter))
		time.Sleep(placeTime)
		after(t, &o, "x", openReserve)
		after(t, &o, "y", openReserve)
		if n := len(o.places); n != 1 {
			t.Errorf("%d places are kept, want that of the last", n)
		}
	})
}

// Once Discord calls it too fast, none is opened for long, and longer where
// that happens again. Everybody keeps a place of its own.
func TestTooFast(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var o opener
		waiting := []string{"a", "b", "c"}
		after(t, &o, "first", time.Minute)
		for _, user := range waiting {
			after(t, &o, user, openReserve)
		}
		for i, want := range []time.Duration{firstBreak, 2 * firstBreak, 4 * firstBreak, 8 * firstBreak, longBreak, longBreak} {
			if d := o.tooFast("first", time.Second); d < want || d > want+time.Minute {
				t.Errorf("%d: got a wait of %v, want %v", i, d, want)
			}
			begun := time.Now()
			seen := map[time.Time]bool{}
			for _, user := range append(waiting, fmt.Sprint("new", i)) {
				at := time.Now().Add(after(t, &o, user, 10*time.Second))
				if at.Sub(begun) < want || seen[at] {
					t.Errorf("%d: %s may come after %v, another too: %v", i, user, at.Sub(begun), seen[at])
				}
				seen[at] = true
			}
			time.Sleep(want + time.Hour)
			if d := after(t, &o, "first", 10*time.Second); d != 0 {
				t.Errorf("%d: first is to wait %v", i, d)
			}
		}
		o.opened()
		if d := o.tooFast("first", 20*time.Minute); d < 20*time.Minute || d > 21*time.Minute {
			t.Errorf("got a wait of %v after one was opened, want what Discord asked for", d)
		}
	})
}

// The breaker shuts every new opening, and nothing else.
func TestOpenedTooFast(t *testing.T) {
	for _, code := range []int{openedTooFast, quarantined} {
		e := newEnd(t)
		var told []Notice
		a := e.adapter(func(o *Options) { o.Notify = func(n Notice) { told = append(told, n) } })
		a.rooms.Put("1", "77")
		e.say(opening, http.StatusForbidden, refuse(code))
		_, err := a.Send(t.Context(), toAnna, "key", saying())
		if got := fateOf(t, "opened", err, coach.Later); got.After < firstBreak || got.Why == "" {
			t.Errorf("got a wait of %v (%s), want a long one", got.After, got.Why)
		}
		e.say("", 0, "")
		for _, user := range []string{annaID, "2", "3"} {
			_, err := a.Send(t.Context(), coach.DirectTo(coach.Person{Platform: platform, User: user}), "key", saying())
			if got := fateOf(t, "another", err, coach.Later); got.After < firstBreak-time.Minute {
				t.Errorf("%s: got a wait of %v, want a long one", user, got.After)
			}
		}
		if n := len(e.names()); n != 1 {
			t.Errorf("called %v", e.names())
		}
		if _, err := a.Send(t.Context(), coach.DirectTo(coach.Person{Platform: platform, User: "1"}), "key", saying()); err != nil {
			t.Errorf("known direct messages: %v", err)
		}
		if _, err := a.Send(t.Context(), toTeam, "key", saying()); err != nil {
			t.Errorf("a channel: %v", err)
		}
		if len(told) != 1 || told[0].Err == nil {
			t.Errorf("told %v, want one notice", told)
		}
	}
}

// Direct messages that are open already are not slowed.
func TestKnownRoomsAreNotSlowed(t *testing.T) {
	e := newEnd(t)
	a := e.adapter()
	begun := time.Now()
	for i := range 20 {
		user := fmt.Sprint(i)
		a.rooms.Put(user, "77"+user)
		if _, err := a.Send(t.Context(), coach.DirectTo(coach.Person{Platform: platform, User: user}), "key", saying()); err != nil {
			t.Fatal(err)
		}
	}
	if took := time.Since(begun); took > openGap {
		t.Errorf("took %v", took)
	}
}

// Whoever had its turn and could not be opened then is not sent to the end of
// the line, and who was opened ends the breaks.
func TestTurnWithoutAnOpening(t *testing.T) {
	e := newEnd(t)
	for status, body := range map[int]string{
		http.StatusTooManyRequests: `{"message":"slow","retry_after":40}`, http.StatusBadGateway: "", http.StatusForbidden: "",
	} {
		a := e.adapter()
		e.say(opening, status, body)
		_, err := a.Send(t.Context(), toAnna, "key", saying())
		fateOf(t, fmt.Sprint(status), err, coach.Later)
		if at, has := a.opener.places[annaID]; !has || at.After(time.Now()) {
			t.Errorf("%d: got the place %v, %v; want it kept", status, at, has)
		}
	}
	e.say("", 0, "")
	a := e.adapter()
	a.opener.breaks = 3
	if _, err := a.Send(t.Context(), toAnna, "key", saying()); err != nil || a.opener.breaks != 0 || len(a.opener.places) > 0 {
		t.Errorf("got %v, %d breaks, places %v; want none", err, a.opener.breaks, a.opener.places)
	}
}

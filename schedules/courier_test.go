package schedules_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/time/rate"

	"rapport/coach"
	"rapport/schedules"
)

func fate(f coach.Fate, after time.Duration) error {
	return fmt.Errorf("send: %w", &coach.SendError{Fate: f, After: after, Err: errors.New("platform")})
}

// because is a failure that the platform explains.
func because(f coach.Fate, why string) error {
	return fmt.Errorf("send: %w", &coach.SendError{Fate: f, Why: why, Err: errors.New("platform")})
}

var (
	town   = coach.ChannelOf(demo, "town")
	market = coach.ChannelOf(demo, "market")
	ann    = coach.DirectTo(person("ann"))
)

// deliverFor calls Deliver every second for a while, as Run does.
func (r *rig) deliverFor(t *testing.T, d time.Duration) {
	t.Helper()
	for end := time.Now().Add(d); time.Now().Before(end); time.Sleep(time.Second) {
		if err := r.run.Courier.Deliver(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
}

func TestOutcomes(t *testing.T) {
	for _, c := range []struct {
		name   string
		answer error
		state  schedules.State
		want   schedules.Outcome
	}{
		{"sent", nil, schedules.Done, schedules.Outcome{State: schedules.Done, Ref: "1"}},
		{"refused", fate(coach.Never, 0), schedules.Dead, schedules.Outcome{State: schedules.Dead, Why: "refused", Ours: true}},
		{"closed", fate(coach.Closed, 0), schedules.Dead, schedules.Outcome{State: schedules.Dead, Why: "closed", Close: true}},
		{"refused, for a reason", because(coach.Never, "the text is too long"), schedules.Dead, schedules.Outcome{State: schedules.Dead, Why: "the text is too long", Ours: true}},
		{"closed, for a reason", because(coach.Closed, "the channel is archived"), schedules.Dead, schedules.Outcome{State: schedules.Dead, Why: "the channel is archived", Close: true}},
		{"no answer", fate(coach.InDoubt, 0), schedules.InDoubt, schedules.Outcome{State: schedules.InDoubt, Why: "no answer"}},
		{"an error without a fate", errors.New("reset"), schedules.InDoubt, schedules.Outcome{State: schedules.InDoubt, Why: "no answer"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				store := new(memory)
				store.put(ready(town, "k", time.Now()))
				r := wire(store, voice{})
				r.inbox.answer = func(context.Context, coach.Address, string) error { return c.answer }
				var told []error
				r.run.Courier.Settled = func(_ schedules.Delivery, o schedules.Outcome, err error) { told = append(told, err) }
				r.deliverFor(t, time.Hour)
				p := store.out[0]
				if p.state != c.state || p.outcome != c.want {
					t.Errorf("got %s %+v, want %s %+v", p.state, p.outcome, c.state, c.want)
				}
				if p.Attempt != 1 || len(told) != 1 || !errors.Is(told[0], c.answer) {
					t.Errorf("%d claims, told %v; want one, with %v", p.Attempt, told, c.answer)
				}
			})
		})
	}
}

func TestPaces(t *testing.T) {
	for _, c := range []struct {
		name string
		pace schedules.Pace
		to   func(i int) coach.Address
		n    int
		want time.Duration // until the last
	}{
		{"one a second to a channel", schedules.Pace{Channel: 1}, func(int) coach.Address { return town }, 31, 30 * time.Second},
		{"channels do not wait for each other", schedules.Pace{Channel: 1}, func(i int) coach.Address {
			return coach.ChannelOf(demo, fmt.Sprint(i%10))
		}, 30, 2 * time.Second},
		{"direct messages share a rate", schedules.Pace{Direct: rate.Every(5 * time.Second)}, func(i int) coach.Address {
			return coach.DirectTo(person(fmt.Sprint(i)))
		}, 13, time.Minute},
		{"a platform has a rate", schedules.Pace{All: 10}, func(i int) coach.Address {
			return coach.ChannelOf(demo, fmt.Sprint(i))
		}, 101, 10 * time.Second},
		{"no limits", schedules.Pace{}, func(int) coach.Address { return town }, 500, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				store := new(memory)
				for i := range c.n {
					store.put(ready(c.to(i), fmt.Sprint(i), time.Now()))
				}
				r := wire(store, voice{})
				r.run.Courier.Pace = map[coach.Platform]schedules.Pace{"p": c.pace}
				begin := time.Now()
				r.deliverFor(t, 3*time.Minute)
				got := r.inbox.arrivals()
				if len(got) != c.n {
					t.Fatalf("%d arrived, want %d", len(got), c.n)
				}
				last := got[len(got)-1].real.Sub(begin)
				if last < c.want || last > c.want+c.want/5+time.Second {
					t.Errorf("the last came after %v, want %v", last, c.want)
				}
				for _, p := range store.out {
					if p.Attempt > 2 {
						t.Errorf("%s was claimed %d times", p.Key, p.Attempt)
					}
				}
				if c.pace.Channel == 0 {
					return
				}
				seen := make(map[string]time.Time)
				for _, a := range got {
					if wait := a.real.Sub(seen[a.to.Channel]); wait < time.Second {
						t.Errorf("two messages to %s within %v", a.to.Channel, wait)
					}
					seen[a.to.Channel] = a.real
				}
			})
		})
	}
}

// Lanes keep their order, also where the lane is long.
func TestOrderInLane(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := new(memory)
		var want []string
		for i := range 60 {
			want = append(want, fmt.Sprintf("%02d", i))
			store.put(ready(town, want[i], time.Now()))
		}
		r := wire(store, voice{})
		r.inbox.answer = func(context.Context, coach.Address, string) error { time.Sleep(100 * time.Millisecond); return nil }
		r.deliverFor(t, time.Minute)
		var got []string
		for _, a := range r.inbox.arrivals() {
			got = append(got, a.key)
		}
		if !slices.Equal(got, want) {
			t.Errorf("got %v", got)
		}
	})
}

func TestSlowLaneHoldsUpNobody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := new(memory)
		for i := range 20 {
			store.put(ready(town, fmt.Sprint("slow", i), time.Now()))
		}
		r := wire(store, voice{})
		r.inbox.answer = func(_ context.Context, to coach.Address, _ string) error {
			if to == town {
				time.Sleep(9 * time.Second)
			}
			return nil
		}
		begin := time.Now()
		done := make(chan struct{})
		go func() { defer close(done); r.deliverFor(t, 4*time.Minute) }()
		time.Sleep(5 * time.Second)
		store.put(ready(market, "quick", time.Now()))
		r.run.Courier.Wake()
		synctest.Wait()
		got := r.inbox.arrivals()
		if len(got) != 1 || got[0].key != "quick" {
			t.Errorf("after 5 s %d arrived, want the quick one alone: %v", len(got), got)
		}
		<-done
		if n := len(r.inbox.arrivals()); n != 21 {
			t.Errorf("%d arrived, want all 21", n)
		}
		if last := r.inbox.arrivals()[20].real.Sub(begin); last > 4*time.Minute {
			t.Errorf("the slow lane took %v", last)
		}
		for _, p := range store.out {
			if p.state != schedules.Done || p.Attempt > 10 {
				t.Errorf("%s is %s after %d claims", p.Key, p.state, p.Attempt)
			}
		}
	})
}

func TestFewHands(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := new(memory)
		for i := range 100 {
			store.put(ready(coach.ChannelOf(demo, fmt.Sprint(i)), fmt.Sprint(i), time.Now()))
		}
		r := wire(store, voice{})
		r.run.Courier.Lanes = 4
		var mu sync.Mutex
		now, most := 0, 0
		r.inbox.answer = func(context.Context, coach.Address, string) error {
			mu.Lock()
			now++
			most = max(most, now)
			mu.Unlock()
			time.Sleep(time.Second)
			mu.Lock()
			now--
			mu.Unlock()
			return nil
		}
		begin := time.Now()
		r.deliverFor(t, time.Minute)
		got := r.inbox.arrivals()
		if len(got) != 100 || most != 4 {
			t.Errorf("%d arrived, at most %d at once; want 100 and 4", len(got), most)
		}
		if last := got[len(got)-1].real.Sub(begin); last > 30*time.Second {
			t.Errorf("took %v, want about 25 s", last)
		}
	})
}

func TestWidth(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := new(memory)
		for i := range 40 {
			store.put(ready(coach.DirectTo(person(fmt.Sprint(i))), fmt.Sprint(i), time.Now()))
		}
		r := wire(store, voice{})
		r.run.Courier.Pace = map[coach.Platform]schedules.Pace{"p": {Width: 5}}
		r.inbox.answer = func(context.Context, coach.Address, string) error { time.Sleep(time.Second); return nil }
		begin := time.Now()
		if err := r.run.Courier.Deliver(t.Context()); err != nil {
			t.Fatal(err)
		}
		if took := time.Since(begin); len(r.inbox.arrivals()) != 40 || took != 8*time.Second {
			t.Errorf("%d arrived in %v, want 40 in 8 s", len(r.inbox.arrivals()), took)
		}
	})
}

func TestRetryAfter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := new(memory)
		store.put(ready(town, "a", time.Now()), ready(market, "c", time.Now())) // and b in town, later
		r := wire(store, voice{})
		begin := time.Now()
		var tries []time.Duration
		r.inbox.answer = func(_ context.Context, to coach.Address, _ string) error {
			if to != town {
				return nil
			}
			tries = append(tries, time.Since(begin))
			if time.Since(begin) < 30*time.Second {
				return fate(coach.Later, 30*time.Second)
			}
			return nil
		}
		time.AfterFunc(10*time.Second, func() { store.put(ready(town, "b", time.Now())) })
		r.deliverFor(t, 2*time.Minute)
		if len(tries) != 3 || tries[0] != 0 || tries[1] < 30*time.Second || tries[1] > 35*time.Second {
			t.Errorf("the throttled lane was tried after %v, want at once and after 30 s", tries)
		}
		if b := store.out[2]; b.Attempt != 1 {
			t.Errorf("b was claimed %d times, want once, when its lane was free", b.Attempt)
		}
		got := r.inbox.arrivals()
		if len(got) != 3 || got[0].key != "c" || got[0].real != begin {
			t.Errorf("got %v, want c at once", got)
		}
	})
}

// A message that has to wait alone holds up no other in its lane.
func TestLaterAlone(t *testing.T) {
	for _, alone := range []bool{true, false} {
		synctest.Test(t, func(t *testing.T) {
			time.Sleep(12 * time.Hour) // within the hours in which something may be late
			store := new(memory)
			bob := ann
			bob.Person.User = "bob"
			store.put(ready(ann, "a", time.Now()), ready(bob, "b", time.Now().Add(time.Second)))
			r := wire(store, voice{})
			begin := time.Now()
			r.inbox.answer = func(_ context.Context, to coach.Address, _ string) error {
				if to == ann && time.Since(begin) < 10*time.Minute {
					return &coach.SendError{Fate: coach.Later, After: 10 * time.Minute, Alone: alone, Err: errors.New("its place in the queue")}
				}
				return nil
			}
			r.deliverFor(t, time.Hour)
			got := r.inbox.arrivals()
			if len(got) != 2 {
				t.Fatalf("alone %v: %d arrived, want both: %v", alone, len(got), store.states())
			}
			for _, a := range got {
				if after := a.real.Sub(begin); a.key == "b" && alone != (after < time.Minute) || a.key == "a" && after < 10*time.Minute {
					t.Errorf("alone %v: %s arrived after %v", alone, a.key, after)
				}
			}
		})
	}
}

// A platform that cannot be reached is asked less and less often, and a
// delivery is given up in the end.
// A queued inbox has some people stand in line for an hour, once.
type queued struct {
	*inbox
	mu    sync.Mutex
	stood map[coach.Person]bool // true = has to stand in line yet
}

func (q *queued) Line(_ context.Context, to coach.Address) time.Duration {
	q.mu.Lock()
	defer q.mu.Unlock()
	if !q.stood[to.Person] {
		return 0
	}
	q.stood[to.Person] = false
	return time.Hour
}

// Who stands in line takes no turn of those who do not.
func TestLine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(12 * time.Hour) // within the hours in which something may be late
		store, q := new(memory), &queued{stood: map[coach.Person]bool{}}
		for i := range 110 {
			who := person(fmt.Sprint(i))
			store.put(ready(coach.DirectTo(who), fmt.Sprint(i), time.Now()))
			q.stood[who] = i < 100
		}
		r := wire(store, voice{})
		q.inbox = r.inbox
		r.run.Courier.Senders["p"] = q
		r.run.Courier.Pace = map[coach.Platform]schedules.Pace{"p": {Direct: 1}}
		begin := time.Now()
		r.deliverFor(t, 2*time.Hour)
		got := r.inbox.arrivals()
		if len(got) != 110 {
			t.Fatalf("%d arrived, want all", len(got))
		}
		for i, a := range got {
			switch waited := a.real.Sub(begin); {
			case i < 10 && waited > 15*time.Second:
				t.Errorf("%s waited %s, and did not stand in line", a.to.Person.User, waited)
			case i >= 10 && (waited < time.Hour || waited > time.Hour+2*time.Minute):
				t.Errorf("%s waited %s, and had its place after an hour", a.to.Person.User, waited)
			}
		}
	})
}

func TestLaterBacksOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := new(memory)
		store.put(ready(town, "a", time.Now()))
		r := wire(store, voice{})
		r.run.Courier.Tries = 12
		var tries []time.Time
		r.inbox.answer = func(context.Context, coach.Address, string) error {
			tries = append(tries, time.Now())
			return fate(coach.Later, 0)
		}
		r.deliverFor(t, 6*time.Hour)
		if len(tries) < 8 || len(tries) > 12 {
			t.Errorf("%d tries, want about 12", len(tries))
		}
		if got, want := store.states(), []string{"dead: too many tries"}; !slices.Equal(got, want) {
			t.Errorf("got %v, want %v", got, want)
		}
		if !store.out[0].outcome.Ours {
			t.Error("it failed for our reason and does not say so")
		}
		for i := 2; i < len(tries); i++ {
			if wait := tries[i].Sub(tries[i-1]); wait < time.Second || wait > 10*time.Minute {
				t.Errorf("try %d came after %v", i+1, wait)
			}
		}
	})
}

// A platform that does not answer loses few messages to doubt, and other
// platforms do not feel it.
func TestOutage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := new(memory)
		other := coach.Team{Platform: "q", ID: "t2"}
		for i := range 300 {
			store.put(ready(coach.ChannelOf(demo, fmt.Sprint(i)), fmt.Sprint("down", i), time.Now()))
		}
		for i := range 300 {
			store.put(ready(coach.ChannelOf(other, fmt.Sprint(i)), fmt.Sprint("up", i), time.Now()))
		}
		r := wire(store, voice{})
		well := &inbox{clock: r.hand.Now}
		r.run.Courier.Senders["q"] = well
		begin := time.Now()
		r.inbox.answer = func(ctx context.Context, _ coach.Address, _ string) error {
			if time.Since(begin) > 30*time.Minute {
				return nil
			}
			<-ctx.Done()
			return ctx.Err()
		}
		r.deliverFor(t, time.Hour)
		if got := well.arrivals(); len(got) != 300 || got[299].real.Sub(begin) > 2*time.Minute {
			t.Errorf("the other platform had %d, the last after %v", len(got), got[len(got)-1].real.Sub(begin))
		}
		doubt := 0
		for _, s := range store.states() {
			if s == "in_doubt: no answer" {
				doubt++
			} else if s != "done" {
				t.Errorf("a delivery is %s", s)
			}
		}
		if doubt == 0 || doubt > 50 {
			t.Errorf("%d of 300 are in doubt, want few", doubt)
		}
		if got := len(r.inbox.arrivals()); got != 300-doubt {
			t.Errorf("%d arrived, %d in doubt, of 300", got, doubt)
		}
	})
}

func TestDoubt(t *testing.T) {
	for _, c := range []struct {
		name   string
		doubt  schedules.Doubt
		blind  time.Duration // the platform shows messages and says nothing
		calls  int           // at least
		shown  int
		states []string
	}{
		{"skip", schedules.Doubt{}, time.Hour, 1, 1, []string{"in_doubt: no answer"}},
		{"resend", schedules.Doubt{Resend: true}, 20 * time.Second, 2, 1, []string{"done"}},
		{"resend within", schedules.Doubt{Resend: true, Within: 2 * time.Minute}, 30 * time.Second, 2, 1, []string{"done"}},
		{"resend not after", schedules.Doubt{Resend: true, Within: 2 * time.Minute}, time.Hour, 2, 1, []string{"in_doubt: no answer"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				store := new(memory)
				store.put(ready(town, "a", time.Now()))
				r := wire(store, voice{})
				r.run.Courier.Pace = map[coach.Platform]schedules.Pace{"p": {Doubt: c.doubt}}
				begin := time.Now()
				var calls []time.Duration
				shown := make(map[string]bool)
				r.inbox.answer = func(_ context.Context, _ coach.Address, key string) error {
					calls = append(calls, time.Since(begin))
					shown[key] = true // the platform knows the key
					if time.Since(begin) < c.blind {
						return fate(coach.InDoubt, 0)
					}
					return nil
				}
				r.deliverFor(t, 2*time.Hour)
				if got := store.states(); !slices.Equal(got, c.states) {
					t.Errorf("got %v, want %v", got, c.states)
				}
				if len(calls) < c.calls || c.calls == 1 && len(calls) > 1 || len(shown) != c.shown {
					t.Errorf("%d calls, %d shown; want %d and %d", len(calls), len(shown), c.calls, c.shown)
				}
				if last := calls[len(calls)-1]; c.doubt.Within > 0 && last >= c.doubt.Within {
					t.Errorf("the last call came %v after the first, want within %v", last, c.doubt.Within)
				}
			})
		})
	}
}

// What another process left when it died.
func TestLapsed(t *testing.T) {
	for _, c := range []struct {
		name    string
		doubt   schedules.Doubt
		started time.Duration // before now; 0 for not started
		want    string
	}{
		{"not started", schedules.Doubt{}, 0, "done"},
		{"started, skip", schedules.Doubt{}, time.Minute, "in_doubt"},
		{"started, resend", schedules.Doubt{Resend: true}, time.Hour, "done"},
		{"started, resend within", schedules.Doubt{Resend: true, Within: 2 * time.Minute}, time.Minute, "done"},
		{"started, too long ago", schedules.Doubt{Resend: true, Within: 2 * time.Minute}, 2 * time.Minute, "in_doubt"},
		{"started before the clock was put back", schedules.Doubt{Resend: true, Within: 2 * time.Minute}, -24 * time.Hour, "in_doubt"},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				store := new(memory)
				p := ready(town, "a", time.Now())
				p.state, p.Owner, p.Attempt, p.lease = schedules.Sending, "another", 1, time.Now()
				if c.started != 0 {
					p.Started = time.Now().Add(-c.started)
				}
				store.put(p)
				r := wire(store, voice{})
				r.run.Courier.Pace = map[coach.Platform]schedules.Pace{"p": {Doubt: c.doubt}}
				r.deliverFor(t, time.Minute)
				if got := string(store.out[0].state); got != c.want {
					t.Errorf("got %s, want %s", got, c.want)
				}
				if got, want := len(r.inbox.arrivals()), map[string]int{"done": 1, "in_doubt": 0}[c.want]; got != want {
					t.Errorf("%d arrived, want %d", got, want)
				}
			})
		})
	}
}

// What another process left in doubt does not wait behind all that is ready:
// the platform would not know it any more.
func TestLapsedFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := new(memory)
		died := ready(town, "a", time.Now().Add(-time.Hour))
		died.state, died.Owner, died.Attempt, died.lease, died.Started = schedules.Sending, "another", 1, time.Now(), time.Now().Add(-time.Minute)
		store.put(died)
		for i := range 300 {
			store.put(ready(town, fmt.Sprint("b", i), time.Now().Add(-time.Minute)))
		}
		r := wire(store, voice{})
		r.run.Courier.Pace = map[coach.Platform]schedules.Pace{"p": {Channel: 1, Doubt: schedules.Doubt{Resend: true, Within: 2 * time.Minute}}}
		r.deliverFor(t, 10*time.Minute)
		if got := string(store.out[0].state); got != "done" {
			t.Errorf("got %s, want done", got)
		}
	})
}

// A lease that is held by another process is left alone.
func TestOthersLease(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := new(memory)
		p := ready(town, "a", time.Now())
		p.state, p.Owner, p.Attempt, p.lease = schedules.Sending, "another", 1, time.Now().Add(time.Hour)
		store.put(p)
		r := wire(store, voice{})
		r.deliverFor(t, 50*time.Minute)
		if n := len(r.inbox.arrivals()); n != 0 || p.Owner != "another" {
			t.Errorf("%d arrived, owner %s", n, p.Owner)
		}
	})
}

func TestPanickingSender(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := new(memory)
		store.put(ready(town, "a", time.Now()), ready(market, "b", time.Now()))
		r := wire(store, voice{})
		r.inbox.answer = func(_ context.Context, to coach.Address, _ string) error {
			if to == town {
				panic("at the sender")
			}
			return nil
		}
		r.deliverFor(t, time.Minute)
		if got, want := store.states(), []string{"in_doubt: no answer", "done"}; !slices.Equal(got, want) {
			t.Errorf("got %v, want %v", got, want)
		}
	})
}

func TestWordsThatCannotBeFound(t *testing.T) {
	for _, c := range []struct {
		name    string
		compose func(coach.Occasion) (coach.Message, error)
		fails   int // then it works
		want    string
	}{
		{"error", func(coach.Occasion) (coach.Message, error) { return coach.Message{}, errors.New("gone") }, 100, "dead: not composed"},
		{"panic", func(coach.Occasion) (coach.Message, error) { panic("at the speaker") }, 100, "dead: not composed"},
		{"a message over its limits", func(coach.Occasion) (coach.Message, error) {
			return coach.Message{Title: strings.Repeat("x", 200), Sections: []coach.Section{{Text: coach.P("x")}}}, nil
		}, 100, "dead: not composed"},
		{"for a moment", func(coach.Occasion) (coach.Message, error) { return coach.Message{}, errors.New("busy") }, 3, "done"},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				store := new(memory)
				store.put(ready(town, "a", time.Now()))
				tries := 0
				r := wire(store, voice{compose: func(o coach.Occasion) (coach.Message, error) {
					if tries++; tries > c.fails {
						return voice{}.Compose(t.Context(), o, coach.Choice{})
					}
					return c.compose(o)
				}})
				r.deliverFor(t, time.Hour)
				if got := store.states(); !slices.Equal(got, []string{c.want}) {
					t.Errorf("got %v, want %s", got, c.want)
				}
				if tries != 4 {
					t.Errorf("%d tries, want 4", tries)
				}
				if c.want != "done" && (!store.out[0].outcome.Ours || len(r.inbox.arrivals()) > 0) {
					t.Errorf("got %+v, %d arrived", store.out[0].outcome, len(r.inbox.arrivals()))
				}
			})
		})
	}
}

// The kill switch holds for what is queued, and for what is claimed.
func TestKillSwitch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := new(memory)
		for i := range 30 {
			store.put(ready(town, fmt.Sprint(i), time.Now()))
		}
		store.put(ready(ann, "ann", time.Now()))
		r := wire(store, voice{})
		r.run.Courier.Pace = map[coach.Platform]schedules.Pace{"p": {Channel: 1}}
		stop := time.Now().Add(4500 * time.Millisecond)
		go func() {
			time.Sleep(4500 * time.Millisecond)
			store.mu.Lock()
			defer store.mu.Unlock()
			store.stopped = map[coach.Team]bool{demo: true}
		}()
		r.deliverFor(t, time.Minute)
		var late, early int
		for _, a := range r.inbox.arrivals() {
			if a.real.After(stop) {
				late++
			} else {
				early++
			}
		}
		if late != 0 || early != 6 {
			t.Errorf("%d arrived before the stop and %d after it, want 6 and none", early, late)
		}
	})
}

func TestTooLateToSend(t *testing.T) {
	synctest.Test(t, func(t *testing.T) { // begins on 2000-01-01 at midnight UTC
		time.Sleep(12 * time.Hour)
		store := new(memory)
		store.put(ready(ann, "noon", time.Now()), ready(town, "noon2", time.Now()))
		r := wire(store, voice{})
		down := true
		r.inbox.answer = func(context.Context, coach.Address, string) error {
			if down {
				return fate(coach.Later, time.Hour)
			}
			return nil
		}
		r.deliverFor(t, 10*time.Hour) // until 22:00
		if got, want := store.states(), []string{"dead: too late", "ready"}; !slices.Equal(got, want) {
			t.Errorf("at 22:00: got %v, want %v", got, want)
		}
		down = false
		r.deliverFor(t, 3*time.Hour)
		if got, want := store.states(), []string{"dead: too late", "done"}; !slices.Equal(got, want) {
			t.Errorf("at 01:00: got %v, want %v", got, want)
		}
		if !store.out[0].outcome.Ours {
			t.Error("the message was lost for our reason and does not say so")
		}
	})
}

func TestNoSender(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := new(memory)
		store.put(ready(coach.ChannelOf(coach.Team{Platform: "z", ID: "t"}, "c"), "a", time.Now()), ready(town, "b", time.Now()))
		r := wire(store, voice{})
		r.deliverFor(t, time.Second)
		if got, want := store.states(), []string{"dead: platform not set", "done"}; !slices.Equal(got, want) {
			t.Errorf("got %v, want %v", got, want)
		}
	})
}

// When ctx ends what was started is finished and the rest given back.
func TestDrain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := new(memory)
		for i := range 5 {
			store.put(ready(town, fmt.Sprint(i), time.Now()))
		}
		r := wire(store, voice{})
		r.inbox.answer = func(ctx context.Context, _ coach.Address, _ string) error {
			select {
			case <-ctx.Done():
				return ctx.Err()
			case <-time.After(8 * time.Second):
				return nil
			}
		}
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, cancel)
		begin := time.Now()
		if err := r.run.Courier.Deliver(ctx); err != nil {
			t.Error(err)
		}
		if took := time.Since(begin); took != 8*time.Second {
			t.Errorf("took %v, want until the first is sent", took)
		}
		if got, want := store.states(), []string{"done", "ready", "ready", "ready", "ready"}; !slices.Equal(got, want) {
			t.Errorf("got %v, want %v", got, want)
		}
	})
}

func TestBrokenStore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := new(memory)
		store.put(ready(town, "a", time.Now()))
		store.broken = func(op string, _ schedules.Due) error { return errors.New("disk") }
		r := wire(store, voice{})
		if err := r.run.Courier.Deliver(t.Context()); err == nil || !strings.Contains(err.Error(), "claim: disk") {
			t.Errorf("got %v, want the store's error", err)
		}
		store.broken = nil
		if err := r.run.Courier.Deliver(t.Context()); err != nil || len(r.inbox.arrivals()) != 1 {
			t.Errorf("mended: %v, %d arrived", err, len(r.inbox.arrivals()))
		}
	})
}

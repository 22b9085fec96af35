package schedules_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"rapport/coach"
	"rapport/coach/streak"
	"rapport/schedules"
)

// start runs r until the test ends.
func (r *rig) start(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { done <- r.run.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("Run = %v, want nil", err)
		}
	})
}

func TestRunWakesAtTheInstant(t *testing.T) {
	synctest.Test(t, func(t *testing.T) { // begins on 2000-01-01 at midnight UTC
		store := new(memory)
		store.add(direct("ann", "30 9 * * *", "UTC"), time.Now())
		store.add(channel("town", "0 9 * * 1", "UTC"), time.Now())
		r := wire(store, voice{})
		r.run.Every = time.Minute
		beats := 0
		r.run.Beat = func(_ context.Context, machine time.Time) error {
			beats++
			if !machine.Equal(time.Now()) {
				t.Errorf("beat at %v, want the machine clock", machine)
			}
			return nil
		}
		r.start(t)
		time.Sleep(72 * time.Hour)
		synctest.Wait()
		var got []string
		for _, a := range r.inbox.arrivals() {
			got = append(got, a.key+" "+a.at.UTC().Format("02 15:04:05.0"))
		}
		want := []string{"tip/ann/2000-01-01 01 09:30:00.0", "tip/ann/2000-01-02 02 09:30:00.0", "nudge/town/2000-01-03 03 09:00:00.0", "tip/ann/2000-01-03 03 09:30:00.0"}
		if !slices.Equal(got, want) {
			t.Errorf("got %q, want %q", got, want)
		}
		if want := 72 * 60; beats < want || beats > want+1 {
			t.Errorf("%d beats in 72 h, want one a minute", beats)
		}
		if len(r.errs) > 0 {
			t.Errorf("errors: %v", r.errs)
		}
	})
}

// A wish made after the timer was set is not late.
func TestRunSeesNewWishes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := new(memory)
		r := wire(store, voice{})
		r.start(t)
		time.Sleep(9*time.Hour + 29*time.Minute + 58*time.Second)
		store.add(direct("ann", "30 9 * * *", "UTC"), time.Now())
		time.Sleep(3 * time.Second)
		synctest.Wait()
		if n := len(r.inbox.arrivals()); n > 1 {
			t.Fatalf("%d arrived", n)
		}
		time.Sleep(2 * time.Second)
		synctest.Wait()
		if n := len(r.inbox.arrivals()); n != 1 {
			t.Errorf("%d arrived within 5 s, want 1", n)
		}
		store.add(direct("bob", "31 9 * * *", "UTC"), time.Now())
		r.run.Wake()
		time.Sleep(57 * time.Second)
		synctest.Wait()
		if got := r.inbox.arrivals(); len(got) != 2 || got[1].at.Second() != 0 {
			t.Errorf("after Wake: %v", got)
		}
	})
}

func TestRunSurvives(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := new(memory)
		store.add(direct("ann", "30 9 * * *", "UTC"), time.Now())
		store.broken = func(op string, _ schedules.Due) error {
			if time.Now().Hour() < 9 {
				panic(op)
			}
			return nil
		}
		r := wire(store, voice{})
		r.run.Beat = func(context.Context, time.Time) error { return errors.New("no disk") }
		r.start(t)
		time.Sleep(10 * time.Hour)
		synctest.Wait()
		if n := len(r.inbox.arrivals()); n != 1 {
			t.Errorf("%d arrived, want 1", n)
		}
		var text, thrown strings.Builder
		for _, err := range r.errs {
			fmt.Fprintln(&text, err)
			if p, ok := errors.AsType[*schedules.Panic](err); ok {
				fmt.Fprintln(&thrown, p.Value)
			}
		}
		for _, want := range []string{"panic: string", "heartbeat: no disk"} {
			if !strings.Contains(text.String(), want) {
				t.Errorf("nothing tells %q", want)
			}
		}
		for _, op := range []string{"due", "claim"} {
			if !strings.Contains(thrown.String(), op) || strings.Contains(text.String(), "panic: "+op) {
				t.Errorf("of the panic at %q: the errors say %q", op, text.String())
			}
		}
	})
}

// Walk stops at every instant, in order, and delivers before it goes on.
func TestWalk(t *testing.T) {
	for _, running := range []bool{false, true} {
		t.Run(fmt.Sprint("running ", running), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				store := new(memory)
				r := wire(store, voice{choose: func(o coach.Occasion) (coach.Choice, error) {
					if o.Subject == "bad" {
						return coach.Choice{}, errors.New("cannot choose")
					}
					return coach.Choice{Composer: "tip"}, nil
				}})
				r.hand.Set(at("2026-05-18T08:00:00Z"))
				now := r.hand.Now()
				store.add(direct("ann", "30 9 * * *", "Europe/Berlin"), now)
				store.add(direct("bob", "30 9 * * *", "America/New_York"), now)
				store.add(direct("bad", "0 12 * * *", "UTC"), now)
				store.add(channel("town", "0 9 * * 1", "UTC"), now)
				if running {
					r.start(t)
				}
				to := at("2026-05-20T12:00:00Z")
				err := r.run.Walk(t.Context(), r.hand.Set, to)
				if err == nil || !strings.Contains(err.Error(), "cannot choose") {
					if !running || len(r.errs) == 0 {
						t.Errorf("Walk = %v, want the error of the bad row", err)
					}
				}
				var got []string
				for _, a := range r.inbox.arrivals() {
					got = append(got, a.key+" "+a.at.UTC().Format("02 15:04"))
				}
				want := []string{"nudge/town/2026-05-18 18 09:00", "tip/bob/2026-05-18 18 13:30",
					"tip/ann/2026-05-19 19 07:30", "tip/bob/2026-05-19 19 13:30", "tip/ann/2026-05-20 20 07:30"}
				if !slices.Equal(got, want) {
					t.Errorf("got %q, want %q", got, want)
				}
				if now := r.hand.Now(); now.Before(to) || now.After(to.Add(time.Minute)) {
					t.Errorf("the clock shows %v, want %v", now, to)
				}
			})
		})
	}
}

func TestWalkEndsWithCtx(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := new(memory)
		r := wire(store, voice{})
		store.add(direct("ann", "30 9 * * *", "UTC"), time.Now())
		ctx, cancel := context.WithCancel(t.Context())
		r.inbox.answer = func(context.Context, coach.Address, string) error {
			if len(r.inbox.got) == 2 {
				cancel()
			}
			return nil
		}
		begin := time.Now()
		if err := r.run.Walk(ctx, r.hand.Set, begin.AddDate(1, 0, 0)); !errors.Is(err, context.Canceled) {
			t.Errorf("Walk = %v, want canceled", err)
		}
		if n := len(r.inbox.arrivals()); n != 3 {
			t.Errorf("%d arrived, want 3", n)
		}
		if got := r.hand.Now(); got.After(begin.AddDate(0, 0, 4)) {
			t.Errorf("the clock went on to %v", got)
		}
	})
}

// A year of everybody everywhere: whoever stays in a zone has exactly one
// message on each local date, at the hour they chose.
func TestYearInAllZones(t *testing.T) {
	names := schedules.ZoneNames(t)
	end := at("2027-01-02T00:00:00Z")
	if testing.Short() {
		end = at("2026-01-20T00:00:00Z")
	}
	synctest.Test(t, func(t *testing.T) {
		store := newCrowd()
		r := wire(store, voice{})
		r.hand.Set(at("2026-01-01T00:00:00Z"))
		begin := r.hand.Now()
		for i, name := range names {
			hour := 4 + i%17
			store.add(direct(name, fmt.Sprintf("%d %d * * *", i%4*15, hour), name), begin)
		}
		if err := r.run.Walk(t.Context(), r.hand.Set, end); err != nil {
			t.Fatal(err)
		}
		last := make(map[string]streak.Date)
		count := make(map[string]int)
		for _, a := range r.inbox.arrivals() {
			name := a.to.Person.User
			i := slices.Index(names, name)
			loc, err := schedules.Zone(name)
			if err != nil {
				t.Fatal(err)
			}
			local := a.at.In(loc)
			date := streak.DateOf(local)
			if want := fmt.Sprintf("%d:%d", 4+i%17, i%4*15); fmt.Sprintf("%d:%d", local.Hour(), local.Minute()) != want {
				t.Errorf("%s: arrived at %v, want %s", name, local, want)
			}
			if prev := last[name]; prev != "" && date != prev.Add(1) {
				t.Errorf("%s: after %s came %s", name, prev, date)
			}
			if a.key != "tip/"+name+"/"+string(date) {
				t.Errorf("%s: key %s on %s", name, a.key, date)
			}
			last[name] = date
			count[name]++
		}
		days := int(end.Sub(begin).Hours() / 24)
		for _, name := range names {
			if n := count[name]; n < days-1 || n > days+1 {
				t.Errorf("%s: %d messages in %d days", name, n, days)
			}
		}
		if len(store.missed) > 0 {
			t.Errorf("missed %v", store.missed)
		}
	})
}

// People who travel have at most one rhythm message for each local date, in
// the order of dates, none outside the hours of where they are, and are never
// left out for long.
func TestYearOnTheRoad(t *testing.T) {
	names := schedules.ZoneNames(t)
	days := 365
	if testing.Short() {
		days = 40
	}
	synctest.Test(t, func(t *testing.T) {
		store := newCrowd()
		r := wire(store, voice{})
		r.hand.Set(at("2026-01-01T00:00:00Z"))
		chance := rand.New(rand.NewPCG(1, 2))
		zone := make(map[string]string)
		type stay struct {
			from time.Time
			zone string
		}
		stays := make(map[string][]stay)
		for i := range 60 {
			name := fmt.Sprint("p", i)
			zone[name] = names[chance.IntN(len(names))]
			stays[name] = []stay{{r.hand.Now(), zone[name]}}
			store.add(direct(name, fmt.Sprintf("0 %d * * *", 4+chance.IntN(17)), zone[name]), r.hand.Now())
		}
		for range days * 4 {
			next := r.hand.Now().Add(6 * time.Hour)
			if err := r.run.Walk(t.Context(), r.hand.Set, next); err != nil {
				t.Fatal(err)
			}
			for i := range 60 {
				if name := fmt.Sprint("p", i); chance.IntN(12) == 0 {
					to := names[chance.IntN(len(names))]
					store.moveZone(person(name), to, r.hand.Now())
					stays[name] = append(stays[name], stay{r.hand.Now(), to})
				}
			}
		}
		keys := make(map[string]bool)
		last := make(map[string]arrival)
		for _, a := range r.inbox.arrivals() {
			name := a.to.Person.User
			if keys[a.key] {
				t.Errorf("%s arrived twice", a.key)
			}
			keys[a.key] = true
			where := stays[name][0].zone
			for _, s := range stays[name] {
				if s.from.Before(a.at) {
					where = s.zone
				}
			}
			loc, err := schedules.Zone(where)
			if err != nil {
				t.Fatal(err)
			}
			if h := a.at.In(loc).Hour(); h < 4 || h > 20 {
				t.Errorf("%s arrived at %v", a.key, a.at.In(loc))
			}
			if date := streak.DateOf(a.at.In(loc)); !strings.HasSuffix(a.key, string(date)) {
				t.Errorf("%s arrived on %s", a.key, date)
			}
			if prev, ok := last[name]; ok && (a.key <= prev.key || a.at.Sub(prev.at) > 10*24*time.Hour) {
				t.Errorf("%s at %v came after %s at %v", a.key, a.at, prev.key, prev.at)
			}
			last[name] = a
		}
		if n := len(keys); n < days*60/4 {
			t.Errorf("%d messages in %d days for 60 people", n, days)
		}
	})
}

// Weeks of downtime end in at most one message each, and the rest is told.
func TestDowntime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := new(memory)
		now := time.Now()
		for i := range 300 {
			store.add(direct(fmt.Sprint("p", i), fmt.Sprintf("%d %d * * *", i%60, 4+i%17), "UTC"), now)
		}
		for i := range 20 {
			store.add(channel(fmt.Sprint("c", i), fmt.Sprintf("0 9 * * %d", i%7), "UTC"), now)
		}
		time.Sleep(23*24*time.Hour + 12*time.Hour) // noon, after more than three weeks
		r := wire(store, voice{})
		r.start(t)
		time.Sleep(time.Minute)
		synctest.Wait()
		got := r.inbox.arrivals()
		seen := make(map[coach.Address]int)
		for _, a := range got {
			seen[a.to]++
			if a.to.Kind == coach.Direct && !strings.HasSuffix(a.key, string(streak.DateOf(a.at.UTC()))) {
				t.Errorf("%s arrived at %v", a.key, a.at)
			}
		}
		for to, n := range seen {
			if n > 1 {
				t.Errorf("%d messages at once to %+v", n, to)
			}
		}
		if len(got) < 100 || len(store.missed) < 300 {
			t.Errorf("%d arrived, %d missed", len(got), len(store.missed))
		}
	})
}

// No message goes twice when two processes share a store.
func TestTwoProcesses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := new(memory)
		for i := range 200 {
			store.add(direct(fmt.Sprint("p", i), "0 9 * * *", "UTC"), time.Now())
		}
		var calls atomic.Int32
		box := &inbox{clock: time.Now, answer: func(context.Context, coach.Address, string) error {
			calls.Add(1)
			time.Sleep(10 * time.Millisecond)
			return nil
		}}
		for i := range 2 {
			r := wire(store, voice{})
			r.run.Courier.Owner = fmt.Sprint("process", i)
			r.run.Courier.Senders = map[coach.Platform]schedules.Sender{"p": box}
			r.start(t)
		}
		time.Sleep(34 * time.Hour) // two mornings
		synctest.Wait()
		keys := make(map[string]bool)
		for _, a := range box.arrivals() {
			if keys[a.key] {
				t.Errorf("%s arrived twice", a.key)
			}
			keys[a.key] = true
		}
		if len(keys) != 400 || calls.Load() != 400 {
			t.Errorf("%d arrived in %d calls, want 400", len(keys), calls.Load())
		}
	})
}

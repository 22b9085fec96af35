package coach

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"testing"
	"time"

	"rapport/coach/curriculum"
	"rapport/coach/streak"
)

// TestNotedPages asks for many answers over and over: each is the one that its
// key stands for, the one asked for all the time is made once, and not more are
// kept than there is room for.
func TestNotedPages(t *testing.T) {
	var p notedPages
	made := map[noted]int{}
	ask := func(k noted) Reply {
		return p.page(k, func() Reply {
			made[k]++
			return Say(Message{Title: fmt.Sprint(k)})
		})
	}
	all := noted{offer: "o", kept: "k"}
	first := ask(all)
	for i := range 3 * maxNoted {
		for _, k := range []noted{{offer: "o", kept: "k", run: i + 1}, {offer: "o", kept: fmt.Sprint(i)}, all} {
			if got := ask(k).Message.Title; got != fmt.Sprint(k) {
				t.Fatalf("%+v: %s", k, got)
			}
		}
		if n := len(p.now) + len(p.old); n > maxNoted {
			t.Fatalf("%d answers are kept, limit %d", n, maxNoted)
		}
	}
	if made[all] != 1 || ask(all).Message != first.Message {
		t.Errorf("the answer asked for all the time was made %d times", made[all])
	}
}

// TestNotedIsWhatItDependsOn answers check-ins of people with all kinds of weeks
// behind them: what is kept is never told to somebody whose answer is another.
func TestNotedIsWhatItDependsOn(t *testing.T) {
	base, err := curriculum.Builtin("en")
	if err != nil {
		t.Fatal(err)
	}
	ed, err := curriculum.Load(base)
	if err != nil {
		t.Fatal(err)
	}
	monday := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	c, err := New(Options{Lessons: ed, Now: func() time.Time { return monday }})
	if err != nil {
		t.Fatal(err)
	}
	rnd := rand.New(rand.NewPCG(1, 2))
	made, told := map[string]bool{}, 0
	for range 20000 {
		var log []streak.Event
		for weeks := rnd.IntN(16); weeks >= 0; weeks-- {
			for range rnd.IntN(3) {
				log = append(log, streak.Stamp(monday.AddDate(0, 0, -7*weeks), time.UTC, streak.Event{Key: fmt.Sprint(len(log)), Kind: streak.CheckIn}))
			}
		}
		taught := c.taught.Load()
		v := &visit{Coach: c, lessons: taught, now: monday, self: Self{Known: true, Ledger: streak.Fold(log, "")}}
		o := ed.Topics()[rnd.IntN(2)].Missions[0].Offer()
		outcome, line := outcomes[2*rnd.IntN(2)].key, ""
		if n := rnd.IntN(2 * len(ed.Comebacks)); n < len(ed.Comebacks) {
			line = ed.Comebacks[n].ID
		}
		kept := outcome + "|" + line + "|" + []string{"", "checkin/a"}[rnd.IntN(2)]
		got, want := v.notedPage(o, kept), v.newNotedPage(o, kept)
		if !reflect.DeepEqual(got, want) {
			t.Fatalf("%s\n got %s\nwant %s", kept, got.Message.Fallback(), want.Message.Fallback())
		}
		made[fmt.Sprint(want.Message)] = true
		told++
	}
	if len(made) < 300 || len(made) > told/2 {
		t.Errorf("%d answers of %d differ: too few or too many to show anything", len(made), told)
	}
}

package sqlite

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"reflect"
	"testing"
	"time"

	"rapport/coach"
	"rapport/coach/coachtest"
	"rapport/coach/streak"
)

// TestRecallIsTheFile lets two open databases of one file do this and that, and
// after each step asks both for what they keep: it is what a third reads from
// the file, which keeps nothing.
func TestRecallIsTheFile(t *testing.T) {
	path, keys := filepath.Join(t.TempDir(), "rapport.db"), new(coachtest.MemKeys)
	c := &clock{monday}
	dbs := [2]*DB{openAt(t, path, keys, c.now), openAt(t, path, keys, c.now)}
	third := openAt(t, path, keys, c.now)
	rnd := rand.New(rand.NewPCG(1, 2))
	hits := 0
	for step := range 400 {
		c.at = c.at.Add(time.Duration(rnd.IntN(90)) * time.Hour)
		db, who := dbs[rnd.IntN(2)], []coach.Person{ann, bob}[rnd.IntN(2)]
		what, err := happen(t, db, rnd, c, step, who)
		if err != nil {
			t.Fatalf("step %d, %s: %v", step, what, err)
		}
		for _, who := range []coach.Person{ann, bob} {
			third.recall.forget()
			want, err := third.Self(t.Context(), who)
			if err != nil {
				t.Fatal(err)
			}
			for i, db := range dbs {
				if k, _, _ := db.recall.both(who, demo); k != nil {
					hits++
				}
				if got, err := db.Self(t.Context(), who); err != nil || !reflect.DeepEqual(got, want) {
					t.Fatalf("step %d, %s: %s's Self of database %d\n got %+v, %v\nwant %+v", step, what, who.User, i, got, err, want)
				}
			}
		}
		third.recall.forget()
		want, err := third.TeamSettings(t.Context(), demo)
		if err != nil {
			t.Fatal(err)
		}
		for i, db := range dbs {
			if got, err := db.TeamSettings(t.Context(), demo); err != nil || got != want {
				t.Fatalf("step %d, %s: TeamSettings of database %d = %+v, %v; want %+v", step, what, i, got, err, want)
			}
		}
	}
	if hits < 100 {
		t.Errorf("something was kept %d times only", hits)
	}
}

// happen does something to who.
func happen(t *testing.T, db *DB, rnd *rand.Rand, c *clock, step int, who coach.Person) (what string, err error) {
	id := fmt.Sprint("r", step)
	press := func(ch coach.Change) error {
		_, err := db.Apply(t.Context(), id, who, ch)
		return err
	}
	flow := fmt.Sprint("f", rnd.IntN(4))
	switch n := rnd.IntN(12); n {
	case 0:
		return "settings", press(coach.Change{Team: demo, Settings: &coach.Settings{Minute: step}})
	case 1, 2, 3:
		return "check-in", press(coach.Change{Team: demo, Events: []streak.Event{checkIn(fmt.Sprint("k", step), c.at)},
			PutFlows: []coach.Flow{{ID: flow, Made: c.at, Expires: c.at.Add(50 * time.Hour), Words: []string{"", "w"}[rnd.IntN(2)]}}})
	case 4:
		return "undo", press(coach.Change{Events: []streak.Event{streak.Stamp(c.at, time.UTC, streak.Event{Key: fmt.Sprint("u", step), Kind: streak.Undo, Ref: fmt.Sprint("k", step-1)})}})
	case 5:
		return "flow left", press(coach.Change{DropFlows: []string{flow}})
	case 6:
		return "team", press(coach.Change{Team: demo, TeamPlan: &coach.TeamSettings{HelpContact: id, Owner: who}})
	case 7:
		return "wish", press(coach.Change{Wishes: []coach.Wish{{Kind: "tip", Spec: "0 9 * * *", Zone: "UTC"}}})
	case 8:
		_, err := db.Forget(t.Context(), who)
		return "forgotten", err
	case 9:
		return "shut", db.do(t.Context(), func(t *tx) error { _, err := t.exec(`UPDATE account SET shut = 1, unanswered = 3`); return err })
	case 10:
		_, err := db.Heartbeat(t.Context(), c.at)
		return "heartbeat", err
	default:
		err := press(coach.Change{Settings: &coach.Settings{Minute: -1}, Events: []streak.Event{checkIn(id, c.at)}, Wishes: []coach.Wish{{Kind: "tip", Spec: "never", Zone: "UTC"}}})
		if err == nil {
			return "refused", errors.New("a wish that cannot be was taken")
		}
		return "refused", nil
	}
}

package schedules_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"rapport/coach"
	"rapport/coach/streak"
	"rapport/schedules"
)

// at reads an instant, or fails the program.
func at(s string) time.Time {
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		panic(err)
	}
	return t
}

// queued returns "kind date" of what is queued.
func (m *memory) queued() (all []string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, p := range m.out {
		all = append(all, p.Kind+" "+string(p.Date))
	}
	return all
}

func TestCatchUp(t *testing.T) {
	for _, c := range []struct {
		name        string
		row         schedules.Due
		since, now  string // the row waits since then
		said        string // "" for nothing
		missed      []string
		next        string
		nextNominal streak.Date
	}{
		{"weekly on time", channel("c", "0 9 * * 1", "Europe/Berlin"), "2026-05-12T00:00:00Z", "2026-05-18T07:00:00Z",
			"nudge 2026-05-18", nil, "2026-05-25T07:00:00Z", "2026-05-25"},
		{"weekly 36 hours late", channel("c", "0 9 * * 1", "Europe/Berlin"), "2026-05-12T00:00:00Z", "2026-05-19T19:00:00Z",
			"nudge 2026-05-18", nil, "2026-05-25T07:00:00Z", "2026-05-25"},
		{"weekly later than that", channel("c", "0 9 * * 1", "Europe/Berlin"), "2026-05-12T00:00:00Z", "2026-05-19T19:00:01Z",
			"", []string{"nudge 2026-05-18"}, "2026-05-25T07:00:00Z", "2026-05-25"},
		{"weekly after weeks, newest in time", channel("c", "0 9 * * 1", "Europe/Berlin"), "2026-05-12T00:00:00Z", "2026-06-08T12:00:00Z",
			"nudge 2026-06-08", []string{"nudge 2026-05-18"}, "2026-06-15T07:00:00Z", "2026-06-15"},
		{"weekly after weeks, newest too late", channel("c", "0 9 * * 1", "Europe/Berlin"), "2026-05-12T00:00:00Z", "2026-06-11T12:00:00Z",
			"", []string{"nudge 2026-05-18", "nudge 2026-06-08"}, "2026-06-15T07:00:00Z", "2026-06-15"},
		{"direct the same day", direct("ann", "0 9 * * *", "America/New_York"), "2026-05-18T00:00:00Z", "2026-05-19T00:59:59Z",
			"tip 2026-05-18", nil, "2026-05-19T13:00:00Z", "2026-05-19"},
		{"direct after hours", direct("ann", "0 9 * * *", "America/New_York"), "2026-05-18T00:00:00Z", "2026-05-19T01:00:00Z",
			"", []string{"tip 2026-05-18"}, "2026-05-19T13:00:00Z", "2026-05-19"},
		{"direct the next day", direct("ann", "0 20 * * *", "America/New_York"), "2026-05-18T05:00:00Z", "2026-05-19T12:00:00Z",
			"", []string{"tip 2026-05-18"}, "2026-05-20T00:00:00Z", "2026-05-19"},
		{"direct, before hours is late too", direct("ann", "0 1 * * *", "UTC"), "2026-05-18T00:00:00Z", "2026-05-18T03:00:00Z",
			"", []string{"tip 2026-05-18"}, "2026-05-19T01:00:00Z", "2026-05-19"},
		{"direct at any hour if on time", direct("ann", "0 23 * * *", "UTC"), "2026-05-18T00:00:00Z", "2026-05-18T23:10:00Z",
			"tip 2026-05-18", nil, "2026-05-19T23:00:00Z", "2026-05-19"},
		{"direct after weeks is no pile", direct("ann", "0 9 * * *", "UTC"), "2026-05-01T00:00:00Z", "2026-05-21T10:00:00Z",
			"tip 2026-05-21", []string{"tip 2026-05-01"}, "2026-05-22T09:00:00Z", "2026-05-22"},
	} {
		t.Run(c.name, func(t *testing.T) {
			store := new(memory)
			store.add(c.row, at(c.since))
			r := wire(store, voice{})
			r.run.Planner.Now = func() time.Time { return at(c.now) }
			n, err := r.run.Planner.Round(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if got := strings.Join(store.queued(), ", "); got != c.said {
				t.Errorf("said %q, want %q", got, c.said)
			}
			if want := min(len(c.said), 1); n != want {
				t.Errorf("Round = %d, want %d", n, want)
			}
			if !slices.Equal(store.missed, c.missed) {
				t.Errorf("missed %q, want %q", store.missed, c.missed)
			}
			if row := store.row(); !row.Next.Equal(at(c.next)) || row.Date != c.nextNominal {
				t.Errorf("next %s at %v, want %s at %s", row.Date, row.Next, c.nextNominal, c.next)
			}
		})
	}
}

func TestSingleWish(t *testing.T) {
	row := schedules.Due{Kind: daily, Subject: "q", To: coach.DirectTo(person("ann")), Zone: "UTC", Exact: true,
		Next: at("2026-05-18T09:00:00Z"), Date: "2026-05-18"}
	for _, c := range []struct {
		now    string
		said   []string
		missed []string
	}{
		{"2026-05-18T09:00:00Z", []string{"tip 2026-05-18"}, nil},
		{"2026-05-18T17:00:00Z", []string{"tip 2026-05-18"}, nil},
		{"2026-05-19T09:00:00Z", nil, []string{"tip 2026-05-18"}},
	} {
		store := new(memory)
		store.add(row, time.Time{})
		r := wire(store, voice{})
		r.run.Planner.Now = func() time.Time { return at(c.now) }
		if _, err := r.run.Planner.Round(t.Context()); err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(store.queued(), c.said) || !slices.Equal(store.missed, c.missed) || len(store.due) != 0 {
			t.Errorf("at %s: said %q, missed %q, %d rows; want %q, %q, none", c.now, store.queued(), store.missed, len(store.due), c.said, c.missed)
		}
	}
}

func TestChoice(t *testing.T) {
	now := at("2026-05-18T09:00:00Z")
	said := []coach.Said{{Item: "i", Date: "2026-05-18"}}
	for _, c := range []struct {
		name   string
		choice coach.Choice
		queued int
		ends   bool
	}{
		{"said", coach.Choice{Composer: "tip", Items: []string{"i"}, Memory: []byte("m2"), Said: said}, 1, false},
		{"skipped", coach.Choice{Skip: "pause", Memory: []byte("m2")}, 0, false},
		{"goodbye", coach.Choice{Composer: "bye", Stop: true}, 1, true},
		{"over", coach.Choice{Skip: "quiet", Stop: true}, 0, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			store := new(memory)
			row := direct("ann", "0 9 * * *", "UTC")
			row.Memory = []byte("m1")
			store.add(row, now.Add(-time.Hour))
			var asked coach.Occasion
			r := wire(store, voice{choose: func(o coach.Occasion) (coach.Choice, error) { asked = o; return c.choice, nil }})
			r.run.Planner.Now = func() time.Time { return now }
			if _, err := r.run.Planner.Round(t.Context()); err != nil {
				t.Fatal(err)
			}
			if asked.Kind != daily || asked.Subject != "ann" || asked.To != row.To || asked.Date != "2026-05-18" || !asked.At.Equal(now) || asked.Zone != "UTC" || string(asked.Memory) != "m1" {
				t.Errorf("asked %+v", asked)
			}
			if len(store.out) != c.queued || c.ends != (len(store.due) == 0) {
				t.Fatalf("%d queued, %d rows; want %d, ends %t", len(store.out), len(store.due), c.queued, c.ends)
			}
			if !c.ends && string(store.row().Memory) != "m2" {
				t.Errorf("memory %q, want m2", store.row().Memory)
			}
			if len(store.missed) > 0 {
				t.Errorf("missed %q, want nothing: it was a choice", store.missed)
			}
			if c.queued > 0 {
				d := store.out[0].Delivery
				if d.Key != "tip/ann/2026-05-18" || d.Lane != "direct/p" || d.Choice.Composer != c.choice.Composer || !d.DueAt.Equal(now) || d.Zone != "UTC" {
					t.Errorf("queued %+v", d)
				}
			}
			if want := len(c.choice.Said); len(store.said) != want {
				t.Errorf("%d items said, want %d", len(store.said), want)
			}
		})
	}
}

func TestPanicsAndUnknownKinds(t *testing.T) {
	store := new(memory)
	now := at("2026-05-18T09:00:00Z")
	store.add(direct("ann", "0 9 * * *", "UTC"), now.Add(-time.Hour))
	strange := direct("bob", "0 9 * * *", "UTC")
	strange.Kind = "unknown"
	store.add(strange, now.Add(-time.Hour))
	r := wire(store, voice{choose: func(coach.Occasion) (coach.Choice, error) { panic("at the speaker") }})
	r.run.Planner.Now = func() time.Time { return now }
	n, err := r.run.Planner.Round(t.Context())
	if n != 0 || len(store.due) != 2 {
		t.Errorf("queued %d, %d rows left; want none and both", n, len(store.due))
	}
	var p *schedules.Panic
	if !errors.As(err, &p) || len(p.Stack) == 0 {
		t.Errorf("the panic came back as %v", err)
	}
	if err == nil || !strings.Contains(err.Error(), "plan unknown: no speaker for this kind") {
		t.Errorf("got %v, want an error for the row of an unknown kind", err)
	}
}

// What cannot be planned holds up nothing and is tried again, later each time.
func TestBadRowsDoNotStarve(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := new(memory)
		for i := range 450 {
			store.add(direct(fmt.Sprintf("bad%d", i), "0 9 * * *", "UTC"), time.Now().Add(-24*time.Hour))
		}
		store.add(direct("panics", "0 10 * * *", "UTC"), time.Now())
		store.add(direct("good", "0 10 * * *", "UTC"), time.Now())
		strange := direct("strange", "0 9 * * *", "UTC")
		strange.Kind = "unknown"
		store.add(strange, time.Now())
		asked := 0
		r := wire(store, voice{choose: func(o coach.Occasion) (coach.Choice, error) {
			asked++
			if o.Subject == "panics" {
				panic("at the speaker")
			}
			if strings.HasPrefix(o.Subject, "bad") {
				return coach.Choice{}, errors.New("cannot choose")
			}
			return coach.Choice{Composer: "tip"}, nil
		}})
		time.Sleep(10*time.Hour + time.Minute) // the bubble begins at midnight
		n, err := r.run.Planner.Round(t.Context())
		if n != 1 || len(store.out) != 1 || store.out[0].Subject != "good" {
			t.Errorf("queued %d: %v, want the good one", n, store.queued())
		}
		if err == nil || strings.Count(err.Error(), "cannot choose") != 20 || !strings.Contains(err.Error(), "432 more failed") {
			t.Errorf("got %v, want 20 errors and a count of the rest", err)
		}
		asked = 0
		if _, err := r.run.Planner.Round(t.Context()); err != nil || asked != 0 {
			t.Errorf("at once again: asked %d times, error %v; want a rest", asked, err)
		}
		time.Sleep(10 * time.Second)
		if _, err := r.run.Planner.Round(t.Context()); err == nil || asked != 451 {
			t.Errorf("after a rest: asked %d times, want all failing rows", asked)
		}
		time.Sleep(24 * time.Hour) // the slot cannot be made up for: the rows move on by themselves
		r.run.Planner.Speakers[daily] = voice{}
		if _, err := r.run.Planner.Round(t.Context()); err == nil || strings.Contains(err.Error(), "choose") {
			t.Errorf("mended: %v, want the error of the unknown kind alone", err)
		}
		if len(store.out) != 1+452 {
			t.Errorf("%d queued once mended, want 453", len(store.out))
		}
	})
}

func TestOneRefusedStepFailsAlone(t *testing.T) {
	store := new(memory)
	now := at("2026-05-18T09:00:00Z")
	for i := range 250 {
		store.add(direct(fmt.Sprint(i), "0 9 * * *", "UTC"), now.Add(-time.Hour))
	}
	r := wire(store, voice{})
	r.run.Planner.Now = func() time.Time { return now }
	store.broken = func(op string, d schedules.Due) error {
		if op == "advance" && d.Subject == "7" {
			return errors.New("constraint")
		}
		return nil
	}
	n, err := r.run.Planner.Round(t.Context())
	if n != 249 || err == nil || strings.Count(err.Error(), "constraint") != 1 {
		t.Errorf("Round = %d, %v; want 249 and one error", n, err)
	}
	store.broken = func(op string, d schedules.Due) error {
		if op == "advance" {
			return errors.New("disk full")
		}
		return nil
	}
	r.run.Planner.Now = func() time.Time { return now.AddDate(0, 0, 1) }
	store.advances = 0
	if n, err := r.run.Planner.Round(t.Context()); n != 0 || err == nil || store.advances > 5 {
		t.Errorf("Round = %d, %v after %d tries; want it to give up soon", n, err, store.advances)
	}
	store.broken = nil
	if n, err := r.run.Planner.Round(t.Context()); n < 240 || err != nil {
		t.Errorf("Round = %d, %v once mended", n, err)
	}
}

// A store that says the row had changed is not asked for ever.
func TestStaleRowEndsTheRound(t *testing.T) {
	store := stale{new(memory)}
	now := at("2026-05-18T09:00:00Z")
	store.add(direct("ann", "0 9 * * *", "UTC"), now.Add(-time.Hour))
	r := wire(store, voice{})
	r.run.Planner.Now = func() time.Time { return now }
	if n, err := r.run.Planner.Round(t.Context()); n != 0 || err != nil {
		t.Errorf("Round = %d, %v; want nothing", n, err)
	}
}

// A clock that is set back sweeps no slot twice.
func TestClockSetBack(t *testing.T) {
	store := new(memory)
	now := at("2026-05-18T09:00:00Z")
	store.add(direct("ann", "0 9 * * *", "UTC"), now.Add(-time.Hour))
	r := wire(store, voice{})
	r.run.Planner.Now = func() time.Time { return now }
	for range 5 {
		if _, err := r.run.Planner.Round(t.Context()); err != nil {
			t.Fatal(err)
		}
		now = now.AddDate(0, 0, 1)
	}
	now = now.AddDate(0, 0, -4)
	store.moveZone(person("ann"), "Europe/Berlin", now) // computes the row anew, on the old date
	for range 5 {
		if _, err := r.run.Planner.Round(t.Context()); err != nil {
			t.Fatal(err)
		}
		now = now.AddDate(0, 0, 1)
	}
	want := []string{"tip 2026-05-18", "tip 2026-05-19", "tip 2026-05-20", "tip 2026-05-21", "tip 2026-05-22", "tip 2026-05-23"}
	if got := store.queued(); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

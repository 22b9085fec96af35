package schedules_test

import (
	"cmp"
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"rapport/adapters/sqlite"
	"rapport/coach"
	"rapport/coach/coachtest"
	"rapport/coach/streak"
	"rapport/schedules"
)

// open opens the file at path, on r's clock once r is there.
func open(t *testing.T, path string, keys *coachtest.MemKeys, now func() time.Time) *sqlite.DB {
	t.Helper()
	db, err := sqlite.Open(t.Context(), path, sqlite.Options{Keys: keys, Now: now})
	if err != nil {
		t.Fatal(err)
	}
	return db
}

// A file is a rig on a real database file that can be closed and opened again.
type file struct {
	*rig
	t    *testing.T
	path string
	keys coachtest.MemKeys
	db   *sqlite.DB
	asks int
}

func openFile(t *testing.T, begin string) *file {
	f := &file{t: t, path: filepath.Join(t.TempDir(), "rapport.db")}
	h := new(hand)
	h.Set(at(begin))
	f.wire(h, &inbox{clock: h.Now})
	return f
}

func (f *file) wire(h *hand, box *inbox) {
	f.db = open(f.t, f.path, &f.keys, h.Now)
	f.rig = wire(f.db, voice{})
	f.hand, f.inbox = h, box
	f.run.Planner.Now, f.run.Courier.Now = h.Now, h.Now
	f.run.Courier.Senders = map[coach.Platform]schedules.Sender{"p": box}
}

// reopen is a restart.
func (f *file) reopen() {
	f.close()
	f.wire(f.hand, f.inbox)
}

func (f *file) close() {
	f.t.Helper()
	if err := f.db.Close(); err != nil {
		f.t.Error(err)
	}
}

func (f *file) apply(who coach.Person, c coach.Change) {
	f.t.Helper()
	f.asks++
	if _, err := f.db.Apply(f.t.Context(), fmt.Sprint("r", f.asks), who, c); err != nil {
		f.t.Fatal(err)
	}
}

func (f *file) walk(to string) {
	f.t.Helper()
	if err := f.run.Walk(f.t.Context(), f.hand.Set, at(to)); err != nil {
		f.t.Fatal(err)
	}
}

// arrived returns "who kind date" of what came in since the last call, with
// the local time it came at, in order of that; lanes are not in step.
func (f *file) arrived(zone string) (all []string) {
	loc, err := schedules.Zone(zone)
	if err != nil {
		f.t.Fatal(err)
	}
	for _, a := range f.inbox.arrivals() {
		parts := strings.Split(a.key, "/")
		if len(parts) < 4 {
			f.t.Fatalf("key %q", a.key)
		}
		all = append(all, strings.Join(parts[1:], "/")+" "+a.at.In(loc).Format("02 15:04"))
	}
	f.inbox.mu.Lock()
	f.inbox.got = nil
	f.inbox.mu.Unlock()
	slices.SortFunc(all, func(a, b string) int {
		return cmp.Or(strings.Compare(a[len(a)-8:], b[len(b)-8:]), strings.Compare(a, b))
	})
	return all
}

// daily wishes for a tip every day at nine.
func (f *file) daily(who coach.Person, zone string) {
	f.t.Helper()
	f.apply(who, coach.Change{Team: demo, Settings: &coach.Settings{Zone: zone, ZoneChosen: true, Rhythm: coach.Daily}, Zone: zone,
		Wishes: []coach.Wish{{Kind: daily, Subject: "tips", Spec: "0 9 * * *", Zone: zone}}})
}

func (f *file) expect(what, zone string, want ...string) {
	f.t.Helper()
	if got := f.arrived(zone); !slices.Equal(got, want) {
		f.t.Errorf("%s:\ngot  %q\nwant %q", what, got, want)
	}
}

func TestOnFile(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := openFile(t, "2026-03-05T12:00:00Z") // a Thursday
		defer f.close()
		ann := person("ann")
		f.daily(ann, "America/New_York")
		f.walk("2026-03-10T23:00:00Z")
		f.expect("a change of clocks", "America/New_York",
			"tip/tips/2026-03-05 05 09:00", "tip/tips/2026-03-06 06 09:00", "tip/tips/2026-03-07 07 09:00",
			"tip/tips/2026-03-08 08 09:00", "tip/tips/2026-03-09 09 09:00", "tip/tips/2026-03-10 10 09:00")

		f.apply(ann, coach.Change{Zone: "Pacific/Apia"}) // where it is the 11th at noon
		f.walk("2026-03-12T23:00:00Z")
		f.expect("a move over the date line", "Pacific/Apia", "tip/tips/2026-03-12 12 09:00", "tip/tips/2026-03-13 13 09:00")

		f.apply(ann, coach.Change{Zone: "Pacific/Honolulu"}) // where it is the 12th again
		f.walk("2026-03-15T20:00:00Z")
		f.expect("and back: no date twice", "Pacific/Honolulu", "tip/tips/2026-03-14 14 09:00", "tip/tips/2026-03-15 15 09:00")

		f.apply(ann, coach.Change{Zone: "UTC", Wishes: []coach.Wish{
			{Kind: daily, Subject: "asked", Date: "2026-03-17", Minute: 15 * 60, Zone: "UTC", Exact: true}}})
		f.walk("2026-03-19T00:00:00Z")
		f.expect("what was asked for uses the day up", "UTC", "tip/tips/2026-03-16 16 09:00", "tip/asked/2026-03-17 17 15:00", "tip/tips/2026-03-18 18 09:00")
	})
}

// The weekly post goes once a week whatever happens to its row.
func TestWeeklyOnFile(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := openFile(t, "2026-05-15T12:00:00Z") // a Friday
		defer f.close()
		owner := person("owner")
		setUp := func(spec, zone string, stopped bool) {
			f.apply(owner, coach.Change{Team: demo,
				TeamPlan: &coach.TeamSettings{Channel: "town", Spec: spec, Zone: zone, WeekStart: time.Monday, Owner: owner, Stopped: stopped},
				Wishes:   []coach.Wish{{Kind: weekly, Subject: "town", To: coach.ChannelOf(demo, "town"), Spec: spec, Zone: zone}}})
		}
		setUp("0 9 * * 1", "Europe/Berlin", false)
		f.walk("2026-05-18T12:00:00Z")
		f.expect("on Monday", "Europe/Berlin", "nudge/town/2026-05-18 18 09:00")

		setUp("0 9 * * 3", "Europe/Berlin", false)
		f.walk("2026-05-27T12:00:00Z")
		f.expect("moved to Wednesday: not twice in a week", "Europe/Berlin", "nudge/town/2026-05-27 27 09:00")

		setUp("0 9 * * 3", "Asia/Tokyo", false)
		f.walk("2026-06-04T00:00:00Z")
		f.expect("moved to Tokyo", "Asia/Tokyo", "nudge/town/2026-06-03 03 09:00")

		// The platform is down on Wednesday, the team stops the coach, and what is queued stays where it is.
		f.inbox.answer = func(context.Context, coach.Address, string) error { return fate(coach.Later, time.Minute) }
		f.walk("2026-06-10T00:30:00Z")
		setUp("0 9 * * 3", "Asia/Tokyo", true)
		f.inbox.answer = nil
		f.deliverFor(t, 5*time.Minute)
		f.walk("2026-06-10T12:00:00Z")
		f.expect("stopped", "Asia/Tokyo")

		setUp("0 9 * * 3", "Asia/Tokyo", false)
		f.walk("2026-06-18T00:00:00Z")
		f.expect("started again", "Asia/Tokyo", "nudge/town/2026-06-17 17 09:00")
	})
}

func TestDowntimeOnFile(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := openFile(t, "2026-05-15T12:00:00Z")
		defer func() { f.close() }()
		f.daily(person("ann"), "UTC")
		f.apply(person("owner"), coach.Change{Team: demo,
			TeamPlan: &coach.TeamSettings{Channel: "town", Spec: "0 9 * * 1", Zone: "UTC", WeekStart: time.Monday},
			Wishes:   []coach.Wish{{Kind: weekly, Subject: "town", To: coach.ChannelOf(demo, "town"), Spec: "0 9 * * 1", Zone: "UTC"}}})
		f.walk("2026-05-16T12:00:00Z")
		f.expect("before", "UTC", "tip/tips/2026-05-16 16 09:00")
		f.reopen()
		f.hand.Set(at("2026-06-09T11:00:00Z")) // nobody was there for three weeks; a Tuesday
		f.walk("2026-06-10T12:00:00Z")
		f.expect("after weeks", "UTC", "nudge/town/2026-06-08 09 11:00", "tip/tips/2026-06-09 09 11:00", "tip/tips/2026-06-10 10 09:00")
		h, err := f.db.TeamHealth(t.Context(), demo)
		if err != nil || h.Missed != 1 {
			t.Errorf("health %+v, %v; want a missed slot", h, err)
		}
	})
}

// What a process that died left behind is delivered by the next one, once.
func TestDeathOnFile(t *testing.T) {
	for _, c := range []struct {
		name  string
		dies  func(f *file, d schedules.Delivery)
		doubt schedules.Doubt
		want  []string
		state int // in doubt
	}{
		{"after a claim", func(*file, schedules.Delivery) {}, schedules.Doubt{}, []string{"nudge/town/2026-05-18 18 09:02"}, 0},
		{"after a start, skip", func(f *file, d schedules.Delivery) { f.begin(d) }, schedules.Doubt{}, nil, 1},
		{"after a start, resend", func(f *file, d schedules.Delivery) { f.begin(d) }, schedules.Doubt{Resend: true}, []string{"nudge/town/2026-05-18 18 09:02"}, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := openFile(t, "2026-05-18T08:59:00Z")
				defer func() { f.close() }()
				f.apply(person("owner"), coach.Change{Team: demo,
					TeamPlan: &coach.TeamSettings{Channel: "town", Spec: "0 9 * * 1", Zone: "UTC", WeekStart: time.Monday},
					Wishes:   []coach.Wish{{Kind: weekly, Subject: "town", To: coach.ChannelOf(demo, "town"), Spec: "0 9 * * 1", Zone: "UTC"}}})
				time.Sleep(time.Minute)
				if n, err := f.run.Planner.Round(t.Context()); n != 1 || err != nil {
					t.Fatalf("Round = %d, %v", n, err)
				}
				rows, err := f.db.Claim(t.Context(), schedules.Claim{Now: f.hand.Now(), Machine: time.Now(), Owner: "dead", Lease: time.Minute, PerLane: 9, Limit: 9})
				if err != nil || len(rows) != 1 {
					t.Fatalf("Claim = %v, %v", rows, err)
				}
				c.dies(f, rows[0])
				f.reopen()
				f.run.Courier.Pace = map[coach.Platform]schedules.Pace{"p": {Doubt: c.doubt}}
				f.deliverFor(t, 55*time.Second)
				f.expect("while the lease holds", "UTC")
				time.Sleep(time.Minute)
				f.deliverFor(t, 30*time.Second)
				if got := f.arrived("UTC"); len(got) != len(c.want) || len(got) > 0 && got[0][:22] != c.want[0][:22] {
					t.Errorf("got %q, want %q", got, c.want)
				}
				h, err := f.db.TeamHealth(t.Context(), demo)
				if err != nil || h.InDoubt != c.state {
					t.Errorf("health %+v, %v; want %d in doubt", h, err, c.state)
				}
			})
		})
	}
}

// begin records that the call for d began, as a process does before it dies.
func (f *file) begin(d schedules.Delivery) {
	f.t.Helper()
	if ok, err := f.db.Start(f.t.Context(), d, time.Now()); !ok || err != nil {
		f.t.Fatalf("Start = %t, %v", ok, err)
	}
}

// A month of many people in all zones on a real file.
func TestMonthOnFile(t *testing.T) {
	if testing.Short() {
		t.Skip("takes a while")
	}
	names := schedules.ZoneNames(t)
	synctest.Test(t, func(t *testing.T) {
		f := openFile(t, "2026-03-20T00:00:00Z")
		defer f.close()
		for i := 0; i < len(names); i += 6 {
			f.daily(person(names[i]), names[i])
		}
		f.walk("2026-04-10T00:00:00Z")
		last := make(map[string]streak.Date)
		count := 0
		for _, a := range f.inbox.arrivals() {
			name := a.to.Person.User
			loc, err := schedules.Zone(name)
			if err != nil {
				t.Fatal(err)
			}
			local := a.at.In(loc)
			date := streak.DateOf(local)
			if local.Hour() != 9 || local.Minute() != 0 || last[name] != "" && date != last[name].Add(1) || !strings.HasSuffix(a.key, string(date)) {
				t.Errorf("%s: %s at %v after %s", name, a.key, local, last[name])
			}
			last[name] = date
			count++
		}
		if people := len(last); people != (len(names)+5)/6 || count < people*20 {
			t.Errorf("%d messages to %d people", count, people)
		}
	})
}

package slack

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	slackgo "github.com/slack-go/slack"

	"rapport/adapters/slack/slacktest"
	"rapport/coach"
)

// A register is a Slack that knows people by heart, for the cache alone.
type register struct {
	mu    sync.Mutex
	calls int
	facts facts
	err   error
	takes time.Duration
}

func (r *register) ask(ctx context.Context, _ string) (facts, error) {
	r.mu.Lock()
	r.calls++
	f, err, takes := r.facts, r.err, r.takes
	r.mu.Unlock()
	select {
	case <-time.After(takes):
	case <-ctx.Done():
		return facts{}, ctx.Err()
	}
	return f, err
}

func (r *register) set(f facts, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.facts, r.err = f, err
}

func (r *register) asked() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.calls
}

func TestPeopleAskOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := &register{facts: facts{zone: "Europe/Berlin"}, takes: time.Second}
		p := newPeople(t.Context(), r.ask, time.Now)
		var all sync.WaitGroup
		for range 20 {
			all.Go(func() {
				if f, known := p.find(t.Context(), "U1"); !known || f.zone != "Europe/Berlin" {
					t.Errorf("find = %+v, %t", f, known)
				}
			})
		}
		all.Wait()
		p.find(t.Context(), "U1")
		if got := r.asked(); got != 1 {
			t.Errorf("%d calls for one person asked about by many at once, want 1", got)
		}
		p.wait()
	})
}

func TestPeopleStaleIsUsed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := &register{facts: facts{zone: "Europe/Berlin", admin: true}}
		p := newPeople(t.Context(), r.ask, time.Now)
		p.find(t.Context(), "U1")
		r.set(facts{zone: "Asia/Tokyo"}, nil)
		r.takes = time.Second
		time.Sleep(factsTime + time.Minute)

		begun := time.Now()
		f, known := p.find(t.Context(), "U1")
		if !known || f.zone != "Europe/Berlin" || !time.Now().Equal(begun) {
			t.Errorf("find = %+v, %t after %s, want what was known, at once", f, known, time.Since(begun))
		}
		p.find(t.Context(), "U1")
		p.wait()
		if f, _ := p.find(t.Context(), "U1"); f.zone != "Asia/Tokyo" || f.admin {
			t.Errorf("find = %+v after the refresh", f)
		}
		if got := r.asked(); got != 2 {
			t.Errorf("%d calls, want 2", got)
		}
	})
}

func TestPeopleFailure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := &register{facts: facts{zone: "Europe/Berlin", admin: true}}
		p := newPeople(t.Context(), r.ask, time.Now)
		r.set(facts{}, errors.New("no"))
		if f, known := p.find(t.Context(), "U1"); known || f != (facts{}) {
			t.Errorf("find = %+v, %t of somebody Slack does not tell of", f, known)
		}
		p.find(t.Context(), "U1")
		if got := r.asked(); got != 1 {
			t.Errorf("%d calls right after a failure, want 1", got)
		}
		time.Sleep(retryFacts)
		r.set(facts{zone: "Europe/Berlin", admin: true}, nil)
		if f, known := p.find(t.Context(), "U1"); !known || !f.admin {
			t.Errorf("find = %+v, %t when asked again later", f, known)
		}

		time.Sleep(factsTime + time.Minute)
		r.set(facts{}, &slackgo.RateLimitedError{RetryAfter: 5 * time.Minute})
		p.find(t.Context(), "U1")
		synctest.Wait()
		if f, known := p.find(t.Context(), "U1"); !known || f.zone != "Europe/Berlin" || f.admin {
			t.Errorf("find = %+v, %t after a failed refresh, want the zone and no admin", f, known)
		}
		before := r.asked()
		time.Sleep(4 * time.Minute)
		p.find(t.Context(), "U1")
		synctest.Wait()
		if got := r.asked(); got != before {
			t.Errorf("%d calls within the time that Slack asked to wait", got-before)
		}
		p.wait()
	})
}

func TestPeopleWaitIsShort(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := &register{facts: facts{zone: "Europe/Berlin"}, takes: 10 * time.Second}
		p := newPeople(t.Context(), r.ask, time.Now)
		begun := time.Now()
		if _, known := p.find(t.Context(), "U1"); known || time.Since(begun) != factsWait {
			t.Errorf("known %t after %s, want nobody after %s", known, time.Since(begun), factsWait)
		}
		p.wait()
		if f, known := p.find(t.Context(), "U1"); !known || f.zone != "Europe/Berlin" || r.asked() != 1 {
			t.Errorf("find = %+v, %t after %d calls: a late answer counts as well", f, known, r.asked())
		}
	})
}

func TestPeopleAreBounded(t *testing.T) {
	r := &register{}
	p := newPeople(t.Context(), r.ask, func() time.Time { return time.Unix(0, 0) })
	for i := range 2 * maxPeople {
		p.change(fmt.Sprint("U", i), facts{updated: 1})
		if n := len(p.now) + len(p.old); n > maxPeople {
			t.Fatalf("%d people are remembered, limit %d", n, maxPeople)
		}
	}
	if _, known := p.find(t.Context(), fmt.Sprint("U", 2*maxPeople-1)); !known || r.asked() != 0 {
		t.Error("the latest person is forgotten")
	}
}

func TestPeopleChange(t *testing.T) {
	p := newPeople(t.Context(), (&register{}).ask, func() time.Time { return time.Unix(0, 0) })
	steps := []struct {
		says, now facts
		moved, ok bool
	}{
		{facts{zone: "Europe/Berlin", locale: "de-DE", enterprise: "E1", updated: 5}, facts{zone: "Europe/Berlin", locale: "de-DE", enterprise: "E1", updated: 5}, true, true},
		{facts{zone: "Asia/Tokyo", updated: 4}, facts{zone: "Europe/Berlin", locale: "de-DE", enterprise: "E1", updated: 5}, false, false},
		{facts{zone: "Europe/Berlin", admin: true, updated: 6}, facts{zone: "Europe/Berlin", locale: "de-DE", enterprise: "E1", admin: true, updated: 6}, false, true},
		{facts{zone: "Africa/Lagos", updated: 7}, facts{zone: "Africa/Lagos", locale: "de-DE", enterprise: "E1", updated: 7}, true, true},
		{facts{updated: 8}, facts{locale: "de-DE", enterprise: "E1", updated: 8}, false, true},
		{facts{locale: "fr-FR"}, facts{locale: "fr-FR", enterprise: "E1"}, true, true},
	}
	for i, s := range steps {
		now, moved, ok := p.change("U1", s.says)
		if now != s.now || moved != s.moved || ok != s.ok {
			t.Errorf("step %d: %+v, %t, %t; want %+v, %t, %t", i+1, now, moved, ok, s.now, s.moved, s.ok)
		}
		if f, _ := p.find(t.Context(), "U1"); f != s.now {
			t.Errorf("step %d: find = %+v", i+1, f)
		}
	}
}

// Who somebody is, in all the shapes in which Slack tells it.
func TestPerson(t *testing.T) {
	alone := installation{Team: "T1"}
	grid := installation{Team: "T1", Enterprise: "E1"}
	wide := installation{Enterprise: "E1"}
	cases := []struct {
		name     string
		self     installation
		by       caller
		facts    facts
		realm    string
		team     string
		stranger bool
	}{
		{"command", alone, caller{place: "T1"}, facts{team: "T1"}, "T1", "T1", false},
		{"command, Slack fails", alone, caller{place: "T1"}, facts{}, "T1", "T1", false},
		{"press", alone, caller{team: "T1", place: "T1"}, facts{team: "T1"}, "T1", "T1", false},
		{"press without a team", alone, caller{}, facts{}, "T1", "T1", false},
		{"press of another workspace", alone, caller{team: "T9", place: "T1"}, facts{team: "T9"}, "T9", "T1", true},
		{"press of another workspace, Slack fails", alone, caller{team: "T9", place: "T1"}, facts{}, "T9", "T1", true},
		{"press of another workspace, told as its own", alone, caller{team: "T9", place: "T9"}, facts{}, "T9", "T1", true},
		{"command of another workspace", alone, caller{place: "T1"}, facts{team: "T9"}, "T9", "T1", true},
		{"press of another organisation", alone, caller{team: "T9", place: "T1"}, facts{team: "T9", enterprise: "E9"}, "E9", "T1", true},

		{"Grid command", grid, caller{place: "T1", enterprise: "E1"}, facts{team: "T1", enterprise: "E1"}, "E1", "T1", false},
		{"Grid command, Slack fails", grid, caller{place: "T1", enterprise: "E1"}, facts{}, "E1", "T1", false},
		{"Grid event without organisation", grid, caller{place: "T1"}, facts{}, "E1", "T1", false},
		{"Grid press from a sister workspace", grid, caller{team: "T2", place: "T1", enterprise: "E1"}, facts{team: "T2", enterprise: "E1"}, "E1", "T1", false},
		{"Grid press of a stranger", grid, caller{team: "T9", place: "T1", enterprise: "E1"}, facts{team: "T9", enterprise: "E9"}, "E9", "T1", true},
		{"Grid press of a stranger without organisation", grid, caller{team: "T9", place: "T1", enterprise: "E1"}, facts{team: "T9"}, "T9", "T1", true},
		{"Grid press from who knows where, Slack fails", grid, caller{team: "T2", place: "T1", enterprise: "E1"}, facts{}, "T2", "T1", true},
		{"Grid, a user of the organisation itself", grid, caller{team: "E1", place: "T1", enterprise: "E1"}, facts{}, "E1", "T1", false},

		{"org-wide command", wide, caller{place: "T2", enterprise: "E1"}, facts{team: "T2", enterprise: "E1"}, "E1", "T2", false},
		{"org-wide command, Slack fails", wide, caller{place: "T2", enterprise: "E1"}, facts{}, "E1", "T2", false},
		{"org-wide press", wide, caller{team: "T3", enterprise: "E1"}, facts{team: "T3", enterprise: "E1"}, "E1", "E1", false},
		{"org-wide press of a stranger", wide, caller{team: "T9", place: "T9", enterprise: "E9"}, facts{team: "T9", enterprise: "E9"}, "E9", "E1", true},
		{"org-wide event without a team", wide, caller{}, facts{}, "E1", "E1", false},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			d := &desk{Adapter: New(Options{}), self: c.self}
			c.by.user = "U1"
			who, stranger := d.person(c.by, c.facts)
			if want := (coach.Person{Platform: platform, Realm: c.realm, User: "U1"}); who != want || stranger != c.stranger {
				t.Errorf("person = %s, stranger %t; want %s, %t", who, stranger, want, c.stranger)
			}
			if got, want := d.team(c.by), (coach.Team{Platform: platform, ID: c.team}); got != want {
				t.Errorf("team = %v, want %v", got, want)
			}
		})
	}
}

// Who somebody is decides what they may do.
func TestPeopleInSlack(t *testing.T) {
	setup := slacktest.Setup{
		Users: []slacktest.User{
			{Name: "Anna", Admin: true, Zone: "Europe/Berlin"}, {Name: "Olu", Owner: true}, {Name: "Ben", Zone: "America/New_York"},
			{Name: "Gus", Guest: true, Zone: "Europe/Berlin"}, {Name: "Solo", SoloGuest: true}, {Name: "Nils"},
			{Name: "Sam", Team: "T0OTHER", Stranger: true, Admin: true, Zone: "Europe/Paris"},
		},
		Channels: []slacktest.Channel{{Name: "general", Shared: true}},
	}
	cases := []struct {
		name                   string
		admin, guest, stranger bool
		zone                   string
	}{
		{"Anna", true, false, false, "Europe/Berlin"},
		{"Olu", true, false, false, ""},
		{"Ben", false, false, false, "America/New_York"},
		{"Gus", false, true, false, "Europe/Berlin"},
		{"Solo", false, true, false, ""},
		{"Nils", true, false, false, ""},
		{"Sam", false, false, true, "Europe/Paris"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			o := openOffice(t, setup, func(op *Options) { op.Admins = []string{"U0NILS"} })
			p := o.Person(c.name).In("general")
			p.Command("/rapport setup")
			r := o.last("setup")
			if r.Admin != c.admin || r.Guest != c.guest || r.Stranger != c.stranger || r.Zone != c.zone || r.Locale != "en-US" {
				t.Errorf("request %+v", r)
			}
			if got := strings.Contains(p.Last().Plain(), "Choose channel and day"); got != c.admin {
				t.Errorf("%s is shown\n%s", c.name, p.Last().Plain())
			}
			if c.stranger {
				p.Command("/rapport journal write")
				p.Submit(p.WaitModal("Journal"), map[string]string{"words": "x"})
				if self, err := o.store.Self(t.Context(), r.From); err != nil || self.Known {
					t.Errorf("something is kept of a stranger: %+v, %v", self, err)
				}
			}
		})
	}
}

// In Enterprise Grid a person is the same one from every workspace.
func TestGrid(t *testing.T) {
	for _, wide := range []bool{false, true} {
		t.Run(fmt.Sprint(wide), func(t *testing.T) {
			o := openOffice(t, slacktest.Setup{
				Enterprise: "E0GRID", OrgWide: wide, Teams: []slacktest.Team{{ID: "T0ONE", Name: "One"}, {ID: "T0TWO", Name: "Two"}},
				Users: []slacktest.User{{Name: "Anna", Admin: true}, {Name: "Tom", Team: "T0TWO"}, {Name: "Sam", Team: "T0ELSE", Enterprise: "E0ELSE", Stranger: true}},
			})
			for _, name := range []string{"Anna", "Tom"} {
				p := o.Person(name).In("general")
				p.Command("/rapport settings")
				p.Press(p.Last(), "Rhythm")
				p.Submit(p.WaitModal("Rhythm"), nil)
				p.CloseModal()
				p.OpenHome()
				p.WaitHome("")
				for _, r := range o.asked {
					if r.From.User == p.ID() && (r.From.Realm != "E0GRID" || r.Stranger) {
						t.Errorf("%s is %s, stranger %t", r.Action.Verb, r.From, r.Stranger)
					}
				}
				if r := o.last("settings"); !wide && r.Team.ID != "T0ONE" || wide && !strings.HasPrefix(r.Team.ID, "T0") {
					t.Errorf("%s is in %v", name, r.Team)
				}
			}
			sam := o.Person("Sam").In("general")
			sam.Command("/rapport settings")
			if r := o.last("settings"); !r.Stranger || r.From.Realm != "E0ELSE" {
				t.Errorf("a stranger is %+v", r)
			}
		})
	}
}

// Where Slack does not say who somebody is, they are answered all the same.
func TestSlackDoesNotSayWho(t *testing.T) {
	o := openOffice(t, slacktest.Setup{})
	o.Fail("users.info", slacktest.Fault{Status: 503, Times: -1})
	anna := o.Person("Anna").In("general")
	anna.Command("/rapport")
	if m := anna.Last(); !strings.Contains(m.Plain(), "Hello, I'm Rapport.") {
		t.Errorf("the answer is\n%s", m.Plain())
	}
	if r := o.last("home"); r.Admin || !r.Guest || r.Zone != "" || r.From.Realm != "T0LIGHT" {
		t.Errorf("request %+v", r)
	}
	anna.Command("/rapport")
	if n := len(o.Calls("users.info")); n != 1 {
		t.Errorf("users.info was called %d times", n)
	}
	o.wantNotice("person not looked up")
}

// A slow users.info holds up the answer, and never the acknowledgement.
func TestSlowUsersInfo(t *testing.T) {
	t.Parallel()
	o := openOffice(t, slacktest.Setup{})
	o.desk.ackWait = New(Options{}).ackWait // as the program waits
	o.Fail("users.info", slacktest.Fault{Delay: coach.AckWait + 200*time.Millisecond})
	anna := o.Person("Anna").In("general")
	if m := shown(t, anna.Command("/rapport")); m.Text != "One moment." {
		t.Errorf("the acknowledgement reads\n%s", m.Plain())
	}
	anna.WaitMessage("Rapport is here and silent") // as an admin reads it
}

package slack

import (
	"context"
	"errors"
	"strings"
	"sync"
	"time"
	"unique"

	slackgo "github.com/slack-go/slack"

	"rapport/coach"
)

const (
	factsTime  = time.Hour               // how long what Slack said of a person is taken for granted
	retryFacts = time.Minute             // after Slack could not say
	factsWait  = 1500 * time.Millisecond // a person waits for it
	maxPeople  = 20_000                  // remembered at a time
)

// facts are what Slack says of a person.
type facts struct {
	team, enterprise string // their own; enterprise "" outside Enterprise Grid
	zone, locale     string // "" if not known
	admin, guest     bool
	bot              bool
	updated          int64 // by Slack's clock
}

func factsOf(u *slackgo.User) facts {
	return facts{
		team: shared(u.TeamID), enterprise: shared(u.Enterprise.EnterpriseID),
		zone: shared(u.TZ), locale: shared(u.Locale),
		admin:   u.IsAdmin || u.IsOwner || u.IsPrimaryOwner,
		guest:   u.IsRestricted || u.IsUltraRestricted,
		bot:     u.IsBot,
		updated: int64(u.Updated),
	}
}

// shared returns s in the memory of every other s that is remembered: thousands
// of people have the same team, zone and language.
func shared(s string) string { return unique.Make(s).Value() }

// older reports whether Slack said f before g.
func (f facts) older(g facts) bool { return f.updated != 0 && f.updated < g.updated }

// userInfo asks Slack.
func (d *desk) userInfo(ctx context.Context, user string) (facts, error) {
	u, err := d.api.GetUserInfoContext(ctx, user)
	if err != nil {
		d.Notify(Notice{What: "person not looked up", Err: bare(err)})
		return facts{}, err
	}
	return factsOf(u), nil
}

// people remembers facts, in two generations: the old one goes whole when the
// new one is full or has its time. Whoever is asked about stays.
type people struct {
	ctx   context.Context // of the calls
	ask   func(ctx context.Context, user string) (facts, error)
	clock func() time.Time

	mu       sync.Mutex
	now, old map[string]*acquaintance
	turned   time.Time
	shut     bool
	calls    sync.WaitGroup
}

// An acquaintance is what is remembered of one person.
type acquaintance struct {
	facts
	known bool
	at    time.Time     // when facts were told
	retry time.Time     // not to be asked about before
	call  chan struct{} // closed when the call under way is over; nil if none is
}

func newPeople(ctx context.Context, ask func(context.Context, string) (facts, error), clock func() time.Time) *people {
	return &people{ctx: ctx, ask: ask, clock: clock, now: map[string]*acquaintance{}, turned: clock()}
}

// find returns the facts of user; not known if Slack does not say in time. It
// waits only for somebody new: what is out of date is used while Slack is asked
// again.
func (p *people) find(ctx context.Context, user string) (f facts, known bool) {
	p.mu.Lock()
	a := p.meet(user)
	now := p.clock()
	if out := !a.known || now.Sub(a.at) > factsTime; out && a.call == nil && !now.Before(a.retry) && !p.shut {
		a.call = make(chan struct{})
		p.calls.Add(1)
		go p.refresh(user, a)
	}
	f, known = a.facts, a.known
	call := a.call
	p.mu.Unlock()
	if known || call == nil {
		return f, known
	}
	timer := time.NewTimer(factsWait)
	defer timer.Stop()
	select {
	case <-call:
	case <-timer.C:
	case <-ctx.Done():
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	return a.facts, a.known
}

// meet returns who is remembered as user. p.mu is held.
func (p *people) meet(user string) *acquaintance {
	if a := p.now[user]; a != nil {
		return a
	}
	if at := p.clock(); at.Sub(p.turned) > factsTime || len(p.now) >= maxPeople/2 {
		p.now, p.old, p.turned = map[string]*acquaintance{}, p.now, at
	}
	a := p.old[user]
	if a == nil {
		a = &acquaintance{}
	}
	p.now[strings.Clone(user)] = a // it may be a piece of a whole request, which must not stay for it
	return a
}

// refresh asks Slack about user. After a failure nobody is an admin any more.
func (p *people) refresh(user string, a *acquaintance) {
	defer p.calls.Done()
	f, err := p.ask(p.ctx, user)
	p.mu.Lock()
	defer p.mu.Unlock()
	now := p.clock()
	switch limited, _ := errors.AsType[*slackgo.RateLimitedError](err); {
	case err == nil && !f.older(a.facts):
		a.facts, a.known, a.at = f, true, now
	case err == nil:
		a.at = now // an event told newer ones meanwhile
	case limited != nil:
		a.admin, a.retry = false, now.Add(max(retryFacts, limited.RetryAfter))
	default:
		a.admin, a.retry = false, now.Add(retryFacts)
	}
	close(a.call)
	a.call = nil
}

// change takes in what an event says of user, which may leave out what did not
// change. It returns what is known now, and whether the zone or the language may
// be new; not ok if something newer was known.
func (p *people) change(user string, f facts) (now facts, moved, ok bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	a := p.meet(user)
	before := a.facts
	if a.known && f.older(before) {
		return before, false, false
	}
	f.locale, f.enterprise = first(f.locale, before.locale), first(f.enterprise, before.enterprise)
	a.facts, a.known, a.at = f, true, p.clock()
	return f, f.zone != "" && f.zone != before.zone || f.locale != before.locale, true
}

// wait returns when no call is under way. None is begun afterwards.
func (p *people) wait() {
	p.mu.Lock()
	p.shut = true
	p.mu.Unlock()
	p.calls.Wait()
}

// A caller is who did something, as far as the payload says.
type caller struct {
	user       string
	team       string // their own; "" if not said
	place      string // team it was done in; "" if not said
	enterprise string // of place; "" if none, or not said
}

// person returns who c is, and whether they are of another organisation than
// the app. Realm is their organisation, or their workspace where there is none.
func (d *desk) person(c caller, f facts) (who coach.Person, stranger bool) {
	team := first(c.team, f.team, c.place, d.self.Team)
	enterprise := f.enterprise
	if enterprise == "" {
		switch team {
		case d.self.Team, d.self.Enterprise:
			enterprise = d.self.Enterprise
		case c.place:
			enterprise = c.enterprise
		}
	}
	if d.self.Enterprise != "" {
		stranger = enterprise != d.self.Enterprise
	} else {
		stranger = team != d.self.Team
	}
	return coach.Person{Platform: platform, Realm: first(enterprise, team, d.self.Enterprise), User: c.user}, stranger
}

// team returns where c did something: the workspace that the app is installed
// in, or one of its organisation, or that itself where Slack names none.
func (d *desk) team(c caller) coach.Team {
	id := d.self.Team
	if id == "" && (c.enterprise == "" || c.enterprise == d.self.Enterprise) {
		id = c.place
	}
	return coach.Team{Platform: platform, ID: first(id, d.self.Enterprise)}
}

// first returns the first that is not empty.
func first(ids ...string) string {
	for _, id := range ids {
		if id != "" {
			return id
		}
	}
	return ""
}

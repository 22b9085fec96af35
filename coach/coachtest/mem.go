package coachtest

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"rapport/coach"
	"rapport/coach/streak"
	"rapport/schedules"
)

// Mem is a coach.Store and a schedules.Store in memory, for tests that need
// neither a disk nor durability. It follows the same rules as a real one.
type Mem struct {
	now func() time.Time

	mu     sync.Mutex
	ids    int64
	people map[coach.Person]*memPerson
	teams  map[coach.Team]*memTeam
	due    []*memDue
	outbox []*memDelivery
}

var (
	_ coach.Store     = (*Mem)(nil)
	_ schedules.Store = (*Mem)(nil)
)

// NewMem returns an empty store on that coach clock; nil is the machine's.
func NewMem(now func() time.Time) *Mem {
	if now == nil {
		now = time.Now
	}
	return &Mem{now: now, people: map[coach.Person]*memPerson{}, teams: map[coach.Team]*memTeam{}}
}

// memPerson is everything about one person but what is planned.
type memPerson struct {
	id         int64
	since      time.Time
	settings   coach.Settings
	zone       string
	log        []memEvent
	ledger     streak.Ledger
	requests   map[string]memRequest
	notes      []coach.Note
	flows      map[string]coach.Flow
	drafts     map[string]coach.Draft
	said       []coach.Said
	teams      map[coach.Team]bool
	unanswered int
	shut       bool
}

type memEvent struct {
	streak.Event
	answer string
}

type memRequest struct {
	answer string
	at     time.Time
}

type memTeam struct {
	settings    coach.TeamSettings
	chosen      bool // settings were set: before that weeks start on Monday
	press, sent time.Time
	problem     string
	told        bool // somebody was told of problem
	missed      []time.Time
	tries       map[streak.Date]*memTries
}

// memTries is the figure of one post.
type memTries struct {
	people  map[*memPerson]bool // nil: closed
	atLeast int
}

func (m *Mem) nextID() int64 { m.ids++; return m.ids }

// person returns who, made if there is none yet.
func (m *Mem) person(who coach.Person) *memPerson {
	p := m.people[who]
	if p == nil {
		p = &memPerson{
			id: m.nextID(), since: stamp(m.now()), ledger: streak.Fold(nil, ""), requests: map[string]memRequest{},
			flows: map[string]coach.Flow{}, drafts: map[string]coach.Draft{}, teams: map[coach.Team]bool{},
		}
		m.people[who] = p
	}
	return p
}

func (m *Mem) team(t coach.Team) *memTeam {
	if m.teams[t] == nil {
		m.teams[t] = &memTeam{}
	}
	return m.teams[t]
}

// stamp is an instant as stores keep it.
func stamp(t time.Time) time.Time {
	if t.IsZero() {
		return time.Time{}
	}
	return t.UTC().Truncate(time.Microsecond)
}

// Apply implements [coach.Writer].
func (m *Mem) Apply(ctx context.Context, requestID string, who coach.Person, c coach.Change) (coach.Applied, error) {
	if err := ctx.Err(); err != nil {
		return coach.Applied{}, fmt.Errorf("apply: %w", err)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if answer, ok := m.applied(requestID, who, c); ok {
		return coach.Applied{Answer: answer, Self: m.self(who)}, nil
	}
	if err := m.check(who, c); err != nil {
		return coach.Applied{}, fmt.Errorf("apply: %w", err)
	}
	if c.Unseen && m.people[who] == nil {
		return coach.Applied{}, nil
	}
	p := m.person(who)
	if requestID != "" {
		p.requests[requestID] = memRequest{c.Answer, m.now()}
	}
	m.join(p, c)
	for _, e := range c.Events {
		p.append(e, c.Answer)
	}
	p.write(m, c)
	m.countTries(p, c)
	m.plan(who, p, c)
	if c.TeamPlan != nil {
		t := m.team(c.Team)
		t.settings, t.chosen, t.problem, t.told = *c.TeamPlan, true, "", false
		t.settings.SetUp = stamp(t.settings.SetUp)
	}
	return coach.Applied{First: true, Answer: c.Answer, Self: m.self(who)}, nil
}

// requestAge is how long the id of a request is kept.
const requestAge = 7 * 24 * time.Hour

// applied looks for the request, and for the keys of the events.
func (m *Mem) applied(requestID string, who coach.Person, c coach.Change) (answer string, ok bool) {
	p := m.people[who]
	if p == nil {
		return "", false
	}
	if r, ok := p.requests[requestID]; ok && requestID != "" && m.now().Sub(r.at) <= requestAge {
		return r.answer, true
	}
	for _, e := range c.Events {
		for _, old := range p.log {
			if e.Key != "" && old.Key == e.Key {
				return old.answer, true
			}
		}
	}
	return "", false
}

// check finds what would fail, so that a Change is applied whole or not at all.
func (m *Mem) check(who coach.Person, c coach.Change) error {
	if c.TeamPlan != nil && c.Team == (coach.Team{}) {
		return errors.New("team settings without a team")
	}
	if c.Zone != "" {
		if _, err := schedules.Zone(c.Zone); err != nil {
			return err
		}
	}
	for _, w := range slices.Concat(c.Wishes, c.Cancel) {
		if to := w.To; to.Kind == coach.InChannel && to.Team == (coach.Team{}) ||
			to.Person != (coach.Person{}) && to.Person != who && m.people[to.Person] == nil {
			return fmt.Errorf("wish %s: nobody there", w.Kind)
		}
	}
	for _, w := range c.Wishes {
		if _, err := m.firstDue(who, w, ""); err != nil {
			return fmt.Errorf("wish %s: %w", w.Kind, err)
		}
	}
	return nil
}

// join notes that the person was there, and in which team.
func (m *Mem) join(p *memPerson, c coach.Change) {
	if c.Settings != nil {
		p.settings = *c.Settings
	}
	if c.Unseen {
		return
	}
	p.unanswered = 0
	if c.Team != (coach.Team{}) {
		p.teams[c.Team] = true
		m.team(c.Team).press = stamp(m.now())
	}
}

func (p *memPerson) append(e streak.Event, answer string) {
	e.At = stamp(e.At)
	p.log = append(p.log, memEvent{e, answer})
	p.ledger = streak.Fold(p.events(), "")
}

func (p *memPerson) events() []streak.Event {
	var log []streak.Event
	for _, e := range p.log {
		log = append(log, e.Event)
	}
	slices.SortStableFunc(log, func(a, b streak.Event) int { return a.At.Compare(b.At) })
	return log
}

// write keeps what the person wrote and was shown.
func (p *memPerson) write(m *Mem, c coach.Change) {
	for _, n := range c.AddNotes {
		n.ID, n.At = m.now().UnixMicro(), stamp(n.At)
		if last := len(p.notes) - 1; last >= 0 {
			n.ID = max(n.ID, p.notes[last].ID+1)
		}
		p.notes = append(p.notes, n)
	}
	p.notes = slices.DeleteFunc(p.notes, func(n coach.Note) bool { return slices.Contains(c.DropNotes, n.ID) })
	for _, f := range c.PutFlows {
		f.Made, f.Expires = stamp(f.Made), stamp(f.Expires)
		if f.Words == "" {
			f.Words = p.flows[f.ID].Words
		}
		p.flows[f.ID] = f
	}
	for _, id := range c.DropFlows {
		delete(p.flows, id)
	}
	delete(p.drafts, c.DropDraft)
	if d := c.PutDraft; d != nil {
		kept := *d
		kept.Answers, kept.Expires = maps.Clone(d.Answers), stamp(d.Expires)
		p.drafts[d.ID] = kept
	}
	p.say(c.Said)
}

func (p *memPerson) say(said []coach.Said) {
	for _, s := range said {
		if !slices.Contains(p.said, s) {
			p.said = append(p.said, s)
		}
	}
}

// Forget implements [coach.Writer].
func (m *Mem) Forget(_ context.Context, who coach.Person) (coach.Receipt, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	p := m.people[who]
	if p == nil {
		return coach.Receipt{}, nil
	}
	r := m.receipt(p)
	m.due = slices.DeleteFunc(m.due, func(d *memDue) bool { return d.person == p })
	m.outbox = slices.DeleteFunc(m.outbox, func(d *memDelivery) bool { return d.person == p })
	for _, t := range m.teams {
		if t.settings.Owner == who {
			t.settings.Owner = coach.Person{}
		}
		for _, one := range t.tries {
			delete(one.people, p)
		}
	}
	delete(m.people, who)
	return r, nil
}

// Self implements [coach.People].
func (m *Mem) Self(_ context.Context, who coach.Person) (coach.Self, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.self(who), nil
}

// Meet implements [coach.People].
func (m *Mem) Meet(ctx context.Context, who coach.Person, t coach.Team) (met coach.Met, err error) {
	if met.Self, err = m.Self(ctx, who); err != nil {
		return met, err
	}
	if met.Team, err = m.TeamSettings(ctx, t); err != nil {
		return met, err
	}
	h, err := m.TeamHealth(ctx, t)
	met.Nudge, met.NudgeOn = h.Nudge, h.NudgeOn
	return met, err
}

// self is what is known about who. m.mu is held.
func (m *Mem) self(who coach.Person) coach.Self {
	p := m.people[who]
	if p == nil {
		return coach.Self{}
	}
	self := coach.Self{Known: true, Since: p.since, Settings: p.settings, Ledger: p.ledger, Unanswered: p.unanswered, Closed: p.shut}
	self.Undone = slices.ContainsFunc(p.log, func(e memEvent) bool { return e.Kind == streak.Undo })
	for _, f := range p.flows {
		if f.Words = ""; !f.Over(m.now()) {
			self.Flows = append(self.Flows, f)
		}
	}
	slices.SortFunc(self.Flows, func(a, b coach.Flow) int {
		return cmp.Or(a.Made.Compare(b.Made), strings.Compare(a.ID, b.ID))
	})
	return self
}

// Events implements [coach.People].
func (m *Mem) Events(_ context.Context, who coach.Person) ([]streak.Event, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if p := m.people[who]; p != nil {
		return p.events(), nil
	}
	return nil, nil
}

// Said implements [coach.People].
func (m *Mem) Said(_ context.Context, who coach.Person, since streak.Date) (said []coach.Said, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	p := m.people[who]
	if p == nil {
		return nil, nil
	}
	for _, s := range p.said {
		if s.Date >= since {
			said = append(said, s)
		}
	}
	slices.SortStableFunc(said, func(a, b coach.Said) int { return strings.Compare(string(a.Date)+a.Item, string(b.Date)+b.Item) })
	return said, nil
}

// Receipt implements [coach.People].
func (m *Mem) Receipt(_ context.Context, who coach.Person) (coach.Receipt, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if p := m.people[who]; p != nil {
		return m.receipt(p), nil
	}
	return coach.Receipt{}, nil
}

func (m *Mem) receipt(p *memPerson) coach.Receipt {
	r := coach.Receipt{Notes: len(p.notes), Flows: len(p.flows), Zone: p.settings.Zone, Rhythm: p.settings.Rhythm, Since: p.since}
	if r.Zone == "" {
		r.Zone = p.zone
	}
	undone := map[string]bool{}
	for _, e := range p.log {
		undone[e.Ref] = undone[e.Ref] || e.Kind == streak.Undo
	}
	for _, e := range p.log {
		if e.Kind == streak.CheckIn && !undone[e.Key] {
			r.CheckIns++
		}
	}
	for _, d := range m.outbox {
		if d.person == p {
			r.Messages++
		}
	}
	return r
}

// Notes implements [coach.Notebook].
func (m *Mem) Notes(_ context.Context, who coach.Person, before int64, limit int) (notes []coach.Note, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	p := m.people[who]
	if p == nil {
		return nil, nil
	}
	for _, n := range slices.Backward(p.notes) {
		if (before <= 0 || n.ID < before) && len(notes) < limit {
			notes = append(notes, n)
		}
	}
	return notes, nil
}

// FlowWords implements [coach.Notebook].
func (m *Mem) FlowWords(_ context.Context, who coach.Person, id string) (string, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if p := m.people[who]; p != nil && !p.flows[id].Over(m.now()) {
		return p.flows[id].Words, nil
	}
	return "", nil
}

// Draft implements [coach.Notebook].
func (m *Mem) Draft(_ context.Context, who coach.Person, id string) (coach.Draft, bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	p := m.people[who]
	if p == nil {
		return coach.Draft{}, false, nil
	}
	d, ok := p.drafts[id]
	if !ok || !d.Expires.After(m.now()) {
		return coach.Draft{}, false, nil
	}
	return d, true, nil
}

// TeamSettings implements [coach.Teams].
func (m *Mem) TeamSettings(_ context.Context, t coach.Team) (coach.TeamSettings, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if team := m.teams[t]; team != nil {
		return team.settings, nil
	}
	return coach.TeamSettings{}, nil
}

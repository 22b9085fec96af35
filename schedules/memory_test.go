package schedules_test

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"rapport/coach"
	"rapport/coach/streak"
	"rapport/schedules"
)

// memory is a schedules.Store that forgets. It keeps the rules of the real
// ones: a row moves only as it was read, a key is queued once, one rhythm
// message a person and day.
type memory struct {
	mu       sync.Mutex
	due      []schedules.Due
	out      []*parcel
	missed   []string // "kind date"
	stopped  map[coach.Team]bool
	said     []coach.Said
	nextID   int64
	broken   func(op string, d schedules.Due) error // a fault to inject
	advances int
}

type parcel struct {
	schedules.Delivery
	state   schedules.State
	lease   time.Time
	outcome schedules.Outcome
}

var _ schedules.Store = (*memory)(nil)

// add puts in a row whose first slot is the first after now.
func (m *memory) add(d schedules.Due, now time.Time) {
	if d.Spec != "" {
		var err error
		if d.Next, d.Date, err = schedules.Next(d.Spec, d.Zone, now, d.Last); err != nil {
			panic(err)
		}
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.nextID++
	d.ID = m.nextID
	m.due = append(m.due, d)
}

// moveZone is what a store does when a person names another zone.
func (m *memory) moveZone(who coach.Person, zone string, now time.Time) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for i := range m.due {
		d := &m.due[i]
		if d.To.Person != who {
			continue
		}
		d.Zone = zone
		var err error
		if d.Next, d.Date, err = schedules.Next(d.Spec, zone, now, d.Last); err != nil {
			panic(err)
		}
	}
}

func (m *memory) Due(_ context.Context, now time.Time, limit int) ([]schedules.Due, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.broken != nil {
		if err := m.broken("due", schedules.Due{}); err != nil {
			return nil, err
		}
	}
	var found []*schedules.Due
	for i := range m.due {
		if d := &m.due[i]; !d.Next.After(now) {
			found = append(found, d)
		}
	}
	first := func(a, b *schedules.Due) int { return cmp.Or(a.Next.Compare(b.Next), cmp.Compare(a.ID, b.ID)) }
	if limit == 1 && len(found) > 0 {
		return []schedules.Due{*slices.MinFunc(found, first)}, nil
	}
	slices.SortFunc(found, first)
	var rows []schedules.Due
	for _, d := range found[:min(limit, len(found))] {
		rows = append(rows, *d)
	}
	return rows, nil
}

func (m *memory) Advance(_ context.Context, _ time.Time, steps []schedules.Step) ([]schedules.Advanced, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.advances++
	if len(steps) > 200 {
		return nil, fmt.Errorf("%d steps in one transaction", len(steps))
	}
	for _, s := range steps {
		if m.broken != nil {
			if err := m.broken("advance", s.Due); err != nil {
				return nil, err
			}
		}
	}
	done := make([]schedules.Advanced, len(steps))
	for i, s := range steps {
		done[i] = m.advance(s)
	}
	return done, nil
}

func (m *memory) advance(s schedules.Step) schedules.Advanced {
	i := slices.IndexFunc(m.due, func(d schedules.Due) bool {
		return d.ID == s.Due.ID && d.Next.Equal(s.Due.Next) && d.Date == s.Due.Date
	})
	if i < 0 {
		return schedules.Stale
	}
	if s.Missed != "" {
		m.missed = append(m.missed, s.Due.Kind+" "+string(s.Due.Date))
	}
	if s.Next.IsZero() {
		m.due = slices.Delete(m.due, i, i+1)
	} else {
		d := &m.due[i]
		d.Last, d.Next, d.Date, d.Memory = s.Due.Date, s.Next, s.NextDate, s.Memory
	}
	if s.Delivery == nil {
		return schedules.Moved
	}
	if spent := m.queue(*s.Delivery); spent != schedules.Queued {
		return spent
	}
	m.said = append(m.said, s.Said...)
	return schedules.Queued
}

func (m *memory) queue(d schedules.Delivery) schedules.Advanced {
	for _, p := range m.out {
		if p.Key == d.Key && p.To == d.To {
			return schedules.Moved
		}
		if d.To.Kind == coach.Direct && p.To == d.To && p.Date == d.Date && p.state != schedules.Dead && !d.Exact {
			return schedules.Spent
		}
	}
	m.nextID++
	d.ID = m.nextID
	m.out = append(m.out, &parcel{Delivery: d, state: schedules.Ready})
	return schedules.Queued
}

func (m *memory) Claim(_ context.Context, c schedules.Claim) (got []schedules.Delivery, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.broken != nil {
		if err := m.broken("claim", schedules.Due{}); err != nil {
			return nil, err
		}
	}
	ready := slices.Clone(m.out)
	slices.SortStableFunc(ready, func(a, b *parcel) int { return cmp.Or(a.Ready.Compare(b.Ready), cmp.Compare(a.ID, b.ID)) })
	var lanes []string // the one with the oldest first
	for _, p := range ready {
		if p.state == schedules.Ready && !p.Ready.After(c.Now) && !slices.Contains(lanes, p.Lane) && !slices.Contains(c.Skip, p.Lane) {
			lanes = append(lanes, p.Lane)
		}
	}
	for _, lane := range lanes {
		n := 0
		for _, p := range ready {
			if p.Lane != lane || p.state != schedules.Ready || p.Ready.After(c.Now) || n == c.PerLane || len(got) == c.Limit {
				continue
			}
			if m.barred(p) {
				continue
			}
			n++
			p.state, p.Owner, p.lease = schedules.Sending, c.Owner, c.Machine.Add(c.Lease)
			p.Attempt++
			got = append(got, p.Delivery)
		}
	}
	return got, nil
}

// barred settles what may no longer go.
func (m *memory) barred(p *parcel) bool {
	if m.stopped[p.To.Team] {
		p.state = schedules.Dead
		return true
	}
	return false
}

// held finds d as its owner holds it.
func (m *memory) held(d schedules.Delivery, states ...schedules.State) *parcel {
	for _, p := range m.out {
		if p.ID == d.ID && p.Attempt == d.Attempt && p.Owner == d.Owner && slices.Contains(states, p.state) {
			return p
		}
	}
	return nil
}

func (m *memory) Start(_ context.Context, d schedules.Delivery, machine time.Time) (bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	p := m.held(d, schedules.Sending)
	if p == nil || !machine.Before(p.lease) || m.barred(p) {
		return false, nil
	}
	if p.Started.IsZero() {
		p.Started = machine
	}
	return true, nil
}

func (m *memory) Settle(_ context.Context, d schedules.Delivery, o schedules.Outcome) (bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	p := m.held(d, schedules.Sending, schedules.InDoubt)
	if p == nil {
		return false, nil
	}
	if o.State == schedules.Ready {
		p.Delivery.Ready, p.Started = o.Ready, d.Started
	}
	p.state, p.outcome = o.State, o
	return true, nil
}

func (m *memory) Lapsed(_ context.Context, machine time.Time) (doubt []schedules.Delivery, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, p := range m.out {
		switch {
		case p.state != schedules.Sending || machine.Before(p.lease):
		case p.Started.IsZero():
			p.state = schedules.Ready
		default:
			p.state = schedules.InDoubt
			doubt = append(doubt, p.Delivery)
		}
	}
	return doubt, nil
}

// states returns the state and the reason of each delivery, in order of queueing.
func (m *memory) states() (all []string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, p := range m.out {
		s := string(p.state)
		if p.outcome.Why != "" && p.state != schedules.Ready {
			s += ": " + p.outcome.Why
		}
		all = append(all, s)
	}
	return all
}

// row returns the only row.
func (m *memory) row() schedules.Due {
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(m.due) != 1 {
		panic(fmt.Sprintf("%d rows, want 1", len(m.due)))
	}
	return m.due[0]
}

// A hand is a coach clock that runs like the machine's and can be put forward.
type hand struct {
	mu     sync.Mutex
	offset time.Duration
}

func (h *hand) Now() time.Time {
	h.mu.Lock()
	defer h.mu.Unlock()
	return time.Now().Add(h.offset)
}

func (h *hand) Set(t time.Time) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.offset = time.Until(t)
}

// A voice is a Speaker that says what its functions say.
type voice struct {
	choose  func(coach.Occasion) (coach.Choice, error)
	compose func(coach.Occasion) (coach.Message, error)
}

func (v voice) Choose(_ context.Context, o coach.Occasion) (coach.Choice, error) {
	if v.choose == nil {
		return coach.Choice{Composer: "tip", Memory: o.Memory}, nil
	}
	return v.choose(o)
}

func (v voice) Compose(_ context.Context, o coach.Occasion, _ coach.Choice) (coach.Message, error) {
	if v.compose == nil {
		return coach.Message{Sections: []coach.Section{{Text: coach.P(o.Subject + " " + string(o.Date))}}}, nil
	}
	return v.compose(o)
}

// An inbox is the receiver: it logs what comes in. answer, if set, decides how
// it answers; what it answers without an error counts as shown.
type inbox struct {
	answer func(ctx context.Context, to coach.Address, key string) error
	clock  func() time.Time

	mu  sync.Mutex
	got []arrival
}

type arrival struct {
	to   coach.Address
	key  string
	text string
	at   time.Time // coach clock
	real time.Time // machine clock
}

func (b *inbox) Send(ctx context.Context, to coach.Address, key string, m coach.Message) (string, error) {
	if b.answer != nil {
		if err := b.answer(ctx, to, key); err != nil {
			return "", err
		}
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.got = append(b.got, arrival{to, key, m.Fallback(), b.clock(), time.Now()})
	return fmt.Sprint(len(b.got)), nil
}

func (b *inbox) arrivals() []arrival {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.got)
}

// A rig is everything wired to a store.
type rig struct {
	hand   *hand
	inbox  *inbox
	run    *schedules.Runner
	errs   []error
	errsMu sync.Mutex
}

// kinds that the tests use; weekly may be 36 hours late.
const (
	weekly = "nudge"
	daily  = "tip"
)

func wire(store schedules.Store, v coach.Speaker) *rig {
	r := &rig{hand: new(hand)}
	r.inbox = &inbox{clock: r.hand.Now}
	speakers := map[string]coach.Speaker{weekly: v, daily: v}
	grace := schedules.Grace{weekly: 36 * time.Hour}
	r.run = schedules.NewRunner(
		&schedules.Planner{Store: store, Speakers: speakers, Now: r.hand.Now, Grace: grace},
		&schedules.Courier{Store: store, Speakers: speakers, Now: r.hand.Now, Grace: grace, Owner: "me",
			Senders: map[coach.Platform]schedules.Sender{"p": r.inbox}})
	r.run.Report = func(err error) {
		r.errsMu.Lock()
		defer r.errsMu.Unlock()
		r.errs = append(r.errs, err)
	}
	return r
}

var demo = coach.Team{Platform: "p", ID: "t1"}

func person(name string) coach.Person { return coach.Person{Platform: "p", Realm: "r", User: name} }

// direct is a daily row of a person.
func direct(name, spec, zone string) schedules.Due {
	return schedules.Due{Kind: daily, Subject: name, To: coach.DirectTo(person(name)), Spec: spec, Zone: zone}
}

// channel is a weekly row of a channel.
func channel(name, spec, zone string) schedules.Due {
	return schedules.Due{Kind: weekly, Subject: name, To: coach.ChannelOf(demo, name), Spec: spec, Zone: zone}
}

// ready is a delivery that is queued at now.
func ready(to coach.Address, key string, now time.Time) *parcel {
	kind := daily
	lane := "direct/" + string(to.Platform)
	if to.Kind == coach.InChannel {
		kind, lane = weekly, "channel/"+string(to.Platform)+"/"+to.Team.ID+"/"+to.Channel
	}
	return &parcel{state: schedules.Ready, Delivery: schedules.Delivery{
		Key: key, Kind: kind, Subject: key, To: to, Lane: lane, Date: streak.DateOf(now.UTC()), Zone: "UTC", DueAt: now, Ready: now,
	}}
}

// put queues deliveries.
func (m *memory) put(all ...*parcel) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, p := range all {
		m.nextID++
		p.ID = m.nextID
		m.out = append(m.out, p)
	}
}

// stale is a store for which every row has always just changed.
type stale struct{ *memory }

func (s stale) Advance(_ context.Context, _ time.Time, steps []schedules.Step) ([]schedules.Advanced, error) {
	return make([]schedules.Advanced, len(steps)), nil
}

// A crowd is a memory for many people over a long time: it forgets what is done.
type crowd struct {
	*memory
	keys map[string]bool
}

func newCrowd() *crowd { return &crowd{new(memory), make(map[string]bool)} }

func (c *crowd) Advance(ctx context.Context, now time.Time, steps []schedules.Step) ([]schedules.Advanced, error) {
	c.mu.Lock()
	for _, s := range steps {
		if d := s.Delivery; d != nil {
			if c.keys[d.Key] {
				panic("planned twice: " + d.Key)
			}
			c.keys[d.Key] = true
		}
	}
	c.out = slices.DeleteFunc(c.out, func(p *parcel) bool { return p.state == schedules.Done })
	c.mu.Unlock()
	return c.memory.Advance(ctx, now, steps)
}

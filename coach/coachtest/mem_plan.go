package coachtest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/bits"
	"slices"
	"time"

	"rapport/coach"
	"rapport/coach/streak"
	"rapport/schedules"
)

// memDue is a wish: of person if that is set, else of To.Team.
type memDue struct {
	schedules.Due
	person *memPerson
	minute int
	weekly bool
}

// memDelivery is a delivery: to person if that is set, else to To.Team.
type memDelivery struct {
	schedules.Delivery
	person  *memPerson
	plain   string // the key before it was made unique among people
	week    streak.Date
	state   schedules.State
	lease   time.Time
	settled time.Time
	uses    bool // takes its local date of the person's budget
}

// sameHolder reports whether two addresses belong to one plan.
func sameHolder(p, q *memPerson, a, b coach.Address) bool {
	return p == q && (p != nil || a.Team == b.Team)
}

// holder returns whose a message to that address is.
func (m *Mem) holder(who coach.Person, to coach.Address) (*memPerson, coach.Address) {
	if to == (coach.Address{}) {
		to = coach.DirectTo(who)
	}
	if to.Kind == coach.InChannel || to.Kind == 0 {
		return nil, to
	}
	return m.people[to.Person], to
}

// plan takes in what is wished and cancelled, and a move to another zone.
func (m *Mem) plan(who coach.Person, p *memPerson, c coach.Change) {
	for _, w := range c.Cancel {
		renewed := slices.ContainsFunc(c.Wishes, func(n coach.Wish) bool { return n.Kind == w.Kind && n.Subject == w.Subject })
		m.cancel(who, w, renewed)
	}
	if c.Zone != "" {
		m.moveZone(p, c.Zone)
	}
	for _, w := range c.Wishes {
		m.wish(who, w)
	}
}

func (m *Mem) cancel(who coach.Person, w coach.Wish, keepRow bool) {
	p, to := m.holder(who, w.To)
	if !keepRow {
		m.due = slices.DeleteFunc(m.due, func(d *memDue) bool {
			return sameHolder(d.person, p, d.To, to) && d.Kind == w.Kind && d.Subject == w.Subject
		})
	}
	for _, d := range m.outbox {
		waits := d.state == schedules.Ready || d.state == schedules.Sending && d.Started.IsZero()
		if waits && sameHolder(d.person, p, d.To, to) && d.Kind == w.Kind && d.Subject == w.Subject {
			m.kill(d)
		}
	}
}

// kill ends a delivery, and gives back the day and the week it took.
func (m *Mem) kill(d *memDelivery) {
	d.state, d.uses, d.week, d.settled = schedules.Dead, false, "", stamp(m.now())
}

func (m *Mem) moveZone(p *memPerson, zone string) {
	p.zone = zone
	loc, _ := schedules.Zone(zone) // checked before
	for _, d := range m.due {
		if d.person != p {
			continue
		}
		d.Zone = zone
		if d.Spec == "" {
			d.Next = stamp(schedules.At(loc, d.Date, d.minute))
		} else if next, date, err := schedules.Next(d.Spec, zone, m.now(), d.Last); err == nil {
			d.Next, d.Date = stamp(next), date
		}
	}
}

func (m *Mem) wish(who coach.Person, w coach.Wish) {
	p, to := m.holder(who, w.To)
	var row *memDue
	for _, d := range m.due {
		if sameHolder(d.person, p, d.To, to) && d.Kind == w.Kind && d.Subject == w.Subject {
			row = d
		}
	}
	if row == nil {
		row = &memDue{Due: schedules.Due{ID: m.nextID(), Kind: w.Kind, Subject: w.Subject}, person: p}
		m.due = append(m.due, row)
	}
	f, _ := m.firstDue(who, w, row.Last) // checked before
	row.To, row.Spec, row.Zone, row.Exact, row.minute = to, w.Spec, w.Zone, w.Exact, w.Minute
	row.Next, row.Date, row.weekly = stamp(f.Next), f.Date, f.weekly
	if p != nil {
		p.shut = false
	}
}

// firstDue is when a wish is due first.
func (m *Mem) firstDue(who coach.Person, w coach.Wish, last streak.Date) (f memDue, err error) {
	_, to := m.holder(who, w.To)
	if w.Spec == "" {
		loc, err := schedules.Zone(w.Zone)
		if err != nil {
			return f, err
		}
		if !w.Date.Valid() || w.Minute < 0 || w.Minute >= 24*60 {
			return f, fmt.Errorf("date %q, minute %d", w.Date, w.Minute)
		}
		f.Next, f.Date = schedules.At(loc, w.Date, w.Minute), w.Date
		return f, nil
	}
	spec, err := schedules.Parse(w.Spec)
	if err != nil {
		return f, err
	}
	f.weekly = to.Kind == coach.InChannel && bits.OnesCount8(spec.Weekdays()) == 1
	f.Next, f.Date, err = schedules.Next(w.Spec, w.Zone, m.now(), last)
	if f.weekly && last != "" {
		start := m.weekStart(to.Team)
		for err == nil && streak.WeekOf(f.Date, start) == streak.WeekOf(last, start) {
			f.Next, f.Date, err = schedules.Next(w.Spec, w.Zone, f.Next, f.Date)
		}
	}
	return f, err
}

func (m *Mem) weekStart(t coach.Team) time.Weekday {
	if team := m.teams[t]; team != nil && team.chosen {
		return team.settings.WeekStart
	}
	return time.Monday
}

// Due implements [schedules.Store].
func (m *Mem) Due(_ context.Context, now time.Time, limit int) (due []schedules.Due, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, d := range m.sorted() {
		if !d.Next.After(now) && len(due) < limit {
			read := d.Due
			read.Memory = bytes.Clone(d.Memory)
			due = append(due, read)
		}
	}
	return due, nil
}

func (m *Mem) sorted() []*memDue {
	all := slices.Clone(m.due)
	slices.SortStableFunc(all, func(a, b *memDue) int { return a.Next.Compare(b.Next) })
	return all
}

// Planned implements [coach.Teams].
func (m *Mem) Planned(_ context.Context, t coach.Team, kind string) (coach.Occasion, bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, d := range m.sorted() {
		if d.person == nil && d.To.Team == t && d.Kind == kind {
			return coach.Occasion{Kind: kind, Subject: d.Subject, To: d.To, Date: d.Date, At: d.Next, Zone: d.Zone, Memory: d.Memory}, true, nil
		}
	}
	return coach.Occasion{}, false, nil
}

// TeamHealth implements [coach.Teams].
func (m *Mem) TeamHealth(_ context.Context, t coach.Team) (h coach.Health, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	team := m.teams[t]
	if team == nil {
		team = &memTeam{}
	}
	since := m.now().AddDate(0, 0, -35)
	h.LastPress, h.LastSent, h.Problem = team.press, team.sent, team.problem
	for _, at := range team.missed {
		if !at.Before(since) {
			h.Missed++
		}
	}
	for _, d := range m.sorted() {
		if d.person == nil && d.To.Team == t && h.NextDue.IsZero() {
			h.NextDue = d.Next
		}
	}
	for _, d := range m.outbox {
		if d.person == nil && d.To.Team == t && d.state == schedules.InDoubt && !d.DueAt.Before(since) {
			h.InDoubt++
		}
	}
	h.Nudge, h.NudgeOn = m.lastNudge(t)
	return h, nil
}

// lastNudge is the weekly nudge posted last. m.mu is held.
func (m *Mem) lastNudge(t coach.Team) (item string, on streak.Date) {
	var last time.Time
	for _, d := range m.outbox {
		if d.person == nil && d.To.Team == t && d.state == schedules.Done && d.Kind == "nudge" && !d.settled.Before(last) {
			item, on, last = "", d.Date, d.settled
			if len(d.Choice.Items) > 0 {
				item = d.Choice.Items[0]
			}
		}
	}
	return item, on
}

// Advance implements [schedules.Store].
func (m *Mem) Advance(_ context.Context, now time.Time, steps []schedules.Step) ([]schedules.Advanced, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	done := make([]schedules.Advanced, len(steps))
	for i, s := range steps {
		done[i] = m.advance(now, s)
	}
	return done, nil
}

func (m *Mem) advance(now time.Time, s schedules.Step) schedules.Advanced {
	i := slices.IndexFunc(m.due, func(d *memDue) bool {
		return d.ID == s.Due.ID && d.Next.Equal(s.Due.Next) && d.Date == s.Due.Date
	})
	if i < 0 {
		return schedules.Stale
	}
	row := m.due[i]
	if s.Next.IsZero() {
		m.due = slices.Delete(m.due, i, i+1)
	} else {
		row.Next, row.Date, row.Last = stamp(s.Next), s.NextDate, s.Due.Date
	}
	if s.Missed != "" && row.person == nil {
		t := m.team(row.To.Team)
		t.missed = append(t.missed, now)
	}
	out := schedules.Moved
	if s.Delivery != nil {
		if out = m.queue(row, *s.Delivery); out != schedules.Queued {
			return out
		}
	}
	row.Memory = bytes.Clone(s.Memory)
	if row.person != nil {
		row.person.say(s.Said)
	}
	return out
}

// queue puts d into the outbox, once for all time.
func (m *Mem) queue(row *memDue, d schedules.Delivery) schedules.Advanced {
	n := &memDelivery{Delivery: d, person: row.person, plain: d.Key, state: schedules.Ready}
	if row.weekly {
		n.week = streak.WeekOf(d.Date, m.weekStart(row.To.Team))
	}
	for _, old := range m.outbox {
		same := sameHolder(old.person, n.person, old.To, d.To)
		if same && (old.plain == d.Key || n.week != "" && old.Kind == d.Kind && old.Subject == d.Subject && old.week == n.week) {
			return schedules.Moved
		}
	}
	n.uses = n.person != nil && d.To.Kind == coach.Direct
	if n.uses && !d.Exact && !m.dayIsFree(n.person, d.Date) {
		return schedules.Spent
	}
	n.ID = m.nextID()
	n.Key = fmt.Sprintf("t/%s/%s/%s", d.To.Team.Platform, d.To.Team.ID, d.Key)
	if n.person != nil {
		n.Key = fmt.Sprintf("p%d/%s", n.person.id, d.Key)
	}
	n.DueAt, n.Ready = stamp(d.DueAt), stamp(d.Ready)
	if n.Ready.IsZero() {
		n.Ready = n.DueAt
	}
	n.Attempt, n.Owner, n.Started = 0, "", time.Time{}
	m.outbox = append(m.outbox, n)
	return schedules.Queued
}

func (m *Mem) dayIsFree(p *memPerson, date streak.Date) bool {
	for _, d := range m.outbox {
		if d.uses && d.person == p && d.Date == date {
			return false
		}
	}
	for _, d := range m.due {
		if d.Exact && d.person == p && d.Date == date && d.To.Kind == coach.Direct {
			return false
		}
	}
	return true
}

// errState says that an Outcome has no such State.
var errState = errors.New("no delivery ends so")

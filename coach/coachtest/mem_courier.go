package coachtest

import (
	"context"
	"fmt"
	"slices"
	"time"

	"rapport/coach"
	"rapport/coach/streak"
	"rapport/schedules"
)

// Claim implements [schedules.Store].
func (m *Mem) Claim(_ context.Context, c schedules.Claim) (got []schedules.Delivery, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	ready := slices.Clone(m.outbox)
	ready = slices.DeleteFunc(ready, func(d *memDelivery) bool {
		return d.state != schedules.Ready || d.Ready.After(c.Now) || slices.Contains(c.Skip, d.Lane)
	})
	slices.SortStableFunc(ready, func(a, b *memDelivery) int { return a.Ready.Compare(b.Ready) })
	var lanes []string
	byLane := map[string][]*memDelivery{}
	for _, d := range ready {
		if byLane[d.Lane] == nil {
			lanes = append(lanes, d.Lane)
		}
		byLane[d.Lane] = append(byLane[d.Lane], d)
	}
	for _, lane := range lanes {
		taken := 0
		for _, d := range byLane[lane] {
			if taken == c.PerLane || len(got) >= c.Limit {
				break
			}
			if m.barred(d) {
				m.kill(d)
				continue
			}
			d.state, d.Owner, d.lease = schedules.Sending, c.Owner, c.Machine.Add(c.Lease)
			d.Attempt++
			got = append(got, d.Delivery)
			taken++
		}
	}
	return got, nil
}

// barred reports whether d may not go any more.
func (m *Mem) barred(d *memDelivery) bool {
	if t := m.teams[d.To.Team]; t != nil && t.settings.Stopped {
		return true
	}
	if d.person == nil {
		return false
	}
	stopped := len(d.person.teams) > 0
	for t := range d.person.teams {
		stopped = stopped && m.team(t).settings.Stopped
	}
	s := d.person.settings
	paused := (s.PauseFrom != "" || s.PauseUntil != "") && d.Date >= s.PauseFrom && (s.PauseUntil == "" || d.Date <= s.PauseUntil)
	return stopped || paused
}

// held finds d as its owner holds it.
func (m *Mem) held(d schedules.Delivery, states ...schedules.State) *memDelivery {
	for _, row := range m.outbox {
		if row.ID == d.ID && row.Attempt == d.Attempt && row.Owner == d.Owner && slices.Contains(states, row.state) {
			return row
		}
	}
	return nil
}

// Start implements [schedules.Store].
func (m *Mem) Start(_ context.Context, d schedules.Delivery, machine time.Time) (bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	row := m.held(d, schedules.Sending)
	if row == nil || !row.lease.After(machine) {
		return false, nil
	}
	if m.barred(row) {
		m.kill(row)
		return false, nil
	}
	if row.Started.IsZero() {
		row.Started = stamp(machine)
	}
	return true, nil
}

// Settle implements [schedules.Store].
func (m *Mem) Settle(_ context.Context, d schedules.Delivery, o schedules.Outcome) (bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	row := m.held(d, schedules.Sending, schedules.InDoubt)
	if row == nil {
		return false, nil
	}
	switch o.State {
	case schedules.Done:
		row.state, row.settled = schedules.Done, stamp(m.now())
		m.sent(row)
	case schedules.Dead:
		m.kill(row)
		if o.Close {
			m.closePlace(row, o.Why)
		}
		if o.Ours && row.person != nil {
			row.person.excuse(row, m.now())
		}
	case schedules.InDoubt:
		row.state, row.settled = schedules.InDoubt, stamp(m.now())
	case schedules.Ready:
		if row.state == schedules.Sending {
			row.Started = time.Time{}
		}
		row.state, row.Ready = schedules.Ready, stamp(o.Ready)
	default:
		return false, fmt.Errorf("settle %q: %w", o.State, errState)
	}
	return true, nil
}

// sent notes what follows from a message that arrived.
func (m *Mem) sent(d *memDelivery) {
	if d.person == nil {
		t := m.team(d.To.Team)
		t.sent, t.problem, t.told = stamp(m.now()), "", false
		return
	}
	if d.To.Kind == coach.Direct {
		d.person.shut = false
		if !d.Exact {
			d.person.unanswered++
		}
	}
}

// closePlace ends everything that is planned for the place d was sent to.
func (m *Mem) closePlace(d *memDelivery, why string) {
	there := func(p *memPerson, to coach.Address) bool {
		return sameHolder(p, d.person, to, d.To) && to.Kind == d.To.Kind && to.Channel == d.To.Channel
	}
	m.due = slices.DeleteFunc(m.due, func(row *memDue) bool { return there(row.person, row.To) })
	for _, row := range m.outbox {
		if row.state == schedules.Ready && there(row.person, row.To) {
			m.kill(row)
		}
	}
	if d.person != nil {
		d.person.shut = true
		return
	}
	if why == "" {
		why = "closed"
	}
	m.team(d.To.Team).problem = why
}

// excuse notes that a message failed for our reason.
func (p *memPerson) excuse(d *memDelivery, now time.Time) {
	loc, err := schedules.Zone(d.Zone)
	if err != nil {
		loc = time.UTC
	}
	p.append(streak.Stamp(now, loc, streak.Event{Key: "excused/" + d.Key, Kind: streak.Excused, From: d.Date, Until: d.Date}), "")
}

// Lapsed implements [schedules.Store].
func (m *Mem) Lapsed(_ context.Context, machine time.Time) (doubt []schedules.Delivery, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, d := range m.outbox {
		if d.state != schedules.Sending || d.lease.After(machine) && !d.lease.After(machine.Add(schedules.LongestLease)) {
			continue
		}
		if d.Started.IsZero() {
			d.state = schedules.Ready
			continue
		}
		d.state, d.settled = schedules.InDoubt, stamp(m.now())
		doubt = append(doubt, d.Delivery)
	}
	return doubt, nil
}

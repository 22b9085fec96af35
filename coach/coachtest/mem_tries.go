package coachtest

import (
	"context"

	"rapport/coach"
	"rapport/coach/streak"
)

// countTries counts or takes back that a person tried a post. m.mu is held.
func (m *Mem) countTries(p *memPerson, c coach.Change) {
	teams := map[coach.Team]bool{c.Team: true}
	if c.Team == (coach.Team{}) {
		teams = p.teams
	}
	for team := range teams {
		item, on := m.lastNudge(team)
		if on == "" {
			continue
		}
		t := m.team(team)
		one := t.tries[on]
		switch {
		case c.Tried == item && one == nil:
			if t.tries == nil {
				t.tries = map[streak.Date]*memTries{}
			}
			t.tries[on] = &memTries{people: map[*memPerson]bool{p: true}}
		case c.Tried == item && one.people != nil:
			one.people[p] = true
		case c.Untried == item && one != nil:
			delete(one.people, p)
		}
	}
}

// Tries implements [coach.Teams].
func (m *Mem) Tries(_ context.Context, team coach.Team, on streak.Date) (int, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	t := m.teams[team]
	if t == nil || t.tries[on] == nil {
		return 0, nil
	}
	one := t.tries[on]
	if one.people != nil {
		everybody := 0
		for _, p := range m.people {
			if p.teams[team] {
				everybody++
			}
		}
		one.atLeast, one.people = coach.AtLeast(len(one.people), everybody, coach.LeftOut()), nil
	}
	return one.atLeast, nil
}

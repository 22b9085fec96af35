package coachtest

import (
	"context"

	"rapport/coach"
)

// Trouble implements [coach.Teams].
func (m *Mem) Trouble(_ context.Context, t coach.Team) (string, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if team := m.teams[t]; team != nil && !team.told {
		return team.problem, nil
	}
	return "", nil
}

// Told implements [coach.Teams].
func (m *Mem) Told(_ context.Context, t coach.Team) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if team := m.teams[t]; team != nil {
		team.told = team.problem != ""
	}
	return nil
}

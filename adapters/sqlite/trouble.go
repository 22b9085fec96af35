package sqlite

import (
	"context"

	"rapport/coach"
)

// Trouble implements [coach.Teams].
func (db *DB) Trouble(ctx context.Context, team coach.Team) (string, error) {
	k, err := db.team(ctx, team)
	if err != nil || k == nil {
		return "", wrap("trouble", err)
	}
	return k.trouble, nil
}

// Told implements [coach.Teams].
func (db *DB) Told(ctx context.Context, team coach.Team) error {
	return wrap("told", db.do(ctx, func(t *tx) error {
		_, err := t.exec(`UPDATE team SET told = 1 WHERE platform = $1 AND team_id = $2 AND problem <> ''`, team.Platform, team.ID)
		return err
	}))
}

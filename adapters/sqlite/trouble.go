package sqlite

import (
	"context"

	"rapport/coach"
)

// Trouble implements [coach.Teams].
func (db *DB) Trouble(ctx context.Context, team coach.Team) (why string, err error) {
	_, err = db.one(ctx, []any{&why}, `SELECT problem FROM team WHERE platform = $1 AND team_id = $2 AND told = 0`, team.Platform, team.ID)
	return why, wrap("trouble", err)
}

// Told implements [coach.Teams].
func (db *DB) Told(ctx context.Context, team coach.Team) error {
	return wrap("told", db.do(ctx, func(t *tx) error {
		_, err := t.exec(`UPDATE team SET told = 1 WHERE platform = $1 AND team_id = $2 AND problem <> ''`, team.Platform, team.ID)
		return err
	}))
}

package sqlite

import (
	"context"
	"time"

	"rapport/coach"
)

// Leave notes that who was deactivated or left the platform. Nothing is sent to
// them any more; Tidy removes them later, unless they come back: whatever they
// do next brings them back, with what they had planned.
func (db *DB) Leave(ctx context.Context, who coach.Person) error {
	return wrap("leave", db.do(ctx, func(t *tx) error {
		_, err := t.exec(`UPDATE account SET left_at = coalesce(left_at, $1) WHERE id = (`+accountFrom2+`)`, micros(t.now), who.Platform, who.Realm, who.User)
		return err
	}))
}

// accountFrom2 is accountOf with arguments from $2 on.
const accountFrom2 = `SELECT account_id FROM identity WHERE platform = $2 AND realm = $3 AND person = $4`

// LeaveTeam notes that team removed the coach. Nothing is sent there any more,
// and what was planned for its channel ends at once; Tidy removes what belongs
// to the team later, unless somebody there does something: that brings the team
// back as one that chose much and posts nothing until it is set up again.
// People's own plans go on then: they asked for them, and can end them.
func (db *DB) LeaveTeam(ctx context.Context, team coach.Team) error {
	return wrap("leave team", db.do(ctx, func(t *tx) error {
		var ref int64
		var text string
		var weekStart int
		ok, err := t.one([]any{&ref, &text, &weekStart}, `SELECT ref, settings, week_start FROM team WHERE platform = $1 AND team_id = $2`, team.Platform, team.ID)
		if err != nil || !ok {
			return err
		}
		s, err := loadTeam(text, weekStart, false)
		if err != nil {
			return err
		}
		if !s.SetUp.IsZero() {
			s.SetUp = time.Time{}
			text = storeTeam(s)
		}
		if _, err := t.exec(`UPDATE team SET left_at = coalesce(left_at, $1), settings = $2, problem = '', told = 0 WHERE ref = $3`, micros(t.now), text, ref); err != nil {
			return err
		}
		if _, err := t.exec(`DELETE FROM due WHERE account_id IS NULL AND team_ref = $1`, ref); err != nil {
			return err
		}
		return t.kill("uninstalled", `account_id IS NULL AND team_ref = $3 AND (state = 'ready' OR state = 'sending' AND started_at IS NULL)`, ref)
	}))
}

// teamBack notes that a team which removed the coach has it again.
func (t *tx) teamBack(ref int64) error {
	_, err := t.exec(`UPDATE team SET left_at = NULL WHERE ref = $1`, ref)
	return err
}

package sqlite

import (
	"context"
	"database/sql"
	"fmt"

	"rapport/coach"
	"rapport/coach/streak"
)

// putTeam replaces a team's settings. Setting it up anew clears what was wrong.
func (t *tx) putTeam(account int64, who coach.Person, team coach.Team, s coach.TeamSettings) error {
	if team == (coach.Team{}) {
		return fmt.Errorf("team settings without a team")
	}
	ref, err := t.team(team)
	if err != nil {
		return err
	}
	owner := sql.NullInt64{Int64: account, Valid: s.Owner == who}
	if !owner.Valid && s.Owner != (coach.Person{}) {
		if owner.Valid, err = t.one([]any{&owner.Int64}, accountOf, s.Owner.Platform, s.Owner.Realm, s.Owner.User); err != nil {
			return err
		}
	}
	_, err = t.exec(`UPDATE team SET settings = $1, week_start = $2, stopped = $3, owner_account = $4, problem = '', told = 0, left_at = NULL WHERE ref = $5`,
		storeTeam(s), int(s.WeekStart), s.Stopped, owner, ref)
	return err
}

// TeamSettings implements [coach.Teams].
func (db *DB) TeamSettings(ctx context.Context, team coach.Team) (coach.TeamSettings, error) {
	k, err := db.team(ctx, team)
	if err != nil || k == nil {
		return coach.TeamSettings{}, wrap("team", err)
	}
	return k.settings, nil
}

// team returns a team as of now, nil for one not seen before.
func (db *DB) team(ctx context.Context, team coach.Team) (*knownTeam, error) {
	_, k, then := db.recall.both(coach.Person{}, team)
	if k != nil {
		return k, nil
	}
	return db.readTeam(ctx, team, then)
}

func (db *DB) readTeam(ctx context.Context, team coach.Team, then int) (*knownTeam, error) {
	ctx = context.WithoutCancel(ctx)
	k := new(knownTeam)
	var text string
	var weekStart int
	var stopped bool
	var platform, realm, user sql.NullString
	ok, err := db.one(ctx, []any{&k.ref, &k.left, &k.trouble, &text, &weekStart, &stopped, &platform, &realm, &user},
		`SELECT t.ref, t.left_at IS NOT NULL, CASE WHEN t.told = 0 THEN t.problem ELSE '' END, t.settings, t.week_start, t.stopped, i.platform, i.realm, i.person
		FROM team t LEFT JOIN identity i ON i.account_id = t.owner_account WHERE t.platform = $1 AND t.team_id = $2`, team.Platform, team.ID)
	if err != nil || !ok {
		return nil, err
	}
	k.settings, err = loadTeam(text, weekStart, stopped)
	k.settings.Owner = coach.Person{Platform: coach.Platform(platform.String), Realm: realm.String, User: user.String}
	if err == nil {
		k.nudge, k.nudgeOn, err = db.lastNudge(ctx, team)
	}
	if err != nil {
		return nil, err
	}
	db.recall.keepTeam(team, k, then)
	return k, nil
}

func (db *DB) lastNudge(ctx context.Context, team coach.Team) (id string, on streak.Date, err error) {
	var payload string
	ok, err := db.one(ctx, []any{&payload, &on}, `SELECT o.payload, o.local_date FROM outbox o JOIN team t ON t.ref = o.team_ref
		WHERE t.platform = $1 AND t.team_id = $2 AND o.account_id IS NULL AND o.kind = $3 AND o.state = 'done'
		ORDER BY o.settled_at DESC, o.id DESC LIMIT 1`, team.Platform, team.ID, nudge)
	if err != nil || !ok {
		return "", "", err
	}
	var p payloadRow
	if err := unmarshal("delivery", payload, &p); err != nil {
		return "", "", err
	}
	if len(p.Items) > 0 {
		id = p.Items[0]
	}
	return id, on, nil
}

// TeamHealth implements [coach.Teams].
func (db *DB) TeamHealth(ctx context.Context, team coach.Team) (coach.Health, error) {
	var h coach.Health
	var pressed, sent, next sql.NullInt64
	since := micros(db.opts.Now().Add(-keep35))
	ok, err := db.one(ctx, []any{&h.Problem, &pressed, &sent, &next, &h.InDoubt, &h.Missed},
		`SELECT t.problem, t.pressed_at, t.sent_at,
			(SELECT min(next_at) FROM due WHERE team_ref = t.ref AND account_id IS NULL),
			(SELECT count(*) FROM outbox WHERE team_ref = t.ref AND account_id IS NULL AND state = 'in_doubt' AND due_at >= $3),
			(SELECT count(*) FROM missed WHERE team_ref = t.ref AND account_id IS NULL AND made_at >= $3)
		FROM team t WHERE t.platform = $1 AND t.team_id = $2`, team.Platform, team.ID, since)
	if err != nil || !ok {
		return h, wrap("team health", err)
	}
	h.LastPress, h.LastSent, h.NextDue = maybeInstant(pressed), maybeInstant(sent), maybeInstant(next)
	h.Nudge, h.NudgeOn, err = db.lastNudge(ctx, team)
	return h, wrap("team health", err)
}

// nudge is the kind of the weekly nudge: its first item is the one posted.
const nudge = "nudge"

// Planned implements [coach.Teams].
func (db *DB) Planned(ctx context.Context, team coach.Team, kind string) (coach.Occasion, bool, error) {
	var o coach.Occasion
	var next int64
	var channel string
	ok, err := db.one(ctx, []any{&o.Subject, &channel, &o.Date, &next, &o.Zone, &o.Memory},
		`SELECT d.subject, d.channel, d.nominal, d.next_at, d.zone_name, d.memory FROM due d JOIN team t ON t.ref = d.team_ref
		WHERE t.platform = $1 AND t.team_id = $2 AND d.account_id IS NULL AND d.kind = $3 ORDER BY d.next_at, d.id LIMIT 1`,
		team.Platform, team.ID, kind)
	if err != nil || !ok {
		return coach.Occasion{}, false, wrap("planned", err)
	}
	o.Kind, o.To, o.At = kind, coach.ChannelOf(team, channel), instant(next)
	return o, true, nil
}

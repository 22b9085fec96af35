package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"time"

	"rapport/coach"
	"rapport/coach/streak"
	"rapport/schedules"
)

const deliveryColumns = `o.id, o.occurrence, o.kind, o.subject, o.to_kind, o.channel, o.lane, o.local_date, o.zone_name, o.exact, o.payload,
		o.due_at, o.ready_at, o.attempt, o.worker, o.started_at, o.account_id, o.team_ref,
		i.platform, i.realm, i.person, t.platform, t.team_id
	FROM outbox o LEFT JOIN identity i ON i.account_id = o.account_id LEFT JOIN team t ON t.ref = o.team_ref`

// parcel is a delivery and whose it is.
type parcel struct {
	schedules.Delivery
	holder
}

func scanParcel(rows scanner) (p parcel, err error) {
	var a addressRow
	var payload string
	var due, ready int64
	var started sql.NullInt64
	err = rows.Scan(&p.ID, &p.Key, &p.Kind, &p.Subject, &a.kind, &a.channel, &p.Lane, &p.Date, &p.Zone, &p.Exact, &payload,
		&due, &ready, &p.Attempt, &p.Owner, &started, &p.account, &p.team,
		&a.platform, &a.realm, &a.user, &a.teamPlatform, &a.team)
	if err != nil {
		return p, err
	}
	p.To, p.DueAt, p.Ready, p.Started = a.address(), instant(due), instant(ready), maybeInstant(started)
	p.Choice, err = loadChoice(payload)
	return p, err
}

func (t *tx) parcels(query string, args ...any) (found []parcel, err error) {
	err = t.query(func(rows scanner) error {
		p, err := scanParcel(rows)
		found = append(found, p)
		return err
	}, query, args...)
	return found, err
}

// Claim implements [schedules.Store].
func (db *DB) Claim(ctx context.Context, c schedules.Claim) ([]schedules.Delivery, error) {
	if idle, err := db.idle(ctx, c.Now); err != nil || idle {
		return nil, wrap("claim", err)
	}
	var got []schedules.Delivery
	err := db.do(ctx, func(t *tx) error {
		got = nil
		lanes, err := t.lanes(c)
		if err != nil {
			return err
		}
		for _, lane := range lanes {
			if len(got) >= c.Limit {
				break
			}
			some, err := t.claimLane(c, lane, min(c.PerLane, c.Limit-len(got)))
			if err != nil {
				return err
			}
			got = append(got, some...)
		}
		return nil
	})
	return got, wrap("claim", err)
}

// idle reports whether nothing is ready, without asking the writer.
func (db *DB) idle(ctx context.Context, now time.Time) (bool, error) {
	var one int
	some, err := db.one(ctx, []any{&one}, `SELECT 1 WHERE EXISTS (SELECT 1 FROM outbox WHERE state = 'ready' AND ready_at <= $1)`, micros(now))
	return !some, err
}

// lanes returns the lanes that have something ready, the one with the oldest
// delivery first. It looks at one row of each lane, however long that is.
func (t *tx) lanes(c schedules.Claim) (lanes []string, err error) {
	type head struct {
		lane  string
		ready int64
		id    int64
	}
	var heads []head
	err = t.query(func(rows scanner) error {
		var h head
		err := rows.Scan(&h.lane, &h.ready, &h.id)
		if !slices.Contains(c.Skip, h.lane) {
			heads = append(heads, h)
		}
		return err
	}, `WITH RECURSIVE each_lane (lane) AS (
			SELECT min(lane) FROM outbox WHERE state = 'ready'
			UNION ALL
			SELECT (SELECT min(o.lane) FROM outbox o WHERE o.state = 'ready' AND o.lane > each_lane.lane) FROM each_lane WHERE each_lane.lane IS NOT NULL)
		SELECT o.lane, o.ready_at, o.id FROM each_lane JOIN outbox o ON o.id =
			(SELECT id FROM outbox WHERE state = 'ready' AND lane = each_lane.lane AND ready_at <= $1 ORDER BY ready_at, id LIMIT 1)`, micros(c.Now))
	slices.SortFunc(heads, func(a, b head) int {
		if a.ready != b.ready {
			return int(min(max(a.ready-b.ready, -1), 1))
		}
		return int(min(max(a.id-b.id, -1), 1))
	})
	for _, h := range heads {
		lanes = append(lanes, h.lane)
	}
	return lanes, err
}

// claimLane takes up to n deliveries of a lane. What may not go any more is
// settled and does not count.
func (t *tx) claimLane(c schedules.Claim, lane string, n int) (got []schedules.Delivery, err error) {
	for len(got) < n {
		batch, err := t.parcels(`SELECT `+deliveryColumns+` WHERE o.state = 'ready' AND o.lane = $1 AND o.ready_at <= $2
			ORDER BY o.ready_at, o.id LIMIT $3`, lane, micros(c.Now), n-len(got))
		if err != nil || len(batch) == 0 {
			return got, err
		}
		for _, p := range batch {
			ok, err := t.take(c, &p)
			if err != nil {
				return got, err
			}
			if ok {
				got = append(got, p.Delivery)
			}
		}
	}
	return got, nil
}

// take leases p, unless it may not go any more.
func (t *tx) take(c schedules.Claim, p *parcel) (bool, error) {
	why, err := t.barred(p)
	if err != nil {
		return false, err
	}
	if why != "" {
		return false, t.kill(why, `id = $3`, p.ID)
	}
	p.Attempt++
	p.Owner = c.Owner
	_, err = t.exec(`UPDATE outbox SET state = 'sending', attempt = $1, worker = $2, lease_until = $3 WHERE id = $4`,
		p.Attempt, c.Owner, micros(c.Machine.Add(c.Lease)), p.ID)
	return true, err
}

// barred says why p may not go any more, "" if it may: the team stopped the
// coach (for direct messages: every team of the person did), the person paused
// or has left.
func (t *tx) barred(p *parcel) (string, error) {
	if p.team.Valid {
		var stopped bool
		ok, err := t.one([]any{&stopped}, `SELECT stopped = 1 OR left_at IS NOT NULL FROM team WHERE ref = $1`, p.team)
		if err != nil || !ok || stopped {
			return "stopped", err
		}
	}
	if !p.account.Valid {
		return "", nil
	}
	var gone, stopped bool
	var text string
	ok, err := t.one([]any{&gone, &text, &stopped}, `SELECT left_at IS NOT NULL, settings,
			EXISTS (SELECT 1 FROM membership WHERE account_id = account.id) AND NOT EXISTS (
				SELECT 1 FROM membership m JOIN team t ON t.ref = m.team_ref WHERE m.account_id = account.id AND t.stopped = 0 AND t.left_at IS NULL)
		FROM account WHERE id = $1`, p.account)
	switch {
	case err != nil:
		return "", err
	case !ok || gone:
		return "gone", nil
	case stopped:
		return "stopped", nil
	}
	s, err := loadSettings(text)
	if err == nil && paused(s, p.Date) {
		return "paused", nil
	}
	return "", err
}

// paused reports whether the person wants nothing on that day. A pause without
// an end, or without a beginning, is open there.
func paused(s coach.Settings, d streak.Date) bool {
	if s.PauseFrom == "" && s.PauseUntil == "" {
		return false
	}
	return d >= s.PauseFrom && (s.PauseUntil == "" || d <= s.PauseUntil)
}

// held finds d as its owner holds it: fenced by id, attempt and owner.
func (t *tx) held(d schedules.Delivery, states string) (*parcel, error) {
	found, err := t.parcels(`SELECT `+deliveryColumns+` WHERE o.id = $1 AND o.attempt = $2 AND o.worker = $3 AND o.state IN (`+states+`)`,
		d.ID, d.Attempt, d.Owner)
	if err != nil || len(found) == 0 {
		return nil, err
	}
	return &found[0], nil
}

// Start implements [schedules.Store].
func (db *DB) Start(ctx context.Context, d schedules.Delivery, machine time.Time) (started bool, err error) {
	err = db.do(ctx, func(t *tx) error {
		started = false
		p, err := t.held(d, `'sending'`)
		if err != nil || p == nil {
			return err
		}
		why, err := t.barred(p)
		if err != nil {
			return err
		}
		if why != "" {
			return t.kill(why, `id = $3`, p.ID)
		}
		n, err := t.exec(`UPDATE outbox SET started_at = coalesce(started_at, $1) WHERE id = $2 AND lease_until > $1`, micros(machine), p.ID)
		started = n == 1
		return err
	})
	return started && err == nil, wrap("start", err)
}

// Settle implements [schedules.Store].
func (db *DB) Settle(ctx context.Context, d schedules.Delivery, o schedules.Outcome) (settled bool, err error) {
	err = db.do(ctx, func(t *tx) error {
		settled = false
		p, err := t.held(d, `'sending', 'in_doubt'`)
		if err != nil || p == nil {
			return err
		}
		settled = true
		switch o.State {
		case schedules.Done:
			return t.done(p, o)
		case schedules.Dead:
			return t.dead(p, o)
		case schedules.InDoubt:
			_, err := t.exec(`UPDATE outbox SET state = 'in_doubt', why = $1, settled_at = $2, lease_until = NULL WHERE id = $3`, o.Why, micros(t.now), p.ID)
			return err
		case schedules.Ready:
			_, err := t.exec(`UPDATE outbox SET state = 'ready', ready_at = $1, why = $2, settled_at = NULL, lease_until = NULL,
				started_at = CASE WHEN state = 'in_doubt' THEN started_at END WHERE id = $3`,
				micros(o.Ready), o.Why, p.ID)
			return err
		}
		return fmt.Errorf("no delivery ends as %q", o.State)
	})
	return settled && err == nil, wrap("settle", err)
}

// done records a message that was sent, and what follows from it.
func (t *tx) done(p *parcel, o schedules.Outcome) error {
	_, err := t.exec(`UPDATE outbox SET state = 'done', sent_ref = $1, why = '', settled_at = $2, lease_until = NULL WHERE id = $3`, o.Ref, micros(t.now), p.ID)
	if err != nil {
		return err
	}
	if p.To.Kind == coach.InChannel {
		_, err = t.exec(`UPDATE team SET sent_at = $1, problem = '', told = 0 WHERE ref = $2`, micros(t.now), p.team)
		return err
	}
	if p.To.Kind == coach.Direct {
		_, err = t.exec(`UPDATE account SET shut = 0, unanswered = unanswered + $1 WHERE id = $2`, !p.Exact, p.account)
	}
	return err
}

// dead records a message that will never be sent, and what follows from it.
func (t *tx) dead(p *parcel, o schedules.Outcome) error {
	if err := t.kill(o.Why, `id = $3`, p.ID); err != nil {
		return err
	}
	if o.Close {
		if err := t.closePlace(p, o.Why); err != nil {
			return err
		}
	}
	if !o.Ours || !p.account.Valid {
		return nil
	}
	loc, err := schedules.Zone(p.Zone)
	if err != nil {
		loc = time.UTC
	}
	excuse := streak.Stamp(t.now, loc, streak.Event{Key: "excused/" + p.Key, Kind: streak.Excused, From: p.Date, Until: p.Date})
	if _, err := t.addEvent(p.account.Int64, excuse, ""); err != nil {
		return err
	}
	return t.refold(p.account.Int64)
}

// closePlace ends everything that is planned for the place p was sent to, and
// notes the problem.
func (t *tx) closePlace(p *parcel, why string) error {
	if p.To.Kind == coach.InChannel {
		_, err := t.exec(`DELETE FROM due WHERE account_id IS NULL AND team_ref = $1 AND channel = $2`, p.team, p.To.Channel)
		if err != nil {
			return err
		}
		if err := t.kill(why, `account_id IS NULL AND team_ref = $3 AND channel = $4 AND state = 'ready'`, p.team, p.To.Channel); err != nil {
			return err
		}
		if why == "" {
			why = "closed"
		}
		_, err = t.exec(`UPDATE team SET problem = $1 WHERE ref = $2`, why, p.team)
		return err
	}
	if _, err := t.exec(`DELETE FROM due WHERE account_id = $1 AND to_kind = $2`, p.account, p.To.Kind); err != nil {
		return err
	}
	if err := t.kill(why, `account_id = $3 AND to_kind = $4 AND state = 'ready'`, p.account, p.To.Kind); err != nil {
		return err
	}
	_, err := t.exec(`UPDATE account SET shut = 1 WHERE id = $1`, p.account)
	return err
}

// Lapsed implements [schedules.Store].
func (db *DB) Lapsed(ctx context.Context, machine time.Time) ([]schedules.Delivery, error) {
	var doubt []schedules.Delivery
	err := db.do(ctx, func(t *tx) error {
		doubt = nil
		now, longest := micros(machine), micros(machine.Add(schedules.LongestLease))
		_, err := t.exec(`UPDATE outbox SET state = 'ready', lease_until = NULL
			WHERE state = 'sending' AND (lease_until <= $1 OR lease_until > $2) AND started_at IS NULL`, now, longest)
		if err != nil {
			return err
		}
		lapsed, err := t.parcels(`SELECT `+deliveryColumns+` WHERE o.state = 'sending' AND (o.lease_until <= $1 OR o.lease_until > $2) ORDER BY o.id`, now, longest)
		for _, p := range lapsed {
			_, err := t.exec(`UPDATE outbox SET state = 'in_doubt', why = 'lapsed', settled_at = $1, lease_until = NULL WHERE id = $2`, micros(t.now), p.ID)
			if err != nil {
				return err
			}
			doubt = append(doubt, p.Delivery)
		}
		return err
	})
	return doubt, wrap("lapsed", err)
}

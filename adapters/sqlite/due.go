package sqlite

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"time"

	"rapport/coach"
	"rapport/coach/streak"
	"rapport/schedules"
)

const dueColumns = `d.id, d.kind, d.subject, d.to_kind, d.channel, d.spec, d.zone_name, d.next_at, d.nominal, d.last_date, d.exact, d.memory,
		i.platform, i.realm, i.person, t.platform, t.team_id
	FROM due d LEFT JOIN identity i ON i.account_id = d.account_id LEFT JOIN team t ON t.ref = d.team_ref`

// Due implements [schedules.Store].
func (db *DB) Due(ctx context.Context, now time.Time, limit int) (due []schedules.Due, err error) {
	err = db.query(ctx, func(rows scanner) error {
		d, err := scanDue(rows)
		due = append(due, d)
		return err
	}, `SELECT `+dueColumns+` WHERE d.next_at <= $1 ORDER BY d.next_at, d.id LIMIT $2`, micros(now), limit)
	return due, wrap("due", err)
}

// Schedules returns what is planned of a kind, for people and teams, earliest
// first.
func (db *DB) Schedules(ctx context.Context, kind string) (due []schedules.Due, err error) {
	err = db.query(ctx, func(rows scanner) error {
		d, err := scanDue(rows)
		due = append(due, d)
		return err
	}, `SELECT `+dueColumns+` WHERE d.kind = $1 ORDER BY d.next_at, d.id`, kind)
	return due, wrap("schedules", err)
}

func scanDue(rows scanner) (d schedules.Due, err error) {
	var a addressRow
	var next int64
	err = rows.Scan(&d.ID, &d.Kind, &d.Subject, &a.kind, &a.channel, &d.Spec, &d.Zone, &next, &d.Date, &d.Last, &d.Exact, &d.Memory,
		&a.platform, &a.realm, &a.user, &a.teamPlatform, &a.team)
	d.Next, d.To = instant(next), a.address()
	return d, err
}

// addressRow is an address as it is joined from a plan, an identity and a team.
type addressRow struct {
	kind                  coach.AddressKind
	channel               string
	platform, realm, user sql.NullString
	teamPlatform, team    sql.NullString
}

func (a addressRow) address() coach.Address {
	to := coach.Address{Kind: a.kind, Channel: a.channel}
	to.Team = coach.Team{Platform: coach.Platform(a.teamPlatform.String), ID: a.team.String}
	to.Platform = to.Team.Platform
	if a.kind != coach.InChannel {
		to.Person = coach.Person{Platform: coach.Platform(a.platform.String), Realm: a.realm.String, User: a.user.String}
		to.Platform = to.Person.Platform
	}
	return to
}

// Advance implements [schedules.Store].
func (db *DB) Advance(ctx context.Context, now time.Time, steps []schedules.Step) ([]schedules.Advanced, error) {
	var done []schedules.Advanced
	err := db.do(ctx, func(t *tx) error {
		done = make([]schedules.Advanced, len(steps))
		for i, s := range steps {
			var err error
			if done[i], err = t.advance(now, s); err != nil {
				return fmt.Errorf("%s: %w", s.Due.Kind, err)
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("advance: %w", err)
	}
	return done, nil
}

// advance takes one step. What a choice leaves behind (memory, items said) is
// kept only if the choice is not dropped for want of a free day.
func (t *tx) advance(now time.Time, s schedules.Step) (schedules.Advanced, error) {
	h, weekly, ok, err := t.move(s)
	if err != nil || !ok {
		return schedules.Stale, err
	}
	if s.Missed != "" {
		_, err := t.exec(`INSERT INTO missed (account_id, team_ref, kind, local_date, why, made_at) VALUES ($1, $2, $3, $4, $5, $6)`,
			h.account, h.team, s.Due.Kind, s.Due.Date, s.Missed, micros(now))
		if err != nil {
			return schedules.Stale, err
		}
	}
	out := schedules.Moved
	if s.Delivery != nil {
		if out, err = t.queue(h, weekly, *s.Delivery); err != nil || out != schedules.Queued {
			return out, err
		}
	}
	if !bytes.Equal(s.Memory, s.Due.Memory) {
		if _, err := t.exec(`UPDATE due SET memory = $1 WHERE id = $2`, blob(s.Memory), s.Due.ID); err != nil {
			return out, err
		}
	}
	if h.account.Valid {
		err = t.say(h.account.Int64, s.Said)
	}
	return out, err
}

// move moves the row on, if it is as it was read.
func (t *tx) move(s schedules.Step) (h holder, weekly, ok bool, err error) {
	const fence = ` WHERE id = $1 AND next_at = $2 AND nominal = $3`
	args := []any{s.Due.ID, micros(s.Due.Next), s.Due.Date}
	dest := []any{&h.account, &h.team, &weekly}
	if s.Next.IsZero() {
		ok, err = t.one(dest, `DELETE FROM due`+fence+` RETURNING account_id, team_ref, weekly`, args...)
	} else {
		ok, err = t.one(dest, `UPDATE due SET next_at = $4, nominal = $5, last_date = $3`+fence+` RETURNING account_id, team_ref, weekly`,
			append(args, micros(s.Next), s.NextDate)...)
	}
	return h, weekly, ok, err
}

// queue puts d into the outbox, once for all time.
func (t *tx) queue(h holder, weekly bool, d schedules.Delivery) (schedules.Advanced, error) {
	key := h.prefix() + d.Key
	var week any
	if weekly {
		start, err := t.weekStart(h.team.Int64)
		if err != nil {
			return schedules.Stale, err
		}
		week = streak.WeekOf(d.Date, start)
	}
	ready := d.Ready
	if ready.IsZero() {
		ready = d.DueAt
	}
	var id int64
	ok, err := t.one([]any{&id}, `INSERT INTO outbox (occurrence, account_id, team_ref, kind, subject, to_kind, channel, lane, local_date,
			zone_name, exact, week_date, payload, due_at, ready_at, state)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, 'ready') ON CONFLICT DO NOTHING RETURNING id`,
		key, h.account, h.team, d.Kind, d.Subject, d.To.Kind, d.To.Channel, d.Lane, d.Date, d.Zone, d.Exact, week,
		storeChoice(d.Choice), micros(d.DueAt), micros(ready))
	if err != nil || !ok { // not ok: it was queued before, or that week has had its post
		return schedules.Moved, err
	}
	if h.account.Valid && d.To.Kind == coach.Direct {
		return t.spend(h.account.Int64, id, key, d)
	}
	return schedules.Queued, nil
}

// spend uses up a person's day for a delivery just queued, or takes a rhythm
// message back out where the day is not free.
func (t *tx) spend(account, id int64, key string, d schedules.Delivery) (schedules.Advanced, error) {
	slot := key
	if !d.Exact {
		slot = "rhythm"
		free, err := t.dayIsFree(account, d.Date)
		if err == nil && !free {
			_, err = t.exec(`DELETE FROM outbox WHERE id = $1`, id)
		}
		if err != nil || !free {
			return schedules.Spent, err
		}
	}
	_, err := t.exec(`INSERT INTO budget (account_id, local_date, slot, outbox_id) VALUES ($1, $2, $3, $4)`, account, d.Date, slot, id)
	return schedules.Queued, err
}

// dayIsFree reports whether a rhythm message may go on that day: nothing has
// gone or is on its way, and nothing asked for at an exact time still will.
func (t *tx) dayIsFree(account int64, date streak.Date) (bool, error) {
	var one int
	taken, err := t.one([]any{&one}, `SELECT 1 WHERE EXISTS (SELECT 1 FROM budget WHERE account_id = $1 AND local_date = $2)
		OR EXISTS (SELECT 1 FROM due WHERE account_id = $1 AND exact = 1 AND to_kind = $3 AND nominal = $2)`, account, date, coach.Direct)
	return !taken, err
}

func storeChoice(c coach.Choice) string {
	r := payloadRow{Composer: c.Composer, Items: c.Items, Edition: c.Edition, Skip: c.Skip, Stop: c.Stop, Memory: c.Memory}
	for _, s := range c.Said {
		r.Said = append(r.Said, saidRow{s.Item, string(s.Date)})
	}
	return marshal(r)
}

func loadChoice(text string) (coach.Choice, error) {
	var r payloadRow
	if err := unmarshal("delivery", text, &r); err != nil {
		return coach.Choice{}, err
	}
	c := coach.Choice{Composer: r.Composer, Items: r.Items, Edition: r.Edition, Skip: r.Skip, Stop: r.Stop, Memory: r.Memory}
	for _, s := range r.Said {
		c.Said = append(c.Said, coach.Said{Item: s.Item, Date: streak.Date(s.Date)})
	}
	return c, nil
}

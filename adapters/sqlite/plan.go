package sqlite

import (
	"database/sql"
	"errors"
	"fmt"
	"math/bits"
	"time"

	"rapport/coach"
	"rapport/coach/streak"
	"rapport/schedules"
)

// A holder is whose a plan is: a person's where account is set, else a team's.
type holder struct {
	account sql.NullInt64
	team    sql.NullInt64 // of a person's plan: the team it is sent through, if any
}

// prefix makes an occurrence's key unique among all people and teams.
func (h holder) prefix() string {
	if h.account.Valid {
		return "p" + accountKey(h.account.Int64) + "/"
	}
	return "t" + accountKey(h.team.Int64) + "/"
}

// holderOf finds whose a message to that address is. The zero address is the
// person's own.
func (t *tx) holderOf(account int64, who coach.Person, to coach.Address) (holder, coach.Address, error) {
	if to == (coach.Address{}) {
		to = coach.DirectTo(who)
	}
	var h holder
	if to.Team != (coach.Team{}) {
		ref, err := t.team(to.Team)
		if err != nil {
			return h, to, err
		}
		h.team = sql.NullInt64{Int64: ref, Valid: true}
	}
	if to.Kind == coach.InChannel || to.Kind == 0 {
		if !h.team.Valid {
			return h, to, errors.New("a channel without a team")
		}
		return h, to, nil
	}
	h.account = sql.NullInt64{Int64: account, Valid: true}
	if to.Person == who {
		return h, to, nil
	}
	ok, err := t.one([]any{&h.account.Int64}, accountOf, to.Person.Platform, to.Person.Realm, to.Person.User)
	if err == nil && !ok {
		err = errors.New("a message to somebody unknown")
	}
	return h, to, err
}

// plan takes in what is wished and cancelled, and a move to another zone.
func (t *tx) plan(account int64, who coach.Person, c *coach.Change) error {
	for _, w := range c.Cancel {
		if err := t.cancel(account, who, w, renewed(c.Wishes, w)); err != nil {
			return fmt.Errorf("cancel %s: %w", w.Kind, err)
		}
	}
	if c.Zone != "" {
		if err := t.moveZone(account, c.Zone); err != nil {
			return fmt.Errorf("zone: %w", err)
		}
	}
	for _, w := range c.Wishes {
		if err := t.wish(account, who, w); err != nil {
			return fmt.Errorf("wish %s: %w", w.Kind, err)
		}
	}
	return nil
}

// renewed reports whether a cancelled wish is wished again in the same change:
// its row then keeps what it remembers.
func renewed(wishes []coach.Wish, c coach.Wish) bool {
	for _, w := range wishes {
		if w.Kind == c.Kind && w.Subject == c.Subject {
			return true
		}
	}
	return false
}

func (t *tx) cancel(account int64, who coach.Person, w coach.Wish, keepRow bool) error {
	h, _, err := t.holderOf(account, who, w.To)
	if err != nil {
		return err
	}
	if !keepRow {
		if _, err := t.exec(`DELETE FROM due WHERE account_id IS $1 AND (account_id IS NOT NULL OR team_ref = $2) AND kind = $3 AND subject = $4`,
			h.account, h.team, w.Kind, w.Subject); err != nil {
			return err
		}
	}
	return t.kill("cancelled", `account_id IS $3 AND (account_id IS NOT NULL OR team_ref = $4) AND kind = $5 AND subject = $6
		AND (state = 'ready' OR state = 'sending' AND started_at IS NULL)`, h.account, h.team, w.Kind, w.Subject)
}

// kill ends deliveries that were not sent, and gives back the days and weeks
// that they took. where is a condition with arguments from $3 on.
func (t *tx) kill(why, where string, args ...any) error {
	var ids []int64
	err := t.query(func(rows scanner) error {
		var id int64
		err := rows.Scan(&id)
		ids = append(ids, id)
		return err
	}, `UPDATE outbox SET state = 'dead', why = $1, settled_at = $2, lease_until = NULL, week_date = NULL WHERE `+where+` RETURNING id`,
		append([]any{why, micros(t.now)}, args...)...)
	if err != nil {
		return err
	}
	for _, id := range ids {
		if err := t.giveBack(id); err != nil {
			return err
		}
	}
	return nil
}

// giveBack frees the day that a delivery took.
func (t *tx) giveBack(outbox int64) error {
	_, err := t.exec(`DELETE FROM budget WHERE outbox_id = $1`, outbox)
	return err
}

// moveZone notes where the person is from now on, and computes their waiting
// rows anew.
func (t *tx) moveZone(account int64, zone string) error {
	loc, err := schedules.Zone(zone)
	if err != nil {
		return err
	}
	_, err = t.exec(`INSERT INTO zone_span (account_id, from_at, zone_name) VALUES ($1, $2, $3)
		ON CONFLICT (account_id, from_at) DO UPDATE SET zone_name = excluded.zone_name`, account, micros(t.now), zone)
	if err != nil {
		return err
	}
	type waiting struct {
		id            int64
		spec          string
		minute        int
		nominal, last streak.Date
	}
	var all []waiting
	err = t.query(func(rows scanner) error {
		var w waiting
		err := rows.Scan(&w.id, &w.spec, &w.minute, &w.nominal, &w.last)
		all = append(all, w)
		return err
	}, `SELECT id, spec, minute, nominal, last_date FROM due WHERE account_id = $1`, account)
	if err != nil {
		return err
	}
	for _, w := range all {
		next, date := schedules.At(loc, w.nominal, w.minute), w.nominal
		if w.spec != "" {
			if next, date, err = schedules.Next(w.spec, zone, t.now, w.last); err != nil {
				return err
			}
		}
		if _, err := t.exec(`UPDATE due SET zone_name = $1, next_at = $2, nominal = $3 WHERE id = $4`, zone, micros(next), date, w.id); err != nil {
			return err
		}
	}
	return nil
}

// wish makes a due row or replaces the one with the same kind and subject,
// which keeps its memory and the date it was last fired on.
func (t *tx) wish(account int64, who coach.Person, w coach.Wish) error {
	h, to, err := t.holderOf(account, who, w.To)
	if err != nil {
		return err
	}
	var id int64
	var last streak.Date
	_, err = t.one([]any{&id, &last}, `SELECT id, last_date FROM due
		WHERE account_id IS $1 AND (account_id IS NOT NULL OR team_ref = $2) AND kind = $3 AND subject = $4`,
		h.account, h.team, w.Kind, w.Subject)
	if err != nil {
		return err
	}
	f, err := t.first(h, to, w, last)
	if err != nil {
		return err
	}
	if h.account.Valid { // they want to hear from the coach again
		if _, err := t.exec(`UPDATE account SET shut = 0 WHERE id = $1`, h.account); err != nil {
			return err
		}
	}
	if id != 0 {
		_, err = t.exec(`UPDATE due SET team_ref = $1, to_kind = $2, channel = $3, spec = $4, minute = $5, zone_name = $6, next_at = $7,
			nominal = $8, exact = $9, weekly = $10 WHERE id = $11`,
			h.team, to.Kind, to.Channel, w.Spec, w.Minute, w.Zone, micros(f.next), f.date, w.Exact, f.weekly, id)
		return err
	}
	_, err = t.exec(`INSERT INTO due (account_id, team_ref, kind, subject, to_kind, channel, spec, minute, zone_name, next_at, nominal,
			last_date, exact, weekly) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, '', $12, $13)`,
		h.account, h.team, w.Kind, w.Subject, to.Kind, to.Channel, w.Spec, w.Minute, w.Zone, micros(f.next), f.date, w.Exact, f.weekly)
	return err
}

// first is when a wish is due first.
type first struct {
	next   time.Time
	date   streak.Date
	weekly bool
}

func (t *tx) first(h holder, to coach.Address, w coach.Wish, last streak.Date) (f first, err error) {
	if w.Spec == "" {
		loc, err := schedules.Zone(w.Zone)
		if err != nil {
			return f, err
		}
		if !w.Date.Valid() || w.Minute < 0 || w.Minute >= 24*60 {
			return f, fmt.Errorf("date %q, minute %d", w.Date, w.Minute)
		}
		return first{next: schedules.At(loc, w.Date, w.Minute), date: w.Date}, nil
	}
	spec, err := schedules.Parse(w.Spec)
	if err != nil {
		return f, err
	}
	f.weekly = to.Kind == coach.InChannel && bits.OnesCount8(spec.Weekdays()) == 1
	f.next, f.date, err = schedules.Next(w.Spec, w.Zone, t.now, last)
	if err != nil || !f.weekly || last == "" {
		return f, err
	}
	start, err := t.weekStart(h.team.Int64)
	for err == nil && streak.WeekOf(f.date, start) == streak.WeekOf(last, start) { // that week has had its post
		f.next, f.date, err = schedules.Next(w.Spec, w.Zone, f.next, f.date)
	}
	return f, err
}

func (t *tx) weekStart(team int64) (time.Weekday, error) {
	start := int(time.Monday)
	_, err := t.one([]any{&start}, `SELECT week_start FROM team WHERE ref = $1`, team)
	return time.Weekday(start), err
}

package sqlite

import (
	"context"
	"errors"
	"time"

	"rapport/coach/streak"
	"rapport/schedules"
)

// ErrMoved says that the clock of this database was moved on a local surface.
var ErrMoved = errors.New("this database was moved in time on the local page; chat platforms need a fresh one: name another file in [database] url")

// ErrBackwards says that somebody tried to move a clock back.
var ErrBackwards = errors.New("the clock of a database only moves forward")

func (t *tx) setTally(label string, amount int64) error {
	_, err := t.exec(`INSERT INTO tally (label, amount) VALUES ($1, $2) ON CONFLICT (label) DO UPDATE SET amount = excluded.amount`, label, amount)
	return err
}

const tallyOf = `SELECT amount FROM tally WHERE label = $1`

// Offset is how far the coach clock of local surfaces is ahead of the machine's.
func (db *DB) Offset(ctx context.Context) (time.Duration, error) {
	var us int64
	_, err := db.one(ctx, []any{&us}, tallyOf, "offset")
	return time.Duration(us) * time.Microsecond, wrap("clock offset", err)
}

// SetOffset stores how far the coach clock is ahead. The error is
// [ErrBackwards] if it was further ahead before.
func (db *DB) SetOffset(ctx context.Context, ahead time.Duration) error {
	return wrap("clock offset", db.do(ctx, func(t *tx) error {
		var before int64
		if _, err := t.one([]any{&before}, tallyOf, "offset"); err != nil {
			return err
		}
		if ahead.Microseconds() < before {
			return ErrBackwards
		}
		return t.setTally("offset", ahead.Microseconds())
	}))
}

// UseChat reports whether chat platforms may use this database. The error is
// [ErrMoved] if its clock was moved: people would get messages at wrong times.
func (db *DB) UseChat(ctx context.Context) error {
	ahead, err := db.Offset(ctx)
	if err == nil && ahead != 0 {
		return ErrMoved
	}
	return err
}

// Heartbeat records that the program runs, and returns how long it is since the
// one before, 0 at first. A clock set back is no gap.
func (db *DB) Heartbeat(ctx context.Context, machine time.Time) (gap time.Duration, err error) {
	err = db.write.mild(ctx, func(t *tx) error { // of which recall keeps nothing
		var last int64
		ok, err := t.one([]any{&last}, tallyOf, "heartbeat")
		if err != nil {
			return err
		}
		gap = 0
		if ok {
			gap = max(0, machine.Sub(instant(last)))
		}
		return t.setTally("heartbeat", micros(machine))
	})
	return gap, wrap("heartbeat", err)
}

// MinOutage is how long a gap must be to excuse anything.
const MinOutage = 24 * time.Hour

// Outage excuses the people who had something due in a gap of at least
// [MinOutage]: messages of their own, or posts of a team they belong to. It
// returns how many it excused. Who never practised has nothing to be excused
// for. The same gap excuses once.
func (db *DB) Outage(ctx context.Context, from, until time.Time) (people int, err error) {
	if until.Sub(from) < MinOutage {
		return 0, nil
	}
	ids, err := db.waitedFor(ctx, from, until)
	if err != nil {
		return 0, wrap("outage", err)
	}
	for len(ids) > 0 {
		batch := ids[:min(len(ids), 100)]
		ids = ids[len(batch):]
		var n int
		err := db.do(ctx, func(t *tx) error {
			n = 0
			for _, id := range batch {
				fresh, err := t.excuseOutage(id, from, until)
				if err != nil {
					return err
				}
				if fresh {
					n++
				}
			}
			return nil
		})
		if err != nil {
			return people, wrap("outage", err)
		}
		people += n
	}
	err = db.do(ctx, func(t *tx) error {
		_, err := t.exec(`INSERT INTO outage (from_at, until_at) VALUES ($1, $2) ON CONFLICT (from_at) DO UPDATE SET until_at = excluded.until_at`, micros(from), micros(until))
		return err
	})
	return people, wrap("outage", err)
}

// waitedFor finds who practises and had something due in a gap.
func (db *DB) waitedFor(ctx context.Context, from, until time.Time) (ids []int64, err error) {
	if err := db.filed(ctx); err != nil {
		return nil, err
	}
	err = db.query(ctx, func(rows scanner) error {
		var id int64
		err := rows.Scan(&id)
		ids = append(ids, id)
		return err
	}, `SELECT account_id FROM (
			SELECT account_id FROM due WHERE next_at BETWEEN $1 AND $2 AND account_id IS NOT NULL
			UNION SELECT m.account_id FROM due d JOIN membership m ON m.team_ref = d.team_ref WHERE d.next_at BETWEEN $1 AND $2 AND d.account_id IS NULL
		) w WHERE EXISTS (SELECT 1 FROM event e WHERE e.account_id = w.account_id)`, micros(from), micros(until))
	return ids, err
}

// excuseOutage writes the outage into a person's log, in the zone they were
// last seen in.
func (t *tx) excuseOutage(account int64, from, until time.Time) (fresh bool, err error) {
	var zone string
	ok, err := t.one([]any{&zone}, `SELECT zone_name FROM event WHERE account_id = $1 ORDER BY made_at DESC, meaning DESC LIMIT 1`, account)
	if err != nil || !ok {
		return false, err
	}
	loc, err := schedules.Zone(zone)
	if err != nil {
		loc = time.UTC
	}
	e := streak.Stamp(until, loc, streak.Event{Key: "outage/" + from.UTC().Format("20060102T150405"), Kind: streak.Outage,
		From: streak.DateOf(from.In(loc)), Until: streak.DateOf(until.In(loc))})
	if fresh, err = t.addEvent(account, e, ""); err != nil || !fresh {
		return false, err
	}
	return true, t.refold(account)
}

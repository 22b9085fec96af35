package sqlite

import (
	"context"
	"fmt"
	"slices"
	"time"

	"rapport/coach"
)

// Retention says how long things are kept. Zero fields are the defaults.
type Retention struct {
	Deliveries time.Duration // messages sent or given up, and missed slots; 35 days
	Left       time.Duration // who was deactivated or left; 30 days
	Teams      time.Duration // teams that removed the coach; 30 days
	Unseen     time.Duration // who did nothing; 13 months
}

const (
	day         = 24 * time.Hour
	keepRequest = 7 * day
	keep35      = 35 * day // how far back an admin is told about deliveries, too
	keepLeft    = 30 * day
	keepUnseen  = 396 * day
	tidyBatch   = 500 // rows deleted in one go, so that presses need not wait
)

func (r Retention) orDefault() Retention {
	for _, f := range []struct {
		at  *time.Duration
		def time.Duration
	}{{&r.Deliveries, keep35}, {&r.Left, keepLeft}, {&r.Teams, keepLeft}, {&r.Unseen, keepUnseen}} {
		if *f.at == 0 {
			*f.at = f.def
		}
	}
	return r
}

// Tidy removes what is older than it may be: requests after 7 days, drafts and
// flows that expired, deliveries, people who left or were not seen, and
// tombstones after 30 days. It reports how many people went.
func (db *DB) Tidy(ctx context.Context, now time.Time) (people int, err error) {
	keep := db.opts.Keep.orDefault()
	for _, rows := range []struct {
		from, id, where string
		before          time.Time
	}{
		{"draft", "(account_id, draft_id)", "expires_at <= $1", now},
		{"outbox", "id", "due_at < $1 AND state IN ('done', 'dead', 'in_doubt')", now.Add(-keep.Deliveries)},
		{"missed", "id", "made_at < $1", now.Add(-keep.Deliveries)},
		{"team", "ref", "left_at < $1", now.Add(-keep.Teams)},
		{"tries", "(team_ref, on_date)", "made_at < $1", now.Add(-keep.Deliveries)},
	} {
		if err := db.sweep(ctx, rows.from, rows.id, rows.where, rows.before); err != nil {
			return 0, fmt.Errorf("tidy %s: %w", rows.from, err)
		}
	}
	for _, rows := range []struct {
		from, id, where string
		before          time.Time
	}{
		{"request", "hash", "made_at < $1", now.Add(-keepRequest)},
		{"flow", "flow_id", "expires_at <= $1", now},
	} {
		if err := db.comb(ctx, rows.from, rows.id, rows.where, rows.before); err != nil {
			return 0, fmt.Errorf("tidy %s: %w", rows.from, err)
		}
	}
	if err := db.tidyBeside(ctx, now); err != nil {
		return 0, fmt.Errorf("tidy accounts: %w", err)
	}
	gone, err := db.outdated(ctx, now.Add(-keep.Left), now.Add(-keep.Unseen))
	if err != nil {
		return 0, fmt.Errorf("tidy people: %w", err)
	}
	for _, who := range gone {
		if _, err := db.Forget(ctx, who); err != nil {
			return people, fmt.Errorf("tidy: %w", err)
		}
		people++
	}
	if err := db.opts.Keys.Tidy(ctx, now); err != nil {
		return people, fmt.Errorf("tidy: %w", err)
	}
	return people, wrap("tidy", db.flush(ctx))
}

// sweep deletes rows in batches.
func (db *DB) sweep(ctx context.Context, from, id, where string, before time.Time) error {
	columns := id
	if id[0] == '(' {
		columns = id[1 : len(id)-1]
	}
	query := fmt.Sprintf(`DELETE FROM %s WHERE %s IN (SELECT %s FROM %s WHERE %s LIMIT %d)`, from, id, columns, from, where, tidyBatch)
	for {
		var n int64
		err := db.do(ctx, func(t *tx) (err error) {
			n, err = t.exec(query, micros(before))
			return err
		})
		if err != nil || n < tidyBatch {
			return err
		}
	}
}

// comb deletes rows of people in batches, from a table that has no index to
// find them by: it would cost every press. They are looked for beside the
// writer, so that presses need not wait for that.
func (db *DB) comb(ctx context.Context, from, id, where string, before time.Time) error {
	type key struct{ account, id any }
	for {
		var keys []key
		err := db.query(ctx, func(rows scanner) error {
			var k key
			err := rows.Scan(&k.account, &k.id)
			keys = append(keys, k)
			return err
		}, fmt.Sprintf(`SELECT account_id, %s FROM %s WHERE %s LIMIT %d`, id, from, where, 20*tidyBatch), micros(before))
		if err != nil {
			return err
		}
		for some := range slices.Chunk(keys, tidyBatch) {
			err := db.do(ctx, func(t *tx) error {
				for _, k := range some { // if it still is so
					if _, err := t.exec(fmt.Sprintf(`DELETE FROM %s WHERE %s AND account_id = $2 AND %s = $3`, from, where, id), micros(before), k.account, k.id); err != nil {
						return err
					}
				}
				return nil
			})
			if err != nil {
				return err
			}
		}
		if len(keys) < 20*tidyBatch {
			return nil
		}
	}
}

// outdated finds people who left before one instant or were last seen before
// another.
func (db *DB) outdated(ctx context.Context, left, seen time.Time) (who []coach.Person, err error) {
	if err := db.filed(ctx); err != nil {
		return nil, err
	}
	err = db.query(ctx, func(rows scanner) error {
		var p coach.Person
		err := rows.Scan(&p.Platform, &p.Realm, &p.User)
		who = append(who, p)
		return err
	}, `SELECT i.platform, i.realm, i.person FROM account a JOIN identity i ON i.account_id = a.id WHERE a.left_at < $1
		UNION SELECT i.platform, i.realm, i.person FROM account a JOIN identity i ON i.account_id = a.id WHERE a.seen_at < $2`, micros(left), micros(seen))
	return who, err
}

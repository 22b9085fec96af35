package sqlite

import (
	"database/sql"
	"fmt"
	"time"

	"rapport/coach/streak"
)

// addEvents appends the change's events. One whose key is in the log ends the
// call with what the first one answered.
func (p *press) addEvents(t *tx, id int64) error {
	if len(p.change.Events) == 0 {
		return nil
	}
	for _, e := range p.change.Events {
		fresh, err := t.addEvent(id, e, p.change.Answer)
		if err != nil {
			return err
		}
		if fresh {
			continue
		}
		var r repeated
		if _, err := t.one([]any{&r.answer}, `SELECT answer FROM event WHERE account_id = $1 AND meaning = $2`, id, e.Key); err != nil {
			return err
		}
		return &r
	}
	return t.refold(id)
}

// addEvent appends e unless its key is in the log.
func (t *tx) addEvent(account int64, e streak.Event, answer string) (fresh bool, err error) {
	n, err := t.exec(`INSERT INTO event (account_id, meaning, kind, made_at, zone_name, utc_offset, local_date, week_date, step, item,
			outcome, from_date, until_date, meant, assumed, week_start, answer)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)
		ON CONFLICT (account_id, meaning) DO NOTHING`,
		account, sql.NullString{String: e.Key, Valid: e.Key != ""}, e.Kind, micros(e.At), e.Zone, e.Offset, e.Date, e.Week, e.Step, e.Item,
		e.Outcome, e.From, e.Until, e.Ref, e.Assumed, int(e.Start), answer)
	return n == 1, err
}

// refold writes the fold of the person's log beside it.
func (t *tx) refold(account int64) error {
	var log []streak.Event
	err := t.query(func(rows *sql.Rows) error {
		e, err := scanEvent(rows)
		log = append(log, e)
		return err
	}, logOf, account)
	if err != nil {
		return err
	}
	_, err = t.exec(`UPDATE account SET ledger = $1, form = $2 WHERE id = $3`, storeLedger(streak.Fold(log, "")), ledgerForm, account)
	return err
}

const logOf = `SELECT meaning, kind, made_at, zone_name, utc_offset, local_date, week_date, step, item, outcome, from_date, until_date,
	meant, assumed, week_start FROM event WHERE account_id = $1 ORDER BY made_at, id`

func scanEvent(rows *sql.Rows) (e streak.Event, err error) {
	var key sql.NullString
	var at int64
	var start int
	err = rows.Scan(&key, &e.Kind, &at, &e.Zone, &e.Offset, &e.Date, &e.Week, &e.Step, &e.Item, &e.Outcome, &e.From, &e.Until,
		&e.Ref, &e.Assumed, &start)
	if err != nil {
		return e, fmt.Errorf("stored event: %w", err)
	}
	e.Key, e.At, e.Start = key.String, instant(at), time.Weekday(start)
	return e, nil
}

package sqlite

import (
	"context"
	"errors"
	"fmt"
	"time"

	"rapport/coach"
)

// Forget implements [coach.Writer]. The key goes before the rows: from then on
// nothing the person wrote can be read. A mark goes before both, so that Tidy
// ends what a crash in between leaves behind.
func (db *DB) Forget(ctx context.Context, who coach.Person) (coach.Receipt, error) {
	id, err := db.filedAccount(ctx, who)
	if err != nil || id == 0 {
		return coach.Receipt{}, wrap("forget", err)
	}
	r, err := db.receipt(ctx, id)
	if err != nil {
		return coach.Receipt{}, wrap("forget", err)
	}
	err = db.do(ctx, func(t *tx) error {
		_, err := t.exec(`UPDATE account SET left_at = 0 WHERE id = $1`, id)
		return err
	})
	if err != nil {
		return coach.Receipt{}, wrap("forget", err)
	}
	if err := db.opts.Keys.Erase(ctx, accountKey(id), who, db.opts.Now()); err != nil {
		return coach.Receipt{}, wrap("forget", err)
	}
	if err := db.do(ctx, func(t *tx) error { return t.erase(id, who) }); err != nil {
		return coach.Receipt{}, wrap("forget", err)
	}
	return r, wrap("forget", db.flush(ctx))
}

// erase removes every row about who: all of them go with the account, and so
// does what the local page kept of their direct messages, which names them.
func (t *tx) erase(account int64, who coach.Person) error {
	if _, err := t.exec(`DELETE FROM page WHERE place = $1`, "direct/"+who.String()); err != nil { // see page.go
		return err
	}
	if err := t.forgetTries(account); err != nil {
		return err
	}
	_, err := t.exec(`DELETE FROM account WHERE id = $1`, account)
	return err
}

// flush moves the log into the file and empties it, so that what was deleted is
// in neither. A reader that still looks at the old state, such as a backup,
// holds that up: then it is left to the next flush, which Tidy brings.
func (db *DB) flush(ctx context.Context) error {
	return db.write.alone(ctx, func(t *tx) error {
		if err := t.patience(flushWait); err != nil {
			return err
		}
		var busy, log, done int
		_, err := t.one([]any{&busy, &log, &done}, `PRAGMA wal_checkpoint(TRUNCATE)`)
		return errors.Join(err, t.patience(db.opts.Busy))
	})
}

// flushWait is how long a flush waits for readers.
const flushWait = 300 * time.Millisecond

// patience sets how long the writer waits for others.
func (t *tx) patience(d time.Duration) error {
	var ms int64
	_, err := t.one([]any{&ms}, fmt.Sprintf(`PRAGMA busy_timeout(%d)`, d.Milliseconds()))
	return err
}

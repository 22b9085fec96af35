package sqlite

import (
	"context"
	"errors"
	"fmt"
)

// checkKeys opens one sealed text, to learn at once and not from a person
// whether the keys belong to this database.
func (db *DB) checkKeys(ctx context.Context) error {
	if db.opts.Keys == nil {
		return errors.New("opened without keys")
	}
	tried, opened := 0, 0
	var last error
	err := db.query(ctx, func(rows scanner) error {
		var account int64
		var place string
		var sealed []byte
		if err := rows.Scan(&account, &place, &sealed); err != nil {
			return err
		}
		if gone, err := db.opts.Keys.Gone(ctx, accountKey(account)); err != nil || gone {
			return err // erased since this copy was made: their key is meant to be missing
		}
		tried++
		if _, err := db.opts.Keys.Open(ctx, accountKey(account), "note/"+place, sealed); err != nil {
			last = err
		} else {
			opened++
		}
		return nil
	}, `SELECT account_id, seal_row, words FROM note ORDER BY id DESC LIMIT 3`)
	if err == nil && tried > 0 && opened == 0 {
		err = fmt.Errorf("%w: %w", errKeys, last)
	}
	return err
}

package sqlite

import (
	"context"
	"fmt"
	"time"
)

// pageAccount is whom the local page's history is sealed for: answers in it may
// hold what a person wrote.
const pageAccount = "page"

// Keep stores what the local page showed in a place: "direct/" and a person in
// written form, which Forget empties, or any other. It reports false, and
// changes nothing, if key is known.
func (db *DB) Keep(ctx context.Context, key, place string, body []byte, at time.Time) (fresh bool, err error) {
	sealed, err := db.opts.Keys.Seal(ctx, pageAccount, "page/"+key, body)
	if err != nil {
		return false, fmt.Errorf("keep: %w", err)
	}
	err = db.do(ctx, func(t *tx) error {
		n, err := t.exec(`INSERT INTO page (label, place, body, made_at) VALUES ($1, $2, $3, $4) ON CONFLICT (label) DO NOTHING`, key, place, sealed, micros(at))
		fresh = n == 1
		return err
	})
	return fresh && err == nil, wrap("keep", err)
}

// Kept yields the last limit things shown in a place, oldest first, until yield
// returns an error.
func (db *DB) Kept(ctx context.Context, place string, limit int, yield func(key string, body []byte, at time.Time) error) error {
	err := db.query(ctx, func(rows scanner) error {
		var key string
		var sealed []byte
		var at int64
		if err := rows.Scan(&key, &sealed, &at); err != nil {
			return err
		}
		body, err := db.opts.Keys.Open(ctx, pageAccount, "page/"+key, sealed)
		if err != nil {
			return err
		}
		return yield(key, body, instant(at))
	}, `SELECT label, body, made_at FROM (SELECT id, label, body, made_at FROM page WHERE place = $1 ORDER BY id DESC LIMIT $2) AS newest ORDER BY id`, place, limit)
	return wrap("kept", err)
}

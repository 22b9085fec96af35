package sqlite

import (
	"context"

	"rapport/coach"
)

// Recall returns what [DB.Remember] was given under label, "" if nothing was.
func (db *DB) Recall(ctx context.Context, label string) (value string, err error) {
	_, err = db.one(ctx, []any{&value}, `SELECT value FROM memory WHERE label = $1`, label)
	return value, wrap("memory", err)
}

// Remember keeps value under label, in place of what was there. It is for what
// a platform's surface is to know after a restart, and never about a person.
func (db *DB) Remember(ctx context.Context, label, value string) error {
	return wrap("memory", db.write.mild(ctx, func(t *tx) error {
		_, err := t.exec(`INSERT INTO memory (label, value) VALUES ($1, $2) ON CONFLICT (label) DO UPDATE SET value = excluded.value`, label, value)
		return err
	}))
}

// Room returns the platform's id of the conversation that who's direct messages
// are, "" if it is not known.
func (db *DB) Room(ctx context.Context, who coach.Person) (id string, err error) {
	_, err = db.one(ctx, []any{&id}, `SELECT room FROM identity WHERE platform = $1 AND realm = $2 AND person = $3`, who.Platform, who.Realm, who.User)
	return id, wrap("room", err)
}

// KeepRoom keeps that id with the person, and goes when they go. Of somebody
// unknown nothing is kept.
func (db *DB) KeepRoom(ctx context.Context, who coach.Person, id string) error {
	return wrap("room", db.write.mild(ctx, func(t *tx) error {
		_, err := t.exec(`UPDATE identity SET room = $1 WHERE platform = $2 AND realm = $3 AND person = $4`, id, who.Platform, who.Realm, who.User)
		return err
	}))
}

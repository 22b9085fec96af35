package coach

import (
	"context"
	"time"

	"rapport/coach/streak"
)

// An Occasion is a moment at which something planned is to be said.
type Occasion struct {
	Kind    string
	Subject string
	To      Address
	Date    streak.Date // the nominal local date, part of the key: one Occasion is said once
	At      time.Time   // now
	Zone    string
	Memory  []byte // what the last Choice for this Kind and Subject left, nil at first
}

// A Choice is what an Occasion will say, decided once, before anything is sent,
// so that a second try says the same. It holds ids and no one's words.
type Choice struct {
	Composer string   // names what composes it, such as "tip"
	Items    []string // curriculum ids and row ids
	Edition  string   // hash of the edition the ids belong to
	Skip     string   // if not empty nothing is said, and why
	Stop     bool     // nothing will ever be said again: the wish ends
	Memory   []byte   // takes the place of Occasion.Memory, in the same transaction
	Said     []Said   // recorded for the person, in the same transaction
}

// A Speaker decides what an Occasion says and finds the words. Choose is called
// once for an Occasion; Compose each time it is sent, and only then are a
// person's own words opened.
type Speaker interface {
	Choose(ctx context.Context, o Occasion) (Choice, error)
	Compose(ctx context.Context, o Occasion, c Choice) (Message, error)
}

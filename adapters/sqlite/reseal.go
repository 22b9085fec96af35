package sqlite

import (
	"bytes"
	"context"
	"fmt"
)

// Resealed is what became of texts whose keys were made anew.
type Resealed struct {
	Texts      int // sealed anew
	Unreadable int // cannot be opened, such as those whose keys are gone; they stay as they are
}

// Reseal seals every text anew that newest does not report to be sealed with
// the newest key of its account: notes, plans, drafts, and what the page showed.
// It may be ended at any time and called again: what was done stays done. After
// each group of texts that is durable it calls done with what it did so far. No
// coach may run on the database.
func (db *DB) Reseal(ctx context.Context, newest func(account string, sealed []byte) bool, done func(Resealed)) (Resealed, error) {
	s := &resealer{db: db, newest: newest, done: done}
	err := s.people(ctx)
	if err == nil {
		err = s.page(ctx)
	}
	if err == nil {
		err = db.flush(ctx)
	}
	return s.out, wrap("seal anew", err)
}

// Stale reports whether some text is not sealed with the newest key of its
// account, as newest tells: Reseal was cut short.
func (db *DB) Stale(ctx context.Context, newest func(account string, sealed []byte) bool) (bool, error) {
	s := &resealer{db: db, newest: newest, looks: true}
	err := s.people(ctx)
	if err == nil && s.out.Texts == 0 {
		err = s.page(ctx)
	}
	return s.out.Texts > 0, wrap("look for old keys", err)
}

// How many people and how many things on the page are taken at a time.
const (
	resealPeople = 50
	resealPage   = 200
)

type resealer struct {
	db     *DB
	newest func(string, []byte) bool
	done   func(Resealed)
	looks  bool // nothing is written, and the first text that is found is enough
	out    Resealed
}

// A staleText is a text, where it lies and what opens it.
type staleText struct {
	account string
	place   string // what it is bound to
	sealed  []byte
	update  string // $1 is the new text, $2 the old one
	where   []any  // from $3 on
}

// people goes through everybody's words.
func (s *resealer) people(ctx context.Context) error {
	for last := int64(0); ; {
		var ids []int64
		err := s.db.query(ctx, func(rows scanner) error {
			var id int64
			err := rows.Scan(&id)
			ids = append(ids, id)
			return err
		}, `SELECT id FROM account WHERE id > $1 ORDER BY id LIMIT $2`, last, resealPeople)
		if err != nil || len(ids) == 0 {
			return err
		}
		last = ids[len(ids)-1]
		var texts []staleText
		for _, id := range ids {
			if texts, err = s.ofPerson(ctx, texts, id); err != nil {
				return err
			}
		}
		if err := s.renew(ctx, texts); err != nil || s.looks && s.out.Texts > 0 {
			return err
		}
	}
}

// ofPerson adds a person's texts that are sealed with an old key.
func (s *resealer) ofPerson(ctx context.Context, texts []staleText, id int64) ([]staleText, error) {
	account := accountKey(id)
	for _, kind := range []struct{ place, query, update string }{
		{"note/", `SELECT seal_row, words FROM note WHERE account_id = $1`,
			`UPDATE note SET words = $1 WHERE words = $2 AND account_id = $3 AND seal_row = $4`},
		{"flow/", `SELECT flow_id, words FROM flow WHERE account_id = $1 AND words IS NOT NULL`,
			`UPDATE flow SET words = $1 WHERE words = $2 AND account_id = $3 AND flow_id = $4`},
		{"draft/", `SELECT draft_id, body FROM draft WHERE account_id = $1`,
			`UPDATE draft SET body = $1 WHERE body = $2 AND account_id = $3 AND draft_id = $4`},
	} {
		err := s.db.query(ctx, func(rows scanner) error {
			var row string
			var sealed []byte
			if err := rows.Scan(&row, &sealed); err != nil {
				return err
			}
			if !s.newest(account, sealed) {
				texts = append(texts, staleText{account, kind.place + row, bytes.Clone(sealed), kind.update, []any{id, row}})
			}
			return nil
		}, kind.query, id)
		if err != nil {
			return nil, err
		}
	}
	return texts, nil
}

// page goes through what the local page showed.
func (s *resealer) page(ctx context.Context) error {
	for last, more := int64(0), true; more; {
		var texts []staleText
		more = false
		err := s.db.query(ctx, func(rows scanner) error {
			var label string
			var sealed []byte
			if err := rows.Scan(&last, &label, &sealed); err != nil {
				return err
			}
			more = true
			if !s.newest(pageAccount, sealed) {
				texts = append(texts, staleText{pageAccount, "page/" + label, bytes.Clone(sealed),
					`UPDATE page SET body = $1 WHERE body = $2 AND label = $3`, []any{label}})
			}
			return nil
		}, `SELECT id, label, body FROM page WHERE id > $1 ORDER BY id LIMIT $2`, last, resealPage)
		if err != nil {
			return err
		}
		if err := s.renew(ctx, texts); err != nil || s.looks && s.out.Texts > 0 {
			return err
		}
	}
	return nil
}

// renew seals texts anew, in one transaction.
func (s *resealer) renew(ctx context.Context, texts []staleText) error {
	type change struct {
		staleText
		fresh []byte
	}
	var changes []change
	unreadable := 0
	for _, t := range texts {
		words, err := s.db.opts.Keys.Open(ctx, t.account, t.place, t.sealed)
		if err != nil { // erased, or sealed with a key that was dropped
			unreadable++
			continue
		}
		if s.looks {
			s.out.Texts++
			return nil
		}
		fresh, err := s.db.opts.Keys.Seal(ctx, t.account, t.place, words)
		if err != nil {
			return err
		}
		changes = append(changes, change{t, fresh})
	}
	if len(changes) > 0 {
		err := s.db.do(ctx, func(t *tx) error {
			for _, c := range changes {
				n, err := t.exec(c.update, append([]any{c.fresh, c.sealed}, c.where...)...)
				if err == nil && n != 1 {
					err = fmt.Errorf("%s has changed meanwhile", c.place[:4])
				}
				if err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	s.out.Texts += len(changes)
	s.out.Unreadable += unreadable
	if s.done != nil && len(changes) > 0 {
		s.done(s.out)
	}
	return nil
}

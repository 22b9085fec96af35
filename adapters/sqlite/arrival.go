package sqlite

import (
	"context"
	"encoding/binary"
	"errors"
	"hash/maphash"
	"slices"
	"time"

	"rapport/coach"
	"rapport/coach/streak"
	"rapport/schedules/crashpoint"
)

// A press of the most common kind, a check-in, is durable once it is appended to
// the table arrival. What it makes of the account and the log of events, which
// lie anywhere in the file, is written later, for many presses at once: that is
// to file them. Filing runs a press again as it ran first.
//
// Everything that reads or writes accounts and events files first, but for what
// is known in memory (see recall.go), which holds what has arrived as well.

// fileAt is how many presses may have arrived before they are filed without
// anybody asking. To file them takes some 30 ms, in which nobody else writes.
const fileAt = 2000

// maxWaiting is how many answers of one person may lie beside the ledger while
// their presses arrive; see record.
const maxWaiting = 8 * maxRecent

// waits reports whether the press may arrive, so that it is filed later: it
// brings nothing but events that have a key, flows without words and an answer.
func (p *press) waits(t *tx, k *known) (bool, error) {
	c := &p.change
	switch {
	case len(k.recent) >= maxWaiting, p.made, c.Unseen, len(c.Events) == 0, c.Settings != nil, c.Zone != "", c.TeamPlan != nil, c.PutDraft != nil, c.DropDraft != "":
		return false, nil
	case len(c.AddNotes)+len(c.DropNotes)+len(c.Said)+len(c.Wishes)+len(c.Cancel) > 0:
		return false, nil
	case slices.ContainsFunc(p.flows, func(words []byte) bool { return words != nil }):
		return false, nil
	case slices.ContainsFunc(c.PutFlows, func(f coach.Flow) bool { return slices.Contains(k.rows, f.ID) }):
		return false, nil
	case slices.ContainsFunc(c.DropFlows, func(id string) bool { return slices.Contains(k.rows, id) }):
		return false, nil
	}
	if p.refold(); !p.fold.told {
		return false, nil
	}
	return p.newKeys(t, k)
}

// newKeys reports whether none of the events is in the log already, as far as
// that can be told from a few bytes of each key there: now and then it says no
// of one that is new.
func (p *press) newKeys(t *tx, k *known) (bool, error) {
	if k.keys == nil {
		var err error
		if k.keys, err = t.keysOf(k.account); err != nil {
			return false, err
		}
	}
	for _, e := range p.change.Events {
		if e.Key == "" || slices.Contains(k.keys, shortKey(e.Key)) {
			return false, nil
		}
	}
	return true, nil
}

var keySeed = maphash.MakeSeed()

func shortKey(key string) uint32 { return uint32(maphash.String(keySeed, key)) }

// keysOf reads the short keys of a log that has been filed.
func (t *tx) keysOf(account int64) ([]uint32, error) {
	keys := []uint32{}
	err := t.query(func(rows scanner) error {
		var key string
		err := rows.Scan(&key)
		keys = append(keys, shortKey(key))
		return err
	}, `SELECT meaning FROM event WHERE account_id = $1`, account)
	return keys, err
}

// withKeys is keys with those of events, nil where keys are not known.
func withKeys(keys []uint32, events []streak.Event) []uint32 {
	if keys == nil || len(events) == 0 {
		return keys
	}
	keys = append(make([]uint32, 0, len(keys)+len(events)), keys...)
	for _, e := range events {
		keys = append(keys, shortKey(e.Key))
	}
	return keys
}

// arrive appends the press, and makes of k what filing will make of it.
func (p *press) arrive(t *tx, k *known) error {
	k.ledger, k.undone = p.fold.ledger, p.fold.undone
	k.keys = withKeys(k.keys, p.change.Events)
	k.flows = withFlows(k.flows, &p.change, t.now)
	p.answered(t, k)
	if _, err := t.exec(`INSERT INTO arrival (account_id, body) VALUES ($1, $2)`, k.account, p.store(t.now)); err != nil {
		return err
	}
	t.w.arrived++
	t.w.late[k.account] = k
	return p.belong(t, k)
}

// store writes what filing needs of the press, made at that instant.
func (p *press) store(now time.Time) []byte {
	c := &p.change
	b := make([]byte, 0, 512)
	b = binary.AppendVarint(b, micros(now))
	b = appendField(appendField(b, p.hash), c.Answer)
	b = binary.AppendVarint(b, int64(len(c.Events)))
	for _, e := range c.Events {
		for _, s := range [...]string{e.Key, string(e.Kind), e.Zone, string(e.Date), string(e.Week), e.Item, e.Outcome, string(e.From), string(e.Until), e.Ref} {
			b = appendField(b, s)
		}
		assumed := 0
		if e.Assumed {
			assumed = 1
		}
		for _, n := range [...]int64{micros(e.At), int64(e.Offset), int64(e.Step), int64(assumed), int64(e.Start)} {
			b = binary.AppendVarint(b, n)
		}
	}
	b = appendField(b, string(storeFlows(c.PutFlows, nil)))
	b = binary.AppendVarint(b, int64(len(c.DropFlows)))
	for _, id := range c.DropFlows {
		b = appendField(b, id)
	}
	return b
}

// loadPress is the inverse of store.
func loadPress(body []byte) (p *press, at time.Time, err error) {
	p = &press{}
	c := &p.change
	f := fields{rest: body}
	at = instant(f.number())
	p.hash, c.Answer = f.text(), f.text()
	for n := f.number(); n > 0 && !f.broken; n-- {
		e := streak.Event{
			Key: f.text(), Kind: streak.Kind(f.text()), Zone: f.text(), Date: streak.Date(f.text()), Week: streak.Date(f.text()),
			Item: f.text(), Outcome: f.text(), From: streak.Date(f.text()), Until: streak.Date(f.text()), Ref: f.text(),
		}
		e.At, e.Offset, e.Step = instant(f.number()), int(f.number()), int(f.number())
		e.Assumed, e.Start = f.number() != 0, time.Weekday(f.number())
		c.Events = append(c.Events, e)
	}
	if c.PutFlows, err = loadFlows([]byte(f.text())); err != nil {
		return nil, at, err
	}
	for n := f.number(); n > 0 && !f.broken; n-- {
		c.DropFlows = append(c.DropFlows, f.text())
	}
	return p, at, f.fault("press")
}

// file files what has arrived.
func (t *tx) file() error {
	if t.w.arrived == 0 {
		return nil
	}
	of := make(map[int64][][]byte)
	var accounts []int64
	err := t.query(func(rows scanner) error {
		var account int64
		var body []byte
		err := rows.Scan(&account, &body)
		if of[account] == nil {
			accounts = append(accounts, account)
		}
		of[account] = append(of[account], body)
		return err
	}, `SELECT account_id, body FROM arrival ORDER BY id`)
	if err != nil {
		return err
	}
	slices.Sort(accounts) // as they lie in the file
	for _, account := range accounts {
		if err := t.fileFor(account, of[account]); err != nil {
			return err
		}
	}
	if len(accounts) > 0 {
		if _, err := t.exec(`DELETE FROM arrival`); err != nil {
			return err
		}
		crashpoint.At("filed")
	}
	t.w.arrived = 0
	clear(t.w.late)
	return nil
}

// fileFor files the presses of one account, in the order they came.
func (t *tx) fileFor(account int64, bodies [][]byte) error {
	k := t.w.late[account]
	replay := k == nil
	if replay {
		read, err := readAccount(t, account, t.now)
		if err != nil || read == nil {
			return err
		}
		k = read
	}
	var seen time.Time
	for _, body := range bodies {
		p, at, err := loadPress(body)
		if err != nil {
			return err
		}
		if seen = at; !replay {
			for _, e := range p.change.Events {
				if _, err := t.addEvent(account, e, p.change.Answer); err != nil {
					return err
				}
			}
			continue
		}
		if err := p.replay(&tx{t.w, at}, k); err != nil && !isRepeated(err) {
			return err
		}
	}
	row := k.row()
	row.seen = micros(seen)
	return t.putAccount(row)
}

// replay does to k and to the log what the press did.
func (p *press) replay(t *tx, k *known) error {
	before := *k
	p.before = &before
	if err := p.addEvents(t, k); err != nil {
		return err
	}
	if err := p.putFlows(t, k); err != nil {
		return err
	}
	return p.record(t, k)
}

// row is all that filing writes of an account.
func (k *known) row() accountRow {
	r := accountRow{
		id: k.account, ledger: storeLedger(k.ledger, k.undone), form: ledgerForm,
		recent: storeAnswers(k.recent), flows: storeFlows(k.flows, k.rows), stale: staleAt(k.recent, k.flows, k.rows),
	}
	if k.more != 0 {
		r.more = k.more
	}
	return r
}

func isRepeated(err error) bool {
	_, ok := errors.AsType[*repeated](err)
	return ok
}

// filed returns when all that has arrived until now is filed.
func (db *DB) filed(ctx context.Context) error {
	var some bool
	_, err := db.one(ctx, []any{&some}, `SELECT EXISTS (SELECT 1 FROM arrival)`)
	if err != nil || !some {
		return err
	}
	return db.write.mild(ctx, (*tx).file)
}

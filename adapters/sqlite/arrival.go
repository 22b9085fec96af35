package sqlite

import (
	"context"
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
// to file them. What they made of an account is known in memory (writer.late), or
// where it is not, it is worked out from them again (replay).
//
// Everything that reads or writes accounts and events files first, but for what
// is known in memory (see recall.go), which holds what has arrived as well.

// fileAt is how many presses may have arrived before they are filed without
// anybody asking. Where more people come than are known at a time it is fewer:
// whoever is not known is read, which files first. To file them takes less than a
// quarter of a second (BenchmarkFile), in which nobody else writes.
const fileAt = 8000

// maxWaiting is how many answers of one person may lie beside the ledger while
// their presses arrive; see record.
const maxWaiting = 8 * maxRecent

// waits reports whether the press may arrive, so that it is filed later: it
// brings nothing but one event that has a key, flows without words and an answer.
func (p *press) waits(t *tx, k *known) (bool, error) {
	c := &p.change
	switch {
	case len(k.recent) >= maxWaiting, p.made, c.Unseen, len(c.Events) != 1, c.Settings != nil, c.Zone != "", c.TeamPlan != nil, c.PutDraft != nil, c.DropDraft != "":
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
	if p.refold(); !p.fold.told { // only the whole log tells what comes of it
		return false, nil
	}
	return p.newKey(t, k)
}

// newKey reports whether the event is not in the log yet, as far as that can be
// told from a few bytes of each key there: now and then it says no of one that is
// new.
func (p *press) newKey(t *tx, k *known) (bool, error) {
	if k.keys == nil {
		var err error
		if k.keys, err = t.keysOf(k.account); err != nil {
			return false, err
		}
	}
	key := p.change.Events[0].Key
	return key != "" && !slices.Contains(k.keys, shortKey(key)), nil
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
	e := p.change.Events[0]
	k.ledger, k.undone = p.fold.ledger, p.fold.undone
	k.keys = withKeys(k.keys, p.change.Events)
	k.flows = withFlows(k.flows, &p.change, t.now)
	p.answered(k, t.now)
	_, err := t.exec(`INSERT INTO arrival (`+eventColumns+`, pressed_at, beside)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)`,
		append(eventValues(k.account, e.Key, e, p.change.Answer), micros(t.now), p.storeBeside())...)
	if err != nil {
		return err
	}
	t.w.arrived++
	t.w.late[k.account] = k
	return p.belong(t, k)
}

// storeBeside writes what filing needs of the press beside its event.
func (p *press) storeBeside() []byte {
	b := appendField(make([]byte, 0, 256), p.hash)
	b = appendField(b, string(storeFlows(p.change.PutFlows, nil)))
	for _, id := range p.change.DropFlows {
		b = appendField(b, id)
	}
	return b
}

// loadBeside is the inverse of storeBeside.
func (p *press) loadBeside(b []byte) (err error) {
	f := fields{rest: b}
	p.hash = f.text()
	if p.change.PutFlows, err = loadFlows([]byte(f.text())); err != nil {
		return err
	}
	for len(f.rest) > 0 {
		p.change.DropFlows = append(p.change.DropFlows, f.text())
	}
	return f.fault("press")
}

// file files what has arrived.
func (t *tx) file() error {
	if t.w.arrived == 0 {
		return nil
	}
	type whose struct{ account, at int64 }
	var last []whose
	err := t.query(func(rows scanner) error {
		var p whose
		err := rows.Scan(&p.account, &p.at)
		last = append(last, p)
		return err
	}, `SELECT account_id, max(pressed_at) FROM arrival GROUP BY account_id ORDER BY account_id`) // as accounts lie in the file
	if err != nil {
		return err
	}
	var untold []int64
	var lost map[int64][]arrival
	for _, p := range last {
		k := t.w.late[p.account]
		if k == nil {
			if lost == nil {
				if lost, err = readArrivals(t, ""); err != nil {
					return err
				}
			}
			if k, err = readAccount(t, p.account, t.now); err != nil {
				return err
			}
			if k == nil { // gone
				continue
			}
			if !k.replay(lost[p.account]) {
				untold = append(untold, p.account)
			}
		}
		if err := t.fileAccount(k, p.at); err != nil {
			return err
		}
	}
	if len(last) > 0 {
		if err := t.fileEvents(untold); err != nil {
			return err
		}
		crashpoint.At("filing")
	}
	t.w.arrived = 0
	clear(t.w.late)
	return nil
}

// fileEvents moves the events to the logs, and folds anew those whose ledger does
// not tell what came of it.
func (t *tx) fileEvents(untold []int64) error {
	_, err := t.exec(`INSERT INTO event (` + eventColumns + `) SELECT ` + eventColumns + ` FROM arrival WHERE account_id IN (SELECT id FROM account)
		ORDER BY account_id, meaning ON CONFLICT (account_id, meaning) DO NOTHING`)
	if err != nil {
		return err
	}
	for _, account := range untold {
		if err := t.refold(account); err != nil {
			return err
		}
	}
	_, err = t.exec(`DELETE FROM arrival`)
	return err
}

// fileAccount writes what presses made of an account, up to the last of them.
func (t *tx) fileAccount(k *known, last int64) error {
	row := k.row()
	row.ledger, row.form = storeLedger(k.ledger, k.undone), ledgerForm
	row.recent, row.flows, row.seen = storeAnswers(k.recent), storeFlows(k.flows, k.rows), last
	return t.putAccount(row)
}

// An arrival is a press that waits, as it is read again.
type arrival struct {
	*press
	at time.Time
}

// readArrivals reads what waits, by account, each account's in the order they
// came. where limits that.
func readArrivals(from reader, where string, args ...any) (map[int64][]arrival, error) {
	all := make(map[int64][]arrival)
	err := from.query(func(rows scanner) error {
		p := &press{change: coach.Change{Events: make([]streak.Event, 1)}}
		var beside []byte
		var account, at int64
		err := scanEvent(rows, &p.change.Events[0], &p.change.Answer, &account, &at, &beside)
		all[account] = append(all[account], arrival{p, instant(at)})
		return errors.Join(err, p.loadBeside(beside))
	}, logColumns+`, answer, account_id, pressed_at, beside FROM arrival `+where+` ORDER BY id`, args...)
	return all, err
}

// replay makes of k, which is the caller's own, what presses made of it whose
// outcome is not known in memory: another process took them, or one before this.
// It reports false where the ledger does not tell that, as that of another
// release may.
func (k *known) replay(presses []arrival) (told bool) {
	told = true
	for _, a := range presses {
		f := foldOf(k, a.change.Events)
		told = told && f.told
		k.ledger, k.undone = f.ledger, f.undone
		k.flows = withFlows(k.flows, &a.change, a.at)
		a.answered(k, a.at)
	}
	return told
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

package sqlite

import (
	"crypto/rand"
	"fmt"
	"slices"
	"strings"
	"time"

	"rapport/coach/streak"
)

// addEvents appends the change's events. One whose key is in the log ends the
// call with what the first one answered.
func (p *press) addEvents(t *tx, k *known) error {
	for _, e := range p.change.Events {
		fresh, err := t.addEvent(k.account, e, p.change.Answer)
		if err != nil {
			return err
		}
		if !fresh {
			var r repeated
			if _, err := t.one([]any{&r.answer}, `SELECT answer FROM event WHERE account_id = $1 AND meaning = $2`, k.account, e.Key); err != nil {
				return err
			}
			return &r
		}
	}
	if len(p.change.Events) == 0 {
		return nil
	}
	if p.refold(); !p.fold.told {
		log, err := readLog(t, k.account)
		if err != nil {
			return err
		}
		p.fold.ledger = streak.Fold(log, "")
	}
	k.ledger, k.undone = p.fold.ledger, p.fold.undone
	k.keys = withKeys(k.keys, p.change.Events)
	return nil
}

// refold makes the fold hold for the person as the call found them.
func (p *press) refold() {
	if p.fold.before != p.before {
		p.fold = foldOf(p.before, p.change.Events)
	}
}

// A fold is what events make of somebody's weeks.
type fold struct {
	before *known // what it holds for
	told   bool   // the ledger of before tells; else the log has to be read
	undone bool
	ledger streak.Ledger
}

func foldOf(before *known, events []streak.Event) fold {
	f := fold{before: before, told: !before.undone, undone: before.undone, ledger: before.ledger}
	for _, e := range events {
		if f.undone = f.undone || e.Kind == streak.Undo; f.told {
			e.At = instant(micros(e.At))
			f.ledger, f.told = f.ledger.Append(e)
		}
	}
	return f
}

// addEvent appends e unless its key is in the log.
func (t *tx) addEvent(account int64, e streak.Event, answer string) (fresh bool, err error) {
	meaning := e.Key
	if meaning == "" {
		meaning = keyless + rand.Text()
	}
	n, err := t.exec(`INSERT INTO event (`+eventColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)
		ON CONFLICT (account_id, meaning) DO NOTHING`, eventValues(account, meaning, e, answer)...)
	return n == 1, err
}

const eventColumns = `account_id, meaning, kind, made_at, zone_name, utc_offset, local_date, week_date, step, item, outcome,
	from_date, until_date, meant, assumed, week_start, answer`

// eventValues are the columns of an event. There is room for two more.
func eventValues(account int64, meaning string, e streak.Event, answer string) []any {
	return append(make([]any, 0, 19), account, meaning, string(e.Kind), micros(e.At), e.Zone, e.Offset, string(e.Date), string(e.Week), e.Step, e.Item,
		e.Outcome, string(e.From), string(e.Until), e.Ref, e.Assumed, int(e.Start), answer)
}

// refold writes the fold of the person's log beside it.
func (t *tx) refold(account int64) error {
	log, err := readLog(t, account)
	if err != nil {
		return err
	}
	_, err = t.exec(`UPDATE account SET ledger = $1, form = $2 WHERE id = $3`, storeLedger(streak.Fold(log, ""), hasUndo(log)), ledgerForm, account)
	return err
}

// readLog reads a person's log, oldest first.
func readLog(from reader, account int64) (log []streak.Event, err error) {
	err = from.query(func(rows scanner) error {
		var e streak.Event
		err := scanEvent(rows, &e)
		log = append(log, e)
		return err
	}, logOf, account)
	return log, err
}

func hasUndo(log []streak.Event) bool {
	return slices.ContainsFunc(log, func(e streak.Event) bool { return e.Kind == streak.Undo })
}

// logColumns is what scanEvent scans.
const logColumns = `SELECT meaning, kind, made_at, zone_name, utc_offset, local_date, week_date, step, item, outcome, from_date, until_date,
	meant, assumed, week_start`

const logOf = logColumns + ` FROM event WHERE account_id = $1 ORDER BY made_at, meaning`

// keyless begins what stands for the key of an event that has none. No key has
// a line break.
const keyless = "\n"

// scanEvent scans an event, and what follows its columns.
func scanEvent(rows scanner, e *streak.Event, more ...any) error {
	var at int64
	var start int
	err := rows.Scan(append([]any{&e.Key, &e.Kind, &at, &e.Zone, &e.Offset, &e.Date, &e.Week, &e.Step, &e.Item, &e.Outcome, &e.From, &e.Until,
		&e.Ref, &e.Assumed, &start}, more...)...)
	if err != nil {
		return fmt.Errorf("stored event: %w", err)
	}
	if strings.HasPrefix(e.Key, keyless) {
		e.Key = ""
	}
	e.At, e.Start = instant(at), time.Weekday(start)
	return nil
}

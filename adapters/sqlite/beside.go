package sqlite

import (
	"cmp"
	"context"
	"encoding/binary"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"rapport/coach"
	"rapport/coach/streak"
)

// What lies beside an account's ledger, so that a press writes few places of
// the file: the answers to the last requests, and flows that never held words.

// maxRecent is how many answers lie there. Beyond it all of them are moved to a
// table.
const maxRecent = 8

// An answered is a request, hashed, and what it answered.
type answered struct {
	hash, answer string
	at           int64
}

// oldest is when the oldest request was made that is still kept.
func oldest(now time.Time) int64 { return micros(now.Add(-keepRequest)) }

// withoutOld is all without what is older than that.
func withoutOld(all []answered, oldest int64) []answered {
	old := func(a answered) bool { return a.at < oldest }
	if !slices.ContainsFunc(all, old) {
		return all
	}
	return slices.DeleteFunc(slices.Clone(all), old)
}

// never stands for the end of what does not expire.
const never = math.MinInt64

func storeAnswers(all []answered) []byte {
	b := make([]byte, 0, 80*len(all))
	for _, a := range all {
		b = binary.AppendVarint(appendField(appendField(b, a.hash), a.answer), a.at)
	}
	return b
}

func loadAnswers(b []byte) (all []answered, err error) {
	f := fields{rest: b}
	for len(f.rest) > 0 {
		all = append(all, answered{f.text(), f.text(), f.number()})
	}
	return all, f.fault("requests")
}

// storeFlows writes flows but those with a row of their own.
func storeFlows(flows []coach.Flow, rows []string) []byte {
	b := make([]byte, 0, 120*len(flows))
	for _, w := range flows {
		if slices.Contains(rows, w.ID) {
			continue
		}
		for _, s := range [...]string{w.ID, w.Kind, w.Item, w.Edition, w.Node, string(w.Week)} {
			b = appendField(b, s)
		}
		b = binary.AppendVarint(binary.AppendVarint(b, micros(w.Made)), endOf(w))
	}
	return b
}

func endOf(w coach.Flow) int64 {
	if w.Expires.IsZero() {
		return never
	}
	return micros(w.Expires)
}

func loadFlows(b []byte) (all []coach.Flow, err error) {
	f := fields{rest: b}
	for len(f.rest) > 0 {
		w := coach.Flow{ID: f.text(), Kind: f.text(), Item: f.text(), Edition: f.text(), Node: f.text(), Week: streak.Date(f.text()), Made: instant(f.number())}
		if end := f.number(); end != never {
			w.Expires = instant(end)
		}
		all = append(all, w)
	}
	return all, f.fault("flows")
}

func appendField(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

// fields reads what was stored, one field after another.
type fields struct {
	rest   []byte
	broken bool
}

func (f *fields) text() string {
	n, size := binary.Uvarint(f.rest)
	if size <= 0 || n > uint64(len(f.rest)-size) {
		f.rest, f.broken = nil, true
		return ""
	}
	end := size + int(n)
	s := string(f.rest[size:end])
	f.rest = f.rest[end:]
	return s
}

func (f *fields) number() int64 {
	n, size := binary.Varint(f.rest)
	if size <= 0 {
		f.rest, f.broken = nil, true
		return 0
	}
	f.rest = f.rest[size:]
	return n
}

func (f *fields) fault(what string) error {
	if f.broken {
		return fmt.Errorf("stored %s: cut off", what)
	}
	return nil
}

// staleAt is when the first of what lies beside a ledger is to go, as it is
// stored.
func staleAt(recent []answered, flows []coach.Flow, rows []string) any {
	first := int64(math.MaxInt64)
	for _, a := range recent {
		first = min(first, a.at+keepRequest.Microseconds()+1)
	}
	for _, w := range flows {
		if end := endOf(w); end != never && !slices.Contains(rows, w.ID) {
			first = min(first, end)
		}
	}
	if first == math.MaxInt64 {
		return nil
	}
	return first
}

// seen reports whether the request was answered before, and what.
func (p *press) seen(t *tx, k *known) (bool, *repeated, error) {
	if p.hash == "" {
		return false, nil, nil
	}
	for _, a := range k.recent {
		if a.hash == p.hash {
			return true, &repeated{a.answer}, nil
		}
	}
	if k.more == 0 {
		return false, nil, nil
	}
	var r repeated
	ok, err := t.one([]any{&r.answer}, `SELECT answer FROM request WHERE account_id = $1 AND hash = $2`, k.account, []byte(p.hash))
	return ok, &r, err
}

// answered notes the request and what it answers.
func (p *press) answered(k *known, at time.Time) {
	if p.hash == "" {
		return
	}
	if k.recent = withoutOld(k.recent, oldest(at)); k.more < oldest(at) {
		k.more = 0
	}
	k.recent = append(slices.Clip(k.recent), answered{p.hash, p.change.Answer, micros(at)})
}

// record is answered with room for what lies beside the ledger: beyond it all of
// it is moved to a table first.
func (p *press) record(t *tx, k *known) error {
	if p.hash == "" {
		return nil
	}
	if len(withoutOld(k.recent, oldest(t.now))) >= maxRecent {
		for _, a := range k.recent {
			_, err := t.exec(`INSERT INTO request (account_id, hash, answer, made_at) VALUES ($1, $2, $3, $4)
				ON CONFLICT (account_id, hash) DO UPDATE SET answer = excluded.answer, made_at = excluded.made_at`, k.account, []byte(a.hash), a.answer, a.at)
			if err != nil {
				return err
			}
			k.more = max(k.more, a.at)
		}
		k.recent = nil
	}
	p.answered(k, t.now)
	return nil
}

// putFlows keeps the sealed words of a flow that brings none. One that never
// had any lies beside the ledger, see row.
func (p *press) putFlows(t *tx, k *known) error {
	c := &p.change
	for i, f := range c.PutFlows {
		var words []byte
		if p.flows != nil {
			words = p.flows[i]
		}
		if words == nil && !slices.Contains(k.rows, f.ID) {
			continue
		}
		if err := t.putFlow(k.account, f, words); err != nil {
			return err
		}
		if !slices.Contains(k.rows, f.ID) {
			k.rows = append(slices.Clip(k.rows), f.ID)
		}
	}
	for _, f := range c.DropFlows {
		if !slices.Contains(k.rows, f) {
			continue
		}
		if _, err := t.exec(`DELETE FROM flow WHERE account_id = $1 AND flow_id = $2`, k.account, f); err != nil {
			return err
		}
		k.rows = slices.DeleteFunc(slices.Clone(k.rows), func(row string) bool { return row == f })
	}
	k.flows = withFlows(k.flows, c, t.now)
	return nil
}

func (t *tx) putFlow(account int64, f coach.Flow, words []byte) error {
	_, err := t.exec(`INSERT INTO flow (account_id, flow_id, kind, item, edition, node, week_date, made_at, expires_at, words)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
		ON CONFLICT (account_id, flow_id) DO UPDATE SET kind = excluded.kind, item = excluded.item, edition = excluded.edition,
			node = excluded.node, week_date = excluded.week_date, made_at = excluded.made_at, expires_at = excluded.expires_at,
			words = coalesce(excluded.words, flow.words)`,
		account, f.ID, f.Kind, f.Item, f.Edition, f.Node, f.Week, micros(f.Made), maybeMicros(f.Expires), blob(words))
	return err
}

// tidyBeside removes what lies beside ledgers for longer than it may.
func (db *DB) tidyBeside(ctx context.Context, now time.Time) error {
	if err := db.filed(ctx); err != nil {
		return err
	}
	for {
		var ids []int64
		err := db.query(ctx, func(rows scanner) error {
			var id int64
			err := rows.Scan(&id)
			ids = append(ids, id)
			return err
		}, fmt.Sprintf(`SELECT id FROM account WHERE stale_at <= $1 LIMIT %d`, tidyBatch), micros(now))
		if err != nil || len(ids) == 0 {
			return err
		}
		err = db.do(ctx, func(t *tx) error {
			for _, id := range ids {
				if err := t.tidyBeside(id, now); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
}

func (t *tx) tidyBeside(account int64, now time.Time) error {
	var recent, flows []byte
	ok, err := t.one([]any{&recent, &flows}, `SELECT recent, flows FROM account WHERE id = $1 AND stale_at <= $2`, account, micros(now))
	if err != nil || !ok {
		return err
	}
	answers, err := loadAnswers(recent)
	if err != nil {
		return err
	}
	all, err := loadFlows(flows)
	if err != nil {
		return err
	}
	answers = withoutOld(answers, oldest(now))
	all = slices.DeleteFunc(all, func(w coach.Flow) bool { return endOf(w) != never && endOf(w) <= micros(now) })
	_, err = t.exec(`UPDATE account SET recent = $1, flows = $2, stale_at = $3 WHERE id = $4`,
		storeAnswers(answers), storeFlows(all, nil), staleAt(answers, all, nil), account)
	return err
}

// byAge orders flows as they are told of.
func byAge(a, b coach.Flow) int {
	return cmp.Or(a.Made.Compare(b.Made), strings.Compare(a.ID, b.ID))
}

package sqlite

import "errors"

// errNobody says that a change which is not the person's doing is about
// somebody unknown: they stay unknown.
var errNobody = errors.New("nobody there")

// settle keeps what a change that is not the person's doing makes of them.
func (t *tx) settle(r accountRow) error {
	_, err := t.exec(`UPDATE account SET settings = coalesce($1, settings), ledger = coalesce($2, ledger), form = coalesce($3, form),
			recent = coalesce($4, recent), flows = coalesce($5, flows), stale_at = $6, more_at = $7 WHERE id = $8`,
		r.settings, r.ledger, r.form, r.recent, r.flows, r.stale, r.more, r.id)
	return err
}

// putAccount keeps what a press makes of the person who made it.
func (t *tx) putAccount(r accountRow) error {
	_, err := t.exec(`UPDATE account SET settings = coalesce($1, settings), ledger = coalesce($2, ledger), form = coalesce($3, form),
			recent = coalesce($4, recent), flows = coalesce($5, flows), stale_at = $6, more_at = $7,
			seen_at = $8, unanswered = 0, left_at = NULL WHERE id = $9`,
		r.settings, r.ledger, r.form, r.recent, r.flows, r.stale, r.more, r.seen, r.id)
	return err
}

// An accountRow is what a change writes of an account. What is nil of the first
// five stays.
type accountRow struct {
	id                                    int64
	settings, ledger, form, recent, flows any
	stale, more                           any
	seen                                  int64
}

// row is what the change makes of k's row.
func (p *press) row(k *known) accountRow {
	r := k.row()
	if p.hash != "" {
		r.recent = storeAnswers(k.recent)
	}
	if s := p.change.Settings; s != nil {
		k.settings, r.settings = *s, storeSettings(*s)
	}
	if len(p.change.Events) > 0 {
		r.ledger, r.form = storeLedger(k.ledger, k.undone), ledgerForm
	}
	if len(p.change.PutFlows)+len(p.change.DropFlows) > 0 {
		r.flows = storeFlows(k.flows, k.rows)
	}
	return r
}

// row is what is written of k whatever has changed.
func (k *known) row() accountRow {
	r := accountRow{id: k.account, stale: staleAt(k.recent, k.flows, k.rows)}
	if k.more != 0 {
		r.more = k.more
	}
	return r
}

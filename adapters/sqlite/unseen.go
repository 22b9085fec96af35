package sqlite

import "errors"

// errNobody says that a change which is not the person's doing is about
// somebody unknown: they stay unknown.
var errNobody = errors.New("nobody there")

// settle keeps what a change that is not the person's doing makes of them. What
// is nil stays.
func (t *tx) settle(account int64, settings, ledger, form any) error {
	_, err := t.exec(`UPDATE account SET settings = coalesce($1, settings), ledger = coalesce($2, ledger), form = coalesce($3, form) WHERE id = $4`,
		settings, ledger, form, account)
	return err
}

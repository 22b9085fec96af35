package sqlite

import (
	"database/sql"
	"slices"
	"time"

	"rapport/coach"
	"rapport/coach/streak"
)

// A known is somebody with an account, as read or written last. It is never
// written to: a change makes another.
type known struct {
	account    int64
	since      time.Time
	settings   coach.Settings
	ledger     streak.Ledger
	undone     bool
	unanswered int
	closed     bool
	flows      []coach.Flow // by Made and ID; also some that have expired
	rows       []string     // ids of flows with a row of their own, also of those that have expired
	recent     []answered   // see beside.go
	more       int64        // when the newest row of request was made; 0 = there is none
	teams      []int64      // that they are a member of
	keys       []uint32     // of the log, short (see arrival.go); nil: not read
}

// self is what is known now.
func (k *known) self(now time.Time) coach.Self {
	s := coach.Self{Known: true, Since: k.since, Settings: k.settings, Ledger: k.ledger, Undone: k.undone, Unanswered: k.unanswered, Closed: k.closed}
	s.Ledger.Weeks = slices.Clip(s.Ledger.Weeks)
	over := func(f coach.Flow) bool { return f.Over(now) }
	if len(k.flows) > 0 && !slices.ContainsFunc(k.flows, over) {
		s.Flows = slices.Clip(k.flows)
		return s
	}
	for _, f := range k.flows {
		if !over(f) {
			s.Flows = append(s.Flows, f)
		}
	}
	return s
}

// A knownTeam is a team, as read last.
type knownTeam struct {
	ref      int64
	left     bool   // removed the coach: what somebody there does next brings it back
	trouble  string // why sending to its channel stopped, "" if somebody was told
	settings coach.TeamSettings
	nudge    string // item of the weekly nudge posted last
	nudgeOn  streak.Date
}

// readKnown reads who, nil for somebody without an account. What has arrived is
// filed before.
func readKnown(from reader, who coach.Person, now time.Time) (*known, error) {
	k, err := scanKnown(from, now, ` FROM identity i JOIN account a ON a.id = i.account_id LEFT JOIN flow f ON f.account_id = a.id
		WHERE i.platform = $1 AND i.realm = $2 AND i.person = $3`, who.Platform, who.Realm, who.User)
	if err != nil || k == nil {
		return nil, err
	}
	err = from.query(func(rows scanner) error {
		var ref int64
		err := rows.Scan(&ref)
		k.teams = append(k.teams, ref)
		return err
	}, `SELECT team_ref FROM membership WHERE account_id = $1`, k.account)
	return k, err
}

// readAccount reads an account as it was filed, but for its teams, nil where it
// is gone.
func readAccount(from reader, account int64, now time.Time) (*known, error) {
	return scanKnown(from, now, ` FROM account a LEFT JOIN flow f ON f.account_id = a.id WHERE a.id = $1`, account)
}

// scanKnown reads an account that a query is about, from its FROM on.
func scanKnown(from reader, now time.Time, query string, args ...any) (*known, error) {
	k := new(known)
	var settings, ledger string
	var recent, flows []byte
	var more sql.NullInt64
	var form int
	err := from.query(func(rows scanner) error {
		var since int64
		var f flowRow
		err := rows.Scan(&k.account, &since, &settings, &ledger, &form, &k.unanswered, &k.closed, &recent, &flows, &more,
			&f.id, &f.kind, &f.item, &f.edition, &f.node, &f.week, &f.made, &f.expires)
		k.since = instant(since)
		if f.id.Valid {
			k.rows = append(k.rows, f.id.String)
			k.flows = append(k.flows, f.flow())
		}
		return err
	}, `SELECT a.id, a.since, a.settings, a.ledger, a.form, a.unanswered, a.shut, a.recent, a.flows, a.more_at,
			f.flow_id, f.kind, f.item, f.edition, f.node, f.week_date, f.made_at, f.expires_at`+query, args...)
	if err != nil || k.account == 0 {
		return nil, err
	}
	k.more = more.Int64
	if k.recent, err = loadAnswers(recent); err != nil {
		return nil, err
	}
	if err = k.addFlows(flows, now); err != nil {
		return nil, err
	}
	if k.settings, err = loadSettings(settings); err != nil {
		return nil, err
	}
	k.ledger, k.undone, err = readLedger(from, k.account, ledger, form)
	return k, err
}

// addFlows adds the flows beside the ledger, and leaves out what has expired.
func (k *known) addFlows(stored []byte, now time.Time) error {
	beside, err := loadFlows(stored)
	k.flows = slices.DeleteFunc(append(k.flows, beside...), func(f coach.Flow) bool { return f.Over(now) })
	slices.SortFunc(k.flows, byAge)
	return err
}

// flowRow is a flow without its words, as it is read; all NULL where there is none.
type flowRow struct {
	id, kind, item, edition, node, week sql.NullString
	made, expires                       sql.NullInt64
}

func (f flowRow) flow() coach.Flow {
	return coach.Flow{
		ID: f.id.String, Kind: f.kind.String, Item: f.item.String, Edition: f.edition.String, Node: f.node.String,
		Week: streak.Date(f.week.String), Made: maybeInstant(f.made), Expires: maybeInstant(f.expires),
	}
}

// withFlows is flows with those that a change puts and drops, as they are read
// again at that instant: those that have expired are left out.
func withFlows(flows []coach.Flow, c *coach.Change, now time.Time) []coach.Flow {
	if len(c.PutFlows) == 0 && len(c.DropFlows) == 0 {
		return flows
	}
	flows = append(make([]coach.Flow, 0, len(flows)+len(c.PutFlows)), flows...)
	flows = slices.DeleteFunc(flows, func(f coach.Flow) bool { return f.Over(now) })
	for _, f := range c.PutFlows {
		f.Words, f.Made = "", instant(micros(f.Made))
		f.Expires = maybeInstant(maybeMicros(f.Expires))
		if i := slices.IndexFunc(flows, func(old coach.Flow) bool { return old.ID == f.ID }); i >= 0 {
			flows[i] = f
		} else {
			flows = append(flows, f)
		}
	}
	flows = slices.DeleteFunc(flows, func(f coach.Flow) bool { return slices.Contains(c.DropFlows, f.ID) })
	slices.SortFunc(flows, byAge)
	return flows
}

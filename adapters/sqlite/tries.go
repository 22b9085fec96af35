package sqlite

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"

	"rapport/coach"
	"rapport/coach/streak"
)

// A period is the time from a team's post to the closing of its figure.
type period struct {
	team   int64
	on     streak.Date
	secret []byte // nil: closed
}

// mark names an account in a period, and nothing outside it.
func (p period) mark(account int64) []byte {
	h := hmac.New(sha256.New, p.secret)
	var id [8]byte
	binary.BigEndian.PutUint64(id[:], uint64(account))
	h.Write(id[:])
	return h.Sum(nil)[:16]
}

// countTries counts or takes back that the person tried a post.
func (p *press) countTries(t *tx, account int64) error {
	for item, add := range map[string]bool{p.change.Tried: true, p.change.Untried: false} {
		if item == "" {
			continue
		}
		periods, err := t.periodsOf(p.team, account, item)
		if err != nil {
			return err
		}
		for _, one := range periods {
			if err := t.count(one, account, add); err != nil {
				return err
			}
		}
	}
	return nil
}

// periodsOf are the periods of item in a team, or, where it was done outside any,
// in those that the person belongs to.
func (t *tx) periodsOf(team, account int64, item string) (all []period, err error) {
	teams := []int64{team}
	if team == 0 {
		teams = nil
		err = t.query(func(rows scanner) error {
			var ref int64
			err := rows.Scan(&ref)
			teams = append(teams, ref)
			return err
		}, `SELECT team_ref FROM membership WHERE account_id = $1`, account)
	}
	for _, ref := range teams {
		if err != nil {
			return nil, err
		}
		var payload string
		var on streak.Date
		var ok bool
		if ok, err = t.one([]any{&payload, &on}, `SELECT payload, local_date FROM outbox WHERE team_ref = $1 AND account_id IS NULL AND kind = $2 AND state = 'done'
			ORDER BY settled_at DESC, id DESC LIMIT 1`, ref, nudge); err != nil || !ok {
			continue
		}
		var r payloadRow
		if err = unmarshal("delivery", payload, &r); err == nil && len(r.Items) > 0 && r.Items[0] == item {
			all = append(all, period{team: ref, on: on})
		}
	}
	return all, err
}

// count adds or removes an account's mark, unless the period is closed.
func (t *tx) count(p period, account int64, add bool) error {
	ok, err := t.one([]any{&p.secret}, `SELECT secret FROM tries WHERE team_ref = $1 AND on_date = $2`, p.team, p.on)
	if err != nil || ok && p.secret == nil || !ok && !add {
		return err
	}
	if !ok {
		p.secret = make([]byte, 32)
		rand.Read(p.secret) // never fails, see crypto/rand
		if _, err := t.exec(`INSERT INTO tries (team_ref, on_date, secret, made_at) VALUES ($1, $2, $3, $4)`, p.team, p.on, p.secret, micros(t.now)); err != nil {
			return err
		}
	}
	query := `DELETE FROM tried WHERE team_ref = $1 AND on_date = $2 AND mark = $3`
	if add {
		query = `INSERT INTO tried (team_ref, on_date, mark) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING`
	}
	_, err = t.exec(query, p.team, p.on, p.mark(account))
	return err
}

// forgetTries removes an account's marks from the figures that are not made yet.
func (t *tx) forgetTries(account int64) error {
	var open []period
	err := t.query(func(rows scanner) error {
		var p period
		err := rows.Scan(&p.team, &p.on, &p.secret)
		open = append(open, p)
		return err
	}, `SELECT r.team_ref, r.on_date, r.secret FROM tries r JOIN membership m ON m.team_ref = r.team_ref WHERE m.account_id = $1 AND r.secret IS NOT NULL`, account)
	for _, p := range open {
		if err == nil {
			err = t.count(p, account, false)
		}
	}
	return err
}

// Tries implements [coach.Teams].
func (db *DB) Tries(ctx context.Context, team coach.Team, on streak.Date) (atLeast int, err error) {
	err = db.do(ctx, func(t *tx) error {
		var ref int64
		if ok, err := t.one([]any{&ref}, `SELECT ref FROM team WHERE platform = $1 AND team_id = $2`, team.Platform, team.ID); err != nil || !ok {
			return err
		}
		var secret []byte
		ok, err := t.one([]any{&secret, &atLeast}, `SELECT secret, at_least FROM tries WHERE team_ref = $1 AND on_date = $2`, ref, on)
		if err != nil || !ok || secret == nil {
			return err
		}
		var tried, everybody int
		if _, err := t.one([]any{&tried, &everybody}, `SELECT (SELECT count(*) FROM tried WHERE team_ref = $1 AND on_date = $2), (SELECT count(*) FROM membership WHERE team_ref = $1)`, ref, on); err != nil {
			return err
		}
		atLeast = coach.AtLeast(tried, everybody, coach.LeftOut())
		if _, err := t.exec(`DELETE FROM tried WHERE team_ref = $1 AND on_date = $2`, ref, on); err != nil {
			return err
		}
		_, err = t.exec(`UPDATE tries SET secret = NULL, at_least = $3 WHERE team_ref = $1 AND on_date = $2`, ref, on, atLeast)
		return err
	})
	return atLeast, wrap("tries", err)
}

package sqlite

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"time"

	"rapport/coach"
	"rapport/coach/streak"
	"rapport/schedules/crashpoint"
)

// errElsewhere says that the account is not the one a change was sealed for.
var errElsewhere = errors.New("the account has changed")

// repeated says that a change was applied before, and what it answered.
type repeated struct{ answer string }

func (*repeated) Error() string { return "applied before" }

// Apply implements [coach.Writer].
func (db *DB) Apply(ctx context.Context, requestID string, who coach.Person, c coach.Change) (coach.Applied, error) {
	for {
		done, err := db.applyOnce(ctx, requestID, who, c)
		if errors.Is(err, errElsewhere) { // erased or first seen by another call, just now
			continue
		}
		if err != nil {
			return coach.Applied{}, fmt.Errorf("apply: %w", err)
		}
		return done, nil
	}
}

func (db *DB) applyOnce(ctx context.Context, requestID string, who coach.Person, c coach.Change) (coach.Applied, error) {
	p := press{who: who, change: c, keys: db.opts.Keys}
	if requestID != "" {
		p.hash = hashRequest(requestID, who)
	}
	if err := p.seal(ctx, db); err != nil {
		return coach.Applied{}, err
	}
	if k := db.recall.kept(who); k != nil && len(c.Events) > 0 {
		p.fold = foldOf(k, c.Events) // here and not in the writer, which others wait for; refold sees whether this still holds
	}
	err := db.write.mild(ctx, p.apply)
	crashpoint.At("after-commit")
	if errors.Is(err, errNobody) {
		return coach.Applied{}, nil
	}
	if r, ok := errors.AsType[*repeated](err); ok {
		self, err := db.Self(ctx, who)
		return coach.Applied{Answer: r.answer, Self: self}, err
	}
	if err != nil {
		return coach.Applied{}, err
	}
	if p.made {
		if err := db.welcomeBack(ctx, who); err != nil {
			return coach.Applied{}, err
		}
	}
	return coach.Applied{First: true, Answer: c.Answer, Self: p.known.self(db.opts.Now())}, nil
}

// welcomeBack forgets that who was erased: they are here again.
func (db *DB) welcomeBack(ctx context.Context, who coach.Person) error {
	erased, err := db.opts.Keys.Erased(ctx, who)
	if err != nil || !erased {
		return err
	}
	return db.opts.Keys.Seen(ctx, who)
}

// hashRequest is what is kept of a request's id.
func hashRequest(id string, who coach.Person) string {
	h := sha256.Sum256([]byte(string(who.Platform) + "\x00" + who.Realm + "\x00" + who.User + "\x00" + id))
	return string(h[:16])
}

// A press is one call of Apply under way. Words are sealed before the writer
// has it, so that others do not wait for that.
type press struct {
	who    coach.Person
	change coach.Change
	keys   Keys
	hash   string // "": the request has no id

	account int64 // whose words were sealed; 0 if there were none
	fresh   bool  // account does not exist yet
	notes   []sealedNote
	flows   [][]byte // sealed words, nil where there are none
	draft   []byte
	made    bool   // the account was made by this call
	team    int64  // where it was done; 0 outside any team
	before  *known // as the call found them
	known   *known // as it left them
	fold    fold
}

const accountOf = `SELECT account_id FROM identity WHERE platform = $1 AND realm = $2 AND person = $3`

// apply is the transaction. What ends it most often, a second press, comes
// before anything is written.
func (p *press) apply(t *tx) error {
	k, err := p.enter(t)
	if err != nil {
		return err
	}
	if seen, before, err := p.seen(t, k); err != nil {
		return err
	} else if seen {
		return before
	}
	waits, err := p.waits(t, k)
	if err != nil {
		return err
	}
	if waits {
		err = p.arrive(t, k)
	} else {
		err = p.write(t, k)
	}
	if err != nil {
		return err
	}
	if err := p.countTries(t, k.account); err != nil {
		return err
	}
	p.teach(t.w.lesson, k, t.now)
	crashpoint.At("before-commit")
	return nil
}

// write writes what the press brings where it belongs.
func (p *press) write(t *tx, k *known) error {
	for _, step := range []func(*tx, *known) error{p.fileFirst, p.addEvents, p.putFlows, p.join} {
		if err := step(t, k); err != nil {
			return err
		}
	}
	for _, step := range []func(*tx, int64) error{p.putNotes, p.putDraft, p.putSaid} {
		if err := step(t, k.account); err != nil {
			return err
		}
	}
	c := &p.change
	if err := t.plan(k.account, p.who, c); err != nil {
		return err
	}
	if c.TeamPlan == nil {
		return nil
	}
	return t.putTeam(k.account, p.who, c.Team, *c.TeamPlan)
}

func (p *press) fileFirst(t *tx, _ *known) error { return t.file() }

// teach tells the lesson what has changed. k is of this call.
func (p *press) teach(l *lesson, k *known, now time.Time) {
	c := &p.change
	l.all = l.all || c.TeamPlan != nil || slices.ContainsFunc(c.Wishes, func(w coach.Wish) bool {
		return w.To.Person != (coach.Person{}) && w.To.Person != p.who
	})
	if !c.Unseen {
		k.unanswered = 0
	}
	k.closed = k.closed && len(c.Wishes) == 0 // see wish
	l.people[p.who], p.known = k, k
	if p.team != 0 {
		l.presses[p.team] = max(l.presses[p.team], micros(now))
	}
}

// enter returns the person, with a new account for somebody new. What it
// returns is the call's own.
func (p *press) enter(t *tx) (*known, error) {
	p.made, p.team = false, 0
	k, err := t.person(p.who)
	if err != nil {
		return nil, err
	}
	if k != nil {
		if p.account != 0 && p.account != k.account {
			return nil, errElsewhere
		}
		own := *k
		p.before = k
		return &own, nil
	}
	if p.change.Unseen {
		return nil, errNobody
	}
	if p.account != 0 && !p.fresh {
		return nil, errElsewhere
	}
	k = &known{account: p.account, since: instant(micros(t.now)), ledger: streak.Fold(nil, "")}
	if k.account == 0 {
		k.account = newAccount()
	}
	p.made, p.before = true, k
	return k, t.addAccount(k.account, p.who)
}

func (t *tx) addAccount(id int64, who coach.Person) error {
	empty := storeLedger(streak.Fold(nil, ""), false)
	_, err := t.exec(`INSERT INTO account (id, since, seen_at, settings, ledger, form) VALUES ($1, $2, $2, '{}', $3, $4)`,
		id, micros(t.now), empty, ledgerForm)
	if err != nil {
		return err
	}
	_, err = t.exec(`INSERT INTO identity (platform, realm, person, account_id) VALUES ($1, $2, $3, $4)`,
		who.Platform, who.Realm, who.User, id)
	return err
}

// join notes that the person was there, and in which team, and what became of
// them. When somebody of the team did something last is noted for all calls of
// the group at once.
func (p *press) join(t *tx, k *known) error {
	if err := p.record(t, k); err != nil {
		return err
	}
	row := p.row(k)
	if p.change.Unseen {
		return t.settle(row)
	}
	row.seen = micros(t.now)
	if err := t.putAccount(row); err != nil {
		return err
	}
	return p.belong(t, k)
}

// belong notes in which team the press was made.
func (p *press) belong(t *tx, k *known) (err error) {
	if p.change.Team == (coach.Team{}) {
		return nil
	}
	if p.team, err = t.team(p.change.Team); err != nil || slices.Contains(k.teams, p.team) {
		return err
	}
	k.teams = append(slices.Clip(k.teams), p.team)
	_, err = t.exec(`INSERT INTO membership (account_id, team_ref) VALUES ($1, $2) ON CONFLICT DO NOTHING`, k.account, p.team)
	return err
}

// team returns the row of a team, a new one for a team not seen before.
func (t *tx) team(team coach.Team) (ref int64, err error) {
	if ref := t.knownTeam(team); ref != 0 {
		return ref, nil
	}
	var left bool
	ok, err := t.one([]any{&ref, &left}, teamOf, team.Platform, team.ID)
	if left && err == nil {
		t.w.lesson.all = true
		err = t.teamBack(ref)
	}
	if err != nil || ok {
		return ref, err
	}
	_, err = t.one([]any{&ref}, `INSERT INTO team (platform, team_id) VALUES ($1, $2) RETURNING ref`, team.Platform, team.ID)
	return ref, err
}

const teamOf = `SELECT ref, left_at IS NOT NULL FROM team WHERE platform = $1 AND team_id = $2`

// putNotes keeps and drops notes. What a new one is called is the time, or next
// to the last where that is not later: no count over people, which would tell
// each of them how much the others write.
func (p *press) putNotes(t *tx, id int64) error {
	for i, n := range p.change.AddNotes {
		_, err := t.exec(`INSERT INTO note (account_id, made_at, local_date, prompt, item, seal_row, words, number)
			SELECT $1, $2, $3, $4, $5, $6, $7, max($8, 1 + coalesce((SELECT max(number) FROM note WHERE account_id = $1), 0))`,
			id, micros(n.At), n.Date, n.Prompt, n.Item, p.notes[i].row, p.notes[i].words, micros(t.now))
		if err != nil {
			return err
		}
	}
	for _, n := range p.change.DropNotes {
		if _, err := t.exec(`DELETE FROM note WHERE number = $1 AND account_id = $2`, n, id); err != nil {
			return err
		}
	}
	return nil
}

func (p *press) putDraft(t *tx, id int64) error {
	if d := p.change.DropDraft; d != "" {
		if _, err := t.exec(`DELETE FROM draft WHERE account_id = $1 AND draft_id = $2`, id, d); err != nil {
			return err
		}
	}
	d := p.change.PutDraft
	if d == nil {
		return nil
	}
	_, err := t.exec(`INSERT INTO draft (account_id, draft_id, expires_at, body) VALUES ($1, $2, $3, $4)
		ON CONFLICT (account_id, draft_id) DO UPDATE SET expires_at = excluded.expires_at, body = excluded.body`,
		id, d.ID, micros(d.Expires), p.draft)
	return err
}

func (p *press) putSaid(t *tx, id int64) error { return t.say(id, p.change.Said) }

// say records items that were shown.
func (t *tx) say(account int64, said []coach.Said) error {
	for _, s := range said {
		_, err := t.exec(`INSERT INTO said (account_id, local_date, item) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING`, account, s.Date, s.Item)
		if err != nil {
			return err
		}
	}
	return nil
}

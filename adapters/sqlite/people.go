package sqlite

import (
	"context"
	"fmt"

	"rapport/coach"
	"rapport/coach/streak"
)

// Self implements [coach.People]. It does not fold.
func (db *DB) Self(ctx context.Context, who coach.Person) (coach.Self, error) {
	k, err := db.known(ctx, who)
	if err != nil || k == nil {
		return coach.Self{}, wrap("self", err)
	}
	return k.self(db.opts.Now()), nil
}

// Meet implements [coach.People].
func (db *DB) Meet(ctx context.Context, who coach.Person, team coach.Team) (met coach.Met, err error) {
	k, t, then := db.recall.both(who, team)
	if k == nil && who != (coach.Person{}) {
		k, err = db.readPerson(ctx, who, then)
	}
	if t == nil && err == nil && team != (coach.Team{}) {
		t, err = db.readTeam(ctx, team, then)
	}
	if err != nil {
		return coach.Met{}, wrap("meet", err)
	}
	if k != nil {
		met.Self = k.self(db.opts.Now())
	}
	if t != nil {
		met.Team, met.Nudge, met.NudgeOn = t.settings, t.nudge, t.nudgeOn
	}
	return met, nil
}

// known returns who is known as of now, nil for somebody without an account.
func (db *DB) known(ctx context.Context, who coach.Person) (*known, error) {
	k, _, then := db.recall.both(who, coach.Team{})
	if k != nil {
		return k, nil
	}
	return db.readPerson(ctx, who, then)
}

func (db *DB) readPerson(ctx context.Context, who coach.Person, then int) (*known, error) {
	from := reading{context.WithoutCancel(ctx), db}
	notFiled := db.filed(from.ctx)
	k, err := readKnown(from, who, db.opts.Now())
	if k == nil || err != nil {
		return nil, err
	}
	if notFiled != nil { // where the disk is full, say: people can read all the same
		return catchUp(from, k, notFiled)
	}
	db.recall.keepPerson(who, k, then)
	return k, nil
}

// catchUp returns k with what has arrived, which could not be filed.
func catchUp(from reader, k *known, notFiled error) (*known, error) {
	waiting, err := readArrivals(from, `WHERE account_id = $1`, k.account)
	if err != nil {
		return nil, err
	}
	if !k.replay(waiting[k.account]) {
		return nil, notFiled
	}
	return k, nil
}

// reading is the connections that only read, for one caller.
type reading struct {
	ctx context.Context
	db  *DB
}

func (r reading) query(scan func(scanner) error, query string, args ...any) error {
	return r.db.query(r.ctx, scan, query, args...)
}

// filedAccount is account, of which all is filed.
func (db *DB) filedAccount(ctx context.Context, who coach.Person) (int64, error) {
	if err := db.filed(ctx); err != nil {
		return 0, err
	}
	return db.account(ctx, who)
}

// account returns the account of who, 0 if there is none.
func (db *DB) account(ctx context.Context, who coach.Person) (id int64, err error) {
	_, err = db.one(ctx, []any{&id}, accountOf, who.Platform, who.Realm, who.User)
	return id, err
}

// Events implements [coach.People].
func (db *DB) Events(ctx context.Context, who coach.Person) ([]streak.Event, error) {
	id, err := db.filedAccount(ctx, who)
	if err != nil || id == 0 {
		return nil, wrap("events", err)
	}
	log, err := db.log(ctx, id)
	return log, wrap("events", err)
}

func (db *DB) log(ctx context.Context, account int64) ([]streak.Event, error) {
	return readLog(reading{ctx, db}, account)
}

// Said implements [coach.People].
func (db *DB) Said(ctx context.Context, who coach.Person, since streak.Date) (said []coach.Said, err error) {
	err = db.query(ctx, func(rows scanner) error {
		var s coach.Said
		err := rows.Scan(&s.Item, &s.Date)
		said = append(said, s)
		return err
	}, `SELECT s.item, s.local_date FROM identity i JOIN said s ON s.account_id = i.account_id
		WHERE i.platform = $1 AND i.realm = $2 AND i.person = $3 AND s.local_date >= $4 ORDER BY s.local_date, s.item`,
		who.Platform, who.Realm, who.User, since)
	return said, wrap("said", err)
}

// Receipt implements [coach.People].
func (db *DB) Receipt(ctx context.Context, who coach.Person) (coach.Receipt, error) {
	id, err := db.filedAccount(ctx, who)
	if err != nil || id == 0 {
		return coach.Receipt{}, wrap("receipt", err)
	}
	r, err := db.receipt(ctx, id)
	return r, wrap("receipt", err)
}

func (db *DB) receipt(ctx context.Context, account int64) (coach.Receipt, error) {
	var r coach.Receipt
	var since int64
	var settings string
	var flows []byte
	ok, err := db.one(ctx, []any{&since, &settings, &flows, &r.Notes, &r.Flows, &r.Messages, &r.Zone},
		`SELECT since, settings, flows,
			(SELECT count(*) FROM note WHERE account_id = account.id),
			(SELECT count(*) FROM flow WHERE account_id = account.id),
			(SELECT count(*) FROM outbox WHERE account_id = account.id),
			coalesce((SELECT zone_name FROM zone_span WHERE account_id = account.id ORDER BY from_at DESC LIMIT 1), '')
		FROM account WHERE id = $1`, account)
	if err != nil || !ok {
		return r, err
	}
	beside, err := loadFlows(flows)
	if err != nil {
		return r, err
	}
	s, err := loadSettings(settings)
	if err != nil {
		return r, err
	}
	r.Flows += len(beside)
	r.Since, r.Rhythm = instant(since), s.Rhythm
	if s.Zone != "" {
		r.Zone = s.Zone
	}
	log, err := db.log(ctx, account)
	r.CheckIns = checkIns(log)
	return r, err
}

// checkIns counts the check-ins of a log that were not taken back.
func checkIns(log []streak.Event) (n int) {
	undone := map[string]bool{}
	for _, e := range log {
		if e.Kind == streak.Undo {
			undone[e.Ref] = true
		}
	}
	for _, e := range log {
		if e.Kind == streak.CheckIn && !undone[e.Key] {
			n++
		}
	}
	return n
}

// Notes implements [coach.Notebook].
func (db *DB) Notes(ctx context.Context, who coach.Person, before int64, limit int) (notes []coach.Note, err error) {
	id, err := db.account(ctx, who)
	if err != nil || id == 0 {
		return nil, wrap("notes", err)
	}
	if before <= 0 {
		before = 1<<63 - 1
	}
	err = db.query(ctx, func(rows scanner) error {
		var n coach.Note
		var at int64
		var row string
		var sealed []byte
		if err := rows.Scan(&n.ID, &at, &n.Date, &n.Prompt, &n.Item, &row, &sealed); err != nil {
			return err
		}
		words, err := db.opts.Keys.Open(ctx, accountKey(id), "note/"+row, sealed)
		n.At, n.Words = instant(at), string(words)
		notes = append(notes, n)
		return err
	}, `SELECT number, made_at, local_date, prompt, item, seal_row, words FROM note WHERE account_id = $1 AND number < $2 ORDER BY number DESC LIMIT $3`,
		id, before, limit)
	if err != nil {
		return nil, fmt.Errorf("notes: %w", err)
	}
	return notes, nil
}

// FlowWords implements [coach.Notebook].
func (db *DB) FlowWords(ctx context.Context, who coach.Person, flow string) (string, error) {
	var id int64
	var sealed []byte
	ok, err := db.one(ctx, []any{&id, &sealed}, `SELECT f.account_id, f.words FROM identity i JOIN flow f ON f.account_id = i.account_id
		WHERE i.platform = $1 AND i.realm = $2 AND i.person = $3 AND f.flow_id = $4 AND f.words IS NOT NULL
			AND (f.expires_at IS NULL OR f.expires_at > $5)`,
		who.Platform, who.Realm, who.User, flow, micros(db.opts.Now()))
	if err != nil || !ok {
		return "", wrap("flow", err)
	}
	words, err := db.opts.Keys.Open(ctx, accountKey(id), "flow/"+flow, sealed)
	return string(words), wrap("flow", err)
}

// Draft implements [coach.Notebook].
func (db *DB) Draft(ctx context.Context, who coach.Person, draft string) (coach.Draft, bool, error) {
	var id, expires int64
	var sealed []byte
	ok, err := db.one(ctx, []any{&id, &expires, &sealed}, `SELECT d.account_id, d.expires_at, d.body FROM identity i JOIN draft d ON d.account_id = i.account_id
		WHERE i.platform = $1 AND i.realm = $2 AND i.person = $3 AND d.draft_id = $4 AND d.expires_at > $5`,
		who.Platform, who.Realm, who.User, draft, micros(db.opts.Now()))
	if err != nil || !ok {
		return coach.Draft{}, false, wrap("draft", err)
	}
	body, err := db.opts.Keys.Open(ctx, accountKey(id), "draft/"+draft, sealed)
	if err != nil {
		return coach.Draft{}, false, fmt.Errorf("draft: %w", err)
	}
	var r draftRow
	if err := unmarshal("draft", string(body), &r); err != nil {
		return coach.Draft{}, false, err
	}
	return coach.Draft{ID: draft, Action: coach.Action{Verb: r.Verb, Args: r.Args}, Answers: r.Answers, Expires: instant(expires)}, true, nil
}

func wrap(doing string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", doing, err)
}

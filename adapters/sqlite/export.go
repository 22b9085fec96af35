package sqlite

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"rapport/coach"
	"rapport/coach/streak"
)

// An Export is everything that is kept about one person, as one JSON value.
// Words are in it only in their own download.
type Export struct {
	Person     string            `json:"person"`
	Since      time.Time         `json:"since"`
	Seen       time.Time         `json:"last_seen"`
	Unanswered int               `json:"messages_since_last_press"`
	Settings   json.RawMessage   `json:"settings"`
	Teams      []string          `json:"teams,omitempty"`
	Zones      []ExportedZone    `json:"time_zones,omitempty"`
	Events     []ExportedEvent   `json:"events,omitempty"`
	Notes      []ExportedNote    `json:"notes,omitempty"`
	Flows      []ExportedFlow    `json:"under_way,omitempty"`
	Drafts     []ExportedDraft   `json:"drafts,omitempty"`
	Planned    []ExportedPlan    `json:"planned,omitempty"`
	Messages   []ExportedMessage `json:"messages,omitempty"`
	Said       []saidRow         `json:"items_shown,omitempty"`
}

// The parts of an [Export].
type (
	ExportedZone struct {
		From time.Time `json:"from"`
		Zone string    `json:"zone"`
	}
	ExportedEvent struct {
		Kind    string    `json:"kind"`
		At      time.Time `json:"at"`
		Zone    string    `json:"zone"`
		Date    string    `json:"date"`
		Week    string    `json:"week,omitempty"`
		Step    int       `json:"step,omitempty"`
		Item    string    `json:"item,omitempty"`
		Outcome string    `json:"outcome,omitempty"`
		From    string    `json:"from,omitempty"`
		Until   string    `json:"until,omitempty"`
		Key     string    `json:"key,omitempty"`
		Ref     string    `json:"about,omitempty"`
	}
	ExportedNote struct {
		ID     int64     `json:"id"`
		At     time.Time `json:"at"`
		Date   string    `json:"date"`
		Prompt string    `json:"prompt,omitempty"`
		Item   string    `json:"item,omitempty"`
		Words  string    `json:"words,omitempty"`
	}
	ExportedFlow struct {
		ID      string    `json:"id"`
		Kind    string    `json:"kind"`
		Item    string    `json:"item,omitempty"`
		Node    string    `json:"at,omitempty"`
		Made    time.Time `json:"made"`
		Expires time.Time `json:"expires,omitzero"`
		Words   string    `json:"words,omitempty"`
	}
	ExportedDraft struct {
		Expires time.Time         `json:"expires"`
		Words   map[string]string `json:"words,omitempty"`
	}
	ExportedPlan struct {
		Kind string    `json:"kind"`
		Next time.Time `json:"next"`
		Spec string    `json:"spec,omitempty"`
		Zone string    `json:"zone"`
	}
	ExportedMessage struct {
		Kind  string `json:"kind"`
		Date  string `json:"date"`
		State string `json:"state"`
	}
)

// Export is what an operator may see about who: when and how often, and never a
// word they wrote. It reports false if nothing is kept about them.
func (db *DB) Export(ctx context.Context, who coach.Person) (Export, bool, error) {
	return db.export(ctx, who, false)
}

// Download is Export with everything who wrote, for who alone.
func (db *DB) Download(ctx context.Context, who coach.Person) (Export, bool, error) {
	return db.export(ctx, who, true)
}

func (db *DB) export(ctx context.Context, who coach.Person, words bool) (x Export, ok bool, err error) {
	id, err := db.filedAccount(ctx, who)
	if err != nil || id == 0 {
		return x, false, wrap("export", err)
	}
	x.Person = who.String()
	e := exporter{db: db, ctx: ctx, id: id, words: words, out: &x}
	for _, part := range []func() error{e.account, e.history, e.log, e.notes, e.flows, e.drafts, e.plans} {
		if err := part(); err != nil {
			return x, false, fmt.Errorf("export: %w", err)
		}
	}
	return x, true, nil
}

// exporter fills an Export, part by part.
type exporter struct {
	db    *DB
	ctx   context.Context
	id    int64
	words bool
	out   *Export
}

// each runs a query about the account.
func (e *exporter) each(query string, scan func(scanner) error) error {
	return e.db.query(e.ctx, scan, query, e.id)
}

// open opens a text, if words are asked for.
func (e *exporter) open(place string, sealed []byte) (string, error) {
	if !e.words || sealed == nil {
		return "", nil
	}
	plain, err := e.db.opts.Keys.Open(e.ctx, accountKey(e.id), place, sealed)
	return string(plain), err
}

func (e *exporter) account() error {
	return e.each(`SELECT since, seen_at, unanswered, settings FROM account WHERE id = $1`, func(rows scanner) error {
		var since, seen int64
		var settings string
		err := rows.Scan(&since, &seen, &e.out.Unanswered, &settings)
		e.out.Since, e.out.Seen, e.out.Settings = instant(since), instant(seen), json.RawMessage(settings)
		return err
	})
}

func (e *exporter) history() error {
	err := e.each(`SELECT t.platform, t.team_id FROM membership m JOIN team t ON t.ref = m.team_ref WHERE m.account_id = $1 ORDER BY 1, 2`, func(rows scanner) error {
		var platform, team string
		err := rows.Scan(&platform, &team)
		e.out.Teams = append(e.out.Teams, platform+"/"+team)
		return err
	})
	if err != nil {
		return err
	}
	err = e.each(`SELECT from_at, zone_name FROM zone_span WHERE account_id = $1 ORDER BY from_at`, func(rows scanner) error {
		var at int64
		var z ExportedZone
		err := rows.Scan(&at, &z.Zone)
		z.From = instant(at)
		e.out.Zones = append(e.out.Zones, z)
		return err
	})
	if err != nil {
		return err
	}
	return e.each(`SELECT item, local_date FROM said WHERE account_id = $1 ORDER BY local_date, item`, func(rows scanner) error {
		var s saidRow
		err := rows.Scan(&s.Item, &s.Date)
		e.out.Said = append(e.out.Said, s)
		return err
	})
}

func (e *exporter) log() error {
	return e.each(logOf, func(rows scanner) error {
		var v streak.Event
		err := scanEvent(rows, &v)
		e.out.Events = append(e.out.Events, ExportedEvent{Kind: string(v.Kind), At: v.At, Zone: v.Zone, Date: string(v.Date), Week: string(v.Week),
			Step: v.Step, Item: v.Item, Outcome: v.Outcome, From: string(v.From), Until: string(v.Until), Key: v.Key, Ref: v.Ref})
		return err
	})
}

func (e *exporter) notes() error {
	return e.each(`SELECT number, made_at, local_date, prompt, item, seal_row, words FROM note WHERE account_id = $1 ORDER BY number`, func(rows scanner) error {
		var n ExportedNote
		var at int64
		var row string
		var sealed []byte
		if err := rows.Scan(&n.ID, &at, &n.Date, &n.Prompt, &n.Item, &row, &sealed); err != nil {
			return err
		}
		words, err := e.open("note/"+row, sealed)
		n.At, n.Words = instant(at), words
		e.out.Notes = append(e.out.Notes, n)
		return err
	})
}

func (e *exporter) flows() error {
	err := e.each(`SELECT flows FROM account WHERE id = $1`, func(rows scanner) error {
		var stored []byte
		if err := rows.Scan(&stored); err != nil {
			return err
		}
		beside, err := loadFlows(stored)
		for _, f := range beside {
			e.out.Flows = append(e.out.Flows, ExportedFlow{ID: f.ID, Kind: f.Kind, Item: f.Item, Node: f.Node, Made: f.Made, Expires: f.Expires})
		}
		return err
	})
	if err != nil {
		return err
	}
	err = e.each(`SELECT flow_id, kind, item, node, made_at, expires_at, words FROM flow WHERE account_id = $1`, func(rows scanner) error {
		var f ExportedFlow
		var made int64
		var expires sql.NullInt64
		var sealed []byte
		if err := rows.Scan(&f.ID, &f.Kind, &f.Item, &f.Node, &made, &expires, &sealed); err != nil {
			return err
		}
		words, err := e.open("flow/"+f.ID, sealed)
		f.Made, f.Expires, f.Words = instant(made), maybeInstant(expires), words
		e.out.Flows = append(e.out.Flows, f)
		return err
	})
	slices.SortFunc(e.out.Flows, func(a, b ExportedFlow) int { return cmp.Or(a.Made.Compare(b.Made), strings.Compare(a.ID, b.ID)) })
	return err
}

func (e *exporter) drafts() error {
	return e.each(`SELECT draft_id, expires_at, body FROM draft WHERE account_id = $1 ORDER BY draft_id`, func(rows scanner) error {
		var id string
		var expires int64
		var sealed []byte
		if err := rows.Scan(&id, &expires, &sealed); err != nil {
			return err
		}
		body, err := e.open("draft/"+id, sealed)
		d := ExportedDraft{Expires: instant(expires)}
		if err == nil && body != "" {
			var r draftRow
			err = unmarshal("draft", body, &r)
			d.Words = r.Answers
		}
		e.out.Drafts = append(e.out.Drafts, d)
		return err
	})
}

func (e *exporter) plans() error {
	err := e.each(`SELECT kind, next_at, spec, zone_name FROM due WHERE account_id = $1 ORDER BY next_at, id`, func(rows scanner) error {
		var p ExportedPlan
		var next int64
		err := rows.Scan(&p.Kind, &next, &p.Spec, &p.Zone)
		p.Next = instant(next)
		e.out.Planned = append(e.out.Planned, p)
		return err
	})
	if err != nil {
		return err
	}
	return e.each(`SELECT kind, local_date, state FROM outbox WHERE account_id = $1 ORDER BY id`, func(rows scanner) error {
		var m ExportedMessage
		err := rows.Scan(&m.Kind, &m.Date, &m.State)
		e.out.Messages = append(e.out.Messages, m)
		return err
	})
}

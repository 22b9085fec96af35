package sqlite

import (
	"strings"
	"time"

	"rapport/coach"
)

// A tx is what a call writes with. Its statements are prepared once.
type tx struct {
	w   *writer
	now time.Time // coach clock
}

// exec runs a statement and returns how many rows it changed.
func (t *tx) exec(query string, args ...any) (int64, error) {
	n, err := t.w.conn.exec(query, args...)
	if n > 0 || err != nil || !strings.HasPrefix(query, "INSERT ") { // of others SQLite tells no number that is sure to be theirs
		t.w.wrote = true
	}
	return n, err
}

// one scans the only row of a query and reports whether there was one.
func (t *tx) one(dest []any, query string, args ...any) (bool, error) {
	t.w.wrote = t.w.wrote || writes(query)
	return t.w.conn.one(dest, query, args...)
}

// query calls scan for each row. scan must not use t: the rows are still open.
func (t *tx) query(scan func(scanner) error, query string, args ...any) error {
	t.w.wrote = t.w.wrote || writes(query)
	return t.w.conn.query(scan, query, args...)
}

// writes reports whether a query may change something as well.
func writes(query string) bool { return !strings.HasPrefix(query, "SELECT ") }

// person returns who is known within a call, nil for somebody without an
// account. The writer holds the file, so that what is kept is what it holds.
func (t *tx) person(who coach.Person) (*known, error) {
	if k := t.w.lesson.people[who]; k != nil {
		return k, nil
	}
	if !t.w.lesson.all {
		if k := t.w.recall.kept(who); k != nil {
			return k, nil
		}
	}
	if err := t.file(); err != nil {
		return nil, err
	}
	return readKnown(t, who, t.now)
}

// knownTeam returns the row of a team that is kept, 0 where it is not certain.
func (t *tx) knownTeam(team coach.Team) int64 {
	if t.w.lesson.all {
		return 0
	}
	r := t.w.recall
	r.mu.Lock()
	defer r.mu.Unlock()
	if k := r.teams[team]; k != nil && !k.left {
		return k.ref
	}
	return 0
}

// A reader runs queries: a call, or the connections that only read.
type reader interface {
	query(scan func(scanner) error, query string, args ...any) error
}

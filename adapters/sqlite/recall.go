package sqlite

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"runtime"
	"slices"
	"strings"
	"sync"
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
	gone := func(f coach.Flow) bool { return !f.Expires.IsZero() && !f.Expires.After(now) }
	if len(k.flows) > 0 && !slices.ContainsFunc(k.flows, gone) {
		s.Flows = slices.Clip(k.flows)
		return s
	}
	for _, f := range k.flows {
		if !gone(f) {
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

// maxKnown is how many people and how many teams are kept in memory: some
// 4 KB each for people of a year.
const maxKnown = 1024

// A recall keeps in memory who was there lately, so that a command needs no
// query: SQLite drops what it holds of a file at every commit of another
// connection, and reads and decodes all of it again. That took a command 330 of
// its 700 us (BenchmarkSlashCommand in bot).
//
// Nothing in it is older than the file. Each commit that this program makes
// counts up a number in the file, in whatever process; what is kept holds for
// one number. While the number of the file is another, nothing kept is used,
// and the writer of this process throws all of it away when it begins its next
// group and sees that somebody else has written.
type recall struct {
	mu     sync.Mutex
	people map[coach.Person]*known
	teams  map[coach.Team]*knownTeam
	number int64 // what is kept holds for
	coming int64 // the number that a commit under way gives the file; 0 = none is
	over   *sync.Cond
	epoch  int // counts what was learned and forgotten

	look    driver.Conn // sees every commit; without package sql in between, which took as long again
	version driver.Stmt // of look: differs from what it was if there was one since
	change  driver.Stmt // of look: the number of the file
	seen    int64       // version at which the number of the file was number; 0 = never

	next  *glance       // that those who ask now wait for; nil if nobody does
	asked chan struct{} // of 2: one glance may be under way
	ended chan struct{}
	shut  bool
}

// tallyChange is the number of the commits in a file.
const tallyChange = "change"

// newRecall looks with a connection of its own, by the name of those in reads.
func newRecall(reads *sql.DB, name string) (r *recall, err error) {
	r = &recall{asked: make(chan struct{}, 2), ended: make(chan struct{}), epoch: 1, people: make(map[coach.Person]*known), teams: make(map[coach.Team]*knownTeam)}
	r.over = sync.NewCond(&r.mu)
	if r.look, err = reads.Driver().Open(name); err != nil {
		return nil, err
	}
	if r.version, err = r.look.Prepare("PRAGMA data_version"); err == nil {
		r.change, err = r.look.Prepare(`SELECT amount FROM tally WHERE label = '` + tallyChange + `'`)
	}
	if err != nil {
		r.closeLook()
		return nil, err
	}
	go r.run()
	return r, nil
}

func (r *recall) close() {
	r.mu.Lock()
	if r.shut {
		r.mu.Unlock()
		return
	}
	r.shut = true
	close(r.asked)
	r.mu.Unlock()
	<-r.ended
	r.closeLook()
}

func (r *recall) closeLook() {
	for _, s := range []driver.Stmt{r.version, r.change} {
		if s != nil {
			s.Close()
		}
	}
	r.look.Close()
}

// ask runs a query whose answer is one number. ok is false where there is
// none.
func (r *recall) ask(s driver.Stmt) (n int64, ok bool) {
	rows, err := s.(driver.StmtQueryContext).QueryContext(context.Background(), nil)
	if err != nil {
		return 0, false
	}
	defer rows.Close()
	var v [1]driver.Value
	if rows.Next(v[:]) != nil {
		return 0, false
	}
	n, ok = v[0].(int64)
	return n, ok
}

// fresh reports whether what is kept is what the file holds. r.mu is held.
func (r *recall) fresh() bool {
	for {
		version, ok := r.ask(r.version)
		if !ok {
			return false
		}
		if version == r.seen {
			return true
		}
		// A commit between the two queries is in the second alone. That is on the
		// safe side: the version shows it the next time.
		number, ok := r.ask(r.change)
		if !ok {
			return false
		}
		switch number {
		case r.number:
			r.seen = version
			return true
		case r.coming: // by us, and about to be learned
			r.over.Wait()
		default:
			return false
		}
	}
}

// A glance is one look at the file for all who ask meanwhile.
type glance struct {
	done  chan struct{}
	fresh bool
}

// run answers glances until r is closed. It is a goroutine of its own, so that
// one look serves all who ask at the same time, and that their goroutines need
// no stack for SQLite: a look by each took 45 us of 400.
func (r *recall) run() {
	defer close(r.ended)
	for range r.asked {
		runtime.Gosched() // whoever is about to ask as well
		r.mu.Lock()
		g := r.next
		r.next = nil
		g.fresh = r.fresh()
		r.mu.Unlock()
		close(g.done)
	}
}

// glance looks at the file, and reports whether what is kept is what it holds.
func (r *recall) glance() bool {
	r.mu.Lock()
	if r.shut {
		r.mu.Unlock()
		return false
	}
	g := r.next
	if g == nil {
		g = &glance{done: make(chan struct{})}
		r.next = g
		r.asked <- struct{}{}
	}
	r.mu.Unlock()
	<-g.done
	return g.fresh
}

// both returns a person and a team as they are kept, nil where they are not or
// it is not certain, and when that was; 0 = it is not certain.
func (r *recall) both(who coach.Person, team coach.Team) (*known, *knownTeam, int) {
	if !r.glance() {
		return nil, nil, 0
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.people[who], r.teams[team], r.epoch
}

// kept returns who is kept, whether or not that still holds.
func (r *recall) kept(who coach.Person) *known {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.people[who]
}

// keepPerson keeps what was read since then, unless it may be older than what
// was learned meanwhile.
func (r *recall) keepPerson(who coach.Person, k *known, then int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if then == r.epoch {
		keep(r.people, own(who), k)
	}
}

func (r *recall) keepTeam(team coach.Team, k *knownTeam, then int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if then == r.epoch {
		keep(r.teams, coach.Team{Platform: team.Platform, ID: strings.Clone(team.ID)}, k)
	}
}

// own is who in memory of its own: the words of a request may be pieces of all
// its bytes, which would stay for as long as the person is kept.
func own(who coach.Person) coach.Person {
	return coach.Person{Platform: who.Platform, Realm: strings.Clone(who.Realm), User: strings.Clone(who.User)}
}

// keep puts v into m, in the place of anything where m is full.
func keep[K comparable, V any](m map[K]V, k K, v V) {
	if _, ok := m[k]; !ok && len(m) >= maxKnown {
		for some := range m {
			delete(m, some)
			break
		}
	}
	m[k] = v
}

// A lesson is what a group of calls changes in what is kept, once it is
// committed.
type lesson struct {
	people  map[coach.Person]*known
	presses map[int64]int64 // team -> when somebody there did something last
	all     bool            // nothing is certain: a call wrote something else
}

func newLesson() *lesson {
	return &lesson{people: make(map[coach.Person]*known), presses: make(map[int64]int64)}
}

// forget throws away what is kept: another process has written.
func (r *recall) forget() {
	r.mu.Lock()
	defer r.mu.Unlock()
	clear(r.people)
	clear(r.teams)
	r.epoch++
}

// expect says that a commit is under way. learn or fail follows.
func (r *recall) expect(number int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.coming = number
}

// fail says that there was no commit.
func (r *recall) fail() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.coming = 0
	r.over.Broadcast()
}

// learn takes in a lesson that is committed. number is the file's since then.
func (r *recall) learn(l *lesson, number int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	defer r.over.Broadcast()
	r.coming = 0
	if l.all {
		clear(r.people)
		clear(r.teams)
	}
	for who, k := range l.people {
		keep(r.people, own(who), k)
	}
	r.number = number
	r.epoch++
}

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
	k.flows = slices.DeleteFunc(append(k.flows, beside...), func(f coach.Flow) bool { return !f.Expires.IsZero() && !f.Expires.After(now) })
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
	all := flows
	flows = make([]coach.Flow, 0, len(all)+len(c.PutFlows))
	for _, f := range all {
		if f.Expires.IsZero() || f.Expires.After(now) {
			flows = append(flows, f)
		}
	}
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

package sqlite

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"runtime"
	"strings"
	"sync"

	"rapport/coach"
)

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

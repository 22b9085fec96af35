package main

import (
	"bytes"
	"cmp"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"text/tabwriter"
	"time"

	"rapport/coach"
	"rapport/coach/coachtest"
	"rapport/coach/streak"
)

// Run it alone with: go test -run '^TestCrash$' -v ./bot

const (
	crashLease = "1500ms"         // of the program under test
	patience   = 60 * time.Second // for anything that must happen
)

// await polls until done, which looks at files or processes.
func await(t *testing.T, what string, done func() bool) {
	t.Helper()
	for end := time.Now().Add(patience); !done(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%s: not within %s", what, patience)
		}
	}
}

// A prey is the program running in a process of its own.
type prey struct {
	*exec.Cmd
	out  *lockedBuffer
	done chan struct{} // closed when it has ended
	err  error         // of Wait, when done is closed
}

// A lockedBuffer can be read while a process writes to it.
type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// launch starts the program in dir. It is killed with the test.
func launch(t *testing.T, bin, dir string, vars []string, args ...string) *prey {
	t.Helper()
	return launchAs(t, nil, bin, dir, vars, args...)
}

// launchAs is launch for another user.
func launchAs(t *testing.T, user *syscall.SysProcAttr, bin, dir string, vars []string, args ...string) *prey {
	t.Helper()
	p := &prey{Cmd: exec.Command(bin, args...), out: &lockedBuffer{}, done: make(chan struct{})}
	p.Dir, p.Stdout, p.Stderr, p.SysProcAttr = dir, p.out, p.out, user
	p.Env = append([]string{"PATH=" + os.Getenv("PATH"), "HOME=" + dir, "TZ=UTC"}, vars...)
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		p.err = p.Wait()
		close(p.done)
	}()
	t.Cleanup(func() {
		p.Process.Kill()
		<-p.done
	})
	return p
}

// end waits until the program has ended and returns its status: -1 if a signal
// killed it.
func (p *prey) end(t *testing.T) int {
	t.Helper()
	select {
	case <-p.done:
	case <-time.After(patience):
		t.Fatalf("still running after %s:\n%s", patience, p.out)
	}
	return p.ProcessState.ExitCode()
}

// ended reports whether it no longer runs.
func (p *prey) ended() bool {
	select {
	case <-p.done:
		return true
	default:
		return false
	}
}

// killed reports whether SIGKILL ended the program.
func (p *prey) killed() bool {
	status, ok := p.ProcessState.Sys().(syscall.WaitStatus)
	return ok && status.Signaled() && status.Signal() == syscall.SIGKILL
}

func (p *prey) signal(t *testing.T, s os.Signal) {
	t.Helper()
	if err := p.Process.Signal(s); err != nil && !errors.Is(err, os.ErrProcessDone) {
		t.Fatal(err)
	}
}

// stop ends the program as a supervisor does: not before it has said a word, as
// a process that is younger does not hear the signal and dies of it.
func (p *prey) stop(t *testing.T) {
	t.Helper()
	await(t, "it says a word", func() bool { return p.out.String() != "" || p.ended() })
	p.signal(t, syscall.SIGTERM)
	if status := p.end(t); status != 0 {
		t.Fatalf("after SIGTERM: status %d\n%s", status, p.out)
	}
}

// A yard is a database, the program that runs on it and the receiver of what it
// sends.
type yard struct {
	*testing.T
	bin, dir string
	vars     []string
	ahead    time.Duration   // of the coach clock to the machine's
	log      string          // the receiver's
	want     map[string]bool // every occurrence that is due, as "address kind/subject/date"
	people   []coach.Person
	rounds   int
	kills    int
}

// newYard makes a database on which the program ran once, so that what the
// local page gets at first is out of the way.
func newYard(t *testing.T, bin, manner string, vars ...string) *yard {
	t.Helper()
	url, log := startReceiver(t, manner)
	y := &yard{T: t, bin: bin, dir: t.TempDir(), log: log, want: map[string]bool{}}
	writeFile(t, filepath.Join(y.dir, "config.toml"), quietConfig)
	first := y.start()
	y.awaitQuiet()
	first.stop(t)
	y.vars = append(vars, "RAPPORT_RECEIVER="+url, "RAPPORT_RECEIVER_LEASE="+crashLease)
	return y
}

// quietConfig takes any free port.
const quietConfig = "[web]\nlisten = \"127.0.0.1:0\"\n[monitor]\nlisten = \"\"\n"

func (y *yard) start(vars ...string) *prey {
	y.Helper()
	return launch(y.T, y.bin, y.dir, slices.Concat(y.vars, vars, y.clockVars()))
}

// now is the coach's time.
func (y *yard) now() time.Time { return time.Now().Add(y.ahead) }

// clockVars set the coach clock of a program that is built for tests.
func (y *yard) clockVars() []string {
	if y.ahead == 0 {
		return nil
	}
	return []string{"RAPPORT_CLOCK=" + y.ahead.String()}
}

// env is what the program under test sees, for opening its database from here.
func (y *yard) env() Env {
	return Env{Dir: y.dir, Getenv: func(string) string { return "" }, Stdout: y.Output(), Stderr: y.Output()}
}

// open opens the database as the program does. It is not running.
func (y *yard) open(use func(*store)) {
	y.Helper()
	cfg, err := LoadConfig(y.env(), "")
	if err != nil {
		y.Fatal(err)
	}
	s, err := openStore(y.Context(), y.env(), cfg, databasePath(y.env(), cfg), y.now)
	if err != nil {
		y.Fatal(err)
	}
	defer func() {
		if err := s.Close(); err != nil {
			y.Error(err)
		}
	}()
	use(s)
}

// tries are things to take up, by their ids.
var tries = sync.OnceValue(func() (ids []string) {
	for _, t := range coachtest.Edition().Topics() {
		for _, m := range t.Missions {
			ids = append(ids, m.ID)
		}
	}
	return ids
})

// yardTeam is the team of everybody in a yard.
var yardTeam = coach.Team{Platform: "receiver", ID: "T"}

// seed makes a round of messages due now: 23 of five kinds, to two channels and
// four people that no round had before.
func (y *yard) seed() {
	y.Helper()
	y.rounds++
	at := time.Now().UTC().Add(-time.Minute)
	date, minute := streak.DateOf(at), at.Hour()*60+at.Minute()
	y.open(func(s *store) {
		for i := range 2 {
			name := fmt.Sprintf("c%d-%d", y.rounds, i)
			to := coach.ChannelOf(yardTeam, name)
			y.apply(s, coach.Person{Platform: "receiver", Realm: "T", User: "owner"}, coach.Change{Team: yardTeam,
				TeamPlan: &coach.TeamSettings{Channel: "c", Spec: "0 9 * * 1", Zone: "UTC", WeekStart: time.Monday, MayManage: "admins", SetUp: at},
				Wishes:   y.wanted("channel "+name, date, minute, coach.Wish{Kind: "nudge", Subject: name, To: to}, coach.Wish{Kind: "introduction", Subject: name, To: to}),
			})
		}
		for i := range 4 {
			who := coach.Person{Platform: "receiver", Realm: "T", User: fmt.Sprintf("p%d-%d", y.rounds, i)}
			y.people = append(y.people, who)
			y.apply(s, who, y.press(who, i, at, date, minute))
		}
	})
}

// press is what one person did: practised, took three things up and asked for
// questions, a reminder and a sample; or, for the last, for a daily tip.
func (y *yard) press(who coach.Person, i int, at time.Time, date streak.Date, minute int) coach.Change {
	to := "person " + who.User
	c := coach.Change{Team: yardTeam, Answer: "a"}
	for n := range i + 1 {
		c.Events = append(c.Events, streak.Stamp(at.AddDate(0, 0, -7*n), time.UTC, streak.Event{Key: fmt.Sprint("checkin/", n), Kind: streak.CheckIn, Step: 1 + n, Outcome: "well"}))
	}
	if i == 3 {
		c.Settings = &coach.Settings{Rhythm: coach.Daily}
		c.Wishes = y.wanted(to, date, minute, coach.Wish{Kind: "rhythm", Subject: "tips"})
		c.Wishes[0].Exact = false
		return c
	}
	var wishes []coach.Wish
	for n := range 3 {
		f := coach.Flow{ID: "try/" + string(date) + "/" + tries()[n], Kind: "try", Item: tries()[n], Node: "open", Week: date, Made: at, Expires: at.AddDate(0, 0, 21), Words: "if\nthen"}
		c.PutFlows = append(c.PutFlows, f)
		wishes = append(wishes, coach.Wish{Kind: "question", Subject: f.ID})
	}
	for n := range 2 {
		wishes = append(wishes, coach.Wish{Kind: "followup", Subject: fmt.Sprint("note/", n)})
	}
	c.Wishes = y.wanted(to, date, minute, append(wishes, coach.Wish{Kind: "sample", Subject: "T"})...)
	return c
}

// wanted notes what is to arrive at an address.
func (y *yard) wanted(to string, date streak.Date, minute int, wishes ...coach.Wish) []coach.Wish {
	for i := range wishes {
		w := &wishes[i]
		w.Date, w.Minute, w.Zone, w.Exact = date, minute, "UTC", true
		y.want[to+" "+w.Kind+"/"+w.Subject+"/"+string(date)] = true
	}
	return wishes
}

func (y *yard) apply(s *store, who coach.Person, c coach.Change) {
	y.Helper()
	if _, err := s.db.Apply(y.Context(), fmt.Sprint(y.rounds, c.Wishes[0]), who, c); err != nil {
		y.Fatal(err)
	}
}

// look opens the database file as any program would, also while ours runs.
func (y *yard) look() *sql.DB {
	y.Helper()
	db, err := sql.Open("sqlite", "file:"+filepath.Join(y.dir, "rapport.db")+"?_pragma=busy_timeout(10000)")
	if err != nil {
		y.Fatal(err)
	}
	y.Cleanup(func() { db.Close() })
	return db
}

// awaitQuiet waits until nothing is due and nothing is on its way.
func (y *yard) awaitQuiet() {
	y.Helper()
	await(y.T, "first run", func() bool { _, err := os.Stat(filepath.Join(y.dir, "rapport.db-wal")); return err == nil })
	db := y.look()
	defer db.Close()
	await(y.T, "everything delivered", func() bool {
		var some, all int
		err := db.QueryRow(`SELECT (SELECT count(*) FROM due WHERE next_at <= $1) + (SELECT count(*) FROM outbox WHERE state IN ('ready', 'sending')),
			(SELECT count(*) FROM outbox)`, y.now().UnixMicro()).Scan(&some, &all)
		return err == nil && some == 0 && all > 0 // an error: the tables are not made yet
	})
}

// drain runs the program undisturbed until all is delivered.
func (y *yard) drain() {
	y.Helper()
	p := y.start()
	y.awaitQuiet()
	p.stop(y.T)
}

// crashAt starts the program and demands that it is killed at a point.
func (y *yard) crashAt(point string) {
	y.Helper()
	marker := filepath.Join(y.dir, "marker")
	os.Remove(marker)
	p := y.start("RAPPORT_CRASH="+point, "RAPPORT_CRASH_MARKER="+marker)
	p.end(y.T)
	if got, err := os.ReadFile(marker); string(got) != point || !p.killed() {
		y.Fatalf("marker %q, %v, %v; want death by SIGKILL at %s\n%s", got, err, p.ProcessState, point, p.out)
	}
	y.kills++
}

// A verdict is a line of the table.
type verdict struct {
	name                               string
	kills, due, seen, doubled, doubt   int
	lost, requests, repeated, stranger int
}

// judge reads the receiver's log and the database, and demands what must hold
// whatever happened.
func (y *yard) judge() verdict {
	y.Helper()
	v := verdict{kills: y.kills, due: len(y.want)}
	seen := make(map[string]int)
	for _, r := range readJudge(y.T, y.log) {
		v.requests++
		_, occurrence, _ := strings.Cut(r.key, "/")
		occurrence = r.to + " " + occurrence
		switch {
		case !y.want[occurrence]:
			v.stranger++
		case r.what == wasRepeated:
			v.repeated++
		case r.what == wasShown:
			if seen[occurrence]++; seen[occurrence] == 2 {
				v.doubled++
				y.Errorf("seen twice: %s", occurrence)
			}
		}
	}
	v.seen = len(seen)
	states := y.states()
	for w := range y.want {
		switch state := states[w]; {
		case state == "in_doubt":
			v.doubt++
		case seen[w] == 0:
			v.lost++
			y.Errorf("lost, and said to be %q: %s", state, w)
		case state != "done":
			y.Errorf("seen, and said to be %q: %s", state, w)
		}
	}
	if v.stranger > 0 {
		y.Errorf("%d messages that nobody was due", v.stranger)
	}
	y.checkDatabase()
	return v
}

// states are the states of all occurrences in the outbox.
func (y *yard) states() map[string]string {
	y.Helper()
	db := y.look()
	rows, err := db.Query(`SELECT o.occurrence, o.state, o.channel, coalesce(i.person, '') FROM outbox o LEFT JOIN identity i ON i.account_id = o.account_id`)
	if err != nil {
		y.Fatal(err)
	}
	defer rows.Close()
	states := make(map[string]string)
	for rows.Next() {
		var key, state, channel, person string
		if err := rows.Scan(&key, &state, &channel, &person); err != nil {
			y.Fatal(err)
		}
		_, occurrence, _ := strings.Cut(key, "/")
		to := "channel " + channel
		if person != "" {
			to = "person " + person
		}
		states[to+" "+occurrence] = state
	}
	return states
}

// checkDatabase demands a sound file, and ledgers that are what their events
// add up to.
func (y *yard) checkDatabase() {
	y.Helper()
	db := y.look()
	var sound string
	if err := db.QueryRow("PRAGMA integrity_check").Scan(&sound); err != nil || sound != "ok" {
		y.Errorf("integrity check: %s, %v", sound, err)
	}
	if rows, err := db.Query("PRAGMA foreign_key_check"); err != nil || rows.Next() {
		y.Errorf("foreign keys: %v, or rows without their parents", err)
	} else {
		rows.Close()
	}
	y.open(func(s *store) {
		for _, who := range y.people {
			self, err := s.db.Self(y.Context(), who)
			events, readErr := s.db.Events(y.Context(), who)
			stored, storedErr := json.Marshal(self.Ledger)
			replay, replayErr := json.Marshal(streak.Fold(events, ""))
			if err := errors.Join(err, readErr, storedErr, replayErr); err != nil || len(events) == 0 || !bytes.Equal(stored, replay) {
				y.Errorf("%s: stored ledger\n%s\nreplay of %d events\n%s, %v", who, stored, len(events), replay, err)
			}
		}
	})
}

// crashPoints are the points in the sources of a folder, each of which the
// comment of crashpoint.At must name.
func crashPoints(t *testing.T, folder string) (points []string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("..", folder, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range regexp.MustCompile(`\bcrashpoint\.At\("([a-z-]+)"\)`).FindAllSubmatch(text, -1) {
			points = append(points, string(m[1]))
		}
	}
	slices.Sort(points)
	comment, err := os.ReadFile("../schedules/crashpoint/crashpoint_on.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range points {
		if !bytes.Contains(comment, []byte(p)) {
			t.Errorf("the comment of crashpoint.At does not name %s", p)
		}
	}
	if points = slices.Compact(points); len(points) < 6 {
		t.Fatalf("found the points %q, want at least six", points)
	}
	return points
}

// TestCrash kills the program over and over. People on the other side see each
// message at most once, and miss none but those that are counted as in doubt.
// What TestChaos shows as well is for -long.
func TestCrash(t *testing.T) {
	if testing.Short() {
		t.Skip("kills the program for a minute")
	}
	t.Parallel() // with others that wait for programs
	bin := buildProgram(t, "-tags", "crashpoints")
	body, err := os.ReadFile(bin)
	for _, name := range testNames { // so that their absence elsewhere says something
		if err != nil || !bytes.Contains(body, []byte(name)) {
			t.Errorf("a program built for tests does not hold %s: %v", name, err)
		}
	}
	var table verdicts
	runs := map[string]func(*testing.T, string) verdict{
		"random kills, a rough receiver":               randomKills,
		"resend in doubt, after-start":                 resendRun("after-start"),
		"resend in doubt, before-settle":               resendRun("before-settle"),
		"resend in doubt, more than two minutes later": lateResend,
		"stopped by SIGTERM while it sends":            stopWhileSending,
	}
	if *long {
		runs["two processes, the lock keeps the second away"] = secondStops
		runs["two processes without the lock, kills"] = twoProcesses
		for _, point := range crashPoints(t, "schedules") {
			runs["at "+point] = pointRun(point)
		}
	}
	t.Run("run", func(t *testing.T) {
		for name, run := range runs {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				v := run(t, bin)
				v.name = name
				table.add(v)
			})
		}
	})
	t.Logf("\n%s", &table)
}

// verdicts is the table that is printed.
type verdicts struct {
	mu   sync.Mutex
	rows []verdict
}

func (vs *verdicts) add(v verdict) {
	vs.mu.Lock()
	defer vs.mu.Unlock()
	vs.rows = append(vs.rows, v)
}

// String is the table.
func (vs *verdicts) String() string {
	slices.SortFunc(vs.rows, func(a, b verdict) int { return cmp.Compare(a.name, b.name) })
	var out strings.Builder
	w := tabwriter.NewWriter(&out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "RUN\tKILLS\tDELIVERIES\tREQUESTS\tSEEN\tDOUBLED\tIN DOUBT\tREPEATED\tLOST\t")
	for _, v := range vs.rows {
		fmt.Fprintf(w, "%s\t%d\t%d\t%d\t%d\t%d\t%d\t%d\t%d\t\n", v.name, v.kills, v.due, v.requests, v.seen, v.doubled, v.doubt, v.repeated, v.lost)
	}
	w.Flush()
	return out.String()
}

// atOnce is the most messages that are on their way at a time: four direct ones
// and one for each of a round's channels, of which all rounds may wait.
func (y *yard) atOnce() int { return 4 + 2*y.rounds }

// pointRun kills the program three times at a point, each time with a round of
// new messages, and lets it finish.
func pointRun(point string) func(*testing.T, string) verdict {
	return func(t *testing.T, bin string) verdict {
		y := newYard(t, bin, mannerPlain)
		for range 3 {
			y.seed()
			y.crashAt(point)
		}
		y.drain()
		v := y.judge()
		switch started := point == "after-start" || point == "before-settle"; {
		case started && v.doubt == 0:
			t.Errorf("nothing is in doubt after kills at %s", point)
		case v.doubt > 3*y.atOnce():
			t.Errorf("%d in doubt after three kills", v.doubt)
		}
		if v.seen < v.due/2 {
			t.Errorf("%d of %d seen: the kills say little", v.seen, v.due)
		}
		return v
	}
}

// resendRun is pointRun where what is in doubt is sent again and the receiver
// knows keys: all is seen.
func resendRun(point string) func(*testing.T, string) verdict {
	return func(t *testing.T, bin string) verdict {
		y := newYard(t, bin, mannerKnowing, "RAPPORT_RECEIVER_DOUBT=resend")
		for range 3 {
			y.seed()
			y.crashAt(point)
		}
		y.drain()
		v := y.judge()
		if v.seen != v.due || v.doubt != 0 {
			t.Errorf("%d of %d seen, %d in doubt; want all and none", v.seen, v.due, v.doubt)
		}
		if point == "before-settle" && v.repeated == 0 {
			t.Error("nothing was sent again")
		}
		return v
	}
}

// lateResend lets more than two minutes pass before what is in doubt could be
// sent again: the receiver would not know the key any more.
func lateResend(t *testing.T, bin string) verdict {
	y := newYard(t, bin, mannerKnowing, "RAPPORT_RECEIVER_DOUBT=resend")
	y.seed()
	y.crashAt("before-settle")
	db := y.look()
	res, err := db.Exec(`UPDATE outbox SET started_at = started_at - $1, lease_until = lease_until - $1 WHERE state = 'sending' AND started_at IS NOT NULL`,
		(3 * time.Minute).Microseconds())
	if err != nil {
		t.Fatal(err)
	}
	db.Close()
	old, _ := res.RowsAffected()
	y.drain()
	v := y.judge()
	if old == 0 || v.doubt != int(old) || v.repeated != 0 {
		t.Errorf("%d started, %d in doubt, %d sent again; want all of them in doubt and none sent again", old, v.doubt, v.repeated)
	}
	return v
}

// randomKills kills the program ten times while it sends.
func randomKills(t *testing.T, bin string) verdict {
	y := newYard(t, bin, mannerRough)
	for range 10 {
		y.seed()
		sent := len(readJudge(t, y.log))
		more := rand.N(12)
		p := y.start()
		await(t, fmt.Sprintf("%d requests", more), func() bool {
			return len(readJudge(t, y.log)) >= sent+more || y.nothingWaits()
		})
		time.Sleep(rand.N(15 * time.Millisecond)) // any moment will do
		p.signal(t, syscall.SIGKILL)
		p.end(t)
		y.kills++
	}
	y.drain()
	return y.judge()
}

// nothingWaits reports whether no message is left that could be sent now.
func (y *yard) nothingWaits() bool {
	db := y.look()
	defer db.Close()
	var n int
	err := db.QueryRow(`SELECT (SELECT count(*) FROM due WHERE next_at <= $1) + (SELECT count(*) FROM outbox WHERE state = 'ready' AND ready_at <= $1)`,
		y.now().UnixMicro()).Scan(&n)
	return err == nil && n == 0
}

// secondStops starts a second process on the same file: it says so and stops,
// and the first goes on.
func secondStops(t *testing.T, bin string) verdict {
	y := newYard(t, bin, mannerPlain)
	y.seed()
	first := y.start()
	await(t, "the first holds the lock", func() bool {
		pid, err := os.ReadFile(filepath.Join(y.dir, "rapport.db.lock"))
		return err == nil && strings.TrimSpace(string(pid)) == fmt.Sprint(first.Process.Pid)
	})
	second := y.start()
	want := fmt.Sprintf("rapport: another rapport, process %d, runs on this database", first.Process.Pid)
	if status := second.end(t); status != 1 || !strings.HasPrefix(second.out.String(), want) {
		t.Errorf("the second process: status %d, %q; want 1 and %q", status, second.out, want)
	}
	y.awaitQuiet()
	first.stop(t)
	return y.judge()
}

// twoProcesses runs two processes on one file, one of them by way of a symbolic
// link, which has a lock of its own; and kills one or the other.
func twoProcesses(t *testing.T, bin string) verdict {
	y := newYard(t, bin, mannerPlain)
	if err := os.Symlink("rapport.db", filepath.Join(y.dir, "link.db")); err != nil {
		t.Fatal(err)
	}
	writeFile(t, filepath.Join(y.dir, "link.toml"), quietConfig+"[database]\nurl = \"link.db\"\n")
	starts := [2]func() *prey{
		func() *prey { return y.start() },
		func() *prey { return launch(t, y.bin, y.dir, y.vars, "--config", "link.toml") },
	}
	for i := range 6 {
		y.seed()
		sent := len(readJudge(t, y.log))
		both := [2]*prey{starts[0](), starts[1]()}
		await(t, "some requests", func() bool { return len(readJudge(t, y.log)) >= sent+2+i || y.nothingWaits() })
		both[i%2].signal(t, syscall.SIGKILL)
		both[i%2].end(t)
		y.kills++
		if i%3 == 2 { // now and then the other one dies too, and both leave something
			both[1-i%2].signal(t, syscall.SIGKILL)
			both[1-i%2].end(t)
			y.kills++
			continue
		}
		y.awaitQuiet()
		both[1-i%2].stop(t)
	}
	a, b := starts[0](), starts[1]()
	y.awaitQuiet()
	a.stop(t)
	b.stop(t)
	return y.judge()
}

// stopWhileSending stops the program five times, as a supervisor does, while
// messages are on their way: it finishes those and gives back the rest, so that
// nothing is in doubt.
func stopWhileSending(t *testing.T, bin string) verdict {
	y := newYard(t, bin, mannerPlain)
	for range 5 {
		y.seed()
		sent := len(readJudge(t, y.log))
		p := y.start()
		await(t, "some requests", func() bool { return len(readJudge(t, y.log)) >= sent+3 })
		began := time.Now()
		p.stop(t)
		if took := time.Since(began); took > drainTime {
			t.Errorf("stopped after %s, want at most %s", took, drainTime)
		}
		var held int
		db := y.look()
		if err := db.QueryRow(`SELECT count(*) FROM outbox WHERE state = 'sending'`).Scan(&held); err != nil || held != 0 {
			t.Errorf("%d messages are still claimed, %v", held, err)
		}
		db.Close()
	}
	y.drain()
	v := y.judge()
	if v.seen != v.due || v.doubt != 0 {
		t.Errorf("%d of %d seen, %d in doubt; want all and none", v.seen, v.due, v.doubt)
	}
	return v
}

package main

import (
	"database/sql"
	"fmt"
	"log/slog"
	"maps"
	"path/filepath"
	"runtime"
	"sync"
	"testing"
	"time"

	"rapport/coach"
	"rapport/coach/streak"
)

// TestSoakYears lives with 1,000 people in 40 zones for two years, on Slack and
// on Discord at the same time: one process, one SQLite file, one clock that goes
// from what is due to what is due next. People differ in all that they can
// choose; they pause, move, leave, come back and erase themselves, and some
// never answer. The two years are those in which Mexico, Jordan, Greenland and
// Kazakhstan changed their offsets for good.
//
// Every post is held against what its reader chose, by their clock: nobody is
// written to who did not ask, nor in a pause, nor at another minute than the one
// chosen, nor twice; and nobody who wants something daily is left out.
//
// Slack and Discord are surfaces here that remember what they are given: that
// many posts over HTTP would take hours. The real adapters have [TestSoakHour].
// Without -long it is a part of that: fewer people, for the six weeks in which
// most clocks change.
func TestSoakYears(t *testing.T) {
	people, days := 48, 46
	from := time.Date(2022, 9, 27, 12, 0, 0, 0, time.UTC)
	switch {
	case testing.Short():
		t.Skip("lives for six weeks")
	case *long:
		people, days = 1000, 730
		from = time.Date(2022, 9, 4, 12, 0, 0, 0, time.UTC)
	}
	y := newYears(t, from, people)
	began := time.Now()
	var after []float64 // MB of the database after each year
	for d := range days {
		y.day(d)
		if (d+1)%73 == 0 {
			t.Logf("after %d days: %s, %d messages, database %.1f MB", d+1, time.Since(began).Round(time.Second), len(y.keys), y.size())
		}
		if (d+1)%365 == 0 {
			after = append(after, y.size())
		}
	}
	y.judge(after)
	t.Logf("%d people in %d zones on 2 platforms, %d days in %s: %d posts to channels, %d direct messages, wrong %d, doubled %d, missing %d; people erased %d, come back %d, gone by retention %d",
		people, len(soakZones()), days, time.Since(began).Round(time.Second), y.posts, y.directs, y.wrong, y.doubled, y.missing, y.erased, y.returned, y.retired)
}

// soakZones are 40 zones: with every kind of offset and change of clocks.
func soakZones() []string {
	return []string{
		"Europe/Berlin", "Europe/London", "Europe/Dublin", "Europe/Chisinau", "Europe/Istanbul", "Africa/Cairo", "Africa/Casablanca", "Africa/Lagos",
		"Africa/Johannesburg", "America/New_York", "America/Chicago", "America/Denver", "America/Phoenix", "America/Los_Angeles", "America/St_Johns", "America/Halifax",
		"America/Sao_Paulo", "America/Santiago", "America/Asuncion", "America/Mexico_City", "America/Nuuk", "America/Havana", "Atlantic/Azores", "Pacific/Honolulu",
		"Pacific/Marquesas", "Pacific/Auckland", "Pacific/Chatham", "Pacific/Kiritimati", "Pacific/Pago_Pago", "Australia/Lord_Howe", "Australia/Sydney", "Australia/Adelaide",
		"Asia/Kolkata", "Asia/Kathmandu", "Asia/Tokyo", "Asia/Amman", "Asia/Almaty", "Asia/Beirut", "Asia/Tehran", "Asia/Gaza",
	}
}

// years are a program on two platforms with everybody who uses it.
type years struct {
	*testing.T
	h     *house
	hand  *clock
	file  string
	boxes []*mailroom
	clubs []*club
	souls map[coach.Person]*soul
	order []*soul
	keys  map[string]bool // of all that was sent

	mu                        sync.Mutex
	asked                     int
	posts, directs            int
	wrong, doubled, missing   int
	erased, returned, retired int
	told                      int
}

// A mailroom is a surface that remembers what it is given until it is taken,
// and when that was by the coach's clock.
type mailroom struct {
	name coach.Platform
	now  func() time.Time
	postbox
	at []time.Time
}

func (m *mailroom) Name() coach.Platform { return m.name }

// newYears sets everything up: four teams a platform, and everybody.
func newYears(t *testing.T, from time.Time, people int) *years {
	t.Helper()
	env := Env{Dir: t.TempDir(), Getenv: func(string) string { return "" }, Stdout: t.Output(), Stderr: t.Output()}
	cfg, err := LoadConfig(env, "")
	if err != nil {
		t.Fatal(err)
	}
	y := &years{T: t, hand: standingClock(from), file: filepath.Join(env.Dir, "years.db"), souls: map[coach.Person]*soul{}, keys: map[string]bool{}}
	s, err := openStore(t.Context(), env, cfg, y.file, y.hand.Now)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	if y.h, err = build(env, cfg, s, y.hand.Now, slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelWarn}))); err != nil {
		t.Fatal(err)
	}
	y.hand.walk = y.h.runner.Walk
	for _, name := range []coach.Platform{"slack", "discord"} {
		box := &mailroom{name: name, now: y.hand.Now}
		y.boxes = append(y.boxes, box)
		y.h.join(box, local())
	}
	for i := range 2 * clubsEach {
		y.found(y.boxes[i/clubsEach].name, i%clubsEach)
	}
	for i := range people {
		y.admit(i)
	}
	return y
}

// each lets many people do something at the same time, as they would.
func (y *years) each(list []*soul, do func(s *soul)) {
	var all sync.WaitGroup
	work := make(chan *soul)
	for range 4 * runtime.GOMAXPROCS(0) {
		all.Go(func() {
			for s := range work {
				do(s)
			}
		})
	}
	for _, s := range list {
		work <- s
	}
	close(work)
	all.Wait()
}

// ask has somebody do something, and returns the answer.
func (y *years) ask(who coach.Person, team coach.Team, zone string, a coach.Action, answers map[string]string) coach.Reply {
	y.mu.Lock()
	y.asked++
	id := fmt.Sprint("q", y.asked)
	y.mu.Unlock()
	reply, err := y.h.coach.Handle(y.Context(), coach.Request{
		ID: id, From: who, Team: team, At: coach.ChannelOf(team, "general"), Action: a, Answers: answers, Zone: zone, Admin: who.User == "admin",
	})
	if err != nil {
		y.Errorf("%s: %v", a.Verb, err)
	}
	return reply
}

// day lets a day go by: people do what they do on it, and then everything falls
// due until the same hour of the next.
func (y *years) day(d int) {
	y.Helper()
	y.each(y.order, func(s *soul) { y.live(s, d) })
	y.rest(d)
	if err := y.hand.Advance(y.Context(), y.hand.Now().AddDate(0, 0, 1)); err != nil {
		y.Fatal(err)
	}
	for _, box := range y.boxes {
		for i, p := range box.take() {
			y.hold(p, box.at[i])
		}
		box.at = nil
	}
	n, err := y.h.db.Tidy(y.Context(), y.hand.Now())
	if err != nil {
		y.Fatal(err)
	}
	y.retired += n
	for _, s := range y.order {
		y.complete(s)
	}
	for _, c := range y.clubs {
		y.completeClub(c)
	}
}

// fault notes what is wrong with a post.
func (y *years) fault(n *int, format string, args ...any) {
	*n++
	if y.told++; y.told <= 20 {
		y.Errorf(format, args...)
	}
}

// hold holds one post against what its readers chose.
func (y *years) hold(p post, at time.Time) {
	if y.keys[string(p.to.Platform)+" "+p.key] {
		y.fault(&y.doubled, "%s came twice", p.key)
	}
	y.keys[string(p.to.Platform)+" "+p.key] = true
	if p.to.Kind == coach.InChannel {
		y.posts++
		y.holdPost(p, at)
		return
	}
	y.directs++
	s := y.souls[p.to.Person]
	if s == nil {
		y.fault(&y.wrong, "%s wrote to %+v, who is nobody here", p.key, p.to.Person)
		return
	}
	if why := s.unwanted(at); why != "" {
		y.fault(&y.wrong, "%s, %s in %s, at %s: %s\n%.200s", s.who.User, s.rhythm, s.zone, at.In(s.loc()), why, p.m.Fallback())
	}
	s.inbox = append(s.inbox, p.m)
}

// judge demands what holds at the end.
func (y *years) judge(after []float64) {
	y.Helper()
	if y.posts == 0 || y.directs == 0 || y.erased == 0 || y.returned == 0 {
		y.Errorf("%d posts, %d direct messages, %d people erased, %d come back: want some of each", y.posts, y.directs, y.erased, y.returned)
	}
	y.judgeLedgers()
	db, err := sql.Open("sqlite", "file:"+y.file)
	if err != nil {
		y.Fatal(err)
	}
	defer db.Close()
	var said string
	if err := db.QueryRow("PRAGMA integrity_check").Scan(&said); err != nil || said != "ok" {
		y.Errorf("integrity_check: %q, %v", said, err)
	}
	var undone int
	if err := db.QueryRow("SELECT count(*) FROM outbox WHERE state <> 'done' AND state <> 'dead'").Scan(&undone); err != nil || undone != 0 {
		y.Errorf("%d messages are neither sent nor given up, %v", undone, err)
	}
	// People's logs and which texts they were shown are kept as long as they are.
	if len(after) == 2 && after[1] > 1.7*after[0] {
		y.Errorf("the database has %.1f MB after the first year and %.1f MB after the second", after[0], after[1])
	}
}

// judgeLedgers demands that what is stored of everybody's weeks is what their
// log adds up to.
func (y *years) judgeLedgers() {
	y.Helper()
	kept, known := 0, 0
	for who := range maps.Keys(y.souls) {
		self, err := y.h.db.Self(y.Context(), who)
		if err != nil {
			y.Fatal(err)
		}
		log, err := y.h.db.Events(y.Context(), who)
		if err != nil {
			y.Fatal(err)
		}
		if !self.Known {
			if len(log) > 0 {
				y.Errorf("%s is unknown and has a log", who.User)
			}
			continue
		}
		known++
		today := streak.DateOf(y.hand.Now())
		if got, want := spelled(self.Ledger.Advance(today)), spelled(streak.Fold(log, today)); got != want {
			y.Errorf("%s: the ledger is stored as %s, and the log adds up to %s", who.User, got, want)
		}
		kept += streak.Fold(log, "").Kept
	}
	if kept == 0 {
		y.Error("nobody kept a week")
	}
	y.Logf("%d people are known at the end, and kept %d weeks: every stored ledger is what its log adds up to", known, kept)
}

// spelled is a ledger in words, in which what is empty and what is absent are the
// same.
func spelled(l streak.Ledger) string { return fmt.Sprintf("%+v", l) }

// size is how much of the database is in use, in MB.
func (y *years) size() float64 {
	y.Helper()
	db, err := sql.Open("sqlite", "file:"+y.file)
	if err != nil {
		y.Fatal(err)
	}
	defer db.Close()
	var bytes float64
	if err := db.QueryRow("SELECT p.page_count * s.page_size FROM pragma_page_count p, pragma_page_size s").Scan(&bytes); err != nil {
		y.Fatal(err)
	}
	return bytes / (1 << 20)
}

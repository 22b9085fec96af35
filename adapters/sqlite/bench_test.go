package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"path/filepath"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"rapport/coach"
	"rapport/coach/coachtest"
	"rapport/coach/streak"
)

// times is how long n calls of f take, with some in flight at a time.
func times(n, inFlight int, f func(i int)) time.Duration {
	began := time.Now()
	var next atomic.Int64
	var wg sync.WaitGroup
	for range inFlight {
		wg.Go(func() {
			for i := next.Add(1); i <= int64(n); i = next.Add(1) {
				f(int(i))
			}
		})
	}
	wg.Wait()
	return time.Since(began)
}

// ratio is the median over pairs of windows of how much longer full takes than
// bare. The windows alternate, so that what else the machine does hits both.
func ratio(windows int, full, bare func() time.Duration) float64 {
	all := make([]float64, windows)
	for i := range all {
		b := bare()
		all[i] = float64(full()) / float64(b)
	}
	slices.Sort(all)
	return all[windows/2]
}

const bareInsert = `INSERT INTO bare (words, made_at) VALUES ($1, $2)`

// bench is a store and the plainest table in a file of its own.
type bench struct {
	db   *DB
	bare *sql.DB
	stmt *sql.Stmt
	n    int
}

func newBench(b *testing.B) *bench {
	x := &bench{db: openNew(b, &clock{monday})}
	if err := x.db.do(b.Context(), func(t *tx) error {
		_, err := t.exec(`CREATE TABLE bare (id INTEGER PRIMARY KEY, words TEXT NOT NULL, made_at INTEGER NOT NULL) STRICT`)
		return err
	}); err != nil {
		b.Fatal(err)
	}
	var err error
	path := filepath.Join(b.TempDir(), "bare.db")
	if x.bare, err = sql.Open("sqlite", dsn(path, 10*time.Second)); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { x.bare.Close() })
	x.bare.SetMaxOpenConns(1)
	mustExec(b, x.bare, `CREATE TABLE bare (id INTEGER PRIMARY KEY, words TEXT NOT NULL, made_at INTEGER NOT NULL) STRICT`)
	if x.stmt, err = x.bare.Prepare(bareInsert); err != nil {
		b.Fatal(err)
	}
	return x
}

// checkIn is what `done` does: request, event with its fold, sealed note.
func (x *bench) checkIn(b *testing.B) func(i int) {
	x.n++
	round := x.n
	return func(i int) {
		who := coach.Person{Platform: "p", Realm: "r", User: fmt.Sprint(i % 500)}
		week := monday.AddDate(0, 0, 7*(round%50))
		e := streak.Stamp(week, time.UTC, streak.Event{Key: fmt.Sprint(round, "/", i), Kind: streak.CheckIn, Step: 3, Outcome: "well"})
		_, err := x.db.Apply(context.Background(), e.Key, who, coach.Change{Team: demo, Events: []streak.Event{e},
			AddNotes: []coach.Note{{At: week, Date: e.Date, Words: "I asked one more question and it went well."}}})
		if err != nil {
			b.Error(err)
		}
	}
}

func (x *bench) insert(b *testing.B) func(i int) {
	return func(i int) {
		if _, err := x.stmt.Exec("I asked one more question and it went well.", i); err != nil {
			b.Error(err)
		}
	}
}

func (x *bench) groupedInsert(b *testing.B) func(i int) {
	return func(i int) {
		err := x.db.do(context.Background(), func(t *tx) error {
			_, err := t.exec(bareInsert, "I asked one more question and it went well.", i)
			return err
		})
		if err != nil {
			b.Error(err)
		}
	}
}

// BenchmarkCheckIn compares a whole check-in with one bare INSERT that is as
// durable. Targets: x-bare-alone <= 4, x-bare-64 <= 1.5.
func BenchmarkCheckIn(b *testing.B) {
	x := newBench(b)
	const windows = 8
	for b.Loop() {
		alone := ratio(windows, func() time.Duration { return times(50, 1, x.checkIn(b)) }, func() time.Duration { return times(50, 1, x.insert(b)) })
		flight := ratio(windows, func() time.Duration { return times(400, 64, x.checkIn(b)) }, func() time.Duration { return times(400, 64, x.insert(b)) })
		grouped := ratio(windows, func() time.Duration { return times(400, 64, x.checkIn(b)) }, func() time.Duration { return times(400, 64, x.groupedInsert(b)) })
		b.ReportMetric(alone, "x-bare-alone")
		b.ReportMetric(flight, "x-bare-64")
		b.ReportMetric(grouped, "x-grouped-64")
		b.ReportMetric(400/times(400, 64, x.checkIn(b)).Seconds(), "checkins/s")
	}
}

// BenchmarkSelf is what every command begins with. Target: < 100 us.
func BenchmarkSelf(b *testing.B) {
	db := openNew(b, &clock{monday})
	for i := range 52 {
		e := checkIn(fmt.Sprint(i), monday.AddDate(0, 0, 7*i))
		apply(b, db, e.Key, ann, coach.Change{Events: []streak.Event{e}, PutFlows: []coach.Flow{{ID: fmt.Sprint(i % 2), Made: monday}}})
	}
	for b.Loop() {
		if self, err := db.Self(b.Context(), ann); err != nil || !self.Known {
			b.Fatal(self, err)
		}
	}
}

// BenchmarkSweep finds 700 people who are due among 1,000,000. Targets: 0.1 s
// of CPU and 64 MB. It also reports what it takes to queue their messages. It takes a minute to fill the file.
func BenchmarkSweep(b *testing.B) {
	if testing.Short() {
		b.Skip("fills a file with a million people")
	}
	db := openAt(b, filepath.Join(b.TempDir(), "rapport.db"), new(coachtest.MemKeys), (&clock{monday}).now)
	fillPeople(b, db, 1_000_000, 700)
	for b.Loop() {
		runtime.GC()
		before, peak := cpu(), residentPeak()
		n, swept := 0, time.Duration(0)
		for range 4 { // batches of 200, as the run loop takes them
			began := cpu()
			due, err := db.Due(b.Context(), monday, 200)
			swept += cpu() - began
			if err != nil || len(due) == 0 {
				b.Fatal(len(due), err)
			}
			n += len(due)
			queueDue(b, db, monday, due)
		}
		if n != 700 {
			b.Fatalf("%d people were due, want 700", n)
		}
		b.ReportMetric(swept.Seconds(), "sweep-cpu-s")
		b.ReportMetric((cpu() - before).Seconds(), "with-queueing-cpu-s")
		b.ReportMetric(float64(residentPeak()-peak)/(1<<20), "grown-MB")
		b.ReportMetric(float64(residentPeak())/(1<<20), "peak-MB")
		b.StopTimer()
		if err := db.do(b.Context(), func(t *tx) error { // due again
			_, err := t.exec(`UPDATE due SET next_at = $1, nominal = '2026-11-23', last_date = '' WHERE id <= 700`, micros(monday))
			if err == nil {
				_, err = t.exec(`DELETE FROM outbox`)
			}
			return err
		}); err != nil {
			b.Fatal(err)
		}
		b.StartTimer()
	}
}

func fillPeople(b *testing.B, db *DB, people, due int) {
	b.Helper()
	for from := 0; from < people; from += 10_000 {
		err := db.do(b.Context(), func(t *tx) error {
			for i := from; i < from+10_000; i++ {
				id := int64(i) * 9_000_000_000_000
				if err := t.addAccount(id+1, coach.Person{Platform: "p", Realm: "r", User: fmt.Sprint(i)}); err != nil {
					return err
				}
				next := monday
				if i >= due {
					next = monday.Add(time.Duration(i) * time.Second)
				}
				_, err := t.exec(`INSERT INTO due (account_id, kind, subject, to_kind, channel, spec, minute, zone_name, next_at, nominal, last_date, exact, weekly)
					VALUES ($1, 'tip', 's', 2, '', '0 9 * * *', 0, 'UTC', $2, $3, '', 0, 0)`, id+1, micros(next), streak.DateOf(next))
				if err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			b.Fatal(err)
		}
	}
}

// cpu is what this process has used.
func cpu() time.Duration {
	var u syscall.Rusage
	syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// residentPeak is the most memory this process has held.
func residentPeak() int64 {
	var u syscall.Rusage
	syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return u.Maxrss << 10
}

package main

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"rapport/adapters/slack/slacktest"
	"rapport/coach"
)

// crowd are as many people.
func crowd(n int) []slacktest.User {
	all := make([]slacktest.User, n)
	for i := range all {
		all[i] = slacktest.User{Name: fmt.Sprint("Person ", i), ID: fmt.Sprintf("U0P%03d", i), Zone: "Europe/Berlin", Offset: 3600}
	}
	return all
}

// locked keeps everybody else from writing to the database until the returned
// function is called.
func (o *office) locked() (release func()) {
	o.Helper()
	db, err := sql.Open("sqlite", "file:"+databasePath(o.env, o.cfg))
	if err != nil {
		o.Fatal(err)
	}
	conn, err := db.Conn(context.Background())
	if err != nil {
		o.Fatal(err)
	}
	if _, err := conn.ExecContext(context.Background(), "BEGIN IMMEDIATE"); err != nil {
		o.Fatal(err)
	}
	return func() {
		if _, err := conn.ExecContext(context.Background(), "ROLLBACK"); err != nil {
			o.Error(err)
		}
		conn.Close()
		db.Close()
	}
}

// TestSlackSlowDatabase has 200 people check in at once while the database is
// locked for ten seconds: each is acknowledged in time, nobody reads of success
// before it is kept, and everybody gets their answer.
func TestSlackSlowDatabase(t *testing.T) {
	if testing.Short() {
		t.Skip("waits ten seconds for each way")
	}
	for _, way := range bothWays {
		t.Run(way, func(t *testing.T) {
			for try := range 3 { // half a second leaves little to a machine that has other things to do
				var slowest time.Duration
				t.Run(fmt.Sprint("try ", try+1), func(t *testing.T) { slowest = slowDatabase(t, way, 200, 10*time.Second) })
				if slowest <= ackTime || t.Failed() {
					return
				}
			}
			t.Errorf("acknowledgements take more than %s, three times over", ackTime)
		})
	}
}

// slowDatabase returns the slowest acknowledgement.
func slowDatabase(t *testing.T, way string, n int, slow time.Duration) (slowest time.Duration) {
	alone(t)
	o := openOffice(t, way, monday, slacktest.Setup{Users: crowd(n), NoSchemas: true})
	var all sync.WaitGroup
	for i := range n { // the coach knows them, and Slack is not asked any more
		all.Go(func() { o.s.Person(fmt.Sprint("Person ", i)).In("general").Command("/rapport step 3") })
	}
	all.Wait()
	rested(o.h)
	release := o.locked()
	began := time.Now()
	free := time.AfterFunc(slow, release)
	acks := make([]slacktest.Answer, n)
	for i := range n {
		all.Go(func() { acks[i] = o.s.Person(fmt.Sprint("Person ", i)).Command("/rapport done well") })
	}
	all.Wait()
	slices.SortFunc(acks, func(a, b slacktest.Answer) int { return int(a.Latency - b.Latency) })
	for _, a := range acks {
		if a.Error != "" {
			t.Errorf("acknowledged after %s, and Slack says %q", a.Latency, a.Error)
		}
		if a.Shown == nil || !strings.Contains(a.Shown.Plain(), coach.OneMoment().Message.Fallback()) {
			t.Errorf("acknowledged with %s", a.Body)
		}
	}
	early := 0
	for _, m := range o.s.Messages("general") {
		if strings.Contains(m.Plain(), "Noted") {
			early++
		}
	}
	if early > 0 || time.Since(began) > slow {
		t.Errorf("%d people read of success while nothing could be kept, %s after the lock", early, time.Since(began))
	}
	noted := func() (n int) {
		for _, m := range o.s.Messages("general") {
			if strings.Contains(m.Plain(), "Noted") {
				n++
			}
		}
		return n
	}
	o.s.Wait(slow+20*time.Second, func() bool { return noted() == n })
	if free.Stop() {
		t.Error("answered before the lock was gone")
		release()
	}
	took := time.Since(began)
	kept := 0
	for i := range n {
		kept += o.checkIns(fmt.Sprint("Person ", i))
	}
	if got := noted(); got != n || kept != n {
		t.Errorf("%d answers, %d check-ins kept; want %d of each", got, kept, n)
	}
	t.Logf("%s: locked for %s; %d commands: acknowledged within %s (median %s), 0 words of success before, all %d answers after %s",
		way, slow, n, acks[n-1].Latency.Round(time.Millisecond), acks[n/2].Latency.Round(time.Millisecond), noted(), took.Round(100*time.Millisecond))
	o.judge()
	return acks[n-1].Latency
}

package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
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

// TestSlackSlowDatabase has 200 people check in at once while the database is
// locked for ten seconds: each is acknowledged in time, nobody reads of success
// before it is kept, and everybody gets their answer.
func TestSlackSlowDatabase(t *testing.T) {
	if testing.Short() {
		t.Skip("waits ten seconds for each way")
	}
	for _, way := range bothWays {
		t.Run(way, func(t *testing.T) {
			slowDatabase(t, way, 200, 10*time.Second)
		})
	}
}

// bareWait asks a bare server n times at once, which does nothing but wait for
// as long as an acknowledgement may, and returns the slowest answer: what this
// machine makes of that wait just now.
func bareWait(t *testing.T, n int) (slowest time.Duration) {
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		timer := time.NewTimer(coach.AckWait)
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-r.Context().Done():
		}
	}))
	defer server.Close()
	took := make([]time.Duration, n)
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() {
			began := time.Now()
			if res, err := server.Client().Get(server.URL); err == nil {
				res.Body.Close()
			}
			took[i] = time.Since(began)
		})
	}
	all.Wait()
	return slices.Max(took)
}

func slowDatabase(t *testing.T, way string, n int, slow time.Duration) {
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
	var bare time.Duration
	all.Go(func() { bare = bareWait(t, n) })
	for i := range n {
		all.Go(func() { acks[i] = o.s.Person(fmt.Sprint("Person ", i)).Command("/rapport done well") })
	}
	all.Wait()
	// Half a second leaves little to a machine that has other things to do: then
	// a bare server that waits as long is late as well.
	limit := max(ackTime, bare+3*(bare-coach.AckWait))
	slices.SortFunc(acks, func(a, b slacktest.Answer) int { return int(a.Latency - b.Latency) })
	for _, a := range acks {
		if a.Error != "" {
			t.Errorf("acknowledged after %s, and Slack says %q", a.Latency, a.Error)
		}
		if a.Shown == nil || !strings.Contains(a.Shown.Plain(), coach.OneMoment().Message.Fallback()) {
			t.Errorf("acknowledged with %s", a.Body)
		}
	}
	if slowest := acks[n-1].Latency; slowest > limit {
		t.Errorf("acknowledged within %s, want %s; a bare server that waits for %s took %s", slowest, limit, coach.AckWait, bare)
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
	t.Logf("%s: locked for %s; %d commands: acknowledged within %s (median %s; a bare wait %s), 0 words of success before, all %d answers after %s",
		way, slow, n, acks[n-1].Latency.Round(time.Millisecond), acks[n/2].Latency.Round(time.Millisecond), bare.Round(time.Millisecond), noted(), took.Round(100*time.Millisecond))
	o.judge()
}

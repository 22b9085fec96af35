package main

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"rapport/adapters/slack/slacktest"
)

// A stream is what one person after the other types, over whichever connection
// Slack takes.
type stream struct {
	*office
	typed   sync.WaitGroup
	mu      sync.Mutex
	answers []*slacktest.Answer  // of each person's command
	next    chan *slacktest.Conn // what the next commands come over, if anything; else Slack chooses
	cut     map[int]bool         // connections that end without a word, by number
	garbled []string             // envelopes that nobody can read
	met     chan int             // how many troubles there were, once that is all
}

// Deliver implements [slacktest.Transport].
func (st *stream) Deliver(k slacktest.Kind, payload map[string]any) slacktest.Answer {
	select {
	case c := <-st.next:
		if a := c.Over().Deliver(k, payload); a.Error != "dispatch_failed" {
			return a
		}
	default:
	}
	return st.s.Socket().Deliver(k, payload)
}

// say has the next person check in.
func (st *stream) say() {
	st.mu.Lock()
	defer st.mu.Unlock()
	p, a := st.s.Person(fmt.Sprint("Person ", len(st.answers))).In("general"), new(slacktest.Answer)
	st.answers = append(st.answers, a)
	st.typed.Go(func() { *a = p.Command("/rapport done well") })
}

// crossing does f to a connection, with three commands on their way to it.
func (st *stream) crossing(c *slacktest.Conn, f func()) {
	for range cap(st.next) {
		st.next <- c
	}
	st.say()
	f()
	st.say()
	st.say()
}

// renew has Slack renew a connection, which it goes on using until the end: what
// it writes behind the warning reaches nobody who hangs up at that.
func (st *stream) renew(c *slacktest.Conn) {
	st.crossing(c, c.Warn)
	time.Sleep(400 * time.Millisecond) // of the ten seconds that Slack takes
	st.crossing(c, func() { c.Disconnect("refresh_requested") })
}

// trouble does one thing after the other to the oldest connection, with at
// least five commands in between. Slack, too, leaves one connection standing.
func (st *stream) trouble(all ...func(c *slacktest.Conn)) {
	n := 0
	defer func() { st.met <- n }()
	for _, f := range all {
		since := len(st.s.Envelopes())
		if !st.s.Wait(patience, func() bool { return len(st.s.Conns()) == 2 && len(st.s.Envelopes()) >= since+5 }) {
			return
		}
		f(st.s.Conns()[0])
		n++
	}
}

// TestSlackStream has one person after the other check in, ten a second, while
// connections are renewed, drop, freeze and bring what nobody can read.
//
// No command that Slack brings is lost, with one exception: a connection that is
// cut or frozen without a word may swallow what crosses that, in either
// direction. Slack has no acknowledgement then, tells the person so, and does
// not bring the command again.
func TestSlackStream(t *testing.T) {
	alone(t)
	st := &stream{office: openOffice(t, "sockets", monday, slacktest.Setup{Users: crowd(400), NoSchemas: true}),
		next: make(chan *slacktest.Conn, 3), cut: map[int]bool{}, met: make(chan int, 1)}
	st.s.Use(st)
	go st.trouble(st.renew, st.renew, st.renew, st.renew, st.renew,
		func(c *slacktest.Conn) { st.crossing(c, func() { c.Refresh(0) }) },
		func(c *slacktest.Conn) { st.crossing(c, func() { c.Disconnect("too_many_websockets") }) },
		func(c *slacktest.Conn) {
			c.Garbage([]byte("{"))
			c.Garbage([]byte(`{"type":"hello"`))
			c.Garbage([]byte{0xff, 0xfe})
			st.garbled = c.Unparsable()
		},
		func(c *slacktest.Conn) { st.cut[c.Number] = true; c.Drop() },
		func(c *slacktest.Conn) { st.cut[c.Number] = true; c.Freeze() }, // the program notices after half a minute
	)
	beat := time.NewTicker(100 * time.Millisecond)
	defer beat.Stop()
	began := time.Now()
	for n := 0; n < 300 && len(st.met) == 0; n++ {
		<-beat.C
		st.say()
	}
	took := time.Since(began)
	st.typed.Wait()
	if n := <-st.met; n != 10 {
		t.Errorf("%d troubles of 10", n)
	}
	if !st.s.Acked(st.garbled...) || len(st.garbled) == 0 {
		t.Errorf("what cannot be read is not acknowledged")
	}
	sum := st.count()
	t.Logf("%d commands in %s over 6 renewals, a disconnect, garbage, a drop and a freeze (%d connections in all): %d lost, %d doubled; %d swallowed by what was cut; %d answered beside the acknowledgement; %d acknowledged after more than %s",
		len(st.answers), took.Round(100*time.Millisecond), st.s.Connected(), sum.lost, sum.doubled, sum.swallowed, sum.beside, sum.late, ackTime)
	st.judge()
}

// An outcome counts what became of commands.
type outcome struct{ lost, doubled, swallowed, beside, late int }

// count fails the test for each command that is lost or counts twice.
func (st *stream) count() (sum outcome) {
	conns := map[string]int{}
	for _, e := range st.s.Envelopes() {
		conns[e.ID] = e.Conn
	}
	for i, a := range st.answers {
		name := fmt.Sprint("Person ", i)
		swallowed := a.Error != "" && st.cut[conns[a.Envelope]]
		switch {
		case swallowed:
			sum.swallowed++
		case a.Error != "" || a.Shown == nil:
			sum.beside++
		case a.Latency > ackTime:
			sum.late++
		}
		if !swallowed {
			st.s.Wait(patience, func() bool { return st.noted(name) > 0 })
		}
		seen, kept := st.noted(name), st.checkIns(name)
		switch {
		case seen > 1 || kept > 1:
			sum.doubled++
			st.Errorf("command %d is answered %d times and kept %d times", i, seen, kept)
		case !swallowed && (seen == 0 || kept == 0):
			sum.lost++
			st.Errorf("command %d is lost: over connection %d, %q, answered %d times, kept %d times", i, conns[a.Envelope], a.Error, seen, kept)
		case swallowed && seen > kept:
			st.Errorf("command %d is answered and not kept", i)
		}
	}
	return sum
}

// noted counts the answers that somebody sees.
func (st *stream) noted(name string) (n int) {
	for _, m := range st.s.Person(name).Private() {
		if strings.Contains(m.Plain(), "Noted") {
			n++
		}
	}
	return n
}

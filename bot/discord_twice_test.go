package main

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"rapport/adapters/discord/discordtest"
)

// kept is all that is kept of some people.
func (o *server) kept(names []string) string {
	o.Helper()
	var b strings.Builder
	for _, name := range names {
		x, _, err := o.st.db.Download(o.Context(), o.person(name))
		if err != nil {
			o.Fatal(err)
		}
		text, err := json.Marshal(x)
		if err != nil {
			o.Fatal(err)
		}
		fmt.Fprintf(&b, "%s\n", text)
	}
	return b.String()
}

// seen is what all people see: how many messages there are, how many of them
// say the same as another, how often one was changed, and how many interactions
// were answered.
func (o *server) seen() string {
	edits, answered := 0, 0
	all := o.d.Messages("")
	for _, m := range all {
		edits += m.Edits
	}
	for _, it := range o.d.Interactions() {
		if it.Answer != 0 {
			answered++
		}
	}
	return fmt.Sprintf("%d messages, %d twice, %d edits, %d answered", len(all), len(o.d.Twice()), edits, answered)
}

// refused waits until the program has refused so many interactions as repeated.
func (o *server) refused(n int) {
	o.Helper()
	await(o.T, fmt.Sprintf("%d repeated interactions are refused", n), func() bool { return strings.Count(o.log.String(), "what=repeated") >= n })
}

// TestDiscordTwice repeats a thousand interactions each way: commands that
// write, presses and sent forms. Nothing is kept or answered twice.
func TestDiscordTwice(t *testing.T) {
	for _, way := range bothRoutes {
		t.Run(way, func(t *testing.T) { discordTwice(t, way, 50, 5) })
	}
}

func discordTwice(t *testing.T, way string, n, times int) {
	alone(t)
	set := members(n, "general")
	set.IdentifyEvery = time.Nanosecond // it starts anew sooner than people would have it
	o := openServer(t, way, monday, set)
	o.d.Double(true) // over the gateway, where all comes twice from the beginning
	names := make([]string, n)
	acts := make([][]discordtest.Answer, n)
	var all sync.WaitGroup
	for i := range n {
		names[i] = fmt.Sprint("Person ", i)
		p := o.d.Person(names[i]).In("#general")
		all.Go(func() { acts[i] = busyMinuteOnDiscord(p) })
	}
	all.Wait()
	o.d.Double(false)
	var done []discordtest.Answer
	for i, name := range names {
		done = append(done, acts[i]...)
		if r, err := o.h.db.Receipt(t.Context(), o.person(name)); err != nil || r.CheckIns != 0 || r.Notes != 1 {
			t.Fatalf("%s: %+v, %v; want a note and no check-in", name, r, err)
		}
	}
	doubled := 0
	if way == "gateway" {
		doubled = len(o.d.Interactions())
	}
	o.refused(doubled)
	before, seen := o.kept(names), o.seen()

	for range times {
		for _, i := range rand.Perm(len(done)) {
			o.d.Repeat(done[i])
		}
	}
	repeated := times * len(done)
	o.refused(doubled + repeated)
	o.unchanged("repeated", names, before, seen)
	o.stop() // when it has ended nothing is under way
	o.start()
	o.unchanged("repeated and ended", names, before, seen)

	calls, thought := o.answers(), o.thought()
	if calls != len(o.d.Interactions()) {
		t.Errorf("%d first answers to %d interactions", calls, len(o.d.Interactions()))
	}
	for again, i := range rand.Perm(len(done)) { // to a program that remembers none of it
		rested(o.h)
		o.d.Repeat(done[i])
		await(t, "it is answered again", func() bool { return o.answers() > calls+again })
	}
	o.stop()
	o.start()
	if o.thought() == thought { // else the late answer took the place of what stood there since
		o.unchanged("repeated after a restart", names, before, seen)
	} else if got := o.kept(names); got != before {
		t.Errorf("after a restart what is kept has changed:\n%s\nwas\n%s", got, before)
	}
	t.Logf("%s: %d gestures came twice at once, %d were repeated later: kept twice 0, answered twice 0 (%s); %d more after a restart: the same", way, doubled, repeated, seen, len(done))
	o.d.Demand()
}

// answers counts the first answers that the program gave, those that Discord
// had already, too.
func (o *server) answers() (n int) {
	for _, it := range o.d.Interactions() {
		n += it.Doubles
		if it.Answer != 0 {
			n++
		}
	}
	return n
}

// thought counts the answers over HTTP that were put off because the machine was
// slow.
func (o *server) thought() (n int) {
	for _, it := range o.d.Calls("PATCH /webhooks/{app}/{token}/messages/{message}") {
		if it.Acted {
			n++
		}
	}
	return n
}

// unchanged demands that people see and the program keeps what was before.
func (o *server) unchanged(when string, names []string, kept, seen string) {
	o.Helper()
	if got := o.kept(names); got != kept {
		o.Errorf("%s: what is kept has changed:\n%s\nwas\n%s", when, got, kept)
	}
	if got := o.seen(); got != seen {
		o.Errorf("%s: people see %s; before %s", when, got, seen)
	}
}

// busyMinuteOnDiscord is what somebody does: a check-in by command, Undo by a
// press, and a line by a form. It returns what they did, in order.
func busyMinuteOnDiscord(p *discordtest.Person) (acts []discordtest.Answer) {
	acts = append(acts, p.Command("/rapport", "done well"))
	acts = append(acts, p.Press(p.WaitMessage("Noted."), "Undo"))
	p.WaitMessage("Taken back")
	acts = append(acts, p.Command("/rapport", "journal write"))
	acts = append(acts, p.Submit(p.WaitModal("A line for yourself"), map[string]string{"A line for yourself": "one line"}))
	p.WaitMessage("Kept.")
	return acts
}

package main

import (
	"fmt"
	"strings"
	"sync"
	"time"

	"rapport/coach"
)

// A typing is a stream of commands: one person after the other checks in, on
// both platforms, whether or not a program is there to answer.
type typing struct {
	mu     sync.Mutex
	next   int             // person who types next, by number
	first  int             // who typed first
	twice  map[string]bool // people of Slack whose envelope came a second time
	under  sync.WaitGroup
	ticker sync.WaitGroup
	over   chan struct{}
}

// between is how long people wait for each other.
const between = 200 * time.Millisecond

// begin begins the stream.
func (c *chaos) begin() {
	c.over, c.twice, c.first = make(chan struct{}), map[string]bool{}, c.typing.next
	c.ticker.Go(func() {
		tick := time.NewTicker(between)
		defer tick.Stop()
		for range typists() {
			select {
			case <-c.over:
				return
			case <-tick.C:
				c.say()
			}
		}
	})
	c.Cleanup(c.hush)
}

// hush ends the stream and waits for what is under way.
func (c *chaos) hush() {
	if c.over == nil {
		return
	}
	close(c.over)
	c.ticker.Wait()
	c.under.Wait()
	c.over = nil
}

// say has the next person of each platform check in. Some of what Slack brings
// comes a second time.
func (c *chaos) say() {
	c.mu.Lock()
	i := c.typing.next
	c.typing.next++
	c.mu.Unlock()
	name := fmt.Sprint("Person ", i)
	c.under.Go(func() {
		a := c.s.Person(name).In("general").Command("/rapport done well")
		if i%3 == 0 && a.Envelope != "" {
			c.mu.Lock()
			c.twice[c.s.Person(name).ID()] = true
			c.mu.Unlock()
			c.s.Repeat(a, nil)
		}
	})
	c.under.Go(func() { c.d.Person(name).In("#general").Command("/rapport", "done well") })
}

// typed is how many people have typed so far.
func (c *chaos) typed() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.typing.next - c.first
}

// awaitTyped waits until so many more people have typed.
func (c *chaos) awaitTyped(more int) {
	c.Helper()
	want := c.typed() + more
	await(c.T, fmt.Sprintf("%d more commands", more), func() bool { return c.typed() >= want })
}

// wantAnswers ends the stream, and has some more people check in when all is
// well again: each is answered.
func (c *chaos) wantAnswers() {
	c.Helper()
	c.hush()
	p := c.start()
	c.awaitConnected(p)
	from := c.typing.next
	for range 5 {
		c.say()
	}
	c.under.Wait()
	await(c.T, "everybody is answered", func() bool {
		c.alive(p)
		slack, discord := c.noted()
		for i := from; i < c.typing.next; i++ {
			name := fmt.Sprint("Person ", i)
			if slack[c.s.Person(name).ID()] == 0 || discord[c.d.Person(name).ID()] == 0 {
				return false
			}
		}
		return true
	})
	p.stop(c.T)
}

// noted counts the answers that each person sees.
func (c *chaos) noted() (slack, discord map[string]int) {
	slack, discord = map[string]int{}, map[string]int{}
	for _, m := range c.s.Messages("general") {
		if m.For != "" && strings.Contains(m.Plain(), "Noted") {
			slack[m.For]++
		}
	}
	for _, m := range c.d.Messages("#general") {
		if m.For != "" && strings.Contains(m.Plain(), "Noted") {
			discord[m.For]++
		}
	}
	return slack, discord
}

// keptCheckIns counts what is kept of each person, by platform and user.
func (c *chaos) keptCheckIns() map[string]int {
	c.Helper()
	rows, err := c.db.Query(`SELECT i.platform || ' ' || i.person, count(*)
		FROM (SELECT account_id, kind FROM event UNION ALL SELECT account_id, kind FROM arrival) e JOIN identity i ON i.account_id = e.account_id
		WHERE e.kind = 'checkin' GROUP BY 1`)
	if err != nil {
		c.Fatal(err)
	}
	defer rows.Close()
	kept := map[string]int{}
	for rows.Next() {
		var who string
		var n int
		if err := rows.Scan(&who, &n); err != nil {
			c.Fatal(err)
		}
		kept[who] = n
	}
	return kept
}

// judgeCommands holds what people were answered against what is kept. A program
// that is killed may keep a command and not answer it; never the other way
// round.
func (c *chaos) judgeCommands(slack, discord *ordeal) {
	c.Helper()
	seenInSlack, seenInDiscord := c.noted()
	kept := c.keptCheckIns()
	for i := c.first; i < c.typing.next; i++ {
		name := fmt.Sprint("Person ", i)
		who := coach.Person{Platform: "slack", Realm: "T0LIGHT", User: c.s.Person(name).ID()}
		most := 1
		if c.twice[who.User] {
			most = 2 // the first answer, once more
		}
		c.weighCommand(slack, who, seenInSlack[who.User], most, kept["slack "+who.User])
		who = coach.Person{Platform: "discord", User: c.d.Person(name).ID()}
		c.weighCommand(discord, who, seenInDiscord[who.User], 1, kept["discord "+who.User])
	}
	if slack.answered == 0 || discord.answered == 0 {
		c.Errorf("%d commands were answered in Slack and %d in Discord: the run says nothing of them", slack.answered, discord.answered)
	}
}

// weighCommand counts what became of one person's command, answered as done so
// many times, at most once more, and kept so many times.
func (c *chaos) weighCommand(o *ordeal, who coach.Person, seen, most, kept int) {
	c.Helper()
	o.typed++
	if seen > 0 {
		o.answered++
	}
	if kept > 0 {
		o.kept++
		c.people = append(c.people, who)
	}
	switch {
	case kept > 1 || seen > most:
		o.commandsDoubled++
		c.Errorf("%s: a command is kept %d times and answered %d times", o.platform, kept, seen)
	case seen > 0 && kept == 0:
		o.commandsMissed++
		c.Errorf("%s: a command is answered as done and not kept", o.platform)
	}
}

package main

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"rapport/adapters/discord/discordtest"
)

// members are as many people as n, in a server with some channels.
func members(n int, channels ...string) discordtest.Setup {
	set := discordtest.Setup{NoSchemas: true, Global: -1}
	for i := range n {
		set.Users = append(set.Users, discordtest.User{Name: fmt.Sprint("Person ", i), Zone: "Europe/Berlin", Manage: i == 0})
	}
	g := discordtest.Guild{Name: "Lighthouse", Owner: "Person 0"}
	for _, name := range channels {
		g.Channels = append(g.Channels, discordtest.Channel{Name: name})
	}
	set.Guilds = []discordtest.Guild{g}
	return set
}

// beat is between two heartbeats of the gateway in a storm.
const beat = 4 * time.Second

// A storm is what one person after the other types while the gateway has
// trouble.
type storm struct {
	*server
	typed   sync.WaitGroup
	mu      sync.Mutex
	answers []*discordtest.Answer // of each person's command
	met     []meeting
}

// A trouble is something that happens to a connection.
type trouble struct {
	name string
	do   func(st *storm, c *discordtest.Conn)
	ends bool          // the session, which then cannot be resumed
	most time.Duration // until interactions come again; 0 = it is only measured
}

// A meeting is when a trouble began and when interactions came again.
type meeting struct {
	trouble
	begun, over time.Time
}

// say has the next person check in.
func (st *storm) say() {
	st.mu.Lock()
	defer st.mu.Unlock()
	p, a := st.d.Person(fmt.Sprint("Person ", len(st.answers))).In("#general"), new(discordtest.Answer)
	st.answers = append(st.answers, a)
	st.typed.Go(func() { *a = p.Command("/rapport", "done well") })
}

// taken are the times at which Discord had a connection with a session again.
func (st *storm) taken() (all []time.Time) {
	for _, r := range st.d.Resumes() {
		if r.Worked {
			all = append(all, r.At)
		}
	}
	for _, i := range st.d.Identifies() {
		if !i.Refused {
			all = append(all, i.At)
		}
	}
	slices.SortFunc(all, time.Time.Compare)
	return all
}

// meet lets one trouble after the other happen to a connection that has lived
// for six seconds: one that ends sooner than that makes the program wait longer
// each time.
func (st *storm) meet(troubles []trouble) {
	for _, tr := range troubles {
		since := st.taken()
		up := since[len(since)-1]
		if !st.d.Wait(patience, func() bool { return len(st.d.Ready()) == 1 && time.Since(up) > 6*time.Second }) {
			return
		}
		m := meeting{trouble: tr, begun: time.Now()}
		tr.do(st, st.d.Ready()[0])
		if !st.d.Wait(patience, func() bool { return len(st.taken()) > len(since) }) {
			return
		}
		again := st.taken()
		m.over = again[len(again)-1]
		st.mu.Lock()
		st.met = append(st.met, m)
		st.mu.Unlock()
	}
}

// briefly are the troubles that TestDiscordStream waits for without -long: each of
// the five resumes. Silence and lost sessions are among those of package gateway.
func briefly() (some []trouble) {
	for _, tr := range storms() {
		switch tr.name {
		case "op 7, 1", "op 7, 2", "op 7, 3", "a drop", "4000":
			some = append(some, tr)
		}
	}
	return some
}

// storms are the troubles of TestDiscordStream. The two that cost a session are
// far apart: the program is in less of a hurry to ask for a third within the hour.
func storms() (all []trouble) {
	all = append(all, trouble{name: "op 9, not resumable", ends: true, do: func(_ *storm, c *discordtest.Conn) { c.InvalidSession(false) }})
	for i := range 5 {
		all = append(all, trouble{name: fmt.Sprint("op 7, ", i+1), most: 2 * time.Second, do: func(st *storm, c *discordtest.Conn) {
			st.say()
			c.Reconnect()
			st.say()
		}})
	}
	return append(all,
		trouble{name: "a drop", most: 2 * time.Second, do: func(st *storm, c *discordtest.Conn) { st.say(); c.Drop(); st.say() }},
		trouble{name: "another drop", most: 2 * time.Second, do: func(_ *storm, c *discordtest.Conn) { c.Drop() }},
		trouble{name: "4000", most: 2 * time.Second, do: func(st *storm, c *discordtest.Conn) { st.say(); c.Close(4000); st.say() }},
		trouble{name: "garbage and a drop", most: 2 * time.Second, do: func(_ *storm, c *discordtest.Conn) { c.Garbage(); c.Drop() }},
		trouble{name: "op 9, resumable", do: func(_ *storm, c *discordtest.Conn) { c.InvalidSession(true) }},
		trouble{name: "silence", most: 2 * beat, do: func(_ *storm, c *discordtest.Conn) { c.Silence() }},
		trouble{name: "a drop, and no hello", do: func(st *storm, c *discordtest.Conn) { st.d.NoHello(1); c.Drop() }},
		trouble{name: "4009", ends: true, do: func(_ *storm, c *discordtest.Conn) { c.Close(4009) }},
	)
}

// TestDiscordStream has one person after the other check in, ten a second, while
// the gateway asks to connect again, drops, forgets the session, freezes and
// says nothing.
//
// No interaction is lost that reaches the program within the three seconds in
// which Discord takes an answer. What Discord itself cannot bring in time is
// counted apart: what is made while there is no session, and what waits for
// longer than that for a connection.
func TestDiscordStream(t *testing.T) {
	if testing.Short() {
		t.Skip("waits for the gateway for a minute")
	}
	alone(t)
	troubles := briefly()
	if *long {
		troubles = storms()
	}
	set := members(3000, "general")
	set.Heartbeat = beat
	st := &storm{server: openServerBy(t, runningClock(0, nil), "gateway", set)}
	over := make(chan struct{})
	go func() {
		defer close(over)
		st.meet(troubles)
	}()
	pace := time.NewTicker(100 * time.Millisecond)
	defer pace.Stop()
	began := time.Now()
	for done := false; !done; {
		select {
		case <-pace.C:
			st.say()
		case <-over:
			done = true
		}
	}
	took := time.Since(began)
	st.typed.Wait()
	if len(st.met) != len(troubles) {
		t.Errorf("%d troubles of %d", len(st.met), len(troubles))
	}
	for _, m := range st.met {
		back := m.over.Sub(m.begun)
		t.Logf("%s: back after %s", m.name, back.Round(time.Millisecond))
		if m.most > 0 && back > m.most {
			t.Errorf("%s: back after %s, want %s", m.name, back, m.most)
		}
	}
	sum := st.count()
	t.Logf("%d commands in %s over %d troubles, %d resumes and %d identifies: %d lost, %d doubled; Discord could not bring in time: %d while there was no session, %d that waited for 3 s, %d on the edge of that; slowest answer %s",
		len(st.answers), took.Round(100*time.Millisecond), len(st.met), len(st.d.Resumes()), len(st.d.Identifies()),
		sum.lost, sum.doubled, sum.unheld, sum.late, sum.edge, sum.slowest.Round(time.Millisecond))
	st.judge()
}

// judge is without people of other names.
func (st *storm) judge() {
	st.Helper()
	st.d.Demand()
	for _, name := range []string{"level=ERROR", "panic", st.d.Token()} {
		if i := strings.Index(st.log.String(), name); i >= 0 {
			st.Errorf("the log has %s: %.600s", name, st.log.String()[i:])
		}
	}
}

// A toll counts what became of commands.
type toll struct {
	lost, doubled int
	unheld        int // made while Discord had no session to keep them for
	late          int // there when Discord no longer took an answer
	edge          int // there with less than a quarter of a second left, and not answered
	slowest       time.Duration
}

// count fails the test for each command that is lost or counts twice.
func (st *storm) count() (sum toll) {
	noted := map[string]int{} // by user id
	for _, m := range st.d.Messages("#general") {
		if strings.Contains(m.Plain(), "Noted") {
			noted[m.For]++
		}
	}
	all := st.d.Interactions()
	if len(all) != len(st.answers) {
		st.Errorf("%d commands, want %d", len(all), len(st.answers))
	}
	for i, it := range all {
		kept := st.checkIns(it.User)
		sum.slowest = max(sum.slowest, it.Latency)
		switch seen := noted[it.User]; {
		case seen > 1 || kept > 1 || it.Doubles > 0:
			sum.doubled++
			st.Errorf("command %d is answered %d times and kept %d times", i, seen, kept)
		case seen == 1 && kept == 1:
		case seen == 1:
			st.Errorf("command %d is answered and not kept", i)
		default:
			why, age := st.excuse(it)
			switch why {
			case "unheld":
				sum.unheld++
			case "late":
				sum.late++
			case "edge":
				sum.edge++
			default:
				sum.lost++
				st.Errorf("command %d is lost: it came after %s", i, age)
			}
			if why != "edge" && kept > 0 {
				st.Errorf("command %d is kept and not answered", i)
			}
		}
	}
	return sum
}

// excuse says why Discord could not bring an interaction in time, "" if it did;
// and how old it was when it came.
func (st *storm) excuse(it discordtest.Interaction) (why string, age time.Duration) {
	n, err := strconv.ParseInt(it.ID, 10, 64)
	if err != nil {
		st.Fatal(err)
	}
	made := time.UnixMilli(n>>22 + 1420070400000)
	for _, m := range st.met {
		if made.Before(m.begun.Truncate(time.Millisecond)) || made.After(m.over) {
			continue
		}
		const limit, edge = 3 * time.Second, 250 * time.Millisecond
		switch age = m.over.Sub(made); {
		case m.ends:
			return "unheld", age
		case age >= limit:
			return "late", age
		case age >= limit-edge:
			return "edge", age
		}
		return "", age
	}
	return "", 0
}

// TestDiscordShutOut has Discord close the connection for good: the program asks
// for no session again, and ends with what to do about it.
func TestDiscordShutOut(t *testing.T) {
	for code, want := range map[int]string{4004: "discord.token", 4014: "Privileged Gateway Intents"} {
		t.Run(fmt.Sprint(code), func(t *testing.T) {
			alone(t)
			o := openServer(t, "gateway", monday, discordtest.Setup{})
			o.d.CloseConns(code)
			err := o.ended()
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("it ends with %v, want %q in it", err, want)
			}
			if n := len(o.d.Identifies()); n != 1 {
				t.Errorf("%d identifies, want 1", n)
			}
			if n := o.d.Connected(); n != 1 {
				t.Errorf("%d connections, want 1", n)
			}
			t.Logf("after %d: 1 identify, and %q", code, err)
			o.judge()
		})
	}
}

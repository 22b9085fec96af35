package main

import (
	"database/sql"
	"fmt"
	"strings"
	"testing"
	"time"

	"rapport/adapters/discord/discordtest"
	"rapport/coach"
	"rapport/coach/streak"
)

const (
	postRoute = "POST /channels/{channel}/messages"
	openRoute = "POST /users/@me/channels"
)

// team is the server for the coach.
func (o *server) team() coach.Team {
	return coach.Team{Platform: "discord", ID: o.d.GuildID("Lighthouse")}
}

// inChannel is the address of a channel.
func (o *server) inChannel(name string) coach.Address {
	return coach.ChannelOf(o.team(), o.d.ChannelID("#"+name))
}

// wish makes a message due now: the introduction in a channel, or a sample of
// the next post for somebody.
func (o *server) wish(to coach.Address) {
	o.Helper()
	at := o.hand.Now().In(time.UTC)
	w := coach.Wish{Kind: "introduction", Subject: to.Channel, To: to, Date: streak.DateOf(at), Minute: at.Hour()*60 + at.Minute(), Zone: "UTC", Exact: true}
	who := coach.Person{Platform: "discord", User: "1"}
	c := coach.Change{Team: o.team()}
	if to.Kind == coach.InChannel {
		c.TeamPlan = &coach.TeamSettings{Channel: to.Channel, Spec: "0 9 * * 1", Zone: "UTC", WeekStart: time.Monday, MayManage: "admins", SetUp: at}
	} else {
		w.Kind, w.Subject, who = "sample", o.team().ID, to.Person
	}
	c.Wishes = []coach.Wish{w}
	if _, err := o.st.db.Apply(o.Context(), fmt.Sprint("wish ", to, at.UnixNano()), who, c); err != nil {
		o.Fatal(err)
	}
}

// calls are those of a route whose path holds an id.
func (o *server) calls(route, id string) (all []discordtest.Call) {
	for _, c := range o.d.Calls(route) {
		if strings.Contains(c.Path, id) {
			all = append(all, c)
		}
	}
	return all
}

// untilPosted delivers what is due until done, as the schedules do.
func (o *server) untilPosted(what string, done func() bool) {
	o.Helper()
	await(o.T, what, func() bool { o.on(0); return done() })
}

// TestDiscordLostReplies loses Discord's reply to every third post of 300 that
// it made, without -long of 45: they are sent again under their nonces, and each
// is seen once.
func TestDiscordLostReplies(t *testing.T) {
	if testing.Short() {
		t.Skip("posts many messages at their pace")
	}
	alone(t)
	rooms, lost := 45, 15
	if *long {
		rooms, lost = 300, 100
	}
	names := make([]string, rooms)
	for i := range names {
		names[i] = fmt.Sprint("room", i)
	}
	set := members(1, names...)
	o := openServerBy(t, runningClock(0, nil), "gateway", set)
	began := time.Now()
	for i, name := range names {
		if i%(rooms/lost) == 0 {
			o.d.Fail("POST", "/channels/"+o.d.ChannelID("#"+name)+"/messages", discordtest.Fault{Drop: discordtest.Unreplied})
		}
		o.wish(o.inChannel(name))
	}
	settled := func() (n int) {
		for _, name := range names {
			for _, c := range o.calls(postRoute, o.d.ChannelID("#"+name)) {
				if c.Status == 200 {
					n++
				}
			}
		}
		return n
	}
	for end := time.Now().Add(5 * time.Minute); settled() < rooms && time.Now().Before(end); {
		o.untilPosted("another post", func() bool { return true })
	}
	took := time.Since(began)
	acted, cut := 0, 0
	for _, c := range o.d.Calls(postRoute) {
		if c.Acted {
			acted++
		}
		if c.Acted && c.Status == 0 {
			cut++
		}
	}
	doubled, missing := 0, 0
	for _, name := range names {
		switch n := len(o.d.Posted("#" + name)); {
		case n > 1:
			doubled += n - 1
		case n == 0:
			missing++
		}
	}
	if cut != lost || doubled != 0 || missing != 0 {
		t.Errorf("%d replies lost, %d doubled, %d missing; want %d, 0, 0", cut, doubled, missing, lost)
	}
	t.Logf("%d posts, %d of whose replies were lost: %d calls that Discord acted on, doubled %d, missing %d, after %s", rooms, cut, acted, doubled, missing, took.Round(time.Second))
	o.d.Demand()
}

// TestDiscordWaits has Discord ask for a wait: for one route, for all, and for a
// resource that others use too.
func TestDiscordWaits(t *testing.T) {
	const asked = 2 * time.Second
	alone(t) // all three together
	for _, scope := range []string{"user", "global", "shared"} {
		t.Run(scope, func(t *testing.T) {
			t.Parallel() // most of it is waiting
			o := openServerBy(t, runningClock(0, nil), "gateway", members(3, "slow", "other"))
			slow, other := o.d.ChannelID("#slow"), o.d.ChannelID("#other")
			o.d.Fail("POST", "/channels/"+slow+"/messages", discordtest.Fault{RetryAfter: asked, Scope: scope})
			o.wish(o.inChannel("slow"))
			o.untilPosted("the channel is refused", func() bool { return len(o.calls(postRoute, slow)) == 1 })
			refused := o.calls(postRoute, slow)[0]
			if refused.Status != 429 || refused.Acted {
				t.Fatalf("answered %d, acted %v; want 429", refused.Status, refused.Acted)
			}
			o.wish(o.inChannel("other"))
			o.untilPosted("both have their post", func() bool { return len(o.d.Posted("#slow")) == 1 && len(o.d.Posted("#other")) == 1 })
			again, others := o.calls(postRoute, slow), o.calls(postRoute, other)
			if len(again) != 2 || len(others) != 1 {
				t.Errorf("%d and %d calls, want 2 and 1", len(again), len(others))
			}
			waited, held := again[1].At.Sub(refused.At), others[0].At.Sub(refused.At)
			if waited < asked {
				t.Errorf("tried again after %s, Discord asked for %s", waited, asked)
			}
			if scope == "global" && held < asked {
				t.Errorf("another channel was tried after %s, Discord asked to wait %s with all", held, asked)
			}
			if n := o.d.Bad(); scope == "shared" && n != 0 || scope != "shared" && n != 1 {
				t.Errorf("%d calls that count towards a ban", n)
			}
			t.Logf("%s, asked to wait %s: the channel after %s, another after %s", scope, asked, waited.Round(time.Millisecond), held.Round(time.Millisecond))
			o.d.Demand()
		})
	}
}

// TestDiscordDoubt has a post go wrong in each way: everybody sees it once in
// the end.
func TestDiscordDoubt(t *testing.T) {
	for _, c := range []struct {
		name  string
		fault discordtest.Fault
		calls int // that Discord acted on
	}{
		{"500", discordtest.Fault{Status: 500}, 1},
		{"502", discordtest.Fault{Status: 502}, 1},
		{"503", discordtest.Fault{Status: 503}, 1},
		{"cut before it is read", discordtest.Fault{Drop: discordtest.Unread}, 1},
		{"cut before it is read, twice", discordtest.Fault{Drop: discordtest.Unread, Times: 2}, 1},
		{"the reply is lost", discordtest.Fault{Drop: discordtest.Unreplied}, 2},
		{"the reply is lost twice", discordtest.Fault{Drop: discordtest.Unreplied, Times: 2}, 3},
		{"no answer that can be read", discordtest.Fault{Body: "<html>"}, 2},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel() // most of it is waiting
			o := openServerBy(t, runningClock(0, nil), "gateway", members(1, "team"))
			o.d.Fail("POST", "/channels/*/messages", c.fault)
			o.wish(o.inChannel("team"))
			acted := func() (n int) {
				for _, c := range o.d.Calls(postRoute) {
					if c.Acted {
						n++
					}
				}
				return n
			}
			o.untilPosted("it is there", func() bool { return acted() == c.calls })
			o.on(0)
			o.wantPosts("team", 1)
			if calls := o.d.Calls(postRoute); calls[len(calls)-1].Status != 200 {
				t.Errorf("the last call ended with %d", calls[len(calls)-1].Status)
			}
			o.d.Demand()
		})
	}
}

// TestDiscordClosed shuts the channel: no post is tried any more, and the admin
// is told why, once.
func TestDiscordClosed(t *testing.T) {
	for _, c := range []struct {
		name, why string
		shut      func(o *server)
		open      func(o *server)
	}{
		{"Send Messages is missing", "Send Messages is missing",
			func(o *server) {
				o.d.ChangeChannel("#team", func(c *discordtest.Channel) { c.Lost = discordtest.SendMessages })
			},
			func(o *server) { o.d.ChangeChannel("#team", func(c *discordtest.Channel) { c.Lost = 0 }) }},
		{"View Channel is missing", "View Channel is missing",
			func(o *server) {
				o.d.ChangeChannel("#team", func(c *discordtest.Channel) { c.Lost = discordtest.ViewChannel })
			},
			func(o *server) { o.d.ChangeChannel("#team", func(c *discordtest.Channel) { c.Lost = 0 }) }},
		{"archived", "the thread is archived",
			func(o *server) {
				o.d.Fail("POST", "/channels/"+o.d.ChannelID("#team")+"/messages", discordtest.Fault{Code: 50083, Times: -1})
			},
			func(o *server) { o.d.Heal() }},
		{"deleted", "the channel is gone", func(o *server) { o.d.DeleteChannel("#team") }, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			o := openServer(t, "gateway", monday.AddDate(0, 0, -1), discordtest.Setup{})
			o.setUp("team")
			place := o.d.ChannelID("#team")
			calls := len(o.calls(postRoute, place))
			c.shut(o)
			o.to(monday)
			if got := len(o.calls(postRoute, place)) - calls; got != 1 {
				t.Errorf("tried %d times, want once", got)
			}
			o.to(monday.AddDate(0, 0, 15))
			if got := len(o.calls(postRoute, place)) - calls; got != 1 {
				t.Errorf("two weeks on tried %d times, want once", got)
			}
			told := func(name string) bool {
				p := o.in(name, "general")
				p.Command("/rapport", "step 3")
				said := p.LastMessage()
				return said.For == p.ID() && strings.Contains(said.Plain(), "Attention") && strings.Contains(said.Plain(), c.why)
			}
			if ben, first, second := told("Ben"), told("Anna"), told("Anna"); ben || !first || second {
				t.Errorf("told: Ben %v, Anna %v and %v; want her alone, once\n%s", ben, first, second, o.d.Transcript())
			}
			o.judge()
			if c.open == nil {
				return
			}
			c.open(o)
			anna := o.in("Anna", "general")
			anna.Command("/rapport-admin")
			anna.Press(nil, "Change")
			anna.Submit(anna.WaitModal("Set-up"), nil)
			anna.WaitMessage("Saved.")
			posts := len(o.d.Posted("#team"))
			o.to(monday.AddDate(0, 0, 22))
			o.wantPosts("team", posts+1)
			o.judge()
		})
	}
}

// TestDiscordKicked removes the app from the server: nothing is sent there any
// more. Where Discord could not tell of it, one post finds out.
func TestDiscordKicked(t *testing.T) {
	alone(t) // both together
	for _, told := range []bool{true, false} {
		t.Run(fmt.Sprintf("told %v", told), func(t *testing.T) {
			t.Parallel()
			o := openServer(t, "gateway", monday.AddDate(0, 0, -1), discordtest.Setup{IdentifyEvery: time.Nanosecond})
			o.setUp("team")
			calls, most := len(o.d.Calls(postRoute)), 0
			if told {
				o.d.Kick("Lighthouse")
				o.gone()
			} else {
				most = 1
				o.stop() // it happens while nobody runs the program
				o.d.Kick("Lighthouse")
				o.start()
			}
			o.to(monday.AddDate(0, 0, 21))
			if got := len(o.d.Calls(postRoute)) - calls; got > most {
				t.Errorf("%d posts afterwards, want at most %d", got, most)
			}
			o.judge()
		})
	}
}

// gone waits until the coach knows that the app was removed from the server.
func (o *server) gone() {
	o.Helper()
	db, err := sql.Open("sqlite", "file:"+databasePath(o.env, o.cfg)+"?_pragma=busy_timeout(10000)")
	if err != nil {
		o.Fatal(err)
	}
	defer db.Close()
	await(o.T, "the program knows that it was removed", func() bool {
		var n int
		err := db.QueryRow(`SELECT count(*) FROM team WHERE left_at IS NOT NULL`).Scan(&n)
		return err == nil && n == 1
	})
}

// askBen has Ben ask for one question on Thursday evening.
func (o *server) askBen() {
	o.Helper()
	ben := o.in("Ben", "general")
	ben.Command("/rapport")
	ben.Press(nil, "I'm in")
	ben.Press(ben.WaitMessage("Good. When?"), "Thursday")
	ben.Press(ben.WaitMessage("May I ask you once"), "Yes, Thursday, only that")
	ben.Press(ben.WaitMessage("Is it "), "No, choose my zone")
	ben.Submit(ben.WaitModal("Place and habits"), map[string]string{"Where are you? (time zone)": "New York"})
	ben.WaitMessage("Where you are it is")
}

// TestDiscordDoorShut has somebody close their direct messages: one is tried,
// they are told in private when they come next, once, and nothing more is sent.
func TestDiscordDoorShut(t *testing.T) {
	alone(t)
	o := openServer(t, "gateway", monday.Add(time.Hour), discordtest.Setup{})
	o.askBen()
	o.d.Change("Ben", func(u *discordtest.User) { u.Closed = true })
	o.to(monday.AddDate(0, 0, 4))
	tried := len(o.d.Calls(postRoute))
	if tried != 1 || o.d.Calls(postRoute)[0].Code != 50007 {
		t.Fatalf("tried %d times, want once, and 50007: %+v", tried, o.d.Calls(postRoute))
	}
	self, err := o.h.db.Self(t.Context(), o.person("Ben"))
	if err != nil || !self.Closed {
		t.Errorf("his door is marked shut: %v, %v", self.Closed, err)
	}
	told := func() bool {
		ben := o.in("Ben", "general")
		ben.Command("/rapport", "step 3")
		ben.WaitMessage("common ground")
		said := ben.LastMessage()
		return said.For == ben.ID() && strings.Contains(said.Plain(), "My last direct message did not reach you")
	}
	if first, second := told(), told(); !first || second {
		t.Errorf("told %v and %v, want once\n%s", first, second, o.d.Transcript())
	}
	o.to(monday.AddDate(0, 0, 25))
	if got := len(o.d.Calls(postRoute)) + len(o.d.Calls(openRoute)); got != tried+1 {
		t.Errorf("%d calls, want the one that found it and the opening before", got)
	}
	for _, m := range o.d.Messages("#general") {
		if m.For == "" {
			t.Errorf("everybody sees %s", m.Plain())
		}
	}
	o.judge()
}

// TestDiscordOpenedTooFast has Discord let no more direct messages be opened:
// none is for a while, and who is known is written to all the same.
func TestDiscordOpenedTooFast(t *testing.T) {
	if !*long { // the tests of the opener in adapters/discord have a clock of their own
		t.Skip("waits for twenty seconds: only with -long")
	}
	alone(t)
	const all, known = 20, 10
	o := openServerBy(t, runningClock(0, nil), "gateway", members(all, "general"))
	o.d.Fail("POST", "/users/@me/channels", discordtest.Fault{Code: 40003, Times: -1})
	for i := range all {
		name := fmt.Sprint("Person ", i)
		o.wish(coach.DirectTo(o.person(name)))
		if i >= all-known {
			if err := o.h.db.KeepRoom(t.Context(), o.person(name), o.d.ChannelID(name)); err != nil {
				t.Fatal(err)
			}
		}
	}
	direct := func(from, to int) (n int) {
		for i := from; i < to; i++ {
			n += len(o.d.Direct(fmt.Sprint("Person ", i)))
		}
		return n
	}
	o.untilPosted("everybody known has their message", func() bool { return direct(all-known, all) == known })
	o.untilPosted("one was opened", func() bool { return len(o.d.Calls(openRoute)) > 0 })
	for end := time.Now().Add(2 * openEvery); time.Now().Before(end); { // others would have their turn by then
		o.untilPosted("the others are put off", func() bool { return true })
	}
	if opened, others := len(o.d.Calls(openRoute)), direct(0, all-known); opened != 1 || others != 0 {
		t.Errorf("%d openings, %d messages to others; want 1 and 0", opened, others)
	}
	if !strings.Contains(o.log.String(), "direct messages opened too fast") {
		t.Error("the operator is not told")
	}
	if len(o.d.Twice()) > 0 {
		t.Errorf("%d messages twice", len(o.d.Twice()))
	}
	t.Logf("1 opening refused with 40003, none tried again; all %d people known have their message", known)
	o.d.Demand()
}

// openEvery is a little more than there is between two direct messages that are
// opened.
const openEvery = 5500 * time.Millisecond

package main

import (
	"database/sql"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"rapport/adapters/discord/discordtest"
	"rapport/adapters/slack/slacktest"
	"rapport/coach"
	"rapport/coach/streak"
)

// A chaos is one program that serves Slack and Discord, what is due to people
// there, and what they type meanwhile.
type chaos struct {
	*yard
	s      *slacktest.Slack
	d      *discordtest.Discord
	db     *sql.DB // as any other program sees it, also while ours runs
	seeded int     // places of each platform that something is due at so far
	typing
}

// typists are how many people on each platform may type something in a run.
func typists() int {
	if *long {
		return 5000
	}
	return 1000
}

// newChaos makes a Slack and a Discord with as many places each that something
// can be due at, three in five of them channels, and a folder for the program.
func newChaos(t *testing.T, bin, dir string, places int) *chaos {
	t.Helper()
	slack := slacktest.Setup{Users: crowd(places + typists()), Channels: []slacktest.Channel{{Name: "general"}}, NoSchemas: true}
	rooms := []string{"general"}
	for i := range places {
		slack.Channels = append(slack.Channels, slacktest.Channel{Name: fmt.Sprint("room", i), ID: fmt.Sprintf("C0ROOM%d", i)})
		rooms = append(rooms, fmt.Sprint("room", i))
	}
	discord := members(places+typists(), rooms...)
	discord.IdentifyEvery, discord.Global = time.Nanosecond, 0 // it starts anew far sooner than people would have it
	c := &chaos{
		yard: &yard{T: t, bin: bin, dir: dir, want: map[string]bool{}},
		s:    slacktest.New(t, slack), d: discordtest.New(t, discord),
	}
	c.typing.next = places
	c.d.Double(true) // every interaction comes twice
	c.calm()
	writeFile(t, filepath.Join(dir, "config.toml"), c.config("rapport.db"))
	writeFile(t, filepath.Join(dir, "link.toml"), c.config("link.db"))
	return c
}

// config is the configuration of a program on a database.
func (c *chaos) config(db string) string {
	return fmt.Sprintf("[web]\nlisten = \"127.0.0.1:0\"\n[monitor]\nlisten = \"\"\n[database]\nurl = %q\n[slack]\napi_url = %q\nbot_token = %q\napp_token = %q\n[discord]\napi_url = %q\ntoken = %q\n",
		db, c.s.APIURL(), c.s.BotToken(), c.s.AppToken(), c.d.APIURL(), c.d.Token())
}

// slackTeam and discordTeam are where everybody is.
var slackTeam = coach.Team{Platform: "slack", ID: "T0LIGHT"}

func (c *chaos) discordTeam() coach.Team {
	return coach.Team{Platform: "discord", ID: c.d.GuildID("Lighthouse")}
}

// seed makes messages due now at n more places of each platform: introductions
// in channels, and samples of the next post for people. It is called while no
// program runs.
func (c *chaos) seed(n int) {
	c.Helper()
	if n == 0 {
		return
	}
	at := c.now().Add(-time.Minute)
	zone := noonZone(at)
	local := at.In(zone)
	date, minute := streak.DateOf(local), local.Hour()*60+local.Minute()
	c.open(func(s *store) {
		for ; n > 0; n-- {
			i := c.seeded
			c.seeded++
			for _, p := range []spot{c.slackSpot(i), c.discordSpot(i)} {
				w := coach.Wish{Kind: "introduction", Subject: p.room, To: coach.ChannelOf(p.team, p.room)}
				to := "channel " + p.room
				if i%5 > 2 {
					w, to = coach.Wish{Kind: "sample", Subject: p.team.ID, To: coach.DirectTo(p.who)}, "person "+p.who.User
				}
				wishes := c.wanted(to, date, minute, w)
				wishes[0].Zone = zone.String()
				c.apply(s, p.who, coach.Change{Team: p.team, TeamPlan: p.plan(i, at), Wishes: wishes})
				if p.dm != "" {
					if err := s.db.KeepRoom(c.Context(), p.who, p.dm); err != nil {
						c.Fatal(err)
					}
				}
			}
		}
	})
	if c.db == nil {
		c.db = c.look()
	}
}

// hold makes the newest of what is due wait for release, so that there is
// something to be done at that moment.
func (c *chaos) hold(n int) {
	c.Helper()
	c.change(`UPDATE due SET next_at = next_at + $1 WHERE id IN (SELECT id FROM due ORDER BY id DESC LIMIT $2)`, time.Hour.Microseconds(), n)
}

func (c *chaos) release() {
	c.Helper()
	c.change(`UPDATE due SET next_at = next_at - $1 WHERE next_at > $2`, time.Hour.Microseconds(), c.now().UnixMicro())
}

// change changes rows of the database, of which there must be some.
func (c *chaos) change(query string, args ...any) {
	c.Helper()
	res, err := c.db.Exec(query, args...)
	if err != nil {
		c.Fatal(err)
	}
	if n, err := res.RowsAffected(); n == 0 || err != nil {
		c.Fatalf("%s: %d rows, %v", query, n, err)
	}
}

// noonZone is a zone in which it is about noon: in every other, what is due may
// be too late for the day when a run takes long.
func noonZone(at time.Time) *time.Location {
	name := fmt.Sprintf("Etc/GMT%+d", at.UTC().Hour()-12)
	if at.UTC().Hour() == 12 {
		name = "Etc/GMT"
	}
	zone, err := time.LoadLocation(name)
	if err != nil {
		panic(err)
	}
	return zone
}

// A spot is where something can be due: a channel, or a person.
type spot struct {
	team coach.Team
	who  coach.Person
	room string
	dm   string // the channel of direct messages, where it is known
}

func (c *chaos) slackSpot(i int) spot {
	return spot{team: slackTeam, who: coach.Person{Platform: "slack", Realm: "T0LIGHT", User: fmt.Sprintf("U0P%03d", i)}, room: fmt.Sprintf("C0ROOM%d", i)}
}

// discordSpot is one of Discord's. Of some people the channel is not known: to
// open one is allowed every five seconds alone.
func (c *chaos) discordSpot(i int) spot {
	name := fmt.Sprint("Person ", i)
	p := spot{team: c.discordTeam(), who: coach.Person{Platform: "discord", User: c.d.Person(name).ID()}, room: c.d.ChannelID(fmt.Sprint("#room", i))}
	if i%5 > 2 && i%50 != 4 {
		p.dm = c.d.ChannelID(name)
	}
	return p
}

// plan sets the team up, at its first place.
func (p spot) plan(i int, at time.Time) *coach.TeamSettings {
	if i > 0 {
		return nil
	}
	return &coach.TeamSettings{Channel: p.room, Spec: "0 9 * * 1", Zone: "UTC", WeekStart: time.Monday, MayManage: "admins", SetUp: at}
}

// number is the only number that a query answers.
func (c *chaos) number(query string, args ...any) (n int) {
	c.Helper()
	if err := c.db.QueryRow(query, args...).Scan(&n); err != nil {
		c.Fatal(err)
	}
	return n
}

// unsettled counts what is due or on its way.
func (c *chaos) unsettled() int {
	return c.number(`SELECT (SELECT count(*) FROM due WHERE next_at <= $1) + (SELECT count(*) FROM outbox WHERE state IN ('ready', 'sending'))`, c.now().UnixMicro())
}

func (c *chaos) settled() int {
	return c.number(`SELECT count(*) FROM outbox WHERE state NOT IN ('ready', 'sending')`)
}

// start starts a program on its own: not before both platforms know that the
// last one is gone, so that whoever is connected afterwards is the new one.
func (c *chaos) start(vars ...string) *prey {
	c.Helper()
	await(c.T, "both platforms know that nobody is connected", func() bool { return len(c.s.Conns()) == 0 && len(c.d.Conns()) == 0 })
	return c.yard.start(vars...)
}

// alive ends the test if a program has ended by itself.
func (c *chaos) alive(p *prey) {
	c.Helper()
	if p.ended() {
		c.Fatalf("it ended: %v\n%s", p.err, p.tail())
	}
}

// tail is the end of what a program printed.
func (p *prey) tail() string {
	out := p.out.String()
	return out[max(0, len(out)-3000):]
}

// awaitConnected waits until people can reach the program on both platforms.
func (c *chaos) awaitConnected(p *prey) {
	c.Helper()
	await(c.T, "both platforms are connected", func() bool {
		c.alive(p)
		return len(c.s.Conns()) > 0 && len(c.d.Ready()) > 0
	})
}

// awaitSettled waits until so many more deliveries are settled, or none is left.
func (c *chaos) awaitSettled(p *prey, more int) {
	c.Helper()
	c.awaitTold(p, c.settled()+more)
}

// awaitTold waits until so many are settled, or all are. It has patience as long
// as something moves.
func (c *chaos) awaitTold(p *prey, want int) {
	c.Helper()
	for last, end := -1, time.Now(); ; time.Sleep(20 * time.Millisecond) {
		c.alive(p)
		n := c.settled()
		if n >= want || c.unsettled() == 0 {
			return
		}
		if n > last {
			last, end = n, time.Now().Add(patience)
		}
		if time.Now().After(end) {
			c.Fatalf("nothing was delivered for %s; %d wait\n%s", patience, c.unsettled(), p.tail())
		}
	}
}

// drain runs the program undisturbed until all is delivered.
func (c *chaos) drain() {
	c.Helper()
	p := c.start()
	c.awaitConnected(p)
	c.awaitSettled(p, 1<<30)
	p.stop(c.T)
}

// bury counts a kill, and ends the leases of the process: a minute that nobody
// need wait for.
func (c *chaos) bury(p *prey) {
	c.Helper()
	c.kills++
	c.expire(p)
}

// expire ends the leases of a process, so that nobody need wait for that.
func (c *chaos) expire(p *prey) {
	c.Helper()
	if _, err := c.db.Exec(`UPDATE outbox SET lease_until = 1 WHERE state = 'sending' AND worker LIKE $1`, fmt.Sprintf("%%/%d/%%", p.Process.Pid)); err != nil {
		c.Fatal(err)
	}
}

// judge holds what people see against what was due and what the program says of
// it, and what they typed against what is kept. No program runs.
func (c *chaos) judge(run string) []ordeal {
	c.Helper()
	slack, discord := ordeal{run: run, platform: "Slack", kills: c.kills}, ordeal{run: run, platform: "Discord", kills: c.kills}
	for at, states := range c.places() {
		_, id, _ := strings.Cut(at, " ")
		if strings.HasPrefix(id, "C0") || strings.HasPrefix(id, "U0") {
			c.weigh(&slack, at, states, len(c.s.Posted(id)))
		} else {
			c.weigh(&discord, at, states, len(c.d.Posted(id)))
		}
	}
	c.judgeCommands(&slack, &discord)
	if n := len(c.s.Twice()) + len(c.d.Twice()); n > 0 {
		c.Errorf("%d messages say the same as another in their place", n)
	}
	c.checkDatabase()
	c.s.Demand()
	c.d.Demand()
	return []ordeal{slack, discord}
}

// places are the states of what was due at each place.
func (c *chaos) places() map[string][]string {
	c.Helper()
	states, places := c.states(), map[string][]string{}
	for what := range c.want {
		at := strings.Join(strings.Fields(what)[:2], " ")
		places[at] = append(places[at], states[what])
	}
	return places
}

// weigh counts what became of all that was due at a place, where so many
// messages are seen.
func (c *chaos) weigh(o *ordeal, at string, states []string, seen int) {
	c.Helper()
	n := map[string]int{}
	for _, state := range states {
		n[state]++
	}
	done, doubt := n["done"], n["in_doubt"]
	o.due += len(states)
	o.seen += min(seen, len(states))
	o.doubt += doubt
	if more := seen - done - doubt; more > 0 {
		o.doubled += more
		c.Errorf("%s: %d messages at %s, of which is said %q", o.platform, seen, at, states)
	}
	if less := max(done-seen, len(states)-done-doubt); less > 0 {
		o.lost += less
		c.Errorf("%s: %d messages at %s, of which is said %q", o.platform, seen, at, states)
	}
}

package main

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"rapport/adapters/discord/discordtest"
	"rapport/coach"
	"rapport/coach/streak"
)

// TestDiscordCrash kills the program at each step of a delivery to Discord,
// three times over: people see each message once, as Discord knows a repetition
// by its nonce, and miss none but those that are counted as in doubt. Without
// -long it is one step: TestChaos dies at all of them.
func TestDiscordCrash(t *testing.T) {
	if testing.Short() {
		t.Skip("kills the program for a while")
	}
	t.Parallel() // with others that wait for programs
	bin := buildProgram(t, "-tags", "crashpoints")
	points := []string{"before-settle"}
	if *long {
		points = crashPoints(t, "schedules")
	}
	var table verdicts
	t.Run("at", func(t *testing.T) {
		for _, point := range points {
			t.Run(point, func(t *testing.T) {
				t.Parallel()
				v := discordCrash(t, bin, point)
				v.name = point
				table.add(v)
			})
		}
	})
	t.Logf("\n%s", &table)
}

func discordCrash(t *testing.T, bin, point string) (v verdict) {
	const rounds = 3
	d, y := newServerYard(t, bin, rounds)
	for range rounds {
		y.seedDiscord(d)
		y.crashAt(point)
		db := y.look() // the lease of who died: a minute that nobody need wait for
		if _, err := db.Exec(`UPDATE outbox SET lease_until = 1 WHERE state = 'sending'`); err != nil {
			t.Fatal(err)
		}
		db.Close()
	}
	y.drain()
	v = y.judgeDiscord(d)
	again := 0 // posts that Discord knew by their nonces
	for _, c := range d.Calls(postRoute) {
		if c.Acted {
			again++
		}
	}
	v.repeated = again - v.seen
	if point == "before-settle" && v.repeated == 0 {
		t.Error("nothing was sent again")
	}
	d.Demand()
	return v
}

// newServerYard makes a server for so many rounds, and a folder for a program
// that runs in it. The program starts anew far sooner than people would have it,
// which Discord lets pass here.
func newServerYard(t *testing.T, bin string, rounds int) (*discordtest.Discord, *yard) {
	var rooms []string
	for i := range rounds * perRound {
		rooms = append(rooms, fmt.Sprint("room", i))
	}
	set := members(rounds*perRound, rooms...)
	set.IdentifyEvery, set.Global = time.Nanosecond, 0
	d := discordtest.New(t, set)
	y := &yard{T: t, bin: bin, dir: t.TempDir(), want: map[string]bool{}}
	writeFile(t, filepath.Join(y.dir, "config.toml"), fmt.Sprintf("%s[discord]\napi_url = %q\ntoken = %q\n", quietConfig, d.APIURL(), d.Token()))
	return d, y
}

// seedDiscord makes a round of messages due now: an introduction in three
// channels, and a sample for three people, that no round had before. Of one of
// those people the channel is known.
func (y *yard) seedDiscord(d *discordtest.Discord) {
	y.Helper()
	team := coach.Team{Platform: "discord", ID: d.GuildID("Lighthouse")}
	at := time.Now().UTC().Add(-time.Minute)
	date, minute := streak.DateOf(at), at.Hour()*60+at.Minute()
	y.open(func(s *store) {
		for i := y.rounds * perRound; i < (y.rounds+1)*perRound; i++ {
			name := fmt.Sprint("Person ", i)
			who := coach.Person{Platform: "discord", User: d.Person(name).ID()}
			room := d.ChannelID(fmt.Sprint("#room", i))
			y.apply(s, who, coach.Change{Team: team,
				TeamPlan: &coach.TeamSettings{Channel: room, Spec: "0 9 * * 1", Zone: "UTC", WeekStart: time.Monday, MayManage: "admins", SetUp: at},
				Wishes:   y.wanted("channel "+room, date, minute, coach.Wish{Kind: "introduction", Subject: room, To: coach.ChannelOf(team, room)})})
			y.apply(s, who, coach.Change{Team: team,
				Wishes: y.wanted("person "+who.User, date, minute, coach.Wish{Kind: "sample", Subject: team.ID, To: coach.DirectTo(who)})})
			if i%perRound == 0 {
				if err := s.db.KeepRoom(y.Context(), who, d.ChannelID(name)); err != nil {
					y.Fatal(err)
				}
			}
		}
	})
	y.rounds++
}

// judgeDiscord holds what people see against what was due and what the program
// says of it.
func (y *yard) judgeDiscord(d *discordtest.Discord) verdict {
	y.Helper()
	v := verdict{kills: y.kills, due: len(y.want), requests: len(d.Calls(postRoute))}
	states := y.states()
	for w := range y.want {
		place := strings.Fields(w)[1]
		seen := len(d.Posted(place))
		if strings.HasPrefix(w, "person ") {
			seen = len(d.Direct(place))
		}
		if seen > 0 {
			v.seen++
		}
		switch state := states[w]; {
		case seen > 1:
			v.doubled++
			y.Errorf("seen %d times: %s", seen, w)
		case state == "in_doubt":
			v.doubt++
		case seen == 0 || state != "done":
			v.lost++
			y.Errorf("seen %d times, and said to be %q: %s", seen, state, w)
		}
	}
	if n := len(d.Twice()); n > 0 {
		y.Errorf("%d messages say the same as another in their place", n)
	}
	// No program was away for longer than Discord knows nonces; but one that is
	// killed again while it looks at what the last one left behind leaves it there.
	if v.doubt > y.kills*perRound {
		y.Errorf("%d of %d in doubt", v.doubt, v.due)
	}
	return v
}

// TestDiscordRestarts stops the program as a supervisor does, five times, while
// messages are on their way and Discord is slow: it finishes those, and the next
// one sends the rest.
func TestDiscordRestarts(t *testing.T) {
	if !*long { // TestCrash stops the program so, TestChaos starts it over and over
		t.Skip("starts the program six times: only with -long")
	}
	t.Parallel() // with others that wait for programs
	const rounds = 5
	d, y := newServerYard(t, buildProgram(t), rounds)
	var ends []time.Duration
	for range rounds {
		y.seedDiscord(d)
		d.Heal()
		d.Fail("POST", "", discordtest.Fault{Late: 200 * time.Millisecond, Times: -1})
		sent := len(d.Calls(postRoute))
		p := y.start()
		if !d.Wait(patience, func() bool { return len(d.Calls(postRoute)) > sent }) {
			t.Fatalf("nothing is sent\n%s", p.out)
		}
		began := time.Now()
		p.stop(t)
		ends = append(ends, time.Since(began))
		if took := time.Since(began); took > drainTime {
			t.Errorf("stopped after %s, want at most %s", took, drainTime)
		}
	}
	d.Heal()
	y.drain()
	v := y.judgeDiscord(d)
	if v.seen != v.due || v.requests != v.due {
		t.Errorf("%d of %d seen after %d posts, want all after as many", v.seen, v.due, v.requests)
	}
	t.Logf("%d stops while messages were on their way, within %s: %d due, seen %d, doubled %d, lost %d, in doubt %d",
		rounds, slices.Max(ends).Round(time.Millisecond), v.due, v.seen, v.doubled, v.lost, v.doubt)
	d.Demand()
}

package main

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"rapport/adapters/slack/slacktest"
	"rapport/coach"
	"rapport/coach/streak"
)

// perRound is how many channels, and how many people, get a message in a round.
const perRound = 3

// TestSlackCrash kills the program at each step of a delivery to Slack, three
// times over: people see each message at most once, and miss none but those
// that are counted as in doubt. Without -long it is one step: TestChaos dies at
// all of them.
func TestSlackCrash(t *testing.T) {
	if testing.Short() {
		t.Skip("kills the program for a while")
	}
	t.Parallel() // with others that wait for programs
	bin := buildProgram(t, "-tags", "crashpoints")
	points := []string{"after-start"}
	if *long {
		points = crashPoints(t, "schedules")
	}
	var table verdicts
	t.Run("at", func(t *testing.T) {
		for _, point := range points {
			t.Run(point, func(t *testing.T) {
				t.Parallel()
				v := slackCrash(t, bin, point)
				v.name = point
				table.add(v)
			})
		}
	})
	t.Logf("\n%s", &table)
}

func slackCrash(t *testing.T, bin, point string) (v verdict) {
	const rounds = 3
	set := slacktest.Setup{Users: crowd(rounds * perRound)}
	for i := range rounds * perRound {
		set.Channels = append(set.Channels, slacktest.Channel{Name: fmt.Sprint("room", i), ID: fmt.Sprintf("C0ROOM%d", i)})
	}
	s := slacktest.New(t, set)
	y := &yard{T: t, bin: bin, dir: t.TempDir(), want: map[string]bool{}}
	writeFile(t, filepath.Join(y.dir, "config.toml"), fmt.Sprintf("%s[slack]\napi_url = %q\nbot_token = %q\napp_token = %q\n", quietConfig, s.APIURL(), s.BotToken(), s.AppToken()))
	for range rounds {
		y.seedSlack()
		y.crashAt(point)
		db := y.look() // the lease of who died: a minute that nobody need wait for
		if _, err := db.Exec(`UPDATE outbox SET lease_until = 1 WHERE state = 'sending'`); err != nil {
			t.Fatal(err)
		}
		db.Close()
	}
	y.drain()
	v = verdict{kills: y.kills, due: len(y.want), requests: len(s.Calls("chat.postMessage"))}
	states := y.states()
	for w := range y.want {
		place := strings.Fields(w)[1]
		seen := len(s.Posted(place))
		if seen > 0 {
			v.seen++
		}
		switch state := states[w]; {
		case seen > 1:
			v.doubled++
			t.Errorf("seen %d times: %s", seen, w)
		case state == "in_doubt":
			v.doubt++
		case seen == 0 || state != "done":
			v.lost++
			t.Errorf("seen %d times, and said to be %q: %s", seen, state, w)
		}
	}
	switch started := point == "after-start" || point == "before-settle"; {
	case started && v.doubt == 0:
		t.Errorf("nothing is in doubt after kills at %s", point)
	case v.doubt > rounds*perRound: // what else was on its way when it died
		t.Errorf("%d of %d in doubt", v.doubt, v.due)
	}
	s.Demand()
	return v
}

// seedSlack makes a round of messages due now: an introduction in three
// channels, and a sample for three people, that no round had before.
func (y *yard) seedSlack() {
	y.Helper()
	team := coach.Team{Platform: "slack", ID: "T0LIGHT"}
	at := time.Now().UTC().Add(-time.Minute)
	date, minute := streak.DateOf(at), at.Hour()*60+at.Minute()
	y.open(func(s *store) {
		for i := y.rounds * perRound; i < (y.rounds+1)*perRound; i++ {
			who := coach.Person{Platform: "slack", Realm: "T0LIGHT", User: fmt.Sprintf("U0P%03d", i)}
			room := fmt.Sprintf("C0ROOM%d", i)
			y.apply(s, who, coach.Change{Team: team,
				TeamPlan: &coach.TeamSettings{Channel: "C0ROOM0", Spec: "0 9 * * 1", Zone: "UTC", WeekStart: time.Monday, MayManage: "admins", SetUp: at},
				Wishes:   y.wanted("channel "+room, date, minute, coach.Wish{Kind: "introduction", Subject: room, To: coach.ChannelOf(team, room)})})
			y.apply(s, who, coach.Change{Team: team,
				Wishes: y.wanted("person "+who.User, date, minute, coach.Wish{Kind: "sample", Subject: team.ID, To: coach.DirectTo(who)})})
		}
	})
	y.rounds++
}

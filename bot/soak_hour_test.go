package main

import (
	"flag"
	"fmt"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"rapport/adapters/discord/discordtest"
	"rapport/adapters/slack/slacktest"
	"rapport/coach"
	"rapport/coach/streak"
)

var soak = flag.Duration("soak", 0, "for how long TestSoakHour puts the program under load")

const (
	soakReadings = 60              // in all
	soakSweep    = 5 * time.Second // between two looks at what the program posted
	soakRecall   = time.Minute     // how long the platforms remember what happened
	duePerMinute = 8               // people on each platform who asked to be written to at that minute
	knownInTen   = 4               // of ten of them, in Discord, those whose direct messages were opened before
)

// TestSoakHour runs the program as it is released on Slack and Discord at the
// same time, for as long as -soak says, under a steady load of people's
// gestures, with messages that fall due each minute and connections that are
// renewed every few minutes. Everything is answered, everything due arrives
// once, and memory, goroutines and open files are at the end what they were
// after the first third.
func TestSoakHour(t *testing.T) {
	switch {
	case !*long || *soak == 0:
		t.Skip("takes as long as -soak says: only with -long -soak 1h -timeout 90m")
	case runtime.GOOS != "linux":
		t.Skip("reads /proc, which Linux has")
	}
	alone(t)
	k := newSoak(t, *soak)
	k.seed()
	k.p = launch(t, k.y.bin, k.y.dir, nil)
	k.awaitReady()
	idle := k.read()
	t.Logf("%s under load on Slack and Discord, idle before: %.1f MB resident, %.0f goroutines", *soak, idle.resident, idle.goroutines)
	k.live()
	k.judgeReadings()
	k.judgeDue()
	k.judgeEnd(idle)
}

// A soaking is the program under load on both platforms.
type soaking struct {
	*testing.T
	length  time.Duration
	began   time.Time
	monitor string
	s       *slacktest.Slack
	d       *discordtest.Discord
	y       *yard
	p       *prey
	over    chan struct{}
	on      []*traffic
	table   readings
	crossed crossings

	mu     sync.Mutex
	faults []string
	due    map[string]time.Time // what is due when, by platform and place: the name of a channel or person
	places map[string]string    // the names of all those places, by platform and id
	seen   map[string]int       // how often something was posted there
	last   [2]string            // the newest post looked at, by platform
}

// newSoak makes both platforms with as many people as there can be, and the
// program's folder.
func newSoak(t *testing.T, length time.Duration) *soaking {
	k := &soaking{T: t, length: length, monitor: freeAddress(t), over: make(chan struct{}),
		due: map[string]time.Time{}, places: map[string]string{}, seen: map[string]int{}}
	most := 200 + int(length/time.Second)
	rooms := soakMinutes(length)
	people := slacktest.Setup{Users: crowd(most), Channels: []slacktest.Channel{{Name: "general"}}, NoSchemas: true}
	channels := []string{"general"}
	for m := range rooms {
		channels = append(channels, soakRoom(m))
		people.Channels = append(people.Channels, slacktest.Channel{Name: soakRoom(m)})
		for i := range duePerMinute {
			name := duePerson(m, i)
			people.Users = append(people.Users, slacktest.User{Name: name, ID: "U0D" + strings.ToUpper(strings.TrimPrefix(name, "due")), Zone: "Europe/Berlin", Offset: 3600})
		}
	}
	k.s = slacktest.New(t, people)
	server := members(most, channels...)
	server.Global = 50
	for m := range rooms {
		for i := range duePerMinute {
			server.Users = append(server.Users, discordtest.User{Name: duePerson(m, i)})
		}
	}
	k.d = discordtest.New(t, server)
	k.y = &yard{T: t, bin: buildReleased(t), dir: t.TempDir(), want: map[string]bool{}}
	writeFile(t, filepath.Join(k.y.dir, "config.toml"), fmt.Sprintf(
		"[slack]\napi_url = %q\nbot_token = %q\napp_token = %q\n[discord]\napi_url = %q\ntoken = %q\n[monitor]\nlisten = %q\n",
		k.s.APIURL(), k.s.BotToken(), k.s.AppToken(), k.d.APIURL(), k.d.Token(), k.monitor))
	slack := &traffic{name: "Slack", most: most, guest: func(i int) visitor {
		return slackVisitor{k.s, k.s.Person(fmt.Sprint("Person ", i)), &k.crossed}
	}}
	discord := &traffic{name: "Discord", most: most, guest: func(i int) visitor {
		return discordVisitor{k.d, k.d.Person(fmt.Sprint("Person ", i))}
	}}
	k.on = []*traffic{slack, discord}
	for _, l := range k.on {
		l.over, l.fault = k.over, k.fault
	}
	return k
}

// buildReleased builds the program as docs/operations.md has it.
func buildReleased(t *testing.T) string {
	t.Setenv("CGO_ENABLED", "0")
	return buildProgram(t, "-trimpath", "-ldflags", "-s -w")
}

// soakMinutes is in how many minutes something falls due.
func soakMinutes(length time.Duration) int { return int(length/time.Minute) + 1 }

func soakRoom(minute int) string { return fmt.Sprint("room", minute) }

func duePerson(minute, i int) string { return fmt.Sprintf("due%dx%d", minute, i) }

func (k *soaking) fault(what string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.faults = append(k.faults, fmt.Sprintf("after %s: %s", time.Since(k.began).Round(time.Second), what))
}

// seed lets one weekly post and some questions fall due in each minute, on each
// platform, where it is about noon: nobody has to wait for Monday.
func (k *soaking) seed() {
	k.Helper()
	zone := noonZone(time.Now())
	first := time.Now().Add(time.Minute).Truncate(time.Minute)
	k.y.open(func(s *store) {
		for _, team := range []coach.Team{{Platform: "slack", ID: "T0LIGHT"}, {Platform: "discord", ID: k.d.GuildID("Lighthouse")}} {
			for m := range soakMinutes(k.length) {
				k.seedMinute(s, team, m, first.Add(time.Duration(m)*time.Minute).In(zone))
			}
		}
	})
}

func (k *soaking) seedMinute(s *store, team coach.Team, m int, at time.Time) {
	k.Helper()
	date, minute := streak.DateOf(at), at.Hour()*60+at.Minute()
	room, realm := "C0"+strings.ToUpper(soakRoom(m)), team.ID
	if team.Platform == "discord" {
		room, realm = k.d.ChannelID("#"+soakRoom(m)), ""
	}
	plan := &coach.TeamSettings{Channel: room, Spec: "0 9 * * 1", Zone: at.Location().String(), WeekStart: time.Monday, MayManage: "admins", SetUp: at}
	post := coach.Wish{Kind: "nudge", Subject: room, To: coach.ChannelOf(team, room), Date: date, Minute: minute, Zone: at.Location().String(), Exact: true}
	owner := coach.Person{Platform: team.Platform, Realm: realm, User: k.user(team.Platform, duePerson(m, 0))}
	k.y.apply(s, owner, coach.Change{Team: team, TeamPlan: plan, Wishes: []coach.Wish{post}})
	k.expect(team.Platform, soakRoom(m), at)
	for i := range duePerMinute {
		name := duePerson(m, i)
		who := coach.Person{Platform: team.Platform, Realm: realm, User: k.user(team.Platform, name)}
		item := tries()[i]
		f := coach.Flow{ID: "try/" + string(date) + "/" + item, Kind: "try", Item: item, Node: "open", Week: date, Made: at, Expires: at.AddDate(0, 0, 21)}
		ask := coach.Wish{Kind: "question", Subject: f.ID, Date: date, Minute: minute, Zone: at.Location().String(), Exact: true}
		k.y.apply(s, who, coach.Change{Team: team, PutFlows: []coach.Flow{f}, Wishes: []coach.Wish{ask}})
		if team.Platform == "discord" && (m*duePerMinute+i)%10 < knownInTen {
			if err := s.db.KeepRoom(k.Context(), who, k.d.ChannelID(name)); err != nil {
				k.Fatal(err)
			}
		}
		k.expect(team.Platform, name, at)
	}
}

func (k *soaking) user(platform coach.Platform, name string) string {
	if platform == "discord" {
		return k.d.Person(name).ID()
	}
	return k.s.Person(name).ID()
}

// expect notes that one message is due somewhere.
func (k *soaking) expect(platform coach.Platform, place string, at time.Time) {
	k.due[string(platform)+" "+place] = at
	id := ""
	switch {
	case platform == "slack":
		id = k.s.ChannelID(place)
	case strings.HasPrefix(place, "room"):
		id = k.d.ChannelID("#" + place)
	default:
		id = k.d.ChannelID(place)
	}
	k.places[string(platform)+" "+id] = place
}

func (k *soaking) awaitReady() {
	k.Helper()
	if !k.s.WaitConns(2, patience) || !k.d.WaitReady(1, patience) || !k.d.WaitCommand("/rapport", patience) {
		k.Fatalf("not connected\n%s", k.p.out)
	}
}

// live is the load, until it is over and all of it is answered.
func (k *soaking) live() {
	k.began = time.Now()
	var all sync.WaitGroup
	for _, l := range k.on {
		all.Go(l.run)
	}
	renewals := 0
	all.Go(func() { k.each(k.renewEvery(), func() { k.renew(); renewals++ }) })
	all.Go(func() { k.each(soakSweep, k.sweep) })
	all.Go(func() { k.each(k.length/soakReadings, func() { k.table = append(k.table, k.read()) }) })
	end := time.NewTimer(k.length)
	defer end.Stop()
	select {
	case <-end.C:
	case <-k.p.done:
		k.Errorf("the program ended: %v\n%s", k.p.err, tail(k.p.out.String()))
	}
	close(k.over)
	all.Wait()
	k.sweep()
	took := time.Since(k.began)
	for _, l := range k.on {
		k.Logf("%s: %d gestures of %d people in %s, %.1f a second; the slowest answered after %s", l.name, l.asked, l.met, took.Round(time.Second), float64(l.asked)/took.Seconds(), l.slowest.Round(time.Millisecond))
		if l.asked == 0 {
			k.Errorf("%s: nobody did anything", l.name)
		}
	}
	k.Logf("connections renewed %d times: %d in all in Slack, where %d answers came beside an acknowledgement that was lost and %d forms were sent again, and %d in Discord",
		renewals, k.s.Connected(), k.crossed.beside.Load(), k.crossed.again.Load(), k.d.Connected())
	for i, f := range k.faults {
		if i == 20 {
			k.Errorf("and %d more", len(k.faults)-i)
			break
		}
		k.Error(f)
	}
}

// each does something again and again until it is over.
func (k *soaking) each(every time.Duration, do func()) {
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		select {
		case <-k.over:
			return
		case <-tick.C:
			do()
		}
	}
}

func (k *soaking) renewEvery() time.Duration {
	return min(max(k.length/20, 10*time.Second), 3*time.Minute)
}

// renew renews the connections as the platforms do: Slack with a warning
// before, Discord with the wish to resume.
func (k *soaking) renew() {
	k.s.Refresh(2 * time.Second)
	k.d.Reconnect()
}

// sweep looks at what the program posted by itself since the last time, lets
// people press on it, and has the platforms forget what is long ago.
func (k *soaking) sweep() {
	for _, m := range k.s.Posted("") {
		place := k.places["slack "+m.Channel]
		if m.TS <= k.last[0] || place == "" || m.Via != "chat.postMessage" {
			continue
		}
		k.last[0] = m.TS
		k.arrived(k.on[0], place, m, func(g visitor) {
			p := g.(slackVisitor).p
			if strings.HasPrefix(place, "room") {
				p.In(place)
			} else {
				p.In("")
			}
		}, func() visitor { return slackVisitor{k.s, k.s.Person(place), &k.crossed} })
	}
	for _, m := range k.d.Posted("") {
		place := k.places["discord "+m.Channel]
		if m.ID <= k.last[1] || place == "" || m.Interaction != "" { // ids are of the same length for years
			continue
		}
		k.last[1] = m.ID
		k.arrived(k.on[1], place, m, func(g visitor) {
			p := g.(discordVisitor).p
			if strings.HasPrefix(place, "room") {
				p.In("#" + place)
			} else {
				p.InDM()
			}
		}, func() visitor { return discordVisitor{k.d, k.d.Person(place)} })
	}
	k.s.Forget(soakRecall)
	k.d.Forget(soakRecall)
}

// arrived counts a post, and has somebody press on it: whoever it is for.
func (k *soaking) arrived(l *traffic, place string, on page, look func(visitor), whose func() visitor) {
	a := arrival{on: on, look: look, label: "I'm in"}
	if !strings.HasPrefix(place, "room") {
		a.label = "Well"
		a.whose = whose
	}
	k.seen[strings.ToLower(l.name)+" "+place]++
	l.arrive(a)
}

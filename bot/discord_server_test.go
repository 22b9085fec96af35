package main

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"rapport/adapters/discord"
	"rapport/adapters/discord/discordtest"
	"rapport/coach"
)

// bothRoutes are the two ways in which Discord brings what people do.
var bothRoutes = []string{"gateway", "http"}

// A server is the whole program in a Discord of our own, on a clock that is
// moved by hand: nothing is delivered but by to.
type server struct {
	site
	d    *discordtest.Discord
	way  string // of bothRoutes
	more string // lines of [discord]
	a    *discord.Adapter
}

// openServer starts the program one way, at an instant. more are lines of
// [discord].
func openServer(t *testing.T, way string, at time.Time, set discordtest.Setup, more ...string) *server {
	t.Helper()
	return openServerBy(t, standingClock(at), way, set, more...)
}

// openServerBy is openServer on a clock, which may run.
func openServerBy(t *testing.T, hand *clock, way string, set discordtest.Setup, more ...string) *server {
	t.Helper()
	o := &server{site: newSite(t, hand.Now()), way: way, more: strings.Join(more, "\n")}
	o.hand, set.Now = hand, hand.Now
	o.d = discordtest.New(t, set)
	o.start()
	t.Cleanup(func() {
		if o.ran != nil {
			o.stop()
		}
		o.d.Close()
	})
	return o
}

// lines are [discord] in the configuration.
func (o *server) lines() string {
	more := o.more
	if o.way == "http" {
		more = fmt.Sprintf("public_key = %q\nlisten = \"127.0.0.1:0\"\n%s", o.d.PublicKey(), more)
	}
	return fmt.Sprintf("[discord]\napi_url = %q\ntoken = %q\n%s\n", o.d.APIURL(), o.d.Token(), more)
}

// start starts the program on what it left behind.
func (o *server) start() {
	o.Helper()
	o.open(o.lines())
	var err error
	if o.a, err = discordAdapter(o.cfg.Discord, o.h); err != nil {
		o.Fatal(err)
	}
	o.h.join(o.a, discordPace())
	if o.way == "http" {
		o.d.HTTP("http://" + o.a.Listener.Addr().String() + "/discord")
	}
	o.run(o.a)
	if !o.d.WaitCommand("/rapport", patience) {
		o.Fatal("the commands were not registered")
	}
}

// in is somebody looking at a channel, such as "team" or "Harbour/#pier"; "" is
// their direct messages with the app. They took their time since.
func (o *server) in(name, channel string) *discordtest.Person {
	o.Helper()
	rested(o.h)
	if channel == "" {
		return o.d.Person(name).InDM()
	}
	if !strings.Contains(channel, "/") {
		channel = "#" + channel
	}
	return o.d.Person(name).In(channel)
}

// wantPosts demands how many messages of the program everybody in a channel
// sees, and returns them.
func (o *server) wantPosts(channel string, want int) []discordtest.Message {
	o.Helper()
	got := o.d.Posted("#" + channel)
	if len(got) != want {
		o.Fatalf("#%s has %d posts, want %d\n%s", channel, len(got), want, o.d.Transcript())
	}
	return got
}

// wantDirect demands how many direct messages somebody has.
func (o *server) wantDirect(name string, want int) []discordtest.Message {
	o.Helper()
	got := o.d.Person(name).Direct()
	if len(got) != want {
		o.Fatalf("%s has %d direct messages, want %d\n%s", name, len(got), want, o.d.Transcript())
	}
	return got
}

// setUp does what an admin does to have a weekly post in a channel: Mondays at
// nine in Berlin. The introduction is sent.
func (o *server) setUp(channel string) {
	o.Helper()
	anna := o.in("Anna", "general")
	anna.Command("/rapport-admin")
	anna.Press(anna.WaitMessage("Rapport is here and silent"), "Choose channel and day")
	anna.Submit(anna.WaitModal("Set-up"), map[string]string{"In which channel?": channel, "In which time zone?": "Berlin"})
	anna.Press(anna.WaitMessage("Shall I post it and start?"), "Post it and start")
	anna.WaitMessage("Started")
	o.on(0)
	o.wantPosts(channel, 1)
}

// person is who somebody is for the coach.
func (o *server) person(name string) coach.Person {
	return coach.Person{Platform: "discord", User: o.d.Person(name).ID()}
}

// checkIns counts those of somebody.
func (o *server) checkIns(name string) int {
	o.Helper()
	r, err := o.h.db.Receipt(o.Context(), o.person(name))
	if err != nil {
		o.Fatal(err)
	}
	return r.CheckIns
}

// judge demands what holds at every end: no rule of Discord's was broken, nobody
// was called by name, no token and no name of anybody is in a log, and only the
// introduction and the weekly post were public.
func (o *server) judge() {
	o.Helper()
	o.d.Demand()
	if pings := o.d.Pings(); len(pings) > 0 {
		o.Errorf("people were called: %+v", pings)
	}
	log := o.log.String()
	for _, words := range []string{o.d.Token(), "/webhooks/", "/interactions/", o.d.Person("Anna").ID(), o.d.Person("Ben").ID()} {
		if i := strings.Index(log, words); i >= 0 {
			o.Errorf("the log holds %q: %.300s", words, log[max(0, i-200):])
		}
	}
	for _, name := range []string{"level=ERROR", "panic"} {
		if i := strings.Index(log, name); i >= 0 {
			o.Errorf("the log has %s: %.600s", name, log[i:])
		}
	}
	for _, c := range o.d.Calls() {
		if strings.Contains(c.Raw, o.d.Token()) {
			o.Errorf("the token is in what was sent: %s %s", c.Method, c.Path)
		}
	}
}

// TestDiscordSmoke is the shortest way through the program.
func TestDiscordSmoke(t *testing.T) {
	for _, way := range bothRoutes {
		t.Run(way, func(t *testing.T) {
			alone(t)
			o := openServer(t, way, monday.AddDate(0, 0, -1), discordtest.Setup{})
			ben := o.in("Ben", "general")
			ben.Command("/rapport")
			ben.WaitMessage("Hello, I'm Rapport.")
			o.setUp("team")
			o.to(monday)
			nudge := o.wantPosts("team", 2)[1]
			ben = o.in("Ben", "team")
			ben.Press(nudge, "I'm in")
			ben.Press(ben.WaitMessage("Good. When?"), "Thursday")
			ben.Press(ben.WaitMessage("May I ask you once"), "Yes, Thursday, only that")
			ben.Press(ben.WaitMessage("Is it "), "No, choose my zone")
			ben.Submit(ben.WaitModal("Place and habits"), map[string]string{"Where are you? (time zone)": "New York"})
			ben.WaitMessage("Where you are it is")
			o.to(time.Date(2027, 3, 18, 20, 0, 0, 0, time.UTC))
			asked := o.wantDirect("Ben", 1)[0]
			ben = o.in("Ben", "")
			ben.Press(asked, "Well")
			ben.WaitMessage("Noted.")
			if n := o.checkIns("Ben"); n != 1 {
				t.Errorf("%d check-ins, want 1", n)
			}
			o.judge()
			t.Log(o.d.Transcript())
		})
	}
}

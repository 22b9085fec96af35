package main

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"rapport/adapters/slack"
	"rapport/adapters/slack/slacktest"
	"rapport/coach"
)

// bothWays are the two ways in which Slack brings what people do.
var bothWays = []string{"sockets", "http"}

// An office is the whole program in a Slack of our own, on a clock that is
// moved by hand: nothing is delivered but by to.
type office struct {
	site
	s    *slacktest.Slack
	way  string // of bothWays
	more string // lines of [slack]
	a    *slack.Adapter
}

// people are who is at Lighthouse.
func people() []slacktest.User {
	return []slacktest.User{
		{Name: "Anna", Zone: "Europe/Berlin", Offset: 3600, Admin: true},
		{Name: "Ben", Zone: "America/New_York", Offset: -18000},
		{Name: "Chidi", Zone: "Africa/Lagos", Offset: 3600},
		{Name: "Gina", Zone: "Europe/Berlin", Offset: 3600, Guest: true},
		{Name: "Stig", Zone: "Europe/Oslo", Offset: 3600, Stranger: true, Team: "T0ELSEWHERE"},
	}
}

// rooms are the channels there. The app is not in the last.
func rooms() []slacktest.Channel {
	return []slacktest.Channel{{Name: "general"}, {Name: "leads", Private: true}, {Name: "team", Without: true}}
}

// openOffice starts the program one way, at an instant. more are lines of
// [slack]; who and where set lacks is at Lighthouse.
func openOffice(t *testing.T, way string, at time.Time, set slacktest.Setup, more ...string) *office {
	t.Helper()
	o := &office{site: newSite(t, at), way: way, more: strings.Join(more, "\n")}
	if set.Users == nil {
		set.Users = people()
	}
	if set.Channels == nil {
		set.Channels = rooms()
	}
	set.Now = o.hand.Now
	o.s = slacktest.New(t, set)
	o.start()
	t.Cleanup(func() {
		if o.ran != nil {
			o.stop()
		}
		o.s.Close()
	})
	return o
}

// lines are [slack] in the configuration.
func (o *office) lines() string {
	if o.way == "http" {
		return fmt.Sprintf("signing_secret = %q\nlisten = \"127.0.0.1:0\"\n%s", o.s.SigningSecret(), o.more)
	}
	return fmt.Sprintf("app_token = %q\n%s", o.s.AppToken(), o.more)
}

// start starts the program on what it left behind.
func (o *office) start() {
	o.Helper()
	o.open(fmt.Sprintf("[slack]\napi_url = %q\nbot_token = %q\n%s\n", o.s.APIURL(), o.s.BotToken(), o.lines()))
	var err error
	if o.a, err = slackAdapter(o.cfg.Slack, o.h); err != nil {
		o.Fatal(err)
	}
	o.h.join(o.a, slackPace(o.cfg.Slack))
	if o.way == "http" {
		o.s.Use(o.s.Web("http://" + o.a.Listener.Addr().String() + "/slack"))
	}
	o.run(o.a)
}

// in is somebody looking at a channel; "" is their conversation with the app.
// They took their time since: as much is let through as after half a minute.
func (o *office) in(name, channel string) *slacktest.Person {
	o.Helper()
	rested(o.h)
	return o.s.Person(name).In(channel)
}

// wantPosts demands how many messages of the program everybody in a channel
// sees, and returns them.
func (o *office) wantPosts(channel string, want int) []slacktest.Message {
	o.Helper()
	got := o.s.Posted(channel)
	if len(got) != want {
		o.Fatalf("#%s has %d posts, want %d\n%s", channel, len(got), want, o.s.Transcript())
	}
	return got
}

// setUp does what an admin does to have a weekly post in a channel: Mondays at
// nine in Berlin. The introduction is sent.
func (o *office) setUp(channel string) {
	o.Helper()
	anna := o.in("Anna", "general")
	anna.Command("/rapport setup")
	anna.Press(anna.WaitMessage("Rapport is here and silent"), "Choose channel and day")
	anna.Submit(anna.WaitModal("Go on"), map[string]string{"channel": channel})
	anna.Press(anna.WaitModal("Post it and start"), "Post it and start")
	anna.WaitModal("Started")
	anna.CloseModal()
	o.on(0)
	o.wantPosts(channel, 1)
}

// person is who somebody is for the coach.
func (o *office) person(name string) coach.Person {
	return coach.Person{Platform: "slack", Realm: "T0LIGHT", User: o.s.Person(name).ID()}
}

// checkIns counts those of somebody.
func (o *office) checkIns(name string) int {
	o.Helper()
	r, err := o.h.db.Receipt(o.Context(), o.person(name))
	if err != nil {
		o.Fatal(err)
	}
	return r.CheckIns
}

// judge demands what holds at every end: no rule of Slack's was broken, no
// token is in a log or in what was sent, and only the introduction and the
// weekly post were public.
func (o *office) judge() {
	o.Helper()
	o.s.Demand()
	tokens := []string{o.s.BotToken(), o.s.AppToken(), o.s.SigningSecret()}
	for _, c := range o.s.Calls() {
		said := fmt.Sprint(c.Args)      // without the token of the call itself
		if c.Method == "response_url" { // an upload is Slack's own: slack-go signs it
			said += c.Raw + c.Header
		}
		if slices.ContainsFunc(tokens, func(token string) bool { return strings.Contains(said, token) }) {
			o.Errorf("a token is in %s: %s", c.Method, said)
		}
	}
	log := o.log.String()
	for _, words := range append(tokens, "/hooks/", "ticket", "U0ANNA", "U0BEN") {
		if i := strings.Index(log, words); i >= 0 {
			o.Errorf("the log holds %q: %.300s", words, log[max(0, i-200):])
		}
	}
	for _, name := range []string{"level=ERROR", "panic"} {
		if i := strings.Index(log, name); i >= 0 {
			o.Errorf("the log has %s: %.600s", name, log[i:])
		}
	}
	for _, m := range o.s.Messages("") {
		if m.From == slacktest.Bot && m.For == "" && strings.HasPrefix(m.Channel, "C") && m.Via != "chat.postMessage" {
			o.Errorf("an answer that everybody sees, by %s: %s", m.Via, m.Plain())
		}
	}
}

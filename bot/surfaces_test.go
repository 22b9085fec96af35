package main

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"rapport/adapters/discord/discordtest"
	"rapport/adapters/slack/slacktest"
	"rapport/coach"
)

// slackTalker types lines as an admin of a Slack team, in their conversation
// with the app.
func slackTalker(t *testing.T) func(line string) heard {
	t.Helper()
	s := slacktest.New(t, slacktest.Setup{})
	team := coach.Team{Platform: "slack", ID: "T0LIGHT"}
	h, _ := talker(t, team, coach.Person{Platform: "slack", Realm: team.ID, User: "U0ANNA"})
	h.cfg.Slack.BotToken, h.cfg.Slack.AppToken = newSecret(s.BotToken(), "test"), newSecret(s.AppToken(), "test")
	h.cfg.Slack.APIURL = s.APIURL()
	a, err := slackAdapter(h.cfg.Slack, h)
	if err != nil {
		t.Fatal(err)
	}
	rec := &listener{Handler: h.coach}
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- a.Run(ctx, rec) }()
	t.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			t.Error(err)
		}
		s.Demand()
	})
	if !s.WaitConns(2, 10*time.Second) {
		t.Fatal("no two sockets are open")
	}
	anna := s.Person("Anna")
	return func(line string) heard {
		if a := anna.Command("/rapport " + line); a.Error != "" {
			t.Fatalf("%q: Slack says %s", line, a.Error)
		}
		if v, ok := anna.Modal(); ok {
			t.Logf("%q opened %s", line, v.Title)
			anna.CloseModal()
		}
		return rec.take(t)
	}
}

// discordTalker types lines as somebody in a channel of Discord's, or in their
// direct messages with the app where that is "". The server is Lighthouse.
func discordTalker(t *testing.T, name, channel string) func(line string) heard {
	t.Helper()
	d := discordtest.New(t, discordtest.Setup{})
	h, _ := talker(t, coach.Team{Platform: "discord", ID: d.GuildID("Lighthouse")}, coach.Person{Platform: "discord", User: d.Person("Anna").ID()})
	h.coach.Audiences = nil // else the words for a community
	h.cfg.Discord.Token, h.cfg.Discord.APIURL = newSecret(d.Token(), "test"), d.APIURL()
	a, err := discordAdapter(h.cfg.Discord, h)
	if err != nil {
		t.Fatal(err)
	}
	rec := &listener{Handler: h.coach}
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- a.Run(ctx, zoned{rec}) }()
	t.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			t.Error(err)
		}
		d.Demand()
	})
	if !d.WaitReady(1, patience) || !d.WaitCommand("/rapport", patience) {
		t.Fatal("Discord is not connected")
	}
	who := d.Person(name).InDM()
	if channel != "" {
		who = who.In(channel)
	}
	return func(line string) heard {
		var values []string
		if line != "" {
			values = []string{line}
		}
		if a := who.Command("/rapport", values...); a.Error != "" {
			t.Fatalf("%q: Discord says %s", line, a.Error)
		}
		who.CloseModal()
		return rec.take(t)
	}
}

// zoned tells the time zone of people, as other platforms do: else the coach
// says here and there that it assumes one.
type zoned struct{ coach.Handler }

func (z zoned) Handle(ctx context.Context, r coach.Request) (coach.Reply, error) {
	r.Zone = "Europe/Berlin"
	return z.Handler.Handle(ctx, r)
}

// TestSurfacesTable holds the table of docs/commands.md to what each word does
// where: typed; in Slack's App Home, where nothing can be typed, as one of its
// pages or through its buttons; and offered in Discord while it is typed.
func TestSurfacesTable(t *testing.T) {
	doc, err := os.ReadFile("../docs/commands.md")
	if err != nil {
		t.Fatal(err)
	}
	rows := map[string]string{}
	for _, row := range table(string(doc), "| word | typed | App Home | offered in Discord |") {
		rows[strings.Trim(row[0], "`")] = strings.Join(row[1:], ", ")
	}
	l := newLife(t)
	l.open("Europe/Berlin")
	l.to(lifeStart.AddDate(0, 0, 2)) // the first nudge is out
	inHome := reach(l, "home", "progress", "settings")
	offers := discordOffers(t)
	for _, c := range coach.Commands() {
		if c.Hidden {
			continue
		}
		want := typed(l, c.Verb) + ", " + inHome[c.Verb] + ", " + offers(c.Verb)
		if got := rows[c.Verb]; got != want {
			t.Errorf("docs/commands.md says of %s: %q; it is %q", c.Verb, got, want)
		}
		delete(rows, c.Verb)
	}
	if len(rows) > 0 {
		t.Errorf("docs/commands.md has rows of no word: %v", rows)
	}
}

// discordOffers tells to whom Discord offers a word whose first two letters are
// typed.
func discordOffers(t *testing.T) func(verb string) string {
	t.Helper()
	o := openServer(t, "gateway", monday, discordtest.Setup{})
	offered := func(name, verb string) bool {
		return slices.ContainsFunc(o.in(name, "general").Complete("/rapport", verb[:2]), func(c discordtest.Choice) bool { return c.Value == verb })
	}
	return func(verb string) string {
		switch {
		case offered("Ben", verb):
			return "anyone"
		case offered("Anna", verb):
			return "admins"
		}
		return "nobody"
	}
}

// typed is for whom a word has an answer where it is typed.
func typed(l *life, verb string) string {
	l.Helper()
	refused := func(who string) bool {
		r := l.do(who, coach.Do(verb), nil)
		return r.Message != nil && strings.Contains(r.Message.Fallback(), "for its admins")
	}
	switch {
	case refused("ada"):
		return "nobody"
	case refused("bob"):
		return "admins"
	}
	return "anyone"
}

// reach walks from pages through every button and option, as a member in the
// App Home: "page" for the pages, "button" for what else can be come to, "no"
// for the rest.
func reach(l *life, pages ...string) map[string]string {
	l.Helper()
	how := map[string]string{}
	for _, c := range coach.Commands() {
		how[c.Verb] = "no"
	}
	const enough = 20 // ways to each verb: ideas lead to further ideas
	for range 2 {     // what was begun in the first round shows in the second
		seen, ways := map[string]bool{}, map[string]int{}
		var queue []coach.Action
		for _, p := range pages {
			queue = append(queue, coach.Do(p))
		}
		for len(queue) > 0 {
			a := queue[0]
			queue = queue[1:]
			l.n++
			r, err := l.h.coach.Handle(l.Context(), coach.Request{
				ID: fmt.Sprint("home", l.n), From: coach.Person{Platform: postal, Realm: "T1", User: "cleo"}, Team: l.team,
				At: coach.Address{Kind: coach.Home, Platform: postal, Person: coach.Person{Platform: postal, Realm: "T1", User: "cleo"}}, Action: a, Zone: "Europe/Berlin",
			})
			if err != nil {
				l.Fatal(err)
			}
			how[a.Verb] = "button"
			if r.Message == nil {
				continue
			}
			next := r.Message.Buttons
			if c := r.Message.Choices; c != nil {
				for _, o := range c.Options {
					next = append(next, coach.Button{Action: o.Action})
				}
			}
			for _, b := range next {
				key, verb := fmt.Sprint(b.Action), b.Action.Verb
				if !seen[key] && ways[verb] < enough && verb != "erase" {
					seen[key] = true
					ways[verb]++
					queue = append(queue, b.Action)
				}
			}
		}
	}
	for _, p := range pages {
		how[p] = "page"
	}
	return how
}

package discord

import (
	"context"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"rapport/adapters/discord/discordtest"
	"rapport/coach"
)

// TestForgedRequests change nothing, and are told from each other by no answer.
func TestForgedRequests(t *testing.T) {
	o := openOffice(t, discordtest.Setup{}, overHTTP)
	ben := o.Person("Ben").In("#team")
	bad := append(discordtest.Signatures(), discordtest.Stale, discordtest.Future)
	for _, signature := range bad {
		o.web.Signature = signature
		if a := ben.Command("/rapport"); a.Status != 401 || a.Error == "" {
			t.Errorf("signature %d: got %+v, want 401", signature, a)
		}
		if a := o.web.Ping(); a.Status != 401 {
			t.Errorf("signature %d: a ping got %+v, want 401", signature, a)
		}
	}
	if n := len(o.notices("unsigned")); n != 2*len(bad) {
		t.Errorf("%d are counted, want %d", n, 2*len(bad))
	}
	o.web.Signature = discordtest.Signed
	if a := o.web.Oversized(maxPayload); a.Status != 413 {
		t.Errorf("oversized: got %+v", a)
	}
	if a := o.web.Ping(); !a.Ponged() {
		t.Errorf("ping: got %+v", a)
	}
	if len(o.requests()) > 0 {
		t.Errorf("the coach was asked for %v", o.requests())
	}
	ben.Command("/rapport")
	ben.WaitMessage("I'm Rapport")
}

// TestReady says whether people can be served.
func TestReady(t *testing.T) {
	bothWays(t, func(t *testing.T, o *office) {
		wait(t, "ready", func() bool { return o.adapter.Ready(t.Context()) == nil })
		o.stop()
		if o.adapter.Ready(t.Context()) == nil {
			t.Error("it is ready after its end")
		}
	})
}

// TestDoctor finds nothing wrong where nothing is, and else says what.
func TestDoctor(t *testing.T) {
	o := openOffice(t, discordtest.Setup{})
	if got := levels(t, o.adapter.Check(t.Context())); got != "" {
		t.Errorf("got %q", got)
	}
	team, notices, pier := o.Person("Anna").In("#team").Place(), o.Person("Ben").In("#notices").Place(), o.Person("Dora").In("#pier").Place()
	want := "fail channel " + notices + ", fail channel " + pier
	if got := levels(t, o.adapter.CheckChannels(t.Context(), []string{team, notices, pier})); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	for _, c := range o.Calls() {
		if c.Method == "POST" {
			t.Errorf("%s %s: a check says nothing", c.Method, c.Path)
		}
	}
}

// TestEndsWithToken: whoever runs the coach is told what to do.
func TestEndsWithToken(t *testing.T) {
	d := discordtest.New(t, discordtest.Setup{})
	d.Revoke()
	for name, o := range map[string]Options{
		"application looked up": {Token: d.Token(), APIURL: d.APIURL()},
		"application known":     {Token: d.Token(), APIURL: d.APIURL(), ApplicationID: d.AppID()},
	} {
		a := New(o)
		err := a.Run(t.Context(), nil)
		if err == nil || !strings.Contains(err.Error(), "discord.token") {
			t.Errorf("%s: got %v; want what to do", name, err)
		}
		if ready := a.Ready(t.Context()); ready == nil {
			t.Errorf("%s: it is ready", name)
		}
	}
}

// servers are those that were told of, and those that were left.
func (o *office) servers() (joined map[string][]string, left []string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return maps.Clone(o.joined), slices.Clone(o.left)
}

// TestServers are told of when the app is there, and when it is no longer.
func TestServers(t *testing.T) {
	o := openOffice(t, discordtest.Setup{})
	home := o.GuildID("Lighthouse")
	wait(t, "the server is told of", func() bool { joined, _ := o.servers(); return len(joined) == 1 })
	joined, _ := o.servers()
	if told := joined[home]; len(told) != 4 || told[0] != o.Person("Anna").ID() || !slices.Contains(told, o.ChannelID("#team")) {
		t.Errorf("got %v; want the owner and three channels", joined)
	}
	o.Invite("Harbour")
	wait(t, "another is told of", func() bool { joined, _ := o.servers(); return len(joined) == 2 })
	o.Outage("Harbour", true)
	o.Outage("Harbour", false)
	o.Kick("Lighthouse")
	wait(t, "that one was left", func() bool { _, left := o.servers(); return len(left) > 0 })
	if _, left := o.servers(); !slices.Equal(left, []string{home}) {
		t.Errorf("left %v; want %s alone", left, home)
	}
}

// TestRemovedMeanwhile: a server that the app was removed from while nobody was
// there can be told from those it is in.
func TestRemovedMeanwhile(t *testing.T) {
	told := make(chan []coach.Team, 1)
	o := openOffice(t, discordtest.Setup{}, func(_ *office, options *Options) {
		options.Present = func(_ context.Context, teams []coach.Team, ours func(coach.Team) bool) error {
			for _, t := range append(teams, coach.Team{Platform: platform, ID: guildID}) {
				if !ours(t) {
					return errGuild
				}
			}
			told <- teams
			return nil
		}
	})
	if teams := <-told; len(teams) != 1 || teams[0].ID != o.GuildID("Lighthouse") {
		t.Errorf("got %v", teams)
	}
}

// TestSecondConnection: what Discord tells anew after a drop is taken once, and
// people are served again.
func TestSecondConnection(t *testing.T) {
	o := openOffice(t, discordtest.Setup{})
	ben := o.Person("Ben").In("#team")
	a := ben.Command("/rapport")
	o.Ready()[0].Drop()
	if !o.Wait(10*time.Second, func() bool { return len(o.Resumes()) == 1 && len(o.Ready()) == 1 }) {
		t.Fatalf("not connected again: %v", o.notices(""))
	}
	o.Repeat(a)
	wait(t, "the repetition is counted", func() bool { return len(o.notices("repeated")) == 1 })
	ben.Command("/rapport", "journal")
	ben.WaitMessage("Your journal")
	if got := len(o.Identifies()); got != 1 {
		t.Errorf("%d identifies; want one, and the drop resumed", got)
	}
}

// TestOldNews: what was done while we were away is too old to be answered, and
// changes nothing.
func TestOldNews(t *testing.T) {
	o := openOffice(t, discordtest.Setup{AckTime: 500 * time.Millisecond})
	o.Forge(func(payload map[string]any) { payload["id"] = snowflake(time.Now().Add(-4*time.Second), 1) })
	ben := o.Person("Ben").In("#team")
	if a := ben.Command("/rapport"); a.Kind != 0 {
		t.Errorf("got %+v; want no answer", a)
	}
	if got := len(o.notices("late")); got != 1 || len(o.requests()) > 0 {
		t.Errorf("%d are counted, the coach was asked for %v", got, o.requests())
	}
}

// TestFailingCalls: Discord's own trouble costs nobody an answer, and doubles
// none.
func TestFailingCalls(t *testing.T) {
	const callback, edit = "/interactions/*/*/callback", "/webhooks/*/*/messages/@original"
	for name, f := range map[string]discordtest.Fault{
		"refused":       {Status: http.StatusBadGateway},
		"broken":        {Drop: discordtest.Unread},
		"reply is lost": {Drop: discordtest.Unreplied},
		"reply is odd":  {Body: "<html>"},
		"waits":         {RetryAfter: 100 * time.Millisecond},
	} {
		t.Run(name, func(t *testing.T) {
			o := openOffice(t, discordtest.Setup{})
			ben := o.Person("Ben").In("#team")
			o.Fail(http.MethodPost, callback, f)
			ben.Command("/rapport", "journal")
			ben.WaitMessage("Your journal")
			o.delay(600 * time.Millisecond)
			o.Fail(http.MethodPost, callback, f)
			o.Fail(http.MethodPatch, edit, f)
			ben.Command("/rapport", "3")
			ben.WaitMessage("Find common ground")
			o.stop()
			for _, it := range o.Interactions() {
				if it.Answer == 0 || it.FollowUps > 0 {
					t.Errorf("got %+v; want one answer", it)
				}
			}
			if n := len(ben.Messages()); n != 2 {
				t.Errorf("%d messages; want 2\n%s", n, o.Transcript())
			}
		})
	}
}

// TestDiscordIsDown at the start: it is waited for.
func TestDiscordIsDown(t *testing.T) {
	o := openOffice(t, discordtest.Setup{}, func(o *office, _ *Options) {
		o.Fail(http.MethodGet, "/applications/@me", discordtest.Fault{Status: http.StatusServiceUnavailable})
		o.Fail(http.MethodGet, "/gateway/bot", discordtest.Fault{Status: http.StatusServiceUnavailable})
		o.Fail(http.MethodPut, "/applications/*/commands", discordtest.Fault{Status: http.StatusServiceUnavailable})
	})
	o.Person("Ben").In("#team").Command("/rapport")
	if len(o.notices("reconnecting")) != 2 || len(o.notices("commands not registered")) != 1 {
		t.Errorf("got %v", o.notices(""))
	}
}

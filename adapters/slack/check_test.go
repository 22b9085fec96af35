package slack

import (
	"context"
	"errors"
	"net"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"rapport/adapters/slack/slacktest"
	"rapport/coach"
)

// asked returns an adapter for checks, as bot makes it.
func asked(s *slacktest.Slack, change func(*Options)) *Adapter {
	o := Options{BotToken: s.BotToken(), AppToken: s.AppToken(), APIURL: s.APIURL(), Admins: []string{"U0ANNA"}}
	if change != nil {
		change(&o)
	}
	return New(o)
}

// byName are findings by their names, and the names in order.
func byName(t *testing.T, all []coach.Finding) (map[string]coach.Finding, []string) {
	t.Helper()
	found := make(map[string]coach.Finding)
	var names []string
	for _, f := range all {
		if _, twice := found[f.Name]; twice {
			t.Errorf("two findings named %q", f.Name)
		}
		if (f.Level == coach.OK) != (f.Fix == "") || f.Why == "" {
			t.Errorf("got %+v, want a reason, and what to do wherever something is not ok", f)
		}
		for _, s := range []string{"xoxb-", "xapp-1", "://", "U0ANNA", "slacktestbot"} {
			if strings.Contains(f.Why+f.Fix, s) {
				t.Errorf("%+v holds %q", f, s)
			}
		}
		found[f.Name] = f
		names = append(names, f.Name)
	}
	return found, names
}

func TestCheck(t *testing.T) {
	s := slacktest.New(t, slacktest.Setup{})
	found, names := byName(t, asked(s, nil).Check(t.Context()))
	if want := []string{nameToken, nameScopes, nameClock, nameAppToken, nameSockets, nameDirect}; !slices.Equal(names, want) {
		t.Errorf("got findings %q, want %q", names, want)
	}
	for _, f := range found {
		if f.Level != coach.OK {
			t.Errorf("got %+v, want it ok", f)
		}
	}
	if f := found[nameToken]; !strings.Contains(f.Why, "Lighthouse") {
		t.Errorf("got %+v, want the workspace named", f)
	}
	if len(s.Messages("")) > 0 {
		t.Errorf("people saw %v", s.Messages(""))
	}
	if !s.WaitConns(0, 5*time.Second) {
		t.Error("the connection stays open")
	}
	s.Demand()
}

// TestCheckFinds breaks one thing at a time.
func TestCheckFinds(t *testing.T) {
	scopes := func(add ...string) slacktest.Setup {
		return slacktest.Setup{Scopes: add}
	}
	for _, c := range []struct {
		name   string
		setup  slacktest.Setup
		before func(*slacktest.Slack)
		change func(*Options)
		want   coach.Finding // Why and Fix are parts
	}{
		{name: "no scopes missing without files", setup: scopes("commands", "chat:write", "im:write", "users:read"),
			want: coach.Finding{Name: nameScopes, Level: coach.OK}},
		{name: "scope missing", setup: scopes("commands", "chat:write", "im:write"),
			want: coach.Finding{Name: nameScopes, Level: coach.Fail, Why: "missing: users:read", Fix: "add users:read"}},
		{name: "scope surplus", setup: scopes("commands", "chat:write", "im:write", "users:read", "channels:history"),
			want: coach.Finding{Name: nameScopes, Level: coach.Warn, Why: "not needed: channels:history", Fix: "remove channels:history"}},
		{name: "one missing, one surplus", setup: scopes("commands", "chat:write", "im:write", "im:history"),
			want: coach.Finding{Name: nameScopes, Level: coach.Fail, Why: "missing: users:read; not needed: im:history", Fix: "add users:read"}},
		{name: "wrong bot token", change: func(o *Options) { o.BotToken = "xoxb-other" },
			want: coach.Finding{Name: nameToken, Level: coach.Fail, Why: "invalid_auth", Fix: "slack.bot_token"}},
		{name: "token revoked", before: func(s *slacktest.Slack) { s.Revoke(s.BotToken()) },
			want: coach.Finding{Name: nameToken, Level: coach.Fail, Why: "token_revoked", Fix: "install it again"}},
		{name: "tokens swapped", change: func(o *Options) { o.BotToken, o.AppToken = o.AppToken, o.BotToken },
			want: coach.Finding{Name: nameAppToken, Level: coach.Fail, Why: "not_allowed_token_type", Fix: "slack.app_token"}},
		{name: "app token revoked", before: func(s *slacktest.Slack) { s.Revoke(s.AppToken()) },
			want: coach.Finding{Name: nameAppToken, Level: coach.Fail, Why: "token_revoked", Fix: "slack.app_token"}},
		{name: "app token without its scope", before: func(s *slacktest.Slack) {
			s.Fail("apps.connections.open", slacktest.Fault{Error: "missing_scope", Needed: "connections:write", Provided: "authorizations:read", Times: -1})
		}, want: coach.Finding{Name: nameAppToken, Level: coach.Fail, Why: "connections:write", Fix: "connections:write"}},
		{name: "no socket", before: func(s *slacktest.Slack) { s.Fail("link", slacktest.Fault{Status: 503, Times: -1}) },
			want: coach.Finding{Name: nameAppToken, Level: coach.Warn, Why: "could not be found out", Fix: "check the network"}},
		{name: "no way in", change: func(o *Options) { o.AppToken = "" },
			want: coach.Finding{Name: nameAppToken, Level: coach.Fail, Why: "neither", Fix: "connections:write"}},
		{name: "clock a little off", before: func(s *slacktest.Slack) { s.Skew(50 * time.Second) },
			want: coach.Finding{Name: nameClock, Level: coach.OK, Why: "agrees"}},
		{name: "clock behind", before: func(s *slacktest.Slack) { s.Skew(90 * time.Second) },
			want: coach.Finding{Name: nameClock, Level: coach.Warn, Why: "behind", Fix: "timedatectl"}},
		{name: "clock far ahead", before: func(s *slacktest.Slack) { s.Skew(-5 * time.Minute) },
			want: coach.Finding{Name: nameClock, Level: coach.Fail, Why: "5m0s ahead of", Fix: "timedatectl"}},
		{name: "nobody to write to", change: func(o *Options) { o.Admins = nil },
			want: coach.Finding{Name: nameDirect, Level: coach.Warn, Why: "slack.admins", Fix: "slack.admins"}},
		{name: "admin unknown", change: func(o *Options) { o.Admins = []string{"U0NOBODY"} },
			want: coach.Finding{Name: nameDirect, Level: coach.Fail, Why: "user_not_found", Fix: "slack.admins"}},
		{name: "admin deactivated", before: func(s *slacktest.Slack) { s.Change("Anna", func(u *slacktest.User) { u.Deactivated = true }) },
			want: coach.Finding{Name: nameDirect, Level: coach.Fail, Why: "deactivated", Fix: "slack.admins"}},
		{name: "direct messages unclear", before: func(s *slacktest.Slack) { s.Fail("conversations.open", slacktest.Fault{Status: 502}) },
			want: coach.Finding{Name: nameDirect, Level: coach.Warn, Why: "could not be found out", Fix: "check the network"}},
		{name: "signing secret", change: func(o *Options) { o.AppToken, o.SigningSecret = "", strings.Repeat("0f", 16) },
			want: coach.Finding{Name: nameSecret, Level: coach.OK, Why: "looks like one"}},
		{name: "requests arrive", change: func(o *Options) { o.AppToken, o.SigningSecret = "", strings.Repeat("0f", 16) },
			want: coach.Finding{Name: nameArrive, Level: coach.Warn, Why: "cannot be known", Fix: "press Retry"}},
		{name: "no signing secret", change: func(o *Options) { o.AppToken, o.SigningSecret = "", "xapp-1-whatever" },
			want: coach.Finding{Name: nameSecret, Level: coach.Warn, Why: "does not look like one", Fix: "slack.signing_secret"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := slacktest.New(t, c.setup)
			if c.before != nil {
				c.before(s)
			}
			found, names := byName(t, asked(s, c.change).Check(t.Context()))
			got, ok := found[c.want.Name]
			if !ok || got.Level != c.want.Level || !strings.Contains(got.Why, c.want.Why) || !strings.Contains(got.Fix, c.want.Fix) {
				t.Errorf("got %+v of %q, want one like %+v", got, names, c.want)
			}
		})
	}
}

// Without a token that works, nothing is said of what only it could tell.
func TestCheckOfNothing(t *testing.T) {
	s := slacktest.New(t, slacktest.Setup{})
	_, names := byName(t, asked(s, func(o *Options) { o.BotToken = "xoxb-other" }).Check(t.Context()))
	if want := []string{nameToken, nameAppToken, nameSockets}; !slices.Equal(names, want) {
		t.Errorf("got findings %q, want %q", names, want)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l.Close()
	found, _ := byName(t, asked(s, func(o *Options) { o.APIURL = "http://" + l.Addr().String() + "/api/" }).Check(t.Context()))
	if f := found[nameToken]; f.Level != coach.Fail || !strings.Contains(f.Why, "cannot be reached") || !strings.Contains(f.Fix, "slack.api_url") {
		t.Errorf("got %+v when nobody answers, want it said", f)
	}
}

// TestCheckSeesOtherCopies runs copies on the same app token.
func TestCheckSeesOtherCopies(t *testing.T) {
	s := slacktest.New(t, slacktest.Setup{})
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	for copies, want := range []coach.Level{coach.OK, coach.OK, coach.Warn} {
		if copies > 0 {
			ended := make(chan error, 1)
			go func() {
				ended <- asked(s, func(o *Options) { o.Members = ignored{} }).Run(ctx, silent{})
			}()
			t.Cleanup(func() { <-ended })
			t.Cleanup(cancel)
			if !s.WaitConns(2*copies, 10*time.Second) {
				t.Fatalf("%d connections, want two for each of %d copies", len(s.Conns()), copies)
			}
		}
		found, _ := byName(t, asked(s, nil).Check(t.Context()))
		if f := found[nameSockets]; f.Level != want {
			t.Errorf("%d copies: got %+v, want %q", copies, f, want)
		}
		if !s.WaitConns(2*copies, 10*time.Second) {
			t.Errorf("%d connections after the check, want %d", len(s.Conns()), 2*copies)
		}
	}
}

// ignored is told of people who left.
type ignored struct{}

func (ignored) Leave(context.Context, coach.Person) error   { return nil }
func (ignored) LeaveTeam(context.Context, coach.Team) error { return nil }

// silent has nothing to say.
type silent struct{}

func (silent) Handle(context.Context, coach.Request) (coach.Reply, error) {
	return coach.Reply{}, nil
}

func (silent) Complete(context.Context, coach.Request, string) []coach.Option { return nil }

// A Date without fractions is up to a second behind.
func TestCheckClock(t *testing.T) {
	at := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		date string
		now  time.Time
		want coach.Level
	}{
		{at.Format(http.TimeFormat), at.Add(999 * time.Millisecond), coach.OK},
		{at.Format(http.TimeFormat), at.Add(59 * time.Second), coach.OK},
		{at.Format(http.TimeFormat), at.Add(62 * time.Second), coach.Warn},
		{at.Format(http.TimeFormat), at.Add(-62 * time.Second), coach.Warn},
		{at.Format(http.TimeFormat), at.Add(4*time.Minute + 2*time.Second), coach.Fail},
		{at.Format(http.TimeFormat), at.Add(-4*time.Minute - 2*time.Second), coach.Fail},
		{"", at, coach.Warn},
		{"yesterday", at, coach.Warn},
	} {
		if got := checkClock(c.date, c.now); got.Level != c.want {
			t.Errorf("Date %q at %v: got %+v, want %q", c.date, c.now, got, c.want)
		}
	}
}

// TestReach has all that Slack can say of a channel, and what that means.
func TestReach(t *testing.T) {
	for code, want := range map[string]string{
		"":                                    "",
		"not_in_channel":                      coach.WhyNotIn,
		"channel_not_found":                   coach.WhyNotIn,
		"is_archived":                         "the channel is archived",
		"restricted_action":                   "a setting of the workspace keeps me from posting in the channel",
		"restricted_action_read_only_channel": "the channel is read-only for me",
		// Not known, and so not refused.
		"user_not_in_channel": "",
		"internal_error":      "",
		"ratelimited":         "",
		"unheard_of":          "",
		"invalid_auth":        "",
	} {
		e := newEnd(t)
		if code != "" {
			e.say(refuse("chat.postEphemeral", code))
		}
		a := e.adapter()
		err := a.Reach(t.Context(), coach.ChannelOf(team, testChannel))
		got, _ := errors.AsType[*coach.SendError](err)
		if (err == nil) != (want == "") || got != nil && (got.Fate != coach.Closed || got.Why != want) {
			t.Errorf("%q: got %v (%+v), want the reason %q", code, err, got, want)
		}
		if form := e.last().form; form.Get("user") != "U0RAPPORT" || form.Get("channel") != testChannel {
			t.Errorf("%q: posted %v, want it shown to the app alone", code, form)
		}
		f := a.CheckChannels(t.Context(), []string{testChannel})[0]
		level := coach.Warn
		switch {
		case code == "":
			level = coach.OK
		case want != "" || code == "invalid_auth":
			level = coach.Fail
		}
		if f.Level != level || f.Name != nameChannel+testChannel || (f.Level == coach.Warn) != strings.Contains(f.Why, "could not be found out") {
			t.Errorf("%q: got %+v, want %q, and what is not known said", code, f, level)
		}
	}
}

// Reach refuses what is no channel of this workspace, and nothing when Slack is
// away.
func TestReachElsewhere(t *testing.T) {
	e := newEnd(t)
	a := e.adapter()
	err := a.Reach(t.Context(), coach.ChannelOf(coach.Team{Platform: "elsewhere", ID: "T0LIGHT"}, testChannel))
	if fate, _ := coach.FateOf(err); err == nil || fate != coach.Never {
		t.Errorf("another platform: got %v, want it refused", err)
	}
	if err := a.Reach(t.Context(), coach.DirectTo(anna)); err != nil {
		t.Errorf("direct messages: got %v, want nothing against them", err)
	}
	e.say(func(_ sent, w http.ResponseWriter) { w.WriteHeader(http.StatusBadGateway) })
	if err := e.adapter().Reach(t.Context(), coach.ChannelOf(team, testChannel)); err != nil {
		t.Errorf("Slack away: got %v, want nothing against the channel", err)
	}
}

// Names that Slack gives are fit for a terminal.
func TestPrintable(t *testing.T) {
	if got, want := printable("Zoë \x1b[31m\u202e& co\n"), "Zoë [31m& co"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := len([]rune(printable(strings.Repeat("é", 500)))); got != 80 {
		t.Errorf("got %d characters, want 80", got)
	}
}

// TestCheckChannelsOfSlack goes through a whole Slack.
func TestCheckChannelsOfSlack(t *testing.T) {
	s := slacktest.New(t, slacktest.Setup{Channels: []slacktest.Channel{
		{Name: "away", Without: true}, {Name: "hidden", Private: true, Without: true}, {Name: "old", Archived: true},
	}})
	for _, f := range asked(s, nil).CheckChannels(t.Context(), []string{"C0AWAY", "G0HIDDEN", "C0OLD", "C0NONE"}) {
		if f.Level != coach.Fail || f.Fix == "" {
			t.Errorf("got %+v, want it to fail", f)
		}
	}
	if len(s.Messages("")) > 0 {
		t.Errorf("people saw %v", s.Messages(""))
	}
	s.Demand()
}

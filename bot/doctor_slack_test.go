package main

import (
	"context"
	"fmt"
	"net"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"rapport/adapters/slack/slacktest"
	"rapport/coach"
)

// slackHouse is a folder configured for a Slack of our own, in which a team
// chose its channel in the chat. more are lines of [slack].
func slackHouse(t *testing.T, s *slacktest.Slack, more string) string {
	t.Helper()
	dir := t.TempDir()
	writeFile(t, filepath.Join(dir, "config.toml"), fmt.Sprintf("%s[coach]\nhelp_contact = \"Maria\"\n[slack]\napi_url = %q\nbot_token = %q\n%s\n",
		quietConfig, s.APIURL(), s.BotToken(), more))
	env := Env{Getenv: func(string) string { return "" }, Dir: dir}
	cfg := defaultConfig()
	st, err := openStore(t.Context(), env, cfg, databasePath(env, cfg), time.Now)
	if err != nil {
		t.Fatal(err)
	}
	team, now := coach.Team{Platform: "slack", ID: "T0LIGHT"}, time.Now()
	_, err = st.db.Apply(t.Context(), "setup", coach.Person{Platform: "slack", Realm: "T0LIGHT", User: "U0ANNA"}, coach.Change{
		Team:     team,
		TeamPlan: &coach.TeamSettings{Channel: "C0TEAM", Spec: "0 9 * * 1", Zone: "Europe/Berlin", WeekStart: time.Monday, SetUp: now},
		Wishes:   []coach.Wish{{Kind: "nudge", Subject: "C0TEAM", To: coach.ChannelOf(team, "C0TEAM"), Spec: "0 9 * * 1", Zone: "Europe/Berlin"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := st.Close(); err != nil {
		t.Fatal(err)
	}
	return dir
}

// lighthouse is a Slack of our own in which the app is somebody, as it is in
// Slack: what it posts to try a channel is shown to nobody else.
func lighthouse(t *testing.T) *slacktest.Slack {
	return slacktest.New(t, slacktest.Setup{
		Scopes: []string{"commands", "chat:write", "im:write", "users:read"},
		Users:  []slacktest.User{{Name: "Anna", Zone: "Europe/Berlin", Admin: true}, {ID: slacktest.Bot, Name: "rapport", Bot: true}},
	})
}

// socketLines are the lines of [slack] for Socket Mode.
func socketLines(s *slacktest.Slack) string {
	return fmt.Sprintf("app_token = %q\nadmins = [\"U0ANNA\"]\nnudge_channels = [\"C0GENERAL\"]", s.AppToken())
}

// httpLines are the lines of [slack] for HTTP.
func httpLines(s *slacktest.Slack) string {
	return fmt.Sprintf("signing_secret = %q\nlisten = \"127.0.0.1:0\"\nadmins = [\"U0ANNA\"]", s.SigningSecret())
}

func TestDoctorOnSlack(t *testing.T) {
	s := lighthouse(t)
	found := findings(t, slackHouse(t, s, socketLines(s)), nil)
	for _, f := range found {
		if f.Level != coach.OK {
			t.Errorf("got %+v, want nothing but ok", f)
		}
	}
	for _, name := range []string{"slack: bot token", "slack: scopes", "slack: clock", "slack: direct messages", "slack: app token", "slack: connections",
		"slack: channel C0GENERAL", "slack: channel C0TEAM", "next posts: C0TEAM"} {
		wantFinding(t, found, coach.OK, name)
	}
	if posts := s.Calls("chat.postMessage"); len(posts) > 0 {
		t.Errorf("doctor posted: %v", posts)
	}
}

func TestDoctorOnSlackOverHTTP(t *testing.T) {
	s := lighthouse(t)
	found := findings(t, slackHouse(t, s, httpLines(s)), nil)
	wantNoFail(t, found)
	wantFinding(t, found, coach.OK, "slack: bot token")
	wantFinding(t, found, coach.OK, "slack: signing secret")
	wantFinding(t, found, coach.Warn, "slack: requests", "Event Subscriptions")
}

// TestDoctorFindsOnSlack plants what can be wrong on Slack's side.
func TestDoctorFindsOnSlack(t *testing.T) {
	for _, tt := range []struct {
		name  string
		harm  func(s *slacktest.Slack)
		level coach.Level
		check string
		want  []string
	}{
		{"revoked bot token", func(s *slacktest.Slack) { s.Revoke(s.BotToken()) }, coach.Fail, "slack: bot token", []string{"token"}},
		{"revoked app token", func(s *slacktest.Slack) { s.Revoke(s.AppToken()) }, coach.Fail, "slack: app token", []string{"token"}},
		{"missing scope", func(s *slacktest.Slack) { s.Grant("commands", "chat:write", "users:read") }, coach.Fail, "slack: scopes", []string{"missing: im:write", "install the app again"}},
		{"surplus scope", func(s *slacktest.Slack) {
			s.Grant("commands", "chat:write", "im:write", "users:read", "channels:history")
		}, coach.Warn, "slack: scopes", []string{"not needed: channels:history"}},
		{"clock ahead", func(s *slacktest.Slack) { s.Skew(-2 * time.Minute) }, coach.Warn, "slack: clock", []string{"ahead of Slack's"}},
		{"clock far off", func(s *slacktest.Slack) { s.Skew(10 * time.Minute) }, coach.Fail, "slack: clock", []string{"behind Slack's"}},
		{"not in a configured channel", func(s *slacktest.Slack) {
			s.ChangeChannel("general", func(c *slacktest.Channel) { c.Without = true })
		}, coach.Fail, "slack: channel C0GENERAL", []string{"/invite"}},
		{"a chosen channel is archived", func(s *slacktest.Slack) { s.ChangeChannel("team", func(c *slacktest.Channel) { c.Archived = true }) },
			coach.Fail, "slack: channel C0TEAM", []string{"archived"}},
		{"Slack is down", func(s *slacktest.Slack) { s.Fail("*", slacktest.Fault{Status: 503, Times: -1}) }, coach.Fail, "slack: bot token", nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := lighthouse(t)
			dir := slackHouse(t, s, socketLines(s))
			tt.harm(s)
			found := findings(t, dir, nil)
			wantFinding(t, found, tt.level, tt.check, tt.want...)
			for _, f := range found {
				for _, secret := range []string{s.BotToken(), s.AppToken(), "wss:", "ws:"} {
					if strings.Contains(f.Why+f.Fix, secret) {
						t.Errorf("%+v holds a secret", f)
					}
				}
			}
		})
	}
}

// TestDoctorWithoutAnAnswer has a host that takes connections and says nothing.
func TestDoctorWithoutAnAnswer(t *testing.T) {
	mute, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer mute.Close()
	dir := t.TempDir()
	writeFile(t, filepath.Join(dir, "config.toml"), fmt.Sprintf("%s[slack]\napi_url = \"http://%s/api/\"\nbot_token = \"xoxb-%s\"\napp_token = \"xapp-%s\"\nadmins = [\"U0ANNA\"]\nnudge_channels = [\"C0GENERAL\"]\n",
		quietConfig, mute.Addr(), marker, marker))
	var out strings.Builder
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	began := time.Now()
	err = doctorCmd(ctx, Env{Stdout: &out, Getenv: func(string) string { return "" }, Dir: dir}, "", false)
	if took := time.Since(began); err == nil || took > doctorGrace/2 {
		t.Errorf("got %v after %v, want a failed check soon after the time is over", err, took)
	}
	if text := out.String(); !strings.Contains(text, "fail  slack: bot token") || leaks(text) {
		t.Errorf("got\n%s\nwant that the bot token could not be checked", text)
	}
}

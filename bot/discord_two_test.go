package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"rapport/adapters/discord/discordtest"
	"rapport/adapters/slack/slacktest"
)

// TestTwoPlatforms runs one program on Slack and on Discord at the same time, as
// its command line does: both answer and post, and when one will not have the
// app any more the other goes on, which /readyz and the log say.
func TestTwoPlatforms(t *testing.T) {
	alone(t) // both together
	for gone, why := range map[string]string{"slack": " again", "discord": "discord.token"} {
		t.Run("gone from "+gone, func(t *testing.T) {
			t.Parallel() // most of it is waiting
			twoPlatforms(t, gone, why)
		})
	}
}

func twoPlatforms(t *testing.T, gone, why string) {
	s := slacktest.New(t, slacktest.Setup{Users: people(), Channels: rooms()})
	defer s.Close()
	d := discordtest.New(t, discordtest.Setup{})
	defer d.Close()
	monitor := freeAddress(t)
	env := Env{Dir: t.TempDir(), Getenv: func(string) string { return "" }, Stdin: strings.NewReader(""), Stdout: &lockedBuffer{}, Stderr: &lockedBuffer{}}
	writeFile(t, filepath.Join(env.Dir, "config.toml"), fmt.Sprintf(
		"[slack]\napi_url = %q\nbot_token = %q\napp_token = %q\n[discord]\napi_url = %q\ntoken = %q\n[monitor]\nlisten = %q\n[log]\nlevel = \"debug\"\n",
		s.APIURL(), s.BotToken(), s.AppToken(), d.APIURL(), d.Token(), monitor))
	ctx, end := context.WithCancel(t.Context())
	defer end()
	done := make(chan int, 1)
	go func() { done <- run(ctx, nil, env) }()

	await(t, "both are ready", func() bool {
		status, said := readyz(t, monitor)
		return status == http.StatusOK && strings.Contains(said, "slack: ok") && strings.Contains(said, "discord: ok")
	})
	if !d.WaitCommand("/rapport", patience) {
		t.Fatal("the commands were not registered")
	}
	there, here := s.Person("Anna").In("general"), d.Person("Anna").In("#general")
	there.Command("/rapport")
	there.Press(there.WaitMessage("Rapport is here and silent"), "Choose channel and day")
	there.Submit(there.WaitModal("Go on"), map[string]string{"channel": "general"})
	there.Press(there.WaitModal("Post it and start"), "Post it and start")
	there.WaitModal("Started")
	here.Command("/rapport-admin")
	here.Press(here.WaitMessage("Rapport is here and silent"), "Choose channel and day")
	here.Submit(here.WaitModal("Set-up"), map[string]string{"In which channel?": "team", "In which time zone?": "Berlin"})
	here.Press(here.WaitMessage("Shall I post it and start?"), "Post it and start")
	here.WaitMessage("Started")
	if !s.Wait(patience, func() bool { return len(s.Posted("general")) == 1 }) || !d.Wait(patience, func() bool { return len(d.Posted("#team")) == 1 }) {
		t.Fatalf("%d posts in Slack and %d in Discord, want one each", len(s.Posted("general")), len(d.Posted("#team")))
	}

	other := "discord"
	if gone == "slack" {
		s.Uninstall()
	} else {
		other = "slack"
		d.CloseConns(4004)
	}
	await(t, "/readyz says it", func() bool {
		status, said := readyz(t, monitor)
		return status == http.StatusServiceUnavailable && !strings.Contains(said, gone+": ok") && strings.Contains(said, other+": ok")
	})
	_, said := readyz(t, monitor)
	t.Logf("gone from %s:\n%s", gone, said)
	if !strings.Contains(said, why) {
		t.Errorf("/readyz says\n%s\nwant %q in it", said, why)
	}
	if gone == "slack" {
		d.Person("Ben").In("#general").Command("/rapport", "done well")
		d.Person("Ben").WaitMessage("Noted.")
	} else {
		s.Person("Ben").In("general").Command("/rapport done well")
		s.Person("Ben").WaitMessage("Noted.")
	}
	log := fmt.Sprint(env.Stderr)
	if !strings.Contains(log, "surface ended, the others go on") || !strings.Contains(log, "surface="+gone) {
		t.Errorf("the log does not tell of it:\n%.2000s", log)
	}
	end()
	if status := <-done; status != 1 {
		t.Errorf("status %d, want 1: one of the two had failed", status)
	}
	for _, token := range []string{s.BotToken(), s.AppToken(), d.Token()} {
		if strings.Contains(fmt.Sprint(env.Stdout)+fmt.Sprint(env.Stderr), token) {
			t.Error("it prints a token")
		}
	}
	s.Demand()
	d.Demand()
}

// readyz is what /readyz answers; status 0 while nobody does.
func readyz(t *testing.T, monitor string) (status int, said string) {
	t.Helper()
	res, err := http.Get("http://" + monitor + "/readyz")
	if err != nil {
		return 0, ""
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	http.DefaultClient.CloseIdleConnections()
	return res.StatusCode, string(body)
}

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
)

// TestSlackJoined has the weekly nudge begin by the configuration alone: once,
// also over restarts, and not over what an admin chose since.
func TestSlackJoined(t *testing.T) {
	alone(t)
	o := openOffice(t, "sockets", monday.AddDate(0, 0, -1), slacktest.Setup{}, `nudge_channels = ["C0GENERAL"]`, `admins = ["U0ANNA"]`)
	for range 3 {
		o.stop()
		o.start()
	}
	o.on(time.Minute)
	o.wantPosts("general", 1)
	o.to(monday.Add(2 * time.Hour)) // nobody chose a zone: nine o'clock UTC
	if post := o.wantPosts("general", 2)[1]; !post.At.Equal(monday.Add(time.Hour)) {
		t.Errorf("the nudge came at %s", post.At)
	}
	anna := o.in("Anna", "general")
	anna.Command("/rapport setup")
	anna.Press(nil, "Change")
	anna.Submit(anna.WaitModal("Go on"), map[string]string{"channel": "leads"})
	anna.WaitModal("Saved.")
	for range 2 {
		o.stop()
		o.start()
	}
	o.to(monday.AddDate(0, 0, 8))
	o.wantPosts("general", 2)
	o.wantPosts("leads", 2)
	o.judge()
}

// TestSlackRun runs the whole program as its command line does, with the
// machine's clock: it says where it is, answers, posts, and ends when told to.
func TestSlackRun(t *testing.T) {
	for _, way := range bothWays {
		t.Run(way, func(t *testing.T) {
			alone(t)
			s := slacktest.New(t, slacktest.Setup{Users: people(), Channels: rooms()})
			defer s.Close()
			o := &office{site: site{T: t}, s: s, way: way}
			lines := o.lines()
			if way == "http" {
				address := freeAddress(t)
				lines = strings.Replace(lines, "127.0.0.1:0", address, 1)
				s.Use(s.Web("http://" + address + "/slack"))
			}
			env := Env{Dir: t.TempDir(), Getenv: func(string) string { return "" }, Stdin: strings.NewReader(""), Stdout: &lockedBuffer{}, Stderr: &lockedBuffer{}}
			writeFile(t, filepath.Join(env.Dir, "config.toml"), fmt.Sprintf("%s[slack]\napi_url = %q\nbot_token = %q\n%s\n[log]\nlevel = \"debug\"\n", quietConfig, s.APIURL(), s.BotToken(), lines))
			ctx, end := context.WithCancel(t.Context())
			defer end()
			done := make(chan int, 1)
			go func() { done <- run(ctx, nil, env) }()
			anna := s.Person("Anna").In("general")
			await(t, "an answer", func() bool { return len(s.Calls("auth.test")) > 0 && anna.Command("/rapport").Error == "" })
			anna.Press(anna.WaitMessage("Rapport is here and silent"), "Choose channel and day")
			anna.Submit(anna.WaitModal("Go on"), map[string]string{"channel": "general"})
			anna.Press(anna.WaitModal("Post it and start"), "Post it and start")
			anna.WaitModal("Started")
			if !s.Wait(patience, func() bool { return len(s.Posted("general")) == 1 }) {
				t.Errorf("the introduction is not there\n%s", s.Transcript())
			}
			end()
			select {
			case status := <-done:
				if status != 0 {
					t.Errorf("status %d", status)
				}
			case <-time.After(drainTime):
				t.Errorf("does not end within %s", drainTime)
			}
			said := fmt.Sprint(env.Stdout) + fmt.Sprint(env.Stderr)
			if !strings.Contains(said, "connecting to Slack") || strings.Contains(said, "level=ERROR") {
				t.Errorf("it says\n%s", said)
			}
			for _, token := range []string{s.BotToken(), s.AppToken(), s.SigningSecret()} {
				if strings.Contains(said, token) {
					t.Errorf("it prints a token:\n%s", said)
				}
			}
			s.Demand()
		})
	}
}

// freeAddress is an address of this machine that nobody listens on.
func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

package main

import (
	"bytes"
	"context"
	"fmt"
	"image/png"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"rapport/adapters/slack/slacktest"
)

// TestSlackPictures lives the first week of a team in Slack and draws what
// people see: the pictures of docs/slack.md, and the README's. What a picture
// must show is demanded of it.
func TestSlackPictures(t *testing.T) {
	tab := openBrowser(t)
	l := openSlack(t)
	p := &drawings{t, tab}

	anna := l.Person("Anna").In("team") // an admin
	anna.Command("/rapport setup")
	anna.Press(nil, "Choose channel and day")
	form := anna.WaitModal("In which channel?")
	anna.Submit(form, map[string]string{"In which channel?": "team", "In which time zone?": "Atlantis"})
	anna.WaitModal("I do not know that place")
	p.draw("slack-form", anna.HTML(), "Set-up", "Atlantis", "I do not know that place", "Go on")
	anna.Submit(form, map[string]string{"In which time zone?": "Berlin"})
	anna.Press(anna.WaitModal("Shall I post it and start?"), "Post it and start")
	anna.WaitModal("Started.")
	anna.CloseModal()
	l.waitPost("team", 1)

	ben := l.Person("Ben").In("random")
	ben.Command("/rapport")
	ben.WaitMessage("This week:")
	p.draw("slack-command", ben.HTML(), "Only visible to you", "This week:", "I'm in", "What I keep")

	l.to(time.Date(2026, 11, 23, 8, 1, 0, 0, time.UTC)) // Monday 09:01 in Berlin
	l.waitPost("team", 2)
	chidi := l.Person("Chidi").In("team")
	p.draw("slack-nudge", chidi.HTML(), "This week:", "step 2 of 6", "Buttons answer only you.", "I'm in")
	chidi.Press(nil, "I'm in")
	chidi.WaitMessage("Good. When?")
	chidi.Press(nil, "Thursday")
	chidi.WaitMessage("May I ask you once")
	chidi.Press(nil, "Yes, Thursday, only that")
	chidi.WaitMessage("I will ask you once")

	l.to(time.Date(2026, 11, 26, 15, 1, 0, 0, time.UTC)) // Thursday 16:01 in Lagos
	chidi.In("")
	l.wait("the question", func() bool { return len(chidi.Direct()) == 1 })
	p.draw("slack-direct", chidi.HTML(), "How did it go?", "Well", "So-so", "Hard", "It did not happen")
	chidi.Press(nil, "Well")
	chidi.WaitMessage("Your first week is kept")

	chidi.In("random").Shortcut("journal")
	chidi.WaitModal("Only")
	p.draw("slack-shortcut", chidi.HTML(), "Keep")
	chidi.CloseModal()

	chidi.OpenHome()
	chidi.WaitHome("This week:")
	p.draw("slack-home", chidi.HomeHTML(), "This week:", "Progress", "Settings")

	l.to(time.Date(2026, 11, 30, 8, 1, 0, 0, time.UTC))
	l.waitPost("team", 3)
	anna.In("general").Command("/rapport setup")
	anna.WaitMessage("Last sent:")
	p.draw("slack-setup", anna.HTML(), "Weekly nudge:", "#team", "Last sent:", "Stop everything")
	l.Demand()
}

// A slackLife is a house on a Slack of our own, with a clock moved by hand that
// both follow.
type slackLife struct {
	*slacktest.Slack
	t    *testing.T
	hand *clock
}

func openSlack(t *testing.T) *slackLife {
	t.Helper()
	env := Env{Dir: t.TempDir(), Getenv: func(string) string { return "" }, Stdout: t.Output(), Stderr: t.Output()}
	cfg, err := LoadConfig(env, "")
	if err != nil {
		t.Fatal(err)
	}
	hand := standingClock(lifeStart)
	l := &slackLife{t: t, hand: hand, Slack: slacktest.New(t, slacktest.Setup{
		Now:      hand.Now,
		Scopes:   []string{"commands", "chat:write", "im:write", "users:read"},
		Channels: []slacktest.Channel{{Name: "general"}, {Name: "team"}, {Name: "random"}},
	})}
	cfg.Slack.BotToken, cfg.Slack.AppToken = newSecret(l.BotToken(), "test"), newSecret(l.AppToken(), "test")
	cfg.Slack.APIURL, cfg.Slack.Connections = l.APIURL(), 2
	s, err := openStore(t.Context(), env, cfg, filepath.Join(env.Dir, "slack.db"), hand.Now)
	if err != nil {
		t.Fatal(err)
	}
	h, err := build(env, cfg, s, hand.Now, slog.New(slog.NewTextHandler(t.Output(), nil)))
	if err != nil {
		t.Fatal(err)
	}
	hand.walk = h.runner.Walk
	a, err := slackAdapter(cfg.Slack, h)
	if err != nil {
		t.Fatal(err)
	}
	h.join(a, slackPace(cfg.Slack))
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- h.serve(ctx, a) }()
	t.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			t.Error(err)
		}
		s.Close()
	})
	if !l.WaitConns(2, 10*time.Second) {
		t.Fatal("no two sockets are open")
	}
	return l
}

// to moves the clock of the coach and of Slack.
func (l *slackLife) to(at time.Time) {
	l.t.Helper()
	if err := l.hand.Advance(l.t.Context(), at); err != nil {
		l.t.Fatal(err)
	}
}

func (l *slackLife) wait(what string, done func() bool) {
	l.t.Helper()
	if !l.Wait(10*time.Second, done) {
		l.t.Fatalf("%s did not come\n%s", what, l.Transcript())
	}
}

// waitPost waits until so many messages for everybody stand in a channel.
func (l *slackLife) waitPost(channel string, n int) {
	l.t.Helper()
	l.wait(fmt.Sprintf("post %d", n), func() bool { return len(l.Posted(channel)) == n })
}

// drawings turn what people see into pictures.
type drawings struct {
	*testing.T
	tab context.Context
}

const (
	pictureWidth = 860 // about what a page of a repository shows
	pictureScale = 2
)

func viewport(tall int64) chromedp.Action[chromedp.Void] {
	return chromedp.EmulateViewport(pictureWidth, tall, chromedp.EmulateScale(pictureScale))
}

// draw makes a picture of a page, and demands that these words are in it.
func (p *drawings) draw(name, html string, words ...string) {
	p.Helper()
	ctx, stop := context.WithTimeout(p.tab, 20*time.Second)
	defer stop()
	from := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, html) }))
	defer from.Close()
	if err := chromedp.Do(ctx, viewport(200), chromedp.Navigate(from.URL)); err != nil {
		p.Fatal(err)
	}
	p.shows(ctx, name, words)
	tall, err := chromedp.Run(ctx, chromedp.Evaluate[int64](`document.documentElement.scrollHeight`))
	if err != nil {
		p.Fatal(err)
	}
	if _, err := chromedp.Run(ctx, viewport(tall)); err != nil {
		p.Fatal(err)
	}
	shot, err := chromedp.Run(ctx, chromedp.CaptureScreenshot())
	if err != nil {
		p.Fatal(err)
	}
	size, err := png.DecodeConfig(bytes.NewReader(shot))
	if err != nil {
		p.Fatal(err)
	}
	if size.Width != pictureWidth*pictureScale || size.Height < 200*pictureScale || size.Height > 1000*pictureScale {
		p.Errorf("%s: %d x %d pixels, want %d wide and a height to be looked at", name, size.Width, size.Height, pictureWidth*pictureScale)
	}
	path := filepath.Join(p.ArtifactDir(), name+".png")
	if err := os.WriteFile(path, shot, 0o644); err != nil {
		p.Error(err)
	}
	p.Log(path)
}

// shows demands that the page shows words, and that nothing is cut off or
// sticks out.
func (p *drawings) shows(ctx context.Context, name string, words []string) {
	p.Helper()
	shown, err := chromedp.Run(ctx, chromedp.Evaluate[string](`document.querySelector('.window').innerText`))
	if err != nil {
		p.Fatal(err)
	}
	for _, w := range words {
		if !strings.Contains(shown, w) {
			p.Errorf("%s: the picture lacks %q; it shows\n%s", name, w, shown)
		}
	}
	cut, err := chromedp.Run(ctx, chromedp.Evaluate[[]string](`[...document.querySelectorAll('.window, .window *')].filter(e =>
		e.scrollWidth > document.documentElement.clientWidth ||
		e.scrollHeight > e.clientHeight + 1 && getComputedStyle(e).overflow === 'hidden' && getComputedStyle(e).textOverflow !== 'ellipsis').map(e => e.className + ': ' + e.innerText)`))
	if err != nil {
		p.Fatal(err)
	}
	for _, c := range cut {
		p.Errorf("%s: cut off: %s", name, c)
	}
}

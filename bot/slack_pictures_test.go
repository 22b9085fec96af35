package main

import (
	"bytes"
	"context"
	"fmt"
	"image/png"
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
// people see: the pictures of docs. The week is lived without a browser, too.
func TestSlackPictures(t *testing.T) {
	var pages []drawing
	t.Run("week", func(t *testing.T) { pages = slackWeek(t) })
	if t.Failed() {
		return
	}
	t.Run("draw", func(t *testing.T) {
		tab := openBrowser(t)
		for _, d := range pages {
			d.draw(t, tab)
		}
	})
}

// A drawing is a page of Slack's client and what must be on it.
type drawing struct {
	name, html string
	words      []string
}

// slackWeek lives the week and returns what people saw, one page for each kind
// of place.
func slackWeek(t *testing.T) (pages []drawing) {
	o := openOffice(t, "sockets", monday.AddDate(0, 0, -1), slacktest.Setup{
		Scopes:   []string{"commands", "chat:write", "im:write", "users:read"},
		Channels: []slacktest.Channel{{Name: "general"}, {Name: "team"}, {Name: "random"}},
	})
	see := func(name, html string, words ...string) { pages = append(pages, drawing{name, html, words}) }

	anna := o.in("Anna", "team") // an admin
	anna.Command("/rapport setup")
	anna.Press(nil, "Choose channel and day")
	form := anna.WaitModal("In which channel?")
	anna.Submit(form, map[string]string{"In which channel?": "team", "In which time zone?": "Atlantis"})
	anna.WaitModal("I do not know that place")
	see("slack-form", anna.HTML(), "Set-up", "Atlantis", "I do not know that place", "Go on")
	anna.Submit(form, map[string]string{"In which time zone?": "Berlin"})
	anna.Press(anna.WaitModal("Shall I post it and start?"), "Post it and start")
	anna.WaitModal("Started.")
	anna.CloseModal()
	o.on(time.Minute)
	o.wantPosts("team", 1)

	chidi := o.in("Chidi", "random")
	chidi.Command("/rapport")
	chidi.WaitMessage("This week:")
	see("slack-command", chidi.HTML(), "Only visible to you", "This week:", "I'm in", "What I keep")

	o.to(monday)
	o.wantPosts("team", 2)
	chidi.In("team")
	see("slack-nudge", chidi.HTML(), "This week:", "step 2 of 6", "Buttons answer only you.", "I'm in")
	chidi.Press(nil, "I'm in")
	chidi.Press(chidi.WaitMessage("Good. When?"), "Thursday")
	chidi.Press(chidi.WaitMessage("May I ask you once"), "Yes, Thursday, only that")
	chidi.WaitMessage("I will ask you once")

	o.to(monday.AddDate(0, 0, 3).Add(7 * time.Hour)) // 16:00 in Lagos
	o.wantDirect("Chidi", 1)
	chidi.In("")
	see("slack-direct", chidi.HTML(), "How did it go?", "Well", "So-so", "Hard", "It did not happen")
	chidi.Press(nil, "Well")
	chidi.WaitMessage("Your first week is kept")

	chidi.In("random").Shortcut("journal")
	chidi.WaitModal("A line for yourself")
	see("slack-shortcut", chidi.HTML(), "Only you see it.", "Keep it")
	chidi.CloseModal()

	chidi.OpenHome()
	chidi.WaitHome("This week:")
	see("slack-home", chidi.HomeHTML(), "This week:", "Progress", "Settings")

	o.to(monday.AddDate(0, 0, 7).Add(time.Hour))
	o.wantPosts("team", 3)
	anna.In("general").Command("/rapport setup")
	anna.WaitMessage("Last sent:")
	see("slack-setup", anna.HTML(), "Weekly nudge:", "#team", "Last sent:", "Stop everything")
	o.judge()
	return pages
}

const (
	pictureWidth = 860 // about what a page of a repository shows
	pictureScale = 2
)

func viewport(tall int64) chromedp.Action[chromedp.Void] {
	return chromedp.EmulateViewport(pictureWidth, tall, chromedp.EmulateScale(pictureScale))
}

// draw makes a picture of d in a browser, among the artifacts of the test.
func (d drawing) draw(t *testing.T, tab context.Context) {
	t.Helper()
	ctx, stop := context.WithTimeout(tab, 20*time.Second)
	defer stop()
	from := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, d.html) }))
	defer from.Close()
	if err := chromedp.Do(ctx, viewport(200), chromedp.Navigate(from.URL)); err != nil {
		t.Fatal(err)
	}
	d.shows(t, ctx)
	tall := evaluate[int64](t, ctx, `document.documentElement.scrollHeight`)
	if err := chromedp.Do(ctx, viewport(tall)); err != nil {
		t.Fatal(err)
	}
	shot, err := chromedp.Run(ctx, chromedp.CaptureScreenshot())
	if err != nil {
		t.Fatal(err)
	}
	size, err := png.DecodeConfig(bytes.NewReader(shot))
	if err != nil {
		t.Fatal(err)
	}
	if size.Width != pictureWidth*pictureScale || size.Height < 200*pictureScale || size.Height > 1000*pictureScale {
		t.Errorf("%s: %d x %d pixels, want %d wide and a height to be looked at", d.name, size.Width, size.Height, pictureWidth*pictureScale)
	}
	path := filepath.Join(t.ArtifactDir(), d.name+".png")
	if err := os.WriteFile(path, shot, 0o644); err != nil {
		t.Error(err)
	}
	t.Log(path)
}

// shows demands that the page shows its words, and that nothing is cut off or
// sticks out.
func (d drawing) shows(t *testing.T, ctx context.Context) {
	t.Helper()
	shown := evaluate[string](t, ctx, `document.querySelector('.window').innerText`)
	for _, w := range d.words {
		if !strings.Contains(shown, w) {
			t.Errorf("%s: the picture lacks %q; it shows\n%s", d.name, w, shown)
		}
	}
	for _, c := range evaluate[[]string](t, ctx, `[...document.querySelectorAll('.window, .window *')].filter(e =>
		e.scrollWidth > document.documentElement.clientWidth ||
		e.scrollHeight > e.clientHeight + 1 && getComputedStyle(e).overflow === 'hidden' && getComputedStyle(e).textOverflow !== 'ellipsis').map(e => e.className + ': ' + e.innerText)`) {
		t.Errorf("%s: cut off: %s", d.name, c)
	}
}

func evaluate[T any](t *testing.T, ctx context.Context, expression string) T {
	t.Helper()
	v, err := chromedp.Run(ctx, chromedp.Evaluate[T](expression))
	if err != nil {
		t.Fatalf("%s: %v", expression, err)
	}
	return v
}

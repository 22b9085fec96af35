package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"rapport/adapters/web"
)

// TestWeekOnThePage lives a member's and an admin's first weeks in a real
// browser, on the page, with the real coach and a real database: a word, the
// nudge, the one question, the answer, a line, the next step, the progress.
func TestWeekOnThePage(t *testing.T) {
	p := openPage(t)
	p.ask("/rapport step 3")
	p.sees("Find common ground")
	p.shot("step")

	p.click(`document.querySelector('[data-to=monday]')`)
	p.goTo("general")
	p.sees("This week:")
	p.sees("Buttons answer only you.")
	p.press("I'm in")
	p.sees("Good. When?")
	p.shot("nudge")
	p.press("Thursday")
	p.press("Yes, Thursday, only that")
	p.sees("I will ask you once")

	p.move("2026-11-26T17:00")
	p.goTo("")
	p.sees("How did it go?")
	p.press("Well")
	p.sees("Your first week is kept")
	p.press("Write a line about it")
	p.fill("words", "I let them finish.")
	p.sees("Only you can read it here")
	p.shot("kept")

	p.move("2026-11-30T09:01")
	p.goTo("general")
	p.sees("step 3 of 6")
	p.press("I'm in")
	p.press("Today")
	p.press("No, I'll come back")
	p.ask("/rapport done")
	p.press("So-so")
	p.ask("/rapport progress")
	p.sees("2 of your last 2 weeks. 2 in a row. 2 rest weeks in hand.")
	p.shot("progress")
	p.press("As a picture")
	p.until("the picture is drawn", `[...document.querySelectorAll('figure img')].some(i => i.naturalWidth > 1000 && i.alt.includes('kept, 2 weeks'))`)
	p.shot("picture")

	p.ask("/rapport setup")
	p.press("Change")
	p.fill("zone", "Atlantis")
	p.until("the fault stands in the form", `document.querySelector('dialog[open]')?.innerText.includes('I do not know that place')`)
	p.shot("fault")
	p.fill("zone", "Lisbon")
	p.sees("Europe/Lisbon")
	p.shot("setup")
}

// A browserPage is the local page of a whole house in a real browser.
type browserPage struct {
	*testing.T
	ctx  context.Context
	base string
}

func openPage(t *testing.T) *browserPage {
	t.Helper()
	tab := openBrowser(t)
	p := &browserPage{T: t, ctx: tab, base: servePage(t)}
	still := emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-reduced-motion", Value: "reduce"}}}
	if _, err := chromedp.Call(tab, emulation.SetEmulatedMedia, still); err != nil {
		t.Fatal(err)
	}
	p.run(chromedp.Navigate(p.base), chromedp.WaitReady("#composer"))
	return p
}

// openBrowser is a tab of a real browser, until the test ends. Without a
// browser the test is skipped, and says so.
func openBrowser(t *testing.T) context.Context {
	t.Helper()
	binary := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			binary = path
			break
		}
	}
	if binary == "" {
		t.Skip("NOT TESTED IN A BROWSER: chromium is not in PATH; install it to run this test")
	}
	profile, err := os.MkdirTemp("", "page-test-")
	if err != nil {
		t.Fatal(err)
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(binary), chromedp.UserDataDir(profile), chromedp.WindowSize(1200, 900),
		chromedp.NoSandbox, chromedp.DisableGPU, chromedp.NoFirstRun,
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-background-networking", true),
		chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-sync", true),
		chromedp.Env("TZ=Europe/Berlin"))
	ctx, stop := context.WithTimeout(context.Background(), 3*time.Minute)
	alloc, stopBrowser := chromedp.NewExecAllocator(ctx, options...)
	tab, stopTab := chromedp.NewContext(alloc)
	t.Cleanup(func() {
		stopTab()
		stopBrowser()
		stop()
		os.RemoveAll(profile)
	})
	if err := chromedp.Do(tab); err != nil {
		t.Fatalf("start chromium: %v", err)
	}
	return tab
}

// servePage runs a house with its page until the test ends, on a Sunday.
func servePage(t *testing.T) string {
	t.Helper()
	env := Env{Dir: t.TempDir(), Getenv: func(string) string { return "" }, Stdout: t.Output(), Stderr: t.Output()}
	cfg, err := LoadConfig(env, "")
	if err != nil {
		t.Fatal(err)
	}
	cfg.Web.Listen = "127.0.0.1:0"
	hand := runningClock(time.Until(time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)), nil)
	s, err := openStore(t.Context(), env, cfg, filepath.Join(env.Dir, "page.db"), hand.Now)
	if err != nil {
		t.Fatal(err)
	}
	h, err := build(env, cfg, s, hand.Now, slog.New(slog.NewTextHandler(t.Output(), nil)))
	if err != nil {
		t.Fatal(err)
	}
	hand.walk = h.runner.Walk
	page, url, err := h.page(cfg, hand)
	if err != nil {
		t.Fatal(err)
	}
	h.join(page, local())
	if err := h.begin(t.Context(), web.TeamOf(demoTeam), demoChannel, web.PersonOf(demoTeam, "ada"), "Europe/Berlin"); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- h.serve(ctx, page) }()
	t.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			t.Error(err)
		}
		s.Close()
	})
	return url
}

func (p *browserPage) run(steps ...chromedp.Action[chromedp.Void]) {
	p.Helper()
	ctx, stop := context.WithTimeout(p.ctx, 20*time.Second)
	defer stop()
	if err := chromedp.Do(ctx, steps...); err != nil {
		p.shot("failed")
		p.Fatal(err)
	}
}

// until waits for an expression to be true on the page.
func (p *browserPage) until(what, expression string) {
	p.Helper()
	ctx, stop := context.WithTimeout(p.ctx, 15*time.Second)
	defer stop()
	wait := "new Promise(done => { const look = () => (" + expression + ") ? done(true) : setTimeout(look, 20); look() })"
	if _, err := chromedp.Run(ctx, chromedp.Evaluate[bool](wait, chromedp.EvalAwaitPromise)); err != nil {
		p.shot("failed")
		p.Fatalf("%s: %v", what, err)
	}
}

func (p *browserPage) sees(words string) {
	p.Helper()
	p.until("sees "+words, fmt.Sprintf(`document.querySelector('#items').innerText.includes(%q)`, words))
}

func (p *browserPage) click(element string) {
	p.Helper()
	p.until("click "+element, fmt.Sprintf(`(e => e && !e.disabled ? (e.click(), true) : false)(%s)`, element))
}

// press presses the newest button of that label.
func (p *browserPage) press(label string) {
	p.Helper()
	p.click(fmt.Sprintf(`[...document.querySelectorAll('#items button')].filter(b => b.innerText.trim() === %q).at(-1)`, label))
}

// ask types into the composer and sends.
func (p *browserPage) ask(words string) {
	p.Helper()
	p.until("no form is open", `!document.querySelector('dialog[open]')`)
	p.run(chromedp.Focus("#composer"), chromedp.KeyEvent(words), chromedp.KeyEvent(kb.Escape), chromedp.KeyEvent(kb.Enter))
}

// fill puts words into an input of the open form and sends it.
func (p *browserPage) fill(name, words string) {
	p.Helper()
	p.until("the form is open", `document.querySelector('dialog[open] form')`)
	p.click(fmt.Sprintf(`(i => { if (!i) return null; i.value = %q; return document.querySelector('dialog[open] button[type=submit], dialog[open] form button:not([type=button])') })(document.querySelector('dialog[open] [name=%q]'))`, words, name))
}

// goTo opens a channel, or the direct messages.
func (p *browserPage) goTo(channel string) {
	p.Helper()
	place := "direct"
	if channel != "" {
		place = "channel/" + channel
	}
	p.click(fmt.Sprintf(`[...document.querySelectorAll('#side a[data-place]')].find(a => a.dataset.place.startsWith(%q))`, place))
	p.until("in "+place, fmt.Sprintf(`document.body.dataset.place.startsWith(%q) && document.querySelector('#composer')`, place))
}

// move moves the page's clock to a local time.
func (p *browserPage) move(to string) {
	p.Helper()
	p.until("the clock is free", `document.querySelector('#clock').ariaBusy !== 'true'`)
	p.until("the clock", fmt.Sprintf(`(i => { i.value = %q; document.querySelector('#goto').requestSubmit(); return true })(document.querySelector('#goto-at'))`, to))
	p.until("the clock is there", fmt.Sprintf(`new Date(document.querySelector('#clock').dataset.now) >= new Date(%q)`, to))
}

func (p *browserPage) shot(name string) {
	p.Helper()
	png, err := chromedp.Run(p.ctx, chromedp.CaptureScreenshot())
	if err != nil {
		p.Errorf("picture: %v", err)
		return
	}
	path := filepath.Join(p.ArtifactDir(), name+".png")
	if err := os.WriteFile(path, png, 0o644); err != nil {
		p.Error(err)
	}
	p.Log(path)
}

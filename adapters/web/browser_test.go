package web

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/chromedp/cdproto/audits"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// chromium starts a real browser, or skips the test where there is none.
func chromium(t *testing.T) context.Context {
	t.Helper()
	var binary string
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable"} {
		if path, err := exec.LookPath(name); err == nil {
			binary = path
			break
		}
	}
	if binary == "" {
		t.Skip("NOT TESTED IN A BROWSER: chromium is not in PATH (also looked for google-chrome); install it to run this test")
	}
	profile, err := os.MkdirTemp("", "web-test-profile-")
	if err != nil {
		t.Fatal(err)
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(binary), chromedp.UserDataDir(profile), chromedp.WindowSize(1280, 860),
		chromedp.NoSandbox, chromedp.DisableGPU, chromedp.NoFirstRun,
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-background-networking", true),
		chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-sync", true),
		chromedp.Env("TZ=Europe/Berlin"),
	)
	ctx, stop := context.WithTimeout(context.Background(), 2*time.Minute)
	ctx, stopBrowser := chromedp.NewExecAllocator(ctx, options...)
	t.Cleanup(func() {
		stopBrowser()
		stop()
		_ = os.RemoveAll(profile) // the browser may still write to it
	})
	return ctx
}

// A tab is one page of a real browser.
type tab struct {
	*stage
	ctx    context.Context
	faults *[]string // what the page's console complained about
}

// tab opens path. Tabs of the same parent share a browser.
func (s *stage) tab(parent context.Context, path string) tab {
	s.Helper()
	ctx, stop := chromedp.NewContext(parent)
	s.Cleanup(stop)
	t := tab{s, ctx, new([]string)}
	// The first call binds the browser's life to its context: no timeout here.
	if err := chromedp.Do(ctx); err != nil {
		s.Fatalf("start chromium: %v", err)
	}
	err := chromedp.Listen(ctx, func(e any) {
		switch e := e.(type) {
		case *runtime.EventExceptionThrown:
			*t.faults = append(*t.faults, e.ExceptionDetails.Text+" "+e.ExceptionDetails.Exception.Description)
		case *audits.EventIssueAdded:
			*t.faults = append(*t.faults, string(e.Issue.Code))
		case *log.EventEntryAdded:
			*t.faults = append(*t.faults, e.Entry.Text+" "+e.Entry.URL)
		}
	})
	if err != nil {
		s.Fatal(err)
	}
	t.run(chromedp.Navigate(s.base+path), chromedp.WaitReady("#composer"))
	return t
}

func (t tab) run(steps ...chromedp.Action[chromedp.Void]) {
	t.Helper()
	ctx, stop := context.WithTimeout(t.ctx, 20*time.Second)
	defer stop()
	if err := chromedp.Do(ctx, steps...); err != nil {
		t.shot("failed")
		t.Fatalf("browser: %v; console: %v", err, *t.faults)
	}
}

// until waits for an expression to be true.
func (t tab) until(what, expression string) {
	t.Helper()
	ctx, stop := context.WithTimeout(t.ctx, 10*time.Second)
	defer stop()
	wait := "new Promise(done => { const look = () => (" + expression + ") ? done(true) : setTimeout(look, 15); look() })"
	if _, err := chromedp.Run(ctx, chromedp.Evaluate[bool](wait, chromedp.EvalAwaitPromise)); err != nil {
		t.shot("failed")
		t.Fatalf("%s: %v; console: %v", what, err, *t.faults)
	}
}

// eval returns what an expression gives.
func eval[T any](t tab, expression string) T {
	t.Helper()
	ctx, stop := context.WithTimeout(t.ctx, 10*time.Second)
	defer stop()
	out, err := chromedp.Run(ctx, chromedp.Evaluate[T](expression))
	if err != nil {
		t.Fatalf("%s: %v", expression, err)
	}
	return out
}

// shot writes a picture of the page beside the test's other artefacts.
func (t tab) shot(name string) {
	t.Helper()
	ctx, stop := context.WithTimeout(t.ctx, 10*time.Second)
	defer stop()
	png, err := chromedp.Run(ctx, chromedp.CaptureScreenshot())
	if err != nil {
		t.Errorf("picture of the page: %v", err)
		return
	}
	path := filepath.Join(t.ArtifactDir(), name+".png")
	if err := os.WriteFile(path, png, 0o644); err != nil {
		t.Error(err)
	}
	t.Log(path)
}

func (t tab) dark(on bool) {
	t.Helper()
	scheme := "light"
	if on {
		scheme = "dark"
	}
	_, err := chromedp.Call(t.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{
		{Name: "prefers-color-scheme", Value: scheme}, {Name: "prefers-reduced-motion", Value: "reduce"},
	}})
	if err != nil {
		t.Fatal(err)
	}
}

func (t tab) size(width, height int64) {
	t.Helper()
	t.run(chromedp.EmulateViewport(width, height))
}

// keys types into whatever has the focus.
func (t tab) keys(words string) { t.Helper(); t.run(chromedp.KeyEvent(words)) }

// ask types a command and waits for its answer.
func (t tab) ask(words string) {
	t.Helper()
	n := eval[int](t, `document.querySelectorAll(".item.private").length`)
	t.run(chromedp.Focus("#composer"))
	t.keys(words)
	t.keys(kb.Escape + kb.Enter)
	t.until(words, fmt.Sprintf(`document.querySelectorAll(".item.private").length > %d`, n))
}

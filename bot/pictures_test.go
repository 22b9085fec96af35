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
)

// A drawing is a page of a chat's client and what must be on it.
type drawing struct {
	name, html string
	words      []string
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

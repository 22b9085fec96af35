package coach_test

import (
	"bytes"
	"image/png"
	"strings"
	"testing"

	"rapport/coach"
)

// TestPicture draws weeks that were kept, rested, missed and paused, and says
// in words what the letters say.
func TestPicture(t *testing.T) {
	k := newTalk(t)
	wantText(t, k.say("progress picture"), "no rush") // nothing to draw yet
	for _, week := range []int{0, 1, 5, 6} {
		k.now = monday.AddDate(0, 0, 7*week)
		k.press(k.say("done"), "Well")
	}
	page := k.say("progress")
	r := k.press(page, "As a picture")
	p := r.Message.Picture
	if p == nil {
		t.Fatal("no picture")
	}
	img, err := png.Decode(bytes.NewReader(p.PNG))
	if err != nil || img.Bounds().Dx() < 900 {
		t.Errorf("picture of %v, %v", img, err)
	}
	if len(p.PNG) > 20_000 {
		t.Errorf("%d bytes", len(p.PNG))
	}
	letters := strings.Fields(strings.Split(grid(t, page), "\n")[0])
	lines := strings.Split(p.Alt, "\n")[1:]
	if len(lines) != len(letters) {
		t.Fatalf("%d weeks in words, %d in letters:\n%s", len(lines), len(letters), p.Alt)
	}
	words := map[string]string{"K": ": kept, once.", "R": ": rest week.", "o": ": open.", ".": ": nothing."}
	for i, l := range letters {
		if !strings.HasSuffix(lines[i], words[l]) {
			t.Errorf("%s is %q in words", l, lines[i])
		}
	}
	for _, line := range strings.Split(page.Message.Sections[0].Text.String(), "\n") {
		if !strings.Contains(p.Alt, line) {
			t.Errorf("the words beside the picture lack %q:\n%s", line, p.Alt)
		}
	}
	wantText(t, k.press(r, "As letters"), "Oldest left")
}

// grid is the text grid of the progress page.
func grid(t *testing.T, r coach.Reply) string {
	t.Helper()
	for _, s := range r.Message.Sections {
		if s.Text[0].Style == coach.Code {
			return s.Text[0].Words
		}
	}
	t.Fatalf("no grid in %s", r.Message.Fallback())
	return ""
}

func TestNoPictureWhereNoneCanBeShown(t *testing.T) {
	k := newTalk(t)
	k.press(k.say("done"), "Well")
	for _, text := range []string{"progress", "progress picture"} {
		q := k.request(coach.Parse(text), nil)
		q.TextOnly = true
		r := k.send(q)
		if r.Message.Picture != nil {
			t.Errorf("%s: a picture", text)
		}
		grid(t, r)
		for _, b := range r.Message.Buttons {
			if b.Label == "As a picture" {
				t.Errorf("%s: offers a picture", text)
			}
		}
	}
}

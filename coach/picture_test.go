package coach_test

import (
	"bytes"
	"fmt"
	"image/png"
	"strings"
	"testing"
	"time"

	"rapport/coach"
	"rapport/coach/streak"
)

// TestPicture lives weeks that were kept, rested and missed, and holds the
// picture, its words and the page in letters to each other.
func TestPicture(t *testing.T) {
	k := newTalk(t)
	wantText(t, k.say("progress picture"), "no rush") // nothing to draw yet
	for _, week := range []int{0, 1, 5, 6} {
		k.now = monday.AddDate(0, 0, 7*week)
		k.press(k.say("done"), "Well")
	}
	page := k.say("progress")
	light := k.press(page, "As a picture")
	wantPicture(t, light, "weeks.png")
	dark := k.press(light, "Dark picture")
	wantPicture(t, dark, "weeks-dark.png")
	if !light.Replace || dark.Replace {
		t.Error("the dark picture takes the place of the light one, or the light one does not that of the page")
	}
	wantPicture(t, k.press(dark, "Light picture"), "weeks.png")
	wantPicture(t, k.say("Progress Picture Dark."), "weeks-dark.png")
	if bytes.Equal(light.Message.Picture.PNG, dark.Message.Picture.PNG) || light.Message.Picture.Alt != dark.Message.Picture.Alt {
		t.Error("the looks are the same, or their words are not")
	}
	sentence := page.Message.Sections[0].Text.String()
	words, said := strings.CutPrefix(light.Message.Picture.Alt, sentence+"\n")
	if !said {
		t.Errorf("the words begin with\n%s\nwant %s", words, sentence)
	}
	steps := k.press(light, "As letters")
	wantText(t, steps, sentence, "Oldest left", words)
	want := "    Dec Jan\n  KKRR.oo\n1 .......\n2 1......\n3 .1.....\n4 .......\n5 .......\n6 ......."
	if got := grid(t, steps); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	want = "7 weeks from 23 Nov 2026 on, by the days they begin:\nkept, 2 weeks: 23 Nov to 30 Nov\nrest week, 2 weeks: 7 Dec to 14 Dec\n" +
		"open, 2 weeks: 28 Dec to 4 Jan\nnothing: 21 Dec\n2 Remember the basics: once in 1 week\n3 Find common ground: once in 1 week"
	if words != want {
		t.Errorf("got\n%s\nwant\n%s", words, want)
	}
	wantText(t, k.press(steps, "12 weeks"), "Rest weeks are used by themselves")
}

// wantPicture demands a picture of that name within all limits.
func wantPicture(t *testing.T, r coach.Reply, name string) {
	t.Helper()
	if r.Message == nil || r.Message.Picture == nil {
		t.Fatal("no picture")
	}
	p := r.Message.Picture
	img, err := png.Decode(bytes.NewReader(p.PNG))
	if err != nil || img.Bounds().Dx() < 1000 {
		t.Errorf("picture of %v, %v", img, err)
	}
	if len(p.PNG) > 120_000 || p.Name != name {
		t.Errorf("%s of %d bytes, want %s of at most 120000", p.Name, len(p.PNG), name)
	}
}

// TestHalfYear draws the most varied half year there can be, after some months
// of which nothing may show: the words name every week and every step, within
// their limit.
func TestHalfYear(t *testing.T) {
	k := newTalk(t)
	var log []streak.Event
	add := func(week int, e streak.Event) {
		at := monday.AddDate(0, 0, 7*week).Add(time.Duration(len(log)) * time.Second)
		e.Key = fmt.Sprint("e", len(log))
		log = append(log, streak.Stamp(at, time.UTC, e))
	}
	for week := range 40 {
		switch {
		case week%3 == 1 && week < 36:
			d := streak.DateOf(monday.AddDate(0, 0, 7*week))
			add(week, streak.Event{Kind: []streak.Kind{streak.Illness, streak.Excused}[week%2], From: d, Until: d})
		case week%3 == 0:
			for i := range 70 {
				add(week, streak.Event{Kind: streak.CheckIn, Step: i % 7})
			}
		}
	}
	k.now = monday.AddDate(0, 0, 7*39)
	if _, err := k.store.Apply(t.Context(), "", k.who, coach.Change{Events: log}); err != nil {
		t.Fatal(err)
	}
	alt := k.say("progress picture").Message.Picture.Alt
	if strings.HasSuffix(alt, "\u2026") || !strings.Contains(alt, "26 weeks from 1 Mar 2027 on") {
		t.Errorf("got %d characters:\n%s", len(alt), alt)
	}
	if n := strings.Count(alt, ": 90 times in 9 weeks"); n != 7 {
		t.Errorf("%d rows with what was done, want 7:\n%s", n, alt)
	}
	for _, line := range []string{
		"kept, 9 weeks: 8 Mar, 29 Mar, 19 Apr, 10 May, 31 May, 21 Jun, 12 Jul, 2 Aug, 23 Aug", "rest week, 2 weeks: 3 May, 26 Jul",
		"pause, 4 weeks: 15 Mar, 26 Apr, 7 Jun, 19 Jul", "not your doing, 3 weeks: 5 Apr, 17 May, 28 Jun", "open: 16 Aug",
	} {
		if !strings.Contains(alt, "\n"+line+"\n") {
			t.Errorf("got\n%s\nwant %s", alt, line)
		}
	}
	for week := 14; week < 40; week++ {
		if day := monday.AddDate(0, 0, 7*week).Format("2 Jan"); !strings.Contains(alt, " "+day) {
			t.Errorf("the week of %s is not named:\n%s", day, alt)
		}
	}
	lines := strings.Split(grid(t, k.say("progress steps")), "\n")
	if len(lines) != 9 {
		t.Fatalf("got %d lines, want months, weeks and seven rows", len(lines))
	}
	for i, l := range lines[1:] {
		if len(l) != 2+26 || i > 0 && strings.Count(l[2:], "+") != 9 {
			t.Errorf("row %d is %q, want 26 weeks, 9 of them with more than nine", i, l)
		}
	}
}

// TestSeventhRow gives what belongs to no step a place, and only then.
func TestSeventhRow(t *testing.T) {
	k := newTalk(t)
	k.press(k.say("done"), "Well")
	before := k.say("progress picture").Message.Picture
	if strings.Contains(before.Alt, "Anything else") || len(strings.Split(grid(t, k.say("progress steps")), "\n")) != 8 {
		t.Errorf("a row for nothing:\n%s", before.Alt)
	}
	k.fill(k.say("journal write"), map[string]string{"words": "It went well."})
	after := k.say("progress picture").Message.Picture
	if !strings.Contains(after.Alt, "\nAnything else: once in 1 week") || !strings.Contains(grid(t, k.say("progress steps")), "\n- 1") {
		t.Errorf("the entry is not there:\n%s", after.Alt)
	}
	a, _ := png.DecodeConfig(bytes.NewReader(before.PNG))
	b, _ := png.DecodeConfig(bytes.NewReader(after.PNG))
	if b.Height <= a.Height {
		t.Errorf("the picture with a seventh row is %d high, the one without %d", b.Height, a.Height)
	}
}

// A sentence that begins like the command is one still.
func TestPictureTyped(t *testing.T) {
	for text, want := range map[string]string{
		"progress picture dark": "progress", "WEEKS picture light": "progress", "progress steps": "progress",
		"progress with Ben is slow": "else", "weeks picture bright": "else",
	} {
		if got := coach.Parse(text); got.Verb != want {
			t.Errorf("%q is read as %q, want %s", text, got, want)
		}
	}
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
	for _, text := range []string{"progress", "progress picture", "progress picture dark", "progress steps"} {
		q := k.request(coach.Parse(text), nil)
		q.TextOnly = true
		r := k.send(q)
		if r.Message.Picture != nil {
			t.Errorf("%s: a picture", text)
		}
		if g := grid(t, r); text != "progress" {
			wantText(t, r, "kept: 23 Nov", "once in 1 week")
		} else if g != " K\n 1" {
			t.Errorf("got\n%s", g)
		}
		for _, b := range r.Message.Buttons {
			if strings.Contains(b.Label, "picture") {
				t.Errorf("%s: offers a picture", text)
			}
		}
	}
}

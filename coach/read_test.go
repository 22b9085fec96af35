package coach_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"rapport/coach"
	"rapport/coach/coachtest"
)

// exporting makes the coach of k export that, for k's person alone.
func (k *talk) exporting(export any) {
	k.Helper()
	k.coach.Export = func(_ context.Context, who coach.Person) ([]byte, error) {
		if who != k.who {
			return nil, fmt.Errorf("asked for %s", who)
		}
		return json.MarshalIndent(export, "", "  ")
	}
}

// readAll turns every page from the first on, and back again, and returns what
// they held.
func readAll(k *talk, first coach.Reply) (text string, pages int) {
	k.Helper()
	r := first
	for {
		pages++
		wantText(k.T, r, fmt.Sprintf("page %d of ", pages))
		if r.File != nil || r.Public || r.Message.Notice == "" || strings.Contains(r.Message.NoticeLine(), "{") {
			k.Fatalf("page %d: file %v, public %v, notice %q", pages, r.File, r.Public, r.Message.Notice)
		}
		for _, s := range r.Message.Sections {
			if s.Text[0].Style == coach.Code {
				text += s.Text[0].Words + "\n"
			}
		}
		if r.Message.Buttons[0].Label != "Next" {
			break
		}
		r = k.textOnly(r.Message.Buttons[0].Action)
	}
	for back := pages; back > 1; back-- {
		r = k.textOnly(button(k.T, r, "Back"))
	}
	if got, want := r.Message.Fallback(), first.Message.Fallback(); got != want {
		k.Errorf("back at the first page:\n%s\nwant\n%s", got, want)
	}
	return text, pages
}

// textOnly does a where neither pictures nor files can be shown.
func (k *talk) textOnly(a coach.Action) coach.Reply {
	k.Helper()
	q := k.request(a, nil)
	q.TextOnly = true
	return k.send(q)
}

// TestReadData reads exports in pages: as long as they get, and with notes that
// want to break out of their place. Put together they are the same JSON.
func TestReadData(t *testing.T) {
	hostile := make([]string, 0, 12)
	for i := range 12 {
		hostile = append(hostile, strings.Repeat(coachtest.Hostile, i)+"\n```\n{\"a\": 1}\u2028\u202e\u0085 end\tof "+strings.Repeat("`", i))
	}
	for name, notes := range map[string][]string{
		"few":     {"A quiet start."},
		"many":    strings.Split(strings.Repeat("I asked one more question and it went well. ", 450), ". "),
		"one":     {strings.Repeat("word ", 4000)},
		"marks":   {strings.Repeat("*_`~|[]()#@-<>&", 900)},
		"hostile": hostile,
		"unicode": {strings.Repeat("Zoë 李雷 👩🏽‍💻 e\u0301 ﷽ ", 400)},
	} {
		t.Run(name, func(t *testing.T) {
			k := newTalk(t)
			k.press(k.say("done"), "Well")
			k.exporting(map[string]any{"person": "test/r/ann", "notes": notes})
			got, pages := readAll(k, k.textOnly(coach.Do("data", "download")))
			whole, _ := k.coach.Export(t.Context(), k.who)
			if n := utf8.RuneCount(whole); pages < n/3200 {
				t.Errorf("%d characters on %d pages", n, pages)
			}
			if strings.ContainsAny(got, "\u202e\u202a\u0085\u2028\x00\x1b\x07") {
				t.Error("what cannot be read came through")
			}
			var want, have map[string]any
			if err := json.Unmarshal(whole, &want); err != nil {
				t.Fatal(err)
			}
			if err := json.Unmarshal([]byte(joined(got)), &have); err != nil {
				t.Fatalf("%v in\n%s", err, got)
			}
			if fmt.Sprint(have) != fmt.Sprint(want) {
				t.Error("the pages hold something else than the file")
			}
		})
	}
}

// joined takes out the line ends that a long line was cut at: JSON has none
// inside a string.
func joined(text string) string {
	var b strings.Builder
	inside := false
	for i, r := range text {
		if r == '"' {
			n := 0
			for n < i && text[i-1-n] == '\\' {
				n++
			}
			inside = inside != (n%2 == 0)
		}
		if r != '\n' || !inside {
			b.WriteRune(r)
		}
	}
	return b.String()
}

func TestReadDataEverywhere(t *testing.T) {
	k := newTalk(t)
	wantText(t, k.textOnly(coach.Do("data", "read", "1")), "Nothing is kept about you")
	wantText(t, k.textOnly(coach.Do("data", "download")), "Nothing is kept about you")
	k.press(k.say("done"), "Well")
	k.exporting(map[string]string{"a": strings.Repeat("words ", 900)})
	page := k.say("data")
	first := k.press(page, "Read it here")
	wantText(t, first, "page 1 of ")
	for _, n := range []string{"-1", "0", "x", ""} {
		if got := k.send(k.request(coach.Do("data", "read", n), nil)); got.Message.Title != first.Message.Title {
			t.Errorf("page %q is %q", n, got.Message.Title)
		}
	}
	last := k.send(k.request(coach.Do("data", "read", "999999"), nil))
	wantText(t, last, "page 2 of 2")
	if r := k.press(page, "Download"); r.File == nil {
		t.Error("no file where files can be shown")
	}
	for _, b := range k.textOnly(coach.Do("data")).Message.Buttons {
		if b.Label == "Download" {
			t.Error("offers a file where none can be shown")
		}
	}
	wantText(t, k.textOnly(coach.Do("data", "read")), "rapport export test/r/ann")
}

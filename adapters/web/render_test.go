package web

import (
	"context"
	"reflect"
	"strings"
	"testing"
	"time"

	"rapport/adapters/surface"
	"rapport/coach"
	"rapport/coach/coachtest"
)

func TestGallery(t *testing.T) {
	a := New(Options{Team: "Demo", Channels: []Channel{{"general", "general"}}, People: []Person{{"U1", "Una", false}}})
	for name, m := range coachtest.Gallery() {
		t.Run(name, func(t *testing.T) {
			html := a.drawKept(paneKey{place: place{"general"}}, "ref", m, monday)
			harmless(t, html)
			coachtest.Golden(t, name+".html", html+"\n")
		})
	}
	for name, f := range coachtest.Forms() {
		t.Run("form "+name, func(t *testing.T) {
			html, err := a.sheet(f)
			if err != nil {
				t.Fatal(err)
			}
			harmless(t, string(html))
			coachtest.Golden(t, "form-"+name+".html", string(html)+"\n")
		})
	}
}

// harmless fails the test if words of a message could be more than words.
func harmless(t *testing.T, html string) {
	t.Helper()
	for _, bad := range []string{"<script", "</script", "<b>x", "<img src=x", " onerror=alert(1)>\n", "\x00", "\x07", "\x1b", "\u202e", "\u202c", "#ZgotmplZ"} {
		if strings.Contains(html, bad) {
			t.Errorf("the HTML contains %q:\n%s", bad, html)
		}
	}
}

func TestRowsComeBackAsTheyWere(t *testing.T) {
	a := New(Options{Team: "Demo"})
	for name, m := range coachtest.Gallery() {
		body, err := encodeRow(m)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		got, err := decodeRow(body)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if was, is := a.drawKept(paneKey{place: place{"general"}}, "ref", m, monday), a.drawKept(paneKey{place: place{"general"}}, "ref", got, monday); is != was {
			t.Errorf("%s: got %s\nwant %s", name, is, was)
		}
		if got.NoticeLine() != m.NoticeLine() {
			t.Errorf("%s: got notice %q, want %q", name, got.NoticeLine(), m.NoticeLine())
		}
	}
}

// TestOldRows reads a row as version 1 wrote it. It must pass for ever.
func TestOldRows(t *testing.T) {
	const old = `{"v":1,"title":"T","sections":[{"text":[{"style":"bold","words":"b"},{"words":"p"},{"style":"moment","words":"m","at":"2026-11-26T15:00:00Z"},{"style":"of the future","words":"f"}],"quiet":true}],` +
		`"choices":{"label":"c","options":[{"label":"o","action":"1step:2"}]},"buttons":[{"label":"l","action":"1home","tone":"primary"}],"picture":{"name":"n","png":"AQI=","alt":"a"},"notice":"x"}`
	got, err := decodeRow([]byte(old))
	if err != nil {
		t.Fatal(err)
	}
	want := coach.Message{
		Title: "T", Notice: "x",
		Sections: []coach.Section{{Quiet: true, Text: coach.Text{
			{Style: coach.Bold, Words: "b"}, {Words: "p"},
			{Style: coach.Moment, Words: "m", At: time.Date(2026, 11, 26, 15, 0, 0, 0, time.UTC)}, {Words: "f"},
		}}},
		Choices: &coach.Select{Label: "c", Options: []coach.Pick{{Label: "o", Action: coach.Do("step", "2")}}},
		Buttons: []coach.Button{{Label: "l", Action: coach.Action{Verb: "home", Args: []string{}}, Primary: true}},
		Picture: &coach.Picture{Name: "n", PNG: []byte{1, 2}, Alt: "a"},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v\nwant %+v", got, want)
	}
}

func TestRowsOfOtherVersionsDoNotBreakThePage(t *testing.T) {
	s := open(t, &script{})
	for key, body := range map[string]string{"a": `{"v":2}`, "b": `nonsense`} {
		if _, err := s.book.Keep(t.Context(), key, "channel/general", []byte(body), monday); err != nil {
			t.Fatal(err)
		}
	}
	s.send(general(), "c", text("readable"))
	html := s.visit("ada").pane("channel/general")
	if n := strings.Count(html, "another version of Rapport"); n != 2 || !strings.Contains(html, "readable") {
		t.Errorf("%d messages are said to be unreadable, want 2 beside a readable one", n)
	}
	s.book.fault = errBroken
	if code, line := s.bare("ada").get("/as/ada/direct"); code != 500 || strings.Contains(line, errBroken.Error()) {
		t.Errorf("broken history: got %d %q, want 500 and a kind line", code, line)
	}
}

func TestKeptPictures(t *testing.T) {
	s := open(t, &script{})
	m := text("Your weeks")
	m.Picture = &coach.Picture{Name: "weeks.png", PNG: []byte("\x89PNG weeks"), Alt: "weeks"}
	ref := s.send(direct("ada"), "p", m)
	ada := s.visit("ada")
	html := ada.pane("direct")
	url := "/picture/direct/ada/" + ref
	if !strings.Contains(html, `src="`+url+`"`) {
		t.Fatalf("no picture at %s", url)
	}
	if code, body := ada.get(url); code != 200 || body != "\x89PNG weeks" {
		t.Errorf("got %d %q", code, body)
	}
	if code, _ := ada.get("/picture/direct/bob/" + ref); code != 404 {
		t.Errorf("under another's name: got %d, want 404", code)
	}
}

func TestVisible(t *testing.T) {
	for in, want := range map[string]string{
		"plain\n\ttext":         "plain\n\ttext",
		"a\u202eb\u2066c\u200f": "abc",
		"\x00\x1b[1m\x7f\u0085": "[1m",
		"line\u2028end":         "line\nend",
		"👩🏽‍💻 e\u0301":          "👩🏽‍💻 e\u0301",
	} {
		if got := surface.Visible(in); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
}

func TestPeople(t *testing.T) {
	c := newCrowd([]Person{{"ada", "Ada", true}})
	for name, want := range map[string]string{"Zoë O'Neill": "zoë-o-neill", " ada ": "ada", "李雷": "李雷", "U+202E \u202eEve": "u-202e-eve"} {
		if p, err := c.add(name); err != nil || p.User != want || p.User != "ada" && p.Admin {
			t.Errorf("%q: got %+v, %v; want user %q", name, p, err, want)
		}
	}
	for _, bad := range []string{"", "   ", "!!!", strings.Repeat("a", maxName+1), "\u202e"} {
		if p, err := c.add(bad); err == nil {
			t.Errorf("%q: got %+v, want it refused", bad, p)
		}
	}
	for name, want := range map[string]string{"Ada": "A", "Zoë O'Neill": "ZO", "a b c": "AC", "": ""} {
		if got := initials(name); got != want {
			t.Errorf("initials of %q: got %q, want %q", name, got, want)
		}
	}
}

func TestClockTargets(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	at := func(s string) time.Time {
		when, err := time.ParseInLocation("2006-01-02 15:04", s, berlin)
		if err != nil {
			t.Fatal(err)
		}
		return when
	}
	for _, tt := range []struct{ now, step, want string }{
		{"2026-11-23 10:15", "hour", "2026-11-23 11:15"},
		{"2026-10-24 10:15", "day", "2026-10-25 10:15"}, // 25 hours
		{"2026-11-23 08:59", "monday", "2026-11-23 09:00"},
		{"2026-11-23 09:00", "monday", "2026-11-30 09:00"},
		{"2026-11-29 23:00", "monday", "2026-11-30 09:00"},
		{"2026-11-23 10:15", "2026-12-24T18:00", "2026-12-24 18:00"},
		{"2026-11-23 10:15", "2026-11-23T10:15", ""},
		{"2026-11-23 10:15", "2020-01-01T00:00", ""},
		{"2026-11-23 10:15", "2036-01-01T00:00", ""},
		{"2026-11-23 10:15", "tomorrow", ""},
		{"2026-11-23 10:15", "", ""},
	} {
		got, why := target(tt.step, at(tt.now))
		if tt.want == "" {
			if why == "" {
				t.Errorf("%s from %s: got %v, want it refused", tt.step, tt.now, got)
			}
		} else if why != "" || !got.Equal(at(tt.want)) {
			t.Errorf("%s from %s: got %v %q, want %s", tt.step, tt.now, got, why, tt.want)
		}
	}
}

func TestClockMovesOnceAndTellsNothingOfOthers(t *testing.T) {
	s := open(t, &script{})
	ada := s.visit("ada")
	again := make(chan int, 1)
	moves := 0
	bob := s.visit("bob")
	s.clock.onTheWay = func(context.Context, time.Time) error {
		moves++
		s.send(direct("bob"), "b", text("for Bob"))
		code, _ := bob.post("clock", gesture{To: "hour"})
		again <- code
		return errBroken
	}
	g := gesture{ID: "one-move", To: "day"}
	out := ada.do("clock", g)
	if code := <-again; code != 503 {
		t.Errorf("a second move on the way: got %d, want 503", code)
	}
	if !strings.Contains(out.Line, "Something went wrong") || !strings.Contains(out.Line, "Nothing was due") {
		t.Errorf("got %q, want a fault, and Bob's message left out", out.Line)
	}
	if got := ada.do("clock", g); moves != 1 || got.Line != out.Line {
		t.Errorf("tried again: moved %d times, %q", moves, got.Line)
	}
	if s.Faults().Clock != 1 {
		t.Errorf("counted %d, want 1", s.Faults().Clock)
	}
}

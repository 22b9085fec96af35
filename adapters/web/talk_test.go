package web

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"rapport/coach"
)

// marker is what a person types; it must never be seen but by them.
const marker = "zanzibar-7731"

func TestTypedWordsReachOnlyTheCoachAndTheirPage(t *testing.T) {
	c := &script{}
	c.does("else", func(_ context.Context, r coach.Request) (coach.Reply, error) {
		return coach.Say(text("You said " + r.Arg(0))), nil
	})
	s := open(t, c)
	ada, bob := s.visit("ada"), s.visit("bob")

	out := ada.do("say", gesture{Text: "/rapport " + marker, Place: "channel/general", Zone: "Europe/Berlin", Locale: "de-DE"})
	if len(out.Events) != 2 {
		t.Fatalf("got %d events, want what was typed and the answer", len(out.Events))
	}
	if html := out.Events[1].HTML; !strings.Contains(html, "Only visible to you") || !strings.Contains(html, marker) {
		t.Errorf("answer is not private or not the coach's:\n%s", html)
	}
	r := c.asked[0]
	want := coach.Request{
		ID: r.ID, From: PersonOf("Demo", "ada"), Team: TeamOf("Demo"), At: general(),
		Action: r.Action, Zone: "Europe/Berlin", Locale: "de-DE", Admin: true,
	}
	if r.ID == "" || r.At != want.At || r.From != want.From || r.Team != want.Team || r.Zone != want.Zone || r.Locale != want.Locale || !r.Admin || r.Shared || r.Answers != nil {
		t.Errorf("got request %+v\nwant %+v", r, want)
	}
	if html := ada.pane("channel/general"); !strings.Contains(html, marker) {
		t.Error("a reload lost the private answer while the server ran")
	}
	if html := bob.pane("channel/general"); strings.Contains(html, marker) {
		t.Error("another person sees what was typed")
	}
	if html := s.visit("ada").pane("channel/general"); strings.Contains(html, marker) {
		t.Error("another browser sees what was typed")
	}
	if strings.Contains(s.book.all(), marker) {
		t.Error("what was typed was stored")
	}
}

func TestOtherWordsGoNowhere(t *testing.T) {
	c := &script{}
	ada := open(t, c).visit("ada")
	for typed, want := range map[string]string{
		"hello all":     "Nobody was sent that",
		"/giphy cat":    "no such command",
		"/rapportage x": "no such command",
	} {
		out := ada.do("say", gesture{Text: typed})
		if got := out.Events[len(out.Events)-1].HTML; !strings.Contains(got, want) {
			t.Errorf("%q: got %s, want %q", typed, got, want)
		}
	}
	if len(c.asked) != 0 {
		t.Errorf("the coach was asked %+v", c.asked)
	}
}

func TestPressIsSharedOnlyOnWhatOthersSee(t *testing.T) {
	c := &script{}
	c.says("home", text("Home"))
	s := open(t, c)
	ada := s.visit("ada")
	told := s.send(general(), "nudge/1", text("This week"))
	mine := s.send(direct("ada"), "question/1", text("How did it go?"))
	private := ada.do("say", gesture{Text: "/rapport", Place: "channel/general"}).Events[1].ID

	for _, tt := range []struct {
		place, item string
		shared      bool
	}{
		{"channel/general", told, true},
		{"channel/general", private, false},
		{"channel/general", "gone", true},
		{"direct", mine, false},
		{"direct", "gone", false},
	} {
		ada.do("press", gesture{Place: tt.place, Item: tt.item, Action: "1home"})
		got := c.asked[len(c.asked)-1]
		if got.Shared != tt.shared {
			t.Errorf("press on %s in %s: got Shared %v, want %v", tt.item, tt.place, got.Shared, tt.shared)
		}
	}
}

func TestReplaceTakesThePlaceOfPrivateMessagesOnly(t *testing.T) {
	c := &script{}
	c.says("home", text("the first answer"))
	next := text("the second answer")
	c.replies("next", coach.Reply{Message: &next, Replace: true})
	s := open(t, c)
	ada := s.visit("ada")
	first := ada.do("say", gesture{Text: "/rapport"}).Events[1].ID
	out := ada.do("press", gesture{Item: first, Action: "1next"})
	if got := out.Events[0].Replace; got != first {
		t.Errorf("got replaced %q, want %q", got, first)
	}
	html := ada.pane("direct")
	if strings.Contains(html, "the first answer") || !strings.Contains(html, "the second answer") {
		t.Error("after a reload the first answer is not replaced by the second")
	}
	told := s.send(direct("ada"), "k", text("told on its own"))
	if got := ada.do("press", gesture{Item: told, Action: "1next"}).Events[0].Replace; got != "" {
		t.Errorf("a message that was sent was replaced: %q", got)
	}
	if !strings.Contains(ada.pane("direct"), "told on its own") {
		t.Error("the sent message is gone")
	}
}

func TestOldActionsGetTheCoachsAnswer(t *testing.T) {
	c := &script{}
	ada := open(t, c).visit("ada")
	out := ada.do("press", gesture{Item: "x", Action: "9from:a:later:version"})
	if len(out.Events) != 1 || len(c.requests("?")) != 1 {
		t.Errorf("got %+v, asked %+v; want the coach asked about an unknown action", out, c.asked)
	}
}

func TestTryingAgainIsTheSameGesture(t *testing.T) {
	c := &script{}
	c.says("home", text("Home"))
	ada := open(t, c).visit("ada")
	g := gesture{ID: "the-same-id", Action: "1home"}
	first, again := ada.do("press", g), ada.do("press", g)
	if got := len(c.requests("home")); got != 1 {
		t.Errorf("the coach was asked %d times, want 1", got)
	}
	if first.Events[0].ID != again.Events[0].ID {
		t.Errorf("got another answer the second time: %q, %q", first.Events[0].ID, again.Events[0].ID)
	}
	if n := strings.Count(ada.pane("direct"), `class="item private"`); n != 1 {
		t.Errorf("the page shows %d answers, want 1", n)
	}
	ada.do("press", gesture{ID: "another-id", Action: "1home"})
	if got := c.requests("home"); len(got) != 2 || got[0].ID == got[1].ID {
		t.Errorf("two gestures: got %+v, want two requests with different ids", got)
	}
}

func TestFormWithFaultThenRight(t *testing.T) {
	c := &script{}
	c.replies("write", coach.Reply{Form: &coach.Form{Title: "Journal", Submit: "Keep", Action: coach.Do("save", "1"), Inputs: []coach.Input{{Name: "words", Label: "Words"}}}})
	c.does("save", func(_ context.Context, r coach.Request) (coach.Reply, error) {
		if r.Answers["words"] == "" {
			m := text("Edit it")
			return coach.Reply{Message: &m, Faults: map[string]coach.Text{"words": coach.P("Please write a word.")}}, nil
		}
		return coach.Say(text("Kept.")), nil
	})
	ada := open(t, c).visit("ada")
	if out := ada.do("press", gesture{Action: "1write"}); !strings.Contains(string(out.Form), `data-do="1save:1"`) || len(out.Events) != 0 {
		t.Fatalf("got %+v, want the form", out)
	}
	out := ada.do("answer", gesture{Action: "1save:1", Answers: map[string]string{"words": ""}})
	if out.Faults["words"] != "Please write a word." || len(out.Events) != 0 {
		t.Errorf("got %+v, want the fault beside its input", out)
	}
	out = ada.do("answer", gesture{Action: "1save:1", Answers: map[string]string{"words": marker}})
	if len(out.Events) != 1 || !strings.Contains(out.Events[0].HTML, "Kept.") {
		t.Errorf("got %+v, want the message", out)
	}
	if got := c.requests("save")[1].Answers["words"]; got != marker {
		t.Errorf("got answer %q, want %q", got, marker)
	}
}

func TestFilesAndPicturesStayWithTheirBrowser(t *testing.T) {
	c := &script{}
	m := text("Your data")
	m.Picture = &coach.Picture{Name: "weeks.png", PNG: []byte("\x89PNG private"), Alt: "9 of 12 weeks"}
	c.replies("data", coach.Reply{Message: &m, File: &coach.File{Name: "data.json", Type: "application/json", Data: []byte(`{"mine":1}`), Alt: "Everything kept"}})
	s := open(t, c)
	ada := s.visit("ada")
	html := ada.do("say", gesture{Text: "/rapport data"}).Events[1].HTML
	for _, what := range []string{`href="`, `src="`} {
		_, rest, _ := strings.Cut(html, what+"/file/")
		id, _, _ := strings.Cut(rest, `"`)
		if code, body := ada.get("/file/" + id); code != http.StatusOK || !strings.Contains(body, "mine") && !strings.Contains(body, "private") {
			t.Errorf("%s: got %d %q", what, code, body)
		}
		if code, _ := s.visit("ada").get("/file/" + id); code != http.StatusNotFound {
			t.Errorf("%s: another browser got %d, want 404", what, code)
		}
	}
	if !strings.Contains(html, `alt="9 of 12 weeks"`) || !strings.Contains(html, `download="data.json"`) {
		t.Errorf("no words for the picture or no file name:\n%s", html)
	}
}

func TestPanicsAndErrorsAreOurs(t *testing.T) {
	c := &script{}
	c.does("boom", func(context.Context, coach.Request) (coach.Reply, error) { panic(marker) })
	c.does("err", func(context.Context, coach.Request) (coach.Reply, error) { return coach.Reply{}, errBroken })
	c.does("nothing", func(context.Context, coach.Request) (coach.Reply, error) { return coach.Reply{}, nil })
	s := open(t, c)
	ada := s.visit("ada")
	for _, verb := range []string{"boom", "err", "nothing"} {
		html := ada.do("press", gesture{Action: "1" + verb}).Events[0].HTML
		if !strings.Contains(html, "Something went wrong on my side") || strings.Contains(html, marker) || strings.Contains(html, errBroken.Error()) {
			t.Errorf("%s: got %s", verb, html)
		}
	}
	if got := s.Faults().Handler; got != 3 {
		t.Errorf("counted %d, want 3", got)
	}
}

func TestLateAnswersFollow(t *testing.T) {
	c := &script{slow: true}
	release := make(chan struct{})
	c.does("slow", func(ctx context.Context, r coach.Request) (coach.Reply, error) {
		select {
		case <-release:
		case <-ctx.Done():
		}
		m := text("It took a while.")
		return coach.Reply{Message: &m, Replace: r.Arg(0) == "replace"}, nil
	})
	c.says("home", text("the old answer"))
	s := open(t, c)
	ada := s.visit("ada")
	events := ada.listen("direct", "")
	old := ada.do("say", gesture{Text: "/rapport"}).Events[1].ID
	events.next("item")
	events.next("item")

	waiting := ada.do("press", gesture{Item: old, Action: "1slow:replace"}).Events[0]
	if !strings.Contains(waiting.HTML, "One moment.") {
		t.Fatalf("got %s, want an acknowledgement", waiting.HTML)
	}
	if got := events.next("item"); got.ID != waiting.ID {
		t.Errorf("got %+v, want the acknowledgement on other pages too", got)
	}
	close(release)
	if got := events.next("item"); got.Remove != waiting.ID {
		t.Errorf("got %+v, want the acknowledgement gone", got)
	}
	if got := events.next("item"); got.Replace != old || !strings.Contains(got.HTML, "It took a while.") {
		t.Errorf("got %+v, want the answer in the place of %s", got, old)
	}
	html := ada.pane("direct")
	if strings.Contains(html, "One moment.") || strings.Contains(html, "the old answer") || !strings.Contains(html, "It took a while.") {
		t.Error("a reload shows something else than the live page")
	}
}

func TestLateFormWaitsToBeOpened(t *testing.T) {
	c := &script{slow: true}
	c.does("slow", func(ctx context.Context, _ coach.Request) (coach.Reply, error) {
		<-time.After(coach.AckWait + 50*time.Millisecond)
		return coach.Reply{Form: &coach.Form{Title: "Late", Submit: "Go", Action: coach.Do("save"), Inputs: []coach.Input{{Name: "a", Label: "A"}}}}, nil
	})
	ada := open(t, c).visit("ada")
	events := ada.listen("direct", "")
	if out := ada.do("press", gesture{Action: "1slow"}); len(out.Events) != 1 {
		t.Fatalf("got %+v, want an acknowledgement", out)
	}
	events.next("item")
	if got := events.next("item"); !strings.Contains(got.HTML, "<template><form") || !strings.Contains(got.HTML, "data-open") {
		t.Errorf("got %s, want a button that opens the form", got.HTML)
	}
}

func TestPublicAnswersAreSeenByAllAndKeptNowhere(t *testing.T) {
	c := &script{}
	m := text("For everyone")
	c.replies("share", coach.Reply{Message: &m, Public: true})
	s := open(t, c)
	ada, bob := s.visit("ada"), s.visit("bob")
	ada.do("press", gesture{Action: "1share", Place: "channel/general"})
	if !strings.Contains(bob.pane("channel/general"), "For everyone") {
		t.Error("another person does not see it")
	}
	ada.do("press", gesture{Action: "1share", Place: "direct"})
	if strings.Contains(bob.pane("direct"), "For everyone") {
		t.Error("a public answer left one person's direct messages")
	}
	if s.book.all() != "" {
		t.Error("it was stored")
	}
}

package discord

import (
	"context"
	"strings"
	"testing"
	"time"

	"rapport/adapters/discord/gateway"
	"rapport/coach"
)

// TestBusy: who cannot be served is told at once, and nothing is changed.
func TestBusy(t *testing.T) {
	s := newStage(t)
	for range cap(s.slots) {
		s.slots <- struct{}{}
	}
	s.hear(raw(t, s.does(command, typedCommand("rapport", ""))))
	if c := s.nth(1); !strings.Contains(texts(c.data()["components"]), "Very many people") || flags(c.data())&ephemeral == 0 {
		t.Errorf("got %+v", c)
	}
	s.hear(raw(t, s.does(typing, typedCommand("rapport", ""))))
	if list := offered(t, s.nth(2)); len(list) > 0 {
		t.Errorf("got %v", list)
	}
	long := strings.Repeat("heliotrope ", 300)
	s.hear(raw(t, s.does(submitted, sentForm(coach.Do("note"), "words", long))))
	if c := s.nth(3); c.files["what-you-wrote.txt"] != long {
		t.Errorf("got %+v; want what was typed given back", c)
	}
	wait(t, "nobody is being told", func() bool { return len(s.beside) == 0 })
	for range cap(s.beside) {
		s.beside <- struct{}{}
	}
	s.hear(raw(t, s.does(command, typedCommand("rapport", "")))) // has to be let go
	for range cap(s.beside) {
		<-s.beside
	}
	for range cap(s.slots) {
		<-s.slots
	}
	s.hear(raw(t, s.does(command, typedCommand("rapport", ""))))
	if c := s.nth(4); !strings.Contains(texts(c.data()["components"]), "Hello") {
		t.Errorf("got %+v; want an answer again", c)
	}
	if asked, told := len(s.requests()), len(s.notices("busy")); asked != 1 || told != 4 {
		t.Errorf("asked %d times, told %d times that it is busy; want 1 and 4", asked, told)
	}
}

// TestFormThatFails gives back what was typed, to the one who typed it.
func TestFormThatFails(t *testing.T) {
	s := newStage(t)
	s.reply = func(context.Context, coach.Request) (coach.Reply, error) { return coach.Reply{}, errCoach }
	s.hear(raw(t, s.does(submitted, sentForm(coach.Do("note"), "words", "*heliotrope*"))))
	c := s.nth(1)
	if got := texts(c.data()["components"]); !strings.Contains(got, `heliotrope`) || !strings.Contains(got, "Something went wrong") {
		t.Errorf("got %q", got)
	}
	if flags(c.data())&ephemeral == 0 {
		t.Error("others see it")
	}
}

// TestDrain waits for what is under way, and not for ever.
func TestDrain(t *testing.T) {
	s := newStage(t)
	answers := s.slowly()
	s.hear(raw(t, s.does(command, typedCommand("rapport", ""))))
	s.nth(1)
	drained := make(chan struct{})
	go func() {
		s.drain(10 * time.Second)
		close(drained)
	}()
	answers <- coach.Say(message("Still here"))
	<-drained
	if c := s.nth(2); !strings.Contains(texts(c.body["components"]), "Still here") {
		t.Errorf("got %+v", c)
	}
	s.hear(raw(t, s.does(command, typedCommand("rapport", ""))))
	if n := len(s.made()); n != 2 {
		t.Errorf("%d calls; want nothing taken on afterwards", n)
	}
}

func TestDrainEndsWhatIsSlow(t *testing.T) {
	s := newStage(t)
	s.slowly()
	s.hear(raw(t, s.does(command, typedCommand("rapport", ""))))
	s.nth(1)
	s.drain(time.Millisecond)
	wait(t, "the coach is told to stop", func() bool { return len(s.notices("answer failed")) == 1 })
}

func TestShards(t *testing.T) {
	for text, want := range map[string]gateway.Range{
		"": {}, "all": {}, "0-3/16": {First: 0, Last: 3, Total: 16}, "15-15/16": {First: 15, Last: 15, Total: 16}, "2/3": {First: 2, Last: 2, Total: 3},
	} {
		if got, err := parseShards(text); err != nil || got != want {
			t.Errorf("%q: got %v, %v; want %v", text, got, err, want)
		}
	}
	for _, text := range []string{"0-3", "3-0/16", "0-16/16", "-1-2/3", "a/b", "1", "/", "0-1-2/3", " all"} {
		if got, err := parseShards(text); err == nil {
			t.Errorf("%q: got %v; want it refused", text, got)
		}
	}
}

// TestDoubtfulPlace: where it is not known whether Discord has the first answer,
// the late one is brought all the same.
func TestDoubtfulPlace(t *testing.T) {
	s := newStage(t)
	answers := s.slowly()
	s.refuse = func(_ call, n int) (int, string) {
		if n <= 2 {
			return 502, ""
		}
		return 0, ""
	}
	s.hear(raw(t, s.does(command, typedCommand("rapport", ""))))
	s.nth(2)
	answers <- coach.Say(message("Here it is"))
	if c := s.nth(3); c.path != original {
		t.Errorf("got %+v", c)
	}
	s.drain(10 * time.Second)
	if n := len(s.notices("answer lost")); n != 1 {
		t.Errorf("%d notices; want one, of the first answer", n)
	}
}

// TestNoPlace: where Discord said no to the first answer, nothing is brought.
func TestNoPlace(t *testing.T) {
	s := newStage(t)
	answers := s.slowly()
	s.refuse = func(call, int) (int, string) { return 404, `{"message":"x","code":10062}` }
	s.hear(raw(t, s.does(command, typedCommand("rapport", ""))))
	s.nth(1)
	answers <- coach.Say(message("Too late"))
	s.drain(10 * time.Second)
	if calls, told := len(s.made()), len(s.notices("answer too late")); calls != 1 || told != 1 {
		t.Errorf("%d calls, %d notices; want one each", calls, told)
	}
}

// TestPanicCostsOneAnswer, whoever panics.
func TestPanicCostsOneAnswer(t *testing.T) {
	s := newWebStage(t)
	end, ok := s.begin()
	if !ok {
		t.Fatal("busy")
	}
	in, err := readInteraction(raw(t, s.does(command, typedCommand("rapport", ""))))
	if err != nil {
		t.Fatal(err)
	}
	s.answer(in, func(context.Context, callback) bool { panic("heliotrope") }, false, end)
	if n := len(s.notices("panic")); n != 1 || len(s.slots) != 0 {
		t.Errorf("%d notices, %d under way; want one and none", n, len(s.slots))
	}
	s.tells(s.does(command, typedCommand("rapport", "")))
}

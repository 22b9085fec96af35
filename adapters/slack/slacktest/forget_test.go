package slacktest

import (
	"strings"
	"testing"
	"time"
)

func TestForget(t *testing.T) {
	s := New(t, Setup{})
	s.Use(answering(`{"text":"Hello"}`))
	anna := s.Person("Anna").In("general")
	post := func() {
		if _, got, _ := call(t, s, s.BotToken(), "chat.postMessage", `{"channel":"C0GENERAL","text":"The same"}`); !strings.Contains(got, `"ok":true`) {
			t.Fatal(got)
		}
	}
	post()
	anna.Command("/rapport")
	opened := formOf(t, s)
	s.Forget(time.Minute)
	if len(s.Calls()) != 1 || len(s.Messages("")) != 2 || !strings.Contains(s.Transcript(), "/rapport") {
		t.Errorf("what is new is forgotten: %d calls, %d messages\n%s", len(s.Calls()), len(s.Messages("")), s.Transcript())
	}

	s.Forget(-time.Second)
	if len(s.Calls()) != 0 || len(s.Messages("")) != 0 || s.Transcript() != "" || len(anna.Errors()) != 0 {
		t.Errorf("it remembers %d calls, %d messages\n%s", len(s.Calls()), len(s.Messages("")), s.Transcript())
	}
	s.mu.Lock()
	left := len(s.byName) + len(s.alike) + len(s.hooks) + len(s.triggers) + len(s.envelopes) + len(s.sent) + len(s.files)
	s.mu.Unlock()
	if left != 0 {
		t.Errorf("%d names are left of what is forgotten", left)
	}
	if v, ok := anna.Modal(); !ok || v.ID != opened.ID {
		t.Error("the open window is gone")
	}
	anna.Command("/rapport")
	anna.WaitMessage("Hello")
	post()
	if len(s.Messages("general")) != 2 || len(s.Twice()) != 0 {
		t.Errorf("afterwards: %d messages, %d of them twice", len(s.Messages("general")), len(s.Twice()))
	}
}

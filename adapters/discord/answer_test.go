package discord

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"rapport/coach"
)

const componentsV2 = 1 << 15

// quiet demands that a message pings nobody.
func quiet(t *testing.T, d map[string]any) {
	t.Helper()
	m, _ := d["allowed_mentions"].(map[string]any)
	parse, ok := m["parse"].([]any)
	if !ok || len(parse) != 0 {
		t.Errorf("allowed_mentions is %v; left out, everything pings", d["allowed_mentions"])
	}
}

// TestWays answers each gesture by the way that fits it.
func TestWays(t *testing.T) {
	form := coach.Form{Title: "Note", Submit: "Keep", Action: coach.Do("note"), Inputs: []coach.Input{{Name: "words", Label: "Words"}}}
	hello := message("Hello")
	for name, tc := range map[string]struct {
		kind   kind
		data   map[string]any
		change func(map[string]any)
		reply  coach.Reply
		want   int
		hidden bool
	}{
		"command":                         {command, typedCommand("rapport", ""), without(), coach.Say(hello), newMessage, true},
		"command for all":                 {command, typedCommand("rapport", ""), without(), coach.Reply{Message: &hello, Public: true}, newMessage, false},
		"command for all in direct":       {command, typedCommand("rapport", ""), without("guild_id", "member"), coach.Reply{Message: &hello, Public: true}, newMessage, true},
		"command that opens a form":       {command, typedCommand("rapport", ""), without(), coach.Reply{Form: &form}, openForm, false},
		"press":                           {press, control(coach.Do("home")), ofMessage(0), coach.Say(hello), newMessage, true},
		"press that opens a form":         {press, control(coach.Do("write")), ofMessage(64), coach.Reply{Form: &form}, openForm, false},
		"press that replaces":             {press, control(coach.Do("undo")), ofMessage(64), coach.Reply{Message: &hello, Replace: true}, changeMessage, false},
		"press that may not replace":      {press, control(coach.Do("undo")), ofMessage(0), coach.Reply{Message: &hello, Replace: true}, newMessage, true},
		"form":                            {submitted, sentForm(coach.Do("note"), "words", "x"), without(), coach.Say(hello), newMessage, true},
		"form over a message it replaces": {submitted, sentForm(coach.Do("note"), "words", "x"), ofMessage(64), coach.Reply{Message: &hello, Replace: true}, changeMessage, false},
		"form with faults":                {submitted, sentForm(coach.Do("note"), "words", "x"), without(), coach.Reply{Message: &hello, Faults: map[string]coach.Text{"words": coach.P("?")}}, newMessage, true},
	} {
		t.Run(name, func(t *testing.T) {
			s := newStage(t)
			s.reply = func(context.Context, coach.Request) (coach.Reply, error) { return tc.reply, nil }
			in := s.does(tc.kind, tc.data, tc.change, with("user", map[string]any{"id": annaID}))
			s.hear(raw(t, in))
			c := s.nth(1)
			if want := "/interactions/" + in["id"].(string) + "/interaction-token/callback"; c.path != want || c.method != http.MethodPost {
				t.Errorf("called %s %s; want POST %s", c.method, c.path, want)
			}
			if c.auth != "" {
				t.Error("the token of the bot went along")
			}
			if c.kind() != tc.want {
				t.Errorf("got type %d; want %d", c.kind(), tc.want)
			}
			if tc.want == openForm {
				if c.data()["title"] != "Note" {
					t.Errorf("got %v; want the form", c.data())
				}
				return
			}
			quiet(t, c.data())
			if !strings.Contains(texts(c.data()["components"]), "Hello") {
				t.Errorf("got %v; want Hello", c.data())
			}
			if f := flags(c.data()); f&componentsV2 == 0 || (f&ephemeral != 0) != tc.hidden {
				t.Errorf("got flags %d; want components, and hidden is %t", f, tc.hidden)
			}
		})
	}
}

// slowly is a coach that answers when told to, with what is sent.
func (s *stage) slowly() chan<- coach.Reply {
	s.desk.ackWait = New(Options{}).ackWait // as the program waits
	answers := make(chan coach.Reply)
	s.reply = func(ctx context.Context, _ coach.Request) (coach.Reply, error) {
		select {
		case r := <-answers:
			return r, nil
		case <-ctx.Done():
			return coach.Reply{}, ctx.Err()
		}
	}
	return answers
}

const original = "/webhooks/" + ourApp + "/interaction-token/messages/@original"

func TestLateAnswer(t *testing.T) {
	s := newStage(t)
	answers := s.slowly()
	s.hear(raw(t, s.does(command, typedCommand("rapport", ""))))
	c := s.nth(1)
	if c.kind() != thinking || flags(c.data()) != ephemeral {
		t.Errorf("got type %d, %v; want it put off, for the asker alone", c.kind(), c.data())
	}
	answers <- coach.Say(message("Here it is"))
	c = s.nth(2)
	if c.method != http.MethodPatch || c.path != original || !strings.Contains(texts(c.body["components"]), "Here it is") {
		t.Errorf("got %+v", c)
	}
	quiet(t, c.body)
	if flags(c.body)&componentsV2 == 0 {
		t.Error("the edit does not say that it is made of components")
	}
}

func TestLateForm(t *testing.T) {
	s := newStage(t)
	answers := s.slowly()
	s.hear(raw(t, s.does(press, control(coach.Do("write", "x")), ofMessage(64))))
	s.nth(1)
	answers <- coach.Reply{Form: &coach.Form{Title: "Note", Action: coach.Do("note")}}
	c := s.nth(2)
	if c.path != original || !strings.Contains(texts(c.body["components"]), "Open it") {
		t.Errorf("got %+v; want a button that opens it", c)
	}
}

func TestLateForEveryone(t *testing.T) {
	s := newStage(t)
	answers := s.slowly()
	s.hear(raw(t, s.does(command, typedCommand("rapport", ""))))
	s.nth(1)
	s.mu.Lock()
	s.refuse = func(_ call, n int) (int, string) {
		switch n {
		case 3:
			return http.StatusTooManyRequests, `{"message":"x","retry_after":0.01}`
		}
		return 0, ""
	}
	s.mu.Unlock()
	m := message("For all")
	answers <- coach.Reply{Message: &m, Public: true}
	if c := s.nth(2); c.path != original || strings.Contains(texts(c.body["components"]), "For all") {
		t.Errorf("got %+v; want a line for the asker", c)
	}
	c := s.nth(4) // once more after what was not taken
	if c.method != http.MethodPost || c.path != "/webhooks/"+ourApp+"/interaction-token" || flags(c.body) != componentsV2 || !strings.Contains(texts(c.body["components"]), "For all") {
		t.Errorf("got %+v; want the answer for everyone", c)
	}
	quiet(t, c.body)
}

// TestForEveryoneOnce: what may have been posted is not posted again.
func TestForEveryoneOnce(t *testing.T) {
	s := newStage(t)
	answers := s.slowly()
	s.refuse = func(c call, _ int) (int, string) {
		if c.method == http.MethodPost && strings.HasPrefix(c.path, "/webhooks/") {
			return http.StatusBadGateway, ""
		}
		return 0, ""
	}
	s.hear(raw(t, s.does(command, typedCommand("rapport", ""))))
	s.nth(1)
	m := message("For all")
	answers <- coach.Reply{Message: &m, Public: true}
	s.drain(10 * time.Second)
	if calls, told := len(s.made()), len(s.notices("answer lost")); calls != 3 || told != 1 {
		t.Errorf("%d calls, %d notices; want three and one", calls, told)
	}
}

// TestLateAnswerInsists: what is changed twice is the same.
func TestLateAnswerInsists(t *testing.T) {
	s := newStage(t)
	answers := s.slowly()
	s.refuse = func(_ call, n int) (int, string) {
		switch n {
		case 2:
			return http.StatusNotFound, `{"message":"x","code":10015}`
		case 3:
			return http.StatusBadGateway, ""
		}
		return 0, ""
	}
	s.hear(raw(t, s.does(command, typedCommand("rapport", ""))))
	s.nth(1)
	answers <- coach.Say(message("Here it is"))
	s.nth(4)
	s.drain(10 * time.Second)
	if n := len(s.made()); n != 4 || len(s.notices("answer lost")) > 0 {
		t.Errorf("%d calls, notices %v; want the third edit taken", n, s.notices(""))
	}
}

func TestErrorsAreKind(t *testing.T) {
	for name, reply := range map[string]func(context.Context, coach.Request) (coach.Reply, error){
		"error": func(context.Context, coach.Request) (coach.Reply, error) {
			return coach.Reply{}, errors.New("heliotrope")
		},
		"panic":   func(context.Context, coach.Request) (coach.Reply, error) { panic("heliotrope") },
		"nothing": func(context.Context, coach.Request) (coach.Reply, error) { return coach.Reply{}, nil },
	} {
		t.Run(name, func(t *testing.T) {
			s := newStage(t)
			s.reply = reply
			s.hear(raw(t, s.does(command, typedCommand("rapport", ""))))
			if c := s.nth(1); !strings.Contains(texts(c.data()["components"]), "Something went wrong on my side") {
				t.Errorf("got %+v", c)
			}
			if len(s.notices("answer failed")) != 1 {
				t.Errorf("notices: %v", s.notices(""))
			}
		})
	}
}

func TestRepeatedInteraction(t *testing.T) {
	s := newStage(t)
	in := raw(t, s.does(command, typedCommand("rapport", "")))
	for range 1000 {
		s.hear(in)
	}
	s.nth(1)
	s.drain(10 * time.Second)
	if calls, asked := len(s.made()), len(s.requests()); calls != 1 || asked != 1 {
		t.Errorf("answered %d times, asked %d times; want once", calls, asked)
	}
	if n := len(s.notices("repeated")); n != 999 {
		t.Errorf("%d repetitions are counted; want 999", n)
	}
}

func TestOldInteraction(t *testing.T) {
	s := newStage(t)
	s.hear(raw(t, s.does(command, typedCommand("rapport", ""), with("id", snowflake(time.Now().Add(-3100*time.Millisecond), 1)))))
	s.desk.now = func() time.Time { return time.Now().Add(time.Hour) } // as where our clock is an hour behind
	s.hear(raw(t, s.does(command, typedCommand("rapport", ""))))
	s.hear(raw(t, s.does(command, typedCommand("rapport", ""), with("id", snowflake(time.Now().Add(time.Hour), 1)))))
	s.nth(1)
	s.drain(10 * time.Second)
	if n := len(s.requests()); n != 1 {
		t.Errorf("the coach was asked %d times; want once, of what is new", n)
	}
	if n := len(s.notices("late")); n != 2 {
		t.Errorf("%d are counted as late; want 2", n)
	}
}

func TestNobodysInteractions(t *testing.T) {
	s := newStage(t)
	bot := map[string]any{"user": map[string]any{"id": annaID, "bot": true}, "permissions": "8"}
	s.hear(raw(t, s.does(command, typedCommand("rapport", ""), with("member", bot))))
	s.hear(raw(t, s.does(command, typedCommand("rapport", ""), without("member"))))
	s.hear(raw(t, s.does(ping, nil)))
	s.hear(raw(t, s.does(77, nil)))
	s.hear([]byte(`{"id":5}`))
	s.hear([]byte(`nothing`))
	s.drain(10 * time.Second)
	if len(s.made()) > 0 || len(s.requests()) > 0 {
		t.Errorf("got %v, asked %v; want nothing", s.made(), s.requests())
	}
}

// TestLostCallback: an interaction is answered once only, so that the same
// answer may be sent twice.
func TestLostCallback(t *testing.T) {
	for name, tc := range map[string]struct {
		answers []string // "status body" of the calls, then all are taken
		calls   int
		notice  string
	}{
		"taken":               {nil, 1, ""},
		"lost once":           {[]string{"502 "}, 2, ""},
		"lost and was taken":  {[]string{"502 ", `400 {"message":"x","code":40060}`}, 2, ""},
		"lost twice":          {[]string{"500 ", "503 "}, 2, "answer lost"},
		"asked to wait":       {[]string{`429 {"message":"x","retry_after":0.05}`}, 2, ""},
		"asked to wait long":  {[]string{`429 {"message":"x","retry_after":30}`}, 1, "answer lost"},
		"too late":            {[]string{`404 {"message":"x","code":10062}`}, 1, "answer too late"},
		"answered before":     {[]string{`400 {"message":"x","code":40060}`}, 1, "answered elsewhere"},
		"refused":             {[]string{`400 {"message":"x","code":50035}`}, 2, "answer refused"},
		"refused with a line": {[]string{`400 {"message":"x","code":50035}`, `400 {"message":"x","code":50035}`}, 2, "answer lost"},
	} {
		t.Run(name, func(t *testing.T) {
			s := newStage(t)
			s.refuse = func(_ call, n int) (status int, body string) {
				if n > len(tc.answers) {
					return 0, ""
				}
				code, body, _ := strings.Cut(tc.answers[n-1], " ")
				for _, r := range code {
					status = 10*status + int(r-'0')
				}
				return status, body
			}
			s.hear(raw(t, s.does(command, typedCommand("rapport", ""))))
			s.nth(tc.calls)
			s.drain(10 * time.Second)
			if n := len(s.made()); n != tc.calls {
				t.Errorf("%d calls; want %d", n, tc.calls)
			}
			if tc.notice != "" && len(s.notices(tc.notice)) != 1 || tc.notice == "" && len(s.notices("")) > 0 {
				t.Errorf("notices %v; want %q", s.notices(""), tc.notice)
			}
			if name == "refused" && !strings.Contains(texts(s.made()[1].data()["components"]), "would not show") {
				t.Errorf("got %+v", s.made()[1])
			}
		})
	}
}

// What is brought later ends in time.
func TestLateAnswerEnds(t *testing.T) {
	s := newStage(t)
	in, err := readInteraction(raw(t, s.does(command, typedCommand("rapport", ""))))
	if err != nil {
		t.Fatal(err)
	}
	f := &follow{desk: s.desk, interaction: in, until: time.Now().Add(-time.Second)}
	f.bring(coach.Say(message("Hello")))
	if calls, told := len(s.made()), len(s.notices("answer lost")); calls != 0 || told != 1 {
		t.Errorf("%d calls and %d notices, want none and one", calls, told)
	}
}

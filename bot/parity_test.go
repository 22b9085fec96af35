package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/cookiejar"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"rapport/adapters/terminal"
	"rapport/adapters/web"
	"rapport/coach"
)

// A listener keeps the first answer of the coach since it was asked last.
type listener struct {
	coach.Handler
	mu    sync.Mutex
	first *heard
}

// heard is an answer of the coach: what it is, and all of it in one text.
type heard struct{ kind, said string }

func (r *listener) Handle(ctx context.Context, q coach.Request) (coach.Reply, error) {
	reply, err := r.Handler.Handle(ctx, q)
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.first == nil {
		said, kind := fmt.Sprint(q.Action, err), "answer"
		if m := reply.Message; m != nil {
			said += m.Title + m.Fallback() + fmt.Sprint(m.Buttons, m.Choices != nil)
		}
		if f := reply.Form; f != nil {
			said, kind = said+fmt.Sprint(f.Title, f.Lead, len(f.Inputs)), "form"
		}
		switch {
		case reply.File != nil:
			kind = "file"
		case reply.Message != nil && reply.Message.Picture != nil:
			kind = "picture"
		case strings.Contains(said, "in one of its channels"):
			kind = "where to ask"
		case strings.Contains(said, "for its admins"):
			kind = "refused"
		}
		r.first = &heard{kind, said}
	}
	return reply, err
}

func (r *listener) take(t *testing.T) heard {
	t.Helper()
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.first == nil {
		t.Fatal("the coach was not asked")
	}
	got := *r.first
	r.first = nil
	return got
}

// TestSameWordsSameAnswer types every word, with and without arguments, and
// some that are none, in the terminal, on the page, in Slack and in Discord: the
// same line of text gives the same reply.
func TestSameWordsSameAnswer(t *testing.T) {
	lines := []string{"", "3", "empathy", "step 9", "jurnal", "first 1:1 with my boss", "help with a hard talk", "<!channel> & @everyone", "\u202eabc", strings.Repeat("long ", 200)}
	for _, c := range coach.Commands() {
		if c.Hidden {
			continue
		}
		lines = append(append(lines, c.Verb), c.Aliases...)
		for _, p := range c.Params {
			for _, o := range p.Options {
				lines = append(lines, c.Verb+" "+o.Value)
			}
		}
	}
	onPage, inTerminal, inSlack, inDiscord := pageTalker(t), terminalTalker(t), slackTalker(t), discordTalker(t, "Anna", "#general")
	for _, line := range lines {
		page, term, slack, discord := onPage(line), inTerminal(line), inSlack(line), inDiscord(line)
		if page != term || slack != term || discord != term {
			t.Errorf("%q: the page answers\n%v\nthe terminal\n%v\nSlack\n%v\nDiscord\n%v", line, page, term, slack, discord)
		}
	}
}

// talker makes a house on a clock that stands still, with the demo team and its
// introduction behind it.
func talker(t *testing.T, team coach.Team, ada coach.Person) (*house, *clock) {
	t.Helper()
	l := newLife(t)
	l.h.runner.Courier.Senders[team.Platform] = l.box
	if err := l.h.begin(t.Context(), team, demoChannel, ada, "Europe/Berlin"); err != nil {
		t.Fatal(err)
	}
	l.to(l.hand.Now())
	return l.h, l.hand
}

func pageTalker(t *testing.T) func(line string) heard {
	t.Helper()
	h, hand := talker(t, web.TeamOf(demoTeam), web.PersonOf(demoTeam, "ada"))
	h.cfg.Web.Listen = "127.0.0.1:0"
	page, url, err := h.page(h.cfg, hand)
	if err != nil {
		t.Fatal(err)
	}
	rec := &listener{Handler: h.coach}
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- page.Run(ctx, rec) }()
	t.Cleanup(func() { stop(); <-done })
	jar, _ := cookiejar.New(nil)
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	client := &http.Client{Jar: jar, Timeout: 10 * time.Second, Transport: transport}
	r, err := client.Get(url + "/as/ada/direct")
	if err != nil {
		t.Fatal(err)
	}
	r.Body.Close()
	n := 0
	return func(line string) heard {
		n++
		body, _ := json.Marshal(map[string]any{"id": fmt.Sprint("gesture-parity-", n), "place": "direct", "text": "/rapport " + line, "zone": "Europe/Berlin"})
		q, err := http.NewRequest(http.MethodPost, url+"/as/ada/say", bytes.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		q.Header.Set("Content-Type", "application/json")
		q.Header.Set("Origin", url)
		q.Header.Set("Sec-Fetch-Site", "same-origin")
		r, err := client.Do(q)
		if err != nil {
			t.Fatal(err)
		}
		r.Body.Close()
		if r.StatusCode >= 300 {
			t.Fatalf("%q: %s", line, r.Status)
		}
		return rec.take(t)
	}
}

func terminalTalker(t *testing.T) func(line string) heard {
	t.Helper()
	h, hand := talker(t, terminal.TeamOf(demoTeam), terminal.PersonOf(demoTeam, "ada"))
	rec := &listener{Handler: h.coach}
	return func(line string) heard {
		var out bytes.Buffer
		term := h.terminal(Env{Stdin: strings.NewReader("/rapport " + line + "\ncancel\n"), Stdout: &out, Dir: filepath.Join(t.TempDir()), Getenv: func(string) string { return "" }}, hand, "Europe/Berlin")
		if err := term.Run(t.Context(), rec); err != nil {
			t.Fatal(err)
		}
		return rec.take(t)
	}
}

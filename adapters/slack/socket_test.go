package slack

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/slack-go/slack/slackevents"

	"rapport/adapters/slack/slacktest"
)

// event is a payload of the Events API.
func event(id, kind string) map[string]any {
	return map[string]any{
		"type": "event_callback", "token": "verification", "team_id": "T0LIGHT", "api_app_id": "A0RAPPORT",
		"event_id": id, "event_time": 1, "event": map[string]any{"type": kind, "user": "U0ANNA", "tab": "home"},
	}
}

// press is a payload of a button on a message.
func press(trigger, respond string) map[string]any {
	return map[string]any{
		"type": "block_actions", "trigger_id": trigger, "response_url": respond,
		"user": map[string]any{"id": "U0ANNA"}, "team": map[string]any{"id": "T0LIGHT"},
		"actions": []any{map[string]any{"type": "button", "block_id": "b", "action_id": "a", "value": "v"}},
	}
}

// submission is a payload of a sent form with one input.
func submission(trigger string) map[string]any {
	return map[string]any{
		"type": "view_submission", "trigger_id": trigger,
		"user": map[string]any{"id": "U0ANNA"}, "team": map[string]any{"id": "T0LIGHT"},
		"view": map[string]any{"id": "V1", "type": "modal", "blocks": []any{
			map[string]any{"type": "section", "block_id": "above", "text": map[string]any{"type": "mrkdwn", "text": "x"}},
			map[string]any{"type": "input", "block_id": "words", "label": map[string]any{"type": "plain_text", "text": "x"},
				"element": map[string]any{"type": "plain_text_input", "action_id": "a"}},
		}},
	}
}

func TestSocketHandsOnAndAcknowledges(t *testing.T) {
	s := slacktest.New(t, slacktest.Setup{})
	r := connected(t, s, 2, brisk())
	if a := s.Person("Anna").Command("/rapport hello"); a.Shown == nil || a.Shown.Text != "answer to hello" {
		t.Errorf("command: got %+v", a)
	}
	if in := r.clerk.next(t); in.Command == nil || in.ID == "" || in.ID != in.Command.TriggerID {
		t.Errorf("command: taken as %+v", in)
	}
	if a := s.Socket().Deliver(slacktest.Interactions, press("trigger.1", s.URL()+"/hooks/none")); a.Error != "" || len(a.Body) > 0 {
		t.Errorf("press: got %+v", a)
	}
	if in := r.clerk.next(t); in.Press == nil || in.ID != "trigger.1" || len(in.Press.ActionCallback.BlockActions) != 1 {
		t.Errorf("press: taken as %+v", in)
	}
	if a := s.Socket().Deliver(slacktest.Events, event("Ev1", "app_home_opened")); a.Error != "" || a.Tries != 1 {
		t.Errorf("event: got %+v", a)
	}
	if in := r.clerk.next(t); in.Event == nil || in.ID != "Ev1" || in.Event.InnerEvent.Type != string(slackevents.AppHomeOpened) {
		t.Errorf("event: taken as %+v", in)
	}
	closed := press("", "")
	closed["type"] = "view_closed"
	if a := s.Socket().Deliver(slacktest.Interactions, closed); a.Error != "" || r.clerk.next(t).ID != a.Envelope {
		t.Errorf("without a trigger: got %+v; want its id to be that of the envelope", a)
	}
	if got := s.Violations(); len(got) > 0 {
		t.Errorf("violations: %v", got)
	}
}

func TestSocketConnectsAgain(t *testing.T) {
	for name, end := range map[string]func(*slacktest.Conn){
		"dropped":  (*slacktest.Conn).Drop,
		"frozen":   (*slacktest.Conn).Freeze,
		"warned":   func(c *slacktest.Conn) { c.Refresh(0) },
		"crowded":  func(c *slacktest.Conn) { c.Disconnect("too_many_websockets") },
		"too much": func(c *slacktest.Conn) { c.Garbage(bytes.Repeat([]byte(" "), maxPayload+1)) },
		"garbage": func(c *slacktest.Conn) {
			for range 20 {
				c.Garbage([]byte("{"))
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := slacktest.New(t, slacktest.Setup{Ping: 20 * time.Millisecond})
			p := brisk()
			p.ping = 200 * time.Millisecond
			r := connected(t, s, 2, p)
			end(s.Conns()[0])
			other := s.Conns()[len(s.Conns())-1]
			s.Use(other.Over())
			if a := s.Person("Anna").Command("/rapport hello"); a.Shown == nil {
				t.Errorf("over the other socket: got %+v", a)
			}
			r.wait("connected", 3)
			if err := r.Ready(t.Context()); err != nil {
				t.Errorf("ready: %v", err)
			}
			conns := s.Conns()
			s.Use(conns[len(conns)-1].Over())
			if a := s.Person("Anna").Command("/rapport again"); a.Shown == nil {
				t.Errorf("over the new socket: got %+v", a)
			}
		})
	}
}

func TestSocketLivesWithGarbage(t *testing.T) {
	s := slacktest.New(t, slacktest.Setup{})
	r := connected(t, s, 1, brisk())
	c := s.Conns()[0]
	c.Garbage([]byte("words of a person"))
	c.Garbage([]byte(`{"type":"words of a person"}`))
	c.Garbage([]byte(`[]`))
	ids := c.Unparsable()
	r.wait("unreadable", 6)
	if !s.Wait(patience, func() bool { return s.Acked(ids...) }) {
		t.Error("payloads that cannot be read were not acknowledged")
	}
	if a := s.Person("Anna").Command("/rapport hello"); a.Shown == nil {
		t.Errorf("afterwards: got %+v", a)
	}
	if got := s.Connected(); got != 1 {
		t.Errorf("connections: got %d; want 1", got)
	}
}

func TestSocketRepeatsKeepTheirID(t *testing.T) {
	s := slacktest.New(t, slacktest.Setup{})
	r := connected(t, s, 2, brisk())
	conns := s.Conns()
	s.Use(conns[0].Over())
	a := s.Person("Anna").Command("/rapport hello")
	first := r.clerk.next(t).ID
	if again := s.Repeat(a, conns[1]); again.Error != "" {
		t.Errorf("again: got %+v", again)
	}
	if got := r.clerk.next(t).ID; got != first {
		t.Errorf("id: got %q; want %q", got, first)
	}
}

func TestSocketTakesManyAtATime(t *testing.T) {
	const many = 200
	s := slacktest.New(t, slacktest.Setup{})
	r := connected(t, s, 2, brisk())
	release := r.clerk.holding()
	var typed sync.WaitGroup
	answered := make(chan bool, many)
	for i := range many {
		typed.Go(func() {
			a := s.Person("Anna").Command(fmt.Sprint("/rapport ", i))
			answered <- a.Shown != nil && a.Shown.Text == fmt.Sprint("answer to ", i)
		})
	}
	for range many {
		r.clerk.next(t) // all are in flight before one is answered
	}
	release()
	typed.Wait()
	close(answered)
	for ok := range answered {
		if !ok {
			t.Error("a command was not answered")
		}
	}
}

func TestSocketRefusesWhenFull(t *testing.T) {
	s := slacktest.New(t, slacktest.Setup{AckTime: 500 * time.Millisecond, Retries: []time.Duration{}})
	p := brisk()
	p.room = 1
	r := connected(t, s, 2, p)
	refusesWhenFull(t, s, r)
	if a := s.Socket().Deliver(slacktest.Interactions, press("trigger.2", "")); a.Error != "operation_timeout" {
		t.Errorf("press without response_url: got %+v; want Slack to say so", a)
	}
	if a := s.Socket().Deliver(slacktest.Events, event("Ev1", "app_home_opened")); a.Error != "operation_timeout" {
		t.Errorf("event: got %+v; want no acknowledgement", a)
	}
	if got := len(r.clerk.got()); got != 1 {
		t.Errorf("taken: got %d; want 1", got)
	}
}

// refusesWhenFull fills the one place there is, and sends gestures that are
// refused with words.
func refusesWhenFull(t *testing.T, s *slacktest.Slack, r *rig) {
	t.Helper()
	release := r.clerk.holding()
	var typed sync.WaitGroup
	typed.Go(func() { s.Person("Ben").Command("/rapport first") })
	t.Cleanup(func() { release(); typed.Wait() })
	r.clerk.next(t)
	if a := s.Person("Anna").Command("/rapport second"); a.Shown == nil || a.Shown.Text != busyText || !a.Shown.Ephemeral() {
		t.Errorf("command: got %+v", a)
	}
	hook := s.URL() + "/hooks/none"
	deliver := s.Socket().Deliver
	if r.Listener != nil {
		deliver = s.Web("http://" + r.Listener.Addr().String() + webPath).Deliver
	}
	if a := deliver(slacktest.Interactions, press("trigger.1", hook)); a.Error != "" || len(a.Body) > 0 {
		t.Errorf("press: got %+v", a)
	}
	if got := s.Calls("response_url"); len(got) != 1 || got[0].Raw != busyLine {
		t.Errorf("press: posted %+v", got)
	}
	want := `{"response_action":"errors","errors":{"words":"` + busyText + `"}}`
	if a := deliver(slacktest.Interactions, submission("trigger.3")); string(a.Body) != want {
		t.Errorf("form: got %s; want %s", a.Body, want)
	}
	if got := r.told("full"); len(got) < 3 || got[0].Err == nil {
		t.Errorf("notices: got %v", got)
	}
}

func TestSocketTooLargeAnAnswer(t *testing.T) {
	s := slacktest.New(t, slacktest.Setup{})
	r := connected(t, s, 1, brisk())
	text := strings.Repeat("x", 21<<10)
	if a := s.Person("Anna").Command("/rapport " + text); a.Error != "" || a.Shown != nil {
		t.Errorf("acknowledgement: got error %q, shown %v; want an empty one", a.Error, a.Shown != nil)
	}
	r.wait("answered beside", 1)
	if acks, posts := answers(s, text); acks != 0 || posts != 1 || s.Dropped() != 0 {
		t.Errorf("got %d acknowledgements, %d posts, %d dropped", acks, posts, s.Dropped())
	}
}

func TestSocketSurvivesAPanic(t *testing.T) {
	s := slacktest.New(t, slacktest.Setup{})
	r := connected(t, s, 1, brisk())
	if a := s.Person("Anna").Command("/rapport panic"); a.Shown == nil || a.Shown.Text != busyText {
		t.Errorf("got %+v", a)
	}
	r.wait("panic", 1)
	if a := s.Person("Anna").Command("/rapport hello"); a.Shown == nil {
		t.Errorf("afterwards: got %+v", a)
	}
}

// TestSocketEndsGently ends Run while an answer is under way: it is given, and
// what comes now is refused with words.
func TestSocketEndsGently(t *testing.T) {
	s := slacktest.New(t, slacktest.Setup{})
	r := connected(t, s, 2, brisk())
	release := r.clerk.holding()
	var typed sync.WaitGroup
	var first slacktest.Answer
	typed.Go(func() { first = s.Person("Ben").Command("/rapport first") })
	r.clerk.next(t)
	r.end()
	if a := s.Person("Anna").Command("/rapport second"); a.Shown == nil || a.Shown.Text != busyText {
		t.Errorf("after the end: got %+v", a)
	}
	release()
	typed.Wait()
	if first.Shown == nil || first.Shown.Text != "answer to first" {
		t.Errorf("under way: got %+v", first)
	}
	if err := r.ended(); err != nil {
		t.Errorf("Run: %v", err)
	}
}

func TestSocketNoticesAnotherCopy(t *testing.T) {
	s := slacktest.New(t, slacktest.Setup{})
	other := connected(t, s, 2, brisk())
	p := brisk()
	p.look = 50 * time.Millisecond
	r := connected(t, s, 2, p)
	r.wait("another copy", 1)
	if err := r.Ready(t.Context()); err == nil || !strings.Contains(err.Error(), "another copy") {
		t.Errorf("ready: got %v", err)
	}
	if got := r.told("another copy")[0]; got.Count < 3 || got.Err == nil {
		t.Errorf("notice: got %+v", got)
	}
	if err := other.Ready(t.Context()); err != nil {
		t.Errorf("the other: got %v; it cannot know", err)
	}
	other.end()
	if err := other.ended(); err != nil {
		t.Fatalf("the other: %v", err)
	}
	if !s.Wait(patience, func() bool { return r.Ready(t.Context()) == nil }) {
		t.Errorf("once alone: got %v", r.Ready(t.Context()))
	}
}

func TestSocketsCountTheirOwnGhosts(t *testing.T) {
	s := newSockets(&intake{Adapter: New(Options{Connections: 2}), pace: brisk(), work: t.Context()})
	first, second := s.newLink(nil), s.newLink(nil)
	for _, tc := range []struct {
		what   string
		count  int
		others bool
		look   time.Duration
	}{
		{"both", 2, false, 0},
		{"one too many", 3, true, time.Minute},
		{"still", 3, true, 2 * time.Minute},
		{"alone again", 2, false, 0},
	} {
		if others, look := s.counted(first, tc.count); others != tc.others || look != tc.look {
			t.Errorf("%s: got %v, %s; want %v, %s", tc.what, others, look, tc.others, tc.look)
		}
	}
	s.counted(second, 2)
	second.retire(nil)
	if others, look := s.counted(first, 3); others || look != 0 {
		t.Errorf("while one of ours is replaced: got %v, %s; want neither alarm nor look", others, look)
	}
	if s.besides(first) {
		t.Error("what is to be closed counts as one that stays")
	}
	close(second.ended)
	second.greeted.Store(true)
	s.gone(second)
	if others, look := s.counted(first, 3); others || look != s.look {
		t.Errorf("after one of ours ended: got %v, %s; want no alarm before the next look", others, look)
	}
	s.ghosts[0] = s.ghosts[0].Add(-s.look)
	if others, _ := s.counted(first, 3); !others {
		t.Error("a while later: no alarm")
	}
}

func TestNothingIsTakenAfterTheEnd(t *testing.T) {
	open, end := context.WithCancel(t.Context())
	in := &intake{Adapter: New(Options{}), open: open, slots: make(chan struct{}, 1)}
	if !in.enter() || in.enter() {
		t.Error("one place: want one to be taken")
	}
	in.leave()
	end()
	if in.enter() {
		t.Error("taken after the end")
	}
}

func TestSocketsStartOneAfterTheOther(t *testing.T) {
	s := slacktest.New(t, slacktest.Setup{})
	p := brisk()
	p.stagger = 200 * time.Millisecond
	connected(t, s, 2, p)
	calls := s.Calls("apps.connections.open")
	if len(calls) != 2 || calls[1].At.Sub(calls[0].At) < p.stagger/2 {
		t.Errorf("got %d calls; want the second well after the first", len(calls))
	}
	if !slices.ContainsFunc(calls, func(c slacktest.Call) bool { return strings.HasSuffix(c.Header, s.AppToken()) }) {
		t.Error("the app token was not used")
	}
}

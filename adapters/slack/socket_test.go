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

// answers counts how often the text stands in an acknowledgement or was posted
// to a response_url.
func answers(s *slacktest.Slack, text string) (acks, posts int) {
	want := string(answerTo(text))
	for _, e := range s.Envelopes() {
		if bytes.Equal(e.Ack, []byte(want)) {
			acks++
		}
	}
	for _, c := range s.Calls("response_url") {
		if c.Raw == want && c.Acted {
			posts++
		}
	}
	return acks, posts
}

// TestSocketLosesNothingWhenRenewed sends ten commands a second, and renews the
// socket that is about to answer: not one answer is lost or comes twice.
func TestSocketLosesNothingWhenRenewed(t *testing.T) {
	const refreshes, every = 5, 4
	s := slacktest.New(t, slacktest.Setup{AckTime: 200 * time.Millisecond})
	r := connected(t, s, 2, brisk())
	beat := time.NewTicker(100 * time.Millisecond)
	defer beat.Stop()
	var typed sync.WaitGroup
	var sent []string
	for i := range refreshes * every {
		<-beat.C
		release := r.clerk.holding()
		sent = append(sent, fmt.Sprint("word ", i))
		typed.Go(func() { s.Person("Anna").Command("/rapport " + sent[i]) })
		r.clerk.next(t)
		if i%every == 0 {
			envelopes := s.Envelopes()
			from := envelopes[len(envelopes)-1].Conn
			for _, c := range s.Conns() {
				if c.Number == from {
					c.Disconnect("refresh_requested")
				}
			}
			r.wait("reconnecting", i/every+1)
		}
		release()
	}
	typed.Wait()
	r.wait("answered beside", refreshes)
	posted := 0
	for _, text := range sent {
		acks, posts := answers(s, text)
		if acks+posts != 1 {
			t.Errorf("%s: got %d acknowledgements and %d posts; want one answer", text, acks, posts)
		}
		posted += posts
	}
	if posted != refreshes {
		t.Errorf("answers by response_url: got %d; want %d", posted, refreshes)
	}
	if got := len(r.told("answer lost")); got > 0 {
		t.Errorf("%d answers lost", got)
	}
	if opened := len(s.Calls("apps.connections.open")); opened != s.Connected() {
		t.Errorf("tickets: got %d for %d connections", opened, s.Connected())
	}
}

// TestSocketAnswersWhatIsUnwritten closes a socket at the first warning, behind
// commands that are answered as fast as they come: each is answered once,
// whichever way.
func TestSocketAnswersWhatIsUnwritten(t *testing.T) {
	const rounds, each = 8, 40
	s := slacktest.New(t, slacktest.Setup{AckTime: 300 * time.Millisecond})
	r := connected(t, s, 2, brisk())
	for round := range rounds {
		release := r.clerk.holding()
		var typed sync.WaitGroup
		over := s.Conns()[0]
		s.Use(over.Over())
		for i := range each {
			typed.Go(func() { s.Person("Anna").Command(fmt.Sprintf("/rapport word %d.%d", round, i)) })
			r.clerk.next(t)
		}
		var closed sync.WaitGroup
		closed.Go(release)
		closed.Go(func() { over.Refresh(0) })
		closed.Wait()
		typed.Wait()
		r.wait("reconnecting", round+1)
		r.wait("connected", round+3)
		if !s.WaitConns(2, patience) {
			t.Fatalf("open connections: got %d; want 2", len(s.Conns()))
		}
	}
	r.end()
	if err := r.ended(); err != nil {
		t.Fatalf("Run: %v", err)
	}
	written, posted := 0, 0
	for round := range rounds {
		for i := range each {
			acks, posts := answers(s, fmt.Sprintf("word %d.%d", round, i))
			if acks+posts != 1 {
				t.Errorf("%d.%d: got %d acknowledgements and %d posts; want one answer", round, i, acks, posts)
			}
			written, posted = written+acks, posted+posts
		}
	}
	t.Logf("%d acknowledged, %d posted", written, posted)
}

// TestSocketIsReadToTheEnd warns of a renewal in the middle of what people do,
// which goes on coming over that socket until Slack closes it: whatever was
// written to it is taken once and answered once.
func TestSocketIsReadToTheEnd(t *testing.T) {
	const rounds, each = 5, 20
	for name, end := range map[string]func(*slacktest.Conn){
		"refresh requested": func(c *slacktest.Conn) { c.Disconnect("refresh_requested") },
		"closed":            func(c *slacktest.Conn) { c.Disconnect("warning") },
		"hung up":           (*slacktest.Conn).HangUp,
	} {
		t.Run(name, func(t *testing.T) {
			s := slacktest.New(t, slacktest.Setup{AckTime: 500 * time.Millisecond})
			r := connected(t, s, 2, brisk())
			var said []slacktest.Answer
			for round := range rounds {
				said = append(said, r.renewed(len(said), each, end)...)
				if !s.WaitConns(2, patience) {
					t.Fatalf("round %d: open connections: got %d; want 2", round, len(s.Conns()))
				}
			}
			r.end()
			if err := r.ended(); err != nil {
				t.Fatalf("Run: %v", err)
			}
			delivered := 0
			for i, a := range said {
				want := 1
				if a.Error == "dispatch_failed" { // it was to be written when the socket was closed
					want = 0
				}
				delivered += want
				if acks, posts := answers(s, fmt.Sprint("word ", i)); acks+posts != want {
					t.Errorf("word %d: got %d acknowledgements and %d posts; want %d answers", i, acks, posts, want)
				}
			}
			if got := len(r.clerk.got()); got != delivered || delivered < rounds*each {
				t.Errorf("taken: got %d of %d that were written", got, delivered)
			}
			if got := r.told("another copy"); len(got) > 0 {
				t.Errorf("told of another copy: %v", got)
			}
		})
	}
}

// renewed ends the oldest socket, after a warning, while twice as many words as
// each says are on their way over it, counted from first. None is answered
// before the end.
func (r *rig) renewed(first, each int, end func(*slacktest.Conn)) []slacktest.Answer {
	r.t.Helper()
	over, before, opened := r.slack.Conns()[0], len(r.slack.Envelopes()), len(r.told("connected"))
	r.slack.Use(over.Over())
	said := make([]slacktest.Answer, 2*each)
	var typed sync.WaitGroup
	say := func(from int) {
		for i := from; i < from+each; i++ {
			typed.Go(func() { said[i] = r.slack.Person("Anna").Command(fmt.Sprint("/rapport word ", first+i)) })
		}
	}
	release := r.clerk.holding()
	say(0)
	over.Warn()
	r.wait("connected", opened+1) // the one in its place, while this one is open
	if n := len(r.slack.Conns()); n != 3 {
		r.t.Errorf("open connections: got %d; want the old one and two", n)
	}
	say(each)
	if !r.slack.Wait(patience, func() bool { return len(r.slack.Envelopes()) == before+2*each }) {
		r.t.Fatalf("%d envelopes; want %d", len(r.slack.Envelopes()), before+2*each)
	}
	end(over)
	release()
	typed.Wait()
	return said
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

// TestSocketAnswersWhatCrossesTheEnd ends Run while commands come as fast as
// they can: each that Slack wrote is answered once, if only with words that
// nothing was changed.
func TestSocketAnswersWhatCrossesTheEnd(t *testing.T) {
	const people = 20
	s := slacktest.New(t, slacktest.Setup{AckTime: 300 * time.Millisecond})
	r := connected(t, s, 2, brisk())
	said := make([][]slacktest.Answer, people)
	var typed sync.WaitGroup
	for i := range people {
		typed.Go(func() {
			for len(said[i]) == 0 || said[i][len(said[i])-1].Error != "dispatch_failed" {
				said[i] = append(said[i], s.Person("Anna").Command("/rapport hello"))
			}
		})
	}
	for range people {
		r.clerk.next(t)
	}
	r.end()
	if err := r.ended(); err != nil {
		t.Errorf("Run: %v", err)
	}
	typed.Wait()
	delivered, acks, posts := 0, 0, 0
	for _, all := range said {
		delivered += len(all) - 1
	}
	for _, e := range s.Envelopes() {
		if len(e.Ack) > 0 {
			acks++
		}
	}
	for _, c := range s.Calls("response_url") {
		if c.Acted {
			posts++
		}
	}
	if acks+posts != delivered || delivered < people {
		t.Errorf("got %d acknowledgements and %d posts; want %d answers", acks, posts, delivered)
	}
	t.Logf("%d commands: %d acknowledged, %d posted", delivered, acks, posts)
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

// TestLinkAnswersOnceWhatWasNotWritten acknowledges on a connection that has
// ended, and on one that is to end: nobody knows what becomes of it there.
func TestLinkAnswersOnceWhatWasNotWritten(t *testing.T) {
	for name, end := range map[string]func(*link){
		"ended": func(l *link) { l.ws.Close() },
		"ends":  func(l *link) { l.retire(nil) },
		"parts": (*link).part,
	} {
		t.Run(name, func(t *testing.T) {
			s := slacktest.New(t, slacktest.Setup{})
			in := &intake{Adapter: New(Options{APIURL: s.APIURL(), AppToken: s.AppToken()}), pace: brisk(), work: t.Context()}
			ws, err := in.connect(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			l := newSockets(in).newLink(ws)
			defer ws.Close()
			defer close(l.ended)
			end(l)
			for i := range 20 {
				l.acknowledge(envelope{"e", ack{Body: answerTo(fmt.Sprint("late ", i)), Spare: hook(s)}})
			}
			for i := range 20 {
				if _, posts := answers(s, fmt.Sprint("late ", i)); posts != 1 {
					t.Errorf("got %d posts; want 1", posts)
				}
			}
			if want := name != "parts"; l.isRetired() != want {
				t.Errorf("another is wanted in its place: got %v; want %v", !want, want)
			}
		})
	}
}

// hook is a response_url.
func hook(s *slacktest.Slack) string {
	s.Use(nowhere{})
	address, _ := s.Person("Anna").Command("/rapport hello").Payload["response_url"].(string)
	return address
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

package slack

import (
	"bytes"
	"fmt"
	"sync"
	"testing"
	"time"

	"rapport/adapters/slack/slacktest"
)

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

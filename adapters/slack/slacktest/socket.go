package slacktest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/gorilla/websocket"
)

// A Kind is one of the three things that Slack sends.
type Kind string

// What Slack sends.
const (
	Commands     Kind = "slash_commands"
	Interactions Kind = "interactive"
	Events       Kind = "events_api"
)

// An Envelope is one delivery over a socket.
type Envelope struct {
	ID       string
	Kind     Kind
	Payload  map[string]any
	Attempt  int // 0 = the first time
	Conn     int // number of the connection
	Sent     time.Time
	Acked    bool
	Acks     int // how many acknowledgements came
	Ack      json.RawMessage
	Latency  time.Duration
	Lost     bool // no acknowledgement in time: the person saw an error
	TooLarge bool // an acknowledgement of 20 KiB or more came and was dropped
	Late     bool // acknowledged after Slack had given up
	done     chan struct{}
}

const (
	maxConns = 10
	maxAck   = 20 << 10
)

func (s *Slack) openConnection(map[string]any) (map[string]any, *refusal) {
	ticket := s.id("ticket")
	s.tickets[ticket] = true
	return map[string]any{"url": fmt.Sprintf("ws%s/link?ticket=%s&app_id=%s", s.server.URL[len("http"):], ticket, appID)}, nil
}

func (s *Slack) serveSocket(w http.ResponseWriter, r *http.Request) {
	f := s.fault("link")
	if f.Drop == Unread || !s.sleep(f.Delay) {
		hangUp(w)
		return
	}
	ticket := r.URL.Query().Get("ticket")
	s.mu.Lock()
	fresh := s.tickets[ticket]
	s.tickets[ticket] = false
	refuse := s.closed
	if !refuse {
		s.tasks.Add(1)
	}
	s.mu.Unlock()
	if refuse {
		hangUp(w)
		return
	}
	defer s.tasks.Done()
	if f.Status != 0 {
		w.WriteHeader(f.Status)
		return
	}
	if !fresh {
		http.Error(w, "used or unknown ticket", http.StatusForbidden)
		return
	}
	up := websocket.Upgrader{CheckOrigin: func(*http.Request) bool { return true }}
	ws, err := up.Upgrade(w, r, nil)
	if err != nil {
		return
	}
	s.attend(ws)
}

// Conns are the open connections, oldest first.
func (s *Slack) Conns() []*Conn {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(s.conns), func(c *Conn) bool { return c.ended })
}

// Connected counts all connections so far, those that ended, too.
func (s *Slack) Connected() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.conns)
}

// WaitConns waits until exactly n connections are open; false when within has
// passed.
func (s *Slack) WaitConns(n int, within time.Duration) bool {
	return s.Wait(within, func() bool { return len(s.Conns()) == n })
}

// Refresh renews all open connections at once; see [Conn.Refresh].
func (s *Slack) Refresh(after time.Duration) {
	var all sync.WaitGroup
	for _, c := range s.Conns() {
		all.Go(func() { c.Refresh(after) })
	}
	all.Wait()
}

// Disconnect ends all open connections for the reason given.
func (s *Slack) Disconnect(reason string) {
	for _, c := range s.Conns() {
		c.Disconnect(reason)
	}
}

// take reads one frame of the app.
func (s *Slack) take(frame []byte) {
	var ack struct {
		EnvelopeID string          `json:"envelope_id"`
		Payload    json.RawMessage `json:"payload"`
	}
	err := json.Unmarshal(frame, &ack)
	s.mu.Lock()
	defer s.mu.Unlock()
	defer s.touch()
	e := s.sent[ack.EnvelopeID]
	if err != nil || e == nil {
		s.stray++
		return
	}
	if len(frame) >= maxAck {
		s.dropped++
		e.TooLarge = true
		return
	}
	e.Acks++
	if e.Acked {
		return
	}
	e.Acked, e.Latency = true, time.Since(e.Sent)
	e.Late = e.Lost
	if string(ack.Payload) != "null" {
		e.Ack = ack.Payload
	}
	if len(e.Ack) > 0 && !accepts(e.Kind, e.Payload) {
		s.violate("ack "+string(e.Kind), "carries an answer that Slack ignores")
	}
	close(e.done)
}

// accepts tells whether an acknowledgement may carry an answer.
func accepts(k Kind, payload map[string]any) bool {
	return k == Commands || k == Interactions && str(payload, "type") == "view_submission"
}

// Envelopes are all deliveries over sockets so far, repeated ones again.
func (s *Slack) Envelopes() []Envelope {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []Envelope
	for _, e := range s.envelopes {
		out = append(out, *e)
	}
	return out
}

// Stray counts frames that acknowledged nothing Slack had sent.
func (s *Slack) Stray() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.stray
}

// Dropped counts acknowledgements that were too large and silently dropped.
func (s *Slack) Dropped() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.dropped
}

// turn is the connection whose turn it is; nil if none is open, or all of them
// close. s.mu is held.
func (s *Slack) turn() *Conn {
	for range s.conns {
		c := s.conns[s.next%len(s.conns)]
		s.next++
		if !c.ended && !c.parts {
			return c
		}
	}
	return nil
}

// sendEnvelope sends a payload over c; over the connection whose turn it is
// where c is nil, or the next one where that has just been closed. nil if there
// is none.
func (s *Slack) sendEnvelope(c *Conn, id string, k Kind, payload map[string]any, attempt int) *Envelope {
	for {
		over := c
		s.mu.Lock()
		if over == nil {
			over = s.turn()
		}
		if over == nil {
			s.mu.Unlock()
			return nil
		}
		e := &Envelope{ID: id, Kind: k, Payload: payload, Attempt: attempt, Conn: over.Number, Sent: time.Now(), done: make(chan struct{})}
		if id == "" {
			e.ID = s.id("00000000-0000-4000-8000-0000")
		}
		before := s.sent[e.ID]
		s.envelopes, s.sent[e.ID] = append(s.envelopes, e), e
		s.mu.Unlock()
		sent := over.send(e.frame())
		s.mu.Lock()
		s.touch()
		if sent {
			s.mu.Unlock()
			return e
		}
		over.parts = true
		s.envelopes = slices.DeleteFunc(s.envelopes, func(one *Envelope) bool { return one == e })
		s.sent[e.ID] = before
		s.mu.Unlock()
		if c != nil {
			return nil
		}
	}
}

// frame is e as the app reads it.
func (e *Envelope) frame() map[string]any {
	frame := map[string]any{"envelope_id": e.ID, "type": e.Kind, "accepts_response_payload": accepts(e.Kind, e.Payload), "payload": e.Payload}
	if e.Kind == Events {
		frame["retry_attempt"], frame["retry_reason"] = e.Attempt, ""
		if e.Attempt > 0 {
			frame["retry_reason"] = "timeout"
		}
	}
	return frame
}

// await waits for the acknowledgement of e.
func (s *Slack) await(e *Envelope) Answer {
	timer := time.NewTimer(s.set.AckTime)
	defer timer.Stop()
	select {
	case <-e.done:
	case <-timer.C:
	case <-s.ctx.Done():
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	a := Answer{Kind: e.Kind, Payload: e.Payload, Envelope: e.ID, Body: e.Ack, Latency: e.Latency, Tries: e.Attempt + 1, JSON: true}
	if !e.Acked {
		e.Lost = true
		a.Latency = time.Since(e.Sent)
		a.Error = "operation_timeout"
	}
	return a
}

// A socket is the transport over websockets.
type socket struct {
	s *Slack
	c *Conn
}

// Socket is Socket Mode, over one connection after the other.
func (s *Slack) Socket() Transport { return socket{s: s} }

// Over is Socket Mode over one connection.
func (c *Conn) Over() Transport { return socket{s: c.s, c: c} }

func (t socket) Deliver(k Kind, payload map[string]any) Answer {
	var a Answer
	for attempt, wait := range append([]time.Duration{0}, t.s.set.Retries...) {
		if !t.s.sleep(wait) {
			break
		}
		e := t.s.sendEnvelope(t.c, "", k, payload, attempt)
		if e == nil {
			a = Answer{Kind: k, Payload: payload, Error: "dispatch_failed", Tries: attempt + 1}
		} else {
			a = t.s.await(e)
		}
		if k != Events || a.Error == "" {
			break
		}
	}
	return a
}

// Repeat sends an envelope that was sent before once more, with the same names,
// over c or, where that is nil, over the connection whose turn it is.
func (s *Slack) Repeat(a Answer, c *Conn) Answer {
	e := s.sendEnvelope(c, a.Envelope, a.Kind, a.Payload, 0)
	if e == nil {
		return Answer{Kind: a.Kind, Payload: a.Payload, Error: "dispatch_failed"}
	}
	return s.await(e)
}

// Acked tells whether every envelope of these names was acknowledged.
func (s *Slack) Acked(ids ...string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return !slices.ContainsFunc(ids, func(id string) bool {
		return !slices.ContainsFunc(s.envelopes, func(e *Envelope) bool { return e.ID == id && e.Acked })
	})
}

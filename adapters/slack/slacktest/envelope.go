package slacktest

import (
	"encoding/json"
	"slices"
	"time"
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

// Acked tells whether every envelope of these names was acknowledged.
func (s *Slack) Acked(ids ...string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return !slices.ContainsFunc(ids, func(id string) bool {
		return !slices.ContainsFunc(s.envelopes, func(e *Envelope) bool { return e.ID == id && e.Acked })
	})
}

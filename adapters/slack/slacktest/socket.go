package slacktest

import (
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

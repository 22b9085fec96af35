package slacktest

import (
	"encoding/json"
	"fmt"
	"net"
	"sync"
	"time"

	"github.com/gorilla/websocket"
)

// A Conn is one websocket of the app.
type Conn struct {
	s      *Slack
	ws     *websocket.Conn
	write  sync.Mutex
	Number int // from 1
	gone   chan struct{}
	once   sync.Once
	frozen bool
	parts  bool // it closes: nothing more is written
	deaf   bool // what the app writes changes nothing any more
	ended  bool
	thaw   chan struct{} // closed unless c is frozen and open
}

// attend serves one connection until it ends.
func (s *Slack) attend(ws *websocket.Conn) {
	c := &Conn{s: s, ws: ws, gone: make(chan struct{}), thaw: make(chan struct{})}
	close(c.thaw)
	s.mu.Lock()
	closed := s.closed
	s.conns = append(s.conns, c)
	c.Number = len(s.conns)
	open := s.open()
	s.mu.Unlock()
	if closed {
		c.cut()
	}
	ws.SetCloseHandler(func(code int, _ string) error { // a second close frame is not written
		c.control(websocket.CloseMessage, websocket.FormatCloseMessage(code, ""))
		return nil
	})
	ws.SetPingHandler(func(data string) error { c.control(websocket.PongMessage, []byte(data)); return nil })
	c.send(map[string]any{
		"type": "hello", "num_connections": open, "connection_info": map[string]any{"app_id": appID},
		"debug_info": map[string]any{"host": "applink-test", "started": time.Now().UTC().Format(time.RFC3339), "build_number": 1, "approximate_connection_time": 18060},
	})
	s.mu.Lock()
	s.touch()
	s.mu.Unlock()
	var pings sync.WaitGroup
	pings.Go(c.ping)
	if open > maxConns {
		pings.Go(func() { c.Disconnect("too_many_websockets") })
	}
	for {
		_, frame, err := ws.ReadMessage()
		if err != nil {
			break
		}
		<-c.thawed()
		if c.isFrozen() {
			break // it ended so: what came meanwhile was never read
		}
		if !c.isDeaf() {
			s.take(frame)
		}
	}
	c.cut()
	pings.Wait()
	s.mu.Lock()
	s.touch()
	s.mu.Unlock()
}

// mu runs f with the state of all connections held.
func (c *Conn) mu(f func()) {
	c.s.mu.Lock()
	defer c.s.mu.Unlock()
	f()
}

// thawed is closed while c is not frozen, and when it has ended.
func (c *Conn) thawed() chan struct{} {
	c.s.mu.Lock()
	defer c.s.mu.Unlock()
	return c.thaw
}

// open counts the open connections. s.mu is held.
func (s *Slack) open() int {
	n := 0
	for _, c := range s.conns {
		if !c.ended {
			n++
		}
	}
	return n
}

func (c *Conn) ping() {
	tick := time.NewTicker(c.s.set.Ping)
	defer tick.Stop()
	for {
		c.control(websocket.PingMessage, []byte("Ping from slacktest"))
		select {
		case <-tick.C:
		case <-c.gone:
			return
		}
	}
}

func (c *Conn) control(kind int, data []byte) {
	if c.isFrozen() {
		return
	}
	_ = c.ws.WriteControl(kind, data, time.Now().Add(time.Second))
}

func (c *Conn) isFrozen() bool {
	c.s.mu.Lock()
	defer c.s.mu.Unlock()
	return c.frozen
}

func (c *Conn) isDeaf() bool {
	c.s.mu.Lock()
	defer c.s.mu.Unlock()
	return c.deaf
}

// send writes v as a text frame; a frozen connection swallows it. It reports
// false if c is closed: what was written before counts as delivered.
func (c *Conn) send(v any) bool {
	raw, err := json.Marshal(v)
	if err != nil {
		c.s.t.Errorf("slacktest: %v", err)
		return false
	}
	return c.frame(raw)
}

// Garbage writes bytes as a text frame, whatever they are.
func (c *Conn) Garbage(frame []byte) { c.frame(frame) }

func (c *Conn) frame(frame []byte) bool {
	if c.isFrozen() {
		return true
	}
	c.write.Lock()
	defer c.write.Unlock()
	_ = c.ws.SetWriteDeadline(time.Now().Add(time.Second))
	return c.ws.WriteMessage(websocket.TextMessage, frame) == nil
}

// cut ends the connection without a word.
func (c *Conn) cut() {
	c.once.Do(func() {
		c.s.mu.Lock()
		c.ended = true
		if c.frozen {
			close(c.thaw)
		}
		c.s.mu.Unlock()
		close(c.gone)
		_ = c.ws.Close()
	})
}

// Drop ends the connection without a close frame. What is on its way, in either
// direction, may be lost.
func (c *Conn) Drop() { c.cut() }

// Freeze leaves the connection half open: nothing is read or written any more.
// It counts as open until the app hangs up or the test ends it.
func (c *Conn) Freeze() {
	c.mu(func() {
		if !c.frozen && !c.ended {
			c.frozen = true
			c.thaw = make(chan struct{})
		}
	})
}

// Disconnect tells the app to go for the reason given, then closes: "link_disabled",
// "too_many_websockets", "refresh_requested".
func (c *Conn) Disconnect(reason string) {
	c.announce(reason)
	c.goodbye()
}

// Refresh renews the connection as Slack does: a warning, refresh_requested
// after the time given (about 10 s in Slack), then the end. Until then what
// people do goes on coming over it.
func (c *Conn) Refresh(after time.Duration) {
	c.Warn()
	select {
	case <-c.gone:
		return
	default:
	}
	if !c.s.sleep(after) {
		return
	}
	c.Disconnect("refresh_requested")
}

// Warn says that the connection will be closed, and leaves it open.
func (c *Conn) Warn() { c.announce("warning") }

func (c *Conn) announce(reason string) {
	c.send(map[string]any{"type": "disconnect", "reason": reason, "debug_info": map[string]any{"host": "applink-test"}})
}

// HangUp ends the connection without a word. Unlike with Drop, what was written
// before arrives, as TCP has it; what the app writes from now on does not count.
func (c *Conn) HangUp() {
	c.mu(func() { c.parts, c.deaf = true, true })
	c.write.Lock()
	if half, ok := c.ws.NetConn().(*net.TCPConn); ok {
		_ = half.CloseWrite()
	}
	c.write.Unlock()
	c.linger()
}

// goodbye closes as the protocol wants it: nothing more is written, and what
// the app writes is read until it closes, too.
func (c *Conn) goodbye() {
	c.mu(func() { c.parts = true })
	c.control(websocket.CloseMessage, websocket.FormatCloseMessage(websocket.CloseNormalClosure, ""))
	if !c.isFrozen() {
		c.linger()
	}
	c.cut()
}

// linger waits until the app has closed the connection, or has had the time for
// an acknowledgement, and ends it.
func (c *Conn) linger() {
	timer := time.NewTimer(c.s.set.AckTime)
	defer timer.Stop()
	select {
	case <-c.gone:
	case <-timer.C:
	case <-c.s.ctx.Done():
	}
	c.cut()
}

// Unparsable sends envelopes whose payload is not what their type says; each
// must be acknowledged all the same. The names of the envelopes are returned.
func (c *Conn) Unparsable() []string {
	var ids []string
	for _, kind := range []string{string(Commands), string(Interactions), string(Events)} {
		e := &Envelope{Kind: Kind(kind), Conn: c.Number, Sent: time.Now(), done: make(chan struct{})}
		c.mu(func() {
			e.ID = c.s.id("00000000-0000-4000-8000-0000")
			c.s.envelopes, c.s.sent[e.ID] = append(c.s.envelopes, e), e
		})
		c.Garbage(fmt.Appendf(nil, `{"envelope_id":%q,"type":%q,"accepts_response_payload":false,"payload":[1,{"what":"no %s"}]}`, e.ID, kind, kind))
		ids = append(ids, e.ID)
	}
	return ids
}

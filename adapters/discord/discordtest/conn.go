package discordtest

import (
	"encoding/json"
	"errors"
	"sync"
	"time"

	"github.com/gorilla/websocket"
)

// A Conn is one websocket of the app.
type Conn struct {
	d       *Discord
	ws      *websocket.Conn
	write   sync.Mutex
	Number  int  // from 1
	Resumes bool // it came to the address for resuming

	at       time.Time
	session  *session
	ended    bool
	quiet    bool // nothing is sent any more
	tried    bool // a resume, or told that there is none
	sent     []time.Time
	lastBeat moment
	gone     chan struct{}
	once     sync.Once
}

// attend serves one connection until it ends.
func (d *Discord) attend(ws *websocket.Conn, path, version, encoding, compress string) {
	c := &Conn{d: d, ws: ws, gone: make(chan struct{}), at: time.Now(), Resumes: path != gatewayPath && path != gatewayPath+"/"}
	ws.SetCloseHandler(func(int, string) error { return nil })
	d.mu.Lock()
	closed := d.closed
	d.conns = append(d.conns, c)
	c.Number = len(d.conns)
	c.lastBeat = d.moment()
	if version != "9" && version != "10" || encoding != "json" || compress != "" {
		d.violate("gateway", sprint("asks for v=%s encoding=%s compress=%s, want v=10 and json", version, encoding, compress))
	}
	hello := d.mute <= 0
	if !hello {
		d.mute--
		c.quiet = true
	}
	d.touch()
	d.mu.Unlock()
	if closed {
		c.cut()
	}
	if version != "9" && version != "10" {
		c.Close(4012)
	}
	c.send(map[string]any{"op": opHello, "t": nil, "s": nil, "d": map[string]any{
		"heartbeat_interval": d.set.Heartbeat.Milliseconds(), "_trace": []string{"discordtest"},
	}})
	var watch sync.WaitGroup
	watch.Go(c.watch)
	c.read()
	c.cut()
	watch.Wait()
}

// maxFrame is the largest frame that the Gateway takes.
const maxFrame = 4096

// read takes frames until the connection ends.
func (c *Conn) read() {
	for {
		_, raw, err := c.ws.ReadMessage()
		if err != nil {
			c.over(err)
			return
		}
		var f frame
		bad := json.Unmarshal(raw, &f) != nil
		c.d.mu.Lock()
		code := 0
		switch {
		case c.flood():
			code = 4008
		case len(raw) > maxFrame, bad:
			c.d.violate("gateway", sprint("a frame of %d bytes that is too long or no JSON", len(raw)))
			code = 4002
		default:
			code = c.take(f)
		}
		c.d.touch()
		c.d.mu.Unlock()
		if code != 0 {
			c.Close(code)
			return
		}
	}
}

// flood counts what the app sends; true where it is more than 120 in a minute.
// d.mu is held.
func (c *Conn) flood() bool {
	now := time.Now()
	c.sent = append(c.sent, now)
	for len(c.sent) > 0 && now.Sub(c.sent[0]) > time.Minute {
		c.sent = c.sent[1:]
	}
	if len(c.sent) > 120 {
		c.d.violate("gateway", "more than 120 frames in a minute")
		return true
	}
	return false
}

// over notes how the app ended the connection.
func (c *Conn) over(err error) {
	code := websocket.CloseAbnormalClosure
	if ce, ok := errors.AsType[*websocket.CloseError](err); ok {
		code = ce.Code
	}
	c.finish(code, false)
}

// finish notes an end, the first alone.
func (c *Conn) finish(code int, ours bool) {
	d := c.d
	d.mu.Lock()
	defer d.mu.Unlock()
	if c.ended {
		return
	}
	c.ended = true
	d.wire.closes = append(d.wire.closes, Closed{Conn: c.Number, Code: code, Ours: ours, At: time.Now()})
	if s := c.session; s != nil && s.conn == c {
		s.conn, s.left = nil, d.moment()
		if fatal(code) || !ours && (code == websocket.CloseNormalClosure || code == websocket.CloseGoingAway) {
			delete(d.sessions, s.id)
		}
	}
	d.touch()
}

// fatal tells whether a close code ends the session, too.
func fatal(code int) bool {
	switch code {
	case 4004, 4007, 4009, 4010, 4011, 4012, 4013, 4014:
		return true
	}
	return false
}

// watch ends the connection of an app that has stopped its heartbeats.
func (c *Conn) watch() {
	tick := time.NewTicker(min(c.d.set.Heartbeat, c.d.set.Grace))
	defer tick.Stop()
	for {
		select {
		case <-c.gone:
			return
		case <-tick.C:
		}
		c.d.mu.Lock()
		late := !c.quiet && time.Since(c.lastBeat.machine.Add(-c.d.skew)) > c.d.set.Grace
		if late {
			c.d.violate("gateway", sprint("no heartbeat for %v", c.d.set.Grace))
		}
		c.d.mu.Unlock()
		if late {
			c.Close(4000) // the app is to resume
			return
		}
	}
}

// send writes v as a text frame; a quiet connection swallows it.
func (c *Conn) send(v any) {
	raw, err := json.Marshal(v)
	if err != nil {
		c.d.t.Errorf("discordtest: %v", err)
		return
	}
	c.d.mu.Lock()
	quiet := c.quiet
	c.d.mu.Unlock()
	if !quiet {
		c.put(websocket.TextMessage, raw)
	}
}

func (c *Conn) put(kind int, raw []byte) {
	c.write.Lock()
	defer c.write.Unlock()
	_ = c.ws.SetWriteDeadline(time.Now().Add(time.Second))
	_ = c.ws.WriteMessage(kind, raw)
}

// cut ends the connection without a word.
func (c *Conn) cut() {
	c.finish(websocket.CloseAbnormalClosure, true)
	c.once.Do(func() {
		close(c.gone)
		_ = c.ws.Close()
	})
}

// Drop ends the connection without a close frame. Its session can be resumed.
func (c *Conn) Drop() { c.cut() }

// Silence makes the connection take everything and answer nothing any more: no
// events, no acknowledged heartbeats.
func (c *Conn) Silence() {
	c.d.mu.Lock()
	defer c.d.mu.Unlock()
	c.quiet = true
}

// Close closes the connection with a code, such as 4000 or 4014.
func (c *Conn) Close(code int) {
	c.finish(code, true)
	c.write.Lock()
	_ = c.ws.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(code, "discordtest"), time.Now().Add(time.Second))
	c.write.Unlock()
	c.cut()
}

// Reconnect asks the app to connect anew and to resume.
func (c *Conn) Reconnect() { c.send(map[string]any{"op": opReconnect, "d": nil, "t": nil, "s": nil}) }

// InvalidSession tells the app that its session is invalid; it may be resumed
// where resumable is true.
func (c *Conn) InvalidSession(resumable bool) {
	c.d.mu.Lock()
	if s := c.session; s != nil && !resumable {
		delete(c.d.sessions, s.id)
		c.session = nil
	}
	c.tried = true
	c.d.touch()
	c.d.mu.Unlock()
	c.send(map[string]any{"op": opInvalid, "d": resumable, "t": nil, "s": nil})
}

// RequestHeartbeat asks the app for a heartbeat at once.
func (c *Conn) RequestHeartbeat() {
	c.send(map[string]any{"op": opHeartbeat, "d": nil, "t": nil, "s": nil})
}

// Garbage sends frames that no app should stumble over: what is no JSON, no
// object, of an unknown kind, and bytes.
func (c *Conn) Garbage() {
	for _, text := range []string{`{"op":0,"t":"INTERACTION_CREATE","d":`, `null`, `[]`, `"op"`, `{}`, `{"op":99,"d":{}}`,
		`{"op":0,"s":null,"t":"SOMETHING_NEW","d":{"id":[1]}}`, `{"op":0,"t":"GUILD_CREATE","d":[]}`,
		`{"op":0,"t":"INTERACTION_CREATE","d":{"id":"1","type":99,"token":"x"}}`, `{"op":0,"t":"INTERACTION_CREATE","d":{"id":7}}`} {
		c.Frame([]byte(text))
	}
	c.put(websocket.BinaryMessage, []byte{0x78, 0x9c, 0, 1, 2, 3})
}

// Frame sends bytes as a text frame, whatever they are.
func (c *Conn) Frame(raw []byte) { c.put(websocket.TextMessage, raw) }

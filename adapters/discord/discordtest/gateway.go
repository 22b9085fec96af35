package discordtest

import (
	"encoding/json"
	"net/http"
	"slices"
	"time"

	"github.com/gorilla/websocket"
)

const (
	gatewayPath = "/gateway"
	resumePath  = "/gateway/resume"
)

// Opcodes of the Gateway.
const (
	opDispatch  = 0
	opHeartbeat = 1
	opIdentify  = 2
	opResume    = 6
	opReconnect = 7
	opInvalid   = 9
	opHello     = 10
	opAck       = 11
)

// An Identify is one start of a session that was asked for.
type Identify struct {
	Conn    int
	Shard   [2]int
	Intents int
	At      time.Time // machine time
	Refused bool

	at moment
}

// A Resume is one session that was to go on.
type Resume struct {
	Conn   int
	Seq    int
	At     time.Time
	Worked bool
	Missed int // how many events came again
}

// A Heartbeat is one that the app sent.
type Heartbeat struct {
	Conn int
	Seq  int           // -1 = null
	At   time.Time     // machine time
	Age  time.Duration // of the connection
}

// wireLog is what happened at the Gateway.
type wireLog struct {
	identifies []Identify
	resumes    []Resume
	heartbeats []Heartbeat
	closes     []Closed
}

// Closed is the end of a connection.
type Closed struct {
	Conn int
	Code int  // close code; 1006 where there was none
	Ours bool // Discord ended it
	At   time.Time
}

// Identifies are all starts of sessions so far, refused ones, too.
func (d *Discord) Identifies() []Identify {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.Clone(d.wire.identifies)
}

// Resumes are all so far.
func (d *Discord) Resumes() []Resume {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.Clone(d.wire.resumes)
}

// Heartbeats are all so far.
func (d *Discord) Heartbeats() []Heartbeat {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.Clone(d.wire.heartbeats)
}

// Closes are the ends of connections so far.
func (d *Discord) Closes() []Closed {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.Clone(d.wire.closes)
}

// Conns are the open connections, oldest first.
func (d *Discord) Conns() []*Conn {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(d.conns), func(c *Conn) bool { return c.ended })
}

// Connected counts all connections so far, those that ended, too.
func (d *Discord) Connected() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return len(d.conns)
}

// Ready are the open connections with a session, oldest first.
func (d *Discord) Ready() []*Conn {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(d.conns), func(c *Conn) bool { return c.ended || c.session == nil })
}

// WaitConns waits until exactly n connections are open; false when within has
// passed.
func (d *Discord) WaitConns(n int, within time.Duration) bool {
	return d.Wait(within, func() bool { return len(d.Conns()) == n })
}

// WaitReady waits until exactly n connections have a session; false when within
// has passed.
func (d *Discord) WaitReady(n int, within time.Duration) bool {
	return d.Wait(within, func() bool { return len(d.Ready()) == n })
}

// NoHello makes the next n connections never begin: nothing is ever sent on
// them.
func (d *Discord) NoHello(n int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.mute = n
}

// SilenceNext makes the next n connections go silent once they are ready, as
// [Conn.Silence] does.
func (d *Discord) SilenceNext(n int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.silent = n
}

// Double makes every interaction arrive twice over the Gateway.
func (d *Discord) Double(on bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.double = on
}

// Drop ends all open connections without a close frame.
func (d *Discord) Drop() { d.onAll((*Conn).Drop) }

// Silence makes all open connections go silent.
func (d *Discord) Silence() { d.onAll((*Conn).Silence) }

// Reconnect asks the app to connect anew and to resume.
func (d *Discord) Reconnect() { d.onAll((*Conn).Reconnect) }

// InvalidSession tells the app that its sessions are invalid.
func (d *Discord) InvalidSession(resumable bool) {
	d.onAll(func(c *Conn) { c.InvalidSession(resumable) })
}

// CloseConns closes all open connections with a code.
func (d *Discord) CloseConns(code int) { d.onAll(func(c *Conn) { c.Close(code) }) }

func (d *Discord) onAll(f func(*Conn)) {
	for _, c := range d.Conns() {
		f(c)
	}
}

func (d *Discord) serveGateway(w http.ResponseWriter, r *http.Request) {
	f := d.faultOf(http.MethodGet, "/gateway/link")
	if f.Drop != Stays || !d.sleep(f.Delay) {
		hangUp(w)
		return
	}
	d.mu.Lock()
	refuse := d.closed
	if !refuse {
		d.tasks.Add(1)
	}
	d.mu.Unlock()
	if refuse {
		hangUp(w)
		return
	}
	defer d.tasks.Done()
	if f.Status != 0 {
		w.WriteHeader(f.Status)
		return
	}
	up := websocket.Upgrader{CheckOrigin: func(*http.Request) bool { return true }}
	ws, err := up.Upgrade(w, r, nil)
	if err != nil {
		return
	}
	q := r.URL.Query()
	d.attend(ws, r.URL.Path, q.Get("v"), q.Get("encoding"), q.Get("compress"))
}

// A frame is one of the Gateway.
type frame struct {
	Op int             `json:"op"`
	D  json.RawMessage `json:"d"`
}

// gateway is the transport over websockets.
type gateway struct{ d *Discord }

func (g gateway) deliver(it *Interaction) {
	d := g.d
	d.mu.Lock()
	defer d.mu.Unlock()
	times := 1
	if d.double {
		times = 2
	}
	for range times {
		it.Deliveries++
		d.dispatch(it.Guild, "INTERACTION_CREATE", it.Payload)
	}
}

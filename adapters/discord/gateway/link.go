package gateway

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gorilla/websocket"
	"golang.org/x/time/rate"

	"rapport/adapters/surface"
)

const (
	writeTime = time.Second            // a frame that the system does not take by then is stuck
	byeTime   = 500 * time.Millisecond // for each half of a farewell
	longBeat  = 10 * time.Minute       // no gateway wants heartbeats as rarely
	beatBurst = 10                     // heartbeats that Discord may ask for at once, then one a second
)

// A link is one connection, from before it is opened until it has ended. One
// goroutine reads and acts on what it reads; another tends it: it sees to all
// that is due at a time.
type link struct {
	*shard
	turn   *turn // to identify; nil where the session is resumed
	conn   *websocket.Conn
	raw    net.Conn // below TLS, so that closing it never waits
	write  sync.Mutex
	asked  *rate.Limiter // heartbeats that Discord asks for
	hailed bool          // Discord has said its first word
	up     time.Time     // Discord took us then

	greeted chan time.Duration    // the interval of heartbeats, once
	taken   chan struct{}         // closed when Discord takes us
	over    chan struct{}         // closed when nothing is read any more
	acked   atomic.Bool           // the last heartbeat was
	ending  atomic.Bool           // we have said farewell; what still comes is for nobody
	cause   atomic.Pointer[error] // why we ended the connection; the first counts
}

// run connects to where and hands on what comes, until the connection ends. It
// tells why; if ctx ended it, that means nothing.
func (l *link) run(ctx context.Context, where string) error {
	if err := l.dial(ctx, where); err != nil {
		return err
	}
	defer l.raw.Close()
	l.asked = rate.NewLimiter(rate.Every(time.Second), beatBurst)
	l.greeted, l.taken, l.over = make(chan time.Duration, 1), make(chan struct{}), make(chan struct{})
	var tending sync.WaitGroup
	tending.Go(func() { l.tend(ctx) })
	err := l.read()
	close(l.over)
	tending.Wait()
	code := resuming
	if gone(err) {
		code = leaving
	}
	l.farewell(code)
	return l.reason(err)
}

// reason is why the connection ended, given how reading did. What the peer said
// last counts most: it may be that it does not want us at all. Only where we
// said farewell first, its answer to that is no reason.
func (l *link) reason(err error) error {
	own := l.cause.Load()
	if own == nil {
		return err
	}
	e, ok := errors.AsType[*websocket.CloseError](err)
	said := ok && e.Code != websocket.CloseAbnormalClosure
	if said && (!l.ending.Load() || refusal(err) != nil) {
		return err
	}
	return *own
}

// dial opens the socket. The end of ctx breaks it off at once, wherever it is.
func (l *link) dial(ctx context.Context, where string) error {
	keep := func() bool { return true }
	d := websocket.Dialer{
		Proxy: http.ProxyFromEnvironment, HandshakeTimeout: l.pace.Dial,
		NetDialContext: func(brief context.Context, network, addr string) (net.Conn, error) {
			conn, err := new(net.Dialer).DialContext(brief, network, addr)
			if err != nil {
				return nil, err
			}
			l.raw = conn
			keep = context.AfterFunc(ctx, func() { conn.Close() }) // nothing else ends a handshake
			return conn, nil
		},
	}
	conn, answer, err := d.DialContext(ctx, where, nil)
	intact := keep()
	switch {
	case err != nil && answer != nil:
		return &surface.Fault{Text: fmt.Sprintf("the gateway answers with status %d", answer.StatusCode), Cause: websocket.ErrBadHandshake}
	case err != nil:
		return err
	case !intact:
		l.raw.Close()
		return net.ErrClosed
	}
	l.conn = conn
	return nil
}

// read acts on frames until one of them, or the network, ends the connection.
func (l *link) read() error {
	in := reader{conn: l.conn}
	for {
		f, skip, err := in.next()
		if err != nil {
			return err
		}
		if l.ending.Load() {
			continue
		}
		if skip == nil {
			skip, err = l.take(f)
		}
		if err != nil {
			return err
		}
		if skip != nil {
			l.unreadable(skip)
		}
	}
}

// unreadable tells of what is skipped.
func (l *link) unreadable(why error) {
	switch why {
	case errLong, errBinary:
	default:
		why = surface.Bare(why)
	}
	l.options.Notify("unreadable", why, 0)
}

// take acts on one frame. skip tells that it cannot be read, err that it ends
// the connection.
func (l *link) take(f *frame) (skip, err error) {
	switch f.Op {
	case opDispatch:
		return l.dispatch(f), nil
	case opHeartbeat:
		if l.asked.Allow() {
			l.beat()
		}
	case opReconnect:
		return nil, errReconnect
	case opInvalid:
		var keep bool
		if json.Unmarshal(f.Data, &keep) == nil && keep && l.session.id != "" {
			return nil, errLater
		}
		return nil, errInvalid
	case opHello:
		return l.greet(f.Data)
	case opAck:
		l.acked.Store(true)
	}
	return nil, nil
}

// greet answers Discord's first word: with the session that there is, or by
// asking for one.
func (l *link) greet(data json.RawMessage) (skip, err error) {
	var h hello
	if err := json.Unmarshal(data, &h); err != nil {
		return err, nil
	}
	interval := time.Duration(h.Interval) * time.Millisecond
	if h.Interval <= 0 || h.Interval > longBeat.Milliseconds() {
		return nil, errHello
	}
	if l.hailed {
		return nil, nil
	}
	l.hailed = true
	l.greeted <- interval
	if l.turn == nil {
		l.session.unanswered++
		l.say(opResume, resume{Token: l.options.Token, Session: l.session.id, Seq: l.session.seq.Load()})
		return nil, nil
	}
	l.turn.spend()
	l.say(opIdentify, identify{Token: l.options.Token, Intents: l.options.Intents,
		Shard: [2]int{l.id, l.total}, Properties: properties()})
	l.turn.leave()
	l.options.Notify("identified", nil, l.budget.spentWithin(l.pace.Hour))
	return nil, nil
}

// dispatch hands an event on.
func (l *link) dispatch(f *frame) (skip error) {
	if f.Seq != nil {
		l.session.saw(*f.Seq)
	}
	switch f.Type {
	case "READY":
		var r ready
		if err := json.Unmarshal(f.Data, &r); err != nil {
			return err
		}
		l.session.begin(r.Session, r.Address)
		l.welcome("connected")
	case "RESUMED":
		l.session.unanswered = 0
		l.welcome("resumed")
	}
	l.hand(Event{Type: f.Type, Data: f.Data, Shard: l.id})
	return nil
}

// hand gives e to the handler and survives what it does.
func (l *link) hand(e Event) {
	defer func() {
		if v := recover(); v != nil {
			l.options.Notify("panic", fmt.Errorf("%T", v), 0)
		}
	}()
	l.options.Handle(e)
}

// welcome is told that Discord took us.
func (l *link) welcome(what string) {
	if !l.up.IsZero() {
		return
	}
	l.up = time.Now()
	close(l.taken)
	l.is(nil)
	l.options.Notify(what, nil, l.connected())
}

// say sends one frame. If it cannot, the connection ends as soon as what the
// peer said last is read.
func (l *link) say(op int, data any) {
	text, err := json.Marshal(outgoing{Op: op, Data: data})
	if err == nil {
		err = l.send(text)
	}
	if err != nil {
		l.because(err)
		_ = l.conn.SetReadDeadline(time.Now().Add(byeTime)) // fails where reading does
	}
}

func (l *link) send(text []byte) error {
	l.write.Lock()
	defer l.write.Unlock()
	if err := l.conn.SetWriteDeadline(time.Now().Add(writeTime)); err != nil {
		return err
	}
	return l.conn.WriteMessage(websocket.TextMessage, text)
}

// because tells why we end the connection.
func (l *link) because(err error) { l.cause.CompareAndSwap(nil, &err) }

// farewell tells the peer that we close.
func (l *link) farewell(code int) {
	// If that cannot be sent, the peer learns it from the end of the connection.
	_ = l.conn.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(code, ""), time.Now().Add(byeTime))
}

package slack

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"rapport/adapters/surface"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gorilla/websocket"
	slackgo "github.com/slack-go/slack"
	"github.com/slack-go/slack/slackevents"
	"github.com/slack-go/slack/socketmode"
)

const (
	handshakeTime = 10 * time.Second
	maxPayload    = 1 << 20  // bytes of what Slack tells at a time
	writeBuffer   = 32 << 10 // more than the largest acknowledgement: Slack takes unbroken frames only
	ackTime       = 2500 * time.Millisecond
)

// A link is one connection, from before it is opened until it has ended.
//
// slack-go does not tell when an acknowledgement has been written, and would
// write one that it could not on the connection after. Therefore each
// connection has a client of its own, and what was not written on it is known:
// acknowledgements are queued in order, and the pool of write buffers is asked
// once for each that is written.
type link struct {
	*sockets
	client  *socketmode.Client
	cancel  context.CancelFunc
	ctx     context.Context // ends when the connection is known to have ended
	opened  atomic.Bool     // it was open: it is not opened again
	greeted bool            // Slack said hello
	cause   error           // of the end
	renewal *time.Timer
	broken  atomic.Bool   // a write has failed
	turn    chan struct{} // held while an acknowledgement is queued
	ended   bool          // guarded by turn: nothing is queued any more

	buffer any // of the next write; touched by the goroutine that writes only
	unsent struct {
		sync.Mutex
		list []envelope
		none chan struct{} // closed when list is empty, if somebody waits for it
	}
}

// An envelope is one acknowledgement on its way.
type envelope struct {
	id string
	ack
}

func (s *sockets) newLink() *link {
	l := &link{sockets: s, turn: make(chan struct{}, 1)}
	l.ctx, l.cancel = context.WithCancel(s.work)
	silent := log.New(io.Discard, "", 0)
	api := slackgo.New("", slackgo.OptionAppLevelToken(s.AppToken), slackgo.OptionAPIURL(s.APIURL),
		slackgo.OptionHTTPClient(l), slackgo.OptionLog(silent))
	l.client = socketmode.New(api, socketmode.OptionLog(silent), socketmode.OptionReadLimit(maxPayload),
		socketmode.OptionPingInterval(s.ping), socketmode.OptionDialer(&websocket.Dialer{
			Proxy: http.ProxyFromEnvironment, HandshakeTimeout: handshakeTime,
			WriteBufferSize: writeBuffer, WriteBufferPool: l, NetDialContext: l.dial,
		}))
	l.client.Events = make(chan socketmode.Event) // without a buffer, the client goes no further than we know
	return l
}

// run connects and hands on what comes, until the connection ends, or ctx is
// done while there is none, or open ends.
func (l *link) run(ctx, open context.Context) error {
	defer l.cancel()
	defer context.AfterFunc(open, l.cancel)()
	connecting := context.AfterFunc(ctx, l.cancel)
	defer connecting()
	ended := make(chan error, 1)
	go func() { ended <- l.client.RunContext(l.ctx) }()
	for {
		select {
		case e := <-l.client.Events:
			if e.Type == socketmode.EventTypeHello {
				connecting() // from now on the end of ctx is for drain to see to
			}
			l.event(e)
		case err := <-ended:
			if l.cause == nil && !errors.Is(err, context.Canceled) {
				l.cause = err
			}
			l.finish()
			return l.cause
		}
	}
}

// event takes what the client tells. It never waits.
func (l *link) event(e socketmode.Event) {
	switch data := e.Data.(type) {
	case *slackgo.ConnectingEvent:
		if data.ConnectionCount > 0 {
			l.cancel() // the connection is over
		}
	case *socketmode.ConnectedEvent:
		l.opened.Store(true)
	case *slackgo.ConnectionErrorEvent:
		if !l.opened.Load() {
			l.cause = data.ErrorObj
		}
		l.cancel() // the next attempt is ours
	case *slackgo.IncomingEventError:
		l.unreadable(data.ErrorObj)
	case *socketmode.ErrorWriteFailed:
		l.unwritten(data)
	case *socketmode.ErrorBadMessage:
		l.bad(data)
	case slackgo.SlashCommand:
		l.deliver(e.Request, incoming{ID: data.TriggerID, Command: &data})
	case slackgo.InteractionCallback:
		l.deliver(e.Request, incoming{ID: data.TriggerID, Press: &data})
	case slackevents.EventsAPIEvent:
		l.heard(e.Request, &data)
	default:
		if e.Type == socketmode.EventTypeHello {
			l.greeted = true
			l.hello(l, e.Request.NumConnections)
		}
	}
}

func (l *link) heard(r *socketmode.Request, e *slackevents.EventsAPIEvent) {
	id, ok := eventID(e)
	if !ok {
		l.Notify(Notice{What: "events limited"})
		l.aside(func() { l.acknowledge(envelope{id: r.EnvelopeID}) })
		return
	}
	l.deliver(r, incoming{ID: id, Event: e})
}

// deliver hands in on, and acknowledges it with what the taker says.
func (l *link) deliver(r *socketmode.Request, in incoming) {
	if in.ID == "" {
		in.ID = r.EnvelopeID
	}
	if l.enter() {
		go func() {
			defer l.leave()
			l.acknowledge(envelope{r.EnvelopeID, l.take(in)})
		}()
		return
	}
	l.aside(func() {
		if a, ok := l.refuse(in); ok {
			l.acknowledge(envelope{r.EnvelopeID, a})
		}
	})
}

// unreadable is told of a frame that is no JSON, or why the connection ends.
func (l *link) unreadable(err error) {
	if f := surface.Garbled(err); f != nil {
		l.Notify(Notice{What: "unreadable", Err: f})
		return
	}
	if l.cause == nil && l.ctx.Err() == nil {
		l.cause = err
	}
}

// bad acknowledges what slack-go cannot read: it would only come again.
func (l *link) bad(m *socketmode.ErrorBadMessage) {
	l.Notify(Notice{What: "unreadable", Err: errUnknown})
	var r socketmode.Request
	if json.Unmarshal(m.Message, &r) == nil && r.EnvelopeID != "" {
		l.aside(func() { l.acknowledge(envelope{id: r.EnvelopeID}) })
	}
}

// unwritten is told that an acknowledgement was not written: nor will be what
// comes after it.
func (l *link) unwritten(e *socketmode.ErrorWriteFailed) {
	if l.cause == nil {
		l.cause = e.Cause
	}
	l.cancel()
	if body, ok := e.Response.Payload.(payload); ok && !l.waits(e.Response.EnvelopeID) {
		l.errands.Go(func() { l.lost(ack(body)) })
	}
}

// renewAfter ends the connection in a while, if another is open then.
func (l *link) renewAfter(d time.Duration) {
	l.renewal = time.AfterFunc(d, func() {
		if l.besides(l) {
			l.cancel()
		}
	})
}

// finish sees to what was not acknowledged on the connection, which has ended.
func (l *link) finish() {
	if l.renewal != nil {
		l.renewal.Stop()
	}
	l.gone(l, l.cause)
	l.cancel()
	l.turn <- struct{}{}
	l.ended = true
	<-l.turn
	l.unsent.Lock()
	list := l.unsent.list
	l.unsent.list = nil
	l.unsent.Unlock()
	for _, e := range list {
		l.errands.Go(func() { l.lost(e.ack) })
	}
}

// A payload is the body of an acknowledgement as the client sends it.
type payload ack

// MarshalJSON implements [json.Marshaler].
func (p payload) MarshalJSON() ([]byte, error) { return p.Body, nil }

// acknowledge queues e, or answers another way if the connection has ended.
func (l *link) acknowledge(e envelope) {
	ctx, cancel := context.WithTimeout(l.ctx, ackTime)
	defer cancel()
	if !l.queued(ctx, e) {
		l.lost(e.ack)
	}
}

// queued queues e for the client to write. It reports false if e will not be
// written; where e is too large, Slack is told at least that it arrived.
func (l *link) queued(ctx context.Context, e envelope) bool {
	select {
	case l.turn <- struct{}{}:
	case <-ctx.Done():
		return false
	}
	defer func() { <-l.turn }()
	if l.ended {
		return false
	}
	ok := l.queue(ctx, e)
	if !ok && ctx.Err() == nil {
		l.queue(ctx, envelope{id: e.id})
	}
	return ok
}

// queue does it. The turn is held.
func (l *link) queue(ctx context.Context, e envelope) bool {
	l.unsent.Lock()
	l.unsent.list = append(l.unsent.list, e) // before it can be written
	l.unsent.Unlock()
	var body any
	if e.Body != nil {
		body = payload(e.ack)
	}
	if l.client.AckCtx(ctx, e.id, body) == nil {
		return true
	}
	l.unsent.Lock()
	defer l.unsent.Unlock()
	l.unsent.list = l.unsent.list[:len(l.unsent.list)-1]
	l.settle()
	return false
}

// Get implements [websocket.BufferPool] for the one goroutine that writes.
func (l *link) Get() any { return l.buffer }

// Put implements [websocket.BufferPool]. It is called after each message: the
// first of unsent was written, if nothing failed.
func (l *link) Put(buffer any) {
	l.buffer = buffer
	l.unsent.Lock()
	defer l.unsent.Unlock()
	if l.broken.Load() || len(l.unsent.list) == 0 {
		return
	}
	e := l.unsent.list[0]
	l.unsent.list[0] = envelope{}
	l.unsent.list = l.unsent.list[1:]
	l.settle()
	e.sent()
}

// settle wakes who waits for the last acknowledgement. unsent is locked.
func (l *link) settle() {
	if len(l.unsent.list) == 0 && l.unsent.none != nil {
		close(l.unsent.none)
		l.unsent.none = nil
	}
}

// waits reports whether the acknowledgement of that envelope is unsent.
func (l *link) waits(id string) bool {
	l.unsent.Lock()
	defer l.unsent.Unlock()
	return slices.ContainsFunc(l.unsent.list, func(e envelope) bool { return e.id == id })
}

// flush waits until nothing is unsent, the connection has ended, or ctx is done.
func (l *link) flush(ctx context.Context) {
	l.unsent.Lock()
	if len(l.unsent.list) == 0 {
		l.unsent.Unlock()
		return
	}
	none := make(chan struct{})
	l.unsent.none = none
	l.unsent.Unlock()
	select {
	case <-none:
	case <-l.ctx.Done():
	case <-ctx.Done():
	}
}

// Do makes the one call that opens the connection. The client would open
// another after it.
func (l *link) Do(r *http.Request) (*http.Response, error) {
	if l.opened.Load() {
		return nil, net.ErrClosed
	}
	return l.http.Do(r)
}

// dial connects to the socket, or the proxy on the way there.
func (l *link) dial(ctx context.Context, network, address string) (net.Conn, error) {
	c, err := new(net.Dialer).DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	return &wire{Conn: c, broken: &l.broken}, nil
}

// A wire notes that a write has failed.
type wire struct {
	net.Conn
	broken *atomic.Bool
}

func (w *wire) Write(p []byte) (int, error) {
	n, err := w.Conn.Write(p)
	if err != nil {
		w.broken.Store(true)
	}
	return n, err
}

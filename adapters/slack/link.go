package slack

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
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
	maxFrame      = 20 << 10 // bytes of an acknowledgement; from there on Slack drops it and does not say so
	writeBuffer   = 32 << 10 // more than maxFrame: Slack takes unbroken frames only
	ackTime       = 2500 * time.Millisecond
	linger        = 30 * time.Second // for Slack to close what it said it would, which takes it 10
	partTime      = time.Second      // for Slack to answer when we close
	maxGarbage    = 10               // frames in a row that nobody can read, before another connection is wanted
)

// A link is one connection, from when it is open until nothing more comes.
//
// Slack says about 10 seconds before that it will close a connection, and may
// send payloads over it until then. So the connection is left to Slack to
// close, while another is opened beside it.
type link struct {
	*sockets
	ws      *websocket.Conn
	once    sync.Once
	retired chan struct{} // closed when another is wanted in its place
	cause   error         // of that; nil if Slack said so, or we did
	ended   chan struct{} // closed when nothing more comes
	greeted atomic.Bool   // Slack said hello
	garbage int           // frames in a row that nobody can read
	writing sync.Mutex
}

// An envelope is one acknowledgement on its way.
type envelope struct {
	id string
	ack
}

// connect opens a websocket to Slack.
func (a *Adapter) connect(ctx context.Context) (*websocket.Conn, error) {
	_, address, err := a.api.StartSocketModeContext(ctx)
	if err != nil {
		return nil, err
	}
	d := websocket.Dialer{Proxy: http.ProxyFromEnvironment, HandshakeTimeout: handshakeTime, WriteBufferSize: writeBuffer}
	ws, _, err := d.DialContext(ctx, address, http.Header{"Origin": {"https://api.slack.com"}})
	if err != nil {
		return nil, err
	}
	ws.SetReadLimit(maxPayload)
	return ws, nil
}

func (s *sockets) newLink(ws *websocket.Conn) *link {
	return &link{sockets: s, ws: ws, retired: make(chan struct{}), ended: make(chan struct{})}
}

// serve takes what comes until Slack closes the connection, or is silent for
// too long. When open ends it is closed from here.
func (l *link) serve(open context.Context) {
	defer close(l.ended)
	defer l.ws.Close()
	defer context.AfterFunc(open, l.part)()
	l.awake()
	l.ws.SetPingHandler(func(data string) error {
		l.awake()
		// Where that fails, so does what is read or written next.
		_ = l.ws.WriteControl(websocket.PongMessage, []byte(data), time.Now().Add(partTime))
		return nil
	})
	for {
		_, frame, err := l.ws.ReadMessage()
		if err != nil {
			if websocket.IsCloseError(err, websocket.CloseNormalClosure) {
				err = nil
			}
			l.retire(err)
			l.gone(l)
			return
		}
		l.read(frame)
	}
}

// awake notes that Slack is there.
func (l *link) awake() { _ = l.ws.SetReadDeadline(time.Now().Add(l.ping)) }

// retire wants another connection in place of this one, which stays open for
// what Slack still sends.
func (l *link) retire(why error) {
	l.once.Do(func() {
		l.cause = why
		close(l.retired)
		l.after(linger, l.part)
	})
}

// isRetired reports whether another connection is wanted in place of this one.
func (l *link) isRetired() bool {
	select {
	case <-l.retired:
		return true
	default:
		return false
	}
}

// part closes from here, as the protocol wants it: what Slack wrote before it
// hears of that is still read.
func (l *link) part() {
	l.after(partTime, func() { l.ws.Close() })
	hangUp(l.ws)
}

// hangUp tells Slack that the connection is closed from here.
func hangUp(ws *websocket.Conn) {
	bye := websocket.FormatCloseMessage(websocket.CloseNormalClosure, "")
	_ = ws.WriteControl(websocket.CloseMessage, bye, time.Now().Add(partTime))
}

// renewAfter closes the connection in a while, if another is open then.
func (l *link) renewAfter(d time.Duration) {
	l.after(d, func() {
		if l.besides(l) {
			l.part()
		}
	})
}

// after does f in a while, unless the connection has ended.
func (l *link) after(d time.Duration, f func()) {
	go func() {
		select {
		case <-time.After(d):
			f()
		case <-l.ended:
		}
	}()
}

// read takes one frame. It never waits.
func (l *link) read(frame []byte) {
	var r socketmode.Request
	if err := json.Unmarshal(frame, &r); err != nil && r.Type == "" {
		l.unreadable(r, bare(err))
		return
	}
	switch r.Type {
	case socketmode.RequestTypeHello:
		l.greeted.Store(true)
		l.hello(l, r.NumConnections)
	case socketmode.RequestTypeDisconnect:
		l.retire(nil)
	default:
		in, err := payload(r)
		if err != nil {
			l.unreadable(r, err)
			return
		}
		l.garbage = 0
		l.deliver(r.EnvelopeID, in)
	}
}

// payload reads what Slack tells.
func payload(r socketmode.Request) (in incoming, err error) {
	switch r.Type {
	case socketmode.RequestTypeSlashCommands:
		in.Command = new(slackgo.SlashCommand)
		err = json.Unmarshal(r.Payload, in.Command)
		in.ID = in.Command.TriggerID
	case socketmode.RequestTypeInteractive:
		in.Press = new(slackgo.InteractionCallback)
		err = json.Unmarshal(r.Payload, in.Press)
		in.ID = in.Press.TriggerID
	case socketmode.RequestTypeEventsAPI:
		var e slackevents.EventsAPIEvent
		e, err = slackevents.ParseEvent(r.Payload, slackevents.OptionNoVerifyToken())
		in.Event = &e
	default:
		err = errUnknown
	}
	if err != nil {
		return in, errUnknown
	}
	return in, nil
}

// unreadable acknowledges what nobody can read: it would only come again.
func (l *link) unreadable(r socketmode.Request, why error) {
	l.Notify(Notice{What: "unreadable", Err: why})
	if l.garbage++; l.garbage == maxGarbage {
		l.retire(why)
	}
	if r.EnvelopeID != "" {
		l.aside(func() { l.acknowledge(envelope{id: r.EnvelopeID}) })
	}
}

// deliver hands in on, and acknowledges it with what the taker says.
func (l *link) deliver(id string, in incoming) {
	if in.Event != nil {
		name, ok := eventID(in.Event)
		if !ok {
			l.Notify(Notice{What: "events limited"})
			l.aside(func() { l.acknowledge(envelope{id: id}) })
			return
		}
		in.ID = name
	}
	if in.ID == "" {
		in.ID = id
	}
	if l.enter() {
		go func() {
			defer l.leave()
			l.acknowledge(envelope{id, l.take(in)})
		}()
		return
	}
	l.aside(func() {
		if a, ok := l.refuse(in); ok {
			l.acknowledge(envelope{id, a})
		}
	})
}

// acknowledge writes e, or answers another way where that cannot be done or
// nobody knows whether it will be read.
func (l *link) acknowledge(e envelope) {
	frame, fits := e.frame()
	if !fits || e.Body != nil && e.Spare != "" && l.isRetired() {
		frame, _ = envelope{id: e.id}.frame()
		_ = l.write(frame) // it arrived: Slack may well know
		l.lost(e.ack)
		return
	}
	if l.write(frame) != nil {
		l.lost(e.ack)
		return
	}
	e.sent()
}

// frame is what Slack reads. It reports false if e is too large for that.
func (e envelope) frame() (frame []byte, fits bool) {
	frame, err := json.Marshal(struct {
		ID      string          `json:"envelope_id"`
		Payload json.RawMessage `json:"payload,omitempty"`
	}{e.id, e.Body})
	return frame, err == nil && len(frame) < maxFrame
}

// write writes one frame. If that fails nothing more can be written, but what
// comes is still read.
func (l *link) write(frame []byte) error {
	l.writing.Lock()
	defer l.writing.Unlock()
	_ = l.ws.SetWriteDeadline(time.Now().Add(ackTime))
	err := l.ws.WriteMessage(websocket.TextMessage, frame)
	if err != nil && !errors.Is(err, websocket.ErrCloseSent) {
		l.retire(err)
	}
	return err
}

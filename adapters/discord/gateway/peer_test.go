package gateway

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gorilla/websocket"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// patience is how long a test waits for what should come at once.
const patience = 15 * time.Second

// never is an interval of heartbeats that no test lives to see.
const never = 5 * time.Minute

const token = "secret-token-of-the-bot"

// A peer is a gateway of the test's own. It says nothing by itself, apart from
// acknowledging heartbeats: each connection is played by the test.
type peer struct {
	t     *testing.T
	http  *httptest.Server
	lines chan *line
	reads sync.WaitGroup

	mu   sync.Mutex
	all  []*line
	numb bool        // of new connections nothing is read
	last func(*line) // is called when the client says farewell, before it gets an answer; may be nil
}

// A line is one connection, as the peer has it.
type line struct {
	t      *testing.T
	conn   *websocket.Conn
	url    string
	opened time.Time
	acks   atomic.Bool
	talk   sync.Mutex
	frames chan said     // what came, apart from heartbeats
	beats  chan said     // the heartbeats
	ended  chan struct{} // closed when reading ended
	err    error         // of that
}

// A said is a frame of the client's.
type said struct {
	Op int             `json:"op"`
	D  json.RawMessage `json:"d"`
	at time.Time
}

func newPeer(t *testing.T) *peer {
	p := &peer{t: t, lines: make(chan *line, 1000)}
	p.http = httptest.NewServer(http.HandlerFunc(p.serve))
	t.Cleanup(func() {
		p.mu.Lock()
		for _, l := range p.all {
			l.conn.Close()
		}
		p.mu.Unlock()
		p.http.Close()
		p.reads.Wait()
	})
	return p
}

func (p *peer) url() string { return "ws" + strings.TrimPrefix(p.http.URL, "http") }

func (p *peer) serve(w http.ResponseWriter, r *http.Request) {
	conn, err := (&websocket.Upgrader{}).Upgrade(w, r, nil)
	if err != nil {
		p.t.Errorf("upgrade: %v", err)
		return
	}
	l := &line{t: p.t, conn: conn, url: r.URL.String(), opened: time.Now(), frames: make(chan said, 1000),
		beats: make(chan said, 1000), ended: make(chan struct{})}
	l.acks.Store(true)
	p.mu.Lock()
	p.all = append(p.all, l)
	if last := p.last; last != nil {
		conn.SetCloseHandler(func(code int, _ string) error {
			last(l)
			return conn.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(code, ""), time.Now().Add(patience))
		})
	}
	if !p.numb {
		p.reads.Go(l.read)
	}
	p.mu.Unlock()
	p.lines <- l
}

func (l *line) read() {
	defer close(l.ended)
	for {
		_, text, err := l.conn.ReadMessage()
		if err != nil {
			l.err = err
			return
		}
		s := said{at: time.Now()}
		if err := json.Unmarshal(text, &s); err != nil {
			l.t.Errorf("the client says %q: %v", text, err)
		}
		if s.Op != opHeartbeat {
			l.frames <- s
			continue
		}
		if l.acks.Load() {
			l.say(`{"op":11}`)
		}
		l.beats <- s
	}
}

// accept is the next connection.
func (p *peer) accept() *line {
	p.t.Helper()
	return within(p.t, p.lines, "a connection")
}

// quiet fails if there is another connection that nobody asked for.
func (p *peer) quiet() {
	p.t.Helper()
	select {
	case l := <-p.lines:
		p.t.Errorf("one connection too many, to %s", l.url)
	default:
	}
}

func within[T any](t *testing.T, c <-chan T, what string) T {
	t.Helper()
	select {
	case v := <-c:
		return v
	case <-time.After(patience):
		t.Fatalf("%s did not come", what)
		panic("unreachable")
	}
}

// say sends text as it is. That it did not arrive is noticed by whoever waits
// for an answer.
func (l *line) say(text string) { _ = l.send(websocket.TextMessage, text) }

func (l *line) send(kind int, text string) error {
	l.talk.Lock()
	defer l.talk.Unlock()
	l.conn.SetWriteDeadline(time.Now().Add(patience))
	return l.conn.WriteMessage(kind, []byte(text))
}

func (l *line) hello(interval time.Duration) {
	l.say(fmt.Sprintf(`{"op":10,"d":{"heartbeat_interval":%d},"s":null,"t":null}`, interval.Milliseconds()))
}

func (l *line) event(seq int, kind, data string) {
	l.say(fmt.Sprintf(`{"op":0,"d":%s,"s":%d,"t":%q}`, data, seq, kind))
}

// expect is the next frame, which has to be an op.
func (l *line) expect(op int) said {
	l.t.Helper()
	s := within(l.t, l.frames, fmt.Sprintf("op %d", op))
	if s.Op != op {
		l.t.Fatalf("the client says op %d %s; want op %d", s.Op, s.D, op)
	}
	return s
}

// begin plays a new session up to READY.
func (l *line) begin(interval time.Duration, id, resumeAt string) {
	l.t.Helper()
	l.hello(interval)
	l.expect(opIdentify)
	l.event(1, "READY", fmt.Sprintf(`{"session_id":%q,"resume_gateway_url":%q}`, id, resumeAt))
}

// resumes plays a resumption up to RESUMED, and checks what was asked for.
func (l *line) resumes(interval time.Duration, id string, seq int64) {
	l.t.Helper()
	l.hello(interval)
	var r resume
	if err := json.Unmarshal(l.expect(opResume).D, &r); err != nil {
		l.t.Fatal(err)
	}
	if want := (resume{Token: token, Session: id, Seq: seq}); r != want {
		l.t.Errorf("resumes %+v; want %+v", r, want)
	}
	l.event(int(seq)+1, "RESUMED", "{}")
}

// close closes with a code, as Discord does.
func (l *line) close(code int) {
	l.conn.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(code, "words of Discord's"), time.Now().Add(patience))
}

// drop ends the connection without a word.
func (l *line) drop() { l.conn.Close() }

// code is with which code the client closed; 1006 where it did not say.
func (l *line) code() int {
	l.t.Helper()
	within(l.t, l.ended, "the end of the connection")
	if e, ok := errors.AsType[*websocket.CloseError](l.err); ok {
		return e.Code
	}
	return websocket.CloseAbnormalClosure
}

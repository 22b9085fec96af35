package gateway

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/gorilla/websocket"
)

func TestConnects(t *testing.T) {
	p := newPeer(t)
	r := start(t, p, nil)
	l := p.accept()
	if want := "/?encoding=json&v=10"; l.url != want {
		t.Errorf("connects to %s; want %s", l.url, want)
	}
	l.hello(never)
	var got identify
	if err := json.Unmarshal(l.expect(opIdentify).D, &got); err != nil {
		t.Fatal(err)
	}
	if got.Token != token || got.Intents != 1 || got.Shard != [2]int{0, 1} || got.Properties["os"] == "" {
		t.Errorf("identifies as %+v", got)
	}
	if r.Ready() == nil {
		t.Error("ready before READY")
	}
	l.event(1, "READY", `{"session_id":"session-a","resume_gateway_url":""}`)
	r.next()
	if err := r.Ready(); err != nil {
		t.Errorf("not ready with READY: %v", err)
	}
	for i := range 100 {
		l.event(i+2, "MESSAGE_CREATE", fmt.Sprint(i))
	}
	for i := range 100 {
		if got, want := r.next(), fmt.Sprintf("MESSAGE_CREATE %d", i); got != want {
			t.Fatalf("event %q; want %q", got, want)
		}
	}
	if hour, day := r.Identifies(); hour != 1 || day != 1 || r.Shards() != 1 {
		t.Errorf("identifies %d, %d of %d shards; want 1 of each", hour, day, r.Shards())
	}
	r.mu.Lock()
	if want := []notice{{what: "identified", count: 1}, {what: "connected", count: 1}}; !slices.Equal(r.notices, want) {
		t.Errorf("notices %v; want %v", r.notices, want)
	}
	r.mu.Unlock()
	r.end()
	if code := l.code(); code != 1000 {
		t.Errorf("leaves with %d; want 1000", code)
	}
	if err := r.ended(); err != nil {
		t.Errorf("Run: %v", err)
	}
	if r.Ready() == nil {
		t.Error("ready after the end")
	}
	p.quiet()
}

func TestResumesWhereItWas(t *testing.T) {
	for name, cut := range map[string]func(*line){
		"dropped":              func(l *line) { l.drop() },
		"asked to (op 7)":      func(l *line) { l.say(`{"op":7,"d":null}`) },
		"session kept (op 9)":  func(l *line) { l.say(`{"op":9,"d":true}`) },
		"unknown error (4000)": func(l *line) { l.close(4000) },
		"rate limited (4008)":  func(l *line) { l.close(4008) },
		"no code":              func(l *line) { l.conn.WriteControl(websocket.CloseMessage, nil, time.Now().Add(patience)) },
		"not websocket":        func(l *line) { l.conn.NetConn().Write([]byte("\xff\xff\xff\xff words of a proxy")) },
	} {
		t.Run(name, func(t *testing.T) {
			p, elsewhere := newPeer(t), newPeer(t)
			r := start(t, p, nil)
			l := p.accept()
			l.begin(never, "session-a", elsewhere.url()+"/at")
			l.event(41, "MESSAGE_CREATE", "1")
			r.next()
			r.next()
			cut(l)
			if code := l.code(); code == 1000 || code == 1001 {
				t.Errorf("closes with %d, which ends the session", code)
			}
			again := elsewhere.accept()
			if want := "/at?encoding=json&v=10"; again.url != want {
				t.Errorf("resumes at %s; want %s", again.url, want)
			}
			again.resumes(never, "session-a", 41)
			if got := r.next(); got != "RESUMED {}" {
				t.Errorf("event %q", got)
			}
			r.up()
			if hour, _ := r.Identifies(); hour != 1 || r.told("resumed") != 1 || r.told("reconnecting") != 1 {
				t.Errorf("identifies %d, notices %v", hour, r.notices)
			}
			p.quiet()
		})
	}
}

func TestReplayedEventsAreHandedOn(t *testing.T) {
	p := newPeer(t)
	r := start(t, p, nil)
	l := p.accept()
	l.begin(never, "session-a", p.url())
	r.next()
	l.drop()
	l = p.accept()
	l.hello(never)
	l.expect(opResume)
	l.event(2, "MESSAGE_CREATE", "1")
	if got := r.next(); got != "MESSAGE_CREATE 1" || r.Ready() == nil {
		t.Errorf("event %q, ready %v; want the event before it is ready", got, r.Ready())
	}
	l.drop()
	p.accept().resumes(never, "session-a", 2)
}

func TestAnInvalidSessionIsAskedForAnew(t *testing.T) {
	p, elsewhere := newPeer(t), newPeer(t)
	r := start(t, p, nil)
	l := p.accept()
	l.begin(never, "session-a", elsewhere.url())
	r.up()
	l.drop()
	l = elsewhere.accept()
	l.hello(never)
	l.expect(opResume)
	l.say(`{"op":9,"d":false}`)
	l = p.accept()
	l.begin(never, "session-b", "")
	r.up()
	l.drop() // no address to resume at: where it was
	p.accept().resumes(never, "session-b", 1)
	r.until("resumed", func() bool { return r.told("resumed") == 1 })
	if hour, _ := r.Identifies(); hour != 2 {
		t.Errorf("identifies %d; want 2", hour)
	}
}

func TestAnInvalidSessionWaits(t *testing.T) {
	p := newPeer(t)
	r := start(t, p, func(o *Options) { o.Pace.Invalid = 300 * time.Millisecond })
	l := p.accept()
	l.hello(never)
	l.expect(opIdentify)
	before := time.Now()
	l.say(`{"op":9,"d":true}`) // there is no session that could be resumed
	p.accept().begin(never, "session-a", "")
	if waited := time.Since(before); waited < 300*time.Millisecond {
		t.Errorf("waits %s; want at least 300ms", waited)
	}
	r.up()
}

// A session whose address is gone, or that nobody answers for, must not be
// clung to for ever.
func TestASessionIsGivenUp(t *testing.T) {
	t.Run("nobody there", func(t *testing.T) {
		p, gone := newPeer(t), newPeer(t)
		r := start(t, p, nil)
		l := p.accept()
		l.begin(never, "session-a", gone.url())
		r.up()
		gone.http.Close()
		l.drop()
		p.accept().resumes(never, "session-a", 1)
		r.up()
	})
	t.Run("not while it is answered for", func(t *testing.T) {
		p := newPeer(t)
		r := start(t, p, nil)
		l := p.accept()
		l.begin(never, "session-a", p.url())
		for n := range int64(2 * maxUnanswered) {
			l.drop()
			l = p.accept()
			l.resumes(never, "session-a", n+1)
		}
		r.until("resumed", func() bool { return r.told("resumed") == 2*maxUnanswered })
	})
	t.Run("no answer", func(t *testing.T) {
		p := newPeer(t)
		r := start(t, p, func(o *Options) { o.Pace.Ready = 20 * time.Millisecond })
		l := p.accept()
		l.begin(never, "session-a", p.url())
		r.up()
		l.drop()
		for range maxUnanswered {
			l := p.accept()
			l.hello(never)
			l.expect(opResume)
			if code := l.code(); code != resuming {
				t.Errorf("leaves with %d; want %d", code, resuming)
			}
		}
		p.accept().begin(never, "session-b", p.url())
		r.up()
	})
}

func TestAResumeAddressMustBeAsSafe(t *testing.T) {
	var s session
	for _, tc := range []struct {
		base, own string
		tries     int
		want      string
	}{
		{"wss://a.example", "wss://b.example/x?y=1", 0, "wss://b.example/x?encoding=json&v=10&y=1"},
		{"wss://a.example", "wss://b.example", 2, "wss://b.example/?encoding=json&v=10"},
		{"wss://a.example", "wss://b.example", farTries, "wss://a.example/?encoding=json&v=10"},
		{"wss://a.example", "ws://b.example", 0, "wss://a.example/?encoding=json&v=10"},
		{"wss://a.example", "https://b.example", 0, "wss://a.example/?encoding=json&v=10"},
		{"wss://a.example", "%", 0, "wss://a.example/?encoding=json&v=10"},
		{"wss://a.example", "", 0, "wss://a.example/?encoding=json&v=10"},
		{"https://a.example", "wss://b.example", 0, ""},
		{"", "wss://b.example", 0, ""},
	} {
		s.begin("session-a", tc.own)
		if got, err := s.where(tc.base, tc.tries); got != tc.want || (err == nil) != (tc.want != "") {
			t.Errorf("%s, %s after %d tries: %q, %v; want %q", tc.base, tc.own, tc.tries, got, err, tc.want)
		}
	}
}

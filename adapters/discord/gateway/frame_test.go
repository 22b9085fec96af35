package gateway

import (
	"testing"

	"github.com/gorilla/websocket"
)

func TestGarbageIsSkipped(t *testing.T) {
	p := newPeer(t)
	r := start(t, p, nil)
	l := p.accept()
	l.say(`nothing that is JSON`)
	l.say(`{"op":10,"d":"soon"}`)
	l.hello(never)
	l.expect(opIdentify)
	l.say(`{"op":0,"t":"READY","s":1,"d":["session-x"]}`)
	l.event(1, "READY", `{"session_id":"session-a"}`)
	r.next()
	for _, text := range []string{``, `{`, `[]`, `"words of a person"`, `{"op":"x"}`, `{"op":0,"s":"x","t":"A","d":1}`, "\x00\xff"} {
		l.say(text)
	}
	l.send(websocket.BinaryMessage, `{"op":0,"s":2,"t":"BINARY","d":1}`)
	l.say(`{"op":99,"d":{}}`)
	l.say(`{}`)
	l.say(`null`)
	l.hello(never) // once more
	l.event(2, "MESSAGE_CREATE", `1`)
	if got := r.next(); got != "MESSAGE_CREATE 1" {
		t.Errorf("event %q", got)
	}
	l.say(`{"op":0,"s":3,"t":"EMPTY"}`)
	if got := r.next(); got != "EMPTY " {
		t.Errorf("event %q; want none of the data before", got)
	}
	if got := r.told("unreadable"); got != 11 {
		t.Errorf("told of %d; want 11: %v", got, r.notices)
	}
	if err := r.Ready(); err != nil || r.told("reconnecting") != 0 {
		t.Errorf("ready %v, %v; garbage must not cost the connection", err, r.notices)
	}
	select {
	case s := <-l.frames:
		t.Errorf("answers op %d", s.Op)
	default:
	}
}

// A frame that is too long is skipped, however long it is: the same would come
// again after each resumption.
func TestALongFrameIsSkipped(t *testing.T) {
	p := newPeer(t)
	r := start(t, p, nil)
	l := p.accept()
	l.begin(never, "session-a", "")
	r.next()
	l.talk.Lock() // heartbeats are acknowledged later
	w, err := l.conn.NextWriter(websocket.TextMessage)
	if err != nil {
		t.Fatal(err)
	}
	block := make([]byte, 1<<20)
	for range maxFrame>>20 + 3 {
		if _, err := w.Write(block); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	l.talk.Unlock()
	l.event(2, "MESSAGE_CREATE", "1")
	if got := r.next(); got != "MESSAGE_CREATE 1" || r.told("unreadable") != 1 {
		t.Errorf("event %q, notices %v", got, r.notices)
	}
}

func TestAPanicCostsOneEvent(t *testing.T) {
	p := newPeer(t)
	seen := make(chan string, 10)
	r := start(t, p, func(o *Options) {
		o.Handle = func(e Event) {
			if e.Type == "BAD" {
				panic("words of a person")
			}
			seen <- e.Type
		}
	})
	l := p.accept()
	l.begin(never, "session-a", "")
	l.event(2, "BAD", `1`)
	l.event(3, "GOOD", `1`)
	for _, want := range []string{"READY", "GOOD"} {
		if got := within(t, seen, "an event"); got != want {
			t.Errorf("event %s; want %s", got, want)
		}
	}
	if r.told("panic") != 1 || r.told("reconnecting") != 0 {
		t.Errorf("notices %v", r.notices)
	}
}

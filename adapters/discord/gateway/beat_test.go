package gateway

import (
	"errors"
	"io"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"
)

func TestTheFirstHeartbeatIsAtSomeTime(t *testing.T) {
	t.Run("at once", func(t *testing.T) {
		p := newPeer(t)
		start(t, p, func(o *Options) { o.Pace.Jitter = func() float64 { return 0 } })
		l := p.accept()
		l.hello(never)
		if got := within(t, l.beats, "a heartbeat"); string(got.D) != "null" {
			t.Errorf("heartbeat with %s; want null before any event", got.D)
		}
	})
	t.Run("after the whole interval", func(t *testing.T) {
		p := newPeer(t)
		start(t, p, func(o *Options) { o.Pace.Jitter = func() float64 { return 1 } })
		l := p.accept()
		l.begin(never, "session-a", "")
		l.event(7, "MESSAGE_CREATE", "1")
		l.say(`{"op":1,"d":null}`)
		if got := within(t, l.beats, "a heartbeat"); string(got.D) != "7" {
			t.Errorf("heartbeat with %s: one came before it was asked for; want 7, the answer to op 1", got.D)
		}
	})
	seen := map[float64]bool{}
	for range 100 {
		j := usual().Jitter()
		if j < 0 || j >= 1 {
			t.Errorf("jitter %v", j)
		}
		seen[j] = true
	}
	if len(seen) < 90 {
		t.Errorf("%d of 100 are different", len(seen))
	}
}

func TestHeartbeatsGoOn(t *testing.T) {
	p := newPeer(t)
	const ready = time.Second // after READY, nothing waits for it any more
	r := start(t, p, func(o *Options) { o.Pace.Ready = ready })
	l := p.accept()
	l.begin(50*time.Millisecond, "session-a", "")
	l.event(9, "MESSAGE_CREATE", "1")
	r.next()
	r.next()
	within(t, l.beats, "a heartbeat")
	for begin := time.Now(); time.Since(begin) < ready+ready/4; {
		if got := within(t, l.beats, "a heartbeat"); string(got.D) != "9" {
			t.Errorf("heartbeat with %s; want 9", got.D)
		}
	}
	if r.told("reconnecting") != 0 {
		t.Errorf("notices %v", r.notices)
	}
}

// Whoever asks for heartbeats all the time gets no more than we may say.
func TestHeartbeatsAskedForAreFew(t *testing.T) {
	p := newPeer(t)
	r := start(t, p, func(o *Options) { o.Pace.Jitter = func() float64 { return 1 } })
	l := p.accept()
	before := time.Now()
	l.begin(never, "session-a", "")
	for range 1000 {
		l.say(`{"op":1,"d":null}`)
	}
	l.event(2, "MESSAGE_CREATE", "1")
	r.next()
	r.next()
	most := beatBurst + 1 + int(time.Since(before)/time.Second)
	r.end()
	if code := l.code(); code != leaving {
		t.Errorf("leaves with %d", code)
	}
	if got := len(l.beats); got < beatBurst || got > most {
		t.Errorf("%d heartbeats; want %d to %d", got, beatBurst, most)
	}
}

func TestASilentPeerIsNoticed(t *testing.T) {
	p := newPeer(t)
	r := start(t, p, nil)
	l := p.accept()
	l.begin(50*time.Millisecond, "session-a", p.url())
	within(t, l.beats, "a heartbeat")
	l.acks.Store(false)
	again := p.accept()
	if code := l.code(); code != resuming {
		t.Errorf("closes with %d; want %d", code, resuming)
	}
	again.resumes(never, "session-a", 1)
	r.until("resumed", func() bool { return r.told("resumed") == 1 })
	if got := r.why("reconnecting"); !errors.Is(got, errSilent) {
		t.Errorf("because of %v; want %v", got, errSilent)
	}
}

// Acknowledgements alone are not enough: other words of a peer that does not
// hear us must not count.
func TestATalkingPeerThatHearsNothingIsNoticed(t *testing.T) {
	p := newPeer(t)
	start(t, p, nil)
	l := p.accept()
	l.acks.Store(false)
	l.begin(50*time.Millisecond, "session-a", p.url())
	var talking sync.WaitGroup
	talking.Go(func() {
		for l.send(websocket.TextMessage, `{"op":0,"t":"X","d":1}`) == nil {
			time.Sleep(time.Millisecond) // it only goes on talking; nothing waits for that
		}
	})
	p.accept().resumes(never, "session-a", 1)
	talking.Wait()
}

// A wall stands between client and peer: what is said through it is lost, both
// ways, and no end of a connection comes through.
type wall struct {
	net.Listener
	shut chan struct{}
}

func newWall(t *testing.T, to string) *wall {
	in, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	w := &wall{Listener: in, shut: make(chan struct{})}
	var all sync.WaitGroup
	all.Go(func() {
		for {
			from, err := in.Accept()
			if err != nil {
				return
			}
			out, err := net.Dial("tcp", to)
			if err != nil {
				t.Errorf("wall: %v", err)
				return
			}
			t.Cleanup(func() { from.Close(); out.Close() })
			all.Go(func() { w.carry(from, out) })
			all.Go(func() { w.carry(out, from) })
		}
	})
	t.Cleanup(all.Wait)
	t.Cleanup(func() { in.Close() })
	return w
}

func (w *wall) carry(from io.Reader, to io.Writer) {
	room := make([]byte, 4096)
	for {
		n, err := from.Read(room)
		select {
		case <-w.shut:
			return
		default:
		}
		if err != nil {
			return
		}
		if _, err := to.Write(room[:n]); err != nil {
			return
		}
	}
}

func TestAHalfOpenConnectionIsNoticed(t *testing.T) {
	p := newPeer(t)
	w := newWall(t, strings.TrimPrefix(p.http.URL, "http://"))
	r := start(t, p, func(o *Options) { o.Look = behind(w, p) })
	l := p.accept()
	l.begin(50*time.Millisecond, "session-a", p.url())
	r.up()
	close(w.shut)
	p.accept().resumes(never, "session-a", 1)
	r.until("resumed", func() bool { return r.told("resumed") == 1 })
}

func TestNoHello(t *testing.T) {
	p := newPeer(t)
	r := start(t, p, func(o *Options) { o.Pace.Hello = 20 * time.Millisecond })
	l := p.accept()
	l.code()
	if got := r.why("reconnecting"); !errors.Is(got, errNoHello) {
		t.Errorf("because of %v; want %v", got, errNoHello)
	}
	if hour, _ := r.Identifies(); hour != 0 {
		t.Errorf("identifies %d; want none", hour)
	}
}

func TestNoReady(t *testing.T) {
	p := newPeer(t)
	r := start(t, p, func(o *Options) { o.Pace.Ready = 20 * time.Millisecond })
	l := p.accept()
	l.hello(never)
	l.expect(opIdentify)
	l.code()
	if got := r.why("reconnecting"); !errors.Is(got, errNotReady) {
		t.Errorf("because of %v; want %v", got, errNotReady)
	}
	l = p.accept()
	l.begin(never, "session-a", "")
	r.up()
}

func TestABadIntervalIsRefused(t *testing.T) {
	p := newPeer(t)
	r := start(t, p, nil)
	for n, interval := range []string{"0", "-1", "600001", "9223372036854775807"} {
		l := p.accept()
		l.say(`{"op":10,"d":{"heartbeat_interval":` + interval + `}}`)
		l.code()
		r.until("told", func() bool { return r.told("reconnecting") == n+1 })
	}
	if got := r.why("reconnecting"); !errors.Is(got, errHello) {
		t.Errorf("because of %v; want %v", got, errHello)
	}
}

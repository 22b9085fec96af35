package gateway

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"rapport/adapters/surface"
)

// nothingLeft waits until no goroutine is left but those of before.
func nothingLeft(t *testing.T, before goleak.Option) {
	t.Helper()
	var err error
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); {
		if err = goleak.Find(before); err == nil {
			return
		}
	}
	t.Errorf("left behind: %v", err)
}

// endsSoon ends ctx and checks that Run does so within 2 seconds.
func (r *rig) endsSoon() {
	r.t.Helper()
	begin := time.Now()
	r.end()
	err := r.ended()
	took := time.Since(begin)
	r.t.Logf("Run ends after %s", took.Round(time.Millisecond))
	if err != nil || took > 2*time.Second {
		r.t.Errorf("Run: %v after %s; want nil within 2s", err, took)
	}
}

// A deafListener takes connections and never says a word.
type deafListener struct {
	net.Listener
	taken chan net.Conn
}

func newDeafListener(t *testing.T) *deafListener {
	in, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	d := &deafListener{Listener: in, taken: make(chan net.Conn, 100)}
	var accepts sync.WaitGroup
	accepts.Go(func() {
		for conn, err := in.Accept(); err == nil; conn, err = in.Accept() {
			d.taken <- conn
		}
	})
	t.Cleanup(func() {
		in.Close()
		accepts.Wait()
		for len(d.taken) > 0 {
			(<-d.taken).Close()
		}
	})
	return d
}

// dialled waits until somebody is there, and has said something.
func (d *deafListener) dialled(t *testing.T) {
	t.Helper()
	conn := within(t, d.taken, "a connection")
	d.taken <- conn // for the cleanup
	conn.SetReadDeadline(time.Now().Add(patience))
	if _, err := conn.Read(make([]byte, 1)); err != nil {
		t.Errorf("the handshake does not begin: %v", err)
	}
}

func TestEndsSoonInEachState(t *testing.T) {
	deaf, deafToTLS := newDeafListener(t), newDeafListener(t)
	at := func(scheme string, deaf *deafListener) func(*Options) {
		return func(o *Options) {
			o.Look = func(context.Context) (Info, error) {
				return Info{URL: scheme + "://" + deaf.Addr().String(), Remaining: 1}, nil
			}
		}
	}
	for name, tc := range map[string]struct {
		change  func(*Options)
		numb    bool
		reached func(*rig, *peer) // waits until the state is reached
	}{
		"while Discord is asked": {
			change: func(o *Options) {
				o.Look = func(ctx context.Context) (Info, error) { <-ctx.Done(); return Info{}, ctx.Err() }
			},
			reached: func(r *rig, _ *peer) { r.until("asked", func() bool { return r.looks.Load() > 0 }) },
		},
		"before Discord is asked again": {
			change: func(o *Options) {
				o.Pace.First, o.Pace.Longest = time.Hour, time.Hour
				o.Look = func(context.Context) (Info, error) { return Info{}, net.ErrClosed }
			},
			reached: func(r *rig, _ *peer) { r.why("reconnecting") },
		},
		"in the handshake": {
			change:  at("ws", deaf),
			reached: func(*rig, *peer) { deaf.dialled(t) },
		},
		"in the handshake of TLS": {
			change:  at("wss", deafToTLS),
			reached: func(*rig, *peer) { deafToTLS.dialled(t) },
		},
		"before HELLO": {reached: func(_ *rig, p *peer) {
			l := p.accept()
			l.say(`{"op":1}`)
			within(l.t, l.beats, "a heartbeat")
		}},
		"before READY": {reached: func(_ *rig, p *peer) {
			l := p.accept()
			l.hello(never)
			l.expect(opIdentify)
		}},
		"connected": {reached: func(r *rig, p *peer) {
			p.accept().begin(never, "session-a", "")
			r.up()
		}},
		"connected, and not heard": {
			numb: true,
			reached: func(r *rig, p *peer) {
				l := p.accept()
				l.hello(never)
				l.event(1, "READY", `{"session_id":"session-a"}`)
				r.up()
			},
		},
		"in backoff": {
			change: func(o *Options) { o.Pace.First, o.Pace.Longest = time.Hour, time.Hour },
			reached: func(r *rig, p *peer) {
				p.accept().drop()
				r.why("reconnecting")
			},
		},
		"held back": {
			change: func(o *Options) { o.Pace.Allowed = 1 },
			reached: func(r *rig, p *peer) {
				l := p.accept()
				l.begin(never, "session-a", "")
				l.close(1000)
				r.why("held back")
			},
		},
		"none left": {
			change: func(o *Options) {
				o.Look = func(context.Context) (Info, error) { return Info{ResetAfter: time.Hour}, nil }
			},
			reached: func(r *rig, _ *peer) { r.why("held back") },
		},
		"while a shard waits for another": {
			change: func(o *Options) {
				o.Shards, o.Pace.Identify = Range{Last: 2, Total: 3}, time.Hour
			},
			reached: func(_ *rig, p *peer) { p.accept().begin(never, "session-a", "") },
		},
		"while shards wait for one that hears nothing": {
			change:  func(o *Options) { o.Shards = Range{Last: 2, Total: 3} },
			reached: func(_ *rig, p *peer) { p.accept() },
		},
	} {
		t.Run(name, func(t *testing.T) {
			p := newPeer(t)
			p.numb = tc.numb
			before := goleak.IgnoreCurrent()
			r := start(t, p, tc.change)
			tc.reached(r, p)
			r.endsSoon()
			nothingLeft(t, before)
		})
	}
}

// A peer that never stops talking and answers no farewell does not keep us.
func TestEndsSoonHoweverMuchIsSaid(t *testing.T) {
	p := newPeer(t)
	p.numb = true
	before := goleak.IgnoreCurrent()
	r := start(t, p, func(o *Options) { o.Handle = nil })
	l := p.accept()
	l.hello(never)
	l.event(1, "READY", `{"session_id":"session-a"}`)
	r.up()
	var talking sync.WaitGroup
	talking.Go(func() {
		for l.send(1, `{"op":0,"t":"X","d":1}`) == nil && l.send(1, `{"op":1}`) == nil {
		}
	})
	r.endsSoon()
	talking.Wait()
	nothingLeft(t, before)
}

// The system takes no more of what we say: a write that is stuck is as good as
// none.
func TestEndsSoonWhileAWriteIsStuck(t *testing.T) {
	p := newPeer(t)
	p.numb = true
	r := start(t, p, func(o *Options) {
		o.Token = strings.Repeat(token, 1<<19) // more than there is room for on the way
	})
	l := p.accept()
	l.hello(never)
	r.until("stuck", func() bool { // in the system, that is
		stacks := make([]byte, 1<<20)
		all := strings.Split(string(stacks[:runtime.Stack(stacks, true)]), "\n\n")
		return slices.ContainsFunc(all, func(one string) bool {
			head, rest, _ := strings.Cut(one, "\n")
			return strings.Contains(head, "IO wait") && strings.Contains(rest, "(*link).send(")
		})
	})
	r.endsSoon()
}

// The peer reads why we leave, and what it still says is for nobody.
func TestLeavesPolitely(t *testing.T) {
	p := newPeer(t)
	p.last = func(l *line) {
		for range 100 {
			l.event(2000, "LATE", "1")
		}
	}
	r := start(t, p, nil)
	l := p.accept()
	l.hello(never)
	var got identify
	if err := json.Unmarshal(l.expect(opIdentify).D, &got); err != nil {
		t.Fatal(err)
	}
	for i := range 1000 { // unread, so that the system has reason to break the connection off
		l.event(i+1, "X", fmt.Sprint(i))
	}
	r.endsSoon()
	if code := l.code(); code != leaving {
		t.Errorf("leaves with %d; want %d", code, leaving)
	}
	for len(r.events) > 0 {
		if got := r.next(); strings.HasPrefix(got, "LATE") {
			t.Fatalf("event %q after the farewell", got)
		}
	}
}

// Whatever a peer does with our farewell, its end of the connection is closed.
func TestAnEndedConnectionIsClosed(t *testing.T) {
	p := newPeer(t)
	p.numb = true
	start(t, p, nil)
	l := p.accept()
	l.say(`{"op":7}`)
	p.accept()
	l.conn.NetConn().SetReadDeadline(time.Now().Add(patience))
	if _, err := io.Copy(io.Discard, l.conn.NetConn()); err != nil {
		t.Errorf("%v; want the end", err)
	}
}

func TestAStuckWriteEndsTheConnection(t *testing.T) {
	p := newPeer(t)
	p.numb = true
	r := start(t, p, func(o *Options) { o.Token = strings.Repeat(token, 1<<19) })
	p.accept().hello(never)
	p.accept()
	if err, ok := errors.AsType[*surface.Fault](r.why("reconnecting")); !ok || !err.Slow {
		t.Errorf("because of %v; want that something took too long", err)
	}
}

package main

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"rapport/adapters/discord/discordtest"
	"rapport/adapters/slack/slacktest"
)

// asked sends a request over a connection that stays open and says whether it was
// answered in time.
func asked(t *testing.T, conn net.Conn, in time.Duration) bool {
	t.Helper()
	if _, err := fmt.Fprintf(conn, "GET /healthz HTTP/1.1\r\nHost: %s\r\n\r\n", conn.RemoteAddr()); err != nil {
		return false // the server ended it
	}
	return answered(t, conn, in)
}

func answered(t *testing.T, conn net.Conn, in time.Duration) bool {
	t.Helper()
	if err := conn.SetReadDeadline(time.Now().Add(in)); err != nil {
		t.Fatal(err)
	}
	res, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		return false
	}
	defer res.Body.Close()
	_, err = io.Copy(io.Discard, res.Body)
	return err == nil && res.StatusCode == http.StatusOK
}

// TestListenIsBounded fills an address with connections that are answered and
// stay open. The next is answered when one of them ends, and where none does,
// when the server ends those that are idle.
func TestListenIsBounded(t *testing.T) {
	defer goleak.VerifyNone(t)
	const most = 3
	for name, idle := range map[string]time.Duration{"one ends": time.Hour, "all are idle": 200 * time.Millisecond} {
		t.Run(name, func(t *testing.T) {
			l, err := listen("127.0.0.1:0", most)
			if err != nil {
				t.Fatal(err)
			}
			server := &http.Server{Handler: monitorRoutes(newMetrics(), nil, false), IdleTimeout: idle}
			served := make(chan error, 1)
			go func() { served <- server.Serve(l) }()
			defer func() { server.Close(); <-served }()
			dial := func() net.Conn {
				conn, err := net.Dial("tcp", l.Addr().String())
				if err != nil {
					t.Fatal(err)
				}
				t.Cleanup(func() { conn.Close() })
				return conn
			}
			var open []net.Conn
			for range most {
				open = append(open, dial())
				if !asked(t, open[len(open)-1], patience) {
					t.Fatalf("connection %d of %d was not answered", len(open), most)
				}
			}
			next := dial()
			if idle > time.Minute {
				if asked(t, next, 100*time.Millisecond) {
					t.Fatalf("more than %d connections at once", most)
				}
				open[0].Close()
				if !answered(t, next, patience) {
					t.Error("the next was not answered when one had ended")
				}
			} else if !asked(t, next, patience) {
				t.Error("connections that are idle keep the next out for ever")
			}
		})
	}
}

// TestListenEnds closes an address that is full: nothing waits for a place any
// more.
func TestListenEnds(t *testing.T) {
	l, err := listen("127.0.0.1:0", 1)
	if err != nil {
		t.Fatal(err)
	}
	conn, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	first, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	waits := make(chan error, 1)
	go func() { _, err := l.Accept(); waits <- err }()
	l.Close()
	select {
	case err := <-waits:
		if err == nil {
			t.Error("a closed address took a connection")
		}
	case <-time.After(patience):
		t.Fatal("still waits for a place")
	}
	first.Close()
	first.Close() // a second time gives no place
	if n := len(l.(*bounded).free); n != 0 {
		t.Errorf("%d places are taken by nobody", n)
	}
}

// TestEveryAddressIsBounded looks at each address that the program listens on,
// and that its sources know no other way to listen.
func TestEveryAddressIsBounded(t *testing.T) {
	most := func(l net.Listener) int {
		if b, ok := l.(*bounded); ok {
			return cap(b.free)
		}
		return 0
	}
	near, err := listenNear("127.0.0.1:0", defaultWeb) // the page, health and metrics
	if err != nil {
		t.Fatal(err)
	}
	defer near.Close()
	got := [...]int{most(near), most(openOffice(t, "http", monday, slacktest.Setup{}).a.Listener), most(openServer(t, "http", monday, discordtest.Setup{}).a.Listener)}
	if want := [...]int{localConns, chatConns, chatConns}; got != want {
		t.Errorf("the page, Slack and Discord take %d connections at once, want %d", got, want)
	}
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	calls := 0
	for _, name := range files {
		if !strings.HasSuffix(name, "_test.go") {
			calls += strings.Count(string(read(t, name)), "net.Listen(")
		}
	}
	others, err := filepath.Glob("../adapters/*/*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range others {
		if body, err := os.ReadFile(name); err != nil || !strings.HasSuffix(name, "_test.go") && strings.Contains(string(body), "net.Listen(") && !strings.Contains(name, "adaptertest") {
			t.Errorf("%s listens by itself: %v", name, err)
		}
	}
	if calls != 1 {
		t.Errorf("net.Listen is called at %d places of this package, want one", calls)
	}
}

package gateway

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/gorilla/websocket"

	"rapport/adapters/surface"
)

func TestFatalCodesEndRunAtOnce(t *testing.T) {
	for code, fix := range map[int]string{
		4004: "discord.token", 4010: "discord.shards", 4011: "discord.shards", 4012: "newer release", 4013: "newer release", 4014: "Developer Portal",
	} {
		for _, when := range []string{"after identify", "when connected", "after resume", "instead of HELLO"} {
			t.Run(fmt.Sprintf("%d %s", code, when), func(t *testing.T) {
				p := newPeer(t)
				r := start(t, p, nil)
				l, identifies := p.accept(), 1
				switch when {
				case "after identify":
					l.hello(never)
					l.expect(opIdentify)
				case "when connected":
					l.begin(never, "session-a", "")
				case "after resume":
					l.begin(never, "session-a", "")
					l.drop()
					l = p.accept()
					l.hello(never)
					l.expect(opResume)
				default:
					identifies = 0
				}
				l.close(code)
				err := r.ended()
				var fault *surface.Fault
				if !errors.As(err, &fault) || !strings.Contains(err.Error(), fix) || !strings.Contains(err.Error(), fmt.Sprint(code)) || leaks(err.Error()) {
					t.Errorf("Run: %v; want the code and %q in it", err, fix)
				}
				var closed *websocket.CloseError
				if !errors.As(err, &closed) || closed.Code != code {
					t.Errorf("Run: %v; want a close error in it", err)
				}
				if got := r.Ready(); got != err {
					t.Errorf("Ready: %v; want what Run said", got)
				}
				if hour, _ := r.Identifies(); hour != identifies {
					t.Errorf("identifies %d; want %d", hour, identifies)
				}
				p.quiet()
			})
		}
	}
}

func TestTheseCodesEndTheSession(t *testing.T) {
	for _, code := range []int{1000, 1001, 4007, 4009} {
		t.Run(fmt.Sprint(code), func(t *testing.T) {
			p, elsewhere := newPeer(t), newPeer(t)
			r := start(t, p, nil)
			l := p.accept()
			l.begin(never, "session-a", elsewhere.url())
			l.event(41, "MESSAGE_CREATE", "1")
			r.next()
			r.next()
			l.close(code)
			l = p.accept()
			l.begin(never, "session-b", elsewhere.url())
			r.next()
			if hour, _ := r.Identifies(); hour != 2 {
				t.Errorf("identifies %d; want 2", hour)
			}
			l.drop()
			elsewhere.accept().resumes(never, "session-b", 1)
			r.up()
		})
	}
}

// Whatever else is wrong with a connection: that Discord does not want us is not
// missed.
func TestTheLastWordCountsMost(t *testing.T) {
	unwanted, again, echo := &websocket.CloseError{Code: 4004}, &websocket.CloseError{Code: 4009}, &websocket.CloseError{Code: resuming}
	lost := &websocket.CloseError{Code: 1006}
	for _, tc := range []struct {
		err, own error
		ending   bool // we have said farewell
		want     error
	}{
		{unwanted, nil, false, unwanted},
		{unwanted, errSilent, false, unwanted},
		{unwanted, errSilent, true, unwanted},
		{again, errSilent, false, again},
		{again, errSilent, true, errSilent},
		{echo, errSilent, true, errSilent},
		{lost, errSilent, false, errSilent},
		{io.EOF, errSilent, true, errSilent},
		{io.EOF, nil, true, io.EOF},
	} {
		l := &link{}
		l.ending.Store(tc.ending)
		if tc.own != nil {
			l.because(tc.own)
			l.because(errNotReady) // the first counts
		}
		if got := l.reason(tc.err); got != tc.want {
			t.Errorf("reason of %v, %v (ending %v): %v; want %v", tc.err, tc.own, tc.ending, got, tc.want)
		}
	}
}

package surface

import (
	"context"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"strings"
	"syscall"
	"testing"

	"github.com/gorilla/websocket"
)

// slowError is an error of the network that quotes what it must not.
type slowError struct{ text string }

func (s slowError) Error() string { return s.text }
func (slowError) Timeout() bool   { return true }
func (slowError) Temporary() bool { return true }

func TestBareHidesWhatMustNotBeTold(t *testing.T) {
	const secret = "token-abc-of-anna"
	address := "wss://gateway.example/?ticket=" + secret
	to := &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 443}
	for _, tc := range []struct {
		err  error
		want string
	}{
		{&url.Error{Op: "Post", URL: address, Err: io.EOF}, "EOF"},
		{&url.Error{Op: "Post", URL: address, Err: context.DeadlineExceeded}, "context deadline exceeded"},
		{&url.Error{Op: "Post", URL: address, Err: &net.OpError{Op: "dial", Net: "tcp", Addr: to, Err: os.NewSyscallError("connect", syscall.ECONNREFUSED)}}, "dial: connection refused"},
		{&net.OpError{Op: "dial", Net: "tcp", Err: &net.DNSError{Err: "no such host", Name: secret, IsNotFound: true}}, "the name of the host cannot be looked up"},
		{&net.OpError{Op: "read", Addr: to, Err: slowError{secret}}, "read: timed out"},
		{x509.HostnameError{Host: secret, Certificate: &x509.Certificate{}}, "the certificate is for another host"},
		{&websocket.CloseError{Code: 4004, Text: secret}, "the socket was closed (4004)"},
		{fmt.Errorf("dial %s: %w", address, websocket.ErrBadHandshake), "websocket: bad handshake"},
		{json.Unmarshal([]byte(`{"n":"`+secret+`"}`), &struct{ N int }{}), "not the JSON that was expected"},
		{errors.New(secret), "an error of type *errors.errorString"},
	} {
		got := Bare(tc.err)
		if got == nil || got.Error() != tc.want {
			t.Errorf("%T: got %v; want %s", tc.err, got, tc.want)
		}
		for err := got; err != nil; err = errors.Unwrap(err) {
			if text := fmt.Sprintf("%+v %#v", err, err); strings.Contains(text, secret) || strings.Contains(text, "ticket") {
				t.Errorf("%T: got %s within", tc.err, text)
			}
		}
	}
	if Bare(nil) != nil {
		t.Error("no error is no fault")
	}
}

func TestBareAsksThePlatformFirst(t *testing.T) {
	own := func(err error) *Fault {
		if errors.Is(err, io.EOF) {
			return &Fault{Text: "the platform hung up", Cause: io.EOF}
		}
		return nil
	}
	if got := Bare(fmt.Errorf("read: %w", io.EOF), own); got.Error() != "the platform hung up" || !errors.Is(got, io.EOF) {
		t.Errorf("got %v", got)
	}
	if got := Bare(io.ErrUnexpectedEOF, own); got.Error() != "unexpected EOF" {
		t.Errorf("what the platform does not know: got %v", got)
	}
	once := Bare(errors.New("x"))
	if again := Bare(fmt.Errorf("claim: %w", once)); again != once {
		t.Errorf("twice: got %v; want %v", again, once)
	}
}

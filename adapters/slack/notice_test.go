package slack

import (
	"context"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/gorilla/websocket"
	slackgo "github.com/slack-go/slack"
)

func TestBareHidesWhatMustNotBeTold(t *testing.T) {
	const secret = "xapp-1-A0-words-of-U0ANNA"
	words := "words-of U0ANNA"
	address := "wss://wss.slack.com/link/?ticket=" + secret
	to := &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 443}
	for _, tc := range []struct {
		err  error
		want string
	}{
		{&url.Error{Op: "Post", URL: address, Err: io.EOF}, "EOF"},
		{&url.Error{Op: "Post", URL: address, Err: context.DeadlineExceeded}, "context deadline exceeded"},
		{&url.Error{Op: "Post", URL: address, Err: &net.OpError{Op: "dial", Net: "tcp", Addr: to, Err: os.NewSyscallError("connect", syscall.ECONNREFUSED)}}, "dial: connection refused"},
		{&net.OpError{Op: "read", Net: "tcp", Source: to, Addr: to, Err: syscall.ECONNRESET}, "read: connection reset by peer"},
		{&net.OpError{Op: "dial", Net: "tcp", Err: &net.DNSError{Err: "no such host", Name: secret, IsNotFound: true}}, "the name of the host cannot be looked up"},
		{&net.OpError{Op: "read", Addr: to, Err: slowError{secret}}, "read: timed out"},
		{x509.HostnameError{Host: secret, Certificate: &x509.Certificate{}}, "the certificate is for another host"},
		{x509.UnknownAuthorityError{}, "the certificate is signed by an unknown authority"},
		{&websocket.CloseError{Code: 1008, Text: secret}, "the socket was closed (1008)"},
		{fmt.Errorf("dial %s: %w", address, websocket.ErrBadHandshake), "websocket: bad handshake"},
		{slackgo.SlackErrorResponse{Err: "invalid_auth", Errors: []slackgo.SlackResponseErrors{{Message: &words}}}, "Slack answers invalid_auth"},
		{slackgo.SlackErrorResponse{Err: secret}, "Slack answers an unknown error"},
		{slackgo.SlackErrorResponse{Err: strings.ToLower(secret)}, "Slack answers an unknown error"},
		{slackgo.StatusCodeError{Code: 502, Status: "502 " + secret}, "Slack answers with status 502 Bad Gateway"},
		{&slackgo.RateLimitedError{RetryAfter: 3 * time.Second}, "Slack asks to wait for 3s"},
		{json.Unmarshal([]byte(`{"n":"`+secret+`"}`), &struct{ N int }{}), "not the JSON that was expected"},
		{json.Unmarshal([]byte(`{xapp`), new(any)), "not the JSON that was expected"},
		{errors.New(secret), "an error of type *errors.errorString"},
		{fmt.Errorf("post %s: %w", secret, odd{secret}), "an error of type slack.odd"},
	} {
		got := bare(tc.err)
		if got == nil || got.Error() != tc.want {
			t.Errorf("%T: got %v; want %s", tc.err, got, tc.want)
		}
		for err := got; err != nil; err = errors.Unwrap(err) {
			secretless(t, err, secret, "U0ANNA", "words-of")
			if text := fmt.Sprintf("%#v", err); strings.Contains(text, "ticket") || strings.Contains(text, "words-of") {
				t.Errorf("%T: got %s within", tc.err, text)
			}
		}
	}
	if got := bare(nil); got != nil {
		t.Errorf("nil: got %v", got)
	}
}

type odd struct{ text string }

func (o odd) Error() string { return o.text }

type slowError struct{ text string }

func (s slowError) Error() string { return s.text }
func (slowError) Timeout() bool   { return true }
func (slowError) Temporary() bool { return true }

func TestBareKeepsWhatDecides(t *testing.T) {
	err := bare(&url.Error{Op: "Post", URL: "https://x", Err: &net.OpError{Op: "dial", Err: os.NewSyscallError("connect", syscall.ECONNREFUSED)}})
	if !errors.Is(err, syscall.ECONNREFUSED) {
		t.Errorf("connection refused: got %v", err)
	}
	slow, ok := errors.AsType[interface {
		error
		Timeout() bool
	}](bare(&url.Error{Op: "Post", URL: "https://x", Err: slowError{}}))
	if !ok || !slow.Timeout() {
		t.Error("time out: got none")
	}
	e, ok := errors.AsType[slackgo.SlackErrorResponse](bare(fmt.Errorf("x: %w", slackgo.SlackErrorResponse{Err: "missing_scope", Needed: "chat:write", Provided: "commands,im:write,XOXB-1"})))
	if !ok || e.Err != "missing_scope" || e.Needed != "chat:write" || e.Provided != "commands, im:write" {
		t.Errorf("Slack's answer: got %+v", e)
	}
	if e, ok := errors.AsType[slackgo.StatusCodeError](bare(slackgo.StatusCodeError{Code: 503, Status: "x"})); !ok || e.Code != http.StatusServiceUnavailable || e.Status != "503 Service Unavailable" {
		t.Errorf("status: got %+v", e)
	}
	if e, ok := errors.AsType[*slackgo.RateLimitedError](bare(&slackgo.RateLimitedError{RetryAfter: time.Minute})); !ok || e.RetryAfter != time.Minute {
		t.Errorf("rate limit: got %+v", e)
	}
	once := bare(odd{"x"})
	if again := bare(fmt.Errorf("claim: %w", once)); again != once {
		t.Errorf("twice: got %v; want %v", again, once)
	}
}

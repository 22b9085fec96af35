package surface

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"syscall"

	"github.com/gorilla/websocket"
)

// A Fault is an error in our own words. What libraries say of an error may hold
// a token, an address or an id; a Fault does not.
type Fault struct {
	Text  string
	Cause error // of those that hold nothing to hide; may be nil
	Slow  bool  // something took too long
}

func (f *Fault) Error() string { return f.Text }

// Unwrap gives the cause, cleared of what a Fault must not hold.
func (f *Fault) Unwrap() error { return f.Cause }

// Timeout reports whether something took too long, as [net.Error] does.
func (f *Fault) Timeout() bool { return f.Slow }

// Says returns a Fault that says text and has no cause.
func Says(text string) error { return &Fault{Text: text} }

// TooSlow is Says for what took too long.
func TooSlow(text string) error { return &Fault{Text: text, Slow: true} }

// Bare turns an error of net/http, a websocket or whatever a platform adds to
// them into one without address, token, ticket, id or words of a person.
// [errors.As] still finds *websocket.CloseError (code only), and [errors.Is]
// the errors of context, io, net and the operating system. What only the
// platform's library knows is told by told, which are asked first; each returns
// nil for what it does not know. Wrap what Bare returns, not what it is given:
// it drops words that it does not know.
func Bare(err error, told ...func(error) *Fault) error {
	if err == nil {
		return nil
	}
	if own, ok := errors.AsType[*Fault](err); ok {
		return own
	}
	for _, tell := range told {
		if f := tell(err); f != nil {
			return f
		}
	}
	for _, tell := range []func(error) *Fault{toldBySocket, toldBySystem, toldByTLS, Garbled} {
		if f := tell(err); f != nil {
			return f
		}
	}
	return &Fault{Text: fmt.Sprintf("an error of type %T", innermost(err)), Slow: slow(err)}
}

// toldBySocket is of websockets.
func toldBySocket(err error) *Fault {
	if e, ok := errors.AsType[*websocket.CloseError](err); ok {
		return &Fault{Text: fmt.Sprintf("the socket was closed (%d)", e.Code), Cause: &websocket.CloseError{Code: e.Code}}
	}
	for _, known := range []error{websocket.ErrBadHandshake, websocket.ErrCloseSent, websocket.ErrReadLimit} {
		if errors.Is(err, known) {
			return &Fault{Text: known.Error(), Cause: known}
		}
	}
	return nil
}

// toldBySystem is of the network and of time. Whatever names a host is left out.
func toldBySystem(err error) *Fault {
	for _, known := range []error{context.Canceled, context.DeadlineExceeded, net.ErrClosed, http.ErrServerClosed,
		os.ErrDeadlineExceeded, io.ErrUnexpectedEOF, io.EOF, io.ErrClosedPipe} {
		if errors.Is(err, known) {
			return &Fault{Text: known.Error(), Cause: known, Slow: slow(err)}
		}
	}
	if number, ok := errors.AsType[syscall.Errno](err); ok {
		return &Fault{Text: doing(err) + number.Error(), Cause: number, Slow: slow(err)}
	}
	if e, ok := errors.AsType[*net.DNSError](err); ok {
		return &Fault{Text: "the name of the host cannot be looked up", Slow: e.IsTimeout}
	}
	if slow(err) {
		return &Fault{Text: doing(err) + "timed out", Slow: true}
	}
	return nil
}

// toldByTLS is of certificates.
func toldByTLS(err error) *Fault {
	if _, ok := errors.AsType[x509.HostnameError](err); ok {
		return &Fault{Text: "the certificate is for another host"}
	}
	if _, ok := errors.AsType[x509.UnknownAuthorityError](err); ok {
		return &Fault{Text: "the certificate is signed by an unknown authority"}
	}
	if e, ok := errors.AsType[x509.CertificateInvalidError](err); ok && e.Reason == x509.Expired {
		return &Fault{Text: "the certificate is not valid now: is the clock right?"}
	}
	if _, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return &Fault{Text: "the certificate cannot be verified"}
	}
	return nil
}

// Garbled tells of what cannot be read, whose own words may quote what was read;
// nil of every other error.
func Garbled(err error) *Fault {
	_, syntax := errors.AsType[*json.SyntaxError](err)
	_, kind := errors.AsType[*json.UnmarshalTypeError](err)
	if syntax || kind {
		return &Fault{Text: "not the JSON that was expected"}
	}
	return nil
}

// doing is what the network was about, such as "dial: "; "" if that is unknown.
func doing(err error) string {
	if op, ok := errors.AsType[*net.OpError](err); ok {
		return op.Op + ": "
	}
	return ""
}

// slow reports whether err tells that something took too long.
func slow(err error) bool {
	e, ok := errors.AsType[net.Error](err)
	return ok && e.Timeout()
}

// innermost is the error behind those that only add words.
func innermost(err error) error {
	for {
		if u, ok := err.(*url.Error); ok {
			err = u.Err
			continue
		}
		inner := errors.Unwrap(err)
		if inner == nil {
			return err
		}
		err = inner
	}
}

package slack

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
	"strings"
	"syscall"

	"github.com/gorilla/websocket"
	slackgo "github.com/slack-go/slack"
)

// A fault is an error in our own words. What libraries say of an error may hold
// a token, an address or an id; a fault does not.
type fault struct {
	text  string
	cause error // of those that hold nothing to hide; may be nil
	slow  bool  // something took too long
}

func (f *fault) Error() string { return f.text }

// Unwrap gives the cause, cleared of what a fault must not hold.
func (f *fault) Unwrap() error { return f.cause }

// Timeout reports whether something took too long, as [net.Error] does.
func (f *fault) Timeout() bool { return f.slow }

// bare turns an error of slack-go, net/http or the websocket into one without
// address, token, ticket, id or words of a person. [errors.As] still finds
// slackgo.SlackErrorResponse (code and scopes only), slackgo.StatusCodeError,
// *slackgo.RateLimitedError and *websocket.CloseError (code only), and
// [errors.Is] the errors of context, io, net and the operating system. Wrap
// what bare returns, not what it is given: it drops words that it does not know.
func bare(err error) error {
	if err == nil {
		return nil
	}
	if own, ok := errors.AsType[*fault](err); ok {
		return own
	}
	for _, told := range []func(error) *fault{toldBySlack, toldBySocket, toldBySystem, toldByTLS, toldByParser} {
		if f := told(err); f != nil {
			return f
		}
	}
	return &fault{text: fmt.Sprintf("an error of type %T", innermost(err)), slow: slow(err)}
}

// toldBySlack is of what the Web API answers.
func toldBySlack(err error) *fault {
	if e, ok := errors.AsType[slackgo.SlackErrorResponse](err); ok {
		e = slackgo.SlackErrorResponse{Err: word(e.Err), Needed: words(e.Needed), Provided: words(e.Provided)}
		return &fault{text: "Slack answers " + e.Err, cause: e}
	}
	if e, ok := errors.AsType[*slackgo.RateLimitedError](err); ok {
		return &fault{text: fmt.Sprintf("Slack asks to wait for %s", e.RetryAfter), cause: e}
	}
	if e, ok := errors.AsType[slackgo.StatusCodeError](err); ok {
		e.Status = fmt.Sprintf("%d %s", e.Code, http.StatusText(e.Code))
		return &fault{text: "Slack answers with status " + strings.TrimSpace(e.Status), cause: e}
	}
	return nil
}

// toldBySocket is of websockets.
func toldBySocket(err error) *fault {
	if e, ok := errors.AsType[*websocket.CloseError](err); ok {
		return &fault{text: fmt.Sprintf("the socket was closed (%d)", e.Code), cause: &websocket.CloseError{Code: e.Code}}
	}
	for _, known := range []error{websocket.ErrBadHandshake, websocket.ErrCloseSent, websocket.ErrReadLimit} {
		if errors.Is(err, known) {
			return &fault{text: known.Error(), cause: known}
		}
	}
	return nil
}

// toldBySystem is of the network and of time. Whatever names a host is left out.
func toldBySystem(err error) *fault {
	for _, known := range []error{context.Canceled, context.DeadlineExceeded, net.ErrClosed, http.ErrServerClosed,
		os.ErrDeadlineExceeded, io.ErrUnexpectedEOF, io.EOF, io.ErrClosedPipe} {
		if errors.Is(err, known) {
			return &fault{text: known.Error(), cause: known, slow: slow(err)}
		}
	}
	if number, ok := errors.AsType[syscall.Errno](err); ok {
		return &fault{text: doing(err) + number.Error(), cause: number, slow: slow(err)}
	}
	if e, ok := errors.AsType[*net.DNSError](err); ok {
		return &fault{text: "the name of the host cannot be looked up", slow: e.IsTimeout}
	}
	if slow(err) {
		return &fault{text: doing(err) + "timed out", slow: true}
	}
	return nil
}

// toldByTLS is of certificates.
func toldByTLS(err error) *fault {
	if _, ok := errors.AsType[x509.HostnameError](err); ok {
		return &fault{text: "the certificate is for another host"}
	}
	if _, ok := errors.AsType[x509.UnknownAuthorityError](err); ok {
		return &fault{text: "the certificate is signed by an unknown authority"}
	}
	if e, ok := errors.AsType[x509.CertificateInvalidError](err); ok && e.Reason == x509.Expired {
		return &fault{text: "the certificate is not valid now: is the clock right?"}
	}
	if _, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return &fault{text: "the certificate cannot be verified"}
	}
	return nil
}

// toldByParser is of what cannot be read. Its words may quote what was read.
func toldByParser(err error) *fault {
	_, syntax := errors.AsType[*json.SyntaxError](err)
	_, kind := errors.AsType[*json.UnmarshalTypeError](err)
	if syntax || kind {
		return &fault{text: "not the JSON that was expected"}
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

// word is code if it looks like one of Slack's codes, so that nothing else
// comes along.
func word(code string) string {
	odd := func(r rune) bool {
		return !(r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r == '_' || r == ':' || r == '.' || r == '-')
	}
	if code == "" || len(code) > 60 || strings.ContainsFunc(code, odd) || strings.HasPrefix(code, "xox") || strings.HasPrefix(code, "xapp") {
		return "an unknown error"
	}
	return code
}

// words are the scopes of a list, without anything that is none.
func words(list string) string {
	var out []string
	for _, w := range strings.FieldsFunc(list, func(r rune) bool { return r == ',' || r == ' ' }) {
		if word(w) == w {
			out = append(out, w)
		}
	}
	return strings.Join(out, ", ")
}

// A token is one of the two that Slack gives an app.
type token int

const (
	botToken token = iota
	appToken
)

func (t token) String() string {
	if t == appToken {
		return "the app token"
	}
	return "the bot token"
}

// source is where an admin finds t, and where it goes.
func (t token) source() string {
	if t == appToken {
		return "make one with the scope connections:write in the app's settings under Basic Information, App-Level Tokens, and put it into slack.app_token"
	}
	return "copy the one in the app's settings under OAuth & Permissions into slack.bot_token"
}

// fatal is what to do about err where trying again cannot help, in words for
// whoever runs the coach; nil where it can. t is the token that was used.
func fatal(err error, t token) error {
	if e, ok := errors.AsType[slackgo.StatusCodeError](err); ok && e.Code == http.StatusNotFound {
		return &fault{text: "Slack's Web API is not there (status 404): put its address, ending in a slash, into slack.api_url, or take that line out", cause: e}
	}
	e, ok := errors.AsType[slackgo.SlackErrorResponse](bare(err))
	if !ok {
		return nil
	}
	if text := remedy(e, t); text != "" {
		return &fault{text: text, cause: e}
	}
	return nil
}

// remedy is the text of fatal; "" where trying again may help.
func remedy(e slackgo.SlackErrorResponse, t token) string {
	switch e.Err {
	case "invalid_auth", "not_authed":
		return fmt.Sprintf("Slack does not know %s (%s): %s", t, e.Err, t.source())
	case "token_revoked", "account_inactive":
		return fmt.Sprintf("Slack no longer takes %s (%s): if the app was removed, install it again; then %s", t, e.Err, t.source())
	case "token_expired":
		return fmt.Sprintf("%s has expired (%s): switch token rotation off in the app's settings; then %s", t, e.Err, t.source())
	case "missing_scope":
		return lacking(e, t)
	case "not_allowed_token_type":
		return fmt.Sprintf("%s is a token of another kind (%s), the two may be swapped: %s", t, e.Err, t.source())
	case "not_enabled", "link_disabled", "socket_mode_disabled", "socket_mode_not_enabled":
		return fmt.Sprintf("Socket Mode is switched off for this app (%s): switch it on in the app's settings under Socket Mode, or serve HTTP with slack.signing_secret and slack.listen", e.Err)
	case "no_permission", "access_denied", "forbidden_team", "team_access_not_granted", "enterprise_is_restricted",
		"ekm_access_denied", "org_login_required", "two_factor_setup_required", "accesslimited":
		return fmt.Sprintf("Slack does not allow this with %s (%s): ask an admin of the workspace to approve the app", t, e.Err)
	}
	return ""
}

func lacking(e slackgo.SlackErrorResponse, t token) string {
	needed, has := e.Needed, e.Provided
	if needed == "" && t == appToken {
		needed = "connections:write"
	}
	if has == "" {
		has = "none"
	}
	fix := "add it in the app's settings under OAuth & Permissions and install the app again"
	if t == appToken {
		fix = t.source()
	}
	return fmt.Sprintf("%s lacks the scope %s, it has %s (%s): %s", t, needed, has, e.Err, fix)
}

package slacktest

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"
)

// A Transport brings what people do to the app, and its acknowledgement back.
// Events that are not acknowledged come again, as Slack does it; the answer is
// then that of the last attempt.
type Transport interface {
	Deliver(k Kind, payload map[string]any) Answer
}

// An Answer is how the app acknowledged one delivery.
type Answer struct {
	Kind     Kind
	Payload  map[string]any // what was delivered
	Envelope string         // its name; over sockets
	Status   int            // over HTTP; 0 where no answer came
	JSON     bool           // Body is to be read as JSON
	Body     []byte
	Latency  time.Duration
	Tries    int
	NoRetry  bool     // the app asked for no retries (X-Slack-No-Retry)
	Error    string   // what the person is told: operation_timeout, dispatch_failed, ...; "" = nothing
	Shown    *Message // what the acknowledgement showed, if anything
}

// A Signature is how a request over HTTP is signed.
type Signature int

// How a request is signed.
const (
	Signed       Signature = iota
	Unsigned               // no headers
	WrongSecret            // by somebody else
	Stale                  // ten minutes old
	Future                 // ten minutes ahead
	Tampered               // the body was changed after signing
	NoTimestamp            // the signature alone
	BadTimestamp           // no number
	OtherVersion           // v1=
	Truncated              // the beginning of a signature
)

// Signatures are all that must be refused.
func Signatures() []Signature {
	return []Signature{Unsigned, WrongSecret, Stale, Future, Tampered, NoTimestamp, BadTimestamp, OtherVersion, Truncated}
}

// A Web is the transport over signed HTTP.
type Web struct {
	s         *Slack
	Command   string // addresses; all the same after [Slack.Web]
	Interact  string
	Event     string
	Signature Signature
	client    *http.Client
}

// Web sends to the app over HTTP.
func (s *Slack) Web(address string) *Web {
	return &Web{s: s, Command: address, Interact: address, Event: address, client: &http.Client{
		Transport:     &http.Transport{DisableKeepAlives: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// Deliver implements [Transport].
func (w *Web) Deliver(k Kind, payload map[string]any) Answer {
	address, kind, body := w.Interact, "application/x-www-form-urlencoded", ""
	switch k {
	case Commands:
		form := url.Values{}
		for key, v := range payload {
			form.Set(key, fmt.Sprint(v))
		}
		address, body = w.Command, form.Encode()
	case Interactions:
		raw, err := json.Marshal(payload)
		if err != nil {
			return Answer{Error: err.Error()}
		}
		body = url.Values{"payload": {string(raw)}}.Encode()
	case Events:
		raw, err := json.Marshal(payload)
		if err != nil {
			return Answer{Error: err.Error()}
		}
		return w.event(payload, string(raw))
	}
	a := w.Post(address, kind, body, nil)
	a.Kind, a.Payload, a.Tries = k, payload, 1
	a.Body = bytes.TrimSpace(a.Body)
	if len(a.Body) > 0 && a.Error == "" && !accepts(k, payload) {
		w.s.mu.Lock()
		w.s.violate("ack "+string(k), "carries an answer that Slack ignores")
		w.s.mu.Unlock()
	}
	return a
}

// event sends an event, again if it is not acknowledged.
func (w *Web) event(payload map[string]any, body string) Answer {
	var a Answer
	reason := ""
	for attempt, wait := range append([]time.Duration{0}, w.s.set.Retries...) {
		if !w.s.sleep(wait) {
			break
		}
		header := http.Header{}
		if attempt > 0 {
			header.Set("X-Slack-Retry-Num", strconv.Itoa(attempt))
			header.Set("X-Slack-Retry-Reason", reason)
		}
		a = w.Post(w.Event, "application/json", body, header)
		a.Kind, a.Payload, a.Tries = Events, payload, attempt+1
		if a.Error == "" || a.NoRetry {
			break
		}
		reason = "http_error"
		if a.Error == "operation_timeout" {
			reason = "http_timeout"
		}
	}
	return a
}

// Verify sends url_verification; the challenge must come back.
func (w *Web) Verify(challenge string) Answer {
	raw, err := json.Marshal(map[string]any{"token": "verification", "challenge": challenge, "type": "url_verification"})
	if err != nil {
		return Answer{Error: err.Error()}
	}
	return w.Post(w.Event, "application/json", string(raw), nil)
}

// Post sends any body with w's Signature.
func (w *Web) Post(address, contentType, body string, more http.Header) Answer {
	ctx, cancel := context.WithTimeout(w.s.ctx, w.s.set.AckTime)
	defer cancel()
	header := w.sign(body)
	if w.Signature == Tampered {
		body += "&tampered=1"
		if contentType == "application/json" {
			body = strings.Replace(body, "{", `{"tampered":1,`, 1)
		}
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, address, strings.NewReader(body))
	if err != nil {
		return Answer{Error: err.Error()}
	}
	r.Header = header
	for k, v := range more {
		r.Header[k] = v
	}
	r.Header.Set("Content-Type", contentType)
	r.Header.Set("User-Agent", "Slackbot 1.0 (+https://api.slack.com/robots)")
	start := time.Now()
	resp, err := w.client.Do(r)
	if err != nil {
		return Answer{Latency: time.Since(start), Error: gone(err)}
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(io.LimitReader(resp.Body, maxBody))
	a := Answer{Status: resp.StatusCode, Body: raw, Latency: time.Since(start)}
	kind, _, _ := mime.ParseMediaType(resp.Header.Get("Content-Type"))
	a.NoRetry = resp.Header.Get("X-Slack-No-Retry") == "1"
	a.JSON = kind == "application/json"
	switch {
	case err != nil:
		a.Error = gone(err)
	case resp.StatusCode != http.StatusOK:
		a.Error = "dispatch_failed"
	}
	return a
}

// gone is what a person is told when no answer came.
func gone(err error) string {
	if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, os.ErrDeadlineExceeded) {
		return "operation_timeout"
	}
	return "dispatch_failed"
}

// sign makes the headers of a request.
func (w *Web) sign(body string) http.Header {
	now := time.Now()
	secret := w.s.set.SigningSecret
	switch w.Signature {
	case Stale:
		now = now.Add(-10 * time.Minute)
	case Future:
		now = now.Add(10 * time.Minute)
	case WrongSecret:
		secret = "00000000000000000000000000000000"
	}
	stamp := strconv.FormatInt(now.Unix(), 10)
	if w.Signature == BadTimestamp {
		stamp = "yesterday"
	}
	mac := hmac.New(sha256.New, []byte(secret))
	fmt.Fprintf(mac, "v0:%s:%s", stamp, body)
	sum := "v0=" + hex.EncodeToString(mac.Sum(nil))
	switch w.Signature {
	case OtherVersion:
		sum = "v1" + sum[2:]
	case Truncated:
		sum = sum[:20]
	}
	h := http.Header{}
	if w.Signature == Unsigned {
		return h
	}
	h.Set("X-Slack-Signature", sum)
	if w.Signature != NoTimestamp {
		h.Set("X-Slack-Request-Timestamp", stamp)
	}
	return h
}

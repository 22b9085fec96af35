package slack

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"log"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	slackgo "github.com/slack-go/slack"
	"github.com/slack-go/slack/slackevents"
)

// Bounds of what a connection may take.
const (
	webPath    = "/slack"
	headerTime = 5 * time.Second
	readTime   = 10 * time.Second
	writeTime  = 20 * time.Second
	idleTime   = 90 * time.Second
	maxHeader  = 16 << 10
	maxAge     = 5 * time.Minute // of a signature, and of one from a clock that is ahead
	keepBuffer = 64 << 10        // a larger buffer is not kept for the next request
	maxRest    = 1 << 20         // bytes behind maxPayload that are thrown away, so that the sender reads the answer
)

const (
	formType = "application/x-www-form-urlencoded"
	jsonType = "application/json"
)

// web is the way of payloads by signed requests over HTTP.
type web struct {
	*intake
	now    func() time.Time
	checks sync.Pool // of *check
	up     atomic.Bool
}

func newWeb(in *intake) *web {
	secret := []byte(in.SigningSecret)
	return &web{intake: in, now: time.Now, checks: sync.Pool{New: func() any { return &check{mac: hmac.New(sha256.New, secret)} }}}
}

// serve implements transport.
func (w *web) serve(ctx context.Context) error {
	if w.SigningSecret == "" {
		return errors.New("requests over HTTP cannot be told from forged ones without slack.signing_secret")
	}
	server := &http.Server{
		Handler: w, ReadHeaderTimeout: headerTime, ReadTimeout: readTime, WriteTimeout: writeTime, IdleTimeout: idleTime,
		MaxHeaderBytes: maxHeader, ErrorLog: log.New(io.Discard, "", 0),
	}
	served := make(chan error, 1)
	go func() { served <- server.Serve(w.Listener) }()
	w.up.Store(true)
	defer w.up.Store(false)
	w.Notify(Notice{What: "connected"})
	select {
	case err := <-served:
		return fmt.Errorf("serve HTTP: %w", bare(err))
	case <-ctx.Done():
	}
	w.up.Store(false)
	last, cancel := context.WithTimeout(w.work, w.pace.drain)
	defer cancel()
	if server.Shutdown(last) != nil {
		server.Close() // what takes longer than that is cut off
	}
	<-served
	return nil
}

// ready implements transport.
func (w *web) ready() error {
	if !w.up.Load() {
		return errors.New("not listening")
	}
	return nil
}

// ServeHTTP implements [http.Handler]. Nothing of a request is looked into
// before its signature is checked.
func (w *web) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	if r.URL.Path != webPath {
		http.NotFound(rw, r)
		return
	}
	if r.Method != http.MethodPost {
		rw.Header().Set("Allow", http.MethodPost)
		rw.WriteHeader(http.StatusMethodNotAllowed)
		return
	}
	if in, ok := w.read(rw, r); ok {
		w.deliver(rw, r, in)
	}
}

// read reads what r tells. If that is nothing to take on, r is answered and
// read reports false.
func (w *web) read(rw http.ResponseWriter, r *http.Request) (incoming, bool) {
	kind := mediaType(r.Header.Get("Content-Type"))
	if kind != formType && kind != jsonType {
		return w.deny(rw, http.StatusUnsupportedMediaType, "malformed", errMediaType)
	}
	c := w.checks.Get().(*check)
	defer w.release(c)
	if status, err := c.read(r); err != nil {
		return w.deny(rw, status, "malformed", err)
	}
	if err := c.verify(r.Header, w.now()); err != nil {
		return w.deny(rw, http.StatusUnauthorized, "unsigned", err)
	}
	if kind == jsonType {
		return w.event(rw, c.body.Bytes())
	}
	return w.gesture(rw, c.body.String())
}

// What is wrong with a request.
var (
	errMediaType = errors.New("a request of another content type than Slack's")
	errTooLarge  = fmt.Errorf("a request of more than %d bytes", maxPayload)
	errBroken    = errors.New("a request that ended early")
	errUnsigned  = errors.New("a request without a signature")
	errForged    = errors.New("a request whose signature is not by slack.signing_secret")
	errStale     = fmt.Errorf("a request whose signature is more than %s off: is the clock right?", maxAge)
	errPayload   = errors.New("a signed request that cannot be read")
	errUnknown   = errors.New("a payload of a kind that is not known")
)

// deny answers what is not taken.
func (w *web) deny(rw http.ResponseWriter, status int, what string, err error) (incoming, bool) {
	w.Notify(Notice{What: what, Err: err})
	if status == http.StatusRequestEntityTooLarge {
		rw.Header().Set("Connection", "close")
	}
	rw.WriteHeader(status)
	return incoming{}, false
}

// mediaType is a content type without its parameters, in lower case; "" if it
// cannot be read.
func mediaType(header string) string {
	if header == formType || header == jsonType {
		return header
	}
	kind, _, err := mime.ParseMediaType(header)
	if err != nil {
		return ""
	}
	return kind
}

// A check reads and verifies one request at a time.
type check struct {
	mac  hash.Hash
	head []byte // of what is signed, before the body
	body bytes.Buffer
	sums [2][sha256.Size]byte // of the body, and as the request says
}

// release makes c ready for the next request.
func (w *web) release(c *check) {
	if c.body.Cap() > keepBuffer {
		c.body = bytes.Buffer{}
	}
	w.checks.Put(c)
}

// read reads the body; the status is for the answer if there is an error.
func (c *check) read(r *http.Request) (status int, err error) {
	c.body.Reset()
	if r.ContentLength > maxPayload {
		return tooLarge(r)
	}
	if r.ContentLength > 0 {
		c.body.Grow(int(r.ContentLength) + bytes.MinRead)
	}
	n, err := c.body.ReadFrom(io.LimitReader(r.Body, maxPayload+1))
	switch {
	case err != nil:
		return http.StatusBadRequest, errBroken
	case n > maxPayload:
		return tooLarge(r)
	}
	return 0, nil
}

// tooLarge reads a little further: whoever is cut off while sending may not see
// the answer.
func tooLarge(r *http.Request) (status int, err error) {
	_, _ = io.CopyN(io.Discard, r.Body, maxPayload+maxRest)
	return http.StatusRequestEntityTooLarge, errTooLarge
}

// verify checks that Slack signed the body not long before now
// (https://docs.slack.dev/authentication/verifying-requests-from-slack). It
// accepts what slackgo.SecretsVerifier does, with hashes that are used again.
func (c *check) verify(h http.Header, now time.Time) error {
	stamp, signature := h.Get("X-Slack-Request-Timestamp"), h.Get("X-Slack-Signature")
	if stamp == "" || signature == "" {
		return errUnsigned
	}
	told, ok := strings.CutPrefix(signature, "v0=")
	if !ok || len(told) != hex.EncodedLen(sha256.Size) {
		return errForged
	}
	seconds, err := strconv.ParseInt(stamp, 10, 64)
	if err != nil {
		return errForged
	}
	if now.Sub(time.Unix(seconds, 0)).Abs() > maxAge {
		return errStale
	}
	if _, err := hex.Decode(c.sums[1][:], []byte(told)); err != nil {
		return errForged
	}
	c.mac.Reset()
	c.head = append(append(append(c.head[:0], "v0:"...), stamp...), ':')
	c.mac.Write(c.head)
	c.mac.Write(c.body.Bytes())
	if !hmac.Equal(c.mac.Sum(c.sums[0][:0]), c.sums[1][:]) {
		return errForged
	}
	return nil
}

// event reads a signed event.
func (w *web) event(rw http.ResponseWriter, body []byte) (incoming, bool) {
	e, err := slackevents.ParseEvent(body, slackevents.OptionNoVerifyToken())
	if err != nil {
		return w.unread(rw, body)
	}
	if asked, ok := e.Data.(*slackevents.EventsAPIURLVerificationEvent); ok && e.Type == slackevents.URLVerification {
		rw.Header().Set("Content-Type", "text/plain; charset=utf-8")
		rw.Header().Set("X-Content-Type-Options", "nosniff")
		w.write(rw, []byte(asked.Challenge))
		return incoming{}, false
	}
	id, ok := eventID(&e)
	switch {
	case !ok:
		w.Notify(Notice{What: "events limited"})
		return incoming{}, false
	case id == "":
		return w.deny(rw, http.StatusBadRequest, "malformed", errPayload)
	}
	return incoming{ID: id, Event: &e}, true
}

// unread answers a signed event that slack-go cannot read. One of a kind that
// it does not know is taken all the same: it would only come again.
func (w *web) unread(rw http.ResponseWriter, body []byte) (incoming, bool) {
	var outer struct {
		Event struct{ Type string }
	}
	if json.Unmarshal(body, &outer) != nil || outer.Event.Type == "" {
		return w.deny(rw, http.StatusBadRequest, "malformed", errPayload)
	}
	w.Notify(Notice{What: "unreadable", Err: errUnknown})
	return incoming{}, false
}

// gesture reads a signed command, press or sent form.
func (w *web) gesture(rw http.ResponseWriter, body string) (incoming, bool) {
	f, err := parseForm(body)
	switch {
	case err != nil:
	case f.sslCheck != "":
		return incoming{}, false
	case f.payload != "":
		var press slackgo.InteractionCallback
		if json.Unmarshal([]byte(f.payload), &press) == nil && press.Type != "" {
			return incoming{ID: press.TriggerID, Press: &press}, true
		}
	case f.Command != "" && f.UserID != "":
		return incoming{ID: f.TriggerID, Command: &f.SlashCommand}, true
	}
	return w.deny(rw, http.StatusBadRequest, "malformed", errPayload)
}

// deliver hands in on and answers with what the taker says.
func (w *web) deliver(rw http.ResponseWriter, r *http.Request, in incoming) {
	if !w.enter() {
		a, ok := w.refuse(in)
		if !ok {
			rw.Header().Set("Retry-After", "30")
			rw.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		w.answer(rw, r, a)
		return
	}
	defer w.leave()
	w.answer(rw, r, w.take(in))
}

// answer acknowledges with a, or answers another way if Slack has hung up.
func (w *web) answer(rw http.ResponseWriter, r *http.Request, a ack) {
	if r.Context().Err() != nil {
		w.lost(a)
		return
	}
	if a.Body != nil {
		rw.Header()["Content-Type"] = []string{jsonType}
	}
	if !w.write(rw, a.Body) {
		w.lost(a)
		return
	}
	a.sent()
}

// write writes a body of known length, and reports whether it left.
func (w *web) write(rw http.ResponseWriter, body []byte) bool {
	rw.Header()["Content-Length"] = []string{strconv.Itoa(len(body))}
	_, err := rw.Write(body)
	return err == nil
}

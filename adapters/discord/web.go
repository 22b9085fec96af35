package discord

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log"
	"mime"
	"net/http"
	"strconv"
	"sync/atomic"
	"time"

	"rapport/adapters/surface"
)

// Bounds of what a connection may take.
const (
	webPath    = "/discord"
	headerTime = 5 * time.Second
	readTime   = 10 * time.Second
	writeTime  = 20 * time.Second
	idleTime   = 90 * time.Second
	maxHeader  = 16 << 10
	maxPayload = 1 << 20
	maxAge     = 5 * time.Minute // of a signature, and of one from a clock that is ahead
	jsonType   = "application/json"
)

// web is the way of interactions by signed requests over HTTP.
type web struct {
	*desk
	key ed25519.PublicKey
	up  atomic.Bool
}

func newWeb(d *desk) (*web, error) {
	key, err := publicKey(d.PublicKey)
	return &web{desk: d, key: key}, err
}

// errKey says where the public key is.
var errKey = errors.New("the public key is 64 digits and letters from a to f: copy it from discord.com/developers/applications > General Information > Public Key into discord.public_key")

func publicKey(s string) (ed25519.PublicKey, error) {
	key, err := hex.DecodeString(s)
	if err != nil || len(key) != ed25519.PublicKeySize {
		return nil, errKey
	}
	return key, nil
}

// serve takes requests until ctx is done and what is in flight is answered.
func (w *web) serve(ctx context.Context) error {
	server := &http.Server{
		Handler: w, ReadHeaderTimeout: headerTime, ReadTimeout: readTime, WriteTimeout: writeTime, IdleTimeout: idleTime,
		MaxHeaderBytes: maxHeader, ErrorLog: log.New(io.Discard, "", 0),
	}
	served := make(chan error, 1)
	go func() { served <- server.Serve(w.Listener) }()
	w.up.Store(true)
	defer w.up.Store(false)
	w.Notify(Notice{What: "listening"})
	select {
	case err := <-served:
		return fmt.Errorf("serve HTTP: %w", surface.Bare(err))
	case <-ctx.Done():
	}
	w.up.Store(false)
	last, cancel := context.WithTimeout(w.work, partTime)
	defer cancel()
	if server.Shutdown(last) != nil {
		server.Close() // what takes longer than that is cut off
	}
	<-served
	return nil
}

func (w *web) ready() error {
	if !w.up.Load() {
		return errors.New("not listening")
	}
	return nil
}

// What is wrong with a request.
var (
	errMediaType = errors.New("a request of another content type than Discord's")
	errTooLarge  = fmt.Errorf("a request of more than %d bytes", maxPayload)
	errBroken    = errors.New("a request that ended early")
	errUnsigned  = errors.New("a request without a signature")
	errForged    = errors.New("a request whose signature does not fit discord.public_key")
	errStale     = fmt.Errorf("a request whose signature is more than %s off: is the clock right?", maxAge)
)

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
	body, status, err := read(r)
	if err != nil {
		w.deny(rw, status, "malformed", err)
		return
	}
	if err := w.verify(r.Header, body); err != nil {
		w.deny(rw, http.StatusUnauthorized, "unsigned", err)
		return
	}
	w.deliver(rw, body)
}

// read reads the body; the status is for the answer if there is an error.
func read(r *http.Request) (body []byte, status int, err error) {
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != jsonType {
		return nil, http.StatusUnsupportedMediaType, errMediaType
	}
	var b bytes.Buffer
	if r.ContentLength <= maxPayload {
		_, err = b.ReadFrom(io.LimitReader(r.Body, maxPayload+1))
	}
	switch {
	case err != nil:
		return nil, http.StatusBadRequest, errBroken
	case r.ContentLength > maxPayload || b.Len() > maxPayload:
		// Whoever is cut off while sending may not see the answer.
		_, _ = io.CopyN(io.Discard, r.Body, maxPayload)
		return nil, http.StatusRequestEntityTooLarge, errTooLarge
	}
	return b.Bytes(), 0, nil
}

// verify checks that Discord signed body not long ago
// (https://discord.com/developers/docs/interactions/overview#setting-up-an-endpoint).
func (w *web) verify(h http.Header, body []byte) error {
	stamp, told := h.Get("X-Signature-Timestamp"), h.Get("X-Signature-Ed25519")
	if stamp == "" || told == "" {
		return errUnsigned
	}
	signature, err := hex.DecodeString(told)
	if err != nil || len(signature) != ed25519.SignatureSize {
		return errForged
	}
	if !ed25519.Verify(w.key, append([]byte(stamp), body...), signature) {
		return errForged
	}
	seconds, err := strconv.ParseInt(stamp, 10, 64)
	if err != nil || w.now().Sub(time.Unix(seconds, 0)).Abs() > maxAge {
		return errStale
	}
	return nil
}

// deny answers what is not taken.
func (w *web) deny(rw http.ResponseWriter, status int, what string, err error) {
	w.Notify(Notice{What: what, Err: err})
	if status == http.StatusRequestEntityTooLarge {
		rw.Header().Set("Connection", "close")
	}
	rw.WriteHeader(status)
}

// deliver answers a signed request.
func (w *web) deliver(rw http.ResponseWriter, raw []byte) {
	in, err := readInteraction(raw)
	if err != nil {
		w.deny(rw, http.StatusBadRequest, "malformed", err)
		return
	}
	given := false
	answer := w.giver(rw)
	give := func(ctx context.Context, c callback) bool {
		given = true
		return answer(ctx, c)
	}
	if in.Kind == ping {
		give(w.work, callback{Type: pong})
		return
	}
	if !in.answerable() || w.refusal(in) != nil {
		rw.WriteHeader(http.StatusBadRequest)
		return
	}
	if end, ok := w.begin(); ok {
		w.answer(in, give, true, end)
	} else if c := w.noRoom(in); len(c.files) == 0 {
		give(w.work, c)
	} else { // the form stays open then, with what was typed
		w.deny(rw, http.StatusServiceUnavailable, "busy", errBusy)
		return
	}
	if !given { // something panicked: Discord then says that the app did not answer
		rw.WriteHeader(http.StatusInternalServerError)
	}
}

// giver answers with the body of the response.
func (w *web) giver(rw http.ResponseWriter) giver {
	return func(_ context.Context, c callback) bool {
		body, err := c.json()
		if err != nil {
			rw.WriteHeader(http.StatusInternalServerError)
			return false
		}
		rw.Header().Set("Content-Type", jsonType)
		rw.Header().Set("Content-Length", strconv.Itoa(len(body)))
		if _, err = rw.Write(body); err == nil {
			err = http.NewResponseController(rw).Flush()
		}
		if err != nil {
			w.Notify(Notice{What: "answer lost", Err: surface.Bare(err)})
		}
		return err == nil
	}
}

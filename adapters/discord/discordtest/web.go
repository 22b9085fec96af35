package discordtest

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"encoding/json"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// A Signature is how a request over HTTP is signed.
type Signature int

// How a request is signed.
const (
	Signed       Signature = iota
	Unsigned               // no headers
	WrongKey               // by somebody else
	Stale                  // ten minutes old
	Future                 // ten minutes ahead
	Tampered               // the body was changed after signing
	MovedTime              // the timestamp was changed after signing
	NoTimestamp            // the signature alone
	BadTimestamp           // signed rightly over a timestamp that is no number
	BadHex                 // a signature that is no hexadecimal
	Truncated              // the beginning of a signature
)

// Signatures are all that must be refused. Discord itself wants no check of how
// old a request is: Stale and Future are not among them.
func Signatures() []Signature {
	return []Signature{Unsigned, WrongKey, Tampered, MovedTime, NoTimestamp, BadTimestamp, BadHex, Truncated}
}

// A Web is the transport over signed HTTP.
type Web struct {
	d         *Discord
	Address   string
	Signature Signature
	client    *http.Client
}

// HTTP makes people's gestures arrive at an address from now on, signed.
func (d *Discord) HTTP(address string) *Web {
	w := &Web{d: d, Address: address, client: &http.Client{
		Transport:     &http.Transport{DisableKeepAlives: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.transport = w
	return w
}

// OverGateway makes people's gestures arrive over the Gateway again.
func (d *Discord) OverGateway() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.transport = gateway{d}
}

// httpRoute is where violations of responses are.
const httpRoute = "http"

// callbackRoute is the operation whose schema an answer must meet.
const callbackRoute = "POST /interactions/{interaction}/{token}/callback"

// deliver posts an interaction; the response is its first answer.
func (w *Web) deliver(it *Interaction) {
	d := w.d
	raw, err := json.Marshal(it.Payload)
	if err != nil {
		d.t.Errorf("discordtest: %v", err)
		return
	}
	d.mu.Lock()
	it.Deliveries++
	closed := d.closed
	if !closed {
		d.tasks.Add(1)
	}
	d.mu.Unlock()
	if closed {
		return
	}
	go func() {
		defer d.tasks.Done()
		a := w.Post(raw)
		d.mu.Lock()
		defer d.mu.Unlock()
		w.take(it, a)
		if it.refused {
			d.stir()
		}
		d.touch()
	}()
}

// take makes the response to an interaction its first answer. d.mu is held.
func (w *Web) take(it *Interaction, a Answer) {
	d := w.d
	it.status, it.body = a.Status, a.Body
	body := bytes.TrimSpace(a.Body)
	switch {
	case a.Error != "" || a.Status == http.StatusAccepted && len(body) == 0:
		return // an answer may come over REST
	case a.Status != http.StatusOK:
		it.refused = true
		return
	case it.Answer != 0:
		it.Doubles++
		return
	}
	var answer any
	if err := json.Unmarshal(body, &answer); err != nil {
		d.violate(httpRoute, "the response is no JSON")
		it.refused = true
		return
	}
	if a.Kind != 0 {
		d.violate(httpRoute, "the response is no application/json")
	}
	d.checkBody(httpRoute, callbackRoute, answer)
	args, _ := arguments(answer).(map[string]any)
	if _, refused := d.answer(httpRoute, it, args, nil); refused != nil {
		it.refused = true
	}
}

// Ping sends what Discord sends when the address is entered: the answer must be
// a pong.
func (w *Web) Ping() Answer {
	w.d.mu.Lock()
	id := w.d.id()
	w.d.mu.Unlock()
	return w.Post([]byte(sprint(`{"id":%q,"application_id":%q,"type":1,"token":"ping","version":1,"entitlements":[]}`, id, App)))
}

// Ponged tells whether a response is what a ping wants.
func (a Answer) Ponged() bool {
	var pong struct{ Type int }
	return a.Status == http.StatusOK && json.Unmarshal(a.Body, &pong) == nil && pong.Type == 1
}

// Oversized sends a signed body of so many bytes.
func (w *Web) Oversized(n int) Answer {
	return w.Post([]byte(`{"type":2,"data":"` + strings.Repeat("x", n) + `"}`))
}

// Post sends any body with w's Signature.
func (w *Web) Post(body []byte) Answer {
	ctx, cancel := context.WithTimeout(w.d.ctx, w.d.set.AckTime)
	defer cancel()
	header := w.sign(body)
	if w.Signature == Tampered {
		body = bytes.Replace(body, []byte("{"), []byte(`{"tampered":1,`), 1)
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, w.Address, bytes.NewReader(body))
	if err != nil {
		return Answer{Error: err.Error()}
	}
	r.Header = header
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("User-Agent", "Discord-Interactions/1.0 (+https://discord.com)")
	begun := time.Now()
	resp, err := w.client.Do(r)
	if err != nil {
		return Answer{Latency: time.Since(begun), Error: noAnswer}
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(io.LimitReader(resp.Body, maxBody))
	a := Answer{Status: resp.StatusCode, Body: raw, Latency: time.Since(begun)}
	if err != nil {
		a.Error = noAnswer
	}
	if kind := resp.Header.Get("Content-Type"); !strings.HasPrefix(kind, "application/json") {
		a.Kind = -1
	}
	return a
}

// sign makes the headers of a request.
func (w *Web) sign(body []byte) http.Header {
	h := http.Header{}
	if w.Signature == Unsigned {
		return h
	}
	now := time.Now()
	key := w.d.private
	switch w.Signature {
	case Stale:
		now = now.Add(-10 * time.Minute)
	case Future:
		now = now.Add(10 * time.Minute)
	case WrongKey:
		key = ed25519.NewKeyFromSeed(randomBytes(ed25519.SeedSize))
	}
	at := strconv.FormatInt(now.Unix(), 10)
	if w.Signature == BadTimestamp {
		at = "yesterday"
	}
	sum := hexed(ed25519.Sign(key, append([]byte(at), body...)))
	switch w.Signature {
	case MovedTime:
		at = strconv.FormatInt(now.Unix()+1, 10)
	case BadHex:
		sum = "zz" + sum[2:]
	case Truncated:
		sum = sum[:40]
	}
	h.Set("X-Signature-Ed25519", sum)
	if w.Signature != NoTimestamp {
		h.Set("X-Signature-Timestamp", at)
	}
	return h
}

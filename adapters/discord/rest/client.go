// Package rest makes calls to Discord's API.
//
// It decides how a call is made: whose token it carries, when Discord's limits
// let it go, and what an answer says about whether the call was done. It makes
// no call twice. It does not know what is called, or why; what becomes of a
// message that was not taken is decided by whoever sends it.
//
// Sources: https://discord.com/developers/docs/topics/rate-limits,
// https://discord.com/developers/docs/reference
package rest

import (
	"cmp"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strings"
	"sync/atomic"
	"time"
)

// Options is how a Client calls.
type Options struct {
	Token     string            // of the bot, without "Bot "
	BaseURL   string            // "" = https://discord.com/api/v10
	UserAgent string            // such as "DiscordBot (https://example.org, 1.2.3)", which is the form that Discord asks for
	Transport http.RoundTripper // nil = one of its own
}

// A Call is one call of the API.
type Call struct {
	Method string
	Path   string // below the base, such as "/channels/1/messages"; ids in it are escaped
	Route  string // what shares a rate limit, such as "POST /channels/1/messages"; "" = none is kept
	Body   any    // sent as JSON, a json.RawMessage as it stands; nil for none
	Files  []File // sent with Body as a form; Body lists them as attachments
	Open   bool   // carries no token: answers to interactions, webhooks
	Free   bool   // is outside the global limit: answers to interactions
}

// A File is part of a call, named files[n] for the nth.
type File struct {
	Name string
	Type string // such as "image/png"; "" = application/octet-stream
	Data []byte
}

const (
	callTime  = 10 * time.Second // the longest a call may take once it has begun
	maxIdle   = 64               // connections kept for the next call, so that late answers need not dial
	maxAnswer = 8 << 20          // bytes of an answer: the channels of a large server take some
)

// A Client calls Discord's API. Make one with [New]. It may be used from several
// goroutines, and starts none.
type Client struct {
	base      string
	site      url.URL // base, taken apart; zero where it is no plain one
	transport http.RoundTripper
	open, own http.Header // of calls without and with our token that carry JSON
	gate      gate
	buckets   buckets
	refusals  refusals
	skew      skew
}

// New returns a Client.
func New(o Options) *Client {
	c := &Client{base: strings.TrimRight(o.BaseURL, "/"), gate: newGate()}
	if c.base == "" {
		c.base = "https://discord.com/api/v10"
	}
	if u, err := url.Parse(c.base); err == nil && *u == (url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path}) {
		c.site = *u
	}
	c.open = http.Header{
		"User-Agent": {cmp.Or(o.UserAgent, "DiscordBot (rapport, 0)")}, "Content-Type": {jsonType},
		"Accept-Encoding": {"identity"}, // what comes back is short, or for nobody
	}
	c.own = http.Header{"User-Agent": c.open["User-Agent"], "Content-Type": {jsonType}, "Authorization": {"Bot " + o.Token}}
	if o.Transport == nil {
		own := http.DefaultTransport.(*http.Transport).Clone()
		own.MaxIdleConnsPerHost = maxIdle
		o.Transport = own
	}
	c.transport = o.Transport
	return c
}

// Do makes a call, once, and reads its answer into into, a pointer, or only
// looks whether it was taken where into is nil. A call that cannot go within
// ctx or 2 seconds, for Discord's limits, is not made: its error has status 429
// and says when it could go. Every error is an [*Error].
func (c *Client) Do(ctx context.Context, call Call, into any) error {
	if err := ctx.Err(); err != nil {
		return unmade(err)
	}
	l, err := pack(call)
	if err != nil {
		return unmade(err)
	}
	b, late := c.admit(ctx, call)
	if late != nil {
		return late
	}
	a := c.exchange(ctx, call, l)
	e := a.verdict(into)
	c.learn(b, a, e)
	if e != nil {
		return e
	}
	return nil
}

// admit waits until Discord's limits let call go. b is then to be given to
// learn.
func (c *Client) admit(ctx context.Context, call Call) (b *bucket, late *Error) {
	until := patience(ctx)
	if wait := c.refusals.wait(time.Now()); wait > 0 {
		return nil, held(wait, "too many calls were refused lately, and Discord shuts out who goes on")
	}
	b, late = c.buckets.enter(ctx, call.Route, until)
	if late != nil || call.Free {
		return b, late
	}
	if late = c.gate.pass(ctx, until); late != nil {
		c.buckets.leave(b, nil, nil)
	}
	return b, late
}

// learn keeps what an answer says of Discord's limits and its clock.
func (c *Client) learn(b *bucket, a *answer, e *Error) {
	c.skew.hear(a)
	if a.invalid() {
		c.refusals.count(time.Now())
	}
	if e != nil && e.Global {
		c.gate.shut(e.After)
	}
	c.buckets.leave(b, a, e)
}

var (
	errAddress = errors.New("no address that can be called")
	errLong    = errors.New("an answer that is too long")
)

// address is where path is, which is below the base.
func (c *Client) address(path string) (*url.URL, error) {
	if c.site.Host == "" || !plain(path) {
		return url.Parse(c.base + path)
	}
	u := c.site
	u.Path += path
	return &u, nil
}

// plain reports whether path stands in an address as it is, as nearly all do:
// then it need not be read.
func plain(path string) bool {
	for i := range len(path) {
		switch c := path[i]; {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9':
		case c == '/', c == '-', c == '_', c == '.', c == '=':
		default:
			return false
		}
	}
	return true
}

// headers are those of a call whose body is of that kind, "" for none. Nobody
// may write to them: those of nearly all calls are made once.
func (c *Client) headers(call Call, kind string) http.Header {
	h := c.own
	if call.Open {
		h = c.open
	}
	switch kind {
	case jsonType:
		return h
	case "":
		h = h.Clone()
		h.Del("Content-Type")
	default:
		h = h.Clone()
		h.Set("Content-Type", kind)
	}
	return h
}

// brief is ctx, for callTime at most.
func brief(ctx context.Context) (context.Context, context.CancelFunc) {
	if end, ok := ctx.Deadline(); ok && time.Until(end) <= callTime {
		return ctx, func() {}
	}
	return context.WithTimeout(ctx, callTime)
}

// exchange sends what is packed and takes what comes back. It asks the transport
// itself: an [http.Client] copies what it is given for redirects, and the API
// never sends elsewhere. A proxy that does gets no token.
func (c *Client) exchange(ctx context.Context, call Call, l *load) *answer {
	ctx, cancel := brief(ctx)
	defer cancel()
	var left atomic.Bool
	// The body follows the headers: a refused connection, a name that is not
	// found and a failed TLS handshake come before both.
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{WroteHeaders: func() { left.Store(true) }})
	where, err := c.address(call.Path)
	if err != nil {
		return &answer{err: unspoken(errAddress.Error())}
	}
	req := (&http.Request{Method: call.Method, URL: where, Host: where.Host, Header: c.headers(call, l.kind)}).WithContext(ctx)
	l.into(req)
	a := &answer{begun: time.Now()}
	res, err := c.transport.RoundTrip(req)
	if err != nil {
		a.err, a.left = err, left.Load()
		return a
	}
	defer res.Body.Close()
	a.ended, a.left, a.status, a.header = time.Now(), true, res.StatusCode, res.Header
	if res.StatusCode == http.StatusNoContent {
		return a
	}
	a.body, a.err = io.ReadAll(io.LimitReader(res.Body, maxAnswer+1))
	if a.err == nil && len(a.body) > maxAnswer {
		a.err = unspoken(errLong.Error())
	}
	return a
}

// Skew is Discord's clock minus ours, which is known once it has answered.
func (c *Client) Skew() (time.Duration, bool) { return c.skew.value() }

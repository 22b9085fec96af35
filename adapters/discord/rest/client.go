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
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptrace"
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
	Body   any    // sent as JSON; nil for none
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
	token, base, agent string
	http               *http.Client
	gate               gate
	buckets            buckets
	refusals           refusals
	skew               skew
}

// New returns a Client.
func New(o Options) *Client {
	c := &Client{token: o.Token, base: strings.TrimRight(o.BaseURL, "/"), agent: o.UserAgent, gate: newGate()}
	if c.base == "" {
		c.base = "https://discord.com/api/v10"
	}
	if c.agent == "" {
		c.agent = "DiscordBot (rapport, 0)"
	}
	if o.Transport == nil {
		own := http.DefaultTransport.(*http.Transport).Clone()
		own.MaxIdleConnsPerHost = maxIdle
		o.Transport = own
	}
	c.http = &http.Client{
		Timeout:   callTime,
		Transport: o.Transport,
		// The API never sends elsewhere: a proxy that does gets no token.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
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

// exchange sends what is packed and takes what comes back.
func (c *Client) exchange(ctx context.Context, call Call, l *load) *answer {
	var left atomic.Bool
	// The body follows the headers: a refused connection, a name that is not
	// found and a failed TLS handshake come before both.
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{WroteHeaders: func() { left.Store(true) }})
	req, err := http.NewRequestWithContext(ctx, call.Method, c.base+call.Path, nil)
	if err != nil {
		return &answer{err: unspoken(errAddress.Error())}
	}
	l.into(req)
	req.Header.Set("User-Agent", c.agent)
	if !call.Open {
		req.Header.Set("Authorization", "Bot "+c.token)
	}
	a := &answer{begun: time.Now()}
	res, err := c.http.Do(req)
	if err != nil {
		a.err, a.left = err, left.Load()
		return a
	}
	defer res.Body.Close()
	a.ended, a.left, a.status, a.header = time.Now(), true, res.StatusCode, res.Header
	a.body, a.err = io.ReadAll(io.LimitReader(res.Body, maxAnswer+1))
	if a.err == nil && len(a.body) > maxAnswer {
		a.err = unspoken(errLong.Error())
	}
	return a
}

// Skew is Discord's clock minus ours, which is known once it has answered.
func (c *Client) Skew() (time.Duration, bool) { return c.skew.value() }

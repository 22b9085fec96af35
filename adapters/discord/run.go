package discord

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"rapport/adapters/discord/gateway"
	"rapport/adapters/discord/rest"
	"rapport/adapters/surface"
	"rapport/coach"
)

const (
	firstPause = 500 * time.Millisecond
	longPause  = time.Minute      // between attempts, at most
	callTime   = 10 * time.Second // the longest a call to Discord may take
)

// intents is what the gateway is asked to tell: servers, and nothing that
// people write there. Interactions and direct messages with the app need none.
const intents = 1 << 0

// Run passes every request to h until ctx is done or Discord will not have us
// any more; then it lets what is under way end, for at most 9 seconds. It
// returns nil if ctx ended it, and otherwise what to do about it.
func (a *Adapter) Run(ctx context.Context, h coach.Handler) error {
	if a.Listener != nil {
		defer a.Listener.Close()
	}
	ctx, end := context.WithCancel(ctx)
	defer end()
	a.life.Begin(end)
	err := a.serve(ctx, coach.Steady(h))
	if stopped := a.stopped(); stopped != nil {
		return stopped
	}
	a.life.Is(cmp.Or(err, errors.New("not running"))) // whoever asks why can be told
	return err
}

// serve finds out who we are and serves until ctx is done.
func (a *Adapter) serve(ctx context.Context, h coach.Handler) error {
	shards, err := parseShards(a.Shards)
	if err != nil {
		return err
	}
	app, err := a.meet(ctx)
	if err != nil || ctx.Err() != nil {
		return err
	}
	d := newDesk(a, app, h)
	defer d.drain(drainTime)
	g := &guilds{desk: d, joined: make(map[string]bool), bell: make(chan struct{}, 1)}
	gate := gateway.New(gateway.Options{
		Token: a.Token, Intents: intents, Look: a.look, Shards: shards,
		Handle: func(e gateway.Event) { d.take(g, e) },
		Notify: func(what string, err error, count int) { a.Notify(Notice{What: what, Err: err, Count: count}) },
	})
	a.life.Serving(gate.Ready)
	parts := []func(context.Context) error{gate.Run, g.run, func(ctx context.Context) error { a.register(ctx, app); return nil }}
	if a.Listener != nil {
		w, err := newWeb(d)
		if err != nil {
			return err
		}
		a.life.Serving(w.ready)
		parts = append(parts, w.serve)
	}
	return together(ctx, parts)
}

// together runs parts until all have ended. The first that fails ends the
// others, and its error is returned.
func together(ctx context.Context, parts []func(context.Context) error) error {
	ctx, end := context.WithCancel(ctx)
	defer end()
	var all sync.WaitGroup
	failed := make(chan error, len(parts))
	for _, part := range parts {
		all.Go(func() {
			if err := part(ctx); err != nil {
				failed <- err
				end()
			}
		})
	}
	all.Wait()
	select {
	case err := <-failed:
		return err
	default:
		return nil
	}
}

// take takes what the gateway tells of. It does not wait.
func (d *desk) take(g *guilds, e gateway.Event) {
	switch e.Type {
	case "INTERACTION_CREATE":
		d.hear(e.Data)
	case "READY":
		g.ready(e.Data)
	case "GUILD_CREATE":
		g.created(e.Data)
	case "GUILD_DELETE":
		g.deleted(e.Data)
	}
}

// look asks Discord how to connect.
func (a *Adapter) look(ctx context.Context) (gateway.Info, error) {
	var said struct {
		URL    string `json:"url"`
		Shards int    `json:"shards"`
		Limit  struct {
			Total          int   `json:"total"`
			Remaining      int   `json:"remaining"`
			ResetAfter     int64 `json:"reset_after"` // milliseconds
			MaxConcurrency int   `json:"max_concurrency"`
		} `json:"session_start_limit"`
	}
	err := a.get(ctx, "/gateway/bot", &said)
	if why := fatal(err); why != nil {
		err = why
	}
	return gateway.Info{
		URL: said.URL, Shards: said.Shards, Total: said.Limit.Total, Remaining: said.Limit.Remaining,
		ResetAfter: time.Duration(said.Limit.ResetAfter) * time.Millisecond, MaxConcurrency: said.Limit.MaxConcurrency,
	}, err
}

// errShards says what Options.Shards may be.
var errShards = errors.New(`the shards of this process are "all" or such as "0-3/16": the first and the last of ours, and how many there are`)

// parseShards reads "all" and "0-3/16".
func parseShards(s string) (gateway.Range, error) {
	if s == "" || s == "all" {
		return gateway.Range{}, nil
	}
	ours, total, _ := strings.Cut(s, "/")
	first, last, ok := strings.Cut(ours, "-")
	if !ok {
		last = first
	}
	var r gateway.Range
	for text, to := range map[*int]string{&r.First: first, &r.Last: last, &r.Total: total} {
		n, err := strconv.Atoi(to)
		if err != nil {
			return gateway.Range{}, errShards
		}
		*text = n
	}
	if r.First < 0 || r.First > r.Last || r.Last >= r.Total {
		return gateway.Range{}, errShards
	}
	return r, nil
}

// An application is what Discord says of ours.
type application struct {
	ID       string `json:"id"`
	Name     string `json:"name"`
	Key      string `json:"verify_key"`
	Endpoint string `json:"interactions_endpoint_url"`
	Flags    int    `json:"flags"`
}

func (a *Adapter) application(ctx context.Context) (app application, err error) {
	err = a.get(ctx, "/applications/@me", &app)
	if err == nil && app.ID == "" {
		err = errUnclear
	}
	return app, err
}

// meet is the application's id, which Discord may have to be asked for until it
// answers or ctx is done.
func (a *Adapter) meet(ctx context.Context) (id string, err error) {
	for tries := 0; a.ApplicationID == ""; tries++ {
		app, err := a.application(ctx)
		if err == nil {
			return app.ID, nil
		}
		if ctx.Err() != nil {
			return "", nil
		}
		if why := fatal(err); why != nil {
			return "", why
		}
		a.life.Is(fmt.Errorf("not connected: %w", err))
		a.Notify(Notice{What: "reconnecting", Err: err})
		if !pause(ctx, tries, err) {
			return "", nil
		}
	}
	return a.ApplicationID, nil
}

// get asks for what is at path, which has a rate limit of its own.
func (a *Adapter) get(ctx context.Context, path string, into any) error {
	ctx, cancel := context.WithTimeout(ctx, callTime)
	defer cancel()
	return a.api.Do(ctx, rest.Call{Method: http.MethodGet, Path: path, Route: "GET " + path}, into)
}

// errToken ends Run.
var errToken = fault("Discord does not know the bot's token (401): make a new one at "+portal+" > Bot > Reset Token, and put it into discord.token", gateway.ErrRefused)

// fault is an error in our own words.
func fault(text string, cause error) error { return &surface.Fault{Text: text, Cause: cause} }

// fatal is what to do about err where trying again cannot help; nil where it
// can.
func fatal(err error) error {
	if e, ok := errors.AsType[*rest.Error](err); ok && e.Told && e.Status == http.StatusUnauthorized {
		return errToken
	}
	return nil
}

// pause waits before one more attempt, longer each time and at least as long as
// Discord asked for. It reports false if ctx ended.
func pause(ctx context.Context, tries int, err error) bool {
	d := min(firstPause<<min(tries, 10), longPause)
	d += rand.N(d / 2)
	if e, ok := errors.AsType[*rest.Error](err); ok {
		d = max(d, e.After)
	}
	return sleep(ctx, d)
}

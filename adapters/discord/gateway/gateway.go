// Package gateway keeps a bot connected to Discord's gateway.
//
// It decides when a connection is opened, resumed or given up, how often Discord
// is asked for a new session, and which of its answers end all trying. It does
// not know what events mean, nor how Discord's HTTP API is called: those are
// [Options.Handle] and [Options.Look].
package gateway

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	"rapport/adapters/surface"
)

// An Event is one thing that Discord tells. Data is valid until the handler
// returns.
type Event struct {
	Type  string // such as INTERACTION_CREATE
	Data  json.RawMessage
	Shard int
}

// An Info is how Discord wants to be connected to: the answer to
// GET /gateway/bot.
type Info struct {
	URL              string
	Shards           int // advised
	Total, Remaining int // identifies within a day
	ResetAfter       time.Duration
	MaxConcurrency   int
}

// A Range is the shards that this process runs, out of Total. The zero Range is
// all that Discord advises.
type Range struct{ First, Last, Total int }

// Options is how a Gateway connects.
type Options struct {
	Token   string // without "Bot "
	Intents int
	Look    func(ctx context.Context) (Info, error) // asks Discord, before the first connection and after failures
	Shards  Range
	// Handle is given every event, each shard's in order, by a goroutine for
	// each shard. It must not block: while it does, nothing else is read. A
	// panic costs that event only.
	Handle func(Event)
	// Notify is told what happens to the connections, in a few fixed words that
	// are fit to count by: "identified" (count: identifies within the hour),
	// "connected" and "resumed" (count: shards that are connected),
	// "reconnecting" (count: attempts since a connection lived), "held back"
	// (count: identifies within the hour), "unreadable" and "panic". An err
	// holds no token, address or id. Several goroutines may call it; nil is
	// nobody.
	Notify func(what string, err error, count int)
	Pace   Pace
}

// ErrRefused is the cause of a [surface.Fault] of Look that trying again cannot
// help: Run ends with that Fault.
var ErrRefused = errors.New("refused")

// A Gateway is a bot's connection to Discord. Make one with [New].
type Gateway struct {
	options Options
	pace    Pace
	budget  *budget

	mu     sync.Mutex
	shards []*shard
	total  int
	over   error // why no shard is there to ask; nil while Run keeps them
}

// New returns a Gateway; nothing is connected before [Gateway.Run].
func New(o Options) *Gateway {
	if o.Handle == nil {
		o.Handle = func(Event) {}
	}
	if o.Notify == nil {
		o.Notify = func(string, error, int) {}
	}
	p := o.Pace.filled()
	return &Gateway{options: o, pace: p, budget: newBudget(p, o.Look), over: errors.New("not connected yet")}
}

// Run keeps the connections until ctx ends, or Discord will not have us any
// more. It returns nil if ctx ended it, and otherwise a [surface.Fault] that
// tells whoever runs the coach what to do. It may be called once.
func (g *Gateway) Run(ctx context.Context) error {
	err := g.run(ctx)
	if err != nil {
		g.is(err)
		return err
	}
	g.is(errors.New("not running"))
	return nil
}

func (g *Gateway) run(ctx context.Context) error {
	if err := g.options.Shards.check(); err != nil {
		return err
	}
	info, err := g.meet(ctx)
	if err != nil || ctx.Err() != nil {
		return err
	}
	ctx, end := context.WithCancel(ctx)
	defer end()
	shards := g.divide(info)
	refused := make(chan error, len(shards))
	var keepers sync.WaitGroup
	for _, s := range shards {
		keepers.Go(func() {
			if err := s.keep(ctx); err != nil {
				refused <- err
				end()
			}
		})
	}
	keepers.Wait()
	select {
	case err := <-refused:
		return err
	default:
		return nil
	}
}

// meet asks Discord how to connect, until it answers or ctx ends.
func (g *Gateway) meet(ctx context.Context) (Info, error) {
	for tries := 0; ; tries++ {
		info, err := g.budget.ask(ctx)
		if err == nil || ctx.Err() != nil {
			return info, nil
		}
		if why := refusal(err); why != nil {
			return Info{}, why
		}
		err = surface.Bare(err)
		g.is(fmt.Errorf("not connected: %w", err))
		g.options.Notify("reconnecting", err, tries+1)
		if !sleep(ctx, g.pace.pause(tries)) {
			return Info{}, nil
		}
	}
}

// check is nil for a Range that can be.
func (r Range) check() error {
	if r == (Range{}) || r.First >= 0 && r.First <= r.Last && r.Last < r.Total {
		return nil
	}
	return &surface.Fault{Text: `the shards of this process are none: put "all" or such as "0-3/16" into discord.shards`}
}

// divide makes the shards that are ours.
func (g *Gateway) divide(info Info) []*shard {
	r := g.options.Shards
	if r == (Range{}) {
		n := max(info.Shards, 1)
		r = Range{First: 0, Last: n - 1, Total: n}
	}
	var shards []*shard
	for id := r.First; id <= r.Last; id++ {
		shards = append(shards, newShard(g, id, r.Total))
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	g.shards, g.total, g.over = shards, r.Total, nil
	return shards
}

// is tells why no shard is there to ask.
func (g *Gateway) is(err error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.over = err
}

// Ready is nil while every shard of ours is connected, and otherwise says why
// one is not.
func (g *Gateway) Ready() error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.over != nil {
		return g.over
	}
	down, why := 0, error(nil)
	for _, s := range g.shards {
		if err := s.state(); err != nil {
			down++
			why = err
		}
	}
	switch {
	case down == 0:
		return nil
	case len(g.shards) == 1:
		return fmt.Errorf("not connected: %w", why)
	}
	return fmt.Errorf("%d of %d shards are not connected: %w", down, len(g.shards), why)
}

// connected is how many of our shards are.
func (g *Gateway) connected() (n int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, s := range g.shards {
		if s.state() == nil {
			n++
		}
	}
	return n
}

// Identifies is how often this process has asked for a new session, within the
// last hour and the last 24. Discord resets the token of a bot that does so
// 1,000 times a day.
func (g *Gateway) Identifies() (lastHour, today int) {
	return g.budget.spentWithin(g.pace.Hour), g.budget.spentWithin(24 * g.pace.Hour)
}

// Shards is how many there are over all processes; 0 while that is not known.
func (g *Gateway) Shards() int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.total
}

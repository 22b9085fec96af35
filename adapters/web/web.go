// Package web is a team chat on a local page: it serves the coach on a loopback
// address, to a browser on the same machine.
//
// It decides how a message looks in HTML, which page sees it, and what of it
// outlives the page. It does not know what the coach says, when anything is
// due, or how messages are kept: those are the [coach.Handler] given to
// [Adapter.Run], whoever calls [Adapter.Send], and [History].
//
// Only what Send was given is kept. What a person types and what the coach
// answers privately lives in memory, bounded, for the browser that asked, and
// is written nowhere and shown to nobody else.
package web

import (
	"context"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"rapport/coach"
)

// platform is how the coach names this surface.
const platform coach.Platform = "web"

// Options is what an Adapter serves.
type Options struct {
	Listener net.Listener // on a loopback address; Run closes it
	Team     string       // name and id of the one team, without "/"
	Channels []Channel
	People   []Person // at least one; others may add themselves on the page
	Clock    Clock
	History  History
}

// A Channel is a place that everyone of the team sees.
type Channel struct {
	ID   string // letters, digits and "-"
	Name string // as shown behind "#"
}

// A Person is somebody the page can be used as.
type Person struct {
	User  string // letters, digits and "-"
	Name  string
	Admin bool // may set up the team
}

// A Clock is the coach's clock, which people on the page can move forward.
type Clock interface {
	Now() time.Time
	// Advance moves to an instant after Now, delivering everything due on the
	// way, and returns when all of it is delivered.
	Advance(ctx context.Context, to time.Time) error
}

// History keeps the messages that were sent to a place. A place is
// "channel/" and a channel's id, or "direct/" and a [coach.Person] in its
// written form. The body is opaque to it.
type History interface {
	// Keep keeps body once for each key: fresh is false if key was kept before.
	Keep(ctx context.Context, key, place string, body []byte, at time.Time) (fresh bool, err error)
	// Kept yields the latest limit messages of place, in the order they were kept.
	Kept(ctx context.Context, place string, limit int, yield func(key string, body []byte, at time.Time) error) error
}

// TeamOf returns the team of that name, as requests from the page carry it.
func TeamOf(name string) coach.Team { return coach.Team{Platform: platform, ID: name} }

// PersonOf returns a person of that team, as requests from the page carry them.
func PersonOf(team, user string) coach.Person {
	return coach.Person{Platform: platform, Realm: team, User: user}
}

// An Adapter serves the page. Make one with [New].
type Adapter struct {
	Options
	site    *site // templates and files, the same for everyone
	crowd   *crowd
	hub     *hub
	visits  *visits
	board   *session // what everyone of a channel was answered; nothing keeps it
	drawn   *drawn
	trip    trip
	faults  faults
	late    sync.WaitGroup // answers that are still to come
	ackWait time.Duration  // [coach.AckWait]; a test whose subject is another waits for longer
}

// New returns an Adapter that can be sent to; [Adapter.Run] serves it.
func New(o Options) *Adapter {
	return &Adapter{
		Options: o,
		site:    newSite(),
		crowd:   newCrowd(o.People),
		hub:     newHub(),
		visits:  newVisits(),
		board:   newSession(),
		drawn:   newDrawn(),
		ackWait: coach.AckWait,
	}
}

// Name implements the bot's Adapter.
func (a *Adapter) Name() coach.Platform { return platform }

// Faults counts what went wrong since the start, for the bot's metrics. The
// errors behind Handler and History reach the bot through the Handler and the
// History it handed in.
type Faults struct {
	Handler int64 // answers that ended in an error or a panic
	History int64 // messages that could not be read or kept
	Clock   int64 // moves of the clock that ended in an error
	Refused int64 // requests turned away: foreign, malformed or too many
	Slow    int64 // pages cut off because they did not keep up
	Server  int64 // what the HTTP server complained about
}

type faults struct{ handler, history, clock, refused, slow, server atomic.Int64 }

// Faults returns the counts so far.
func (a *Adapter) Faults() Faults {
	f := &a.faults
	return Faults{f.handler.Load(), f.history.Load(), f.clock.Load(), f.refused.Load(), f.slow.Load(), f.server.Load()}
}

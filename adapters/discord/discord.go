// Package discord serves the coach on Discord: in servers, in direct messages
// and to people who installed the app for themselves.
//
// It decides how Discord's interactions become requests, by which of Discord's
// ways an answer travels, and what becomes of a message that Discord did not
// take. It does not know what is said, when anything is due, or how it is kept:
// those are the [coach.Handler] given to [Adapter.Run] and whoever calls
// [Adapter.Send]. How a message looks is decided in components, how a
// connection is kept in gateway, and what an answer of Discord's means in rest.
package discord

import (
	"cmp"
	"context"
	"net"
	"net/http"
	"strings"
	"time"

	"rapport/adapters/discord/rest"
	"rapport/adapters/surface"
	"rapport/coach"
)

// platform is how the coach names this surface.
const platform coach.Platform = "discord"

// home stands where Discord wants an address of the app's makers: those who run
// it know theirs, and it has none of its own (RFC 2606).
const home = "https://rapport.example"

// defaultURL is where Discord's API is.
const defaultURL = "https://discord.com/api/v10"

// Options is how an Adapter connects. Discord tells of servers over its gateway
// always; what people do comes that way too or, with a Listener, over HTTP.
type Options struct {
	Token         string       // of the bot
	ApplicationID string       // "" = Discord is asked
	PublicKey     string       // in hex, by which Discord signs what it sends over HTTP
	Listener      net.Listener // where that arrives; Run closes it; nil = over the gateway
	APIURL        string       // every call begins with it; "" = Discord's
	Shards        string       // which of the shards are ours: "all" or such as "0-3/16"; "" = "all"
	DevGuild      string       // id of the only server to register the commands in, where they appear at once; "" = everywhere
	Version       string       // of the program, told to Discord
	Members       Members
	Rooms         Rooms                                                                                   // nil = direct messages are opened again after a restart
	Memory        Memory                                                                                  // nil = the commands are registered at every start
	Joined        func(ctx context.Context, team coach.Team, owner coach.Person, channels []string) error // told of each server the app is in, once a run; may be nil
	// Present is told at the start of a session which servers the app is in, so
	// that one it was removed from meanwhile can be found: it is ours, as this
	// session would hear of it, and not among teams. It may be nil.
	Present   func(ctx context.Context, teams []coach.Team, ours func(coach.Team) bool) error
	Notify    func(Notice)      // told what happens to the connection; may be called from several goroutines; may be nil
	Transport http.RoundTripper // makes the calls; nil = one of its own
}

// Members is told who is gone: nothing is sent to them any more.
type Members interface {
	LeaveTeam(ctx context.Context, team coach.Team) error // the app was removed from the server
}

// Memory keeps a few short texts over restarts.
type Memory interface {
	Recall(ctx context.Context, key string) (string, error) // "" if there is none
	Remember(ctx context.Context, key, value string) error
}

// A Notice is something whoever runs the coach may want to know of. It holds
// no person, no words of theirs and no token.
//
// Of the connection: those of gateway.Options, and "listening". Of what people
// do: "late" and "repeated" (not taken), "unsigned" and "malformed" (refused),
// "unreadable", "busy", "panic". Of answers: "answer failed" (the coach had
// none), "answer refused" (Discord would not show it), "answer too late",
// "answered elsewhere" (another process runs on the same token) and "answer
// lost". Besides: "commands registered" (count: how many) and "commands not
// registered", "memory failed", "joined failed", "present failed", "leave team failed" and "direct
// messages opened too fast".
type Notice struct {
	What  string // a few fixed words, such as "connected"; fit to count by
	Err   error  // nil where nothing is wrong
	Count int    // such as how many identifies there were; 0 where there is nothing to count
}

// An Adapter is one app on Discord. Make one with [New].
type Adapter struct {
	Options
	api     *rest.Client
	life    surface.Life
	rooms   surface.Rooms
	opener  opener
	ackWait time.Duration // [coach.AckWait]; a test whose subject is another waits for longer
}

// New returns an Adapter; nothing is connected before [Adapter.Run].
func New(o Options) *Adapter {
	o.APIURL = strings.TrimSuffix(cmp.Or(o.APIURL, defaultURL), "/")
	if o.Notify == nil {
		o.Notify = func(Notice) {}
	}
	return &Adapter{Options: o, ackWait: coach.AckWait, api: rest.New(rest.Options{
		Token: o.Token, BaseURL: o.APIURL,
		UserAgent: "DiscordBot (" + home + ", " + cmp.Or(o.Version, "unversioned") + ")", Transport: o.Transport,
	})}
}

// Name implements the bot's Adapter.
func (a *Adapter) Name() coach.Platform { return platform }

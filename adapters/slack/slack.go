// Package slack serves the coach in a Slack workspace, over Socket Mode or over
// signed HTTP.
//
// It decides how Slack's payloads become requests, by which of Slack's ways an
// answer travels, and what becomes of a message that Slack did not take. It
// does not know what is said, when anything is due, or how it is kept: those
// are the [coach.Handler] given to [Adapter.Run] and whoever calls
// [Adapter.Send]. How a message looks is decided in blockkit.
package slack

import (
	"context"
	"io"
	"log"
	"net"
	"net/http"
	"sync/atomic"
	"time"

	slackgo "github.com/slack-go/slack"

	"rapport/adapters/surface"
	"rapport/coach"
)

// platform is how the coach names this surface.
const platform coach.Platform = "slack"

// Options is how an Adapter connects. Either AppToken is set (Socket Mode), or
// SigningSecret and Listener (HTTP).
type Options struct {
	BotToken      string // xoxb-
	AppToken      string // xapp-, with connections:write
	SigningSecret string
	Listener      net.Listener // where Slack's requests arrive; Run closes it
	APIURL        string       // every call starts there; ends in "/"; "" = https://slack.com/api/
	Connections   int          // sockets at a time, so that none is missed while one is renewed; 0 = 2
	Admins        []string     // user ids that may set up, besides the workspace's admins and owners
	Members       Members
	Joined        func(ctx context.Context, team coach.Team, realm string) error // told which workspace it is and whose its people are, before anything is taken from it; may be nil
	Notify        func(Notice)                                                   // told what happens to the connection; may be called from several goroutines; may be nil
}

// Members is told who is gone: nothing is sent to them any more.
type Members interface {
	Leave(ctx context.Context, who coach.Person) error    // deactivated
	LeaveTeam(ctx context.Context, team coach.Team) error // uninstalled
}

// A Notice is something whoever runs the coach may want to know of. It holds
// no person, no words of theirs and no token.
type Notice struct {
	What  string // a few fixed words, such as "connected"; fit to count by
	Err   error  // nil where nothing is wrong
	Count int    // such as how many connections there are; 0 where there is nothing to count
}

// An Adapter is one installation of the app. Make one with [New].
type Adapter struct {
	Options
	api     *slackgo.Client
	http    *http.Client
	life    surface.Life
	rooms   surface.Rooms
	known   atomic.Pointer[installation] // see self
	ackWait time.Duration                // [coach.AckWait]; a test whose subject is another waits for longer
}

const (
	callTime = 10 * time.Second // the longest a call to Slack may take
	maxIdle  = 32               // connections at a time where one takes one call, all kept for the next: late answers need not dial
)

// New returns an Adapter; nothing is connected before [Adapter.Run].
func New(o Options) *Adapter {
	if o.APIURL == "" {
		o.APIURL = slackgo.APIURL
	}
	if o.Connections == 0 {
		o.Connections = 2
	}
	if o.Notify == nil {
		o.Notify = func(Notice) {}
	}
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.MaxIdleConnsPerHost, transport.MaxConnsPerHost = maxIdle, maxIdle
	client := &http.Client{
		Timeout:   callTime,
		Transport: transport,
		// The Web API never sends elsewhere: a proxy that does gets no token.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	return &Adapter{
		Options: o,
		ackWait: coach.AckWait,
		http:    client,
		api: slackgo.New(o.BotToken, slackgo.OptionHTTPClient(client), slackgo.OptionAPIURL(o.APIURL),
			slackgo.OptionAppLevelToken(o.AppToken), slackgo.OptionLog(log.New(io.Discard, "", 0))),
	}
}

// Name implements the bot's Adapter.
func (a *Adapter) Name() coach.Platform { return platform }

// Package terminal is the coach in a terminal, for one person or several.
//
// It decides what the typed words mean that are its own (who is speaking, where,
// what is pressed, how far the clock moves), how a message looks in plain
// letters, and how a form is asked. It does not know what the coach says or
// when anything is due: those are the [coach.Handler] given to [Adapter.Run] and
// whoever calls [Adapter.Send].
//
// What stands in brackets is what to type. A number presses that control of the
// last message shown to the person who is speaking; "channel 1" (or "#general
// 1") presses the newest post of a channel and "dm 1" the newest direct message,
// which stay pressable. Everything that is no word of the terminal's own goes
// to the coach, and "/rapport" in front makes sure of it.
//
// Nothing typed or shown is written to disk, except files and pictures the
// coach hands out, which go into a folder of the caller's.
package terminal

import (
	"context"
	"errors"
	"io"
	"os"
	"sync"
	"time"

	"golang.org/x/term"

	"rapport/coach"
)

// platform is how the coach names this surface.
const platform coach.Platform = "terminal"

// Options is what an Adapter works with.
type Options struct {
	// In is read while Run runs. With the context of Run a waiting read ends
	// too: at once if In is an *os.File, and else by closing In if it can be.
	In  io.Reader
	Out io.Writer
	Look

	Clock    Clock
	Zone     string    // IANA name, of the people and of the times shown; "" is the clock's own
	Team     string    // name and id of the one team, without "/"
	Channels []Channel // at least one
	People   []Person  // at least one: the first begins; "as" lets others in, who are no admins
	Width    int       // columns; 0 asks the terminal. Never more than 80 are used
	Dir      string    // where files and pictures are saved; "" saves none
	First    string    // asked before anything is typed, such as "home"; "" asks nothing
}

// A Look is what the two ends can do. The zero Look is a pipe: plain text, with
// every typed line repeated so that the output reads as a conversation.
type Look struct {
	Edit  bool // In and Out are a terminal that can move its cursor: edit lines, complete, remember
	Style bool // bold, italics and colours, always besides words
	Seen  bool // what is typed shows by itself and is not repeated
}

// LookOf finds what two files can do. It asks getenv for NO_COLOR
// (https://no-color.org) and TERM.
func LookOf(in, out *os.File, getenv func(string) string) Look {
	if in == nil || out == nil || !term.IsTerminal(int(out.Fd())) {
		return Look{}
	}
	able := getenv("TERM") != "dumb"
	seen := term.IsTerminal(int(in.Fd()))
	return Look{Edit: able && seen, Style: able && getenv("NO_COLOR") == "", Seen: seen}
}

// A Channel is a place that everyone of the team sees.
type Channel struct {
	ID   string
	Name string // as shown behind "#", without spaces
}

// A Person is somebody who can speak.
type Person struct {
	User  string // letters, digits and "-"
	Name  string
	Admin bool // may set up the team
}

// A Clock is the coach's clock, which "wait" moves forward.
type Clock interface {
	Now() time.Time
	// Advance moves to an instant not before Now, delivering everything due on
	// the way, and returns when all of it is delivered. It is called with Now
	// after each answer, for what was asked for at once.
	Advance(ctx context.Context, to time.Time) error
}

// TeamOf returns the team of that name, as requests from a terminal carry it.
func TeamOf(name string) coach.Team { return coach.Team{Platform: platform, ID: name} }

// PersonOf returns a person of that team, as requests from a terminal carry them.
func PersonOf(team, user string) coach.Person {
	return coach.Person{Platform: platform, Realm: team, User: user}
}

// An Adapter talks to people. Make one with [New].
type Adapter struct {
	Options
	screen *screen
	crowd  *crowd
	board  *board

	mu   sync.Mutex
	sent map[string]string // ref by key
}

// New returns an Adapter that can be sent to; [Adapter.Run] talks.
func New(o Options) *Adapter {
	return &Adapter{
		Options: o,
		screen:  newScreen(o),
		crowd:   newCrowd(o.People),
		board:   newBoard(),
		sent:    make(map[string]string),
	}
}

// Name implements the bot's Adapter.
func (a *Adapter) Name() coach.Platform { return platform }

// check reports what Run cannot work with.
func (a *Adapter) check() error {
	switch {
	case a.In == nil || a.Out == nil || a.Clock == nil:
		return errors.New("In, Out or Clock is missing")
	case a.Team == "" || len(a.Channels) == 0 || len(a.People) == 0:
		return errors.New("a team needs a name, a channel and a person")
	}
	_, err := time.LoadLocation(a.Zone)
	return err
}

// now is the clock's instant in the zone that times are shown in.
func (a *Adapter) now() time.Time {
	now := a.Clock.Now()
	if a.Zone != "" {
		if loc, err := time.LoadLocation(a.Zone); err == nil {
			return now.In(loc)
		}
	}
	return now
}

// dayTime is how an instant is shown.
const dayTime = "Monday 2 January 2006, 15:04"

// channel returns the channel with that id, or nil.
func (a *Adapter) channel(id string) *Channel {
	for i := range a.Channels {
		if a.Channels[i].ID == id {
			return &a.Channels[i]
		}
	}
	return nil
}

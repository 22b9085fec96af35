package discordtest

import (
	"strconv"
	"strings"
	"time"
)

// Setup is how things stand at the start. The zero value is the server
// Lighthouse with three people and three channels, in the last of which the app
// may not post, and one server that the app does not know with a fourth person,
// who has installed it for herself.
type Setup struct {
	Guilds []Guild
	Users  []User
	Token  string
	App    string // name of the app; default Rapport

	Now       func() time.Time // gives messages and interactions their times; default time.Now
	AckTime   time.Duration    // how long Discord waits for the first answer; default 3 s
	TokenLife time.Duration    // how long an interaction's token lives; default 15 min
	NoSchemas bool             // requests are held against our own limits alone: for load, since schemas are slow

	Heartbeat      time.Duration // between heartbeats; default 41.25 s
	Grace          time.Duration // without heartbeats before the connection is closed; default three of them, at least 5 s
	Shards         int           // that GET /gateway/bot recommends; default 1
	MustShard      bool          // fewer shards than that are refused
	MaxConcurrency int           // default 1
	Identifies     int           // a day; default 1,000
	IdentifyEvery  time.Duration // default 5 s
	SessionLife    time.Duration // how long a dropped session can be resumed; default 2 min

	Rate     bool // buckets are as small as Discord's own
	Global   int  // requests a second; default 50, negative = no limit
	BadLimit int  // answers of 401, 403 and 429 in ten minutes; default 10,000
}

// A Guild is a server.
type Guild struct {
	ID       string // default: made of the name
	Name     string
	Locale   string   // default en-US
	Owner    string   // a user's name
	Members  []string // names; default: all users
	Channels []Channel
	Lost     Permission // what the app may not do here
	Without  bool       // the app is not here
	Down     bool       // unavailable
}

// A Channel is a conversation of several people.
type Channel struct {
	ID      string     // default: made of the names of server and channel
	Name    string     // without #
	Kind    int        // Discord's type; default 0, text
	Members []string   // names, the app's among them if it may see it; default: everybody in the server
	Lost    Permission // what the app may not do here
	Deleted bool
}

// A User is somebody who could use the app.
type User struct {
	ID        string // default: made of the name
	Name      string
	Zone      string // such as Europe/Berlin, for what their client shows; default UTC
	Locale    string // default en-US
	Manage    bool   // has Manage Server
	Admin     bool   // has Administrator
	Closed    bool   // takes no direct messages
	Installed bool   // has installed the app for themselves
}

// A Permission is a set of Discord's permission bits.
type Permission uint64

// Permissions.
const (
	Administrator   Permission = 1 << 3
	ManageServer    Permission = 1 << 5
	ViewChannel     Permission = 1 << 10
	SendMessages    Permission = 1 << 11
	EmbedLinks      Permission = 1 << 14
	AttachFiles     Permission = 1 << 15
	ReadHistory     Permission = 1 << 16
	MentionEveryone Permission = 1 << 17
	UseCommands     Permission = 1 << 31
)

const (
	everyday = ViewChannel | SendMessages | EmbedLinks | AttachFiles | ReadHistory | UseCommands
	all      = everyday | Administrator | ManageServer | MentionEveryone
)

func (p Permission) has(one Permission) bool { return p&Administrator != 0 || p&one == one }

func (p Permission) String() string { return strconv.FormatUint(uint64(p), 10) }

// App is the id of the app and of its user.
const App = "587202560000000000"

func (set *Setup) complete() {
	if set.Users == nil {
		set.Users = []User{
			{Name: "Anna", Zone: "Europe/Berlin", Manage: true},
			{Name: "Ben", Zone: "America/New_York"},
			{Name: "Cleo", Zone: "Europe/Vienna", Locale: "de"},
			{Name: "Dora", Zone: "Europe/Lisbon", Locale: "pt-BR", Installed: true},
		}
	}
	if set.Guilds == nil {
		set.Guilds = []Guild{
			{Name: "Lighthouse", Owner: "Anna", Members: []string{"Anna", "Ben", "Cleo"},
				Channels: []Channel{{Name: "general"}, {Name: "team"}, {Name: "notices", Lost: SendMessages}}},
			{Name: "Harbour", Owner: "Dora", Members: []string{"Dora"}, Channels: []Channel{{Name: "pier"}}, Without: true},
		}
	}
	text(&set.Token, "MTExMTExMTExMTExMTExMTEx.GdIsCo.rdtest-0123456789abcdefghijklmnopqr")
	text(&set.App, "Rapport")
	span(&set.AckTime, 3*time.Second)
	span(&set.TokenLife, 15*time.Minute)
	span(&set.Heartbeat, 41250*time.Millisecond)
	span(&set.IdentifyEvery, 5*time.Second)
	span(&set.SessionLife, 2*time.Minute)
	span(&set.Grace, max(3*set.Heartbeat, 5*time.Second))
	count(&set.Shards, 1)
	count(&set.MaxConcurrency, 1)
	count(&set.Identifies, 1000)
	count(&set.Global, 50)
	count(&set.BadLimit, 10_000)
	if set.Now == nil {
		set.Now = time.Now
	}
	set.name()
}

// name gives everything its id.
func (set *Setup) name() {
	users := make([]User, len(set.Users))
	var everybody []string
	for i, u := range set.Users {
		text(&u.ID, fixed(seriesUser, u.Name))
		text(&u.Locale, "en-US")
		users[i] = u
		everybody = append(everybody, u.Name)
	}
	guilds := make([]Guild, len(set.Guilds))
	for i, g := range set.Guilds {
		text(&g.ID, fixed(seriesGuild, g.Name))
		text(&g.Locale, "en-US")
		if g.Members == nil {
			g.Members = everybody
		}
		channels := make([]Channel, len(g.Channels))
		for j, c := range g.Channels {
			text(&c.ID, fixed(seriesChannel, g.Name+"/"+c.Name))
			channels[j] = c
		}
		g.Channels = channels
		guilds[i] = g
	}
	set.Users, set.Guilds = users, guilds
}

func text(s *string, otherwise string) {
	if *s == "" {
		*s = otherwise
	}
}

func span(d *time.Duration, otherwise time.Duration) {
	if *d == 0 {
		*d = otherwise
	}
}

func count(n *int, otherwise int) {
	if *n == 0 {
		*n = otherwise
	}
}

// user finds somebody by id or name; nil if there is none. d.mu is held.
func (d *Discord) user(name string) *User {
	for i := range d.set.Users {
		if u := &d.set.Users[i]; u.ID == name || u.Name == name {
			return u
		}
	}
	return nil
}

// guild finds a server by id or name; nil if there is none. d.mu is held.
func (d *Discord) guild(name string) *Guild {
	for i := range d.set.Guilds {
		if g := &d.set.Guilds[i]; g.ID == name || g.Name == name {
			return g
		}
	}
	return nil
}

// channel finds a channel by id, "#name" or "Server/#name", with its server;
// nil if there is none. d.mu is held.
func (d *Discord) channel(name string) (*Guild, *Channel) {
	server, rest, ok := strings.Cut(name, "/")
	if !ok {
		server, rest = "", name
	}
	rest = strings.TrimPrefix(rest, "#")
	for i := range d.set.Guilds {
		g := &d.set.Guilds[i]
		if server != "" && g.Name != server {
			continue
		}
		for j := range g.Channels {
			if c := &g.Channels[j]; !c.Deleted && (c.ID == rest || c.Name == rest) {
				return g, c
			}
		}
	}
	return nil, nil
}

package slacktest

import (
	"fmt"
	"strings"
	"time"
)

// Setup is how things stand at the start. The zero value is a workspace with
// three people and three channels.
type Setup struct {
	Teams         []Team // the app is installed in the first; default: one
	Enterprise    string // id of the organisation in Enterprise Grid; "" = none
	OrgWide       bool   // installed in the whole organisation
	Users         []User
	Channels      []Channel
	Scopes        []string // default: commands, chat:write, im:write, users:read, files:write
	BotToken      string
	AppToken      string
	SigningSecret string
	App           string // name of the app; default Rapport
	Escape        bool   // slash commands arrive with mentions escaped (should_escape)

	Now         func() time.Time // gives messages their times; default time.Now
	AckTime     time.Duration    // how long Slack waits for an acknowledgement; default 3 s
	TriggerLife time.Duration    // how long a trigger_id lives; default 3 s
	HookLife    time.Duration    // how long a response_url lives; default 30 min
	Ping        time.Duration    // between pings of a socket; default 1 s
	Retries     []time.Duration  // waits before an event comes again; default at once, 50 ms, 250 ms (Slack: 0, 1 min, 5 min)
	NoSchemas   bool             // requests are held against our own limits alone: for load, since schemas are slow
	Rate        bool             // one message a second a channel, three at once
}

// A Team is one workspace.
type Team struct {
	ID, Name, Domain string
}

// A User is somebody who could use the app.
type User struct {
	ID          string // default "U" and the name in capitals
	Name        string
	Team        string // default: the first team
	Enterprise  string // of a stranger: their own organisation; default Setup.Enterprise
	Zone        string // such as Europe/Berlin; "" = Slack does not know
	Offset      int    // seconds, beside Zone
	Locale      string // default en-US
	Admin       bool
	Owner       bool
	Guest       bool // in several channels
	SoloGuest   bool // in one channel
	Stranger    bool // of another organisation, met in a shared channel
	Deactivated bool
	Bot         bool
}

// A Channel is a conversation of several people.
type Channel struct {
	ID       string // default "C" ("G" if private) and the name in capitals
	Name     string // without #
	Team     string // default: the first team
	Members  []string
	Private  bool
	Archived bool
	Shared   bool // with another organisation
	Without  bool // the app is not a member
}

const (
	appID = "A0RAPPORT"
	botID = "B0RAPPORT"
	// Bot is the user id of the app.
	Bot = "U0RAPPORT"
)

func (set *Setup) complete() {
	if len(set.Teams) == 0 {
		set.Teams = []Team{{ID: "T0LIGHT", Name: "Lighthouse", Domain: "lighthouse"}}
	}
	if set.Users == nil {
		set.Users = []User{
			{Name: "Anna", Zone: "Europe/Berlin", Offset: 3600, Admin: true},
			{Name: "Ben", Zone: "America/New_York", Offset: -18000},
			{Name: "Chidi", Zone: "Africa/Lagos", Offset: 3600},
		}
	}
	if set.Channels == nil {
		set.Channels = []Channel{{Name: "general"}, {Name: "team"}, {Name: "leads", Private: true}}
	}
	if set.Scopes == nil {
		set.Scopes = []string{"commands", "chat:write", "im:write", "users:read", "files:write"}
	}
	text(&set.BotToken, "xoxb-1111111111-2222222222-slacktestbot")
	text(&set.AppToken, "xapp-1-A0RAPPORT-3333333333-slacktestapp")
	text(&set.SigningSecret, "0f1e2d3c4b5a69788796a5b4c3d2e1f0")
	text(&set.App, "Rapport")
	span(&set.AckTime, 3*time.Second)
	span(&set.TriggerLife, 3*time.Second)
	span(&set.HookLife, 30*time.Minute)
	span(&set.Ping, time.Second)
	if set.Retries == nil {
		set.Retries = []time.Duration{0, 50 * time.Millisecond, 250 * time.Millisecond}
	}
	if set.Now == nil {
		set.Now = time.Now
	}
	users := make([]User, len(set.Users))
	for i, u := range set.Users {
		text(&u.ID, "U0"+capitals(u.Name))
		text(&u.Team, set.Teams[0].ID)
		text(&u.Locale, "en-US")
		if !u.Stranger {
			text(&u.Enterprise, set.Enterprise)
		}
		users[i] = u
	}
	set.Users = users
	channels := make([]Channel, len(set.Channels))
	for i, c := range set.Channels {
		letter := "C"
		if c.Private {
			letter = "G"
		}
		text(&c.ID, letter+"0"+capitals(c.Name))
		text(&c.Team, set.Teams[0].ID)
		channels[i] = c
	}
	set.Channels = channels
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

func capitals(name string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, strings.ToUpper(name))
}

// user finds somebody by id or name; nil if there is none. s.mu is held.
func (s *Slack) user(name string) *User {
	for i := range s.set.Users {
		if u := &s.set.Users[i]; u.ID == name || u.Name == name {
			return u
		}
	}
	return nil
}

// channel finds a channel by id or name; nil if there is none. s.mu is held.
func (s *Slack) channel(name string) *Channel {
	name = strings.TrimPrefix(name, "#")
	for i := range s.set.Channels {
		if c := &s.set.Channels[i]; c.ID == name || c.Name == name {
			return c
		}
	}
	return nil
}

// team finds a workspace by id; one with that id alone if there is none.
func (s *Slack) team(id string) Team {
	for _, t := range s.set.Teams {
		if t.ID == id {
			return t
		}
	}
	return Team{ID: id, Name: "Elsewhere", Domain: "elsewhere"}
}

// home is the workspace in which somebody uses the app: their own, or for a
// stranger the one they are guests of. s.mu is held.
func (s *Slack) home(u *User) Team {
	if u.Stranger {
		return s.set.Teams[0]
	}
	return s.team(u.Team)
}

// conversation is the id of the direct conversation of the app and a user, made
// when there is none. s.mu is held.
func (s *Slack) conversation(user string) string {
	if id := s.direct[user]; id != "" {
		return id
	}
	id := "D0" + strings.TrimPrefix(strings.TrimPrefix(user, "U0"), "W0")
	s.direct[user], s.partners[id] = id, user
	return id
}

// partner is whose conversation with the app channel is; "" if it is none.
// s.mu is held.
func (s *Slack) partner(channel string) string { return s.partners[channel] }

// place names a conversation for readers. s.mu is held.
func (s *Slack) place(channel string) string {
	if c := s.channel(channel); c != nil {
		return "#" + c.Name
	}
	if user := s.partner(channel); user != "" {
		return fmt.Sprintf("the conversation of %s and %s", s.called(user), s.set.App)
	}
	return channel
}

// called is the name of a user. s.mu is held.
func (s *Slack) called(user string) string {
	if user == Bot {
		return s.set.App
	}
	if u := s.user(user); u != nil {
		return u.Name
	}
	return user
}

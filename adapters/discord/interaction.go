package discord

import (
	"encoding/json"
	"errors"
	"strconv"
	"strings"
	"time"

	"rapport/adapters/discord/components"
	"rapport/coach"
)

// A kind is what somebody did
// (https://discord.com/developers/docs/interactions/receiving-and-responding).
type kind int

const (
	ping      kind = 1
	command   kind = 2
	press     kind = 3 // also a pick from a menu
	typing    kind = 4 // of a command: ways to go on are asked for
	submitted kind = 5
)

// An interaction is what Discord tells of something a person did, as far as it
// matters here. discordgo cannot read forms with labels.
type interaction struct {
	ID          string          `json:"id"`
	App         string          `json:"application_id"`
	Kind        kind            `json:"type"`
	Data        json.RawMessage `json:"data"`
	Guild       string          `json:"guild_id"` // "" outside servers
	Channel     string          `json:"channel_id"`
	Member      *member         `json:"member"` // in servers
	User        *user           `json:"user"`   // elsewhere
	Token       string          `json:"token"`
	Message     *pressed        `json:"message"` // a press, and a form that was opened by one
	Locale      string          `json:"locale"`
	GuildLocale string          `json:"guild_locale"`
	Context     *int            `json:"context"`
	Owners      owners          `json:"authorizing_integration_owners"`
}

// owners are those who installed the app, by how it is.
type owners struct {
	Server string `json:"0"`
}

type member struct {
	User        user   `json:"user"`
	Permissions string `json:"permissions"`
}

type user struct {
	ID  string `json:"id"`
	Bot bool   `json:"bot"`
}

// pressed is the message that a control belongs to.
type pressed struct {
	Flags int `json:"flags"`
}

// Values of interactions.
const (
	inBotDirect  = 1 // Context: direct messages with the app
	ephemeral    = 1 << 6
	adminRights  = 1<<3 | 1<<5 // Administrator, Manage Server
	discordEpoch = 1420070400000
)

// Names of the commands and of their option.
const (
	mainCommand  = "rapport"
	adminCommand = "rapport-admin"
	whatOption   = "what"
)

// errUnread is told of what cannot be read as an interaction.
var errUnread = errors.New("an interaction that cannot be read")

// readInteraction reads what Discord tells. Nothing of raw is kept.
func readInteraction(raw []byte) (*interaction, error) {
	in, ok := peekInteraction(raw)
	if !ok || in.ID == "" || in.Kind == 0 {
		in = &interaction{}
		if json.Unmarshal(raw, in) != nil || in.ID == "" || in.Kind == 0 {
			return nil, errUnread
		}
	}
	return in, nil
}

// made is when it was done, by Discord's clock; the zero time if id does not
// tell.
func made(id string) time.Time {
	n, err := strconv.ParseUint(id, 10, 63)
	if err != nil {
		return time.Time{}
	}
	return time.UnixMilli(int64(n>>22) + discordEpoch)
}

// who did it; the zero user if nobody did.
func (in *interaction) who() user {
	switch {
	case in.Member != nil:
		return in.Member.User
	case in.User != nil:
		return *in.User
	}
	return user{}
}

// team is the server it was done in, if the app is installed there: somebody
// who installed it for themselves may use it anywhere.
func (in *interaction) team() coach.Team {
	if in.Guild == "" || in.Owners.Server != in.Guild {
		return coach.Team{}
	}
	return coach.Team{Platform: platform, ID: in.Guild}
}

// admin reports whether the person may manage the server.
func (in *interaction) admin() bool {
	if in.Member == nil || in.team() == (coach.Team{}) {
		return false
	}
	rights, err := strconv.ParseUint(in.Member.Permissions, 10, 64)
	return err == nil && rights&adminRights != 0
}

// own reports whether it was done on a message that this person alone sees.
func (in *interaction) own() bool { return in.Message != nil && in.Message.Flags&ephemeral != 0 }

// shared reports whether it was done on a message that others see too.
func (in *interaction) shared() bool {
	direct := in.Guild == "" && (in.Context == nil || *in.Context == inBotDirect)
	return in.Message != nil && !in.own() && !direct
}

// request is what the coach is asked, without what the gesture itself says.
func (in *interaction) request() coach.Request {
	r := coach.Request{
		ID: string(platform) + ":" + in.ID, From: coach.Person{Platform: platform, User: in.who().ID},
		Team: in.team(), Shared: in.shared(), Locale: in.Locale, Admin: in.admin(),
	}
	if r.Locale == "" {
		r.Locale = in.GuildLocale
	}
	r.At = coach.DirectTo(r.From)
	if r.Team != (coach.Team{}) && in.Channel != "" {
		r.At = coach.ChannelOf(r.Team, in.Channel)
	}
	return r
}

// reading is the request of a command, a press or a form; an error if it cannot
// be told what was done.
func (in *interaction) reading() (r coach.Request, err error) {
	r = in.request()
	switch in.Kind {
	case command:
		name, text := in.typed()
		r.Action = coach.Parse(text)
		if name == adminCommand && strings.TrimSpace(text) == "" {
			r.Action = coach.Do("setup")
		}
	case press:
		var d struct {
			ID     string   `json:"custom_id"`
			Values []string `json:"values"`
		}
		if json.Unmarshal(in.Data, &d) != nil {
			return r, errUnread
		}
		var ok bool
		if r.Action, ok = components.Picked(d.ID, d.Values); !ok {
			return r, errUnread
		}
	case submitted:
		r.Action, r.Answers, err = components.Submitted(in.Data)
		if err != nil {
			return r, errUnread
		}
		if r.Answers == nil {
			r.Answers = map[string]string{}
		}
	default:
		return r, errUnread
	}
	return r, nil
}

// typed is the command that is or was typed, and the text behind it.
func (in *interaction) typed() (name, text string) {
	if name, text, ok := peekTyped(in.Data); ok {
		return name, text
	}
	return readTyped(in.Data)
}

// readTyped is typed for whatever is JSON.
func readTyped(data []byte) (name, text string) {
	var d struct {
		Name    string `json:"name"`
		Options []struct {
			Name  string          `json:"name"`
			Value json.RawMessage `json:"value"`
		} `json:"options"`
	}
	if json.Unmarshal(data, &d) != nil {
		return "", ""
	}
	for _, o := range d.Options {
		if o.Name == whatOption && json.Unmarshal(o.Value, &text) != nil {
			text = ""
		}
	}
	return d.Name, text
}

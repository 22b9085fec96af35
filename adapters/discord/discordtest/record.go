package discordtest

import (
	"slices"
	"strings"
	"time"
)

// A Call is one request of REST.
type Call struct {
	Method string
	Route  string         // such as /channels/{channel}/messages
	Path   string         // as it came
	Args   map[string]any // the body, where it is an object; what was null is not in it
	List   []any          // the body, where it is a list
	Files  []Attachment
	Raw    string // the body as it came
	Header string // what Authorization said
	At     time.Time
	Status int  // 0 where no answer was given
	Code   int  // Discord's code; 0 = fine
	Acted  bool // Discord did what was asked, whatever it answered
}

// A Violation is one broken limit or rule.
type Violation struct {
	Where   string // route, "gateway", or "http"
	Problem string
}

func (v Violation) String() string { return v.Where + ": " + v.Problem }

// An Attachment is a file in a message.
type Attachment struct {
	ID          string
	Filename    string
	Description string // for those who do not see it
	ContentType string
	Content     []byte
	field       string // n of files[n]
}

// A Message is one message as people see it.
type Message struct {
	ID          string
	Channel     string // id
	For         string // user id of the only one who sees it; "" = everybody there
	Content     string
	Embeds      []map[string]any
	Components  []map[string]any // as decoded from JSON, with ids
	Attachments []Attachment
	Flags       int
	Nonce       string
	At          time.Time
	Edits       int
	Deleted     bool
	Thinking    bool   // deferred: "Rapport is thinking..."
	Same        int    // how many messages before it in the channel say the same
	Via         string // route or "http"
	Interaction string // id of what it answers; "" = nothing

	mentions any // allowed_mentions
	says     string
	at       moment
}

// Flags of messages.
const (
	Ephemeral    = 1 << 6
	ComponentsV2 = 1 << 15
)

// Ephemeral tells whether one person alone sees m.
func (m Message) Ephemeral() bool { return m.For != "" }

// A Modal is a form over what somebody sees.
type Modal struct {
	ID         string
	User       string // id of who sees it
	Title      string
	CustomID   string
	Components []map[string]any
	Error      string // what Discord says under it

	values map[string][]string // custom id -> what was filled in
	source *Message            // whose component opened it
	from   *Interaction
}

// A Ping is a mention that notified somebody.
type Ping struct {
	Message string // id
	Channel string // id
	Whom    string // user or role id, "everyone" or "here"
}

// Pings are the mentions so far that notified somebody.
func (d *Discord) Pings() []Ping {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.Clone(d.pings)
}

// Calls are all requests of REST so far, in the order they arrived; only those of
// the routes named, such as "POST /channels/{channel}/messages", if there are any.
func (d *Discord) Calls(routes ...string) []Call {
	d.mu.Lock()
	defer d.mu.Unlock()
	var out []Call
	for _, c := range d.calls {
		if len(routes) == 0 || slices.Contains(routes, c.Method+" "+c.Route) {
			out = append(out, c)
		}
	}
	return out
}

// Leaks are the calls in which one of words travelled to Discord, as routes with
// the words found.
func (d *Discord) Leaks(words ...string) []string {
	var out []string
	for _, c := range d.Calls() {
		said := append(texts(c.Args), texts(c.List)...)
		said = append(said, c.Raw)
		for _, w := range words {
			if slices.ContainsFunc(said, func(t string) bool { return strings.Contains(t, w) }) {
				out = append(out, sprint("%s %s has %q", c.Method, c.Route, w))
			}
		}
	}
	return out
}

// texts are all texts in decoded JSON, keys included.
func texts(v any) []string {
	var out []string
	switch one := v.(type) {
	case string:
		out = append(out, one)
	case []any:
		for _, e := range one {
			out = append(out, texts(e)...)
		}
	case map[string]any:
		for k, e := range one {
			out = append(append(out, k), texts(e)...)
		}
	}
	return out
}

// Messages are what stands in a channel or conversation now, in order: of
// everybody, and for one person alone. channel is an id, "#name", "Server/#name",
// or a person's name for their conversation with the app; "" is everywhere.
func (d *Discord) Messages(channel string) []Message {
	d.mu.Lock()
	defer d.mu.Unlock()
	id := d.locate(channel)
	var out []Message
	for _, m := range d.messages {
		if (channel == "" || m.Channel == id) && !m.Deleted {
			out = append(out, *m)
		}
	}
	return out
}

// Posted are the messages of the app that everybody there sees.
func (d *Discord) Posted(channel string) []Message {
	return slices.DeleteFunc(d.Messages(channel), Message.Ephemeral)
}

// Direct are the messages in somebody's conversation with the app.
func (d *Discord) Direct(person string) []Message { return d.Posted(person) }

// Twice are the app's messages that say the same as one before in the same
// place.
func (d *Discord) Twice() []Message {
	return slices.DeleteFunc(d.Posted(""), func(m Message) bool { return m.Same == 0 })
}

// locate is the id of a channel, or of the conversation with the person of that
// name. d.mu is held.
func (d *Discord) locate(name string) string {
	if _, c := d.channel(name); c != nil {
		return c.ID
	}
	if _, c := d.channelEver(name); c != nil {
		return name
	}
	if u := d.user(name); u != nil {
		return d.conversation(u.ID)
	}
	return name
}

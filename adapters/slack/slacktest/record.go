package slacktest

import (
	"encoding/json"
	"slices"
	"strings"
	"time"
)

// A Call is one call of the Web API, or of a response_url or an upload address.
type Call struct {
	Method string
	Args   map[string]any // decoded, without the token
	Raw    string         // the body as it came; a token in the header is not in it
	Header string         // what Authorization said
	At     time.Time      // machine time
	Status int            // 0 where no answer was given
	Error  string         // Slack's code; "" = fine, or a fault hid it
	Acted  bool           // Slack did what was asked, whatever it answered
}

// A Violation is one broken limit or rule.
type Violation struct {
	Where   string // method, or "ack view_submission" and the like
	Problem string
}

func (v Violation) String() string { return v.Where + ": " + v.Problem }

// A Message is one message as people see it.
type Message struct {
	TS       string // its name within the channel
	Channel  string // id
	From     string // user id; [Bot] for the app
	For      string // user id of the only one who sees it; "" = everybody there
	Text     string
	Blocks   []any // as decoded from JSON, missing block and action ids filled in
	Metadata any
	File     *File
	Pings    []string // whom it mentions: user ids, "!channel", ...
	At       time.Time
	Edits    int
	Deleted  bool
	Same     int       // how many messages before it in the channel say the same
	Via      string    // method, "response_url" or "ack"
	says     string    // what it says and to whom, to find the same again
	made     time.Time // machine time
}

// Ephemeral tells whether one person alone sees m.
func (m Message) Ephemeral() bool { return m.For != "" }

// A View is a modal or a Home tab.
type View struct {
	ID, Hash string
	User     string // id of who sees it
	Type     string // modal or home
	Title    string
	Submit   string
	Close    string
	Private  string // private_metadata
	Callback string // callback_id
	Blocks   []any
	Raw      map[string]any    // the view as it was given
	Errors   map[string]string // block id -> what the app said is wrong
	Updates  int

	values   map[string]map[string]any // block id -> action id -> what was filled in
	root     string
	previous string
	team     string
}

// A File is something the app uploaded.
type File struct {
	ID, Name, Title, Alt string
	Content              []byte
	Channel              string // where it was shared; "" = nowhere yet
	length               int
	comment              string
	made                 time.Time // machine time
}

// Messages are what stands in the channel or conversation now, in order: of
// everybody, and for one person alone. channel is an id or a name, or a
// person's name for their conversation with the app; "" is everywhere.
func (s *Slack) Messages(channel string) []Message {
	s.mu.Lock()
	defer s.mu.Unlock()
	id := s.locate(channel)
	var out []Message
	for _, m := range s.messages {
		if (channel == "" || m.Channel == id) && !m.Deleted {
			out = append(out, *m)
		}
	}
	return out
}

// Posted are the messages of the app that everybody there sees.
func (s *Slack) Posted(channel string) []Message {
	return slices.DeleteFunc(s.Messages(channel), func(m Message) bool { return m.Ephemeral() || m.From != Bot })
}

// Twice are the app's messages that say the same as one before in the same
// place.
func (s *Slack) Twice() []Message {
	return slices.DeleteFunc(s.Posted(""), func(m Message) bool { return m.Same == 0 })
}

// Files are all files so far.
func (s *Slack) Files() []File {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []File
	for _, f := range s.files {
		out = append(out, *f)
	}
	slices.SortFunc(out, func(a, b File) int {
		if a.ID < b.ID {
			return -1
		}
		return 1
	})
	return out
}

// ChannelID is the id of a channel, by name, or of the conversation of the app
// with the person of that name.
func (s *Slack) ChannelID(name string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.locate(name)
}

// locate is the id of a channel by id or name, or of a conversation by the name
// of the person. s.mu is held.
func (s *Slack) locate(name string) string {
	if c := s.channel(name); c != nil {
		return c.ID
	}
	if u := s.user(name); u != nil {
		return s.conversation(u.ID)
	}
	return name
}

// message finds a message; nil if there is none. s.mu is held.
func (s *Slack) message(channel, ts string) *Message {
	return s.byName[channel+" "+ts]
}

// post puts m where people see it. s.mu is held.
func (s *Slack) post(m Message) *Message {
	m.TS = s.stamp()
	m.At, m.made = time.UnixMicro(s.stamped), time.Now()
	m.Blocks = s.named(m.Blocks)
	m.Pings = pings(m.Text, m.Blocks)
	m.Same = s.count(&m)
	s.messages = append(s.messages, &m)
	s.byName[m.Channel+" "+m.TS] = &m
	s.tell(entry{kind: posted, user: m.For, message: m})
	s.touch()
	return &m
}

// count notes what m says and tells how many said the same before. s.mu is
// held.
func (s *Slack) count(m *Message) int {
	s.alike[m.says]--
	m.says = strings.Join([]string{m.Channel, m.For, m.From, m.face()}, "\x00")
	before := s.alike[m.says]
	s.alike[m.says]++
	return before
}

// face is what m says, without generated names.
func (m Message) face() string {
	return m.Text + "\n" + m.Plain()
}

// named fills in the block and action ids that the app left to Slack. s.mu is
// held.
func (s *Slack) named(blocks []any) []any {
	out, _ := clone(blocks).([]any)
	for _, b := range out {
		block, ok := b.(map[string]any)
		if !ok {
			continue
		}
		if str(block, "block_id") == "" {
			block["block_id"] = s.id("b")
		}
		for _, e := range elements(block) {
			if e.el["type"] != "image" && str(e.el, "action_id") == "" {
				e.el["action_id"] = s.id("a")
			}
		}
	}
	return out
}

// clone copies decoded JSON.
func clone(v any) any {
	if v == nil {
		return nil
	}
	raw, err := json.Marshal(v)
	if err != nil {
		return nil
	}
	var out any
	if json.Unmarshal(raw, &out) != nil {
		return nil
	}
	return out
}

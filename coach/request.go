package coach

import "context"

// A Request is something a person did: typed a command, pressed a button,
// picked from a menu or sent a form. All four arrive in this one shape, so that
// a [Command] can tell neither gestures nor platforms apart.
type Request struct {
	ID       string // the platform's delivery id; equal ids are the same event
	From     Person
	Team     Team    // where it was done; zero outside any team
	At       Address // the place it was done in
	Action   Action
	Answers  map[string]string // form inputs by name; nil if no form was sent
	Locale   string            // BCP 47, "" if not known
	Zone     string            // IANA name the platform gives for the person, "" if not known
	Shared   bool              // pressed on a message that others see too
	Admin    bool              // the platform says they may manage the team
	Guest    bool              // a guest of the team: may never set it up
	Stranger bool              // of another organisation: is answered, and nothing is stored
	TextOnly bool              // neither pictures nor files can be shown there: words take their place
}

// Arg returns the i-th argument, or "".
func (r Request) Arg(i int) string {
	if i < len(r.Action.Args) {
		return r.Action.Args[i]
	}
	return ""
}

// A Reply is the coach's answer to a Request.
//
// A Request without Answers is answered by a Message or a Form. A Request with
// Answers is answered by a Message alone, or by Faults together with a Message
// that carries an Edit button: a surface that can show faults inside the form
// shows Faults, any other shows the Message. The typed words wait in a sealed
// draft behind that button. A File comes with a Message.
type Reply struct {
	Message *Message
	Form    *Form
	Faults  map[string]Text // what is wrong, by input name
	File    *File
	Public  bool // everyone in the channel may see it; otherwise only the asker
	Replace bool // takes the place of the asker's own message that was pressed
}

// A File is something to keep, such as a person's own data.
type File struct {
	Name string
	Type string // MIME
	Data []byte
	Alt  string // what it holds, in words
}

// Say returns a private Reply.
func Say(m Message) Reply { return Reply{Message: &m} }

// A Handler answers requests. [Coach] is one; logging, metrics and rate limits
// are Handlers that wrap another. An error is always an internal fault: its
// text is logged and never shown (people see [Sorry]); mistakes a person can
// put right come back as a Message.
type Handler interface {
	Handle(context.Context, Request) (Reply, error)

	// Complete offers at most 25 ways to go on typing after prefix, the text
	// behind "/rapport ". Each Value is a whole text that Parse understands.
	Complete(ctx context.Context, r Request, prefix string) []Option
}

package coach

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"
)

// A Message is what the coach says, before any surface has laid it out.
//
// The limits in [Message.Check] are the tightest of all surfaces, so that a
// message which passes can be shown everywhere uncut.
type Message struct {
	Title    string
	Sections []Section
	Choices  *Select  // above the buttons
	Buttons  []Button // one row
	Picture  *Picture
	Notice   string // what a lock screen may show; empty means Fallback may be shown
}

// A Section is a paragraph.
type Section struct {
	Text  Text
	Quiet bool // small print: sources, "Buttons answer only you."
}

// A Button does its Action when pressed.
type Button struct {
	Label   string
	Action  Action
	Primary bool // the obvious next step; at most one a message
	Danger  bool // cannot be taken back; the label says what goes
}

// A Select lets one of up to 25 options be picked, which does the option's Action.
type Select struct {
	Label   string // what is being picked
	Options []Pick
}

// A Pick is one option of a Select.
type Pick struct {
	Label  string
	Action Action
}

// A Picture is an image with the same facts in words.
type Picture struct {
	Name string // file name with its ending
	PNG  []byte
	Alt  string // required
}

// Limits that every surface can meet, in characters after escaping unless said
// otherwise. Sources: Slack Block Kit (header 150, section 3000, button 75,
// option 75), Discord (components 4000 over all, button 80, custom_id 100
// bytes, select 25 options, 5 buttons a row).
const (
	MaxTotal   = 3800
	MaxTitle   = 150
	MaxSection = 1900
	MaxLabel   = 75
	MaxButtons = 5
	MaxOptions = 25
	MaxAlt     = 1000
	MaxNotice  = 150
)

// Check reports every limit that m breaks.
func (m Message) Check() error {
	var errs []error
	fail := func(format string, args ...any) { errs = append(errs, fmt.Errorf(format, args...)) }

	if len(m.Sections) == 0 {
		fail("no sections")
	}
	total := weight(m.Title)
	if total > MaxTitle {
		fail("title takes %d characters, limit %d", total, MaxTitle)
	}
	if n := utf8.RuneCountInString(m.Notice); n > MaxNotice {
		fail("notice takes %d characters, limit %d", n, MaxNotice)
	}
	for i, s := range m.Sections {
		n := s.Text.weight()
		total += n
		if n == 0 || n > MaxSection {
			fail("section %d takes %d characters, want 1 to %d", i+1, n, MaxSection)
		}
	}
	if total > MaxTotal {
		fail("message takes %d characters, limit %d", total, MaxTotal)
	}
	if p := m.Picture; p != nil && (p.Alt == "" || utf8.RuneCountInString(p.Alt) > MaxAlt) {
		fail("picture %q: words in its place take %d characters, want 1 to %d", p.Name, utf8.RuneCountInString(p.Alt), MaxAlt)
	}
	return errors.Join(append(errs, m.checkControls()...)...)
}

// checkControls checks what can be pressed.
func (m Message) checkControls() []error {
	var errs []error
	if n := len(m.Buttons); n > MaxButtons {
		errs = append(errs, fmt.Errorf("%d buttons, limit %d", n, MaxButtons))
	}
	seen := make(map[string]bool)
	control := func(label string, a Action) {
		if n := weight(label); n == 0 || n > MaxLabel {
			errs = append(errs, fmt.Errorf("label %q takes %d characters, want 1 to %d", label, n, MaxLabel))
		}
		id, err := a.Encode()
		if err == nil && seen[id] {
			err = errors.New("another control of this message has the same action")
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("%q: %w", label, err))
		}
		seen[id] = true
	}
	for _, b := range m.Buttons {
		control(b.Label, b.Action)
	}
	if s := m.Choices; s != nil {
		if len(s.Options) == 0 || len(s.Options) > MaxOptions {
			errs = append(errs, fmt.Errorf("%d options, want 1 to %d", len(s.Options), MaxOptions))
		}
		for _, o := range s.Options {
			control(o.Label, o.Action)
		}
	}
	return errs
}

// Fallback returns m in plain words, for screen readers and for clients that
// show no layout.
func (m Message) Fallback() string {
	var parts []string
	if m.Title != "" {
		parts = append(parts, m.Title)
	}
	for _, s := range m.Sections {
		parts = append(parts, s.Text.String())
	}
	if m.Picture != nil {
		parts = append(parts, m.Picture.Alt)
	}
	return strings.Join(parts, "\n")
}

// NoticeLine is what may be shown where others can see it, such as a lock
// screen: Notice, or Fallback where the message holds curriculum text only.
func (m Message) NoticeLine() string {
	if m.Notice != "" {
		return m.Notice
	}
	return m.Fallback()
}

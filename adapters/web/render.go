package web

import (
	"bytes"
	"html/template"
	"image/png"
	"strings"
	"sync"
	"time"

	"rapport/adapters/surface"
	"rapport/coach"
)

// A message is a coach.Message laid out for the template.
type message struct {
	Title    string
	Sections []section
	Choices  *choices
	Buttons  []button
	Picture  *picture
	File     *file
}

type section struct {
	Parts []part
	Quiet bool
}

// A part is a span as the page shows it.
type part struct {
	Class string // a style's name, "say" for a quote on its own line, "grid" for code with line breaks, "" for plain
	Words string
	At    string // for a moment: RFC 3339
}

type choices struct {
	Label   string
	Options []option
}

type button struct{ Label, Action, Tone string }

type option struct {
	Label, Value string
	Chosen       bool
}

type picture struct {
	URL, Alt      string
	Width, Height int
}

type file struct {
	URL, Name, Alt string
	Size           int
}

// layout returns m for the template; pictureURL is where its picture is found.
func (a *Adapter) layout(m coach.Message, pictureURL string) message {
	out := message{Title: surface.Visible(m.Title)}
	for _, s := range m.Sections {
		out.Sections = append(out.Sections, section{a.parts(s.Text), s.Quiet})
	}
	if m.Choices != nil {
		out.Choices = &choices{Label: surface.Visible(m.Choices.Label)}
		for _, o := range m.Choices.Options {
			if action, err := o.Action.Encode(); err == nil {
				out.Choices.Options = append(out.Choices.Options, option{Label: surface.Visible(o.Label), Value: action})
			}
		}
	}
	for _, b := range m.Buttons {
		if action, err := b.Action.Encode(); err == nil {
			out.Buttons = append(out.Buttons, button{surface.Visible(b.Label), action, tone(b)})
		}
	}
	if m.Picture != nil {
		out.Picture = layPicture(m.Picture, pictureURL)
	}
	return out
}

// layPicture reads the size of p, so that the page does not jump when it loads.
func layPicture(p *coach.Picture, url string) *picture {
	out := &picture{URL: url, Alt: surface.Visible(p.Alt)}
	if size, err := png.DecodeConfig(bytes.NewReader(p.PNG)); err == nil {
		out.Width, out.Height = size.Width, size.Height
	}
	return out
}

// parts returns the spans of t as the page shows them.
func (a *Adapter) parts(t coach.Text) []part {
	out := make([]part, 0, len(t))
	for i, s := range t {
		p := part{Class: styleName(s.Style), Words: surface.Visible(s.Words)}
		switch s.Style {
		case coach.Quote:
			if alone(t, i) {
				p.Class = "say"
			}
		case coach.Code:
			if strings.Contains(s.Words, "\n") {
				p.Class = "grid"
			}
		case coach.Mention:
			p.Words = surface.Visible(a.crowd.name(s.Words))
		case coach.Channel:
			p.Words = surface.Visible(a.channelName(s.Words))
		case coach.Moment:
			if !s.At.IsZero() {
				p.At = stamp(s.At)
			}
		}
		out = append(out, p)
	}
	return trimBreaks(out)
}

// alone reports whether the i-th span has its line for itself.
func alone(t coach.Text, i int) bool {
	before := i == 0 || strings.HasSuffix(t[i-1].Words, "\n")
	after := i == len(t)-1 || strings.HasPrefix(t[i+1].Words, "\n")
	return before && after
}

// trimBreaks drops the line break beside a block, which breaks the line itself.
func trimBreaks(parts []part) []part {
	block := func(i int) bool {
		return i >= 0 && i < len(parts) && (parts[i].Class == "say" || parts[i].Class == "grid")
	}
	for i := range parts {
		if block(i) {
			continue
		}
		if block(i - 1) {
			parts[i].Words = strings.TrimPrefix(parts[i].Words, "\n")
		}
		if block(i + 1) {
			parts[i].Words = strings.TrimSuffix(parts[i].Words, "\n")
		}
	}
	return parts
}

// A card is one item of a pane, for the template.
type card struct {
	ID      string
	Kind    string // "kept", "shown" (to everyone, not kept), "private", "typed" or "note"
	At      string // RFC 3339
	Clock   string // the time of day, where the page cannot work it out
	Name    string
	Face    string // initials; "" for the coach
	Hue     int
	Message *message
	Words   string        // of "typed" and "note"
	Ask     string        // of "note": a command offered as a button
	Form    template.HTML // a form that came late and waits to be opened
}

func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// draw returns c as HTML.
func (a *Adapter) draw(c card, at time.Time) string {
	c.At, c.Clock = stamp(at), at.Format("15:04")
	if c.Name == "" {
		c.Name = "Rapport"
	}
	return a.site.fragment("item", c)
}

// drawKept returns a message that was sent to k, as everyone who sees it sees
// it; k.user counts only for direct messages.
func (a *Adapter) drawKept(k paneKey, ref string, m coach.Message, at time.Time) string {
	url := ""
	if m.Picture != nil {
		url = pictureURL(k, ref)
	}
	laid := a.layout(m, url)
	return a.draw(card{ID: ref, Kind: "kept", Message: &laid}, at)
}

// drawn keeps the HTML of messages that were sent: they never change.
type drawn struct {
	mu   sync.Mutex
	html map[string]string
}

// maxDrawn is how many messages are kept drawn.
const maxDrawn = 512

func newDrawn() *drawn { return &drawn{html: make(map[string]string)} }

// item returns the HTML of ref, drawing it if it was not drawn yet.
func (d *drawn) item(ref string, draw func() string) string {
	d.mu.Lock()
	html, ok := d.html[ref]
	d.mu.Unlock()
	if ok {
		return html
	}
	html = draw()
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(d.html) >= maxDrawn {
		clear(d.html)
	}
	d.html[ref] = html
	return html
}

// clear forgets everything, after a name changed that messages may mention.
func (d *drawn) clear() {
	d.mu.Lock()
	defer d.mu.Unlock()
	clear(d.html)
}

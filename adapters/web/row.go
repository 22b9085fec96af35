package web

import (
	"encoding/json"
	"fmt"
	"time"

	"rapport/coach"
)

// rowVersion is the shape that encodeRow writes. A change of meaning takes
// another number here, and decodeRow goes on reading the old ones.
const rowVersion = 1

// A row is a message as History keeps it. Its shape is a promise to old files
// and independent of how the coach holds messages.
type row struct {
	Version  int          `json:"v"`
	Title    string       `json:"title,omitempty"`
	Sections []rowSection `json:"sections"`
	Choices  *rowChoices  `json:"choices,omitempty"`
	Buttons  []rowButton  `json:"buttons,omitempty"`
	Picture  *rowPicture  `json:"picture,omitempty"`
	Notice   string       `json:"notice,omitempty"`
}

type rowSection struct {
	Text  []rowSpan `json:"text"`
	Quiet bool      `json:"quiet,omitempty"`
}

type rowSpan struct {
	Style string     `json:"style,omitempty"` // "" = plain
	Words string     `json:"words"`
	At    *time.Time `json:"at,omitempty"`
}

type rowChoices struct {
	Label   string    `json:"label"`
	Options []rowPick `json:"options"`
}

type rowPick struct {
	Label  string `json:"label"`
	Action string `json:"action"`
}

type rowButton struct {
	Label  string `json:"label"`
	Action string `json:"action"`
	Tone   string `json:"tone,omitempty"` // "primary", "danger" or ""
}

type rowPicture struct {
	Name string `json:"name"`
	PNG  []byte `json:"png"`
	Alt  string `json:"alt"`
}

// styleName is how a span's style is called in rows and in the stylesheet.
func styleName(s coach.Style) string {
	switch s {
	case coach.Bold:
		return "bold"
	case coach.Italic:
		return "italic"
	case coach.Quote:
		return "quote"
	case coach.Code:
		return "code"
	case coach.Mention:
		return "mention"
	case coach.Channel:
		return "channel"
	case coach.Moment:
		return "moment"
	}
	return ""
}

// styleOf is the inverse of styleName; a style not known here is plain.
func styleOf(name string) coach.Style {
	for s := coach.Plain; s <= coach.Moment; s++ {
		if styleName(s) == name {
			return s
		}
	}
	return coach.Plain
}

// encodeRow returns m as History keeps it.
func encodeRow(m coach.Message) ([]byte, error) {
	r := row{Version: rowVersion, Title: m.Title, Notice: m.Notice}
	for _, s := range m.Sections {
		r.Sections = append(r.Sections, rowSection{spansToRow(s.Text), s.Quiet})
	}
	if m.Choices != nil {
		r.Choices = &rowChoices{Label: m.Choices.Label}
		for _, o := range m.Choices.Options {
			action, err := o.Action.Encode()
			if err != nil {
				return nil, fmt.Errorf("option: %w", err)
			}
			r.Choices.Options = append(r.Choices.Options, rowPick{o.Label, action})
		}
	}
	for _, b := range m.Buttons {
		action, err := b.Action.Encode()
		if err != nil {
			return nil, fmt.Errorf("button: %w", err)
		}
		r.Buttons = append(r.Buttons, rowButton{b.Label, action, tone(b)})
	}
	if p := m.Picture; p != nil {
		r.Picture = &rowPicture{p.Name, p.PNG, p.Alt}
	}
	return json.Marshal(r)
}

func spansToRow(t coach.Text) []rowSpan {
	spans := make([]rowSpan, 0, len(t))
	for _, s := range t {
		span := rowSpan{Style: styleName(s.Style), Words: s.Words}
		if !s.At.IsZero() {
			at := s.At.UTC()
			span.At = &at
		}
		spans = append(spans, span)
	}
	return spans
}

// tone is how a button looks.
func tone(b coach.Button) string {
	switch {
	case b.Danger:
		return "danger"
	case b.Primary:
		return "primary"
	}
	return ""
}

// decodeRow reads what encodeRow wrote, now or in an earlier version.
func decodeRow(body []byte) (coach.Message, error) {
	var r row
	if err := json.Unmarshal(body, &r); err != nil {
		return coach.Message{}, fmt.Errorf("stored message: %w", err)
	}
	if r.Version != rowVersion {
		return coach.Message{}, fmt.Errorf("stored message: version %d is not known here", r.Version)
	}
	m := coach.Message{Title: r.Title, Notice: r.Notice}
	for _, s := range r.Sections {
		section := coach.Section{Quiet: s.Quiet}
		for _, span := range s.Text {
			words := coach.Span{Style: styleOf(span.Style), Words: span.Words}
			if span.At != nil {
				words.At = *span.At
			}
			section.Text = append(section.Text, words)
		}
		m.Sections = append(m.Sections, section)
	}
	if r.Choices != nil {
		m.Choices = &coach.Select{Label: r.Choices.Label}
		for _, o := range r.Choices.Options {
			m.Choices.Options = append(m.Choices.Options, coach.Pick{Label: o.Label, Action: coach.DecodeAction(o.Action)})
		}
	}
	for _, b := range r.Buttons {
		m.Buttons = append(m.Buttons, coach.Button{
			Label: b.Label, Action: coach.DecodeAction(b.Action),
			Primary: b.Tone == "primary", Danger: b.Tone == "danger",
		})
	}
	if p := r.Picture; p != nil {
		m.Picture = &coach.Picture{Name: p.Name, PNG: p.PNG, Alt: p.Alt}
	}
	return m, nil
}

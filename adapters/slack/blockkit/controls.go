package blockkit

import (
	"strings"

	slackgo "github.com/slack-go/slack"

	"rapport/adapters/surface"
	"rapport/coach"
)

// actionIDs tell the buttons of a message apart, as Slack demands. They mean
// nothing: the encoded Action is the value.
var actionIDs = [coach.MaxButtons]string{"b1", "b2", "b3", "b4", "b5"}

const choiceID = "choice"

// encode returns what a control carries for a; not ok if a cannot be encoded.
// Slack hands some texts back with their entities escaped, so what would have
// to be escaped is written otherwise. An encoded Action has no % but %25 and
// %3A.
func encode(a coach.Action) (value string, ok bool) {
	value, err := a.Encode()
	if err != nil {
		return "", false
	}
	if hidden := hideEntities.Replace(value); len(hidden) <= maxOptionValue {
		value = hidden
	}
	return value, true
}

// decode is the inverse of encode.
func decode(value string) coach.Action {
	if strings.Contains(value, "%") {
		value = bringEntities.Replace(value)
	}
	return coach.DecodeAction(value)
}

var (
	hideEntities  = strings.NewReplacer("&", "%26", "<", "%3C", ">", "%3E")
	bringEntities = strings.NewReplacer("%25", "%25", "%26", "&", "%3C", "<", "%3E", ">")
)

type buttonParts struct {
	slackgo.ButtonBlockElement
	text textObject
}

func (b *buttonParts) button(id, label, value string, style slackgo.Style) slackgo.BlockElement {
	b.ButtonBlockElement = slackgo.ButtonBlockElement{
		Type: slackgo.METButton, ActionID: id, Text: b.text.plain(label), Value: value, Style: style,
	}
	return &b.ButtonBlockElement
}

// newButtons returns the buttons that can be shown and pressed.
func newButtons(buttons []coach.Button) []slackgo.BlockElement {
	buttons = buttons[:min(len(buttons), len(actionIDs))]
	parts := make([]buttonParts, len(buttons))
	row := make([]slackgo.BlockElement, 0, len(buttons))
	for i, b := range buttons {
		label := surface.Line(b.Label, maxButton)
		if value, ok := encode(b.Action); ok && !surface.Blank(label) {
			row = append(row, parts[i].button(actionIDs[i], label, value, tone(b)))
		}
	}
	return row
}

func tone(b coach.Button) slackgo.Style {
	switch {
	case b.Danger: // without Slack's own question: the coach asks
		return slackgo.StyleDanger
	case b.Primary:
		return slackgo.StylePrimary
	}
	return slackgo.StyleDefault
}

// newMenu returns s; not ok if nothing in it can be picked.
func newMenu(s *coach.Select) (menu slackgo.BlockElement, ok bool) {
	options := newOptions(len(s.Options), func(i int) (label, value string) {
		value, _ = encode(s.Options[i].Action)
		return s.Options[i].Label, value
	})
	m := &slackgo.SelectBlockElement{Type: slackgo.OptTypeStatic, ActionID: choiceID, Options: options}
	if label := surface.Line(s.Label, maxPlaceholder); !surface.Blank(label) {
		m.Placeholder = plain(label)
	}
	return m, len(options) > 0
}

type rowParts struct {
	slackgo.ActionBlock
	elements slackgo.BlockElements
}

func newRow(id string, elements ...slackgo.BlockElement) slackgo.Block {
	b := &rowParts{ActionBlock: slackgo.ActionBlock{Type: slackgo.MBTAction, BlockID: id}}
	b.elements.ElementSet = elements
	b.Elements = &b.elements
	return &b.ActionBlock
}

// Picked returns what a press on a button or a pick from a menu asks for; not
// ok if a is neither, or carries nothing.
func Picked(a *slackgo.BlockAction) (action coach.Action, ok bool) {
	if a == nil {
		return coach.Action{}, false
	}
	var value string
	switch string(a.Type) {
	case string(slackgo.METButton):
		value = a.Value
	case slackgo.OptTypeStatic:
		value = a.SelectedOption.Value
	}
	if value == "" {
		return coach.Action{}, false
	}
	return decode(value), true
}

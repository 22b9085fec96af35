// Package blockkit decides how the coach's messages, forms and pages look in
// Slack's Block Kit, and what was meant by a press or a sent form.
//
// It knows neither the network nor who is asking. Words are escaped here: what
// a person typed can become neither a mention, nor a link, nor a style. Only
// block types that every Slack client shows are used: header, section, context,
// actions, input and divider.
package blockkit

import (
	"unicode/utf8"

	slackgo "github.com/slack-go/slack"

	"rapport/coach"
)

// Limits of Slack, in characters.
// Source: https://docs.slack.dev/reference/block-kit/blocks
const (
	maxHeader     = 150
	maxSection    = 3000
	maxButton     = 75
	maxOption     = 75
	maxViewTitle  = 24 // also the labels that send and close a view
	maxLabel      = 2000
	maxNotice     = 3000
	maxMetadata   = 3000
	maxInputValue = 3000
)

// The name of the app in the title of a view, and the labels that close one.
const (
	appName = "Rapport"
	closing = "Close"
	cancel  = "Cancel"
)

// actionIDs tell the controls of a message apart: Slack wants each to be
// another. They mean nothing; the encoded Action is the value.
var actionIDs = [...]string{"b1", "b2", "b3", "b4", "b5"}

const choiceID = "choice"

// Message returns m as the blocks of a message. Its picture is not among them,
// as Slack takes no bytes there: the words for it stand in its place. A control
// whose Action cannot be encoded is left out.
func Message(m coach.Message) []slackgo.Block {
	return appendMessage(make([]slackgo.Block, 0, size(m)), m)
}

// size is how many blocks m takes at most.
func size(m coach.Message) int { return len(m.Sections) + 4 }

func appendMessage(blocks []slackgo.Block, m coach.Message) []slackgo.Block {
	if title := visible(m.Title); title != "" {
		blocks = append(blocks, newHeader(cut(title, maxHeader)))
	}
	for _, s := range m.Sections {
		blocks = appendSection(blocks, s)
	}
	if m.Picture != nil {
		if alt := visible(m.Picture.Alt); alt != "" {
			blocks = append(blocks, newSection(cut(alt, maxSection)))
		}
	}
	if m.Choices != nil {
		if menu := newMenu(*m.Choices); menu != nil {
			blocks = append(blocks, slackgo.NewActionBlock("", menu))
		}
	}
	if row := newButtons(m.Buttons); len(row) > 0 {
		blocks = append(blocks, slackgo.NewActionBlock("", row...))
	}
	return blocks
}

// Modal returns m as a view that can be closed and not sent. origin is a short
// word without line breaks that [Origin] finds again in what is pressed there.
func Modal(m coach.Message, origin string) slackgo.ModalViewRequest {
	return slackgo.ModalViewRequest{
		Type:            slackgo.VTModal,
		Title:           plain(appName),
		Close:           plain(closing),
		Blocks:          slackgo.Blocks{BlockSet: Message(m)},
		PrivateMetadata: metadata(origin, ""),
	}
}

// The tabs of a Home, and the actions behind them.
var tabs = [...]struct{ name, label string }{
	{"home", "Home"}, {"progress", "Progress"}, {"settings", "Settings"},
}

// Home returns m as the page of an App Home below a row of its tabs. tab is the
// verb of the one that m belongs to, "" if it is none of them.
func Home(m coach.Message, tab string) slackgo.HomeTabViewRequest {
	row := make([]slackgo.BlockElement, 0, len(tabs))
	for _, t := range tabs {
		value, err := coach.Do(t.name).Encode()
		if err != nil { // cannot be: the verbs are constants
			continue
		}
		b := newButton("tab."+t.name, value, t.label)
		if t.name == tab {
			b.Text.Text = "\u2022 " + t.label + " (you are here)"
			b.Style = slackgo.StylePrimary
		}
		row = append(row, b)
	}
	blocks := make([]slackgo.Block, 0, size(m)+2)
	blocks = append(blocks, slackgo.NewActionBlock("tabs", row...), slackgo.NewDividerBlock())
	return slackgo.HomeTabViewRequest{Type: slackgo.VTHomeTab, Blocks: slackgo.Blocks{BlockSet: appendMessage(blocks, m)}}
}

// Notice returns what stands beside the blocks of m: screen readers, lock
// screens and lists of messages show it instead of them.
func Notice(m coach.Message) string {
	return fit(visible(m.NoticeLine()), maxNotice)
}

// newMenu returns nil where nothing can be picked.
func newMenu(s coach.Select) slackgo.BlockElement {
	options := make([]*slackgo.OptionBlockObject, 0, len(s.Options))
	for _, o := range s.Options {
		value, err := o.Action.Encode()
		label := cut(visible(o.Label), maxOption)
		if err != nil || label == "" {
			continue
		}
		options = append(options, newOption(label, value))
	}
	if len(options) == 0 {
		return nil
	}
	menu := &slackgo.SelectBlockElement{Type: slackgo.OptTypeStatic, ActionID: choiceID, Options: options}
	if label := cut(visible(s.Label), maxPlaceholder); label != "" {
		menu.Placeholder = plain(label)
	}
	return menu
}

func newButtons(buttons []coach.Button) []slackgo.BlockElement {
	row := make([]slackgo.BlockElement, 0, len(buttons))
	for i, b := range buttons {
		value, err := b.Action.Encode()
		label := cut(visible(b.Label), maxButton)
		if err != nil || label == "" || i >= len(actionIDs) {
			continue
		}
		button := newButton(actionIDs[i], value, label)
		switch {
		case b.Danger:
			button.Style = slackgo.StyleDanger
		case b.Primary:
			button.Style = slackgo.StylePrimary
		}
		row = append(row, button)
	}
	return row
}

// cut returns s with at most limit characters, the last an ellipsis where
// something is missing.
func cut(s string, limit int) string {
	if len(s) <= limit || utf8.RuneCountInString(s) <= limit {
		return s
	}
	n := 0
	for i := range s {
		if n++; n == limit {
			return s[:i] + "\u2026"
		}
	}
	return s
}

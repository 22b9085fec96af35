// Package blockkit decides how the coach's messages, forms and pages look in
// Slack's Block Kit, and what was meant by a press or a sent form.
//
// It knows neither the network nor who is asking. Words are escaped here: what
// a person typed can become neither a mention, nor a link, nor a style. Only
// block types that every Slack client shows are used: header, section, context,
// actions, input and divider.
package blockkit

import (
	slackgo "github.com/slack-go/slack"

	"rapport/adapters/surface"
	"rapport/coach"
)

// Limits of Slack, in characters.
// Source: https://docs.slack.dev/reference/block-kit/blocks
const (
	maxHeader      = 150
	maxText        = 3000 // of every text without a limit of its own
	maxButton      = 75
	maxOption      = 75
	maxPlaceholder = 150
	maxViewTitle   = 24   // also of the labels that send and close a view
	maxLabel       = 2000 // also of a hint
)

// The name of the app in the title of a view, and the labels that close one.
const (
	appName = "Rapport"
	closing = "Close"
	cancel  = "Cancel"
)

// Message returns m as the blocks of a message. Its picture is not among them,
// as Slack takes no bytes there: the words for it stand in its place. A control
// whose Action cannot be encoded is left out.
func Message(m coach.Message) []slackgo.Block {
	return appendMessage(make([]slackgo.Block, 0, size(m)), m)
}

// size is how many blocks m takes at most.
func size(m coach.Message) int { return len(m.Sections) + 4 }

func appendMessage(blocks []slackgo.Block, m coach.Message) []slackgo.Block {
	if title := surface.Line(m.Title, maxHeader); !surface.Blank(title) {
		blocks = append(blocks, newHeader(title))
	}
	for _, s := range m.Sections {
		blocks = appendSection(blocks, s)
	}
	if m.Picture != nil {
		if alt := surface.Visible(m.Picture.Alt); !surface.Blank(alt) {
			blocks = append(blocks, newSection(surface.Cut(alt, maxText)))
		}
	}
	if m.Choices != nil {
		if menu, ok := newMenu(m.Choices); ok {
			blocks = append(blocks, newRow("", menu))
		}
	}
	if row := newButtons(m.Buttons); len(row) > 0 {
		blocks = append(blocks, newRow("", row...))
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

// The tabs of a Home: the verbs behind them, and their labels elsewhere and on
// the page itself.
var tabs = [...]struct{ id, verb, label, here string }{
	{"tab1", "home", "Home", "Home (this page)"},
	{"tab2", "progress", "Progress", "Progress (this page)"},
	{"tab3", "settings", "Settings", "Settings (this page)"},
}

// Home returns m as the page of an App Home below a row of its tabs. tab is the
// verb of the one that m belongs to, "" if it is none of them.
func Home(m coach.Message, tab string) slackgo.HomeTabViewRequest {
	parts := make([]buttonParts, len(tabs))
	row := make([]slackgo.BlockElement, len(tabs))
	for i, t := range tabs {
		label := t.label
		if t.verb == tab {
			label = t.here
		}
		value, _ := encode(coach.Do(t.verb))                               // a short verb alone can always be encoded
		row[i] = parts[i].button(t.id, label, value, slackgo.StyleDefault) // green is for the next step
	}
	blocks := make([]slackgo.Block, 0, size(m)+2)
	blocks = appendMessage(append(blocks, newRow("tabs", row...), slackgo.NewDividerBlock()), m)
	return slackgo.HomeTabViewRequest{Type: slackgo.VTHomeTab, Blocks: slackgo.Blocks{BlockSet: blocks}}
}

// Notice returns what stands beside the blocks of m: screen readers, lock
// screens and lists of messages show it instead of them.
func Notice(m coach.Message) string {
	return fit(surface.Visible(m.NoticeLine()), maxText)
}

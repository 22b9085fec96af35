package blockkit

import (
	slackgo "github.com/slack-go/slack"

	"rapport/adapters/surface"
	"rapport/coach"
)

// A textObject is a text of a block with what it points at, in one piece of
// memory.
type textObject struct {
	slackgo.TextBlockObject
	emoji bool // never: :x: stays words
}

func (t *textObject) plain(s string) *slackgo.TextBlockObject {
	t.TextBlockObject = slackgo.TextBlockObject{Type: slackgo.PlainTextType, Text: s, Emoji: &t.emoji}
	return &t.TextBlockObject
}

func (t *textObject) mrkdwn(s string) *slackgo.TextBlockObject {
	t.TextBlockObject = slackgo.TextBlockObject{Type: slackgo.MarkdownType, Text: s, Verbatim: true}
	return &t.TextBlockObject
}

func plain(s string) *slackgo.TextBlockObject { return new(textObject).plain(s) }

type sectionParts struct {
	slackgo.SectionBlock
	text textObject
}

type contextParts struct {
	slackgo.ContextBlock
	text     textObject
	elements [1]slackgo.MixedElement
}

// appendSection appends s, unless there is nothing to see in it.
func appendSection(blocks []slackgo.Block, s coach.Section) []slackgo.Block {
	if s.Quiet {
		b := &contextParts{ContextBlock: slackgo.ContextBlock{Type: slackgo.MBTContext}}
		if text := b.text.show(s.Text); text != nil {
			b.elements[0] = text
			b.ContextElements.Elements = b.elements[:]
			blocks = append(blocks, &b.ContextBlock)
		}
		return blocks
	}
	b := &sectionParts{SectionBlock: slackgo.SectionBlock{Type: slackgo.MBTSection}}
	if b.Text = b.text.show(s.Text); b.Text != nil {
		blocks = append(blocks, &b.SectionBlock)
	}
	return blocks
}

// show returns words, in markup only where a style needs it; nil if there is
// nothing to see.
func (t *textObject) show(words coach.Text) *slackgo.TextBlockObject {
	if styled(words) {
		if s := mrkdwn(words); surface.Blank(s) {
			return nil
		} else if surface.Fits(s, maxText) {
			return t.mrkdwn(s)
		} // else the words go before the looks
	}
	s := surface.Visible(words.String())
	if len(words) == 1 {
		s = surface.Visible(words[0].Words)
	}
	if surface.Blank(s) {
		return nil
	}
	return t.plain(surface.Cut(s, maxText))
}

func styled(t coach.Text) bool {
	for _, s := range t {
		if s.Style != coach.Plain {
			return true
		}
	}
	return false
}

func newHeader(s string) slackgo.Block {
	b := &struct {
		slackgo.HeaderBlock
		text textObject
	}{HeaderBlock: slackgo.HeaderBlock{Type: slackgo.MBTHeader}}
	b.Text = b.text.plain(s)
	return &b.HeaderBlock
}

func newSection(s string) slackgo.Block {
	b := &sectionParts{SectionBlock: slackgo.SectionBlock{Type: slackgo.MBTSection}}
	b.Text = b.text.plain(s)
	return &b.SectionBlock
}

type optionParts struct {
	slackgo.OptionBlockObject
	text textObject
}

// newOptions returns an option for each pair of label and value that next
// yields; those without a label or value are left out.
func newOptions(n int, next func(i int) (label, value string)) []*slackgo.OptionBlockObject {
	parts := make([]optionParts, n)
	options := make([]*slackgo.OptionBlockObject, 0, n)
	for i := range parts {
		label, value := next(i)
		if label = surface.Line(label, maxOption); surface.Blank(label) || value == "" {
			continue
		}
		o := &parts[i]
		o.Text, o.Value = o.text.plain(label), value
		options = append(options, &o.OptionBlockObject)
	}
	return options
}

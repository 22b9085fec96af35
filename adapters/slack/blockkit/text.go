package blockkit

import (
	"strings"
	"unicode"

	slackgo "github.com/slack-go/slack"

	"rapport/coach"
)

func plain(s string) *slackgo.TextBlockObject {
	return &slackgo.TextBlockObject{Type: slackgo.PlainTextType, Text: s, Emoji: new(bool)}
}

func newHeader(s string) slackgo.Block { return slackgo.NewHeaderBlock(plain(s)) }

func newSection(s string) slackgo.Block { return slackgo.NewSectionBlock(plain(s), nil, nil) }

func newButton(id, value, label string) *slackgo.ButtonBlockElement {
	return slackgo.NewButtonBlockElement(id, value, plain(label))
}

func newOption(label, value string) *slackgo.OptionBlockObject {
	return slackgo.NewOptionBlockObject(value, plain(label), nil)
}

func appendSection(blocks []slackgo.Block, s coach.Section) []slackgo.Block {
	words := cut(visible(s.Text.String()), maxSection)
	if words == "" {
		return blocks
	}
	if s.Quiet {
		return append(blocks, slackgo.NewContextBlock("", plain(words)))
	}
	return append(blocks, newSection(words))
}

// visible returns s as it may be shown: without control characters, and
// without the marks that turn the direction of text around.
func visible(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t':
			return r
		case unicode.IsControl(r), unicode.Is(unicode.Bidi_Control, r):
			return -1
		case r == '\u2028' || r == '\u2029':
			return '\n'
		}
		return r
	}, s)
}

var entities = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")

// fit returns s escaped, in at most limit characters.
func fit(s string, limit int) string { return cut(entities.Replace(s), limit) }

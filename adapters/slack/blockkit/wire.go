package blockkit

import (
	"encoding/json"
	"unicode/utf8"

	slackgo "github.com/slack-go/slack"

	"rapport/coach"
)

// Wire returns [Message] of m as JSON, the same as encoding/json makes of it at
// a fraction of the time: encoding/json goes over slack-go's blocks three times.
// It is for answers that ride in an acknowledgement.
func Wire(m coach.Message) json.RawMessage {
	blocks := Message(m)
	b := make([]byte, 0, 512+256*len(blocks))
	b = append(b, '[')
	for i, block := range blocks {
		b = appendBlock(comma(b, i), block)
	}
	return append(b, ']')
}

// appendBlock appends one of the blocks that Message makes, with the fields
// that it fills in.
func appendBlock(b []byte, block slackgo.Block) []byte {
	b = append(b, `{"type":"`...)
	b = append(b, block.BlockType()...)
	b = append(b, '"')
	switch block := block.(type) {
	case *slackgo.HeaderBlock:
		b = appendText(append(b, `,"text":`...), block.Text)
	case *slackgo.SectionBlock:
		b = appendText(append(b, `,"text":`...), block.Text)
	case *slackgo.ContextBlock:
		b = append(b, `,"elements":[`...)
		for i, e := range block.ContextElements.Elements {
			b = appendText(comma(b, i), e.(*slackgo.TextBlockObject))
		}
		b = append(b, ']')
	case *slackgo.ActionBlock:
		b = append(b, `,"elements":[`...)
		for i, e := range block.Elements.ElementSet {
			b = appendElement(comma(b, i), e)
		}
		b = append(b, ']')
	}
	return append(b, '}')
}

func comma(b []byte, i int) []byte {
	if i == 0 {
		return b
	}
	return append(b, ',')
}

func appendElement(b []byte, e slackgo.BlockElement) []byte {
	b = append(b, `{"type":"`...)
	b = append(b, e.ElementType()...)
	b = append(b, '"')
	switch e := e.(type) {
	case *slackgo.ButtonBlockElement:
		b = appendText(append(b, `,"text":`...), e.Text)
		b = appendField(b, `,"action_id":`, e.ActionID)
		b = appendField(b, `,"value":`, e.Value)
		b = appendField(b, `,"style":`, string(e.Style))
	case *slackgo.SelectBlockElement:
		b = appendField(b, `,"action_id":`, e.ActionID)
		if e.Placeholder != nil {
			b = appendText(append(b, `,"placeholder":`...), e.Placeholder)
		}
		b = append(b, `,"options":[`...)
		for i, o := range e.Options {
			b = appendText(append(comma(b, i), `{"text":`...), o.Text)
			b = append(appendField(b, `,"value":`, o.Value), '}')
		}
		b = append(b, ']')
	}
	return append(b, '}')
}

// appendField appends a field, unless it is empty.
func appendField(b []byte, key, value string) []byte {
	if value == "" {
		return b
	}
	return appendString(append(b, key...), value)
}

func appendText(b []byte, t *slackgo.TextBlockObject) []byte {
	b = append(b, `{"type":"`...)
	b = append(b, t.Type...)
	b = appendString(append(b, `","text":`...), t.Text)
	if t.Emoji != nil {
		b = append(b, `,"emoji":false`...)
	}
	if t.Verbatim {
		b = append(b, `,"verbatim":true`...)
	}
	return append(b, '}')
}

// appendString appends s as a JSON string.
func appendString(b []byte, s string) []byte {
	if !utf8.ValidString(s) {
		quoted, _ := json.Marshal(s) // a string can always be encoded
		return append(b, quoted...)
	}
	b = append(b, '"')
	done := 0
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c >= ' ' && c != '"' && c != '\\' {
			continue
		}
		b = append(b, s[done:i]...)
		done = i + 1
		switch c {
		case '\n':
			b = append(b, `\n`...)
		case '"', '\\':
			b = append(b, '\\', c)
		default:
			const hex = "0123456789abcdef"
			b = append(b, `\u00`...)
			b = append(b, hex[c>>4], hex[c&15])
		}
	}
	return append(append(b, s[done:]...), '"')
}

package blockkit

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"unicode/utf8"
)

// Limits that only Check needs, in characters unless said otherwise.
const (
	maxMessageBlocks = 50
	maxViewBlocks    = 100
	maxMessageText   = 13000  // over all blocks of a message
	maxViewBytes     = 250000 // of the JSON of a view
	maxMetadata      = 3000
	maxID            = 255
	maxFields        = 10
	maxField         = 2000
	maxContext       = 10 // elements
	maxRow           = 25 // elements
	maxOptions       = 100
	maxOptionValue   = 150
	maxButtonValue   = 2000
	maxImageText     = 2000
	maxURL           = 3000
	maxTyped         = 3000
)

// Check reports every limit of Block Kit that payload breaks, and everything in
// it that Slack would refuse or that this package never says, such as a
// mention of everybody. payload is the JSON of the blocks of a message, an
// array, or of a view, an object. Check knows what this package can make: a
// block of another type is a fault. The error repeats no words of the payload.
func Check(payload []byte) error {
	var v any
	if err := json.Unmarshal(payload, &v); err != nil {
		return fmt.Errorf("payload: %w", err)
	}
	c := checker{ids: make(map[string]bool), actions: make(map[string]bool)}
	switch v := v.(type) {
	case []any:
		c.message(v)
	case map[string]any:
		c.view(v)
		if n := len(bytes.TrimSpace(payload)); n > maxViewBytes {
			c.fail("view", "takes %d bytes, limit %d", n, maxViewBytes)
		}
	default:
		c.fail("payload", "is neither blocks nor a view")
	}
	return errors.Join(c.errs...)
}

// A checker gathers faults.
type checker struct {
	errs    []error
	ids     map[string]bool // of blocks
	actions map[string]bool // ids of controls
	chars   int             // over all texts
}

// An object is a JSON object.
type object = map[string]any

func (c *checker) fail(where, format string, args ...any) {
	c.errs = append(c.errs, fmt.Errorf("%s: %s", where, fmt.Sprintf(format, args...)))
}

func (c *checker) message(blocks []any) {
	c.blocks(blocks, maxMessageBlocks, "header", "section", "context", "actions", "image", "divider")
	if c.chars > maxMessageText {
		c.fail("message", "takes %d characters, limit %d", c.chars, maxMessageText)
	}
}

func (c *checker) view(o object) {
	c.length("private_metadata", str(o, "private_metadata"), 0, maxMetadata)
	c.length("callback_id", str(o, "callback_id"), 0, maxID)
	c.length("external_id", str(o, "external_id"), 0, maxID)
	switch str(o, "type") {
	case "modal":
		c.text("title", o["title"], plainOnly, maxViewTitle)
	case "home":
		for _, key := range []string{"title", "submit", "close"} {
			if o[key] != nil {
				c.fail(key, "a home has none")
			}
		}
	default:
		c.fail("view", "type %q is neither modal nor home", str(o, "type"))
	}
	for _, key := range []string{"submit", "close"} {
		if o[key] != nil {
			c.text(key, o[key], plainOnly, maxViewTitle)
		}
	}
	c.viewBlocks(o)
}

func (c *checker) viewBlocks(o object) {
	blocks, ok := o["blocks"].([]any)
	if !ok {
		c.fail("blocks", "are no array")
		return
	}
	c.blocks(blocks, maxViewBlocks, "header", "section", "context", "actions", "image", "divider", "input")
	asks := slices.ContainsFunc(blocks, func(b any) bool { return str(b, "type") == "input" })
	if asks && str(o, "type") == "modal" && o["submit"] == nil {
		c.fail("submit", "is missing beside inputs")
	}
}

func (c *checker) blocks(blocks []any, limit int, types ...string) {
	c.count("blocks", len(blocks), limit)
	for i, b := range blocks {
		o, ok := b.(object)
		where := fmt.Sprintf("block %d", i+1)
		if !ok {
			c.fail(where, "is no object")
			continue
		}
		kind := str(o, "type")
		where += " (" + kind + ")"
		if !slices.Contains(types, kind) {
			c.fail(where, "has no place here")
			continue
		}
		c.id(where+" block_id", o, "block_id", c.ids)
		c.block(where, kind, o)
	}
}

func (c *checker) block(where, kind string, o object) {
	switch kind {
	case "header":
		c.text(where, o["text"], plainOnly, maxHeader)
	case "section":
		c.section(where, o)
	case "context":
		c.context(where, o)
	case "actions":
		elements, _ := o["elements"].([]any)
		c.count(where+" elements", len(elements), maxRow)
		for i, e := range elements {
			c.element(fmt.Sprintf("%s element %d", where, i+1), e, "button", "static_select", "conversations_select")
		}
	case "image":
		c.image(where, o)
	case "input":
		c.text(where+" label", o["label"], plainOnly, maxLabel)
		if o["hint"] != nil {
			c.text(where+" hint", o["hint"], plainOnly, maxLabel)
		}
		c.element(where+" element", o["element"],
			"plain_text_input", "static_select", "multi_static_select", "conversations_select", "checkboxes", "radio_buttons")
	}
}

func (c *checker) section(where string, o object) {
	fields, _ := o["fields"].([]any)
	if o["text"] != nil || len(fields) == 0 {
		c.text(where, o["text"], anyText, maxText)
	}
	if o["fields"] != nil {
		c.count(where+" fields", len(fields), maxFields)
	}
	for i, f := range fields {
		c.text(fmt.Sprintf("%s field %d", where, i+1), f, anyText, maxField)
	}
	if o["accessory"] != nil {
		c.element(where+" accessory", o["accessory"], "button", "static_select", "conversations_select", "image")
	}
}

func (c *checker) context(where string, o object) {
	elements, _ := o["elements"].([]any)
	c.count(where+" elements", len(elements), maxContext)
	for i, e := range elements {
		where := fmt.Sprintf("%s element %d", where, i+1)
		if e, ok := e.(object); ok && str(e, "type") == "image" {
			c.image(where, e)
		} else {
			c.text(where, e, anyText, maxText)
		}
	}
}

func (c *checker) image(where string, o object) {
	c.length(where+" alt_text", str(o, "alt_text"), 1, maxImageText)
	c.length(where+" image_url", str(o, "image_url"), 0, maxURL)
	if (o["image_url"] == nil) == (o["slack_file"] == nil) {
		c.fail(where, "wants an image_url or a slack_file")
	}
	if o["title"] != nil {
		c.text(where+" title", o["title"], plainOnly, maxImageText)
	}
}

// count checks a number of things that may not be none.
func (c *checker) count(what string, n, limit int) {
	if n < 1 || n > limit {
		c.fail(what, "are %d, want 1 to %d", n, limit)
	}
}

// length checks the characters of s.
func (c *checker) length(what, s string, least, limit int) {
	if n := utf8.RuneCountInString(s); n < least || n > limit {
		c.fail(what, "takes %d characters, want %d to %d", n, least, limit)
	}
}

// id checks the id of o under key, which no other of seen may have.
func (c *checker) id(what string, o object, key string, seen map[string]bool) {
	id := str(o, key)
	c.length(what, id, 0, maxID)
	if id != "" && seen[id] {
		c.fail(what, "%q is taken", id)
	}
	seen[id] = true
}

// str returns the string of the object v under key, "" if there is none.
func str(v any, key string) string {
	o, _ := v.(object)
	s, _ := o[key].(string)
	return s
}

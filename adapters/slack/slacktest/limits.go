package slacktest

import (
	"encoding/json"
	"fmt"
	"slices"
	"unicode/utf8"
)

// Limits of Block Kit in characters, as docs.slack.dev has them.
const (
	maxText          = 40_000
	maxMessageBlocks = 13_200
	maxView          = 250_000
)

// A surface is where blocks are shown.
type surface string

const (
	onMessage surface = "message"
	onModal   surface = "modal"
	onHome    surface = "home"
)

// A checker collects what is wrong with blocks.
type checker struct {
	surface surface
	wrong   []string // Slack refuses it
	unwise  []string // Slack takes it; a rule of good use is broken
	weight  int      // characters of all texts
	inputs  int
}

// check holds blocks against Slack's limits.
func check(blocks []any, on surface) *checker {
	c := &checker{surface: on}
	most := 100
	if on == onMessage {
		most = 50
	}
	if len(blocks) > most {
		c.fail("/blocks", "no more than %d items allowed, got %d", most, len(blocks))
	}
	seen := map[string]bool{}
	for i, b := range blocks {
		at := fmt.Sprintf("/blocks/%d", i)
		block, ok := b.(map[string]any)
		if !ok {
			c.fail(at, "is no block")
			continue
		}
		c.name(at+"/block_id", block["block_id"], seen)
		c.block(at, block)
	}
	return c
}

func (c *checker) fail(at, format string, args ...any) {
	c.wrong = append(c.wrong, fmt.Sprintf(format, args...)+" [json-pointer:"+at+"]")
}

func (c *checker) advise(at, format string, args ...any) {
	c.unwise = append(c.unwise, fmt.Sprintf(format, args...)+" [json-pointer:"+at+"]")
}

// name checks a block_id or action_id, which is unique in seen.
func (c *checker) name(at string, v any, seen map[string]bool) {
	if v == nil {
		return
	}
	id, ok := v.(string)
	switch {
	case !ok:
		c.fail(at, "must be a string")
	case utf8.RuneCountInString(id) > 255:
		c.fail(at, "must be less than 256 characters")
	case id == "":
		// The same as none at all.
	case seen[id]:
		c.fail(at, "%q is there twice", id)
	}
	seen[id] = true
}

func (c *checker) block(at string, b map[string]any) {
	kind := str(b, "type")
	switch kind {
	case "divider":
	case "header":
		c.text(at+"/text", b["text"], rule{most: 150, plain: true, required: true})
	case "section":
		c.section(at, b)
	case "context":
		c.context(at, b)
	case "actions":
		c.actions(at, b)
	case "input":
		c.input(at, b)
	case "image":
		c.image(at, b)
		c.text(at+"/title", b["title"], rule{most: 2000, plain: true})
	case "rich_text", "video", "file", "markdown", "table", "context_actions", "alert", "card", "carousel", "plan", "task_card":
		c.advise(at, "block type %s is not shown by every client", kind)
	default:
		c.fail(at, "unsupported type: %q", kind)
	}
}

// A rule is what a text must meet.
type rule struct {
	most            int
	plain, required bool
}

func (c *checker) text(at string, v any, r rule) {
	if v == nil {
		if r.required {
			c.fail(at, "missing required field")
		}
		return
	}
	t, ok := v.(map[string]any)
	if !ok {
		c.fail(at, "must be a text object")
		return
	}
	kind := str(t, "type")
	words, ok := t["text"].(string)
	n := utf8.RuneCountInString(words)
	c.weight += n
	_, emoji := t["emoji"]
	_, verbatim := t["verbatim"]
	switch {
	case kind != "plain_text" && kind != "mrkdwn":
		c.fail(at+"/type", "must be plain_text or mrkdwn, got %q", kind)
	case r.plain && kind != "plain_text":
		c.fail(at+"/type", "must be plain_text")
	case !ok:
		c.fail(at+"/text", "must be a string")
	case n < 1:
		c.fail(at+"/text", "must be more than 0 characters")
	case n > r.most:
		c.fail(at+"/text", "must be less than %d characters, got %d", r.most+1, n)
	case emoji && kind == "mrkdwn":
		c.fail(at+"/emoji", "is for plain_text alone")
	case verbatim && kind == "plain_text":
		c.fail(at+"/verbatim", "is for mrkdwn alone")
	}
	for k := range t {
		if !slices.Contains([]string{"type", "text", "emoji", "verbatim"}, k) {
			c.fail(at+"/"+k, "unknown field of a text object")
		}
	}
}

func (c *checker) section(at string, b map[string]any) {
	fields, has := b["fields"].([]any)
	if b["text"] == nil && len(fields) == 0 {
		c.fail(at, "needs text or fields")
	}
	c.text(at+"/text", b["text"], rule{most: 3000})
	if has && (len(fields) < 1 || len(fields) > 10) {
		c.fail(at+"/fields", "1 to 10 items, got %d", len(fields))
	}
	for i, f := range fields {
		c.text(fmt.Sprintf("%s/fields/%d", at, i), f, rule{most: 2000})
	}
	if b["accessory"] != nil {
		c.element(at+"/accessory", b["accessory"], "section", map[string]bool{})
	}
}

func (c *checker) context(at string, b map[string]any) {
	list, _ := b["elements"].([]any)
	if len(list) < 1 || len(list) > 10 {
		c.fail(at+"/elements", "1 to 10 items, got %d", len(list))
	}
	for i, e := range list {
		at := fmt.Sprintf("%s/elements/%d", at, i)
		el, _ := e.(map[string]any)
		if str(el, "type") == "image" {
			c.image(at, el)
			continue
		}
		c.text(at, e, rule{most: 2000, required: true})
	}
}

func (c *checker) actions(at string, b map[string]any) {
	list, _ := b["elements"].([]any)
	if len(list) < 1 || len(list) > 25 {
		c.fail(at+"/elements", "1 to 25 items, got %d", len(list))
	}
	seen := map[string]bool{}
	for i, e := range list {
		c.element(fmt.Sprintf("%s/elements/%d", at, i), e, "actions", seen)
	}
}

func (c *checker) input(at string, b map[string]any) {
	c.inputs++
	c.text(at+"/label", b["label"], rule{most: 2000, plain: true, required: true})
	c.text(at+"/hint", b["hint"], rule{most: 2000, plain: true})
	if b["element"] == nil {
		c.fail(at+"/element", "missing required field")
		return
	}
	c.element(at+"/element", b["element"], "input", map[string]bool{})
}

func (c *checker) image(at string, b map[string]any) {
	alt, _ := b["alt_text"].(string)
	if n := utf8.RuneCountInString(alt); n < 1 || n > 2000 {
		c.fail(at+"/alt_text", "1 to 2000 characters, got %d", n)
	}
	c.weight += utf8.RuneCountInString(alt)
	src, _ := b["image_url"].(string)
	if b["slack_file"] == nil && (src == "" || utf8.RuneCountInString(src) > 3000) {
		c.fail(at+"/image_url", "1 to 3000 characters, or slack_file")
	}
}

// checkView holds a view against Slack's limits.
func checkView(v map[string]any) *checker {
	kind := surface(str(v, "type"))
	blocks, ok := v["blocks"].([]any)
	c := check(blocks, kind)
	if !ok {
		c.fail("/view/blocks", "missing or null: must be a list")
	}
	switch kind {
	case onModal:
		c.text("/view/title", v["title"], rule{most: 24, plain: true, required: true})
		c.text("/view/submit", v["submit"], rule{most: 24, plain: true, required: c.inputs > 0})
		c.text("/view/close", v["close"], rule{most: 24, plain: true})
	case onHome:
	default:
		c.fail("/view/type", "must be modal or home, got %q", kind)
	}
	for key, most := range map[string]int{"private_metadata": 3000, "callback_id": 255, "external_id": 255} {
		if n := utf8.RuneCountInString(str(v, key)); n > most {
			c.fail("/view/"+key, "must be less than %d characters, got %d", most+1, n)
		}
	}
	if raw, err := json.Marshal(v); err == nil && len(raw) > maxView {
		c.fail("/view", "%d bytes, limit %d", len(raw), maxView)
	}
	return c
}

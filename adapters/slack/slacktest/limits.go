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

// element checks something that can be pressed, picked or filled in.
func (c *checker) element(at string, v any, in string, seen map[string]bool) {
	e, ok := v.(map[string]any)
	if !ok {
		c.fail(at, "is no element")
		return
	}
	kind := str(e, "type")
	if kind != "image" {
		c.name(at+"/action_id", e["action_id"], seen)
	}
	if !slices.Contains(places(kind), in) {
		c.fail(at, "%q does not belong in %s", kind, in)
		return
	}
	c.text(at+"/placeholder", e["placeholder"], rule{most: 150, plain: true})
	c.confirm(at+"/confirm", e["confirm"])
	switch kind {
	case "button":
		c.button(at, e)
	case "image":
		c.image(at, e)
	case "static_select", "multi_static_select":
		c.options(at, e, 100)
	case "overflow":
		c.options(at, e, 5)
	case "checkboxes", "radio_buttons":
		c.options(at, e, 10)
	case "plain_text_input":
		c.typed(at, e)
	}
}

// places are the blocks in which an element may stand.
func places(kind string) []string {
	switch kind {
	case "button", "overflow", "workflow_button":
		return []string{"section", "actions"}
	case "image":
		return []string{"section"}
	case "plain_text_input", "number_input", "email_text_input", "url_text_input", "file_input":
		return []string{"input"}
	case "rich_text_input":
		return []string{"input", "actions"}
	case "static_select", "multi_static_select", "users_select", "multi_users_select", "conversations_select", "multi_conversations_select",
		"channels_select", "multi_channels_select", "external_select", "multi_external_select", "checkboxes", "radio_buttons", "datepicker", "timepicker":
		return []string{"section", "actions", "input"}
	case "datetimepicker":
		return []string{"actions", "input"}
	}
	return nil
}

func (c *checker) button(at string, e map[string]any) {
	c.text(at+"/text", e["text"], rule{most: 75, plain: true, required: true})
	for key, most := range map[string]int{"value": 2000, "url": 3000, "accessibility_label": 75} {
		if v, ok := e[key].(string); ok && utf8.RuneCountInString(v) > most {
			c.fail(at+"/"+key, "must be less than %d characters", most+1)
		}
	}
	if style, ok := e["style"]; ok && style != "primary" && style != "danger" {
		c.fail(at+"/style", "must be primary or danger, got %q", style)
	}
}

func (c *checker) confirm(at string, v any) {
	if v == nil {
		return
	}
	d, ok := v.(map[string]any)
	if !ok {
		c.fail(at, "is no confirmation")
		return
	}
	for key, most := range map[string]int{"title": 100, "text": 300, "confirm": 30, "deny": 30} {
		c.text(at+"/"+key, d[key], rule{most: most, plain: key != "text", required: true})
	}
}

func (c *checker) options(at string, e map[string]any, most int) {
	list, _ := e["options"].([]any)
	groups, _ := e["option_groups"].([]any)
	all := slices.Clone(list)
	switch {
	case (len(list) > 0) == (len(groups) > 0):
		c.fail(at, "needs options or option_groups, and not both")
	case len(groups) > 100:
		c.fail(at+"/option_groups", "no more than 100 items allowed")
	case len(groups) == 0 && len(list) > most:
		c.fail(at+"/options", "no more than %d items allowed, got %d", most, len(list))
	}
	markup := str(e, "type") == "checkboxes" || str(e, "type") == "radio_buttons"
	for i, o := range list {
		c.option(fmt.Sprintf("%s/options/%d", at, i), o, markup)
	}
	for i, g := range groups {
		at := fmt.Sprintf("%s/option_groups/%d", at, i)
		group, _ := g.(map[string]any)
		c.text(at+"/label", group["label"], rule{most: 75, plain: true, required: true})
		inner, _ := group["options"].([]any)
		if len(inner) < 1 || len(inner) > 100 {
			c.fail(at+"/options", "1 to 100 items, got %d", len(inner))
		}
		for j, o := range inner {
			c.option(fmt.Sprintf("%s/options/%d", at, j), o, markup)
		}
		all = append(all, inner...)
	}
	var initial []any
	if o := e["initial_option"]; o != nil {
		initial = append(initial, o)
	}
	if l, ok := e["initial_options"].([]any); ok {
		initial = append(initial, l...)
		if len(l) == 0 {
			c.fail(at+"/initial_options", "must not be empty")
		}
	}
	for _, o := range initial {
		if !slices.ContainsFunc(all, func(one any) bool { return same(one, o) }) {
			c.fail(at+"/initial_option", "must be one of the options, exactly")
		}
	}
}

// same tells whether two options are the same one.
func same(a, b any) bool {
	x, err := json.Marshal(a)
	if err != nil {
		return false
	}
	y, err := json.Marshal(b)
	return err == nil && string(x) == string(y)
}

func (c *checker) option(at string, v any, markup bool) {
	o, ok := v.(map[string]any)
	if !ok {
		c.fail(at, "is no option")
		return
	}
	c.text(at+"/text", o["text"], rule{most: 75, plain: !markup, required: true})
	c.text(at+"/description", o["description"], rule{most: 75, plain: !markup})
	value, ok := o["value"].(string)
	if n := utf8.RuneCountInString(value); !ok || n < 1 || n > 150 {
		c.fail(at+"/value", "1 to 150 characters, got %d", n)
	}
}

func (c *checker) typed(at string, e map[string]any) {
	most := 3000
	if v, ok := number(e, "max_length"); ok {
		if v < 1 || v > 3000 {
			c.fail(at+"/max_length", "1 to 3000, got %d", v)
		}
		most = v
	}
	least, _ := number(e, "min_length")
	if least < 0 || least > 3000 {
		c.fail(at+"/min_length", "0 to 3000, got %d", least)
	}
	n := utf8.RuneCountInString(str(e, "initial_value"))
	if n > most || n > 0 && n < least {
		c.fail(at+"/initial_value", "%d characters, allowed %d to %d", n, least, most)
	}
}

func number(m map[string]any, key string) (int, bool) {
	f, ok := m[key].(float64)
	return int(f), ok
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

// A part is something in a block that can be used, with its block.
type part struct {
	block, el map[string]any
}

// elements are the parts of a block that can be used.
func elements(block map[string]any) []part {
	var out []part
	add := func(v any) {
		if el, ok := v.(map[string]any); ok {
			out = append(out, part{block, el})
		}
	}
	switch str(block, "type") {
	case "section":
		add(block["accessory"])
	case "input":
		add(block["element"])
	case "actions":
		list, _ := block["elements"].([]any)
		for _, e := range list {
			add(e)
		}
	}
	return out
}

// parts are the parts of all blocks that can be used.
func parts(blocks []any) []part {
	var out []part
	for _, b := range blocks {
		if block, ok := b.(map[string]any); ok {
			out = append(out, elements(block)...)
		}
	}
	return out
}

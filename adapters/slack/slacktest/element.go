package slacktest

import (
	"encoding/json"
	"fmt"
	"slices"
	"unicode/utf8"
)

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

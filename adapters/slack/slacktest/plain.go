package slacktest

import (
	"fmt"
	"strings"
)

// Plain is m as plain text, with names of people and channels as ids.
func (m Message) Plain() string {
	var lines []string
	if len(m.Blocks) == 0 && m.Text != "" {
		lines = append(lines, readable(m.Text))
	}
	lines = append(lines, plain(m.Blocks, nil, nil)...)
	if m.File != nil {
		lines = append(lines, fmt.Sprintf("{file %s}", m.File.Name))
	}
	return strings.Join(lines, "\n")
}

// Plain is v as plain text.
func (v View) Plain() string {
	lines := plain(v.Blocks, v.values, v.Errors)
	var buttons []string
	for _, label := range []string{v.Close, v.Submit} {
		if label != "" {
			buttons = append(buttons, "["+label+"]")
		}
	}
	if len(buttons) > 0 {
		lines = append(lines, strings.Join(buttons, " "))
	}
	return strings.Join(lines, "\n")
}

// plain shows blocks; values and errors are those of a view.
func plain(blocks []any, values map[string]map[string]any, errs map[string]string) []string {
	var out []string
	for _, b := range blocks {
		block, ok := b.(map[string]any)
		if !ok {
			continue
		}
		out = append(out, plainBlock(block, values, errs)...)
	}
	return out
}

func plainBlock(b map[string]any, values map[string]map[string]any, errs map[string]string) []string {
	var out []string
	switch str(b, "type") {
	case "divider":
		return []string{"---"}
	case "header":
		return []string{"# " + words(b["text"])}
	case "section":
		if b["text"] != nil {
			out = append(out, spoken(b["text"]))
		}
		fields, _ := b["fields"].([]any)
		for _, f := range fields {
			out = append(out, "- "+spoken(f))
		}
	case "context":
		list, _ := b["elements"].([]any)
		for _, e := range list {
			if el, ok := e.(map[string]any); ok && str(el, "type") == "image" {
				out = append(out, "{image: "+str(el, "alt_text")+"}")
				continue
			}
			out = append(out, "~ "+spoken(e))
		}
	case "image":
		return []string{"{image: " + str(b, "alt_text") + "}"}
	case "input":
		label := words(b["label"])
		if optional, _ := b["optional"].(bool); optional {
			label += " (optional)"
		}
		out = append(out, label+":")
		if hint := words(b["hint"]); hint != "" {
			out = append(out, "  "+hint)
		}
		if problem := errs[str(b, "block_id")]; problem != "" {
			out = append(out, "  !! "+problem)
		}
	}
	var row []string
	for _, c := range elements(b) {
		row = append(row, control(c, values))
	}
	if len(row) > 0 {
		out = append(out, strings.Join(row, " "))
	}
	return out
}

// control shows something that can be pressed, picked or filled in.
func control(c part, values map[string]map[string]any) string {
	e := c.el
	state, _ := values[str(c.block, "block_id")][str(e, "action_id")].(map[string]any)
	if state == nil {
		state, _ = initial(e).(map[string]any)
	}
	switch kind := str(e, "type"); kind {
	case "button":
		return "[" + words(e["text"]) + "]"
	case "image":
		return "{image: " + str(e, "alt_text") + "}"
	case "plain_text_input", "number_input", "email_text_input", "url_text_input":
		if v := str(state, "value"); v != "" {
			return "  " + v
		}
		if hint := words(e["placeholder"]); hint != "" {
			return "  ____ (" + hint + ")"
		}
		return "  ____"
	case "static_select", "radio_buttons", "checkboxes", "multi_static_select", "overflow":
		return menu(e, state)
	default:
		for k, v := range state {
			if picked, ok := v.(string); ok && k != "type" {
				return "(" + words(e["placeholder"]) + ": " + picked + ")"
			}
		}
		return "(" + words(e["placeholder"]) + ")"
	}
}

// menu shows a menu, * before what is picked.
func menu(e, state map[string]any) string {
	picked := map[string]bool{}
	if o, ok := state["selected_option"].(map[string]any); ok {
		picked[words(o["text"])] = true
	}
	list, _ := state["selected_options"].([]any)
	for _, o := range list {
		if one, ok := o.(map[string]any); ok {
			picked[words(one["text"])] = true
		}
	}
	var labels []string
	for _, o := range optionsOf(e) {
		label := words(o["text"])
		if picked[label] {
			label = "*" + label
		}
		labels = append(labels, label)
	}
	head := words(e["placeholder"])
	if head != "" {
		head += ": "
	}
	return "(" + head + strings.Join(labels, " | ") + ")"
}

// spoken is a text object as people read it, with *bold* and _italic_ as
// written.
func spoken(v any) string {
	t, _ := v.(map[string]any)
	if str(t, "type") == "mrkdwn" {
		return readable(str(t, "text"))
	}
	return str(t, "text")
}

// Buttons are the labels of the buttons, in order.
func (m Message) Buttons() []string { return buttons(m.Blocks) }

// Buttons are the labels of the buttons, in order, without Submit and Close.
func (v View) Buttons() []string { return buttons(v.Blocks) }

func buttons(blocks []any) []string {
	var out []string
	for _, c := range parts(blocks) {
		if str(c.el, "type") == "button" {
			out = append(out, words(c.el["text"]))
		}
	}
	return out
}

// Options are the labels of all options of all menus, in order.
func (m Message) Options() []string { return labels(m.Blocks) }

// Options are the labels of all options of all menus, in order.
func (v View) Options() []string { return labels(v.Blocks) }

func labels(blocks []any) []string {
	var out []string
	for _, c := range parts(blocks) {
		for _, o := range optionsOf(c.el) {
			out = append(out, words(o["text"]))
		}
	}
	return out
}

// Inputs are the labels of the inputs, in order.
func (v View) Inputs() []string {
	var out []string
	for _, c := range parts(v.Blocks) {
		if str(c.block, "type") == "input" {
			out = append(out, words(c.block["label"]))
		}
	}
	return out
}

package slacktest

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// What happened, for the timeline.
type happening int

const (
	did happening = iota
	posted
	edited
	deleted
	opened
	updated
	shut
	failed
)

// An entry is one thing that somebody saw or did.
type entry struct {
	kind    happening
	user    string
	place   string
	words   string
	message Message
	view    View
}

// tell adds to the timeline. s.mu is held.
func (s *Slack) tell(e entry) { s.timeline = append(s.timeline, e) }

// Transcript is all that people did and saw, in order, as plain text for
// golden files: [Buttons], (Menus: options), ____ for what can be filled in.
// It holds no times and no generated names.
func (s *Slack) Transcript() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var b strings.Builder
	for _, e := range s.timeline {
		b.WriteString(s.line(e))
		b.WriteString("\n")
	}
	return b.String()
}

// line is one entry of the transcript. s.mu is held.
func (s *Slack) line(e entry) string {
	who := s.called(e.user)
	switch e.kind {
	case did:
		return fmt.Sprintf("> %s, in %s: %s\n", who, s.place(e.place), indent(e.words, "    ", false))
	case failed:
		return fmt.Sprintf("! Slack to %s: %s\n", who, e.words)
	case deleted:
		return fmt.Sprintf("- %s takes its message away, in %s%s\n", s.set.App, s.place(e.message.Channel), s.only(e.message))
	case shut:
		return fmt.Sprintf("- the window %q of %s closes\n", e.view.Title, who)
	case opened:
		return fmt.Sprintf("= a window opens for %s: %s\n%s", who, e.view.Title, indent(s.names(e.view.Plain()), "    ", true))
	case updated:
		if e.view.Type == string(onHome) {
			return fmt.Sprintf("= Home of %s:\n%s", who, indent(s.names(e.view.Plain()), "    ", true))
		}
		return fmt.Sprintf("= the window of %s is now: %s\n%s", who, e.view.Title, indent(s.names(e.view.Plain()), "    ", true))
	}
	verb := ""
	if e.kind == edited {
		verb = " changes its message"
	}
	return fmt.Sprintf("< %s%s, in %s%s:\n%s", s.set.App, verb, s.place(e.message.Channel), s.only(e.message), indent(s.names(e.message.Plain()), "    ", true))
}

// only says who alone sees m. s.mu is held.
func (s *Slack) only(m Message) string {
	if m.For == "" {
		return ""
	}
	return fmt.Sprintf(" (only %s sees this)", s.called(m.For))
}

func indent(t, by string, first bool) string {
	lines := strings.Split(strings.TrimRight(t, "\n"), "\n")
	for i, l := range lines {
		if (i > 0 || first) && l != "" {
			lines[i] = by + l
		}
	}
	out := strings.Join(lines, "\n")
	if first {
		out += "\n"
	}
	return out
}

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

// readable undoes escaping: links and mentions as people see them.
func readable(mrkdwn string) string {
	out := markup.ReplaceAllStringFunc(mrkdwn, func(m string) string {
		inner := m[1 : len(m)-1]
		target, label, has := strings.Cut(inner, "|")
		switch {
		case strings.HasPrefix(target, "!date^") && has:
			return label
		case strings.HasPrefix(target, "!"), strings.HasPrefix(target, "@"):
			return "@" + target[1:]
		case has:
			return label
		}
		return target
	})
	return unescape(out)
}

// markup is a link or mention of mrkdwn.
var markup = regexp.MustCompile(`<[^<>]*>`)

func unescape(t string) string {
	return strings.NewReplacer("&lt;", "<", "&gt;", ">", "&amp;", "&").Replace(t)
}

// names puts names in place of the ids in a plain text. s.mu is held.
func (s *Slack) names(plain string) string {
	for _, u := range s.set.Users {
		plain = strings.ReplaceAll(plain, "@"+u.ID, "@"+u.Name)
	}
	for _, c := range s.set.Channels {
		plain = strings.ReplaceAll(plain, c.ID, "#"+c.Name)
	}
	return strings.ReplaceAll(plain, "##", "#")
}

// pings are whom a message mentions.
func pings(text string, blocks []any) []string {
	var out []string
	find := func(mrkdwn string) {
		for _, m := range markup.FindAllString(mrkdwn, -1) {
			inner, _, _ := strings.Cut(m[1:len(m)-1], "|")
			if strings.HasPrefix(inner, "@") {
				out = append(out, inner[1:])
			}
			if strings.HasPrefix(inner, "!") && !strings.HasPrefix(inner, "!date^") {
				out = append(out, inner)
			}
		}
	}
	find(text)
	var walk func(v any)
	walk = func(v any) {
		switch one := v.(type) {
		case []any:
			for _, e := range one {
				walk(e)
			}
		case map[string]any:
			if str(one, "type") == "mrkdwn" {
				find(str(one, "text"))
			}
			for _, e := range one {
				walk(e)
			}
		}
	}
	walk(blocks)
	slices.Sort(out)
	return slices.Compact(out)
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

package discordtest

import (
	"slices"
	"strings"
)

// A reader makes plain text of what Discord shows.
type reader struct{ say func(markdown string) string }

// Plain is m as plain text as people see it: names of people and channels as
// ids, times in UTC.
func (m Message) Plain() string { return plainMessage(&m, reader{readable}) }

// Plain is m as plain text.
func (m Modal) Plain() string {
	r := reader{readable}
	lines := r.components(m.Components, m.values)
	if m.Error != "" {
		lines = append(lines, "!! "+m.Error)
	}
	return strings.Join(append(lines, "[Cancel] [Submit]"), "\n")
}

// seenAs is m as somebody sees it: with names, and times in their zone; "" is
// nobody in UTC. d.mu is held.
func (d *Discord) seenAs(viewer string, m *Message) string {
	return plainMessage(m, reader{func(markdown string) string { return d.eyes(viewer).plain(markdown) }})
}

func plainMessage(m *Message, r reader) string {
	var lines []string
	if m.Content != "" {
		lines = append(lines, r.say(m.Content))
	}
	for _, e := range m.Embeds {
		lines = append(lines, r.embed(e)...)
	}
	lines = append(lines, r.components(m.Components, nil)...)
	for _, f := range m.Attachments {
		if m.Flags&ComponentsV2 == 0 {
			lines = append(lines, "{file: "+strings.TrimSpace(f.Filename+" "+f.Description)+"}")
		}
	}
	return strings.Join(lines, "\n")
}

func (r reader) embed(e map[string]any) []string {
	var lines []string
	for _, t := range []string{str(obj(e, "author"), "name"), str(e, "title"), str(e, "description")} {
		if t != "" {
			lines = append(lines, r.say(t))
		}
	}
	for _, f := range objs(e, "fields") {
		lines = append(lines, r.say(str(f, "name"))+": "+r.say(str(f, "value")))
	}
	if t := str(obj(e, "footer"), "text"); t != "" {
		lines = append(lines, "~ "+t)
	}
	return lines
}

func (r reader) components(list []map[string]any, values map[string][]string) []string {
	var out []string
	for _, c := range list {
		out = append(out, r.component(c, values)...)
	}
	return out
}

func (r reader) component(c map[string]any, values map[string][]string) []string {
	switch num(c, "type") {
	case typeText:
		return []string{r.say(str(c, "content"))}
	case typeContainer:
		return r.components(objs(c, "components"), values)
	case typeSection:
		return append(r.components(objs(c, "components"), values), r.component(obj(c, "accessory"), values)...)
	case typeSeparator:
		if line, ok := c["divider"].(bool); ok && !line {
			return []string{""}
		}
		return []string{"---"}
	case typeGallery:
		var out []string
		for _, item := range objs(c, "items") {
			out = append(out, "{image: "+str(item, "description")+"}")
		}
		return out
	case typeThumbnail:
		return []string{"{image: " + str(c, "description") + "}"}
	case typeFile:
		return []string{"{file: " + strings.TrimPrefix(str(obj(c, "file"), "url"), "attachment://") + "}"}
	case typeLabel:
		return r.label(c, values)
	case typeRow:
		if one := objs(c, "components"); len(one) == 1 && num(one[0], "type") == typeInput {
			return []string{str(one[0], "label") + ": " + control(one[0], values)}
		}
		return []string{row(objs(c, "components"), values)}
	case typeButton:
		return []string{control(c, values)}
	}
	return nil
}

func (r reader) label(c map[string]any, values map[string][]string) []string {
	e := obj(c, "component")
	title := str(c, "label")
	if required, ok := e["required"].(bool); ok && !required {
		title += " (optional)"
	}
	out := []string{title + ":"}
	if t := str(c, "description"); t != "" {
		out = append(out, "  "+t)
	}
	return append(out, "  "+control(e, values))
}

func row(list []map[string]any, values map[string][]string) string {
	var out []string
	for _, c := range list {
		out = append(out, control(c, values))
	}
	return strings.Join(out, " ")
}

// control is something to use.
func control(c map[string]any, values map[string][]string) string {
	held, known := values[str(c, "custom_id")]
	if !known {
		held = initial(c)
	}
	switch num(c, "type") {
	case typeButton:
		if off, _ := c["disabled"].(bool); off {
			return "[" + labelOf(c) + ", disabled]"
		}
		return "[" + labelOf(c) + "]"
	case typeInput:
		if len(held) > 0 {
			return strings.ReplaceAll(held[0], "\n", "\n  ")
		}
		return strings.TrimSpace("____ " + str(c, "placeholder"))
	case typeBox:
		return mark(len(held) > 0) + " yes"
	}
	var labels []string
	for _, o := range objs(c, "options") {
		label := str(o, "label")
		if slices.Contains(held, str(o, "value")) {
			label = "*" + label
		}
		labels = append(labels, label)
	}
	if len(labels) == 0 {
		labels = held
	}
	shown := strings.Join(labels, " | ")
	if p := str(c, "placeholder"); p != "" && shown != "" {
		shown = p + ": " + shown
	} else if p != "" {
		shown = p
	}
	return "(" + shown + ")"
}

func mark(on bool) string {
	if on {
		return "[x]"
	}
	return "[ ]"
}

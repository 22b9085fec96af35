package discordtest

import (
	"slices"
	"strings"
)

// A Surface is something with buttons: a [Message].
type Surface interface{ message() Message }

func (m Message) message() Message { return m }

// find is the newest message p sees that has a component that match knows, or
// the one given, as it is now; as it was given where it is gone, like a button
// pressed on a message from long ago. d.mu is held.
func (p *Person) find(on Surface, match func(map[string]any) bool) (*Message, map[string]any) {
	var list []*Message
	for _, m := range slices.Backward(p.d.messages) {
		if m.Channel == p.place && p.visible(m) && on == nil {
			list = append(list, m)
		}
	}
	if on != nil {
		old := on.message()
		if !p.d.within(p.id, old.Channel) || old.For != "" && old.For != p.id {
			return nil, nil
		}
		list = append(list, &old)
		if now := p.d.byID[old.ID]; now != nil {
			list[0] = now
		}
	}
	for _, m := range list {
		for _, c := range every(m.Components, typeButton, typeSelect, typeUsers, typeRoles, typeMentionable, typeChannels) {
			if disabled, _ := c["disabled"].(bool); !disabled && match(c) {
				return m, c
			}
		}
	}
	return nil, nil
}

// Press presses the button with that label on a message; on the newest that p
// sees and that has it where on is nil.
func (p *Person) Press(on Surface, label string) Answer {
	p.d.t.Helper()
	return p.use(on, label, nil, func(c map[string]any) bool {
		return num(c, "type") == typeButton && labelOf(c) == label
	})
}

// Pick picks options by their labels from a menu: the one with that placeholder,
// or any that has them where placeholder is "". In a menu of channels or people,
// labels are names.
func (p *Person) Pick(on Surface, placeholder string, labels ...string) Answer {
	p.d.t.Helper()
	return p.use(on, strings.Join(labels, ", "), labels, func(c map[string]any) bool {
		if num(c, "type") == typeButton || placeholder != "" && str(c, "placeholder") != placeholder {
			return false
		}
		_, problem := p.choose(c, labels)
		return problem == ""
	})
}

// labelOf is what a button shows.
func labelOf(c map[string]any) string {
	return strings.TrimSpace(str(obj(c, "emoji"), "name") + " " + str(c, "label"))
}

// use finds a component by match, and uses it.
func (p *Person) use(on Surface, label string, picked []string, match func(map[string]any) bool) Answer {
	d := p.d
	d.t.Helper()
	d.mu.Lock()
	m, c := p.find(on, match)
	if c == nil {
		d.mu.Unlock()
		d.t.Fatalf("discordtest: %s sees no [%s] there\n%s", d.calledNow(p.id), label, d.Transcript())
	}
	place := p.place
	p.place = m.Channel
	p.start("presses [%s]", label)
	data := map[string]any{"custom_id": c["custom_id"], "component_type": c["type"], "id": c["id"]}
	if num(c, "type") != typeButton {
		values, _ := p.choose(c, picked)
		data["values"] = anyTexts(values)
		if r := p.resolved(c, values); r != nil {
			data["resolved"] = r
		}
	}
	if num(c, "style") == styleLink {
		p.place = place
		d.mu.Unlock()
		return Answer{}
	}
	it := p.interact(kindUse, data)
	it.source = m
	d.inherit(it, m)
	it.Payload["message"] = d.messageJSON(m)
	p.place = place
	d.mu.Unlock()
	return p.send(it, "["+label+"]", noUse)
}

// choose is what a menu sends for labels; with the reason where it cannot be.
// d.mu is held.
func (p *Person) choose(c map[string]any, labels []string) ([]string, string) {
	var out []string
	for _, label := range labels {
		v := p.valueFor(c, label)
		if v == "" {
			return nil, sprint("there is no %q", label)
		}
		out = append(out, v)
	}
	least, most := 1, 1
	if c["min_values"] != nil {
		least = num(c, "min_values")
	}
	if c["max_values"] != nil {
		most = num(c, "max_values")
	}
	switch num(c, "type") {
	case typeBoxes:
		most = 10
		if c["max_values"] != nil {
			most = num(c, "max_values")
		}
	case typeRadio, typeBox:
		least, most = 0, 1
	}
	if len(out) < least || len(out) > most {
		return nil, sprint("choose %d to %d", least, most)
	}
	return out, ""
}

// valueFor is what a menu sends for one label; "" where it has none such. d.mu
// is held.
func (p *Person) valueFor(c map[string]any, label string) string {
	switch num(c, "type") {
	case typeSelect, typeRadio, typeBoxes:
		for _, o := range objs(c, "options") {
			if str(o, "label") == label {
				return str(o, "value")
			}
		}
	case typeChannels:
		here, _ := p.d.channel(p.place)
		if g, ch := p.d.channelIn(here, label); ch != nil && sees(g, ch, p.d.user(p.id)) && kindFits(c, ch) {
			return ch.ID
		}
	case typeUsers, typeMentionable:
		if u := p.d.user(strings.TrimPrefix(label, "@")); u != nil {
			return u.ID
		}
	}
	return ""
}

// channelIn finds a channel of a server, by name or id. d.mu is held.
func (d *Discord) channelIn(g *Guild, name string) (*Guild, *Channel) {
	if g == nil {
		return nil, nil
	}
	name = strings.TrimPrefix(name, "#")
	for i := range g.Channels {
		if c := &g.Channels[i]; !c.Deleted && (c.ID == name || c.Name == name) {
			return g, c
		}
	}
	return nil, nil
}

func kindFits(c map[string]any, ch *Channel) bool {
	kinds := arr(c, "channel_types")
	return len(kinds) == 0 || slices.Contains(kinds, any(float64(ch.Kind)))
}

// resolved tells of what the ids in values name; nil where they name nothing.
// d.mu is held.
func (p *Person) resolved(c map[string]any, values []string) map[string]any {
	out := map[string]any{}
	put := func(key, id string, v any) {
		if out[key] == nil {
			out[key] = map[string]any{}
		}
		out[key].(map[string]any)[id] = v
	}
	for _, id := range values {
		switch num(c, "type") {
		case typeChannels:
			if g, ch := p.d.channel(id); ch != nil {
				one := p.d.channelJSON(g, ch)
				one["permissions"] = rights(g, p.d.user(p.id)).String()
				put("channels", id, one)
			}
		case typeUsers, typeMentionable:
			if u := p.d.user(id); u != nil {
				put("users", id, userJSON(u))
			}
		}
	}
	if len(out) == 0 {
		return nil
	}
	return out
}

func anyTexts(list []string) []any {
	out := []any{}
	for _, v := range list {
		out = append(out, v)
	}
	return out
}

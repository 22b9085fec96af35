package discordtest

import (
	"maps"
	"slices"
	"strings"
)

// An input is something of a form that can be filled in, with its label.
type input struct {
	outer, el map[string]any
}

// label is what stands over the input.
func (i input) label() string {
	if num(i.outer, "type") == typeLabel {
		return str(i.outer, "label")
	}
	return str(i.el, "label")
}

// inputsOf are the inputs of a form.
func inputsOf(list []map[string]any) []input {
	var out []input
	for _, o := range list {
		if one := obj(o, "component"); one != nil {
			out = append(out, input{o, one})
		}
		for _, one := range objs(o, "components") {
			out = append(out, input{o, one})
		}
	}
	return out
}

// initial is what an input holds at first.
func initial(e map[string]any) []string {
	switch num(e, "type") {
	case typeInput:
		if v := str(e, "value"); v != "" {
			return []string{v}
		}
	case typeBox:
		if on, _ := e["default"].(bool); on {
			return []string{"true"}
		}
	}
	var out []string
	for _, o := range objs(e, "options") {
		if on, _ := o["default"].(bool); on {
			out = append(out, str(o, "value"))
		}
	}
	for _, o := range objs(e, "default_values") {
		out = append(out, str(o, "id"))
	}
	return out
}

func (m *Modal) copy() Modal {
	out := *m
	out.Components = cloneAll(m.Components)
	out.values = maps.Clone(m.values)
	return out
}

// Submit fills in a form and sends it. values are by label: a text, or the
// labels of what is chosen with line breaks between ("true" and "" for a single
// box); what is not named stays as it is. What Discord's client itself keeps back
// is told as an error, and not sent.
func (p *Person) Submit(on Modal, values map[string]string) Answer {
	p.d.t.Helper()
	d := p.d
	d.mu.Lock()
	m := d.modals[on.ID]
	if m == nil || d.open[p.id] != m {
		d.mu.Unlock()
		d.t.Fatalf("discordtest: %s has no form %q open\n%s", d.calledNow(p.id), on.Title, d.Transcript())
	}
	p.start("fills in %q and sends it%s", m.Title, told(values))
	for label := range values {
		if !slices.ContainsFunc(inputsOf(m.Components), func(i input) bool { return i.label() == label }) {
			d.mu.Unlock()
			d.t.Fatalf("discordtest: %q has no %q\n%s", on.Title, label, d.Transcript())
		}
	}
	if problem := p.fill(m, values); problem != "" {
		m.Error = problem
		p.told(m.Title, problem)
		d.mu.Unlock()
		return Answer{Error: problem}
	}
	m.Error = ""
	it := p.submission(m)
	d.mu.Unlock()
	a := p.send(it, m.Title, noSubmit)
	d.mu.Lock()
	defer d.mu.Unlock()
	if a.Error != "" {
		m.Error = a.Error
		return a
	}
	if d.open[p.id] == m {
		delete(d.open, p.id)
	}
	return a
}

// told is what was filled in, for the transcript.
func told(values map[string]string) string {
	var b strings.Builder
	for _, label := range slices.Sorted(maps.Keys(values)) {
		b.WriteString(strings.TrimRight("\n"+label+": "+strings.ReplaceAll(values[label], "\n", " | "), " "))
	}
	return b.String()
}

// fill fills in a form, and says what Discord's client has against it. d.mu is
// held.
func (p *Person) fill(m *Modal, values map[string]string) string {
	for _, i := range inputsOf(m.Components) {
		id := str(i.el, "custom_id")
		value, named := values[i.label()]
		if named {
			list, problem := p.entered(i.el, value)
			if problem != "" {
				return i.label() + ": " + problem
			}
			m.values[id] = list
		}
		if problem := lacking(i.el, m.values[id]); problem != "" {
			return i.label() + ": " + problem
		}
	}
	return ""
}

// entered is what an input holds once value is put in. d.mu is held.
func (p *Person) entered(e map[string]any, value string) ([]string, string) {
	if value == "" {
		return nil, ""
	}
	switch num(e, "type") {
	case typeInput:
		return []string{value}, ""
	case typeBox:
		return []string{"true"}, ""
	}
	return p.choose(e, strings.Split(value, "\n"))
}

// lacking says what an input still lacks.
func lacking(e map[string]any, list []string) string {
	required := num(e, "type") != typeBox
	if v, ok := e["required"].(bool); ok {
		required = v
	}
	if num(e, "type") == typeInput {
		typed := strings.Join(list, "")
		most := maxTyped
		if e["max_length"] != nil {
			most = num(e, "max_length")
		}
		switch n := runes(typed); {
		case required && strings.TrimSpace(typed) == "":
			return stillEmpty
		case n > most:
			return sprint("Must be %d or fewer in length", most)
		case n > 0 && n < num(e, "min_length"):
			return sprint("Must be at least %d in length", num(e, "min_length"))
		}
		return ""
	}
	if required && len(list) == 0 {
		return stillEmpty
	}
	return ""
}

// submission is a form as it is sent. d.mu is held.
func (p *Person) submission(m *Modal) *Interaction {
	resolved := map[string]any{}
	list := []any{}
	for _, o := range m.Components {
		one := map[string]any{"type": o["type"], "id": o["id"]}
		if el := obj(o, "component"); el != nil {
			one["component"] = p.sent(m, el, resolved)
		}
		var inner []any
		for _, el := range objs(o, "components") {
			inner = append(inner, p.sent(m, el, resolved))
		}
		if inner != nil {
			one["components"] = inner
		}
		list = append(list, one)
	}
	data := map[string]any{"custom_id": m.CustomID, "components": list}
	if len(resolved) > 0 {
		data["resolved"] = resolved
	}
	place := p.place
	p.place = m.from.Channel
	it := p.interact(kindSubmit, data)
	p.place = place
	it.source, it.modal = m.source, m
	p.d.inherit(it, m.source)
	if it.source != nil {
		it.Payload["message"] = p.d.messageJSON(it.source)
	}
	return it
}

// sent is one input as it is sent. d.mu is held.
func (p *Person) sent(m *Modal, e map[string]any, resolved map[string]any) map[string]any {
	list := m.values[str(e, "custom_id")]
	out := map[string]any{"type": e["type"], "id": e["id"], "custom_id": e["custom_id"]}
	switch num(e, "type") {
	case typeInput:
		out["value"] = strings.Join(list, "")
	case typeBox:
		out["value"] = len(list) > 0
	case typeRadio:
		out["value"] = nil
		if len(list) > 0 {
			out["value"] = list[0]
		}
	default:
		out["values"] = anyTexts(list)
	}
	for kind, of := range p.resolved(e, list) {
		if resolved[kind] == nil {
			resolved[kind] = map[string]any{}
		}
		maps.Copy(resolved[kind].(map[string]any), of.(map[string]any))
	}
	return out
}

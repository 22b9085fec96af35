package discordtest

import (
	"net/http"
	"slices"
	"unicode/utf8"
)

// callback takes the first answer to an interaction.
func (d *Discord) callback(a *ask) (reply, *refusal) {
	it := d.interactions[a.path("interaction")]
	if it == nil || it.Token != a.path("token") {
		return reply{}, no(unknownInteraction)
	}
	shown, refused := d.answer(a.route.name(), it, a.args, a.files)
	if refused != nil {
		return reply{}, refused
	}
	if a.r.URL.Query().Get("with_response") != "true" {
		return reply{status: http.StatusNoContent}, nil
	}
	out := map[string]any{"interaction": map[string]any{
		"id": it.ID, "type": it.Kind, "response_message_loading": it.Answer == answerLater, "response_message_ephemeral": it.hidden,
	}}
	resource := map[string]any{"type": it.Answer}
	if shown != nil {
		out["interaction"].(map[string]any)["response_message_id"] = shown.ID
		resource["message"] = d.messageJSON(shown)
	}
	out["resource"] = resource
	return reply{body: out}, nil
}

// answer takes the first answer to an interaction, whichever way it came, and
// returns the message that it shows. d.mu is held.
func (d *Discord) answer(where string, it *Interaction, args map[string]any, files []Attachment) (*Message, *refusal) {
	if it.Answer != 0 {
		it.Doubles++
		return nil, no(alreadyAnswered)
	}
	if d.age(it.made) > d.set.AckTime {
		it.Late++
		return nil, no(unknownInteraction)
	}
	kind := num(args, "type")
	if p := misplaced(it, kind); p != nil {
		d.violate(where, p.String())
		return nil, wrong(*p)
	}
	data := cloneObj(obj(args, "data"))
	switch kind {
	case answerMessage:
		return d.answerWith(where, it, data, files)
	case answerLater:
		return d.answerLater(where, it, data)
	case answerUpdate:
		return d.answerUpdate(where, it, data, files)
	case answerNothing:
		it.original = it.source
		d.fulfil(it, kind)
		return nil, nil
	case answerChoices:
		return nil, d.answerChoices(where, it, data)
	}
	return nil, d.answerModal(where, it, data)
}

// misplaced says why an interaction cannot be answered so; nil if it can.
func misplaced(it *Interaction, kind int) *problem {
	fitting := []int{answerMessage, answerLater}
	switch it.Kind {
	case kindCommand:
		fitting = append(fitting, answerModal)
	case kindUse:
		fitting = append(fitting, answerModal, answerUpdate, answerNothing)
	case kindComplete:
		fitting = []int{answerChoices}
	case kindSubmit:
		if it.source != nil {
			fitting = append(fitting, answerUpdate, answerNothing)
		}
	}
	if slices.Contains(fitting, kind) {
		return nil
	}
	return &problem{"type", "INTERACTION_RESPONSE_TYPE_INVALID", sprint("An answer of type %d is not for an interaction of type %d", kind, it.Kind)}
}

func (d *Discord) answerWith(where string, it *Interaction, data map[string]any, files []Attachment) (*Message, *refusal) {
	m, refused := d.content(sayable{where: where, args: data, files: files})
	if refused != nil {
		return nil, refused
	}
	it.hidden = m.Flags&Ephemeral != 0
	it.original = d.show(it, m)
	d.fulfil(it, answerMessage)
	return it.original, nil
}

// show puts an answer where it belongs. d.mu is held.
func (d *Discord) show(it *Interaction, m Message) *Message {
	m.Channel, m.Interaction = it.Channel, it.ID
	if m.Flags&Ephemeral != 0 {
		m.For = it.User
	}
	return d.post(m)
}

func (d *Discord) answerLater(where string, it *Interaction, data map[string]any) (*Message, *refusal) {
	for k, v := range data {
		list, ok := v.([]any)
		if k != "flags" && v != "" && v != false && (!ok || len(list) > 0) {
			d.violate(where, sprint("a deferred answer carries %q, which is dropped", k))
		}
	}
	if extra := num(data, "flags") &^ Ephemeral; extra != 0 {
		d.violate(where, sprint("a deferred answer carries the flags %d; it may carry %d alone", extra, Ephemeral))
	}
	m := Message{Flags: num(data, "flags") & Ephemeral, Thinking: true, Via: where}
	it.hidden = m.Flags&Ephemeral != 0
	it.original = d.show(it, m)
	d.fulfil(it, answerLater)
	return it.original, nil
}

func (d *Discord) answerUpdate(where string, it *Interaction, data map[string]any, files []Attachment) (*Message, *refusal) {
	if it.source == nil || it.source.Deleted {
		return nil, no(unknownMessage)
	}
	next, refused := d.content(sayable{where: where, args: data, files: files, old: it.source})
	if refused != nil {
		return nil, refused
	}
	it.original = it.source
	d.change(it.source, next)
	d.fulfil(it, answerUpdate)
	return it.source, nil
}

func (d *Discord) answerChoices(where string, it *Interaction, data map[string]any) *refusal {
	c := new(checker)
	list := objs(data, "choices")
	if _, ok := data["choices"]; !ok {
		c.fail("data.choices", "BASE_TYPE_REQUIRED", "This field is required")
	}
	c.atMost("data.choices", len(list), 25, "in length")
	for i, o := range list {
		at := sprint("data.choices.%d", i)
		c.length(at+".name", o["name"], 1, 100)
		value, ok := o["value"].(string)
		if n := utf8.RuneCountInString(value); ok && (n < 1 || n > 100) {
			c.length(at+".value", o["value"], 1, 100)
		}
		it.choices = append(it.choices, Choice{Name: str(o, "name"), Value: value})
	}
	if len(c.wrong) > 0 {
		d.refuse(where, c.wrong)
		it.choices = nil
		return wrong(c.wrong...)
	}
	d.fulfil(it, answerChoices)
	return nil
}

func (d *Discord) answerModal(where string, it *Interaction, data map[string]any) *refusal {
	c := checkModal(data)
	d.advise(where, c.unwise)
	if len(c.wrong) > 0 {
		d.refuse(where, c.wrong)
		return wrong(c.wrong...)
	}
	m := &Modal{
		ID: d.id(), User: it.User, Title: str(data, "title"), CustomID: str(data, "custom_id"), source: it.source, from: it,
		Components: numbered(objs(data, "components")), values: map[string][]string{},
	}
	for _, e := range inputsOf(m.Components) {
		m.values[str(e.el, "custom_id")] = initial(e.el)
	}
	d.modals[m.ID], d.open[it.User] = m, m
	d.fulfil(it, answerModal)
	d.tell(entry{kind: opened, user: it.User, modal: m.copy()})
	d.touch()
	return nil
}

func cloneObj(m map[string]any) map[string]any {
	out, _ := clone(m).(map[string]any)
	if out == nil {
		out = map[string]any{}
	}
	return out
}

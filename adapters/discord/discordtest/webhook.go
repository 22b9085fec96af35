package discordtest

import "net/http"

// byPath is the interaction whose token a path holds, while it is good.
// d.mu is held.
func (d *Discord) byPath(a *ask) (*Interaction, *refusal) {
	it := d.byToken[a.path("token")]
	switch {
	case a.path("app") != App || it == nil:
		return nil, no(unknownWebhook)
	case d.expired(it):
		return nil, no(invalidToken)
	case it.Answer == 0:
		return nil, no(unknownWebhook)
	}
	return it, nil
}

// answered is the message that a path names. d.mu is held.
func (d *Discord) answered(a *ask) (*Interaction, *Message, *refusal) {
	it, refused := d.byPath(a)
	if refused != nil {
		return nil, nil, refused
	}
	m := it.original
	if id := a.path("message"); id != "@original" {
		m = d.byID[id]
		if m != nil && m.Interaction != it.ID && m != it.original {
			m = nil
		}
	}
	if m == nil || m.Deleted {
		return it, nil, no(unknownMessage)
	}
	return it, m, nil
}

func (d *Discord) getAnswer(a *ask) (reply, *refusal) {
	_, m, refused := d.answered(a)
	if refused != nil {
		return reply{}, refused
	}
	return reply{body: d.messageJSON(m)}, nil
}

func (d *Discord) editAnswer(a *ask) (reply, *refusal) {
	_, m, refused := d.answered(a)
	if refused != nil {
		return reply{}, refused
	}
	next, refused := d.content(sayable{where: a.route.name(), args: a.args, files: a.files, old: m})
	if refused != nil {
		return reply{}, refused
	}
	d.change(m, next)
	return reply{body: d.messageJSON(m)}, nil
}

func (d *Discord) deleteAnswer(a *ask) (reply, *refusal) {
	_, m, refused := d.answered(a)
	if refused != nil {
		return reply{}, refused
	}
	d.remove(m)
	return reply{status: http.StatusNoContent}, nil
}

// maxFollowUps is how many follow-ups an app that only its user installed may
// send.
const maxFollowUps = 5

// followUp posts beside the first answer; the first after a deferred one takes
// its place.
func (d *Discord) followUp(a *ask) (reply, *refusal) {
	it, refused := d.byPath(a)
	if refused != nil {
		return reply{}, refused
	}
	if it.Answer == answerChoices {
		return reply{}, no(unknownWebhook)
	}
	waiting := it.original != nil && it.original.Thinking
	if it.userOnly && !waiting && it.FollowUps >= maxFollowUps {
		d.violate(a.route.name(), "more than 5 follow-ups where only the user installed the app")
		return reply{}, no(fiveFollowUps)
	}
	m, refused := d.content(sayable{where: a.route.name(), args: a.args, files: a.files})
	if refused != nil {
		return reply{}, refused
	}
	if first := it.original; first != nil && first.Thinking {
		d.violate(a.route.name(), "a follow-up takes the place of a deferred answer: deprecated, edit @original")
		hidden := first.Flags & Ephemeral
		m.ID, m.Channel, m.For, m.Interaction, m.At, m.at = first.ID, first.Channel, first.For, it.ID, first.At, first.at
		m.Thinking, m.Flags = true, m.Flags&^Ephemeral|hidden
		m.says = first.says
		d.change(first, m)
		return reply{body: d.messageJSON(first)}, nil
	}
	it.FollowUps++
	return reply{body: d.messageJSON(d.show(it, m))}, nil
}

package discordtest

import (
	"slices"
	"strings"
	"time"
)

// nonced is a message and when its nonce was used.
type nonced struct {
	message *Message
	at      moment
}

// nonceLife is how long a nonce is remembered: "the past few minutes".
const nonceLife = 2 * time.Minute

func (d *Discord) postMessage(a *ask) (reply, *refusal) {
	id := a.path("channel")
	if refused := d.mayPost(id, len(a.files) > 0); refused != nil {
		return reply{}, refused
	}
	if num(a.args, "flags")&Ephemeral != 0 {
		d.violate(a.route.name(), "ephemeral is for answers to interactions alone")
	}
	enforced, _ := a.args["enforce_nonce"].(bool)
	m, refused := d.content(sayable{where: a.route.name(), args: a.args, files: a.files})
	if refused != nil {
		return reply{}, refused
	}
	m.Flags &^= Ephemeral
	m.Channel = id
	key := id + " " + m.Nonce
	if enforced && m.Nonce == "" {
		d.violate(a.route.name(), "enforce_nonce without a nonce")
	}
	if first, ok := d.nonces[key]; ok && enforced && d.age(first.at) < nonceLife {
		return reply{body: d.messageJSON(first.message)}, nil
	}
	posted := d.post(m)
	if posted.Nonce != "" {
		d.nonces[key] = nonced{posted, d.moment()}
	}
	return reply{body: d.messageJSON(posted)}, nil
}

// mayPost tells whether the app may post in a channel or conversation. d.mu is
// held.
func (d *Discord) mayPost(id string, files bool) *refusal {
	if u := d.user(d.partners[id]); u != nil {
		if u.Closed || !d.acquainted(u) {
			return no(closedToUs)
		}
		return nil
	}
	g, c := d.channel(id)
	switch {
	case c == nil || c.ID != id:
		return no(unknownChannel)
	case !d.allowed(g, c).has(ViewChannel):
		return no(missingAccess)
	case !d.allowed(g, c).has(SendMessages), files && !d.allowed(g, c).has(AttachFiles):
		return no(missingPermission)
	}
	return nil
}

// acquainted tells whether somebody can be written to at all: they share a
// server with the app, or have installed it for themselves. d.mu is held.
func (d *Discord) acquainted(u *User) bool {
	return u.Installed || slices.ContainsFunc(d.set.Guilds, func(g Guild) bool { return !g.Without && slices.Contains(g.Members, u.Name) })
}

func (d *Discord) openDirect(a *ask) (reply, *refusal) {
	u := d.user(str(a.args, "recipient_id"))
	if u == nil || u.ID != str(a.args, "recipient_id") {
		return reply{}, wrong(problem{"recipient_id", "USER_UNKNOWN", "Unknown User"})
	}
	return reply{body: d.directJSON(u)}, nil
}

// post puts m where people see it. d.mu is held.
func (d *Discord) post(m Message) *Message {
	m.ID = d.id()
	m.At, m.at = d.now(), d.moment()
	m.Same = d.tally(&m)
	d.messages = append(d.messages, &m)
	d.byID[m.ID] = &m
	if !m.Thinking {
		d.ping(&m)
	}
	d.tell(entry{kind: posted, user: m.For, message: m})
	d.touch()
	return &m
}

// change makes m say what next says. d.mu is held.
func (d *Discord) change(m *Message, next Message) {
	first := m.Thinking
	*m = next
	m.Thinking = false
	if first {
		d.ping(m)
	} else {
		m.Edits++
	}
	m.Same = d.tally(m)
	kind := edited
	if first {
		kind = posted
	}
	d.tell(entry{kind: kind, user: m.For, message: *m})
	d.touch()
}

// remove takes m away. d.mu is held.
func (d *Discord) remove(m *Message) {
	m.Deleted = true
	d.alike[m.says]--
	d.tell(entry{kind: deleted, user: m.For, message: *m})
	d.touch()
}

// tally notes what m says and tells how many said the same before. d.mu is
// held.
func (d *Discord) tally(m *Message) int {
	if m.says != "" {
		d.alike[m.says]--
	}
	m.says = strings.Join([]string{m.Channel, m.For, m.face()}, "\x00")
	if m.Thinking {
		return 0
	}
	before := d.alike[m.says]
	d.alike[m.says]++
	return before
}

// face is what m says.
func (m Message) face() string { return m.Plain() }

// messageJSON is a message as Discord tells of it. d.mu is held.
func (d *Discord) messageJSON(m *Message) map[string]any {
	out := map[string]any{
		"id": m.ID, "type": 0, "channel_id": m.Channel, "author": d.botJSON(), "content": m.Content, "timestamp": stamped(m.At),
		"edited_timestamp": nil, "tts": false, "mention_everyone": false, "mentions": []any{}, "mention_roles": []any{}, "pinned": false,
		"attachments": d.attachmentsJSON(m), "embeds": anyList(m.Embeds), "components": anyList(cloneAll(m.Components)), "flags": m.Flags,
	}
	if m.Thinking {
		out["flags"] = m.Flags | 1<<7
	}
	if m.Edits > 0 {
		out["edited_timestamp"] = stamped(d.now())
	}
	if m.Nonce != "" {
		out["nonce"] = m.Nonce
	}
	if it := d.interactions[m.Interaction]; it != nil {
		out["application_id"], out["webhook_id"] = App, App
		out["type"] = 20
		out["interaction_metadata"] = map[string]any{
			"id": it.ID, "type": it.Kind, "user": userJSON(d.user(it.User)), "authorizing_integration_owners": it.owners,
		}
	}
	return out
}

func (d *Discord) attachmentsJSON(m *Message) []any {
	out := []any{}
	for _, f := range m.Attachments {
		at := d.server.URL + "/attachments/" + f.ID + "/" + f.Filename
		one := map[string]any{"id": f.ID, "filename": f.Filename, "size": len(f.Content), "url": at, "proxy_url": at, "content_type": f.ContentType}
		if f.Description != "" {
			one["description"] = f.Description
		}
		out = append(out, one)
	}
	return out
}

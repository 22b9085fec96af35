package discordtest

import (
	"slices"
	"strconv"
	"strings"
)

// visible tells whether p sees m. d.mu is held.
func (p *Person) visible(m *Message) bool {
	if m.Deleted || m.For != "" && m.For != p.id {
		return false
	}
	if n, err := strconv.ParseUint(m.ID, 10, 64); m.For != "" && (err != nil || n <= p.since) {
		return false
	}
	return p.d.within(p.id, m.Channel)
}

// within tells whether somebody sees a channel or conversation. d.mu is held.
func (d *Discord) within(user, channel string) bool {
	if d.partners[channel] != "" {
		return d.partners[channel] == user
	}
	g, c := d.channel(channel)
	u := d.user(user)
	return c != nil && u != nil && sees(g, c, u)
}

// Messages are what p sees in the place they look at, oldest first.
func (p *Person) Messages() []Message {
	p.d.mu.Lock()
	defer p.d.mu.Unlock()
	var out []Message
	for _, m := range p.d.messages {
		if m.Channel == p.place && p.visible(m) {
			out = append(out, *m)
		}
	}
	return out
}

// LastMessage is the newest message p sees in the place they look at; the zero
// value if there is none.
func (p *Person) LastMessage() Message {
	all := p.Messages()
	if len(all) == 0 {
		return Message{}
	}
	return all[len(all)-1]
}

// Private are the messages that p alone sees in the place they look at.
func (p *Person) Private() []Message {
	return slices.DeleteFunc(p.Messages(), func(m Message) bool { return m.For != p.id })
}

// Direct are the messages of p's conversation with the app that p sees.
func (p *Person) Direct() []Message { return p.d.Direct(p.id) }

// Modal is the form that p has open; false if none is.
func (p *Person) Modal() (Modal, bool) {
	p.d.mu.Lock()
	defer p.d.mu.Unlock()
	m := p.d.open[p.id]
	if m == nil {
		return Modal{}, false
	}
	return m.copy(), true
}

// CloseModal closes the form without sending it, of which no app is told.
func (p *Person) CloseModal() {
	p.d.mu.Lock()
	defer p.d.mu.Unlock()
	delete(p.d.open, p.id)
}

// Errors are what Discord itself told p went wrong since their latest gesture.
func (p *Person) Errors() []string {
	p.d.mu.Lock()
	defer p.d.mu.Unlock()
	var out []string
	for _, e := range p.d.timeline[p.mark:] {
		if e.kind == failed && e.user == p.id {
			out = append(out, e.words)
		}
	}
	return out
}

// wait waits for the newest entry since p's latest gesture that match knows.
func (p *Person) wait(what string, match func(entry) bool) entry {
	d := p.d
	d.t.Helper()
	var found entry
	seen := func() bool {
		d.mu.Lock()
		defer d.mu.Unlock()
		for _, e := range slices.Backward(d.timeline[p.mark:]) {
			if match(e) {
				found = e
				return true
			}
		}
		return false
	}
	if !d.Wait(patience, seen) {
		d.t.Fatalf("discordtest: %s did not see %s\n%s", d.calledNow(p.id), what, d.Transcript())
	}
	return found
}

// WaitMessage waits for a message with some words in the place p looks at, new
// or changed since p's latest gesture.
func (p *Person) WaitMessage(words string) Message {
	p.d.t.Helper()
	return p.waitMessage(words, func() string { return p.place })
}

// WaitDirect waits for a message in p's conversation with the app, new or
// changed since p's latest gesture.
func (p *Person) WaitDirect(words string) Message {
	p.d.t.Helper()
	return p.waitMessage(words, func() string { return p.d.conversation(p.id) })
}

func (p *Person) waitMessage(words string, place func() string) Message {
	p.d.t.Helper()
	e := p.wait("a message with "+words, func(e entry) bool {
		if e.kind != posted && e.kind != edited || e.message.Thinking || e.message.Channel != place() {
			return false
		}
		now := p.d.byID[e.message.ID]
		return now != nil && p.visible(now) && strings.Contains(p.d.seenAs(p.id, &e.message), words)
	})
	return e.message
}

// WaitModal waits for a form with some words in it, opened since p's latest
// gesture.
func (p *Person) WaitModal(words string) Modal {
	p.d.t.Helper()
	e := p.wait("a form with "+words, func(e entry) bool {
		return e.kind == opened && e.user == p.id && strings.Contains(e.modal.Title+"\n"+e.modal.Plain(), words)
	})
	return e.modal
}

package slacktest

import (
	"slices"
	"strings"
)

// Messages are what p sees in the place they look at, oldest first.
func (p *Person) Messages() []Message {
	p.s.mu.Lock()
	defer p.s.mu.Unlock()
	var out []Message
	for _, m := range p.s.messages {
		if m.Channel == p.place && p.visible(m) {
			out = append(out, *m)
		}
	}
	return out
}

// Last is the newest message p sees in the place they look at; the zero value
// if there is none.
func (p *Person) Last() Message {
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

// Direct are the messages of p's conversation with the app.
func (p *Person) Direct() []Message {
	return slices.DeleteFunc(p.s.Messages(p.id), func(m Message) bool { return m.For != "" && m.For != p.id })
}

// Modal is the modal on top; false if none is open.
func (p *Person) Modal() (View, bool) {
	all := p.s.Open(p.id)
	if len(all) == 0 {
		return View{}, false
	}
	return all[len(all)-1], true
}

// Home is p's Home tab; false if the app has not published one.
func (p *Person) Home() (View, bool) {
	p.s.mu.Lock()
	defer p.s.mu.Unlock()
	if h := p.s.homes[p.id]; h != nil {
		return h.copy(), true
	}
	return View{}, false
}

// Errors are what Slack itself told p went wrong since their latest gesture.
func (p *Person) Errors() []string {
	p.s.mu.Lock()
	defer p.s.mu.Unlock()
	var out []string
	for _, e := range p.s.timeline[p.mark:] {
		if e.kind == failed && e.user == p.id {
			out = append(out, e.words)
		}
	}
	return out
}

// wait waits for the newest entry since p's latest gesture that match knows.
func (p *Person) wait(what string, match func(entry) bool) entry {
	s := p.s
	s.t.Helper()
	var found entry
	seen := func() bool {
		s.mu.Lock()
		defer s.mu.Unlock()
		for _, e := range slices.Backward(s.timeline[p.mark:]) {
			if match(e) {
				found = e
				return true
			}
		}
		return false
	}
	if !s.Wait(patience, seen) {
		s.t.Fatalf("slacktest: %s did not see %s\n%s", s.called(p.id), what, s.Transcript())
	}
	return found
}

// WaitMessage waits for a message with some words in the place p looks at, new
// or changed since p's latest gesture.
func (p *Person) WaitMessage(words string) Message {
	p.s.t.Helper()
	return p.waitMessage(words, func() string { return p.place })
}

// WaitDirect waits for a message in p's conversation with the app, new or
// changed since p's latest gesture.
func (p *Person) WaitDirect(words string) Message {
	p.s.t.Helper()
	return p.waitMessage(words, func() string { return p.s.conversation(p.id) })
}

func (p *Person) waitMessage(words string, place func() string) Message {
	p.s.t.Helper()
	e := p.wait("a message with "+words, func(e entry) bool {
		if e.kind != posted && e.kind != edited || e.message.Channel != place() || e.message.From != Bot {
			return false
		}
		now := p.s.message(e.message.Channel, e.message.TS)
		return now != nil && p.visible(now) && strings.Contains(e.message.face(), words)
	})
	return e.message
}

// WaitModal waits for a modal with some words in it, opened or changed since
// p's latest gesture.
func (p *Person) WaitModal(words string) View {
	p.s.t.Helper()
	return p.waitView(words, onModal)
}

// WaitHome waits for a Home with some words in it, published since p's latest
// gesture.
func (p *Person) WaitHome(words string) View {
	p.s.t.Helper()
	return p.waitView(words, onHome)
}

func (p *Person) waitView(words string, on surface) View {
	p.s.t.Helper()
	e := p.wait("a "+string(on)+" with "+words, func(e entry) bool {
		return (e.kind == opened || e.kind == updated) && e.user == p.id && e.view.Type == string(on) && p.s.views[e.view.ID] != nil &&
			strings.Contains(e.view.Title+"\n"+e.view.Plain(), words)
	})
	return e.view
}

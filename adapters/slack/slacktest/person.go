package slacktest

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"
)

// A Person is somebody who uses the app in Slack's client.
//
// Each gesture returns when the app has acknowledged it or Slack has given up;
// what comes later is awaited with the Wait methods, which look at what
// appeared or changed since the person's latest gesture, and end the test with
// the whole transcript when it does not come.
type Person struct {
	s     *Slack
	id    string
	place string // id of the conversation they look at
	mark  int    // length of the timeline at their latest gesture
}

// A Surface is something with buttons: a [Message] or a [View].
type Surface interface {
	surface() (blocks []any, id string)
}

func (m Message) surface() ([]any, string) { return m.Blocks, m.TS }
func (v View) surface() ([]any, string)    { return v.Blocks, v.ID }

// patience is how long the Wait methods wait.
const patience = 5 * time.Second

// Person is the user of that name or id, looking at their conversation with the
// app at first.
func (s *Slack) Person(name string) *Person {
	s.t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	u := s.user(name)
	if u == nil {
		s.t.Fatalf("slacktest: no user %q", name)
	}
	p := s.people[u.ID]
	if p == nil {
		p = &Person{s: s, id: u.ID, place: s.conversation(u.ID)}
		s.people[u.ID] = p
	}
	return p
}

// ID is the user id.
func (p *Person) ID() string { return p.id }

// In makes p look at a channel, by name or id; "" is their conversation with
// the app.
func (p *Person) In(channel string) *Person {
	p.s.t.Helper()
	p.s.mu.Lock()
	defer p.s.mu.Unlock()
	if channel == "" {
		p.place = p.s.conversation(p.id)
		return p
	}
	c := p.s.channel(channel)
	if c == nil {
		p.s.t.Fatalf("slacktest: no channel %q", channel)
	}
	p.place = c.ID
	return p
}

// start notes what p does. s.mu is held.
func (p *Person) start(format string, args ...any) {
	p.mark = len(p.s.timeline)
	p.s.tell(entry{kind: did, user: p.id, place: p.place, words: fmt.Sprintf(format, args...)})
}

// Command types a slash command, such as "/rapport streak".
func (p *Person) Command(line string) Answer {
	s := p.s
	s.mu.Lock()
	p.start("%s", line)
	payload := p.slash(line)
	tr, channel := s.transport, p.place
	s.mu.Unlock()
	a := tr.Deliver(Commands, payload)
	s.mu.Lock()
	defer s.mu.Unlock()
	p.told(a, strings.Fields(line)[0])
	if a.Error != "" || len(a.Body) == 0 {
		return a
	}
	args := map[string]any{"text": string(a.Body)}
	if a.JSON {
		if args = nil; json.Unmarshal(a.Body, &args) != nil {
			s.violate("ack slash_commands", "no JSON object")
			return a
		}
	}
	if len(args) == 0 {
		return a
	}
	blocks, refused := s.content("ack slash_commands", args)
	if refused != nil {
		a.Error = "invalid_command_response"
		p.told(a, strings.Fields(line)[0])
		return a
	}
	shown := *s.answer(p.id, channel, "ack", args, blocks)
	a.Shown = &shown
	return a
}

// told notes the error that p sees. s.mu is held.
func (p *Person) told(a Answer, what string) {
	if a.Error != "" {
		p.s.tell(entry{kind: failed, user: p.id, place: p.place, words: fmt.Sprintf("%s failed with the error %q", what, a.Error)})
		p.s.touch()
	}
}

// Press presses the button with that label on a message or view; on the newest
// thing p sees that has it where on is nil. A confirmation is confirmed.
func (p *Person) Press(on Surface, label string) Answer {
	p.s.t.Helper()
	return p.use(on, label, func(c part) map[string]any {
		if str(c.el, "type") != "button" || words(c.el["text"]) != label {
			return nil
		}
		out := map[string]any{"text": clone(c.el["text"])}
		for _, key := range []string{"value", "url", "style"} {
			if v, ok := c.el[key]; ok {
				out[key] = v
			}
		}
		return out
	})
}

// Pick picks the option with that label from a menu; in a channel menu, the
// channel of that name. In an input of a form it is filled in only.
func (p *Person) Pick(on Surface, label string) Answer {
	p.s.t.Helper()
	return p.use(on, label, func(c part) map[string]any {
		out := p.s.choose(c.el, label)
		delete(out, "type")
		return out
	})
}

// use finds a part by what match makes of it, and uses it.
func (p *Person) use(on Surface, label string, match func(part) map[string]any) Answer {
	s := p.s
	s.t.Helper()
	s.mu.Lock()
	on, found, action := p.find(on, match)
	if action == nil {
		s.mu.Unlock()
		s.t.Fatalf("slacktest: %s sees no [%s] there\n%s", s.called(p.id), label, s.Transcript())
	}
	if view, ok := on.(View); ok && str(found.block, "type") == "input" {
		if dispatch, _ := found.block["dispatch_action"].(bool); !dispatch {
			p.put(s.views[view.ID], found, label)
			s.mu.Unlock()
			return Answer{}
		}
	}
	payload := p.press(on, found, action)
	p.start("presses [%s]", label)
	tr := s.transport
	s.mu.Unlock()
	a := tr.Deliver(Interactions, payload)
	s.mu.Lock()
	defer s.mu.Unlock()
	p.told(a, "["+label+"]")
	return a
}

// find is the first part that match knows, on a surface as it is now, or on the
// newest p sees. s.mu is held.
func (p *Person) find(on Surface, match func(part) map[string]any) (Surface, part, map[string]any) {
	surfaces := p.surfaces()
	if on != nil {
		surfaces = []Surface{p.current(on)}
	}
	for _, sf := range surfaces {
		blocks, _ := sf.surface()
		for _, c := range parts(blocks) {
			if a := match(c); a != nil {
				return sf, c, a
			}
		}
	}
	return nil, part{}, nil
}

// current is a surface as it is now; as it was given where it is gone, like a
// button pressed on a message from long ago. s.mu is held.
func (p *Person) current(on Surface) Surface {
	switch one := on.(type) {
	case Message:
		if m := p.s.message(one.Channel, one.TS); m != nil {
			return *m
		}
	case View:
		if v := p.s.views[one.ID]; v != nil {
			return v.copy()
		}
	}
	return on
}

// surfaces are what p sees: the top modal, else messages of the place, newest
// first, then the Home. s.mu is held.
func (p *Person) surfaces() []Surface {
	s := p.s
	var out []Surface
	if stack := s.stacks[p.id]; len(stack) > 0 {
		return []Surface{stack[len(stack)-1].copy()}
	}
	for _, m := range slices.Backward(s.messages) {
		if m.Channel == p.place && p.visible(m) {
			out = append(out, *m)
		}
	}
	if h := s.homes[p.id]; h != nil {
		out = append(out, h.copy())
	}
	return out
}

// visible tells whether p sees m. s.mu is held.
func (p *Person) visible(m *Message) bool {
	if m.Deleted || m.For != "" && m.For != p.id {
		return false
	}
	u := p.s.user(p.id)
	return u != nil && p.s.sees(u, m.Channel)
}

// Shortcut uses a global shortcut of the app.
func (p *Person) Shortcut(callbackID string) Answer {
	s := p.s
	s.mu.Lock()
	p.start("uses the shortcut %q", callbackID)
	payload := p.interaction("shortcut")
	payload["callback_id"], payload["action_ts"] = callbackID, fmt.Sprintf("%d.000000", time.Now().Unix())
	tr := s.transport
	s.mu.Unlock()
	a := tr.Deliver(Interactions, payload)
	s.mu.Lock()
	defer s.mu.Unlock()
	p.told(a, "the shortcut")
	return a
}

// OpenHome opens the Home tab of the app.
func (p *Person) OpenHome() Answer { return p.tab("home") }

// OpenMessages opens the Messages tab of the app.
func (p *Person) OpenMessages() Answer { return p.tab("messages") }

func (p *Person) tab(name string) Answer {
	s := p.s
	s.mu.Lock()
	p.start("opens the tab %s of %s", name, s.set.App)
	event := map[string]any{"type": "app_home_opened", "user": p.id, "channel": s.conversation(p.id), "tab": name}
	if h := s.homes[p.id]; h != nil && name == "home" {
		event["view"] = s.viewJSON(h)
	}
	payload := s.event(s.home(s.user(p.id)), event)
	tr := s.transport
	s.mu.Unlock()
	return tr.Deliver(Events, payload)
}

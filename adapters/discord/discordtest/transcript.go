package discordtest

import "strings"

// What happened, for the timeline.
type happening int

const (
	did happening = iota
	posted
	edited
	deleted
	opened
	failed
)

// An entry is one thing that somebody saw or did.
type entry struct {
	kind    happening
	user    string
	place   string
	words   string
	message Message
	modal   Modal
	at      moment
}

// tell adds to the timeline. d.mu is held.
func (d *Discord) tell(e entry) {
	e.at = d.moment()
	d.timeline = append(d.timeline, e)
}

// Transcript is all that people did and saw, in order, as plain text for golden
// files: [Buttons], (Menus: options), ____ for what can be filled in. It holds no
// generated names, and no times but those that the app wrote itself, in UTC.
func (d *Discord) Transcript() string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.lines("", func(entry) bool { return true })
}

// Transcript is what p did and saw, in order, with times in their zone.
func (p *Person) Transcript() string {
	p.d.mu.Lock()
	defer p.d.mu.Unlock()
	return p.d.lines(p.id, func(e entry) bool {
		switch e.kind {
		case posted, edited, deleted:
			return (e.message.For == "" || e.message.For == p.id) && p.d.within(p.id, e.message.Channel)
		}
		return e.user == p.id
	})
}

// lines are the entries of the timeline that somebody wants to know, as viewer
// sees them. d.mu is held.
func (d *Discord) lines(viewer string, wanted func(entry) bool) string {
	var b strings.Builder
	for _, e := range d.timeline {
		if wanted(e) {
			b.WriteString(d.line(viewer, e))
			b.WriteString("\n")
		}
	}
	return b.String()
}

// line is one entry. d.mu is held.
func (d *Discord) line(viewer string, e entry) string {
	who := d.called(e.user)
	switch e.kind {
	case did:
		return sprint("> %s, in %s: %s\n", who, d.placeName(e.place), indent(e.words, "    ", false))
	case failed:
		return sprint("! Discord to %s: %s\n", who, e.words)
	case deleted:
		return sprint("- %s takes its message away, in %s%s\n", d.set.App, d.placeName(e.message.Channel), d.only(e.message))
	case opened:
		return sprint("= a form opens for %s: %s\n%s", who, e.modal.Title, indent(d.withChannels(e.modal.Plain()), "    ", true))
	}
	if e.message.Thinking {
		return sprint("< %s is thinking, in %s%s\n", d.set.App, d.placeName(e.message.Channel), d.only(e.message))
	}
	verb := ""
	if e.kind == edited {
		verb = " changes its message"
	}
	return sprint("< %s%s, in %s%s:\n%s", d.set.App, verb, d.placeName(e.message.Channel), d.only(e.message), indent(d.seenAs(viewer, &e.message), "    ", true))
}

// withChannels is a form with names of the channels that are chosen in it. d.mu
// is held.
func (d *Discord) withChannels(plain string) string {
	for _, g := range d.set.Guilds {
		for _, c := range g.Channels {
			plain = strings.ReplaceAll(plain, "("+c.ID+")", "(#"+c.Name+")")
		}
	}
	return plain
}

// only says who alone sees m. d.mu is held.
func (d *Discord) only(m Message) string {
	if m.For == "" {
		return ""
	}
	return sprint(" (only %s sees this)", d.called(m.For))
}

// called is the name of somebody. d.mu is held.
func (d *Discord) called(id string) string {
	if u := d.user(id); u != nil {
		return u.Name
	}
	if id == App {
		return d.set.App
	}
	return "unknown-user"
}

// calledNow is called while d.mu is free.
func (d *Discord) calledNow(id string) string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.called(id)
}

// placeName is the name of a channel or conversation. d.mu is held.
func (d *Discord) placeName(id string) string {
	if u := d.user(d.partners[id]); u != nil {
		return "direct messages with " + u.Name
	}
	g, c := d.channelEver(id)
	switch {
	case c == nil:
		return "an unknown channel"
	case g != &d.set.Guilds[0]:
		return g.Name + "/#" + c.Name
	}
	return "#" + c.Name
}

// channelEver finds a channel by id, deleted ones, too. d.mu is held.
func (d *Discord) channelEver(id string) (*Guild, *Channel) {
	for i := range d.set.Guilds {
		g := &d.set.Guilds[i]
		for j := range g.Channels {
			if g.Channels[j].ID == id {
				return g, &g.Channels[j]
			}
		}
	}
	return nil, nil
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

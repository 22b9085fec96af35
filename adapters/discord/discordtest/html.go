package discordtest

import (
	"html/template"
	"slices"
	"strings"
	"time"
)

// HTML draws what each person sees in each place, one window after the other. It
// needs nothing from elsewhere, so that a browser can draw it offline.
func (d *Discord) HTML() string {
	d.mu.Lock()
	defer d.mu.Unlock()
	var windows []window
	for _, u := range d.set.Users {
		p := d.people[u.ID]
		if p == nil {
			continue
		}
		for _, place := range p.places() {
			windows = append(windows, p.window(place))
		}
	}
	return page(windows)
}

// HTML draws what p sees now: the place they look at, and the form over it.
func (p *Person) HTML() string {
	p.d.mu.Lock()
	defer p.d.mu.Unlock()
	return page([]window{p.window(p.place)})
}

// places are the conversations in which p sees something. d.mu is held.
func (p *Person) places() []string {
	var out []string
	for _, m := range p.d.messages {
		if p.visible(m) && !slices.Contains(out, m.Channel) {
			out = append(out, m.Channel)
		}
	}
	if len(out) == 0 || p.d.open[p.id] != nil && !slices.Contains(out, p.place) {
		out = append(out, p.place)
	}
	return out
}

// A window is one drawing of Discord's client.
type window struct {
	Who, Server, Place, App string
	Initial                 string // of the app
	Rail                    []server
	Channels                []string
	Direct                  bool
	Messages                []bubble
	Modal                   *pane
	typing
}

// typing is a command that somebody is at, and what is offered to go on with.
type typing struct {
	Command, Option, Typed string
	Offers                 []Choice
}

// A server is one in the bar on the left.
type server struct {
	Initial string
	Here    bool
}

// A bubble is one message.
type bubble struct {
	Used     string // "Anna used /rapport"; "" for a message of the app's own
	User     string // who used it
	Time     string
	Only     bool
	Pinged   bool
	Thinking bool
	Edited   bool
	Body     template.HTML
}

// A pane is a form.
type pane struct {
	Title, Initial, App, Error string
	Body                       template.HTML
}

// window draws one conversation as p sees it. d.mu is held.
func (p *Person) window(place string) window {
	d := p.d
	u := d.user(p.id)
	w := window{Who: u.Name, App: d.set.App, Initial: first(d.set.App), Direct: true, Place: d.set.App}
	g, c := d.channel(place)
	for i := range d.set.Guilds {
		one := &d.set.Guilds[i]
		if slices.Contains(one.Members, u.Name) {
			w.Rail = append(w.Rail, server{first(one.Name), one == g})
		}
	}
	if c != nil {
		w.Direct, w.Server, w.Place = false, g.Name, c.Name
		for i := range g.Channels {
			if one := &g.Channels[i]; !one.Deleted && sees(g, one, u) {
				w.Channels = append(w.Channels, one.Name)
			}
		}
	}
	for _, m := range d.messages {
		if m.Channel == place && p.visible(m) {
			w.Messages = append(w.Messages, p.bubble(m))
		}
	}
	if place == p.place {
		w.typing = p.typing
	}
	if m := d.open[p.id]; m != nil && place == p.place {
		w.Modal = &pane{Title: m.Title, Initial: w.Initial, App: d.set.App, Error: m.Error, Body: p.pen(m.values).all(m.Components)}
	}
	return w
}

// first is the first letter of a name.
func first(name string) string { return string([]rune(name + " ")[:1]) }

func (p *Person) pen(values map[string][]string) *pen {
	return &pen{d: p.d, eyes: p.d.eyes(p.id), values: values}
}

// bubble draws one message. d.mu is held.
func (p *Person) bubble(m *Message) bubble {
	d := p.d
	e := d.eyes(p.id)
	b := bubble{
		Time: m.At.In(e.zone).Format("15:04"), Only: m.Ephemeral(), Thinking: m.Thinking, Edited: m.Edits > 0 && !m.Ephemeral(),
		Pinged: slices.ContainsFunc(d.pings, func(one Ping) bool { return one.Message == m.ID && one.Whom == p.id }),
	}
	if day := m.At.In(e.zone); !sameDay(day, e.now.In(e.zone)) {
		b.Time = day.Format("02/01/2006 15:04")
	}
	if it := d.interactions[m.Interaction]; it != nil && it.Kind == kindCommand {
		b.User, b.Used = d.called(it.User), "/"+str(obj(it.Payload, "data"), "name")
	}
	pen := p.pen(nil)
	pen.message = m
	var out strings.Builder
	if m.Content != "" {
		out.WriteString(`<div class="text">` + e.html(m.Content) + `</div>`)
	}
	for _, one := range m.Embeds {
		out.WriteString(pen.embed(one))
	}
	out.WriteString(string(pen.all(m.Components)))
	for i := range m.Attachments {
		if m.Flags&ComponentsV2 == 0 {
			out.WriteString(picture(&m.Attachments[i], m.Attachments[i].Description))
		}
	}
	b.Body = template.HTML(out.String())
	return b
}

func sameDay(a, b time.Time) bool { return a.Format(time.DateOnly) == b.Format(time.DateOnly) }

func escaped(t string) string { return template.HTMLEscapeString(t) }

// html draws markdown.
func (e eyes) html(md string) string { return e.drawn(parse(md)) }

// tags are the elements of styles that only wrap what they hold.
func tagOf(s style) string {
	switch s {
	case bold:
		return "b"
	case italic:
		return "i"
	case underlined:
		return "u"
	case struck:
		return "s"
	}
	return ""
}

func (e eyes) drawn(list []piece) string {
	var b strings.Builder
	for i, s := range list {
		t := e.draw(s)
		if i > 0 && list[i-1].block() {
			t = strings.TrimPrefix(t, "<br>")
		}
		if i+1 < len(list) && list[i+1].block() {
			t = strings.TrimSuffix(t, "<br>")
		}
		b.WriteString(t)
	}
	return b.String()
}

func (e eyes) draw(s piece) string {
	inner := e.drawn(s.kids)
	if tag := tagOf(s.style); tag != "" {
		return "<" + tag + ">" + inner + "</" + tag + ">"
	}
	switch s.style {
	case words:
		return strings.ReplaceAll(escaped(s.text), "\n", "<br>")
	case spoiler:
		return `<span class="spoiler">` + inner + `</span>`
	case code:
		return `<code>` + escaped(s.text) + `</code>`
	case fence:
		return `<pre>` + escaped(s.text) + `</pre>`
	case quote:
		return `<blockquote>` + inner + `</blockquote>`
	case heading:
		return sprint(`<h%d>%s</h%d>`, len(s.extra), inner, len(s.extra))
	case subtext:
		return `<small class="subtext">` + inner + `</small>`
	case listed:
		return `<div class="item"><span>` + escaped(s.extra) + `</span><div>` + inner + `</div></div>`
	case link:
		text(&inner, escaped(s.text))
		return `<span class="link">` + inner + `</span>`
	case stamp:
		return `<span class="stamp">` + escaped(e.name(s)) + `</span>`
	case emoji:
		return escaped(e.name(s))
	}
	return `<span class="mention">` + escaped(e.name(s)) + `</span>`
}

package slacktest

import (
	"encoding/base64"
	"fmt"
	"html/template"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"time"
)

// HTML draws what each person sees in each place, one window after the other:
// message lists, open modals and Homes. It needs nothing from elsewhere, so
// that a browser can draw it offline.
func (s *Slack) HTML() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var windows []window
	for _, u := range s.set.Users {
		p := s.people[u.ID]
		if p == nil {
			continue
		}
		for _, channel := range s.placesOf(p) {
			windows = append(windows, s.window(p, channel))
		}
		if h := s.homes[u.ID]; h != nil {
			windows = append(windows, s.homeWindow(p, h))
		}
	}
	return page(windows)
}

// HTML draws what p sees now: the place they look at, and the modal over it.
func (p *Person) HTML() string {
	p.s.mu.Lock()
	defer p.s.mu.Unlock()
	return page([]window{p.s.window(p, p.place)})
}

// HomeHTML draws p's Home tab.
func (p *Person) HomeHTML() string {
	p.s.mu.Lock()
	defer p.s.mu.Unlock()
	h := p.s.homes[p.id]
	if h == nil {
		return page(nil)
	}
	return page([]window{p.s.homeWindow(p, h)})
}

// placesOf are the conversations in which p sees something. s.mu is held.
func (s *Slack) placesOf(p *Person) []string {
	var out []string
	for _, m := range s.messages {
		if p.visible(m) && !slices.Contains(out, m.Channel) {
			out = append(out, m.Channel)
		}
	}
	if len(out) == 0 || len(s.stacks[p.id]) > 0 && !slices.Contains(out, p.place) {
		out = append(out, p.place)
	}
	return out
}

// A window is one drawing of Slack's client.
type window struct {
	Team, Who, Place, Tab string
	Channels              []string
	App                   string
	AppHere               bool
	Messages              []bubble
	Home                  template.HTML
	Modal                 *pane
}

// A bubble is one message.
type bubble struct {
	Day        string // "" on the same day as the message before
	From, Time string
	Initial    string
	App, Only  bool
	Edited     bool
	Body       template.HTML
}

// A pane is a modal.
type pane struct {
	Title, Submit, Close string
	Body                 template.HTML
}

// frame is a window without content. s.mu is held.
func (s *Slack) frame(p *Person, channel string) window {
	u := s.user(p.id)
	w := window{Team: s.home(u).Name, Who: u.Name, App: s.set.App, Place: s.set.App, AppHere: true, Tab: "Messages"}
	for _, c := range s.set.Channels {
		if s.sees(u, c.ID) && !c.Archived {
			w.Channels = append(w.Channels, c.Name)
		}
	}
	if c := s.channel(channel); c != nil {
		w.Place, w.AppHere = c.Name, false
	}
	return w
}

// window draws one conversation as p sees it. s.mu is held.
func (s *Slack) window(p *Person, channel string) window {
	w := s.frame(p, channel)
	var last time.Time
	for _, m := range s.messages {
		if m.Channel != channel || !p.visible(m) {
			continue
		}
		at, from := s.localTime(p.id, m.At), s.called(m.From)
		b := bubble{From: from, Initial: string([]rune(from + " ")[:1]), Time: at.Format("3:04 PM"), App: m.From == Bot,
			Only: m.Ephemeral(), Edited: m.Edits > 0 && !m.Ephemeral(), Body: s.bodyOf(m)}
		if !last.IsZero() && last.YearDay() != at.YearDay() {
			b.Day = at.Format("Monday, January 2")
		}
		last = at
		w.Messages = append(w.Messages, b)
	}
	if stack := s.stacks[p.id]; len(stack) > 0 && channel == p.place {
		v := stack[len(stack)-1]
		w.Modal = &pane{Title: v.Title, Submit: v.Submit, Close: v.Close, Body: s.drawn(v.Blocks, v.values, v.Errors)}
		text(&w.Modal.Close, "Cancel")
	}
	return w
}

// localTime is a time where somebody is. s.mu is held.
func (s *Slack) localTime(user string, at time.Time) time.Time {
	if loc, err := time.LoadLocation(s.user(user).Zone); err == nil {
		return at.In(loc)
	}
	return at
}

// homeWindow draws a Home tab. s.mu is held.
func (s *Slack) homeWindow(p *Person, h *View) window {
	w := s.frame(p, "")
	w.Tab, w.Home = "Home", s.drawn(h.Blocks, h.values, nil)
	return w
}

// bodyOf draws a message. s.mu is held.
func (s *Slack) bodyOf(m *Message) template.HTML {
	var b strings.Builder
	if len(m.Blocks) == 0 && m.Text != "" {
		fmt.Fprintf(&b, `<p>%s</p>`, s.marked(m.Text))
	}
	b.WriteString(string(s.drawn(m.Blocks, nil, nil)))
	if f := m.File; f != nil {
		b.WriteString(`<figure>`)
		if kind := http.DetectContentType(f.Content); strings.HasPrefix(kind, "image/") {
			fmt.Fprintf(&b, `<figcaption>%s</figcaption><img alt="%s" src="data:%s;base64,%s">`,
				escaped(f.Name), escaped(f.Alt), kind, base64.StdEncoding.EncodeToString(f.Content))
		} else {
			fmt.Fprintf(&b, `<div class="file"><b>%s</b><span>%d bytes</span></div>`, escaped(f.Name), len(f.Content))
		}
		b.WriteString(`</figure>`)
	}
	return template.HTML(b.String())
}

func escaped(t string) string { return template.HTMLEscapeString(t) }

// drawn draws blocks. s.mu is held.
func (s *Slack) drawn(blocks []any, values map[string]map[string]any, errs map[string]string) template.HTML {
	var b strings.Builder
	for _, one := range blocks {
		if block, ok := one.(map[string]any); ok {
			s.drawBlock(&b, block, values, errs)
		}
	}
	return template.HTML(s.names(b.String()))
}

func (s *Slack) drawBlock(b *strings.Builder, block map[string]any, values map[string]map[string]any, errs map[string]string) {
	switch str(block, "type") {
	case "divider":
		b.WriteString(`<hr>`)
	case "header":
		fmt.Fprintf(b, `<h3>%s</h3>`, escaped(words(block["text"])))
	case "section":
		s.drawSection(b, block, values)
	case "context":
		s.drawContext(b, block)
	case "image":
		drawImage(b, block)
	case "actions":
		b.WriteString(`<div class="actions">`)
		for _, c := range elements(block) {
			drawControl(b, c, values)
		}
		b.WriteString(`</div>`)
	case "input":
		s.drawInput(b, block, values, errs)
	}
}

func (s *Slack) drawSection(b *strings.Builder, block map[string]any, values map[string]map[string]any) {
	b.WriteString(`<div class="section"><div>`)
	if block["text"] != nil {
		fmt.Fprintf(b, `<p>%s</p>`, s.said(block["text"]))
	}
	if fields, ok := block["fields"].([]any); ok {
		b.WriteString(`<div class="fields">`)
		for _, f := range fields {
			fmt.Fprintf(b, `<p>%s</p>`, s.said(f))
		}
		b.WriteString(`</div>`)
	}
	b.WriteString(`</div>`)
	for _, c := range elements(block) {
		b.WriteString(`<div class="accessory">`)
		drawControl(b, c, values)
		b.WriteString(`</div>`)
	}
	b.WriteString(`</div>`)
}

func (s *Slack) drawContext(b *strings.Builder, block map[string]any) {
	b.WriteString(`<div class="context">`)
	list, _ := block["elements"].([]any)
	for _, e := range list {
		if el, ok := e.(map[string]any); ok && str(el, "type") == "image" {
			drawImage(b, el)
			continue
		}
		fmt.Fprintf(b, `<span>%s</span>`, s.said(e))
	}
	b.WriteString(`</div>`)
}

func drawImage(b *strings.Builder, e map[string]any) {
	fmt.Fprintf(b, `<div class="image" role="img">%s</div>`, escaped(str(e, "alt_text")))
}

func (s *Slack) drawInput(b *strings.Builder, block map[string]any, values map[string]map[string]any, errs map[string]string) {
	label := escaped(words(block["label"]))
	if optional, _ := block["optional"].(bool); optional {
		label += ` <i>(optional)</i>`
	}
	problem := errs[str(block, "block_id")]
	class := "input"
	if problem != "" {
		class += " wrong"
	}
	fmt.Fprintf(b, `<div class="%s"><label>%s</label>`, class, label)
	for _, c := range elements(block) {
		drawControl(b, c, values)
	}
	if problem != "" {
		fmt.Fprintf(b, `<div class="problem">%s</div>`, escaped(problem))
	}
	if hint := words(block["hint"]); hint != "" {
		fmt.Fprintf(b, `<div class="hint">%s</div>`, escaped(hint))
	}
	b.WriteString(`</div>`)
}

func drawControl(b *strings.Builder, c part, values map[string]map[string]any) {
	e := c.el
	state, _ := values[str(c.block, "block_id")][str(e, "action_id")].(map[string]any)
	if state == nil {
		state, _ = initial(e).(map[string]any)
	}
	switch kind := str(e, "type"); kind {
	case "button":
		fmt.Fprintf(b, `<span class="button %s">%s</span>`, escaped(str(e, "style")), escaped(words(e["text"])))
	case "image":
		drawImage(b, e)
	case "plain_text_input", "number_input", "email_text_input", "url_text_input":
		class := "line"
		if long, _ := e["multiline"].(bool); long {
			class = "line long"
		}
		if v := str(state, "value"); v != "" {
			fmt.Fprintf(b, `<div class="%s">%s</div>`, class, escaped(v))
			return
		}
		fmt.Fprintf(b, `<div class="%s empty">%s</div>`, class, escaped(words(e["placeholder"])))
	case "radio_buttons", "checkboxes":
		drawChoices(b, e, state)
	case "overflow":
		b.WriteString(`<span class="button">&#8943;</span>`)
	default:
		drawMenu(b, e, state)
	}
}

func drawChoices(b *strings.Builder, e, state map[string]any) {
	mark, on := "circle", map[string]bool{}
	list, _ := state["selected_options"].([]any)
	if str(e, "type") == "checkboxes" {
		mark = "square"
	}
	for _, o := range append(slices.Clone(list), state["selected_option"]) {
		if one, ok := o.(map[string]any); ok {
			on[words(one["text"])] = true
		}
	}
	for _, o := range optionsOf(e) {
		label, class := words(o["text"]), mark
		if on[label] {
			class += " on"
		}
		fmt.Fprintf(b, `<div class="choice"><span class="%s"></span>%s</div>`, class, escaped(label))
	}
}

func drawMenu(b *strings.Builder, e, state map[string]any) {
	shown, class := words(e["placeholder"]), "menu empty"
	if o, ok := state["selected_option"].(map[string]any); ok {
		shown, class = words(o["text"]), "menu"
	}
	var picked []string
	list, _ := state["selected_options"].([]any)
	for _, o := range list {
		if one, ok := o.(map[string]any); ok {
			picked = append(picked, words(one["text"]))
		}
	}
	for k, v := range state {
		if id, ok := v.(string); ok && strings.HasPrefix(k, "selected_") {
			picked = append(picked, id)
		}
	}
	if len(picked) > 0 {
		shown, class = strings.Join(picked, ", "), "menu"
	}
	if shown == "" {
		shown = "Choose an option"
	}
	fmt.Fprintf(b, `<span class="%s">%s<span class="arrow">&#9662;</span></span>`, class, escaped(shown))
}

// said draws a text object. s.mu is held.
func (s *Slack) said(v any) string {
	t, _ := v.(map[string]any)
	if str(t, "type") == "mrkdwn" {
		return s.marked(str(t, "text"))
	}
	return strings.ReplaceAll(escaped(str(t, "text")), "\n", "<br>")
}

// marked draws mrkdwn. What was escaped stays so: Slack's three entities are
// HTML's. s.mu is held.
func (s *Slack) marked(mrkdwn string) string {
	var out strings.Builder
	for i, part := range strings.Split(mrkdwn, "```") {
		if i%2 == 1 {
			out.WriteString(`<pre>` + escaped(unescape(strings.Trim(part, "\n"))) + `</pre>`)
		} else {
			out.WriteString(s.running(strings.Trim(part, "\n")))
		}
	}
	return out.String()
}

// running draws mrkdwn but for its fixed-width parts. s.mu is held.
func (s *Slack) running(mrkdwn string) string {
	var out strings.Builder
	rest := mrkdwn
	for {
		at := markup.FindStringIndex(rest)
		if at == nil {
			break
		}
		out.WriteString(styled(rest[:at[0]]))
		out.WriteString(s.mark(rest[at[0]+1 : at[1]-1]))
		rest = rest[at[1]:]
	}
	out.WriteString(styled(rest))
	return quoted(out.String())
}

// mark draws what stands between < and >. s.mu is held.
func (s *Slack) mark(inner string) string {
	target, label, has := strings.Cut(inner, "|")
	switch {
	case strings.HasPrefix(target, "!date^") && has:
		return escaped(unescape(label))
	case strings.HasPrefix(target, "!"):
		return `<span class="mention">@` + escaped(target[1:]) + `</span>`
	case strings.HasPrefix(target, "@"):
		return `<span class="mention">@` + escaped(s.called(target[1:])) + `</span>`
	case strings.HasPrefix(target, "#"):
		if c := s.channel(target[1:]); c != nil {
			return `<span class="mention">#` + escaped(c.Name) + `</span>`
		}
		return `<span class="mention">#` + escaped(label) + `</span>`
	}
	if !has {
		label = target
	}
	return `<span class="link">` + escaped(unescape(label)) + `</span>`
}

// styled draws *bold*, _italic_, ~struck~ and `code` in a text without links.
func styled(t string) string {
	t = escaped(unescape(t))
	for _, style := range []struct{ sign, tag string }{{"`", "code"}, {`\*`, "b"}, {"_", "i"}, {"~", "s"}} {
		find := regexp.MustCompile(`(^|[\s(>\x{201c}\x{200b}])` + style.sign + `(\S(?:[^\n]*?\S)?)` + style.sign + `($|[\s).,:;!?<\x{201d}\x{200b}])`)
		for range 2 { // what ends one may begin the next: *bold* *and more*
			t = find.ReplaceAllString(t, "$1<"+style.tag+">$2</"+style.tag+">$3")
		}
	}
	return t
}

// quoted draws lines that begin with > as quotes.
func quoted(t string) string {
	lines := strings.Split(t, "\n")
	for i, l := range lines {
		if rest, ok := strings.CutPrefix(l, "&gt;"); ok {
			lines[i] = `<span class="quote">` + strings.TrimSpace(rest) + `</span>`
		} else if i < len(lines)-1 {
			lines[i] = l + "<br>"
		}
	}
	return strings.Join(lines, "")
}

package slacktest

import (
	"encoding/base64"
	"fmt"
	"html/template"
	"net/http"
	"regexp"
	"slices"
	"strings"
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
	for _, m := range s.messages {
		if m.Channel != channel || !p.visible(m) {
			continue
		}
		w.Messages = append(w.Messages, bubble{
			From: s.called(m.From), Initial: string([]rune(s.called(m.From) + " ")[:1]), Time: m.At.Format("15:04"), App: m.From == Bot, Only: m.Ephemeral(), Edited: m.Edits > 0 && !m.Ephemeral(),
			Body: s.bodyOf(m),
		})
	}
	if stack := s.stacks[p.id]; len(stack) > 0 && channel == p.place {
		v := stack[len(stack)-1]
		w.Modal = &pane{Title: v.Title, Submit: v.Submit, Close: v.Close, Body: s.drawn(v.Blocks, v.values, v.Errors)}
		text(&w.Modal.Close, "Cancel")
	}
	return w
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
		find := regexp.MustCompile(`(^|[\s(>\x{201c}])` + style.sign + `(\S(?:[^\n]*?\S)?)` + style.sign + `($|[\s).,:;!?<\x{201d}])`)
		t = find.ReplaceAllString(t, "$1<"+style.tag+">$2</"+style.tag+">$3")
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

// page puts windows on a page.
func page(windows []window) string {
	var b strings.Builder
	if err := template.Must(template.New("page").Parse(pageHTML)).Execute(&b, windows); err != nil {
		return escaped(err.Error())
	}
	return b.String()
}

const pageHTML = `<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Slack</title>
<style>
* { box-sizing: border-box }
body { margin: 0; padding: 24px; background: #fff; color: #1d1c1d; font: 15px/1.46 Lato, "Helvetica Neue", Arial, "Liberation Sans", sans-serif }
.window { position: relative; display: flex; width: 940px; min-height: 420px; margin: 0 auto 32px; border: 1px solid #c9c4cc; border-radius: 10px; overflow: hidden }
nav { width: 200px; flex: none; padding: 14px 0; background: #39123e; color: #d9cddb; font-size: 14px }
nav b { display: block; padding: 0 16px 12px; color: #fff; font-size: 17px }
nav small { display: block; padding: 10px 16px 2px; opacity: .75 }
nav div { margin: 0 8px; padding: 3px 8px; border-radius: 6px; white-space: nowrap; overflow: hidden; text-overflow: ellipsis }
nav .here { background: #f9edff; color: #39123e }
main { flex: 1; min-width: 0; display: flex; flex-direction: column }
header { padding: 12px 20px 0; border-bottom: 1px solid #e3e1e4 }
header b { display: block; padding-bottom: 12px; font-size: 18px }
header .tabs { display: flex; gap: 18px; font-size: 13px; color: #5d5b5f }
header .tabs span { padding-bottom: 7px }
header .tabs .on { color: #1d1c1d; font-weight: 700; border-bottom: 2px solid #39123e }
.list { flex: 1; display: flex; flex-direction: column; justify-content: flex-end; padding: 12px 0 16px }
.message { display: flex; gap: 10px; padding: 7px 20px }
.message.only { background: #faf9fa }
.avatar { flex: none; width: 36px; height: 36px; border-radius: 8px; background: #2f7d6d; color: #fff; font-weight: 700; text-align: center; line-height: 36px }
.avatar.person { background: #8a6d9b }
.body { flex: 1; min-width: 0; overflow-wrap: anywhere }
.head b { font-size: 15px }
.head .app { margin: 0 4px; padding: 1px 4px; border-radius: 3px; background: #ebe9ec; color: #5d5b5f; font-size: 10px; font-weight: 700; vertical-align: 2px }
.head time, .edited { color: #6a686c; font-size: 12px }
.eye { margin-left: 46px; padding: 0 20px 0; color: #5d5b5f; font-size: 12px }
.hold.only { background: #faf9fa; padding-top: 6px }
p { margin: 2px 0 4px } h3 { margin: 6px 0 4px; font-size: 18px; line-height: 1.3 }
hr { border: 0; border-top: 1px solid #dddbde; margin: 10px 0 }
.section { display: flex; gap: 16px } .section > div:first-child { flex: 1; min-width: 0 }
.fields { display: grid; grid-template-columns: 1fr 1fr; gap: 4px 16px }
.context { display: flex; flex-wrap: wrap; gap: 4px 8px; margin: 4px 0; color: #5d5b5f; font-size: 13px }
.actions { display: flex; flex-wrap: wrap; gap: 8px; margin: 8px 0 4px }
.button { display: inline-block; padding: 3px 12px 4px; border: 1px solid #b9b6bb; border-radius: 8px; background: #fff; font-size: 13px; font-weight: 700; white-space: nowrap }
.button.primary { border-color: #00694d; background: #007a5a; color: #fff } .button.danger { border-color: #c01343; color: #c01343 }
.menu { display: inline-flex; justify-content: space-between; gap: 14px; min-width: 200px; padding: 4px 10px; border: 1px solid #b9b6bb; border-radius: 8px; background: #fff; font-size: 13px }
.empty { color: #6a686c } .arrow { color: #1d1c1d }
.link { color: #1264a3 } .mention { padding: 0 2px; border-radius: 3px; background: #e3eef7; color: #1264a3 }
.quote { display: block; margin: 2px 0; padding-left: 12px; border-left: 4px solid #dddbde }
code { padding: 1px 4px; border: 1px solid #dddbde; border-radius: 3px; background: #f6f5f6; color: #b3203c; font-size: 12px }
.image { display: inline-block; padding: 18px 24px; border: 1px dashed #b9b6bb; border-radius: 8px; color: #5d5b5f; font-size: 13px }
figure { margin: 4px 0 } figcaption { color: #5d5b5f; font-size: 13px } figure img { max-width: 420px; border: 1px solid #e3e1e4; border-radius: 8px }
.file { display: inline-flex; flex-direction: column; padding: 10px 14px; border: 1px solid #dddbde; border-radius: 10px } .file span { color: #5d5b5f; font-size: 12px }
.write { margin: 0 20px 18px; padding: 10px 12px; border: 1px solid #b9b6bb; border-radius: 8px; color: #6a686c }
.home { flex: 1; padding: 18px 24px 24px }
.shade { position: absolute; inset: 0; display: flex; align-items: center; justify-content: center; background: rgba(20, 16, 21, .5) }
.modal { width: 520px; margin: 24px 0; border-radius: 10px; background: #fff; box-shadow: 0 12px 40px rgba(0, 0, 0, .3) }
.modal h2 { margin: 0; padding: 16px 24px 12px; font-size: 20px } .modal .inner { padding: 4px 24px 12px; overflow-wrap: anywhere }
.modal footer { display: flex; justify-content: flex-end; gap: 10px; padding: 14px 24px 18px } .modal footer .button { padding: 7px 14px; font-size: 15px }
.modal .menu { width: 100%; padding: 8px 12px; font-size: 15px }
.input { margin: 10px 0 14px } .input label { display: block; margin-bottom: 6px; font-weight: 700 } .input label i { color: #6a686c; font-weight: 400; font-style: normal }
.line { min-height: 40px; padding: 8px 12px; border: 1px solid #8d8a8f; border-radius: 6px; white-space: pre-wrap } .line.long { min-height: 86px }
.hint { margin-top: 5px; color: #5d5b5f; font-size: 13px } .problem { margin-top: 5px; color: #b3203c; font-size: 13px; font-weight: 700 } .wrong .line, .wrong .menu { border-color: #b3203c }
.choice { display: flex; align-items: center; gap: 8px; margin: 4px 0 }
.circle, .square { width: 16px; height: 16px; border: 1px solid #6a686c; border-radius: 50% } .square { border-radius: 4px } .circle.on { border: 5px solid #1264a3 } .square.on { background: #1264a3; border-color: #1264a3 }
</style>
{{range .}}<div class="window">
<nav aria-label="Channels"><b>{{.Team}}</b><small>Channels</small>{{$w := .}}{{range .Channels}}<div{{if and (eq . $w.Place) (not $w.AppHere)}} class="here"{{end}}># {{.}}</div>{{end}}<small>Apps</small><div{{if .AppHere}} class="here"{{end}}>{{.App}}</div></nav>
<main><header>{{if .AppHere}}<b>{{.App}}</b><div class="tabs"><span{{if eq .Tab "Home"}} class="on"{{end}}>Home</span><span{{if eq .Tab "Messages"}} class="on"{{end}}>Messages</span><span>About</span></div>{{else}}<b># {{.Place}}</b>{{end}}</header>
{{if eq .Tab "Home"}}<div class="home">{{.Home}}</div>{{else}}<div class="list">
{{range .Messages}}<div class="hold{{if .Only}} only{{end}}">{{if .Only}}<div class="eye">Only visible to you</div>{{end}}<div class="message{{if .Only}} only{{end}}"><div class="avatar{{if not .App}} person{{end}}" aria-hidden="true">{{.Initial}}</div>
<div class="body"><div class="head"><b>{{.From}}</b>{{if .App}} <span class="app">APP</span>{{end}} <time>{{.Time}}</time></div>{{.Body}}{{if .Edited}}<span class="edited">(edited)</span>{{end}}</div></div></div>
{{end}}</div><div class="write">Message {{if .AppHere}}{{.App}}{{else}}#{{.Place}}{{end}}</div>{{end}}</main>
{{with .Modal}}<div class="shade"><div class="modal" role="dialog"><h2>{{.Title}}</h2><div class="inner">{{.Body}}</div><footer><span class="button">{{.Close}}</span>{{with .Submit}}<span class="button primary">{{.}}</span>{{end}}</footer></div></div>{{end}}
</div>
{{end}}</html>
`

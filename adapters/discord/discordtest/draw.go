package discordtest

import (
	"encoding/base64"
	"html/template"
	"slices"
	"strings"
)

// A pen draws components for one reader.
type pen struct {
	d       *Discord
	eyes    eyes
	message *Message            // whose attachments are shown
	values  map[string][]string // of a form
}

func (p *pen) all(list []map[string]any) template.HTML {
	var b strings.Builder
	for _, c := range list {
		b.WriteString(p.one(c))
	}
	return template.HTML(b.String())
}

func (p *pen) one(c map[string]any) string {
	switch num(c, "type") {
	case typeText:
		return `<div class="text">` + p.eyes.html(str(c, "content")) + `</div>`
	case typeContainer:
		return p.container(c)
	case typeSection:
		return `<div class="section"><div>` + string(p.all(objs(c, "components"))) + `</div>` + p.one(obj(c, "accessory")) + `</div>`
	case typeSeparator:
		if line, ok := c["divider"].(bool); ok && !line {
			return `<div class="space"></div>`
		}
		return sprint(`<hr class="s%d">`, max(1, num(c, "spacing")))
	case typeGallery:
		var b strings.Builder
		for _, item := range objs(c, "items") {
			b.WriteString(p.media(str(obj(item, "media"), "url"), str(item, "description")))
		}
		return b.String()
	case typeThumbnail:
		return p.media(str(obj(c, "media"), "url"), str(c, "description"))
	case typeFile:
		return p.media(str(obj(c, "file"), "url"), "")
	case typeRow:
		return p.row(c)
	case typeLabel:
		return p.label(c)
	}
	return p.control(c)
}

func (p *pen) container(c map[string]any) string {
	bar := ""
	if v, ok := c["accent_color"].(float64); ok {
		bar = sprint(` style="border-left-color:#%06x"`, int(v))
	}
	return `<div class="container"` + bar + `>` + string(p.all(objs(c, "components"))) + `</div>`
}

func (p *pen) row(c map[string]any) string {
	list := objs(c, "components")
	if len(list) == 1 && num(list[0], "type") == typeInput {
		return `<div class="input"><label>` + escaped(str(list[0], "label")) + `</label>` + p.control(list[0]) + `</div>`
	}
	return `<div class="row">` + string(p.all(list)) + `</div>`
}

func (p *pen) label(c map[string]any) string {
	e := obj(c, "component")
	title := escaped(str(c, "label"))
	required, told := e["required"].(bool)
	if num(e, "type") != typeBox && (!told || required) {
		title += `<em>*</em>`
	}
	out := `<div class="input"><label>` + title + `</label>`
	if t := str(c, "description"); t != "" {
		out += `<div class="hint">` + escaped(t) + `</div>`
	}
	return out + p.control(e) + `</div>`
}

// control draws something to use.
func (p *pen) control(c map[string]any) string {
	held, known := p.values[str(c, "custom_id")]
	if !known {
		held = initial(c)
	}
	switch num(c, "type") {
	case typeButton:
		class := []string{"secondary", "primary", "secondary", "success", "danger", "secondary", "primary"}[num(c, "style")%7]
		if off, _ := c["disabled"].(bool); off {
			class += " off"
		}
		return sprint(`<span class="button %s">%s</span>`, class, escaped(labelOf(c)))
	case typeInput:
		class := "line"
		if num(c, "style") == 2 {
			class += " long"
		}
		if len(held) > 0 {
			return sprint(`<div class="%s">%s</div>`, class, escaped(held[0]))
		}
		return sprint(`<div class="%s empty">%s</div>`, class, escaped(str(c, "placeholder")))
	case typeBox:
		return choice("square", len(held) > 0, "")
	case typeRadio, typeBoxes:
		return p.choices(c, held)
	}
	return p.menu(c, held)
}

func (p *pen) choices(c map[string]any, held []string) string {
	var b strings.Builder
	mark := "square"
	if num(c, "type") == typeRadio {
		mark = "circle"
	}
	for _, o := range objs(c, "options") {
		b.WriteString(choice(mark, slices.Contains(held, str(o, "value")), str(o, "label")))
	}
	return b.String()
}

func choice(mark string, on bool, label string) string {
	if on {
		mark += " on"
	}
	return sprint(`<div class="choice"><span class="%s"></span>%s</div>`, mark, escaped(label))
}

func (p *pen) menu(c map[string]any, held []string) string {
	var labels []string
	for _, o := range objs(c, "options") {
		if slices.Contains(held, str(o, "value")) {
			labels = append(labels, str(o, "label"))
		}
	}
	for _, id := range held {
		if _, ch := p.d.channelEver(id); ch != nil {
			labels = append(labels, "# "+ch.Name)
		} else if u := p.d.user(id); u != nil {
			labels = append(labels, "@"+u.Name)
		}
	}
	shown, class := strings.Join(labels, ", "), "menu"
	if shown == "" {
		shown, class = str(c, "placeholder"), "menu empty"
		text(&shown, "Make a selection")
	}
	return sprint(`<span class="%s"><span>%s</span><span class="arrow">&#8964;</span></span>`, class, escaped(shown))
}

// media draws what an address names: an attachment of the message, or something
// elsewhere, of which only the words are drawn.
func (p *pen) media(at, alt string) string {
	name, ok := strings.CutPrefix(at, "attachment://")
	if ok && p.message != nil {
		for i := range p.message.Attachments {
			if f := &p.message.Attachments[i]; f.Filename == name {
				return picture(f, alt)
			}
		}
	}
	return sprint(`<div class="image" role="img">%s</div>`, escaped(alt))
}

// picture draws an attachment.
func picture(f *Attachment, alt string) string {
	if strings.HasPrefix(f.ContentType, "image/") {
		return sprint(`<img alt="%s" src="data:%s;base64,%s">`, escaped(alt), f.ContentType, base64.StdEncoding.EncodeToString(f.Content))
	}
	return sprint(`<div class="file"><b>%s</b><span>%d bytes</span></div>`, escaped(f.Filename), len(f.Content))
}

func (p *pen) embed(e map[string]any) string {
	var b strings.Builder
	bar := ""
	if v, ok := e["color"].(float64); ok {
		bar = sprint(` style="border-left-color:#%06x"`, int(v))
	}
	b.WriteString(`<div class="container"` + bar + `>`)
	for _, one := range []struct{ class, md string }{{"author", str(obj(e, "author"), "name")}, {"title", str(e, "title")}, {"text", str(e, "description")}} {
		if one.md != "" {
			b.WriteString(`<div class="` + one.class + `">` + p.eyes.html(one.md) + `</div>`)
		}
	}
	for _, f := range objs(e, "fields") {
		b.WriteString(`<div class="text"><b>` + p.eyes.html(str(f, "name")) + `</b><br>` + p.eyes.html(str(f, "value")) + `</div>`)
	}
	if t := str(obj(e, "footer"), "text"); t != "" {
		b.WriteString(`<small class="subtext">` + escaped(t) + `</small>`)
	}
	b.WriteString(`</div>`)
	return b.String()
}

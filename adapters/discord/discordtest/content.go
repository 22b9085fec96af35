package discordtest

import (
	"slices"
	"strings"
)

// maxFile is the largest file that an app may send.
const maxFile = 10 << 20

// sayable is a message in a request, before anybody sees it.
type sayable struct {
	where string
	args  map[string]any
	files []Attachment
	old   *Message // that is edited; nil = a new one
}

// content checks what a request says and returns it as a message; that which is
// edited stays as it was where the request does not name it. d.mu is held.
func (d *Discord) content(s sayable) (Message, *refusal) {
	m := Message{Via: s.where}
	if s.old != nil {
		m = *s.old
		m.Components = slices.Clone(m.Components)
	}
	if _, ok := s.args["allowed_mentions"]; !ok {
		d.violate(s.where, "allowed_mentions is missing: everything pings")
	}
	c := check(s)
	if len(c.wrong) > 0 {
		d.refuse(s.where, c.wrong)
		return m, wrong(c.wrong...)
	}
	d.advise(s.where, c.unwise)
	s.take(&m)
	if m.Flags&ComponentsV2 != 0 && (m.Content != "" || len(m.Embeds) > 0) {
		p := problem{"flags", "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2", "The message still has content or embeds"}
		d.violate(s.where, p.String())
		return m, wrong(p)
	}
	if refused := d.attach(s, &m); refused != nil {
		return m, refused
	}
	if m.Content == "" && len(m.Embeds) == 0 && len(m.Components) == 0 && len(m.Attachments) == 0 {
		d.violate(s.where, "the message is empty")
		return m, no(emptyMessage)
	}
	return m, nil
}

// take puts what the request names into m.
func (s sayable) take(m *Message) {
	if v, ok := s.args["content"].(string); ok {
		m.Content = v
	}
	if _, ok := s.args["embeds"]; ok {
		m.Embeds = objs(s.args, "embeds")
	}
	if _, ok := s.args["components"]; ok {
		m.Components = numbered(objs(s.args, "components"))
	}
	if v, ok := s.args["allowed_mentions"]; ok || s.old == nil {
		m.mentions = v
	}
	was := m.Flags & Ephemeral
	if s.old == nil {
		was = num(s.args, "flags") & Ephemeral
	}
	m.Flags = m.Flags&ComponentsV2 | num(s.args, "flags")&^Ephemeral | was
	switch n := s.args["nonce"].(type) {
	case string:
		m.Nonce = n
	case float64:
		m.Nonce = sprint("%.0f", n)
	}
}

// refuse records problems that Discord refuses. d.mu is held.
func (d *Discord) refuse(where string, problems []problem) {
	for _, p := range problems {
		d.violate(where, p.String())
	}
}

// advise records rules of good use that were broken. d.mu is held.
func (d *Discord) advise(where string, problems []problem) { d.refuse(where, problems) }

// attach joins the files of a request with what attachments says of them. d.mu
// is held.
func (d *Discord) attach(s sayable, m *Message) *refusal {
	if list, ok := s.args["attachments"].([]any); ok {
		m.Attachments = slices.DeleteFunc(slices.Clone(m.Attachments), func(f Attachment) bool {
			return !slices.ContainsFunc(list, func(v any) bool { o, _ := v.(map[string]any); return idOf(o) == f.ID })
		})
	}
	told := objs(s.args, "attachments")
	for _, f := range s.files {
		if len(f.Content) > maxFile {
			d.violate(s.where, sprint("the file %q has %d bytes", f.Filename, len(f.Content)))
			return no(tooLarge)
		}
		for _, o := range told {
			if idOf(o) == f.field {
				f.Description = str(o, "description")
				text(&f.Filename, str(o, "filename"))
			}
		}
		f.ID = d.id()
		m.Attachments = append(m.Attachments, f)
	}
	return d.referred(s.where, m)
}

// referred checks that what components show of attachments is there, and that
// they show all. d.mu is held.
func (d *Discord) referred(where string, m *Message) *refusal {
	shown := map[string]bool{}
	for _, t := range texts(anyList(m.Components)) {
		name, ok := strings.CutPrefix(t, "attachment://")
		if !ok {
			continue
		}
		shown[name] = true
		if !slices.ContainsFunc(m.Attachments, func(f Attachment) bool { return f.Filename == name }) {
			p := problem{"components", "UNFURLED_MEDIA_ITEM_REFERENCED_ATTACHMENT_NOT_FOUND", "The referenced attachment was not found: " + name}
			d.violate(where, p.String())
			return wrong(p)
		}
	}
	for _, f := range m.Attachments {
		if m.Flags&ComponentsV2 != 0 && !shown[f.Filename] {
			d.violate(where, sprint("the file %q stands in no component, so nobody sees it", f.Filename))
		}
	}
	return nil
}

// idOf is the id of an object, which may be a number.
func idOf(o map[string]any) string {
	switch id := o["id"].(type) {
	case string:
		return id
	case float64:
		return sprint("%.0f", id)
	}
	return ""
}

// numbered gives components the ids that the app left to Discord.
func numbered(list []map[string]any) []map[string]any {
	out := cloneAll(list)
	used := map[int]bool{}
	each(out, func(c map[string]any) { used[num(c, "id")] = true })
	next := 1
	each(out, func(c map[string]any) {
		if num(c, "id") != 0 {
			return
		}
		for used[next] {
			next++
		}
		c["id"] = float64(next)
		used[next] = true
	})
	return out
}

// each calls f with every component, those within others, too.
func each(list []map[string]any, f func(map[string]any)) {
	for _, c := range list {
		f(c)
		each(objs(c, "components"), f)
		for _, key := range []string{"accessory", "component"} {
			if one := obj(c, key); one != nil {
				each([]map[string]any{one}, f)
			}
		}
	}
}

// all are the components of one of some types.
func every(list []map[string]any, types ...int) []map[string]any {
	var out []map[string]any
	each(list, func(c map[string]any) {
		if slices.Contains(types, num(c, "type")) {
			out = append(out, c)
		}
	})
	return out
}

// clone copies decoded JSON.
func clone(v any) any {
	switch one := v.(type) {
	case map[string]any:
		out := make(map[string]any, len(one))
		for k, e := range one {
			out[k] = clone(e)
		}
		return out
	case []any:
		out := make([]any, len(one))
		for i, e := range one {
			out[i] = clone(e)
		}
		return out
	}
	return v
}

func cloneAll(list []map[string]any) []map[string]any {
	out := make([]map[string]any, 0, len(list))
	for _, c := range list {
		if one, ok := clone(c).(map[string]any); ok {
			out = append(out, one)
		}
	}
	return out
}

func anyList(list []map[string]any) []any {
	out := make([]any, 0, len(list))
	for _, c := range list {
		out = append(out, c)
	}
	return out
}

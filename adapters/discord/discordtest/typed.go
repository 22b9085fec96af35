package discordtest

import (
	"maps"
	"slices"
	"strconv"
	"strings"
)

// permissionOf reads permissions, which come as text or number; false where
// there are none.
func permissionOf(v any) (Permission, bool) {
	switch one := v.(type) {
	case string:
		n, err := strconv.ParseUint(one, 10, 63)
		return Permission(n), err == nil
	case float64:
		return Permission(one), true
	}
	return 0, false
}

// options fills the options of a command as Discord's client does it, which
// checks them, too. d.mu is held.
func (p *Person) options(c map[string]any, values []string) ([]any, string) {
	list := objs(c, "options")
	if len(values) > len(list) {
		return nil, sprint("%s has %s", str(c, "name"), counted(len(list), "option"))
	}
	out := []any{}
	for i, o := range list {
		value := ""
		if i < len(values) {
			value = values[i]
		}
		if value == "" {
			if needed, _ := o["required"].(bool); needed {
				return nil, "This option is required. Specify a value."
			}
			continue
		}
		v, ok := p.valueOf(o, value)
		if !ok {
			return nil, sprint("%q is no value of %s", value, str(o, "name"))
		}
		out = append(out, map[string]any{"name": o["name"], "type": o["type"], "value": v})
	}
	return out, ""
}

// valueOf is what an option sends. d.mu is held.
func (p *Person) valueOf(o map[string]any, value string) (any, bool) {
	if list := objs(o, "choices"); len(list) > 0 {
		for _, one := range list {
			if str(one, "name") == value || str(obj(one, "name_localizations"), p.d.user(p.id).Locale) == value {
				return one["value"], true
			}
		}
		return nil, false
	}
	switch num(o, "type") {
	case 3:
		most := 6000
		if o["max_length"] != nil {
			most = num(o, "max_length")
		}
		n := runes(value)
		return value, n <= most && n >= num(o, "min_length")
	case 4:
		n, err := strconv.Atoi(value)
		return n, err == nil
	case 5:
		return value == "True", value == "True" || value == "False"
	case 6:
		u := p.d.user(strings.TrimPrefix(value, "@"))
		if u == nil {
			return nil, false
		}
		return u.ID, true
	case 7:
		_, ch := p.d.channel(value)
		if ch == nil {
			return nil, false
		}
		return ch.ID, true
	}
	return nil, false
}

// installable tells whether a command is for a kind of installation: 0 by a
// server, 1 by a user. Where it does not say, it is for servers.
func installable(c map[string]any, kind float64) bool {
	kinds, ok := c["integration_types"].([]any)
	if !ok {
		return kind == 0
	}
	return slices.Contains(kinds, any(kind))
}

// namedBy tells of what the values of options name; nil where they name nothing.
// d.mu is held.
func (p *Person) namedBy(options []map[string]any) map[string]any {
	out := map[string]any{}
	for _, o := range options {
		kind := map[int]float64{6: typeUsers, 7: typeChannels}[num(o, "type")]
		if id := str(o, "value"); kind != 0 {
			maps.Copy(out, p.resolved(map[string]any{"type": kind}, []string{id}))
		}
	}
	if len(out) == 0 {
		return nil
	}
	return out
}

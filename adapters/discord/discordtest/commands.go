package discordtest

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

func (d *Discord) getCommands(a *ask) (reply, *refusal) {
	where, refused := d.scope(a)
	if refused != nil {
		return reply{}, refused
	}
	return reply{body: anyList(d.commands[where])}, nil
}

// scope is the server whose commands a path means; "" for global ones. d.mu is
// held.
func (d *Discord) scope(a *ask) (string, *refusal) {
	if a.path("app") != App {
		return "", no(unknownApplication)
	}
	id := a.path("guild")
	if id == "" {
		return "", nil
	}
	g, refused := d.ours(a)
	if refused != nil {
		return "", refused
	}
	return g.ID, nil
}

// putCommands replaces all commands of a scope. One that keeps its name keeps
// its id.
func (d *Discord) putCommands(a *ask) (reply, *refusal) {
	where, refused := d.scope(a)
	if refused != nil {
		return reply{}, refused
	}
	c := checkCommands(a.list)
	d.advise(a.route.name(), c.unwise)
	if len(c.wrong) > 0 {
		d.refuse(a.route.name(), c.wrong)
		return reply{}, wrong(c.wrong...)
	}
	old := d.commands[where]
	list := []map[string]any{}
	for _, v := range a.list {
		o, _ := clone(v).(map[string]any)
		o["id"], o["version"], o["application_id"] = d.id(), d.id(), App
		if i := slices.IndexFunc(old, func(was map[string]any) bool { return was["name"] == o["name"] }); i >= 0 {
			o["id"] = old[i]["id"]
		}
		if o["type"] == nil {
			o["type"] = 1.0
		}
		if o["default_member_permissions"] == nil {
			o["default_member_permissions"] = nil
		}
		if where != "" {
			o["guild_id"] = where
		}
		list = append(list, o)
	}
	d.commands[where] = list
	return reply{body: anyList(list)}, nil
}

// Commands are the names of the registered commands of a server, by id or name;
// of the global ones where it is "".
func (d *Discord) Commands(guild string) []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	if g := d.guild(guild); g != nil {
		guild = g.ID
	}
	var out []string
	for _, c := range d.commands[guild] {
		out = append(out, str(c, "name"))
	}
	return out
}

// WaitCommand waits until a command is registered, such as "/rapport", anywhere;
// false when within has passed.
func (d *Discord) WaitCommand(name string, within time.Duration) bool {
	return d.Wait(within, func() bool {
		d.mu.Lock()
		defer d.mu.Unlock()
		for _, list := range d.commands {
			if slices.ContainsFunc(list, func(c map[string]any) bool { return "/"+str(c, "name") == name }) {
				return true
			}
		}
		return false
	})
}

// commandName is what a command and its options may be called.
var commandName = regexp.MustCompile(`^[-_'\p{L}\p{N}\p{Devanagari}\p{Thai}]{1,32}$`)

// checkCommands holds a registration against Discord's limits.
func checkCommands(list []any) *checker {
	c := new(checker)
	c.atMost("", len(list), 130, "in length")
	seen, chat := map[string]bool{}, 0
	for i, v := range list {
		at := strconv.Itoa(i)
		o, ok := v.(map[string]any)
		if !ok {
			c.fail(at, "MODEL_TYPE_CONVERT", "Only dictionaries may be used in a ModelType")
			continue
		}
		if kind := num(o, "type"); kind > 1 {
			c.length(at+".name", o["name"], 1, 32)
			continue
		}
		if chat++; chat > 100 {
			c.fail(at, "APPLICATION_COMMAND_TOO_MANY", "Maximum number of application commands reached (100).")
		}
		c.command(at, o)
		name := str(o, "name")
		if seen[name] {
			c.fail(at+".name", "APPLICATION_COMMANDS_DUPLICATE_NAME", "Application command names must be unique")
		}
		seen[name] = true
	}
	return c
}

func (c *checker) command(at string, o map[string]any) {
	c.named(at, o)
	c.nested(at+".options", objs(o, "options"), 0)
	if n := commandSize(o); n > 8000 {
		c.fail(at, "APPLICATION_COMMAND_TOO_LARGE", "Command exceeds maximum size (8000), got %d", n)
	}
	if p, ok := o["default_member_permissions"].(string); ok {
		if _, err := strconv.ParseUint(p, 10, 63); err != nil {
			c.fail(at+".default_member_permissions", "NUMBER_TYPE_COERCE", "Value %q is not int.", p)
		}
	}
	if o["dm_permission"] != nil {
		c.advise(at+".dm_permission", "deprecated: use contexts")
	}
	for key, most := range map[string]float64{"contexts": 2, "integration_types": 1} {
		for _, v := range arr(o, key) {
			if n, ok := v.(float64); !ok || n < 0 || n > most {
				c.fail(at+"."+key, "BASE_TYPE_CHOICES", "Value must be one of 0 to %v, got %v.", most, v)
			}
		}
	}
}

// named checks name and description, and both in other languages.
func (c *checker) named(at string, o map[string]any) {
	check := func(at string, v any) {
		name, _ := v.(string)
		if !commandName.MatchString(name) || name != lower(name) {
			c.fail(at, "APPLICATION_COMMAND_INVALID_NAME", "Command name is invalid: %q", name)
		}
	}
	check(at+".name", o["name"])
	c.length(at+".description", o["description"], 1, 100)
	for locale, v := range obj(o, "name_localizations") {
		c.locale(at+".name_localizations", locale)
		check(at+".name_localizations."+locale, v)
	}
	for locale, v := range obj(o, "description_localizations") {
		c.locale(at+".description_localizations", locale)
		c.length(at+".description_localizations."+locale, v, 1, 100)
	}
}

// locales are those that Discord knows.
const locales = " id da de en-GB en-US es-ES es-419 fr hr it lt hu nl no pl pt-BR ro fi sv-SE vi tr cs el bg ru uk hi th zh-CN ja zh-TW ko "

func (c *checker) locale(at, name string) {
	if name == "" || !strings.Contains(locales, " "+name+" ") {
		c.fail(at, "BASE_TYPE_CHOICES", "%q is no locale.", name)
	}
}

// nested checks options, which may hold others down to two levels.
func (c *checker) nested(at string, list []map[string]any, depth int) {
	c.atMost(at, len(list), 25, "in length")
	seen, optional := map[string]bool{}, false
	for i, o := range list {
		in := sprint("%s.%d", at, i)
		kind := num(o, "type")
		c.between(in+".type", o["type"], 1, 11)
		c.named(in, o)
		if seen[str(o, "name")] {
			c.fail(in+".name", "APPLICATION_COMMAND_OPTIONS_NAME_INVALID", "Option name is there twice")
		}
		seen[str(o, "name")] = true
		if kind <= 2 {
			if depth > 1 || depth == 1 && kind == 2 {
				c.fail(in+".type", "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID", "Sub-command option type is invalid here")
			}
			c.nested(in+".options", objs(o, "options"), depth+1)
			continue
		}
		needed, _ := o["required"].(bool)
		if needed && optional {
			c.fail(in, "APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID", "Required options must be placed before non-required options")
		}
		optional = optional || !needed
		c.option(in, o)
	}
}

func (c *checker) option(at string, o map[string]any) {
	choices := objs(o, "choices")
	c.atMost(at+".choices", len(choices), 25, "in length")
	for i, one := range choices {
		in := sprint("%s.choices.%d", at, i)
		c.length(in+".name", one["name"], 1, 100)
		if num(o, "type") == 3 {
			c.length(in+".value", one["value"], 0, 100)
		}
	}
	if auto, _ := o["autocomplete"].(bool); auto && len(choices) > 0 {
		c.fail(at, "APPLICATION_COMMAND_OPTIONS_AUTOCOMPLETE", "An option has choices or autocomplete")
	}
	c.between(at+".min_length", o["min_length"], 0, 6000)
	c.between(at+".max_length", o["max_length"], 1, 6000)
}

// commandSize counts the characters of a command: names, descriptions and values,
// each in its longest language.
func commandSize(o map[string]any) int {
	longest := func(key string) int {
		n := runes(str(o, key))
		for _, v := range obj(o, key+"_localizations") {
			t, _ := v.(string)
			n = max(n, runes(t))
		}
		return n
	}
	n := longest("name") + longest("description") + runes(str(o, "value"))
	for _, key := range []string{"options", "choices"} {
		for _, one := range objs(o, key) {
			n += commandSize(one)
		}
	}
	return n
}

func lower(s string) string { return strings.ToLower(s) }

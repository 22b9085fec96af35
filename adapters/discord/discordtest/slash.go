package discordtest

import (
	"slices"
	"strings"
)

// Command uses a slash command, such as "/rapport"; values fill its options in
// their order. An option with choices takes the name of one.
func (p *Person) Command(name string, values ...string) Answer {
	p.d.t.Helper()
	d := p.d
	d.mu.Lock()
	p.start("%s", strings.Join(append([]string{name}, values...), " "))
	c := p.offered(name)
	if c == nil {
		p.told(name, noCommand)
		d.mu.Unlock()
		return Answer{Error: noCommand}
	}
	options, problem := p.options(c, values)
	if problem != "" {
		p.told(name, problem)
		d.mu.Unlock()
		return Answer{Error: problem}
	}
	it := p.interact(kindCommand, map[string]any{"id": c["id"], "name": c["name"], "type": c["type"], "options": options})
	p.finish(it, c)
	d.mu.Unlock()
	return p.send(it, name, noAnswer)
}

// finish says to which server a command is registered, what its values name, and
// for whom it was installed. d.mu is held.
func (p *Person) finish(it *Interaction, c map[string]any) {
	data := obj(it.Payload, "data")
	if g := str(c, "guild_id"); g != "" {
		data["guild_id"] = g
	}
	if list, ok := data["options"].([]any); ok && len(list) == 0 {
		delete(data, "options")
	}
	if r := p.namedBy(objs(data, "options")); r != nil {
		data["resolved"] = r
	}
	owners := it.owners
	for key, kind := range map[string]float64{"0": 0, "1": 1} {
		if !installable(c, kind) {
			delete(owners, key)
		}
	}
	it.own(owners)
}

// Complete types the beginning of a command's first option and returns what is
// offered.
func (p *Person) Complete(name, beginning string) []Choice {
	p.d.t.Helper()
	d := p.d
	d.mu.Lock()
	c := p.offered(name)
	list := objs(c, "options")
	if len(list) == 0 {
		d.mu.Unlock()
		d.t.Fatalf("discordtest: %s sees no %s with an option", d.calledNow(p.id), name)
	}
	o := list[0]
	if on, _ := o["autocomplete"].(bool); !on {
		d.mu.Unlock()
		d.t.Fatalf("discordtest: the option %q of %s has no autocomplete", str(o, "name"), name)
	}
	it := p.interact(kindComplete, map[string]any{"id": c["id"], "name": c["name"], "type": c["type"], "options": []any{
		map[string]any{"name": o["name"], "type": o["type"], "value": beginning, "focused": true},
	}})
	p.finish(it, c)
	d.mu.Unlock()
	p.send(it, name, noOptions)
	d.mu.Lock()
	defer d.mu.Unlock()
	p.typing = typing{name, str(o, "name"), beginning, slices.Clone(it.choices)}
	return slices.Clone(it.choices)
}

// Commands are the names of the commands that p is offered where they look.
func (p *Person) Commands() []string {
	p.d.mu.Lock()
	defer p.d.mu.Unlock()
	var out []string
	for _, c := range p.menu() {
		out = append(out, "/"+str(c, "name"))
	}
	return out
}

// menu are the commands that p is offered where they look. d.mu is held.
func (p *Person) menu() []map[string]any {
	g, c := p.d.channel(p.place)
	if c == nil && p.d.partners[p.place] == "" {
		return nil // the channel is gone
	}
	list := slices.Clone(p.d.commands[""])
	if g != nil && !g.Without {
		list = append(list, p.d.commands[g.ID]...)
	}
	return slices.DeleteFunc(list, func(c map[string]any) bool { return num(c, "type") > 1 || !p.mayUse(c, g) })
}

// offered is the command of that name; nil if p is offered none. d.mu is held.
func (p *Person) offered(name string) map[string]any {
	for _, c := range p.menu() {
		if "/"+str(c, "name") == name || "/"+str(obj(c, "name_localizations"), p.d.user(p.id).Locale) == name {
			return c
		}
	}
	return nil
}

// mayUse tells whether p is offered a command in a server, or in direct messages
// where g is nil. d.mu is held.
func (p *Person) mayUse(c map[string]any, g *Guild) bool {
	u := p.d.user(p.id)
	owners := p.d.ownersOf(u, g)
	context := 0.0
	if g == nil {
		context = 1
	}
	if list, ok := c["contexts"].([]any); ok && !slices.Contains(list, any(context)) {
		return false
	}
	byServer := owners["0"] != nil && installable(c, 0)
	byUser := owners["1"] != nil && installable(c, 1)
	if !byServer && !byUser {
		return false
	}
	if g == nil {
		return true
	}
	needs, has := permissionOf(c["default_member_permissions"])
	if !rights(g, u).has(UseCommands) {
		return false
	}
	return !has || rights(g, u)&Administrator != 0 || needs != 0 && rights(g, u).has(needs)
}

package discordtest

import "net/http"

func (d *Discord) getGateway(*ask) (reply, *refusal) {
	return reply{body: map[string]any{"url": d.GatewayURL()}}, nil
}

func (d *Discord) getGatewayBot(*ask) (reply, *refusal) {
	left, resets := d.identifiesLeft()
	return reply{body: map[string]any{
		"url": d.GatewayURL(), "shards": d.set.Shards,
		"session_start_limit": map[string]any{
			"total": d.set.Identifies, "remaining": left, "reset_after": resets.Milliseconds(), "max_concurrency": d.set.MaxConcurrency,
		},
	}}, nil
}

func (d *Discord) getSelf(*ask) (reply, *refusal) { return reply{body: d.botJSON()}, nil }

func (d *Discord) getApplication(*ask) (reply, *refusal) {
	var endpoint any
	if w, ok := d.transport.(*Web); ok {
		endpoint = w.Address
	}
	installed := map[string]any{"scopes": []string{"applications.commands", "bot"}, "permissions": everyday.String()}
	return reply{body: map[string]any{
		"id": App, "name": d.set.App, "icon": nil, "description": "", "flags": 0, "verify_key": d.PublicKey(), "bot": d.botJSON(),
		"bot_public": true, "bot_require_code_grant": false, "summary": "", "interactions_endpoint_url": endpoint,
		"install_params": installed, "approximate_guild_count": d.present(), "approximate_user_install_count": 1,
		"integration_types_config": map[string]any{
			"0": map[string]any{"oauth2_install_params": installed},
			"1": map[string]any{"oauth2_install_params": map[string]any{"scopes": []string{"applications.commands"}, "permissions": "0"}},
		},
	}}, nil
}

// present counts the servers that the app is in. d.mu is held.
func (d *Discord) present() int {
	n := 0
	for _, g := range d.set.Guilds {
		if !g.Without {
			n++
		}
	}
	return n
}

// ours is a server that the app is in. d.mu is held.
func (d *Discord) ours(a *ask) (*Guild, *refusal) {
	g := d.guild(a.path("guild"))
	switch {
	case g == nil:
		return nil, no(unknownGuild)
	case g.Without:
		return nil, no(missingAccess)
	case g.Down:
		return nil, &refusal{status: http.StatusServiceUnavailable, say: "503: Service Unavailable"}
	}
	return g, nil
}

func (d *Discord) getGuild(a *ask) (reply, *refusal) {
	g, refused := d.ours(a)
	if refused != nil {
		return reply{}, refused
	}
	out := d.guildJSON(g)
	delete(out, "channels")
	return reply{body: out}, nil
}

// getOwnGuilds lists the servers that the app is in, those with an outage too.
func (d *Discord) getOwnGuilds(*ask) (reply, *refusal) {
	out := []any{}
	for i := range d.set.Guilds {
		if g := &d.set.Guilds[i]; !g.Without {
			out = append(out, map[string]any{"id": g.ID, "name": g.Name, "icon": nil, "banner": nil, "owner": false,
				"permissions": (everyday &^ g.Lost).String(), "features": []any{}})
		}
	}
	return reply{body: out}, nil
}

func (d *Discord) getRoles(a *ask) (reply, *refusal) {
	g, refused := d.ours(a)
	if refused != nil {
		return reply{}, refused
	}
	return reply{body: d.roles(g)}, nil
}

func (d *Discord) getChannels(a *ask) (reply, *refusal) {
	g, refused := d.ours(a)
	if refused != nil {
		return reply{}, refused
	}
	return reply{body: d.channels(g)}, nil
}

// getMember tells of the app's own membership. Other people's would take no
// privileged intent either, but no app of ours has to know them.
func (d *Discord) getMember(a *ask) (reply, *refusal) {
	g, refused := d.ours(a)
	if refused != nil {
		return reply{}, refused
	}
	if id := a.path("user"); id != App && id != "@me" {
		d.violate(a.route.name(), "asks after somebody else than the app itself")
		return reply{}, no(unknownMember)
	}
	return reply{body: map[string]any{
		"user": d.botJSON(), "nick": nil, "avatar": nil, "roles": []string{appRole(g)}, "joined_at": stamped(madeAt(g.ID)),
		"deaf": false, "mute": false, "flags": 0, "pending": false,
	}}, nil
}

func (d *Discord) getChannel(a *ask) (reply, *refusal) {
	id := a.path("channel")
	if u := d.user(d.partners[id]); u != nil {
		return reply{body: d.directJSON(u)}, nil
	}
	g, c := d.channel(id)
	switch {
	case c == nil || c.ID != id:
		return reply{}, no(unknownChannel)
	case !d.allowed(g, c).has(ViewChannel):
		return reply{}, no(missingAccess)
	}
	return reply{body: d.channelJSON(g, c)}, nil
}

package discordtest

import "slices"

// botJSON is the app's user. d.mu is held.
func (d *Discord) botJSON() map[string]any {
	return map[string]any{
		"id": App, "username": d.set.App, "discriminator": "2042", "global_name": nil, "avatar": nil, "bot": true,
		"public_flags": 0, "flags": 0, "mfa_enabled": true, "locale": "en-US", "verified": true, "email": nil,
	}
}

func userJSON(u *User) map[string]any {
	return map[string]any{
		"id": u.ID, "username": lower(u.Name), "discriminator": "0", "global_name": u.Name, "avatar": nil, "public_flags": 0,
	}
}

// memberJSON is somebody in a server, in one of its channels. d.mu is held.
func (d *Discord) memberJSON(g *Guild, u *User) map[string]any {
	return map[string]any{
		"user": userJSON(u), "nick": nil, "avatar": nil, "roles": []string{}, "joined_at": stamped(madeAt(g.ID)),
		"premium_since": nil, "deaf": false, "mute": false, "flags": 0, "pending": false, "permissions": rights(g, u).String(),
	}
}

// rights are what somebody may do in a server.
func rights(g *Guild, u *User) Permission {
	switch {
	case u.Admin || g.Owner == u.Name:
		return all
	case u.Manage:
		return everyday | ManageServer
	}
	return everyday
}

// allowed is what the app may do in a channel. d.mu is held.
func (d *Discord) allowed(g *Guild, c *Channel) Permission {
	if g.Without {
		return 0
	}
	if c.Members != nil && !slices.Contains(c.Members, d.set.App) {
		return 0
	}
	p := everyday &^ g.Lost &^ c.Lost
	if p&ViewChannel == 0 {
		return 0
	}
	return p
}

// sees tells whether somebody sees a channel of a server.
func sees(g *Guild, c *Channel, u *User) bool {
	return slices.Contains(g.Members, u.Name) && (c.Members == nil || slices.Contains(c.Members, u.Name))
}

// appRole is the role that the app got when it was invited.
func appRole(g *Guild) string { return fixed(seriesRole, g.ID) }

// roles are those of a server. d.mu is held.
func (d *Discord) roles(g *Guild) []any {
	role := func(id, name string, p Permission, managed bool, at int) map[string]any {
		out := map[string]any{
			"id": id, "name": name, "description": nil, "permissions": p.String(), "position": at, "color": 0, "hoist": false,
			"managed": managed, "mentionable": false, "icon": nil, "unicode_emoji": nil, "flags": 0,
		}
		if managed {
			out["tags"] = map[string]any{"bot_id": App}
		}
		return out
	}
	return []any{role(g.ID, "@everyone", everyday&^g.Lost, false, 0), role(appRole(g), d.set.App, everyday&^g.Lost, true, 1)}
}

// channels are those of a server. d.mu is held.
func (d *Discord) channels(g *Guild) []any {
	out := []any{}
	for i := range g.Channels {
		if c := &g.Channels[i]; !c.Deleted {
			out = append(out, d.channelJSON(g, c))
		}
	}
	return out
}

// channelJSON is a channel of a server. d.mu is held.
func (d *Discord) channelJSON(g *Guild, c *Channel) map[string]any {
	rules := []any{}
	rule := func(id string, kind int, allow, deny Permission) {
		rules = append(rules, map[string]any{"id": id, "type": kind, "allow": allow.String(), "deny": deny.String()})
	}
	if c.Members != nil {
		rule(g.ID, 0, 0, ViewChannel)
		for _, name := range c.Members {
			if u := d.user(name); u != nil {
				rule(u.ID, 1, ViewChannel, 0)
			}
		}
		if slices.Contains(c.Members, d.set.App) {
			rule(appRole(g), 0, ViewChannel, 0)
		}
	}
	if c.Lost != 0 {
		rule(App, 1, 0, c.Lost)
	}
	return map[string]any{
		"id": c.ID, "type": c.Kind, "guild_id": g.ID, "name": c.Name, "position": slices.IndexFunc(g.Channels, func(o Channel) bool { return o.ID == c.ID }),
		"parent_id": nil, "topic": nil, "nsfw": false, "last_message_id": nil, "rate_limit_per_user": 0, "flags": 0, "permission_overwrites": rules,
	}
}

// directJSON is the conversation of the app and somebody. d.mu is held.
func (d *Discord) directJSON(u *User) map[string]any {
	return map[string]any{"id": d.conversation(u.ID), "type": 1, "flags": 0, "last_message_id": nil, "recipients": []any{userJSON(u)}}
}

// guildJSON is a server as GUILD_CREATE tells it. d.mu is held.
func (d *Discord) guildJSON(g *Guild) map[string]any {
	out := map[string]any{
		"id": g.ID, "name": g.Name, "icon": nil, "splash": nil, "owner_id": "0", "preferred_locale": g.Locale, "unavailable": false,
		"member_count": len(g.Members) + 1, "large": false, "joined_at": stamped(madeAt(g.ID)), "roles": d.roles(g), "channels": d.channels(g),
		"members": []any{}, "threads": []any{}, "presences": []any{}, "voice_states": []any{}, "stage_instances": []any{}, "emojis": []any{},
		"stickers": []any{}, "features": []any{"COMMUNITY"}, "guild_scheduled_events": []any{}, "soundboard_sounds": []any{},
		"afk_channel_id": nil, "afk_timeout": 300, "verification_level": 1, "default_message_notifications": 1, "explicit_content_filter": 2,
		"mfa_level": 0, "application_id": nil, "system_channel_id": nil, "system_channel_flags": 0, "rules_channel_id": nil,
		"vanity_url_code": nil, "description": nil, "banner": nil, "premium_tier": 0, "nsfw_level": 0, "premium_progress_bar_enabled": false,
	}
	if u := d.user(g.Owner); u != nil {
		out["owner_id"] = u.ID
	}
	return out
}

// conversation is the id of the direct conversation of the app and a user, made
// when there is none. d.mu is held.
func (d *Discord) conversation(user string) string {
	if id := d.direct[user]; id != "" {
		return id
	}
	id := fixed(seriesDirect, user)
	d.direct[user], d.partners[id] = id, user
	return id
}

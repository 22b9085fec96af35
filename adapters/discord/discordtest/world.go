package discordtest

// Change changes a user from now on, such as change("Anna", func(u *User) { u.Closed = true }).
func (d *Discord) Change(name string, change func(*User)) {
	d.t.Helper()
	d.mu.Lock()
	defer d.mu.Unlock()
	u := d.user(name)
	if u == nil {
		d.t.Fatalf("discordtest: no user %q", name)
	}
	change(u)
}

// ChangeGuild changes a server from now on, and tells the app.
func (d *Discord) ChangeGuild(name string, change func(*Guild)) {
	d.t.Helper()
	d.mu.Lock()
	defer d.mu.Unlock()
	g := d.mustGuild(name)
	change(g)
	if !g.Without && !g.Down {
		d.dispatch(g.ID, "GUILD_UPDATE", d.guildJSON(g))
	}
}

// ChangeChannel changes a channel from now on, such as what the app may do there,
// and tells the app.
func (d *Discord) ChangeChannel(name string, change func(*Channel)) {
	d.t.Helper()
	d.mu.Lock()
	defer d.mu.Unlock()
	g, c := d.mustChannel(name)
	change(c)
	if !g.Without && !g.Down {
		d.dispatch(g.ID, "CHANNEL_UPDATE", d.channelJSON(g, c))
	}
}

// DeleteChannel takes a channel away, with its messages.
func (d *Discord) DeleteChannel(name string) {
	d.t.Helper()
	d.mu.Lock()
	defer d.mu.Unlock()
	g, c := d.mustChannel(name)
	data := d.channelJSON(g, c)
	c.Deleted = true
	if !g.Without && !g.Down {
		d.dispatch(g.ID, "CHANNEL_DELETE", data)
	}
}

// Kick removes the app from a server.
func (d *Discord) Kick(guild string) {
	d.t.Helper()
	d.mu.Lock()
	defer d.mu.Unlock()
	g := d.mustGuild(guild)
	g.Without = true
	d.dispatch(g.ID, "GUILD_DELETE", map[string]any{"id": g.ID})
}

// Invite brings the app to a server.
func (d *Discord) Invite(guild string) {
	d.t.Helper()
	d.mu.Lock()
	defer d.mu.Unlock()
	g := d.mustGuild(guild)
	g.Without = false
	d.dispatch(g.ID, "GUILD_CREATE", d.guildJSON(g))
}

// Outage makes a server unavailable, or available again.
func (d *Discord) Outage(guild string, down bool) {
	d.t.Helper()
	d.mu.Lock()
	defer d.mu.Unlock()
	g := d.mustGuild(guild)
	g.Down = down
	if down {
		d.dispatch(g.ID, "GUILD_DELETE", map[string]any{"id": g.ID, "unavailable": true})
		return
	}
	d.dispatch(g.ID, "GUILD_CREATE", d.guildJSON(g))
}

// Event tells the app of something else that happened in a server; "" is none.
func (d *Discord) Event(guild, name string, data any) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if g := d.guild(guild); g != nil {
		guild = g.ID
	}
	d.dispatch(guild, name, data)
}

// GuildID is the id of a server.
func (d *Discord) GuildID(name string) string {
	d.t.Helper()
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.mustGuild(name).ID
}

// ChannelID is the id of a channel, "#name" or "Server/#name", or of the
// conversation with the person of that name.
func (d *Discord) ChannelID(name string) string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.locate(name)
}

// mustGuild ends the test where there is no such server. d.mu is held.
func (d *Discord) mustGuild(name string) *Guild {
	d.t.Helper()
	g := d.guild(name)
	if g == nil {
		d.t.Fatalf("discordtest: no server %q", name)
	}
	return g
}

// mustChannel ends the test where there is no such channel. d.mu is held.
func (d *Discord) mustChannel(name string) (*Guild, *Channel) {
	d.t.Helper()
	g, c := d.channel(name)
	if c == nil {
		d.t.Fatalf("discordtest: no channel %q", name)
	}
	return g, c
}

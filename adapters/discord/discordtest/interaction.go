package discordtest

import (
	"slices"
	"time"
)

// Kinds of interactions.
const (
	kindPing     = 1
	kindCommand  = 2
	kindUse      = 3 // of a component
	kindComplete = 4
	kindSubmit   = 5
)

// Kinds of first answers.
const (
	answerPong    = 1
	answerMessage = 4
	answerLater   = 5
	answerUpdate  = 7
	answerNothing = 6 // deferred update
	answerChoices = 8
	answerModal   = 9
)

// An Interaction is one thing that somebody did with the app.
type Interaction struct {
	ID, Token  string
	Kind       int            // Discord's: 2 command, 3 component, 4 autocomplete, 5 form
	User       string         // id
	Guild      string         // id; "" in direct messages
	Channel    string         // id
	Payload    map[string]any // as it was sent
	Deliveries int
	Answer     int // kind of the first answer; 0 = none yet
	Latency    time.Duration
	Late       int // first answers that came too late
	Doubles    int // first answers after the first
	FollowUps  int

	made     moment
	owners   map[string]any
	userOnly bool     // installed by the user alone
	hidden   bool     // the first answer was for them alone
	original *Message // what the first answer shows, or the message of the component
	source   *Message // whose component was used
	choices  []Choice
	modal    *Modal        // that was submitted
	refused  bool          // over HTTP: there will be no answer
	status   int           // over HTTP, of the app's response
	body     []byte        // over HTTP
	done     chan struct{} // closed at the first answer
}

// Interactions are all so far, in the order in which they were made.
func (d *Discord) Interactions() []Interaction {
	d.mu.Lock()
	defer d.mu.Unlock()
	var out []Interaction
	for _, it := range d.arrivals {
		out = append(out, *it)
	}
	return out
}

// interact makes an interaction of somebody's. d.mu is held.
func (p *Person) interact(kind int, data map[string]any) *Interaction {
	d := p.d
	u := d.user(p.id)
	it := &Interaction{
		ID: d.id(), Token: "aW50ZXJhY3Rpb24" + hexed(randomBytes(24)), Kind: kind, User: u.ID, Channel: p.place,
		made: d.moment(), done: make(chan struct{}),
	}
	g, c := d.channel(p.place)
	it.own(d.ownersOf(u, g))
	payload := map[string]any{
		"version": 1, "id": it.ID, "token": it.Token, "type": kind, "application_id": App, "channel_id": p.place, "locale": u.Locale,
		"entitlements": []any{}, "authorizing_integration_owners": it.owners, "attachment_size_limit": maxFile, "entitlement_sku_ids": []any{},
	}
	if data != nil {
		payload["data"] = data
	}
	if g != nil {
		it.Guild = g.ID
		payload["guild_id"], payload["guild_locale"], payload["context"] = g.ID, g.Locale, 0
		payload["guild"] = map[string]any{"id": g.ID, "locale": g.Locale, "features": []any{}}
		payload["member"] = d.memberJSON(g, u)
		channel := d.channelJSON(g, c)
		channel["permissions"] = rights(g, u).String()
		payload["channel"] = channel
		payload["app_permissions"] = d.allowedHere(g, c).String()
	} else {
		payload["user"], payload["context"], payload["channel"] = userJSON(u), 1, d.directJSON(u)
		payload["app_permissions"] = (everyday | MentionEveryone).String()
	}
	it.Payload = payload
	d.interactions[it.ID], d.byToken[it.Token] = it, it
	d.arrivals = append(d.arrivals, it)
	return it
}

// own says for whom the app was installed where it is used.
func (it *Interaction) own(owners map[string]any) {
	it.owners = owners
	it.userOnly = owners["0"] == nil
	if it.Payload != nil {
		it.Payload["authorizing_integration_owners"] = owners
	}
}

// inherit makes what is done with an answer belong to those whom the answer
// belonged to: others may press the button of somebody's app. d.mu is held.
func (d *Discord) inherit(it *Interaction, source *Message) {
	if source == nil {
		return
	}
	if from := d.interactions[source.Interaction]; from != nil && it.owners["0"] == nil {
		it.own(from.owners)
	}
}

// ownersOf says for whom the app was installed where somebody uses it. d.mu is
// held.
func (d *Discord) ownersOf(u *User, g *Guild) map[string]any {
	out := map[string]any{}
	switch {
	case g != nil && !g.Without:
		out["0"] = g.ID
	case g == nil && slices.ContainsFunc(d.set.Guilds, func(g Guild) bool { return !g.Without && slices.Contains(g.Members, u.Name) }):
		out["0"] = "0"
	}
	if u.Installed {
		out["1"] = u.ID
	}
	return out
}

// allowedHere is what the app may do where it answers: where it is only
// installed by the user, what everybody may. d.mu is held.
func (d *Discord) allowedHere(g *Guild, c *Channel) Permission {
	if g.Without {
		return everyday &^ c.Lost
	}
	return d.allowed(g, c)
}

// expired tells whether a token is too old, or not to be used yet. d.mu is held.
func (d *Discord) expired(it *Interaction) bool { return d.age(it.made) > d.set.TokenLife }

// fulfil notes the first answer. d.mu is held.
func (d *Discord) fulfil(it *Interaction, kind int) {
	it.Answer, it.Latency = kind, d.age(it.made)
	close(it.done)
	d.touch()
}

// Forge changes all that people do from now on before the app is told of it, to
// what no client of Discord's would send; nil ends that. change must not call d.
func (d *Discord) Forge(change func(payload map[string]any)) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.forge = change
}

// Answered is the message that shows the answer to a gesture, as it is now; the
// zero value where none does, such as where a form opened. A button on a message
// that is gone is answered in that message, which nobody sees any more.
func (d *Discord) Answered(a Answer) Message {
	d.mu.Lock()
	defer d.mu.Unlock()
	it := d.interactions[a.ID]
	if it == nil || it.original == nil {
		return Message{}
	}
	return *it.original
}

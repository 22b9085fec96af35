package slack

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"
	"strings"

	slackgo "github.com/slack-go/slack"

	"rapport/adapters/slack/blockkit"
	"rapport/coach"
)

// A way is where a gesture was made, and so by which of Slack's ways it is
// answered.
type way uint8

const (
	byCommand    way = iota + 1 // a slash command
	byMessage                   // a control of a message
	byModal                     // a control of a modal
	byHome                      // a control of the App Home, or its being opened
	bySubmission                // a form that was sent
	byShortcut
	byNobody // an event: nobody waits for an answer
)

// A gesture is what a person did, as far as the payload tells.
type gesture struct {
	way       way
	id        string // the same when Slack tells of it again
	by        caller
	request   coach.Request // without what takes knowing the person
	channel   string        // where it was done; "" for none
	trigger   string
	url       string        // a response_url; "" for none
	view      *slackgo.View // pressed in, or sent; nil for none
	origin    string        // of the view; of what the answer opens
	ephemeral bool          // pressed on a message that this person alone sees
}

// journalShortcut is the callback_id of the global shortcut.
const journalShortcut = "journal"

// gestureOf reads what in says; not ok for what the coach has no answer to.
func (d *desk) gestureOf(in incoming) (g gesture, ok bool) {
	switch {
	case in.Command != nil:
		g, ok = commandOf(*in.Command), true
	case in.Press == nil:
		return g, false
	case in.Press.Type == slackgo.InteractionTypeBlockActions:
		g, ok = pressOf(in.Press)
	case in.Press.Type == slackgo.InteractionTypeViewSubmission:
		g, ok = submissionOf(in.Press), true
	case in.Press.Type == slackgo.InteractionTypeShortcut && in.Press.CallbackID == journalShortcut:
		g, ok = interaction(byShortcut, in.Press), true
		g.request.Action = coach.Do("write")
	}
	if !ok || g.by.user == "" {
		return g, false
	}
	g.id = first(g.trigger, g.id, in.ID)
	if g.id == "" { // cannot be; but two gestures are never one
		g.id = rand.Text()
	}
	g.request.ID = requestID(g.id)
	return g, true
}

// requestID is a gesture's id among those of all platforms.
func requestID(id string) string { return string(platform) + ":" + id }

// escapes are what Slack does to the text of a command.
var escapes = strings.NewReplacer("&amp;", "&", "&lt;", "<", "&gt;", ">")

// unescape takes them back. Most texts have none, and a replacer copies those too.
func unescape(text string) string {
	if !strings.Contains(text, "&") {
		return text
	}
	return escapes.Replace(text)
}

func commandOf(c slackgo.SlashCommand) gesture {
	return gesture{
		way:     byCommand,
		by:      caller{user: c.UserID, place: c.TeamID, enterprise: c.EnterpriseID},
		request: coach.Request{Action: coach.Parse(unescape(c.Text))},
		channel: c.ChannelID, origin: c.ChannelID,
		trigger: c.TriggerID, url: c.ResponseURL,
	}
}

// interaction is what all interactions have in common.
func interaction(w way, p *slackgo.InteractionCallback) gesture {
	return gesture{
		way:     w,
		by:      caller{user: p.User.ID, team: p.User.TeamID, place: p.Team.ID, enterprise: p.Enterprise.ID},
		trigger: p.TriggerID, view: &p.View, origin: blockkit.Origin(p.View),
	}
}

// pressOf reads a pressed button and a pick from a menu.
func pressOf(p *slackgo.InteractionCallback) (g gesture, ok bool) {
	if len(p.ActionCallback.BlockActions) == 0 {
		return g, false
	}
	pressed := p.ActionCallback.BlockActions[0]
	action, ok := blockkit.Picked(pressed)
	if !ok {
		return g, false
	}
	switch {
	case p.View.Type == slackgo.VTHomeTab:
		g = interaction(byHome, p)
	case p.View.ID != "":
		g = interaction(byModal, p)
		g.channel = channelIn(g.origin)
	default:
		g = interaction(byMessage, p)
		g.channel = first(p.Channel.ID, p.Container.ChannelID)
		g.origin, g.url, g.ephemeral = g.channel, p.ResponseURL, p.Container.IsEphemeral
	}
	g.id = g.by.user + ":" + pressed.ActionTs
	g.request.Action = action
	g.request.Shared = g.way == byMessage && !g.ephemeral && inChannel(g.channel)
	return g, true
}

// submissionOf reads a form that was sent. The view stays the same when a form
// with faults is sent again, so that its answers are part of its name.
func submissionOf(p *slackgo.InteractionCallback) gesture {
	g := interaction(bySubmission, p)
	g.request.Action, g.request.Answers, g.origin = blockkit.Submitted(p.View)
	if g.request.Answers == nil {
		g.request.Answers = map[string]string{}
	}
	g.channel = channelIn(g.origin)
	g.id = submissionID(p.View, g.request.Answers)
	return g
}

// asking is the Handler that completes a request for g with what is known of
// the person, and hands it to the coach. Slack may have to be asked who they
// are: that is part of what [coach.Await] waits for.
func (d *desk) asking(g *gesture) coach.Handler {
	return coach.Steady(asking{d.coach, d, g})
}

type asking struct {
	coach.Handler
	desk *desk
	g    *gesture
}

// Handle implements [coach.Handler].
func (a asking) Handle(ctx context.Context, r coach.Request) (coach.Reply, error) {
	ctx, cancel := context.WithTimeout(ctx, answerWait)
	defer cancel()
	return a.Handler.Handle(ctx, a.desk.complete(ctx, *a.g, r))
}

// complete fills in r what takes knowing the person. Of whom Slack does not say
// who they are only the configuration makes an admin, and they are taken for a
// guest, who may set nothing up.
func (d *desk) complete(ctx context.Context, g gesture, r coach.Request) coach.Request {
	f, known := d.people.find(ctx, g.by.user)
	r.From, r.Stranger = d.person(g.by, f)
	r.Team = d.team(g.by)
	r.At = placeOf(g, r.From, r.Team)
	r.Locale, r.Zone = f.locale, f.zone
	named := slices.Contains(d.Admins, g.by.user)
	r.Guest = f.guest || !known && !named
	r.Admin = (f.admin || named) && !r.Guest && !r.Stranger
	r.TextOnly = r.TextOnly || !d.filesGranted()
	return r
}

func (d *desk) filesGranted() bool { return slices.Contains(d.self.Scopes, "files:write") }

// placeOf is where g was done.
func placeOf(g gesture, who coach.Person, team coach.Team) coach.Address {
	switch {
	case g.way == byHome:
		return coach.Address{Kind: coach.Home, Platform: platform, Person: who}
	case inChannel(g.channel):
		return coach.ChannelOf(team, g.channel)
	}
	return coach.DirectTo(who)
}

// inChannel reports whether several people see what stands in the conversation
// with that id: its first letter is D for direct messages.
func inChannel(id string) bool {
	return strings.HasPrefix(id, "C") || strings.HasPrefix(id, "G")
}

// An origin says what a view was opened from: the id of a channel, or the page
// of the App Home, as its encoded action.

// channelIn is the channel that origin names, "" if none.
func channelIn(origin string) string {
	if inChannel(origin) {
		return origin
	}
	return ""
}

// pageIn is the page of the App Home that origin names.
func pageIn(origin string) (page coach.Action, ok bool) {
	page = coach.DecodeAction(origin)
	return page, isPage(page)
}

// pages are the verbs whose answers the App Home shows. They tell nothing that
// a person wrote.
var pages = [...]string{"home", "progress", "settings"}

// isPage reports whether the App Home shows the answer to a.
func isPage(a coach.Action) bool {
	return a.Verb == pages[0] || slices.Contains(pages[:], a.Verb) && len(a.Args) == 0
}

// encoded is the origin that names page.
func encoded(page coach.Action) string {
	s, err := page.Encode()
	if err != nil {
		return ""
	}
	return s
}

// submissionID names a sent form where Slack gave no trigger with it.
func submissionID(v slackgo.View, answers map[string]string) string {
	words, err := json.Marshal(answers)
	if err != nil { // cannot be: strings by strings
		return ""
	}
	return strings.Join([]string{v.ID, v.Hash, digest(words)}, ":")
}

// digest is a short name of b.
func digest(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:12])
}

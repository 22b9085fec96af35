package slack

import (
	"context"
	"encoding/json"
	"errors"

	slackgo "github.com/slack-go/slack"
	"github.com/slack-go/slack/slackevents"

	"rapport/coach"
)

// hear takes an event. It is acknowledged at once.
func (d *desk) hear(ctx context.Context, in incoming) ack {
	var do func(*errand)
	c := caller{place: in.Event.TeamID, enterprise: in.Event.EnterpriseID}
	switch v := in.Event.InnerEvent.Data.(type) {
	case *slackevents.AppHomeOpenedEvent:
		if v.Tab != "home" || v.User == "" {
			return ack{}
		}
		c.user = v.User
		do = func(e *errand) { d.opened(e, c, in.ID) }
	case *slackevents.UserChangeEvent:
		u := userOf(in.Event, v)
		do = func(e *errand) { d.changed(e, c, u, in.ID) }
	case *slackevents.AppUninstalledEvent:
		do = func(e *errand) { d.removed(e, c, errUninstalled) }
	case *slackevents.TokensRevokedEvent:
		if len(v.Tokens.Bot) == 0 {
			return ack{}
		}
		do = func(e *errand) { d.removed(e, c, errRevoked) }
	default:
		return ack{}
	}
	if !d.seen.First(in.ID) {
		return ack{}
	}
	e, ok := d.begin(ctx)
	if !ok {
		return ack{}
	}
	go e.run(func() { do(e) })
	return e.ack(nil, "")
}

// changed takes in that something about a person is new.
func (d *desk) changed(e *errand, c caller, u slackgo.User, id string) {
	if u.ID == "" || u.IsBot {
		return
	}
	f := factsOf(&u)
	c.user, c.team = u.ID, u.TeamID
	f, moved, ok := d.people.change(u.ID, f)
	switch {
	case ok && u.Deleted:
		who, _ := d.person(c, f)
		d.gone(e.life(), "leave", func(ctx context.Context) error { return d.Members.Leave(ctx, who) })
		return
	case !moved:
		return
	}
	g := gesture{way: byNobody, id: id, by: c}
	g.request = coach.Request{ID: requestID(id), Action: coach.Do("moved")}
	if _, err := d.asking(&g).Handle(e.life(), g.request); err != nil {
		d.Notify(Notice{What: "answer failed", Err: errCoach})
	}
}

// gone tells Members of somebody who left, and tries again if that fails: Slack
// does not say it twice.
func (d *desk) gone(ctx context.Context, what string, leave func(context.Context) error) {
	if d.Members == nil {
		return
	}
	if err := d.insist(ctx, always, leave); err != nil {
		d.Notify(Notice{What: what + " failed", Err: err})
	}
}

// userOf reads the person of a user_change whole: slackevents leaves out their
// organisation.
func userOf(outer *slackevents.EventsAPIEvent, v *slackevents.UserChangeEvent) slackgo.User {
	if cb, ok := outer.Data.(*slackevents.EventsAPICallbackEvent); ok && cb.InnerEvent != nil {
		var inner struct {
			User slackgo.User `json:"user"`
		}
		if json.Unmarshal(*cb.InnerEvent, &inner) == nil && inner.User.ID != "" {
			return inner.User
		}
	}
	u := v.User
	return slackgo.User{
		ID: u.ID, TeamID: u.TeamID, Deleted: u.Deleted, TZ: u.TZ, Locale: u.Locale,
		IsAdmin: u.IsAdmin, IsOwner: u.IsOwner, IsPrimaryOwner: u.IsPrimaryOwner,
		IsRestricted: u.IsRestricted, IsUltraRestricted: u.IsUltraRestricted, IsBot: u.IsBot,
		Updated: slackgo.JSONTime(u.Updated),
	}
}

// errUninstalled and errRevoked end Run.
var (
	errUninstalled = errors.New("the app was uninstalled from the workspace: install it again (api.slack.com/apps, Install App), put the new bot token into the configuration and start again")
	errRevoked     = errors.New("the bot token was revoked, by an admin of the workspace or at api.slack.com/apps: install the app again there (Install App), put the new bot token into the configuration and start again")
)

// removed stops what is sent to the team, and Run.
func (d *desk) removed(e *errand, c caller, why error) {
	team := d.team(c)
	d.gone(e.life(), "leave team", func(ctx context.Context) error { return d.Members.LeaveTeam(ctx, team) })
	d.stop(why)
}

package discord

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"

	"rapport/adapters/discord/rest"
	"rapport/coach"
)

// Rights of Discord's (https://discord.com/developers/docs/topics/permissions).
const (
	administrator = 1 << 3
	viewChannel   = 1 << 10
	sendMessages  = 1 << 11
	sendInThreads = 1 << 38
)

// CheckChannels says whether the app can post in each of the channels, by id.
// Nobody sees anything of it.
func (a *Adapter) CheckChannels(ctx context.Context, ids []string) []coach.Finding {
	var findings []coach.Finding
	for _, id := range ids {
		shut, err := a.probe(ctx, id)
		switch name := nameChannel + id; {
		case err != nil:
			findings = append(findings, finding(name, err, tryAgain))
		case shut.why != "":
			findings = append(findings, failed(name, shut.why, shut.fix))
		default:
			findings = append(findings, ok(name, "Rapport can post there"))
		}
	}
	return findings
}

// Reach says why nothing can be posted in a channel: an error that wraps a
// [coach.SendError] with the fate Closed. It is nil where the app can post and
// also where Discord does not say, as a place that may be right is not to be
// refused. Nobody sees anything of it.
func (a *Adapter) Reach(ctx context.Context, to coach.Address) error {
	if to.Platform != platform {
		return &coach.SendError{Fate: coach.Never, Err: errors.New("not a place on Discord")}
	}
	if to.Kind != coach.InChannel {
		return nil
	}
	shut, err := a.probe(ctx, to.Channel)
	if err != nil {
		return nil
	}
	if shut.why == "" && shut.guild != to.Team.ID {
		shut.why = "it is in another server"
	}
	if shut.why == "" {
		return nil
	}
	e := &coach.SendError{Fate: coach.Closed, Why: shut.why, Err: errors.New(shut.why)}
	if shut.hidden {
		e.Why = coach.WhyNotIn
	}
	if shut.right != "" {
		e.Fix = "In the channel's settings under Permissions, add my role and allow " + shut.right
	}
	return e
}

// A door is a channel as far as the app can post there.
type door struct {
	guild    string
	why, fix string // why it cannot, "" if it can; what whoever runs the coach can do
	hidden   bool   // it cannot be seen
	right    string // that is missing, "" if something else is
}

// A channel is what Discord tells of one.
type channel struct {
	Type       int         `json:"type"`
	Guild      string      `json:"guild_id"`
	Parent     string      `json:"parent_id"`
	Overwrites []overwrite `json:"permission_overwrites"`
}

// An overwrite changes in one channel what a role or member may do.
type overwrite struct {
	ID    string `json:"id"`
	Type  int    `json:"type"` // 0 role, 1 member
	Allow bits   `json:"allow"`
	Deny  bits   `json:"deny"`
}

type role struct {
	ID     string `json:"id"`
	Rights bits   `json:"permissions"`
}

// bits are rights, which Discord writes as a number in quotes.
type bits uint64

// UnmarshalJSON implements [json.Unmarshaler]. What is no number gives no right.
func (b *bits) UnmarshalJSON(raw []byte) error {
	s, err := strconv.Unquote(string(raw))
	if err != nil {
		s = string(raw)
	}
	n, err := strconv.ParseUint(s, 10, 64)
	if err != nil {
		n = 0
	}
	*b = bits(n)
	return nil
}

// probe looks whether the app can post in a channel. An error leaves that open.
func (a *Adapter) probe(ctx context.Context, id string) (door, error) {
	if _, err := strconv.ParseUint(id, 10, 64); err != nil {
		return door{why: "that is no id of a channel on Discord", fix: "switch on Developer Mode in Discord's settings, right-click the channel and copy its id"}, nil
	}
	var c channel
	err := a.get(ctx, "/channels/"+id, &c)
	switch e, _ := errors.AsType[*rest.Error](err); {
	case e != nil && e.Status == http.StatusNotFound:
		return door{why: "there is no such channel any more", fix: "choose another"}, nil
	case e != nil && e.Status == http.StatusForbidden:
		const both = "View Channel and Send Messages"
		return door{why: "my role lacks View Channel", hidden: true, right: both, fix: granting(both) + "; if Rapport is not in that server, add it there"}, nil
	case err != nil:
		return door{}, err
	}
	if why := unfit(c.Type); why != "" {
		return door{guild: c.Guild, why: why, fix: "choose a text channel"}, nil
	}
	rights, err := a.rights(ctx, c)
	if err != nil {
		return door{}, err
	}
	d := door{guild: c.Guild}
	if missing := lacking(rights, c.thread()); missing != "" {
		d.why, d.right, d.fix = "my role lacks "+missing, missing, granting(missing)
	}
	return d, nil
}

// granting says how a right is given.
func granting(right string) string {
	return "in the channel's settings under Permissions, add Rapport's role and allow " + right
}

// Types of channels.
const (
	textChannel  = 0
	voiceChannel = 2
	newsChannel  = 5
	newsThread   = 10
	privThread   = 12
)

func (c channel) thread() bool { return c.Type >= newsThread && c.Type <= privThread }

// unfit says why nobody can post in a channel of that type; "" if somebody can.
func unfit(kind int) string {
	if slices.Contains([]int{textChannel, voiceChannel, newsChannel}, kind) || kind >= newsThread && kind <= privThread {
		return ""
	}
	return "messages cannot be posted in a place of that kind"
}

// lacking names the right that is missing to post; "" if none is.
func lacking(rights bits, thread bool) string {
	send, name := bits(sendMessages), "Send Messages"
	if thread {
		send, name = sendInThreads, "Send Messages in Threads"
	}
	switch {
	case rights&viewChannel == 0:
		return "View Channel"
	case rights&send == 0:
		return name
	}
	return ""
}

// rights are those that the app has in c. A thread has those of its channel.
func (a *Adapter) rights(ctx context.Context, c channel) (bits, error) {
	guild := "/guilds/" + c.Guild
	if c.thread() && c.Parent != "" {
		var parent channel
		if err := a.get(ctx, "/channels/"+c.Parent, &parent); err != nil {
			return 0, err
		}
		c.Overwrites = parent.Overwrites
	}
	me, err := a.me(ctx)
	if err != nil {
		return 0, fmt.Errorf("who we are: %w", err)
	}
	var roles []role
	if err := a.get(ctx, guild+"/roles", &roles); err != nil {
		return 0, fmt.Errorf("roles: %w", err)
	}
	var own struct {
		Roles []string `json:"roles"`
	}
	if err := a.get(ctx, guild+"/members/"+me.ID, &own); err != nil {
		return 0, fmt.Errorf("member: %w", err)
	}
	return allowed(c, me.ID, own.Roles, roles), nil
}

// allowed is what a member with those roles may do in c
// (https://discord.com/developers/docs/topics/permissions#permission-overwrites).
func allowed(c channel, me string, own []string, roles []role) bits {
	var rights bits
	for _, r := range roles {
		if r.ID == c.Guild || slices.Contains(own, r.ID) {
			rights |= r.Rights
		}
	}
	if rights&administrator != 0 {
		return ^bits(0)
	}
	change := func(applies func(overwrite) bool) {
		var allow, deny bits
		for _, o := range c.Overwrites {
			if applies(o) {
				allow, deny = allow|o.Allow, deny|o.Deny
			}
		}
		rights = rights&^deny | allow
	}
	change(func(o overwrite) bool { return o.Type == 0 && o.ID == c.Guild })
	change(func(o overwrite) bool { return o.Type == 0 && o.ID != c.Guild && slices.Contains(own, o.ID) })
	change(func(o overwrite) bool { return o.Type == 1 && o.ID == me })
	return rights
}

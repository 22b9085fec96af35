package slacktest

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

func (s *Slack) authTest(map[string]any) (map[string]any, *refusal) {
	team := s.set.Teams[0]
	out := map[string]any{
		"url": "https://" + team.Domain + ".slack.com/", "team": team.Name, "user": strings.ToLower(s.set.App),
		"team_id": team.ID, "user_id": Bot, "bot_id": botID, "is_enterprise_install": s.set.OrgWide,
	}
	if s.set.Enterprise != "" {
		out["enterprise_id"] = s.set.Enterprise
	}
	if s.set.OrgWide {
		out["team_id"], out["team"] = s.set.Enterprise, "The organisation"
	}
	return out, nil
}

// content checks text and blocks of a message. s.mu is held.
func (s *Slack) content(where string, args map[string]any) ([]any, *refusal) {
	words := str(args, "text")
	given, has := args["blocks"]
	blocks, ok := given.([]any)
	if has && !ok && given != nil {
		s.violate(where, "blocks is no list")
		return nil, no("invalid_blocks_format")
	}
	if words == "" && len(blocks) == 0 && args["attachments"] == nil {
		s.violate(where, "neither text nor blocks")
		return nil, no("no_text")
	}
	if utf8.RuneCountInString(words) > maxText {
		s.violate(where, fmt.Sprintf("text of %d characters, limit %d", utf8.RuneCountInString(words), maxText))
		return nil, no("msg_too_long")
	}
	if words == "" {
		s.violate(where, "blocks without text: screen readers and notifications have nothing to read")
	}
	if len(blocks) == 0 {
		return nil, nil
	}
	c := check(blocks, onMessage)
	s.violate(where, c.unwise...)
	if len(c.wrong) > 0 {
		s.violate(where, c.wrong...)
		return nil, no("invalid_blocks", bracketed(c.wrong)...)
	}
	if c.weight > maxMessageBlocks {
		s.violate(where, fmt.Sprintf("blocks of %d characters in all, limit %d", c.weight, maxMessageBlocks))
		return nil, no("msg_blocks_too_long")
	}
	return blocks, nil
}

func bracketed(problems []string) []string {
	out := make([]string, len(problems))
	for i, p := range problems {
		out[i] = "[ERROR] " + p
	}
	return out
}

// target is where a message goes. s.mu is held.
func (s *Slack) target(name string) (string, *refusal) {
	if name == "" {
		return "", no("channel_not_found")
	}
	if u := s.user(name); u != nil && u.ID == name {
		if u.Deactivated || u.Stranger || u.Bot {
			return "", no("channel_not_found")
		}
		return s.conversation(u.ID), nil
	}
	if user := s.partner(name); user != "" {
		if u := s.user(user); u == nil || u.Deactivated {
			return "", no("channel_not_found")
		}
		return name, nil
	}
	c := s.channel(name)
	switch {
	case c == nil || c.ID != name, c.Private && c.Without:
		return "", no("channel_not_found")
	case c.Archived:
		return "", no("is_archived")
	case c.Without:
		return "", no("not_in_channel")
	}
	return c.ID, nil
}

func (s *Slack) postMessage(args map[string]any) (map[string]any, *refusal) {
	channel, refused := s.target(str(args, "channel"))
	if refused != nil {
		return nil, refused
	}
	blocks, refused := s.content("chat.postMessage", args)
	if refused != nil {
		return nil, refused
	}
	if s.tooFast(channel) {
		return nil, &refusal{code: "ratelimited", after: 1}
	}
	m := s.post(Message{Channel: channel, From: Bot, Text: str(args, "text"), Blocks: blocks, Metadata: args["metadata"], Via: "chat.postMessage"})
	return map[string]any{"channel": channel, "ts": m.TS, "message": s.messageJSON(m)}, nil
}

// messageJSON is m as Slack tells of it. s.mu is held.
func (s *Slack) messageJSON(m *Message) map[string]any {
	out := map[string]any{
		"type": "message", "user": m.From, "text": m.Text, "ts": m.TS, "team": s.set.Teams[0].ID,
		"bot_id": botID, "app_id": appID, "blocks": clone(m.Blocks),
	}
	if m.Blocks == nil {
		delete(out, "blocks")
	}
	if m.Metadata != nil {
		out["metadata"] = clone(m.Metadata)
	}
	if m.Edits > 0 {
		out["edited"] = map[string]any{"user": m.From, "ts": m.TS}
	}
	return out
}

func (s *Slack) postEphemeral(args map[string]any) (map[string]any, *refusal) {
	channel, refused := s.target(str(args, "channel"))
	if refused != nil {
		return nil, refused
	}
	user := str(args, "user")
	if u := s.user(user); user != Bot && (u == nil || !s.sees(u, channel)) { // the app is a member: target would have refused
		return nil, no("user_not_in_channel")
	}
	blocks, refused := s.content("chat.postEphemeral", args)
	if refused != nil {
		return nil, refused
	}
	if s.tooFast(channel) {
		return nil, &refusal{code: "ratelimited", after: 1}
	}
	m := s.post(Message{Channel: channel, From: Bot, For: user, Text: str(args, "text"), Blocks: blocks, Via: "chat.postEphemeral"})
	return map[string]any{"message_ts": m.TS}, nil
}

// sees tells whether u is in a channel. s.mu is held.
func (s *Slack) sees(u *User, channel string) bool {
	if s.direct[u.ID] == channel {
		return true
	}
	c := s.channel(channel)
	return c != nil && (len(c.Members) == 0 || slices.Contains(c.Members, u.ID) || slices.Contains(c.Members, u.Name))
}

func (s *Slack) updateMessage(args map[string]any) (map[string]any, *refusal) {
	channel, refused := s.target(str(args, "channel"))
	if refused != nil {
		return nil, refused
	}
	m := s.message(channel, str(args, "ts"))
	switch {
	case m == nil, m.Deleted, m.Ephemeral():
		return nil, no("message_not_found")
	case m.From != Bot:
		return nil, no("cant_update_message")
	}
	blocks, refused := s.content("chat.update", args)
	if refused != nil {
		return nil, refused
	}
	s.edit(m, str(args, "text"), blocks)
	return map[string]any{"channel": channel, "ts": m.TS, "text": m.Text, "message": s.messageJSON(m)}, nil
}

// edit replaces what m says. s.mu is held.
func (s *Slack) edit(m *Message, words string, blocks []any) {
	m.Text, m.Blocks = words, s.named(blocks)
	m.Pings = pings(m.Text, m.Blocks)
	m.Edits++
	m.Same = s.count(m)
	s.tell(entry{kind: edited, user: m.For, message: *m})
	s.touch()
}

func (s *Slack) openConversation(args map[string]any) (map[string]any, *refusal) {
	if ch := str(args, "channel"); ch != "" {
		if s.partner(ch) == "" {
			return nil, no("channel_not_found")
		}
		return map[string]any{"no_op": true, "already_open": true, "channel": map[string]any{"id": ch}}, nil
	}
	users := strings.Split(str(args, "users"), ",")
	if users[0] == "" {
		return nil, no("users_list_not_supplied")
	}
	if len(users) > 1 {
		s.violate("conversations.open", "several people at once: this app speaks to one")
		return nil, no("too_many_users")
	}
	u := s.user(users[0])
	switch {
	case u == nil || u.ID != users[0]:
		return nil, no("user_not_found")
	case u.Deactivated:
		return nil, no("user_disabled")
	case u.Stranger:
		return nil, no("user_not_visible")
	case u.Bot:
		return nil, no("cannot_dm_bot")
	}
	_, already := s.direct[u.ID]
	channel := map[string]any{"id": s.conversation(u.ID)}
	if full, _ := args["return_im"].(bool); full {
		channel["user"], channel["is_im"], channel["is_open"] = u.ID, true, true
	}
	return map[string]any{"no_op": already, "already_open": already, "channel": channel}, nil
}

func (s *Slack) userInfo(args map[string]any) (map[string]any, *refusal) {
	u := s.user(str(args, "user"))
	if u == nil || u.ID != str(args, "user") {
		return nil, no("user_not_found")
	}
	locale, _ := args["include_locale"].(bool)
	return map[string]any{"user": s.userJSON(u, locale)}, nil
}

func (s *Slack) userJSON(u *User, locale bool) map[string]any {
	out := map[string]any{
		"id": u.ID, "team_id": u.Team, "name": strings.ToLower(u.Name), "deleted": u.Deactivated, "real_name": u.Name,
		"tz": nil, "tz_label": "Pacific Standard Time", "tz_offset": u.Offset,
		"profile":  map[string]any{"real_name": u.Name, "display_name": u.Name, "team": u.Team},
		"is_admin": u.Admin || u.Owner, "is_owner": u.Owner, "is_primary_owner": false,
		"is_restricted": u.Guest || u.SoloGuest, "is_ultra_restricted": u.SoloGuest,
		"is_bot": u.Bot, "is_app_user": false, "updated": 1700000000,
	}
	if u.Zone != "" {
		out["tz"], out["tz_label"] = u.Zone, u.Zone
	}
	if locale {
		out["locale"] = u.Locale
	}
	if u.Stranger {
		out["is_stranger"] = true
	}
	if u.Enterprise != "" {
		out["enterprise_user"] = map[string]any{
			"id": u.ID, "enterprise_id": u.Enterprise, "enterprise_name": "The organisation",
			"is_admin": u.Admin, "is_owner": u.Owner, "teams": []string{u.Team},
		}
	}
	return out
}

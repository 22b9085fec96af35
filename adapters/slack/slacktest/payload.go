package slacktest

import (
	"fmt"
	"maps"
	"strings"
	"time"
)

// slash is the form of a slash command. s.mu is held.
func (p *Person) slash(line string) map[string]any {
	s := p.s
	u := s.user(p.id)
	team := s.home(u)
	command, rest, _ := strings.Cut(line, " ")
	rest = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(strings.TrimSpace(rest))
	if s.set.Escape {
		rest = s.escapeNames(rest)
	}
	out := map[string]any{
		"token": "verification", "team_id": team.ID, "team_domain": team.Domain, "channel_id": p.place, "channel_name": s.channelName(p.place),
		"user_id": p.id, "user_name": strings.ToLower(u.Name), "command": command, "text": rest, "api_app_id": appID,
		"is_enterprise_install": fmt.Sprint(s.set.OrgWide),
		"response_url":          s.newHook(p.id, p.place, ""), "trigger_id": s.newTrigger(u),
	}
	if s.set.Enterprise != "" {
		out["enterprise_id"], out["enterprise_name"] = s.set.Enterprise, "The organisation"
	}
	return out
}

// escapeNames turns @Anna and #team into what should_escape sends. s.mu is
// held.
func (s *Slack) escapeNames(line string) string {
	for _, u := range s.set.Users {
		line = strings.ReplaceAll(line, "@"+u.Name, "<@"+u.ID+"|"+strings.ToLower(u.Name)+">")
	}
	for _, c := range s.set.Channels {
		line = strings.ReplaceAll(line, "#"+c.Name, "<#"+c.ID+"|"+c.Name+">")
	}
	return line
}

// channelName is how payloads name a conversation. s.mu is held.
func (s *Slack) channelName(id string) string {
	switch c := s.channel(id); {
	case c == nil:
		return "directmessage"
	case c.Private:
		return "privategroup"
	default:
		return c.Name
	}
}

// interaction is what all interactions have. s.mu is held.
func (p *Person) interaction(kind string) map[string]any {
	s := p.s
	u := s.user(p.id)
	team := s.home(u)
	out := map[string]any{
		"type": kind, "token": "verification", "api_app_id": appID, "trigger_id": s.newTrigger(u),
		"user":       map[string]any{"id": u.ID, "username": strings.ToLower(u.Name), "name": strings.ToLower(u.Name), "team_id": u.Team},
		"team":       map[string]any{"id": team.ID, "domain": team.Domain},
		"enterprise": nil, "is_enterprise_install": s.set.OrgWide,
	}
	if s.set.Enterprise != "" {
		out["enterprise"] = map[string]any{"id": s.set.Enterprise, "name": "The organisation"}
		out["team"] = map[string]any{"id": team.ID, "domain": team.Domain, "enterprise_id": s.set.Enterprise, "enterprise_name": "The organisation"}
	}
	if s.set.OrgWide && (kind == "view_submission" || kind == "view_closed" || kind == "shortcut") {
		out["team"] = nil
	}
	return out
}

// press is the payload of block_actions. s.mu is held.
func (p *Person) press(on Surface, c part, action map[string]any) map[string]any {
	s := p.s
	out := p.interaction("block_actions")
	a := maps.Clone(action)
	a["type"], a["action_id"], a["block_id"] = c.el["type"], c.el["action_id"], c.el["block_id"]
	a["block_id"] = c.block["block_id"]
	a["action_ts"] = fmt.Sprintf("%d.%06d", time.Now().Unix(), s.seq)
	out["actions"] = []any{a}
	out["state"] = map[string]any{"values": map[string]any{}}
	switch one := on.(type) {
	case Message:
		out["channel"] = map[string]any{"id": one.Channel, "name": s.channelName(one.Channel)}
		out["container"] = map[string]any{"type": "message", "message_ts": one.TS, "channel_id": one.Channel, "is_ephemeral": one.Ephemeral()}
		out["response_url"] = s.newHook(p.id, one.Channel, one.TS)
		if !one.Ephemeral() {
			out["message"] = s.messageJSON(&one)
		}
		out["state"] = map[string]any{"values": stateOf(one.Blocks, c, action)}
	case View:
		out["container"] = map[string]any{"type": "view", "view_id": one.ID}
		if v := s.views[one.ID]; v != nil {
			s.put(v, c, action)
			one = v.copy()
		}
		view := s.viewJSON(&one)
		out["view"], out["state"] = view, nil
		delete(out, "state")
	}
	return out
}

// stateOf are the values of a message's menus, with the one just picked.
func stateOf(blocks []any, c part, action map[string]any) map[string]any {
	out := map[string]any{}
	for _, p := range parts(blocks) {
		v, ok := initial(p.el).(map[string]any)
		if !ok {
			continue
		}
		block, id := str(p.block, "block_id"), str(p.el, "action_id")
		if block == str(c.block, "block_id") && id == str(c.el, "action_id") {
			for k := range v {
				if picked, ok := action[k]; ok {
					v[k] = picked
				}
			}
		}
		if out[block] == nil {
			out[block] = map[string]any{}
		}
		if inner, ok := out[block].(map[string]any); ok {
			inner[id] = v
		}
	}
	return out
}

// Event tells the app of an event; inner is what stands under "event".
func (s *Slack) Event(inner map[string]any) Answer {
	s.mu.Lock()
	payload := s.event(s.set.Teams[0], inner)
	tr := s.transport
	s.mu.Unlock()
	return tr.Deliver(Events, payload)
}

// Uninstall removes the app: its token ends, and it is told so.
func (s *Slack) Uninstall() Answer {
	s.Revoke(s.BotToken())
	s.Event(map[string]any{"type": "tokens_revoked", "tokens": map[string]any{"oauth": []any{}, "bot": []any{Bot}}})
	return s.Event(map[string]any{"type": "app_uninstalled"})
}

// event is the outer part of an event. s.mu is held.
func (s *Slack) event(team Team, inner map[string]any) map[string]any {
	inner = maps.Clone(inner)
	if _, ok := inner["event_ts"]; !ok {
		inner["event_ts"] = fmt.Sprintf("%d.%06d", time.Now().Unix(), s.seq)
	}
	id := any(nil)
	if s.set.Enterprise != "" {
		id = s.set.Enterprise
	}
	out := map[string]any{
		"token": "verification", "team_id": team.ID, "api_app_id": appID, "event": inner, "type": "event_callback",
		"event_id": s.id("Ev"), "event_time": time.Now().Unix(), "is_ext_shared_channel": false,
		"authorizations": []any{map[string]any{"enterprise_id": id, "team_id": team.ID, "user_id": Bot, "is_bot": true, "is_enterprise_install": s.set.OrgWide}},
	}
	if id != nil {
		out["enterprise_id"] = id
	}
	return out
}

package slacktest

import (
	"fmt"
	"maps"
	"slices"
	"time"
)

// A trigger lets the app open one modal for one person, for a short while.
type trigger struct {
	user, team string
	at         time.Time
	used       bool
}

// newTrigger makes the trigger_id of one gesture. s.mu is held.
func (s *Slack) newTrigger(u *User) string {
	id := fmt.Sprintf("%d.%s", time.Now().UnixMilli(), s.id("t"))
	s.triggers[id] = &trigger{user: u.ID, team: s.home(u).ID, at: time.Now()}
	return id
}

// ExpireTriggers makes all trigger_ids too old.
func (s *Slack) ExpireTriggers() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, t := range s.triggers {
		t.at = time.Time{}
	}
}

// useTrigger takes a trigger_id. s.mu is held.
func (s *Slack) useTrigger(id string) (*trigger, *refusal) {
	t := s.triggers[id]
	switch {
	case t == nil:
		return nil, no("invalid_trigger_id")
	case t.used:
		return nil, no("exchanged_trigger_id")
	case time.Since(t.at) > s.set.TriggerLife:
		return nil, no("expired_trigger_id")
	}
	t.used = true
	return t, nil
}

// maxStack is how many modals lie on one another.
const maxStack = 3

// given checks the view in args. s.mu is held.
func (s *Slack) given(where string, args map[string]any, on surface) (map[string]any, *refusal) {
	v, ok := args["view"].(map[string]any)
	if !ok {
		s.violate(where, "view is missing")
		return nil, no("invalid_arguments", "[ERROR] missing required field: view")
	}
	return v, s.viewFaults(where, v, on)
}

// viewFaults checks a view. s.mu is held.
func (s *Slack) viewFaults(where string, v map[string]any, on surface) *refusal {
	s.checkSchema(where, "slack-AnyView", v)
	c := checkView(v)
	s.violate(where, c.unwise...)
	if kind := str(v, "type"); kind != string(on) {
		c.fail("/view/type", "must be %s here, got %q", on, kind)
	}
	if len(c.wrong) == 0 {
		return nil
	}
	s.violate(where, c.wrong...)
	return no("invalid_arguments", bracketed(c.wrong)...)
}

func (s *Slack) openView(args map[string]any) (map[string]any, *refusal) {
	return s.stackView("views.open", args)
}

func (s *Slack) pushView(args map[string]any) (map[string]any, *refusal) {
	return s.stackView("views.push", args)
}

// stackView puts a modal on top of what is open.
func (s *Slack) stackView(where string, args map[string]any) (map[string]any, *refusal) {
	raw, refused := s.given(where, args, onModal)
	if refused != nil {
		return nil, refused
	}
	t, refused := s.useTrigger(str(args, "trigger_id"))
	if refused != nil {
		return nil, refused
	}
	open := len(s.stacks[t.user])
	if open >= maxStack {
		return nil, no("push_limit_reached")
	}
	if where == "views.push" && open == 0 {
		return nil, no("not_found")
	}
	return map[string]any{"view": s.viewJSON(s.push(t.user, t.team, raw))}, nil
}

// push opens a modal. s.mu is held.
func (s *Slack) push(user, team string, raw map[string]any) *View {
	v := &View{ID: s.id("V"), User: user, team: team}
	v.root = v.ID
	if stack := s.stacks[user]; len(stack) > 0 {
		v.root, v.previous = stack[0].ID, stack[len(stack)-1].ID
	}
	s.fillView(v, raw)
	s.views[v.ID] = v
	s.stacks[user] = append(s.stacks[user], v)
	s.tell(entry{kind: opened, user: user, view: v.copy()})
	s.touch()
	return v
}

// fillView gives v its content; what was typed stays where block and action are
// the same. s.mu is held.
func (s *Slack) fillView(v *View, raw map[string]any) {
	kept := v.values
	v.Raw, _ = clone(raw).(map[string]any)
	v.Type, v.Private, v.Callback = str(raw, "type"), str(raw, "private_metadata"), str(raw, "callback_id")
	v.Title, v.Submit, v.Close = words(raw["title"]), words(raw["submit"]), words(raw["close"])
	blocks, _ := raw["blocks"].([]any)
	v.Blocks = s.named(blocks)
	v.Hash = fmt.Sprintf("%d.%s", time.Now().Unix(), s.id("h"))
	v.Errors = nil
	v.values = map[string]map[string]any{}
	for _, p := range parts(v.Blocks) {
		block, action := str(p.block, "block_id"), str(p.el, "action_id")
		value := initial(p.el)
		if value == nil {
			continue
		}
		if old, ok := kept[block][action]; ok {
			value = old
		}
		if v.values[block] == nil {
			v.values[block] = map[string]any{}
		}
		v.values[block][action] = value
	}
}

// words are those of a text object.
func words(v any) string {
	t, _ := v.(map[string]any)
	return str(t, "text")
}

// initial is the state of an element before anybody touched it; nil if it has
// none.
func initial(e map[string]any) any {
	kind := str(e, "type")
	out := map[string]any{"type": kind}
	switch kind {
	case "plain_text_input", "number_input", "email_text_input", "url_text_input":
		out["value"] = e["initial_value"]
	case "static_select", "radio_buttons", "external_select":
		out["selected_option"] = e["initial_option"]
	case "checkboxes", "multi_static_select":
		out["selected_options"] = []any{}
		if l, ok := e["initial_options"].([]any); ok {
			out["selected_options"] = l
		}
	case "conversations_select":
		out["selected_conversation"] = e["initial_conversation"]
	case "channels_select":
		out["selected_channel"] = e["initial_channel"]
	case "users_select":
		out["selected_user"] = e["initial_user"]
	case "datepicker":
		out["selected_date"] = e["initial_date"]
	case "timepicker":
		out["selected_time"] = e["initial_time"]
	default:
		return nil
	}
	return out
}

// viewJSON is v as Slack tells of it. s.mu is held.
func (s *Slack) viewJSON(v *View) map[string]any {
	out, _ := clone(v.Raw).(map[string]any)
	out["blocks"] = clone(v.Blocks)
	out["id"], out["hash"], out["root_view_id"], out["previous_view_id"] = v.ID, v.Hash, v.root, nil
	if v.previous != "" {
		out["previous_view_id"] = v.previous
	}
	out["team_id"], out["app_id"], out["bot_id"], out["app_installed_team_id"] = v.team, appID, botID, s.installedIn()
	out["private_metadata"], out["callback_id"], out["external_id"] = v.Private, v.Callback, str(v.Raw, "external_id")
	for _, key := range []string{"title", "submit", "close"} {
		if _, ok := out[key]; !ok {
			out[key] = nil
		}
	}
	out["state"] = map[string]any{"values": clone(v.values)}
	return out
}

// installedIn is the workspace or organisation in which the app is installed.
func (s *Slack) installedIn() string {
	if s.set.OrgWide {
		return s.set.Enterprise
	}
	return s.set.Teams[0].ID
}

func (s *Slack) updateView(args map[string]any) (map[string]any, *refusal) {
	raw, ok := args["view"].(map[string]any)
	if !ok {
		s.violate("views.update", "view is missing")
		return nil, no("invalid_arguments", "[ERROR] missing required field: view")
	}
	v := s.views[str(args, "view_id")]
	if ext := str(args, "external_id"); v == nil && ext != "" {
		for _, other := range s.views {
			if str(other.Raw, "external_id") == ext {
				v = other
			}
		}
	}
	if v == nil {
		return nil, no("not_found")
	}
	if refused := s.viewFaults("views.update", raw, surface(v.Type)); refused != nil {
		return nil, refused
	}
	if hash := str(args, "hash"); hash != "" && hash != v.Hash {
		return nil, no("hash_conflict")
	}
	s.refill(v, raw)
	return map[string]any{"view": s.viewJSON(v)}, nil
}

// refill replaces the content of a view. s.mu is held.
func (s *Slack) refill(v *View, raw map[string]any) {
	s.fillView(v, raw)
	v.Updates++
	s.tell(entry{kind: updated, user: v.User, view: v.copy()})
	s.touch()
}

func (s *Slack) publishView(args map[string]any) (map[string]any, *refusal) {
	raw, refused := s.given("views.publish", args, onHome)
	if refused != nil {
		return nil, refused
	}
	u := s.user(str(args, "user_id"))
	if u == nil || u.ID != str(args, "user_id") {
		return nil, no("invalid_arguments", "[ERROR] user_id is nobody")
	}
	if u.Deactivated {
		return nil, no("not_enabled")
	}
	v := s.homes[u.ID]
	if hash := str(args, "hash"); v != nil && hash != "" && hash != v.Hash {
		return nil, no("hash_conflict")
	}
	if v == nil {
		v = &View{ID: s.id("V"), User: u.ID, team: s.home(u).ID}
		v.root = v.ID
		s.homes[u.ID], s.views[v.ID] = v, v
		s.fillView(v, raw)
		s.tell(entry{kind: updated, user: u.ID, view: v.copy()})
		s.touch()
	} else {
		s.refill(v, raw)
	}
	return map[string]any{"view": s.viewJSON(v)}, nil
}

// pop closes the top modal, or all. s.mu is held.
func (s *Slack) pop(user string, all bool) {
	stack := s.stacks[user]
	if len(stack) == 0 {
		return
	}
	keep := len(stack) - 1
	if all {
		keep = 0
	}
	for _, v := range stack[keep:] {
		delete(s.views, v.ID)
	}
	top := stack[len(stack)-1]
	s.stacks[user] = stack[:keep]
	s.tell(entry{kind: shut, user: user, view: top.copy()})
	s.touch()
}

// copy is v as it is now.
func (v *View) copy() View {
	out := *v
	out.Blocks, _ = clone(v.Blocks).([]any)
	out.Errors = maps.Clone(v.Errors)
	out.values = map[string]map[string]any{}
	for k, inner := range v.values {
		out.values[k] = maps.Clone(inner)
	}
	return out
}

// Open are the modals that somebody has open, the top one last.
func (s *Slack) Open(name string) []View {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []View
	if u := s.user(name); u != nil {
		for _, v := range slices.Clone(s.stacks[u.ID]) {
			out = append(out, v.copy())
		}
	}
	return out
}

package slacktest

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// A Person is somebody who uses the app in Slack's client.
//
// Each gesture returns when the app has acknowledged it or Slack has given up;
// what comes later is awaited with the Wait methods, which look at what
// appeared or changed since the person's latest gesture, and end the test with
// the whole transcript when it does not come.
type Person struct {
	s     *Slack
	id    string
	place string // id of the conversation they look at
	mark  int    // length of the timeline at their latest gesture
}

// A Surface is something with buttons: a [Message] or a [View].
type Surface interface {
	surface() (blocks []any, id string)
}

func (m Message) surface() ([]any, string) { return m.Blocks, m.TS }
func (v View) surface() ([]any, string)    { return v.Blocks, v.ID }

// patience is how long the Wait methods wait.
const patience = 5 * time.Second

// Person is the user of that name or id, looking at their conversation with the
// app at first.
func (s *Slack) Person(name string) *Person {
	s.t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	u := s.user(name)
	if u == nil {
		s.t.Fatalf("slacktest: no user %q", name)
	}
	p := s.people[u.ID]
	if p == nil {
		p = &Person{s: s, id: u.ID, place: s.conversation(u.ID)}
		s.people[u.ID] = p
	}
	return p
}

// ID is the user id.
func (p *Person) ID() string { return p.id }

// In makes p look at a channel, by name or id; "" is their conversation with
// the app.
func (p *Person) In(channel string) *Person {
	p.s.t.Helper()
	p.s.mu.Lock()
	defer p.s.mu.Unlock()
	if channel == "" {
		p.place = p.s.conversation(p.id)
		return p
	}
	c := p.s.channel(channel)
	if c == nil {
		p.s.t.Fatalf("slacktest: no channel %q", channel)
	}
	p.place = c.ID
	return p
}

// start notes what p does. s.mu is held.
func (p *Person) start(format string, args ...any) {
	p.mark = len(p.s.timeline)
	p.s.tell(entry{kind: did, user: p.id, place: p.place, words: fmt.Sprintf(format, args...)})
}

// Command types a slash command, such as "/rapport streak".
func (p *Person) Command(line string) Answer {
	s := p.s
	s.mu.Lock()
	p.start("%s", line)
	payload := p.slash(line)
	tr, channel := s.transport, p.place
	s.mu.Unlock()
	a := tr.Deliver(Commands, payload)
	s.mu.Lock()
	defer s.mu.Unlock()
	p.told(a, strings.Fields(line)[0])
	if a.Error != "" || len(a.Body) == 0 {
		return a
	}
	args := map[string]any{"text": string(a.Body)}
	if a.JSON {
		if args = nil; json.Unmarshal(a.Body, &args) != nil {
			s.violate("ack slash_commands", "no JSON object")
			return a
		}
	}
	if len(args) == 0 {
		return a
	}
	blocks, refused := s.content("ack slash_commands", args)
	if refused != nil {
		a.Error = "invalid_command_response"
		p.told(a, strings.Fields(line)[0])
		return a
	}
	shown := *s.answer(p.id, channel, "ack", args, blocks)
	a.Shown = &shown
	return a
}

// told notes the error that p sees. s.mu is held.
func (p *Person) told(a Answer, what string) {
	if a.Error != "" {
		p.s.tell(entry{kind: failed, user: p.id, place: p.place, words: fmt.Sprintf("%s failed with the error %q", what, a.Error)})
		p.s.touch()
	}
}

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

// Press presses the button with that label on a message or view; on the newest
// thing p sees that has it where on is nil. A confirmation is confirmed.
func (p *Person) Press(on Surface, label string) Answer {
	p.s.t.Helper()
	return p.use(on, label, func(c part) map[string]any {
		if str(c.el, "type") != "button" || words(c.el["text"]) != label {
			return nil
		}
		out := map[string]any{"text": clone(c.el["text"])}
		for _, key := range []string{"value", "url", "style"} {
			if v, ok := c.el[key]; ok {
				out[key] = v
			}
		}
		return out
	})
}

// Pick picks the option with that label from a menu; in a channel menu, the
// channel of that name. In an input of a form it is filled in only.
func (p *Person) Pick(on Surface, label string) Answer {
	p.s.t.Helper()
	return p.use(on, label, func(c part) map[string]any {
		out := p.s.choose(c.el, label)
		delete(out, "type")
		return out
	})
}

// use finds a part by what match makes of it, and uses it.
func (p *Person) use(on Surface, label string, match func(part) map[string]any) Answer {
	s := p.s
	s.t.Helper()
	s.mu.Lock()
	on, found, action := p.find(on, match)
	if action == nil {
		s.mu.Unlock()
		s.t.Fatalf("slacktest: %s sees no [%s] there\n%s", s.called(p.id), label, s.Transcript())
	}
	if view, ok := on.(View); ok && str(found.block, "type") == "input" {
		if dispatch, _ := found.block["dispatch_action"].(bool); !dispatch {
			p.put(s.views[view.ID], found, label)
			s.mu.Unlock()
			return Answer{}
		}
	}
	payload := p.press(on, found, action)
	p.start("presses [%s]", label)
	tr := s.transport
	s.mu.Unlock()
	a := tr.Deliver(Interactions, payload)
	s.mu.Lock()
	defer s.mu.Unlock()
	p.told(a, "["+label+"]")
	return a
}

// find is the first part that match knows, on a surface as it is now, or on the
// newest p sees. s.mu is held.
func (p *Person) find(on Surface, match func(part) map[string]any) (Surface, part, map[string]any) {
	surfaces := p.surfaces()
	if on != nil {
		surfaces = []Surface{p.current(on)}
	}
	for _, sf := range surfaces {
		blocks, _ := sf.surface()
		for _, c := range parts(blocks) {
			if a := match(c); a != nil {
				return sf, c, a
			}
		}
	}
	return nil, part{}, nil
}

// current is a surface as it is now; as it was given where it is gone, like a
// button pressed on a message from long ago. s.mu is held.
func (p *Person) current(on Surface) Surface {
	switch one := on.(type) {
	case Message:
		if m := p.s.message(one.Channel, one.TS); m != nil {
			return *m
		}
	case View:
		if v := p.s.views[one.ID]; v != nil {
			return v.copy()
		}
	}
	return on
}

// surfaces are what p sees: the top modal, else messages of the place, newest
// first, then the Home. s.mu is held.
func (p *Person) surfaces() []Surface {
	s := p.s
	var out []Surface
	if stack := s.stacks[p.id]; len(stack) > 0 {
		return []Surface{stack[len(stack)-1].copy()}
	}
	for _, m := range slices.Backward(s.messages) {
		if m.Channel == p.place && p.visible(m) {
			out = append(out, *m)
		}
	}
	if h := s.homes[p.id]; h != nil {
		out = append(out, h.copy())
	}
	return out
}

// visible tells whether p sees m. s.mu is held.
func (p *Person) visible(m *Message) bool {
	if m.Deleted || m.For != "" && m.For != p.id {
		return false
	}
	u := p.s.user(p.id)
	return u != nil && p.s.sees(u, m.Channel)
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

// put keeps in v what was just picked. s.mu is held.
func (s *Slack) put(v *View, c part, action map[string]any) {
	block, id := str(c.block, "block_id"), str(c.el, "action_id")
	if old, ok := v.values[block][id].(map[string]any); ok {
		now := maps.Clone(old)
		for k := range now {
			if picked, ok := action[k]; ok {
				now[k] = picked
			}
		}
		v.values[block][id] = now
	}
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

// choose is the state of a menu in which label is picked; nil where it has no
// such option. s.mu is held.
func (s *Slack) choose(e map[string]any, label string) map[string]any {
	kind := str(e, "type")
	out := map[string]any{"type": kind}
	switch kind {
	case "static_select", "radio_buttons", "overflow":
		if o := option(e, label); o != nil {
			out["selected_option"] = clone(o)
			return out
		}
	case "checkboxes", "multi_static_select":
		picked := []any{}
		for _, one := range strings.Split(label, "\n") {
			o := option(e, one)
			if o == nil && one != "" {
				return nil
			}
			if o != nil {
				picked = append(picked, clone(o))
			}
		}
		out["selected_options"] = picked
		return out
	case "conversations_select", "channels_select":
		if c := s.channel(label); c != nil {
			out["selected_"+strings.TrimSuffix(kind, "s_select")] = c.ID
			return out
		}
	case "users_select":
		if u := s.user(label); u != nil {
			out["selected_user"] = u.ID
			return out
		}
	case "datepicker":
		if _, err := time.Parse(time.DateOnly, label); err == nil {
			out["selected_date"] = label
			return out
		}
	case "timepicker":
		if _, err := time.Parse("15:04", label); err == nil {
			out["selected_time"] = label
			return out
		}
	}
	return nil
}

// option finds an option by its label.
func option(e map[string]any, label string) map[string]any {
	for _, o := range optionsOf(e) {
		if words(o["text"]) == label {
			return o
		}
	}
	return nil
}

// optionsOf are all options of a menu.
func optionsOf(e map[string]any) []map[string]any {
	var out []map[string]any
	add := func(v any) {
		list, _ := v.([]any)
		for _, o := range list {
			if one, ok := o.(map[string]any); ok {
				out = append(out, one)
			}
		}
	}
	add(e["options"])
	groups, _ := e["option_groups"].([]any)
	for _, g := range groups {
		if group, ok := g.(map[string]any); ok {
			add(group["options"])
		}
	}
	return out
}

// put fills in one input of a view; false where it cannot be. s.mu is held.
func (p *Person) put(v *View, c part, value string) bool {
	block, id := str(c.block, "block_id"), str(c.el, "action_id")
	switch kind := str(c.el, "type"); kind {
	case "plain_text_input", "number_input", "email_text_input", "url_text_input":
		state := map[string]any{"type": kind, "value": nil}
		if value != "" {
			state["value"] = value
		}
		v.values[block][id] = state
	default:
		state := initial(c.el)
		if value != "" {
			chosen := p.s.choose(c.el, value)
			if chosen == nil {
				return false
			}
			state = chosen
		}
		v.values[block][id] = state
	}
	return true
}

// Submit fills in the inputs of a modal by their labels (or block ids) and
// sends it. Several picks of one input are separated by line ends; inputs that
// are not named keep what they have. Slack's own client refuses empty or too
// long inputs: the answer's Error is then "refused by Slack: ..." and nothing
// is sent.
func (p *Person) Submit(on View, values map[string]string) Answer {
	s := p.s
	s.t.Helper()
	s.mu.Lock()
	v := s.views[on.ID]
	if v == nil || v.Type != string(onModal) {
		s.mu.Unlock()
		s.t.Fatalf("slacktest: the modal is not open any more\n%s", s.Transcript())
	}
	p.start("sends %q%s", v.Title, listed(v, values))
	if problem := p.fill(v, values); problem != "" {
		s.tell(entry{kind: failed, user: p.id, place: p.place, words: problem})
		s.mu.Unlock()
		return Answer{Error: "refused by Slack: " + problem}
	}
	payload := p.interaction("view_submission")
	payload["view"] = s.viewJSON(v)
	payload["response_urls"] = []any{}
	tr := s.transport
	s.mu.Unlock()
	a := tr.Deliver(Interactions, payload)
	s.mu.Lock()
	defer s.mu.Unlock()
	p.told(a, "["+v.Submit+"]")
	if a.Error == "" {
		a.Error = p.submitted(v, a)
	}
	s.touch()
	return a
}

// listed shows what was filled in, in the order of the form.
func listed(v *View, values map[string]string) string {
	var b strings.Builder
	for _, c := range parts(v.Blocks) {
		label := words(c.block["label"])
		if value, ok := values[label]; ok {
			fmt.Fprintf(&b, "\n%s: %s", label, strings.ReplaceAll(value, "\n", " / "))
		}
	}
	return b.String()
}

// fill fills in a modal and checks what Slack's client checks. s.mu is held.
func (p *Person) fill(v *View, values map[string]string) (problem string) {
	left := maps.Clone(values)
	for _, c := range parts(v.Blocks) {
		if str(c.block, "type") != "input" {
			continue
		}
		label, block := words(c.block["label"]), str(c.block, "block_id")
		for _, key := range []string{label, block} {
			value, ok := left[key]
			if !ok {
				continue
			}
			delete(left, key)
			if !p.put(v, c, value) {
				return fmt.Sprintf("%s has no option %q", label, value)
			}
		}
		optional, _ := c.block["optional"].(bool)
		if problem := lacks(c.el, v.values[block][str(c.el, "action_id")], optional); problem != "" {
			return label + ": " + problem
		}
	}
	for key := range left {
		return fmt.Sprintf("there is no input %q", key)
	}
	return ""
}

// lacks is what Slack's client has against an input.
func lacks(e map[string]any, state any, optional bool) string {
	m, _ := state.(map[string]any)
	for k, v := range m {
		if k == "type" {
			continue
		}
		list, _ := v.([]any)
		typed, isText := v.(string)
		if v == nil || isText && strings.TrimSpace(typed) == "" || !isText && v != nil && list != nil && len(list) == 0 {
			if optional {
				return ""
			}
			return "please complete this required field"
		}
		if k != "value" {
			continue
		}
		most, ok := number(e, "max_length")
		if !ok {
			most = 3000
		}
		least, _ := number(e, "min_length")
		if n := utf8.RuneCountInString(typed); n > most || n < least {
			return fmt.Sprintf("%d characters, allowed %d to %d", n, least, most)
		}
	}
	return ""
}

// submitted does what the acknowledgement of a submission says. s.mu is held.
func (p *Person) submitted(v *View, a Answer) string {
	s := p.s
	where := "ack view_submission"
	if len(a.Body) == 0 {
		s.pop(p.id, false)
		return ""
	}
	var ack struct {
		Action string            `json:"response_action"`
		Errors map[string]string `json:"errors"`
		View   map[string]any    `json:"view"`
	}
	trouble := func(problem string) string {
		s.violate(where, problem)
		s.tell(entry{kind: failed, user: p.id, place: p.place, words: "We had some trouble connecting. Try again?"})
		return "invalid_response"
	}
	if !a.JSON || json.Unmarshal(a.Body, &ack) != nil {
		return trouble("no JSON of the expected form")
	}
	switch ack.Action {
	case "":
		s.pop(p.id, false)
	case "clear":
		s.pop(p.id, true)
	case "errors":
		if problem := notInputs(v, ack.Errors); problem != "" {
			return trouble(problem)
		}
		v.Errors = ack.Errors
		s.tell(entry{kind: updated, user: p.id, view: v.copy()})
	case "update", "push":
		if refused := s.viewFaults(where, ack.View, onModal); refused != nil {
			return trouble("the view is not valid")
		}
		if ack.Action == "update" {
			s.refill(v, ack.View)
			break
		}
		if len(s.stacks[p.id]) >= maxStack {
			return trouble("more than three views on one another")
		}
		s.push(p.id, v.team, ack.View)
	default:
		return trouble("unknown response_action " + ack.Action)
	}
	return ""
}

// notInputs says which errors belong to no input; "" if all do.
func notInputs(v *View, faults map[string]string) string {
	if len(faults) == 0 {
		return "errors without any"
	}
	for block, what := range faults {
		found := slices.ContainsFunc(parts(v.Blocks), func(c part) bool {
			return str(c.block, "type") == "input" && str(c.block, "block_id") == block
		})
		if !found || what == "" {
			return fmt.Sprintf("error for %q, which is no input, or an empty one", block)
		}
	}
	return ""
}

// CloseModal closes the top modal; the app hears of it if it asked for that.
func (p *Person) CloseModal() Answer {
	s := p.s
	s.mu.Lock()
	stack := s.stacks[p.id]
	if len(stack) == 0 {
		s.mu.Unlock()
		return Answer{}
	}
	v := stack[len(stack)-1]
	p.start("closes %q", v.Title)
	payload := p.interaction("view_closed")
	payload["view"], payload["is_cleared"] = s.viewJSON(v), false
	tell, _ := v.Raw["notify_on_close"].(bool)
	tr := s.transport
	s.pop(p.id, false)
	s.mu.Unlock()
	if !tell {
		return Answer{}
	}
	return tr.Deliver(Interactions, payload)
}

// Shortcut uses a global shortcut of the app.
func (p *Person) Shortcut(callbackID string) Answer {
	s := p.s
	s.mu.Lock()
	p.start("uses the shortcut %q", callbackID)
	payload := p.interaction("shortcut")
	payload["callback_id"], payload["action_ts"] = callbackID, fmt.Sprintf("%d.000000", time.Now().Unix())
	tr := s.transport
	s.mu.Unlock()
	a := tr.Deliver(Interactions, payload)
	s.mu.Lock()
	defer s.mu.Unlock()
	p.told(a, "the shortcut")
	return a
}

// OpenHome opens the Home tab of the app.
func (p *Person) OpenHome() Answer { return p.tab("home") }

// OpenMessages opens the Messages tab of the app.
func (p *Person) OpenMessages() Answer { return p.tab("messages") }

func (p *Person) tab(name string) Answer {
	s := p.s
	s.mu.Lock()
	p.start("opens the tab %s of %s", name, s.set.App)
	event := map[string]any{"type": "app_home_opened", "user": p.id, "channel": s.conversation(p.id), "tab": name}
	if h := s.homes[p.id]; h != nil && name == "home" {
		event["view"] = s.viewJSON(h)
	}
	payload := s.event(s.home(s.user(p.id)), event)
	tr := s.transport
	s.mu.Unlock()
	return tr.Deliver(Events, payload)
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

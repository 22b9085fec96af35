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

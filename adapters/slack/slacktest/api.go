package slacktest

import (
	"encoding/json"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// A method is one of the Web API.
type method struct {
	scope  string // needed; "" = none
	app    bool   // wants the app-level token, in the header
	schema string // that the arguments must meet
	run    func(s *Slack, args map[string]any) (map[string]any, *refusal)
}

// methods are those that exist; every other name is an unknown_method.
func methods() map[string]method {
	return map[string]method{
		"auth.test":                    {run: (*Slack).authTest},
		"apps.connections.open":        {app: true, run: (*Slack).openConnection},
		"chat.postMessage":             {scope: "chat:write", schema: "slack-req.PostMessage", run: (*Slack).postMessage},
		"chat.postEphemeral":           {scope: "chat:write", run: (*Slack).postEphemeral},
		"chat.update":                  {scope: "chat:write", run: (*Slack).updateMessage},
		"conversations.open":           {scope: "im:write", schema: "slack-req.ConvOpen", run: (*Slack).openConversation},
		"users.info":                   {scope: "users:read", run: (*Slack).userInfo},
		"views.open":                   {schema: "slack-req.ViewsOpen", run: (*Slack).openView},
		"views.push":                   {schema: "slack-req.ViewsOpen", run: (*Slack).pushView},
		"views.update":                 {run: (*Slack).updateView},
		"views.publish":                {run: (*Slack).publishView},
		"files.getUploadURLExternal":   {scope: "files:write", run: (*Slack).uploadURL},
		"files.completeUploadExternal": {scope: "files:write", run: (*Slack).completeUpload},
		"files.delete":                 {scope: "files:write", run: (*Slack).deleteFile},
	}
}

// A refusal is an answer with ok: false.
type refusal struct {
	code     string
	more     map[string]any
	messages []string // response_metadata.messages
	after    int      // Retry-After in seconds, with status 429
	status   int      // 0 = 200
}

func no(code string, messages ...string) *refusal { return &refusal{code: code, messages: messages} }

func (r *refusal) body() map[string]any {
	out := map[string]any{"ok": false, "error": r.code}
	for k, v := range r.more {
		out[k] = v
	}
	if len(r.messages) > 0 {
		out["response_metadata"] = map[string]any{"messages": r.messages}
		if r.code == "invalid_blocks" {
			out["errors"] = r.messages
		}
	}
	return out
}

// maxBody is the largest request taken.
const maxBody = 4 << 20

func (s *Slack) serveMethod(w http.ResponseWriter, r *http.Request) {
	name := r.PathValue("method")
	f := s.fault(name)
	call := Call{Method: name, Header: r.Header.Get("Authorization"), At: time.Now()}
	if f.Drop == Unread {
		s.log(call)
		hangUp(w)
		return
	}
	raw, err := io.ReadAll(io.LimitReader(r.Body, maxBody))
	if err != nil || !s.sleep(f.Delay) {
		hangUp(w)
		return
	}
	call.Raw = string(raw)
	args, token, bad := arguments(r, raw)
	call.Args = args

	s.mu.Lock()
	var answer map[string]any
	refused := bad
	switch {
	case f.refuses():
		refused = f.refusal()
	case refused == nil:
		answer, refused = s.act(name, token, call.Header != "", args)
	}
	call.Acted = refused == nil
	skew, scopes := s.skew, strings.Join(s.set.Scopes, ",")
	accepted := methods()[name].scope
	s.mu.Unlock()

	status := http.StatusOK
	if refused != nil {
		answer, call.Error = refused.body(), refused.code
		status = cmpOr(refused.status, status)
		if refused.after > 0 {
			status = http.StatusTooManyRequests
			w.Header().Set("Retry-After", strconv.Itoa(refused.after))
		}
	}
	call.Status = status
	if f.Drop == Unreplied {
		call.Status = 0
	}
	s.log(call)
	if !s.sleep(f.Late) || f.Drop == Unreplied {
		hangUp(w)
		return
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("Date", time.Now().Add(skew).UTC().Format(http.TimeFormat))
	if token == s.set.BotToken {
		w.Header().Set("X-OAuth-Scopes", scopes)
		w.Header().Set("X-Accepted-OAuth-Scopes", accepted)
	}
	w.WriteHeader(status)
	if f.Body != "" {
		_, _ = io.WriteString(w, f.Body)
		return
	}
	_ = json.NewEncoder(w).Encode(answer)
}

func cmpOr(a, b int) int {
	if a != 0 {
		return a
	}
	return b
}

// refusal is what f answers.
func (f Fault) refusal() *refusal {
	r := &refusal{code: f.Error, status: f.Status, after: int(f.RetryAfter.Round(time.Second) / time.Second)}
	if f.RetryAfter > 0 {
		r.after = max(r.after, 1)
	}
	if r.after > 0 {
		text(&r.code, "ratelimited")
	}
	text(&r.code, "internal_error")
	if f.Needed != "" {
		r.more = map[string]any{"needed": f.Needed, "provided": f.Provided}
	}
	return r
}

// log keeps a call.
func (s *Slack) log(c Call) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls = append(s.calls, c)
	s.touch()
}

// arguments decodes a request. Arguments that Slack takes as JSON within a form
// are decoded, too.
func arguments(r *http.Request, raw []byte) (args map[string]any, token string, bad *refusal) {
	args = map[string]any{}
	token = strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil && len(raw) > 0 {
		return args, token, no("invalid_post_type")
	}
	switch kind {
	case "application/json":
		if len(raw) > 0 && string(raw) != "null" && json.Unmarshal(raw, &args) != nil {
			return map[string]any{}, token, no("invalid_json")
		}
	case "application/x-www-form-urlencoded", "":
		form, err := url.ParseQuery(string(raw))
		if err != nil {
			return args, token, no("invalid_form_data")
		}
		for k, v := range r.URL.Query() {
			form[k] = v
		}
		for k, v := range form {
			value, ok := fromForm(k, v[0])
			if !ok {
				return args, token, no("invalid_arguments", fmt.Sprintf("[ERROR] %s is no JSON", k))
			}
			args[k] = value
		}
	default:
		return args, token, no("invalid_post_type")
	}
	if t, ok := args["token"].(string); ok {
		token = t
		delete(args, "token")
	}
	return args, token, nil
}

// fromForm is the value of a form's field as JSON would have it.
func fromForm(name, value string) (any, bool) {
	switch name {
	case "blocks", "attachments", "metadata", "view", "files":
		var out any
		err := json.Unmarshal([]byte(value), &out)
		return out, err == nil
	case "unfurl_links", "unfurl_media", "mrkdwn", "as_user", "link_names", "reply_broadcast", "return_im", "include_locale", "prevent_creation":
		return value == "true" || value == "1", true
	}
	return value, true
}

// act does what was asked. s.mu is held.
func (s *Slack) act(name, token string, inHeader bool, args map[string]any) (map[string]any, *refusal) {
	m, ok := methods()[name]
	if !ok {
		s.violate(name, "no such method, or none that this app should need")
		return nil, no("unknown_method")
	}
	if refused := s.admit(m, token, inHeader); refused != nil {
		return nil, refused
	}
	before := len(s.violations)
	s.checkSchema(name, m.schema, args)
	if len(s.violations) > before && m.schema == "slack-req.ConvOpen" {
		return nil, no("invalid_arguments")
	}
	out, refused := m.run(s, args)
	if refused != nil {
		return nil, refused
	}
	if out == nil {
		out = map[string]any{}
	}
	out["ok"] = true
	s.touch()
	return out, nil
}

// admit checks the token. s.mu is held.
func (s *Slack) admit(m method, token string, inHeader bool) *refusal {
	wanted, other := s.set.BotToken, s.set.AppToken
	if m.app {
		wanted, other = other, wanted
	}
	switch {
	case token == "", m.app && !inHeader:
		return no("not_authed")
	case s.revoked[token]:
		return no("token_revoked")
	case token == other:
		return no("not_allowed_token_type")
	case token != wanted:
		return no("invalid_auth")
	case m.scope != "" && !slices.Contains(s.set.Scopes, m.scope):
		return &refusal{code: "missing_scope", more: map[string]any{"needed": m.scope, "provided": strings.Join(s.set.Scopes, ",")}}
	}
	return nil
}

// str is the text at a key; "" if it is none.
func str(m map[string]any, key string) string {
	v, _ := m[key].(string)
	return v
}

package slacktest

import (
	"encoding/json"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// A hook is one response_url.
type hook struct {
	user, channel string
	ts            string // of the message it belongs to; "" = a slash command's
	at            time.Time
	uses          int
}

// maxUses is how often a response_url may be used.
const maxUses = 5

// newHook makes a response_url. s.mu is held.
func (s *Slack) newHook(user, channel, ts string) string {
	id := s.id("hook")
	s.hooks[id] = &hook{user: user, channel: channel, ts: ts, at: time.Now()}
	return s.server.URL + "/hooks/" + id
}

// ExpireHooks makes all response_urls so far too old.
func (s *Slack) ExpireHooks() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, h := range s.hooks {
		h.at = time.Time{}
	}
}

func (s *Slack) serveHook(w http.ResponseWriter, r *http.Request) {
	f := s.fault("response_url")
	call := Call{Method: "response_url", Header: r.Header.Get("Authorization"), At: time.Now()}
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
	var args map[string]any
	bad := json.Unmarshal(raw, &args) != nil || !strings.HasPrefix(r.Header.Get("Content-Type"), "application/json")
	call.Args = args

	s.mu.Lock()
	if call.Header != "" {
		s.violate("response_url", "a token was sent along; none is needed")
	}
	var refused *refusal
	switch {
	case f.refuses():
		refused = f.refusal()
	case bad:
		s.violate("response_url", "no JSON")
		refused = &refusal{code: "invalid_payload", status: http.StatusBadRequest}
	default:
		refused = s.respond(s.hooks[r.PathValue("id")], args)
	}
	s.mu.Unlock()

	call.Acted, call.Status = refused == nil, http.StatusOK
	if refused != nil {
		call.Error, call.Status = refused.code, cmpOr(refused.status, http.StatusOK)
		if refused.after > 0 {
			call.Status = http.StatusTooManyRequests
			w.Header().Set("Retry-After", strconv.Itoa(refused.after))
		}
	}
	s.log(call)
	if !s.sleep(f.Late) || f.Drop == Unreplied {
		hangUp(w)
		return
	}
	if refused != nil || f.Body != "" {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(call.Status)
		if f.Body != "" {
			_, _ = io.WriteString(w, f.Body)
			return
		}
		_ = json.NewEncoder(w).Encode(refused.body())
		return
	}
	_, _ = io.WriteString(w, "ok")
}

// respond does what was posted to a response_url. s.mu is held.
func (s *Slack) respond(h *hook, args map[string]any) *refusal {
	switch {
	case h == nil:
		return &refusal{code: "no_service", status: http.StatusNotFound}
	case time.Since(h.at) > s.set.HookLife:
		return &refusal{code: "expired_url", status: http.StatusNotFound}
	case h.uses >= maxUses:
		return &refusal{code: "used_url", status: http.StatusNotFound}
	}
	var original *Message
	if h.ts != "" {
		original = s.message(h.channel, h.ts)
	}
	if gone, _ := args["delete_original"].(bool); gone {
		h.uses++
		if original != nil && !original.Deleted {
			original.Deleted = true
			s.alike[original.says]--
			s.tell(entry{kind: deleted, user: original.For, message: *original})
			s.touch()
		}
		return nil
	}
	blocks, refused := s.content("response_url", args)
	if refused != nil {
		refused.status = http.StatusInternalServerError
		return refused
	}
	h.uses++
	if replace, _ := args["replace_original"].(bool); replace && original != nil && !original.Deleted {
		s.edit(original, str(args, "text"), blocks)
		return nil
	}
	s.answer(h.user, h.channel, "response_url", args, blocks)
	return nil
}

// answer posts an answer to a gesture: for the person alone, unless the app
// wants it public. s.mu is held.
func (s *Slack) answer(user, channel, via string, args map[string]any, blocks []any) *Message {
	m := Message{Channel: channel, From: Bot, For: user, Text: str(args, "text"), Blocks: blocks, Via: via}
	if str(args, "response_type") == "in_channel" {
		m.For = ""
	}
	return s.post(m)
}

package discordtest

import (
	"fmt"
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Discord's codes.
const (
	unknownChannel     = 10003
	unknownGuild       = 10004
	unknownMember      = 10007
	unknownMessage     = 10008
	unknownUser        = 10013
	unknownWebhook     = 10015
	unknownInteraction = 10062
	unknownApplication = 10002
	tooLarge           = 40005
	alreadyAnswered    = 40060
	fiveFollowUps      = 40094
	openingTooFast     = 40003
	missingAccess      = 50001
	emptyMessage       = 50006
	closedToUs         = 50007
	missingPermission  = 50013
	invalidToken       = 50027
	invalidForm        = 50035
	invalidJSON        = 50109
	writeTooFast       = 20028
	notTheirs          = 50005
)

// says is what Discord says to a code, and with which status.
func says(code int) (int, string) {
	switch code {
	case unknownApplication:
		return http.StatusNotFound, "Unknown Application"
	case unknownChannel:
		return http.StatusNotFound, "Unknown Channel"
	case unknownGuild:
		return http.StatusNotFound, "Unknown Guild"
	case unknownMember:
		return http.StatusNotFound, "Unknown Member"
	case unknownMessage:
		return http.StatusNotFound, "Unknown Message"
	case unknownUser:
		return http.StatusNotFound, "Unknown User"
	case unknownWebhook:
		return http.StatusNotFound, "Unknown Webhook"
	case unknownInteraction:
		return http.StatusNotFound, "Unknown interaction"
	case tooLarge:
		return http.StatusRequestEntityTooLarge, "Request entity too large"
	case alreadyAnswered:
		return http.StatusBadRequest, "Interaction has already been acknowledged."
	case fiveFollowUps:
		return http.StatusBadRequest, "This interaction has reached the maximum number of follow up messages."
	case openingTooFast:
		return http.StatusTooManyRequests, "You are opening direct messages too fast"
	case missingAccess:
		return http.StatusForbidden, "Missing Access"
	case notTheirs:
		return http.StatusForbidden, "Cannot edit a message authored by another user"
	case emptyMessage:
		return http.StatusBadRequest, "Cannot send an empty message"
	case closedToUs:
		return http.StatusForbidden, "Cannot send messages to this user"
	case missingPermission:
		return http.StatusForbidden, "Missing Permissions"
	case invalidToken:
		return http.StatusUnauthorized, "Invalid Webhook Token"
	case writeTooFast:
		return http.StatusTooManyRequests, "The write action you are performing on the channel has hit the write rate limit"
	case invalidJSON:
		return http.StatusBadRequest, "The request body contains invalid JSON."
	}
	return http.StatusBadRequest, "Invalid Form Body"
}

// A refusal is an answer that is no success.
type refusal struct {
	status   int
	code     int
	say      string
	problems []problem
	after    time.Duration // with 429
	scope    string        // user, global, shared
	bare     bool          // of something on the way: no body of Discord's
}

// A problem is one reason for a code of 50035.
type problem struct {
	at, code, say string // at: names and numbers with dots between
}

func (p problem) String() string { return p.at + ": " + p.say }

func no(code int) *refusal {
	status, say := says(code)
	return &refusal{status: status, code: code, say: say}
}

func wrong(problems ...problem) *refusal {
	r := no(invalidForm)
	r.problems = problems
	return r
}

// body is how Discord writes r.
func (r *refusal) body() any {
	if r.bare {
		return map[string]any{}
	}
	if r.status == http.StatusTooManyRequests {
		out := map[string]any{"message": r.say, "retry_after": round(r.after), "global": r.scope == "global"}
		if r.code != 0 {
			out["code"] = r.code
		}
		return out
	}
	out := map[string]any{"message": r.say, "code": r.code}
	if len(r.problems) > 0 {
		out["errors"] = nested(r.problems)
	}
	return out
}

// nested puts problems where Discord puts them: {"content":{"_errors":[...]}}.
func nested(problems []problem) map[string]any {
	root := map[string]any{}
	for _, p := range problems {
		at := root
		for _, key := range strings.FieldsFunc(p.at, func(r rune) bool { return r == '.' }) {
			next, ok := at[key].(map[string]any)
			if !ok {
				next = map[string]any{}
				at[key] = next
			}
			at = next
		}
		list, _ := at["_errors"].([]any)
		at["_errors"] = append(list, map[string]any{"code": p.code, "message": p.say})
	}
	return root
}

// head sets the headers of a 429.
func (r *refusal) head(h http.Header) {
	if r.status != http.StatusTooManyRequests {
		return
	}
	if r.after > 0 {
		h.Set("Retry-After", strconv.Itoa(int(math.Ceil(r.after.Seconds()))))
	}
	if r.scope != "" {
		h.Set("X-RateLimit-Scope", r.scope)
	}
	if r.scope == "global" {
		h.Set("X-RateLimit-Global", "true")
	}
}

// round is a wait in seconds as Discord writes it.
func round(d time.Duration) float64 { return math.Ceil(d.Seconds()*1000) / 1000 }

func sprint(format string, args ...any) string { return fmt.Sprintf(format, args...) }

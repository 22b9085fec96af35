package slack

import (
	"errors"
	"fmt"
	"net/http"
	"strings"

	slackgo "github.com/slack-go/slack"

	"rapport/adapters/surface"
)

// bare turns an error of slack-go, net/http or the websocket into one without
// address, token, ticket, id or words of a person, as [surface.Bare] does.
// [errors.As] still finds slackgo.SlackErrorResponse (code and scopes only),
// slackgo.StatusCodeError and *slackgo.RateLimitedError.
func bare(err error) error { return surface.Bare(err, toldBySlack) }

// toldBySlack is of what the Web API answers.
func toldBySlack(err error) *surface.Fault {
	if e, ok := errors.AsType[slackgo.SlackErrorResponse](err); ok {
		e = slackgo.SlackErrorResponse{Err: word(e.Err), Needed: words(e.Needed), Provided: words(e.Provided)}
		return &surface.Fault{Text: "Slack answers " + e.Err, Cause: e}
	}
	if e, ok := errors.AsType[*slackgo.RateLimitedError](err); ok {
		return &surface.Fault{Text: fmt.Sprintf("Slack asks to wait for %s", e.RetryAfter), Cause: e}
	}
	if e, ok := errors.AsType[slackgo.StatusCodeError](err); ok {
		e.Status = fmt.Sprintf("%d %s", e.Code, http.StatusText(e.Code))
		return &surface.Fault{Text: "Slack answers with status " + strings.TrimSpace(e.Status), Cause: e}
	}
	return nil
}

// word is code if it looks like one of Slack's codes, so that nothing else
// comes along.
func word(code string) string {
	odd := func(r rune) bool {
		return !(r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r == '_' || r == ':' || r == '.' || r == '-')
	}
	if code == "" || len(code) > 60 || strings.ContainsFunc(code, odd) || strings.HasPrefix(code, "xox") || strings.HasPrefix(code, "xapp") {
		return "an unknown error"
	}
	return code
}

// words are the scopes of a list, without anything that is none.
func words(list string) string {
	var out []string
	for _, w := range strings.FieldsFunc(list, func(r rune) bool { return r == ',' || r == ' ' }) {
		if word(w) == w {
			out = append(out, w)
		}
	}
	return strings.Join(out, ", ")
}

// A token is one of the two that Slack gives an app.
type token int

const (
	botToken token = iota
	appToken
)

func (t token) String() string {
	if t == appToken {
		return "the app token"
	}
	return "the bot token"
}

// source is where an admin finds t, and where it goes.
func (t token) source() string {
	if t == appToken {
		return "make one with the scope connections:write in the app's settings under Basic Information, App-Level Tokens, and put it into slack.app_token"
	}
	return "copy the one in the app's settings under OAuth & Permissions into slack.bot_token"
}

// fatal is what to do about err where trying again cannot help, in words for
// whoever runs the coach; nil where it can. t is the token that was used.
func fatal(err error, t token) error {
	if e, ok := errors.AsType[slackgo.StatusCodeError](err); ok && e.Code == http.StatusNotFound {
		return &surface.Fault{Text: "Slack's Web API is not there (status 404): put its address, ending in a slash, into slack.api_url, or take that line out", Cause: e}
	}
	e, ok := errors.AsType[slackgo.SlackErrorResponse](bare(err))
	if !ok {
		return nil
	}
	if text := remedy(e, t); text != "" {
		return &surface.Fault{Text: text, Cause: e}
	}
	return nil
}

// remedy is the text of fatal; "" where trying again may help.
func remedy(e slackgo.SlackErrorResponse, t token) string {
	switch e.Err {
	case "invalid_auth", "not_authed":
		return fmt.Sprintf("Slack does not know %s (%s): %s", t, e.Err, t.source())
	case "token_revoked", "account_inactive":
		return fmt.Sprintf("Slack no longer takes %s (%s): if the app was removed, install it again; then %s", t, e.Err, t.source())
	case "token_expired":
		return fmt.Sprintf("%s has expired (%s): switch token rotation off in the app's settings; then %s", t, e.Err, t.source())
	case "missing_scope":
		return lacking(e, t)
	case "not_allowed_token_type":
		return fmt.Sprintf("%s is a token of another kind (%s), the two may be swapped: %s", t, e.Err, t.source())
	case "not_enabled", "link_disabled", "socket_mode_disabled", "socket_mode_not_enabled":
		return fmt.Sprintf("Socket Mode is switched off for this app (%s): switch it on in the app's settings under Socket Mode, or serve HTTP with slack.signing_secret and slack.listen", e.Err)
	case "no_permission", "access_denied", "forbidden_team", "team_access_not_granted", "enterprise_is_restricted",
		"ekm_access_denied", "org_login_required", "two_factor_setup_required", "accesslimited":
		return fmt.Sprintf("Slack does not allow this with %s (%s): ask an admin of the workspace to approve the app", t, e.Err)
	}
	return ""
}

func lacking(e slackgo.SlackErrorResponse, t token) string {
	needed, has := e.Needed, e.Provided
	if needed == "" && t == appToken {
		needed = "connections:write"
	}
	if has == "" {
		has = "none"
	}
	fix := "add it in the app's settings under OAuth & Permissions and install the app again"
	if t == appToken {
		fix = t.source()
	}
	return fmt.Sprintf("%s lacks the scope %s, it has %s (%s): %s", t, needed, has, e.Err, fix)
}

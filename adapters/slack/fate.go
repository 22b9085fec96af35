package slack

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptrace"
	"regexp"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	slackgo "github.com/slack-go/slack"

	"rapport/coach"
)

// A meaning is what one of Slack's error codes says of a message, which was
// not taken unless the fate is in doubt.
type meaning struct {
	fate coach.Fate
	why  string // for the admin
	fix  string // what to do; "" where there is nothing to do, or fatal says it
	ends bool   // nothing more can be sent before somebody has put it right
}

// meanings are Slack's error codes, besides those of channels and people. Sources:
// https://docs.slack.dev/reference/methods/chat.postMessage#errors,
// https://docs.slack.dev/reference/methods/conversations.open#errors,
// https://docs.slack.dev/reference/methods/apps.connections.open#errors
var meanings = map[string]meaning{
	// A token that does not work is put right by somebody, and then everything
	// planned goes out: no row may be lost to it.
	"not_authed":             {fate: coach.Later, why: "Slack got no token", ends: true},
	"invalid_auth":           {fate: coach.Later, why: "Slack does not accept the token", ends: true},
	"not_allowed_token_type": {fate: coach.Later, why: "the token is of another kind", ends: true},
	"account_inactive":       {fate: coach.Later, why: "the app or its workspace is gone", ends: true},
	"user_removed_from_team": {fate: coach.Later, why: "the app is no longer in the workspace", ends: true},
	"team_disabled":          {fate: coach.Later, why: "the workspace is gone", ends: true},
	"token_revoked":          {fate: coach.Later, why: "the app was removed, or its token taken back", ends: true},
	"token_expired":          {fate: coach.Later, why: "the token has expired", ends: true},
	"missing_scope":          {fate: coach.Later, why: "the app lacks a scope", ends: true},

	// The workspace moves, and "will not be available until migration is
	// complete": that ends by itself.
	"org_login_required": {fate: coach.Later, why: "the workspace is moving to an Enterprise organisation"},
	"team_added_to_org":  {fate: coach.Later, why: "the workspace is moving to an Enterprise organisation"},
	// Suspended by people who may let it go on.
	"ekm_access_denied":         {coach.Later, "administrators suspended posting", "ask the organisation's administrators", false},
	"accesslimited":             {coach.Later, "Slack is limited on this network", "ask the workspace's administrators about allowed addresses", false},
	"two_factor_setup_required": {coach.Later, "Slack asks for a second factor", "ask the workspace's administrators", false},
	"message_limit_exceeded":    {fate: coach.Later, why: "the workspace sends too many messages"},
	"rate_limited":              {fate: coach.Later, why: "Slack asks to wait"},
	"ratelimited":               {fate: coach.Later, why: "Slack asks to wait"},
	// "The POST data was either missing or truncated": nothing was done.
	"request_timeout": {fate: coach.Later, why: "the request did not arrive whole"},
	// Without the words of internal_error that some of it may have succeeded.
	"service_unavailable": {fate: coach.Later, why: "Slack is not available"},

	// "It's possible some aspect of the operation succeeded before the error
	// was raised."
	"internal_error":              {fate: coach.InDoubt, why: "Slack had an error of its own"},
	"fatal_error":                 {fate: coach.InDoubt, why: "Slack had an error of its own"},
	"messaging_processing_failed": {fate: coach.InDoubt, why: "Slack had an error of its own"},

	"team_not_found":          {coach.Closed, "the workspace is gone", "choose another channel in /rapport setup", false},
	"team_access_not_granted": {coach.Closed, "the app was not added to the workspace", "let an organisation's admin add it at Manage apps", false},
	"messages_tab_disabled":   {coach.Later, "the app's Messages tab is off", "turn it on at api.slack.com/apps > App Home", false},

	// Our fault: the same again would be refused again. Codes that begin with
	// invalid_ need no line of their own.
	"msg_too_long":             {fate: coach.Never, why: "the message is too long"},
	"msg_blocks_too_long":      {fate: coach.Never, why: "the message is too long"},
	"no_text":                  {fate: coach.Never, why: "the message is empty"},
	"too_many_attachments":     {fate: coach.Never},
	"too_many_contact_cards":   {fate: coach.Never},
	"as_user_not_supported":    {fate: coach.Never},
	"cannot_reply_to_message":  {fate: coach.Never},
	"is_bot":                   {fate: coach.Never},
	"markdown_text_conflict":   {fate: coach.Never},
	"metadata_too_large":       {fate: coach.Never},
	"missing_charset":          {fate: coach.Never},
	"missing_post_type":        {fate: coach.Never},
	"json_not_object":          {fate: coach.Never},
	"request_entity_too_large": {fate: coach.Never, why: "the message is too long"},

	"metadata_must_be_sent_from_app":          {fate: coach.Never},
	"duplicate_channel_not_found":             {fate: coach.Never},
	"duplicate_message_not_found":             {fate: coach.Never},
	"slack_connect_canvas_sharing_blocked":    {fate: coach.Never},
	"slack_connect_file_link_sharing_blocked": {fate: coach.Never},
	"slack_connect_clip_sharing_blocked":      {fate: coach.Never},

	"users_list_not_supplied":               {fate: coach.Never},
	"not_enough_users":                      {fate: coach.Never},
	"too_many_users":                        {fate: coach.Never},
	"method_not_supported_for_channel_type": {fate: coach.Never},

	"enterprise_is_restricted": {coach.Never, "an organisation's token cannot do this", "install the app in a workspace", false},
	"unknown_method":           {coach.Never, "Slack knows the call no more", newer, false},
	"method_deprecated":        {coach.Never, "Slack knows the call no more", newer, false},
	"deprecated_endpoint":      {coach.Never, "Slack knows the call no more", newer, false},
}

// newer is what can be done about several codes.
const newer = "install a newer version of Rapport"

// closedChannels are the codes of channels that nothing can be posted in, with
// the reason. Codes that begin with restricted_action need no line of their own.
var closedChannels = map[string]string{
	// Slack says the same of a private channel that the app is not in.
	"channel_not_found": coach.WhyNotIn,
	"not_in_channel":    coach.WhyNotIn,
	"no_permission":     coach.WhyNotIn,
	"access_denied":     "I may not post in the channel",
	"is_archived":       "the channel is archived",
	"is_inactive":       "the channel is gone",
	"restricted_action": "a setting of the workspace keeps me from posting in the channel",

	"restricted_action_read_only_channel":   "the channel is read-only for me",
	"restricted_action_thread_only_channel": "the channel takes replies in threads only",
}

// closedPeople are the codes of people who cannot be written to.
var closedPeople = map[string]string{
	"user_not_found":           "the person is gone",
	"users_not_found":          "the person is gone",
	"user_disabled":            "the person's account is deactivated",
	"user_not_visible":         "I may not see the person",
	"cannot_dm_bot":            "the person is an app",
	"invalid_user_combination": "the person is of another organisation, without a channel in common",
}

// meaningOf returns what code says, of a post into a channel or of direct
// messages.
func meaningOf(code string, direct bool) meaning {
	if m, ok := meanings[code]; ok {
		return m
	}
	if why, ok := closedPeople[code]; ok {
		return meaning{fate: coach.Closed, why: why}
	}
	why, ok := closedChannels[code]
	if !ok && strings.HasPrefix(code, "restricted_action") {
		why, ok = closedChannels["restricted_action"], true
	}
	switch {
	case ok && direct:
		return meaning{fate: coach.Closed, why: "direct messages with the person are closed"}
	case ok:
		return meaning{fate: coach.Closed, why: why}
	case strings.HasPrefix(code, "invalid_"):
		return meaning{fate: coach.Never}
	}
	// An answer that says no, for a reason that is not known: nothing was sent,
	// and nothing planned is lost by trying for a while.
	return meaning{fate: coach.Later}
}

// Waits that Slack asks for.
const (
	untold  = 30 * time.Second // it did not say how long
	longest = time.Hour
)

// traced returns a context for one call. left then reports whether any of what
// is to be posted may have gone out: it stands in the body of the request,
// which follows the headers. A refused connection, a name that is not found, a
// failed TLS handshake and a time-out before all that leave it false.
func traced(ctx context.Context) (_ context.Context, left *atomic.Bool) {
	left = new(atomic.Bool)
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{WroteHeaders: func() { left.Store(true) }}), left
}

// sendError says what becomes of a message by how a call ended. left is that of
// [traced]; false also for calls that can be made twice.
func sendError(err error, left, direct bool) (e *coach.SendError, m meaning) {
	e = &coach.SendError{Fate: coach.Later, Err: bare(err)}
	if r, ok := errors.AsType[slackgo.SlackErrorResponse](err); ok {
		m = meaningOf(r.Err, direct)
		e.Fate, e.Why = m.fate, m.why
		if throttled(r.Err) {
			e.After = untold
		}
		if at := whereIn(r.ResponseMetadata.Messages); at != "" {
			e.Err = fmt.Errorf("%w, at %s", e.Err, at)
		}
	} else if r, ok := errors.AsType[*slackgo.RateLimitedError](err); ok {
		e.After = min(max(r.RetryAfter, 0), longest) // more seconds than a Duration holds are negative
	} else if r, ok := errors.AsType[slackgo.StatusCodeError](err); ok {
		statusError(e, r.Code)
	} else if _, ok := errors.AsType[*strconv.NumError](err); ok { // slack-go's error of a Retry-After that is no number
		e.After, e.Err = untold, errUntold
	} else if left {
		e.Fate = coach.InDoubt
	} else {
		e.Why = "Slack cannot be reached"
	}
	if e.Fate == coach.InDoubt && !left {
		e.Fate = coach.Later
	}
	return e, m
}

var errUntold = errors.New("Slack asks to wait and does not say how long")

// throttled reports whether code asks to wait, without a header that says how
// long.
func throttled(code string) bool {
	return code == "ratelimited" || code == "rate_limited" || code == "message_limit_exceeded"
}

// statusError is for an answer that is not of the Web API, which answers with
// 200, 429 and 5xx (https://docs.slack.dev/apis/web-api/#responses). A 5xx may
// come after the message was posted. Everything else comes from what stands
// between, such as a proxy, and then Slack never saw it.
func statusError(e *coach.SendError, code int) {
	switch {
	case code == http.StatusTooManyRequests:
		e.After = untold
	case code >= 500:
		e.Fate = coach.InDoubt
	case code == http.StatusRequestEntityTooLarge:
		e.Fate, e.Why = coach.Never, "the message is too long"
	default:
		e.Why = fmt.Sprintf("something on the way to Slack answered %d: check the proxy and slack.api_url", code)
	}
}

var pointer = regexp.MustCompile(`\[json-pointer:((?:/(?:[a-z_]{1,30}|[0-9]{1,3})){1,8})\]`)

// whereIn returns the places in what was posted that Slack's remarks point to.
// The remarks themselves can repeat what was posted.
func whereIn(remarks []string) string {
	var places []string
	for _, remark := range remarks {
		if at := pointer.FindStringSubmatch(remark); at != nil && len(places) < 5 {
			places = append(places, at[1])
		}
	}
	return strings.Join(places, ", ")
}

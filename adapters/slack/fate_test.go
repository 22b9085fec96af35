package slack

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	slackgo "github.com/slack-go/slack"

	"rapport/coach"
)

// documented are the error codes that Slack documents for chat.postMessage and
// conversations.open, and what each must lead to. It is written down a second
// time on purpose: a code that moves to another fate loses or doubles messages.
var documented = map[coach.Fate]string{
	coach.Later: `accesslimited account_inactive ekm_access_denied invalid_auth message_limit_exceeded messages_tab_disabled missing_scope
		not_allowed_token_type not_authed org_login_required rate_limited ratelimited request_timeout service_unavailable
		team_added_to_org token_expired token_revoked two_factor_setup_required`,
	coach.InDoubt: `fatal_error internal_error`,
	coach.Closed: `access_denied cannot_dm_bot channel_not_found invalid_user_combination is_archived
		no_permission not_in_channel restricted_action restricted_action_non_threadable_channel
		restricted_action_read_only_channel restricted_action_thread_locked restricted_action_thread_only_channel
		team_access_not_granted team_not_found user_disabled user_not_found user_not_visible`,
	coach.Never: `as_user_not_supported cannot_reply_to_message deprecated_endpoint duplicate_channel_not_found
		duplicate_message_not_found enterprise_is_restricted invalid_arg_name invalid_arguments invalid_array_arg
		invalid_blocks invalid_blocks_format invalid_charset invalid_form_data invalid_metadata_format
		invalid_metadata_schema invalid_post_type markdown_text_conflict metadata_must_be_sent_from_app
		metadata_too_large method_deprecated method_not_supported_for_channel_type missing_post_type msg_blocks_too_long
		msg_too_long no_text not_enough_users slack_connect_canvas_sharing_blocked
		slack_connect_file_link_sharing_blocked too_many_attachments too_many_contact_cards too_many_users
		users_list_not_supplied`,
}

func TestCodes(t *testing.T) {
	e := newEnd(t)
	for want, codes := range documented {
		for _, code := range strings.Fields(codes) {
			e.say(refuse("chat.postMessage", code))
			for _, to := range []coach.Address{coach.ChannelOf(team, testChannel), coach.DirectTo(anna)} {
				_, err := e.adapter().Send(t.Context(), to, "key", saying())
				got, ok := errors.AsType[*coach.SendError](err)
				if !ok || got.Fate != want {
					t.Errorf("%s: got %v, want %q", code, err, want)
					continue
				}
				if want == coach.Closed && got.Why == "" {
					t.Errorf("%s: closed without a reason for the admin", code)
				}
				if !strings.Contains(err.Error(), code) {
					t.Errorf("%s: got %q, want it to name the code", code, err)
				}
			}
			// Nobody is shown a conversation that is opened: that is never in doubt.
			opened := want
			if want == coach.InDoubt {
				opened = coach.Later
			}
			e.say(refuse("conversations.open", code))
			_, err := e.adapter().Send(t.Context(), coach.DirectTo(anna), "key", saying())
			if fate, _ := coach.FateOf(err); err == nil || fate != opened {
				t.Errorf("conversations.open, %s: got %v, want %q", code, err, opened)
			}
		}
	}
}

// Reasons are read by an admin: of a channel they say what to do, of a person
// they do not speak of a channel.
func TestReasons(t *testing.T) {
	channel, direct := coach.ChannelOf(team, testChannel), coach.DirectTo(anna)
	for _, c := range []struct {
		code string
		to   coach.Address
		want string
	}{
		{"is_archived", channel, "the channel is archived"},
		{"not_in_channel", channel, coach.WhyNotIn},
		{"channel_not_found", channel, coach.WhyNotIn},
		{"restricted_action_thread_locked", channel, "a setting of the workspace keeps me from posting in the channel"},
		{"channel_not_found", direct, "direct messages with the person are closed"},
		{"user_disabled", direct, "the person's account is deactivated"},
		{"messages_tab_disabled", direct, "the app's Messages tab is off"},
		{"unheard_of", channel, ""},
	} {
		e := newEnd(t)
		e.say(refuse("chat.postMessage", c.code))
		_, err := e.adapter().Send(t.Context(), c.to, "key", saying())
		if got, _ := errors.AsType[*coach.SendError](err); got == nil || got.Why != c.want {
			t.Errorf("%s: got %+v, want the reason %q", c.code, got, c.want)
		}
	}
}

// TestErrorsAreBare has the other end say everything that it should not.
func TestErrorsAreBare(t *testing.T) {
	secrets := []string{testToken, testUser, testWords, "://", "hooks.slack.com"}
	for name, answer := range map[string]map[string]any{
		"code":    {"ok": false, "error": testToken + " " + testWords},
		"remarks": {"ok": false, "error": "invalid_blocks", "response_metadata": map[string]any{"messages": []string{"[ERROR] " + testWords + " is bad"}}},
		"pointer": {"ok": false, "error": "invalid_blocks", "response_metadata": map[string]any{"messages": []string{"[ERROR] bad [json-pointer:/" + testWords + "]"}}},
		"needed":  {"ok": false, "error": "missing_scope", "needed": testToken + "!" + testUser, "provided": testWords},
		"errors":  {"ok": false, "error": "invalid_arguments", "errors": []string{testWords}},
		"types":   {"ok": testWords, "error": 7, "channel": testToken},
	} {
		e := newEnd(t)
		e.say(func(_ sent, w http.ResponseWriter) { _ = json.NewEncoder(w).Encode(answer) })
		a := e.adapter()
		_, err := a.Send(t.Context(), coach.ChannelOf(team, testChannel), "key", saying())
		if err == nil {
			t.Errorf("%s: sent", name)
			continue
		}
		for _, s := range secrets {
			if strings.Contains(fmt.Sprintf("%+v %v", err, a.stopped()), s) {
				t.Errorf("%s: got %v, %v, which holds %q", name, err, a.stopped(), s)
			}
		}
	}
}

// What helps is kept: where in the blocks the fault is, and which scope is
// missing.
func TestErrorsHelp(t *testing.T) {
	remarks := slackgo.ResponseMetadata{Messages: []string{
		"[ERROR] must be less than 3001 characters [json-pointer:/blocks/0/text/text]", "[ERROR] " + testWords, "[ERROR] bad [json-pointer:/blocks/1/elements/12]",
	}}
	for want, r := range map[string]slackgo.SlackErrorResponse{
		"Slack answers invalid_blocks, at /blocks/0/text/text, /blocks/1/elements/12": {Err: "invalid_blocks", ResponseMetadata: remarks},
		"Slack answers no_text": {Err: "no_text"},
	} {
		if e, _ := sendError(r, true, false); e.Err.Error() != want {
			t.Errorf("got %q, want %q", e.Err, want)
		}
	}
}

// TestWire has every way that a call can end without an answer. Whether any of
// it left is what decides.
func TestWire(t *testing.T) {
	wrap := func(err error) error {
		return &url.Error{Op: "Post", URL: "https://slack.com/api/" + testToken, Err: err}
	}
	for name, err := range map[string]error{
		"refused":      wrap(&net.OpError{Op: "dial", Net: "tcp", Err: errors.New("connection refused")}),
		"no such name": wrap(&net.OpError{Op: "dial", Err: &net.DNSError{Err: "no such host", Name: "slack.com", IsNotFound: true}}),
		"handshake":    wrap(errors.New("tls: handshake failure")),
		"timeout":      wrap(context.DeadlineExceeded),
		"cancelled":    wrap(context.Canceled),
		"eof":          wrap(io.EOF),
		"half":         io.ErrUnexpectedEOF,
		"not json":     &json.SyntaxError{},
	} {
		for left, want := range map[bool]coach.Fate{false: coach.Later, true: coach.InDoubt} {
			e, m := sendError(err, left, false)
			if e.Fate != want || m.ends {
				t.Errorf("%s, left %v: got %v, want %q", name, left, e, want)
			}
			if strings.Contains(e.Error(), testToken) || strings.Contains(e.Error(), "://") {
				t.Errorf("%s: got %v, which holds the address", name, e)
			}
		}
	}
}

// A wait is what Slack asked for, within reason.
func TestWaits(t *testing.T) {
	for _, c := range []struct {
		err  error
		want time.Duration
	}{
		{&slackgo.RateLimitedError{RetryAfter: 7 * time.Second}, 7 * time.Second},
		{&slackgo.RateLimitedError{RetryAfter: -time.Second}, 0},
		{&slackgo.RateLimitedError{RetryAfter: 1000 * time.Hour}, longest},
		{slackgo.StatusCodeError{Code: 429}, untold},
		{&strconv.NumError{Func: "ParseInt", Num: "soon", Err: strconv.ErrSyntax}, untold},
		{slackgo.SlackErrorResponse{Err: "ratelimited"}, untold},
		{slackgo.SlackErrorResponse{Err: "service_unavailable"}, 0},
	} {
		e, _ := sendError(c.err, true, false)
		if e.Fate != coach.Later || e.After != c.want {
			t.Errorf("%v: got %q after %v, want %q after %v", c.err, e.Fate, e.After, coach.Later, c.want)
		}
	}
}

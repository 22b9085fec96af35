package slack

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strconv"
	"testing"
	"time"

	"github.com/slack-go/slack/slackevents"
	"github.com/slack-go/slack/socketmode"

	"rapport/coach"
)

// FuzzSignature holds that a request passes only with a fresh stamp and the one
// signature that fits it, written in either case.
func FuzzSignature(f *testing.F) {
	now := time.Unix(1_790_000_000, 0)
	for _, s := range []struct{ stamp, signature, body string }{
		{"1790000000", "v0=" + signed("secret", "1790000000", "x=1"), "x=1"},
		{"1790000000", "v0=00", "x=1"}, {"", "", ""}, {"-1", "v0=", "x"}, {"+1790000000", "v1=", "x"}, {"1790000000 ", "v0=\x00", ""},
		{"9223372036854775807", "v0=" + signed("secret", "9223372036854775807", ""), ""},
	} {
		f.Add(s.stamp, s.signature, s.body)
	}
	w := newWeb(&intake{Adapter: New(Options{SigningSecret: "secret"})})
	f.Fuzz(func(t *testing.T, stamp, signature, body string) {
		c := w.checks.Get().(*check)
		defer w.release(c)
		try := func(signature string) error {
			c.body.Reset()
			c.body.WriteString(body)
			return c.verify(http.Header{"X-Slack-Request-Timestamp": {stamp}, "X-Slack-Signature": {signature}}, now)
		}
		mac := hmac.New(sha256.New, []byte("secret"))
		mac.Write([]byte("v0:" + stamp + ":" + body))
		right := mac.Sum(nil)
		seconds, err := strconv.ParseInt(stamp, 10, 64)
		fresh := err == nil && seconds >= now.Unix()-300 && seconds <= now.Unix()+300
		if err := try("v0=" + signed("secret", stamp, body)); (err == nil) != fresh {
			t.Errorf("signed, stamp %q: got %v, fresh %v", stamp, err, fresh)
		}
		if try(signature) == nil && (!fresh || !bytes.Equal(c.sums[1][:], right)) {
			t.Errorf("stamp %q and signature %q pass", stamp, signature)
		}
		bent := []byte("v0=" + signed("secret", stamp, body))
		bent[len(bent)-1] ^= 1 // another digit of either case
		if try(string(bent)) == nil {
			t.Errorf("a bent signature passes with stamp %q", stamp)
		}
	})
}

// FuzzPayload reads signed bodies and frames of sockets, as far as a request.
func FuzzPayload(f *testing.F) {
	for _, s := range []string{
		`command=%2Frapport&text=done+well&user_id=U1&team_id=T1&trigger_id=1.2`,
		`payload=%7B%22type%22%3A%22block_actions%22%2C%22user%22%3A%7B%22id%22%3A%22U1%22%7D%2C%22actions%22%3A%5B%7B%22action_id%22%3A%221home%22%2C%22block_id%22%3A%22b%22%2C%22type%22%3A%22button%22%2C%22value%22%3A%221home%22%7D%5D%7D`,
		`{"type":"view_submission","user":{"id":"U1"},"view":{"id":"V1","callback_id":"1note","private_metadata":"C1","state":{"values":{"a":{"a":{"type":"plain_text_input","value":"x"}}}},"blocks":[{"type":"input","block_id":"a","element":{"type":"plain_text_input"}}]}}`,
		`{"type":"block_actions","user":{"id":"U1"},"view":{"type":"home","id":"V1"},"actions":[{"type":"static_select","selected_option":{"value":"1home"}}]}`,
		`{"type":"shortcut","callback_id":"journal","user":{"id":"U1"},"trigger_id":"1.2"}`,
		`{"type":"event_callback","event_id":"Ev1","team_id":"T1","event":{"type":"user_change","user":{"id":"U1","tz":"Europe/Berlin","deleted":true}}}`,
		`{"type":"event_callback","event_id":"Ev1","event":{"type":"app_home_opened","user":"U1","tab":"home"}}`,
		`{"type":"url_verification","challenge":"x"}`, `{"type":"interactive","envelope_id":"e","payload":{"type":"block_actions"}}`,
		`{"type":"events_api","payload":{"type":"event_callback","event":{"type":"tokens_revoked","tokens":{"bot":["x"]}}}}`, `{"type":"slash_commands","payload":7}`, "[]", "\xff",
	} {
		f.Add([]byte(s))
	}
	lifetime, end := context.WithCancel(context.Background())
	f.Cleanup(end)
	a := New(Options{SigningSecret: "secret"})
	w := newWeb(&intake{Adapter: a, work: lifetime})
	d := &desk{Adapter: a}
	f.Fuzz(func(t *testing.T, body []byte) {
		var all []incoming
		if in, ok := w.gesture(httptest.NewRecorder(), string(body)); ok {
			all = append(all, in)
		}
		if in, ok := w.event(httptest.NewRecorder(), body); ok {
			if in.ID == "" {
				t.Errorf("%q: an event without an id is taken", body)
			}
			all = append(all, in)
		}
		var r socketmode.Request
		if json.Unmarshal(body, &r) == nil {
			if in, err := payload(r); err == nil {
				all = append(all, in)
			}
		}
		for _, kind := range []string{socketmode.RequestTypeInteractive, socketmode.RequestTypeSlashCommands, socketmode.RequestTypeEventsAPI} {
			if in, err := payload(socketmode.Request{Type: kind, Payload: body}); err == nil {
				all = append(all, in)
			}
		}
		for _, in := range all {
			looked(t, d, in)
		}
	})
}

// FuzzControls bends what a control and a form carry: action ids, values, what a
// view remembers, and inputs. Who did it, and where they are at home, stays what
// Slack says beside it; the view's channel is one of their own team at most.
func FuzzControls(f *testing.F) {
	for _, s := range []string{"1note:7:yes", "1draft:5", "1setup:start", "1moved", "2x", "", "C2\n1did:try/2026-11-23/a:well", `1x"},"user":{"id":"U2"},"y":{"`, "slack/T2/U2", "\xff"} {
		f.Add(s, "1data:download", "U2", true)
		f.Add("1pick", s, s, false)
	}
	d := &desk{Adapter: New(Options{Admins: []string{"UBOSS"}}), self: installation{Team: "T1"}}
	lifetime, end := context.WithCancel(context.Background())
	f.Cleanup(end)
	r := &register{}
	r.set(facts{}, nil)
	d.people = newPeople(lifetime, r.ask, time.Now)
	f.Fuzz(func(t *testing.T, id, value, words string, form bool) {
		body := map[string]any{"type": "block_actions", "user": map[string]any{"id": "U1", "team_id": "T1"}, "team": map[string]any{"id": "T1"}, "trigger_id": "1.2",
			"channel": map[string]any{"id": "C1"}, "container": map[string]any{"channel_id": "C1"},
			"actions": []any{map[string]any{"action_id": id, "block_id": words, "type": "button", "value": value}}}
		if form {
			body["type"] = "view_submission"
			body["view"] = map[string]any{"id": "V1", "type": "modal", "callback_id": id, "private_metadata": value,
				"state":  map[string]any{"values": map[string]any{words: map[string]any{words: map[string]any{"type": "plain_text_input", "value": words}}}},
				"blocks": []any{map[string]any{"type": "input", "block_id": words, "element": map[string]any{"type": "plain_text_input", "action_id": words}}}}
		}
		raw, err := json.Marshal(body)
		if err != nil {
			t.Skip(err)
		}
		in, err := payload(socketmode.Request{Type: socketmode.RequestTypeInteractive, Payload: raw})
		if err != nil {
			return
		}
		g, ok := d.gestureOf(in)
		if !ok {
			return
		}
		got := d.complete(t.Context(), g, g.request)
		person := coach.Person{Platform: platform, Realm: "T1", User: "U1"}
		team := coach.Team{Platform: platform, ID: "T1"}
		if got.ID != "slack:1.2" || got.From != person || got.Team != team || got.Admin || got.Stranger || got.Guest || got.At != coach.DirectTo(person) && got.At.Team != team {
			t.Errorf("%s: got %+v", raw, got)
		}
	})
}

// looked reads in as the desk does before it asks anybody.
func looked(t *testing.T, d *desk, in incoming) {
	if in.Press != nil {
		besideInput(in.Press.View)
	}
	if in.Event != nil {
		if v, ok := in.Event.InnerEvent.Data.(*slackevents.UserChangeEvent); ok {
			userOf(in.Event, v)
		}
		return
	}
	if g, ok := d.gestureOf(in); ok && (g.by.user == "" || g.request.ID == requestID("") || g.request.Action.Verb == "") {
		t.Errorf("a request without a person, an id or a verb: %+v", g)
	}
}

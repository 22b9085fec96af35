package slacktest

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	slackgo "github.com/slack-go/slack"
)

// call calls a method with JSON arguments.
func call(t *testing.T, s *Slack, token, method, body string) (int, string, http.Header) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.APIURL()+method, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json; charset=utf-8")
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	return do(t, r)
}

func do(t *testing.T, r *http.Request) (int, string, http.Header) {
	t.Helper()
	c := http.Client{Timeout: 5 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}}
	resp, err := c.Do(r)
	if err != nil {
		return 0, err.Error(), nil
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(raw), resp.Header
}

func TestTokens(t *testing.T) {
	s := New(t, Setup{Scopes: []string{"commands", "chat:write"}})
	for _, test := range []struct{ token, method, want string }{
		{s.BotToken(), "auth.test", `"ok":true`},
		{"", "auth.test", `"not_authed"`},
		{"xoxb-other", "auth.test", `"invalid_auth"`},
		{s.AppToken(), "auth.test", `"not_allowed_token_type"`},
		{s.BotToken(), "apps.connections.open", `"not_allowed_token_type"`},
		{s.AppToken(), "apps.connections.open", `"url":"ws://127.0.0.1`},
		{s.BotToken(), "users.info", `"needed":"users:read","ok":false,"provided":"commands,chat:write"`},
		{s.BotToken(), "admin.anything", `"unknown_method"`},
	} {
		_, got, header := call(t, s, test.token, test.method, "{}")
		if !strings.Contains(got, test.want) {
			t.Errorf("%s with %q: got %s, want %s", test.method, test.token, got, test.want)
		}
		if test.token == s.BotToken() && (header.Get("X-OAuth-Scopes") != "commands,chat:write" || header.Get("Date") == "") {
			t.Errorf("%s: got headers %v", test.method, header)
		}
	}
	s.Revoke(s.BotToken())
	if _, got, _ := call(t, s, s.BotToken(), "auth.test", "{}"); !strings.Contains(got, "token_revoked") {
		t.Errorf("got %s, want token_revoked", got)
	}
}

// blocks are block lists that Slack refuses, each for one reason.
func blocks() map[string]string {
	long := func(n int) string { return strings.Repeat("ä", n) }
	many := func(n int, what string) string {
		return strings.TrimSuffix(strings.Repeat(what+",", n), ",")
	}
	section := func(text string) string { return `{"type":"section","text":{"type":"mrkdwn","text":"` + text + `"}}` }
	button := func(more string) string {
		return `{"type":"actions","elements":[{"type":"button","text":{"type":"plain_text","text":"a"}` + more + `}]}`
	}
	menu := func(inside string) string {
		return `{"type":"actions","elements":[{"type":"static_select",` + inside + `}]}`
	}
	opt := func(label, value string) string {
		return `{"text":{"type":"plain_text","text":"` + label + `"},"value":"` + value + `"}`
	}
	return map[string]string{
		"section too long":       section(long(3001)),
		"section empty":          section(""),
		"section without text":   `{"type":"section"}`,
		"eleven fields":          `{"type":"section","fields":[` + many(11, `{"type":"plain_text","text":"a"}`) + `]}`,
		"field too long":         `{"type":"section","fields":[{"type":"plain_text","text":"` + long(2001) + `"}]}`,
		"header too long":        `{"type":"header","text":{"type":"plain_text","text":"` + long(151) + `"}}`,
		"header with markup":     `{"type":"header","text":{"type":"mrkdwn","text":"a"}}`,
		"unknown block":          `{"type":"banner"}`,
		"unknown text field":     `{"type":"section","text":{"type":"mrkdwn","text":"a","bold":true}}`,
		"emoji in markup":        `{"type":"section","text":{"type":"mrkdwn","text":"a","emoji":true}}`,
		"51 blocks":              many(51, `{"type":"divider"}`),
		"block id twice":         `{"type":"divider","block_id":"a"},{"type":"divider","block_id":"a"}`,
		"block id too long":      `{"type":"divider","block_id":"` + long(256) + `"}`,
		"button too long":        `{"type":"actions","elements":[{"type":"button","text":{"type":"plain_text","text":"` + long(76) + `"}}]}`,
		"button with markup":     `{"type":"actions","elements":[{"type":"button","text":{"type":"mrkdwn","text":"a"}}]}`,
		"button value too long":  button(`,"value":"` + long(2001) + `"`),
		"button style":           button(`,"style":"default"`),
		"action id too long":     button(`,"action_id":"` + long(256) + `"`),
		"action id twice":        `{"type":"actions","elements":[` + many(2, `{"type":"button","action_id":"a","text":{"type":"plain_text","text":"a"}}`) + `]}`,
		"26 buttons":             `{"type":"actions","elements":[` + many(26, `{"type":"button","text":{"type":"plain_text","text":"a"}}`) + `]}`,
		"no buttons":             `{"type":"actions","elements":[]}`,
		"11 context elements":    `{"type":"context","elements":[` + many(11, `{"type":"plain_text","text":"a"}`) + `]}`,
		"button in context":      `{"type":"context","elements":[{"type":"button","text":{"type":"plain_text","text":"a"}}]}`,
		"101 options":            menu(`"options":[` + many(101, opt("a", "b")) + `]`),
		"no options":             menu(`"options":[]`),
		"option too long":        menu(`"options":[` + opt(long(76), "a") + `]`),
		"option value too long":  menu(`"options":[` + opt("a", long(151)) + `]`),
		"option without value":   menu(`"options":[` + opt("a", "") + `]`),
		"initial is no option":   menu(`"options":[` + opt("a", "a") + `],"initial_option":` + opt("b", "b")),
		"placeholder too long":   menu(`"options":[` + opt("a", "a") + `],"placeholder":{"type":"plain_text","text":"` + long(151) + `"}`),
		"image without alt":      `{"type":"image","image_url":"https://example.com/a.png"}`,
		"image without address":  `{"type":"image","alt_text":"a"}`,
		"input without label":    `{"type":"input","element":{"type":"plain_text_input"}}`,
		"input outside an input": `{"type":"actions","elements":[{"type":"plain_text_input"}]}`,
		"max_length":             `{"type":"input","label":{"type":"plain_text","text":"a"},"element":{"type":"plain_text_input","max_length":3001}}`,
		"initial too long":       `{"type":"input","label":{"type":"plain_text","text":"a"},"element":{"type":"plain_text_input","max_length":2,"initial_value":"abc"}}`,
		"label too long":         `{"type":"input","label":{"type":"plain_text","text":"` + long(2001) + `"},"element":{"type":"plain_text_input"}}`,
		"hint too long":          `{"type":"input","label":{"type":"plain_text","text":"a"},"hint":{"type":"plain_text","text":"` + long(2001) + `"},"element":{"type":"plain_text_input"}}`,
		"confirmation":           button(`,"confirm":{"title":{"type":"plain_text","text":"` + long(101) + `"},"text":{"type":"plain_text","text":"a"},"confirm":{"type":"plain_text","text":"a"},"deny":{"type":"plain_text","text":"a"}}`),
	}
}

func TestLimitsOfMessages(t *testing.T) {
	for name, list := range blocks() {
		t.Run(name, func(t *testing.T) {
			s := New(t, Setup{NoSchemas: true})
			_, got, _ := call(t, s, s.BotToken(), "chat.postMessage", `{"channel":"C0TEAM","text":"a","blocks":[`+list+`]}`)
			if !strings.Contains(got, `"invalid_blocks"`) || len(s.Violations()) != 1 || len(s.Messages("")) != 0 {
				t.Errorf("got %s, %v, want invalid_blocks for one reason", got, s.Violations())
			}
		})
	}
}

func TestWithinLimits(t *testing.T) {
	s := New(t, Setup{})
	const a = "ä"
	list := `{"type":"section","text":{"type":"mrkdwn","text":"` + strings.Repeat(a, 3000) + `"}},{"type":"header","text":{"type":"plain_text","text":"` + strings.Repeat(a, 150) +
		`","emoji":true}},{"type":"divider"},{"type":"actions","elements":[{"type":"button","action_id":"` + strings.Repeat(a, 255) + `","text":{"type":"plain_text","text":"` +
		strings.Repeat(a, 75) + `"},"value":"` + strings.Repeat(a, 2000) + `","style":"primary"}]}`
	if _, got, _ := call(t, s, s.BotToken(), "chat.postMessage", `{"channel":"C0TEAM","text":"a","blocks":[`+list+`]}`); !strings.Contains(got, `"ok":true`) {
		t.Errorf("got %s", got)
	}
	s.Demand()
}

func TestPosting(t *testing.T) {
	s := New(t, Setup{
		Users:    []User{{Name: "Anna"}, {Name: "Gone", Deactivated: true}, {Name: "Out", Stranger: true, Team: "T9"}},
		Channels: []Channel{{Name: "team"}, {Name: "old", Archived: true}, {Name: "far", Without: true}, {Name: "secret", Private: true, Without: true}, {Name: "few", Members: []string{"Nobody"}}},
	})
	many := strings.TrimSuffix(strings.Repeat(`{"type":"section","text":{"type":"plain_text","text":"`+strings.Repeat("a", 3000)+`"}},`, 5), ",")
	for _, test := range []struct{ method, args, want string }{
		{"chat.postMessage", `{"channel":"C0TEAM","text":"a"}`, `"ok":true`},
		{"chat.postMessage", `{"channel":"U0ANNA","text":"a"}`, `"channel":"D0ANNA"`},
		{"chat.postMessage", `{"channel":"C0NONE","text":"a"}`, "channel_not_found"},
		{"chat.postMessage", `{"channel":"C0OLD","text":"a"}`, "is_archived"},
		{"chat.postMessage", `{"channel":"C0FAR","text":"a"}`, "not_in_channel"},
		{"chat.postMessage", `{"channel":"G0SECRET","text":"a"}`, "channel_not_found"},
		{"chat.postMessage", `{"channel":"C0TEAM"}`, "no_text"},
		{"chat.postMessage", `{"channel":"C0TEAM","text":"` + strings.Repeat("a", 40001) + `"}`, "msg_too_long"},
		{"chat.postMessage", `{"channel":"C0TEAM","text":"a","blocks":[` + many + `]}`, "msg_blocks_too_long"},
		{"chat.postEphemeral", `{"channel":"C0TEAM","text":"a","user":"U0ANNA"}`, `"message_ts"`},
		{"chat.postEphemeral", `{"channel":"C0FEW","text":"a","user":"U0ANNA"}`, "user_not_in_channel"},
		{"chat.update", `{"channel":"C0TEAM","text":"b","ts":"1.1"}`, "message_not_found"},
		{"conversations.open", `{"users":"U0ANNA"}`, `"id":"D0ANNA"`},
		{"conversations.open", `{"users":"U0GONE"}`, "user_disabled"},
		{"conversations.open", `{"users":"U0OUT"}`, "user_not_visible"},
		{"conversations.open", `{"users":"U0NONE"}`, "user_not_found"},
		{"users.info", `{"user":"U0ANNA"}`, `"tz":null`},
		{"users.info", `{"user":"U0GONE","include_locale":true}`, `"locale":"en-US"`},
		{"views.open", `{"trigger_id":"1","view":{"type":"modal"}}`, "invalid_arguments"},
		{"views.publish", `{"user_id":"U0ANNA","view":{"type":"home","blocks":null}}`, "must be a list"},
		{"views.update", `{"view_id":"V1","view":{"type":"modal"}}`, "not_found"},
	} {
		if _, got, _ := call(t, s, s.BotToken(), test.method, test.args); !strings.Contains(got, test.want) {
			t.Errorf("%s %.80s: got %s, want %s", test.method, test.args, got, test.want)
		}
	}
	if _, got, _ := call(t, s, s.BotToken(), "users.info", `{"user":"U0ANNA"}`); strings.Contains(got, "locale") {
		t.Errorf("got %s, want no locale unasked", got)
	}
}

func TestSchemas(t *testing.T) {
	if !Schemas() {
		t.Skip("no ../shared/platforms/specs beside the checkout")
	}
	s := New(t, Setup{})
	call(t, s, s.BotToken(), "chat.postMessage", `{"channel":"C0TEAM","text":"a","invented":true}`)
	if got := s.Violations(); len(got) != 1 || !strings.Contains(got[0].Problem, "slack-req.PostMessage") {
		t.Errorf("got %v, want one against slack-req.PostMessage", got)
	}
}

func TestMentionsAndDoubles(t *testing.T) {
	s := New(t, Setup{})
	api := client(t, s)
	for _, text := range []string{"one", "two wörds & more", "one", "<!channel> and <@U0BEN>", "&lt;!here&gt;"} {
		if _, _, err := api.PostMessageContext(t.Context(), "C0TEAM", slackgo.MsgOptionText(text, false)); err != nil {
			t.Fatal(err)
		}
	}
	if got := s.Twice(); len(got) != 1 || got[0].Text != "one" {
		t.Errorf("got %v said twice, want one", got)
	}
	all := s.Posted("team")
	if got, want := all[3].Pings, []string{"!channel", "U0BEN"}; !slices.Equal(got, want) {
		t.Errorf("got pings %q, want %q", got, want)
	}
	if got := all[4].Pings; len(got) != 0 {
		t.Errorf("got pings %q in escaped text", got)
	}
	if got := s.Leaks("two wörds &"); len(got) != 1 {
		t.Errorf("got %v, want the word found once", got)
	}
}

func TestFaults(t *testing.T) {
	s := New(t, Setup{})
	post := func(text string) error {
		_, _, err := client(t, s).PostMessageContext(t.Context(), "C0TEAM", slackgo.MsgOptionText(text, false))
		return err
	}
	const m = "chat.postMessage"
	for _, test := range []struct {
		name   string
		fault  Fault
		want   string
		posted int
	}{
		{"status", Fault{Status: 503}, "503", 0},
		{"code", Fault{Error: "account_inactive"}, "account_inactive", 0},
		{"rate", Fault{RetryAfter: 3 * time.Second}, "retry after 3s", 0},
		{"garbage", Fault{Body: "<html>"}, "invalid character", 1},
		{"unread", Fault{Drop: Unread}, "EOF", 0},
		{"unreplied", Fault{Drop: Unreplied}, "EOF", 1},
		{"slow", Fault{Late: 20 * time.Millisecond}, "<nil>", 1},
	} {
		s.Fail(m, test.fault)
		start, before := time.Now(), len(s.Posted(""))
		err := post(test.name)
		if got := fmt.Sprint(err); !strings.Contains(got, test.want) {
			t.Errorf("%s: got %v, want %s", test.name, err, test.want)
		}
		if got := len(s.Posted("")) - before; got != test.posted {
			t.Errorf("%s: got %d posted, want %d", test.name, got, test.posted)
		}
		if test.fault.Late > 0 && time.Since(start) < test.fault.Late {
			t.Errorf("%s: the answer was not slow", test.name)
		}
		if err := post("healthy"); err != nil {
			t.Errorf("after %s: got %v, want the fault to be over", test.name, err)
		}
	}
	s.Fail("*", Fault{Error: "fatal_error", Times: -1})
	for range 3 {
		if err := post("x"); err == nil || err.Error() != "fatal_error" {
			t.Errorf("got %v, want fatal_error", err)
		}
	}
	s.Heal("")
	s.LimitRate(true)
	var limited *slackgo.RateLimitedError
	for i := range burst + 1 {
		if err := post(fmt.Sprint(i)); (i == burst) != errors.As(err, &limited) {
			t.Errorf("message %d: got %v", i, err)
		}
	}
	for _, c := range s.Calls(m) {
		if strings.Contains(c.Raw, s.BotToken()) && c.Header != "" {
			t.Errorf("token in the body: %s", c.Raw)
		}
	}
}

func TestTriggers(t *testing.T) {
	s := New(t, Setup{})
	s.mu.Lock()
	first, second := s.newTrigger(s.user("Anna")), s.newTrigger(s.user("Anna"))
	s.mu.Unlock()
	open := func(trigger string) error {
		_, err := client(t, s).OpenViewContext(t.Context(), trigger, form())
		return err
	}
	if err := open(first); err != nil {
		t.Fatal(err)
	}
	if err := open(first); err == nil || err.Error() != "exchanged_trigger_id" {
		t.Errorf("got %v, want exchanged_trigger_id", err)
	}
	s.ExpireTriggers()
	if err := open(second); err == nil || err.Error() != "expired_trigger_id" {
		t.Errorf("got %v, want expired_trigger_id", err)
	}
	v := s.Open("Anna")[0]
	if _, err := client(t, s).UpdateViewContext(t.Context(), form(), "", "other", v.ID); err == nil || err.Error() != "hash_conflict" {
		t.Errorf("got %v, want hash_conflict", err)
	}
	if _, err := client(t, s).UpdateViewContext(t.Context(), form(), "", v.Hash, v.ID); err != nil {
		t.Errorf("got %v with the hash", err)
	}
	s.Demand()
}

func TestFiles(t *testing.T) {
	s := New(t, Setup{})
	_, err := client(t, s).UploadFileContext(t.Context(), slackgo.UploadFileParameters{
		Filename: "export.json", FileSize: 5, Reader: bytes.NewReader([]byte("hello")), Channel: "D0ANNA", Title: "Yours",
	})
	if err == nil {
		t.Error("a conversation that was never opened was found")
	}
	if _, _, _, err := client(t, s).OpenConversationContext(t.Context(), &slackgo.OpenConversationParameters{Users: []string{"U0ANNA"}}); err != nil {
		t.Fatal(err)
	}
	sum, err := client(t, s).UploadFileContext(t.Context(), slackgo.UploadFileParameters{
		Filename: "export.json", FileSize: 5, Reader: bytes.NewReader([]byte("hello")), Channel: "D0ANNA", Title: "Yours",
	})
	if err != nil {
		t.Fatal(err)
	}
	files := s.Files()
	if got := files[len(files)-1]; got.ID != sum.ID || string(got.Content) != "hello" || got.Channel != "D0ANNA" {
		t.Errorf("got %+v", got)
	}
	if got := s.Person("Anna").Direct(); len(got) != 1 || got[0].File == nil {
		t.Errorf("got %+v, want one message with the file", got)
	}
	s.Demand()
}

func TestResponseURL(t *testing.T) {
	s := New(t, Setup{})
	use := func(address, body string) (int, string) {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, address, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", "application/json")
		status, got, _ := do(t, r)
		return status, got
	}
	s.mu.Lock()
	mine := s.post(Message{Channel: "C0TEAM", From: Bot, For: "U0ANNA", Text: "mine"})
	other := s.post(Message{Channel: "C0TEAM", From: Bot, For: "U0ANNA", Text: "other"})
	address, slash := s.newHook("U0ANNA", "C0TEAM", mine.TS), s.newHook("U0ANNA", "C0TEAM", "")
	s.mu.Unlock()
	use(slash, `{"text":"new","replace_original":true}`)
	use(address, `{"text":"changed","replace_original":true}`)
	if got := s.Messages("team"); got[0].Text != "changed" || got[1].Text != other.Text || got[2].Text != "new" || !got[2].Ephemeral() {
		t.Errorf("got %+v", got)
	}
	use(address, `{"text":"all","response_type":"in_channel"}`)
	if got := s.Posted("team"); len(got) != 1 || got[0].Text != "all" {
		t.Errorf("got %+v, want one that all see", got)
	}
	use(address, `{"delete_original":true}`)
	if got := len(s.Messages("team")); got != 3 {
		t.Errorf("got %d messages, want 3", got)
	}
	if status, got := use(address, `{"text":"","blocks":[{"type":"nothing"}]}`); status != 500 || !strings.Contains(got, "invalid_blocks") {
		t.Errorf("got %d %s", status, got)
	}
	use(address, `{"text":"four"}`)
	use(address, `{"text":"five"}`)
	if status, got := use(address, `{"text":"six"}`); status != 404 || !strings.Contains(got, "used_url") {
		t.Errorf("got %d %s, want used_url", status, got)
	}
	s.ExpireHooks()
	if status, got := use(slash, `{"text":"late"}`); status != 404 || !strings.Contains(got, "expired_url") {
		t.Errorf("got %d %s, want expired_url", status, got)
	}
}

func TestWeb(t *testing.T) {
	s := New(t, Setup{AckTime: 300 * time.Millisecond})
	var retries []string
	app := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		raw, _ := io.ReadAll(r.Body)
		check, err := slackgo.NewSecretsVerifier(r.Header, s.SigningSecret())
		if err == nil {
			_, _ = check.Write(raw)
			err = check.Ensure()
		}
		if err != nil {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		form, _ := url.ParseQuery(string(raw))
		switch {
		case form.Get("text") == "slow":
			select {
			case <-time.After(2 * time.Second):
			case <-r.Context().Done():
			}
		case form.Get("command") != "":
			fmt.Fprint(w, "plain words")
		case form.Get("payload") != "":
			if !strings.Contains(form.Get("payload"), `"block_actions"`) {
				w.WriteHeader(http.StatusBadGateway)
			}
		case strings.Contains(string(raw), "url_verification"):
			fmt.Fprint(w, "challenge")
		default:
			retries = append(retries, r.Header.Get("X-Slack-Retry-Num"))
			w.WriteHeader(http.StatusInternalServerError)
		}
	}))
	defer app.Close()
	web := s.Web(app.URL)
	s.Use(web)
	anna := s.Person("Anna")
	if a := anna.Command("/rapport"); a.Status != 200 || a.Shown == nil || a.Shown.Text != "plain words" {
		t.Errorf("got %+v", a)
	}
	if a := anna.Command("/rapport slow"); a.Error != "operation_timeout" || a.Latency < 300*time.Millisecond {
		t.Errorf("got %+v, want operation_timeout", a)
	}
	if a := anna.Shortcut("x"); a.Status != 502 || a.Error != "dispatch_failed" {
		t.Errorf("got %+v, want dispatch_failed", a)
	}
	if a := web.Verify("challenge"); string(a.Body) != "challenge" {
		t.Errorf("got %s", a.Body)
	}
	if a := s.Event(map[string]any{"type": "app_home_opened"}); a.Tries != 4 || !slices.Equal(retries, []string{"", "1", "2", "3"}) {
		t.Errorf("got %d tries with %q", a.Tries, retries)
	}
	for _, sign := range Signatures() {
		web.Signature = sign
		if a := web.Deliver(Commands, map[string]any{"command": "/rapport"}); a.Status != http.StatusUnauthorized {
			t.Errorf("signature %d: got %d, want 401", sign, a.Status)
		}
	}
}

func TestPayloads(t *testing.T) {
	s := New(t, Setup{
		Enterprise: "E1", OrgWide: true, Teams: []Team{{ID: "T1", Domain: "one"}, {ID: "T2", Domain: "two"}},
		Users: []User{{Name: "Ada", Team: "T2"}, {Name: "Out", Team: "T9", Stranger: true}}, Channels: []Channel{{Name: "team"}},
	})
	var got []map[string]any
	s.Use(deliver(func(_ Kind, p map[string]any) Answer { got = append(got, p); return Answer{} }))
	s.mu.Lock()
	row := []any{map[string]any{"type": "actions", "elements": []any{map[string]any{"type": "button", "text": map[string]any{"type": "plain_text", "text": "Go"}, "value": "v"}}}}
	s.post(Message{Channel: "C0TEAM", From: Bot, Text: "a", Blocks: row})
	s.mu.Unlock()
	s.Person("Ada").In("team").Command("/rapport a & b")
	s.Person("Ada").Press(nil, "Go")
	s.Person("Out").In("team").Press(nil, "Go")
	s.Person("Ada").Shortcut("x")
	s.Person("Ada").OpenHome()
	for i, want := range []string{
		`"T2" "E1" "a &amp; b" "team" "true"`, `"T2" "E1"`, `"T9" "E1"`, `"T2" "E1"`, `"T2" "E1"`,
	} {
		p := got[i]
		var line string
		switch {
		case i == 0:
			line = fmt.Sprintf("%q %q %q %q %q", p["team_id"], p["enterprise_id"], p["text"], p["channel_name"], p["is_enterprise_install"])
		case i == 4:
			line = fmt.Sprintf("%q %q", p["team_id"], p["enterprise_id"])
		default:
			line = fmt.Sprintf("%q %q", p["user"].(map[string]any)["team_id"], p["enterprise"].(map[string]any)["id"])
		}
		if line != want {
			t.Errorf("payload %d: got %s, want %s", i, line, want)
		}
	}
	if got[3]["team"] != nil {
		t.Errorf("got team %v in a shortcut of an org-wide app, want null", got[3]["team"])
	}
	if team := got[2]["team"].(map[string]any)["id"]; team != "T1" {
		t.Errorf("a stranger's press: got team %v, want T1", team)
	}
	if c := got[1]["container"].(map[string]any); c["is_ephemeral"] != false || got[1]["message"] == nil || got[1]["response_url"] == nil {
		t.Errorf("got %v", got[1])
	}
}

// A deliver is a transport that goes nowhere.
type deliver func(Kind, map[string]any) Answer

func (d deliver) Deliver(k Kind, p map[string]any) Answer { return d(k, p) }

func TestHTML(t *testing.T) {
	s := New(t, Setup{})
	s.mu.Lock()
	s.post(Message{Channel: "C0TEAM", From: Bot, For: "U0ANNA", Text: "*bold* *again* _it_ `code` &lt;b&gt; <https://a.example|link> <@U0BEN>\n```\nK  &lt;\n```\n&gt; quote"})
	s.push("U0ANNA", "T0LIGHT", map[string]any{"type": "modal", "title": map[string]any{"type": "plain_text", "text": "A <form>"}, "blocks": []any{}})
	s.mu.Unlock()
	anna := s.Person("Anna").In("team")
	got := anna.HTML()
	for _, want := range []string{
		"Only visible to you", "<b>bold</b> <b>again</b>", "<i>it</i>", "<code>code</code>", "&lt;b&gt;", `<span class="link">link</span>`, "@Ben", `<span class="quote">quote</span>`, "<pre>K  &lt;</pre>", "A &lt;form&gt;",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("want %s in\n%s", want, got[strings.Index(got, "<div class=\"window\">"):])
		}
	}
	if got := s.Person("Ben").In("team").HTML(); strings.Contains(got, "bold</b>") {
		t.Error("Ben sees what is for Anna alone")
	}
}

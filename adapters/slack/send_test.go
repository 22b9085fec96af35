package slack

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"rapport/adapters/slack/blockkit"
	"rapport/coach"
	"rapport/coach/coachtest"
)

// Words that no error may hold.
const (
	testToken   = "xoxb-1-2-secret"
	testUser    = "U0ANNA"
	testChannel = "C0TEAM"
	testWords   = "what Anna wrote"
)

var (
	team = coach.Team{Platform: platform, ID: "T0LIGHT"}
	anna = coach.Person{Platform: platform, Realm: "T0LIGHT", User: testUser}
)

// An end is the other end of the wire, which answers as a test says.
type end struct {
	*httptest.Server
	mu     sync.Mutex
	calls  []sent
	answer func(c sent, w http.ResponseWriter)
}

// A sent is one call that arrived.
type sent struct {
	method string
	form   url.Values
}

// newEnd starts an end that answers everything well.
func newEnd(t *testing.T) *end {
	t.Helper()
	e := new(end)
	e.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_ = r.ParseForm()
		c := sent{strings.TrimPrefix(r.URL.Path, "/api/"), r.PostForm}
		e.mu.Lock()
		e.calls = append(e.calls, c)
		answer := e.answer
		e.mu.Unlock()
		if answer == nil {
			answer = well
		}
		answer(c, w)
	}))
	t.Cleanup(e.Close)
	return e
}

// well answers as Slack does when nothing is wrong.
func well(c sent, w http.ResponseWriter) {
	switch c.method {
	case "conversations.open":
		fmt.Fprintf(w, `{"ok":true,"channel":{"id":"D-%s"}}`, c.form.Get("users"))
	case "chat.postMessage":
		fmt.Fprintf(w, `{"ok":true,"channel":%q,"ts":"1700000000.000100"}`, c.form.Get("channel"))
	case "auth.test":
		fmt.Fprint(w, `{"ok":true,"team":"Lighthouse","team_id":"T0LIGHT","user_id":"U0RAPPORT","bot_id":"B0RAPPORT"}`)
	default:
		fmt.Fprint(w, `{"ok":true}`)
	}
}

// refuse answers calls of method with an error code, and everything else well.
func refuse(method, code string) func(sent, http.ResponseWriter) {
	return func(c sent, w http.ResponseWriter) {
		if c.method != method {
			well(c, w)
			return
		}
		_ = json.NewEncoder(w).Encode(map[string]any{"ok": false, "error": code})
	}
}

// say sets the answer from now on.
func (e *end) say(answer func(sent, http.ResponseWriter)) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.answer = answer
}

// methods are the methods called so far, in order.
func (e *end) methods() (names []string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, c := range e.calls {
		names = append(names, c.method)
	}
	return names
}

// last is the latest call.
func (e *end) last() sent {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.calls[len(e.calls)-1]
}

// adapter returns an adapter that speaks to e.
func (e *end) adapter() *Adapter {
	return New(Options{BotToken: testToken, AppToken: "xapp-secret", APIURL: e.URL + "/api/"})
}

func saying() coach.Message {
	return coach.Message{Title: "A title", Sections: []coach.Section{{Text: coach.P(testWords)}}, Notice: "Something <new> & good"}
}

func TestSendToChannel(t *testing.T) {
	e := newEnd(t)
	ref, err := e.adapter().Send(t.Context(), coach.ChannelOf(team, testChannel), "key", saying())
	if err != nil || ref != "C0TEAM/1700000000.000100" {
		t.Fatalf("got %q, %v; want the channel and the message's name", ref, err)
	}
	form := e.last().form
	blocks, err := json.Marshal(blockkit.Message(saying()))
	if err != nil {
		t.Fatal(err)
	}
	want := url.Values{
		"token": {testToken}, "channel": {testChannel}, "text": {"Something &lt;new&gt; &amp; good"},
		"blocks": {string(blocks)}, "unfurl_links": {"false"}, "unfurl_media": {"false"},
	}
	if !maps.EqualFunc(form, want, slices.Equal) {
		t.Errorf("posted %v, want %v", form, want)
	}
	if got, want := e.methods(), []string{"auth.test", "chat.postMessage"}; !slices.Equal(got, want) {
		t.Errorf("got calls %q, want %q", got, want)
	}
}

func TestSendDirect(t *testing.T) {
	e := newEnd(t)
	a := e.adapter()
	for range 3 {
		ref, err := a.Send(t.Context(), coach.DirectTo(anna), "key", saying())
		if err != nil || ref != "D-U0ANNA/1700000000.000100" {
			t.Fatalf("got %q, %v; want the conversation and the message's name", ref, err)
		}
	}
	want := []string{"auth.test", "conversations.open", "chat.postMessage", "chat.postMessage", "chat.postMessage"}
	if got := e.methods(); !slices.Equal(got, want) {
		t.Errorf("got calls %q, want all but the posts once: %q", got, want)
	}
}

// A conversation that Slack forgot is opened again, once.
func TestSendReopens(t *testing.T) {
	e := newEnd(t)
	a := e.adapter()
	send := func() error {
		_, err := a.Send(t.Context(), coach.DirectTo(anna), "key", saying())
		return err
	}
	if err := send(); err != nil {
		t.Fatal(err)
	}
	gone := false
	e.say(func(c sent, w http.ResponseWriter) {
		if c.method == "chat.postMessage" && !gone {
			gone = true
			fmt.Fprint(w, `{"ok":false,"error":"channel_not_found"}`)
			return
		}
		well(c, w)
	})
	if err := send(); err != nil {
		t.Errorf("got %v, want it sent in the conversation opened anew", err)
	}
	e.say(refuse("chat.postMessage", "channel_not_found"))
	before := len(e.methods())
	err := send()
	if fate, _ := coach.FateOf(err); fate != coach.Closed {
		t.Errorf("got %v, want it closed", err)
	}
	if got, want := e.methods()[before:], []string{"chat.postMessage", "conversations.open", "chat.postMessage"}; !slices.Equal(got, want) {
		t.Errorf("got calls %q, want %q", got, want)
	}
	before = len(e.methods())
	_ = send()
	if got := e.methods()[before:]; len(got) == 0 || got[0] != "conversations.open" {
		t.Errorf("got calls %q, want no conversation remembered that is closed", got)
	}
}

// An answer that does not say whether the message was taken leaves that open.
func TestUnclearAnswers(t *testing.T) {
	for _, c := range []struct {
		method, body string
		want         coach.Fate
	}{
		{"chat.postMessage", `{"ok":true}`, coach.InDoubt},
		{"chat.postMessage", `{"ok":false}`, coach.InDoubt},
		{"chat.postMessage", `{"ok":false,"error":" "}`, coach.InDoubt},
		{"chat.postMessage", `[]`, coach.InDoubt},
		{"chat.postMessage", ``, coach.InDoubt},
		{"chat.postMessage", `<html>`, coach.InDoubt},
		// Nobody sees a conversation that is opened: that can be done twice.
		{"conversations.open", `{"ok":true}`, coach.Later},
		{"conversations.open", `{"ok":true,"channel":{}}`, coach.Later},
		{"conversations.open", `{`, coach.Later},
		{"conversations.open", `{"ok":false,"error":"internal_error"}`, coach.Later},
	} {
		e := newEnd(t)
		e.say(func(s sent, w http.ResponseWriter) {
			if s.method == c.method {
				fmt.Fprint(w, c.body)
				return
			}
			well(s, w)
		})
		_, err := e.adapter().Send(t.Context(), coach.DirectTo(anna), "key", saying())
		if fate, _ := coach.FateOf(err); err == nil || fate != c.want {
			t.Errorf("%s answers %s: got %v, want %q", c.method, c.body, err, c.want)
		}
	}
}

// The whole gallery passes both the coach's check and Slack's.
func TestGalleryPassesChecks(t *testing.T) {
	e := newEnd(t)
	a := e.adapter()
	for name, m := range coachtest.Gallery() {
		if err := m.Check(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := a.Send(t.Context(), coach.ChannelOf(team, testChannel), name, m); err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		form := e.last().form
		if err := blockkit.Check([]byte(form.Get("blocks"))); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if form.Get("text") == "" || form.Has("metadata") {
			t.Errorf("%s: posted %v, want text beside the blocks and no metadata", name, form)
		}
	}
}

// A conversation stays open when a message could not be posted for now.
func TestSendKeepsConversations(t *testing.T) {
	e := newEnd(t)
	a := e.adapter()
	e.say(refuse("chat.postMessage", "ratelimited"))
	for range 3 {
		_, _ = a.Send(t.Context(), coach.DirectTo(anna), "key", saying())
	}
	if n := strings.Count(strings.Join(e.methods(), " "), "conversations.open"); n != 1 {
		t.Errorf("the conversation was opened %d times, want once", n)
	}
}

// The installation's own addresses are served, also those from before its
// workspace joined an organisation, and no others.
func TestSendServesItsOwn(t *testing.T) {
	person := func(realm string) coach.Address {
		return coach.DirectTo(coach.Person{Platform: platform, Realm: realm, User: testUser})
	}
	channel := func(team string) coach.Address {
		return coach.ChannelOf(coach.Team{Platform: platform, ID: team}, testChannel)
	}
	for _, c := range []struct {
		name, self string
		to         coach.Address
		ok         bool
	}{
		{"own channel", `"team_id":"T1"`, channel("T1"), true},
		{"own person", `"team_id":"T1"`, person("T1"), true},
		{"another's channel", `"team_id":"T1"`, channel("T2"), false},
		{"another's person", `"team_id":"T1"`, person("T2"), false},
		{"organisation's person", `"team_id":"T1","enterprise_id":"E1"`, person("E1"), true},
		{"person from before the organisation", `"team_id":"T1","enterprise_id":"E1"`, person("T1"), true},
		{"channel of the organisation's other workspace", `"team_id":"T1","enterprise_id":"E1"`, channel("T2"), false},
		{"channel, installed org-wide", `"team_id":"E1","enterprise_id":"E1"`, channel("T2"), true},
		{"person, installed org-wide", `"team_id":"E1","enterprise_id":"E1"`, person("E1"), true},
		{"another's person, installed org-wide", `"team_id":"E1","enterprise_id":"E1"`, person("T2"), false},
		{"no team", `"team_id":"T1"`, channel(""), false},
		{"no realm", `"team_id":"T1"`, person(""), false},
	} {
		e := newEnd(t)
		e.say(func(s sent, w http.ResponseWriter) {
			if s.method == "auth.test" {
				fmt.Fprintf(w, `{"ok":true,"user_id":"U0RAPPORT",%s}`, c.self)
				return
			}
			well(s, w)
		})
		_, err := e.adapter().Send(t.Context(), c.to, "key", saying())
		if fate, _ := coach.FateOf(err); (err == nil) != c.ok || err != nil && fate != coach.Never {
			t.Errorf("%s: got %v, want it sent: %v", c.name, err, c.ok)
		}
	}
}

// A token that does not work ends the adapter, with what to do named, and the
// messages stay.
func TestTokenFailuresEndTheAdapter(t *testing.T) {
	for _, code := range []string{"not_authed", "invalid_auth", "account_inactive", "token_revoked", "token_expired", "missing_scope", "not_allowed_token_type"} {
		for _, method := range []string{"chat.postMessage", "conversations.open"} {
			e := newEnd(t)
			e.say(refuse(method, code))
			a := e.adapter()
			for range 2 {
				_, err := a.Send(t.Context(), coach.DirectTo(anna), "key", saying())
				if fate, _ := coach.FateOf(err); err == nil || fate != coach.Later {
					t.Errorf("%s of %s: got %v, want it kept for later", code, method, err)
				}
			}
			_, err := a.Send(t.Context(), coach.DirectTo(anna), "key", saying())
			why := a.stopped()
			if e, _ := errors.AsType[*coach.SendError](err); e == nil || why != nil && e.Why != why.Error() {
				t.Errorf("%s of %s: got %+v afterwards, want the reason it ended for", code, method, e)
			}
			if why == nil || !strings.Contains(why.Error(), code) || !strings.Contains(why.Error(), "install the app again") && !strings.Contains(why.Error(), "slack.bot_token") {
				t.Errorf("%s of %s: the adapter ended with %v, want the code and what to do", code, method, why)
			}
			if n := strings.Count(strings.Join(e.methods(), " "), method); n != 1 {
				t.Errorf("%s of %s: called %d times, want none after Slack said so", code, method, n)
			}
		}
	}
}

// Nothing else ends it.
func TestOtherFailuresDoNotEndTheAdapter(t *testing.T) {
	for _, code := range []string{"channel_not_found", "org_login_required", "internal_error", "invalid_blocks", "ratelimited", "unheard_of"} {
		e := newEnd(t)
		e.say(refuse("chat.postMessage", code))
		a := e.adapter()
		if _, err := a.Send(t.Context(), coach.ChannelOf(team, testChannel), "key", saying()); err == nil {
			t.Errorf("%s: sent", code)
		}
		if err := a.stopped(); err != nil {
			t.Errorf("%s: the adapter ended with %v", code, err)
		}
	}
}

func TestSendGivesUpInTime(t *testing.T) {
	e := newEnd(t)
	release := make(chan struct{})
	defer close(release)
	e.say(func(c sent, w http.ResponseWriter) {
		if c.method == "chat.postMessage" {
			<-release
		}
		well(c, w)
	})
	ctx, cancel := context.WithTimeout(t.Context(), 500*time.Millisecond)
	defer cancel()
	_, err := e.adapter().Send(ctx, coach.ChannelOf(team, testChannel), "key", saying())
	if fate, _ := coach.FateOf(err); fate != coach.InDoubt || !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v, want it in doubt when the time is over", err)
	}
}

package discord

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"rapport/adapters/discord/components"
	"rapport/coach"
)

const privateWords = "what Anna wrote"

var (
	lighthouse = coach.Team{Platform: platform, ID: guildID}
	toTeam     = coach.ChannelOf(lighthouse, channelID)
	toAnna     = coach.DirectTo(coach.Person{Platform: platform, User: annaID})
)

const (
	opening = "POST /users/@me/channels"
	inTeam  = "POST /channels/" + channelID + "/messages"
	inAnnas = "POST /channels/900-" + annaID + "/messages" // see well
)

// An end is the other end of the wire, which answers as a test says.
type end struct {
	*httptest.Server
	mu    sync.Mutex
	calls []call
	says  func(c call, w http.ResponseWriter) bool // false: all is well
}

func newEnd(t *testing.T) *end {
	t.Helper()
	e := new(end)
	e.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c := call{method: r.Method, path: r.URL.Path, files: map[string]string{}, auth: r.Header.Get("Authorization")}
		c.read(t, r)
		e.mu.Lock()
		e.calls = append(e.calls, c)
		says := e.says
		e.mu.Unlock()
		if says == nil || !says(c, w) {
			well(c, w)
		}
	}))
	t.Cleanup(e.Close)
	return e
}

// well answers as Discord does when nothing is wrong.
func well(c call, w http.ResponseWriter) {
	if c.name() == opening {
		fmt.Fprintf(w, `{"id":"900-%s","type":1}`, c.body["recipient_id"])
		return
	}
	fmt.Fprintf(w, `{"id":"1200","channel_id":%q}`, strings.Split(c.path, "/")[2])
}

func (c call) name() string { return c.method + " " + c.path }

// say answers calls of that name with a status and a body from now on.
func (e *end) say(name string, status int, body string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.says = func(c call, w http.ResponseWriter) bool {
		if c.name() != name {
			return false
		}
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
		return true
	}
}

// refuse is an error of Discord's.
func refuse(code int) string {
	return fmt.Sprintf(`{"message":"%s of %s","code":%d}`, privateWords, annaID, code)
}

// names are the calls so far, in order.
func (e *end) names() (all []string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, c := range e.calls {
		all = append(all, c.name())
	}
	return all
}

func (e *end) last() call {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.calls[len(e.calls)-1]
}

// adapter returns one that speaks to e.
func (e *end) adapter(change ...func(*Options)) *Adapter {
	o := Options{Token: testToken, APIURL: e.URL}
	for _, f := range change {
		f(&o)
	}
	return New(o)
}

func saying() coach.Message {
	return coach.Message{Title: "A title", Sections: []coach.Section{{Text: coach.P(privateWords)}}}
}

// fateOf holds err to what every error of Send must be.
func fateOf(t *testing.T, name string, err error, want coach.Fate) *coach.SendError {
	t.Helper()
	e, ok := errors.AsType[*coach.SendError](err)
	if !ok {
		t.Errorf("%s: got %v, want a SendError", name, err)
		return &coach.SendError{}
	}
	if e.Fate != want {
		t.Errorf("%s: got %v (%s), want %q", name, err, e.Why, want)
	}
	for _, s := range []string{testToken, privateWords, annaID, channelID, "://", "127.0.0.1"} {
		if text := fmt.Sprintf("%v %+v %s", err, e.Err, e.Why); strings.Contains(text, s) {
			t.Errorf("%s: %q holds %q", name, text, s)
		}
	}
	return e
}

func TestSendToChannel(t *testing.T) {
	e := newEnd(t)
	ref, err := e.adapter().Send(t.Context(), toTeam, "nudge/C1/2026-11-23", saying())
	if err != nil || ref != channelID+"/1200" {
		t.Fatalf("got %q, %v; want the channel and the message in it", ref, err)
	}
	c := e.last()
	if c.name() != inTeam || c.auth != "Bot "+testToken {
		t.Errorf("got %s by %q", c.name(), c.auth)
	}
	drawn, err := json.Marshal(components.Message(saying()))
	if err != nil {
		t.Fatal(err)
	}
	want := `{"allowed_mentions":{"parse":[]},"attachments":[],"components":` + string(drawn) +
		`,"enforce_nonce":true,"flags":32768,"nonce":"HGH7WPSFQEMQUDD3MNPS3ZA6"}`
	if got, _ := json.Marshal(c.body); !sameJSON(t, got, []byte(want)) {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func sameJSON(t *testing.T, a, b []byte) bool {
	t.Helper()
	var x, y any
	if err := errors.Join(json.Unmarshal(a, &x), json.Unmarshal(b, &y)); err != nil {
		t.Fatal(err)
	}
	a, _ = json.Marshal(x)
	b, _ = json.Marshal(y)
	return string(a) == string(b)
}

// A key names one message, whatever is in it.
func TestNonce(t *testing.T) {
	seen := map[string]bool{}
	for i := range 1000 {
		n := nonce(fmt.Sprintf("nudge/%d", i))
		if len(n) == 0 || len(n) > 25 || seen[n] || n != nonce(fmt.Sprintf("nudge/%d", i)) {
			t.Fatalf("got %q, seen %v", n, seen[n])
		}
		seen[n] = true
	}
}

// Direct messages are opened once.
func TestSendToPerson(t *testing.T) {
	e := newEnd(t)
	a := e.adapter()
	for range 3 {
		ref, err := a.Send(t.Context(), toAnna, "key", saying())
		if err != nil || ref != "900-"+annaID+"/1200" {
			t.Fatalf("got %q, %v", ref, err)
		}
	}
	if got, want := e.names(), []string{opening, inAnnas, inAnnas, inAnnas}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

// A picture goes along, with words for those who do not see it.
func TestSendPicture(t *testing.T) {
	e := newEnd(t)
	m := saying()
	m.Picture = &coach.Picture{Name: "your weeks.png", PNG: []byte("\x89PNG"), Alt: "Three weeks of four"}
	if _, err := e.adapter().Send(t.Context(), toTeam, "key", m); err != nil {
		t.Fatal(err)
	}
	c := e.last()
	name := components.FileName(m.Picture.Name)
	if c.files[name] != "\x89PNG" {
		t.Errorf("got files %q, want %q", c.files, name)
	}
	got, _ := json.Marshal(c.body["attachments"])
	if want := `[{"description":"Three weeks of four","filename":"` + name + `","id":"0"}]`; string(got) != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if drawn, _ := json.Marshal(c.body["components"]); !strings.Contains(string(drawn), `"attachment://`+name+`"`) {
		t.Errorf("the picture is not in %s", drawn)
	}
}

func TestWrongPlaces(t *testing.T) {
	e := newEnd(t)
	a := e.adapter()
	other := func(a coach.Address, change func(*coach.Address)) coach.Address {
		change(&a)
		return a
	}
	for name, to := range map[string]coach.Address{
		"nowhere":              {},
		"another platform":     other(toTeam, func(a *coach.Address) { a.Platform = "slack" }),
		"another's team":       other(toTeam, func(a *coach.Address) { a.Team.Platform = "slack" }),
		"another's person":     other(toAnna, func(a *coach.Address) { a.Person.Platform = "slack" }),
		"channel without name": other(toTeam, func(a *coach.Address) { a.Channel = "" }),
		"person without name":  other(toAnna, func(a *coach.Address) { a.Person.User = "" }),
		"home":                 other(toAnna, func(a *coach.Address) { a.Kind = coach.Home }),
		"an unknown kind":      other(toAnna, func(a *coach.Address) { a.Kind = 99 }),
	} {
		_, err := a.Send(t.Context(), to, "key", saying())
		fateOf(t, name, err, coach.Never)
	}
	if n := e.names(); len(n) > 0 {
		t.Errorf("called %v", n)
	}
}

// What is no id cannot lead anywhere else.
func TestStrangeIDs(t *testing.T) {
	e := newEnd(t)
	_, _ = e.adapter().Send(t.Context(), coach.ChannelOf(lighthouse, "1/../../guilds?x=#"), "key", saying())
	if got := e.names(); len(got) != 1 || got[0] != "POST /channels/1/../../guilds?x=#/messages" {
		t.Errorf("got %v", got)
	}
}

// A token that is no longer valid ends everything, with what to do about it.
func TestTokenIsNotValid(t *testing.T) {
	for name, body := range map[string]string{
		"status": `{"message":"401: Unauthorized","code":0}`, "code": refuse(40001), "another code": refuse(50014),
	} {
		e := newEnd(t)
		a := e.adapter()
		e.say(inTeam, http.StatusUnauthorized, body)
		_, err := a.Send(t.Context(), toTeam, "key", saying())
		fateOf(t, name, err, coach.Later)
		if stopped := a.stopped(); stopped == nil || !strings.Contains(stopped.Error(), "discord.token") {
			t.Fatalf("%s: got %v, want it stopped with what to do", name, stopped)
		}
		_, err = a.Send(t.Context(), toAnna, "key", saying())
		if e := fateOf(t, name, err, coach.Later); !strings.Contains(e.Why, "discord.token") {
			t.Errorf("%s: got the reason %q", name, e.Why)
		}
		if n := e.names(); len(n) != 1 {
			t.Errorf("%s: called %v, want no more calls", name, n)
		}
	}
}

// A proxy's 401 ends nothing: Discord did not say it.
func TestProxyRefuses(t *testing.T) {
	e := newEnd(t)
	a := e.adapter()
	e.say(inTeam, http.StatusUnauthorized, "<html>Sign in</html>")
	_, err := a.Send(t.Context(), toTeam, "key", saying())
	if e := fateOf(t, "401", err, coach.Later); !strings.Contains(e.Why, "proxy") {
		t.Errorf("got the reason %q", e.Why)
	}
	if a.stopped() != nil {
		t.Errorf("stopped: %v", a.stopped())
	}
}

// Direct messages that Discord no longer knows are opened once more.
func TestRoomIsGone(t *testing.T) {
	e := newEnd(t)
	a := e.adapter()
	a.rooms.Put(annaID, "77")
	e.say("POST /channels/77/messages", http.StatusNotFound, refuse(10003))
	ref, err := a.Send(t.Context(), toAnna, "key", saying())
	if err != nil || ref != "900-"+annaID+"/1200" {
		t.Fatalf("got %q, %v", ref, err)
	}
	if got, want := e.names(), []string{"POST /channels/77/messages", opening, inAnnas}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	b := e.adapter()
	e.say(inAnnas, http.StatusNotFound, refuse(10003))
	_, err = b.Send(t.Context(), toAnna, "key", saying())
	fateOf(t, "gone again", err, coach.Closed)
	if id, known := b.rooms.Get(annaID); known {
		t.Errorf("%q is still known", id)
	}
}

// Whoever takes no direct messages is not asked again by opening them anew.
func TestPersonIsClosed(t *testing.T) {
	e := newEnd(t)
	a := e.adapter()
	e.say(inAnnas, http.StatusForbidden, refuse(50007))
	for range 2 {
		_, err := a.Send(t.Context(), toAnna, "key", saying())
		if e := fateOf(t, "50007", err, coach.Closed); e.Why != closedOff {
			t.Errorf("got the reason %q", e.Why)
		}
	}
	if got, want := e.names(), []string{opening, inAnnas, inAnnas}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

// A shelf is a Rooms.
type shelf struct{ ids map[coach.Person]string }

func (s shelf) Room(_ context.Context, who coach.Person) (string, bool) {
	id, ok := s.ids[who]
	return id, ok
}

func (s shelf) Keep(_ context.Context, who coach.Person, id string) { s.ids[who] = id }

// What is opened is remembered over a restart, and forgotten once it is gone.
func TestRoomsAreKept(t *testing.T) {
	e := newEnd(t)
	kept := shelf{map[coach.Person]string{}}
	for range 2 {
		if _, err := e.adapter(func(o *Options) { o.Rooms = kept }).Send(t.Context(), toAnna, "key", saying()); err != nil {
			t.Fatal(err)
		}
	}
	if got, want := e.names(), []string{opening, inAnnas, inAnnas}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	kept.ids[toAnna.Person] = "77"
	e.say("POST /channels/77/messages", http.StatusNotFound, refuse(10003))
	a := e.adapter(func(o *Options) { o.Rooms = kept })
	a.opener.tooFast("somebody else", 0) // so that it cannot be opened anew
	_, err := a.Send(t.Context(), toAnna, "key", saying())
	fateOf(t, "gone", err, coach.Later)
	if id := kept.ids[toAnna.Person]; id != "" {
		t.Errorf("%q is still kept", id)
	}
}

// An answer that says neither yes nor no may come after the message was shown.
func TestUnclear(t *testing.T) {
	for _, body := range []string{"{}", "null", "", `{"id":""}`, "<html>Sign in</html>"} {
		e := newEnd(t)
		e.say(inTeam, http.StatusOK, body)
		_, err := e.adapter().Send(t.Context(), toTeam, "key", saying())
		fateOf(t, "post: "+body, err, coach.InDoubt)
		e.say(opening, http.StatusOK, body)
		_, err = e.adapter().Send(t.Context(), toAnna, "key", saying())
		fateOf(t, "open: "+body, err, coach.Later)
	}
}

func TestSendAfterItsEnd(t *testing.T) {
	e := newEnd(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	a := e.adapter()
	for _, to := range []coach.Address{toTeam, toAnna} {
		_, err := a.Send(ctx, to, "key", saying())
		if fateOf(t, "cancelled", err, coach.Later); !errors.Is(err, context.Canceled) {
			t.Errorf("got %v, want it to say that it was cancelled", err)
		}
	}
	if n := e.names(); len(n) > 0 {
		t.Errorf("called %v", n)
	}
	if !a.opener.next.IsZero() {
		t.Error("it took somebody's turn")
	}
}

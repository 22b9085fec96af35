package discordtest

import (
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// An echo is an app whose next answers a test decides.
type echo struct {
	t    *testing.T
	d    *Discord
	mu   sync.Mutex
	all  []map[string]any // interactions that came
	next func(i map[string]any)
}

// echoing starts an app that answers as the test says.
func echoing(t *testing.T, d *Discord) *echo {
	t.Helper()
	e := &echo{t: t, d: d}
	register(t, d)
	start(t, d, func(i map[string]any) {
		e.mu.Lock()
		e.all = append(e.all, i)
		next := e.next
		e.mu.Unlock()
		if next != nil {
			next(i)
		}
	})
	return e
}

// with makes f answer from now on.
func (e *echo) with(f func(i map[string]any)) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.next = f
}

// say makes the app answer with one kind and data from now on, which Discord
// must take.
func (e *echo) say(kind int, data string) {
	e.with(func(i map[string]any) {
		if status, out := answerTo(e.t, e.d, i, kind, data); status != http.StatusNoContent {
			e.t.Errorf("answering with %d %s: got %d %v", kind, data, status, out)
		}
	})
}

// last is the newest interaction that came.
func (e *echo) last() map[string]any {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.all[len(e.all)-1]
}

func (e *echo) count() int {
	e.mu.Lock()
	defer e.mu.Unlock()
	return len(e.all)
}

const private = `{"content":"Hello.","flags":64,` + quietly + `,"components":[{"type":1,"components":[{"type":2,"style":1,"label":"Go","custom_id":"go"}]}]}`

func TestWhoSeesWhat(t *testing.T) {
	d := New(t, Setup{})
	e := echoing(t, d)
	e.say(answerMessage, private)
	anna, ben, dora := d.Person("Anna").In("#team"), d.Person("Ben").In("#team"), d.Person("Dora")
	anna.Command("/rapport", "journal")
	if got := anna.LastMessage(); got.For != anna.ID() || got.Plain() != "Hello.\n[Go]" {
		t.Errorf("Anna sees %+v", got)
	}
	if n := len(ben.Messages()) + len(dora.Messages()) + len(d.Posted("")); n > 0 {
		t.Errorf("others see %d messages, want none", n)
	}
	anna.Reload()
	if n := len(anna.Messages()); n > 0 {
		t.Errorf("after a reload Anna sees %d messages, want none", n)
	}
	e.say(answerMessage, `{"content":"For all.",`+quietly+`}`)
	anna.Command("/rapport")
	anna.Reload()
	if ben.LastMessage().Content != "For all." || anna.LastMessage().Content != "For all." {
		t.Errorf("Ben sees %q, Anna %q", ben.LastMessage().Content, anna.LastMessage().Content)
	}
	dora.InDM().Command("/rapport")
	if len(d.Direct("Dora")) != 1 || len(ben.InDM().Messages()) != 0 {
		t.Errorf("got %v for Dora, and Ben sees %v", d.Direct("Dora"), ben.Messages())
	}
	d.Demand()
}

func TestPayloads(t *testing.T) {
	d := New(t, Setup{})
	e := echoing(t, d)
	e.say(answerMessage, private)
	d.Person("Anna").In("#team").Command("/rapport", "journal")
	i := e.last()
	options := objs(obj(i, "data"), "options")
	if num(i, "type") != kindCommand || str(obj(i, "data"), "name") != "rapport" || len(options) != 1 || options[0]["value"] != "journal" || options[0]["name"] != "what" {
		t.Errorf("a command: got %v", i)
	}
	if str(i, "guild_id") != d.GuildID("Lighthouse") || num(i, "context") != 0 || str(i, "locale") != "en-US" || str(i, "guild_locale") != "en-US" || str(obj(i, "authorizing_integration_owners"), "0") != d.GuildID("Lighthouse") {
		t.Errorf("where it came from: got %v", i)
	}
	if p, _ := permissionOf(obj(i, "member")["permissions"]); !p.has(ManageServer) || obj(i, "user") != nil {
		t.Errorf("Anna is %v", obj(i, "member"))
	}
	if p, _ := permissionOf(i["app_permissions"]); !p.has(SendMessages) || p.has(ManageServer) {
		t.Errorf("the app may %v", i["app_permissions"])
	}
	d.Person("Anna").Press(nil, "Go")
	i = e.last()
	if num(i, "type") != kindUse || str(obj(i, "data"), "custom_id") != "go" || num(obj(i, "message"), "flags")&Ephemeral == 0 {
		t.Errorf("a press: got %v", i)
	}
	d.Person("Cleo").InDM().Command("/rapport")
	i = e.last()
	if obj(i, "member") != nil || str(obj(i, "user"), "id") != d.Person("Cleo").ID() || num(i, "context") != 1 || str(i, "locale") != "de" || i["guild_id"] != nil || len(arr(obj(i, "data"), "options")) > 0 {
		t.Errorf("in direct messages: got %v", i)
	}
	if p, _ := permissionOf(obj(d.Person("Ben").In("#general").d.interactionOf(d.Person("Ben").Command("/rapport")), "member")["permissions"]); p.has(ManageServer) {
		t.Error("Ben may manage the server")
	}
	d.Person("Dora").In("#pier").Command("/rapport")
	i = e.last()
	if owners := obj(i, "authorizing_integration_owners"); owners["0"] != nil || owners["1"] != d.Person("Dora").ID() {
		t.Errorf("where only Dora installed it: got %v", owners)
	}
	if made := madeAt(str(i, "id")); time.Since(made).Abs() > time.Minute {
		t.Errorf("the interaction was made %v", made)
	}
	d.Demand()
}

// interactionOf is the payload of the interaction that an answer is for.
func (d *Discord) interactionOf(a Answer) map[string]any {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.interactions[a.ID].Payload
}

func TestWhatIsOffered(t *testing.T) {
	d := New(t, Setup{})
	anna, ben, dora := d.Person("Anna").In("#team"), d.Person("Ben").In("#team"), d.Person("Dora")
	if a := anna.Command("/rapport"); a.Error != noCommand || len(d.Interactions()) != 0 {
		t.Errorf("before it is registered: got %+v", a)
	}
	e := echoing(t, d)
	e.say(answerMessage, private)
	both := []string{"/rapport", "/rapport-admin"}
	for _, test := range []struct {
		name string
		who  *Person
		want []string
	}{
		{"Anna in a server", anna, both},
		{"Anna in direct messages", d.Person("Anna").InDM(), both[:1]},
		{"Ben", ben, both[:1]},
		{"Dora in her server", dora.In("#pier"), both[:1]},
		{"Dora in direct messages", d.Person("Dora").InDM(), both[:1]},
	} {
		got := test.who.Commands()
		if test.name == "Anna in a server" {
			got = test.who.In("#team").Commands()
		}
		if test.name == "Dora in her server" {
			got = test.who.In("#pier").Commands()
		}
		if test.name == "Dora in direct messages" || test.name == "Anna in direct messages" {
			got = test.who.InDM().Commands()
		}
		if !slices.Equal(got, test.want) {
			t.Errorf("%s: got %v, want %v", test.name, got, test.want)
		}
	}
	if a := ben.Command("/rapport-admin"); a.Error != noCommand {
		t.Errorf("Ben used /rapport-admin: %+v", a)
	}
	if a := ben.Command("/rapport", of(301)); a.Error == "" || a.Error == noAnswer {
		t.Errorf("too long a text: got %+v", a)
	}
	if a := ben.Command("/rapport", "a", "b"); a.Error == "" {
		t.Errorf("too many values: got %+v", a)
	}
	d.Change("Ben", func(u *User) { u.Manage = true })
	if a := ben.Command("/rapport-admin"); a.Error != "" {
		t.Errorf("Ben with the right: got %+v", a)
	}
	d.Change("Dora", func(u *User) { u.Installed = false })
	if got := dora.InDM().Commands(); len(got) != 0 {
		t.Errorf("Dora without the app: got %v", got)
	}
	d.Kick("Lighthouse")
	if got := anna.In("#team").Commands(); len(got) != 0 {
		t.Errorf("after a kick: got %v", got)
	}
	d.Demand()
}

// TestFirstFollowUp: it takes the place of a deferred answer, and is as private
// as that.
// TestOfOthers: a button on what somebody's own app posted works for everybody
// there, and is still theirs; what is for one alone is nobody else's.
func TestOfOthers(t *testing.T) {
	d := New(t, Setup{Guilds: []Guild{
		{Name: "Lighthouse", Members: []string{"Anna"}, Channels: []Channel{{Name: "team"}}},
		{Name: "Harbour", Members: []string{"Ben", "Dora"}, Channels: []Channel{{Name: "pier"}}, Without: true},
	}})
	e := echoing(t, d)
	e.say(answerMessage, strings.Replace(private, `"flags":64,`, "", 1))
	dora, ben := d.Person("Dora").In("#pier"), d.Person("Ben").In("#pier")
	if got := ben.Commands(); len(got) != 0 {
		t.Errorf("Ben is offered %v where he has no app", got)
	}
	dora.Command("/rapport")
	ben.Press(nil, "Go")
	if i := e.last(); obj(i, "authorizing_integration_owners")["1"] != dora.ID() || str(obj(obj(i, "member"), "user"), "id") != ben.ID() {
		t.Errorf("got %v", i)
	}
	e.say(answerMessage, private)
	dora.Command("/rapport")
	d.mu.Lock()
	only := *d.messages[len(d.messages)-1]
	_, found := ben.find(only, func(map[string]any) bool { return true })
	d.mu.Unlock()
	if found != nil {
		t.Error("Ben finds a button on what Dora alone sees")
	}
	d.Demand()
}

// TestOptions: what the client does with values of all kinds.
// TestEveryInput: a form of all that can stand in one.

// TestDisabled: a button that is disabled cannot be pressed.
func TestDisabled(t *testing.T) {
	d := New(t, Setup{})
	row := rowOf(`{"type":2,"style":1,"label":"Off","custom_id":"off","disabled":true},{"type":2,"style":1,"label":"On","custom_id":"on"}`)
	call(t, d, "POST", "/channels/"+d.ChannelID("#team")+"/messages", components(row))
	ben := d.Person("Ben").In("#team")
	d.mu.Lock()
	defer d.mu.Unlock()
	for label, want := range map[string]bool{"Off": false, "On": true} {
		if _, c := ben.find(nil, func(c map[string]any) bool { return labelOf(c) == label }); (c != nil) != want {
			t.Errorf("[%s]: got %v, want it found: %v", label, c, want)
		}
	}
}

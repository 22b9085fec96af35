package discordtest

import (
	"net/http"
	"strings"
	"testing"
	"time"
)

const (
	postRoute = "POST /channels/{channel}/messages"
	hello     = `{"content":"Hello",` + quietly + `}`
)

func TestTokensAndAgents(t *testing.T) {
	d := New(t, Setup{})
	for auth, want := range map[string]int{"": 401, "Bot wrong": 401, d.Token(): 401, "Bearer " + d.Token(): 401, "Bot " + d.Token(): 200} {
		if status, body, _ := request(t, d, "GET", "/users/@me", "", "", auth); status != want {
			t.Errorf("Authorization %q: got %d %s, want %d", auth, status, body, want)
		}
	}
	d.Demand()
	if d.Bad() != 4 {
		t.Errorf("got %d bad answers counted, want 4", d.Bad())
	}
	d.Revoke()
	if status, _, _ := call(t, d, "GET", "/users/@me", ""); status != http.StatusUnauthorized {
		t.Errorf("after a reset of the token: got %d, want 401", status)
	}
	r, err := http.NewRequestWithContext(t.Context(), "GET", d.APIURL()+"/gateway", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("User-Agent", "curl/8")
	do(t, r)
	if got := d.Violations(); len(got) != 1 || !strings.Contains(got[0].String(), "User-Agent") {
		t.Errorf("got %v, want one about the User-Agent", got)
	}
}

func TestLooks(t *testing.T) {
	d := New(t, Setup{Shards: 3, MaxConcurrency: 2})
	lighthouse, harbour := d.GuildID("Lighthouse"), d.GuildID("Harbour")
	for _, test := range []struct {
		path   string
		status int
		code   int
		key    string
		want   any
	}{
		{"/gateway", 200, 0, "url", d.GatewayURL()},
		{"/gateway/bot", 200, 0, "shards", 3.0},
		{"/users/@me", 200, 0, "id", d.AppID()},
		{"/applications/@me", 200, 0, "verify_key", d.PublicKey()},
		{"/guilds/" + lighthouse, 200, 0, "name", "Lighthouse"},
		{"/guilds/" + lighthouse, 200, 0, "owner_id", d.Person("Anna").ID()},
		{"/guilds/" + harbour, 403, missingAccess, "message", "Missing Access"},
		{"/guilds/1", 404, unknownGuild, "message", "Unknown Guild"},
		{"/guilds/" + lighthouse + "/members/" + d.AppID(), 200, 0, "nick", nil},
		{"/channels/" + d.ChannelID("#team"), 200, 0, "name", "team"},
		{"/channels/" + d.ChannelID("Harbour/#pier"), 403, missingAccess, "", nil},
		{"/channels/1", 404, unknownChannel, "", nil},
		{"/applications/1/commands", 404, unknownApplication, "", nil},
	} {
		status, out, _ := call(t, d, "GET", test.path, "")
		if status != test.status || num(out, "code") != test.code || test.key != "" && out[test.key] != test.want {
			t.Errorf("%s: got %d %v, want %d with code %d and %s %v", test.path, status, out, test.status, test.code, test.key, test.want)
		}
	}
	_, out, _ := call(t, d, "GET", "/gateway/bot", "")
	if limit := obj(out, "session_start_limit"); num(limit, "total") != 1000 || num(limit, "remaining") != 1000 || num(limit, "max_concurrency") != 2 || num(limit, "reset_after") <= 0 {
		t.Errorf("got %v", limit)
	}
	if status, body, _ := request(t, d, "GET", "/guilds/"+lighthouse+"/roles", "", "", "Bot "+d.Token()); status != 200 || !strings.Contains(body, `"bot_id":"`+d.AppID()) {
		t.Errorf("roles: got %d %s", status, body)
	}
	if status, body, _ := request(t, d, "GET", "/guilds/"+lighthouse+"/channels", "", "", "Bot "+d.Token()); status != 200 || strings.Count(body, `"permission_overwrites"`) != 3 || !strings.Contains(body, `"deny":"2048"`) {
		t.Errorf("channels: got %d %s", status, body)
	}
	if status, body, _ := request(t, d, "GET", "/users/@me/guilds", "", "", "Bot "+d.Token()); status != 200 || !strings.Contains(body, lighthouse) || strings.Contains(body, harbour) {
		t.Errorf("own servers: got %d %s", status, body)
	}
	call(t, d, "GET", "/channels/"+d.ChannelID("Ben"), "")
	d.Demand()
	if status, out, _ := call(t, d, "GET", "/guilds/"+lighthouse+"/members/"+d.Person("Ben").ID(), ""); status != 404 || num(out, "code") != unknownMember || len(d.Violations()) != 1 {
		t.Errorf("somebody else: got %d %v, %v", status, out, d.Violations())
	}
	if status, _, _ := call(t, d, "POST", "/channels/1/typing", ""); status != http.StatusNotFound || len(d.Violations()) != 2 {
		t.Errorf("an operation that is not here: got %d, %v", status, d.Violations())
	}
	d.Outage("Lighthouse", true)
	if status, _, _ := call(t, d, "GET", "/guilds/"+lighthouse, ""); status != http.StatusServiceUnavailable {
		t.Errorf("during an outage: got %d", status)
	}
}

// TestWhereAnAppMayPost: who may not, and why.
func TestWhereAnAppMayPost(t *testing.T) {
	d := New(t, Setup{})
	team := d.ChannelID("#team")
	try := func(name, channel string, status, code int) {
		t.Helper()
		if got, out, _ := call(t, d, "POST", "/channels/"+channel+"/messages", hello); got != status || num(out, "code") != code {
			t.Errorf("%s: got %d %v, want %d with code %d", name, got, out, status, code)
		}
	}
	direct := func(name string) string {
		_, out, _ := call(t, d, "POST", "/users/@me/channels", `{"recipient_id":"`+d.Person(name).ID()+`"}`)
		return str(out, "id")
	}
	try("a channel", team, 200, 0)
	try("read only", d.ChannelID("#notices"), 403, missingPermission)
	try("another server", d.ChannelID("Harbour/#pier"), 403, missingAccess)
	try("no channel", "123", 404, unknownChannel)
	try("a person", direct("Ben"), 200, 0)
	try("a person who installed it", direct("Dora"), 200, 0)
	d.Change("Ben", func(u *User) { u.Closed = true })
	try("a closed person", direct("Ben"), 403, closedToUs)
	d.Change("Dora", func(u *User) { u.Installed = false })
	try("a stranger", direct("Dora"), 403, closedToUs)
	d.ChangeChannel("#team", func(c *Channel) { c.Lost = ViewChannel })
	try("a hidden channel", team, 403, missingAccess)
	d.ChangeChannel("#team", func(c *Channel) { c.Lost = 0 })
	d.ChangeGuild("Lighthouse", func(g *Guild) { g.Lost = SendMessages })
	try("a silenced app", team, 403, missingPermission)
	d.ChangeGuild("Lighthouse", func(g *Guild) { g.Lost = 0 })
	d.DeleteChannel("#team")
	try("a deleted channel", team, 404, unknownChannel)
	general := d.ChannelID("#general")
	d.Kick("Lighthouse")
	try("kicked", general, 403, missingAccess)
	try("nobody is acquainted then", direct("Cleo"), 403, closedToUs)
	d.Invite("Lighthouse")
	try("invited again", general, 200, 0)
	if status, out, _ := call(t, d, "POST", "/users/@me/channels", `{"recipient_id":"5"}`); status != 400 || num(out, "code") != invalidForm {
		t.Errorf("nobody: got %d %v", status, out)
	}
	d.Demand()
}

func TestNonces(t *testing.T) {
	d := New(t, Setup{})
	path := "/channels/" + d.ChannelID("#team") + "/messages"
	post := func(content, nonce string) string {
		_, out, _ := call(t, d, "POST", path, `{"content":"`+content+`","nonce":"`+nonce+`","enforce_nonce":true,`+quietly+`}`)
		return str(out, "id") + " " + str(out, "content")
	}
	first := post("a", "1")
	if again := post("other words", "1"); again != first {
		t.Errorf("the same nonce: got %q, want the first message %q", again, first)
	}
	if other := post("a", "2"); other == first || len(d.Posted("")) != 2 {
		t.Errorf("another nonce: got %q and %d messages", other, len(d.Posted("")))
	}
	if got := d.Twice(); len(got) != 1 {
		t.Errorf("got %v said twice, want one", got)
	}
	d.Advance(3 * time.Minute)
	if later := post("a", "1"); later == first {
		t.Error("after three minutes a nonce is forgotten")
	}
	call(t, d, "POST", path, `{"content":"b","nonce":"9",`+quietly+`}`)
	call(t, d, "POST", path, `{"content":"b","nonce":"9",`+quietly+`}`)
	if n := len(d.Posted("")); n != 5 {
		t.Errorf("got %d messages, want 5: a nonce that is not enforced keeps nothing back", n)
	}
	d.Demand()
}

func TestFiles(t *testing.T) {
	d := New(t, Setup{})
	path := "/channels/" + d.ChannelID("#team") + "/messages"
	send := func(payload string) (int, string) {
		body, kind := formOf(t, payload, "weeks.png", onePixel)
		status, out, _ := request(t, d, "POST", path, body, kind, "Bot "+d.Token())
		return status, out
	}
	if status, out := send(`{"content":"a","attachments":[{"id":0,"filename":"weeks.png","description":"12 weeks"}],` + quietly + `}`); status != 200 {
		t.Errorf("got %d %s", status, out)
	}
	if f := d.Posted("#team")[0].Attachments; len(f) != 1 || f[0].Description != "12 weeks" || string(f[0].Content) != onePixel || f[0].ContentType != "image/png" {
		t.Errorf("got %+v", f)
	}
	d.Demand()
	if status, _ := send(`{"content":"a","attachments":[{"id":0,"description":"` + of(1025) + `"}],` + quietly + `}`); status != 400 {
		t.Errorf("a long description: got %d", status)
	}
	before := len(d.Violations())
	if status, _ := send(`{"flags":32768,"components":[{"type":10,"content":"a"}],` + quietly + `}`); status != 200 || len(d.Violations()) != before+1 {
		t.Errorf("a file that stands in no component: got %d, %v", status, d.Violations()[before:])
	}
	d.ChangeChannel("#team", func(c *Channel) { c.Lost = AttachFiles })
	if status, out := send(`{"content":"a",` + quietly + `}`); status != 403 {
		t.Errorf("without the permission: got %d %s", status, out)
	}
	for kind, body := range map[string]string{"text/plain": "a", "application/json": "{", "": "{}"} {
		if status, out, _ := request(t, d, "POST", path, body, kind, "Bot "+d.Token()); status != 400 || !strings.Contains(out, "50109") {
			t.Errorf("%s as %q: got %d %s", body, kind, status, out)
		}
	}
}

func TestPings(t *testing.T) {
	d := New(t, Setup{NoSchemas: true})
	ben, dora := d.Person("Ben").ID(), d.Person("Dora").ID()
	path := "/channels/" + d.ChannelID("#team") + "/messages"
	for _, test := range []struct{ content, mentions, want string }{
		{"<@" + ben + "> @everyone", "", "Ben everyone"},
		{"<@" + ben + "> @everyone", `,"allowed_mentions":{"parse":[]}`, ""},
		{"<@" + ben + "> @here", `,"allowed_mentions":{"parse":["users"]}`, "Ben"},
		{"<@" + ben + "> @here", `,"allowed_mentions":{"parse":["everyone"]}`, "here"},
		{"<@" + ben + ">", `,"allowed_mentions":{"users":["` + ben + `"]}`, "Ben"},
		{"<@" + ben + ">", `,"allowed_mentions":{"users":["1"]}`, ""},
		{"`<@" + ben + "> @everyone` \\\\@everyone \\\\<@" + ben + ">", "", ""},
		{"<@" + dora + ">", "", ""}, // who is not there
		{"**<@!" + ben + ">**", "", "Ben"},
	} {
		before := len(d.Pings())
		if status, out, _ := call(t, d, "POST", path, `{"content":"`+test.content+`"`+test.mentions+`}`); status != 200 {
			t.Fatalf("%q: got %d %v", test.content, status, out)
		}
		var got []string
		for _, p := range d.Pings()[before:] {
			got = append(got, strings.ReplaceAll(p.Whom, ben, "Ben"))
		}
		if strings.Join(got, " ") != test.want {
			t.Errorf("%q %s: got %v, want %q", test.content, test.mentions, got, test.want)
		}
	}
}

func TestLeaksAndCalls(t *testing.T) {
	d := New(t, Setup{})
	call(t, d, "POST", "/channels/"+d.ChannelID("#team")+"/messages", `{"content":"a heliotrope \u00e4",`+quietly+`}`)
	if got := d.Leaks("heliotrope", "ä", "nothing"); len(got) != 2 {
		t.Errorf("got %v, want two", got)
	}
	got := d.Calls(postRoute)
	if len(got) != 1 || got[0].Status != 200 || !got[0].Acted || got[0].Header != "Bot "+d.Token() || str(got[0].Args, "content") != "a heliotrope ä" {
		t.Errorf("got %+v", got)
	}
}

func TestPrivateChannels(t *testing.T) {
	d := New(t, Setup{Guilds: []Guild{{Name: "Lighthouse", Channels: []Channel{
		{Name: "leads", Members: []string{"Anna"}}, {Name: "coached", Members: []string{"Anna", "Rapport"}},
	}}}})
	if status, out, _ := call(t, d, "POST", "/channels/"+d.ChannelID("#leads")+"/messages", hello); status != 403 || num(out, "code") != missingAccess {
		t.Errorf("where the app is not: got %d %v", status, out)
	}
	if status, out, _ := call(t, d, "POST", "/channels/"+d.ChannelID("#coached")+"/messages", `{"content":"@everyone <@`+d.Person("Ben").ID()+`> <@`+d.Person("Anna").ID()+`>","allowed_mentions":{"parse":["users"]}}`); status != 200 {
		t.Errorf("where it is: got %d %v", status, out)
	}
	if got := d.Pings(); len(got) != 1 || got[0].Whom != d.Person("Anna").ID() {
		t.Errorf("got %v, want Anna alone notified", got)
	}
	_, out, _ := call(t, d, "GET", "/channels/"+d.ChannelID("#coached"), "")
	if rules := objs(out, "permission_overwrites"); len(rules) != 3 || rules[0]["deny"] != "1024" || rules[1]["id"] != d.Person("Anna").ID() || rules[2]["allow"] != "1024" {
		t.Errorf("got %v", rules)
	}
	if got := d.Person("Ben").Transcript(); got != "" {
		t.Errorf("Ben sees %q", got)
	}
	direct := "/channels/" + d.ChannelID("Ben") + "/messages"
	call(t, d, "POST", direct, `{"content":"<@`+d.Person("Anna").ID()+`> <@`+d.Person("Ben").ID()+`>","allowed_mentions":{"parse":["users"]}}`)
	if got := d.Pings(); len(got) != 2 || got[1].Whom != d.Person("Ben").ID() {
		t.Errorf("got %v, want Ben alone notified in direct messages", got)
	}
	d.Demand()
}

package discordtest

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"
)

func TestSession(t *testing.T) {
	d := New(t, Setup{Heartbeat: 30 * time.Second})
	a := dial(t, d, d.GatewayURL(), nil)
	if h := obj(a.expect(opHello, ""), "d"); num(h, "heartbeat_interval") != 30_000 {
		t.Errorf("hello: got %v", h)
	}
	a.send(opIdentify, identity(d))
	f := a.expect(opDispatch, "READY")
	ready := obj(f, "d")
	guilds := objs(ready, "guilds")
	if num(f, "s") != 1 || str(ready, "resume_gateway_url") != d.ResumeURL() || str(obj(ready, "application"), "id") != d.AppID() ||
		len(guilds) != 1 || guilds[0]["unavailable"] != true || !slices.Equal(arr(ready, "shard"), []any{0.0, 1.0}) {
		t.Errorf("READY: got %v", f)
	}
	f = a.expect(opDispatch, "GUILD_CREATE")
	if g := obj(f, "d"); num(f, "s") != 2 || str(g, "name") != "Lighthouse" || str(g, "owner_id") != d.Person("Anna").ID() || len(arr(g, "channels")) != 3 || len(arr(g, "roles")) != 2 {
		t.Errorf("GUILD_CREATE: got %v", f)
	}
	a.send(opHeartbeat, 2)
	a.expect(opAck, "")
	a.send(opHeartbeat, nil)
	a.expect(opAck, "")
	if h := d.Heartbeats(); len(h) != 2 || h[0].Seq != 2 || h[1].Seq != -1 || h[0].Conn != 1 {
		t.Errorf("got %+v", h)
	}
	d.Conns()[0].RequestHeartbeat()
	a.expect(opHeartbeat, "")
	d.Demand()
	a.send(opHeartbeat, 77)
	a.expect(opAck, "")
	if got := d.Violations(); len(got) != 1 || !strings.Contains(got[0].Problem, "sequence 77, latest is 2") {
		t.Errorf("a heartbeat of what never came: got %v", got)
	}
	if ids := d.Identifies(); len(ids) != 1 || ids[0].Intents != 1 || ids[0].Refused {
		t.Errorf("got %+v", ids)
	}
	if !d.WaitReady(1, long) || !d.WaitConns(1, long) || d.Connected() != 1 {
		t.Error("not ready")
	}
}

// TestRefusedIdentifies: each wrong IDENTIFY closes with its code.
func TestRefusedIdentifies(t *testing.T) {
	for _, test := range []struct {
		name      string
		change    func(m map[string]any)
		code      int    // 0 = taken
		violation string // "" = none
	}{
		{"token", func(m map[string]any) { m["token"] = "other" }, 4004, ""},
		{"with Bot", func(m map[string]any) { m["token"] = "Bot " + m["token"].(string) }, 0, ""},
		{"no intents", func(m map[string]any) { delete(m, "intents") }, 4013, ""},
		{"unknown intents", func(m map[string]any) { m["intents"] = 1 | 1<<40 }, 4013, ""},
		{"privileged intents", func(m map[string]any) { m["intents"] = 1 | 1<<15 }, 4014, ""},
		{"needless intents", func(m map[string]any) { m["intents"] = 1 | 1<<9 }, 0, "intents 513"},
		{"wrong shard", func(m map[string]any) { m["shard"] = []int{2, 2} }, 4010, ""},
		{"too few shards", func(m map[string]any) { m["shard"] = []int{0, 1} }, 4011, ""},
		{"no properties", func(m map[string]any) { m["properties"] = map[string]any{"os": "linux", "browser": "a"} }, 0, "property device"},
		{"too long", func(m map[string]any) { m["padding"] = strings.Repeat("x", 5000) }, 4002, "too long"},
	} {
		d := New(t, Setup{Shards: 2, MustShard: true})
		a := dial(t, d, d.GatewayURL(), nil)
		a.expect(opHello, "")
		m := identity(d)
		m["shard"] = []int{0, 2}
		test.change(m)
		a.send(opIdentify, m)
		if test.code == 0 {
			a.ready()
		} else if got := a.closes(); got != test.code {
			t.Errorf("%s: closed with %d, want %d", test.name, got, test.code)
		}
		got := d.Violations()
		if len(got) > 1 || (len(got) == 1) != (test.violation != "") || test.violation != "" && !strings.Contains(got[0].Problem, test.violation) {
			t.Errorf("%s: got %v, want %q", test.name, got, test.violation)
		}
		a.ws.Close()
		d.Close()
	}
}

// TestWrongFrames: each closes with its code.
func TestWrongFrames(t *testing.T) {
	for _, test := range []struct {
		name  string
		ready bool
		send  func(a *app)
		code  int
	}{
		{"no JSON", false, func(a *app) { _ = a.ws.WriteMessage(websocket.TextMessage, []byte("{")) }, 4002},
		{"unknown opcode", true, func(a *app) { a.send(77, nil) }, 4001},
		{"too early", false, func(a *app) { a.send(3, nil) }, 4003},
		{"identified twice", true, func(a *app) { a.send(opIdentify, identity(a.d)) }, 4005},
		{"resumed twice", true, func(a *app) { a.send(opResume, map[string]any{}) }, 4005},
		{"a heartbeat of words", true, func(a *app) { a.send(opHeartbeat, "soon") }, 4002},
		{"too many", true, func(a *app) {
			for range 121 {
				a.send(opHeartbeat, nil)
			}
		}, 4008},
	} {
		d := New(t, Setup{})
		a := dial(t, d, d.GatewayURL(), nil)
		a.expect(opHello, "")
		if test.ready {
			a.send(opIdentify, identity(d))
			a.ready()
		}
		test.send(a)
		if got := a.closes(); got != test.code {
			t.Errorf("%s: closed with %d, want %d", test.name, got, test.code)
		}
		a.ws.Close()
		d.Close()
	}
}

// back connects anew and resumes, with what the session is to have seen.
// left waits until Discord has seen the end of a connection.
// TestResume: what happened meanwhile comes, in order, once.
// TestSessionsEnd: when a session cannot be resumed.
// TestIdentifyAfterFiveSeconds: then it is in order.
func TestFaultsOfTheGateway(t *testing.T) {
	d := New(t, Setup{Heartbeat: 50 * time.Millisecond})
	d.Fail("GET", "/gateway/link", Fault{Status: 503})
	_, resp, err := websocket.DefaultDialer.DialContext(t.Context(), d.GatewayURL()+"?v=10&encoding=json", nil)
	if err == nil || resp == nil || resp.StatusCode != 503 {
		t.Errorf("refused: got %v", err)
	}
	d.NoHello(1)
	a := dial(t, d, d.GatewayURL(), nil)
	a.send(opHeartbeat, nil)
	a.send(opIdentify, identity(d))
	if !d.Wait(long, func() bool { return len(d.Identifies()) == 1 }) {
		t.Error("what comes is read all the same")
	}
	a.ws.Close()
	for f := range a.frames {
		t.Errorf("got %v without a hello, want nothing", f)
	}
	d.SilenceNext(1)
	d.Advance(6 * time.Second)
	b := start(t, d, nil)
	for range 3 {
		b.send(opHeartbeat, nil)
	}
	if !d.Wait(long, func() bool { return len(d.Heartbeats()) == 4 }) {
		t.Error("heartbeats are not counted")
	}
	d.ChangeChannel("#team", func(c *Channel) { c.Name = "crew" })
	b.ws.Close()
	for f := range b.frames {
		if num(f, "op") == opAck || f["t"] == "CHANNEL_UPDATE" {
			t.Errorf("a silent connection sent %v", f)
		}
	}
	d.Advance(6 * time.Second)
	c := start(t, d, nil)
	conn := d.Ready()[0]
	conn.Garbage()
	c.expect(99, "")
	c.expect(opDispatch, "SOMETHING_NEW")
	conn.Close(4014)
	if code := c.closes(); code != 4014 {
		t.Errorf("got %d, want 4014", code)
	}
	if ends := d.Closes(); ends[len(ends)-1].Code != 4014 || !ends[len(ends)-1].Ours {
		t.Errorf("got %+v", ends)
	}
}

// TestNoHeartbeat: an app that stops them is let go.
func TestNoHeartbeat(t *testing.T) {
	d := New(t, Setup{Heartbeat: 20 * time.Millisecond, Grace: 200 * time.Millisecond})
	a := start(t, d, nil)
	if code := a.closes(); code != 4000 {
		t.Errorf("closed with %d, want 4000", code)
	}
	if got := d.Violations(); len(got) != 1 || !strings.Contains(got[0].Problem, "no heartbeat") {
		t.Errorf("got %v", got)
	}
}

func TestDoubledAndRepeated(t *testing.T) {
	d := New(t, Setup{})
	e := echoing(t, d)
	seen := map[string]bool{}
	e.with(func(i map[string]any) {
		if !seen[str(i, "id")] {
			seen[str(i, "id")] = true
			answerTo(t, d, i, answerMessage, private)
		}
	})
	anna := d.Person("Anna").In("#team")
	a := anna.Command("/rapport")
	d.Repeat(a)
	if !eventually(func() bool { return e.count() == 2 }) {
		t.Error("a repeated interaction does not come")
	}
	d.Double(true)
	anna.Command("/rapport")
	if !eventually(func() bool { return e.count() == 4 }) || len(d.Interactions()) != 2 || d.Interactions()[1].Deliveries != 2 {
		t.Errorf("doubled: got %d deliveries of %d interactions", e.count(), len(d.Interactions()))
	}
	if n := len(anna.Messages()); n != 2 {
		t.Errorf("got %d messages, want 2", n)
	}
	d.Demand()
}

// TestNobodyThere: an interaction is lost where no session can get it.
func TestNobodyThere(t *testing.T) {
	d := New(t, Setup{AckTime: 50 * time.Millisecond})
	register(t, d)
	if a := d.Person("Anna").In("#team").Command("/rapport"); a.Error != noAnswer {
		t.Errorf("got %+v", a)
	}
	a := start(t, d, func(map[string]any) { t.Error("it comes after all") })
	a.expect(opDispatch, "GUILD_CREATE")
	d.Conns()[0].RequestHeartbeat()
	a.expect(opHeartbeat, "")
}

func TestServersComeAndGo(t *testing.T) {
	d := New(t, Setup{})
	a := start(t, d, nil)
	a.expect(opDispatch, "GUILD_CREATE")
	d.Outage("Lighthouse", true)
	if f := a.expect(opDispatch, "GUILD_DELETE"); obj(f, "d")["unavailable"] != true {
		t.Errorf("an outage: got %v", f)
	}
	d.Outage("Lighthouse", false)
	a.expect(opDispatch, "GUILD_CREATE")
	d.Kick("Lighthouse")
	if f := a.expect(opDispatch, "GUILD_DELETE"); str(obj(f, "d"), "id") != d.GuildID("Lighthouse") || obj(f, "d")["unavailable"] != nil {
		t.Errorf("a kick: got %v", f)
	}
	d.Invite("Harbour")
	if f := a.expect(opDispatch, "GUILD_CREATE"); str(obj(f, "d"), "name") != "Harbour" {
		t.Errorf("an invitation: got %v", f)
	}
	d.DeleteChannel("#pier")
	a.expect(opDispatch, "CHANNEL_DELETE")
	d.Event("Harbour", "GUILD_ROLE_UPDATE", map[string]any{})
	a.expect(opDispatch, "GUILD_ROLE_UPDATE")
	d.Demand()
}

// TestAllAtOnce: what is done to all connections.
func TestAllAtOnce(t *testing.T) {
	d := New(t, Setup{})
	a := start(t, d, nil)
	d.Reconnect()
	a.expect(opReconnect, "")
	d.InvalidSession(true)
	a.expect(opInvalid, "")
	d.Silence()
	a.send(opHeartbeat, nil)
	if !d.Wait(long, func() bool { return len(d.Heartbeats()) == 1 }) {
		t.Error("a silent connection does not read")
	}
	d.Drop()
	for f := range a.frames {
		if num(f, "op") == opAck {
			t.Error("a silent connection answers")
		}
	}
	d.Advance(6 * time.Second)
	b := start(t, d, nil)
	d.CloseConns(4007)
	if code := b.closes(); code != 4007 {
		t.Errorf("got %d, want 4007", code)
	}
}

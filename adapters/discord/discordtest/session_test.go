package discordtest

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"
)

func (a *app) back(url string, seq int) *app {
	a.t.Helper()
	b := dial(a.t, a.d, url, a.answers)
	b.expect(opHello, "")
	b.send(opResume, map[string]any{"token": a.d.Token(), "session_id": a.session, "seq": seq})
	return b
}

func left(t *testing.T, d *Discord) {
	t.Helper()
	if !d.WaitConns(0, long) {
		t.Fatal("the connection does not end")
	}
}

func TestResume(t *testing.T) {
	d := New(t, Setup{AckTime: 200 * time.Millisecond})
	register(t, d)
	a := start(t, d, nil)
	a.expect(opDispatch, "GUILD_CREATE")
	d.Conns()[0].Drop()
	left(t, d)
	d.Person("Anna").In("#team").Command("/rapport", "first") // nobody answers
	d.ChangeChannel("#team", func(c *Channel) { c.Name = "crew" })
	b := a.back(a.resume, 2)
	if f := b.expect(opDispatch, "INTERACTION_CREATE"); num(f, "s") != 3 || str(obj(f, "d"), "id") != d.Interactions()[0].ID {
		t.Errorf("got %v", f)
	}
	if f := b.expect(opDispatch, "CHANNEL_UPDATE"); num(f, "s") != 4 || str(obj(f, "d"), "name") != "crew" {
		t.Errorf("got %v", f)
	}
	if f := b.expect(opDispatch, "RESUMED"); num(f, "s") != 5 {
		t.Errorf("got %v", f)
	}
	if r := d.Resumes(); len(r) != 1 || !r[0].Worked || r[0].Missed != 2 || r[0].Seq != 2 {
		t.Errorf("got %+v", r)
	}
	if len(d.Identifies()) != 1 {
		t.Error("a resume counts as an IDENTIFY")
	}
	d.Demand()

	b.ws.Close()
	left(t, d)
	c := a.back(d.GatewayURL(), 5)
	c.expect(opDispatch, "RESUMED")
	if got := d.Violations(); len(got) != 1 || !strings.Contains(got[0].Problem, "READY told another") {
		t.Errorf("got %v, want one about the address", got)
	}
	c.ws.Close()
	left(t, d)
	e := a.back(a.resume, 99)
	if code := e.closes(); code != 4007 {
		t.Errorf("a sequence that never was: closed with %d, want 4007", code)
	}
}

func TestSessionsEnd(t *testing.T) {
	closeWith := func(code int) func(*Discord, *app) {
		return func(_ *Discord, a *app) {
			_ = a.ws.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(code, ""), time.Now().Add(time.Second))
		}
	}
	for _, test := range []struct {
		name string
		end  func(d *Discord, a *app)
		kept bool
	}{
		{"dropped", func(d *Discord, _ *app) { d.Conns()[0].Drop() }, true},
		{"closed by the app with 4000", closeWith(4000), true},
		{"closed by the app with 1000", closeWith(1000), false},
		{"closed by the app with 1001", closeWith(1001), false},
		{"closed with 4000", func(d *Discord, _ *app) { d.Conns()[0].Close(4000) }, true},
		{"closed with 4009", func(d *Discord, _ *app) { d.Conns()[0].Close(4009) }, false},
		{"invalid, resumable", func(d *Discord, a *app) {
			d.Conns()[0].InvalidSession(true)
			if f := a.expect(opInvalid, ""); f["d"] != true {
				a.t.Errorf("got %v", f)
			}
			a.ws.Close()
		}, true},
		{"invalid", func(d *Discord, a *app) {
			d.Conns()[0].InvalidSession(false)
			if f := a.expect(opInvalid, ""); f["d"] != false {
				a.t.Errorf("got %v", f)
			}
			a.ws.Close()
		}, false},
		{"too late", func(d *Discord, a *app) { a.ws.Close(); left(a.t, d); d.Advance(3 * time.Minute) }, false},
		{"asked to reconnect", func(d *Discord, a *app) { d.Conns()[0].Reconnect(); a.expect(opReconnect, ""); a.ws.Close() }, true},
	} {
		d := New(t, Setup{})
		a := start(t, d, nil)
		test.end(d, a)
		left(t, d)
		b := a.back(a.resume, 2)
		if test.kept {
			b.expect(opDispatch, "RESUMED")
		} else if f := b.expect(opInvalid, ""); f["d"] != false {
			t.Errorf("%s: got %v, want an invalid session", test.name, f)
		}
		if got := d.Violations(); len(got) > 0 {
			t.Errorf("%s: %v", test.name, got)
		}
		a.ws.Close()
		b.ws.Close()
		d.Close()
	}
}

// TestAddresses: which address is for what, and what it must be asked for.
func TestAddresses(t *testing.T) {
	for _, test := range []struct{ name, url, violation string }{
		{"a new session", "/gateway?v=10&encoding=json", ""},
		{"with a slash", "/gateway/?v=9&encoding=json", ""},
		{"a new session where one resumes", "/gateway/resume?v=10&encoding=json", "that is for resuming"},
		{"no version", "/gateway?encoding=json", "asks for v="},
		{"an old version", "/gateway?v=8&encoding=json", "asks for v=8"},
		{"another encoding", "/gateway?v=10&encoding=etf", "encoding=etf"},
		{"compressed", "/gateway?v=10&encoding=json&compress=zlib-stream", "compress=zlib-stream"},
	} {
		d := New(t, Setup{})
		ws, resp, err := websocket.DefaultDialer.DialContext(t.Context(), "ws"+d.URL()[len("http"):]+test.url, nil)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		_ = ws.WriteJSON(map[string]any{"op": opIdentify, "d": identity(d)})
		old := strings.Contains(test.violation, "v=")
		if !d.Wait(long, func() bool { return len(d.Identifies()) == 1 || old && len(d.Closes()) == 1 }) {
			t.Errorf("%s: neither a session nor an end", test.name)
		}
		if got := d.Violations(); (len(got) == 0) != (test.violation == "") || len(got) > 1 || len(got) == 1 && !strings.Contains(got[0].Problem, test.violation) {
			t.Errorf("%s: got %v, want %q", test.name, got, test.violation)
		}
		if old && d.Closes()[0].Code != 4012 {
			t.Errorf("%s: closed with %d, want 4012", test.name, d.Closes()[0].Code)
		}
		ws.Close()
		d.Close()
	}
}

func TestLimitsOfIdentifies(t *testing.T) {
	d := New(t, Setup{Identifies: 3, MaxConcurrency: 2})
	again := func(shard int) *app {
		a := dial(t, d, d.GatewayURL(), nil)
		a.expect(opHello, "")
		m := identity(d)
		m["shard"] = []int{shard, 2}
		a.send(opIdentify, m)
		return a
	}
	again(0).ready()
	again(1).ready() // another bucket
	d.Demand()
	if f := again(0).expect(opInvalid, ""); f["d"] != false {
		t.Errorf("at once: got %v", f)
	}
	if got := d.Violations(); len(got) != 1 || !strings.Contains(got[0].Problem, "want 5s") {
		t.Errorf("got %v", got)
	}
	if _, out, _ := call(t, d, "GET", "/gateway/bot", ""); num(obj(out, "session_start_limit"), "remaining") != 0 {
		t.Errorf("got %v, want none left", out)
	}
	d.Advance(6 * time.Second)
	if code := again(0).closes(); code != 4004 {
		t.Errorf("the fourth of three: closed with %d, want 4004 as the token is reset", code)
	}
	if status, _, _ := call(t, d, "GET", "/users/@me", ""); status != http.StatusUnauthorized {
		t.Errorf("after that: got %d", status)
	}
}

func TestIdentifyAfterFiveSeconds(t *testing.T) {
	d := New(t, Setup{})
	start(t, d, nil)
	d.Advance(5 * time.Second)
	start(t, d, nil)
	d.Advance(25 * time.Hour)
	if _, out, _ := call(t, d, "GET", "/gateway/bot", ""); num(obj(out, "session_start_limit"), "remaining") != 1000 {
		t.Errorf("a day later: got %v", out)
	}
	d.Demand()
}

func TestShards(t *testing.T) {
	guilds := []Guild{}
	for _, name := range []string{"A", "B", "C", "D", "E", "F"} {
		guilds = append(guilds, Guild{Name: name, Channels: []Channel{{Name: "in-" + strings.ToLower(name)}}})
	}
	d := New(t, Setup{Guilds: guilds, Shards: 2, MaxConcurrency: 2})
	register(t, d)
	var got [2][]string
	var apps []*app
	for shard := range 2 {
		a := dial(t, d, d.GatewayURL(), func(i map[string]any) {
			got[shard] = append(got[shard], str(i, "guild_id"))
			answerTo(t, d, i, answerMessage, private)
		})
		a.expect(opHello, "")
		m := identity(d)
		m["shard"] = []int{shard, 2}
		a.send(opIdentify, m)
		a.ready()
		apps = append(apps, a)
	}
	anna := d.Person("Anna")
	want := [2][]string{}
	for _, g := range guilds {
		if a := anna.In("#in-" + strings.ToLower(g.Name)).Command("/rapport"); a.Error != "" {
			t.Errorf("%s: %s", g.Name, a.Error)
		}
		id := d.GuildID(g.Name)
		want[shardOf(id, 2)] = append(want[shardOf(id, 2)], id)
	}
	anna.InDM().Command("/rapport")
	want[0] = append(want[0], "")
	for _, a := range apps {
		a.ws.Close()
		a.done.Wait()
	}
	if len(want[0]) == 7 || len(want[1]) == 6 || !slices.Equal(got[0], want[0]) || !slices.Equal(got[1], want[1]) {
		t.Errorf("got %v, want %v", got, want)
	}
	d.Demand()
}

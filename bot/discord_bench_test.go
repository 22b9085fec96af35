package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"
)

// BenchmarkGatewayCommand compares a check-in by command over Discord's gateway,
// through the whole program to the durable row and back by a call, with a bare
// responder that reads the same frames and answers each with fixed bytes. Both
// hear from a load of 64 at a time in a process of its own, which is their
// Discord, in short windows that alternate. Target: x-bare >= 0.5.
//
// What a window is stands at [BenchmarkSlashCommand].
func BenchmarkGatewayCommand(b *testing.B) {
	const pairs = 24
	s := newGatewayBench(b)
	s.addBare()
	s.window(s.full) // first sight of everybody
	s.window(s.bare)
	for b.Loop() {
		s.compare(b, pairs)
	}
	b.ReportMetric(0, "ns/op")
}

// newGatewayBench is the program, connected to the load.
func newGatewayBench(t testing.TB) *slashBench {
	s := newBench(t)
	s.api = strings.TrimSuffix(s.startLoad(), "/api/") + gatePath
	h := s.house(func(cfg *Config) {
		cfg.Discord.APIURL, cfg.Discord.Token = s.api+"full", newSecret("discord-token", "benchmark")
	})
	a, err := discordAdapter(h.cfg.Discord, h)
	if err != nil {
		t.Fatal(err)
	}
	s.serve(h, a, discordPace())
	for end := time.Now().Add(patience); a.Ready(t.Context()) != nil; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("the program is not connected")
		}
	}
	s.full = gateScheme + "full"
	return s
}

// addBare connects a bare responder to the load.
func (s *slashBench) addBare() {
	s.Helper()
	s.bare = gateScheme + "bare"
	bareResponder(s.TB, s.api+"bare")
}

// bareResponder connects to a gateway and answers each interaction with fixed
// bytes, until the end of the benchmark.
func bareResponder(b testing.TB, api string) {
	ws, _, err := websocket.DefaultDialer.DialContext(b.Context(), "ws"+strings.TrimPrefix(api, "http")+"/gateway", nil)
	if err != nil {
		b.Fatal(err)
	}
	if err := ws.WriteMessage(websocket.TextMessage, []byte(`{"op":2,"d":{"token":"x","intents":1}}`)); err != nil {
		b.Fatal(err)
	}
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: benchFlight, DisableCompression: true}}
	ready, over := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(over)
		for {
			_, raw, err := ws.ReadMessage()
			if err != nil {
				return
			}
			var f struct {
				T string
				D struct{ ID, Token string }
			}
			if json.Unmarshal(raw, &f) != nil {
				continue
			}
			switch f.T {
			case "READY":
				close(ready)
			case "INTERACTION_CREATE":
				go bareAnswer(client, api+"/interactions/"+f.D.ID+"/"+f.D.Token+"/callback")
			}
		}
	}()
	b.Cleanup(func() {
		ws.Close()
		<-over
		client.CloseIdleConnections()
	})
	<-ready
}

func bareAnswer(client *http.Client, address string) {
	res, err := client.Post(address, "application/json", strings.NewReader(`{"type":4,"data":{"flags":64,"content":"Noted."}}`))
	if err != nil {
		return // the load misses it
	}
	defer res.Body.Close()
	_, _ = io.Copy(io.Discard, res.Body)
}

const (
	gatePath   = "/discord/"
	gateScheme = "gateway:"
	gateApp    = "587202560000000000"
	gateGuild  = "671088640000000000"
	gateToken  = "aW50ZXJhY3Rpb246" // and the interaction's id
)

// gates are the Discords of the load, by name: as much of it as is needed to
// connect and to answer, and without limits.
type gates struct{ all sync.Map }

// A gate is one of them.
type gate struct {
	mu    sync.Mutex // of writing
	ws    *websocket.Conn
	seq   int
	last  uint64
	await sync.Map // the channels of those who wait for an answer, by id of the interaction
}

func (g *gates) at(name string) *gate {
	v, _ := g.all.LoadOrStore(name, &gate{})
	return v.(*gate)
}

// ServeHTTP implements [http.Handler].
func (g *gates) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	name, path, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, gatePath), "/")
	in := g.at(name)
	w.Header().Set("Content-Type", "application/json")
	switch part := strings.Split(path, "/"); part[0] {
	case "gateway":
		if len(part) == 1 {
			in.attend(w, r)
			return
		}
		fmt.Fprintf(w, `{"url":"ws://%s%s%s/gateway","shards":1,"session_start_limit":{"total":1000,"remaining":999,"reset_after":0,"max_concurrency":1}}`, r.Host, gatePath, name)
	case "interactions":
		in.answered(part[1], r.Body)
		w.WriteHeader(http.StatusNoContent)
	case "webhooks": // an answer that was put off
		in.answered(part[2][len(gateToken):], r.Body)
		fmt.Fprint(w, `{"id":"1"}`)
	case "applications":
		if r.Method == http.MethodPut {
			fmt.Fprint(w, `[]`)
			return
		}
		fmt.Fprintf(w, `{"id":%q,"name":"Rapport","verify_key":""}`, gateApp)
	default:
		w.WriteHeader(http.StatusNotFound)
	}
}

// answered takes an answer. Where it only says that another follows, that one is
// waited for.
func (g *gate) answered(id string, body io.Reader) {
	text, err := io.ReadAll(body)
	if err != nil || bytes.HasPrefix(text, []byte(`{"type":5,`)) {
		return
	}
	if wait, ok := g.await.LoadAndDelete(id); ok {
		wait.(chan []byte) <- text
	}
}

// attend keeps a connection, which takes whoever identifies.
func (g *gate) attend(w http.ResponseWriter, r *http.Request) {
	up := websocket.Upgrader{}
	ws, err := up.Upgrade(w, r, nil)
	if err != nil {
		return
	}
	defer ws.Close()
	g.mu.Lock()
	g.ws = ws
	g.mu.Unlock()
	g.send(`{"op":10,"d":{"heartbeat_interval":41250}}`)
	for {
		var f struct{ Op int }
		if err := ws.ReadJSON(&f); err != nil {
			return
		}
		switch f.Op {
		case 1:
			g.send(`{"op":11}`)
		case 2:
			g.event("READY", fmt.Sprintf(`{"v":10,"session_id":"s","resume_gateway_url":"","shard":[0,1],"guilds":[],"user":{"id":%q},"application":{"id":%[1]q}}`, gateApp))
		}
	}
}

func (g *gate) send(text string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	_ = g.ws.WriteMessage(websocket.TextMessage, []byte(text)) // who reads nothing is missed
}

func (g *gate) event(name, data string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.seq++
	_ = g.ws.WriteMessage(websocket.TextMessage, fmt.Appendf(nil, `{"t":%q,"s":%d,"op":0,"d":%s}`, name, g.seq, data))
}

// id is a new snowflake.
func (g *gate) id() string {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.last = max(g.last+1, uint64(time.Now().UnixMilli()-1420070400000)<<22)
	return fmt.Sprint(g.last)
}

// onceAt is what one person does at an address: that of a gate, or else web.
func (g *gates) onceAt(address string, web func(person int) error) func(person int) error {
	name, ok := strings.CutPrefix(address, gateScheme)
	if !ok {
		return web
	}
	in := g.at(name)
	return in.once
}

// once sends `/rapport done well` of one person, as Discord does, and waits for
// the answer.
func (g *gate) once(person int) error {
	id, user := g.id(), fmt.Sprint(629145600000000000+person)
	answered := make(chan []byte, 1)
	g.await.Store(id, answered)
	defer g.await.Delete(id)
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	g.event("INTERACTION_CREATE", fmt.Sprintf(`{"version":1,"type":2,"token":%q,"member":{"user":{"username":"steve","public_flags":0,"primary_guild":null,"id":%q,"global_name":"Steve","discriminator":"0","collectibles":null,"clan":null,"avatar_decoration_data":null,"avatar":"f0a8b0d1e2c3a4958677869504132231"},"unusual_dm_activity_until":null,"roles":["754321098765432109"],"premium_since":null,"permissions":"2248473465835073","pending":false,"nick":null,"mute":false,"joined_at":"2024-03-01T09:00:00.000000+00:00","flags":0,"deaf":false,"communication_disabled_until":null,"banner":null,"avatar":null},"locale":"en-US","id":%q,"guild_locale":"en-US","guild_id":%q,"guild":{"locale":"en-US","id":%[4]q,"features":["COMMUNITY","NEWS"]},"entitlements":[],"entitlement_sku_ids":[],"data":{"type":1,"options":[{"value":"done well","type":3,"name":"what"}],"name":"rapport","id":"1200000000000000001"},"context":0,"channel_id":"754971904000000000","channel":{"type":0,"topic":null,"theme_color":null,"rate_limit_per_user":0,"position":2,"permissions":"2248473465835073","parent_id":"754971904000000001","nsfw":false,"name":"general","last_message_id":"1300000000000000000","id":"754971904000000000","icon_emoji":null,"guild_id":%[4]q,"flags":0},"authorizing_integration_owners":{"0":%[4]q},"attachment_size_limit":10485760,"application_id":%[5]q,"app_permissions":"2248473465835073"}`,
		gateToken+id, user, id, gateGuild, gateApp))
	select {
	case body := <-answered:
		if !bytes.Contains(body, []byte("Noted.")) {
			return fmt.Errorf("answered with %s", body)
		}
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

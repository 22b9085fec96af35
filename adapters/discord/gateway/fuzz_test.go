package gateway

import (
	"encoding/json"
	"net/url"
	"testing"
	"time"

	"golang.org/x/time/rate"
)

// FuzzFrame acts on what the gateway says, but for its first word: an event is
// handed on once, and no session leads to a place that is less safe.
func FuzzFrame(f *testing.F) {
	for _, s := range []string{
		`{"op":0,"s":1,"t":"READY","d":{"session_id":"s","resume_gateway_url":"wss://gateway.example"}}`,
		`{"op":0,"s":1,"t":"READY","d":{"session_id":"s","resume_gateway_url":"ws://gateway.example"}}`,
		`{"op":0,"s":-1,"t":"RESUMED","d":null}`, `{"op":0,"t":"GUILD_CREATE","d":{"id":"1"}}`, `{"op":9,"d":true}`, `{"op":10,"d":{"heartbeat_interval":41250}}`,
		`{"op":10,"d":{"heartbeat_interval":-1}}`, `{"op":7}`, `{"op":11}`, `{"op":1,"d":7}`, `{"op":99}`, `{"op":"0"}`, `[]`, "\xff",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		handed := 0
		g := &Gateway{options: Options{Handle: func(Event) { handed++ }, Notify: func(string, error, int) {}}}
		l := &link{shard: newShard(g, 0, 1), hailed: true, asked: rate.NewLimiter(0, 0), greeted: make(chan time.Duration, 1), taken: make(chan struct{})}
		frame := frame{Op: -1}
		if json.Unmarshal(raw, &frame) != nil {
			return
		}
		skip, err := l.take(&frame)
		if want := frame.Op == opDispatch && skip == nil; (handed == 1) != want || skip != nil && err != nil {
			t.Errorf("%q: handed on %d times, %v, %v", raw, handed, skip, err)
		}
		where, err := l.session.where("wss://gateway.example", 0)
		if err != nil {
			t.Fatal(err)
		}
		if u, err := url.Parse(where); err != nil || u.Scheme != "wss" || u.Host == "" {
			t.Errorf("%q: the session goes on at %q", raw, where)
		}
	})
}

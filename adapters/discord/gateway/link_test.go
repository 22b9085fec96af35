package gateway

import (
	"encoding/json"
	"fmt"
	"testing"
)

func TestConnects(t *testing.T) {
	p := newPeer(t)
	r := start(t, p, nil)
	l := p.accept()
	if want := "/?encoding=json&v=10"; l.url != want {
		t.Errorf("connects to %s; want %s", l.url, want)
	}
	l.hello(never)
	var got identify
	if err := json.Unmarshal(l.expect(opIdentify).D, &got); err != nil {
		t.Fatal(err)
	}
	if got.Token != token || got.Intents != 1 || got.Shard != [2]int{0, 1} || got.Properties["os"] == "" {
		t.Errorf("identifies as %+v", got)
	}
	if r.Ready() == nil {
		t.Error("ready before READY")
	}
	l.event(1, "READY", `{"session_id":"session-a","resume_gateway_url":""}`)
	r.next()
	if err := r.Ready(); err != nil {
		t.Errorf("not ready with READY: %v", err)
	}
	for i := range 100 {
		l.event(i+2, "MESSAGE_CREATE", fmt.Sprint(i))
	}
	for i := range 100 {
		if got, want := r.next(), fmt.Sprintf("MESSAGE_CREATE %d", i); got != want {
			t.Fatalf("event %q; want %q", got, want)
		}
	}
	if hour, day := r.Identifies(); hour != 1 || day != 1 || r.Shards() != 1 {
		t.Errorf("identifies %d, %d of %d shards; want 1 of each", hour, day, r.Shards())
	}
	r.end()
	if code := l.code(); code != 1000 {
		t.Errorf("leaves with %d; want 1000", code)
	}
	if err := r.ended(); err != nil {
		t.Errorf("Run: %v", err)
	}
	if r.Ready() == nil {
		t.Error("ready after the end")
	}
	p.quiet()
}

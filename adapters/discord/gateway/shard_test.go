package gateway

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// identified plays a connection up to READY, and tells which shard it is of.
func (l *line) identified(r *rig) [2]int {
	l.t.Helper()
	l.hello(never)
	var got identify
	if err := json.Unmarshal(l.expect(opIdentify).D, &got); err != nil {
		l.t.Fatal(err)
	}
	l.event(1, "READY", fmt.Sprintf(`{"session_id":"session-%d"}`, got.Shard[0]))
	return got.Shard
}

func TestSeveralShards(t *testing.T) {
	p := newPeer(t)
	var mu sync.Mutex
	var events []string
	r := start(t, p, func(o *Options) {
		o.Shards = Range{First: 2, Last: 4, Total: 7}
		o.Handle = func(e Event) {
			mu.Lock()
			defer mu.Unlock()
			events = append(events, fmt.Sprintf("%s of %d: %s", e.Type, e.Shard, e.Data))
		}
	})
	lines := map[int]*line{}
	for n := range 3 {
		l := p.accept()
		shard := l.identified(r)
		if shard[1] != 7 {
			t.Errorf("shard %v; want one of 7", shard)
		}
		lines[shard[0]] = l
		if n < 2 {
			r.until("counted", func() bool {
				err := r.Ready()
				return err != nil && strings.HasPrefix(err.Error(), fmt.Sprintf("%d of 3 shards are not connected", 2-n))
			})
		}
	}
	r.up()
	if r.Shards() != 7 || len(lines) != 3 || lines[2] == nil || lines[3] == nil || lines[4] == nil {
		t.Errorf("%d shards, connections of %v", r.Shards(), lines)
	}
	lines[3].event(2, "X", `"to 3"`)
	r.until("handled", func() bool {
		mu.Lock()
		defer mu.Unlock()
		return slices.Contains(events, `X of 3: "to 3"`)
	})
	lines[4].drop() // each resumes its own
	again := p.accept()
	again.resumes(never, "session-4", 1)
	r.up()
	p.quiet()
	if hour, _ := r.Identifies(); hour != 3 {
		t.Errorf("identifies %d; want 3", hour)
	}
	r.end()
	for _, l := range []*line{lines[2], lines[3], again} {
		if code := l.code(); code != leaving {
			t.Errorf("leaves with %d", code)
		}
	}
}

func TestAsManyShardsAsAdvised(t *testing.T) {
	p := newPeer(t)
	r := start(t, p, func(o *Options) {
		o.Pace.Identify = 200 * time.Millisecond
		o.Look = func(context.Context) (Info, error) {
			info := advice(p)
			info.Shards, info.MaxConcurrency = 4, 2
			return info, nil
		}
	})
	at := map[int]time.Time{}
	for range 4 {
		shard := p.accept().identified(r)
		at[shard[0]] = time.Now()
	}
	r.up()
	// On a busy machine, what is received late is not far apart any more: half is
	// asked for here, and all of it where the time is the test's own.
	for id := range 2 {
		if apart := at[id].Sub(at[id+2]).Abs(); apart < 100*time.Millisecond {
			t.Errorf("shards %d and %d identify %s apart", id, id+2, apart)
		}
	}
	if got := r.looks.Load(); r.Shards() != 4 || got != 1 {
		t.Errorf("%d shards after %d looks; want 4 after 1", r.Shards(), got)
	}
}

// When one shard is refused for good, none goes on.
func TestOneShardRefusedEndsAll(t *testing.T) {
	p := newPeer(t)
	r := start(t, p, func(o *Options) { o.Shards = Range{First: 0, Last: 1, Total: 2} })
	a, b := p.accept(), (*line)(nil)
	a.identified(r)
	b = p.accept()
	b.hello(never)
	b.expect(opIdentify)
	b.close(4010)
	if err := r.ended(); err == nil || !strings.Contains(err.Error(), "4010") {
		t.Errorf("Run: %v", err)
	}
	if code := a.code(); code != leaving {
		t.Errorf("the other leaves with %d", code)
	}
}

func TestRangesThatCannotBe(t *testing.T) {
	for _, shards := range []Range{{First: -1, Last: 0, Total: 2}, {First: 1, Last: 0, Total: 2}, {First: 0, Last: 2, Total: 2}, {First: 1}} {
		g := New(Options{Shards: shards, Look: func(context.Context) (Info, error) {
			t.Error("asked")
			return Info{}, nil
		}})
		if err := g.Run(t.Context()); err == nil || !strings.Contains(err.Error(), "discord.shards") {
			t.Errorf("%+v: %v", shards, err)
		}
	}
}

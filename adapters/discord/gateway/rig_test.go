package gateway

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// A notice is what Notify was told.
type notice struct {
	what  string
	err   error
	count int
}

// A rig is a Gateway that runs against a peer.
type rig struct {
	*Gateway
	t      *testing.T
	end    context.CancelFunc
	err    chan error
	events chan string // type and data
	looks  atomic.Int32

	mu      sync.Mutex
	notices []notice
}

// brisk is a Pace fit for tests: nothing waits for long, and identifies are not
// counted.
func brisk() Pace {
	return Pace{First: 10 * time.Millisecond, Longest: 50 * time.Millisecond, Lived: time.Nanosecond,
		Invalid: time.Millisecond, Identify: time.Millisecond, Allowed: 10000, Spent: time.Millisecond}
}

// advice is an Info for one shard.
func advice(p *peer) Info {
	return Info{URL: p.url(), Shards: 1, Total: 1000, Remaining: 1000, ResetAfter: time.Hour, MaxConcurrency: 1}
}

// start runs a Gateway against p, with Options that change may change.
func start(t *testing.T, p *peer, change func(*Options)) *rig {
	t.Helper()
	r := &rig{t: t, err: make(chan error, 1), events: make(chan string, 10000)}
	o := Options{Token: token, Intents: 1, Pace: brisk(),
		Look:   func(context.Context) (Info, error) { return advice(p), nil },
		Handle: func(e Event) { r.events <- e.Type + " " + string(e.Data) },
	}
	if change != nil {
		change(&o)
	}
	look, notify := o.Look, o.Notify
	o.Look = func(ctx context.Context) (Info, error) { r.looks.Add(1); return look(ctx) }
	o.Notify = func(what string, err error, count int) {
		r.mu.Lock()
		r.notices = append(r.notices, notice{what, err, count})
		r.mu.Unlock()
		if notify != nil {
			notify(what, err, count)
		}
	}
	r.Gateway = New(o)
	ctx, end := context.WithCancel(context.Background())
	r.end = end
	go func() { r.err <- r.Run(ctx) }()
	t.Cleanup(func() {
		end()
		select {
		case <-r.err:
		case <-time.After(patience):
			t.Error("Run does not end")
		}
		r.hidesSecrets()
	})
	return r
}

// hidesSecrets fails if a notice or an error of Run's tells what must not be
// told.
func (r *rig) hidesSecrets() {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, n := range r.notices {
		if text := fmt.Sprintf("%s %v", n.what, n.err); leaks(text) {
			r.t.Errorf("a notice tells %q", text)
		}
	}
	if err := r.Ready(); err != nil && leaks(err.Error()) {
		r.t.Errorf("Ready tells %q", err)
	}
}

func leaks(text string) bool {
	return slices.ContainsFunc([]string{token, "127.0.0.1", "session-", "words of", "ws://"}, func(s string) bool {
		return strings.Contains(text, s)
	})
}

// ended is what Run returns.
func (r *rig) ended() error {
	r.t.Helper()
	err := within(r.t, r.err, "the end of Run")
	r.err <- nil // for the cleanup
	return err
}

// until polls for what happens soon.
func (r *rig) until(what string, happened func() bool) {
	r.t.Helper()
	for deadline := time.Now().Add(patience); !happened(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			r.mu.Lock()
			defer r.mu.Unlock()
			r.t.Fatalf("not so: %s; notices: %v", what, r.notices)
		}
	}
}

// told counts the notices of a kind.
func (r *rig) told(what string) (n int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, one := range r.notices {
		if one.what == what {
			n++
		}
	}
	return n
}

// up waits until all shards are connected.
func (r *rig) up() {
	r.t.Helper()
	r.until("connected", func() bool { return r.Ready() == nil })
}

// next is the next event.
func (r *rig) next() string {
	r.t.Helper()
	return within(r.t, r.events, "an event")
}

// why is the error of the first notice of a kind, which may be still to come.
func (r *rig) why(what string) error {
	r.t.Helper()
	r.until("told "+what, func() bool { return r.told(what) > 0 })
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, one := range r.notices {
		if one.what == what {
			return one.err
		}
	}
	return nil
}

// behind is advice to go through w.
func behind(w *wall, p *peer) func(context.Context) (Info, error) {
	info := advice(p)
	info.URL = "ws://" + w.Addr().String()
	return func(context.Context) (Info, error) { return info, nil }
}

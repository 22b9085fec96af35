package discord

import (
	"context"
	"fmt"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"rapport/adapters/discord/discordtest"
	"rapport/coach"
	"rapport/coach/coachtest"
)

// monday is a Monday morning in Berlin.
var monday = time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)

// unhurried is what a test gives an answer that is to come in time: a busy
// machine alone makes none late.
const unhurried = 2 * time.Second

// An office is a Discord with our app connected to it, and the coach behind.
type office struct {
	*discordtest.Discord
	t       *testing.T
	adapter *Adapter
	coach   *coach.Coach
	mu      sync.Mutex
	told    []Notice
	asked   []coach.Request
	slow    time.Duration // how long the coach takes
	instead func(coach.Request) (coach.Reply, error)
	joined  map[string][]string // server -> owner and channels
	left    []string
	web     *discordtest.Web // nil where gestures come over the gateway
	stop    func()           // ends Run, and waits for that
}

func openOffice(t *testing.T, setup discordtest.Setup, change ...func(*office, *Options)) *office {
	t.Helper()
	before := goleak.IgnoreCurrent()
	t.Cleanup(func() { goleak.VerifyNone(t, before) })
	o := &office{Discord: discordtest.New(t, setup), t: t, joined: map[string][]string{}}
	now := func() time.Time { return monday }
	var err error
	o.coach, err = coach.New(coach.Options{Store: coachtest.NewMem(now), Lessons: coachtest.Edition(), Now: now, WeekStart: time.Monday,
		Export: func(context.Context, coach.Person) ([]byte, error) { return []byte(`{"everything":1}`), nil }})
	if err != nil {
		t.Fatal(err)
	}
	options := Options{Token: o.Token(), APIURL: o.APIURL(), Members: o, Joined: o.join, Notify: o.notice}
	for _, f := range change {
		f(o, &options)
	}
	o.adapter = New(options)
	o.adapter.ackWait = unhurried
	ctx, end := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- o.adapter.Run(ctx, o) }()
	o.stop = sync.OnceFunc(func() {
		end()
		select {
		case err := <-ended:
			if err != nil {
				t.Errorf("Run: %v", err)
			}
		case <-time.After(20 * time.Second):
			t.Error("Run did not end")
		}
	})
	t.Cleanup(func() {
		o.stop()
		o.Demand()
		for _, n := range o.notices("") {
			if text := fmt.Sprint(n.Err); strings.Contains(text, "://") || strings.Contains(text, o.Token()) || strings.Contains(text, "heliotrope") {
				t.Errorf("the notice %q says %q", n.What, text)
			}
		}
	})
	if !o.WaitReady(1, 10*time.Second) || !o.WaitCommand("/rapport", 10*time.Second) {
		t.Fatalf("not connected: %v", o.notices(""))
	}
	return o
}

// bothWays runs test with an office that hears of gestures over the gateway, and
// with one that does over HTTP.
func bothWays(t *testing.T, test func(*testing.T, *office)) {
	t.Run("gateway", func(t *testing.T) { test(t, openOffice(t, discordtest.Setup{})) })
	t.Run("http", func(t *testing.T) { test(t, openOffice(t, discordtest.Setup{}, overHTTP)) })
}

// overHTTP makes gestures arrive over HTTP.
func overHTTP(o *office, options *Options) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		o.t.Fatal(err)
	}
	options.Listener, options.PublicKey = l, o.PublicKey()
	o.web = o.HTTP("http://" + l.Addr().String() + webPath)
}

func (o *office) Handle(ctx context.Context, r coach.Request) (coach.Reply, error) {
	o.mu.Lock()
	o.asked = append(o.asked, r)
	slow, instead := o.slow, o.instead
	o.mu.Unlock()
	sleep(ctx, slow)
	if instead != nil {
		return instead(r)
	}
	return o.coach.Handle(ctx, r)
}

// delay makes the coach take d over each answer.
func (o *office) delay(d time.Duration) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.slow = d
	o.adapter.ackWait = New(Options{}).ackWait // as the program waits
}

// answerWith makes f answer in place of the coach.
func (o *office) answerWith(f func(coach.Request) (coach.Reply, error)) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.instead = f
}

func (o *office) Complete(ctx context.Context, r coach.Request, prefix string) []coach.Option {
	return o.coach.Complete(ctx, r, prefix)
}

func (o *office) notice(n Notice) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.told = append(o.told, n)
}

// notices are those of that kind, all for "".
func (o *office) notices(what string) (out []Notice) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, n := range o.told {
		if what == "" || n.What == what {
			out = append(out, n)
		}
	}
	return out
}

// requests are what the coach was asked so far.
func (o *office) requests() []coach.Request {
	o.mu.Lock()
	defer o.mu.Unlock()
	return slices.Clone(o.asked)
}

// last is what the coach was asked last.
func (o *office) last() coach.Request {
	all := o.requests()
	if len(all) == 0 {
		o.t.Fatal("the coach was not asked")
	}
	return all[len(all)-1]
}

func (o *office) join(_ context.Context, team coach.Team, owner coach.Person, channels []string) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.joined[team.ID] = append([]string{owner.User}, channels...)
	return nil
}

func (o *office) LeaveTeam(_ context.Context, team coach.Team) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.left = append(o.left, team.ID)
	return nil
}

package web

import (
	"bytes"
	"context"
	"errors"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"rapport/coach"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// monday is when every test begins.
var monday = time.Date(2026, 11, 23, 9, 15, 0, 0, time.UTC)

// A wall is a clock that stands still until it is moved. Moving it runs onTheWay.
type wall struct {
	mu       sync.Mutex
	now      time.Time
	onTheWay func(ctx context.Context, to time.Time) error
}

func (c *wall) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *wall) Advance(ctx context.Context, to time.Time) error {
	c.mu.Lock()
	onTheWay := c.onTheWay
	c.now = to
	c.mu.Unlock()
	if onTheWay != nil {
		return onTheWay(ctx, to)
	}
	return nil
}

// A book is a History in memory.
type book struct {
	mu    sync.Mutex
	rows  []bookRow
	fault error
}

type bookRow struct {
	key, place string
	body       []byte
	at         time.Time
}

func (b *book) Keep(_ context.Context, key, place string, body []byte, at time.Time) (bool, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.fault != nil {
		return false, b.fault
	}
	if slices.ContainsFunc(b.rows, func(r bookRow) bool { return r.key == key }) {
		return false, nil
	}
	b.rows = append(b.rows, bookRow{key, place, bytes.Clone(body), at})
	return true, nil
}

func (b *book) Kept(_ context.Context, place string, limit int, yield func(string, []byte, time.Time) error) error {
	b.mu.Lock()
	rows := slices.Clone(b.rows)
	fault := b.fault
	b.mu.Unlock()
	rows = slices.DeleteFunc(rows, func(r bookRow) bool { return r.place != place })
	for _, r := range rows[max(0, len(rows)-limit):] {
		if err := yield(r.key, r.body, r.at); err != nil {
			return err
		}
	}
	return fault
}

// all returns everything the book holds, as one text.
func (b *book) all() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	var out strings.Builder
	for _, r := range b.rows {
		out.WriteString(r.key + r.place + string(r.body))
	}
	return out.String()
}

// unhurried is what a test gives an answer that is to come in time: a busy
// machine alone makes none late.
const unhurried = 2 * time.Second

// A script is a coach for tests: it answers each verb as written and remembers
// what it was asked.
type script struct {
	mu       sync.Mutex
	asked    []coach.Request
	answers  map[string]func(context.Context, coach.Request) (coach.Reply, error)
	complete func(prefix string) []coach.Option
	slow     bool // some answers are to come late
}

func (s *script) Handle(ctx context.Context, r coach.Request) (coach.Reply, error) {
	s.mu.Lock()
	s.asked = append(s.asked, r)
	answer := s.answers[r.Action.Verb]
	s.mu.Unlock()
	if answer == nil {
		return coach.Say(text("I do not know " + r.Action.Verb)), nil
	}
	return answer(ctx, r)
}

func (s *script) Complete(_ context.Context, _ coach.Request, prefix string) []coach.Option {
	if s.complete == nil {
		return nil
	}
	return s.complete(prefix)
}

// requests returns what was asked for verb.
func (s *script) requests(verb string) []coach.Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(s.asked), func(r coach.Request) bool { return r.Action.Verb != verb })
}

// says has the script answer verb with m.
func (s *script) says(verb string, m coach.Message) { s.replies(verb, coach.Say(m)) }

func (s *script) replies(verb string, reply coach.Reply) {
	s.does(verb, func(context.Context, coach.Request) (coach.Reply, error) { return reply, nil })
}

func (s *script) does(verb string, f func(context.Context, coach.Request) (coach.Reply, error)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.answers == nil {
		s.answers = make(map[string]func(context.Context, coach.Request) (coach.Reply, error))
	}
	s.answers[verb] = f
}

func text(words string) coach.Message {
	return coach.Message{Sections: []coach.Section{{Text: coach.P(words)}}}
}

// A stage is a page that runs.
type stage struct {
	*testing.T
	*Adapter
	base  string
	clock *wall
	book  *book
	coach *script
	stop  func() error // ends Run and returns what it returned
}

// open runs a page for the test.
func open(t *testing.T, c *script) *stage {
	t.Helper()
	return reopen(t, c, &book{}, "127.0.0.1:0")
}

func reopen(t *testing.T, c *script, b *book, addr string) *stage {
	t.Helper()
	listener, err := net.Listen("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	clock := &wall{now: monday}
	a := New(Options{
		Listener: listener, Team: "Demo", Clock: clock, History: b,
		Channels: []Channel{{"general", "general"}, {"random", "random"}},
		People:   []Person{{"ada", "Ada", true}, {"bob", "Bob", false}, {"chidi", "Chidi", false}},
	})
	if !c.slow {
		a.ackWait = unhurried
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- a.Run(ctx, c) }()
	stop := sync.OnceValue(func() error { cancel(); return <-ended })
	t.Cleanup(func() {
		if err := stop(); err != nil {
			t.Errorf("Run: %v", err)
		}
	})
	return &stage{t, a, "http://" + listener.Addr().String(), clock, b, c, stop}
}

// send delivers m and fails the test if that fails.
func (s *stage) send(to coach.Address, key string, m coach.Message) string {
	s.Helper()
	ref, err := s.Send(s.Context(), to, key, m)
	if err != nil {
		s.Fatal(err)
	}
	return ref
}

func general() coach.Address { return coach.ChannelOf(TeamOf("Demo"), "general") }

func direct(user string) coach.Address { return coach.DirectTo(PersonOf("Demo", user)) }

var errBroken = errors.New("disk is gone")

package terminal_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"rapport/adapters/terminal"
	"rapport/coach"
	"rapport/coach/coachtest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// monday is 08:00 in Berlin.
var monday = time.Date(2026, 11, 23, 7, 0, 0, 0, time.UTC)

// A clock moves where it is told and delivers what is planned on the way.
type clock struct {
	mu      sync.Mutex
	now     time.Time
	onWay   func(ctx context.Context, from, to time.Time) error
	advance error
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) Advance(ctx context.Context, to time.Time) error {
	from := c.Now()
	if !to.After(from) {
		return nil // what is due at once: nothing here
	}
	c.mu.Lock()
	c.now = to
	c.mu.Unlock()
	if c.onWay != nil {
		if err := c.onWay(ctx, from, to); err != nil {
			return err
		}
	}
	return c.advance
}

// A parrot is a small coach: it knows a few words and writes down what it was
// asked.
type parrot struct {
	mu    sync.Mutex
	asked []coach.Request
	extra map[string]func(context.Context, coach.Request) (coach.Reply, error) // by verb
}

func (p *parrot) requests() []coach.Request {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.asked)
}

func (p *parrot) last(t *testing.T) coach.Request {
	t.Helper()
	all := p.requests()
	if len(all) == 0 {
		t.Fatal("the coach was asked nothing")
	}
	return all[len(all)-1]
}

func (p *parrot) Handle(ctx context.Context, r coach.Request) (coach.Reply, error) {
	p.mu.Lock()
	p.asked = append(p.asked, r)
	p.mu.Unlock()
	if f, ok := p.extra[r.Action.Verb]; ok {
		return f(ctx, r)
	}
	say := func(words string, buttons ...coach.Button) (coach.Reply, error) {
		return coach.Say(coach.Message{Sections: []coach.Section{{Text: coach.P(words)}}, Buttons: buttons}), nil
	}
	switch r.Action.Verb {
	case "home":
		return coach.Say(coach.Message{
			Title: "This week: let them finish",
			Sections: []coach.Section{
				{Text: coach.Join(coach.P("In one talk today, wait until the other person has really stopped. Then start with something "), coach.B("they"), coach.P(" said.\n"), coach.Q("You said the handover worries you. Which part?"))},
				{Text: coach.P("Buttons answer only you."), Quiet: true},
			},
			Choices: &coach.Select{Label: "Open a step", Options: []coach.Pick{{Label: "3. Find common ground", Action: coach.Do("step", "3")}}},
			Buttons: []coach.Button{{Label: "I'm in", Action: coach.Do("in", "x"), Primary: true}, {Label: "Journal", Action: coach.Do("journal")}},
		}), nil
	case "step":
		return say("Step "+r.Arg(0)+".", coach.Button{Label: "Home", Action: coach.Do("home")})
	case "in":
		return say("Good. When?", coach.Button{Label: "Today", Action: coach.Do("when", "0")})
	case "help":
		return say("The coach's own help.")
	case "settings":
		return p.form(r)
	case "journal":
		if r.Answers == nil {
			f := coachtest.Forms()["journal"]
			return coach.Reply{Form: &f}, nil
		}
		return say("Kept.")
	case "write":
		return say("Kept: " + r.Answers["words"])
	case "data":
		reply, err := say("Here it is.")
		reply.File = &coach.File{Name: "../../data.json", Type: "application/json", Data: []byte("{}"), Alt: "11 check-ins, 3 notes"}
		return reply, err
	case "team":
		reply, err := say("An activity for everyone.", coach.Button{Label: "Thanks", Action: coach.Do("thanks")})
		reply.Public = true
		return reply, err
	case "tip":
		return coach.Reply{}, errors.New("secret detail")
	case "progress":
		panic("secret detail")
	}
	return say(fmt.Sprintf("I heard %s %q.", r.Action.Verb, r.Action.Args))
}

// form answers the form of every kind; the zone must be Berlin.
func (p *parrot) form(r coach.Request) (coach.Reply, error) {
	f := coachtest.Forms()["every"]
	f.Action = coach.Do("settings")
	if r.Answers == nil {
		return coach.Reply{Form: &f}, nil
	}
	if zone := r.Answers["zone"]; !strings.Contains(zone, "Berlin") {
		reply := coach.Say(coach.Message{Sections: []coach.Section{{Text: coach.P("Not saved yet.")}},
			Buttons: []coach.Button{{Label: "Edit", Action: coach.Do("draft", "1")}}})
		reply.Faults = map[string]coach.Text{"zone": coach.Join(coach.P("I do not know "), coach.Q(zone), coach.P("."))}
		return reply, nil
	}
	var b strings.Builder
	for _, k := range slices.Sorted(maps.Keys(r.Answers)) {
		fmt.Fprintf(&b, "%s = %q\n", k, r.Answers[k])
	}
	return coach.Say(coach.Message{Title: "Saved", Sections: []coach.Section{{Text: coach.P(strings.TrimSpace(b.String()))}}}), nil
}

func (p *parrot) Complete(_ context.Context, _ coach.Request, prefix string) []coach.Option {
	var out []coach.Option
	for _, v := range []string{"home", "help", "step 1", "step 2", "settings"} {
		if strings.HasPrefix(v, prefix) {
			out = append(out, coach.Option{Label: v + " - about " + v, Value: v})
		}
	}
	return out
}

// A bench is an adapter on a pipe.
type bench struct {
	*terminal.Adapter
	clock *clock
	coach *parrot
	out   *bytes.Buffer
}

func newBench(t *testing.T, typed string, change ...func(*terminal.Options)) *bench {
	t.Helper()
	b := &bench{clock: &clock{now: monday}, coach: &parrot{extra: map[string]func(context.Context, coach.Request) (coach.Reply, error){}}, out: new(bytes.Buffer)}
	o := terminal.Options{
		In: strings.NewReader(typed), Out: b.out, Clock: b.clock, Zone: "Europe/Berlin", Team: "Demo",
		Channels: []terminal.Channel{{ID: "C1", Name: "general"}, {ID: "C2", Name: "random"}},
		People:   []terminal.Person{{User: "ada", Name: "Ada", Admin: true}},
		Dir:      filepath.Join(t.TempDir(), "files"),
	}
	for _, f := range change {
		f(&o)
	}
	b.Adapter = terminal.New(o)
	return b
}

// run runs to the end of the input and returns what was written.
func (b *bench) run(t *testing.T) string {
	t.Helper()
	if err := b.Run(t.Context(), b.coach); err != nil {
		t.Fatalf("Run: %v", err)
	}
	return b.written()
}

// written is the output, with the folder for files named FILES.
func (b *bench) written() string {
	if b.Dir == "" {
		return b.out.String()
	}
	return strings.ReplaceAll(b.out.String(), b.Dir, "FILES")
}

func talk(t *testing.T, typed string, change ...func(*terminal.Options)) (string, *parrot) {
	t.Helper()
	b := newBench(t, typed, change...)
	return b.run(t), b.coach
}

func message(words string, buttons ...string) coach.Message {
	m := coach.Message{Sections: []coach.Section{{Text: coach.P(words)}}}
	for _, l := range buttons {
		m.Buttons = append(m.Buttons, coach.Button{Label: l, Action: coach.Do("pressed", l)})
	}
	return m
}

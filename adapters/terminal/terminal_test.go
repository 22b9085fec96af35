package terminal_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"regexp"
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

func TestConversation(t *testing.T) {
	b := newBench(t, strings.Join([]string{
		"?", "messages", "/rapport", "1", "1", "home", "press i'M", "home", "3", "help", "help step", "messages", "77",
		"first 1:1 with my boss", "in a meeting they talk over me", "as a new lead", "wait for it", "step 3", "7",
		"as bob", "in #general", "home", "in #nowhere", "in dm", "press nothing", "data", "tip", "progress", "quit", "home",
	}, "\n"), nop)
	coachtest.Golden(t, "conversation.txt", b.run(t))
	for _, r := range b.coach.requests() {
		if want := coach.Platform("terminal"); r.From.Platform != want || r.Team != terminal.TeamOf("Demo") || r.Zone != "Europe/Berlin" {
			t.Errorf("request comes from %v in team %v, zone %q", r.From, r.Team, r.Zone)
		}
		if r.Admin != (r.From.User == "ada") {
			t.Errorf("%v is admin: %v", r.From, r.Admin)
		}
	}
}

func nop(*terminal.Options) {}

func TestRequestIDsAreNew(t *testing.T) {
	seen := make(map[string]bool)
	for range 2 {
		_, p := talk(t, "home\n1\nhome\n")
		for _, r := range p.requests() {
			if r.ID == "" || seen[r.ID] {
				t.Errorf("request id %q is empty or was used before", r.ID)
			}
			seen[r.ID] = true
		}
	}
}

func TestWeek(t *testing.T) {
	b := newBench(t, strings.Join([]string{
		"wait until monday 09:00", "2", "channel 1", "#general 1", "wait 3h", "dm 1", "press Post two", "home", "wait 2h", "messages", "as bob", "messages", "dm 1",
		"wait 7d", "wait until 2026-11-01", "wait 9999d", "wait until someday", "wait",
	}, "\n"))
	ctx := t.Context()
	team := terminal.TeamOf("Demo")
	send := func(to coach.Address, key string, m coach.Message) {
		if _, err := b.Send(ctx, to, key, m); err != nil {
			t.Errorf("Send %s: %v", key, err)
		}
	}
	trips := 0
	b.clock.onWay = func(context.Context, time.Time, time.Time) error {
		switch trips++; trips {
		case 1:
			send(coach.ChannelOf(team, "C1"), "n/1", message("Ask one more question.", "Post one", "Post two"))
			send(coach.ChannelOf(team, "C1"), "n/1", message("Ask one more question.", "Post one", "Post two"))
		case 2:
			send(coach.DirectTo(terminal.PersonOf("Demo", "ada")), "q/ada", message("How did it go?", "Well", "Hard"))
			send(coach.DirectTo(terminal.PersonOf("Demo", "bob")), "q/bob", message("How did it go, Bob?", "Bob well"))
		case 3:
			send(coach.ChannelOf(team, "C2"), "n/2", message("Another channel.\nAnd more.", "Thanks"))
		}
		return nil
	}
	coachtest.Golden(t, "week.txt", b.run(t))
	var got []string
	for _, r := range b.coach.requests() {
		got = append(got, fmt.Sprintf("%s %v shared=%v %s", r.From.User, r.Action.Args, r.Shared, r.At.Channel))
	}
	want := []string{
		"ada [Post two] shared=true C1", "ada [Post one] shared=true C1", "ada [Post one] shared=true C1",
		"ada [Well] shared=false ", "ada [Post two] shared=true C1", "ada [] shared=false ", "bob [Bob well] shared=false ",
	}
	if !slices.Equal(got, want) {
		t.Errorf("pressed\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestForm(t *testing.T) {
	got, p := talk(t, strings.Join([]string{
		"settings", "2", "9", "Friday", "1 3", "nowhere at all", "first line", "second line", "",
		"Berlin", "home",
	}, "\n"))
	coachtest.Golden(t, "form.txt", got)
	if r := p.last(t); r.Action.Verb != "home" {
		t.Errorf("the line behind the form asked for %v", r.Action)
	}
	sent := p.requests()[2].Answers
	want := map[string]string{"channel": "C2", "day": "5", "days": "1,5", "zone": "Berlin", "words": "first line\nsecond line"}
	if !maps.Equal(sent, want) {
		t.Errorf("sent %q, want %q", sent, want)
	}
}

func TestFormKeepsAndEmpties(t *testing.T) {
	_, p := talk(t, "settings\n#random\n\n-\n\n\n")
	want := map[string]string{"channel": "C2", "day": "1", "days": "", "zone": "Europe/Berlin", "words": ""}
	if got := p.last(t).Answers; !maps.Equal(got, want) {
		t.Errorf("sent %q, want %q", got, want)
	}
}

func TestFormLimits(t *testing.T) {
	long := strings.Repeat("é", 61)
	got, p := talk(t, "settings\n\n1\n\n\n"+long+"\n"+"Berlin\n\n")
	for _, want := range []string{"This one needs an answer.", "That is 61 characters; there is room for 60."} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is missing in\n%s", want, got)
		}
	}
	if zone := p.last(t).Answers["zone"]; zone != "Berlin" {
		t.Errorf("zone %q was sent, want Berlin", zone)
	}
}

func TestFormLeft(t *testing.T) {
	for name, typed := range map[string]string{
		"cancel":             "journal\ncancel\n",
		"cancel in the text": "journal\nhard day\nCancel\n",
		"end of input":       "journal\nhard day",
	} {
		t.Run(name, func(t *testing.T) {
			got, p := talk(t, typed)
			if !strings.Contains(got, "-- Left the form. Nothing was sent.") {
				t.Errorf("leaving is not answered kindly:\n%s", got)
			}
			if n := len(p.requests()); n != 1 {
				t.Errorf("%d requests, want only the one for the form", n)
			}
		})
	}
}

// Words that were found at fault wait behind the coach's own message.
func TestFormLeftAfterFault(t *testing.T) {
	got, p := talk(t, "settings\n1\n\n\nnowhere\n\ncancel\npress Edit\n")
	if !strings.Contains(got, "Not saved yet.") {
		t.Errorf("the message beside the faults is not shown:\n%s", got)
	}
	if r := p.last(t); r.Action.Verb != "draft" {
		t.Errorf("Edit asked for %v", r.Action)
	}
}

func TestGallery(t *testing.T) {
	for _, style := range []bool{false, true} {
		gallery, file := coachtest.Gallery(), "gallery.txt"
		b := newBench(t, "", func(o *terminal.Options) { o.Style = style })
		if style {
			file = "gallery-style.txt"
		}
		for _, name := range slices.Sorted(maps.Keys(gallery)) {
			if _, err := b.Send(t.Context(), coach.ChannelOf(terminal.TeamOf("Demo"), "C1"), name, gallery[name]); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
		got := b.written()
		coachtest.Golden(t, file, got)
		harmless(t, got, style)
	}
}

func TestHostileForm(t *testing.T) {
	forms := coachtest.Forms()
	words := strings.TrimSpace(coachtest.Hostile[strings.Index(coachtest.Hostile, "> q"):])
	b := newBench(t, "x\n"+words+"\n"+coachtest.Hostile+"\n")
	b.coach.extra["else"] = func(_ context.Context, r coach.Request) (coach.Reply, error) {
		f := forms["hostile"]
		return coach.Reply{Form: &f}, nil
	}
	b.coach.extra["plan"] = func(_ context.Context, r coach.Request) (coach.Reply, error) {
		return coach.Say(message(r.Answers["if"], "\x1b[2J")), nil
	}
	got := b.run(t)
	coachtest.Golden(t, "hostile-form.txt", got)
	harmless(t, got, false)
	if typed := b.coach.requests()[1].Answers["if"]; typed != words {
		t.Errorf("the coach was handed %q, want what was typed", typed)
	}
}

var sgr = regexp.MustCompile("\x1b\\[[0-9]{1,2}m")

// harmless fails if s holds anything that a terminal acts on, or a line that
// is wider than it should be.
func harmless(t *testing.T, s string, style bool) {
	t.Helper()
	if style {
		s = sgr.ReplaceAllString(s, "")
	}
	for i, line := range strings.Split(s, "\n") {
		for _, r := range line {
			if r < ' ' || r >= 0x7f && r < 0xa0 || r == 0x061c || r == 0x200e || r == 0x200f || r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069 {
				t.Errorf("line %d holds %U: %q", i+1, r, line)
			}
		}
		if n := len([]rune(line)); n > 84 && !strings.Contains(line, "> ") {
			t.Errorf("line %d is %d letters wide: %q", i+1, n, line)
		}
	}
}

func TestFiles(t *testing.T) {
	b := newBench(t, "data\ndata\n")
	got := b.run(t)
	for _, name := range []string{"data.json", "data-2.json"} {
		path := filepath.Join(b.Dir, name)
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode().Perm() != 0o600 {
			t.Errorf("%s has mode %v, want 0600", name, info.Mode())
		}
		if !strings.Contains(got, "Saved: FILES/"+name) {
			t.Errorf("the path of %s is not shown", name)
		}
	}
	got, _ = talk(t, "data\n", func(o *terminal.Options) { o.Dir = "" })
	if !strings.Contains(got, "(not saved: there is no folder for files here)") {
		t.Errorf("without a folder:\n%s", got)
	}
}

func TestPublicAnswer(t *testing.T) {
	got, p := talk(t, "in #random\nteam\nas bob\n1\nin dm\nteam\n")
	if !strings.Contains(got, "# random  Monday 23 November 2026, 08:00\n  An activity for everyone.") {
		t.Errorf("what everyone sees is not shown as a post:\n%s", got)
	}
	if n := strings.Count(got, "Rapport (only you)\n  An activity"); n != 1 {
		t.Errorf("%d private answers, want the one among direct messages", n)
	}
	r := p.requests()[1]
	if r.Action.Verb != "thanks" || !r.Shared || r.From.User != "bob" || r.At.Channel != "C2" {
		t.Errorf("the press on a shared message arrived as %+v", r)
	}
}

func TestReplaceOfDirectMessage(t *testing.T) {
	b := newBench(t, "dm 1\nhome\ndm 1\n")
	b.coach.extra["pressed"] = func(context.Context, coach.Request) (coach.Reply, error) {
		reply := coach.Say(message("Noted.", "Undo"))
		reply.Replace = true
		return reply, nil
	}
	if _, err := b.Send(t.Context(), coach.DirectTo(terminal.PersonOf("Demo", "ada")), "q", message("How did it go?", "Well")); err != nil {
		t.Fatal(err)
	}
	b.run(t)
	if got := b.coach.last(t).Action.Args; !slices.Equal(got, []string{"Undo"}) {
		t.Errorf("dm 1 pressed %q, want what took the place of the message", got)
	}
}

func TestSend(t *testing.T) {
	b := newBench(t, "")
	ctx := t.Context()
	general := coach.ChannelOf(terminal.TeamOf("Demo"), "C1")
	first, err := b.Send(ctx, general, "k", message("Once."))
	if err != nil {
		t.Fatal(err)
	}
	again, err := b.Send(ctx, general, "k", message("Once."))
	if err != nil || again != first || first == "" {
		t.Errorf("second Send = %q, %v; want %q", again, err, first)
	}
	if n := strings.Count(b.out.String(), "Once."); n != 1 {
		t.Errorf("shown %d times, want 1", n)
	}
	gone, cancel := context.WithCancel(ctx)
	cancel()
	for _, c := range []struct {
		name string
		ctx  context.Context
		to   coach.Address
		want coach.Fate
	}{
		{"other platform", ctx, coach.ChannelOf(coach.Team{Platform: "slack", ID: "Demo"}, "C1"), coach.Never},
		{"other team", ctx, coach.ChannelOf(terminal.TeamOf("Other"), "C1"), coach.Closed},
		{"no channel", ctx, coach.ChannelOf(terminal.TeamOf("Demo"), "C9"), coach.Closed},
		{"stranger", ctx, coach.DirectTo(terminal.PersonOf("Other", "ada")), coach.Closed},
		{"home page", ctx, coach.Address{Kind: coach.Home, Platform: "terminal"}, coach.Never},
		{"no kind", ctx, coach.Address{Platform: "terminal"}, coach.Never},
		{"ended", gone, general, coach.Later},
	} {
		_, err := b.Send(c.ctx, c.to, c.name, message("x"))
		var se *coach.SendError
		if !errors.As(err, &se) || se.Fate != c.want {
			t.Errorf("%s: %v, want fate %v", c.name, err, c.want)
		}
	}
}

// A broken is an output that went away.
type broken struct{}

func (broken) Write([]byte) (int, error) { return 0, io.ErrClosedPipe }

func TestBrokenOutput(t *testing.T) {
	b := newBench(t, "home\n", func(o *terminal.Options) { o.Out = broken{} })
	if err := b.Run(t.Context(), b.coach); !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("Run: %v, want the fault of the output", err)
	}
	_, err := b.Send(t.Context(), coach.ChannelOf(terminal.TeamOf("Demo"), "C1"), "k", message("x"))
	if fate, _ := coach.FateOf(err); err == nil || fate != coach.InDoubt {
		t.Errorf("Send: %v, want in doubt", err)
	}
}

func TestClockFails(t *testing.T) {
	b := newBench(t, "wait 1d\nhome\n")
	b.clock.advance = errors.New("secret detail")
	got := b.run(t)
	if !strings.Contains(strings.Join(strings.Fields(got), " "), "-- Something went wrong on the way, on my side. It is now Tuesday 24 November 2026, 08:00.") || strings.Contains(got, "secret") {
		t.Errorf("a clock that fails:\n%s", got)
	}
	if len(b.coach.requests()) != 1 {
		t.Error("the conversation did not go on")
	}
}

// Run ends with its context while it waits for a line, from a file and from
// anything that can be closed.
func TestContextEndsRun(t *testing.T) {
	file, fileEnd, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	defer fileEnd.Close()
	pipe, pipeEnd := io.Pipe()
	for name, in := range map[string]struct {
		r io.Reader
		w io.Writer
	}{"file": {file, fileEnd}, "pipe": {pipe, pipeEnd}} {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			heard := make(chan struct{})
			b := newBench(t, "", func(o *terminal.Options) { o.In = in.r })
			b.coach.extra["home"] = func(context.Context, coach.Request) (coach.Reply, error) {
				close(heard)
				return coach.Say(message("Hello.")), nil
			}
			ended := make(chan error, 1)
			go func() { ended <- b.Run(ctx, b.coach) }()
			if _, err := io.WriteString(in.w, "home\n"); err != nil {
				t.Fatal(err)
			}
			<-heard
			cancel()
			select {
			case err := <-ended:
				if err != nil {
					t.Errorf("Run: %v", err)
				}
			case <-time.After(10 * time.Second):
				t.Fatal("Run did not end with its context")
			}
		})
	}
}

func TestContextEndsAnswer(t *testing.T) {
	b := newBench(t, "home\nhome\n")
	ctx, cancel := context.WithCancel(t.Context())
	b.coach.extra["home"] = func(ctx context.Context, _ coach.Request) (coach.Reply, error) {
		cancel()
		<-ctx.Done()
		return coach.Reply{}, ctx.Err()
	}
	if err := b.Run(ctx, b.coach); err != nil {
		t.Errorf("Run: %v", err)
	}
	if n := len(b.coach.requests()); n != 1 {
		t.Errorf("%d requests, want 1", n)
	}
}

func TestFirst(t *testing.T) {
	got, p := talk(t, "1\n", func(o *terminal.Options) { o.First = "home" })
	if p.last(t).Action.Verb != "in" || strings.Count(got, "This week: let them finish") != 1 {
		t.Errorf("the first screen:\n%s", got)
	}
}

// Where what is typed shows by itself, it is not repeated.
func TestSeen(t *testing.T) {
	got, _ := talk(t, "help\n", func(o *terminal.Options) { o.Look = terminal.Look{Seen: true} })
	_, after, _ := strings.Cut(got, "leaves.\n")
	if want := "Ada in dm> Rapport (only you)\n  The coach's own help.\n\nAda in dm> \n"; after != want {
		t.Errorf("got %q, want %q", after, want)
	}
}

func TestLongLine(t *testing.T) {
	got, p := talk(t, strings.Repeat("a", 1<<20)+"\nhome\n")
	if n := len(p.requests()[0].Arg(0)); n != 16<<10 {
		t.Errorf("%d bytes of a long line reached the coach, want %d", n, 16<<10)
	}
	if p.last(t).Action.Verb != "home" || len(got) > 100<<10 {
		t.Errorf("the line behind a long one asked for %v", p.last(t).Action)
	}
}

func TestIncomplete(t *testing.T) {
	for name, change := range map[string]func(*terminal.Options){
		"no clock":   func(o *terminal.Options) { o.Clock = nil },
		"no people":  func(o *terminal.Options) { o.People = nil },
		"no channel": func(o *terminal.Options) { o.Channels = nil },
		"zone":       func(o *terminal.Options) { o.Zone = "Nowhere/Land" },
	} {
		b := newBench(t, "", change)
		if err := b.Run(t.Context(), b.coach); err == nil {
			t.Errorf("%s: Run went ahead", name)
		}
	}
}

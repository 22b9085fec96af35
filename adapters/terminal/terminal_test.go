package terminal_test

import (
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
	"testing"
	"time"

	"rapport/adapters/terminal"
	"rapport/coach"
	"rapport/coach/coachtest"
)

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

// Words that were found at fault wait behind the coach's own message.
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

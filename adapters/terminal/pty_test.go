//go:build linux

package terminal_test

import (
	"context"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"rapport/adapters/terminal"
	"rapport/coach"
)

// A tty is a person at a terminal: the far end of the adapter's.
type tty struct {
	*bench
	t      *testing.T
	person *os.File // types and reads
	near   *os.File // what the adapter has
	ended  chan error

	mu   sync.Mutex
	more *sync.Cond
	got  string
	shut bool
	seen int // of got, by see
}

// open gives b a terminal of that many columns.
func open(t *testing.T, columns uint16) *tty {
	t.Helper()
	fd, err := unix.Open("/dev/ptmx", unix.O_RDWR|unix.O_NOCTTY|unix.O_CLOEXEC|unix.O_NONBLOCK, 0)
	if err != nil {
		t.Skipf("no terminals here: %v", err)
	}
	p := &tty{t: t, person: os.NewFile(uintptr(fd), "person"), ended: make(chan error, 1)}
	p.more = sync.NewCond(&p.mu)
	n, err := unix.IoctlGetInt(fd, unix.TIOCGPTN)
	if err != nil {
		t.Fatal(err)
	}
	if err := unix.IoctlSetPointerInt(fd, unix.TIOCSPTLCK, 0); err != nil {
		t.Fatal(err)
	}
	if err := unix.IoctlSetWinsize(fd, unix.TIOCSWINSZ, &unix.Winsize{Row: 24, Col: columns}); err != nil {
		t.Fatal(err)
	}
	if p.near, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", n), os.O_RDWR|unix.O_NOCTTY, 0); err != nil {
		t.Fatal(err)
	}
	read := make(chan struct{})
	go func() { defer close(read); p.listen() }()
	t.Cleanup(func() {
		p.near.Close()
		p.person.Close()
		<-read
	})
	p.bench = newBench(t, "", func(o *terminal.Options) {
		o.In, o.Out = p.near, p.near
		o.Look = terminal.LookOf(p.near, p.near, func(string) string { return "" })
	})
	return p
}

func (p *tty) listen() {
	b := make([]byte, 4096)
	for {
		n, err := p.person.Read(b)
		p.mu.Lock()
		p.got += string(b[:n])
		p.shut = err != nil
		p.mu.Unlock()
		p.more.Broadcast()
		if err != nil {
			return
		}
	}
}

// start runs the adapter until ctx ends or the person leaves.
func (p *tty) start(ctx context.Context) *tty {
	go func() { p.ended <- p.Run(ctx, p.coach) }()
	return p
}

// see waits until the terminal shows words behind what was seen before, and
// returns everything in between.
func (p *tty) see(words string) string {
	p.t.Helper()
	late := time.AfterFunc(20*time.Second, func() { p.mu.Lock(); p.shut = true; p.mu.Unlock(); p.more.Broadcast() })
	defer late.Stop()
	p.mu.Lock()
	defer p.mu.Unlock()
	for {
		if i := strings.Index(p.got[p.seen:], words); i >= 0 {
			part := p.got[p.seen : p.seen+i+len(words)]
			p.seen += i + len(words)
			return part
		}
		if p.shut {
			p.t.Fatalf("%q does not show. There is %q", words, p.got[p.seen:])
		}
		p.more.Wait()
	}
}

// press presses keys.
func (p *tty) press(keys string) {
	p.t.Helper()
	if _, err := io.WriteString(p.person, keys); err != nil {
		p.t.Fatal(err)
	}
}

// end waits for Run.
func (p *tty) end() {
	p.t.Helper()
	select {
	case err := <-p.ended:
		if err != nil {
			p.t.Errorf("Run: %v", err)
		}
	case <-time.After(20 * time.Second):
		p.t.Fatal("Run did not end")
	}
}

const (
	prompt = "Ada in dm> "
	up     = "\x1b[A"
	enter  = "\r"
	ctrlC  = "\x03"
	ctrlD  = "\x04"
)

// verbs is what the coach was asked, in words.
func verbs(p *parrot) []string {
	var out []string
	for _, r := range p.requests() {
		out = append(out, strings.TrimSpace(r.Action.Verb+" "+strings.Join(r.Action.Args, " ")))
	}
	return out
}

func TestCompletion(t *testing.T) {
	p := open(t, 80).start(t.Context())
	p.see(prompt)
	p.press("se\t")
	p.see("settings")
	p.press("\x15st\t") // Ctrl-U empties the line
	for _, listed := range []string{"step 1", "about step 1", "step 2", "about step 2", prompt, "step "} {
		p.see(listed)
	}
	p.press("\t")
	p.see("1")
	p.press("\t")
	p.see("2")
	p.press("\t")
	p.see("1")
	p.press(enter)
	p.see("Step 1.")
	p.see(prompt)
	p.press("/rapport hel\t" + enter)
	p.see("The coach's own help.")
	p.see(prompt)
	p.press("home" + enter)
	p.see("[3]")
	p.see(prompt)
	p.press("press jo\t")
	p.see("press Journal")
	p.press("\x15zzz\t\x15in #r\t" + enter)
	p.see("You are in #random now.")
	p.see("Ada in #random> ")
	p.press(ctrlD)
	p.end()
	if got, want := verbs(p.coach), []string{"step 1", "help", "home"}; !slices.Equal(got, want) {
		t.Errorf("the coach was asked %q, want %q", got, want)
	}
}

func TestHistory(t *testing.T) {
	p := open(t, 80).start(t.Context())
	p.see(prompt)
	p.press("step 2" + enter)
	p.see("Step 2.")
	p.see(prompt)
	p.press("journal" + enter)
	p.see("\n> ")
	p.press("a hard day" + enter)
	p.see("\n> ")
	p.press(enter)
	p.see("Kept: a hard day")
	p.see(prompt)
	p.press(up + up + enter) // over "journal" to "step 2": answers are not remembered
	p.see("Step 2.")
	p.see(prompt)
	p.press("as bob" + enter)
	p.see("bob in dm> ")
	p.press(up + "home" + enter) // what Ada typed is hers
	p.see("This week")
	p.see("bob in dm> ")
	p.press("quit" + enter)
	p.see("Bye for now.")
	p.end()
	if got, want := verbs(p.coach), []string{"step 2", "journal", "write s3.prompt.surprise  m1", "step 2", "home"}; !slices.Equal(got, want) {
		t.Errorf("the coach was asked %q, want %q", got, want)
	}
}

// An answer that is too long comes back with the arrow key.
func TestHistoryInForm(t *testing.T) {
	p := open(t, 80).start(t.Context())
	p.see(prompt)
	p.press("settings" + enter)
	for _, typed := range []string{"1", "", "", strings.Repeat("e", 61)} {
		p.see("\n> ")
		p.press(typed + enter)
	}
	p.see("there is room for 60.")
	p.see("\n> ")
	p.press(up + "\x17Berlin\t" + enter) // Ctrl-W takes the word away, Tab does nothing here
	p.see("\n> ")
	p.press(enter)
	p.see("Saved")
	p.see(prompt)
	p.press(ctrlC)
	p.end()
	if got := p.coach.last(t).Answers["zone"]; got != "Berlin" {
		t.Errorf("zone %q was sent, want Berlin", got)
	}
}

// A message that comes while somebody types stands above what they typed.
func TestSendWhileTyping(t *testing.T) {
	p := open(t, 80).start(t.Context())
	p.see(prompt)
	p.press("first 1:1 with")
	p.see("with")
	if _, err := p.Send(t.Context(), coach.ChannelOf(terminal.TeamOf("Demo"), "C1"), "k", message("Ask one more.", "I'm in")); err != nil {
		t.Fatal(err)
	}
	p.see("Ask one more.")
	p.see("[#general 1] I'm in")
	p.see(prompt + "first 1:1 with")
	p.press(" my boss" + enter)
	p.see("first 1:1 with my boss\"].")
	p.see(prompt)
	p.press("1" + enter) // the answer has no buttons, so 1 is for the coach
	p.see("Step 1.")
	p.see(prompt)
	p.press(ctrlD)
	p.end()
}

func TestLateAnswer(t *testing.T) {
	p := open(t, 80)
	slow := make(chan struct{})
	p.coach.extra["home"] = func(context.Context, coach.Request) (coach.Reply, error) {
		<-slow
		return coach.Say(message("Here I am.")), nil
	}
	p.start(t.Context())
	p.see(prompt)
	p.press("home" + enter)
	p.see("-- One moment.")
	close(slow)
	p.see("Here I am.")
	p.see(prompt)
	p.press(ctrlD)
	p.end()
}

func TestEndInForm(t *testing.T) {
	p := open(t, 80).start(t.Context())
	p.see(prompt)
	p.press("journal" + enter)
	p.see("\n> ")
	p.press(ctrlD)
	p.see("-- Left the form. Nothing was sent.")
	p.end()
}

// Letters that could mislead are not even taken from the keyboard, and nothing
// but looks and cursor moves of our own reaches the terminal.
func TestHostileKeys(t *testing.T) {
	p := open(t, 80).start(t.Context())
	p.see(prompt)
	p.press("step \u202e3\u009b31m" + enter)
	p.see("Step 3")
	p.see(prompt)
	p.press(ctrlD)
	p.end()
	p.mu.Lock()
	defer p.mu.Unlock()
	if strings.ContainsAny(p.got, "\u202e\u009b") {
		t.Errorf("hostile letters are echoed: %q", p.got)
	}
}

func TestTerminalIsPutBack(t *testing.T) {
	p := open(t, 40)
	fd := int(p.near.Fd())
	before, err := unix.IoctlGetTermios(fd, unix.TCGETS)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	p.start(ctx)
	p.see(prompt)
	during, err := unix.IoctlGetTermios(fd, unix.TCGETS)
	if err != nil {
		t.Fatal(err)
	}
	if during.Lflag&unix.ICANON != 0 {
		t.Error("no raw mode while a line is edited")
	}
	cancel()
	p.end()
	after, err := unix.IoctlGetTermios(fd, unix.TCGETS)
	if err != nil {
		t.Fatal(err)
	}
	if *after != *before {
		t.Errorf("terminal modes are %+v, want %+v", *after, *before)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, line := range strings.Split(p.got, "\n") {
		if n := len([]rune(strings.TrimRight(sgr.ReplaceAllString(line, ""), "\r"))); n > 40 {
			t.Errorf("a line of %d letters on a terminal of 40: %q", n, line)
		}
	}
}

func TestLookOfTerminal(t *testing.T) {
	p := open(t, 80)
	for _, c := range []struct {
		env  map[string]string
		want terminal.Look
	}{
		{nil, terminal.Look{Edit: true, Style: true, Seen: true}},
		{map[string]string{"NO_COLOR": "1"}, terminal.Look{Edit: true, Seen: true}},
		{map[string]string{"TERM": "dumb"}, terminal.Look{Seen: true}},
	} {
		if got := terminal.LookOf(p.near, p.near, func(k string) string { return c.env[k] }); got != c.want {
			t.Errorf("with %v: %+v, want %+v", c.env, got, c.want)
		}
	}
}

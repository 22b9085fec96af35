package main

import (
	"context"
	"database/sql"
	"flag"
	"fmt"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
)

// A site is the whole program on a chat platform of our own, on a clock that is
// moved by hand: nothing is delivered but by to.
type site struct {
	*testing.T
	env  Env
	cfg  *Config
	st   *store
	h    *house
	hand *clock
	log  *lockedBuffer
	over context.CancelFunc
	ran  chan error // what Run returned

	opened func() // is called before the surface runs, if it is there
}

func newSite(t *testing.T, at time.Time) site {
	log := &lockedBuffer{}
	return site{T: t, hand: standingClock(at), log: log, env: Env{Dir: t.TempDir(), Getenv: func(string) string { return "" }, Stdout: log, Stderr: log}}
}

// open opens the program on what it left behind. more is the platform's section
// of the configuration.
func (o *site) open(more string) {
	o.Helper()
	writeFile(o.T, filepath.Join(o.env.Dir, "config.toml"), quietConfig+more+"[log]\nlevel = \"debug\"\n")
	var err error
	if o.cfg, err = LoadConfig(o.env, ""); err != nil {
		o.Fatal(err)
	}
	o.cfg.Log.secrets = nil // so that one in the log would show
	if o.st, err = openStore(o.Context(), o.env, o.cfg, databasePath(o.env, o.cfg), o.hand.Now); err != nil {
		o.Fatal(err)
	}
	if o.h, err = build(o.env, o.cfg, o.st, o.hand.Now, newLogger(o.log, o.cfg.Log)); err != nil {
		o.Fatal(err)
	}
	o.hand.walk = o.h.runner.Walk
	if o.opened != nil {
		o.opened()
	}
}

// run runs the surface until it takes what people do.
func (o *site) run(a chatAdapter) {
	o.Helper()
	ctx, over := context.WithCancel(context.Background())
	o.over, o.ran = over, make(chan error, 1)
	go func() { o.ran <- a.Run(ctx, o.h.handler) }()
	await(o.T, "the program takes requests", func() bool { return a.Ready(ctx) == nil })
}

// ended waits until Run has ended and closes what the program had open.
func (o *site) ended() error {
	o.Helper()
	defer o.over()
	var err error
	select {
	case err = <-o.ran:
	case <-time.After(patience):
		o.Fatal("the program does not end")
	}
	o.ran = nil
	if e := o.st.Close(); e != nil {
		o.Error(e)
	}
	return err
}

// stop ends the program as a supervisor does.
func (o *site) stop() {
	o.Helper()
	o.over()
	if err := o.ended(); err != nil {
		o.Errorf("Run: %v", err)
	}
}

// to moves the clock to an instant and delivers what is due on the way.
func (o *site) to(at time.Time) {
	o.Helper()
	if err := o.hand.Advance(o.Context(), at); err != nil {
		o.Fatal(err)
	}
}

// on moves the clock on.
func (o *site) on(d time.Duration) { o.Helper(); o.to(o.hand.Now().Add(d)) }

// locked keeps everybody else from writing to the database until the returned
// function is called.
func (o *site) locked() (release func()) {
	o.Helper()
	db, err := sql.Open("sqlite", "file:"+databasePath(o.env, o.cfg))
	if err != nil {
		o.Fatal(err)
	}
	conn, err := db.Conn(context.Background())
	if err != nil {
		o.Fatal(err)
	}
	if _, err := conn.ExecContext(context.Background(), "BEGIN IMMEDIATE"); err != nil {
		o.Fatal(err)
	}
	return func() {
		if _, err := conn.ExecContext(context.Background(), "ROLLBACK"); err != nil {
			o.Error(err)
		}
		conn.Close()
		db.Close()
	}
}

// rested forgets who asked how often.
func rested(h *house) {
	l := h.handler.(*logging).next.(*measuring).Handler.(*limiting)
	l.people.forget()
	l.teams.forget()
}

func (t *turns[K]) forget() {
	t.mu.Lock()
	defer t.mu.Unlock()
	clear(t.now)
	clear(t.old)
}

// long has tests that wait for much go through all of it.
var long = flag.Bool("long", false, "let troubles be met for as long as it takes")

// alone demands that a test which no other runs beside leaves no goroutine
// behind.
func alone(t *testing.T) {
	t.Helper()
	here := goleak.IgnoreCurrent()
	t.Cleanup(func() { goleak.VerifyNone(t, here) })
}

// untilSmooth lives a story, and again while the machine was so slow that an
// answer was put off, as slow tells of what people saw: then they see a line
// more. It returns what they saw.
func untilSmooth(t *testing.T, slow func(saw string) bool, live func(t *testing.T) string) (saw string) {
	t.Helper()
	for try := range 4 {
		if !t.Run(fmt.Sprintf("try %d", try+1), func(t *testing.T) { saw = live(t) }) {
			t.FailNow()
		}
		if !slow(saw) {
			return saw
		}
	}
	t.Skip("the machine is too slow to say what people see when it is not")
	return ""
}

// settled is a transcript without what is another each time: names that are
// drawn at random, in the order of which drafts stand; and an App Home that is
// made anew beside the answer in a window, which may come before or after it.
func settled(saw string) string {
	saw = regexp.MustCompile(`\b[0-9a-f]{16}\b`).ReplaceAllString(saw, "0123456789abcdef")
	saw = regexp.MustCompile("(?s)(\"drafts\": \\[\n).*?(\n +(```|Everything that is kept))").ReplaceAllString(saw, "$1      ...$2")
	var entries []string
	for part := range strings.SplitSeq(saw, "\n\n") {
		n := len(entries) - 1
		if n >= 0 && strings.HasPrefix(entries[n], "= Home of ") && strings.HasPrefix(part, "= the window of ") {
			entries = append(entries[:n], part, entries[n])
			continue
		}
		entries = append(entries, part)
	}
	return strings.Join(entries, "\n\n")
}

// monday is a Monday at nine in Berlin, in winter.
var monday = time.Date(2027, 3, 15, 8, 0, 0, 0, time.UTC)

package main

import (
	"context"
	"fmt"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"rapport/coach"
	"rapport/coach/streak"
)

// A postbox is a surface that keeps what it is sent.
type postbox struct {
	mu  sync.Mutex
	got []post
}

type post struct {
	to  coach.Address
	key string
	m   coach.Message
}

const postal coach.Platform = "postbox"

func (p *postbox) Name() coach.Platform { return postal }

func (p *postbox) Run(ctx context.Context, _ coach.Handler) error { <-ctx.Done(); return nil }

func (p *postbox) Send(_ context.Context, to coach.Address, key string, m coach.Message) (string, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if err := m.Check(); err != nil {
		return "", &coach.SendError{Fate: coach.Never, Err: err}
	}
	p.got = append(p.got, post{to: to, key: key, m: m})
	return "ref", nil
}

// take returns what came since the last call.
func (p *postbox) take() []post {
	p.mu.Lock()
	defer p.mu.Unlock()
	got := p.got
	p.got = nil
	return got
}

// A life is a house with a postbox, a clock moved by hand, and people.
type life struct {
	*testing.T
	h    *house
	box  *postbox
	hand *clock
	team coach.Team
	n    int
}

var lifeStart = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC) // a Sunday

func newLife(t *testing.T) *life {
	t.Helper()
	env := Env{Dir: t.TempDir(), Getenv: func(string) string { return "" }, Stdout: t.Output(), Stderr: t.Output()}
	cfg, err := LoadConfig(env, "")
	if err != nil {
		t.Fatal(err)
	}
	hand := standingClock(lifeStart)
	s, err := openStore(t.Context(), env, cfg, filepath.Join(env.Dir, "life.db"), hand.Now)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	h, err := build(env, cfg, s, hand.Now, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	hand.walk = h.runner.Walk
	l := &life{T: t, h: h, box: &postbox{}, hand: hand, team: coach.Team{Platform: postal, ID: "T1"}}
	h.join(l.box, local())
	return l
}

// open sets the team up as an admin does.
func (l *life) open(zone string) {
	l.Helper()
	l.do("ada", coach.Do("setup"), map[string]string{"channel": "general", "day": "1", "hour": "540", "zone": zone, "audience": "work"})
	l.do("ada", coach.Do("setup", "start"), nil)
	l.to(l.hand.Now().Add(time.Minute))
	l.box.take()
}

func (l *life) do(who string, a coach.Action, answers map[string]string) coach.Reply {
	l.Helper()
	l.n++
	reply, err := l.h.coach.Handle(l.Context(), coach.Request{
		ID: fmt.Sprint("q", l.n), From: coach.Person{Platform: postal, Realm: "T1", User: who}, Team: l.team,
		At: coach.ChannelOf(l.team, "general"), Action: a, Answers: answers, Zone: "Europe/Berlin", Admin: who == "ada",
	})
	if err != nil {
		l.Fatal(err)
	}
	return reply
}

// press presses the button that begins like this.
func (l *life) press(who string, m *coach.Message, label string) coach.Reply {
	l.Helper()
	for _, b := range m.Buttons {
		if strings.HasPrefix(b.Label, label) {
			return l.do(who, b.Action, nil)
		}
	}
	l.Fatalf("no button %q under %q", label, m.Fallback())
	return coach.Reply{}
}

func (l *life) to(at time.Time) {
	l.Helper()
	if err := l.hand.Advance(l.Context(), at); err != nil {
		l.Fatal(err)
	}
}

// TestOnlyPressing lives a year with someone who only presses the buttons they
// are shown: every week that had a nudge is kept, and no week brought more than
// one direct message.
func TestOnlyPressing(t *testing.T) {
	l := newLife(t)
	l.open("Europe/Berlin")
	first := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	var texts []string
	var steps []int
	for week := range 52 {
		l.to(first.AddDate(0, 0, 7*week))
		posts := l.box.take()
		if len(posts) != 1 || posts[0].to.Kind != coach.InChannel {
			t.Fatalf("week %d: %d posts, want one nudge", week, len(posts))
		}
		nudge, _ := l.h.coach.Edition().Nudge(posts[0].m.Buttons[0].Action.Args[0])
		texts, steps = append(texts, nudge.ID), append(steps, nudge.Step)
		when := l.press("bob", &posts[0].m, "I'm in")
		ask := l.press("bob", when.Message, "Thursday")
		l.press("bob", ask.Message, "Yes, Thursday")
		l.to(first.AddDate(0, 0, 7*week+5))
		asked := l.box.take()
		if len(asked) != 1 || asked[0].to.Kind != coach.Direct || asked[0].to.Person.User != "bob" {
			t.Fatalf("week %d: %d messages by Saturday, want one question to bob", week, len(asked))
		}
		l.press("bob", &asked[0].m, "Well")
		l.press("bob", &asked[0].m, "Well") // twice
	}
	self, err := l.h.db.Self(t.Context(), coach.Person{Platform: postal, Realm: "T1", User: "bob"})
	if err != nil {
		t.Fatal(err)
	}
	ledger := self.Ledger.Advance(streak.DateOf(l.hand.Now()))
	if ledger.Kept != 52 || ledger.Run != 52 {
		t.Errorf("kept %d weeks, %d in a row; want 52 and 52", ledger.Kept, ledger.Run)
	}
	for _, w := range ledger.Weeks {
		if w.Count > 1 {
			t.Errorf("week %s counts %d, want 1", w.Start, w.Count)
		}
	}
	if want := []int{2, 3, 5, 4, 1, 6}; !slices.Equal(steps[:6], want) {
		t.Errorf("the first six weeks show steps %v, want %v", steps[:6], want)
	}
	checkTexts(t, l, texts)
}

// checkTexts demands that no text came again while its topic had unused ones.
func checkTexts(t *testing.T, l *life, texts []string) {
	t.Helper()
	used := make(map[string]map[string]bool)
	for week, id := range texts {
		n, _ := l.h.coach.Edition().Nudge(id)
		topic, _ := l.h.coach.Edition().Topic(n.Topic)
		seen := used[n.Topic]
		if seen == nil {
			seen = make(map[string]bool)
			used[n.Topic] = seen
		}
		if seen[id] && len(seen) < len(topic.Nudges) {
			t.Errorf("week %d repeats %s with %d of %d used", week, id, len(seen), len(topic.Nudges))
		}
		if seen[id] {
			clear(seen)
		}
		seen[id] = true
	}
}

// TestRhythms lives eight weeks on each rhythm: at most one message a local
// day, none on Quiet, and after silence the coach asks and then falls silent.
func TestRhythms(t *testing.T) {
	for rhythm, perWeek := range map[string]int{"quiet": 0, "weekly": 1, "some": 3, "daily": 5} {
		t.Run(rhythm, func(t *testing.T) {
			l := newLife(t)
			l.do("bob", coach.Do("rhythm"), map[string]string{"rhythm": rhythm, "hour": "540", "days": "1,2,3,4,5"})
			days := make(map[string]int)
			total := 0
			for day := range 56 {
				l.to(lifeStart.AddDate(0, 0, day+1))
				for _, p := range l.box.take() {
					days[l.hand.Now().Format(time.DateOnly)]++
					total++
					if !strings.Contains(p.m.Fallback(), "settings") && len(p.m.Buttons) != 3 {
						t.Errorf("no way to turn it down in %q", p.m.Fallback())
					}
				}
				l.do("bob", coach.Do("progress"), nil) // there, reading
			}
			for d, n := range days {
				if n > 1 {
					t.Errorf("%s brought %d messages", d, n)
				}
			}
			if total > 8*perWeek {
				t.Errorf("%d messages in eight weeks, want at most %d", total, 8*perWeek)
			}
			if rhythm == "daily" && total < 8*perWeek-2 {
				t.Errorf("%d messages in eight weeks of Daily", total)
			}
		})
	}
}

// TestSilenceIsAskedAbout lets nobody answer: each rhythm is asked about once,
// then slowed, and in the end nothing comes.
func TestSilenceIsAskedAbout(t *testing.T) {
	l := newLife(t)
	l.do("bob", coach.Do("rhythm"), map[string]string{"rhythm": "daily", "hour": "540", "days": "1,2,3,4,5"})
	asked, slowed, total, last := 0, 0, 0, 0
	for day := range 240 {
		l.to(lifeStart.AddDate(0, 0, day+1))
		for _, p := range l.box.take() {
			total, last = total+1, day
			switch text := p.m.Fallback(); {
			case strings.Contains(text, "still useful"):
				asked++
			case strings.Contains(text, "I will write less from here on"):
				slowed++
			}
		}
	}
	if asked != 2 || slowed != 2 || total > 30 || last > 120 {
		t.Errorf("asked %d times and slowed %d times in %d messages, the last on day %d", asked, slowed, total, last)
	}
}

// TestKillSwitch stops a team whose nudge is queued already.
func TestKillSwitch(t *testing.T) {
	l := newLife(t)
	l.open("Europe/Berlin")
	home := l.do("bob", coach.Do("home"), nil)
	ask := l.press("bob", l.press("bob", home.Message, "I'm in").Message, "Tomorrow")
	l.press("bob", ask.Message, "Yes")
	l.do("ada", coach.Do("stop", "yes"), nil)
	l.to(lifeStart.AddDate(0, 0, 30))
	if got := l.box.take(); len(got) != 0 {
		t.Errorf("a stopped team got %d posts", len(got))
	}
	l.do("ada", coach.Do("stop", "no"), nil)
	l.to(lifeStart.AddDate(0, 0, 37))
	got := l.box.take()
	if len(got) != 1 {
		t.Fatalf("a started team got %d posts in a week, want 1", len(got))
	}
	if n, _ := l.h.coach.Edition().Nudge(got[0].m.Buttons[0].Action.Args[0]); n.Step != 2 {
		t.Errorf("the first post after the stop is on step %d: the weeks stopped were used up", n.Step)
	}
}

// TestEraseStopsWhatIsPlanned asks for a question and erases everything.
func TestEraseStopsWhatIsPlanned(t *testing.T) {
	l := newLife(t)
	l.open("Europe/Berlin")
	home := l.do("bob", coach.Do("home"), nil)
	ask := l.press("bob", l.press("bob", home.Message, "I'm in").Message, "Tomorrow")
	l.press("bob", ask.Message, "Yes")
	l.do("bob", coach.Do("erase", "yes"), nil)
	l.to(lifeStart.AddDate(0, 0, 14))
	for _, p := range l.box.take() {
		if p.to.Kind == coach.Direct {
			t.Errorf("an erased person got %q", p.m.Fallback())
		}
	}
}

// TestReminder asks to see a line again in a month: one neutral message.
func TestReminder(t *testing.T) {
	l := newLife(t)
	form := l.do("bob", coach.Do("write"), nil)
	kept := l.do("bob", form.Form.Action, map[string]string{"words": "Zebra-secret words."})
	l.press("bob", kept.Message, "Remind me")
	l.to(lifeStart.AddDate(0, 0, 40))
	got := l.box.take()
	if len(got) != 1 || strings.Contains(got[0].m.Fallback()+got[0].m.NoticeLine(), "Zebra") {
		t.Fatalf("got %+v, want one neutral message", got)
	}
}

// TestBreaksAreNeutral lives over a season break of the team and over a pause
// of a person: neither costs a week, nothing is sent, and the first message
// after the pause says that it is over, once.
func TestBreaksAreNeutral(t *testing.T) {
	l := newLife(t)
	l.open("Europe/Berlin")
	l.do("ada", coach.Do("moresetup"), map[string]string{"who": "admins", "start": "1", "help": "", "from": "2026-12-14", "until": "2027-01-03"})
	keep := func() {
		done := l.do("bob", coach.Do("done"), nil)
		l.press("bob", done.Message, "Well")
	}
	for week := range 3 {
		l.to(lifeStart.AddDate(0, 0, 7*week+3))
		keep()
	}
	l.box.take()
	l.to(time.Date(2027, 1, 3, 22, 0, 0, 0, time.UTC))
	if got := l.box.take(); len(got) != 0 {
		t.Errorf("%d posts in the break", len(got))
	}
	l.to(time.Date(2027, 1, 6, 12, 0, 0, 0, time.UTC))
	keep()
	ledger := func() streak.Ledger {
		self, err := l.h.db.Self(t.Context(), coach.Person{Platform: postal, Realm: "T1", User: "bob"})
		if err != nil {
			t.Fatal(err)
		}
		return self.Ledger.Advance(streak.DateOf(l.hand.Now()))
	}
	if got := ledger(); got.Run != 4 || got.Rest != 2 {
		t.Errorf("after the break: %d in a row, %d rest weeks; want 4 and 2", got.Run, got.Rest)
	}

	l.do("bob", coach.Do("rhythm"), map[string]string{"rhythm": "daily", "hour": "540", "days": "1,2,3,4,5"})
	l.do("bob", coach.Do("pause", "change"), map[string]string{"from": "2027-01-11", "until": "2027-01-24"})
	l.to(time.Date(2027, 1, 10, 22, 0, 0, 0, time.UTC))
	l.box.take()
	direct := func() (n int, said string) {
		for _, p := range l.box.take() {
			if p.to.Kind == coach.Direct {
				n++
				said += p.m.Fallback()
			}
		}
		return n, said
	}
	l.to(time.Date(2027, 1, 24, 22, 0, 0, 0, time.UTC))
	if n, _ := direct(); n != 0 {
		t.Errorf("%d messages in the pause", n)
	}
	l.to(time.Date(2027, 1, 31, 22, 0, 0, 0, time.UTC))
	n, said := direct()
	if n == 0 || strings.Count(said, "pause is over") != 1 {
		t.Errorf("%d messages in the week after, which say so %d times; want once", n, strings.Count(said, "pause is over"))
	}
	keep()
	if got := ledger(); got.Run != 5 {
		t.Errorf("after the pause: %d in a row, want 5", got.Run)
	}
}

package slack

import (
	"bytes"
	"context"
	"net"
	"testing"
	"time"

	slackgo "github.com/slack-go/slack"

	"rapport/adapters/slack/slacktest"
	"rapport/coach"
	"rapport/coach/coachtest"
)

// A conversation by each of the ways that Slack's payloads come, through all of
// the Adapter: in time, and late.
func TestTalk(t *testing.T) {
	for _, way := range []string{"sockets", "HTTP"} {
		t.Run(way, func(t *testing.T) {
			t.Parallel()
			s := slacktest.New(t, slacktest.Setup{})
			o := Options{BotToken: s.BotToken(), APIURL: s.APIURL(), Notify: func(n Notice) {
				if n.Err != nil {
					t.Errorf("%s: %v", n.What, n.Err)
				}
			}}
			if way == "HTTP" {
				l, err := net.Listen("tcp", "127.0.0.1:0")
				if err != nil {
					t.Fatal(err)
				}
				o.Listener, o.SigningSecret = l, s.SigningSecret()
				s.Use(s.Web("http://" + l.Addr().String() + webPath))
			} else {
				o.AppToken = s.AppToken()
			}
			a := New(o)
			ctx, end := context.WithCancel(t.Context())
			ended := make(chan error, 1)
			slow := make(chan time.Duration, 1)
			slow <- 0
			go func() { ended <- a.Run(ctx, paced{newCoach(t), slow}) }()
			if !s.Wait(5*time.Second, func() bool { return a.Ready(ctx) == nil }) && a.Ready(ctx) != nil {
				t.Fatal(a.Ready(ctx))
			}
			talk(s)
			<-slow
			slow <- coach.AckWait + 10*time.Millisecond
			talk(s)
			end()
			if err := <-ended; err != nil {
				t.Errorf("Run: %v", err)
			}
			s.Demand()
		})
	}
}

// talk is what Ben does in a minute.
func talk(s *slacktest.Slack) {
	ben := s.Person("Ben").In("general")
	ben.Command("/rapport step 3")
	m := ben.WaitMessage("Step 3")
	ben.Press(m, m.Buttons()[0])
	ben.WaitMessage("")
	ben.Command("/rapport settings")
	ben.Press(ben.WaitMessage("Your settings"), "Place and habits")
	ben.Submit(ben.WaitModal("Where are you?"), map[string]string{"zone": "Tokyo"})
	ben.WaitModal("Saved.")
	ben.CloseModal()
	ben.OpenHome()
	ben.Press(ben.WaitHome("This week"), "All six steps")
	ben.WaitModal("Be empathic")
	ben.CloseModal()
	ben.Shortcut("journal")
	ben.Submit(ben.WaitModal("A line for yourself"), map[string]string{"words": "fine"})
	ben.WaitModal("Kept.")
	ben.CloseModal()
}

// paced takes as long over each answer as slow holds.
type paced struct {
	coach.Handler
	slow chan time.Duration
}

func (p paced) Handle(ctx context.Context, r coach.Request) (coach.Reply, error) {
	d := <-p.slow
	p.slow <- d
	sleep(ctx, d)
	return p.Handler.Handle(ctx, r)
}

func newCoach(t *testing.T) *coach.Coach {
	t.Helper()
	now := func() time.Time { return monday }
	c, err := coach.New(coach.Options{Store: coachtest.NewMem(now), Lessons: coachtest.Edition(), Now: now, WeekStart: time.Monday})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// A command costs few allocations once the person is known, and no call.
func BenchmarkCommand(b *testing.B) {
	now := func() time.Time { return monday }
	c, err := coach.New(coach.Options{Store: coachtest.NewMem(now), Lessons: coachtest.Edition(), Now: now, WeekStart: time.Monday})
	if err != nil {
		b.Fatal(err)
	}
	d := newDesk(New(Options{}), installation{Team: "T1"}, c, b.Context())
	d.people.change("U1", facts{team: "T1", zone: "Europe/Berlin"})
	in := incoming{Command: &slackgo.SlashCommand{UserID: "U1", TeamID: "T1", ChannelID: "C1", Text: "3", TriggerID: "t.1"}}
	b.ReportAllocs()
	for b.Loop() {
		if a := d.take(b.Context(), in); !bytes.Contains(a.Body, []byte("Step 3")) {
			b.Fatalf("%s", a.Body)
		}
	}
}

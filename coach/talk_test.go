package coach_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"rapport/coach"
	"rapport/coach/coachtest"
)

var edition = coachtest.Edition()

// A talk is one person talking with a coach over an in-memory store.
type talk struct {
	*testing.T
	coach *coach.Coach
	store *coachtest.Mem
	now   time.Time
	who   coach.Person
	team  coach.Team
	zone  string
	admin bool
	n     int
}

// monday is a Monday morning in Berlin.
var monday = time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)

func newTalk(t *testing.T) *talk {
	t.Helper()
	k := &talk{T: t, now: monday, who: coach.Person{Platform: "test", Realm: "r", User: "ann"}, team: coach.Team{Platform: "test", ID: "r"}, zone: "Europe/Berlin"}
	k.store = coachtest.NewMem(k.clock)
	k.anew()
	return k
}

// anew starts another coach on the same store.
func (k *talk) anew() {
	k.Helper()
	var err error
	k.coach, err = coach.New(coach.Options{Store: k.store, Lessons: edition, Now: k.clock, WeekStart: time.Monday,
		Export: func(context.Context, coach.Person) ([]byte, error) { return []byte("{}"), nil }})
	if err != nil {
		k.Fatal(err)
	}
}

func (k *talk) clock() time.Time { return k.now }

// request is what the person does next.
func (k *talk) request(a coach.Action, answers map[string]string) coach.Request {
	k.n++
	return coach.Request{ID: fmt.Sprint("r", k.n), From: k.who, Team: k.team, At: coach.ChannelOf(k.team, "general"),
		Action: a, Answers: answers, Zone: k.zone, Admin: k.admin}
}

// send hands a request in and checks the reply against every limit.
func (k *talk) send(r coach.Request) coach.Reply {
	k.Helper()
	reply, err := k.coach.Handle(k.Context(), r)
	if err != nil {
		k.Fatalf("%s %q: %v", r.Action.Verb, r.Action.Args, err)
	}
	checkReply(k.T, r, reply)
	return reply
}

func checkReply(t *testing.T, r coach.Request, reply coach.Reply) {
	t.Helper()
	name := fmt.Sprintf("%s %q", r.Action.Verb, r.Action.Args)
	if (reply.Message == nil) == (reply.Form == nil) {
		t.Fatalf("%s: want a message or a form, got %+v", name, reply)
	}
	if reply.Form != nil {
		if err := reply.Form.Check(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if r.Answers != nil {
			t.Errorf("%s: a form was answered by a form", name)
		}
		return
	}
	if err := reply.Message.Check(); err != nil {
		t.Errorf("%s: %v", name, err)
	}
	if len(reply.Message.Buttons) == 0 && reply.Message.Choices == nil {
		t.Errorf("%s: no next step", name)
	}
	if reply.Public {
		t.Errorf("%s: a public reply", name)
	}
}

func (k *talk) say(text string) coach.Reply {
	k.Helper()
	return k.send(k.request(coach.Parse(text), nil))
}

// press does what the button whose label begins like this asks for.
func (k *talk) press(r coach.Reply, label string) coach.Reply {
	k.Helper()
	return k.send(k.request(button(k.T, r, label), nil))
}

func button(t *testing.T, r coach.Reply, label string) coach.Action {
	t.Helper()
	if r.Message == nil {
		t.Fatalf("no message to press %q on", label)
	}
	for _, b := range r.Message.Buttons {
		if strings.HasPrefix(b.Label, label) {
			return b.Action
		}
	}
	t.Fatalf("no button %q under:\n%s", label, r.Message.Fallback())
	return coach.Action{}
}

func (k *talk) fill(r coach.Reply, answers map[string]string) coach.Reply {
	k.Helper()
	if r.Form == nil {
		k.Fatalf("no form to fill")
	}
	return k.send(k.request(r.Form.Action, answers))
}

func wantText(t *testing.T, r coach.Reply, want ...string) {
	t.Helper()
	if r.Message == nil {
		t.Fatalf("no message; want %q", want)
	}
	got := r.Message.Title + "\n" + r.Message.Fallback()
	for _, w := range want {
		if !strings.Contains(got, w) {
			t.Errorf("got:\n%s\nwant it to say %q", got, w)
		}
	}
}

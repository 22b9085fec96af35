package components

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"rapport/coach"
	"rapport/coach/coachtest"
	"rapport/coach/curriculum"
)

// edition is the built-in one, read once: it is never written to.
var edition = func() *curriculum.Edition {
	base, err := curriculum.Builtin("en")
	if err != nil {
		panic(err)
	}
	ed, err := curriculum.Load(base)
	if err != nil {
		panic(err)
	}
	return ed
}()

// A talk is one person who asks for everything there is, each word and button
// once, and looks at every answer as it goes to Discord.
type talk struct {
	*testing.T
	coach  *coach.Coach
	now    time.Time
	admin  bool
	typed  string // goes into every input that takes text
	n      int
	seen   map[string]bool // actions
	said   map[string]bool // messages, as JSON
	queue  []coach.Action
	looked func(name string, v any) // told of everything that goes over the wire; may be nil
}

func newTalk(t *testing.T, admin bool, typed string) *talk {
	t.Helper()
	k := &talk{T: t, admin: admin, typed: typed, seen: make(map[string]bool), said: make(map[string]bool), now: time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)}
	clock := func() time.Time { return k.now }
	var err error
	k.coach, err = coach.New(coach.Options{Store: coachtest.NewMem(clock), Lessons: edition, Now: clock, WeekStart: time.Monday,
		Export: func(context.Context, coach.Person) ([]byte, error) { return []byte("{}"), nil }})
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// do asks for a, and fills what forms come.
func (k *talk) do(a coach.Action) {
	k.Helper()
	reply := k.handle(a, nil)
	for reply.Form != nil {
		answers := make(map[string]string)
		for _, in := range reply.Form.Inputs {
			answers[in.Name] = k.fill(in)
		}
		reply = k.handle(reply.Form.Action, answers)
	}
	for _, b := range reply.Message.Buttons {
		k.push(b.Action)
	}
	if s := reply.Message.Choices; s != nil {
		for _, o := range s.Options {
			k.push(o.Action)
		}
	}
}

func (k *talk) fill(in coach.Input) string {
	switch in.Kind {
	case coach.PickOne, coach.PickMany:
		return in.Options[len(in.Options)-1].Value
	case coach.PickChannel:
		return "1234567890"
	}
	good := map[string]string{"zone": "Lisbon", "from": "today", "until": "2 weeks"}
	if v, ok := good[in.Name]; ok {
		return v
	}
	return string([]rune(k.typed)[:min(len([]rune(k.typed)), in.Limit())])
}

func (k *talk) handle(a coach.Action, answers map[string]string) coach.Reply {
	k.Helper()
	k.n++
	team := coach.Team{Platform: "discord", ID: "42"}
	r := coach.Request{ID: fmt.Sprint(k.n), From: coach.Person{Platform: "discord", User: "77"}, Team: team,
		At: coach.ChannelOf(team, "1234567890"), Action: a, Answers: answers, Zone: "Europe/Berlin", Admin: k.admin}
	reply, err := k.coach.Handle(k.Context(), r)
	if err != nil {
		k.Fatalf("%s %q: %v", a.Verb, a.Args, err)
	}
	name := fmt.Sprintf("%s %q", a.Verb, a.Args)
	if reply.Form != nil {
		k.look(name, Form(*reply.Form))
		wholeForm(k.T, name, *reply.Form)
		sameWords(k.T, name, reply.Form.Lead)
	}
	if reply.Message != nil {
		k.message(name, *reply.Message)
	}
	return reply
}

func (k *talk) message(name string, m coach.Message) {
	k.Helper()
	b, err := json.Marshal(Message(m))
	if err != nil {
		k.Fatal(err)
	}
	if k.said[string(b)] {
		return
	}
	k.said[string(b)] = true
	k.look(name, Message(m))
	uncut(k.T, name, m)
	harmlessMessage(k.T, name, m)
}

func (k *talk) look(name string, v any) {
	k.Helper()
	check(k.T, name, v)
	if k.looked != nil {
		k.looked(name, v)
	}
}

// push asks for a later, unless something of its kind was asked for.
func (k *talk) push(a coach.Action) {
	args := make([]string, len(a.Args))
	for i, arg := range a.Args {
		args[i] = arg
		if len(arg) == 16 || strings.Trim(arg, "0123456789") == "" && a.Verb != "step" {
			args[i] = "#" // a row or a page
		}
	}
	key := a.Verb + " " + strings.Join(args, " ")
	if !k.seen[key] && a.Verb != "erase" {
		k.seen[key] = true
		k.queue = append(k.queue, a)
	}
}

// walk asks for everything that can be reached from what can be typed.
func (k *talk) walk() {
	for _, c := range coach.Commands() {
		if !c.Hidden {
			k.push(coach.Do(c.Verb))
			for _, p := range c.Params {
				for _, o := range p.Options {
					k.push(coach.Do(c.Verb, o.Value))
				}
			}
		}
	}
	k.push(coach.Parse(coachtest.Hostile))
	k.push(coach.Do("home", "me"))
	k.push(coach.Do("keep", "keep"))
	for ; len(k.queue) > 0 && k.n < 3000; k.queue = k.queue[1:] {
		k.do(k.queue[0])
	}
	k.do(coach.Do("erase"))
	k.do(coach.Do("erase", "yes"))
}

// items asks for every item of the curriculum, and has every post and direct
// message about one composed.
func (k *talk) items() {
	for _, topic := range edition.Topics() {
		for _, m := range topic.Missions {
			id := "try/2026-11-23/" + m.ID
			for _, a := range []coach.Action{coach.Do("why", m.ID), coach.Do("in", m.ID), coach.Do("done", id), coach.Do("did", id, "hard"), coach.Do("did", id, "no")} {
				k.handle(a, nil)
			}
			k.spoken("question", coach.Choice{Composer: "question", Items: []string{id}})
		}
		for _, n := range topic.Nudges {
			k.handle(coach.Do("why", n.ID), nil)
			k.handle(coach.Do("in", n.ID), nil)
			for _, composer := range []string{"nudge", "season", "round"} {
				k.spoken("nudge", coach.Choice{Composer: composer, Items: []string{n.ID}})
			}
		}
		for _, tip := range topic.Tips {
			k.handle(coach.Do("why", tip.ID, "gap"), nil)
			for _, p := range topic.Prompts {
				k.spoken("rhythm", coach.Choice{Composer: "reflection", Items: []string{tip.ID, "gap", p.ID, "back"}})
			}
		}
		for _, p := range topic.Prompts {
			k.handle(coach.Do("write", p.ID), nil)
		}
	}
	for _, a := range edition.Activities {
		k.handle(coach.Do("activity", a.ID), nil)
	}
	for _, g := range edition.Guards {
		for _, w := range g.Words {
			k.handle(coach.Parse("I think "+w+" today"), nil)
		}
	}
	k.spoken("nudge", coach.Choice{Composer: "goodbye"})
	k.spoken("rhythm", coach.Choice{Composer: "keep"})
	for _, kind := range []string{"introduction", "followup", "sample"} {
		k.spoken(kind, coach.Choice{Composer: kind})
	}
}

func (k *talk) spoken(kind string, c coach.Choice) {
	k.Helper()
	m, err := k.coach.Speakers()[kind].Compose(k.Context(), coach.Occasion{Kind: kind, Subject: "42", At: k.now,
		To: coach.Address{Kind: coach.InChannel, Team: coach.Team{Platform: "discord", ID: "42"}, Channel: "1234567890"}}, c)
	if err != nil {
		k.Fatalf("%s %v: %v", kind, c.Items, err)
	}
	k.message(fmt.Sprint(kind, c.Items), m)
}

// TestEverythingSaid checks whatever the coach says, with harmless and with
// hostile words typed into everything.
func TestEverythingSaid(t *testing.T) {
	hostile := strings.Repeat(coachtest.Hostile, 20)
	said := make(map[string]bool) // by all of them: most is the same
	for name, k := range map[string]*talk{
		"admin": newTalk(t, true, "A quiet start."), "silent": newTalk(t, true, ""), "hostile": newTalk(t, true, hostile), "member": newTalk(t, false, hostile),
	} {
		t.Run(name, func(t *testing.T) {
			k.T, k.said = t, said
			k.walk()
			if k.n < 100 {
				t.Errorf("only %d answers: the walk ended early", k.n)
			}
			t.Logf("%d answers, %d different messages so far", k.n, len(said))
		})
	}
}

func TestEveryItem(t *testing.T) {
	k := newTalk(t, true, "")
	k.items()
	if k.n < 200 {
		t.Errorf("only %d answers", k.n)
	}
	t.Logf("%d answers", k.n)
}

package coachtest

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"rapport/coach"
	"rapport/coach/curriculum"
)

// Edition is the built-in curriculum, read once: it is never to be written to.
var Edition = sync.OnceValue(func() *curriculum.Edition {
	base, err := curriculum.Builtin("en")
	if err != nil {
		panic(err)
	}
	ed, err := curriculum.Load(base)
	if err != nil {
		panic(err)
	}
	return ed
})

// A Walk is one person who asks a coach for everything there is, each word and
// each button once, and hands on every answer.
type Walk struct {
	*testing.T
	Who     coach.Person
	Team    coach.Team
	Channel string // where they are; also what they pick where a channel is asked for
	Admin   bool
	Typed   string // goes into every input that takes text

	Form    func(name string, f coach.Form)    // told of each form
	Message func(name string, m coach.Message) // told of each message, also of those that come again

	Answers int // so far

	coach *coach.Coach
	seen  map[string]bool // actions
	queue []coach.Action
}

// walkedOn is a Monday morning in Berlin.
var walkedOn = time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)

// Start makes the coach, with nobody known to it.
func (w *Walk) Start() {
	w.Helper()
	w.seen = make(map[string]bool)
	clock := func() time.Time { return walkedOn }
	var err error
	w.coach, err = coach.New(coach.Options{Store: NewMem(clock), Lessons: Edition(), Now: clock, WeekStart: time.Monday,
		Export: func(context.Context, coach.Person) ([]byte, error) { return []byte("{}"), nil }})
	if err != nil {
		w.Fatal(err)
	}
}

// do asks for a, and fills what forms come.
func (w *Walk) do(a coach.Action) {
	w.Helper()
	reply := w.ask(a, nil)
	for reply.Form != nil {
		answers := make(map[string]string)
		for _, in := range reply.Form.Inputs {
			answers[in.Name] = w.fill(in)
		}
		reply = w.ask(reply.Form.Action, answers)
	}
	for _, b := range reply.Message.Buttons {
		w.push(b.Action)
	}
	if s := reply.Message.Choices; s != nil {
		for _, o := range s.Options {
			w.push(o.Action)
		}
	}
}

func (w *Walk) fill(in coach.Input) string {
	switch in.Kind {
	case coach.PickOne, coach.PickMany:
		return in.Options[len(in.Options)-1].Value
	case coach.PickChannel:
		return w.Channel
	}
	good := map[string]string{"zone": "Lisbon", "from": "today", "until": "2 weeks"}
	if v, ok := good[in.Name]; ok {
		return v
	}
	return string([]rune(w.Typed)[:min(len([]rune(w.Typed)), in.Limit())])
}

func (w *Walk) ask(a coach.Action, answers map[string]string) coach.Reply {
	w.Helper()
	w.Answers++
	reply, err := w.coach.Handle(w.Context(), coach.Request{ID: fmt.Sprint(w.Answers), From: w.Who, Team: w.Team,
		At: coach.ChannelOf(w.Team, w.Channel), Action: a, Answers: answers, Zone: "Europe/Berlin", Admin: w.Admin})
	name := fmt.Sprintf("%s %q", a.Verb, a.Args)
	if err != nil {
		w.Fatalf("%s: %v", name, err)
	}
	if reply.Form != nil {
		w.Form(name, *reply.Form)
	}
	if reply.Message != nil {
		w.Message(name, *reply.Message)
	}
	return reply
}

// push asks for a later, unless something of its kind was asked for.
func (w *Walk) push(a coach.Action) {
	args := make([]string, len(a.Args))
	for i, arg := range a.Args {
		args[i] = arg
		if len(arg) == 16 || strings.Trim(arg, "0123456789") == "" && a.Verb != "step" {
			args[i] = "#" // a row or a page
		}
	}
	key := a.Verb + " " + strings.Join(args, " ")
	if !w.seen[key] && a.Verb != "erase" {
		w.seen[key] = true
		w.queue = append(w.queue, a)
	}
}

// Everything asks for all that can be reached from what can be typed.
func (w *Walk) Everything() {
	w.Helper()
	for _, c := range coach.Commands() {
		if c.Hidden {
			continue
		}
		w.push(coach.Do(c.Verb))
		for _, p := range c.Params {
			for _, o := range p.Options {
				w.push(coach.Do(c.Verb, o.Value))
			}
		}
	}
	w.push(coach.Parse(Hostile))
	w.push(coach.Do("home", "me"))
	w.push(coach.Do("keep", "keep"))
	for ; len(w.queue) > 0 && w.Answers < 3000; w.queue = w.queue[1:] {
		w.do(w.queue[0])
	}
	w.do(coach.Do("erase"))
	w.do(coach.Do("erase", "yes"))
}

// Items asks for every item of the curriculum, and has every post and direct
// message about one composed.
func (w *Walk) Items() {
	w.Helper()
	for _, topic := range Edition().Topics() {
		w.topic(topic)
	}
	for _, a := range Edition().Activities {
		w.ask(coach.Do("activity", a.ID), nil)
	}
	for _, g := range Edition().Guards {
		for _, words := range g.Words {
			w.ask(coach.Parse("I think "+words+" today"), nil)
		}
	}
	w.spoken("nudge", coach.Choice{Composer: "goodbye"})
	w.spoken("rhythm", coach.Choice{Composer: "keep"})
	for _, kind := range []string{"introduction", "followup", "sample"} {
		w.spoken(kind, coach.Choice{Composer: kind})
	}
}

func (w *Walk) topic(topic *curriculum.Topic) {
	w.Helper()
	for _, m := range topic.Missions {
		id := "try/2026-11-23/" + m.ID
		for _, a := range []coach.Action{coach.Do("why", m.ID), coach.Do("in", m.ID), coach.Do("done", id), coach.Do("did", id, "hard"), coach.Do("did", id, "no")} {
			w.ask(a, nil)
		}
		w.spoken("question", coach.Choice{Composer: "question", Items: []string{id}})
	}
	for _, n := range topic.Nudges {
		w.ask(coach.Do("why", n.ID), nil)
		w.ask(coach.Do("in", n.ID), nil)
		for _, composer := range []string{"nudge", "season", "round"} {
			w.spoken("nudge", coach.Choice{Composer: composer, Items: []string{n.ID}})
		}
	}
	for _, tip := range topic.Tips {
		w.ask(coach.Do("why", tip.ID, "gap"), nil)
		for _, p := range topic.Prompts {
			w.spoken("rhythm", coach.Choice{Composer: "reflection", Items: []string{tip.ID, "gap", p.ID, "back"}})
		}
	}
	for _, p := range topic.Prompts {
		w.ask(coach.Do("write", p.ID), nil)
	}
}

func (w *Walk) spoken(kind string, c coach.Choice) {
	w.Helper()
	m, err := w.coach.Speakers()[kind].Compose(w.Context(), coach.Occasion{Kind: kind, Subject: w.Team.ID, At: walkedOn, To: coach.ChannelOf(w.Team, w.Channel)}, c)
	if err != nil {
		w.Fatalf("%s %v: %v", kind, c.Items, err)
	}
	w.Message(fmt.Sprint(kind, c.Items), m)
}

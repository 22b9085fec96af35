package coach_test

import (
	"fmt"
	"strings"
	"testing"

	"rapport/coach"
	"rapport/coach/coachtest"
)

// TestEverythingReachable walks from every word that can be typed through every
// button, pick and form, as an admin and as a member, and checks every reply
// against every limit. Forms are filled well, left empty, and filled with text
// that wants to break out. No control may lead nowhere.
func TestEverythingReachable(t *testing.T) {
	for _, admin := range []bool{true, false} {
		for name, fill := range fillings() {
			t.Run(fmt.Sprintf("admin=%v/%s", admin, name), func(t *testing.T) {
				k := newTalk(t)
				k.admin = admin
				n, verbs := crawl(k, fill)
				for _, c := range coach.Commands() {
					if (!c.Admin || admin) && c.Verb != "draft" && !verbs[c.Verb] && name == "good" {
						t.Errorf("%s was never reached", c.Verb)
					}
				}
				t.Logf("%d replies", n)
			})
		}
	}
}

// fillings are ways to fill an input.
func fillings() map[string]func(coach.Input) string {
	pick := func(in coach.Input) (string, bool) {
		switch in.Kind {
		case coach.PickOne, coach.PickMany:
			return in.Options[len(in.Options)-1].Value, true
		case coach.PickChannel:
			return "general", true
		}
		return "", false
	}
	good := map[string]string{"zone": "Lisbon", "from": "today", "until": "2 weeks", "if": "it is nine", "then": "ask one question", "words": "A quiet start.", "help": "Amina in HR",
		"goal": "a yes or a no", "part": "promised the list and forgot", "amends": "bring it tomorrow", "promise": "say so a day before", "next": "the same again"}
	return map[string]func(coach.Input) string{
		"good": func(in coach.Input) string {
			if v, ok := pick(in); ok {
				return v
			}
			return good[in.Name]
		},
		"empty": func(coach.Input) string { return "" },
		"hostile": func(in coach.Input) string {
			if v, ok := pick(in); ok && in.Name != "audience" {
				return v
			}
			return strings.Repeat(coachtest.Hostile, 40)
		},
	}
}

func crawl(k *talk, fill func(coach.Input) string) (n int, verbs map[string]bool) {
	verbs = make(map[string]bool)
	seen := make(map[string]bool)
	var queue []coach.Action
	push := func(a coach.Action) {
		key := shape(a)
		if !seen[key] && a.Verb != "erase" {
			seen[key] = true
			queue = append(queue, a)
		}
	}
	for _, c := range coach.Commands() {
		if !c.Hidden {
			push(coach.Do(c.Verb))
			for _, p := range c.Params {
				for _, o := range p.Options {
					push(coach.Do(c.Verb, o.Value))
				}
			}
		}
	}
	first := k.send(k.request(coach.Do("home", "me"), nil)) // for somebody new
	for _, o := range first.Message.Choices.Options {
		push(o.Action)
	}
	push(coach.Parse("something nobody thought of"))
	push(coach.Do("home", "me"))
	push(coach.Do("moved"))                                                           // by a surface
	push(coach.Do("keep", "keep"))                                                    // on a scheduled message
	k.send(k.request(coach.Do("write"), map[string]string{"words": "A first line."})) // so that there is something to read
	for len(queue) > 0 && n < 4000 {
		a := queue[0]
		queue = queue[1:]
		verbs[a.Verb] = true
		reply := k.send(k.request(a, nil))
		n++
		for reply.Form != nil {
			answers := make(map[string]string)
			for _, in := range reply.Form.Inputs {
				answers[in.Name] = fill(in)
			}
			reply = k.send(k.request(reply.Form.Action, answers))
			n++
		}
		for _, b := range reply.Message.Buttons {
			push(b.Action)
		}
		if s := reply.Message.Choices; s != nil {
			for _, o := range s.Options {
				push(o.Action)
			}
		}
	}
	verbs["erase"] = true
	k.send(k.request(coach.Do("erase"), nil))
	k.send(k.request(coach.Do("erase", "yes"), nil))
	return n + 2, verbs
}

// shape is an action without what makes two of a kind differ, so that the walk
// sees each kind of page a few times and not each item.
func shape(a coach.Action) string {
	args := make([]string, len(a.Args))
	for i, arg := range a.Args {
		args[i] = arg
		if strings.Contains(arg, ".") { // an item: its topic is enough
			topic, _, _ := strings.Cut(arg[strings.LastIndexByte(arg, '/')+1:], ".")
			args[i] = topic
		} else if len(arg) == 16 || strings.Trim(arg, "0123456789") == "" {
			args[i] = "#"
		}
	}
	if a.Verb == "step" || a.Verb == "part" {
		args = a.Args
	}
	return a.Verb + " " + strings.Join(args, " ")
}

// TestEveryItemFits renders every item that is offered, sent or shown.
func TestEveryItemFits(t *testing.T) {
	k := newTalk(t)
	for _, topic := range edition.Topics() {
		for _, m := range topic.Missions {
			k.send(k.request(coach.Do("why", m.ID), nil))
			when := k.send(k.request(coach.Do("in", m.ID), nil))
			ask := k.press(when, "Today")
			k.press(ask, "No")
			k.press(k.send(k.request(coach.Do("done", "try/2026-11-23/"+m.ID), nil)), "What was it?")
			hard := k.send(k.request(coach.Do("did", "try/2026-11-23/"+m.ID, "hard"), nil))
			k.press(hard, "Write a line")
			k.press(hard, "Undo")
		}
		for _, n := range topic.Nudges {
			k.send(k.request(coach.Do("why", n.ID), nil))
			k.press(k.send(k.request(coach.Do("in", n.ID), nil)), "My own words")
			k.send(k.request(coach.Do("did", "try/2026-11-23/"+n.ID, "no"), nil))
			checkSpoken(t, k, "nudge", coach.Choice{Composer: "season", Items: []string{n.ID}})
		}
		for _, tip := range topic.Tips {
			k.send(k.request(coach.Do("why", tip.ID, "gap"), nil))
			for _, p := range topic.Prompts {
				checkSpoken(t, k, "rhythm", coach.Choice{Composer: "reflection", Items: []string{tip.ID, "gap", p.ID}})
			}
		}
		for _, p := range topic.Prompts {
			k.send(k.request(coach.Do("write", p.ID), nil))
		}
	}
	for _, a := range edition.Activities {
		k.send(k.request(coach.Do("activity", a.ID), nil))
	}
	for _, g := range edition.Guards {
		for _, w := range g.Words {
			if r := k.say("I think " + w + " today"); !strings.Contains(r.Message.Fallback(), "not kept") && r.Message != nil {
				t.Errorf("%q met no guard: %s", w, r.Message.Fallback())
			}
		}
	}
}

func checkSpoken(t *testing.T, k *talk, kind string, c coach.Choice) {
	t.Helper()
	m, err := k.coach.Speakers()[kind].Compose(t.Context(), coach.Occasion{Kind: kind, At: k.now}, c)
	if err == nil {
		err = m.Check()
	}
	if err != nil {
		t.Errorf("%s %v: %v", kind, c.Items, err)
	}
}

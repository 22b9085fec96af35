package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"

	"rapport/adapters/slack/slacktest"
	"rapport/coach"
)

// again delivers what was delivered before once more, with the same names.
func (o *office) again(a slacktest.Answer) slacktest.Answer {
	if o.way == "sockets" {
		return o.s.Repeat(a, nil)
	}
	return o.s.Web("http://"+o.a.Listener.Addr().String()+"/slack").Deliver(a.Kind, a.Payload)
}

// shown counts all that people were shown by a call.
func (o *office) shown() int {
	return len(o.s.Calls("response_url", "views.open", "views.update", "views.publish", "chat.postMessage", "chat.postEphemeral", "files.completeUploadExternal"))
}

// kept is all that is kept of some people.
func (o *office) kept(names []string) string {
	o.Helper()
	var b strings.Builder
	for _, name := range names {
		x, _, err := o.st.db.Download(o.Context(), o.person(name))
		if err != nil {
			o.Fatal(err)
		}
		text, err := json.Marshal(x)
		if err != nil {
			o.Fatal(err)
		}
		fmt.Fprintf(&b, "%s\n", text)
	}
	return b.String()
}

// TestSlackTwice repeats a thousand envelopes and requests: commands that
// write, presses, sent forms and events. Nothing is kept or shown twice.
func TestSlackTwice(t *testing.T) {
	for _, way := range bothWays {
		t.Run(way, func(t *testing.T) { slackTwice(t, way, 50, 5) })
	}
}

func slackTwice(t *testing.T, way string, n, times int) {
	alone(t)
	o := openOffice(t, way, monday, slacktest.Setup{Users: crowd(n), NoSchemas: true})
	names := make([]string, n)
	done := make([][]slacktest.Answer, n)
	var all sync.WaitGroup
	for i := range n {
		names[i] = fmt.Sprint("Person ", i)
		p := o.s.Person(names[i]).In("general")
		all.Go(func() { done[i] = busyMinute(p) })
	}
	all.Wait()
	var acts []slacktest.Answer
	kinds := map[slacktest.Kind]int{}
	for _, a := range done {
		acts = append(acts, a...)
	}
	before, shown := o.kept(names), o.shown()
	for i := range n {
		if r, err := o.h.db.Receipt(t.Context(), o.person(names[i])); err != nil || r.CheckIns != 0 || r.Notes != 1 {
			t.Fatalf("%s: %+v, %v; want a note and no check-in", names[i], r, err)
		}
	}

	const hands = 4
	differ, repeats := 0, 0
	var mu sync.Mutex
	for hand := range hands { // each act stays in one hand: Slack has one envelope of a name on its way at a time
		var mine []slacktest.Answer
		for i := hand; i < len(acts); i += hands {
			mine = append(mine, acts[i])
		}
		mine = repeated(mine, times)
		repeats += len(mine)
		all.Go(func() {
			for _, was := range mine {
				rested(o.h)
				a := o.again(was)
				mu.Lock()
				kinds[a.Kind]++
				if a.Error != "" {
					t.Errorf("a repeated %s: %s", a.Kind, a.Error)
				}
				if a.Kind == slacktest.Commands && !bytes.Equal(a.Body, was.Body) && !follows(a) && !follows(was) {
					differ++
					if differ < 3 {
						t.Logf("%s\nwas\n%s", a.Body, was.Body)
					}
				}
				mu.Unlock()
			}
		})
	}
	all.Wait()
	o.stop() // when it has ended nothing is under way
	again := o.shown() - shown
	twice := len(o.s.Twice())
	o.start()
	if got := o.kept(names); got != before {
		t.Errorf("what is kept has changed:\n%s\nwas\n%s", got, before)
	}
	if again != 0 || twice != 0 || differ != 0 {
		t.Errorf("%d shown again, %d messages twice, %d acknowledgements say something else", again, twice, differ)
	}
	for _, a := range repeated(acts, 1) { // to a program that remembers none of it
		rested(o.h)
		if a := o.again(a); a.Error != "" {
			t.Errorf("repeated after a restart: %s: %s", a.Kind, a.Error)
		}
	}
	o.stop()
	o.start()
	if got := o.kept(names); got != before {
		t.Errorf("after a restart what is kept has changed:\n%s\nwas\n%s", got, before)
	}
	t.Logf("%s: %d gestures and events, %d repeated (%v): 0 changes, %d shown again, %d messages twice; %d repeated after a restart: 0 changes",
		way, len(acts), repeats, kinds, again, twice, len(acts))
	o.s.Demand()
}

// repeated are some times as many, in another order.
func repeated(acts []slacktest.Answer, times int) (out []slacktest.Answer) {
	for range times {
		out = append(out, acts...)
	}
	rand.Shuffle(len(out), func(i, j int) { out[i], out[j] = out[j], out[i] })
	return out
}

// busyMinute is what somebody does: a check-in by command, Undo by a press, a
// line by a form, and a look at the App Home.
func busyMinute(p *slacktest.Person) (acts []slacktest.Answer) {
	acts = append(acts, p.Command("/rapport done well"))
	acts = append(acts, p.Press(p.WaitMessage("Noted."), "Undo"))
	p.WaitMessage("Taken back")
	p.Command("/rapport journal write")
	acts = append(acts, p.Submit(p.WaitModal("A line for yourself"), map[string]string{"words": "one line"}))
	p.WaitModal("Kept.")
	p.CloseModal()
	acts = append(acts, p.OpenHome())
	p.WaitHome("This week")
	return acts
}

// follows reports whether an answer was not there in time, and follows.
func follows(a slacktest.Answer) bool {
	return bytes.Contains(a.Body, []byte(coach.OneMoment().Message.Fallback()))
}

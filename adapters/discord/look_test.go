package discord

import (
	"context"
	"encoding/json"
	"fmt"
	"testing"

	"rapport/adapters/discord/components"
	"rapport/adapters/surface"
	"rapport/coach"
)

// fresh is the first answer that looks like l, without what is kept.
func fresh(t *testing.T, l look) string {
	t.Helper()
	b := drawn(coach.Say(*l.message))
	b.Flags = l.flags
	text, err := json.Marshal(callback{Type: l.kind, Data: b})
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// looks are all ways to show m as a first answer.
func looks(m *coach.Message) []look {
	const private = components.Flags | ephemeral
	return []look{{m, newMessage, components.Flags}, {m, newMessage, private}, {m, changeMessage, components.Flags}, {m, changeMessage, private}}
}

// What tells two answers apart is never mixed up.
func TestLooks(t *testing.T) {
	var d surface.Drawn[look]
	page := message("page")
	want := map[string]bool{}
	for i := range 4 {
		one := message(fmt.Sprint("answer ", i))
		for _, l := range append(looks(&page), looks(&one)...) {
			got := string(d.Text(l, l.text))
			if got != fresh(t, l) {
				t.Fatalf("time %d: %+v is %s", i, l, got)
			}
			if l.message == &page {
				want[got] = true
			}
		}
	}
	if len(want) != 4 {
		t.Errorf("a message has %d looks, want 4", len(want))
	}
	l := looks(&page)[0]
	if allocs := testing.AllocsPerRun(100, func() { d.Text(l, l.text) }); allocs > 0 {
		t.Errorf("%v allocations for what is kept", allocs)
	}
}

// One page is shown to everybody in every way: each answer is what a desk gives
// that keeps nothing.
func TestKeptAnswers(t *testing.T) {
	page := message("Noted.")
	picture := message("Noted.")
	picture.Picture = &coach.Picture{Name: "p", PNG: []byte("1"), Alt: "a line"}
	file := &coach.File{Name: "f.txt", Type: "text/plain", Data: []byte("1")}
	asks := []struct {
		name  string
		reply coach.Reply
		own   bool // pressed on a message of one's own
		alone bool // not in a channel
	}{
		{"for one", coach.Reply{Message: &page}, false, false},
		{"for everybody", coach.Reply{Message: &page, Public: true}, false, false},
		{"for everybody, alone", coach.Reply{Message: &page, Public: true}, false, true},
		{"in place", coach.Reply{Message: &page, Replace: true}, true, false},
		{"in place of what others see", coach.Reply{Message: &page, Replace: true}, false, false},
		{"with a file", coach.Reply{Message: &page, File: file}, false, false},
		{"with a picture", coach.Reply{Message: &picture}, false, false},
		{"another", coach.Say(message("Noted. Twice.")), false, false},
	}
	warm := &desk{}
	for range 3 {
		for _, a := range asks {
			f := func(d *desk) callback {
				in := &interaction{Kind: press, Message: &pressed{}}
				if a.own {
					in.Message.Flags = ephemeral
				}
				f := &follow{desk: d, interaction: in}
				if f.asked.At.Kind = coach.InChannel; a.alone {
					f.asked.At.Kind = coach.Direct
				}
				return f.callback(a.reply)
			}
			got, want := f(warm), f(&desk{})
			text, err := got.json()
			cold, failed := want.json()
			if err != nil || failed != nil || string(text) != string(cold) || len(got.files) != len(want.files) || got.Type != want.Type {
				t.Errorf("%s: %s with %d files, want %s with %d", a.name, text, len(got.files), cold, len(want.files))
			}
		}
	}
}

// maxGestureAllocs is some half more than a command allocates that the coach
// answers with a page, without what it takes to send that.
const maxGestureAllocs = 96

// TestGestureAllocs is a gate on the speed of an answer that depends on no clock.
func TestGestureAllocs(t *testing.T) {
	s := &stage{t: t}
	page := message("Noted.")
	d := newDesk(New(Options{Token: testToken, Transport: agreeable{}}), ourApp, coach.Steady(paged{reply: coach.Reply{Message: &page}}))
	defer d.drain(0)
	var gestures [][]byte
	for range 1000 {
		gestures = append(gestures, raw(t, s.does(command, typedCommand("rapport", "done well"))))
	}
	next := 0
	got := testing.AllocsPerRun(len(gestures)-1, func() {
		in, err := readInteraction(gestures[next])
		if next++; err != nil {
			t.Fatal(err)
		}
		end, _ := d.begin()
		d.answer(in, d.calling(in), false, end)
	})
	t.Logf("%.0f allocations for a gesture", got)
	if got > maxGestureAllocs {
		t.Errorf("%.0f allocations for a gesture, want at most %d", got, maxGestureAllocs)
	}
}

// A paged coach gives the very same answer to everybody.
type paged struct {
	plain
	reply coach.Reply
}

func (p paged) Handle(context.Context, coach.Request) (coach.Reply, error) { return p.reply, nil }

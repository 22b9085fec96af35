package terminal_test

import (
	"context"
	"fmt"
	"maps"
	"strings"
	"testing"

	"rapport/coach"
	"rapport/coach/coachtest"
)

func TestForm(t *testing.T) {
	got, p := talk(t, strings.Join([]string{
		"settings", "2", "9", "Friday", "1 3", "nowhere at all", "first line", "second line", "",
		"Berlin", "home",
	}, "\n"))
	coachtest.Golden(t, "form.txt", got)
	if r := p.last(t); r.Action.Verb != "home" {
		t.Errorf("the line behind the form asked for %v", r.Action)
	}
	sent := p.requests()[2].Answers
	want := map[string]string{"channel": "C2", "day": "5", "days": "1,5", "zone": "Berlin", "words": "first line\nsecond line"}
	if !maps.Equal(sent, want) {
		t.Errorf("sent %q, want %q", sent, want)
	}
}

func TestFormWithManyOptions(t *testing.T) {
	b := newBench(t, "x\n12\n")
	f := coach.Form{Title: "Hours", Submit: "Save", Action: coach.Do("hour"), Inputs: []coach.Input{{Name: "hour", Label: "At what time?", Kind: coach.PickOne, Value: "09"}}}
	for h := 4; h <= 20; h++ {
		f.Inputs[0].Options = append(f.Inputs[0].Options, coach.Option{Label: fmt.Sprintf("%02d:00", h), Value: fmt.Sprintf("%02d", h)})
	}
	b.coach.extra["else"] = func(context.Context, coach.Request) (coach.Reply, error) { return coach.Reply{Form: &f}, nil }
	coachtest.Golden(t, "form-many.txt", b.run(t))
	if got := b.coach.last(t).Answers["hour"]; got != "15" {
		t.Errorf("hour %q was sent, want 15", got)
	}
}

func TestFormKeepsAndEmpties(t *testing.T) {
	_, p := talk(t, "settings\n#random\n\n-\n\n\n")
	want := map[string]string{"channel": "C2", "day": "1", "days": "", "zone": "Europe/Berlin", "words": ""}
	if got := p.last(t).Answers; !maps.Equal(got, want) {
		t.Errorf("sent %q, want %q", got, want)
	}
}

func TestFormLimits(t *testing.T) {
	long := strings.Repeat("é", 61)
	got, p := talk(t, "settings\n\n1\n\n\n"+long+"\n"+"Berlin\n\n")
	for _, want := range []string{"This one needs an answer.", "That is 61 characters; there is room for 60."} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is missing in\n%s", want, got)
		}
	}
	if zone := p.last(t).Answers["zone"]; zone != "Berlin" {
		t.Errorf("zone %q was sent, want Berlin", zone)
	}
}

func TestFormLeft(t *testing.T) {
	for name, typed := range map[string]string{
		"cancel":             "journal\ncancel\n",
		"cancel in the text": "journal\nhard day\nCancel\n",
		"end of input":       "journal\nhard day",
	} {
		t.Run(name, func(t *testing.T) {
			got, p := talk(t, typed)
			if !strings.Contains(got, "-- Left the form. Nothing was sent.") {
				t.Errorf("leaving is not answered kindly:\n%s", got)
			}
			if n := len(p.requests()); n != 1 {
				t.Errorf("%d requests, want only the one for the form", n)
			}
		})
	}
}

func TestFormLeftAfterFault(t *testing.T) {
	got, p := talk(t, "settings\n1\n\n\nnowhere\n\ncancel\npress Edit\n")
	if !strings.Contains(got, "Not saved yet.") {
		t.Errorf("the message beside the faults is not shown:\n%s", got)
	}
	if r := p.last(t); r.Action.Verb != "draft" {
		t.Errorf("Edit asked for %v", r.Action)
	}
}

func TestHostileForm(t *testing.T) {
	forms := coachtest.Forms()
	words := strings.TrimSpace(coachtest.Hostile[strings.Index(coachtest.Hostile, "> q"):])
	b := newBench(t, "x\n"+words+"\n"+coachtest.Hostile+"\n")
	b.coach.extra["else"] = func(_ context.Context, r coach.Request) (coach.Reply, error) {
		f := forms["hostile"]
		return coach.Reply{Form: &f}, nil
	}
	b.coach.extra["plan"] = func(_ context.Context, r coach.Request) (coach.Reply, error) {
		return coach.Say(message(r.Answers["if"], "\x1b[2J")), nil
	}
	got := b.run(t)
	coachtest.Golden(t, "hostile-form.txt", got)
	harmless(t, got, false)
	if typed := b.coach.requests()[1].Answers["if"]; typed != words {
		t.Errorf("the coach was handed %q, want what was typed", typed)
	}
}

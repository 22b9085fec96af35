package discord

import (
	"context"
	"time"

	"rapport/adapters/surface"
	"rapport/coach"
)

// Limits of what is offered to somebody who types.
const (
	maxChoices = 25
	maxChoice  = 100
)

// completeTime is how long somebody who types waits for what is offered.
const completeTime = 800 * time.Millisecond

// A choice is one way to go on typing.
type choice struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// complete offers ways to go on typing; none where the coach takes long.
func (f *follow) complete() {
	name, text := f.typed()
	if name == adminCommand && surface.Blank(text) {
		text = "setup"
	}
	ctx, cancel := context.WithTimeout(f.work, completeTime)
	defer cancel()
	got, given := make(chan []coach.Option, 1), make(chan struct{})
	defer close(given)
	go func() {
		got <- f.coach.Complete(ctx, f.request(), text)
		<-given
		f.end()
	}()
	var options []coach.Option
	select {
	case options = <-got:
	case <-ctx.Done():
	}
	f.give(f.work, choices(options))
}

// choices is the first answer that offers options.
func choices(options []coach.Option) callback {
	out := []choice{}
	for _, o := range options {
		if surface.Blank(o.Value) || surface.Blank(o.Label) || !surface.Fits(o.Value, maxChoice) {
			continue
		}
		if out = append(out, choice{surface.Line(o.Label, maxChoice), o.Value}); len(out) == maxChoices {
			break
		}
	}
	return callback{Type: offerChoices, Data: struct {
		Choices []choice `json:"choices"`
	}{out}}
}

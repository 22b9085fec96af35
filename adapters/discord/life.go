package discord

import (
	"context"
	"errors"
	"sync"
)

// A life is whether an Adapter runs. The zero value has not begun.
type life struct {
	mu    sync.Mutex
	over  error        // why it has ended for good
	end   func()       // ends Run
	state func() error // nil while interactions come in, else why they do not
}

// stop ends Run with err, and makes Send refuse from now on. The first err
// counts.
func (a *Adapter) stop(err error) {
	l := &a.life
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.over == nil {
		l.over = err
	}
	if l.end != nil {
		l.end()
	}
}

// stopped is what stop was given, nil before.
func (a *Adapter) stopped() error {
	l := &a.life
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.over
}

// Ready is nil while interactions come in, and otherwise says why they do not.
func (a *Adapter) Ready(context.Context) error {
	l := &a.life
	l.mu.Lock()
	over, state := l.over, l.state
	l.mu.Unlock()
	switch {
	case over != nil:
		return over
	case state == nil:
		return errors.New("not connected yet")
	}
	return state()
}

// begin tells how Run is ended. After a stop it is ended at once.
func (l *life) begin(end func()) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.end = end
	if l.over != nil {
		end()
	}
}

// is tells why no interactions come in.
func (l *life) is(err error) { l.serving(func() error { return err }) }

// serving tells how to find out whether interactions come in.
func (l *life) serving(state func() error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.state = state
}

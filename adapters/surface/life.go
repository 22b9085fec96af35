package surface

import (
	"errors"
	"sync"
)

// A Life is whether a surface runs. The zero value has not begun. It is safe for
// concurrent use.
type Life struct {
	mu    sync.Mutex
	over  error        // why it has ended for good
	end   func()       // ends what runs
	state func() error // nil while requests come in, else why they do not
}

// Begin tells how what runs is ended. After a Stop it is ended at once.
func (l *Life) Begin(end func()) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.end = end
	if l.over != nil {
		end()
	}
}

// Stop ends what runs with err, for good. The first err counts.
func (l *Life) Stop(err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.over == nil {
		l.over = err
	}
	if l.end != nil {
		l.end()
	}
}

// Stopped is what Stop was given, nil before.
func (l *Life) Stopped() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.over
}

// Is tells why no requests come in.
func (l *Life) Is(err error) { l.Serving(func() error { return err }) }

// Serving tells how to find out whether requests come in: state returns nil while
// they do, else why they do not.
func (l *Life) Serving(state func() error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.state = state
}

// Ready is nil while requests come in, and otherwise says why they do not.
func (l *Life) Ready() error {
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

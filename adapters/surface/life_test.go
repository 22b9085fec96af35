package surface_test

import (
	"errors"
	"testing"

	"rapport/adapters/surface"
)

func TestLife(t *testing.T) {
	var l surface.Life
	if l.Ready() == nil || l.Stopped() != nil {
		t.Errorf("before it began: ready %v, stopped %v", l.Ready(), l.Stopped())
	}
	ended := 0
	l.Begin(func() { ended++ })
	l.Serving(func() error { return nil })
	if err := l.Ready(); err != nil || ended != 0 {
		t.Errorf("while requests come in: %v, ended %d times", err, ended)
	}
	away, first := errors.New("away"), errors.New("first")
	if l.Is(away); l.Ready() != away {
		t.Errorf("without a connection: %v", l.Ready())
	}
	l.Stop(first)
	l.Stop(errors.New("second"))
	l.Serving(func() error { return nil })
	if l.Stopped() != first || l.Ready() != first || ended != 2 {
		t.Errorf("stopped: %v, ready %v, ended %d times", l.Stopped(), l.Ready(), ended)
	}
	if l.Begin(func() { ended++ }); ended != 3 {
		t.Error("what begins after the end runs")
	}
}

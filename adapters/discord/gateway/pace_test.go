package gateway

import (
	"testing"
	"time"
)

func TestPauses(t *testing.T) {
	for _, tc := range []struct {
		tries       int
		least, most time.Duration
	}{
		{0, 500 * time.Millisecond, time.Second},
		{1, 500 * time.Millisecond, time.Second},
		{2, time.Second, 2 * time.Second},
		{3, 2 * time.Second, 4 * time.Second},
		{8, time.Minute, 2 * time.Minute},
		{1 << 40, time.Minute, 2 * time.Minute},
	} {
		p := usual()
		p.Jitter = func() float64 { return 0 }
		least := p.pause(tc.tries)
		p.Jitter = func() float64 { return 1 }
		if most := p.pause(tc.tries); least != tc.least || most != tc.most {
			t.Errorf("after %d tries: %s to %s; want %s to %s", tc.tries, least, most, tc.least, tc.most)
		}
	}
}

// A connection that lived starts the waits anew; one that only came up does not.
func TestTriesAreCountedUntilAConnectionLives(t *testing.T) {
	for lived, want := range map[time.Duration]int{time.Nanosecond: 1, time.Hour: 4} {
		p := newPeer(t)
		r := start(t, p, func(o *Options) { o.Pace.Lived = lived })
		for range 3 {
			p.accept().drop()
		}
		l := p.accept()
		l.begin(never, "session-a", p.url())
		r.up()
		l.drop()
		p.accept()
		r.mu.Lock()
		if got := r.notices[len(r.notices)-1]; got.what != "reconnecting" || got.count != want {
			t.Errorf("told %+v; want %d tries", got, want)
		}
		r.mu.Unlock()
	}
}

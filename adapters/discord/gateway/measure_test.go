package gateway

import (
	"testing"
	"time"
)

// usually makes everything take as long as it does for people.
func usually(o *Options) { o.Pace = Pace{} }

// TestBackWithin2Seconds measures, at the usual pace, how long events are missed
// after a connection is lost.
func TestBackWithin2Seconds(t *testing.T) {
	for name, cut := range map[string]func(*line){
		"dropped":    func(l *line) { l.drop() },
		"op 7":       func(l *line) { l.say(`{"op":7}`) },
		"4000":       func(l *line) { l.close(4000) },
		"1001, anew": func(l *line) { l.close(1001) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPeer(t)
			r := start(t, p, func(o *Options) {
				usually(o)
				o.Pace.Identify = time.Millisecond // the minimum between two identifies is another matter
			})
			l := p.accept()
			l.begin(never, "session-a", p.url())
			r.up()
			begin := time.Now()
			cut(l)
			l = p.accept()
			if name == "1001, anew" {
				l.begin(never, "session-b", p.url())
				r.until("back", func() bool { return r.told("connected") == 2 })
			} else {
				l.resumes(never, "session-a", 1)
				r.until("back", func() bool { return r.told("resumed") == 1 })
			}
			took := time.Since(begin)
			t.Logf("back after %s", took.Round(time.Millisecond))
			if took > 2*time.Second {
				t.Errorf("back after %s; want within 2s", took)
			}
		})
	}
}

// TestADeadPeerIsNoticedWithin2Heartbeats measures from the last word of a peer
// until we give it up.
func TestADeadPeerIsNoticedWithin2Heartbeats(t *testing.T) {
	const interval = time.Second
	// What a busy machine may add to timers that are exact on an idle one.
	const slack = interval / 2
	p := newPeer(t)
	r := start(t, p, usually)
	l := p.accept()
	l.begin(interval, "session-a", p.url())
	r.up()
	within(t, l.beats, "a heartbeat") // acknowledged
	l.acks.Store(false)
	begin := time.Now()
	within(t, l.ended, "the end of the connection")
	took := time.Since(begin)
	t.Logf("noticed after %.2f heartbeats", took.Seconds()/interval.Seconds())
	if took > 2*interval+slack {
		t.Errorf("noticed after %s; want within 2 heartbeats of %s", took, interval)
	}
	p.accept().resumes(never, "session-a", 1)
	r.until("back", func() bool { return r.told("resumed") == 1 })
	t.Logf("back after %.2f heartbeats", time.Since(begin).Seconds()/interval.Seconds())
}

package gateway

import (
	"context"
	"time"
)

// tend sees to what is due at a time: that Discord's first words come soon, that
// heartbeats are sent and acknowledged, and that the end of ctx ends the
// connection.
func (l *link) tend(ctx context.Context) {
	late := time.NewTimer(l.pace.Hello)
	defer late.Stop()
	var interval time.Duration
	var beats <-chan time.Time
	waits := false // for an acknowledgement, and else for the next heartbeat
	reason, taken := errNoHello, l.taken
	for {
		select {
		case <-l.over:
			return
		case <-ctx.Done():
			l.bye()
			return
		case <-late.C:
			l.fail(reason)
			return
		case interval = <-l.greeted:
			reason = errNotReady
			late.Reset(l.pace.Ready)
			beats = time.After(l.pace.part(interval)) // so that not all bots of the world beat at once
		case <-taken:
			taken = nil
			late.Stop()
		case <-beats:
			due := ackTime(interval)
			if waits && !l.acked.Load() {
				l.fail(errSilent)
				return
			}
			if waits && due < interval {
				waits, beats = false, time.After(interval-due)
				continue
			}
			l.acked.Store(false)
			l.beat()
			waits, beats = true, time.After(due)
		}
	}
}

// ackTime is how long a heartbeat may go without an acknowledgement: so short
// that a dead peer is replaced within two intervals, whenever it died.
func ackTime(interval time.Duration) time.Duration {
	return max(interval/2, min(interval, time.Second))
}

// beat sends a heartbeat.
func (l *link) beat() {
	if seq := l.session.seq.Load(); seq > 0 {
		l.say(opHeartbeat, seq)
		return
	}
	l.say(opHeartbeat, nil)
}

// fail ends the connection because of err; the session is kept.
func (l *link) fail(err error) {
	l.because(err)
	l.ending.Store(true)
	l.farewell(resuming)
	l.raw.Close()
}

// bye ends the connection and the session. The peer has a moment to agree, so
// that it surely reads why; then the connection is closed whatever it does.
func (l *link) bye() {
	l.ending.Store(true)
	l.farewell(leaving)
	select {
	case <-l.over:
	case <-time.After(byeTime):
	}
	l.raw.Close()
}

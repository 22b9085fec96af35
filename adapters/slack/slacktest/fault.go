package slacktest

import (
	"net/http"
	"time"
)

// A Fault is what goes wrong with a call. Its parts may be combined.
type Fault struct {
	Status     int           // HTTP status instead of 200; nothing is done
	Error      string        // Slack's code, such as "ratelimited"; nothing is done
	Needed     string        // beside missing_scope
	Provided   string        // beside missing_scope
	RetryAfter time.Duration // in whole seconds; alone it means 429 ratelimited
	Body       string        // sent instead of the answer; what was asked is done, unless Status or Error is set, too
	Delay      time.Duration // before anything is done
	Late       time.Duration // after it is done, before the answer
	Drop       Drop
	Times      int // how many calls; 0 = 1, negative = until [Slack.Heal]
}

// A Drop is when a connection breaks.
type Drop int

// When a connection breaks.
const (
	Stays     Drop = iota
	Unread         // before the request is read: nothing is done
	Unreplied      // what was asked is done, and the reply is lost
)

// Fail makes the next calls of a method go wrong: the name of a method,
// "response_url", "upload", "link" (the websocket itself: Status, Delay, Drop),
// or "*" for all that have no fault of their own. Faults of one method are
// used one after the other.
func (s *Slack) Fail(method string, f Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if f.Times == 0 {
		f.Times = 1
	}
	s.faults[method] = append(s.faults[method], f)
}

// Heal ends the faults of a method; "" ends all.
func (s *Slack) Heal(method string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if method == "" {
		clear(s.faults)
		return
	}
	delete(s.faults, method)
}

// fault is what goes wrong with the next call of a method.
func (s *Slack) fault(method string) Fault {
	s.mu.Lock()
	defer s.mu.Unlock()
	queue := s.faults[method]
	if len(queue) == 0 {
		method = "*"
		queue = s.faults[method]
	}
	if len(queue) == 0 {
		return Fault{}
	}
	f := queue[0]
	if f.Times > 0 {
		queue[0].Times--
		if queue[0].Times == 0 {
			s.faults[method] = queue[1:]
		}
	}
	return f
}

// refuses tells whether f answers in Slack's place, so that nothing is done.
func (f Fault) refuses() bool { return f.Status != 0 || f.Error != "" || f.RetryAfter != 0 }

// hangUp breaks the connection without an answer.
func hangUp(w http.ResponseWriter) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err == nil {
		conn.Close()
	}
}

// A bucket holds the messages that one channel may take at once.
type bucket struct {
	left float64
	at   time.Time
}

const burst = 3

// LimitRate switches the limit of one message a second a channel on or off.
func (s *Slack) LimitRate(on bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.set.Rate = on
	clear(s.buckets)
}

// tooFast takes one message out of the channel's bucket; true when it is
// empty. s.mu is held.
func (s *Slack) tooFast(channel string) bool {
	if !s.set.Rate {
		return false
	}
	now := time.Now()
	b := s.buckets[channel]
	if b == nil {
		b = &bucket{left: burst, at: now}
		s.buckets[channel] = b
	}
	b.left = min(burst, b.left+now.Sub(b.at).Seconds())
	b.at = now
	if b.left < 1 {
		return true
	}
	b.left--
	return false
}

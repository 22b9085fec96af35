package web

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"
)

const (
	advanceWait = 2 * time.Minute      // for everything on the way to be delivered
	farthest    = 400 * 24 * time.Hour // one move
)

// A trip counts what is delivered while the clock moves. Only one is under way
// at a time.
type trip struct {
	mu       sync.Mutex
	on       bool
	channels map[string]int // by channel id
	direct   map[string]int // by user
}

// begin starts counting; it reports false if a trip is under way.
func (t *trip) begin() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.on {
		return false
	}
	t.on, t.channels, t.direct = true, make(map[string]int), make(map[string]int)
	return true
}

// passed counts one message.
func (t *trip) passed(where place, user string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	switch {
	case !t.on:
	case where.channel != "":
		t.channels[where.channel]++
	default:
		t.direct[user]++
	}
}

// end stops counting and returns what was delivered, as user may know it: what
// others got in their direct messages is theirs.
func (t *trip) end(user string) (channels map[string]int, direct int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.on = false
	return t.channels, t.direct[user]
}

// move takes a step of the clock. Trying again is the same step.
func (s *server) move(w http.ResponseWriter, r *http.Request) {
	// Many deliveries take longer than a write usually may.
	if err := http.NewResponseController(w).SetWriteDeadline(time.Now().Add(advanceWait + writeWait)); err != nil {
		s.faults.server.Add(1)
	}
	s.once(w, r, s.advance)
}

func (s *server) advance(g gesture, c caller) outcome {
	now := s.Clock.Now()
	loc := now.Location()
	if g.Zone != "" {
		if l, err := time.LoadLocation(g.Zone); err == nil {
			loc = l
		}
	}
	to, why := target(g.To, now.In(loc))
	if why != "" {
		return outcome{code: http.StatusBadRequest, Line: why}
	}
	if !s.trip.begin() {
		return outcome{code: http.StatusServiceUnavailable, Line: "The clock is already moving. One moment."}
	}
	ctx, cancel := context.WithTimeout(s.lifetime, advanceWait)
	defer cancel()
	err := s.Clock.Advance(ctx, to)
	channels, direct := s.trip.end(c.person.User)
	at := s.Clock.Now()
	e := event{Kind: "clock", Now: at.UTC().Format(time.RFC3339Nano)}
	s.tell(audience{}, e)
	line := s.wayLine(at.In(loc), channels, direct)
	if err != nil {
		s.faults.clock.Add(1)
		line = "Something went wrong on the way, on my side. " + line
	}
	return outcome{Events: []event{e}, Line: line}
}

// target returns where a step leads from now, or says why it cannot be made.
func target(step string, now time.Time) (to time.Time, why string) {
	switch step {
	case "hour":
		return now.Add(time.Hour), ""
	case "day":
		return now.AddDate(0, 0, 1), ""
	case "monday":
		return nextMonday(now), ""
	}
	to, err := time.ParseInLocation("2006-01-02T15:04", step, now.Location())
	switch {
	case err != nil:
		return to, "Please pick a date and a time."
	case !to.After(now):
		return to, "This clock only moves forward. Please pick a later moment."
	case to.Sub(now) > farthest:
		return to, "That is more than a year away. Please go there in smaller steps."
	}
	return to, ""
}

// nextMonday returns the next Monday 09:00 after now.
func nextMonday(now time.Time) time.Time {
	y, m, d := now.Date()
	to := time.Date(y, m, d+(8-int(now.Weekday()))%7, 9, 0, 0, 0, now.Location())
	if !to.After(now) {
		to = to.AddDate(0, 0, 7)
	}
	return to
}

// wayLine tells what was delivered on the way to at.
func (s *server) wayLine(at time.Time, channels map[string]int, direct int) string {
	var parts []string
	for _, c := range s.Channels {
		if n := channels[c.ID]; n > 0 {
			parts = append(parts, count(n)+" in #"+c.Name)
		}
	}
	if direct > 0 {
		parts = append(parts, count(direct)+" in your direct messages")
	}
	way := "Nothing was due on the way."
	if len(parts) > 0 {
		way = "On the way: " + strings.Join(parts, ", ") + "."
	}
	return fmt.Sprintf("It is now %s. %s", at.Format("Monday 2 January, 15:04"), way)
}

func count(n int) string {
	if n == 1 {
		return "1 message"
	}
	return fmt.Sprintf("%d messages", n)
}

package rest

import (
	"net/http"
	"sync"
	"time"
)

// A skew is how far Discord's clock is from ours, as narrowly as its answers
// tell: each tells a second, in which it was given. The zero value knows
// nothing.
type skew struct {
	mu       sync.Mutex
	known    bool
	low, top time.Duration
}

// hear takes what a tells of the time.
func (s *skew) hear(a *answer) {
	if a.status == 0 {
		return
	}
	said, err := http.ParseTime(a.header.Get("Date"))
	if err != nil {
		return
	}
	low, top := said.Sub(a.ended), said.Add(time.Second).Sub(a.begun)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.known {
		low, top = max(low, s.low), min(top, s.top)
	}
	if low > top { // a clock was set: what was known is over
		low, top = said.Sub(a.ended), said.Add(time.Second).Sub(a.begun)
	}
	s.known, s.low, s.top = true, low, top
}

func (s *skew) value() (time.Duration, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return (s.low + s.top) / 2, s.known
}

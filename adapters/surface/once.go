package surface

import (
	"sync"
	"time"
)

const (
	onceTime = 10 * time.Minute // how long an id is remembered, at least
	maxOnce  = 20_000           // ids remembered at a time
)

// Once remembers which ids were seen, in two generations: the old one goes
// whole when the new one is full or has its time.
type Once struct {
	mu       sync.Mutex
	clock    func() time.Time
	now, old map[string]struct{}
	turned   time.Time
}

// NewOnce returns a Once to which clock tells the time.
func NewOnce(clock func() time.Time) *Once {
	return &Once{clock: clock, now: map[string]struct{}{}, turned: clock()}
}

// First reports whether id was not asked about before. "" is always new.
func (o *Once) First(id string) bool {
	if id == "" {
		return true
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if at := o.clock(); at.Sub(o.turned) > onceTime || len(o.now) >= maxOnce/2 {
		if at.Sub(o.turned) > 2*onceTime {
			o.now = map[string]struct{}{}
		}
		o.now, o.old, o.turned = map[string]struct{}{}, o.now, at
	}
	if _, seen := o.now[id]; seen {
		return false
	}
	o.now[id] = struct{}{}
	_, seen := o.old[id]
	return !seen
}

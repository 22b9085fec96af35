package slack

import (
	"crypto/sha256"
	"encoding/hex"
	"sync"
	"time"
)

const (
	onceTime = 10 * time.Minute // how long an id is remembered, at least
	maxOnce  = 20_000           // ids remembered at a time
)

// once remembers which ids were seen, in two generations: the old one goes
// whole when the new one is full or has its time.
type once struct {
	mu       sync.Mutex
	clock    func() time.Time
	now, old map[string]struct{}
	turned   time.Time
}

func newOnce(clock func() time.Time) *once {
	return &once{clock: clock, now: map[string]struct{}{}, turned: clock()}
}

// first reports whether id was not asked about before. "" is always new.
func (o *once) first(id string) bool {
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

// digest is a short name of b.
func digest(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:12])
}

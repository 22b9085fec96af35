package main

import (
	"context"
	"sync"
	"time"
)

// A clock is the coach clock of a program without chat platforms: it moves
// forward by hand and never back. Running ones go on with the machine's time
// from where they were moved to; standing ones stay where they are.
type clock struct {
	mu     sync.Mutex
	base   func() time.Time // the machine clock, or an instant to stand at
	offset time.Duration

	moved func(context.Context, time.Duration) error // keeps the offset; may be nil
	walk  func(ctx context.Context, set func(time.Time), to time.Time) error
}

// runningClock runs offset ahead of the machine clock.
func runningClock(offset time.Duration, moved func(context.Context, time.Duration) error) *clock {
	return &clock{base: time.Now, offset: offset, moved: moved}
}

// standingClock stands at an instant until it is moved.
func standingClock(at time.Time) *clock {
	return &clock{base: func() time.Time { return at }}
}

// Now is the coach's time.
func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.base().Add(c.offset)
}

func (c *clock) set(to time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if ahead := to.Sub(c.base()); ahead > c.offset {
		c.offset = ahead
	}
}

// Advance moves the clock forward to an instant, delivering everything due on
// the way.
func (c *clock) Advance(ctx context.Context, to time.Time) error {
	err := c.walk(ctx, c.set, to)
	if c.moved == nil {
		return err
	}
	c.mu.Lock()
	offset := c.offset
	c.mu.Unlock()
	if e := c.moved(ctx, offset); err == nil {
		err = e
	}
	return err
}

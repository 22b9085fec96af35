//go:build crashpoints

package main

import (
	"fmt"
	"time"
)

// ahead is how far the coach clock is ahead of the machine's from the start: a
// program built for tests takes RAPPORT_CLOCK, such as -24h, so that its clock
// can jump from one start to the next.
func ahead(env Env) (time.Duration, error) {
	text := env.Getenv("RAPPORT_CLOCK")
	if text == "" {
		return 0, nil
	}
	offset, err := time.ParseDuration(text)
	if err != nil {
		return 0, fmt.Errorf("RAPPORT_CLOCK: %w", err)
	}
	return offset, nil
}

//go:build !crashpoints

package main

import "time"

// ahead is how far the coach clock is ahead of the machine's from the start.
func ahead(Env) (time.Duration, error) { return 0, nil }

//go:build !linux

package main

// unmapText is not known here.
func unmapText() {}

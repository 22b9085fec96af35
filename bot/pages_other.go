//go:build !linux

package main

// forgetPages is left to the system.
func forgetPages() {}

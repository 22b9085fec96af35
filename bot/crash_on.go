//go:build crashpoints

package main

import "os"

// crash kills the process, as kill -9 does, if RAPPORT_CRASH is point.
//
// The points are key-made, key-wrapped, key-replaced, key-renewed,
// key-resealing and key-resealed.
func crash(point string) {
	if os.Getenv("RAPPORT_CRASH") != point {
		return
	}
	self, err := os.FindProcess(os.Getpid())
	if err == nil {
		err = self.Kill()
	}
	if err != nil {
		panic("crash point " + point + ": " + err.Error())
	}
	select {} // until the signal is there
}

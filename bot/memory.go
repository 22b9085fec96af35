package main

import (
	"os"
	"runtime"
	"runtime/debug"
)

// thrifty is how much garbage there may be for every 100 bytes in use, where
// GOGC does not say. The runtime's own 100 takes 5 MB more at 64 commands in
// flight and saves some 3 % of the time of a command. There is no limit of the
// whole beside it: one of 24 MB took another 4 MB away, and a sixth of all time
// went into collecting; in a team of thousands it would be half.
const thrifty = 50

// frugal settles how the process takes memory. It is for a process that is
// nothing but the program.
func frugal(cfg *Config) {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(thrifty)
	}
	if !cfg.Monitor.Pprof {
		runtime.MemProfileRate = 0 // 1.5 MB of what nobody can ask for
	}
}

// forgetStart gives back what only the start needed: the garbage of reading the
// configuration and the curriculum, and the code that ran once.
func forgetStart() {
	debug.FreeOSMemory()
	unmapText()
}

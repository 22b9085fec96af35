package main

import (
	"os"
	"runtime"
	"runtime/debug"
)

// thrifty is how much garbage there may be for every 100 bytes in use, where
// GOGC does not say. With the runtime's own 100, BenchmarkMemory peaked 5 MB
// higher, and collecting took 5 % of the time instead of 9 %. There is no limit
// of the whole beside it: one of 24 MB saved another 4 MB and made that 17 %, and
// one that does not grow with a team can make it half. GOMEMLIMIT sets one.
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
// configuration and the curriculum, and pages of the program's file.
func forgetStart() {
	debug.FreeOSMemory()
	forgetPages()
}

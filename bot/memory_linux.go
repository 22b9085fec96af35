package main

import (
	"fmt"
	"os"
	"strings"
	"syscall"
)

// unmapText takes the program's code and constants out of its memory. What is
// used again comes back from the system's own copy of the file, without a read
// of the disk as long as that is there. It is an advice: what is refused stays.
func unmapText() {
	self, err := os.Readlink("/proc/self/exe")
	if err != nil {
		return
	}
	maps, err := os.ReadFile("/proc/self/maps")
	if err != nil {
		return
	}
	for line := range strings.Lines(string(maps)) {
		if from, to, ok := textOf(line, self); ok {
			syscall.Syscall(syscall.SYS_MADVISE, from, to-from, syscall.MADV_DONTNEED)
		}
	}
}

// textOf returns the addresses of a line of /proc/self/maps if nobody can write
// there and it shows the file at path: only then all of it is in the file.
func textOf(line, path string) (from, to uintptr, ok bool) {
	var rights string
	if n, _ := fmt.Sscanf(line, "%x-%x %s", &from, &to, &rights); n < 3 {
		return 0, 0, false
	}
	ok = strings.HasSuffix(strings.TrimSuffix(line, "\n"), " "+path) && (rights == "r-xp" || rights == "r--p")
	return from, to, ok
}

package main

import (
	"os"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// forgetPages gives back the pages of the program's own file that are in
// memory: most were needed for the start only, and each brought its neighbours.
// Those in use come back by themselves. Only what cannot be written to and has
// no page of its own is given back, so that nothing is lost.
func forgetPages() {
	exe, err := os.Executable()
	if err != nil {
		return
	}
	maps, err := os.ReadFile("/proc/self/smaps")
	if err != nil {
		return
	}
	for _, m := range untouched(string(maps), exe) {
		_, _, _ = unix.Syscall(unix.SYS_MADVISE, m.from, m.to-m.from, unix.MADV_DONTNEED) // no harm if it does not
	}
}

// A mapping is part of the address space.
type mapping struct{ from, to uintptr }

// untouched are the mappings of a file that are as the file is, and stay so.
func untouched(smaps, file string) (all []mapping) {
	var m mapping
	ours := false
	for line := range strings.Lines(smaps) {
		f := strings.Fields(line)
		switch {
		case len(f) >= 5 && strings.Contains(f[0], "-"):
			var ok bool
			m, ok = span(f[0])
			ours = ok && len(f) == 6 && f[5] == file && strings.HasPrefix(f[1], "r-") && strings.HasSuffix(f[1], "p")
		case ours && len(f) == 3 && f[0] == "Anonymous:" && f[1] == "0":
			all = append(all, m)
		}
	}
	return all
}

func span(s string) (m mapping, ok bool) {
	from, to, _ := strings.Cut(s, "-")
	a, err1 := strconv.ParseUint(from, 16, 64)
	b, err2 := strconv.ParseUint(to, 16, 64)
	return mapping{uintptr(a), uintptr(b)}, err1 == nil && err2 == nil && a < b
}

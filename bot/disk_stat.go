//go:build linux || darwin

package main

import "golang.org/x/sys/unix"

// freeSpace is how many bytes this user may still write in dir; ok is false
// where the system does not tell.
func freeSpace(dir string) (bytes uint64, ok bool) {
	var s unix.Statfs_t
	if err := unix.Statfs(dir, &s); err != nil {
		return 0, false
	}
	return s.Bavail * uint64(s.Bsize), true
}

// writable is an error if this user may not write a file, or make files in a
// folder. Nothing is written.
func writable(name string, dir bool) error {
	mode := uint32(unix.W_OK)
	if dir {
		mode |= unix.X_OK
	}
	return unix.Access(name, mode)
}

package sqlite

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
)

// A LockedError says that another process runs on the database.
type LockedError struct {
	Path string // of the lock file
	PID  int    // 0 if it is not known
}

func (e *LockedError) Error() string {
	if e.PID == 0 {
		return fmt.Sprintf("another rapport runs on this database (it holds %s): end it, or name another file in [database] url", e.Path)
	}
	return fmt.Sprintf("another rapport, process %d, runs on this database (it holds %s): end it, or name another file in [database] url", e.PID, e.Path)
}

var errHeld = errors.New("held")

// Lock keeps a second process off the database at path until the returned
// Closer is closed or this process ends. The error is a [*LockedError] if one
// is there. Nothing that is stored depends on the lock: it only spares people
// two copies of the program.
func Lock(path string) (io.Closer, error) {
	name := path + ".lock"
	f, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, explain(path, 0, fmt.Errorf("lock: %w", err))
	}
	if err := tryLock(f); err != nil {
		defer f.Close()
		if !errors.Is(err, errHeld) {
			return nil, fmt.Errorf("lock %s: %w", name, err)
		}
		return nil, &LockedError{name, pidIn(f)}
	}
	err = f.Truncate(0)
	if err == nil {
		_, err = f.WriteAt([]byte(strconv.Itoa(os.Getpid())+"\n"), 0)
	}
	if err != nil {
		f.Close()
		return nil, fmt.Errorf("lock %s: %w", name, err)
	}
	return f, nil
}

func pidIn(f *os.File) int {
	text, _ := io.ReadAll(io.NewSectionReader(f, 0, 20))
	pid, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil {
		return 0
	}
	return pid
}

//go:build crashpoints

package schedules

import (
	"os"
	"path/filepath"
)

// crash kills the process, as kill -9 does, if RAPPORT_CRASH is point. Before
// that it writes point to the file that RAPPORT_CRASH_MARKER names, so that a
// test can tell that the point was reached.
//
// The points are after-choose, after-advance, after-claim, after-start,
// before-settle and after-settle.
func crash(point string) {
	if os.Getenv("RAPPORT_CRASH") != point {
		return
	}
	if err := mark(os.Getenv("RAPPORT_CRASH_MARKER"), point); err != nil {
		panic("crash point " + point + ": no marker: " + err.Error())
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

// mark writes the marker in one step: several goroutines may come to a point
// at the same time, and the first of them kills the others while they write.
func mark(path, point string) error {
	f, err := os.CreateTemp(filepath.Dir(path), "marker-*")
	if err != nil {
		return err
	}
	if _, err := f.WriteString(point); err != nil {
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}

//go:build crashpoints

package crashpoint

import (
	"os"
	"path/filepath"
)

// At kills the process, as kill -9 does, if point is the one that RAPPORT_CRASH
// names, or that stands in the file RAPPORT_CRASH_FILE at this moment. Before
// that it writes point to the file that RAPPORT_CRASH_MARKER names, if any, so
// that a test can tell that the point was reached.
//
// Of planning and sending the points are after-choose, after-advance,
// after-claim, after-start, before-settle and after-settle; of what people do
// before-commit, after-commit and filing; of a new schema copied-aside, after-migration
// and before-upgrade; of a backup before-copy and after-copy; of new keys
// key-made, key-wrapped, key-replaced, key-renewed, key-resealing and
// key-resealed.
func At(point string) {
	if !wanted(point) {
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

func wanted(point string) bool {
	if os.Getenv("RAPPORT_CRASH") == point {
		return true
	}
	file := os.Getenv("RAPPORT_CRASH_FILE")
	if file == "" {
		return false
	}
	text, err := os.ReadFile(file)
	return err == nil && string(text) == point
}

// mark writes the marker in one step: several goroutines may come to a point
// at the same time, and the first of them kills the others while they write.
func mark(path, point string) error {
	if path == "" {
		return nil
	}
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

//go:build crashpoints

package schedules

import "os"

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
	if err := os.WriteFile(os.Getenv("RAPPORT_CRASH_MARKER"), []byte(point), 0o600); err != nil {
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

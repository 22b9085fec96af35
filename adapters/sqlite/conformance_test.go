package sqlite

import (
	"path/filepath"
	"testing"
	"time"

	"rapport/coach"
	"rapport/coach/coachtest"
	"rapport/schedules/schedulestest"
)

func TestCoachStore(t *testing.T) {
	coachtest.TestStore(t, func(t *testing.T, now func() time.Time) coach.Store {
		return openAt(t, filepath.Join(t.TempDir(), "rapport.db"), new(coachtest.MemKeys), now)
	})
}

func TestSchedulesStore(t *testing.T) {
	schedulestest.TestStore(t, func(t *testing.T, now func() time.Time) schedulestest.Store {
		return openAt(t, filepath.Join(t.TempDir(), "rapport.db"), new(coachtest.MemKeys), now)
	})
}

package coachtest

import (
	"testing"
	"time"

	"rapport/coach"
)

func TestMem(t *testing.T) {
	TestStore(t, func(_ *testing.T, now func() time.Time) coach.Store { return NewMem(now) })
}

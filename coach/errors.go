package coach

import (
	"errors"
	"fmt"
	"time"
)

// A mistake is something a person can put right. [Coach.Handle] turns it into
// a message; the text of any other error is never shown.
type mistake struct{ Message }

func (m *mistake) Error() string { return "mistake: " + m.Title }

// A SendError says why a message was not delivered and what becomes of it.
// Every error that a Sender returns wraps one.
type SendError struct {
	Fate  Fate
	After time.Duration // for Later: how long the platform asked to wait; 0 if it did not say
	Alone bool          // for Later: only this message has to wait, and others to the same kind of place need not
	Why   string        // a few words for the admin, such as "the channel is archived"; never private; "" = nothing to add
	Fix   string        // what the admin can do there about it, as a sentence without its full stop; "" = not known
	Err   error
}

func (e *SendError) Error() string { return fmt.Sprintf("%s: %v", e.Fate, e.Err) }

func (e *SendError) Unwrap() error { return e.Err }

// WhyNotIn is the Why of a channel that the app was not invited to: set-up then
// says how to.
const WhyNotIn = "I am not in the channel"

// A Fate is what becomes of a message that was not delivered.
type Fate uint8

// The fates of an undelivered message.
const (
	Later   Fate = iota + 1 // known not to be sent: busy, throttled or unreachable; send again
	Never                   // known not to be sent and our fault, such as a bad payload: drop it
	Closed                  // the place or person is gone or shut: drop it and stop what is planned for it
	InDoubt                 // it may have been sent
)

func (f Fate) String() string {
	switch f {
	case Later:
		return "later"
	case Never:
		return "never"
	case Closed:
		return "closed"
	}
	return "in doubt"
}

// FateOf returns the fate err carries, and how long to wait. An error that
// carries none may have come after the message was sent: it is in doubt.
func FateOf(err error) (Fate, time.Duration) {
	if e, ok := errors.AsType[*SendError](err); ok {
		return e.Fate, e.After
	}
	return InDoubt, 0
}

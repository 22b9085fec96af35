package schedules

import (
	"context"
	"time"

	"rapport/coach"
	"rapport/coach/streak"
)

// A Store keeps what is due and what is on its way. Implementations pass
// schedulestest.TestStore. "now" is the coach clock, "machine" the machine
// clock (leases, deadlines).
type Store interface {
	// Due returns at most limit rows whose Next is not after now, earliest first.
	Due(ctx context.Context, now time.Time, limit int) ([]Due, error)

	// Advance takes steps, all in one transaction: each moves its row on and,
	// if it has a Delivery, queues that. A step whose row is no longer as it
	// was read changes nothing. The result says, for each step, what became of it.
	Advance(ctx context.Context, now time.Time, steps []Step) ([]Advanced, error)

	// Claim takes ready deliveries for owner until machine+lease, at most
	// perLane of each lane, lanes in order of their oldest delivery. What may
	// no longer go (team stopped, person paused or gone) is settled as dead
	// on the way. The claim is durable when Claim returns.
	Claim(ctx context.Context, c Claim) ([]Delivery, error)

	// Start records, durably, that the network call for d begins; an instant
	// that is there already is kept, since the first call matters. It reports
	// false if d is no longer ours or may no longer go.
	Start(ctx context.Context, d Delivery, machine time.Time) (bool, error)

	// Settle records how d ended, fenced by id, attempt and owner: false means
	// somebody else has it. Effects of the outcome happen in the same
	// transaction. What is in doubt may be settled as Ready once more. What is
	// settled as Ready has d.Started from then on, through later claims: the
	// first call that may have sent it, or zero if none has.
	Settle(ctx context.Context, d Delivery, o Outcome) (bool, error)

	// Lapsed ends leases that ran out by machine, and those that end more than
	// LongestLease after it, which were made before the clock was put back: what
	// never started is ready again, what did is in doubt and returned.
	Lapsed(ctx context.Context, machine time.Time) ([]Delivery, error)
}

// LongestLease is how far ahead a lease may end.
const LongestLease = time.Hour

// A Due is a standing or single wish with its next instant.
type Due struct {
	ID      int64
	Kind    string
	Subject string
	To      coach.Address
	Spec    string // "" for a single one
	Zone    string
	Next    time.Time
	Date    streak.Date // nominal local date of Next, part of the key
	Last    streak.Date // nominal date of the last occurrence, "" if none: never fired again
	Exact   bool
	Memory  []byte
}

// Key names one occurrence for all time: kind, subject and nominal local date,
// never the instant.
func (d Due) Key() string { return d.Kind + "/" + d.Subject + "/" + string(d.Date) }

// A Step moves a Due on.
type Step struct {
	Due      Due
	Next     time.Time // zero: the wish ends
	NextDate streak.Date
	Memory   []byte       // replaces Due.Memory
	Said     []coach.Said // recorded for the person of Due.To
	Delivery *Delivery    // nil: nothing is sent this time
	Missed   string       // why a slot passed unsaid through no choice of the person, "" if it did not
}

// Advanced is what became of a Step.
type Advanced uint8

// What can become of a Step.
const (
	Stale  Advanced = iota // the row had changed: nothing was done
	Moved                  // the row moved on and nothing was queued
	Queued                 // the row moved on and the delivery is queued
	Spent                  // the row moved on; the person had their message that day
)

// A Delivery is one message on its way.
type Delivery struct {
	ID      int64
	Key     string // unique for all time
	Kind    string // of the Due
	Subject string
	To      coach.Address
	Lane    string // what is sent one after another, such as one channel
	Date    streak.Date
	Zone    string
	Exact   bool
	Choice  coach.Choice
	DueAt   time.Time
	Ready   time.Time // not before this instant of the coach clock
	Attempt int       // counts claims
	Owner   string
	Started time.Time // machine clock, of the first call that may have sent it; zero if there was none
}

// A Claim says what to take.
type Claim struct {
	Now, Machine time.Time
	Owner        string
	Lease        time.Duration
	PerLane      int
	Limit        int
	Skip         []string // lanes that are waiting for a platform
}

// An Outcome is how a try to deliver ended.
type Outcome struct {
	State State
	Ref   string    // Done: the platform's name of the message
	Ready time.Time // Ready: when to try again
	Why   string    // Dead and InDoubt: a word for the admin, without private text
	Close bool      // Dead: the place is gone or shut: end every wish for it
	Ours  bool      // Dead: failed for our reason; a person's week is excused
}

// A State is where a delivery is.
type State string

// The states of a delivery.
const (
	Ready   State = "ready"
	Sending State = "sending"
	Done    State = "done"
	InDoubt State = "in_doubt"
	Dead    State = "dead"
)

// A Sender puts a message in front of people. Adapters implement it. Send may
// be called again with the same key when the first outcome is not known. Every
// error wraps a [coach.SendError]; ref names the message on the platform.
type Sender interface {
	Send(ctx context.Context, to coach.Address, key string, m coach.Message) (ref string, err error)
}

// A Liner is a [Sender] with places at which one has to stand in line. Line is
// how long a message there is to be put off before it is tried, 0 for not at all.
// It does not wait: who is put off takes nothing of the pace of others.
type Liner interface {
	Line(ctx context.Context, to coach.Address) time.Duration
}

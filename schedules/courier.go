package schedules

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"rapport/coach"
	"rapport/schedules/crashpoint"
)

// A Courier brings deliveries to their senders, each at most once as far as a
// platform lets it know. Fields are not changed once it is used.
type Courier struct {
	Store    Store
	Senders  map[coach.Platform]Sender
	Speakers map[string]coach.Speaker // by kind
	Now      func() time.Time         // the coach clock
	Grace    Grace
	Pace     map[coach.Platform]Pace
	Owner    string        // names this process among all that share the store
	Lanes    int           // lanes at once; 0 is 16
	Tries    int           // claims of one delivery before it is dropped; 0 is 60
	Lease    time.Duration // of a claim; 0 is a minute. Shorter than sending takes, it is for tests

	// Settled, if set, is told of every end of a try, from several goroutines.
	// err is why it failed; its text names no person and no private words.
	Settled func(d Delivery, o Outcome, err error)

	mu       sync.Mutex
	busy     chan struct{} // holds one token while Deliver runs
	wake     chan struct{}
	lanes    map[string]*lane
	lines    map[coach.Platform]*line
	stumbles map[int64]int // failures to compose, by delivery
	lapsed   time.Time     // when leases were last looked at
}

// init makes what the zero Courier lacks.
func (c *Courier) init() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.busy != nil {
		return
	}
	c.busy, c.wake = make(chan struct{}, 1), make(chan struct{}, 1)
	c.lanes, c.lines = make(map[string]*lane), make(map[coach.Platform]*line)
	c.stumbles = make(map[int64]int)
	for p := range c.Senders {
		pace := c.Pace[p]
		c.lines[p] = &line{Pace: pace, rate: limiter(pace.All)}
	}
}

// Wake makes a running Deliver look for new deliveries now.
func (c *Courier) Wake() {
	c.init()
	select {
	case c.wake <- struct{}{}:
	default:
	}
}

// Deliver sends what is ready and returns when nothing more can be sent now:
// what waits for a platform is left for a later call. When ctx ends it
// finishes what was started and gives back the rest. Calls take turns. The
// error is the store's; what platforms answer goes to Settled.
func (c *Courier) Deliver(ctx context.Context) error {
	c.init()
	select {
	case c.busy <- struct{}{}:
		defer func() { <-c.busy }()
	case <-ctx.Done():
		return ctx.Err()
	}
	t := trip{Courier: c, running: make(map[string]bool), done: make(chan ended)}
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		if err := t.load(ctx); err != nil {
			t.fail(err)
		}
		if len(t.running) == 0 {
			return errors.Join(t.errs...)
		}
		select {
		case e := <-t.done:
			delete(t.running, e.lane)
			t.fail(e.err)
		case <-c.wake:
		case <-tick.C:
		}
	}
}

// A trip is one call of [Courier.Deliver].
type trip struct {
	*Courier
	running map[string]bool // lanes on their way
	waiting []load          // claimed, for lanes that have no hands yet
	done    chan ended
	broken  bool // the store failed: no more claims
	errs    []error
}

// A load is what was claimed of one lane.
type load struct {
	lane    string
	rows    []Delivery
	claimed time.Time // machine clock
}

type ended struct {
	lane string
	err  error
}

func (t *trip) fail(err error) {
	if err == nil {
		return
	}
	t.broken = true
	if len(t.errs) < 20 {
		t.errs = append(t.errs, err)
	}
}

// load claims deliveries if there are hands for them, and sends them on.
func (t *trip) load(ctx context.Context) error {
	var err error
	if len(t.waiting) == 0 && len(t.running) < t.hands() && !t.broken && ctx.Err() == nil {
		err = t.claim(ctx)
	}
	for len(t.waiting) > 0 && len(t.running) < t.hands() {
		l := t.waiting[0]
		t.waiting = t.waiting[1:]
		t.running[l.lane] = true
		go func() { t.done <- ended{l.lane, t.carry(ctx, l)} }()
	}
	return err
}

func (c *Courier) hands() int {
	if c.Lanes > 0 {
		return c.Lanes
	}
	return 16
}

func (c *Courier) tries() int {
	if c.Tries > 0 {
		return c.Tries
	}
	return 60
}

func (c *Courier) lease() time.Duration {
	if c.Lease > 0 {
		return c.Lease
	}
	return leaseTime
}

// startTime is how long after its claim a delivery may start: late enough to
// let many go with one claim, and early enough to be sent within the lease.
func (c *Courier) startTime() time.Duration { return c.lease() / 3 }

// claim takes deliveries of lanes that are free.
func (t *trip) claim(ctx context.Context) error {
	machine := time.Now()
	if err := t.reclaim(ctx, machine); err != nil {
		return err
	}
	var skip []string
	for l := range t.running {
		skip = append(skip, l)
	}
	rows, err := t.Store.Claim(ctx, Claim{
		Now: t.Now(), Machine: machine, Owner: t.Owner, Lease: t.lease(),
		PerLane: t.perLane(), Limit: 8 * (t.hands() - len(t.running)), Skip: append(skip, t.resting()...),
	})
	if err != nil {
		return fmt.Errorf("claim: %w", err)
	}
	if len(rows) > 0 {
		crashpoint.At("after-claim")
	}
	at := make(map[string]int)
	for _, d := range rows {
		i, ok := at[d.Lane]
		if !ok {
			i = len(t.waiting)
			at[d.Lane] = i
			t.waiting = append(t.waiting, load{lane: d.Lane, claimed: machine})
		}
		t.waiting[i].rows = append(t.waiting[i].rows, d)
	}
	return nil
}

// reclaim looks, not too often, at leases that ran out.
func (t *trip) reclaim(ctx context.Context, machine time.Time) error {
	if machine.Sub(t.lapsed) < t.lease()/6 {
		return nil
	}
	rows, err := t.Store.Lapsed(ctx, machine)
	if err != nil {
		return fmt.Errorf("lapsed: %w", err)
	}
	t.lapsed = machine
	for _, d := range rows {
		if err := t.doubt(ctx, d, errors.New("lease ran out")); err != nil {
			return err
		}
	}
	return nil
}

// perLane is how many messages of the slowest lane can start in time.
func (c *Courier) perLane() int {
	n := 20.0
	for _, l := range c.lines {
		for _, r := range []float64{float64(l.Channel), float64(l.Direct)} {
			if r > 0 {
				n = min(n, r*c.startTime().Seconds())
			}
		}
	}
	return max(1, int(n))
}

// resting returns the lanes that wait for a platform. Lanes that are as good
// as new are forgotten.
func (t *trip) resting() []string {
	t.mu.Lock()
	defer t.mu.Unlock()
	var names []string
	for name, l := range t.lanes {
		switch {
		case l.waits() > 0:
			names = append(names, name)
		case !t.running[name] && l.asNew():
			delete(t.lanes, name)
		}
	}
	return names
}

// lane returns the lane and the line of d; ok is false where the platform has
// no sender.
func (c *Courier) lane(d Delivery) (*lane, *line, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	way, ok := c.lines[d.To.Platform]
	if !ok {
		return nil, nil, false
	}
	l := c.lanes[d.Lane]
	if l == nil {
		each := way.Channel
		if d.To.Kind != coach.InChannel {
			each = way.Direct
		}
		l = &lane{rate: limiter(each)}
		c.lanes[d.Lane] = l
	}
	return l, way, true
}

// carry sends the deliveries of one lane, in order, as many at once as the
// platform's Width says.
func (c *Courier) carry(ctx context.Context, l load) error {
	width := 1
	if _, way, ok := c.lane(l.rows[0]); ok && l.rows[0].To.Kind != coach.InChannel {
		width = max(1, way.Width)
	}
	var wait sync.WaitGroup
	errs := make([]error, len(l.rows))
	hands := make(chan struct{}, width)
	for i, d := range l.rows {
		hands <- struct{}{}
		wait.Go(func() {
			defer func() { <-hands }()
			errs[i] = guard(func() error { return c.deliver(ctx, d, l.claimed) })
		})
	}
	wait.Wait()
	return errors.Join(errs...)
}

package schedules

import (
	"context"
	"errors"
	"fmt"
	"time"

	"rapport/coach"
	"rapport/schedules/crashpoint"
)

// Times of a delivery, on the machine clock.
const (
	leaseTime   = time.Minute // how long a claim holds; a third of it is for starting, or it is given back
	composeTime = 5 * time.Second
	sendTime    = 10 * time.Second
	settleTime  = 10 * time.Second
)

// Words for the admin.
const (
	whyLate    = "too late"         // the moment passed before it could be sent
	whyTries   = "too many tries"   // the platform did not take it
	whyRefused = "refused"          // the platform says the message is wrong
	whyClosed  = "closed"           // the place is gone or shut
	whyUnknown = "no answer"        // it may have been sent
	whyWords   = "not composed"     // the words could not be put together
	whyNobody  = "platform not set" // no sender for its platform
)

// deliver takes one delivery from claimed to settled.
func (c *Courier) deliver(ctx context.Context, d Delivery, claimed time.Time) error {
	in, way, ok := c.lane(d)
	if !ok {
		return c.settle(ctx, d, Outcome{State: Dead, Why: whyNobody, Ours: true}, nil)
	}
	if settled, err := c.weed(ctx, d, way); settled {
		return err
	}
	if wait := in.waits(); wait > 0 || ctx.Err() != nil {
		return c.giveBack(ctx, d, wait)
	}
	if l, ok := c.Senders[d.To.Platform].(Liner); ok {
		if wait := l.Line(ctx, d.To); wait > 0 {
			return c.giveBack(ctx, d, wait)
		}
	}
	turn, cancel := context.WithTimeout(ctx, c.startTime()-time.Since(claimed))
	err := way.wait(turn, in, d.To.Kind != coach.InChannel)
	cancel()
	if err != nil { // its turn is too far away
		return c.giveBack(ctx, d, c.startTime()/4)
	}
	m, err := c.compose(ctx, d)
	if err != nil {
		return c.stumble(ctx, d, err)
	}
	if wait, ok := way.open(); !ok {
		return c.giveBack(ctx, d, wait)
	}
	if in.waits() > 0 || time.Since(claimed) > c.startTime() || ctx.Err() != nil {
		return c.giveBack(ctx, d, in.waits())
	}
	mine, err := c.Store.Start(context.WithoutCancel(ctx), d, time.Now())
	if err != nil {
		return fmt.Errorf("start: %w", err)
	}
	if !mine {
		return nil
	}
	crashpoint.At("after-start")
	begun := time.Now()
	ref, err := c.send(ctx, d, m)
	crashpoint.At("before-settle")
	if fate, _ := coach.FateOf(err); err != nil && fate == coach.InDoubt && d.Started.IsZero() {
		d.Started = begun
	}
	err = c.conclude(ctx, d, in, way, ref, err)
	crashpoint.At("after-settle")
	return err
}

// weed settles what is not to be sent any more.
func (c *Courier) weed(ctx context.Context, d Delivery, way *line) (settled bool, err error) {
	if !d.Started.IsZero() && !way.Doubt.allows(d.Started) {
		return true, c.settle(ctx, d, Outcome{State: InDoubt, Why: whyUnknown}, nil)
	}
	if d.Attempt > c.tries() {
		return true, c.settle(ctx, d, dropped(d, whyTries), nil)
	}
	ok, err := c.Grace.allows(d.Kind, d.Zone, d.DueAt, c.Now())
	if err != nil || !ok {
		return true, c.settle(ctx, d, dropped(d, whyLate), err)
	}
	return false, nil
}

// dropped is how a delivery ends that is given up: dead, for our reason, unless
// an earlier try may have been seen.
func dropped(d Delivery, why string) Outcome {
	if !d.Started.IsZero() {
		return Outcome{State: InDoubt, Why: whyUnknown}
	}
	return Outcome{State: Dead, Why: why, Ours: true}
}

// compose finds the words of d.
func (c *Courier) compose(ctx context.Context, d Delivery) (m coach.Message, err error) {
	speaker, ok := c.Speakers[d.Kind]
	if !ok {
		return m, errors.New("no speaker for this kind")
	}
	ctx, cancel := context.WithTimeout(ctx, composeTime)
	defer cancel()
	err = guard(func() error {
		m, err = speaker.Compose(ctx, coach.Occasion{
			Kind: d.Kind, Subject: d.Subject, To: d.To, Date: d.Date, At: c.Now(), Zone: d.Zone, Memory: d.Choice.Memory,
		}, d.Choice)
		if err == nil {
			err = m.Check()
		}
		return err
	})
	return m, err
}

// stumble puts a delivery off whose words could not be found, a few times.
func (c *Courier) stumble(ctx context.Context, d Delivery, cause error) error {
	if ctx.Err() != nil {
		return c.giveBack(ctx, d, 0)
	}
	c.mu.Lock()
	c.stumbles[d.ID]++
	n := c.stumbles[d.ID]
	c.mu.Unlock()
	if n >= 4 {
		return c.settle(ctx, d, dropped(d, whyWords), cause)
	}
	return c.again(ctx, d, backoff(5*time.Second, time.Minute, n), cause)
}

// send calls the platform. What a sender panics with came at an unknown moment.
func (c *Courier) send(ctx context.Context, d Delivery, m coach.Message) (ref string, err error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), sendTime)
	defer cancel()
	err = guard(func() error {
		ref, err = c.Senders[d.To.Platform].Send(ctx, d.To, d.Key, m)
		return err
	})
	return ref, err
}

// conclude settles d by what the platform answered.
func (c *Courier) conclude(ctx context.Context, d Delivery, in *lane, way *line, ref string, cause error) error {
	if cause == nil {
		in.ok()
		way.heard(0, 0)
		return c.settle(ctx, d, Outcome{State: Done, Ref: ref}, nil)
	}
	fate, asked := coach.FateOf(cause)
	way.heard(fate, asked)
	switch fate {
	case coach.Later:
		wait := asked
		if e, ok := errors.AsType[*coach.SendError](cause); !ok || !e.Alone || asked <= 0 {
			wait = in.pause(asked)
		}
		if d.Attempt >= c.tries() {
			return c.settle(ctx, d, dropped(d, reason(cause, whyTries)), cause)
		}
		return c.again(ctx, d, wait, cause)
	case coach.Never:
		return c.settle(ctx, d, dropped(d, reason(cause, whyRefused)), cause)
	case coach.Closed:
		return c.settle(ctx, d, Outcome{State: Dead, Why: reason(cause, whyClosed), Close: true}, cause)
	}
	in.pause(0)
	return c.doubt(ctx, d, cause)
}

// reason is what the admin is told: the platform's words for it, or else why.
func reason(cause error, why string) string {
	if e, ok := errors.AsType[*coach.SendError](cause); ok && e.Why != "" {
		return e.Why
	}
	return why
}

// doubt records that d may have been sent, and then, where the platform can
// tell a repetition, lets it be sent again.
func (c *Courier) doubt(ctx context.Context, d Delivery, cause error) error {
	if err := c.settle(ctx, d, Outcome{State: InDoubt, Why: whyUnknown}, cause); err != nil {
		return err
	}
	_, way, ok := c.lane(d)
	if !ok || !way.Doubt.allows(d.Started) {
		return nil
	}
	ready := c.Now().Add(backoff(time.Second, 30*time.Second, d.Attempt))
	if way.Doubt.Within > 0 && d.Ready.Before(ready) {
		ready = d.Ready // its old place: behind all that waits it may come too late
	}
	return c.settle(ctx, d, Outcome{State: Ready, Ready: ready}, cause)
}

// again makes d ready once more after a wait.
func (c *Courier) again(ctx context.Context, d Delivery, wait time.Duration, cause error) error {
	return c.settle(ctx, d, Outcome{State: Ready, Ready: c.Now().Add(wait)}, cause)
}

// giveBack makes d ready for whoever has time for it.
func (c *Courier) giveBack(ctx context.Context, d Delivery, wait time.Duration) error {
	return c.again(ctx, d, wait, nil)
}

// settle records an outcome, also when ctx has ended: the message is out.
func (c *Courier) settle(ctx context.Context, d Delivery, o Outcome, cause error) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), settleTime)
	defer cancel()
	mine, err := c.Store.Settle(ctx, d, o)
	if err != nil {
		return fmt.Errorf("settle: %w", err)
	}
	if o.State != Ready {
		c.mu.Lock()
		delete(c.stumbles, d.ID)
		c.mu.Unlock()
	}
	if mine && c.Settled != nil {
		c.Settled(d, o, cause)
	}
	return nil
}

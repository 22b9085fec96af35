package discord

import "context"

// stop ends Run with err, and makes Send refuse from now on. The first err
// counts.
func (a *Adapter) stop(err error) { a.life.Stop(err) }

// stopped is what stop was given, nil before.
func (a *Adapter) stopped() error { return a.life.Stopped() }

// Ready is nil while interactions come in, and otherwise says why they do not.
func (a *Adapter) Ready(context.Context) error { return a.life.Ready() }

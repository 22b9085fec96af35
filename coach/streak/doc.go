// Package streak decides what a person's practice adds up to: which local weeks are kept, how long the present run is,
// how many rest weeks are in hand, and what a press, an undo, a move between time zones or a pause changes about it.
//
// The truth is a log of events that is only ever added to. [Fold] turns a log into a [Ledger], and does it the same way
// every time: it reads the local dates stamped when the events were written and never works a date out from UTC again,
// so that a newer time zone database or a person's next move cannot rewrite the past.
//
// The package knows no clock, store, platform or words. Days and instants are handed in; whoever writes an event has
// checked that the person may. It knows one person at a time: nothing here compares people.
package streak

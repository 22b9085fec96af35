// Package sqlite keeps what must not be forgotten in one SQLite file.
//
// [DB] implements coach.Store and schedules.Store. The package decides how rows
// lie on disk, what shares a transaction, how long things are kept and how a
// file is copied, restored and upgraded. It does not know what is said, how
// words are sealed (a keyring does that) or when the sweeps run.
//
// All writing goes through one goroutine, which commits waiting calls together.
// Check-ins are appended, and filed where they belong later: see arrival.go.
package sqlite

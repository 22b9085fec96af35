// Package keyring keeps the keys that people's own words are sealed with, in
// one file beside the database and never in it.
//
// It decides how a text is sealed (AES-256-GCM under a data key per account),
// how a data key is kept (wrapped by the master key, in an append-only file
// that is durable before the first text sealed with it) and what is left of an
// erased person (a keyed tombstone). It does not know what the texts are, where
// they are stored, or where the master key comes from.
package keyring

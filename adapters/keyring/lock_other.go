//go:build !unix

package keyring

import "os"

// lockFile does nothing where files cannot be locked this way: there the lock
// of the database keeps a second process out.
func lockFile(*os.File) error { return nil }

func unlockFile(*os.File) error { return nil }

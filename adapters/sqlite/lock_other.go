//go:build !unix

package sqlite

import "os"

// tryLock holds nothing where files cannot be locked this way.
func tryLock(*os.File) error { return nil }

package sqlite

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"time"

	driver "modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// A SchemaError says that the file was written by a newer program.
type SchemaError struct{ Have, Know int }

func (e *SchemaError) Error() string {
	return fmt.Sprintf("its schema is version %d and this program knows up to %d: run the newer rapport that wrote it, or restore a backup made before the upgrade", e.Have, e.Know)
}

var (
	errForeign = errors.New("it holds another program's tables: name a file of Rapport, or one that does not exist yet")
	errKeys    = errors.New("the keys file or its master key belongs to another database: put back the rapport.keys and the master key that were used with it")
)

// A Fault is why the database cannot be used, with what to do about it.
type Fault struct {
	Path string
	Fix  string
	Err  error
}

func (e *Fault) Error() string { return fmt.Sprintf("database %s: %s (%v)", e.Path, e.Fix, e.Err) }

func (e *Fault) Unwrap() error { return e.Err }

// explain turns what the system says about the file into a [Fault].
func explain(path string, busy time.Duration, err error) error {
	if fix := fixOf(path, busy, err); fix != "" {
		return &Fault{path, fix, err}
	}
	return fmt.Errorf("database %s: %w", path, err)
}

func fixOf(path string, busy time.Duration, err error) string {
	dir := filepath.Dir(path)
	if _, statErr := os.Stat(dir); errors.Is(statErr, fs.ErrNotExist) {
		return fmt.Sprintf("the folder %s does not exist: make it, or name another in [database] url", dir)
	}
	if info, statErr := os.Stat(path); statErr == nil && info.IsDir() {
		return "it is a folder: name a file in it"
	}
	var e *driver.Error
	switch code := codeOf(err); {
	case errors.Is(err, syscall.ENOSPC) || code == sqlite3.SQLITE_FULL || errors.As(err, &e) && e.Code() == sqlite3.SQLITE_IOERR_SHMSIZE:
		return "the disk is full: free some space"
	case errors.Is(err, fs.ErrPermission) || errors.Is(err, syscall.EROFS):
		return fmt.Sprintf("no right to make a file in %s: give this user the right to write there, or name another folder in [database] url", dir)
	case code == sqlite3.SQLITE_READONLY || code == sqlite3.SQLITE_CANTOPEN || code == sqlite3.SQLITE_PERM:
		return fmt.Sprintf("no right to write it: give this user the right to write the file and its folder %s", dir)
	case code == sqlite3.SQLITE_BUSY || code == sqlite3.SQLITE_LOCKED:
		return fmt.Sprintf("another process has held it locked for more than %s: end that process", busy)
	case code == sqlite3.SQLITE_NOTADB:
		return "it is not a database: name another file, or restore a backup"
	case code == sqlite3.SQLITE_CORRUPT:
		return "it is damaged: restore a backup"
	case code == sqlite3.SQLITE_IOERR:
		return "the disk reports a fault: look at the system's log, then restore a backup if the file is damaged"
	}
	return ""
}

// codeOf is SQLite's primary result code in err, 0 for none.
func codeOf(err error) int {
	if e, ok := errors.AsType[*driver.Error](err); ok {
		return e.Code() & 0xff
	}
	return 0
}

// makeFile makes an empty file that only this user can read. One that exists is
// left alone: to open and close it would drop the locks that SQLite holds on it
// elsewhere in this process.
func makeFile(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	if err != nil {
		return err
	}
	return f.Close()
}

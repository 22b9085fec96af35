package sqlite

import (
	"cmp"
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"rapport/schedules/crashpoint"
)

//go:embed migrations/*.sql
var released embed.FS

// applicationID marks a file as Rapport's ("RAPT").
const applicationID = 0x52415054

// migrate brings the schema of the file to the last version in migrations, in
// one transaction. A file that has an older schema is copied beside itself first.
func migrate(ctx context.Context, path string, busy time.Duration, migrations fs.FS) error {
	names, err := fs.Glob(migrations, "migrations/*.sql") // sorted
	if err != nil {
		return err
	}
	if err := refuseForeign(ctx, path, busy, len(names)); err != nil {
		return err
	}
	pool, err := sql.Open("sqlite", dsn(path, busy))
	if err != nil {
		return err
	}
	defer pool.Close()
	pool.SetMaxOpenConns(1)
	have, err := schemaOf(ctx, pool, len(names))
	if err != nil || have == len(names) {
		return err
	}
	if have > 0 {
		if err := copyAside(ctx, pool, path, have); err != nil {
			return fmt.Errorf("copy before the upgrade: %w", err)
		}
		crashpoint.At("copied-aside")
	}
	return upgrade(ctx, pool, migrations, names)
}

// refuseForeign looks at the file before anything is changed: a connection of
// ours would turn the journal of another program's database into a log.
func refuseForeign(ctx context.Context, path string, busy time.Duration, know int) error {
	pool, err := sql.Open("sqlite", fileURI(path)+fmt.Sprintf("?_error_rc=1&_pragma=busy_timeout(%d)", busy.Milliseconds()))
	if err != nil {
		return err
	}
	defer pool.Close()
	pool.SetMaxOpenConns(1)
	_, err = schemaOf(ctx, pool, know)
	return err
}

type querier interface {
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// schemaOf returns the version of the file's schema, 0 for an empty file. It is
// an error if that is not ours, or newer than know.
func schemaOf(ctx context.Context, q querier, know int) (int, error) {
	var have, app, tables int
	for _, fact := range []struct {
		query string
		to    *int
	}{{"PRAGMA user_version", &have}, {"PRAGMA application_id", &app}, {"SELECT count(*) FROM sqlite_master", &tables}} {
		if err := q.QueryRowContext(ctx, fact.query).Scan(fact.to); err != nil {
			return 0, err
		}
	}
	switch {
	case app != applicationID && (app != 0 || have != 0 || tables != 0):
		return 0, errForeign
	case have > know:
		return 0, &SchemaError{have, know}
	}
	return have, nil
}

// copyAside copies the file to one beside it that only this user can read.
func copyAside(ctx context.Context, pool *sql.DB, path string, version int) error {
	return vacuumInto(ctx, pool, fmt.Sprintf("%s.v%d-%s.bak", path, version, time.Now().UTC().Format("20060102-150405.000000")))
}

// vacuumInto writes a copy of the database to a new file of mode 0600. It has
// its name only once it is whole: what a copy that was cut short leaves behind
// ends in .part, and the next copy of that name begins with removing it.
func vacuumInto(ctx context.Context, pool *sql.DB, file string) error {
	if _, err := os.Lstat(file); !errors.Is(err, fs.ErrNotExist) {
		return cmp.Or(err, error(&fs.PathError{Op: "open", Path: file, Err: fs.ErrExist}))
	}
	part := file + ".part"
	if err := os.Remove(part); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	f, err := os.OpenFile(part, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	crashpoint.At("before-copy")
	if _, err := pool.ExecContext(ctx, "VACUUM INTO $1", part); err != nil {
		os.Remove(part)
		return err
	}
	crashpoint.At("after-copy")
	if err := syncFile(part); err != nil {
		return err
	}
	return errors.Join(os.Rename(part, file), syncDir(filepath.Dir(file)))
}

// syncDir makes the names in a folder outlast a loss of power, where the system
// can do that.
func syncDir(dir string) error {
	err := syncFile(dir)
	if errors.Is(err, errors.ErrUnsupported) || errors.Is(err, fs.ErrInvalid) || runtime.GOOS == "windows" {
		return nil
	}
	return err
}

func syncFile(name string) error {
	f, err := os.Open(name)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// upgrade runs the migrations that the file has not seen, in one transaction.
func upgrade(ctx context.Context, pool *sql.DB, migrations fs.FS, names []string) error {
	t, err := pool.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer t.Rollback()
	have, err := schemaOf(ctx, t, len(names)) // again: another process may have been faster
	if err != nil {
		return err
	}
	for _, name := range names[have:] {
		script, err := fs.ReadFile(migrations, name)
		if err != nil {
			return err
		}
		if _, err := t.ExecContext(ctx, string(script)); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		crashpoint.At("after-migration")
	}
	_, err = t.ExecContext(ctx, fmt.Sprintf("PRAGMA user_version = %d; PRAGMA application_id = %d", len(names), applicationID))
	if err != nil {
		return err
	}
	crashpoint.At("before-upgrade")
	return t.Commit()
}

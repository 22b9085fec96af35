package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"rapport/adapters/keyring"
	"rapport/adapters/sqlite"
	"rapport/coach"
)

// Below how much free space doctor warns, and below how much nothing can go on.
const (
	littleSpace = 256 << 20
	noSpace     = 16 << 20
)

// database opens the file to be read, and looks at its place.
func (e *examination) database(ctx context.Context) []coach.Finding {
	found := e.file(ctx)
	dir := filepath.Dir(e.path)
	free, ok := freeSpace(dir)
	if !ok {
		return found
	}
	var size uint64
	if info, err := os.Stat(e.path); err == nil {
		size = uint64(info.Size())
	}
	const name = "database: disk"
	why := fmt.Sprintf("%d MB are free in %s", free>>20, dir)
	switch {
	case free < noSpace:
		return append(found, fail(name, why, "free some space, or name a file on another disk in [database] url"))
	case free < max(littleSpace, 2*size):
		return append(found, warn(name, why+", which is little for the database and a copy of it", "free some space"))
	}
	return append(found, good(name, "%s", why))
}

func (e *examination) file(ctx context.Context) []coach.Finding {
	const name = "database"
	if _, err := os.Stat(e.path); errors.Is(err, fs.ErrNotExist) {
		return e.newFile()
	}
	db, err := sqlite.Look(ctx, e.path, sqlite.Options{Keys: e.lookKeys(), Now: e.coachNow, Keep: retention(e.cfg)})
	switch fault, known := errors.AsType[*sqlite.Fault](err); {
	case errors.Is(err, sqlite.ErrOlder):
		return append([]coach.Finding{good(name, "%s is of an older release; the next start upgrades it, after a copy beside it", e.path)}, e.rights()...)
	case known:
		return []coach.Finding{fail(name, fmt.Sprintf("%s cannot be used: %v", e.path, fault.Err), fault.Fix)}
	case err != nil:
		if newer, ok := errors.AsType[*sqlite.SchemaError](err); ok {
			return []coach.Finding{fail(name, fmt.Sprintf("%s has schema %d and this program knows up to %d", e.path, newer.Have, newer.Know),
				"run the newer rapport that wrote it, or restore a backup made before the upgrade")}
		}
		return []coach.Finding{fail(name, err.Error(), "name another file in [database] url, or restore a backup")}
	}
	e.db = db
	if ahead, err := db.Offset(ctx); err == nil {
		e.ahead = ahead
	}
	state := "no coach runs on it now"
	pid, held, err := sqlite.Held(e.path)
	if e.held = held; held {
		state = fmt.Sprintf("a coach runs on it (process %d)", pid)
	}
	if err != nil {
		return append([]coach.Finding{warn(name, "it is not known whether a coach runs on it: "+err.Error(), "run `rapport doctor` as the user that the coach runs as")}, e.rights()...)
	}
	rights := e.rights()
	if len(rights) > 0 {
		return rights
	}
	return []coach.Finding{good(name, "%s can be read and written; %s", e.path, state)}
}

// newFile is for a database that the first start will make.
func (e *examination) newFile() []coach.Finding {
	const name = "database"
	dir := filepath.Dir(e.path)
	if info, err := os.Stat(dir); err != nil || !info.IsDir() {
		return []coach.Finding{fail(name, "the folder "+dir+" does not exist", "make it, or name another in [database] url")}
	}
	if err := writable(dir, true); err != nil {
		return []coach.Finding{fail(name, fmt.Sprintf("no file can be made in %s: %v", dir, err), "give this user the right to write there, or name another folder in [database] url")}
	}
	return []coach.Finding{good(name, "there is none yet; the first start makes %s", e.path)}
}

// rights is what this user lacks to use the database, and what others have too
// much.
func (e *examination) rights() []coach.Finding {
	const name = "database"
	dir := filepath.Dir(e.path)
	for _, p := range []struct {
		name string
		dir  bool
	}{{dir, true}, {e.path, false}} {
		if err := writable(p.name, p.dir); err != nil {
			return []coach.Finding{fail(name, fmt.Sprintf("%s cannot be written: %v", p.name, err), "give this user the right to write the file and its folder "+dir+", or run doctor as the user that the coach runs as")}
		}
	}
	return open(name, e.path)
}

// open is a warning if everybody on the machine has a right to a file.
func open(name, file string) []coach.Finding {
	info, err := os.Stat(file)
	if err != nil || runtime.GOOS == "windows" || info.Mode().Perm()&0o007 == 0 {
		return nil
	}
	return []coach.Finding{warn(name, file+" is open to everybody on this machine", "run: chmod 600 "+file)}
}

// lookKeys is the ring as the database takes it: nil, not a Ring that is nil.
func (e *examination) lookKeys() sqlite.Keys {
	if e.ring == nil {
		return nil
	}
	return e.ring
}

// keys opens the keys to be read.
func (e *examination) keys() []coach.Finding {
	const name = "keys"
	file, missing := keysPath(e.env, e.cfg, e.path), false
	if _, err := os.Stat(file); errors.Is(err, fs.ErrNotExist) {
		missing = true
	}
	_, err := os.Stat(e.path)
	fresh := errors.Is(err, fs.ErrNotExist)
	master, from, err := e.master()
	switch {
	case errors.Is(err, fs.ErrNotExist) && fresh && missing:
		return []coach.Finding{good(name, "there are none yet; the first start makes %s and %s", from, file)}
	case errors.Is(err, fs.ErrNotExist):
		return []coach.Finding{fail(name, "there is no "+from, "put back the master key that was used with this database, or give it as RAPPORT_PRIVACY_KEY")}
	case err != nil:
		return []coach.Finding{fail(name, fmt.Sprintf("the master key in %s: %v", from, err), "put back the master key that was used with this database, readable for the user that the coach runs as")}
	case missing && fresh:
		return []coach.Finding{good(name, "the master key is there; the first start makes %s", file)}
	case missing:
		return []coach.Finding{fail(name, "there is no "+file, "put back the latest copy of the keys that were used with this database")}
	}
	ring, err := keyring.Look(file, master)
	switch {
	case errors.Is(err, keyring.ErrMaster) && e.cutShort(file):
		return []coach.Finding{fail(name, "a change of the master key was cut short", "run `rapport key rotate` again, or start the coach: both finish it")}
	case errors.Is(err, keyring.ErrMaster):
		return []coach.Finding{fail(name, fmt.Sprintf("the master key of %s does not fit %s", from, file), "put back the master key that was used with this database")}
	case err != nil:
		return []coach.Finding{fail(name, err.Error(), "put back the latest copy of the keys file, readable and writable for the user that the coach runs as")}
	}
	e.ring = ring
	if err := writable(file, false); err != nil {
		return []coach.Finding{fail(name, fmt.Sprintf("%s cannot be written: %v", file, err), "give this user the right to write it, or run doctor as the user that the coach runs as")}
	}
	found := open(name, file)
	if !e.cfg.Privacy.Key.Set() {
		found = append(found, open(name, from)...)
	}
	if len(found) == 0 {
		found = append(found, good(name, "the master key fits %s", file))
	}
	return found
}

// cutShort reports whether `key rotate` was ended after it wrapped the keys and
// before the new master key was in its place.
func (e *examination) cutShort(keys string) bool {
	if e.cfg.Privacy.Key.Set() {
		return false
	}
	text, err := os.ReadFile(pending(e.env, e.cfg, e.path))
	if err != nil {
		return false
	}
	master, err := keyring.ParseMaster(text)
	if err != nil {
		return false
	}
	ring, err := keyring.Look(keys, master)
	return err == nil && ring.Close() == nil
}

// master reads the master key, and makes none.
func (e *examination) master() (master []byte, from string, err error) {
	if key := e.cfg.Privacy.Key; key.Set() {
		master, err = keyring.ParseMaster([]byte(key.Reveal()))
		return master, key.source, err
	}
	from = besides(e.env, e.path, e.cfg.Privacy.KeyFile)
	text, err := os.ReadFile(from)
	if err != nil {
		return nil, from, err
	}
	master, err = keyring.ParseMaster(text)
	return master, from, err
}

// keysFit looks whether the keys are those of this database.
func (e *examination) keysFit(ctx context.Context) []coach.Finding {
	if e.ring == nil {
		return nil
	}
	const name = "keys: database"
	if err := e.db.KeysFit(ctx); err != nil {
		return []coach.Finding{fail(name, "they belong to another database", "put back the rapport.keys and the master key that were used with this one")}
	}
	return []coach.Finding{good(name, "they are those of this database")}
}

// integrityTime is how long the whole file may be read for.
const integrityTime = 8 * time.Second

// integrity reads the whole file.
func (e *examination) integrity(ctx context.Context) []coach.Finding {
	const name = "database: integrity"
	ctx, cancel := context.WithTimeout(ctx, integrityTime)
	defer cancel()
	faults, err := e.db.Integrity(ctx)
	switch {
	case ctx.Err() != nil && len(faults) == 0:
		return []coach.Finding{warn(name, fmt.Sprintf("the file is too large to be read in %v", integrityTime), "run `rapport backup FILE`: it reads all of it")}
	case err != nil:
		return []coach.Finding{fail(name, err.Error(), "stop the coach and run `rapport restore FILE` with a backup")}
	case len(faults) > 0:
		return []coach.Finding{fail(name, "it is damaged: "+strings.Join(faults, "; "), "stop the coach and run `rapport restore FILE` with a backup")}
	}
	return []coach.Finding{good(name, "the file is sound")}
}

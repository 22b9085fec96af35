package keyring

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
)

// Rotate wraps every data key with another master key. Sealed texts stay as
// they are. The file is replaced in one step: whenever the process ends, one of
// the two master keys fits it and opens everything. Tombstones cannot be made
// anew, so that their key stays, wrapped by the new master key.
func (r *Ring) Rotate(_ context.Context, master []byte) error {
	next, err := derive(master)
	if err != nil {
		return fmt.Errorf("rotate: %w", err)
	}
	err = r.locked(func() error {
		next.marks = r.keys.marks
		data, err := r.rewrapped(next)
		if err != nil {
			return err
		}
		keys, was := r.keys, r.data
		r.keys, r.data = next, data
		if err := r.rewrite(); err != nil {
			r.keys, r.data = keys, was
			return err
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("rotate: %w", err)
	}
	return nil
}

// rewrapped is every data key, wrapped by next.
func (r *Ring) rewrapped(next secrets) (map[string]map[keyID][]byte, error) {
	data := make(map[string]map[keyID][]byte, len(r.data))
	for account, byID := range r.data {
		data[account] = make(map[keyID][]byte, len(byID))
		for id, wrapped := range byID {
			key, err := r.keys.unwrap(account, id, wrapped)
			if err != nil {
				return nil, err
			}
			if data[account][id], err = next.wrap(account, id, key); err != nil {
				return nil, err
			}
		}
	}
	return data, nil
}

// Renew makes a new data key for every account that has one, which Seal uses
// from now on, and returns how many. Texts sealed with older ones still open.
func (r *Ring) Renew(_ context.Context) (n int, err error) {
	err = r.locked(func() error {
		was := r.state
		r.data, r.newest = maps.Clone(was.data), maps.Clone(was.newest)
		for account, byID := range was.data {
			if err := r.renewOne(account, byID); err != nil {
				r.state = was
				return err
			}
			n++
		}
		if err := r.rewrite(); err != nil {
			r.state = was // no key is used that is not on the disk
			return err
		}
		return nil
	})
	if err != nil {
		return 0, fmt.Errorf("renew keys: %w", err)
	}
	return n, nil
}

func (r *Ring) renewOne(account string, have map[keyID][]byte) error {
	var id keyID
	var key [32]byte
	rand.Read(id[:])
	rand.Read(key[:])
	wrapped, err := r.keys.wrap(account, id, key[:])
	if err != nil {
		return err
	}
	r.data[account] = maps.Clone(have)
	r.data[account][id], r.newest[account] = wrapped, id
	return nil
}

// Drop erases every data key but the newest of each account, and returns how
// many. What was sealed with them never opens again.
func (r *Ring) Drop(_ context.Context) (n int, err error) {
	err = r.locked(func() error {
		for account, byID := range r.data {
			for id := range byID {
				if id != r.newest[account] {
					delete(byID, id)
					n++
				}
			}
		}
		if n == 0 {
			return nil
		}
		return r.rewrite()
	})
	if err != nil {
		return 0, fmt.Errorf("drop old keys: %w", err)
	}
	return n, nil
}

// Newest reports whether sealed is sealed with the newest key of account.
func (r *Ring) Newest(account string, sealed []byte) bool {
	id, _, err := parseSealed(sealed)
	r.mu.Lock()
	defer r.mu.Unlock()
	newest, ok := r.newest[account]
	return err == nil && ok && id == newest
}

// ReplaceMaster puts the master key in the file next in the place of the one at
// path, durably and in one step, and overwrites the old file. It does nothing
// if that was done before.
func ReplaceMaster(next, path string) error {
	master, err := readMaster(next)
	if errors.Is(err, fs.ErrNotExist) {
		if _, there := readMaster(path); there == nil {
			return nil // by a process that came first
		}
	}
	if err != nil {
		return fmt.Errorf("replace the master key: %w", err)
	}
	old, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return fmt.Errorf("replace the master key: %w", err)
	}
	if err := os.Rename(next, path); err != nil {
		old.Close()
		return fmt.Errorf("replace the master key: %w", err)
	}
	if err := syncDir(filepath.Dir(path)); err != nil { // see rewrite
		return fmt.Errorf("replace the master key: %w", errors.Join(err, old.Close()))
	}
	if now, err := readMaster(path); err != nil || !bytes.Equal(now, master) {
		return fmt.Errorf("replace the master key: %s is not the new one: %w", path, errors.Join(err, old.Close()))
	}
	if err := blank(path, &keyFile{old, 2*masterSize + 1}); err != nil {
		return fmt.Errorf("replace the master key: %w", err)
	}
	return nil
}

func readMaster(path string) ([]byte, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	return ParseMaster(text)
}

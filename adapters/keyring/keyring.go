package keyring

import (
	"bytes"
	"context"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"sync"
	"time"

	"rapport/coach"
)

// ErrMaster says that the master key is not the one the file was made with.
var ErrMaster = errors.New("the master key does not fit this keys file")

// ErrNoKey says that the key of a sealed text does not exist, or no more.
var ErrNoKey = errors.New("the key of this text was erased or never made")

// TombstoneAge is how long an erased person is remembered, so that a restored
// backup does not bring them back.
const TombstoneAge = 30 * 24 * time.Hour

// A Ring is an open keys file. It is safe for concurrent use, also by several
// processes where the system has file locks.
type Ring struct {
	path  string
	still bool // only read

	mu   sync.Mutex
	file *keyFile
	keys secrets
	state
}

var _ coach.Keys = (*Ring)(nil)

// state is what the file says.
type state struct {
	newest map[string]keyID            // by account
	data   map[string]map[keyID][]byte // wrapped, by account
	gone   map[string]time.Time        // erased accounts, by HMAC
	erased map[string]time.Time        // erased people who were not seen since, by HMAC
}

func newState() state {
	return state{map[string]keyID{}, map[string]map[keyID][]byte{}, map[string]time.Time{}, map[string]time.Time{}}
}

// Open opens the keys file at path, or makes an empty one with mode 0600. The
// error is [ErrMaster] if the file was made with another master key.
func Open(path string, master []byte) (*Ring, error) {
	keys, err := derive(master)
	if err != nil {
		return nil, fmt.Errorf("keys file %s: %w", path, err)
	}
	r := &Ring{path: path, keys: keys}
	if err := r.locked(func() error { return nil }); err != nil {
		return nil, fmt.Errorf("keys file %s: %w", path, err)
	}
	return r, nil
}

// Look opens the keys file at path as it is, whether or not another process
// uses it: nothing is made or written, and whatever writes returns an error.
// The error is [ErrMaster] if the file was made with another master key.
func Look(path string, master []byte) (*Ring, error) {
	keys, err := derive(master)
	if err != nil {
		return nil, fmt.Errorf("keys file %s: %w", path, err)
	}
	r := &Ring{path: path, still: true, keys: keys}
	if err := r.locked(func() error { return nil }); err != nil {
		return nil, errors.Join(fmt.Errorf("keys file %s: %w", path, err), r.Close())
	}
	return r, nil
}

// Close closes the file.
func (r *Ring) Close() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.file == nil {
		return nil
	}
	err := r.file.Close()
	r.file = nil
	return err
}

// Seal implements [coach.Keys].
func (r *Ring) Seal(_ context.Context, account, place string, plain []byte) ([]byte, error) {
	id, key, err := r.newestKey(account)
	if err != nil {
		return nil, fmt.Errorf("seal: %w", err)
	}
	return seal(key, id, bind(account, place), plain)
}

// Open implements [coach.Keys]. The error is [ErrNoKey] after Erase.
func (r *Ring) Open(_ context.Context, account, place string, sealed []byte) ([]byte, error) {
	id, box, err := parseSealed(sealed)
	if err != nil {
		return nil, fmt.Errorf("open: %w", err)
	}
	key, err := r.find(account, id)
	if err != nil {
		return nil, fmt.Errorf("open: %w", err)
	}
	return open(key, box, bind(account, place))
}

// Erase implements [coach.Keys]: the file is written anew without the keys of
// account, and the old one is overwritten.
func (r *Ring) Erase(_ context.Context, account string, who coach.Person, now time.Time) error {
	err := r.locked(func() error {
		delete(r.data, account)
		delete(r.newest, account)
		r.gone[r.keys.mac("account", account)] = now
		r.erased[r.keys.macPerson(who)] = now
		return r.rewrite()
	})
	if err != nil {
		return fmt.Errorf("erase key: %w", err)
	}
	return nil
}

// Erased implements [coach.Keys].
func (r *Ring) Erased(_ context.Context, who coach.Person) (bool, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	_, ok := r.erased[r.keys.macPerson(who)]
	return ok, nil
}

// Gone reports whether account was erased. A person who comes back has another
// account, so that this also tells an old backup of theirs from a new one.
func (r *Ring) Gone(_ context.Context, account string) (bool, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	_, ok := r.gone[r.keys.mac("account", account)]
	return ok, nil
}

// Seen records that who is there again after Erase.
func (r *Ring) Seen(_ context.Context, who coach.Person) error {
	err := r.locked(func() error {
		mark := r.keys.macPerson(who)
		if _, ok := r.erased[mark]; !ok {
			return nil
		}
		delete(r.erased, mark)
		return r.file.append(record{Op: opSeen, Who: mark})
	})
	if err != nil {
		return fmt.Errorf("note a return: %w", err)
	}
	return nil
}

// Tidy forgets tombstones older than [TombstoneAge].
func (r *Ring) Tidy(_ context.Context, now time.Time) error {
	err := r.locked(func() error {
		if drop(r.gone, now)+drop(r.erased, now) == 0 {
			return nil
		}
		return r.rewrite()
	})
	if err != nil {
		return fmt.Errorf("tidy keys: %w", err)
	}
	return nil
}

// drop deletes marks older than TombstoneAge and counts them.
func drop(marks map[string]time.Time, now time.Time) (n int) {
	for mark, at := range marks {
		if now.Sub(at) > TombstoneAge {
			delete(marks, mark)
			n++
		}
	}
	return n
}

// newestKey returns the key that account's texts are sealed with, a new one if
// there is none.
func (r *Ring) newestKey(account string) (id keyID, key []byte, err error) {
	r.mu.Lock()
	id, ok := r.newest[account]
	if ok {
		defer r.mu.Unlock()
		key, err = r.keys.unwrap(account, id, r.data[account][id])
		return id, key, err
	}
	r.mu.Unlock()
	err = r.locked(func() error {
		if id, ok = r.newest[account]; !ok { // still none
			if id, err = r.add(account); err != nil {
				return err
			}
		}
		key, err = r.keys.unwrap(account, id, r.data[account][id])
		return err
	})
	return id, key, err
}

// find returns a key of account, looking at the file again if another process
// may have written it.
func (r *Ring) find(account string, id keyID) (key []byte, err error) {
	r.mu.Lock()
	if wrapped, ok := r.data[account][id]; ok {
		defer r.mu.Unlock()
		return r.keys.unwrap(account, id, wrapped)
	}
	r.mu.Unlock()
	err = r.locked(func() error {
		wrapped, ok := r.data[account][id]
		if !ok {
			return ErrNoKey
		}
		key, err = r.keys.unwrap(account, id, wrapped)
		return err
	})
	return key, err
}

// add appends a new key of account; the caller is in locked.
func (r *Ring) add(account string) (id keyID, err error) {
	var key [32]byte
	rand.Read(id[:])
	rand.Read(key[:])
	wrapped, err := r.keys.wrap(account, id, key[:])
	if err != nil {
		return id, err
	}
	rec := record{Op: opKey, Account: account, ID: id[:], Key: wrapped}
	if err := r.file.append(rec); err != nil {
		return id, err
	}
	r.apply(rec)
	return id, nil
}

// apply takes in one line of the file.
func (s *state) apply(rec record) {
	switch rec.Op {
	case opKey:
		if s.data[rec.Account] == nil {
			s.data[rec.Account] = make(map[keyID][]byte, 1)
		}
		id := keyID(rec.ID)
		s.data[rec.Account][id] = rec.Key
		s.newest[rec.Account] = id
	case opGone:
		s.gone[rec.Who] = time.UnixMicro(rec.At)
	case opErased:
		s.erased[rec.Who] = time.UnixMicro(rec.At)
	case opSeen:
		delete(s.erased, rec.Who)
	}
}

// secrets are the keys made from the master key.
type secrets struct {
	kek   []byte // wraps data keys
	marks []byte // keys tombstones
	check []byte // tells a wrong master key
}

// derive makes secrets from a master key of 32 bytes.
func derive(master []byte) (secrets, error) {
	if len(master) != masterSize {
		return secrets{}, fmt.Errorf("the master key has %d bytes, want %d", len(master), masterSize)
	}
	var out [3][]byte
	for i, use := range []string{"wrap", "mark", "check"} {
		k, err := hkdf.Key(sha256.New, master, nil, "rapport keys 1 "+use, 32)
		if err != nil {
			return secrets{}, err
		}
		out[i] = k
	}
	return secrets{out[0], out[1], out[2]}, nil
}

func (s secrets) mac(parts ...string) string {
	h := hmac.New(sha256.New, s.marks)
	for _, p := range parts {
		fmt.Fprintf(h, "%d:%s", len(p), p)
	}
	return base64.RawStdEncoding.EncodeToString(h.Sum(nil))
}

func (s secrets) macPerson(p coach.Person) string {
	return s.mac("person", string(p.Platform), p.Realm, p.User)
}

func (s secrets) wrap(account string, id keyID, key []byte) ([]byte, error) {
	return sealBox(s.kek, key, wrapPlace(account, id))
}

func (s secrets) unwrap(account string, id keyID, wrapped []byte) ([]byte, error) {
	return openBox(s.kek, wrapped, wrapPlace(account, id))
}

func wrapPlace(account string, id keyID) []byte {
	return bytes.Join([][]byte{[]byte("data key"), []byte(account), id[:]}, []byte{0})
}

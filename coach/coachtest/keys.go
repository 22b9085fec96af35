package coachtest

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"errors"
	"sync"
	"time"

	"rapport/coach"
)

// MemKeys is a coach.Keys in memory. The zero MemKeys is empty and ready to
// use. Copies of a file that were sealed with it can be read as long as it lives.
type MemKeys struct {
	mu     sync.Mutex
	keys   map[string][]byte
	gone   map[string]time.Time
	erased map[coach.Person]time.Time
}

var _ coach.Keys = (*MemKeys)(nil)

// ErrNoKey is what Open returns for an account that has no key.
var ErrNoKey = errors.New("no such key")

// Seal implements [coach.Keys].
func (k *MemKeys) Seal(_ context.Context, account, place string, plain []byte) ([]byte, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.keys == nil {
		k.keys = map[string][]byte{}
	}
	if k.keys[account] == nil {
		k.keys[account] = make([]byte, 32)
		rand.Read(k.keys[account])
	}
	aead, err := box(k.keys[account])
	if err != nil {
		return nil, err
	}
	return aead.Seal(nil, nil, plain, []byte(account+"\x00"+place)), nil
}

// Open implements [coach.Keys].
func (k *MemKeys) Open(_ context.Context, account, place string, sealed []byte) ([]byte, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.keys[account] == nil {
		return nil, ErrNoKey
	}
	aead, err := box(k.keys[account])
	if err != nil {
		return nil, err
	}
	return aead.Open(nil, nil, sealed, []byte(account+"\x00"+place))
}

func box(key []byte) (cipher.AEAD, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCMWithRandomNonce(block)
}

// Erase implements [coach.Keys].
func (k *MemKeys) Erase(_ context.Context, account string, who coach.Person, now time.Time) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.gone == nil {
		k.gone, k.erased = map[string]time.Time{}, map[coach.Person]time.Time{}
	}
	delete(k.keys, account)
	k.gone[account], k.erased[who] = now, now
	return nil
}

// Erased implements [coach.Keys].
func (k *MemKeys) Erased(_ context.Context, who coach.Person) (bool, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	_, ok := k.erased[who]
	return ok, nil
}

// Gone reports whether account was erased.
func (k *MemKeys) Gone(_ context.Context, account string) (bool, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	_, ok := k.gone[account]
	return ok, nil
}

// Seen records that an erased person is there again.
func (k *MemKeys) Seen(_ context.Context, who coach.Person) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	delete(k.erased, who)
	return nil
}

// Tidy forgets what was erased more than 30 days before now.
func (k *MemKeys) Tidy(_ context.Context, now time.Time) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	limit := now.AddDate(0, 0, -30)
	for account, at := range k.gone {
		if at.Before(limit) {
			delete(k.gone, account)
		}
	}
	for who, at := range k.erased {
		if at.Before(limit) {
			delete(k.erased, who)
		}
	}
	return nil
}

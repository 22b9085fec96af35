package keyring

import (
	"crypto/aes"
	"crypto/cipher"
	"errors"
	"fmt"
)

// keyID names a data key. It is random, so that two processes never give one id
// to two keys.
type keyID [8]byte

// sealedForm is the first byte of a sealed text: form, key id, nonce and
// ciphertext.
const sealedForm = 1

func seal(key []byte, id keyID, place, plain []byte) ([]byte, error) {
	box, err := sealBox(key, plain, place)
	if err != nil {
		return nil, fmt.Errorf("seal: %w", err)
	}
	return append(append([]byte{sealedForm}, id[:]...), box...), nil
}

func open(key, box, place []byte) ([]byte, error) {
	plain, err := openBox(key, box, place)
	if err != nil {
		return nil, fmt.Errorf("open: %w", err)
	}
	return plain, nil
}

func parseSealed(sealed []byte) (id keyID, box []byte, err error) {
	if len(sealed) <= 1+len(id) || sealed[0] != sealedForm {
		return id, nil, errors.New("not a sealed text")
	}
	copy(id[:], sealed[1:])
	return id, sealed[1+len(id):], nil
}

// bind is the associated data of a text: whose it is and where it lies.
func bind(account, place string) []byte {
	return []byte(account + "\x00" + place)
}

func sealBox(key, plain, place []byte) ([]byte, error) {
	aead, err := newAEAD(key)
	if err != nil {
		return nil, err
	}
	return aead.Seal(nil, nil, plain, place), nil
}

func openBox(key, box, place []byte) ([]byte, error) {
	aead, err := newAEAD(key)
	if err != nil {
		return nil, err
	}
	return aead.Open(nil, nil, box, place)
}

func newAEAD(key []byte) (cipher.AEAD, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCMWithRandomNonce(block)
}

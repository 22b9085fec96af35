package keyring

import (
	"bytes"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

const masterSize = 32

// Master reads the master key in the file at path: 64 hexadecimal digits. Where
// there is no file it makes a new key with mode 0600 and reports so.
func Master(path string) (master []byte, made bool, err error) {
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return makeMaster(path)
	}
	if err != nil {
		return nil, false, fmt.Errorf("master key: %w", err)
	}
	master, err = ParseMaster(text)
	if err != nil {
		return nil, false, fmt.Errorf("master key file %s: %w", path, err)
	}
	return master, false, nil
}

// ParseMaster reads a master key as [Master] writes it.
func ParseMaster(text []byte) ([]byte, error) {
	master, err := hex.DecodeString(string(bytes.TrimSpace(text)))
	if err != nil || len(master) != masterSize { // err would quote the key
		return nil, fmt.Errorf("a master key is %d hexadecimal digits, such as `openssl rand -hex %d` prints", 2*masterSize, masterSize)
	}
	return master, nil
}

func makeMaster(path string) ([]byte, bool, error) {
	master := make([]byte, masterSize)
	rand.Read(master)
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return nil, false, fmt.Errorf("new master key: %w", err)
	}
	_, err = f.WriteString(hex.EncodeToString(master) + "\n")
	err = errors.Join(err, f.Sync(), f.Close(), syncDir(filepath.Dir(path)))
	if err != nil {
		return nil, false, fmt.Errorf("new master key: %w", err)
	}
	return master, true, nil
}

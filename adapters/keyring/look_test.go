package keyring

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
)

func TestLook(t *testing.T) {
	r, path := newRing(t)
	sealed := seal1(t, r, "a", "note/1", "my words")
	if f, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0); err != nil {
		t.Fatal(err)
	} else if _, err := f.WriteString(`{"op":"ke`); err != nil { // what a crash leaves
		t.Fatal(err)
	} else {
		f.Close()
	}
	before, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	still, err := Look(path, master)
	if err != nil {
		t.Fatal(err)
	}
	defer still.Close()
	wantOpen(t, still, "a", "note/1", sealed, "my words")
	if _, err := still.Seal(t.Context(), "b", "note/1", []byte("more")); err == nil {
		t.Error("a new key was made where nothing may be written")
	}
	if after, err := os.ReadFile(path); err != nil || !bytes.Equal(before, after) {
		t.Errorf("looking changed the file (%v)", err)
	}
	seal1(t, r, "c", "note/1", "the ring goes on")
}

func TestLookRefuses(t *testing.T) {
	_, path := newRing(t)
	if _, err := Look(path, bytes.Repeat([]byte{8}, masterSize)); !errors.Is(err, ErrMaster) {
		t.Errorf("another master key: got %v, want ErrMaster", err)
	}
	empty := filepath.Join(t.TempDir(), "rapport.keys")
	if _, err := Look(empty, master); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no file: got %v", err)
	}
	if _, err := os.Stat(empty); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("looking made a file (%v)", err)
	}
	if err := os.WriteFile(empty, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Look(empty, master); err == nil {
		t.Error("an empty file fits any key")
	}
}

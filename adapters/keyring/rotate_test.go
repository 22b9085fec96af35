package keyring

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"testing"
)

func TestRotateAndRenew(t *testing.T) {
	r, path := newRing(t)
	old := seal1(t, r, "a", "p", "old words")
	if err := r.Erase(t.Context(), "b", bob, now); err != nil {
		t.Fatal(err)
	}
	if n, err := r.Renew(t.Context()); n != 1 || err != nil {
		t.Fatalf("Renew = %d, %v; want the one account that is left", n, err)
	}
	if r.Newest("a", old) {
		t.Error("the old text counts as sealed with the newest key")
	}
	fresh := seal1(t, r, "a", "p", "new words")
	if bytes.Equal(old[:9], fresh[:9]) {
		t.Error("words after Renew are sealed with the old key")
	}
	other := bytes.Repeat([]byte{9}, masterSize)
	if err := r.Rotate(t.Context(), other); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(path, master); !errors.Is(err, ErrMaster) {
		t.Errorf("the old master key after Rotate: %v, want ErrMaster", err)
	}
	again, err := Open(path, other)
	if err != nil {
		t.Fatal(err)
	}
	defer again.Close()
	for _, r := range []*Ring{r, again} {
		wantOpen(t, r, "a", "p", old, "old words")
		wantOpen(t, r, "a", "p", fresh, "new words")
		if erased, err := r.Erased(t.Context(), bob); !erased || err != nil {
			t.Errorf("Erased after Rotate = %v, %v; want true", erased, err)
		}
	}
	if late := seal1(t, again, "a", "p", "later"); !bytes.Equal(late[:9], fresh[:9]) {
		t.Error("the newest key is not the newest any more after the file was written anew")
	}
}

func TestRotateChangesNothingHalfWay(t *testing.T) {
	r, path := newRing(t)
	sealed := seal1(t, r, "a", "p", "words")
	seal1(t, r, "b", "p", "words")
	before, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(path+".new", 0o700); err != nil { // where the new file is to be made
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(path+".new", "x"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := r.Rotate(t.Context(), bytes.Repeat([]byte{9}, masterSize)); err == nil {
		t.Fatal("Rotate without a place for the new file: no error")
	}
	if _, err := r.Renew(t.Context()); err == nil {
		t.Fatal("Renew without a place for the new file: no error")
	}
	if after, err := os.ReadFile(path); err != nil || !bytes.Equal(before, after) {
		t.Errorf("the file changed (%v)", err)
	}
	wantOpen(t, r, "a", "p", sealed, "words")
	if !r.Newest("a", seal1(t, r, "a", "p", "more")) || seal1(t, r, "a", "p", "more")[1] != sealed[1] {
		t.Error("a key that is not in the file is in use")
	}
	wantOpen(t, ring(t, path), "a", "p", sealed, "words")
}

func TestDrop(t *testing.T) {
	r, path := newRing(t)
	old := seal1(t, r, "a", "p", "old words")
	if _, err := r.Renew(t.Context()); err != nil {
		t.Fatal(err)
	}
	fresh := seal1(t, r, "a", "p", "new words")
	wantOpen(t, r, "a", "p", old, "old words")
	for i, want := range []int{1, 0} {
		if n, err := r.Drop(t.Context()); n != want || err != nil {
			t.Errorf("Drop %d = %d, %v; want %d", i, n, err, want)
		}
	}
	for _, r := range []*Ring{r, ring(t, path)} {
		wantOpen(t, r, "a", "p", fresh, "new words")
		if _, err := r.Open(t.Context(), "a", "p", old); !errors.Is(err, ErrNoKey) {
			t.Errorf("the old text after Drop: %v, want ErrNoKey", err)
		}
	}
}

func TestReplaceMaster(t *testing.T) {
	path := filepath.Join(t.TempDir(), "rapport.key")
	if _, _, err := Master(path); err != nil {
		t.Fatal(err)
	}
	next, _, err := Master(path + ".new")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Link(path, path+".link"); err != nil {
		t.Fatal(err)
	}
	for range 2 { // also for who comes second
		if err := ReplaceMaster(path+".new", path); err != nil {
			t.Fatal(err)
		}
		if got, made, err := Master(path); made || err != nil || !bytes.Equal(got, next) {
			t.Fatalf("the key is not the new one (made %v, %v)", made, err)
		}
	}
	if _, err := os.Stat(path + ".new"); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the new file is still there: %v", err)
	}
	if old, err := os.ReadFile(path + ".link"); err != nil || len(bytes.Trim(old, "\x00")) != 0 {
		t.Errorf("the old key can still be read on the disk (%v)", err)
	}
}

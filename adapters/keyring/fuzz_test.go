package keyring

import (
	"bytes"
	"maps"
	"os"
	"path/filepath"
	"testing"
)

// FuzzFile reads a file with the first line of a keys file and anything behind
// it. What can be read can be written anew and read again.
func FuzzFile(f *testing.F) {
	dir := f.TempDir()
	first := filepath.Join(dir, "first")
	r, err := Open(first, master)
	if err != nil {
		f.Fatal(err)
	}
	defer r.Close()
	head, err := os.ReadFile(first)
	if err != nil {
		f.Fatal(err)
	}
	if _, err := r.Seal(f.Context(), "a", "p", nil); err != nil {
		f.Fatal(err)
	}
	whole, err := os.ReadFile(first)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(whole[len(head):])
	for _, s := range []string{"", "{}\n", "{\"op\":\"key\",\"account\":\"a\",\"id\":\"AAAAAAAAAAA=\",\"key\":\"AA==\"}\n", "{\"op\":\"gone\",\"who\":\"x\",\"at\":-1}\n{\"op\":\"seen\",\"who\":\"x\"}\n",
		"{\"op\":\"key\",\"id\":\"AA==\"}\n", "[]\n", "{\"op\":\"rapport-keys\"}\n", "\xff\n", "{\"op\":\"key\""} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, rest []byte) {
		ring, err := readAll(append(bytes.Clone(head), rest...))
		if err != nil {
			return
		}
		body, err := ring.lines()
		if err != nil {
			t.Fatalf("%q: written anew: %v", rest, err)
		}
		again, err := readAll(body)
		if err != nil {
			t.Fatalf("%q: read, written anew, read again: %v", rest, err)
		}
		if len(again.data) != len(ring.data) || len(again.gone) != len(ring.gone) || len(again.erased) != len(ring.erased) || !maps.Equal(again.newest, ring.newest) {
			t.Errorf("%q: something was lost when it was written anew", rest)
		}
		if next, err := derive(bytes.Repeat([]byte{9}, masterSize)); err != nil {
			t.Fatal(err)
		} else if _, err := ring.rewrapped(next); err != nil { // a key that is none
			return
		}
	})
}

// readAll reads a keys file as a Ring does, without the file.
func readAll(body []byte) (*Ring, error) {
	keys, err := derive(master)
	if err != nil {
		return nil, err
	}
	r := &Ring{keys: keys, state: newState(), file: &keyFile{}}
	for line := range bytes.Lines(body) {
		if !bytes.HasSuffix(line, []byte("\n")) {
			break // what a crash left
		}
		if err := r.readLine(line); err != nil {
			return nil, err
		}
		r.file.size += int64(len(line))
	}
	return r, nil
}

// FuzzParseMaster holds that only 64 hexadecimal digits are a master key, and
// that no error quotes what was read.
func FuzzParseMaster(f *testing.F) {
	for _, s := range []string{"", " 00", "\xef\xbb\xbf", "zz", string(bytes.Repeat([]byte("aB"), 32)) + "\r\n"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		key, err := ParseMaster(text)
		if err == nil && (len(key) != masterSize || len(bytes.TrimSpace(text)) != 2*masterSize) {
			t.Errorf("%q is a key of %d bytes", text, len(key))
		}
		if trimmed := bytes.TrimSpace(text); err != nil && len(trimmed) > 8 && bytes.Contains([]byte(err.Error()), trimmed) {
			t.Errorf("the error quotes %q", text)
		}
	})
}

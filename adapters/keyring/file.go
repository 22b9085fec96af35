package keyring

import (
	"bufio"
	"bytes"
	"crypto/hmac"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// record is one line of the file.
type record struct {
	Op      string `json:"op"`
	Account string `json:"account,omitempty"`
	ID      []byte `json:"id,omitempty"`
	Key     []byte `json:"key,omitempty"`   // wrapped
	Who     string `json:"who,omitempty"`   // HMAC
	At      int64  `json:"at,omitempty"`    // microseconds
	Form    int    `json:"form,omitempty"`  // only in the first line
	Check   []byte `json:"check,omitempty"` // only in the first line
	Marks   []byte `json:"marks,omitempty"` // only in the first line: the key of the tombstones, wrapped
}

// The kinds of line.
const (
	opHead   = "rapport-keys"
	opKey    = "key"
	opGone   = "gone"   // an erased account
	opErased = "erased" // an erased person
	opSeen   = "seen"   // who came back
)

// fileForm is the version of the file's form.
const fileForm = 1

// keyFile is the file as it is open here.
type keyFile struct {
	*os.File
	size int64 // how far it was read or written
}

// locked runs do while no other process writes the file, with everything in it
// read.
func (r *Ring) locked(do func() error) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	for {
		if r.file == nil {
			if err := r.openFile(); err != nil {
				return err
			}
		}
		if err := lockFile(r.file.File); err != nil {
			return err
		}
		same, err := r.isCurrent()
		if err == nil && same {
			break
		}
		r.file.Close() // unlocks; another process has put a new file in its place
		r.file = nil
		if err != nil {
			return err
		}
	}
	file := r.file
	defer func() { unlockFile(file.File) }()
	if err := r.catchUp(); err != nil {
		return err
	}
	return do()
}

func (r *Ring) openFile() error {
	flag := os.O_RDWR | os.O_CREATE
	if r.still {
		flag = os.O_RDONLY
	}
	f, err := os.OpenFile(r.path, flag, 0o600)
	if err != nil {
		return err
	}
	r.file = &keyFile{File: f}
	r.state = newState()
	return nil
}

// isCurrent reports whether the open file is the one at path.
func (r *Ring) isCurrent() (bool, error) {
	at, err := os.Stat(r.path)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	mine, err := r.file.Stat()
	return err == nil && os.SameFile(at, mine), err
}

// catchUp reads what was appended since it last read. A last line without an
// end is what a crash left: its key was never used, and it is cut off.
func (r *Ring) catchUp() error {
	info, err := r.file.Stat()
	if err != nil {
		return err
	}
	if info.Size() == r.file.size && r.file.size > 0 {
		return nil
	}
	in := bufio.NewReader(io.NewSectionReader(r.file, r.file.size, info.Size()-r.file.size))
	for {
		line, err := in.ReadBytes('\n')
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		if err := r.readLine(line); err != nil {
			return err
		}
		r.file.size += int64(len(line))
	}
	if r.still {
		return r.checkRead()
	}
	if r.file.size < info.Size() {
		if err := r.file.Truncate(r.file.size); err != nil {
			return err
		}
	}
	if r.file.size == 0 {
		return r.begin()
	}
	return nil
}

// checkRead is an error if nothing was read: an empty file fits any master key.
func (r *Ring) checkRead() error {
	if r.file.size == 0 {
		return errors.New("it is empty: restore it from its own backup")
	}
	return nil
}

func (r *Ring) readLine(line []byte) error {
	var rec record
	if err := json.Unmarshal(line, &rec); err != nil {
		return fmt.Errorf("damaged at byte %d: restore it from its own backup", r.file.size)
	}
	if r.file.size == 0 {
		return r.readHead(rec)
	}
	if rec.Op == opKey && len(rec.ID) != len(keyID{}) {
		return fmt.Errorf("damaged at byte %d: restore it from its own backup", r.file.size)
	}
	r.apply(rec)
	return nil
}

// readHead checks that the file is ours and the master key fits.
func (r *Ring) readHead(rec record) error {
	if rec.Op != opHead {
		return errors.New("it is not a keys file of Rapport")
	}
	if rec.Form > fileForm {
		return fmt.Errorf("it has form %d and this program knows %d: run the newer program", rec.Form, fileForm)
	}
	if !hmac.Equal(rec.Check, r.keys.check) {
		return ErrMaster
	}
	marks, err := openBox(r.keys.kek, rec.Marks, []byte("marks"))
	if err != nil {
		return ErrMaster
	}
	r.keys.marks = marks
	return nil
}

// head is the first line.
func (r *Ring) head() (record, error) {
	marks, err := sealBox(r.keys.kek, r.keys.marks, []byte("marks"))
	return record{Op: opHead, Form: fileForm, Check: r.keys.check, Marks: marks}, err
}

// begin writes the first line of an empty file.
func (r *Ring) begin() error {
	rec, err := r.head()
	if err != nil {
		return err
	}
	if err := r.file.append(rec); err != nil {
		return err
	}
	return syncDir(filepath.Dir(r.path))
}

// append writes a line and returns when it is durable.
func (f *keyFile) append(rec record) error {
	line, err := json.Marshal(rec)
	if err != nil {
		return err
	}
	line = append(line, '\n')
	if _, err := f.WriteAt(line, f.size); err != nil {
		f.Truncate(f.size) // a part of a line must not stand before the next one
		return err
	}
	if err := f.Sync(); err != nil {
		return err
	}
	f.size += int64(len(line))
	return nil
}

// rewrite puts a new file with nothing but the present state in the place of
// the old one, and overwrites that. The caller is in locked.
func (r *Ring) rewrite() error {
	body, err := r.lines()
	if err != nil {
		return err
	}
	next, err := writeNew(r.path, body)
	if err != nil {
		r.file.Close() // what is in memory is not what the file says: read it again
		r.file = nil
		return err
	}
	old := r.file
	r.file = &keyFile{next, int64(len(body))}
	if err := lockFile(next); err != nil {
		return err
	}
	defer unlockFile(next)
	if err := syncDir(filepath.Dir(r.path)); err != nil { // the old file may be the one that is there after a loss of power
		return errors.Join(err, old.Close())
	}
	return blank(r.path, old)
}

// lines is the present state as a file.
func (r *Ring) lines() ([]byte, error) {
	head, err := r.head()
	if err != nil {
		return nil, err
	}
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	err = enc.Encode(head)
	for _, rec := range r.records() {
		err = errors.Join(err, enc.Encode(rec))
	}
	return buf.Bytes(), err
}

// records is the present state, the newest key of an account last.
func (s *state) records() []record {
	var out []record
	for account, byID := range s.data {
		var keys []record
		for id, wrapped := range byID {
			keys = append(keys, record{Op: opKey, Account: account, ID: bytes.Clone(id[:]), Key: wrapped})
		}
		slices.SortFunc(keys, func(a, b record) int { return s.rank(account, a) - s.rank(account, b) })
		out = append(out, keys...)
	}
	return append(append(out, tombstones(opGone, s.gone)...), tombstones(opErased, s.erased)...)
}

// rank is 1 for the newest key of account.
func (s *state) rank(account string, rec record) int {
	if keyID(rec.ID) == s.newest[account] {
		return 1
	}
	return 0
}

func tombstones(op string, marks map[string]time.Time) []record {
	var out []record
	for mark, at := range marks {
		out = append(out, record{Op: op, Who: mark, At: at.UnixMicro()})
	}
	return out
}

// writeNew writes body to a new file and moves it to path, durably.
func writeNew(path string, body []byte) (*os.File, error) {
	tmp := path + ".new"
	if err := os.Remove(tmp); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	f, err := os.OpenFile(tmp, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return nil, err
	}
	_, err = f.Write(body)
	err = errors.Join(err, f.Sync())
	if err == nil {
		err = os.Rename(tmp, path)
	}
	if err != nil {
		f.Close()
		os.Remove(tmp)
		return nil, err
	}
	return f, nil
}

// blank overwrites a file that has lost its name, so that its keys are gone
// from the disk as far as a program can see to that.
func blank(path string, old *keyFile) error {
	defer old.Close()
	if at, err := os.Stat(path); err != nil {
		return err
	} else if info, err := old.Stat(); err != nil || os.SameFile(at, info) {
		return err
	}
	_, err := io.CopyN(io.NewOffsetWriter(old, 0), zeros{}, old.size)
	return errors.Join(err, old.Sync())
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

// syncDir makes a rename or a new name in dir durable. Systems that cannot
// sync a folder make names durable by themselves.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	if err := d.Sync(); err != nil && !errors.Is(err, errors.ErrUnsupported) && !errors.Is(err, fs.ErrInvalid) {
		return err
	}
	return nil
}

package keyring

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"rapport/coach"
)

var (
	master = bytes.Repeat([]byte{7}, masterSize)
	ann    = coach.Person{Platform: "p", Realm: "r", User: "user-ann"}
	bob    = coach.Person{Platform: "p", Realm: "r", User: "user-bob"}
	now    = time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
)

func ring(t *testing.T, path string) *Ring {
	t.Helper()
	r, err := Open(path, master)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close() })
	return r
}

func newRing(t *testing.T) (*Ring, string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "rapport.keys")
	return ring(t, path), path
}

func seal1(t *testing.T, r *Ring, account, place, text string) []byte {
	t.Helper()
	sealed, err := r.Seal(t.Context(), account, place, []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return sealed
}

func wantOpen(t *testing.T, r *Ring, account, place string, sealed []byte, want string) {
	t.Helper()
	got, err := r.Open(t.Context(), account, place, sealed)
	if err != nil || string(got) != want {
		t.Errorf("Open = %q, %v; want %q", got, err, want)
	}
}

func TestSealAndOpen(t *testing.T) {
	r, path := newRing(t)
	sealed := seal1(t, r, "a", "note/1", "my words")
	if bytes.Contains(sealed, []byte("words")) {
		t.Error("the sealed text can be read")
	}
	if again := seal1(t, r, "a", "note/1", "my words"); bytes.Equal(sealed, again) {
		t.Error("the same words are sealed the same way twice")
	}
	wantOpen(t, r, "a", "note/1", sealed, "my words")
	wantOpen(t, ring(t, path), "a", "note/1", sealed, "my words")
}

func TestOpensNowhereElse(t *testing.T) {
	r, _ := newRing(t)
	sealed := seal1(t, r, "a", "note/1", "my words")
	seal1(t, r, "b", "note/1", "other words")
	bent := bytes.Clone(sealed)
	bent[len(bent)-1] ^= 1
	for name, try := range map[string]struct {
		account, place string
		sealed         []byte
	}{
		"another row":     {"a", "note/2", sealed},
		"another account": {"b", "note/1", sealed},
		"a bent text":     {"a", "note/1", bent},
		"half a text":     {"a", "note/1", sealed[:6]},
		"no text":         {"a", "note/1", nil},
	} {
		if got, err := r.Open(t.Context(), try.account, try.place, try.sealed); err == nil {
			t.Errorf("%s opens: %q", name, got)
		}
	}
}

func TestErase(t *testing.T) {
	r, path := newRing(t)
	sealed := seal1(t, r, "account-a", "note/1", "my words")
	others := seal1(t, r, "account-b", "note/1", "other words")
	before, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	key := append([]byte(nil), r.data["account-a"][r.newest["account-a"]]...)
	if err := r.Erase(t.Context(), "account-a", ann, now); err != nil {
		t.Fatal(err)
	}
	if _, err := r.Open(t.Context(), "account-a", "note/1", sealed); !errors.Is(err, ErrNoKey) {
		t.Errorf("Open after Erase: %v, want ErrNoKey", err)
	}
	wantOpen(t, r, "account-b", "note/1", others, "other words")
	after, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Contains(before, []byte("account-a")) || bytes.Contains(after, []byte("account-a")) || bytes.Contains(after, []byte("user-ann")) {
		t.Errorf("the file names who was erased:\n%s", after)
	}
	if len(key) == 0 || bytes.Contains(after, key) {
		t.Error("the erased key is in the file")
	}
	for name, r := range map[string]*Ring{"same": r, "opened again": ring(t, path)} {
		for who, want := range map[coach.Person]bool{ann: true, bob: false} {
			if got, err := r.Erased(t.Context(), who); got != want || err != nil {
				t.Errorf("%s: Erased(%v) = %v, %v; want %v", name, who, got, err, want)
			}
		}
		if gone, err := r.Gone(t.Context(), "account-a"); !gone || err != nil {
			t.Errorf("%s: Gone = %v, %v; want true", name, gone, err)
		}
	}
	if err := r.Seen(t.Context(), ann); err != nil {
		t.Fatal(err)
	}
	for name, r := range map[string]*Ring{"same": r, "opened again": ring(t, path)} {
		if got, err := r.Erased(t.Context(), ann); got || err != nil {
			t.Errorf("%s: Erased of who came back = %v, %v; want false", name, got, err)
		}
		if gone, err := r.Gone(t.Context(), "account-a"); !gone || err != nil {
			t.Errorf("%s: Gone of the old account = %v, %v; want true", name, gone, err)
		}
	}
}

func TestTombstonesAge(t *testing.T) {
	r, path := newRing(t)
	if err := r.Erase(t.Context(), "a", ann, now); err != nil {
		t.Fatal(err)
	}
	for days, want := range map[int]bool{30: true, 31: false} {
		if err := r.Tidy(t.Context(), now.AddDate(0, 0, min(days, 30))); err != nil {
			t.Fatal(err)
		}
		if days == 31 {
			if err := r.Tidy(t.Context(), now.AddDate(0, 0, days)); err != nil {
				t.Fatal(err)
			}
			r = ring(t, path)
		}
		if got, err := r.Erased(t.Context(), ann); got != want || err != nil {
			t.Errorf("Erased after %d days = %v, %v; want %v", days, got, err, want)
		}
		if !want {
			break
		}
	}
}

func TestDurableBeforeUse(t *testing.T) {
	r, path := newRing(t)
	sealed := seal1(t, r, "a", "note/1", "my words")
	copied := filepath.Join(t.TempDir(), "copy")
	body, err := os.ReadFile(path)
	if err == nil {
		err = os.WriteFile(copied, body, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	wantOpen(t, ring(t, copied), "a", "note/1", sealed, "my words")
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v; want 0600", info.Mode(), err)
	}
}

// TestTornLine cuts the file where a crash would: at every byte of the last line.
func TestTornLine(t *testing.T) {
	r, path := newRing(t)
	first := seal1(t, r, "a", "note/1", "my words")
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	seal1(t, r, "b", "note/1", "lost with the crash")
	r.Close()
	body, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for cut := len(whole); cut < len(body); cut++ {
		torn := filepath.Join(t.TempDir(), "torn")
		if err := os.WriteFile(torn, body[:cut], 0o600); err != nil {
			t.Fatal(err)
		}
		r := ring(t, torn)
		wantOpen(t, r, "a", "note/1", first, "my words")
		sealed := seal1(t, r, "b", "note/1", "after the crash")
		wantOpen(t, ring(t, torn), "b", "note/1", sealed, "after the crash")
	}
}

func TestRefuses(t *testing.T) {
	_, path := newRing(t)
	if _, err := Open(path, bytes.Repeat([]byte{8}, masterSize)); !errors.Is(err, ErrMaster) || !strings.Contains(err.Error(), path) {
		t.Errorf("another master key: %v, want ErrMaster with the file's name", err)
	}
	if _, err := Open(path, []byte("short")); err == nil || strings.Contains(err.Error(), "short") {
		t.Errorf("a short master key: %v, want an error that does not quote it", err)
	}
	for name, body := range map[string]string{"text": "shopping list\n", "json": "{\"op\":\"other\"}\n", "newer": "{\"op\":\"rapport-keys\",\"form\":9}\n"} {
		file := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(file, []byte(body), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := Open(file, master); err == nil || !strings.Contains(err.Error(), file) {
			t.Errorf("%s: %v, want an error with the file's name", name, err)
		}
	}
}

func TestTwoProcesses(t *testing.T) {
	one, path := newRing(t)
	two := ring(t, path)
	var wg sync.WaitGroup
	sealed := make([][]byte, 40)
	for i := range sealed {
		wg.Go(func() {
			r := []*Ring{one, two}[i%2]
			var err error
			if sealed[i], err = r.Seal(t.Context(), fmt.Sprint(i/4), "p", []byte("words")); err != nil {
				t.Error(err)
			}
			if i%10 == 0 {
				if err := r.Erase(t.Context(), fmt.Sprint("gone", i), bob, now); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	for i, s := range sealed {
		wantOpen(t, one, fmt.Sprint(i/4), "p", s, "words")
		wantOpen(t, two, fmt.Sprint(i/4), "p", s, "words")
		wantOpen(t, ring(t, path), fmt.Sprint(i/4), "p", s, "words")
	}
}

func TestMaster(t *testing.T) {
	path := filepath.Join(t.TempDir(), "rapport.key")
	first, made, err := Master(path)
	if err != nil || !made || len(first) != masterSize {
		t.Fatalf("Master = %d bytes, %v, %v; want a new key", len(first), made, err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v; want 0600", info.Mode(), err)
	}
	second, made, err := Master(path)
	if err != nil || made || !bytes.Equal(first, second) {
		t.Errorf("Master again: made %v, %v; want the same key", made, err)
	}
	if err := os.WriteFile(path, []byte("abcdef"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, _, err := Master(path); err == nil || strings.Contains(err.Error(), "abcdef") || !strings.Contains(err.Error(), path) {
		t.Errorf("a bad key file: %v, want an error with its name and without its content", err)
	}
}

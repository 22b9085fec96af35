package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// built are the programs that the tests run in processes of their own: each is
// built once, by the first test that wants it, and nobody changes it.
var built = builds{ready: map[string]func() (string, error){}}

type builds struct {
	mu    sync.Mutex
	dir   string
	ready map[string]func() (string, error) // by flags
}

// buildProgram builds the program, unless a test did before with the same
// flags, and returns its path.
func buildProgram(t *testing.T, flags ...string) string {
	t.Helper()
	bin, err := built.with(flags)()
	if err != nil {
		t.Fatal(err)
	}
	return bin
}

func (b *builds) with(flags []string) func() (string, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	key := strings.Join(flags, " ")
	if b.ready[key] == nil {
		n := len(b.ready)
		b.ready[key] = sync.OnceValues(func() (string, error) { return b.build(n, flags) })
	}
	return b.ready[key]
}

func (b *builds) build(n int, flags []string) (string, error) {
	dir, err := b.folder()
	if err != nil {
		return "", err
	}
	bin := filepath.Join(dir, fmt.Sprint(n), "rapport")
	if out, err := exec.Command("go", append(append([]string{"build", "-o", bin}, flags...), ".")...).CombinedOutput(); err != nil {
		return "", fmt.Errorf("build: %w\n%s", err, out)
	}
	return bin, nil
}

func (b *builds) folder() (dir string, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.dir == "" {
		b.dir, err = os.MkdirTemp("", "rapport-built")
	}
	return b.dir, err
}

// remove removes all that was built.
func (b *builds) remove() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.dir != "" {
		os.RemoveAll(b.dir)
	}
}

// tidying runs the tests, and leaves nothing behind that they built.
type tidying struct{ *testing.M }

// Run implements [testscript.TestingM].
func (m tidying) Run() int {
	defer built.remove()
	return m.M.Run()
}

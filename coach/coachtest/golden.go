package coachtest

import (
	"os"
	"path/filepath"
	"testing"
)

// Golden compares got with testdata/name, or rewrites that file where UPDATE=1
// is in the environment. (A flag would fail in packages without one.)
func Golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if os.Getenv("UPDATE") == "1" {
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o666); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v (run UPDATE=1 go test and read what it wrote)", err)
	}
	if got != string(want) {
		t.Errorf("%s differs (run UPDATE=1 go test and read the diff)\ngot:\n%s\nwant:\n%s", path, got, want)
	}
}

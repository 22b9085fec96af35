package main

import (
	"os/exec"
	"runtime"
	"strings"
	"testing"
)

// TestBillOfMaterials holds what `go version -m` says of the built program to
// the modules its packages need on this system, to go.sum and to
// docs/licences.md.
func TestBillOfMaterials(t *testing.T) {
	if !*long {
		t.Skip("builds the program: only with -long")
	}
	out, err := exec.CommandContext(t.Context(), "go", "version", "-m", buildProgram(t)).CombinedOutput()
	if err != nil {
		t.Fatalf("go version -m: %v\n%s", err, out)
	}
	_, doc, _ := strings.Cut(string(read(t, "../docs/licences.md")), "## In the program")
	doc, _, _ = strings.Cut(doc, "\n## ")
	sums := string(read(t, "../go.sum"))
	needed := map[string]bool{}
	for _, m := range modules(t, runtime.GOOS, "./bot") {
		needed[m.Path+" "+m.Version] = true
	}
	for line := range strings.Lines(string(out)) {
		f := strings.Fields(line)
		if len(f) == 0 || f[0] != "dep" {
			continue
		}
		if len(f) != 4 || !strings.HasPrefix(f[3], "h1:") {
			t.Errorf("%q has no version or no hash", line)
			continue
		}
		name := f[1] + " " + f[2]
		if !needed[name] {
			t.Errorf("%s is in the program and no package needs it", name)
		}
		delete(needed, name)
		if !strings.Contains(sums, name+" "+f[3]+"\n") {
			t.Errorf("%s has another hash than in go.sum", name)
		}
		if !strings.Contains(doc, "| "+f[1]+" | "+f[2]+" |") {
			t.Errorf("docs/licences.md lacks %s", name)
		}
	}
	if len(needed) > 0 {
		t.Errorf("`go version -m` does not tell of %v:\n%s", needed, out)
	}
}

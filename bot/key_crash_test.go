package main

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"rapport/adapters/keyring"
)

// TestKeyRotateKilled kills a change of keys at each of its steps. Whatever was
// killed, the master key that was there or the new one opens everything, and
// the same command finishes it.
func TestKeyRotateKilled(t *testing.T) {
	if testing.Short() {
		t.Skip("kills the program over and over")
	}
	t.Parallel() // with others that wait for programs
	bin := buildProgram(t, "-tags", "crashpoints")
	const people = 120 // more than are sealed anew at a time
	for _, point := range []string{"key-made", "key-wrapped", "key-replaced", "key-renewed", "key-resealing", "key-resealed"} {
		t.Run(point, func(t *testing.T) {
			dir := penned(t, people)
			p := launch(t, bin, dir, []string{"RAPPORT_CRASH=" + point}, "key", "rotate", "--data", "--drop-old")
			wantKilled(t, p)
			wantOneMaster(t, dir)
			p = launch(t, bin, dir, nil, "key", "rotate", "--data", "--drop-old")
			<-p.done
			resumed := strings.Contains(p.out.String(), "was cut short before")
			if want := point == "key-renewed" || point == "key-resealing"; p.err != nil || resumed != want {
				t.Errorf("again: %v, resumed %v, want %v\n%s", p.err, resumed, want, p.out)
			}
			wantPenned(t, dir, people)
			if _, err := os.Stat(filepath.Join(dir, "rapport.key.new")); !os.IsNotExist(err) {
				t.Errorf("the new key is still beside the old one (%v)", err)
			}
		})
		t.Run(point+", then the coach is started", func(t *testing.T) {
			dir := penned(t, people)
			wantKilled(t, launch(t, bin, dir, []string{"RAPPORT_CRASH=" + point}, "key", "rotate", "--data"))
			wantPenned(t, dir, people)
			wantOneMaster(t, dir)
		})
	}
}

func wantKilled(t *testing.T, p *prey) {
	t.Helper()
	<-p.done
	if p.err == nil || p.err.Error() != "signal: killed" {
		t.Fatalf("it ended with %v, want to be killed\n%s", p.err, p.out)
	}
}

// wantOneMaster is an error unless the master key in its file, or else the new
// one beside it, fits the keys.
func wantOneMaster(t *testing.T, dir string) {
	t.Helper()
	fits := 0
	for _, name := range []string{"rapport.key", "rapport.key.new"} {
		text, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			continue
		}
		master, err := keyring.ParseMaster(text)
		if err != nil {
			continue
		}
		if ring, err := keyring.Look(filepath.Join(dir, "rapport.keys"), master); err == nil {
			fits++
			ring.Close()
		}
	}
	if fits != 1 {
		t.Errorf("%d master keys fit the keys file, want one", fits)
	}
}

// TestKeyRotateKilledAnywhere kills the program as it is released, at moments
// that nobody chose.
func TestKeyRotateKilledAnywhere(t *testing.T) {
	if testing.Short() {
		t.Skip("kills the program over and over")
	}
	t.Parallel() // with others that wait for programs
	bin := buildProgram(t)
	const people = 200
	dir := penned(t, people)
	begin := time.Now()
	p := launch(t, bin, dir, nil, "key", "rotate", "--data")
	<-p.done
	if p.err != nil {
		t.Fatalf("%v\n%s", p.err, p.out)
	}
	whole, killed := time.Since(begin), 0
	for range 20 {
		p := launch(t, bin, dir, nil, "key", "rotate", "--data")
		kill := time.AfterFunc(time.Duration(rand.Int64N(int64(whole))), func() { p.Process.Kill() })
		<-p.done
		kill.Stop()
		if p.err != nil {
			killed++
		}
		wantOneMaster(t, dir)
	}
	wantPenned(t, dir, people)
	t.Logf("a change of %d people's keys took %v; %d of 20 were killed", people, whole, killed)
	if killed == 0 {
		t.Error("none was killed: the test says nothing")
	}
}

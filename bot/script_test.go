package main

import (
	"context"
	"os"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// TestMain lets the scripts, and tests that need a process of their own, run
// this test binary as the program.
func TestMain(m *testing.M) {
	testscript.Main(tidying{m}, map[string]func(){"rapport": rapport})
}

func rapport() {
	env, err := system()
	if err != nil {
		panic(err)
	}
	os.Exit(run(context.Background(), os.Args[1:], env))
}

// TestScript plays whole conversations with the program in a terminal. Each
// file in testdata/script is one; UPDATE=1 rewrites what it expects.
func TestScript(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:           "testdata/script",
		UpdateScripts: os.Getenv("UPDATE") == "1",
		Setup: func(e *testscript.Env) error {
			e.Setenv("TZ", "Europe/Berlin")
			return nil
		},
	})
}

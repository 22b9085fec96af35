//go:build !crashpoints

package main

// testSurfaces are the surfaces that only a program built for tests, with the
// tag crashpoints, has.
func (*house) testSurfaces(Env) ([]Adapter, error) { return nil, nil }

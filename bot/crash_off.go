//go:build !crashpoints

package main

// crash names a point at which a test may kill the process. It does nothing in
// a program that is built without the tag crashpoints.
func crash(string) {}

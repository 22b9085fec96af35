// Package crashpoint names points at which a test may kill the process. It
// decides how that is done, and knows nothing of what happens around a point.
// In a program that is built without the tag crashpoints it does nothing.
package crashpoint

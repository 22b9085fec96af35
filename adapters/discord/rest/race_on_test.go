//go:build race

package rest

// raced: the race detector makes everything several times as slow.
const raced = true

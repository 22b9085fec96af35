// Package surface holds what chat surfaces have in common, whatever their
// platform: how words are made fit to be shown, which deliveries were seen
// before, whose direct messages are where, and how an error of a connection is told without what it may hold.
//
// It knows no platform and not the coach, and decides nothing about either: a
// rule that one platform alone has belongs into that platform's package.
package surface

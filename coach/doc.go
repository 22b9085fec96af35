// Package coach decides what to say.
//
// It answers every [Request] with a [Reply] and composes the messages that go
// out on their own. It knows the curriculum, the streak rules and what a person
// chose; it does not know which chat platform carries the words, how they are
// stored, or when a schedule is due. Platforms hand requests in through
// [Handler]; stores implement [Store]; the clock is handed to [New].
package coach

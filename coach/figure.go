package coach

import "math/rand/v2"

// figures are what may be told of how many people did something, so that nobody
// learns of a single one: at least so many.
var figures = [...]int{50, 20, 10, 5}

// few is how many people one person may be, or know all about, and still learn
// nothing of another from a figure: they are never enough to make up what is
// missing to one.
const few = 4

// draws is how many numbers [LeftOut] draws from. The distance between figures
// is at least as large, so that one person more changes what is told at one draw
// of them at most.
const draws = 5

// LeftOut draws how many people are left out of a figure: four, or up to eight.
// It is drawn once for a figure, when that is made, and told to nobody.
func LeftOut() int { return few + rand.IntN(draws) }

// others is how many have to be around besides those who are told of, so that a
// figure is never of nearly everybody.
const others = 7

// AtLeast is what may be told where tried of everybody, who are all that ever
// did anything in the team, tried something, and so many of them are left out:
// at least 5, 10, 20 or 50, or nothing, which is 0.
func AtLeast(tried, everybody, leftOut int) int {
	told := min(tried, everybody-others) - leftOut
	for _, n := range figures {
		if told >= n {
			return n
		}
	}
	return 0
}

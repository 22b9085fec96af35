package coach

// figures are what may be told of how many people did something, so that nobody
// learns of a single one: at least so many.
var figures = [...]int{50, 20, 10, 5}

// AtLeast is what may be told where tried of everybody, who are all that ever
// did anything in the team, tried something: at least 5, 10, 20 or 50, or
// nothing, which is 0. With few people around, fewer than ten are not told of.
func AtLeast(tried, everybody int) int {
	for _, n := range figures {
		if tried >= n && (everybody >= 12 || n >= 10) {
			return n
		}
	}
	return 0
}

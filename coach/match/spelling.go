package match

import (
	"slices"
	"unicode/utf8"
)

// A spelling knows how words are written, to find what was meant by one that is
// written otherwise.
type spelling struct {
	forms    []string         // each once, sorted
	byLength map[int][]string // by the number of letters
}

func newSpelling(forms []string) spelling {
	slices.Sort(forms)
	s := spelling{forms: slices.Compact(forms), byLength: map[int][]string{}}
	for _, f := range s.forms {
		n := utf8.RuneCountInString(f)
		s.byLength[n] = append(s.byLength[n], f)
	}
	return s
}

// Words of fewer letters than this are taken as they are: too many others are
// near to them.
const (
	shortest  = 4
	longWord  = 9 // from here on two letters may be wrong
	mostForms = 3
)

// near returns the words that w may be a slip of, at most three: those with the
// fewest letters to change, all as far away as the nearest.
func (s spelling) near(w string) []string {
	letters := []rune(w)
	if len(letters) < shortest || len(letters) > 24 {
		return nil
	}
	allowed := 1
	if len(letters) >= longWord {
		allowed = 2
	}
	for d := 1; d <= allowed; d++ {
		if found := s.at(letters, d); len(found) > 0 {
			return found[:min(len(found), mostForms)]
		}
	}
	return nil
}

// at returns the words that are d letters away. The first letter is nearly
// always right.
func (s spelling) at(letters []rune, d int) (found []string) {
	for n := len(letters) - d; n <= len(letters)+d; n++ {
		for _, f := range s.byLength[n] {
			other := []rune(f)
			if n < shortest || other[0] != letters[0] && (len(other) < 2 || other[1] != letters[0]) {
				continue
			}
			if distance(letters, other, d) == d {
				found = append(found, f)
			}
		}
	}
	return found
}

// distance counts the letters to add, drop, change or swap with a neighbour to
// get from a to b (optimal string alignment); more than most counts as most+1.
func distance(a, b []rune, most int) int {
	before, last, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		least := i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(last[j]+1, row[j-1]+1, last[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
			least = min(least, row[j])
		}
		if least > most {
			return most + 1
		}
		before, last, row = last, row, before
	}
	return min(last[len(b)], most+1)
}

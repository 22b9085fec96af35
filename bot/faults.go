package main

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// A ConfigFault is one thing wrong with the configuration, in our own words.
type ConfigFault struct {
	place
	Key  string // dotted, "" where none is to blame
	Text string
}

// String is "file:line: key: text", as editors like it.
func (f ConfigFault) String() string {
	if f.Key == "" {
		return fmt.Sprintf("%s: %s", f.place, f.Text)
	}
	return fmt.Sprintf("%s: %s: %s", f.place, f.Key, f.Text)
}

// ConfigFaults is every fault, in the order of the file.
type ConfigFaults []ConfigFault

// Error is one fault a line.
func (fs ConfigFaults) Error() string {
	if len(fs) == 1 {
		return fs[0].String()
	}
	lines := []string{fmt.Sprintf("the configuration has %d faults:", len(fs))}
	for _, f := range fs {
		lines = append(lines, "  "+f.String())
	}
	return strings.Join(lines, "\n")
}

// sort puts variables of the environment behind the lines of the file.
func (fs ConfigFaults) sort() {
	slices.SortStableFunc(fs, func(a, b ConfigFault) int {
		if (a.line == 0) != (b.line == 0) {
			return cmp.Compare(b.line, a.line)
		}
		return cmp.Compare(a.line, b.line)
	})
}

// plainKey is what a key may look like to be repeated in an error. A token that
// was pasted as a key must not be.
var plainKey = regexp.MustCompile(`^[a-z_]{1,24}(\.[a-z_]{1,24}){0,3}$`)

func shown(key string) string {
	if plainKey.MatchString(key) {
		return key
	}
	return "a key whose name is not repeated here"
}

// nearest returns the known word that word was probably meant to be, or "".
func nearest(word string, known []string) string {
	best, least := "", min(len(word)/3+2, 5)
	for _, k := range known {
		if d := distance(word, k); d < least {
			best, least = k, d
		}
	}
	return best
}

// distance is the number of single-letter edits between two words.
func distance(a, b string) int {
	if len(a) > 64 || len(b) > 64 {
		return 64
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		last := row[0]
		row[0] = i + 1
		for j := range len(b) {
			swap := last
			if a[i] != b[j] {
				swap++
			}
			last = row[j+1]
			row[j+1] = min(swap, last+1, row[j]+1)
		}
	}
	return row[len(b)]
}

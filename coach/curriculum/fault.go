package curriculum

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Fault is one thing wrong with one place of an edition, in our own words: it
// never repeats more of a file than the name of a key, an id or a value that
// had to be one of a list.
type Fault struct {
	Layer int    // index into Load's layers
	File  string // path inside the layer; "" where no file is to blame
	Line  int    // from 1; 0 where no line is to blame
	ID    string // the item, if it is known
	Rule  string // name of the lint rule; "" for faults of loading
	Text  string
}

// String is "file:line: id: text", as editors like it.
func (f Fault) String() string {
	var b strings.Builder
	if f.File != "" {
		b.WriteString(f.File)
		if f.Line > 0 {
			fmt.Fprintf(&b, ":%d", f.Line)
		}
		b.WriteString(": ")
	}
	if f.ID != "" {
		b.WriteString(f.ID + ": ")
	}
	b.WriteString(f.Text)
	if f.Rule != "" {
		b.WriteString(" [" + f.Rule + "]")
	}
	return b.String()
}

// Faults is every fault of a load, ordered by layer, file and line.
type Faults []Fault

// Error is one fault a line.
func (fs Faults) Error() string {
	lines := make([]string, len(fs))
	for i, f := range fs {
		lines[i] = f.String()
	}
	return strings.Join(lines, "\n")
}

func (fs Faults) sort() {
	slices.SortStableFunc(fs, func(a, b Fault) int {
		return cmp.Or(cmp.Compare(a.Layer, b.Layer), cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line))
	})
}

// nearest returns "; did you mean ..." for the nearest of the known words, or "".
func nearest(word string, known []string) string {
	best, least := "", len(word)/3+2
	for _, k := range known {
		if d := distance(word, k); d < least {
			best, least = k, d
		}
	}
	if best == "" {
		return ""
	}
	return fmt.Sprintf("; did you mean %q?", best)
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

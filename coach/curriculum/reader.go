package curriculum

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

// entry is one item of one file: what it says, where it stands, and all its
// texts, so that lint can walk any item without knowing its kind.
type entry struct {
	layer    int
	file     string
	line     int
	kind     string
	id       string // for [step] and [topic] a name made up for it: "step 3"
	topic    string // s1 to s6, rep, eth or ""
	claims   []string
	covers   []string
	audience []string
	texts    []passage
	value    any
	refs     int // line of the claims (of a claim: the sources)
}

// passage is one text of an entry. Field is its key, for nested ones with a
// path ("node n1 choice 2 feedback").
type passage struct {
	field string
	line  int
	text  string
	bad   bool // shows what not to do, so it may speak badly
}

// maxNames is the most ids or search words of one item. A guard has hundreds,
// for people say the same fear in many ways.
const maxNames = 1000

// reader takes the keys of one table one by one. Every method notes a fault
// instead of returning an error, so that one pass reports all of them; what it
// then returns is of no use, and the edition is refused.
type reader struct {
	out    *[]Fault
	entry  *entry
	table  *table
	prefix string // of the field names of nested tables
	asked  []string
	bad    bool
}

func (r *reader) fault(line int, format string, args ...any) {
	text := r.prefix + fmt.Sprintf(format, args...)
	*r.out = append(*r.out, Fault{Layer: r.entry.layer, File: r.entry.file, Line: line, ID: r.entry.id, Text: text})
}

// take returns the value of a key if it is there and has the right shape.
func (r *reader) take(key string, want shape, must bool) *value {
	r.asked = append(r.asked, key)
	v := r.table.values[key]
	if v == nil {
		if must {
			r.fault(r.table.line, "%s is missing", key)
		}
		return nil
	}
	if v.shape != want {
		r.fault(v.line, "%s must be %s, not %s", key, want, v.shape)
		return nil
	}
	return v
}

// text reads a required text of at most limit characters.
func (r *reader) text(key string, limit int) string {
	v := r.take(key, isText, true)
	if v == nil {
		return ""
	}
	return r.check(key, v, limit)
}

// maybe reads a text that may be absent, but not empty.
func (r *reader) maybe(key string, limit int) string {
	v := r.take(key, isText, false)
	if v == nil {
		return ""
	}
	return r.check(key, v, limit)
}

// badText reads a text that shows what not to do.
func (r *reader) badText(key string, limit int) string {
	r.bad = true
	defer func() { r.bad = false }()
	return r.text(key, limit)
}

func (r *reader) check(key string, v *value, limit int) string {
	if strings.TrimSpace(v.text) == "" {
		r.fault(v.line, "%s is empty", key)
		return ""
	}
	if n := utf8.RuneCountInString(v.text); n > limit {
		r.fault(v.line, "%s is too long: %d characters, at most %d", key, n, limit)
	}
	r.entry.texts = append(r.entry.texts, passage{r.prefix + key, v.line, v.text, r.bad})
	return v.text
}

// number reads a required whole number between low and high.
func (r *reader) number(key string, low, high int) int {
	v := r.take(key, isNumber, true)
	if v == nil {
		return low
	}
	return r.within(key, v, low, high)
}

func (r *reader) within(key string, v *value, low, high int) int {
	if v.number < low || v.number > high {
		r.fault(v.line, "%s is %d, but must be %d to %d", key, v.number, low, high)
	}
	return v.number
}

// one reads a required text that is one of a list.
func (r *reader) one(key string, of ...string) string {
	v := r.take(key, isText, true)
	if v == nil {
		return ""
	}
	return r.among(key, v, of)
}

func (r *reader) among(key string, v *value, of []string) string {
	if !slices.Contains(of, v.text) {
		r.fault(v.line, "%s must be one of %s%s", key, strings.Join(of, ", "), nearest(v.text, of))
	}
	return v.text
}

// some reads a list of different texts, each one of a list. At least low of
// them must be there; low 0 lets the key be absent.
func (r *reader) some(key string, low int, of ...string) []string {
	var out []string
	for _, v := range r.items(key, isText, low, len(of)) {
		if slices.Contains(out, v.text) {
			r.fault(v.line, "%s names %q twice", key, v.text)
		}
		out = append(out, r.among(key, v, of))
	}
	return out
}

// texts reads a list of low to high texts of at most limit characters each.
func (r *reader) texts(key string, low, high, limit int) []string {
	var out []string
	for _, v := range r.items(key, isText, low, high) {
		out = append(out, r.check(key, v, limit))
	}
	return out
}

// names reads a list of ids or search words, which nobody is shown as prose.
func (r *reader) names(key string, low int, form *regexp.Regexp, hint string) []string {
	var out []string
	for _, v := range r.items(key, isText, low, maxNames) {
		switch {
		case !form.MatchString(v.text):
			r.fault(v.line, "%s: %s", key, hint)
		case slices.Contains(out, v.text):
			r.fault(v.line, "%s names %q twice", key, v.text)
		}
		out = append(out, v.text)
	}
	return out
}

// items reads a list of low to high values of one shape.
func (r *reader) items(key string, of shape, low, high int) []*value {
	list := r.take(key, isList, low > 0)
	if list == nil {
		return nil
	}
	if n := len(list.list); n < low || n > high {
		r.fault(list.line, "%s has %d entries, but must have %d to %d", key, n, low, high)
	}
	var out []*value
	for _, v := range list.list {
		if v.shape != of {
			r.fault(v.line, "%s must hold %s in every place, not %s", key, of, v.shape)
			continue
		}
		out = append(out, v)
	}
	return out
}

// nested returns a reader for a table inside this one.
func (r *reader) nested(t *table, name string) *reader {
	return &reader{out: r.out, entry: r.entry, table: t, prefix: r.prefix + name + " "}
}

// lineOf returns the line of a key, or of the table where it is absent.
func (r *reader) lineOf(key string) int {
	if v := r.table.values[key]; v != nil {
		return v.line
	}
	return r.table.line
}

// done reports every key that nobody asked for.
func (r *reader) done() {
	for _, key := range r.table.keys {
		if !slices.Contains(r.asked, key) {
			r.fault(r.table.values[key].line, "unknown key %q%s", key, nearest(key, r.asked))
		}
	}
}

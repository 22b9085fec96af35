package curriculum

import (
	"bytes"
	"errors"
	"fmt"
	"regexp"
	"sort"
	"strconv"
	"strings"

	"github.com/pelletier/go-toml/v2/unstable"
)

// The decoder of go-toml stops at the first wrong type and does not keep the
// line of a value. A person who writes a curriculum needs all faults at once,
// each with its line, so files are read into this small tree of our own.

// shape is the type of a value, named as a writer would.
type shape string

const (
	isText   shape = "a text"
	isNumber shape = "a whole number"
	isList   shape = "a list"
	isTable  shape = "a table"
	isOther  shape = "something else"
)

// value is one TOML value and the line it starts on.
type value struct {
	shape  shape
	line   int
	text   string
	number int
	list   []*value
	table  *table
	opened bool // list made by [[name]] rather than by [ ]
}

// table is one TOML table. Keys keep their order.
type table struct {
	line     int
	keys     []string
	values   map[string]*value
	implicit bool // made only as the parent of something else
}

func newTable(line int) *table { return &table{line: line, values: map[string]*value{}} }

func (t *table) set(key string, v *value) {
	t.keys = append(t.keys, key)
	t.values[key] = v
}

const (
	maxSyntaxFaults = 50 // of one file, then the rest is not looked at
	maxDepth        = 8  // of values inside values
)

// parse reads a file. Where an item cannot be read, its fault is noted, the
// item is left out, and reading goes on with the next one. The table is nil
// where that was not possible.
func parse(src []byte) (*table, []Fault) {
	var faults []Fault
	for last := 0; ; {
		b := newBuilder(src)
		line := b.run()
		if line == 0 {
			return b.root, append(faults, b.faults...)
		}
		if line <= last || len(faults) == maxSyntaxFaults {
			return nil, faults
		}
		faults = append(faults, Fault{Line: line, Text: syntaxHint(b.lineText(line))})
		src, last = b.without(line), line
	}
}

type builder struct {
	src    []byte
	starts []int // offset of the start of each line
	parser unstable.Parser
	root   *table
	faults []Fault
}

func newBuilder(src []byte) *builder {
	b := &builder{src: src, starts: []int{0}, root: newTable(1)}
	for i, c := range src {
		if c == '\n' {
			b.starts = append(b.starts, i+1)
		}
	}
	return b
}

// line returns the line of an offset, from 1.
func (b *builder) line(offset int) int {
	return sort.SearchInts(b.starts, offset+1)
}

func (b *builder) lineText(line int) string {
	end := len(b.src)
	if line < len(b.starts) {
		end = b.starts[line]
	}
	return string(b.src[b.starts[line-1]:end])
}

// run fills root and returns 0, or the line that is not TOML.
func (b *builder) run() (badLine int) {
	b.parser.Reset(b.src)
	at := b.root
	for b.parser.NextExpression() {
		n := b.parser.Expression()
		switch n.Kind {
		case unstable.KeyValue:
			b.keyValue(at, n, 0)
		case unstable.Table:
			at = b.header(n, false)
		case unstable.ArrayTable:
			at = b.header(n, true)
		}
	}
	return b.errorLine(b.parser.Error())
}

func (b *builder) errorLine(err error) int {
	if err == nil {
		return 0
	}
	offset := len(b.src)
	var perr *unstable.ParserError
	if errors.As(err, &perr) && perr.Highlight != nil {
		offset = cap(b.src) - cap(perr.Highlight)
	}
	offset = min(max(offset, 0), max(len(b.src)-1, 0))
	return b.line(offset)
}

var topHeader = regexp.MustCompile(`^\s*\[+\s*[A-Za-z0-9_-]+\s*\]`)

// without returns the file with the item around a line blanked, its line
// breaks kept so that all other lines keep their numbers.
func (b *builder) without(line int) []byte {
	from, to := line, line+1
	for from > 1 && !topHeader.MatchString(b.lineText(from)) {
		from--
	}
	if !topHeader.MatchString(b.lineText(from)) {
		from = line // a key before the first item: only it is left out
	}
	for to <= len(b.starts) && !topHeader.MatchString(b.lineText(to)) {
		to++
	}
	end := len(b.src)
	if to <= len(b.starts) {
		end = b.starts[to-1]
	}
	out := bytes.Clone(b.src)
	for i := b.starts[from-1]; i < end; i++ {
		if out[i] != '\n' {
			out[i] = ' '
		}
	}
	return out
}

func (b *builder) fault(line int, format string, args ...any) {
	b.faults = append(b.faults, Fault{Line: line, Text: fmt.Sprintf(format, args...)})
}

// keyPath returns the names of a (dotted) key and the line it stands on.
func (b *builder) keyPath(n *unstable.Node) (path []string, line int) {
	for it := n.Key(); it.Next(); {
		k := it.Node()
		if line == 0 {
			line = b.line(int(k.Raw.Offset))
		}
		path = append(path, string(k.Data))
	}
	return path, line
}

// header opens [a.b] or [[a.b]] and returns the table that follows.
func (b *builder) header(n *unstable.Node, list bool) *table {
	path, line := b.keyPath(n)
	parent := b.descend(b.root, path[:len(path)-1], line)
	name, fresh := path[len(path)-1], newTable(line)
	if parent == nil {
		return fresh // its fault is noted; what follows is read and dropped
	}
	old := parent.values[name]
	switch {
	case old == nil && list:
		parent.set(name, &value{shape: isList, line: line, opened: true, list: []*value{{shape: isTable, line: line, table: fresh}}})
	case old == nil:
		parent.set(name, &value{shape: isTable, line: line, table: fresh})
	case list && old.opened:
		old.list = append(old.list, &value{shape: isTable, line: line, table: fresh})
	case !list && old.shape == isTable && old.table.implicit:
		old.table.implicit, old.table.line = false, line
		return old.table
	default:
		b.fault(line, "%q is already there, on line %d", name, old.line)
	}
	return fresh
}

// descend walks to the table at path, making what is missing. It returns nil,
// with a fault, where the path leads through something that is no table.
func (b *builder) descend(t *table, path []string, line int) *table {
	for _, name := range path {
		v := t.values[name]
		if v == nil {
			v = &value{shape: isTable, line: line, table: newTable(line)}
			v.table.implicit = true
			t.set(name, v)
		}
		switch {
		case v.shape == isTable:
			t = v.table
		case v.opened:
			t = v.list[len(v.list)-1].table
		default:
			b.fault(line, "%q is %s, so nothing can stand inside it", name, v.shape)
			return nil
		}
	}
	return t
}

func (b *builder) keyValue(at *table, n *unstable.Node, depth int) {
	path, line := b.keyPath(n)
	at = b.descend(at, path[:len(path)-1], line)
	if at == nil {
		return
	}
	name := path[len(path)-1]
	if old := at.values[name]; old != nil {
		b.fault(line, "%q is set twice, first on line %d", name, old.line)
		return
	}
	at.set(name, b.value(n.Value(), line, depth))
}

func (b *builder) value(n *unstable.Node, line, depth int) *value {
	if n.Raw.Length > 0 {
		line = b.line(int(n.Raw.Offset))
	}
	v := &value{shape: isOther, line: line}
	switch {
	case depth > maxDepth:
	case n.Kind == unstable.String:
		v.shape, v.text = isText, string(n.Data)
	case n.Kind == unstable.Integer:
		if i, err := strconv.ParseInt(strings.ReplaceAll(string(n.Data), "_", ""), 0, 32); err == nil {
			v.shape, v.number = isNumber, int(i)
		}
	case n.Kind == unstable.Array:
		v.shape = isList
		for it := n.Children(); it.Next(); {
			v.list = append(v.list, b.value(it.Node(), line, depth+1))
		}
	case n.Kind == unstable.InlineTable:
		v.shape, v.table = isTable, newTable(line)
		for it := n.Children(); it.Next(); {
			if it.Node().Kind == unstable.KeyValue {
				b.keyValue(v.table, it.Node(), depth+1)
			}
		}
	}
	return v
}

var (
	bareText   = regexp.MustCompile(`=\s*[A-Za-z]`)
	bareWord   = regexp.MustCompile(`=\s*(true|false|inf|nan)\s*(#.*)?$`)
	smartQuote = regexp.MustCompile(`[=\[,]\s*[\x{2018}\x{2019}\x{201c}\x{201d}]`)
)

// syntaxHint guesses from a line that is not TOML what its writer may have
// forgotten.
func syntaxHint(line string) string {
	line = strings.TrimSpace(line)
	quotes := strings.Count(line, `"`) - strings.Count(line, `\"`)
	switch {
	case smartQuote.MatchString(line):
		return `not TOML: use plain " quotes around a text, not curly ones`
	case quotes%2 == 1:
		return `not TOML: a " is opened and not closed here, or a " inside the text needs a backslash (\")`
	case strings.HasPrefix(line, "["):
		return "not TOML: a heading is [name] or [[name]], alone on its line"
	case bareText.MatchString(line) && !bareWord.MatchString(line):
		return `not TOML: a text needs " quotes around it`
	case quotes > 2:
		return `not TOML: only one text can stand here; a " inside a text needs a backslash (\")`
	case !strings.Contains(line, "="):
		return `not TOML: expected key = value (a text or list before this line may not be closed)`
	}
	return "not TOML"
}

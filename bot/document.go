package main

import (
	"bytes"
	"errors"
	"fmt"
	"regexp"
	"sort"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/pelletier/go-toml/v2/unstable"
)

// The decoder of go-toml stops at the first wrong type and prints the lines
// around a fault, tokens included. An operator needs all faults at once and no
// secret on the screen, so the file is read into this flat form of our own.

// bom is the byte order mark some editors put at the start of a file.
const bom = "\xef\xbb\xbf"

const (
	maxConfig       = 1 << 20 // bytes
	maxSyntaxFaults = 20
	maxDepth        = 4 // of values inside values
)

// A place is a line of the configuration file, or a variable of the environment.
type place struct {
	file string
	line int // from 1; 0 where file has no lines
}

func (p place) String() string {
	if p.line == 0 {
		return p.file
	}
	return fmt.Sprintf("%s:%d", p.file, p.line)
}

// shape is the type of a value, named as an operator would.
type shape string

const (
	isText   shape = "a text in quotes"
	isNumber shape = "a whole number"
	isFlag   shape = "true or false"
	isList   shape = "a list in square brackets"
	isOther  shape = "something else"
)

// A setting is one value of the file.
type setting struct {
	place
	shape  shape
	text   string
	number int
	flag   bool
	list   []*setting
}

// A document is the file by dotted path ("slack.bot_token").
type document struct {
	file    string
	src     []byte
	starts  []int // offset of the start of each line
	keys    []string
	values  map[string]*setting
	headers []string
	tables  map[string]int // line of each header
	faults  ConfigFaults
}

// readDocument reads as much of a file as can be read. A line that is not TOML
// is noted and left out; after a bad header nothing is read, since it is not
// known what the keys below it belong to.
func readDocument(file string, src []byte) *document {
	src = bytes.TrimPrefix(src, []byte(bom))
	d := &document{file: file}
	switch {
	case len(src) > maxConfig:
		d.fault(1, "", "is too large for a configuration file")
		src = nil
	case !utf8.Valid(src):
		d.fault(badUTF8(src), "", "is not UTF-8 here; save the file as UTF-8")
		src = nil
	}
	d.setSource(src)
	for range maxSyntaxFaults {
		d.values, d.tables, d.keys, d.headers = map[string]*setting{}, map[string]int{}, nil, nil
		kept := len(d.faults)
		bad := d.run()
		if bad == 0 {
			break
		}
		text := d.lineText(bad)
		d.faults = d.faults[:kept] // the next run finds them again
		d.fault(bad, "", "%s", syntaxHint(text))
		d.setSource(d.without(bad, strings.HasPrefix(strings.TrimSpace(text), "[")))
	}
	return d
}

func (d *document) setSource(src []byte) {
	d.src, d.starts = src, []int{0}
	for i, c := range src {
		if c == '\n' {
			d.starts = append(d.starts, i+1)
		}
	}
}

func (d *document) fault(line int, key, format string, args ...any) {
	d.faults = append(d.faults, ConfigFault{place{d.file, line}, key, fmt.Sprintf(format, args...)})
}

// badUTF8 returns the line of the first byte that is not UTF-8.
func badUTF8(src []byte) int {
	good := 0
	for good < len(src) {
		r, n := utf8.DecodeRune(src[good:])
		if r == utf8.RuneError && n == 1 {
			break
		}
		good += n
	}
	return 1 + bytes.Count(src[:good], []byte("\n"))
}

// line returns the line of an offset, from 1.
func (d *document) line(offset int) int { return sort.SearchInts(d.starts, offset+1) }

func (d *document) lineText(line int) string {
	end := len(d.src)
	if line < len(d.starts) {
		end = d.starts[line]
	}
	return string(d.src[d.starts[line-1]:end])
}

// without returns the source with a line blanked, or all from it on. Line
// breaks stay, so that all other lines keep their numbers.
func (d *document) without(line int, rest bool) []byte {
	out := bytes.Clone(d.src)
	for i := d.starts[line-1]; i < len(out); i++ {
		if out[i] == '\n' {
			if !rest {
				break
			}
			continue
		}
		out[i] = ' '
	}
	return out
}

// run reads the source and returns 0, or the line that is not TOML.
func (d *document) run() (bad int) {
	var p unstable.Parser
	p.Reset(d.src)
	at := ""
	for p.NextExpression() {
		switch n := p.Expression(); n.Kind {
		case unstable.KeyValue:
			d.keyValue(at, n, 0)
		case unstable.Table, unstable.ArrayTable:
			at = d.header(n)
		}
	}
	err := p.Error()
	if err == nil {
		return 0
	}
	offset := len(d.src)
	if e, ok := errors.AsType[*unstable.ParserError](err); ok && e.Highlight != nil {
		offset = cap(d.src) - cap(e.Highlight)
	}
	return d.line(min(max(offset, 0), max(len(d.src)-1, 0)))
}

func (d *document) keyPath(n *unstable.Node) (path string, line int) {
	var names []string
	for it := n.Key(); it.Next(); {
		if line == 0 {
			line = d.line(int(it.Node().Raw.Offset))
		}
		names = append(names, string(it.Node().Data))
	}
	return strings.Join(names, "."), line
}

// header opens [a.b] and returns its path.
func (d *document) header(n *unstable.Node) string {
	path, line := d.keyPath(n)
	switch first, ok := d.tables[path]; {
	case n.Kind == unstable.ArrayTable:
		d.fault(line, shown(path), "a section has single brackets: [name]")
	case ok:
		d.fault(line, shown(path), "this section is already there, on line %d; put both together", first)
	default:
		d.headers = append(d.headers, path)
	}
	if _, ok := d.tables[path]; !ok {
		d.tables[path] = line
	}
	return path
}

func (d *document) keyValue(at string, n *unstable.Node, depth int) {
	key, line := d.keyPath(n)
	if at != "" {
		key = at + "." + key
	}
	v := n.Value()
	if v.Kind == unstable.InlineTable && depth < maxDepth {
		d.headers = append(d.headers, key)
		d.tables[key] = line
		for it := v.Children(); it.Next(); {
			if it.Node().Kind == unstable.KeyValue {
				d.keyValue(key, it.Node(), depth+1)
			}
		}
		return
	}
	if old := d.values[key]; old != nil {
		d.fault(line, shown(key), "is set twice, first on line %d", old.line)
		return
	}
	d.keys = append(d.keys, key)
	d.values[key] = d.value(v, line, 0)
}

func (d *document) value(n *unstable.Node, line, depth int) *setting {
	if n.Raw.Length > 0 {
		line = d.line(int(n.Raw.Offset))
	}
	s := &setting{place: place{d.file, line}, shape: isOther}
	switch n.Kind {
	case unstable.String:
		s.shape, s.text = isText, string(n.Data)
	case unstable.Bool:
		s.shape, s.flag = isFlag, string(n.Data) == "true"
	case unstable.Integer:
		if i, err := strconv.ParseInt(strings.ReplaceAll(string(n.Data), "_", ""), 0, 32); err == nil {
			s.shape, s.number = isNumber, int(i)
		}
	case unstable.Array:
		s.shape = isList
		for it := n.Children(); it.Next() && depth < maxDepth; {
			s.list = append(s.list, d.value(it.Node(), line, depth+1))
		}
	}
	return s
}

var (
	bareText   = regexp.MustCompile(`=\s*[A-Za-z]`)
	smartQuote = regexp.MustCompile(`[=\[,]\s*[\x{2018}\x{2019}\x{201c}\x{201d}]`)
)

// syntaxHint guesses, in our own words, what is wrong with a line that is not
// TOML.
func syntaxHint(line string) string {
	line = strings.TrimSpace(line)
	quotes := strings.Count(line, `"`) - strings.Count(line, `\"`)
	switch {
	case smartQuote.MatchString(line):
		return `not TOML: use plain " quotes around a text, not curly ones`
	case quotes%2 == 1:
		return `not TOML: a " is opened and not closed here`
	case strings.HasPrefix(line, "["):
		return "not TOML: a section is [name], alone on its line; nothing below it was looked at"
	case !strings.Contains(line, "="):
		return "not TOML: expected key = value"
	case bareText.MatchString(line):
		return `not TOML: a text needs " quotes around it`
	}
	return "not TOML: expected key = value"
}

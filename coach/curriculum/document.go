package curriculum

import (
	"bytes"
	"fmt"
	"unicode/utf8"
)

// maxFile is the most bytes a file may have; the largest of ours has 64 KB.
const maxFile = 1 << 20

// document reads one file into entries.
type document struct {
	layer    int
	file     string
	kinds    []kind
	entries  []*entry
	removals []removal
	faults   Faults
	broken   bool
}

func (d *document) fault(line int, format string, args ...any) {
	d.faults = append(d.faults, Fault{Layer: d.layer, File: d.file, Line: line, Text: fmt.Sprintf(format, args...)})
}

func (d *document) read(f file) {
	data := bytes.TrimPrefix(f.data, []byte("\xef\xbb\xbf"))
	switch {
	case f.err != nil:
		d.broken = true
		d.fault(0, "cannot be read")
		return
	case len(data) > maxFile:
		d.broken = true
		d.fault(0, "is too large: %d bytes, at most %d", len(data), maxFile)
		return
	case !utf8.Valid(data):
		d.broken = true
		d.fault(badUTF8(data), "is not UTF-8 here; save the file as UTF-8")
		return
	}
	root, faults := parse(data)
	for _, x := range faults {
		x.Layer, x.File = d.layer, d.file
		d.faults = append(d.faults, x)
	}
	d.broken = len(faults) > 0
	if root != nil {
		d.readRoot(root)
	}
}

// badUTF8 returns the line of the first byte that is not UTF-8.
func badUTF8(data []byte) int {
	line := 1
	for len(data) > 0 {
		r, n := utf8.DecodeRune(data)
		if r == utf8.RuneError && n == 1 {
			return line
		}
		if r == '\n' {
			line++
		}
		data = data[n:]
	}
	return line
}

func (d *document) readRoot(root *table) {
	top := d.reader(&entry{line: 1}, root)
	d.readHead(top)
	for _, name := range []string{"step", "topic"} {
		if v := top.take(name, isTable, false); v != nil {
			d.readOne(name, v, func(r *reader) any { return readTopic(r, name) })
		}
	}
	for _, k := range d.kinds {
		for _, v := range d.list(top, k.name) {
			d.readOne(k.name, v, func(r *reader) any { return k.read(r, readItem(r, k)) })
		}
	}
	for _, v := range d.list(top, "claim") {
		d.readOne("claim", v, func(r *reader) any { return named(r, readClaim(r)) })
	}
	for _, v := range d.list(top, "source") {
		d.readOne("source", v, func(r *reader) any { return named(r, readSource(r)) })
	}
	top.done()
}

// named takes the entry's id from a claim or a source.
func named[T Claim | Source](r *reader, v T) any {
	switch v := any(v).(type) {
	case Claim:
		r.entry.id = v.ID
	case Source:
		r.entry.id = v.ID
	}
	return v
}

// readHead reads what stands before the first item.
func (d *document) readHead(top *reader) {
	if v := top.take("schema", isNumber, false); v != nil && v.number != 1 {
		d.fault(v.line, "schema is %d; this program reads schema 1", v.number)
	} else if v == nil && top.table.values["schema"] == nil && !onlyEvidence(top.table) {
		d.fault(1, "schema is missing: start the file with schema = 1")
	}
	for _, v := range top.items("remove", isText, 0, 1000) {
		d.removals = append(d.removals, removal{d.file, v.text, v.line})
	}
	if v := top.take("grades", isTable, false); v != nil {
		d.readOne("grades", v, readGrades)
	}
}

// onlyEvidence: the evidence file is the same data as another program's, and
// has no schema line.
func onlyEvidence(root *table) bool {
	for _, key := range root.keys {
		if key != "grades" && key != "claim" && key != "source" {
			return false
		}
	}
	return len(root.keys) > 0
}

func readGrades(r *reader) any {
	r.entry.id = "grades"
	words := map[string]string{}
	for _, g := range grades {
		words[g] = r.text(g, 60)
	}
	return words
}

// list returns the tables of [[name]].
func (d *document) list(top *reader, name string) []*value {
	if v := top.table.values[name]; v != nil && v.shape == isTable {
		top.asked = append(top.asked, name)
		d.fault(v.line, "write [[%s]] with two brackets", name)
		return nil
	}
	return top.items(name, isTable, 0, 10000)
}

func (d *document) reader(en *entry, t *table) *reader {
	en.layer, en.file, en.line = d.layer, d.file, t.line
	return &reader{out: (*[]Fault)(&d.faults), entry: en, table: t}
}

// readOne reads one entry and keeps it.
func (d *document) readOne(kind string, v *value, read func(*reader) any) {
	en := &entry{kind: kind}
	r := d.reader(en, v.table)
	en.value = read(r)
	r.done()
	en.refs = r.lineOf("claims")
	if kind == "claim" {
		en.refs = r.lineOf("sources")
	}
	d.entries = append(d.entries, en)
}

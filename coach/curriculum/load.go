package curriculum

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"
	"unicode/utf8"
)

// maxFile is the most bytes a file may have; the largest of ours has 64 KB.
const maxFile = 1 << 20

// Load reads layers of TOML files into one edition. Every *.toml file of a
// layer is read, in folders too; every kind may stand in every file. An item
// of a later layer replaces the one with its id, [step] and [topic] replace
// the one with their number or key (its items stay), new ids are added at the
// end, and a file may say remove = ["id"] to drop items of earlier layers.
//
// The error is Faults where files are at fault: every fault of every file.
// Anything else is an error of reading the layer itself.
func Load(layers ...fs.FS) (*Edition, error) {
	m := &merger{places: map[string]int{}, kinds: kinds()}
	sum := sha256.New()
	for i, layer := range layers {
		files, err := readLayer(layer, sum)
		if err != nil {
			return nil, fmt.Errorf("curriculum layer %d: %w", i+1, err)
		}
		m.add(i, files)
	}
	m.checkReferences()
	if len(m.faults) > 0 {
		m.faults.sort()
		return nil, m.faults
	}
	e := build(m.entries)
	e.Hash = hex.EncodeToString(sum.Sum(nil))[:12]
	return e, nil
}

// file is one file of a layer.
type file struct {
	name string
	data []byte
	err  error
}

// readLayer reads all TOML files in order of their names, and adds them to sum.
func readLayer(layer fs.FS, sum io.Writer) ([]file, error) {
	var files []file
	err := fs.WalkDir(layer, ".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil && name == ".":
			return err
		case err != nil:
			files = append(files, file{name: name, err: err})
			return nil
		case name != "." && strings.HasPrefix(d.Name(), "."):
			if d.IsDir() {
				return fs.SkipDir
			}
			return nil
		case d.IsDir() || path.Ext(name) != ".toml":
			return nil
		}
		data, err := fs.ReadFile(layer, name)
		files = append(files, file{name, data, err})
		fmt.Fprintf(sum, "%q %d\n", name, len(data))
		_, _ = sum.Write(data) // a hash never fails
		return nil
	})
	fmt.Fprintln(sum, "end of layer")
	return files, err
}

// merger collects the entries of all layers.
type merger struct {
	entries []*entry
	kinds   []kind
	places  map[string]int // id to index in entries
	faults  Faults
	broken  bool // a file could not be read whole, so its ids may be missing
}

type removal struct {
	file, id string
	line     int
}

func (m *merger) add(layer int, files []file) {
	var fresh []*entry
	var removals []removal
	for _, f := range files {
		d := &document{layer: layer, file: f.name, kinds: m.kinds}
		d.read(f)
		m.faults = append(m.faults, d.faults...)
		m.broken = m.broken || d.broken
		fresh = append(fresh, d.entries...)
		removals = append(removals, d.removals...)
	}
	m.remove(layer, removals)
	m.lay(fresh)
}

// remove drops entries of earlier layers.
func (m *merger) remove(layer int, removals []removal) {
	for _, r := range removals {
		if i, ok := m.places[r.id]; ok && !m.entries[i].head() {
			m.entries[i] = nil
			delete(m.places, r.id)
			continue
		}
		known := make([]string, 0, len(m.places))
		for id := range m.places {
			known = append(known, id)
		}
		slices.Sort(known)
		m.faults = append(m.faults, Fault{Layer: layer, File: r.file, Line: r.line,
			Text: fmt.Sprintf("remove names %q, which no earlier layer has%s", clip(r.id), nearest(r.id, known))})
	}
}

// head reports whether an entry is one that an edition cannot do without.
func (en *entry) head() bool {
	return en.kind == "step" || en.kind == "topic" || en.kind == "grades"
}

// lay puts the entries of one layer over those of the layers before.
func (m *merger) lay(fresh []*entry) {
	first := map[string]*entry{}
	for _, en := range fresh {
		if en.id == "" {
			continue
		}
		if old, ok := first[en.id]; ok {
			m.faults = append(m.faults, Fault{Layer: en.layer, File: en.file, Line: en.line, ID: en.id,
				Text: fmt.Sprintf("id is taken, by %s:%d", old.file, old.line)})
			continue
		}
		first[en.id] = en
		if i, ok := m.places[en.id]; ok {
			m.entries[i] = en
			continue
		}
		m.places[en.id] = len(m.entries)
		m.entries = append(m.entries, en)
	}
}

// checkReferences finds claims and sources that are not there. It waits until
// all files can be read: an id in an unreadable part is not missing.
func (m *merger) checkReferences() {
	if m.broken {
		return
	}
	claims, sources := m.known("claim"), m.known("source")
	keys := map[string]int{}
	for _, en := range m.entries {
		if en == nil {
			continue
		}
		for _, id := range en.claims {
			m.refer(en, "claim", id, claims)
		}
		switch v := en.value.(type) {
		case Claim:
			for _, id := range v.Sources {
				m.refer(en, "source", id, sources)
			}
		case Topic:
			if other := keys[v.Key]; other > 0 && v.N > 0 {
				m.faults = append(m.faults, Fault{Layer: en.layer, File: en.file, Line: en.line, ID: en.id,
					Text: fmt.Sprintf("key is taken, by step %d", other)})
			}
			keys[v.Key] = v.N
		}
	}
}

func (m *merger) known(kind string) []string {
	var ids []string
	for _, en := range m.entries {
		if en != nil && en.kind == kind {
			ids = append(ids, en.id)
		}
	}
	return ids
}

func (m *merger) refer(en *entry, what, id string, known []string) {
	if slices.Contains(known, id) {
		return
	}
	m.faults = append(m.faults, Fault{Layer: en.layer, File: en.file, Line: en.refs, ID: en.id,
		Text: fmt.Sprintf("there is no %s %q%s", what, clip(id), nearest(id, known))})
}

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

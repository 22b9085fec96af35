package curriculum

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"
)

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

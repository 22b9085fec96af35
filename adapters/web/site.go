package web

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"html/template"
	"io/fs"
	"net/http"
)

//go:embed page
var files embed.FS

// A site is what is the same for everyone: the templates, and the three files
// that the page loads.
type site struct {
	templates *template.Template
	assets    map[string]asset  // by path
	urls      map[string]string // by short name, with a mark that changes when the file does
}

type asset struct {
	mime string
	body []byte
}

// newSite reads the embedded files. They are part of the program, so a fault in
// them is a fault of the program and panics in every test.
func newSite() *site {
	s := &site{
		templates: template.Must(template.New("").Funcs(template.FuncMap{"size": size}).ParseFS(files, "page/*.html")),
		assets:    make(map[string]asset),
		urls:      make(map[string]string),
	}
	s.join("script", "/script.js", "text/javascript; charset=utf-8", "page/script/*.js")
	s.join("style", "/style.css", "text/css; charset=utf-8", "page/style/*.css")
	s.join("icon", "/icon.svg", "image/svg+xml", "page/icon.svg")
	return s
}

// join makes one asset of the files that match pattern, in the order of their
// names.
func (s *site) join(name, path, kind, pattern string) {
	found, err := fs.Glob(files, pattern)
	var body []byte
	for _, f := range found {
		part, readErr := files.ReadFile(f)
		if readErr != nil {
			err = readErr
		}
		body = append(body, part...)
	}
	if err != nil || len(body) == 0 {
		panic(fmt.Sprintf("embedded %s: %v", pattern, err))
	}
	sum := sha256.Sum256(body)
	s.assets[path] = asset{kind, body}
	s.urls[name] = path + "?" + hex.EncodeToString(sum[:6])
}

// ServeHTTP answers with an asset. Its address changes with its content, so a
// browser may keep it.
func (s *site) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	a := s.assets[r.URL.Path]
	w.Header().Set("Content-Type", a.mime)
	w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	_, _ = w.Write(a.body)
}

// fragment returns the template of that name filled with data. The templates
// take only types of this package, so an error is a fault of the program.
func (s *site) fragment(name string, data any) string {
	var b bytes.Buffer
	if err := s.templates.ExecuteTemplate(&b, name, data); err != nil {
		panic(fmt.Sprintf("template %s: %v", name, err))
	}
	return b.String()
}

// size returns n bytes as people read it.
func size(n int) string {
	switch {
	case n < 1000:
		return fmt.Sprintf("%d bytes", n)
	case n < 1000*1000:
		return fmt.Sprintf("%d kB", (n+500)/1000)
	}
	return fmt.Sprintf("%.1f MB", float64(n)/1e6)
}

package terminal

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"unicode"
)

// maxCopies is how many files of one name are kept beside each other.
const maxCopies = 1000

// save writes data into the folder for files, readable by its owner only, and
// returns a line that says where. A file that is there already is kept.
func (a *Adapter) save(name string, data []byte) string {
	if a.Dir == "" {
		return "(not saved: there is no folder for files here)"
	}
	path, err := a.saveAs(fileName(name), data)
	if err != nil {
		return fmt.Sprintf("(not saved: %v)", err)
	}
	return "Saved: " + path
}

func (a *Adapter) saveAs(name string, data []byte) (string, error) {
	if err := os.MkdirAll(a.Dir, 0o700); err != nil {
		return "", err
	}
	dir, err := os.OpenRoot(a.Dir)
	if err != nil {
		return "", err
	}
	defer dir.Close()
	ext := filepath.Ext(name)
	for n := range maxCopies {
		try := name
		if n > 0 {
			try = fmt.Sprintf("%s-%d%s", strings.TrimSuffix(name, ext), n+1, ext)
		}
		f, err := dir.OpenFile(try, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
		if errors.Is(err, fs.ErrExist) {
			continue
		}
		if err != nil {
			return "", err
		}
		_, err = f.Write(data)
		return filepath.Join(a.Dir, try), errors.Join(err, f.Close())
	}
	return "", fmt.Errorf("%s: there are %d of that name", name, maxCopies)
}

// fileName returns name as it is safe on any disk: letters, digits, "-", "_"
// and dots that do not begin it.
func fileName(name string) string {
	name = strings.Map(func(r rune) rune {
		if r < unicode.MaxASCII && (unicode.IsLetter(r) || unicode.IsDigit(r)) || strings.ContainsRune("-_.", r) {
			return r
		}
		return '-'
	}, filepath.Base(filepath.ToSlash(strings.ToValidUTF8(name, "-"))))
	name = strings.TrimLeft(name, ".-")
	if len(name) > 100 {
		name = name[len(name)-100:]
	}
	if name == "" {
		return "rapport"
	}
	return name
}

package main

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
)

// A Secret is a value that is never printed: every verb of fmt, JSON, text
// encodings and slog show "[redacted]". The zero Secret is not set.
type Secret struct {
	value  *string // a pointer: even %#v of a struct around it shows an address
	source string  // where it came from, for errors: a file's line or a variable's name
}

const redacted = "[redacted]"

func newSecret(value, source string) Secret { return Secret{&value, source} }

// Reveal returns the value, for the one call that needs it.
func (s Secret) Reveal() string {
	if s.value == nil {
		return ""
	}
	return *s.value
}

// Set reports whether there is a value.
func (s Secret) Set() bool { return s.value != nil }

// Format implements [fmt.Formatter] for all verbs.
func (Secret) Format(f fmt.State, _ rune) { fmt.Fprint(f, redacted) }

// String implements [fmt.Stringer].
func (Secret) String() string { return redacted }

// MarshalText implements [encoding.TextMarshaler]; JSON and TOML use it too.
func (Secret) MarshalText() ([]byte, error) { return []byte(redacted), nil }

// LogValue implements [slog.LogValuer].
func (Secret) LogValue() slog.Value { return slog.StringValue(redacted) }

// credential is how a secret from systemd's LoadCredential is named in errors.
const credential = "credential "

// maxSecret is the longest file of a secret that is read, in bytes.
const maxSecret = 8 << 10

// secretSources are the values given for a secret outside the file, each with
// the name of where it came from: RAPPORT_NAME itself, the file that
// RAPPORT_NAME_FILE names, and the file "name" in $CREDENTIALS_DIRECTORY.
func (r *reader) secretSources(variable string) []Secret {
	var found []Secret
	if v := strings.TrimSpace(r.env.Getenv(variable)); v != "" {
		found = append(found, newSecret(v, variable))
	}
	if name := r.env.Getenv(variable + "_FILE"); name != "" {
		found = r.secretFile(found, r.env.path(name), variable+"_FILE", true)
	}
	if dir := r.env.Getenv("CREDENTIALS_DIRECTORY"); dir != "" {
		name := strings.ToLower(strings.TrimPrefix(variable, "RAPPORT_"))
		found = r.secretFile(found, filepath.Join(r.env.path(dir), name), credential+name, false)
	}
	return found
}

// secretFile adds the value in a file, which must be there or may be.
func (r *reader) secretFile(found []Secret, path, source string, must bool) []Secret {
	data, err := readSecret(path)
	switch {
	case errors.Is(err, fs.ErrNotExist) && !must:
		return found
	case errors.Is(err, fs.ErrNotExist):
		r.fault(place{file: source}, "", "the file it names does not exist")
	case err != nil:
		r.fault(place{file: source}, "", "its file cannot be read: %s", reason(err))
	case data == "":
		r.fault(place{file: source}, "", "its file is empty")
	default:
		found = append(found, newSecret(data, source))
	}
	return found
}

func readSecret(path string) (string, error) {
	info, err := os.Stat(path)
	if err != nil {
		return "", err
	}
	if !info.Mode().IsRegular() && info.Mode()&fs.ModeNamedPipe == 0 {
		return "", errors.New("it is no file")
	}
	if info.Size() > maxSecret {
		return "", errors.New("it is too long for a secret")
	}
	data, err := os.ReadFile(path)
	return strings.TrimSpace(strings.TrimPrefix(string(data), bom)), err
}

// reason is what the system says about a file, without its name: a secret put
// where its file's name belongs must not be repeated.
func reason(err error) string {
	if e, ok := errors.AsType[*fs.PathError](err); ok {
		return e.Err.Error()
	}
	return err.Error()
}

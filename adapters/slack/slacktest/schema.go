package slacktest

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// compiled are the schemas beside the checkout, compiled once for all tests
// since that takes a while; none where the folder is absent.
var compiled = sync.OnceValues(compile)

// Schemas tells whether requests are held against Slack's published types, too.
// They are kept beside the checkout and may be absent.
func Schemas() bool {
	all, err := compiled()
	return err == nil && len(all) > 0
}

func compile() (map[string]*jsonschema.Schema, error) {
	folder, err := specs()
	if err != nil {
		return nil, err
	}
	out := map[string]*jsonschema.Schema{}
	for _, name := range []string{"slack-req.PostMessage", "slack-req.ViewsOpen", "slack-req.ConvOpen", "slack-MessageBlocks", "slack-AnyView"} {
		raw, err := os.ReadFile(filepath.Join(folder, name+".schema.json"))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(raw))
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		c := jsonschema.NewCompiler()
		if err := c.AddResource(name, doc); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		if out[name], err = c.Compile(name); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
	}
	return out, nil
}

// specs is the folder with the schemas: beside the folder that holds go.mod.
func specs() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return filepath.Join(dir, "..", "shared", "platforms", "specs"), nil
		}
		up := filepath.Dir(dir)
		if up == dir {
			return "", errors.New("no go.mod above")
		}
		dir = up
	}
}

// checkSchema records where v breaks a schema. s.mu is held.
func (s *Slack) checkSchema(where, name string, v any) {
	if name == "" || s.set.NoSchemas {
		return
	}
	all, err := compiled()
	if err != nil {
		s.violate(where, "schemas cannot be read: "+err.Error())
		return
	}
	schema := all[name]
	if schema == nil {
		return
	}
	if err := schema.Validate(clone(v)); err != nil {
		s.violate(where, "against "+name+": "+reason(err))
	}
}

// reason is the most telling of the causes of a failed validation: the one
// that lies deepest in the document.
func reason(err error) string {
	var ve *jsonschema.ValidationError
	if !errors.As(err, &ve) {
		return err.Error()
	}
	deepest := ve
	var walk func(e *jsonschema.ValidationError)
	walk = func(e *jsonschema.ValidationError) {
		if len(e.InstanceLocation) > len(deepest.InstanceLocation) {
			deepest = e
		}
		for _, cause := range e.Causes {
			walk(cause)
		}
	}
	walk(ve)
	return fmt.Sprintf("at %v: %v", deepest.InstanceLocation, deepest.ErrorKind)
}

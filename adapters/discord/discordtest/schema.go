package discordtest

import (
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"sync"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"golang.org/x/text/language"
	"golang.org/x/text/message"
)

// compiled are the request schemas of Discord's published OpenAPI document, by
// operation, compiled once for all tests since that takes a while; none where the
// document is absent.
var compiled = sync.OnceValues(compile)

// Schemas tells whether requests are held against Discord's published document,
// too. It is kept beside the checkout and may be absent.
func Schemas() bool {
	all, err := compiled()
	return err == nil && len(all) > 0
}

const document = "discord-openapi.json"

func compile() (map[string]*jsonschema.Schema, error) {
	folder, err := specs()
	if err != nil {
		return nil, err
	}
	file, err := os.Open(filepath.Join(folder, document))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer file.Close()
	doc, err := jsonschema.UnmarshalJSON(file)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", document, err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource(document, doc); err != nil {
		return nil, fmt.Errorf("%s: %w", document, err)
	}
	out := map[string]*jsonschema.Schema{}
	for _, r := range routes() {
		if r.schema == "" {
			continue
		}
		at := url.URL{Fragment: r.schema + "/requestBody/content/application~1json/schema"}
		if out[r.name()], err = c.Compile(document + at.String()); err != nil {
			return nil, fmt.Errorf("%s: %w", r.name(), err)
		}
	}
	return out, nil
}

// specs is the folder with the document: beside the folder that holds go.mod.
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

// checkSchema records where a request breaks the schema of its operation. d.mu
// is held.
func (d *Discord) checkSchema(a *ask) {
	if a.route.schema != "" && a.body != nil {
		d.checkBody(a.route.name(), a.route.name(), a.body)
	}
}

// checkBody holds a body against the schema of an operation, whichever way it
// came. d.mu is held.
func (d *Discord) checkBody(where, operation string, body any) {
	if d.set.NoSchemas {
		return
	}
	all, err := compiled()
	if err != nil {
		d.violate(where, "schemas cannot be read: "+err.Error())
		return
	}
	schema := all[operation]
	if schema == nil {
		return
	}
	if err := schema.Validate(tolerant(clone(body))); err != nil {
		d.violate(where, "against the published document: "+reason(err))
	}
}

// tolerant makes of a body what the document wants where Discord itself takes
// more, and its pages say so: permissions as text, numbers as names of
// attachments.
func tolerant(body any) any {
	list, _ := body.([]any)
	for _, v := range list {
		o, _ := v.(map[string]any)
		if p, ok := o["default_member_permissions"].(string); ok {
			if n, err := strconv.ParseFloat(p, 64); err == nil {
				o["default_member_permissions"] = n
			}
		}
	}
	o, _ := body.(map[string]any)
	for _, m := range []map[string]any{o, obj(o, "data")} {
		for _, f := range objs(m, "attachments") {
			if _, ok := f["id"].(float64); ok {
				f["id"] = idOf(f)
			}
		}
	}
	return body
}

// reason is the most telling of the causes of a failed validation: the one that
// lies deepest in the document, among those that are about the right type.
func reason(err error) string {
	ve, ok := errors.AsType[*jsonschema.ValidationError](err)
	if !ok {
		return err.Error()
	}
	deepest, depth := ve, -1
	var walk func(e *jsonschema.ValidationError)
	walk = func(e *jsonschema.ValidationError) {
		if n := len(e.InstanceLocation); len(e.Causes) == 0 && n > depth {
			deepest, depth = e, n
		}
		typed := slices.DeleteFunc(slices.Clone(e.Causes), func(c *jsonschema.ValidationError) bool { return mistyped(c, len(e.InstanceLocation)) })
		if len(typed) == 0 {
			typed = e.Causes
		}
		for _, cause := range typed {
			walk(cause)
		}
	}
	walk(ve)
	return fmt.Sprintf("at %v: %s", deepest.InstanceLocation, deepest.ErrorKind.LocalizedString(message.NewPrinter(language.English)))
}

// mistyped tells whether e is, among others, about the type of the object that
// lies at depth: of several alternatives, it is none that was meant.
func mistyped(e *jsonschema.ValidationError, depth int) bool {
	at := e.InstanceLocation
	if len(e.Causes) == 0 {
		return len(at) == depth+1 && at[depth] == "type"
	}
	return slices.ContainsFunc(e.Causes, func(c *jsonschema.ValidationError) bool { return mistyped(c, depth) })
}

package discordtest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"strings"
)

// decode reads the body of a request: JSON, or a form with payload_json and
// files[n]. A file is joined with what attachments says of it.
func (a *ask) decode(raw []byte) error {
	if len(raw) == 0 {
		return nil
	}
	kind, params, err := mime.ParseMediaType(a.r.Header.Get("Content-Type"))
	if err != nil {
		return errors.New("Content-Type is missing")
	}
	switch kind {
	case "application/json":
		return a.decodeJSON(raw)
	case "multipart/form-data":
		return a.decodeForm(multipart.NewReader(bytes.NewReader(raw), params["boundary"]))
	}
	return fmt.Errorf("Content-Type is %s", kind)
}

func (a *ask) decodeJSON(raw []byte) error {
	var body any
	if err := json.Unmarshal(raw, &body); err != nil {
		return errors.New("no JSON")
	}
	a.body = body
	switch one := arguments(body).(type) {
	case map[string]any:
		a.args = one
	case []any:
		a.list = one
	case nil:
	default:
		return errors.New("neither object nor list")
	}
	return nil
}

// arguments are a body as this package works with it: without what is null, but
// for what an edit empties so.
func arguments(body any) any {
	out := present(body)
	raw, _ := body.(map[string]any)
	args, _ := out.(map[string]any)
	emptied(raw, args)
	emptied(obj(raw, "data"), obj(args, "data"))
	return out
}

// emptied puts nothing where a message says null.
func emptied(raw, args map[string]any) {
	for key, nothing := range map[string]any{"content": "", "embeds": []any{}, "components": []any{}, "attachments": []any{}} {
		if v, ok := raw[key]; ok && v == nil {
			args[key] = nothing
		}
	}
}

// present is a copy of decoded JSON without what is null, which Discord takes
// for absent.
func present(v any) any {
	switch one := v.(type) {
	case map[string]any:
		out := make(map[string]any, len(one))
		for k, e := range one {
			if e != nil {
				out[k] = present(e)
			}
		}
		return out
	case []any:
		out := make([]any, len(one))
		for i, e := range one {
			out[i] = present(e)
		}
		return out
	}
	return v
}

func (a *ask) decodeForm(form *multipart.Reader) error {
	for {
		part, err := form.NextPart()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return errors.New("no form")
		}
		raw, err := io.ReadAll(part)
		if err != nil {
			return errors.New("no form")
		}
		name := part.FormName()
		switch id, ok := strings.CutPrefix(name, "files["); {
		case name == "payload_json":
			if err := a.decodeJSON(raw); err != nil {
				return err
			}
		case ok && strings.HasSuffix(id, "]"):
			a.files = append(a.files, Attachment{
				field: strings.TrimSuffix(id, "]"), Filename: part.FileName(), Content: raw, ContentType: http.DetectContentType(raw),
			})
		default:
			return fmt.Errorf("unknown part %q", name)
		}
	}
}

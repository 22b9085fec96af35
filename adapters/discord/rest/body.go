package rest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/textproto"
)

const jsonType = "application/json"

// A load is the body of a call. Files stay where they are: they are read from
// there while they are sent.
type load struct {
	kind  string   // Content-Type; "" where there is no body
	parts [][]byte // in order
}

// pack makes the body of call.
func pack(call Call) (*load, error) {
	words, err := written(call.Body)
	if err != nil {
		return nil, err
	}
	if len(call.Files) > 0 {
		return form(words, call.Files)
	}
	if words == nil {
		return &load{}, nil
	}
	return &load{kind: jsonType, parts: [][]byte{words}}, nil
}

// written is body as JSON; nil if there is none. What is JSON already is not
// gone over again.
func written(body any) ([]byte, error) {
	switch body := body.(type) {
	case nil:
		return nil, nil
	case json.RawMessage:
		return body, nil
	}
	words, err := json.Marshal(body)
	if err != nil {
		return nil, unspoken("the body of a call cannot be written as JSON")
	}
	return words, nil
}

// form packs words and files together, as
// https://discord.com/developers/docs/reference#uploading-files says.
func form(words []byte, files []File) (*load, error) {
	var head bytes.Buffer
	w := multipart.NewWriter(&head)
	l := &load{kind: w.FormDataContentType()}
	add := func(disposition, kind string, data []byte) error {
		_, err := w.CreatePart(textproto.MIMEHeader{"Content-Disposition": {disposition}, "Content-Type": {kind}})
		l.parts = append(l.parts, bytes.Clone(head.Bytes()), data)
		head.Reset()
		return err
	}
	if words != nil {
		if err := add(`form-data; name="payload_json"`, jsonType, words); err != nil {
			return nil, err
		}
	}
	for i, f := range files {
		kind := f.Type
		if kind == "" {
			kind = "application/octet-stream"
		}
		if err := add(multipart.FileContentDisposition(fmt.Sprintf("files[%d]", i), f.Name), kind, f.Data); err != nil {
			return nil, err
		}
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	l.parts = append(l.parts, head.Bytes())
	return l, nil
}

// into makes l the body of req, without its headers. It can be read anew where a connection turned
// out to be closed before anything of it was written.
func (l *load) into(req *http.Request) {
	if l.kind == "" {
		return
	}
	for _, p := range l.parts {
		req.ContentLength += int64(len(p))
	}
	req.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(l.reader()), nil }
	req.Body, _ = req.GetBody()
}

// reader reads l. Several parts take 32 KB to be sent, one takes none.
func (l *load) reader() io.Reader {
	if len(l.parts) == 1 {
		return bytes.NewReader(l.parts[0])
	}
	readers := make([]io.Reader, len(l.parts))
	for i, p := range l.parts {
		readers[i] = bytes.NewReader(p)
	}
	return io.MultiReader(readers...)
}

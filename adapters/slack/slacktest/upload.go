package slacktest

import (
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

func (s *Slack) uploadURL(args map[string]any) (map[string]any, *refusal) {
	size, err := strconv.Atoi(fmt.Sprint(args["length"]))
	if str(args, "filename") == "" || err != nil || size <= 0 {
		s.violate("files.getUploadURLExternal", "filename and length are required")
		return nil, no("invalid_arguments")
	}
	f := &File{ID: s.id("F"), Name: str(args, "filename"), Alt: str(args, "alt_txt"), length: size, made: time.Now()}
	if utf8.RuneCountInString(f.Alt) > 1000 {
		s.violate("files.getUploadURLExternal", "alt_txt over 1000 characters")
		return nil, no("alt_txt_too_large")
	}
	s.files[f.ID] = f
	return map[string]any{"upload_url": s.server.URL + "/upload/" + f.ID, "file_id": f.ID}, nil
}

func (s *Slack) serveUpload(w http.ResponseWriter, r *http.Request) {
	f := s.fault("upload")
	call := Call{Method: "upload", Header: r.Header.Get("Authorization"), At: time.Now(), Status: http.StatusOK}
	if f.Drop == Unread {
		s.log(call)
		hangUp(w)
		return
	}
	content, err := uploaded(r)
	if err != nil || !s.sleep(f.Delay) {
		hangUp(w)
		return
	}
	call.Raw = string(content)
	s.mu.Lock()
	file := s.files[r.PathValue("id")]
	switch {
	case f.refuses():
		call.Status = cmpOr(f.Status, http.StatusInternalServerError)
		if f.RetryAfter > 0 {
			call.Status = http.StatusTooManyRequests
			w.Header().Set("Retry-After", strconv.Itoa(f.refusal().after))
		}
	case file == nil:
		call.Status = http.StatusNotFound
	default:
		if len(content) != file.length {
			s.violate("upload", fmt.Sprintf("%d bytes, announced %d", len(content), file.length))
		}
		file.Content, call.Acted = content, true
	}
	s.mu.Unlock()
	s.log(call)
	if !s.sleep(f.Late) || f.Drop == Unreplied {
		hangUp(w)
		return
	}
	w.WriteHeader(call.Status)
	if f.Body != "" {
		_, _ = io.WriteString(w, f.Body)
		return
	}
	_, _ = fmt.Fprintf(w, "OK - %d", len(content))
}

// uploaded is the file in a request: of a form, or the body itself.
func uploaded(r *http.Request) ([]byte, error) {
	if strings.HasPrefix(r.Header.Get("Content-Type"), "multipart/form-data") {
		if err := r.ParseMultipartForm(maxBody); err != nil {
			return nil, err
		}
		defer r.MultipartForm.RemoveAll()
		for _, headers := range r.MultipartForm.File {
			part, err := headers[0].Open()
			if err != nil {
				return nil, err
			}
			defer part.Close()
			return io.ReadAll(part)
		}
	}
	return io.ReadAll(io.LimitReader(r.Body, maxBody))
}

func (s *Slack) completeUpload(args map[string]any) (map[string]any, *refusal) {
	list, _ := args["files"].([]any)
	if len(list) == 0 {
		return nil, no("invalid_arguments", "[ERROR] files is missing")
	}
	var channel string
	name := str(args, "channel_id")
	text(&name, str(args, "channels"))
	if name != "" {
		var refused *refusal
		if channel, refused = s.target(name); refused != nil {
			return nil, refused
		}
	}
	var told []any
	for _, item := range list {
		entry, _ := item.(map[string]any)
		f := s.files[str(entry, "id")]
		if f == nil || f.Content == nil {
			return nil, no("file_not_found")
		}
		f.Title, f.Channel, f.comment = str(entry, "title"), channel, str(args, "initial_comment")
		told = append(told, map[string]any{"id": f.ID, "title": f.Title})
		if channel != "" {
			s.post(Message{Channel: channel, From: Bot, Text: f.comment, File: f, Via: "files.completeUploadExternal"})
		}
	}
	return map[string]any{"files": told}, nil
}

func (s *Slack) deleteFile(args map[string]any) (map[string]any, *refusal) {
	f := s.files[str(args, "file")]
	if f == nil {
		return nil, no("file_not_found")
	}
	delete(s.files, f.ID)
	for _, m := range s.messages {
		if m.File == f && !m.Deleted {
			m.Deleted = true
			s.tell(entry{kind: deleted, user: m.For, message: *m})
		}
	}
	s.touch()
	return nil, nil
}
